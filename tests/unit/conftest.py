"""What the tests of the command line start from."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import pbx.cli.compile
from pbx.cli.guard import run
from tests.commands import DEMO, Answer, Pbx, change


@pytest.fixture
def pbx_command(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pbx:
    """Run ``pbx`` in this process, with a cache of its own and on a wide terminal."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "200")

    def command(*arguments: str | Path) -> Answer:
        capsys.readouterr()
        code = run([str(each) for each in arguments])
        return Answer(code, *capsys.readouterr())

    return command


@pytest.fixture
def beep(monkeypatch: pytest.MonkeyPatch) -> bytes:
    """A voice that only beeps, for a machine without espeak-ng; gives the wav that it makes of any text."""
    import numpy as np

    import lab.demo
    from pbx.audio import to_wav_bytes

    wav = to_wav_bytes((np.sin(np.arange(8000) / 3) * 9000).astype(np.int16))
    for module in (pbx.cli.compile, lab.demo):
        monkeypatch.setattr(module, "synthesizer", lambda _environment: lambda _text, _language: wav)
    return wav


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A copy of the demo site, without passwords that somebody made here."""
    return Path(shutil.copytree(DEMO, tmp_path / "site", ignore=shutil.ignore_patterns("secrets.yaml")))


@pytest.fixture
def wrong_site(site: Path) -> Path:
    """A site with one mistake."""
    change(site / "tenants/andina.yaml", '"0": extension:203', '"0": extension:299')
    return site
