"""What is seen of a run while it goes on: a bar on a terminal, a line for each row elsewhere."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from pbx.cli.console import TextOrJson, console

if TYPE_CHECKING:
    from lab.results import RowResult

_MARKS = {"passed": "✓", "failed": "✗", "not run": "–"}


@contextlib.contextmanager
def watching(count: int, format: TextOrJson, what: str = "calling") -> Iterator[Callable[[RowResult], None]]:  # noqa: A002
    """Yield what is to be told of each row as it ends.

    On a terminal a bar moves and only what does not pass is printed; elsewhere every row is a line, unless a script
    reads the result (JSON): then only what does not pass. All of it on standard error.
    """
    screen = console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[failed]}", style="red"),
        TextColumn("{task.fields[last]}"),
    )
    # Rich would print an empty line at the end where nobody sees its bar.
    bar = Progress(*columns, console=screen, transient=True) if screen.is_terminal else None
    seen = {"count": 0, "failed": 0}
    with bar or contextlib.nullcontext():
        task = bar.add_task(what, total=count, last="booting Asterisk", failed="") if bar else None

        def told(result: RowResult) -> None:
            seen["count"] += 1
            passed = result.verdict == "passed"
            seen["failed"] += not passed
            if bar and task is not None:
                failed = f"✗ {seen['failed']}" if seen["failed"] else ""
                bar.update(task, advance=1, last=result.row.id, failed=failed)
            if passed and not bar and format is TextOrJson.TEXT:
                place = f"[{seen['count']:>{len(str(count))}}/{count}]"
                screen.print(f"{place} {_MARKS['passed']} {result.row.id} {result.seconds:.1f} s", soft_wrap=True)
            if not passed:
                screen.print(f"{result.verdict}: {result.row.id}: {result.reason}", soft_wrap=True)

        yield told
