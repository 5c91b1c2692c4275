"""The site of the call tests in this folder."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def lab_site() -> Path:
    """Two tenants with a phone or a queue for each question."""
    return Path(__file__).with_name("site")
