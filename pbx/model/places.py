"""Places in a call, and what a caller hears there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import BeforeValidator

from pbx.diagnostics.suggest import nearest
from pbx.model.base import expect_text, refuse, written

REFERENCE_KINDS: Final = (
    "extension",
    "queue",
    "ring_group",
    "ivr",
    "schedule",
    "voicemail",
    "announcement",
    "conference",
    "directory",
    "external",
)
WORDS: Final = ("hangup", "busy", "voicemail", "repeat")


@dataclass(frozen=True, slots=True, order=True)
class Ref:
    """A place in a call: ``queue:ventas``; a plain word such as ``hangup`` has an empty id."""

    kind: str
    id: str = ""

    def __str__(self) -> str:
        """The one spelling of a place, everywhere."""
        return f"{self.kind}:{self.id}" if self.id else self.kind


HANGUP: Final = Ref("hangup")
BUSY: Final = Ref("busy")
REPEAT: Final = Ref("repeat")


def destination_schema(*words: str) -> dict[str, Any]:
    """What a destination looks like, in JSON Schema, where these words mean something too."""
    kinds = "|".join(kind for kind in REFERENCE_KINDS if kind != "external")
    return {
        "type": "string",
        "pattern": rf"^(?:{'|'.join(words)}|(?:{kinds}):.+|external:\+[1-9][0-9]{{5,14}})$",
        "description": f"where the call goes: a kind and an id, or {', '.join(words)}",
        "examples": ["queue:ventas", "extension:201", "external:+541143210000", *words],
    }


def _destination(*words: str) -> Callable[[object], Ref]:
    @written(destination_schema(*words))
    def parse(value: object) -> Ref:
        text = expect_text(value, "a destination")
        kind, colon, identity = text.partition(":")
        if not colon and kind in words:
            return Ref(kind)
        if not colon and kind in WORDS:
            raise refuse("PBX120", f"{kind!r} has no meaning here", "a kind and an id, for example queue:ventas")
        if not colon or kind not in REFERENCE_KINDS or not identity:
            near = nearest(kind, (*REFERENCE_KINDS, *words))
            cure = f"did you mean {near}{colon}{identity}?" if near else ""
            known = f"a kind and an id, for example queue:ventas; the kinds are {', '.join(REFERENCE_KINDS)}"
            raise refuse("PBX120", f"{text!r} is not a destination", cure or known)
        if kind == "external" and not re.fullmatch(r"\+[1-9][0-9]{5,14}", identity):
            raise refuse("PBX106", f"{identity!r} is not a phone number in international form", "like +541143210000")
        return Ref(kind, identity)

    return parse


Destination = Annotated[Ref, BeforeValidator(_destination("hangup", "busy"))]
MenuDestination = Annotated[Ref, BeforeValidator(_destination("hangup", "busy", "repeat"))]
ForwardDestination = Annotated[Ref, BeforeValidator(_destination("hangup", "busy", "voicemail"))]


@dataclass(frozen=True, slots=True)
class Prompt:
    """Something a caller hears: exactly one of the three is set."""

    say: str = ""
    """Text for the speech synthesizer, in the tenant's language."""
    file: str = ""
    """A wav file in the tenant's folder."""
    sound: str = ""
    """One of Asterisk's own sounds, without suffix."""


_FILE: Final = r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,80}\.wav"
_SOUND: Final = r"[a-z0-9][a-zA-Z0-9_-]{0,60}(/[a-zA-Z0-9_-]{1,60})?"
_TEXT: Final = {"type": "string", "minLength": 1, "description": "a text that is spoken, in the tenant's language"}
_PROMPT: Final = {
    "description": "what the caller hears: a recording, a text to say, or one of Asterisk's sounds",
    "anyOf": [
        {"type": "string", "pattern": f"^{_FILE}$", "examples": ["bienvenida.wav"]},
        {"type": "object", "properties": {"say": _TEXT}, "required": ["say"], "additionalProperties": False},
        {
            "type": "object",
            "properties": {"sound": {"type": "string", "pattern": f"^{_SOUND}$", "examples": ["vm-goodbye"]}},
            "required": ["sound"],
            "additionalProperties": False,
        },
    ],
}


@written(_PROMPT)
def parse_prompt(value: object) -> Prompt:
    """A prompt as written: a file name, ``{say: text}`` or ``{sound: name}``."""
    if isinstance(value, str):
        return _file_prompt(value)
    if isinstance(value, dict) and len(value) == 1:
        if "say" in value:
            return Prompt(say=spoken_text(value["say"]))
        if "sound" in value:
            return Prompt(sound=_sound(value["sound"]))
    raise refuse("PBX121", "this is not a prompt", 'a file such as welcome.wav, {say: "text"} or {sound: vm-goodbye}')


@written(_TEXT)
def spoken_text(value: object) -> str:
    """Text for the speech synthesizer: 1 to 2,000 characters without control characters."""
    text = " ".join(expect_text(value, "a text to say").split())
    if not text or len(text) > 2000 or not any(character.isalnum() for character in text):  # noqa: PLR2004
        raise refuse("PBX121", "there is nothing to say in this text", "1 to 2,000 characters, with words in it")
    if any(ord(character) < ord(" ") or ord(character) == 0x7F for character in text):  # noqa: PLR2004 - DEL
        raise refuse("PBX121", "a text to say cannot hold control characters", "plain words and punctuation")
    return text


def _file_prompt(text: str) -> Prompt:
    if not re.fullmatch(_FILE, text):
        raise refuse(
            "PBX121", f"{text!r} is not the name of a wav file", "letters, digits, dots and hyphens, ending in .wav"
        )
    return Prompt(file=text)


def _sound(value: object) -> str:
    text = expect_text(value, "a sound's name")
    if not re.fullmatch(_SOUND, text):
        raise refuse("PBX121", f"{text!r} is not the name of a sound", "a file of Asterisk's sounds without suffix")
    return text


PromptField = Annotated[Prompt, BeforeValidator(parse_prompt)]
