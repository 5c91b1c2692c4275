"""Changes of what a routine of the library is given: seconds, extensions, trunks, classes, PINs, words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from lab.mutation.change import SWITCH, Change, other
from lab.mutation.material import Material, Step
from pbx.verify.references import split

_NOTHING: Final = frozenset({"inside", "fair"})
"""Words that a routine is given or not."""
_SECONDS: Final[Mapping[tuple[str, int], str]] = {
    ("pbx-extension", 2): "an extension rings",
    ("pbx-ring-members", 0): "a group rings",
    ("pbx-trunk", 3): "a trunk is tried",
    ("pbx-call", 3): "a trunk is tried",
}
_MOST: Final = frozenset({("pbx-trunk", 2), ("pbx-call", 2), ("pbx-arrival", 2)})
"""Which arguments of the library say how many calls a trunk takes."""


def given(_: Step, arguments: str, found: Material) -> Iterator[Change]:
    """Another argument of a Gosub."""
    match = re.fullmatch(r"(pbx-[\w-]+),s,1\((.*)\)", arguments)
    if match is None:
        return
    routine, values = match[1], split(match[2])
    for position, value in enumerate(values):
        for kind, new, meaning in _instead(routine, position, value, found):
            turned = ",".join([*values[:position], new, *values[position + 1 :]])
            yield Change(kind, match[0], f"{routine},s,1({turned})", meaning)


def _instead(  # noqa: C901, PLR0912 - one case for each sort of argument
    routine: str, position: int, value: str, found: Material
) -> Iterator[tuple[str, str, str]]:
    if "$" in value:
        return
    contexts = found.dialplan.contexts
    seconds = value.partition("^")
    if (routine, position) in _SECONDS and seconds[0].isdigit():
        new = str(int(seconds[0]) * 2) + seconds[1] + seconds[2]
        yield "ring time", new, f"{_SECONDS[routine, position]} {new} s instead of {value}"
        if seconds[2].isdigit():
            later = f"{seconds[0]}^{int(seconds[2]) * 3}"
            yield "ring time", later, f"a silent trunk is left after {int(seconds[2]) * 3} s instead of {seconds[2]}"
    elif (routine, position) in _MOST and value.isdigit():
        new = "0" if value == "1" else "1"
        yield "most calls", new, f"a trunk takes {new} calls instead of {value} (0 is any number)"
    elif value in SWITCH:
        yield "argument changed", SWITCH[value], f"{routine} is told {SWITCH[value]} instead of {value}"
    elif value in _NOTHING:
        yield "argument changed", "", f"{routine} is not told {value}"
    elif f"{found.tenant}_outside_{value}" in contexts:
        classes = sorted(
            name.removeprefix(f"{found.tenant}_outside_")
            for name in contexts
            if name.startswith(f"{found.tenant}_outside_")
        )
        new = other(value, classes)
        if new:
            yield "class of service opened", new, f"the class {new} counts instead of {value}"
    elif "@" in value:
        yield "mail address", f"x{value}", "mail goes to another address"
    elif value.startswith(f"{found.tenant}_trunk_"):
        new = other(
            value,
            sorted({each.section for each in found.settings if each.section.startswith(f"{found.tenant}_trunk_")}),
        )
        if new:
            yield "argument changed", new, f"{new} is called instead of {value}"
    elif value in contexts:
        yield "argument changed", "", f"{routine} is given no {value}"
    elif "&" in value:
        new = value.rpartition("&")[0]
        yield "argument changed", new, f"{routine} is given {new} instead of {value}"
    elif routine == "pbx-pin" and value.isdigit():
        yield "argument changed", str(int(value) + 1), "another PIN is right"
    elif routine in {"pbx-did", "pbx-caller"} and value.isdigit():
        yield "constant changed", str(int(value) + 1), "numbers are taken for those of another country"
    elif value.isdigit() and f"{found.tenant}_extension" in contexts:
        new = other(value, sorted(contexts[f"{found.tenant}_extension"].body.extensions))
        yield "argument changed", new, f"{new} is meant instead of {value}"
