"""The report for people: one HTML file that needs nothing else, in Spanish and English.

Both languages are in the page and one is hidden; scripts only filter, seek and switch. The page may load nothing at all
from anywhere (its Content-Security-Policy says so), and everything in it is escaped by the template engine: names,
headers and log lines are written by strangers.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup, escape

from lab.evidence import about_calls, ladder, route, route_style, timeline
from lab.evidence.playable import FLAC, playable
from lab.evidence.text import visible
from lab.report.bundle import ladder_names, sip_text
from lab.report.compare import KINDS
from lab.report.explain import explanation
from lab.report.requirements import requirement_name
from lab.report.words import VERDICTS, WITNESSES, WORDS, date_words, headline
from lab.results import Verdict, Words

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from jinja2 import Template

    from lab.results import Recording, RowResult, RunResult

_LONGEST_LOG = 20_000
"""Characters of a row's log that the page shows; the end of a log is what tells."""


@dataclass(frozen=True, slots=True)
class _Hop:
    """One place of a journey, and whether the other journey has it too."""

    kind: str
    name: str
    common: bool


@dataclass(frozen=True, slots=True)
class _Player:
    """One recording, ready to be drawn."""

    recording: Recording
    audio: str
    strip: Markup


@dataclass(frozen=True, slots=True)
class _Row:
    """One row, ready to be drawn."""

    result: RowResult
    sign: str
    verdict: Words
    kind: str
    requirement: Words
    search: str
    journey: tuple[_Hop, ...]
    forecast: tuple[_Hop, ...]
    why: Words
    drawing: Markup
    players: tuple[_Player, ...]
    ladder: Markup
    messages: str
    cdr_columns: tuple[str, ...]
    log: str


@dataclass(frozen=True, slots=True)
class _Tally:
    """One requirement and how its rows ended."""

    id: str
    name: Words
    passed: int
    failed: int
    not_run: int


def render_html(run: RunResult, language: str = "") -> str:
    """Give the whole report as one page, opening in the run's language or in another (``es``, ``en``).

    Recordings that cannot be read are said to hold no sound. Rows come in the order of the run, so failures stand
    where a reader expects them; the page's filters bring them together.
    """
    counts = Counter(row.verdict for row in run.rows)
    passed, failed, not_run = (counts[verdict] for verdict in Verdict)
    script = _part("report.js")
    with ThreadPoolExecutor() as pool:  # the sound library encodes several recordings at once
        rows = list(pool.map(lambda numbered: _row(run, *numbered), enumerate(run.rows)))
    return _template().render(
        run=run,
        language="es" if (language or run.language) == "es" else "en",
        words=WORDS,
        verdicts=VERDICTS,
        witnesses=WITNESSES,
        counts={verdict.value: counts[verdict] for verdict in Verdict},
        kind="failed" if failed else "notrun" if not_run or not passed else "passed",
        headline=headline(passed, failed, not_run),
        date=date_words(run.started),
        call_seconds=sum(row.call_seconds for row in run.rows),
        since=date_words(run.comparison.started) if run.comparison else None,
        kinds=KINDS,
        tallies=list(_tallies(run)),
        rows=rows,
        phases=sorted({row.row.phase for row in run.rows}),
        style=Markup(_part("report.css") + route_style()),  # noqa: S704 - files of ours
        script=Markup(script),  # noqa: S704 - a file of ours
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii"),
    )


@lru_cache(maxsize=4096)
def _said(words: Words) -> Markup:
    """A text in both languages, of which the page shows one."""
    es, en = escape(visible(words.es)), escape(visible(words.en))
    return Markup('<span lang="es">{}</span><span lang="en">{}</span>').format(es, en)


def _said_by_name(name: str) -> Markup:
    return _said(WORDS[name])


@lru_cache(maxsize=1)
def _template() -> Template:
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, finalize=_fit
    )
    environment.globals.update(say=_said, t=_said_by_name)
    return environment.from_string(_part("report.html.j2"))


def _fit(value: object) -> object:
    """Take control characters out of every text the page shows; markup of ours stays as it is."""
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _part(name: str) -> str:
    return files("lab.report").joinpath(name).read_text("utf-8")


def _tallies(run: RunResult) -> Iterator[_Tally]:
    for identifier in dict.fromkeys(row.row.requirement for row in run.rows):
        counts = Counter(row.verdict for row in run.rows if row.row.requirement == identifier)
        yield _Tally(identifier, requirement_name(identifier), *(counts[verdict] for verdict in Verdict))


def _row(run: RunResult, index: int, result: RowResult) -> _Row:
    sign, verdict, kind = VERDICTS[result.verdict]
    text = result.row
    calls = about_calls(result.sip)
    return _Row(
        result=result,
        sign=sign,
        verdict=verdict,
        kind=kind,
        requirement=requirement_name(text.requirement),
        search=f"{text.id} {text.requirement} {text.objective.es} {text.objective.en} {result.reason}".lower(),
        journey=_hops(result.journey, result.forecast),
        forecast=() if result.forecast == result.journey else _hops(result.forecast, result.journey),
        why=explanation(result),
        drawing=_drawn(run, result, index),
        players=tuple(
            # The drawing escapes what it draws itself.
            _Player(recording, _address(recording.path), Markup(timeline(recording)))  # noqa: S704
            for recording in result.recordings
        ),
        ladder=Markup(ladder(calls, ladder_names(result), more="… +{count} SIP")),  # noqa: S704
        messages=sip_text(calls),
        cdr_columns=tuple(dict.fromkeys(column for record in result.cdr for column in record)),
        log=result.log if len(result.log) <= _LONGEST_LOG else "…\n" + result.log[-_LONGEST_LOG:],
    )


def _address(recording: Path) -> str:
    """A recording as a ``data:`` address, or an empty text when it holds no sound."""
    content = playable(recording)
    return f"data:{FLAC};base64,{base64.b64encode(content).decode('ascii')}" if content else ""


def _drawn(run: RunResult, row: RowResult, index: int) -> Markup:
    """The way of the call on the call flow; the drawing escapes what it is made of."""
    if run.flow is None:
        return Markup()
    return Markup(route(run.flow, row.journey, row.exits, row.forecast, prefix=f"r{index}-"))  # noqa: S704


def _hops(journey: tuple[str, ...], other: tuple[str, ...]) -> tuple[_Hop, ...]:
    """Split ``queue:ventas`` into kind and name, and mark what the other journey does not have at all or that often."""
    left = Counter(other)
    hops = []
    for place in journey:
        kind, colon, name = place.partition(":")
        common = not other or left[place] > 0
        left[place] -= 1
        hops.append(_Hop(kind + colon, name, common))
    return tuple(hops)
