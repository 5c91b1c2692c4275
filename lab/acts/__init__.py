"""Rows of the matrix that take more than one call or party, written in the words of call tests."""

from __future__ import annotations

from lab.acts.act import Act, Play

__all__ = ["Act", "Play"]
