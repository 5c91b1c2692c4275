"""The pytest plugin: the fixture ``lab`` is a PBX booted for the test, with phones and carriers that do as told.

::

    @pytest.mark.lab(site="sites/acme", at="2026-12-22T20:00")
    def test_night(lab):
        with lab.carrier("principal").call("+541152365000") as call:
            call.hears("ivr:nocturno")
            call.press("1")
            call.reaches("voicemail:201")

``site`` is a folder, relative to the test's file or to pytest's root; a fixture ``lab_site`` may give it instead.
``tenant``, ``at`` and ``speed`` are optional; ``silent`` names trunks that answer nothing to an INVITE. A marker on a
function says more than one on its module.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from lab.calls import Lab
    from lab.calls.theatre import Theatre

_LABS: pytest.StashKey[list[Lab]] = pytest.StashKey()
_FOLDERS: pytest.StashKey[list[Path]] = pytest.StashKey()


def pytest_configure(config: pytest.Config) -> None:
    """Tell pytest of the marker."""
    config.addinivalue_line("markers", "lab(site, tenant, at, speed, silent): what the fixture lab is to be")
    config.stash[_FOLDERS] = []


@pytest.fixture(scope="session")
def lab_theatre(request: pytest.FixtureRequest) -> Iterator[Theatre]:
    """All stages of the session; a folder with evidence stays when a test has failed."""
    from lab.calls.theatre import Theatre

    theatre = Theatre()
    try:
        yield theatre
    finally:
        theatre.close()
        if theatre.keep:
            request.config.stash[_FOLDERS].append(theatre.folder)


@pytest.fixture(scope="session")
def lab_site() -> Path | None:
    """The site of tests whose marker names none; to be overridden."""
    return None


@pytest.fixture
def lab(request: pytest.FixtureRequest, lab_theatre: Theatre, lab_site: Path | None) -> Iterator[Lab]:
    """A lab for one test. What it must have heard, and that it left nothing behind, is settled before the test ends."""
    from lab.calls import Lab
    from lab.calls.theatre import SiteError, Wanted
    from lab.engine import EngineError

    settings: dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers("lab"))):
        settings |= marker.kwargs
    site = settings.pop("site", lab_site)
    if site is None:
        pytest.fail("which site? @pytest.mark.lab(site=…), or a fixture lab_site", pytrace=False)
    problem = ""
    try:
        played = lab_theatre.stage(Wanted(_folder(request, Path(site)), **settings))
        made = Lab(lab_theatre.stage, lab_theatre.background.run, played, _name(request.node.name))
    except (SiteError, EngineError) as error:
        problem = str(error)
    if problem:
        pytest.fail(problem, pytrace=False)
    request.node.stash[_LABS] = [made]
    yield made
    if request.node.stash[_LABS]:
        lab_theatre.keep = True
        lab_theatre.leave(made)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """What is settled at the end belongs to the test: it fails, and is no error of a fixture."""
    result = yield
    for lab in item.stash.get(_LABS, []):
        lab.finish()
        item.stash[_LABS] = []
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test shows every call it made."""
    report = yield
    if report.when == "call" and report.failed:
        for lab in item.stash.get(_LABS, []):
            report.sections.append(("calls", lab.context()))
    return report


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:  # noqa: ANN401 - pytest gives it no type
    """Where the evidence is."""
    for folder in config.stash[_FOLDERS]:
        terminalreporter.write_line(f"lab: recordings, captures and logs of failed tests are in {folder}")


def _name(test: str) -> str:
    """The name of a test as that of a folder."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", test).strip("-")[:60]


def _folder(request: pytest.FixtureRequest, site: Path) -> Path:
    beside = request.path.parent / site
    return (beside if beside.is_dir() else request.config.rootpath / site).resolve()
