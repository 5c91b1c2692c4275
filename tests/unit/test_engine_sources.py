"""Finding this machine's Debian mirror."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.engine import EngineError
from lab.engine.sources import Source, find_mirror, parse_deb822, parse_list

DEB822 = """\
# a comment
Types: deb deb-src
URIs: http://mirror.example/debian
Suites: trixie trixie-updates
Components: main contrib
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.example/debian-security
Suites: trixie-security
Components: main
Enabled: no

Types: deb
URIs: https://packages.example/tool
Suites: stable
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBF
 -----END PGP PUBLIC KEY BLOCK-----
"""


def test_a_sources_file_is_read_by_paragraphs() -> None:
    sources = list(parse_deb822(DEB822))
    keyring = "/usr/share/keyrings/debian-archive-keyring.gpg"
    assert sources == [
        Source("http://mirror.example/debian", "trixie", ("main", "contrib"), keyring),
        Source("http://mirror.example/debian", "trixie-updates", ("main", "contrib"), keyring),
        Source("https://packages.example/tool", "stable", ("main",), ""),
    ]


def test_a_list_file_is_read_by_lines() -> None:
    text = (
        "# deb http://old.example/debian bookworm main\n"
        "deb-src http://mirror.example/debian bookworm main\n"
        "deb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian bookworm main contrib # ours\n"
    )
    assert list(parse_list(text)) == [Source("http://mirror.example/debian", "bookworm", ("main", "contrib"), "/k.gpg")]


def _machine(root: Path, sources: str, *, keyring: str = "debian-archive-keyring.gpg") -> Path:
    (root / "etc/apt/sources.list.d").mkdir(parents=True)
    (root / "usr/share/keyrings").mkdir(parents=True)
    (root / "usr/share/keyrings" / keyring).touch()
    (root / "etc/apt/sources.list").write_text(sources, encoding="utf-8")
    return root


def test_the_archive_is_chosen_and_security_and_others_are_passed_over(tmp_path: Path) -> None:
    root = _machine(
        tmp_path,
        "deb http://security.example/debian-security bookworm-security main\n"
        "deb cdrom:[Debian 12]/ bookworm main\n"
        "deb http://packages.example/tool nodistro main\n"
        "deb http://mirror.example/debian bookworm main\n",
    )
    mirror = find_mirror({}, root)
    assert mirror.address == "http://mirror.example/debian"
    assert mirror.keyring == root / "usr/share/keyrings/debian-archive-keyring.gpg"


def test_the_keyring_of_newer_debian_is_found_too(tmp_path: Path) -> None:
    root = _machine(tmp_path, "deb http://m.example/debian trixie main\n", keyring="debian-archive-keyring.pgp")
    assert find_mirror({}, root).keyring == root / "usr/share/keyrings/debian-archive-keyring.pgp"


def test_the_variable_wins_over_what_is_configured(tmp_path: Path) -> None:
    root = _machine(tmp_path, "deb http://mirror.example/debian bookworm main\n")
    mirror = find_mirror({"CENTRALITA_DEBIAN_MIRROR": "http://other.example/debian"}, root)
    assert mirror.address == "http://other.example/debian"


def test_without_a_mirror_the_variable_is_named(tmp_path: Path) -> None:
    root = _machine(tmp_path, "deb http://archive.example/ubuntu noble main universe\n")
    with pytest.raises(EngineError, match="CENTRALITA_DEBIAN_MIRROR"):
        find_mirror({}, root)
