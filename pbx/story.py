"""A foretold call as text for people, and as plain records for scripts."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from pbx.diagnostics import Path, Span
from pbx.kinds.base import Step
from pbx.trace import ENDLESS, Journey

if TYPE_CHECKING:
    from pbx.rehearsal import Line, Rehearsed

Paint = Callable[[str, str], str]
"""From a text and one of the words ``place``, ``faint`` and ``end`` to the text as shown."""

_ENDS: Final = {
    "hangup": "the call is hung up",
    "busy": "the caller hears the busy tone",
    "mailbox": "the caller listens to the own mailbox",
    "pickup": "the caller takes the call that rings there",
    "setting": "the phone switches its setting {}",
    "override": "the schedule {} goes from its calendar to closed, to open, and back",
}
_NARROWEST = 24
_FILE: Final = re.compile(r"[\w./-]+\.wav|[a-z0-9]+(?:[-/][a-z0-9]+)+")
"""A recording or a sound; what is said is hardly ever one word."""


def records(journey: Journey, place: Callable[[Path], Span], rehearsed: Rehearsed | None = None) -> dict[str, Any]:
    """The journey as data: places visited, steps with where they were written, the end and the number shown.

    With ``rehearsed`` each step has the lines of the tenant's dialplan; those of the library are left out.
    """
    steps = []
    for index, step in enumerate(journey.steps):
        span = place(step.path)
        steps.append(
            {
                "node": str(step.node),
                "exit": step.exit,
                "because": step.because,
                "file": span.file,
                "line": span.line,
                "to": str(step.to) if step.to else None,
                "hears": list(step.hears),
                "rings": [
                    {"extension": ring.extension, "after": ring.after, "seconds": ring.seconds} for ring in step.rings
                ],
                "changes": _change(step),
                "dialplan": [
                    {"place": line.place, "file": line.file, "line": line.number, "runs": line.runs}
                    for line in (rehearsed.steps[index] if rehearsed else ())
                ],
            }
        )
    return {
        "arrival": _arrival(journey, place),
        "journey": journey.nodes,
        "end": journey.end,
        "shown": journey.shown,
        "caller": {"number": journey.caller, "name": journey.caller_name},
        "steps": steps,
        "dialplan_agrees": rehearsed.agrees if rehearsed and not rehearsed.lost else None,
    }


def _arrival(journey: Journey, place: Callable[[Path], Span]) -> dict[str, str | int] | None:
    came = journey.arrival
    if came is None:
        return None
    span = place(came.path)
    return {"trunk": str(came.node), "because": came.because, "file": span.file, "line": span.line}


def _change(step: Step) -> dict[str, str | None] | None:
    change = step.changes
    if change is None:
        return None
    return {
        "of": str(change.of),
        "setting": change.setting,
        "before": change.before or None,
        "after": change.after or None,
    }


@dataclass(frozen=True, slots=True)
class _Row:
    node: str
    """The place, and the exit by which the call leaves it or ends there, where there is a choice."""
    why: str
    where: str
    details: tuple[str, ...]
    """What the caller hears here, and who rings."""
    dialplan: tuple[str, ...]
    """Lines that are shown as they are written, however long."""


def story(
    journey: Journey,
    place: Callable[[Path], Span],
    width: int,
    paint: Paint,
    dialplan: Sequence[Sequence[Line]] = (),
) -> str:
    """Each step on its own line with its reason and where it was written; on a narrow terminal, below each other.

    ``dialplan`` are the lines that each step runs through, if they are to be told.
    """
    rows = []
    told = _once_round(journey)
    if journey.arrival:
        span = place(journey.arrival.path)
        rows.append(_Row(str(journey.arrival.node), journey.arrival.because, f"{span.file}:{span.line}", (), ()))
    for index, step in enumerate(journey.steps[:told]):
        span, lines = place(step.path), dialplan[index] if dialplan else ()
        details = tuple(_printable(each) for each in _details(step))
        run = tuple(_printable(each) for each in _run(lines))
        taken = str(step.node) if step.exit == "to" else f"{step.node} {step.exit}"
        rows.append(_Row(taken, _printable(step.because), f"{span.file}:{span.line}", details, run))
    again = "  and round again, for ever\n\n" if told < len(journey.steps) else ""
    return _steps(rows, width, paint) + again + _ending(journey, width, paint)


def _once_round(journey: Journey) -> int:
    """How many steps are worth telling: of a call that goes round for ever, those until it comes to a place again."""
    if journey.end == ENDLESS:
        met: set[tuple[object, str, str]] = set()
        for index, step in enumerate(journey.steps):
            if (step.node, step.exit, step.because) in met:
                return index
            met.add((step.node, step.exit, step.because))
    return len(journey.steps)


def _details(step: Step) -> Iterator[str]:
    if step.hears:
        yield "hears " + ", ".join(map(_heard, step.hears))
    if step.changes:
        each = step.changes
        unsaid = "by its calendar" if each.setting == "override" else "as the file has it"
        before, after = (said or unsaid for said in (each.before, each.after))
        yield f"changes {each.setting} of {each.of}: {before} → {after}"
    by_moment = groupby(step.rings, key=lambda ring: (ring.after, ring.seconds))
    rings = [
        f"{', '.join(ring.extension for ring in together)} for up to {seconds} s{f' after {after} s' if after else ''}"
        for (after, seconds), together in by_moment
    ]
    if rings:
        yield "rings " + "; ".join(rings)


def _run(lines: Sequence[Line]) -> Iterator[str]:
    for file, together in groupby(lines, key=lambda line: line.file):
        yield f"runs {file}"
        yield from (f"{line.number:>5}  {line.runs}" for line in together)


def _heard(said: str) -> str:
    """Words in quotes; a recording or a sound of Asterisk's own by its name."""
    if _FILE.fullmatch(said):
        return f"the recording {said}" if said.endswith(".wav") else f"the sound {said}"
    return f"“{_short(said)}”"


def _short(said: str) -> str:
    return textwrap.shorten(said, 60, placeholder=" …")


def _steps(rows: list[_Row], width: int, paint: Paint) -> str:
    """In columns, if need be with the file's bare name; else stacked."""
    if not rows:
        return ""
    for tried in (rows, [replace(row, where=row.where.rpartition("/")[2]) for row in rows]):
        node, why, where = (max(len(getattr(row, name)) for row in tried) for name in ("node", "why", "where"))
        if 2 + node + 2 + why + 2 + where <= width:
            lines = [
                line
                for row in tried
                for line in (
                    f"  {paint(row.node.ljust(node), 'place')}  {row.why.ljust(why)}  {paint(row.where, 'faint')}",
                    *(_wrapped(each, width, " " * (4 + node), paint) for each in row.details),
                    *(f"    {paint(each, 'faint')}" for each in row.dialplan),
                )
            ]
            break
    else:
        lines = [
            f"  {paint(row.node, 'place')}\n{_wrapped(row.why, width, ' ' * 4)}\n    {paint(row.where, 'faint')}"
            + "".join(f"\n{_wrapped(each, width, ' ' * 4, paint)}" for each in row.details)
            + "".join(f"\n    {paint(each, 'faint')}" for each in row.dialplan)
            for row in rows
        ]
    return "\n".join(lines) + "\n\n"


def _ending(journey: Journey, width: int, paint: Paint) -> str:
    kind, _, identity = journey.end.partition(":")
    told = f"End: {_printable(_ENDS.get(kind, journey.end).replace('{}', identity))}"
    if journey.caller and any(step.rings for step in journey.steps):
        name = f" ({journey.caller_name})" if journey.caller_name else ""
        told += _printable(f"; the phones that ring show {journey.caller}{name}")
    if journey.shown:
        told += f"; the called party sees {journey.shown}"
    wrapped = textwrap.fill(told, max(width, _NARROWEST), break_on_hyphens=False, break_long_words=False)
    return f"{paint(wrapped, 'end')}\n"


def _wrapped(text: str, width: int, indent: str, paint: Paint | None = None) -> str:
    lines = textwrap.wrap(text, max(width - len(indent), _NARROWEST), break_on_hyphens=False, break_long_words=False)
    return "\n".join(f"{indent}{paint(line, 'faint') if paint else line}" for line in lines)


def _printable(text: str) -> str:
    """Text that cannot do anything to a terminal: names come from files."""
    return "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in text)
