"""An IVR: a spoken menu that keys lead out of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import BeforeValidator, Field, model_validator

from pbx.asterisk import names
from pbx.asterisk.text import Verbatim
from pbx.diagnostics import Diagnostic
from pbx.kinds.base import Exit, Kind, Scope, Situation, Sound, Step, check_prompt, heard, no_numbers, playback
from pbx.model import (
    HANGUP,
    REPEAT,
    Destination,
    MenuDestination,
    Model,
    Prompt,
    PromptField,
    Ref,
    Seconds,
    Truth,
    destination_schema,
    refuse,
    spoken_text,
    whole_number,
    written,
)

Key = Literal["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "#"]


def _key(value: object) -> object:
    if not isinstance(value, str) or value not in tuple("0123456789*#"):
        raise refuse("PBX123", f"{value!r} is not a key of a telephone", "one of 0-9, * and #, in quotes")
    return value


class Option(Model):
    """What one key does."""

    to: MenuDestination
    say: Annotated[str, BeforeValidator(spoken_text)] | None = None
    """Spoken after the key and before the call goes on (IVR-4)."""
    prompt: PromptField | None = None
    """The same from a recording."""

    @model_validator(mode="before")
    @classmethod
    @written({"also": destination_schema("hangup", "busy", "repeat")})
    def _short_form(cls, value: object) -> object:
        if isinstance(value, str):
            return {"to": value}
        if isinstance(value, dict) and "say" in value and "prompt" in value:
            raise refuse("PBX121", "a key has either say or prompt", "keep one of the two")
        return value

    def instruction(self) -> Prompt | None:
        """What is played after the key, if anything."""
        return Prompt(say=self.say) if self.say else self.prompt


class Timeout(Model):
    """What happens when no key is pressed."""

    after: Seconds = 6
    tries: Annotated[int, whole_number(1, 10)] = 3
    """How often the menu is played in all."""
    to: Destination = HANGUP


class Invalid(Model):
    """What happens after a key without meaning."""

    tries: Annotated[int, whole_number(1, 10)] = 3
    """How many such keys a caller may press; the last one leaves the menu."""
    to: Destination = HANGUP


class Ivr(Model):
    """A menu."""

    prompt: PromptField
    dial_extensions: Truth = False
    options: dict[Annotated[Key, BeforeValidator(_key)], Option]
    timeout: Annotated[Timeout, Field(default_factory=Timeout)]
    invalid: Annotated[Invalid, Field(default_factory=Invalid)]


def sounds(identity: str, ivr: Ivr) -> tuple[Sound, ...]:
    """The menu's prompt and the instruction of each key that has one."""
    path = ("ivrs", identity)
    found = [Sound(f"ivr-{identity}", ivr.prompt, (*path, "prompt"))]
    for key, option in ivr.options.items():
        instruction = option.instruction()
        if instruction:
            written = (*path, "options", key, "say" if option.say else "prompt")
            found.append(Sound(f"ivr-{identity}-{_key_name(key)}", instruction, written))
    return tuple(found)


def _key_name(key: str) -> str:
    return {"*": "star", "#": "hash"}.get(key, key)


def exits(identity: str, ivr: Ivr, scope: Scope) -> tuple[Exit, ...]:
    """A key each, timeout, invalid, and every extension where they may be dialled."""
    path = ("ivrs", identity)
    found = [
        Exit(key, option.to, "caller", (*path, "options", key))
        for key, option in ivr.options.items()
        if option.to != REPEAT
    ]
    if ivr.dial_extensions:
        found += [
            Exit(number, Ref("extension", number), "caller", (*path, "dial_extensions"))
            for number in scope.extension_numbers()
        ]
    found.append(Exit("timeout", ivr.timeout.to, "system", (*path, "timeout")))
    found.append(Exit("invalid", ivr.invalid.to, "caller", (*path, "invalid")))
    return tuple(found)


def steps(identity: str, ivr: Ivr, scope: Scope, situation: Situation) -> tuple[Step, ...]:
    """Key after key until one leads out; a caller who presses nothing runs into the timeout."""
    node, path = Ref("ivr", identity), ("ivrs", identity)
    taken: list[Step] = []
    silent = wrong = 0
    menu = heard(ivr.prompt)
    while True:
        press = situation.presses.pop(0) if situation.presses else "timeout"
        option = ivr.options.get(press)  # type: ignore[call-overload]
        if option and option.to != REPEAT:
            situation.chosen = option.to
            because, hears = f"the caller presses {press}", heard(ivr.prompt, option.instruction())
            step = Step(node, press, because, (*path, "options", press), to=option.to, hears=hears)
        elif option:
            hears = heard(ivr.prompt, option.instruction())
            taken.append(Step(node, press, "the menu is repeated", (*path, "options", press), hears=hears))
            continue
        elif ivr.dial_extensions and press in scope.extension_numbers():
            extension = Ref("extension", press)
            because = f"the caller dials {press}"
            step = Step(node, press, because, (*path, "dial_extensions"), to=extension, hears=menu)
        elif press == "timeout":
            silent += 1
            because = f"no key for {ivr.timeout.after} s ({silent} of {ivr.timeout.tries})"
            leaves = ivr.timeout.to if silent >= ivr.timeout.tries else None
            step = Step(node, "timeout", because, (*path, "timeout"), to=leaves, hears=menu)
        else:
            wrong += 1
            because = f"the key has no meaning ({wrong} of {ivr.invalid.tries})"
            leaves = ivr.invalid.to if wrong >= ivr.invalid.tries else None
            hears = menu if leaves else (*menu, "pbx-invalid")
            step = Step(node, "invalid", because, (*path, "invalid"), to=leaves, hears=hears)
        taken.append(step)
        if step.to:
            return tuple(taken)


def check(identity: str, ivr: Ivr, scope: Scope) -> Iterator[Diagnostic]:
    """Prompts are there; dialling extensions and keys do not get in each other's way."""
    for sound in sounds(identity, ivr):
        yield from check_prompt(scope, sound.prompt, sound.path)
    if not ivr.dial_extensions:
        return
    for key in ivr.options:
        clash = next((number for number in scope.extension_numbers() if number.startswith(key)), None)
        if clash:
            yield Diagnostic(
                "PBX404",
                scope.file,
                ("ivrs", identity, "options", key),
                f"key {key} is also how extension {clash} begins, and callers may dial extensions here",
                help="use another key, or dial_extensions: false",
                consequence=f"a caller who presses {key} would wait before anything happens",
                at_key=True,
            )


@dataclass(frozen=True, slots=True)
class OptionView:
    """One key."""

    key: Verbatim
    instruction: Verbatim | None
    to: Verbatim | None
    """None for ``repeat``."""
    chosen: Verbatim


@dataclass(frozen=True, slots=True)
class IvrView:
    """What the template reads."""

    node: Verbatim
    name: str
    context: str
    prompt: Verbatim
    options: tuple[OptionView, ...]
    dial_extensions: bool
    timeout_after: int
    timeout_tries: int
    timeout_to: Verbatim
    invalid_tries: int
    invalid_to: Verbatim


def view(identity: str, ivr: Ivr, scope: Scope) -> IvrView:
    """The menu as dialplan sees it."""

    def option_view(key: str, option: Option) -> OptionView:
        instruction = option.instruction()
        played = playback(scope, f"ivr-{identity}-{_key_name(key)}", instruction) if instruction else None
        return OptionView(
            key=Verbatim(key),
            instruction=Verbatim(played) if played else None,
            to=None if option.to == REPEAT else Verbatim(names.place(scope.slug, option.to)),
            chosen=Verbatim(option.to),
        )

    return IvrView(
        node=Verbatim(Ref("ivr", identity)),
        name=identity,
        context=names.context(scope.slug, "menu", identity),
        prompt=Verbatim(playback(scope, f"ivr-{identity}", ivr.prompt)),
        options=tuple(option_view(key, option) for key, option in sorted(ivr.options.items())),
        dial_extensions=ivr.dial_extensions,
        timeout_after=ivr.timeout.after,
        timeout_tries=ivr.timeout.tries,
        timeout_to=Verbatim(names.place(scope.slug, ivr.timeout.to)),
        invalid_tries=ivr.invalid.tries,
        invalid_to=Verbatim(names.place(scope.slug, ivr.invalid.to)),
    )


KIND: Final = Kind(
    name="ivr",
    section="ivrs",
    exits=exits,
    steps=steps,
    check=check,
    sounds=sounds,
    numbers=no_numbers,
    view=view,
)
