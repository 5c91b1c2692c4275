"""What somebody sees whose call test fails."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from pbx.output import cache_folder

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.engine

CACHE = cache_folder(os.environ)
"""Of the user: pytester gives tests a home of their own, in which there is no engine yet."""
SITE = Path(__file__).with_name("site")
TESTS = f"""
import pytest

pytestmark = pytest.mark.lab(site={str(SITE)!r}, at="2026-12-22T20:00")

def test_two_talk(lab):
    with lab.phone("201").call("203") as call:
        call.talks_with(lab.phone("203").rings().answer())

def test_one_hears_nothing(lab):
    with lab.phone("201").call("203") as call:
        ringing = lab.phone("203").rings().answer()
        ringing.hears("vm-goodbye")
        call.listen(1)

def test_the_wrong_end(lab):
    lab.phone("203").will("busy")
    lab.phone("205").call("944445555").ended("busy")

def test_no_such_phone(lab):
    lab.phone("299")

def test_where_it_is(lab):
    assert f"{{lab.clock:%Y-%m-%d}}" == "2026-12-22"

@pytest.mark.lab(site="nowhere")
def test_no_site(lab):
    pass
"""


def test_a_failure_says_what_was_expected_what_happened_and_where_to_look(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(CACHE.parent))
    pytester.makepyfile(TESTS)
    result = pytester.runpytest_inprocess(
        "-p", "no:cacheprovider", "-p", "no:xdist", "-o", "asyncio_default_fixture_loop_scope=function"
    )
    result.assert_outcomes(passed=2, failed=3, errors=1)
    result.stdout.fnmatch_lines(
        [
            "*CallError: expected the call at extension:203 to hear vm-goodbye for 0.? s",
            "*happened *extension-203.wav holds 0.0 s of it",
            "*the call of extension:201 to 203: extension:203*",
            "*clock 2026-12-22 20:*, speed 10",
            "*look at *sip.pcap*messages.log",
            "*CallError: expected the call of extension:205 to 944445555 to end with busy",
            "*happened it ended with refused (cause 21)",
            "*left external:+541144445555 refused",
            "*firma has no extension:299; it has extension:201, *",
            "lab: recordings, captures and logs of failed tests are in *",
        ]
    )
    text = result.stdout.str()
    assert "nowhere" in text
    # The line of the test is shown, none of the lab's own.
    assert "concurrent/futures" not in text
    folder = Path(text.rpartition("failed tests are in ")[2].split("\n")[0].strip())
    assert list(folder.glob("stage-*/test_one_hears_nothing/*-extension-203.wav"))
    assert list(folder.glob("stage-*/sip.pcap"))
    shutil.rmtree(folder)
