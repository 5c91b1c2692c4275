"""Which Debian mirror this machine is configured with (sources.list(5), both formats)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lab.engine.base import EngineError

VARIABLE: Final = "CENTRALITA_DEBIAN_MIRROR"
"""Environment variable with the address of a mirror, which wins over the machine's own."""
_SUITE: Final = re.compile(
    r"^(sid|unstable|testing|stable|oldstable|bookworm|trixie|forky|duke)(-updates|-backports)?/?$"
)
_SCHEME: Final = re.compile(r"^(https?|ftp|file|copy|mirror(\+[a-z]+)?|tor\+https?):", re.IGNORECASE)
_KEYRINGS: Final = ("debian-archive-keyring.gpg", "debian-archive-keyring.pgp")


@dataclass(frozen=True, slots=True)
class Source:
    """A place that packages come from, as far as it matters here."""

    address: str
    suite: str
    components: tuple[str, ...]
    signed_by: str = ""
    """Path of a keyring; empty when the entry names none, or holds a key itself."""


@dataclass(frozen=True, slots=True)
class Mirror:
    """A Debian archive, and the keys to verify it with (None: those which apt trusts anyway)."""

    address: str
    keyring: Path | None


def find_mirror(environment: Mapping[str, str], root: Path = Path("/")) -> Mirror:
    """The mirror to fetch from; ``root`` is where ``etc/apt`` is looked for. Raises `EngineError`."""
    given = environment.get(VARIABLE, "").strip()
    if given:
        return Mirror(given, _default_keyring(root))
    for source in configured_sources(root / "etc/apt"):
        if _is_debian_archive(source):
            named = root / source.signed_by.lstrip("/") if source.signed_by else None
            return Mirror(source.address, named if named and named.is_file() else _default_keyring(root))
    raise EngineError(
        "This machine has no Debian mirror configured to fetch Asterisk from.",
        f"Set {VARIABLE} to the address of a Debian mirror (and have debian-archive-keyring installed), "
        "or install Asterisk 22 or newer and use the system engine.",
    )


def configured_sources(apt: Path) -> list[Source]:
    """Every active binary source of an ``/etc/apt``, in the order in which apt reads them."""
    lists = [apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))]
    found: list[Source] = []
    for path in lists:
        if path.suffix == ".list" and path.is_file():
            found += parse_list(path.read_text(encoding="utf-8", errors="replace"))
        elif path.suffix == ".sources" and path.is_file():
            found += parse_deb822(path.read_text(encoding="utf-8", errors="replace"))
    return found


def parse_list(text: str) -> Iterator[Source]:
    """The one-line format: ``deb [signed-by=…] address suite component…``."""
    for raw in text.splitlines():
        match = re.match(r"^\s*deb\s+(?:\[(?P<options>[^\]]*)\]\s+)?(?P<rest>\S.*)$", raw.split("#", 1)[0])
        if not match:
            continue
        words = match["rest"].split()
        if len(words) > 1:
            options = dict(option.split("=", 1) for option in (match["options"] or "").split() if "=" in option)
            yield Source(words[0], words[1], tuple(words[2:]), options.get("signed-by", ""))


def parse_deb822(text: str) -> Iterator[Source]:
    """The format of ``.sources`` files: paragraphs of fields; a field may go on in indented lines."""
    for paragraph in re.split(r"\n[ \t]*\n", text.replace("\r\n", "\n")):
        fields = _fields(paragraph)
        if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").lower() in {"no", "false"}:
            continue
        signed_by = fields.get("signed-by", "")
        for address in fields.get("uris", "").split():
            for suite in fields.get("suites", "").split():
                keyring = signed_by if signed_by.startswith("/") and "\n" not in signed_by else ""
                yield Source(address, suite, tuple(fields.get("components", "").split()), keyring)


def _fields(paragraph: str) -> dict[str, str]:
    fields: dict[str, str] = {}
    name = ""
    for line in paragraph.splitlines():
        if line.startswith("#"):
            continue
        if line[:1] in {" ", "\t"} and name:
            fields[name] += "\n" + line.strip()
        elif ":" in line:
            name, value = line.split(":", 1)
            name = name.strip().lower()
            fields[name] = value.strip()
    return fields


def _is_debian_archive(source: Source) -> bool:
    """Whether all of Debian can be had there: security and third-party archives hold only a part."""
    return (
        bool(_SCHEME.match(source.address))
        and bool(_SUITE.match(source.suite))
        and "main" in source.components
        and "security" not in source.address
        and ("archive-keyring" not in source.signed_by or "debian-archive-keyring" in source.signed_by)
    )


def _default_keyring(root: Path) -> Path | None:
    return next((path for name in _KEYRINGS if (path := root / "usr/share/keyrings" / name).is_file()), None)
