"""What all tests share."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hypothesis import settings

if TYPE_CHECKING:
    import pytest

# `steady` tries the same examples in every run, so that a change is red only for its own sake; `search` looks for new
# ones. A slow machine is not a failure, hence no deadline.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let golden files be written anew, and only on demand."""
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew instead of comparing")
