"""Ways to the public network, and which of them carries which calls."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from pbx.model import E164, Host, Mention, Model, Port, Secret, expect_text, refuse, whole_number, written
from pbx.numberplan import CATEGORIES

Codec = Literal["alaw", "ulaw", "g722", "gsm"]


def _usual_codecs() -> list[Codec]:
    return ["alaw", "ulaw"]


def _trunk_type(given: object) -> str:
    value = expect_text(given, "a type of trunk")
    if value in {"vpn", "gateway", "pbx", "teams"}:
        raise refuse("PBX109", f"a trunk of type {value} is not compiled yet", "provider and cloud are")
    if value not in {"provider", "cloud"}:
        raise refuse("PBX103", f"{value!r} is not a type of trunk", "provider, cloud, vpn, gateway, pbx or teams")
    return value


class Trunk(Model):
    """A way to the public network."""

    type: Annotated[Literal["provider", "cloud"], BeforeValidator(_trunk_type)]
    """Whose it is: it decides what is expected of the other side."""
    host: Host
    port: Port = 5060
    username: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.+-]{1,64}$")] | None = None
    """Registers when there is one, else the carrier is known by its address."""
    password: Secret | None = None
    codecs: list[Codec] = Field(default_factory=_usual_codecs)
    max_calls: Annotated[int, whole_number(1, 10_000)] | None = None

    @model_validator(mode="after")
    def _user_and_password(self) -> Trunk:
        if (self.username is None) != (self.password is None):
            one, other = ("username", "password") if self.username else ("password", "username")
            raise refuse("PBX124", f"this trunk has a {one} and no {other}", f"add {other}: …, or delete {one}")
        return self


@written({"enum": list(CATEGORIES)})
def _category(given: object) -> str:
    value = expect_text(given, "a category of calls")
    if value not in CATEGORIES:
        raise refuse("PBX103", f"{value!r} is not a category of calls", f"one of {', '.join(CATEGORIES)}")
    return value


class OutboundRoute(Model):
    """Which trunks carry a category of calls, in the order they are tried."""

    match: Annotated[list[Annotated[str, BeforeValidator(_category)]], Field(min_length=1)]
    trunks: Annotated[list[Mention], Field(min_length=1)]
    caller_id: E164 | None = None
