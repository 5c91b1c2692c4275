"""Changes of what a step says: numbers, times, names, prompts, caller ids, what is returned and what is passed on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from lab.mutation.change import SWITCH, Change, other
from lab.mutation.flow import resolved
from lab.mutation.given import given
from lab.mutation.material import Material, Step
from pbx.asterisk.patterns import width
from pbx.numberplan import CATEGORIES
from pbx.verify.references import application, assignments, split

_CUT: Final = re.compile(r"\$\{(?:EXTEN|ARG\d|sent|state|PBX_KEYS|PBX_NUMBER):(\d+)(?=[:}])")
_LIMIT: Final = re.compile(r"(?P<sign>[<>]=?|[-+]) (?P<number>\d+)\b")
_HOURS: Final = re.compile(r"(?P<from>\d\d):(?P<past>\d\d)-(?P<to>\d\d):(?P<end>\d\d),(?P<days>[a-z-]+),")
_DAYS: Final[Mapping[str, str]] = {"mon-fri": "mon-thu", "sat": "sun", "sun": "sat", "*": "mon"}
_CAUSES: Final[Mapping[str, str]] = {"1": "21", "16": "21", "19": "20", "20": "1", "21": "1", "34": "16", "38": "1"}
"""A Q.850 cause, and another that tells the caller something else."""
_ZONE: Final = re.compile(r"[A-Z][A-Za-z]+/[A-Z]\w+(?:/[A-Z]\w+)?")


def changes(step: Step, found: Material) -> Iterator[Change]:
    """Every change of what a step says."""
    call = application(step.text)
    if call is None:
        return
    name, arguments = call[0].lower(), call[1]
    for operator in _OPERATORS.get(name, ()):
        yield from operator(step, arguments, found)
    yield from _numbers(step, name)
    yield from _zone(step)


def named(step: Step, found: Material) -> Iterator[Change]:
    """Changes of an extension as a whole: a number, a day or a category that is not known any more, or is known too."""
    extension, context = step.extension, step.context
    if step.index:
        return
    role = _role(context, found.tenant)
    kind = {"allow": "class of service closed", "deny": "class of service opened", "holidays": "holiday removed"}
    names = (context, context.rpartition("_")[2], extension.name.lstrip("_"))
    what = kind.get(role, "extension dropped")
    if role == "from" and not _is_brought(extension.name, found):
        return  # whether nobody has this number or this trunk knows no number of this length is told alike
    if len(extension.steps) == 1:
        yield Change(what, step.raw, None, f"{extension.name} is gone from {context}", names)
    else:
        old = f"exten = {extension.name},"
        yield Change(
            what, old, f"exten = {_longer(extension.name)},", f"{extension.name} is gone from {context}", names
        )
    if role == "allow" and extension.offset == min(_offsets(step, found)):
        allowed = found.dialplan.contexts[context].body.extensions
        for category in ("internal", *CATEGORIES):
            if category not in allowed and category != "emergency":
                text = f"{step.raw}\nexten = {category},1,Return()"
                meaning = f"the class may call {category}"
                yield Change("class of service opened", step.raw, text, meaning, (*names, category))


def _is_brought(pattern: str, found: Material) -> bool:
    """Whether a carrier may bring a number of this length: a DID as carriers write it, or an extension."""
    contexts = found.dialplan.contexts
    numbers = [*contexts[f"{found.tenant}_did"].body.extensions] if f"{found.tenant}_did" in contexts else []
    lengths = {len(number) - cut for number in numbers for cut in (0, 1, 3)}
    lengths |= {len(number) for number in contexts[f"{found.tenant}_extension"].body.extensions}
    return width(pattern) in lengths


def _role(context: str, tenant: str) -> str:
    if context.startswith("pbx-holidays-"):
        return "holidays"
    return context.removeprefix(f"{tenant}_").partition("_")[0]


def _offsets(step: Step, found: Material) -> list[int]:
    return [each.offset for each in found.dialplan.contexts[step.context].body.extensions.values()]


def _longer(name: str) -> str:
    """A number or pattern that nobody dials: one digit more, before what takes any."""
    return f"{name[:-1]}XXXXXXXX{name[-1]}" if name[-1] in "!." else f"{name}9" if name[0] != "_" else f"{name}XXXXXXXX"


def _numbers(step: Step, name: str) -> Iterator[Change]:
    for match in _CUT.finditer(step.text):
        if _same_digits(step.extension.name, step.text[match.start() :]):
            continue
        new = f"{match[0][: -len(match[1])]}{int(match[1]) + 1}"
        yield Change("digits cut", match[0], new, f"one digit more is taken from {match[0]}}}")
    if name in {"gotoif", "execif", "set"}:
        for match in _LIMIT.finditer(step.text):
            number = int(match["number"])
            # Whether there is any of something is asked, not how many: one more would be no other question.
            new = f"{match['sign']} {number + 1 if number else 99}"
            yield Change("constant changed", match[0], new, f"{match[0]} is {new}")


def _same_digits(pattern: str, text: str) -> bool:
    """Whether the digits that are taken from a pattern are the same one place further on: ``0111`` has 11 twice."""
    match = re.match(r"\$\{EXTEN:(\d+):(\d+)\}", text)
    if match is None or "[" in pattern[: int(match[1]) + int(match[2]) + 2]:
        return False
    begin, end = int(match[1]), int(match[1]) + int(match[2])
    digits = pattern.removeprefix("_")
    taken, next_to = digits[begin:end], digits[begin + 1 : end + 1]
    return taken.isdigit() and taken == next_to


def _zone(step: Step) -> Iterator[Change]:
    match = _ZONE.search(step.text)
    if match:
        yield Change("constant changed", match[0], "Asia/Tokyo", "the time of another place counts")


def _hours(_: Step, arguments: str, _found: Material) -> Iterator[Change]:
    match = _HOURS.match(arguments)
    if match is None:
        return
    begin, end = int(match["from"]), int(match["to"])
    kind = "opening hours moved"
    later = f"{begin + 1:02}:{match['past']}-"
    earlier = f"-{end - 1:02}:{match['end']},"
    if begin < end:
        yield Change(kind, f"{match['from']}:{match['past']}-", later, f"it opens at {later[:-1]}")
        yield Change(kind, f"-{match['to']}:{match['end']},", earlier, f"it is open until {earlier[1:-1]} only")
    days = _DAYS.get(match["days"], "sun")
    yield Change(kind, f",{match['days']},", f",{days},", f"{match['days']} is {days}")


def _waits(step: Step, arguments: str, _found: Material) -> Iterator[Change]:
    first = split(arguments)[0]
    if re.fullmatch(r"[\d.]+", first):
        new = f"{float(first) * 3:g}"
        old = step.text.partition("(")[0] + f"({first}"
        yield Change("constant changed", old, old[: -len(first)] + new, f"it waits {new} instead of {first}")


def _queue(_: Step, arguments: str, found: Material) -> Iterator[Change]:
    queue, *_rest, last = split(arguments)
    if last.isdigit():
        new = f",{int(last) * 3})"
        yield Change("constant changed", f",{last})", new, f"who calls waits {new[1:-1]} s instead of {last}")
    elsewhere = other(
        queue, sorted({each.section for each in found.settings if each.configuration == "queues.conf"} - {"general"})
    )
    if elsewhere:
        yield Change("jump elsewhere", f"({queue},", f"({elsewhere},", f"who calls waits in {elsewhere}")


def _cause(_: Step, arguments: str, _found: Material) -> Iterator[Change]:
    if arguments in _CAUSES:
        new = _CAUSES[arguments]
        yield Change("cause changed", f"Hangup({arguments})", f"Hangup({new})", f"the call ends with the cause {new}")


def _prompts(step: Step, arguments: str, found: Material) -> Iterator[Change]:
    name = step.text.partition("(")[0]
    elsewhere = other(arguments, list(found.sounds)) or "vm-goodbye"
    yield Change("prompt swapped", f"{name}({arguments}", f"{name}({elsewhere}", f"{elsewhere} is played")
    yield Change("prompt silenced", f"{name}({arguments}", f"{name}(silence/1", f"{arguments} is not played")


def _returns(step: Step, arguments: str, found: Material) -> Iterator[Change]:
    if not arguments or "$[" in arguments:
        return
    if "${" in arguments:
        inner = arguments.replace("${", "x${", 1) if arguments.startswith("${") else arguments[1:]
        yield Change(
            "return changed", f"Return({arguments}", f"Return({inner}", f"{inner} is answered", (step.context,)
        )
        return
    words = {
        application(each)[1]  # type: ignore[index] # what begins with Return( is an application
        for extension in found.dialplan.contexts[step.context].body.extensions.values()
        for each in extension.steps
        if each.startswith("Return(")
    }
    new = other(arguments, sorted(word for word in words if word and "$" not in word)) or f"{arguments}x"
    yield Change("return changed", f"Return({arguments}", f"Return({new}", f"{new} is answered for {arguments}")


def _set(_: Step, arguments: str, found: Material) -> Iterator[Change]:
    for variable, value in assignments("set", arguments):
        name = variable.removeprefix("__")
        for kind, new in _set_to(name, value, found):
            if _makes_no_odds(name, (value, new), found):
                continue
            yield Change(kind, f"{variable}={value}", f"{variable}={new}", f"{name} is {new or 'empty'}")


def _makes_no_odds(name: str, these: tuple[str, str], found: Material) -> bool:
    """Whether a variable is only compared with words, and neither of two values is one of them: both do as well."""
    if "$" in "".join(these):
        return False
    written = f"${{{name}}}"
    texts = [text for text in found.texts if written in text]
    compared = re.compile(rf'"{re.escape(written)}" !?= "([^"]*)"')
    words = {word for text in texts for word in compared.findall(text)}
    elsewhere = any(written in text.replace(f'"{written}"', "") for text in texts)
    return bool(words) and words.isdisjoint(these) and not elsewhere


def _set_to(name: str, value: str, found: Material) -> Iterator[tuple[str, str]]:
    if name == "PBX_CATEGORY" and value in CATEGORIES:
        yield "category changed", _other_category(value, found)
    elif name in {"PBX_CALLER_ID", "CALLERID(num)", "CALLERID(name)", "CALLERID(all)"}:
        yield "caller id changed", _another_did(value, found)
    elif name == "PBX_HIDE":
        yield "privacy changed", SWITCH.get(value, "on")
    elif name == "CHANNEL(language)":
        yield "language changed", "en" if value != "en" else "es"
    elif value in SWITCH:
        yield "variable changed", SWITCH[value]
    elif re.fullmatch(r"\d+", value):
        yield "variable changed", str(int(value) + 1)
    elif value and value != "$[0${PBX_HOPS} + 1]":
        yield "variable changed", ""


def _other_category(category: str, found: Material) -> str:
    """One that the tenant treats in another way: another route, or allowed to others."""

    def treated(name: str) -> tuple[object, ...]:
        contexts = found.dialplan.contexts
        allowed = [each for each in sorted(contexts) if each.startswith(f"{found.tenant}_allow_")]
        route = resolved(found.dialplan, f"{found.tenant}_route", name)
        return route, [each for each in allowed if name in contexts[each].body.extensions]

    known = [each for each in CATEGORIES if each != "emergency"]
    return next((each for each in known if treated(each) != treated(category)), category)


def _another_did(value: str, found: Material) -> str:
    dids = f"{found.tenant}_did"
    known = sorted(found.dialplan.contexts[dids].body.extensions) if dids in found.dialplan.contexts else []
    if not value and known:  # what is shown without one is the number of the route, which often is the first
        return known[-1]
    return other(value, known) or ("" if value else "+10000000000")


def _conditional(step: Step, arguments: str, found: Material) -> Iterator[Change]:
    match = re.search(r"\?Set\((PBX_CALLER_ID)=(\+\d+)\)", arguments)
    if match:
        new = _another_did(match[2], found)
        yield Change("caller id changed", match[2], new, f"{match[1]} is {new}", (step.context,))


_Operator = Callable[[Step, str, Material], Iterator[Change]]
_OPERATORS: Final[Mapping[str, tuple[_Operator, ...]]] = {
    "gotoiftime": (_hours,),
    "waitexten": (_waits,),
    "wait": (_waits,),
    "answer": (_waits,),
    "busy": (_waits,),
    "queue": (_queue,),
    "hangup": (_cause,),
    "background": (_prompts,),
    "playback": (_prompts,),
    "return": (_returns,),
    "set": (_set,),
    "execif": (_conditional,),
    "gosub": (given,),
}
"""What may be changed in an application's arguments."""
