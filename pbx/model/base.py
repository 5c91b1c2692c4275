"""The base of every model, and how a value is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict
from pydantic_core import PydanticCustomError

_LONGEST_MESSAGE: Final = 200

SCALAR: Final[dict[str, Any]] = {"type": ["string", "number", "boolean"]}
"""What YAML writes as one word or one text, in the terms of JSON Schema."""

Validator = TypeVar("Validator", bound=Callable[..., Any])
_SCHEMAS: Final[dict[Any, dict[str, Any]]] = {}


class Model(BaseModel):
    """A frozen record of the tenant language: unknown keys are refused."""

    # Built when it is used, and within what it stands in: on their own most models never are.
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True, defer_build=True)


def written(schema: dict[str, Any]) -> Callable[[Validator], Validator]:
    """Say in JSON Schema what a validator takes, as it is written in YAML; for :mod:`pbx.schema`.

    What the schema says of texts is widened there to numbers and the like that have such a spelling. ``{"also": …}`` is
    taken beside what the model itself says: a short form, or False for none.
    """

    def mark(validator: Validator) -> Validator:
        _SCHEMAS[validator] = schema
        return validator

    return mark


def written_schema(validator: Any) -> dict[str, Any] | None:  # noqa: ANN401 - any function
    """What :func:`written` said of a validator, or None."""
    return _SCHEMAS.get(getattr(validator, "__func__", validator))


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
    examples = [
        each for each in re.findall(r"(?:for example|like|or) ([^\s,;]+)", help_text) if compiled.fullmatch(each)
    ]
    schema = {"type": "string", "pattern": f"^(?:{expression})$", "description": f"{what}: {help_text}"}

    @written(schema | ({"examples": examples} if examples else {}))
    def parse(value: object) -> str:
        text = expect_text(value, what)
        if not compiled.fullmatch(text):
            raise refuse(code, f"{text!r} is not {what}", help_text)
        return text

    return parse
