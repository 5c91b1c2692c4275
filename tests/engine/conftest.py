"""Instances for tests with a real Asterisk."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from lab.engine import Installation, Instance, InstanceSpec, open_engine
from lab.plan import Plan
from lab.preparation import prepare
from pbx.folder import read_folder
from pbx.load import load
from pbx.output import cache_folder
from tests.engine.commands import ROOT, SITE, Sandbox, sandbox

MINIMAL = Path(__file__).with_name("minimal")
ADDRESS = "127.0.71.10"

MakeInstance = Callable[..., Instance]


def minimal_files(**more: str) -> dict[str, str]:
    """The smallest configuration with all modules; ``extensions="…"`` appends to ``extensions.conf``."""
    files = {path.name: path.read_text(encoding="utf-8") for path in sorted(MINIMAL.glob("*.conf"))}
    for name, text in more.items():
        files[f"{name}.conf"] = files.get(f"{name}.conf", "") + text
    return {name: text.replace("@ADDRESS@", ADDRESS) for name, text in files.items()}


@pytest.fixture(scope="session")
def installation() -> Installation:
    """The embedded engine; fetched when it is not there."""
    return open_engine("embedded").provision()


@pytest_asyncio.fixture
async def make_instance(installation: Installation, tmp_path: Path) -> AsyncIterator[MakeInstance]:
    """Make instances that are stopped when the test ends."""
    made: list[Instance] = []

    def make(files: dict[str, str] | None = None, **settings: object) -> Instance:
        chosen = settings.pop("installation", installation)
        assert isinstance(chosen, Installation)
        spec = InstanceSpec(
            name="pbx",
            folder=tmp_path / f"pbx{len(made)}",
            files=files or minimal_files(),
            ami=(ADDRESS, 5038),
            **settings,  # type: ignore[arg-type]
        )
        made.append(Instance(chosen, spec))
        return made[-1]

    yield make
    for instance in made:
        await instance.stop()


@pytest.fixture(scope="session")
def plan(installation: Installation) -> Iterator[Plan]:
    """The demo site, ready to be called ten times as fast as real time."""
    files, problems = read_folder(ROOT / SITE)
    assert files, problems
    site, _, problems = load(files)
    assert site, problems
    # Not a folder of pytest, whose name is too long for Asterisk's control socket.
    with tempfile.TemporaryDirectory(prefix="pbx-test-") as folder:
        prepared = prepare(site, ROOT / SITE, installation, Path(folder), cache_folder(os.environ), 10)
        assert prepared.plan, prepared.problems
        yield replace(prepared.plan, name=SITE)


@pytest.fixture
def box() -> Iterator[Sandbox]:
    """A sandbox for commands, and the promise that nothing is left in it or elsewhere."""
    with sandbox() as made:
        yield made
