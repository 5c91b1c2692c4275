"""``pbx lab engine``: the commands about engines."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn

from lab.engine import EngineError, open_engine
from lab.engine.embedded import MACHINES, Embedded, this_machine
from lab.engine.lock import LOCK_FILE, format_locks, read_lock

_AT_FIRST: Final = {"asking the Debian mirror": "fetching Asterisk (about 130 MB, once)"}
"""What is said instead of the first step, where nobody sees the others."""

engine_app = typer.Typer(help="The Asterisk that the laboratory runs.", no_args_is_help=True)


@contextmanager
def told_progress() -> Iterator[Callable[[str, float], None]]:
    """A bar on a terminal that shows what an engine does while it is made ready; it appears only when it is needed."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeElapsedColumn())
    # Rich would print an empty line at the end where nobody sees its bar.
    bar = Progress(*columns, console=console, transient=True) if console.is_terminal else None
    with bar or nullcontext():
        task: TaskID | None = None
        began = False

        def told(stage: str, fraction: float) -> None:
            nonlocal task, began
            if bar is None and not began:
                typer.echo(_AT_FIRST.get(stage, stage), err=True)
            began = True
            if bar is not None:
                task = bar.add_task(stage, total=1.0) if task is None else task
                bar.update(task, description=stage, completed=fraction)

        yield told


class Format(StrEnum):
    """How to print."""

    TEXT = "text"
    JSON = "json"


class EngineName(StrEnum):
    """The engines there are."""

    EMBEDDED = "embedded"
    SYSTEM = "system"
    DOCKER = "docker"


FormatOption = Annotated[Format, typer.Option("--format", help="For people or for scripts.")]
EngineOption = Annotated[EngineName, typer.Option("--engine", help="Which engine.")]


@engine_app.command(epilog="Example: pbx lab engine status --format json")
def status(output: FormatOption = Format.TEXT) -> None:
    """Show which engines are there, with version, size and place."""
    with _framed_errors():
        embedded = Embedded()
        lock = read_lock(this_machine().architecture)
        current = embedded.find(lock)
        rows = [
            {
                "engine": "embedded",
                "version": root.version,
                "current": current is not None and root.path == current.path,
                "locked": lock is not None and root.path.name.endswith(lock.digest),
                "megabytes": _size(root.path) // 1_000_000,
                "path": str(root.path),
            }
            for root in embedded.roots()
        ]
    rows += _system_rows()
    if output is Format.JSON:
        typer.echo(json.dumps(rows, indent=2))
        return
    if not any(row["engine"] == "embedded" for row in rows):
        typer.echo("embedded  not fetched yet: pbx lab engine fetch")
    for row in rows:
        words = [word for word in ("current", "locked") if row[word]]
        size = f"{row['megabytes']} MB, " if row["megabytes"] else ""
        typer.echo(
            f"{row['engine']:<9} Asterisk {row['version']}  {size}{', '.join(words) or 'not used'}  {row['path']}"
        )


@engine_app.command(epilog="Example: pbx lab engine fetch")
def fetch(engine: EngineOption = EngineName.EMBEDDED) -> None:
    """Fetch the engine when it is not there yet (about 130 MB, once)."""
    with _framed_errors(), told_progress() as progress:
        installation = open_engine(engine.value).provision(progress)
    typer.echo(f"{installation.engine}: Asterisk {installation.version} is ready.")


@engine_app.command(epilog='Example: ls "$(pbx lab engine path)"')
def path(output: FormatOption = Format.TEXT) -> None:
    """Print the folder of the embedded engine that would be used."""
    with _framed_errors():
        root = Embedded().find(read_lock(this_machine().architecture))
        if root is None:
            raise EngineError("The embedded engine is not there yet.", "Run `pbx lab engine fetch`.")
    typer.echo(json.dumps({"path": str(root.path)}) if output is Format.JSON else str(root.path))


@engine_app.command(epilog="Example: pbx lab engine clean --all")
def clean(
    everything: Annotated[bool, typer.Option("--all", help="Also the one in use.")] = False,  # noqa: FBT002 - an option
    output: FormatOption = Format.TEXT,
) -> None:
    """Remove the engines that are not used any more."""
    with _framed_errors():
        gone = Embedded().clean(everything=everything)
    if output is Format.JSON:
        typer.echo(json.dumps([str(each) for each in gone]))
        return
    for each in gone:
        typer.echo(f"removed {each}")
    if not gone:
        typer.echo("nothing to remove")


@engine_app.command(epilog="Example: pbx lab engine lock")
def lock() -> None:
    """Rewrite the lock file with what the Debian mirror offers now (for those who develop this program)."""
    with _framed_errors():
        engine = Embedded()
        locks = {each.architecture: engine.lock_now(each.architecture) for each in MACHINES.values()}
        aside = LOCK_FILE.with_suffix(".new")
        aside.write_text(format_locks(locks), encoding="utf-8")
        aside.replace(LOCK_FILE)
    for each in locks.values():
        typer.echo(f"{each.architecture}: Asterisk {each.asterisk}, {len(each.packages)} packages")


def _system_rows() -> list[dict[str, object]]:
    try:
        found = open_engine("system").provision()
    except EngineError:
        return []
    facts = {"engine": "system", "version": found.version, "path": found.command[0]}
    return [{**facts, "current": True, "locked": False, "megabytes": 0}]


def _size(folder: Path) -> int:
    """Bytes in the files of a folder."""
    return sum(each.lstat().st_size for each in folder.rglob("*") if each.is_file() and not each.is_symlink())


@contextmanager
def _framed_errors() -> Iterator[None]:
    """Show an `EngineError` as what it is, and leave with 1."""
    try:
        yield
    except EngineError as error:
        console = Console(stderr=True, no_color="NO_COLOR" in os.environ, soft_wrap=True)
        console.print("error:", style="bold red", end=" ")
        console.print(error.problem, highlight=False, markup=False)
        console.print("  = help:", error.cure, highlight=False, markup=False)
        sys.exit(1)
