"""The certificate for TLS and its key are read from the site, and tried."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.testbed import throw_away_certificate
from pbx.diagnostics import Diagnostic
from pbx.output import write_build
from pbx.passwords import gather
from pbx.site import Site
from tests.samples import TWO, build, clean, texts_of

ENVIRONMENT = {"PBX_AMI_PASSWORD": "one-long-password", "ANDINA_TRUNK": "another-password"}
TLS = 'tls: {certificate: "file:tls/pbx.crt", key: "file:tls/pbx.key"}\n'


@pytest.fixture(scope="module")
def site() -> Site:
    """A site whose platform speaks TLS."""
    texts = texts_of(TWO)
    return clean(texts | {"platform.yaml": texts["platform.yaml"] + TLS})


def problems(site: Site, root: Path, certificate: str, key: str) -> list[Diagnostic]:
    """What is said of a certificate and a key."""
    (root / "tls").mkdir(exist_ok=True)
    (root / "tls" / "pbx.crt").write_text(certificate)
    (root / "tls" / "pbx.key").write_text(key)
    return [each for each in gather(site, root, ENVIRONMENT)[1] if each.severity == "error"]


def test_a_certificate_with_its_key_is_taken_and_written_where_only_asterisk_reads(site: Site, tmp_path: Path) -> None:
    assert problems(site, tmp_path, *throw_away_certificate("pbx.example")) == []
    write_build(build(site), {}, tmp_path / "build", tmp_path)
    assert (tmp_path / "build" / "etc" / "keys" / "pbx.key").stat().st_mode & 0o777 == 0o640


def test_a_foreign_key_and_what_is_no_certificate_are_told(site: Site, tmp_path: Path) -> None:
    certificate, _ = throw_away_certificate("pbx.example")
    _, foreign = throw_away_certificate("pbx.example")
    for crt, key, reason in ((certificate, foreign, "another certificate"), ("nothing", "nothing", "PEM")):
        found = problems(site, tmp_path, crt, key)
        assert [(each.code, each.path) for each in found] == [("PBX512", ("tls", "certificate"))]
        assert reason in found[0].message


def test_a_missing_file_and_one_outside_the_site_are_told(site: Site, tmp_path: Path) -> None:
    (tmp_path / "tls").mkdir()
    (tmp_path / "tls" / "pbx.crt").symlink_to("/etc/hostname")
    _, found = gather(site, tmp_path, ENVIRONMENT)
    told = {each.path: each.message for each in found if each.code == "PBX601"}
    assert "leads out of the site folder" in told["tls", "certificate"]
    assert "there is no file tls/pbx.key" in told["tls", "key"]
