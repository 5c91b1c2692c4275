"""An announcement: something is played, then the call goes on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pbx.asterisk import names
from pbx.asterisk.text import Verbatim
from pbx.diagnostics import Diagnostic
from pbx.kinds.base import Exit, Kind, Scope, Situation, Sound, Step, check_prompt, heard, no_numbers, playback
from pbx.model import HANGUP, Destination, Model, PromptField, Ref


class Announcement(Model):
    """A prompt and what follows it."""

    prompt: PromptField
    then: Destination = HANGUP


def sounds(identity: str, announcement: Announcement) -> tuple[Sound, ...]:
    """The prompt."""
    return (Sound(f"announcement-{identity}", announcement.prompt, ("announcements", identity, "prompt")),)


def exits(identity: str, announcement: Announcement, _scope: Scope) -> tuple[Exit, ...]:
    """What follows."""
    return (Exit("then", announcement.then, "system", ("announcements", identity, "then")),)


def steps(identity: str, announcement: Announcement, _scope: Scope, _situation: Situation) -> tuple[Step, ...]:
    """It is played to its end."""
    path = ("announcements", identity, "then")
    node, hears = Ref("announcement", identity), heard(announcement.prompt)
    return (Step(node, "then", "it was played", path, to=announcement.then, hears=hears),)


def check(identity: str, announcement: Announcement, scope: Scope) -> Iterator[Diagnostic]:
    """The prompt is there."""
    for sound in sounds(identity, announcement):
        yield from check_prompt(scope, sound.prompt, sound.path)


@dataclass(frozen=True, slots=True)
class AnnouncementView:
    """What the template reads."""

    node: Verbatim
    name: str
    prompt: Verbatim
    then: Verbatim


def view(identity: str, announcement: Announcement, scope: Scope) -> AnnouncementView:
    """The announcement as dialplan sees it."""
    return AnnouncementView(
        node=Verbatim(Ref("announcement", identity)),
        name=identity,
        prompt=Verbatim(playback(scope, f"announcement-{identity}", announcement.prompt)),
        then=Verbatim(names.place(scope.slug, announcement.then)),
    )


KIND: Final = Kind(
    name="announcement",
    section="announcements",
    exits=exits,
    steps=steps,
    check=check,
    sounds=sounds,
    numbers=no_numbers,
    view=view,
)
