"""What each application and function leads to and names: jumps, queues, mailboxes, sounds.

``APPLICATIONS`` and ``FUNCTIONS`` say of each what its arguments mean to others; what jumps or names nothing is in
:mod:`pbx.verify.plain`. A house test wants everything that our templates use in one of them, so that an application
whose arguments nobody has thought about is noticed by us and not by a caller.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from pbx.verify.references import (
    Jump,
    Named,
    Reference,
    application,
    assignments,
    caret,
    device,
    options,
    split,
    target,
    variable_name,
    variable_references,
)

Reader = Callable[[str], Iterator[Reference]]
"""From the arguments of an application or function, as written, to what they lead to and name."""


def _branches(text: str, *, returns: bool = False) -> Iterator[Jump]:
    """``condition?one:other``."""
    question = split(text, "?")
    for branch in split("?".join(question[1:]), ":"):
        yield from target(branch, returns=returns)


def _gosub(arguments: str) -> Iterator[Jump]:
    return target(arguments, returns=True)


def _gosub_if(arguments: str) -> Iterator[Jump]:
    return _branches(arguments, returns=True)


def _executed(arguments: str) -> Iterator[Reference]:
    """``condition?Application(…):Application(…)`` of ExecIf and ExecIfTime."""
    question = split(arguments, "?")
    for branch in split("?".join(question[1:]), ":"):
        yield from _run(branch)


def _run(step: str) -> Iterator[Reference]:
    found = application(step.strip())
    if found is not None:
        yield Named("application", found[0])
        yield from references_of(*found)


def _each(kind: str, separator: str = "&") -> Reader:
    """The first argument names one or more things of a kind."""

    def read(arguments: str) -> Iterator[Reference]:
        for name in split(split(arguments)[0], separator):
            if name.strip():
                yield Named(kind, name.strip())

    return read


def _argument(kind: str, index: int) -> Reader:
    def read(arguments: str) -> Iterator[Reference]:
        parts = split(arguments)
        if len(parts) > index and parts[index].strip():
            yield Named(kind, parts[index].strip())

    return read


def _all_of(*readers: Reader) -> Reader:
    def read(arguments: str) -> Iterator[Reference]:
        for reader in readers:
            yield from reader(arguments)

    return read


def _devices(arguments: str) -> Iterator[Reference]:
    for name in split(split(arguments)[0], "&"):
        yield from device(name)


def _dial(arguments: str) -> Iterator[Reference]:
    """``Dial(devices,timeout,options,url)``: options b, B and U run routines, F and G are jumps, m plays music."""
    yield from _devices(arguments)
    parts = split(arguments)
    for letter, inside in options(parts[2] if len(parts) > 2 else ""):  # noqa: PLR2004 - the third argument
        if letter in "bBU" and inside:
            yield from caret(inside)
        elif letter in "FG" and inside:
            yield from caret(inside, returns=False)
        elif letter == "m" and inside:
            yield Named("music class", inside)
        elif letter == "A" and inside:
            yield Named("sound", inside)


def _page(arguments: str) -> Iterator[Reference]:
    yield from _devices(arguments)
    parts = split(arguments)
    for letter, inside in options(parts[1] if len(parts) > 1 else ""):
        if letter in "bB" and inside:
            yield from caret(inside)
        elif letter == "A" and inside:
            yield Named("sound", inside)


def _queue(arguments: str) -> Iterator[Reference]:
    """``Queue(queue,options,URL,announce,timeout,AGI,gosub,rule,position)``."""
    parts = [*split(arguments), *[""] * 8]
    yield Named("queue", parts[0])
    for letter, inside in options(parts[1]):
        if letter in "bB" and inside:
            yield from caret(inside)
        elif letter == "m" and inside:
            yield Named("music class", inside)
    if parts[3]:
        yield Named("sound", parts[3])
    if parts[6]:
        yield from caret(parts[6])
    if parts[7]:
        yield Named("queue rule", parts[7])


def _background(arguments: str) -> Iterator[Reference]:
    """``Background(sounds,options,language,context)``: keys are looked up in that context."""
    yield from _each("sound")(arguments)
    yield from _argument("context", 3)(arguments)


def _directory(arguments: str) -> Iterator[Reference]:
    """``Directory(voicemail context,dial context,options)``: option c is a file instead of voicemail.conf."""
    parts = [*split(arguments), "", ""]
    own = dict(options(parts[2])).get("c")
    yield Named("file", own) if own else Named("mailbox context", parts[0].strip())
    if parts[1].strip():
        yield Named("context", parts[1].strip())


def _voicemail(arguments: str) -> Iterator[Reference]:
    """``VoiceMail(mailbox&mailbox,options)``; option d looks keys up in a context."""
    yield from _each("mailbox")(arguments)
    parts = split(arguments)
    for letter, inside in options(parts[1] if len(parts) > 1 else ""):
        if letter == "d" and inside:
            yield Named("context", inside)


def _voicemail_main(arguments: str) -> Iterator[Reference]:
    """``VoiceMailMain(mailbox@context,options)``; ``@context`` alone asks for the mailbox."""
    box = split(arguments)[0].strip()
    number, at, context = box.rpartition("@")
    if at and (not number or "$" in number):
        yield Named("mailbox context", context)
    elif box:
        yield Named("mailbox", box)


def _confbridge(arguments: str) -> Iterator[Reference]:
    """``ConfBridge(conference,bridge profile,user profile,menu)``."""
    parts = [*split(arguments), "", "", "", ""]
    for kind, name in zip(("bridge profile", "user profile", "conference menu"), parts[1:4], strict=True):
        if name.strip():
            yield Named(kind, name.strip())


def _pickup(arguments: str) -> Iterator[Reference]:
    for each in split(arguments, "&"):
        _, at, context = each.partition("@")
        if at and context != "PICKUPMARK":
            yield Named("context", context)


def _park(arguments: str) -> Iterator[Reference]:
    """``Park(lot,options)``: option c is where a parked call comes back to."""
    parts = [*split(arguments), ""]
    if parts[0].strip():
        yield Named("parking lot", parts[0].strip())
    for letter, inside in options(parts[1]):
        if letter == "c" and inside:
            yield from target(inside)


def _originate(arguments: str) -> Iterator[Reference]:
    """``Originate(device,exten,context,extension,priority,…)`` or ``Originate(device,app,application,arguments,…)``."""
    parts = [*split(arguments), "", "", "", ""]
    yield from device(parts[0])
    if parts[1] == "exten":
        yield Jump(parts[2], parts[3] or "s", parts[4] or "1")
    elif parts[1] == "app":
        yield from _run(f"{parts[2]}({parts[3]})")


def _read(arguments: str) -> Iterator[Reference]:
    """``Read(variable,sounds,…)``."""
    parts = split(arguments)
    if len(parts) > 1 and parts[1]:
        yield from _each("sound")(parts[1])


def _wait_exten(arguments: str) -> Iterator[Reference]:
    parts = split(arguments)
    for letter, inside in options(parts[1] if len(parts) > 1 else ""):
        if letter == "m" and inside:
            yield Named("music class", inside)


def _mixmonitor(arguments: str) -> Iterator[Reference]:
    """A recording runs no command (third argument): nothing of ours may start a program."""
    parts = split(arguments)
    if len(parts) > 2 and parts[2].strip():  # noqa: PLR2004 - the third argument
        yield Named("program", parts[2].strip())


def _set(arguments: str) -> Iterator[Reference]:
    for variable, value in assignments("set", arguments):
        yield from variable_references(variable_name(variable), value)


def _mset(arguments: str) -> Iterator[Reference]:
    for variable, value in assignments("mset", arguments):
        yield from variable_references(variable_name(variable), value)


APPLICATIONS: Final[Mapping[str, Reader]] = {
    "addqueuemember": _all_of(_each("queue"), lambda text: _devices(",".join(split(text)[1:]))),
    "authenticate": lambda _text: iter(()),
    "background": _background,
    "chanisavail": _devices,
    "confbridge": _confbridge,
    "controlplayback": _each("sound"),
    "dial": _dial,
    "directory": _directory,
    "execif": _executed,
    "execiftime": _executed,
    "exec": _run,
    "tryexec": _run,
    "gosub": _gosub,
    "gosubif": _gosub_if,
    "goto": target,
    "gotoif": _branches,
    "gotoiftime": _branches,
    "minivmrecord": _each("mailbox"),
    "mixmonitor": _mixmonitor,
    "mset": _mset,
    "musiconhold": _each("music class"),
    "originate": _originate,
    "page": _page,
    "park": _park,
    "parkedcall": _argument("parking lot", 0),
    "pausequeuemember": _all_of(_each("queue"), lambda text: _devices(",".join(split(text)[1:]))),
    "pickup": _pickup,
    "pickupchan": _devices,
    "playback": _each("sound"),
    "queue": _queue,
    "queuelog": _each("queue"),
    "read": _read,
    "removequeuemember": _all_of(_each("queue"), lambda text: _devices(",".join(split(text)[1:]))),
    "retrydial": lambda text: _dial(",".join(split(text)[3:])),
    "set": _set,
    "startmusiconhold": _each("music class"),
    "unpausequeuemember": _all_of(_each("queue"), lambda text: _devices(",".join(split(text)[1:]))),
    "voicemail": _voicemail,
    "voicemailmain": _voicemail_main,
    "vmauthenticate": _voicemail_main,
    "vmsayname": _each("mailbox"),
    "waitexten": _wait_exten,
}
"""Applications whose arguments jump or name something, by their name in small letters."""


def _dialplan_exists(arguments: str) -> Iterator[Reference]:
    """``DIALPLAN_EXISTS(context,extension,priority)``: a misspelt context would always say no."""
    context = split(arguments)[0].strip()
    if context:
        yield Named("context", context)


def _mailbox_of(arguments: str) -> Iterator[Reference]:
    box = split(arguments)[0].strip()
    number, at, context = box.rpartition("@")
    if at and "$" in number:
        yield Named("mailbox context", context)
    elif box:
        yield Named("mailbox", box)


def _hint(arguments: str) -> Iterator[Reference]:
    _, at, context = split(arguments)[0].partition("@")
    if at:
        yield Named("context", context)


FUNCTIONS: Final[Mapping[str, Reader]] = {
    "DEVICE_STATE": _devices,
    "DIALPLAN_EXISTS": _dialplan_exists,
    "EXTENSION_STATE": _hint,
    "HINT": _hint,
    "PJSIP_AOR": _each("aor"),
    "PJSIP_DIAL_CONTACTS": _each("endpoint"),
    "PJSIP_ENDPOINT": _each("endpoint"),
    "QUEUE_EXISTS": _each("queue"),
    "QUEUE_GET_CHANNEL": _each("queue"),
    "QUEUE_MEMBER": _each("queue"),
    "QUEUE_MEMBER_COUNT": _each("queue"),
    "QUEUE_MEMBER_LIST": _each("queue"),
    "QUEUE_MEMBER_PENALTY": _each("queue"),
    "QUEUE_VARIABLES": _each("queue"),
    "QUEUE_WAITING_COUNT": _each("queue"),
    "VMCOUNT": _mailbox_of,
    "VM_INFO": _mailbox_of,
}
"""Functions whose arguments name something."""


def references_of(name: str, arguments: str) -> Iterator[Reference]:
    """What one application leads to and names; the functions in its arguments are not looked at."""
    reader = APPLICATIONS.get(name.lower())
    if reader is not None:
        yield from reader(arguments)


def function_references(name: str, arguments: str) -> Iterator[Reference]:
    """What one function names."""
    reader = FUNCTIONS.get(name)
    if reader is not None:
        yield from reader(arguments)
