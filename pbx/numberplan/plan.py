"""One country's plan as seen from one area code: the ways to dial, as Asterisk patterns."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, get_args

from pbx.asterisk.patterns import best_match, width
from pbx.numberplan.data import CountryData, Rule, countries, country_data, has_plan

if TYPE_CHECKING:
    from collections.abc import Iterator

Category = Literal["local", "national", "mobile", "international", "toll_free", "premium", "emergency"]
"""What a call to the outside is, in the words of the classes of service."""

CATEGORIES: tuple[Category, ...] = get_args(Category)

NUMBER = r"^(\+[1-9][0-9]{6,14}|[0-9]{2,6})$"
"""What may go to a trunk: E.164 (15 digits at the most, ITU-T E.164 6.2.1) or a short number; an Asterisk regex too.

A pattern that ends in ``.`` takes any characters that a phone sends, ``&`` and ``@`` among them: the dialplan must
hold the number against this before it dials, as :func:`dialled` does.
"""


class NumberPlanError(ValueError):
    """A country or an area code that has no plan; the message tells the user which there are."""


class UnknownCountry(NumberPlanError):  # noqa: N818 - the name is the sentence
    """There is no number plan for this country."""

    def __init__(self, country: str) -> None:
        """Name the country and those that are known."""
        super().__init__(f"there is no number plan for {country!r}; there are plans for {', '.join(countries())}")
        self.country = country
        self.known = countries()


class BadAreaCode(NumberPlanError):  # noqa: N818 - the name is the sentence
    """The country has no such area code."""

    def __init__(self, data: CountryData, area_code: str) -> None:
        """Name the area code and, where there are any, those that begin alike."""
        self.country = data.country
        self.area_code = area_code
        self.known = tuple(sorted(data.area_codes))
        alike = [code for code in self.known if area_code[:2] and code.startswith(area_code[:2])]
        if not self.known:
            message = f"{data.name} has no area codes: leave area_code out"
        elif area_code.startswith("0") and area_code.lstrip("0") in self.known:
            message = f"{area_code!r} is no area code of {data.name}: write {area_code.lstrip('0')!r}, without the 0"
        elif not area_code:
            message = f"{data.name} needs an area code, such as {self.known[0]!r}"
        else:
            hint = f"; there are {', '.join(alike[:12])}" if alike else f", such as {', '.join(self.known[:6])}"
            message = f"{area_code!r} is no area code of {data.name}{hint}"
        super().__init__(message)


@dataclass(frozen=True)
class DialForm:
    """One way people dial, as one Asterisk extension, without the tenant's outside prefix.

    The number is ``prepend`` and then the dialled digits without the first ``strip`` and without ``drop`` =
    ``(position, count)``, both counted in what was dialled. It is E.164 with its plus, or a short number such as 911.
    """

    pattern: str
    strip: int
    prepend: str
    category: Category
    name: str
    drop: tuple[int, int] | None = None

    @property
    def slices(self) -> tuple[tuple[int, int | None], ...]:
        """The pieces of the dialled digits that go into the number, as (start, count); ``None`` means to the end."""
        if self.drop is None:
            return ((self.strip, None),)
        position, count = self.drop
        return ((self.strip, position - self.strip), (position + count, None))

    def number(self, digits: str) -> str:
        """Make the number out of what was dialled."""
        pieces = (digits[start : None if count is None else start + count] for start, count in self.slices)
        return self.prepend + "".join(pieces)

    def asterisk(self, variable: str = "EXTEN", offset: int = 0) -> str:
        """Write the number as Asterisk text, such as ``+549${EXTEN:1:2}${EXTEN:5}``.

        ``offset`` is the length of the outside prefix that stands before the pattern.
        """
        return self.prepend + "".join(_substring(variable, start + offset, count) for start, count in self.slices)


@dataclass(frozen=True)
class NumberPlan:
    """All the ways to dial from one area of one country."""

    country: str
    name: str
    country_code: str
    area_code: str
    forms: tuple[DialForm, ...]
    emergency: tuple[str, ...]

    def form(self, pattern: str) -> DialForm:
        """Answer the form that has this pattern."""
        return next(form for form in self.forms if form.pattern == pattern)


@dataclass(frozen=True)
class Dialled:
    """What came of dialled digits: the number (E.164, or a short number), its category, and the form that took them."""

    number: str
    category: Category
    form: DialForm


@lru_cache(maxsize=512)
def plan_for(country: str, area_code: str = "") -> NumberPlan:
    """Build the plan of an area.

    Raises:
        UnknownCountry: there are no data for the country.
        BadAreaCode: the country has no such area code.

    """
    if not has_plan(country):
        raise UnknownCountry(country)
    data = country_data(country)
    if area_code not in (data.area_codes or {""}):
        raise BadAreaCode(data, area_code)
    return NumberPlan(
        country=country,
        name=data.name,
        country_code=data.code,
        area_code=area_code,
        forms=tuple(_forms(data, area_code)),
        emergency=tuple(data.emergency),
    )


def dialled(plan: NumberPlan, digits: str) -> Dialled | None:
    """Answer what Asterisk would do with these digits, or ``None`` when it refuses them.

    The digits come without the outside prefix. Visual separators are not removed: a phone does not send them.
    """
    pattern = best_match((form.pattern for form in plan.forms), digits)
    if pattern is None:
        return None
    form = plan.form(pattern)
    number = form.number(digits)
    return Dialled(number, form.category, form) if re.search(NUMBER, number) and number.isascii() else None


def classify(plan: NumberPlan, e164: str) -> Category | None:
    """Answer the category of a number written as E.164 (``+54…``) or as a short number; ``None`` if it is neither."""
    found = dialled(plan, e164)
    return found.category if found and found.number == e164 else None


def _forms(data: CountryData, area: str) -> Iterator[DialForm]:
    """Give every way to dial; of two equal patterns the earlier one counts."""
    seen: set[str] = set()
    for form in _all_forms(data, area):
        if form.pattern not in seen:
            seen.add(form.pattern)
            yield form


def _all_forms(data: CountryData, area: str) -> Iterator[DialForm]:
    """Give emergency numbers, short numbers, national ways to dial, E.164 numbers and the rest of the world."""
    for number, service in data.emergency.items():
        yield DialForm(number, 0, "", "emergency", service)
    for rule in data.short:
        yield DialForm(rule.pattern, 0, "", _category(rule.category), rule.name)
    longer = [code for code in data.area_codes if area and code.startswith(area) and code != area]
    for rule in data.dialled:
        yield _form(data, rule, area, rule.category)
        if rule.elsewhere:
            yield from (_form(data, rule, code, rule.elsewhere) for code in longer)
    for rule in data.e164:
        yield from _e164_forms(data, rule, area, rule.category)
        if rule.elsewhere:
            for code in longer:
                yield from _e164_forms(data, rule, code, rule.elsewhere)
    for prefix in ("+", *data.international):
        strip, prepend = (0, "") if prefix == "+" else (width(f"_{prefix}") or 0, "+")
        for beginning in _not_beginning_with(data.code):
            yield DialForm(f"_{prefix}{beginning}.", strip, prepend, "international", f"abroad, {prefix}")


def _form(data: CountryData, rule: Rule, area: str, category: str) -> DialForm:
    """Fill one row of ``dialled`` in for an area code."""
    pattern, prepend = _filled(data, rule.pattern, area), _filled(data, rule.prepend, area)
    return DialForm("_" + pattern, rule.strip, prepend, _category(category), rule.name, rule.drop)


def _e164_forms(data: CountryData, rule: Rule, area: str, category: str) -> Iterator[DialForm]:
    """Give a national significant number with its plus, and as people dial it from abroad.

    The second is there so that nobody reaches a barred number of the own country through the international prefix.
    """
    digits = data.code + _filled(data, rule.pattern, area)
    yield DialForm(f"_+{digits}", 0, "", _category(category), f"{rule.name}, E.164")
    for prefix in data.international:
        name = f"{rule.name}, by {prefix}"
        yield DialForm(f"_{prefix}{digits}", width(f"_{prefix}") or 0, "+", _category(category), name)


def _filled(data: CountryData, template: str, area: str) -> str:
    """Put an area code and the pattern of its subscribers into a template."""
    return template.replace("{area}", area).replace("{subscriber}", data.subscriber.get(len(area), ""))


def _not_beginning_with(code: str) -> Iterator[str]:
    """Give pattern pieces for every number that begins with another country code than this one."""
    for at, digit in enumerate(code):
        lowest = 0 if at else 1
        below, above = _range(lowest, int(digit) - 1), _range(int(digit) + 1, 9)
        yield f"{code[:at]}[{below}{above}]"


def _range(first: int, last: int) -> str:
    """Write the digits from first to last as part of a set."""
    if first > last:
        return ""
    return str(first) if first == last else f"{first}-{last}"


def _substring(variable: str, start: int, count: int | None) -> str:
    """Write a substring as Asterisk does."""
    if count is None:
        return f"${{{variable}:{start}}}" if start else f"${{{variable}}}"
    return f"${{{variable}:{start}:{count}}}"


def _category(word: str) -> Category:
    """Insist on a word that classes of service know."""
    for category in CATEGORIES:
        if category == word:
            return category
    message = f"{word!r} is no category of calls"
    raise ValueError(message)
