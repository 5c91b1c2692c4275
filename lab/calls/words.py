"""The words of call tests and what they are to SIP and Asterisk."""

from __future__ import annotations

import wave
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pbx import confirmations
from pbx.kinds import BY_NAME
from pbx.kinds.base import Sound
from pbx.model import Ref
from pbx.site import TenantScope

ENDINGS: Final[Mapping[str, frozenset[int]]] = {
    "hangup": frozenset({16}),
    "busy": frozenset({17}),
    "refused": frozenset({21}),
    "nobody": frozenset({1, 3}),
    "no_answer": frozenset({18, 19}),
    "failed": frozenset({34, 38, 41, 42}),
}
"""How a call ends, as the caller's phone is told: Q.850 causes, which chan_pjsip makes of SIP answers."""

REFUSALS: Final[Mapping[str, int]] = {
    "busy": 17,
    "not_found": 1,
    "refused": 21,
    "no_answer": 19,
    "congestion": 34,
}
"""How a party can refuse a call: 486, 404, 403, 480 and 503, by ``hangup_cause2sip`` of chan_pjsip.c."""


def ending(cause: int) -> str:
    """The word for a Q.850 cause, or the number itself."""
    return next((word for word, causes in ENDINGS.items() if cause in causes), f"Q.850 {cause}")


def sound_of(scope: TenantScope, spelled: str) -> Sound | str:
    """A sound by its place: ``ivr:nocturno``, the instruction of a key ``ivr:principal 3``, or Asterisk's ``beep``.

    Raises ValueError for a place without a sound.
    """
    place, _, key = spelled.partition(" ")
    kind, colon, identity = place.partition(":")
    if not colon:
        return spelled
    model = scope.find(Ref(kind, identity)) if kind in BY_NAME else None
    sounds = BY_NAME[kind].sounds(identity, model) if model is not None else ()
    for sound in sounds:
        if key in (tuple(map(str, sound.path)) if key else ("",)) or (not key and sound.path[-1] == "prompt"):
            return sound
    if sounds and not key:
        return sounds[0]
    known = ", ".join(str(ref) for ref, each in scope.models() if BY_NAME[ref.kind].sounds(ref.id, each))
    raise ValueError(f"{spelled!r} has no sound; {scope.slug} has {known}")


def reference_of(sound: Sound | str, prompts: Mapping[str, Path], shipped: Path) -> tuple[str, Path]:
    """The name under which Asterisk plays a sound is the first; the file it must be recognised by is the second."""
    name = sound if isinstance(sound, str) else sound.prompt.sound or sound.name
    known = prompts.get(f"prompt:{name}")
    return name, known if known is not None else shipped / f"{name}.wav"


def beginning(song: Path, folder: Path, seconds: float) -> Path:
    """The first seconds of a sound, as a file of their own."""
    short = folder / song.name
    with wave.open(str(song), "rb") as whole, wave.open(str(short), "wb") as file:
        file.setparams(whole.getparams())
        file.writeframes(whole.readframes(int(seconds * whole.getframerate())))
    return short


def played_as(scope: TenantScope, sound: Sound | str, name: str) -> str:
    """The name by which Asterisk plays a sound: the tenant's own, the PBX's words, or one of Asterisk's."""
    language = scope.tenant.language
    if isinstance(sound, str):
        return f"{confirmations.folder(language)}/{name}" if name in confirmations.WORDS[language] else name
    return name if sound.prompt.sound else f"{scope.slug}/{name}"
