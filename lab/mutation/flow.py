"""Changes of the way a call takes: jumps, labels, steps, conditions, and what a context includes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from lab.mutation.change import Change, branches, other
from lab.mutation.material import Hint, Include, Material, Step
from pbx.verify.dialplan import Dialplan
from pbx.verify.references import application, split

_PLACE: Final = re.compile(r"(?P<context>[\w-]+),(?P<extension>[\w*#+]+),1(?=[):?]|$)")
_LABEL: Final = re.compile(r"[a-z_]+")
_ANSWERING: Final = ("Playback(", "Background(", "ConfBridge(", "Directory(", "VoiceMailMain(", "Page(")
"""Applications that answer the call by themselves."""
_ENDINGS: Final = frozenset({"hangup"})
"""Steps after which nothing comes: what a call does that has no further step is the same."""
_CLASS: Final = re.compile(r"(?P<tenant>[a-z0-9]+)_(?:class|transfer|reach|outside)_(?P<name>\w+)")


def changes(step: Step, found: Material) -> Iterator[Change]:
    """Every change of the way at a step."""
    call = application(step.text)
    if call is None:
        return
    name, arguments = call[0].lower(), call[1]
    yield from _jumps(step, name, arguments, found.dialplan)
    yield from _label(step)
    yield from _gone(step, name)
    yield from _negated(step, name, arguments)


def _jumps(step: Step, name: str, arguments: str, dialplan: Dialplan) -> Iterator[Change]:
    if name not in {"goto", "gotoif", "gotoiftime", "gosub", "gosubif"}:
        return
    for match in _PLACE.finditer(arguments):
        context, extension = match["context"], match["extension"]
        if context not in dialplan.contexts:
            continue
        elsewhere = _other_place(dialplan, context, extension)
        if elsewhere:
            spelled = f"{context},{extension},1"
            yield Change("jump elsewhere", spelled, elsewhere, f"a call goes to {elsewhere} instead of {spelled}")
    labels = [name for name in step.extension.labels if _different(step, name)]
    for label in _labels_in(name, arguments):
        elsewhere = other(label, sorted(each for each in labels if each != label)) if label in labels else ""
        if elsewhere:
            old, new = _jump_text(step.text, label), _jump_text(step.text, label).replace(label, elsewhere)
            yield Change("jump elsewhere", old, new, f"a call goes on at {elsewhere} instead of {label}")


def _other_place(dialplan: Dialplan, context: str, extension: str) -> str:
    """Another place of the same sort that is not the same after all."""
    here = resolved(dialplan, context, extension)
    body = dialplan.contexts[context].body
    if here is None or extension == "s":
        role = context.rpartition("_")[0]
        alike = [each for each in sorted(dialplan.contexts) if "_" in each and each.rpartition("_")[0] == role]
        known = [each for each in alike if extension in dialplan.contexts[each].body.extensions]
        new = other(context, known) if role else ""
        return f"{new},{extension},1" if new else ""
    known = [each for each in sorted(body.extensions) if each[0] != "_" and resolved(dialplan, context, each) != here]
    new = other(extension, known)
    return f"{context},{new},1" if new else ""


def resolved(dialplan: Dialplan, context: str, extension: str, depth: int = 0) -> tuple[str, ...] | None:
    """What a place does: its steps, or those of the place to which it only leads."""
    found = dialplan.find(context, extension)
    if found is None:
        return None
    only = _PLACE.fullmatch(found.steps[0][5:-1]) if len(found.steps) == 1 and found.steps[0][:5] == "Goto(" else None
    if only and depth < 5:  # noqa: PLR2004 - no place is behind more
        return resolved(dialplan, only["context"], only["extension"], depth + 1)
    return tuple(step.replace("${EXTEN}", extension) for step in found.steps)


def _different(step: Step, label: str) -> bool:
    """Whether a label is worth a jump: it is not the step itself."""
    return step.extension.labels[label] != step.index


def _labels_in(name: str, arguments: str) -> Iterator[str]:
    if name == "goto":
        wanted = [arguments]
    else:
        question = branches(arguments)
        wanted = [question[1], question[2]] if question else []
    for each in wanted:
        if _LABEL.fullmatch(each):
            yield each


def _jump_text(text: str, label: str) -> str:
    """The label with the sign before it, so that nothing else of the line is meant."""
    found = re.search(rf"[?:(]{label}(?=[):])", text)
    return found[0] if found else label


def _label(step: Step) -> Iterator[Change]:
    if step.label and _leads_to(step):
        yield Change("label dropped", f"n({step.label}),", "n,", f"the label {step.label} is gone")


def _leads_to(step: Step) -> bool:
    """Whether anybody may come to a label: from its own extension, or by the words in which an extension is left."""
    spelled = re.compile(rf"[?:(]{step.label}\b|\(\$\{{")
    return step.context.endswith("_extension") or any(spelled.search(each) for each in step.extension.steps)


def _gone(step: Step, name: str) -> Iterator[Change]:
    last = step.index == len(step.extension.steps) - 1
    if (name in _ENDINGS and last and step.text == "Hangup(16)") or name == "noop" or _answered_anyway(step, name):
        return
    if step.index and not step.label:
        yield Change("step deleted", step.raw, None, f"{step.text} is not done")
    elif len(step.extension.steps) > 1:
        yield Change("step deleted", step.text, "NoOp()", f"{step.text} is not done")


def _answered_anyway(step: Step, name: str) -> bool:
    """Whether the call is answered all the same, by what is played to it."""
    later = step.extension.steps[step.index + 1 :]
    return name == "answer" and any(
        each.startswith((*_ANSWERING, "Goto(pbx-told")) or "_menu_" in each for each in later
    )


def _negated(step: Step, name: str, arguments: str) -> Iterator[Change]:
    question = branches(arguments) if name in {"gotoif", "gotoiftime", "execif", "gosubif"} else None
    if question is None:
        inner = re.search(r"\$\{IF\(", step.text)
        if inner:
            yield from _negated_inside(step.text, inner.end())
        return
    condition, yes, no = question
    nothing = "NoOp()" if name == "execif" else ""
    turned = f"{condition}?{no or nothing}:{yes or nothing}"
    meaning = f"{condition} is taken for its opposite"
    yield Change("condition negated", arguments, turned.removesuffix(":") if nothing == "" else turned, meaning)


def _negated_inside(text: str, begin: int) -> Iterator[Change]:
    depth, end = 1, begin
    while end < len(text) and depth:
        depth += (text[end] in "({[") - (text[end] in ")}]")
        end += 1
    inside = text[begin : end - 1]
    question = branches(inside)
    if question:
        condition, yes, no = question
        meaning = f"{condition} is taken for its opposite"
        yield Change("condition negated", inside, f"{condition}?{no}:{yes}", meaning)


def included(include: Include, found: Material) -> Iterator[Change]:
    """A part of a context that is gone, or that of another class of service."""
    name = include.included
    word = "class of service closed" if _CLASS.fullmatch(include.context) else "include dropped"
    own = _CLASS.fullmatch(name)
    names = tuple(_around(found.dialplan, include.context))
    yield Change(word, include.raw, None, f"{include.context} has nothing of {name} any more", names)
    if own:
        role = name.removesuffix(own["name"])
        classes = sorted(each for each in found.dialplan.contexts if each.startswith(role))
        elsewhere = other(name, classes)
        if elsewhere:
            yield Change("class of service opened", name, elsewhere, f"{include.context} has {elsewhere}", names)


def _around(dialplan: Dialplan, context: str) -> Iterator[str]:
    """A context and those that it is a part of."""
    yield context
    for name in dialplan.in_order():
        if any(included == context for _, included in dialplan.contexts[name].body.includes):
            yield from _around(dialplan, name)


def hinted(hint: Hint) -> Iterator[Change]:
    """A lamp that watches nothing, or something else."""
    about = {"park": "parking", "pause": "pause", "schedule": "override", "&Custom": "disturb"}
    names = ("lamp", hint.extension.lstrip("_"), *(word for part, word in about.items() if part in hint.watched))
    yield Change("lamp changed", hint.raw, None, f"the lamp of {hint.extension} watches nothing", names)
    first, *more = split(hint.watched, "&")
    if more:
        yield Change("lamp changed", f"{first}&", "", f"the lamp of {hint.extension} does not watch {first}", names)
        yield Change(
            "lamp changed", f"&{more[-1]}", "", f"the lamp of {hint.extension} does not watch {more[-1]}", names
        )
