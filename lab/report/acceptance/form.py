"""What stands on the form, before it is written in any format: texts in one language, made fit to be shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from lab.evidence.text import visible
from lab.report.explain import explanation
from lab.report.requirements import requirement_name
from lab.report.words import WORDS, date_words
from lab.results import Signer, Verdict

if TYPE_CHECKING:
    from lab.results import RowResult, RowText, RunResult, Words
    from pbx.site import TenantScope

SIGNATURE: Final = ("company", "signatory", "position", "signature", "date")
"""The lines of the signature block, as in the customer's form."""
_SIDES: Final = ("customer", "provider")
"""Who signs when nobody is named."""


@dataclass(frozen=True, slots=True)
class Block:
    """One side's signature: its heading, and each line of it with what is known already."""

    heading: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the matrix."""

    id: str
    requirement: str
    """Its id and its name: ``IVR-1`` and ``Menús en horario y fuera de horario``."""
    requirement_name: str
    objective: str
    alike: str
    """How many other tests it stands for; empty when it stands for itself alone."""
    steps: tuple[str, ...]
    expected: tuple[str, ...]
    reached: bool | None
    """None: not run, or not yet."""
    explanation: str


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase with its rows and its own signatures."""

    number: int
    title: str
    objective: str
    """The customer's own words; empty when none are known."""
    lines: tuple[Line, ...]
    told: str
    """How many rows reached their goal; empty before a run."""


@dataclass(frozen=True, slots=True)
class Form:
    """Everything that is written."""

    language: str
    tenant_name: str
    subtitle: str
    """When and on what it was run; empty before a run."""
    moment: datetime | None
    phases: tuple[Phase, ...]
    signatures: tuple[Block, ...]

    def word(self, name: str) -> str:
        """One of the report's own words in the language of the form."""
        return WORDS[name].in_language(self.language)


def form_of_run(run: RunResult, language: str = "") -> Form:
    """The form of a run, answered row by row; in the run's language, or in another one (``es``, ``en``)."""
    chosen = language or run.language
    date = date_words(run.started).in_language(chosen)
    return Form(
        language=chosen,
        tenant_name=visible(run.tenant_name),
        subtitle=visible(f"{date} · {run.engine}"),
        moment=_moment(run.started),
        phases=_phases([(row.row, row) for row in run.rows], run.objectives, chosen),
        signatures=_signatures(run.signers, chosen),
    )


def form_of_rows(rows: Iterable[RowText], scope: TenantScope, language: str = "") -> Form:
    """The form of a tenant's rows that were not run, to be filled in by hand; in its language, or in another one."""
    chosen = language or scope.language
    return Form(
        language=chosen,
        tenant_name=visible(scope.tenant.name),
        subtitle="",
        moment=None,
        phases=_phases([(row, None) for row in rows], objectives_of(scope), chosen),
        signatures=_signatures(signers_of(scope), chosen),
    )


def objectives_of(scope: TenantScope) -> dict[int, str]:
    """What the customer wants to find out in each phase, where the POC says so."""
    if scope.poc is None:
        return {}
    told = {1: scope.poc.objectives.phase_1, 2: scope.poc.objectives.phase_2}
    return {phase: text for phase, text in told.items() if text}


def signers_of(scope: TenantScope) -> tuple[Signer, ...]:
    """Who signs, where the POC says so."""
    found = scope.poc.signers if scope.poc else ()
    return tuple(Signer(each.company, each.name, each.title) for each in found)


def _signatures(signers: Iterable[Signer], language: str) -> tuple[Block, ...]:
    """A block for each signer, or an empty one for each side."""
    words = [WORDS[name].in_language(language) for name in SIGNATURE]
    known = [(visible(each.company), visible(each.name), visible(each.title), "", "") for each in signers]
    if known:
        return tuple(Block(texts[0], tuple(zip(words, texts, strict=True))) for texts in known)
    return tuple(Block(WORDS[side].in_language(language), tuple((word, "") for word in words)) for side in _SIDES)


def _moment(started: str) -> datetime | None:
    try:
        return datetime.fromisoformat(started)
    except ValueError:
        return None


def _phases(
    rows: list[tuple[RowText, RowResult | None]], objectives: Mapping[int, str], language: str
) -> tuple[Phase, ...]:
    word = WORDS["phase"].in_language(language)
    return tuple(
        Phase(
            number=number,
            title=f"{word} {number}",
            objective=visible(objectives.get(number, "")),
            lines=tuple(_line(text, result, language) for text, result in rows if text.phase == number),
            told=_told([result for text, result in rows if result and text.phase == number], language),
        )
        for number in sorted({text.phase for text, _ in rows})
    )


def _line(text: RowText, result: RowResult | None, language: str) -> Line:
    def said(words: Words) -> str:
        return visible(words.in_language(language))

    reached = {Verdict.PASSED: True, Verdict.FAILED: False, Verdict.NOT_RUN: None, None: None}
    why = said(explanation(result)) if result else ""
    if result and result.verdict is Verdict.NOT_RUN:
        why = f"{WORDS['was_not_run'].in_language(language)}: {why}".rstrip(": ")
    return Line(
        id=visible(text.id),
        requirement=visible(text.requirement),
        requirement_name=said(requirement_name(text.requirement)),
        objective=said(text.objective),
        alike=_stands_for(len(text.alike), language),
        steps=tuple(map(said, text.steps)),
        expected=tuple(map(said, text.expected)),
        reached=reached[result.verdict if result else None],
        explanation=why,
    )


def _stands_for(count: int, language: str) -> str:
    if not count:
        return ""
    if language == "es":
        return f"Vale también por {count} {'prueba igual' if count == 1 else 'pruebas iguales'}."
    return f"It also stands for {count} {'test' if count == 1 else 'tests'} of the same kind."


def _told(results: list[RowResult], language: str) -> str:
    if not results:
        return ""
    counts = Counter(row.verdict for row in results)
    total, passed = len(results), counts[Verdict.PASSED]
    if language == "es":
        told = f"{passed} de {total} pruebas alcanzaron su objetivo"
        more = (f"{counts[Verdict.FAILED]} no lo alcanzaron", f"{counts[Verdict.NOT_RUN]} no se ejecutaron")
    else:
        told = f"{passed} of {total} tests reached their goal"
        more = (f"{counts[Verdict.FAILED]} did not", f"{counts[Verdict.NOT_RUN]} did not run")
    failed, left = (counts[verdict] > 0 for verdict in (Verdict.FAILED, Verdict.NOT_RUN))
    return "; ".join([told, *([more[0]] if failed else []), *([more[1]] if left else [])]) + "."
