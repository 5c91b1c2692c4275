"""One channel's way through a dialplan, step by step (main/pbx.c), and what it announces on the way."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pbx.kinds import BY_NAME
from pbx.model import Ref
from pbx.rehearsal.expressions import substitute, true
from pbx.rehearsal.world import BUSY_CAUSE, FAILED_CAUSE, WRITTEN, UnknownStepError, World, at_time
from pbx.verify.dialplan import Dialplan, Extension
from pbx.verify.references import application, split, target

MOST_STEPS: Final = 5000
"""Steps after which a call is given up; the longest honest ones take some hundreds."""
_FUNCTION: Final = re.compile(r"_{0,2}(\w+)\((.*)\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Run:
    """A step that was run: where the channel was, as Asterisk tells it, and where the step is written."""

    context: str
    extension: str
    priority: int
    step: str
    """As written."""
    written_in: str
    """The context that holds it: another one when ``context`` includes it."""
    offset: int
    """Of its line in that context."""
    event: str = ""
    """What it announces: ``PBX_NODE queue:ventas``."""


@dataclass(slots=True)
class _Frame:
    """A routine that was called, and where it returns."""

    context: str
    extension: str
    priority: int
    local: dict[str, str]


@dataclass(slots=True)
class Channel:
    """A call on its way."""

    world: World
    context: str
    extension: str
    variables: dict[str, str] = field(default_factory=dict)
    priority: int = 1
    frames: list[_Frame] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    over: bool = False

    @property
    def dialplan(self) -> Dialplan:
        """What is run."""
        return self.world.dialplan

    def run(self) -> list[Run]:
        """Every step until the call ends or somebody has it. Raises UnknownStepError for what cannot be followed."""
        while not self.over:
            found = self._where()
            if found is None:
                break
            if len(self.runs) >= MOST_STEPS:
                raise UnknownStepError("a call that goes on for ever")
            written_in, here = found
            index = self.priority - 1
            step = here.steps[index]
            at = Run(self.context, self.extension, self.priority, step, written_in, here.offsets[index])
            self.runs.append(at)
            self.priority += 1
            self._do(step)
        return self.runs

    def look(self, name: str, arguments: str | None) -> str:
        """What a variable or a function holds."""
        if arguments is not None:
            if name == "CUT":  # the only one that is given a variable's name
                first, _, rest = arguments.partition(",")
                arguments = f"{self.look(first, None)},{rest}"
            return self.world.read(name, arguments, self.context)
        if name in {"EXTEN", "CONTEXT"}:
            return self.extension if name == "EXTEN" else self.context
        if name == "EPOCH":
            return str(self.world.now)
        for frame in reversed(self.frames):
            if name in frame.local:
                return frame.local[name]
            if name.startswith("ARG"):  # a routine sees its own arguments alone
                return ""
        return self.variables.get(name, "")

    def go(self, place: str) -> None:
        """``[[context,]extension,]priority``; a call that finds nothing there ends, unless there is an ``i``."""
        jump = next(target(place), None)
        if jump is None:
            return
        self.context = jump.context or self.context
        self.extension = jump.extension or self.extension
        here = self.dialplan.find(self.context, self.extension)
        if here is None and self.dialplan.find(self.context, "i") is not None:
            self.extension, self.priority = "i", 1
        elif here is None or not here.has(jump.priority):
            self.over = True
        else:
            self.priority = here.labels[jump.priority] + 1 if jump.priority in here.labels else int(jump.priority)

    def call(self, place: str) -> None:
        """``Gosub``: as :meth:`go`, and back to the next step."""
        jump = next(target(place), None)
        if jump is None:
            return
        given = {f"ARG{index}": word for index, word in enumerate(jump.arguments, start=1)}
        self.frames.append(_Frame(self.context, self.extension, self.priority, given))
        self.go(",".join(each for each in jump[:3] if each))

    def come_back(self, value: str) -> None:
        """``Return``."""
        if not self.frames:
            self.over = True
            return
        frame = self.frames.pop()
        self.context, self.extension, self.priority = frame.context, frame.extension, frame.priority
        self.variables["GOSUB_RETVAL"] = value

    def set(self, variable: str, value: str) -> None:
        """``Set``: of variables and of functions."""
        function = _FUNCTION.fullmatch(variable)
        if function is None:
            self.variables[variable.lstrip("_")] = value
        elif function[1] == "LOCAL" and self.frames:
            self.frames[-1].local[function[2]] = value
        elif function[1] in WRITTEN:
            self.world.write(function[1], function[2], value)
        else:
            raise UnknownStepError(f"Set({variable})")

    def announce(self, event: str) -> None:
        """Remember what the step that is being run tells."""
        last = self.runs[-1]
        self.runs[-1] = Run(
            last.context, last.extension, last.priority, last.step, last.written_in, last.offset, event
        )  # fmt: skip

    def press(self, keys: str) -> None:
        """The caller has pressed keys that a menu waits for."""
        known = self.dialplan.find(self.context, keys) if keys not in {"t", "i", "s", "h"} else None
        self.extension, self.priority = (keys if known else "i"), 1

    def _where(self) -> tuple[str, Extension] | None:
        """The extension that the channel is at, and the context in which it is written; None where there is none."""
        here = self.dialplan.find(self.context, self.extension)
        if here is None or self.priority > len(here.steps):
            return None
        return next(name for name in self._included(self.context) if self._holds(name, here)), here

    def _holds(self, name: str, here: Extension) -> bool:
        context = self.dialplan.contexts.get(name)
        return context is not None and context.body.extensions.get(here.name) is here

    def _included(self, context: str) -> Iterator[str]:
        yield context
        if context in self.dialplan.contexts:
            for _, name in self.dialplan.contexts[context].body.includes:
                yield from self._included(name)

    def _do(self, step: str) -> None:
        found = application(step)
        if found is None:
            raise UnknownStepError(step)
        name, arguments = found[0].lower(), substitute(found[1], self.look)
        if name in STAYS:
            return
        if name in ENDS:
            self.over = True
            return
        known = _APPLICATIONS.get(name)
        if known is None:
            raise UnknownStepError(f"the application {found[0]}")
        known(self, arguments)


STAYS: Final = frozenset(
    [
        *(
            "answer",
            "minivmnotify",
            "noop",
            "pausequeuemember",
            "playback",
            "progress",
            "unpausequeuemember",
            "verbose",
        ),
        "wait",
    ]
)
"""Applications after which the next step is run, whatever the situation."""
ENDS: Final = frozenset(
    [
        "busy",
        "confbridge",
        "congestion",
        "hangup",
        "page",
        "park",
        "parkedcall",
        "pickup",
        "pickupchan",
        "voicemail",
        "voicemailmain",
    ]
)
"""Applications with which a call ends, or which have it until its caller hangs up."""


def _set(channel: Channel, arguments: str) -> None:
    variable, _, value = arguments.partition("=")
    channel.set(variable.strip(), value)


def _event(channel: Channel, arguments: str) -> None:
    kind, _, said = arguments.partition(",")
    channel.announce(f"{kind} {said}")


def _branch(arguments: str) -> str:
    """The branch of ``condition?one:other`` that is taken."""
    condition, *branches = split(arguments, "?")
    return _chosen("?".join(branches), yes=true(condition))


def _chosen(branches: str, *, yes: bool) -> str:
    one, *other = split(branches, ":")
    return one if yes else ":".join(other)


def _go_if_time(channel: Channel, arguments: str) -> None:
    times, _, branches = arguments.partition("?")
    channel.go(_chosen(branches, yes=at_time(channel.world, times)))


def _exec_if(channel: Channel, arguments: str) -> None:
    branch = _branch(arguments)
    found = application(branch.strip()) if branch.strip() else None
    if found is not None and found[0].lower() not in STAYS:
        _APPLICATIONS[found[0].lower()](channel, found[1])


def _next_press(channel: Channel) -> str:
    presses = channel.world.situation.presses
    return presses.pop(0) if presses else "timeout"


def _wait_for_key(channel: Channel, _arguments: str) -> None:
    """The caller hears the menu out, and then presses a key or none."""
    press = _next_press(channel)
    if press == "timeout":
        channel.extension, channel.priority = "t", 1
    else:
        channel.press(press)


def _read(channel: Channel, arguments: str) -> None:
    """A PIN is asked for: who is not said to press anything knows it."""
    presses = channel.world.situation.presses
    channel.set(split(arguments)[0], presses.pop(0) if presses else channel.look("ARG2", None))


def _dial(channel: Channel, arguments: str) -> None:
    devices = split(split(arguments)[0], "&")
    at = devices[0].partition("@")[2]
    if at:
        state = channel.world.situation.trunks.get(channel.world.trunk(at), "answer")
        channel.variables["HANGUPCAUSE"] = BUSY_CAUSE if state == "busy" else FAILED_CAUSE
        _dialled(channel, {"answer": "ANSWER", "busy": "BUSY"}.get(state, "CONGESTION"))
        return
    states = {channel.world.state(channel.world.phone(each)) for each in devices}
    order = (("answer", "ANSWER"), ("no_answer", "NOANSWER"), ("busy", "BUSY"), ("unavailable", "CHANUNAVAIL"))
    _dialled(channel, next(status for state, status in order if state in states))


def _dialled(channel: Channel, status: str) -> None:
    channel.variables["DIALSTATUS"] = status
    channel.over = status == "ANSWER"


_QUEUE_STATUS: Final = {"empty": "JOINEMPTY", "full": "FULL", "timeout": "TIMEOUT"}


def _queue(channel: Channel, arguments: str) -> None:
    """What becomes of a caller in a queue is what the model says: its agents are in a file of their own."""
    scope, situation = channel.world.scope, channel.world.situation
    ref = Ref("queue", split(arguments)[0].removeprefix(f"{scope.slug}_"))
    step = BY_NAME["queue"].steps(ref.id, scope.tenant.queues[ref.id], scope, situation)[-1]
    channel.variables["QUEUESTATUS"] = _QUEUE_STATUS.get(step.exit, "")
    channel.over = step.exit not in _QUEUE_STATUS


def _directory(channel: Channel, _arguments: str) -> None:
    """Whom the keys find is what the model says: the names are in a file of their own."""
    scope, situation = channel.world.scope, channel.world.situation
    ref = Ref("directory", scope.tenant.directory.number if scope.tenant.directory else "")
    step = BY_NAME["directory"].steps(ref.id, scope.tenant.directory, scope, situation)[-1]
    channel.variables["DIRECTORY_RESULT"] = "SELECTED" if step.exit != "nobody" else "FAILED"
    channel.variables["DIRECTORY_EXTEN"] = step.exit


_APPLICATIONS: Final[Mapping[str, Callable[[Channel, str], None]]] = {
    "background": lambda _channel, _arguments: None,
    "celgenuserevent": _event,
    "dial": _dial,
    "directory": _directory,
    "execif": _exec_if,
    "gosub": lambda channel, arguments: channel.call(arguments),
    "gosubif": lambda channel, arguments: channel.call(_branch(arguments)),
    "goto": lambda channel, arguments: channel.go(arguments),
    "gotoif": lambda channel, arguments: channel.go(_branch(arguments)),
    "gotoiftime": _go_if_time,
    "queue": _queue,
    "read": _read,
    "return": lambda channel, arguments: channel.come_back(arguments),
    "set": _set,
    "waitexten": _wait_for_key,
}
APPLICATIONS: Final = frozenset([*_APPLICATIONS, *STAYS, *ENDS])
"""The applications that can be followed, in small letters."""
