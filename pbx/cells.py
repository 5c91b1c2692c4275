"""What the cells of a customer's list mean: people's habits, and what spreadsheets did to them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pbx.columns import DESTINATIONS, NO, RECEIVE, YES, Column, bare
from pbx.diagnostics import Diagnostic
from pbx.numberplan import NumberPlan, NumberPlanError, dialled, plan_for

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from pbx.document import Tree
    from pbx.tables import Cell

_FORMULA: Final = re.compile(r"=.*|#(N/[AD]|[¡¿]?[A-ZÁÉÍÓÚ/0]+[!?]|#+)", re.DOTALL)
"""A formula, or what a spreadsheet shows when one failed: ``#N/A``, ``#¡REF!``, ``####``."""
_SCIENTIFIC: Final = re.compile(r"[0-9]+([.,][0-9]+)?E\+?[0-9]+", re.IGNORECASE)
_DECIMAL: Final = re.compile(r"[0-9]+[.,]0{1,2}")
_BETWEEN_DIGITS: Final = re.compile(r"[\s().\u00b7\u2010-\u2015\u2212-]+")
"""What people put between the digits of a phone number."""
_TRUNK_ZERO: Final = re.compile(r"(?<=[0-9\s])\(0\)")
"""``+54 (0)11 …``: the zero is dialled at home, not from abroad."""
_E164: Final = re.compile(r"\+[1-9][0-9]{5,14}")
_SHORT_PIN: Final = re.compile(r"[0-9]{1,3}")
_PHONE_LENGTH: Final = 6
_LONGEST: Final = 60


def unspoiled(text: str) -> str:
    """A cell of a length that people read, for a message."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


class Reader:
    """Reads the cells of one tenant's lists."""

    def __init__(self, tree: Mapping[str, Tree], extensions: Collection[str]) -> None:
        self._plan = _plan(tree)
        self._extensions = extensions
        self._range = _range(tree)
        self._ways: Mapping[str, Callable[[Column, Cell, str], str | Diagnostic]] = {
            "digits": self._digits,
            "phone": self._phone,
            "destination": self._destination,
        }

    def read(self, column: Column, cell: Cell) -> str | Diagnostic:
        """The text as it would have been written in the YAML, or why it cannot be known.

        Empty when it depends on something of the YAML that is wrong itself, and told there.
        """
        text = cell.text
        if column.reading != "text" and re.match(r"'[0-9+]", text):
            text = text[1:]  # by which a spreadsheet is told that what follows is text
        if _FORMULA.fullmatch(text):
            message = f"{unspoiled(text)} is a formula or its failure, not a value"
            return _problem("PBX016", cell, message, "in the spreadsheet, copy the column and paste its values over it")
        way = self._ways.get(column.reading)
        if way:
            return way(column, cell, text)
        if column.reading == "truth":
            word = bare(text)
            return "true" if word in YES else "false" if word in NO else text
        return RECEIVE.get(bare(text), text) if column.reading == "calls" else text

    def _digits(self, column: Column, cell: Cell, text: str) -> str | Diagnostic:
        if spoiled := _spoiled(cell, text):
            return spoiled
        if column.key == "voicemail_pin" and _SHORT_PIN.fullmatch(text):
            message = f"{text} is too short for a PIN; a spreadsheet may have taken zeros from its beginning"
            return _problem("PBX015", cell, message, f"write it in full, perhaps {text:0>4}; {_AS_TEXT}")
        if column.key == "number" and self._range and text.isdecimal() and len(text) < len(self._range[0]):
            padded = text.zfill(len(self._range[0]))
            if self._range[0] <= padded <= self._range[1]:
                message = f"{text} is too short for an extension here; a spreadsheet may have taken its zeros"
                return _problem("PBX015", cell, message, f"write {padded}; {_AS_TEXT}")
        return text

    def _phone(self, _column: Column, cell: Cell, text: str) -> str | Diagnostic:
        """A phone number in international form."""
        if spoiled := _spoiled(cell, text):
            return spoiled
        digits = _BETWEEN_DIGITS.sub("", _TRUNK_ZERO.sub("", text))
        if _E164.fullmatch(digits):
            return digits
        if self._plan is None:
            return ""
        found = _number(self._plan, digits)
        if found:
            return found
        message = f"{unspoiled(text)} is not a phone number as it is dialled in {self._plan.name}"
        for lost, what in (("0", "the zero at its beginning"), ("+", "the plus")):
            if guess := _number(self._plan, lost + digits):
                help_ = f"write {guess}, if a spreadsheet took {what}; {_AS_TEXT}"
                return _problem("PBX208", cell, message, help_)
        return _problem("PBX208", cell, message, "write it with its country, for example +541143210000")

    def _destination(self, column: Column, cell: Cell, text: str) -> str | Diagnostic:
        """A destination, or what people write for one: the number of an extension, a phone number, the mailbox."""
        if text in self._extensions:
            return f"extension:{text}"
        if (word := DESTINATIONS.get(bare(text))) is not None:
            return word
        digits = sum(each.isdecimal() for each in text)
        if ":" in text or (digits < _PHONE_LENGTH and not _SCIENTIFIC.fullmatch(text)):
            return text
        number = self._phone(column, cell, text)
        return f"external:{number}" if isinstance(number, str) and number else number


_AS_TEXT: Final = "give the column the format Text before entering numbers"


def _spoiled(cell: Cell, text: str) -> Diagnostic | None:
    """A number of which a spreadsheet made another one."""
    if _SCIENTIFIC.fullmatch(text):
        message = f"{text} is how a spreadsheet shortens a long number; its last digits are lost"
        return _problem("PBX015", cell, message, f"write all of its digits; {_AS_TEXT}")
    if _DECIMAL.fullmatch(text):
        whole = re.split("[.,]", text)[0]
        message = f"{text} is what a spreadsheet makes of {whole}"
        return _problem("PBX015", cell, message, f"write {whole}; {_AS_TEXT}")
    return None


def _problem(code: str, cell: Cell, message: str, help_: str) -> Diagnostic:
    return Diagnostic(code, cell.span.file, (), message, help=help_, span=cell.span)


def _number(plan: NumberPlan, digits: str) -> str | None:
    """The number in international form that these digits reach; None for short numbers too: they are no contacts."""
    found = dialled(plan, digits)
    return found.number if found and _E164.fullmatch(found.number) else None


def _plan(tree: Mapping[str, Tree]) -> NumberPlan | None:
    """How the tenant dials, or None when the YAML does not yet say it."""
    country, area = tree.get("country"), tree.get("area_code", "")
    if not isinstance(country, str) or not isinstance(area, str):
        return None
    try:
        return plan_for(country, area)
    except NumberPlanError:
        return None


def _range(tree: Mapping[str, Tree]) -> tuple[str, str] | None:
    """First and last extension as written, when both are numbers of one length."""
    numbering = tree.get("numbering")
    said = numbering.get("extensions") if isinstance(numbering, dict) else None
    found = re.fullmatch(r"([0-9]+)-([0-9]+)", said) if isinstance(said, str) else None
    return (found[1], found[2]) if found and len(found[1]) == len(found[2]) else None
