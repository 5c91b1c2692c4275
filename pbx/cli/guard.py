"""What stands around every command: whatever happens, people get one message and scripts an exit code."""

from __future__ import annotations

import contextlib
import errno
import gc
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final, Protocol, TextIO, cast

STOPPED: Final = 130
"""The exit code after Ctrl-C: 128 and the number of the signal, as shells have it."""
_YOUNG: Final = 200_000
"""New objects after which garbage is looked for; Python's own choice is 700. A short command makes half as many."""
CLOSED_PIPE: Final = 141
"""The exit code when nobody reads the output any more, as for a program ended by SIGPIPE."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run a command line (without the program's name) and answer its exit code; never raises but ``SystemExit``."""
    # While modules are imported hardly anything becomes garbage, and looking for it takes a sixth of a short command.
    gc.set_threshold(_YOUNG, *gc.get_threshold()[1:])
    # Looking for plugins of pydantic opens every installed package, and none of them is to see what customers write.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
    for stream in (sys.stdout, sys.stderr):
        # A name with an accent must not end a command on a terminal that cannot show it.
        if (reconfigure := getattr(stream, "reconfigure", None)) is not None:
            reconfigure(errors="replace")
    given = list(sys.argv[1:] if arguments is None else arguments)

    def command() -> int:
        from pbx.cli.app import run_command

        return run_command(given)

    return guarded(command, given)


def guarded(command: Callable[[], int], arguments: Sequence[str]) -> int:
    """Run something and answer its exit code, with every way it can go wrong turned into one message."""
    try:
        code = command()
        sys.stdout.flush()
    except KeyboardInterrupt:
        return _told("stopped", STOPPED)
    except BrokenPipeError:
        _silence(sys.stdout)
        return CLOSED_PIPE
    except Exception as error:  # noqa: BLE001 - the last one who can turn a traceback into a message
        return _failed(error, arguments)
    return code


_NO_ROOM: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class _Refusal(Protocol):
    """What typer's own errors about a command line have in common."""

    exit_code: int

    def format_message(self) -> str:
        """The message without frame."""


def _failed(error: Exception, arguments: Sequence[str]) -> int:
    import typer

    from pbx.cli.console import error_text

    if isinstance(error, typer.Exit):
        return error.exit_code
    if isinstance(error, typer.Abort):
        return _told("stopped", STOPPED)
    if isinstance(error, typer.TyperException) and hasattr(error, "format_message"):
        refusal = cast("_Refusal", error)
        message = refusal.format_message().rstrip(".").replace("Value error, ", "")
        if not message:  # only the help was wanted, and it was printed
            return refusal.exit_code
        context = getattr(error, "ctx", None)
        path = context.command_path if context is not None else "pbx"
        return _told(
            error_text(message, f"see {path} --help"),
            refusal.exit_code,
        )
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        _silence(sys.stdout)
        place = error.filename or "the output"
        return _told(error_text(f"{place} cannot be written: {error.strerror}", "free some space on that disk"), 1)
    message = "this is a mistake of ours, not of yours"
    report = write_report(error, arguments)
    cure = f"please send us the report {report}" if report else f"please tell us: {type(error).__name__}"
    return _told(error_text(message, f"{cure}; nothing was left half-done", "PBX900"), 1)


def _told(text: str, code: int) -> int:
    with contextlib.suppress(OSError):
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
    return code


def _silence(stream: TextIO) -> None:
    """Send what is still buffered nowhere, so that the interpreter does not complain when it ends."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def write_report(error: BaseException, arguments: Sequence[str]) -> Path | None:
    """Write where an unexpected error happened into a private file; None when not even that works.

    The report has the stack and the command line, and neither values of variables nor the environment: no passwords.
    """
    import tempfile
    import traceback
    from datetime import UTC, datetime
    from importlib.metadata import PackageNotFoundError, version

    from pbx.output import cache_folder

    try:
        ours = version("centralita")
    except PackageNotFoundError:
        ours = "unknown"
    stack = "".join(traceback.format_exception(error))
    text = f"centralita {ours}, Python {sys.version.split()[0]}\npbx {' '.join(arguments)}\n\n{stack}"
    try:
        folder = cache_folder(os.environ) / "reports"
        folder.mkdir(parents=True, exist_ok=True)
        prefix = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-"
        handle, name = tempfile.mkstemp(prefix=prefix, suffix=".txt", dir=folder)
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as stream:
            stream.write(text)
    except OSError:
        return None
    return Path(name)
