"""One daemon and both images for all tests with Docker."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest

from tests.docker.daemon import Docker, NoDockerError, base_image, open_docker
from tests.engine.commands import ROOT, Sandbox, sandbox

IMAGES: Final = {"pbx": "sid", "runner": "trixie"}
"""The images, and the suite of Debian of which each is made."""
_CERTIFICATES: Final = Path("/etc/ssl/certs/ca-certificates.crt")
_PROXIES: Final = ("http_proxy", "https_proxy", "no_proxy")
_REASON = pytest.StashKey[str]()


@pytest.fixture(scope="session")
def docker(request: pytest.FixtureRequest) -> Iterator[Docker]:
    """A daemon with both images; the tests are skipped, and the summary says why, where none can be had."""
    with tempfile.TemporaryDirectory(prefix="pbx-build-") as folder:
        try:
            with open_docker() as opened:
                with ThreadPoolExecutor(len(IMAGES)) as pool:
                    list(pool.map(lambda image: _make(opened, image, Path(folder)), IMAGES))
                yield opened
        except NoDockerError as error:
            request.config.stash[_REASON] = str(error)
            pytest.skip(f"Docker was not tested: {error}")


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


def _make(docker: Docker, name: str, folder: Path) -> None:
    """Build one image as it is in this tree; nothing of this machine's mirrors and certificates gets into it."""
    base, sources = base_image(docker, IMAGES[name], folder)
    secrets = {"apt-sources": sources, "certificates": _CERTIFICATES if _CERTIFICATES.exists() else None}
    secrets["pip-conf"] = _pip_settings(folder / f"{name}-pip.conf")
    proxies = [f"--build-arg={key}={os.environ[key]}" for key in _PROXIES if key in os.environ]
    docker.say(
        "build",
        "--quiet",
        "--network=host",
        f"--build-arg=BASE={base}",
        *proxies,
        *(f"--secret=id={key},src={path}" for key, path in secrets.items() if path),
        f"--file={ROOT / 'docker' / name / 'Dockerfile'}",
        f"--tag=centralita-{name}",
        str(ROOT),
        seconds=900,
    )


def _pip_settings(path: Path) -> Path | None:
    """Where this machine's pip looks for packages, when that was changed."""
    command = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    asked = subprocess.run(command, check=False, capture_output=True, text=True)
    index = os.environ.get("PIP_INDEX_URL") or asked.stdout.strip()
    if not index:
        return None
    path.write_text(f"[global]\nindex-url = {index}\n", encoding="utf-8")
    return path
