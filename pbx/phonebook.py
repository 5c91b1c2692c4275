"""The customer's contacts: outside numbers, the names shown when they call, and speed dials (BOOK-1)."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, model_validator

from pbx.kinds.base import ShownName
from pbx.model import SCALAR, Model, pattern, written

SpeedDial = Annotated[
    str, BeforeValidator(pattern("PBX134", "a speed dial", r"[0-9]{1,4}", "1 to 4 digits, for example 01"))
]


class Contact(Model):
    """Somebody outside whom the customer knows."""

    name: ShownName
    """Shown on phones when the number calls."""
    speed_dial: SpeedDial | None = None
    """Digits by which the number is called."""

    @model_validator(mode="before")
    @classmethod
    @written({"also": SCALAR | {"description": "the name"}})
    def _short_form(cls, value: object) -> object:
        return {"name": value} if isinstance(value, str) else value
