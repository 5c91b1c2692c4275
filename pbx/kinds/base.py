"""What every kind of place in a call has in common.

A kind never imports another kind: it sees its tenant through :class:`Scope`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal, Protocol
from zoneinfo import ZoneInfo

from pydantic import AfterValidator

from pbx.asterisk.sounds import SoundLibrary
from pbx.asterisk.text import plain
from pbx.diagnostics import Diagnostic, Path
from pbx.model import Model, Name, Prompt, Ref, Years, refuse


def _showable(name: str) -> str:
    if not plain(name):
        raise refuse("PBX112", "nothing of this name can be shown on a phone", "write it with letters or digits")
    return name


ShownName = Annotated[Name, AfterValidator(_showable)]
"""A name that phones show: something of it is left without the signs that Asterisk gives a meaning."""

By = Literal["caller", "time", "agent", "system"]
"""Who takes an exit. Only the caller's are keys: a loop in which nobody presses one is endless."""

PhoneState = Literal["answer", "busy", "no_answer", "unavailable"]
"""What a phone does with a call: the four are four different things (EXT-4)."""


TrunkState = Literal["answer", "busy", "full", "failed"]
"""What becomes of a call at a trunk: the called party answers or is busy, or the trunk does not carry the call."""

Forced = Literal["open", "closed"]
"""How somebody has overridden a schedule by its code."""


@dataclass(frozen=True, slots=True)
class Exit:
    """One way out of a place in a call."""

    when: str
    """A stable name such as ``open``, ``1``, ``timeout`` or ``busy``."""
    to: Ref
    by: By
    path: Path
    """Where it was written in the tenant file, or the nearest place that decides it."""


@dataclass(frozen=True, slots=True)
class Ring:
    """A phone that rings."""

    extension: str
    seconds: int
    """For how long, at the most."""
    after: int = 0
    """Seconds since the call came to the place."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a feature code changes of what users have set; no build overwrites it."""

    of: Ref
    """The extension, or the schedule."""
    setting: str
    """``forward_always``, ``do_not_disturb``, … or ``override``."""
    before: str
    """As :class:`Situation` has it; empty where nothing was set and the tenant's file decides."""
    after: str


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happens to a call at a place."""

    node: Ref
    exit: str
    because: str
    path: Path
    to: Ref | None = None
    """Where the call goes on; None when it stays at this place or ends here."""
    end: str = ""
    """How the call ends here, empty when it goes on."""
    hears: tuple[str, ...] = ()
    """What is played to the caller at this place, in order: the words of a text, the name of a file or of a sound."""
    rings: tuple[Ring, ...] = ()
    """The phones that ring, in order; those of one moment have the same ``after``."""
    changes: Change | None = None


@dataclass(slots=True)
class Situation:
    """The world a call meets: what :func:`pbx.flow.trace` is asked to assume."""

    at: datetime
    """The tenant's local time."""
    presses: list[str] = field(default_factory=list)
    """Keys yet to be pressed: digits, or ``timeout`` and ``invalid``. What a menu uses up is taken from the front."""
    states: Mapping[str, PhoneState] = field(default_factory=dict)
    """By extension number; a phone that is not named answers."""
    from_trunk: bool = False
    """Whether the call comes from outside, and not from a colleague at the customer's other PBX."""
    trunk: str = ""
    """By which a call from outside comes; empty where it does not matter."""
    overrides: Mapping[str, Forced] = field(default_factory=dict)
    """By schedule: what somebody has forced by its code; of one that is not named the calendar decides."""
    caller: str = ""
    """The extension that calls, empty for a call from outside: a group does not ring the one who calls it."""
    dialled: str = ""
    """What was dialled last, by the caller or by a user's forward; empty for a call from outside."""
    chosen: Ref | None = None
    """What the caller chose by an explicit menu key, if anything."""
    outside: str = ""
    """The number of a caller from outside, empty when it does not matter."""
    settings: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """What users have set by feature codes, by extension and setting: ``on``, ``off``, and for forwards the keys they
    dialled or ``voicemail``; of what is not named the tenant's file decides."""
    trunks: Mapping[str, TrunkState] = field(default_factory=dict)
    """By trunk; one that is not named takes the call."""
    full: Collection[Ref] = ()
    """Queues and conferences that hold as many callers as they may."""

    def state(self, extension: str) -> PhoneState:
        """What the phones of ``extension`` do; who does not want to be disturbed is busy, if a phone is there."""
        state = self.states.get(extension, "answer")
        undisturbed = self.setting(extension, "do_not_disturb") == "on"
        return "busy" if undisturbed and state != "unavailable" else state

    def setting(self, extension: str, setting: str) -> str:
        """What the user of an extension has set by a feature code; empty for nothing."""
        return self.settings.get((extension, setting), "")


@dataclass(frozen=True, slots=True)
class Person:
    """What other kinds may know of an extension."""

    number: str
    first_name: str
    last_name: str
    """Empty when there is none, as for a porter's lodge."""
    call_waiting: bool
    internal_only: bool
    """Whether calls from a trunk reach it by an explicit choice alone (``receive: internal``)."""


class Scope(Protocol):
    """What a kind may know of the tenant around it."""

    @property
    def slug(self) -> str:
        """The tenant's short name."""

    @property
    def file(self) -> str:
        """The tenant's file, as shown in diagnostics."""

    @property
    def timezone(self) -> ZoneInfo:
        """The tenant's time zone."""

    @property
    def ring_seconds(self) -> int:
        """Seconds of one ring cycle."""

    @property
    def years(self) -> Years:
        """The calendar years for which holidays are resolved."""

    @property
    def files(self) -> frozenset[str]:
        """Names of the wav files in the tenant's folder."""

    @property
    def sounds(self) -> SoundLibrary:
        """Asterisk's own sounds in the tenant's language."""

    @property
    def language(self) -> str:
        """The tenant's language: ``es`` or ``en``."""

    def extension_numbers(self) -> tuple[str, ...]:
        """Every extension of the tenant, sorted."""

    def person(self, number: str) -> Person | None:
        """Who has an extension, or None when nobody does."""

    def label(self, ref: Ref) -> str:
        """What people call the place, or its plain spelling."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A prompt of the tenant and the stable name under which it is compiled and heard."""

    name: str
    """``ivr-principal``: unique within the tenant, and the file's name below its sounds folder."""
    prompt: Prompt
    path: Path


@dataclass(frozen=True, slots=True)
class Dialled:
    """A number that the tenant's phones dial to reach a place."""

    number: str
    path: Path
    """Where the number was written in the tenant file."""
    extension: str
    """The extension of the kind's context that takes the call: the place's id, unless the kind has more than one."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of place: its model and what is known about it."""

    name: str
    section: str
    """The tenant key that holds all of this kind, empty when it has none of its own."""
    exits: Callable[[str, Any, Scope], tuple[Exit, ...]]
    steps: Callable[[str, Any, Scope, Situation], tuple[Step, ...]]
    """What happens to a call here; the last step goes on or ends."""
    check: Callable[[str, Any, Scope], Iterator[Diagnostic]]
    sounds: Callable[[str, Any], tuple[Sound, ...]]
    numbers: Callable[[str, Any], tuple[Dialled, ...]]
    """What the tenant's phones dial to get here."""
    view: Callable[[str, Any, Scope], Any]
    """What the template ``kinds/<name>.conf.j2`` reads."""
    single: bool = False
    """Whether a tenant has one at the most, which is known by its number: ``directory:690``."""

    included: bool = False
    """Whether phones find the kind's context itself, not a jump into it, where they dial its numbers."""

    def path(self, identity: str) -> Path:
        """Where a place of this kind was written in the tenant file."""
        section = self.section or "extensions"
        return (section,) if self.single else (section, identity)


def no_sounds(_identity: str, _model: Model) -> tuple[Sound, ...]:
    """For kinds that play nothing of the tenant's."""
    return ()


def no_numbers(_identity: str, _model: Model) -> tuple[Dialled, ...]:
    """For kinds that no phone can dial."""
    return ()


def no_check(_identity: str, _model: Model, _scope: Scope) -> Iterator[Diagnostic]:
    """For kinds that cannot be wrong on their own."""
    yield from ()


def heard(*prompts: Prompt | None) -> tuple[str, ...]:
    """What a caller hears of some prompts, in words where it is a text."""
    return tuple(prompt.say or prompt.file or prompt.sound for prompt in prompts if prompt)


def playback(scope: Scope, name: str, prompt: Prompt) -> str:
    """What Asterisk's ``Playback`` is given for a prompt: a path below the sounds folder, without suffix."""
    return prompt.sound or f"{scope.slug}/{name}"


def check_prompt(scope: Scope, prompt: Prompt, path: Path) -> Iterator[Diagnostic]:
    """A prompt that names a file or a sound must find it."""
    if prompt.file and prompt.file not in scope.files:
        yield Diagnostic(
            "PBX302",
            scope.file,
            path,
            f"there is no file {prompt.file} in tenants/{scope.slug}/",
            help=f"put the recording at tenants/{scope.slug}/{prompt.file}, or write the text: {{say: ...}}",
            consequence="the caller would hear nothing",
        )
    if prompt.sound and not scope.sounds.has(prompt.sound):
        yield Diagnostic(
            "PBX303",
            scope.file,
            path,
            f"Asterisk has no sound {prompt.sound} in this language",
            help=scope.sounds.help(prompt.sound),
            consequence="the caller would hear nothing",
        )
