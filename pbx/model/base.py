"""The base of every model, and how a value is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError

_LONGEST_MESSAGE: Final = 200


class Model(BaseModel):
    """A frozen record of the tenant language: unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


def refuse(code: str, message: str, help_text: str = "") -> PydanticCustomError:
    """The error that becomes diagnostic ``code``; raise it from a validator."""
    # The message is passed as context: pydantic would read braces in it as its own placeholders.
    shown = message if len(message) <= _LONGEST_MESSAGE else f"{message[:_LONGEST_MESSAGE]}…"
    return PydanticCustomError(code, "{message}", {"message": shown, "help": help_text})


def expect_text(value: object, what: str) -> str:
    """Answer the text that was written; refuse a mapping, a list or nothing. ``what`` is what should stand there."""
    if not isinstance(value, str):
        kind = {type(None): "nothing", dict: "a mapping", list: "a list"}.get(type(value), type(value).__name__)
        raise refuse("PBX103", f"{what} is expected here, not {kind}")
    return value


def pattern(code: str, what: str, expression: str, help_text: str) -> Callable[[object], str]:
    """A validator for text that an expression matches as a whole; what it refuses is told under ``code``."""
    compiled = re.compile(expression)

    def parse(value: object) -> str:
        text = expect_text(value, what)
        if not compiled.fullmatch(text):
            raise refuse(code, f"{text!r} is not {what}", help_text)
        return text

    return parse
