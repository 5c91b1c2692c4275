"""A carrier that answers OPTIONS and REGISTER and nothing to an INVITE: it has died since it was last asked."""

from __future__ import annotations

from typing import Final

from sipmessage import Request, Response

from lab.addresses import SIP_PORT
from lab.sip import UserAgent, open_agent, response_to

_ANSWERED: Final = ("OPTIONS", "REGISTER")


def _answer(asked: Request) -> Response | None:
    if asked.method not in _ANSWERED:
        return None
    contact = asked.headers.get("Contact")
    return response_to(asked, 200, "OK", {"Contact": contact, "Expires": "3600"} if contact else {})


async def open_silent_carrier(host: str) -> UserAgent:
    """Listen at the address of a carrier."""
    return await open_agent(host, SIP_PORT, _answer)
