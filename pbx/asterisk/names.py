"""The only place that spells a context, an endpoint, a queue or a mailbox.

A tenant's short name holds no underscore and a role is one fixed word, so ``<tenant>_<role>_<id>`` can be read back in
one way only: two tenants never share a name. Contexts and extensions take 79 characters (AST_MAX_CONTEXT and
AST_MAX_EXTENSION are 80 with the final NUL); the longest name here is 16 + 10 + 31 characters and two joiners.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from typing import Final

from pbx.model import NumberRange, Ref


def context(tenant: str, role: str, identity: str = "") -> str:
    """A dialplan context of a tenant; ``role`` is a word without underscore."""
    return f"{tenant}_{role}_{identity}" if identity else f"{tenant}_{role}"


def place(tenant: str, ref: Ref) -> str:
    """Where the dialplan goes for ``ref``: ``context,extension,priority``."""
    if ref.id:
        return f"{context(tenant, ref.kind.replace('_', ''))},{ref.id},1"
    return f"pbx-end,{ref.kind},1"


def endpoint(tenant: str, extension: str) -> str:
    """A phone's PJSIP endpoint, also its AOR, auth and user name."""
    return f"{tenant}_{extension}"


def login(tenant: str, extension: str, device: str) -> str:
    """The PJSIP auth of a device; that of a phone whose devices are not named is called like the phone."""
    return f"{tenant}_{extension}_{device}" if device else endpoint(tenant, extension)


def trunk(tenant: str, identity: str) -> str:
    """A trunk's PJSIP endpoint; it starts with a letter where a phone's has a digit, so the two never meet."""
    return f"{tenant}_trunk_{identity}"


def incoming(tenant: str, identity: str) -> str:
    """The context in which a trunk's calls arrive: numbers only."""
    return context(tenant, "from", identity)


def arrived(tenant: str, identity: str) -> str:
    """The context in which they go on."""
    return context(tenant, "arrived", identity)


def queue(tenant: str, identity: str) -> str:
    """A queue's name in ``queues.conf``."""
    return f"{tenant}_{identity}"


def music(tenant: str, identity: str) -> str:
    """A class of music on hold."""
    return f"{tenant}_{identity}"


def number_plan(country: str, area_code: str) -> str:
    """The context of an area's ways to dial, which all its tenants share; no tenant's name has a hyphen."""
    return "-".join(("pbx", "numbers", country.lower(), *([area_code] if area_code else [])))


def holidays(calendar: str, first: int, last: int) -> str:
    """The context of a national calendar's days in some years, which all its tenants share."""
    spelled = re.sub("[^A-Za-z0-9-]", lambda sign: f"-{ord(sign[0]):x}-", calendar)
    return f"pbx-holidays-{spelled}-{first}-{last}"


def pickup_group(tenant: str, identity: str) -> str:
    """A named call and pickup group: Asterisk knows one name space for all endpoints (res_pjsip)."""
    return f"{tenant}_{identity}"


def conference(tenant: str, identity: str) -> str:
    """A conference room's name, and that of its bridge profile in ``confbridge.conf``."""
    return f"{tenant}_{identity}"


def directory_file(tenant: str) -> str:
    """The file with the tenant's people by name, below the configuration folder."""
    return f"tenants/{tenant}/directory.conf"


def parking_lot(tenant: str) -> str:
    """A tenant's place for parked calls."""
    return tenant


def mailbox(tenant: str, extension: str) -> str:
    """A mailbox with its voicemail context."""
    return f"{extension}@{tenant}"


LONGEST: Final = 20
"""Digits of the longest number that is dialled: 15 of E.164, and what goes before to leave country and carrier."""


def number_patterns() -> tuple[str, ...]:
    """Patterns for every number of digits, with and without a plus.

    Not ``_X.``, which takes anything: Asterisk writes what was dialled into its log and into events as it came, and SIP
    may bring line breaks (``%0D%0A``).
    """
    return ("_X", *(f"_[+0-9]{'X' * length}" for length in range(1, LONGEST)))


def patterns_of(numbers: Iterable[str]) -> tuple[str, ...]:
    """Asterisk patterns that match these numbers and no other: those that differ in their last digit are one.

    ``200``, ``201``, ``202``, ``205`` and ``310`` are ``_20[0-25]`` and ``310``.
    """
    ordered = sorted(set(numbers), key=lambda number: (len(number), number))
    return tuple(
        ending(start, "".join(number[-1] for number in alike))
        for start, alike in groupby(ordered, key=lambda number: number[:-1])
    )


def ending(start: str, last: str) -> str:
    """The extension or pattern of what begins alike and ends with one of these digits: ``20`` and ``025``."""
    return f"_{start}{_digits_of(last)}" if len(last) > 1 else start + last


def _digits_of(digits: str) -> str:
    """A position of a pattern that takes these digits, in order: ``3``, ``X``, ``[0-25]``."""
    if len(digits) == 1:
        return digits
    if digits == "0123456789":
        return "X"
    # Of digits in a row, value minus place is the same.
    runs = ["".join(d for _, d in run) for _, run in groupby(enumerate(digits), lambda each: int(each[1]) - each[0])]
    return f"[{''.join(f'{run[0]}-{run[-1]}' if len(run) > 2 else run for run in runs)}]"  # noqa: PLR2004


def range_patterns(numbers: NumberRange) -> tuple[str, ...]:
    """Asterisk patterns that match the range exactly: ``200-299`` is ``_2XX``, ``250-269`` is ``_2[5-6]X``."""
    return tuple(f"_{pattern}" for pattern in _range_patterns(numbers.first, numbers.last))


def _range_patterns(first: str, last: str) -> list[str]:
    if not first:
        return [""]
    rest = len(first) - 1
    if first[0] == last[0]:
        return [first[0] + pattern for pattern in _range_patterns(first[1:], last[1:])]
    patterns: list[str] = []
    low, high = int(first[0]), int(last[0])
    if first[1:] != "0" * rest:
        patterns += [str(low) + pattern for pattern in _range_patterns(first[1:], "9" * rest)]
        low += 1
    partial_end = last[1:] != "9" * rest
    if partial_end:
        high -= 1
    if low <= high:
        digit = "X" if (low, high) == (0, 9) else str(low) if low == high else f"[{low}-{high}]"
        patterns.append(digit + "X" * rest)
    if partial_end:
        patterns += [last[0] + pattern for pattern in _range_patterns("0" * rest, last[1:])]
    return patterns
