"""``pbx lab``: the laboratory's commands."""

from __future__ import annotations

from lab.cli.app import app

__all__ = ["app"]
