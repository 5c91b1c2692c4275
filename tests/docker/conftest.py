"""One daemon and both images for all tests with Docker."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docker.daemon import Docker, NoDockerError, open_docker
from tests.docker.images import build
from tests.engine.commands import Sandbox, sandbox

_REASON = pytest.StashKey[str]()


@pytest.fixture(scope="session")
def docker(request: pytest.FixtureRequest) -> Iterator[Docker]:
    """A daemon with both images; the tests are skipped, and the summary says why, where none can be had."""
    with tempfile.TemporaryDirectory(prefix="pbx-build-") as folder:
        try:
            with open_docker() as opened:
                before = _volumes(opened)
                yield build(opened, Path(folder))
                assert _volumes(opened) <= before, "volumes without a name were left"
        except NoDockerError as error:
            request.config.stash[_REASON] = str(error)
            pytest.skip(f"Docker was not tested: {error}")


def _volumes(docker: Docker) -> set[str]:
    return set(docker.say("volume", "ls", "--quiet").split())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say aloud what was not tested."""
    reason = config.stash.get(_REASON, "")
    if reason:
        terminalreporter.section("Docker was not tested", sep="!", yellow=True, bold=True)
        terminalreporter.line(reason)


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """A sandbox for commands of this machine."""
    with sandbox() as made:
        yield made
