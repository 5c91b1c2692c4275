"""The command ``pbx``. Nothing heavy is imported before a command needs it: the time to start is felt."""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Run ``pbx`` with the arguments it was started with, and exit."""
    from pbx.cli.guard import run

    raise SystemExit(run())
