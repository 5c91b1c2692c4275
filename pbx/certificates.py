"""The certificate for SIP over TLS and its key: read from the site, and tried before anybody relies on them."""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Final

from pbx.diagnostics import Diagnostic
from pbx.folder import PLATFORM
from pbx.inside import OutsideError, read_inside
from pbx.secrets import Problem, Secret, write_private
from pbx.site import Site

LARGEST: Final = 1 << 20
"""Bytes of a file with certificates: a chain has a few thousand."""


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

    When a certificate expires is not looked at: the same site must always compile to the same bytes.
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
