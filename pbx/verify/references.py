"""What a step of the dialplan leads to and names: jumps, queues, mailboxes, sounds, functions.

``APPLICATIONS`` and ``FUNCTIONS`` say of each what its arguments mean to others; what jumps or names nothing is in
``PLAIN_APPLICATIONS`` and ``PLAIN_FUNCTIONS``. A house test wants everything that our templates use in one of them, so
that an application whose arguments nobody has thought about is noticed by us and not by a caller.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final, NamedTuple


class Jump(NamedTuple):
    """A place the call may go to; empty parts mean the place where the step stands."""

    context: str
    extension: str
    priority: str
    arguments: tuple[str, ...] = ()
    """Of a Gosub."""
    returns: bool = False
    """A Gosub: the call comes back."""


class Named(NamedTuple):
    """Something that must exist: a queue, a mailbox, a sound."""

    kind: str
    name: str


Reference = Jump | Named
Reader = Callable[[str], Iterator[Reference]]
"""From the arguments of an application or function, as written, to what they lead to and name."""

_STEP: Final = re.compile(r"(\w+)(?:\((.*)\))?")
_FUNCTION: Final = re.compile(r"\$\{[ \t]*([A-Za-z_0-9]+)\(")
_USUAL: Final = re.compile(r"([\w-]+),([\w*#+-]+),(\w+)(?:\(([^$()\"\\\\]*)\))?")
_TARGET: Final = re.compile(r"(?P<priority>[^()]*)(?:\((?P<arguments>.*)\))?")
_OPENING, _CLOSING = "([{", ")]}"
_MODIFIED: Final = re.compile(r"_{0,2}([A-Za-z][A-Za-z0-9_-]*)(\(.*\))?")
NOTHING: Final = ""


def texts(reference: Reference) -> tuple[str, ...]:
    """Everything in a reference that may hold a variable."""
    if isinstance(reference, Named):
        return (reference.name,)
    return (*reference[:3], *reference.arguments)


def application(step: str) -> tuple[str, str] | None:
    """The name and the arguments of a step; None when it is none."""
    found = _STEP.fullmatch(step)
    return (found[1], found[2] or "") if found else None


def split(text: str, separator: str = ",") -> list[str]:
    """Cut arguments where Asterisk does: not inside brackets, braces, parentheses or quotes (app.c)."""
    if separator not in text:
        return [text]
    if not any(sign in text for sign in '([{"\\'):
        return text.split(separator)
    parts, depth, begin, quoted, escaped = [], 0, 0, False, False
    for index, sign in enumerate(text):
        if escaped:
            escaped = False
        elif sign == "\\":
            escaped = True
        elif sign == '"':
            quoted = not quoted
        elif quoted:
            continue
        elif sign in _OPENING:
            depth += 1
        elif sign in _CLOSING:
            depth -= 1
        elif sign == separator and depth == 0:
            parts.append(text[begin:index])
            begin = index + 1
    return [*parts, text[begin:]]


def functions(text: str) -> Iterator[tuple[str, str]]:
    """The dialplan functions that are read in a text, each with its arguments."""
    for found in _FUNCTION.finditer(text):
        yield found[1], _until_closed(text, found.end())


def written_functions(name: str, arguments: str) -> Iterator[tuple[str, str]]:
    """The functions that an application writes to: ``Set(CHANNEL(language)=es)``."""
    if name in {"set", "mset"}:
        for variable, _ in assignments(name, arguments):
            found = _MODIFIED.fullmatch(variable)
            if found and found[2]:
                yield found[1], found[2][1:-1]


def assignments(name: str, arguments: str) -> list[tuple[str, str]]:
    """Variable and value of each assignment of ``Set`` or ``MSet``; inheritance marks are kept."""
    parts = split(arguments) if name == "mset" else [arguments]
    pairs = [each.partition("=") for each in parts]
    return [(variable.strip(), value) for variable, equals, value in pairs if equals]


def variable_name(written: str) -> str:
    """The variable that is set: ``__NAME``, ``LOCAL(NAME)`` and ``GLOBAL(NAME)`` are ``NAME``."""
    inner = re.fullmatch(r"(?:LOCAL|GLOBAL|SHARED)\(([A-Za-z0-9_]+)\)", written)
    return inner[1] if inner else written.lstrip("_")


def _until_closed(text: str, begin: int) -> str:
    depth = 0
    for index in range(begin, len(text)):
        if text[index] in _OPENING:
            depth += 1
        elif text[index] in _CLOSING:
            if depth == 0:
                return text[begin:index]
            depth -= 1
    return text[begin:]


# Jumps


def target(text: str, *, returns: bool = False) -> Iterator[Jump]:
    """``[[context,]extension,]priority[(arguments)]``, as Goto and Gosub take it."""
    if not text.strip():
        return
    usual = _USUAL.fullmatch(text)
    if usual is not None:
        given = tuple(usual[4].split(",")) if usual[4] is not None else ()
        yield Jump(usual[1], usual[2], usual[3], given, returns)
        return
    parts = split(text.strip())
    found = _TARGET.fullmatch(parts[-1].strip()) if "${" not in parts[-1] else None
    priority, arguments = (found["priority"], found["arguments"]) if found else (parts[-1].strip(), None)
    if found is None:  # ${…} may hold parentheses: only those at the very end are arguments
        priority, arguments = _trailing_arguments(priority)
    context, extension = ("", "", *parts[:-1])[-2:]
    yield Jump(
        context.strip(), extension.strip(), priority, tuple(split(arguments)) if arguments is not None else (), returns
    )


def _trailing_arguments(text: str) -> tuple[str, str | None]:
    if not text.endswith(")"):
        return text, None
    depth = 0
    for index, sign in enumerate(text):
        if sign in _OPENING:
            if sign == "(" and depth == 0:
                return text[:index], text[index + 1 : -1]
            depth += 1
        elif sign in _CLOSING:
            depth -= 1
    return text, None


def _branches(text: str, *, returns: bool = False) -> Iterator[Jump]:
    """``condition?one:other``."""
    question = split(text, "?")
    for branch in split("?".join(question[1:]), ":"):
        yield from target(branch, returns=returns)


def _gosub(arguments: str) -> Iterator[Jump]:
    return target(arguments, returns=True)


def _gosub_if(arguments: str) -> Iterator[Jump]:
    return _branches(arguments, returns=True)


def _caret(text: str, *, returns: bool = True) -> Iterator[Jump]:
    """``context^extension^priority(argument^argument)``, as options of Dial and Queue take it."""
    place, open_, inside = text.partition("(")
    jump = place.replace("^", ",")
    arguments = inside.removesuffix(")").replace("^", ",")
    parts = jump.split(",")
    whole = ",".join(parts if len(parts) != 1 else [parts[0], "s", "1"])
    yield from target(f"{whole}({arguments})" if open_ else whole, returns=returns)


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


# Objects


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


def device(name: str) -> Iterator[Reference]:
    """What a dial string or a device's name leads to: ``PJSIP/andina_201``, ``Local/201@andina_internal``."""
    technology, slash, rest = name.strip().partition("/")
    if technology == "PJSIP" and slash:
        at = rest.rpartition("@")[2] if "@" in rest else split(rest, "/")[0]
        yield Named("endpoint", at.removesuffix("-"))
    elif technology == "Local" and slash:
        extension, _, context = split(rest, "/")[0].partition("@")
        yield Jump(context or "default", extension, "1")
    elif technology.startswith("Queue:"):
        yield Named("queue", technology.removeprefix("Queue:"))
    elif technology.startswith("MWI:"):
        yield Named("mailbox", technology.removeprefix("MWI:"))
    elif slash and "${" not in technology:
        yield Named("channel technology", technology)


def _devices(arguments: str) -> Iterator[Reference]:
    for name in split(split(arguments)[0], "&"):
        yield from device(name)


def options(text: str) -> Iterator[tuple[str, str]]:
    """The letters of an option string, each with what stands in its parentheses."""
    index = 0
    while index < len(text):
        letter, index = text[index], index + 1
        inside = ""
        if index < len(text) and text[index] == "(":
            inside = _until_closed(text, index + 1)
            index += len(inside) + 2
        yield letter, inside


def _dial(arguments: str) -> Iterator[Reference]:
    """``Dial(devices,timeout,options,url)``: options b, B and U run routines, F and G are jumps, m plays music."""
    yield from _devices(arguments)
    parts = split(arguments)
    for letter, inside in options(parts[2] if len(parts) > 2 else ""):  # noqa: PLR2004 - the third argument
        if letter in "bBU" and inside:
            yield from _caret(inside)
        elif letter in "FG" and inside:
            yield from _caret(inside, returns=False)
        elif letter == "m" and inside:
            yield Named("music class", inside)
        elif letter == "A" and inside:
            yield Named("sound", inside)


def _page(arguments: str) -> Iterator[Reference]:
    yield from _devices(arguments)
    parts = split(arguments)
    for letter, inside in options(parts[1] if len(parts) > 1 else ""):
        if letter in "bB" and inside:
            yield from _caret(inside)
        elif letter == "A" and inside:
            yield Named("sound", inside)


def _queue(arguments: str) -> Iterator[Reference]:
    """``Queue(queue,options,URL,announce,timeout,AGI,gosub,rule,position)``."""
    parts = [*split(arguments), *[""] * 8]
    yield Named("queue", parts[0])
    for letter, inside in options(parts[1]):
        if letter in "bB" and inside:
            yield from _caret(inside)
        elif letter == "m" and inside:
            yield Named("music class", inside)
    if parts[3]:
        yield Named("sound", parts[3])
    if parts[6]:
        yield from _caret(parts[6])
    if parts[7]:
        yield Named("queue rule", parts[7])


def _background(arguments: str) -> Iterator[Reference]:
    """``Background(sounds,options,language,context)``: keys are looked up in that context."""
    yield from _each("sound")(arguments)
    yield from _argument("context", 3)(arguments)


def _directory(arguments: str) -> Iterator[Reference]:
    """``Directory(voicemail context,dial context,options)``."""
    yield from _argument("mailbox context", 0)(arguments)
    yield from _argument("context", 1)(arguments)


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


_CONTEXT_VARIABLES: Final = frozenset({"TRANSFER_CONTEXT", "FORWARD_CONTEXT", "VOICEMAIL_CONTEXT_EXIT"})
_WRITTEN: Final[Mapping[str, str]] = {
    "CHANNEL(musicclass)": "music class",
    "CHANNEL(tonezone)": "tone zone",
    "CHANNEL(parkinglot)": "parking lot",
    "PARKINGLOT": "parking lot",
    "CONFBRIDGE(bridge,template)": "bridge profile",
    "CONFBRIDGE(user,template)": "user profile",
    "CONFBRIDGE(menu,template)": "conference menu",
}


def variable_references(name: str, value: str) -> Iterator[Reference]:
    """What a variable with a meaning of its own leads to: ``TRANSFER_CONTEXT``, ``CHANNEL(musicclass)``."""
    if not value:
        return
    if name in _CONTEXT_VARIABLES:
        yield Named("context", value)
    elif name in _WRITTEN:
        yield Named(_WRITTEN[name], value)
    elif name.startswith("CHANNEL(hangup_handler_"):
        yield from target(value, returns=True)
    elif name in {"GOTO_ON_BLINDXFR", "GOSUB_ON_BLINDXFR"}:
        yield from _caret(value.replace("|", "^"), returns=name.startswith("GOSUB"))
    elif name == "DYNAMIC_FEATURES":
        for feature in value.split("#"):
            yield Named("application map", feature)


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

PLAIN_APPLICATIONS: Final = frozenset(
    """answer backgrounddetect busy cancelforward celgenuserevent chanspy congestion dbdel dbdeltree dumpchan echo
    endwhile exitwhile continuewhile extenspy forkcdr hangup log milliwatt monitor mutechannel nocdr noop playtones
    stopplaytones progress proceeding raiseexception readexten record resetcdr return ringing sayalpha saydigits
    saynumber sayphonetic sayunixtime senddtmf sendtext setamaflags softhangup stackpop stopmixmonitor stopmusiconhold
    transfer userevent verbose wait waitdigit waitforsilence waituntil while incomplete""".split()
)
"""Applications whose arguments lead nowhere and name nothing that a build must hold."""


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

PLAIN_FUNCTIONS: Final = frozenset(
    """ARRAY BASE64_DECODE BASE64_ENCODE CALLERID CALLCOMPLETION CDR CHANNEL CHANNELS CHANNEL_EXISTS CHECKSUM
    CONFBRIDGE CONFBRIDGE_CHANNELS CONFBRIDGE_INFO CONNECTEDLINE CSV_QUOTE CUT DB DB_DELETE DB_EXISTS DB_KEYCOUNT
    DB_KEYS DEC DIALGROUP EVAL EVAL_EXTEN EXCEPTION FIELDNUM FIELDQTY FILTER GLOBAL GROUP GROUP_COUNT GROUP_LIST
    GROUP_MATCH_COUNT HANGUPCAUSE HANGUPCAUSE_KEYS HASH HASHKEYS IF IFTIME IMPORT INC ISNULL KEYPADHASH LEN LISTFILTER
    LOCAL LOCAL_PEEK MATH MASTER_CHANNEL MAX MD5 MIN PASSTHRU PERIODIC_HOOK PJSIP_CONTACT PJSIP_HEADER PJSIP_HEADERS
    PJSIP_HEADER_PARAM PJSIP_MEDIA_OFFER PJSIP_MOH_PASSTHROUGH PJSIP_PARSE_URI PJSIP_SEND_SESSION_REFRESH POP
    PRESENCE_STATE PUSH QUOTE RAND REALTIME REDIRECTING REGEX REPLACE SET SHA1 SHARED SHIFT SORT SPRINTF STACK_PEEK
    STAT STRBETWEEN STRFTIME STRPTIME STRREPLACE TALK_DETECT TESTTIME TIMEOUT TOLOWER TOUPPER TRIM LTRIM RTRIM UNSHIFT
    URIDECODE URIENCODE VARIABLES VOLUME""".split()
)
"""Functions whose arguments name nothing that a build must hold."""


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
