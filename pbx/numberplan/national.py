"""How the own country's people dial a number: the way back from E.164 to keys.

An analogue or ISDN line behind a gateway takes the keys that a telephone on it would send. Each way to dial of the
plan is turned round where what it takes away is the same for all its numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pbx.asterisk.patterns import best_match
from pbx.numberplan.data import country_data

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pbx.numberplan.plan import DialForm, NumberPlan

_PIECE: Final = re.compile(r"\[[^\]]*\]|.")
Slice = tuple[int, int | None]


@dataclass(frozen=True, slots=True)
class NationalForm:
    """Numbers in E.164 by an Asterisk pattern, and the keys for them: text and pieces of the number in turn."""

    pattern: str
    pieces: tuple[str | Slice, ...]
    """Literal keys, or (start, count) of the number; a count of ``None`` reaches to its end."""
    name: str

    def keys(self, number: str) -> str:
        """The keys for a number that the pattern matches."""
        return "".join(
            piece if isinstance(piece, str) else number[piece[0] : None if piece[1] is None else piece[0] + piece[1]]
            for piece in self.pieces
        )

    def asterisk(self, variable: str = "EXTEN") -> str:
        """The same as Asterisk text, such as ``0${EXTEN:4:3}15${EXTEN:7}``."""
        return "".join(
            piece
            if isinstance(piece, str)
            else f"${{{variable}:{':'.join(str(each) for each in piece if each is not None)}}}"
            for piece in self.pieces
        )


def national_forms(plan: NumberPlan) -> tuple[NationalForm, ...]:
    """The ways back; of two for the same numbers the plan's first counts, the own area before the whole country."""
    found: dict[str, NationalForm] = {}
    for form in plan.forms:
        if form.pattern.startswith("_") and not form.pattern.startswith("_+") and form.prepend.startswith("+"):
            for each in _turned(plan, form):
                found.setdefault(each.pattern, each)
    return tuple(found.values())


def nationally(plan: NumberPlan, number: str) -> str:
    """The keys for a number. What the plan knows no way for, such as a short number, goes without its plus."""
    forms = national_forms(plan)
    best = best_match((form.pattern for form in forms), number)
    form = next((form for form in forms if form.pattern == best), None)
    return form.keys(number) if form else number.removeprefix("+")


def _turned(plan: NumberPlan, form: DialForm) -> Iterator[NationalForm]:
    """One way round; by area code where only its length tells where something was left out."""
    tokens = _PIECE.findall(form.pattern[1:])
    position, count = form.drop or (form.strip, 0)
    lost = [*tokens[: form.strip], *tokens[position : position + count]]
    # "Own number by the international prefix" is not how anybody dials at home.
    abroad = form.prepend == "+" and form.category != "international"
    if abroad or not all(len(token) == 1 and token.isdigit() for token in lost):
        return
    before, after = tokens[form.strip : position], tokens[position + count :]
    start = len(form.prepend)
    middle = "".join(tokens[position : position + count])
    pieces: list[str | Slice] = ["".join(tokens[: form.strip])]
    if form.drop:
        pieces += [(start, len(before)), middle]
    pieces.append((start + len(before), None))
    kept = tuple(piece for piece in pieces if piece)
    for beginning in _areas(plan, before) if form.drop else ["".join(before)]:
        yield NationalForm(f"_{form.prepend}{beginning}{''.join(after)}", kept, form.name)


def _areas(plan: NumberPlan, before: Sequence[str]) -> list[str]:
    """The area codes that a part of a pattern stands for; the longest stay a pattern, which loses to the others."""
    codes = country_data(plan.country).area_codes
    pattern = "".join(before)
    if len(before) == max(map(len, codes), default=0):
        return [pattern]
    return sorted(code for code in codes if len(code) == len(before) and best_match([f"_{pattern}"], code))
