"""What all tests share."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# `steady` tries the same examples in every run, so that a change is red only for its own sake; `search` looks for new
# ones. A slow machine is not a failure, hence no deadline.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let golden files be written anew, and only on demand."""
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew instead of comparing")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Share tests among processes by file, for what a file sets up is dear; all with Docker share one daemon."""
    for item in items:
        together = "docker" if item.get_closest_marker("docker") else str(item.path)
        item.add_marker(pytest.mark.xdist_group(together))
