"""The command ``pbx``. Nothing heavy is imported before a command needs it: the time to start is felt."""

from __future__ import annotations

__all__ = ["main"]


def main() -> None:
    """Run ``pbx`` with the arguments it was started with, and exit."""
    import gc

    from pbx.cli.guard import run

    code = run()
    # The process ends and all memory with it: garbage need not be looked for among everything that was imported.
    gc.freeze()
    raise SystemExit(code)
