"""Ways to the public network, and which of them carries which calls."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, model_validator

from pbx.model import E164, Host, Mention, Model, Port, Range, Secret, expect_text, refuse, whole_number, written
from pbx.numberplan import CATEGORIES

Codec = Literal["alaw", "ulaw", "g722", "gsm"]
NumberFormat = Literal["e164", "digits", "national"]
TrunkType = Literal["provider", "cloud", "vpn", "gateway", "pbx"]


def _usual_codecs() -> list[Codec]:
    return ["alaw", "ulaw"]


def _trunk_type(given: object) -> str:
    value = expect_text(given, "a type of trunk")
    if value == "teams":
        raise refuse("PBX109", "a trunk of type teams is not compiled yet", "provider, cloud, vpn, gateway and pbx are")
    if value not in {"provider", "cloud", "vpn", "gateway", "pbx"}:
        raise refuse("PBX103", f"{value!r} is not a type of trunk", "provider, cloud, vpn, gateway, pbx or teams")
    return value


class Trunk(Model):
    """A way to the public network, or to the customer's other PBX.

    ``provider`` and ``cloud`` are carriers; ``vpn`` is a carrier reached over a private network; ``gateway`` turns SIP
    into analogue or E1 lines at the customer's; ``pbx`` is the customer's other PBX, whose users are colleagues.
    """

    type: Annotated[TrunkType, BeforeValidator(_trunk_type)]
    """Whose it is: it decides what is expected of the other side."""
    host: Host
    port: Port = 5060
    username: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.+-]{1,64}$")] | None = None
    """Registers when there is one, else the other side is known by its address."""
    password: Secret | None = None
    codecs: list[Codec] = Field(default_factory=_usual_codecs)
    max_calls: Annotated[int, whole_number(1, 10_000)] | None = None
    """Calls at a time, both ways together."""
    extensions: Range | None = None
    """Numbers of the other PBX, which our phones dial as they are."""
    number_format: NumberFormat | None = None
    """How called numbers are written: ``e164`` with a plus, ``digits`` without it, ``national`` as people dial at home.

    By default ``national`` for a gateway or a PBX, behind which lines take keys, and ``e164`` for the others.
    """

    @property
    def numbers_as(self) -> NumberFormat:
        """How called numbers are written to this trunk."""
        return self.number_format or ("national" if self.type in {"gateway", "pbx"} else "e164")

    @property
    def address(self) -> IPv4Address | None:
        """The host, when it is an address and no name."""
        try:
            return IPv4Address(self.host)
        except ValueError:
            return None

    @model_validator(mode="after")
    def _user_and_password(self) -> Trunk:
        if (self.username is None) != (self.password is None):
            one, other = ("username", "password") if self.username else ("password", "username")
            raise refuse("PBX124", f"this trunk has a {one} and no {other}", f"add {other}: …, or delete {one}")
        if self.type == "vpn" and self.address is not None and self.address.is_global:
            message = f"{self.host} is a public address, and a trunk of type vpn is reached over a private network"
            raise refuse("PBX310", message, "write the carrier's address inside the VPN, or type: cloud")
        if self.extensions is not None and self.type != "pbx":
            message = f"a trunk of type {self.type} has no extensions of its own"
            raise refuse("PBX311", message, "delete extensions, or write type: pbx for the customer's other PBX")
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
