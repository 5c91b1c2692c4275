"""The certificate for TLS and its key are read from the site, and tried."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lab.testbed import throw_away_certificate
from pbx.certificates import expiry_problems
from pbx.diagnostics import Diagnostic
from pbx.output import write_build
from pbx.passwords import gather
from pbx.site import Site
from tests.commands import Pbx
from tests.samples import ROOT, TWO, build, clean, texts_of

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


def of_days(folder: Path, days: int) -> datetime:
    """Put a certificate into a site that is good for so many days; until when, as openssl says it."""
    (folder / "tls").mkdir(exist_ok=True)
    crt, key = folder / "tls" / "pbx.crt", folder / "tls" / "pbx.key"
    made = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=pbx.example"
    run([*made.split(), "-days", str(days), "-out", str(crt), "-keyout", str(key)])
    told = run(["openssl", "x509", "-in", str(crt), "-noout", "-enddate"])
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(told.strip().partition("=")[2]), UTC)


def run(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, timeout=30, text=True).stdout


@pytest.mark.parametrize("days", [20, 30_000])  # the year as two digits, and as four
def test_a_certificate_is_told_of_from_thirty_days_before_its_end(site: Site, tmp_path: Path, days: int) -> None:
    ends = of_days(tmp_path, days)
    assert expiry_problems(site, tmp_path, ends - timedelta(days=30, seconds=1)) == []
    for before, words in (
        (timedelta(days=30), "in 30 days"),
        (timedelta(days=1), "in 1 day"),
        (timedelta(), "expired on"),
    ):
        (found,) = expiry_problems(site, tmp_path, ends - before)
        assert (found.code, found.severity, found.path) == ("PBX513", "warning", ("tls", "certificate"))
        assert words in found.message
        assert f"{ends:%Y-%m-%d %H:%M} UTC" in found.message


@pytest.mark.parametrize("text", ["", "nothing", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"])
def test_what_is_no_certificate_has_no_end(site: Site, tmp_path: Path, text: str) -> None:
    (tmp_path / "tls").mkdir()
    (tmp_path / "tls" / "pbx.crt").write_text(text)
    assert expiry_problems(site, tmp_path, datetime(2026, 1, 1, tzinfo=UTC)) == []


def test_a_certificate_that_was_cut_off_anywhere_has_no_end_or_the_right_one(site: Site, tmp_path: Path) -> None:
    ends = of_days(tmp_path, 20)
    crt = tmp_path / "tls" / "pbx.crt"
    der = ssl.PEM_cert_to_DER_cert(crt.read_text("ascii"))
    for length in range(len(der)):
        crt.write_text(ssl.DER_cert_to_PEM_cert(der[:length]))
        told = [each.message for each in expiry_problems(site, tmp_path, ends)]
        assert told in ([], [f"pbx.crt expired on {ends:%Y-%m-%d %H:%M} UTC"])


def test_the_command_tells_of_a_certificate_that_ends_soon(tmp_path: Path, pbx_command: Pbx) -> None:
    folder = tmp_path / "site"
    shutil.copytree(ROOT / "tests" / "golden" / "small" / "site", folder)
    with (folder / "platform.yaml").open("a", encoding="utf-8") as platform:
        platform.write(TLS)
    of_days(folder, 10)
    answer = pbx_command("check", folder, "--format", "concise")
    assert (answer.code, answer.out.count("PBX513")) == (0, 1)
