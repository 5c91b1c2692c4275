"""The certificate for SIP over TLS and its key: read from the site, and tried before anybody relies on them."""

from __future__ import annotations

import binascii
import re
import ssl
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath
from typing import Final

from pbx.diagnostics import Diagnostic
from pbx.folder import PLATFORM
from pbx.inside import OutsideError, read_inside
from pbx.secrets import Problem, Secret, write_private
from pbx.site import Site

LARGEST: Final = 1 << 20
"""Bytes of a file with certificates: a chain has a few thousand."""
SOON: Final = timedelta(days=30)
"""A certificate that ends earlier is told of: who renews by hand has the time, and automata renew at this age."""
_PEM: Final = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_SEQUENCE, _VERSION, _UTC_TIME, _GENERALIZED_TIME = 0x30, 0xA0, 0x17, 0x18
"""Tags of DER (X.690, 8.1.2)."""


def pem_text(root: Path, spelled: str) -> Secret | Problem:
    """The text of ``file:name``, a certificate or its key, as it is."""
    name = spelled.partition(":")[2]
    try:
        text = read_inside(root, PurePosixPath(name), LARGEST)
    except OutsideError:
        return Problem(f"{spelled} leads out of the site folder by a link", "keep the file itself in the site folder")
    except UnicodeDecodeError:
        return Problem(f"{name} is no PEM file", "convert it: openssl x509 -inform der -in FILE -out FILE.pem")
    except OSError as error:
        return Problem(f"{name} cannot be read: {error.strerror or error}", "check its rights")
    if text is None:
        return Problem(f"there is no file {name} in the site folder", "put the PEM file there, a key with mode 0600")
    return Secret(text)


def certificate_problems(site: Site, values: Mapping[str, str]) -> list[Diagnostic]:
    """Whether the certificate can be read, and the key is its own. Asterisk would go on without TLS and only log it.

    When a certificate expires is another question (:func:`expiry_problems`): what is compiled must not depend on it.
    """
    tls = site.platform.tls
    if tls is None:
        return []
    with tempfile.TemporaryDirectory(prefix="pbx-tls-") as folder:
        certificate, key = Path(folder) / "pbx.crt", Path(folder) / "pbx.key"
        write_private(certificate, values[str(tls.certificate)])
        write_private(key, values[str(tls.key)])
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key, password=lambda: "")
        except (ssl.SSLError, ValueError) as error:
            foreign = "MISMATCH" in str(error)
            reason = "the key belongs to another certificate" if foreign else "they are no certificate and key in PEM"
            return [
                Diagnostic(
                    "PBX512",
                    PLATFORM,
                    ("tls", "certificate"),
                    f"{tls.certificate.name} and {tls.key.name} cannot be used: {reason}",
                    help="give both as PEM files, the key without a password; who vouches for the certificate after it",
                    consequence="phones that use TLS could not register",
                )
            ]
    return []


def expiry_problems(site: Site, root: Path, now: datetime) -> list[Diagnostic]:
    """Whether the certificate has expired at ``now``, or will soon; nothing when it cannot be read, told elsewhere."""
    tls = site.platform.tls
    text = pem_text(root, str(tls.certificate)) if tls else None
    first = _PEM.search(text.reveal()) if isinstance(text, Secret) else None
    ends = _ends(first[0]) if first else None
    if tls is None or ends is None or ends - now > SOON:
        return []
    days = (ends - now).days
    when = f"{ends:%Y-%m-%d %H:%M} UTC"
    left = "1 day" if days == 1 else f"{days} days"
    message = f"expired on {when}" if ends <= now else f"expires on {when}, in {left}"
    return [
        Diagnostic(
            "PBX513",
            PLATFORM,
            ("tls", "certificate"),
            f"{tls.certificate.name} {message}",
            help="get a new one for the same name, put it there with its key, and restart the PBX",
            consequence="phones that use TLS cannot register once it has expired",
        )
    ]


def _ends(pem: str) -> datetime | None:
    """When a certificate ends (RFC 5280, 4.1: notAfter of Validity); None for what is no certificate."""
    try:
        certificate = _parts(_parts(ssl.PEM_cert_to_DER_cert(pem))[0][1])
        fields = _parts(certificate[0][1])
        # version (left out in version 1), serial number, signature, issuer, validity
        validity = fields[4 if fields[0][0] == _VERSION else 3]
        tag, text = _parts(validity[1])[1]
        if validity[0] != _SEQUENCE or tag not in {_UTC_TIME, _GENERALIZED_TIME}:
            return None
        digits = text.decode("ascii")
        if tag == _UTC_TIME:  # two digits of the year: 50 to 99 are of the last century (RFC 5280, 4.1.2.5.1)
            digits = ("19" if digits[:2] >= "50" else "20") + digits
        return datetime.strptime(digits, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
    except (IndexError, ValueError, binascii.Error):
        return None


def _parts(data: bytes) -> list[tuple[int, bytes]]:
    """The elements of DER one after the other: tag and content. Raises IndexError for what is cut off."""
    found, at = [], 0
    while at < len(data):
        tag, length, at = data[at], data[at + 1], at + 2
        if length & 0x80:  # the long form: so many bytes hold the length
            count = length & 0x7F
            length, at = int.from_bytes(data[at : at + count], "big"), at + count
        if at + length > len(data):
            raise IndexError(at)
        found.append((tag, data[at : at + length]))
        at += length
    return found
