"""A foretold call as text for people, and as plain records for scripts."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from typing import Any, Final

from pbx.diagnostics import Path, Span
from pbx.flow import Journey

Paint = Callable[[str, str], str]
"""From a text and one of the words ``place``, ``faint`` and ``end`` to the text as shown."""

_ENDS: Final = {
    "hangup": "the call is hung up",
    "busy": "the caller hears the busy tone",
    "mailbox": "the caller listens to the own mailbox",
    "pickup": "the caller takes the call that rings there",
    "setting": "the phone switches one of its settings",
    "override": "the schedule goes from its calendar to closed, to open, and back",
}
_NARROWEST = 24


def records(journey: Journey, place: Callable[[Path], Span]) -> dict[str, Any]:
    """The journey as data: places visited, steps with where they were written, the end and the number shown."""
    steps = []
    for step in journey.steps:
        span = place(step.path)
        steps.append(
            {
                "node": str(step.node),
                "exit": step.exit,
                "because": step.because,
                "file": span.file,
                "line": span.line,
                "to": str(step.to) if step.to else None,
            }
        )
    return {"journey": journey.nodes, "end": journey.end, "shown": journey.shown, "steps": steps}


def story(journey: Journey, place: Callable[[Path], Span], width: int, paint: Paint) -> str:
    """Each step on its own line with its reason and where it was written; on a narrow terminal, below each other."""
    rows = []
    for step in journey.steps:
        span = place(step.path)
        rows.append((str(step.node), _printable(step.because), f"{span.file}:{span.line}"))
    return _steps(rows, width, paint) + _ending(journey, width, paint)


def _steps(rows: list[tuple[str, str, str]], width: int, paint: Paint) -> str:
    """In columns, if need be with the file's bare name; else stacked."""
    if not rows:
        return ""
    for tried in (rows, [(node, why, where.rpartition("/")[2]) for node, why, where in rows]):
        nodes, whys, wheres = (max(map(len, column)) for column in zip(*tried, strict=True))
        if 2 + nodes + 2 + whys + 2 + wheres <= width:
            lines = [
                f"  {paint(node.ljust(nodes), 'place')}  {why.ljust(whys)}  {paint(where, 'faint')}"
                for node, why, where in tried
            ]
            break
    else:
        lines = [
            f"  {paint(node, 'place')}\n{_wrapped(why, width)}\n    {paint(where, 'faint')}"
            for node, why, where in rows
        ]
    return "\n".join(lines) + "\n\n"


def _ending(journey: Journey, width: int, paint: Paint) -> str:
    end = _printable(_ENDS.get(journey.end.partition(":")[0], journey.end))
    told = f"End: {end}"
    if journey.shown:
        told += f"; the called party sees {journey.shown}"
    wrapped = textwrap.fill(told, max(width, _NARROWEST), break_on_hyphens=False, break_long_words=False)
    return f"{paint(wrapped, 'end')}\n"


def _wrapped(text: str, width: int) -> str:
    lines = textwrap.wrap(text, max(width - 4, _NARROWEST), break_on_hyphens=False, break_long_words=False)
    return "\n".join(f"    {line}" for line in lines)


def _printable(text: str) -> str:
    """Text that cannot do anything to a terminal: names come from files."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
