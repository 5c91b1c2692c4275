"""Twenty thousand sites with slips: no traceback, and every problem has a place that exists."""

from __future__ import annotations

import re
import traceback
from collections import Counter

import pytest

from pbx.check import check
from pbx.diagnostics import Diagnostic, Span, has_errors
from pbx.diagnostics.codes import CODES
from pbx.diagnostics.show import show
from pbx.folder import SiteFiles
from pbx.load import load
from tests.property.mutants import bases, mutant
from tests.samples import build

CHUNK = 500
CHUNKS = 41
_BREAK = re.compile(r"\r\n|\r|\n")


def complaint(files: SiteFiles, *, thorough: bool = False) -> tuple[str, Counter[str]]:
    """What is wrong with how the compiler takes a site, and the codes it met. ``thorough`` also shows and compiles."""
    try:
        site, documents, problems = load(files)
        problems = problems if site is None else [*problems, *check(site)]
        codes = Counter(each.code for each in problems)
        if site is None and not has_errors(problems):
            return "there is neither a site nor an error", codes
        lines = {each.file: _BREAK.split(documents[each.file].text) for each in problems}
        for each in problems:
            span = each.span or documents[each.file].place(each.path, at_key=each.at_key)
            if each.code not in CODES or not each.message or span.file != each.file:
                return f"{each} is not a problem one can show", codes
            if not _exists(span, lines[each.file]):
                return f"{each} stands at {span}, which does not exist", codes
        if thorough:
            show(problems, documents)
            if site is not None and not has_errors(problems):
                build(site)
    except Exception:  # noqa: BLE001 - any exception at all is what is looked for
        return traceback.format_exc(limit=-4), Counter()
    return "", codes


def _exists(span: Span, lines: list[str]) -> bool:
    """Whether a file of these lines has the stretch."""
    if not 1 <= span.line <= span.end_line <= len(lines):
        return False
    begins = 1 <= span.column <= len(lines[span.line - 1]) + 1
    ends = 1 <= span.end_column <= len(lines[span.end_line - 1]) + 1
    return begins and ends and (span.line, span.column) <= (span.end_line, span.end_column)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_a_site_with_slips_is_told_with_places_and_never_falls(chunk: int) -> None:
    met: Counter[str] = Counter()
    for number in range(chunk * CHUNK, (chunk + 1) * CHUNK):
        one = mutant(number)
        thorough = number % 20 == 0
        found, codes = complaint(one.files, thorough=thorough)
        if found:
            smallest = one.smallest(lambda files: bool(complaint(files, thorough=True)[0]))
            pytest.fail(f"{found}\n{smallest}")
        met.update(codes.keys() or {"clean"})
    # Slips that all break the YAML, or none at all, would show nothing.
    assert met["clean"] > CHUNK / 50
    assert met["PBX002"] < CHUNK / 2
    assert len(met) > 30, met


def test_the_sites_are_those_of_before_and_twenty_thousand_of_them() -> None:
    assert CHUNK * CHUNKS > 20_000
    assert mutant(7).files.texts == mutant(7).files.texts
    assert len({mutant(number).files.texts[mutant(number).base.name] for number in range(1000)}) > 950


def test_what_is_changed_was_sound() -> None:
    for base in bases():
        site, _, problems = load(base.files)
        assert site is not None, problems
        assert not has_errors(check(site))


def test_the_smallest_change_that_fails_is_found() -> None:
    one = next(each for each in map(mutant, range(100)) if len(each.edits) == 3)
    culprit = one.edits[1]

    def fails(files: SiteFiles) -> bool:
        return files.texts[one.base.name] in {
            one.with_edits([culprit]).texts[one.base.name],
            one.files.texts[one.base.name],
        }

    told = one.smallest(fails)
    assert told == one.smallest(fails)
    assert told.startswith(f"mutant({one.number}):")
    assert fails(one.with_edits([culprit]))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        (ZeroDivisionError(), "ZeroDivisionError"),
        (Diagnostic("PBX301", "platform.yaml", (), "x", span=Span("platform.yaml", 999, 1, 999, 1)), "does not exist"),
        (Diagnostic("PBX301", "platform.yaml", (), "x", span=Span("platform.yaml", 1, 1, 1, 999)), "does not exist"),
        (Diagnostic("PBX301", "nothing.yaml", (), "x"), "KeyError"),
        (Diagnostic("PBX301", "platform.yaml", (), ""), "not a problem one can show"),
    ],
)
def test_a_compiler_that_falls_or_points_nowhere_would_be_noticed(
    wrong: Exception | Diagnostic, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def falls(_site: object) -> list[Diagnostic]:
        if isinstance(wrong, Exception):
            raise wrong
        return [wrong]

    sound = bases()[0].files
    assert complaint(sound)[0] == ""
    monkeypatch.setitem(complaint.__globals__, "check", falls)
    assert told in complaint(sound)[0]
