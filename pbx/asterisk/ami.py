"""The Asterisk manager interface, by panoramisk behind one adapter that closes its traps.

Events that carry a pending ActionID reach the listeners too; text split between two packets stays whole; a lost
connection is an end, never a silent reconnection; an Originate does not wait for the answer of the call; an event into
which a caller has written headers of his own is dropped. Events that answer no action, nearly all of what a busy PBX
says, are read here: panoramisk takes a third of a laboratory's processor time for them.
"""

from __future__ import annotations

import asyncio
import codecs
from collections.abc import Callable, Mapping
from typing import Any, Final

from panoramisk import Manager
from panoramisk.ami_protocol import AMIProtocol

Event = Mapping[str, str]
"""The headers of one event, by their names as Asterisk writes them in lower case."""
Listener = Callable[[Event], None]

CONNECT_SECONDS: Final = 10.0
ONCE: Final = frozenset(
    {"event", "response", "actionid", "commandid", "privilege", "channel", "uniqueid", "linkedid"}
    | {"tenantid", "context", "exten", "calleridnum"}
)
"""Headers that Asterisk writes once: with two of one an event is forged, by a caller's number with line breaks."""
_LINE: Final = "\r\n"
_END: Final = "\r\n\r\n"
_ANSWERS: Final = "\r\nActionID: "
"""In an event: it belongs to the answer of an action."""


class AmiError(Exception):
    """The manager interface refused, did not answer, or is gone."""


def _headers(block: str) -> dict[str, Any] | None:
    """The headers of an event by their names in lower case; None for one that is forged."""
    headers: dict[str, Any] = {}
    for line in block.split(_LINE):
        name, colon, value = line.partition(": ")
        name = name.lower()
        if not colon:
            continue
        if name not in headers:
            headers[name] = value
        elif name in ONCE:
            return None
        else:
            before = headers[name]
            headers[name] = [*(before if isinstance(before, list) else [before]), value]
    return headers


class _Protocol(AMIProtocol):  # type: ignore[misc]
    """Panoramisk's protocol with whole characters, and with every event told."""

    def connection_made(self, transport: object) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = ""
        super().connection_made(transport)

    def data_received(self, data: bytes) -> None:
        # A character may be split between two packets; the parent would drop both halves.
        *blocks, self._rest = (self._rest + self._decoder.decode(data)).split(_END)
        for block in blocks:
            if not block.startswith("Event: ") or _ANSWERS in block or block.startswith("Event: Shutdown"):
                super().data_received(f"{block}{_END}".encode())
            elif (event := _headers(block)) is not None:
                self.factory.on_event(event)

    def handle_message(self, message: Any) -> None:  # noqa: ANN401 - the message of an untyped library
        if any(isinstance(value, list) and str(name).lower() in ONCE for name, value in message.items()):
            return
        pending = message.id in self.responses or message.action_id in self.responses
        if pending and "event" in message:
            self.factory.dispatch(message)
        super().handle_message(message)


class _Manager(Manager):  # type: ignore[misc]
    """Panoramisk's manager without reconnection: whoever loses Asterisk must know."""

    on_lost: Callable[[], None]
    on_event: Listener
    pinger: Any

    def connection_lost(self, _reason: object) -> None:
        if self.pinger:
            self.pinger.cancel()
            self.pinger = None
        self.on_lost()


class Ami:
    """One connection. Make it with :func:`connect`."""

    def __init__(self, manager: _Manager, name: str) -> None:
        """Wrap a manager that has logged in."""
        self._manager = manager
        self._name = name
        self._listeners: list[Listener] = []
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the connection ends, for whatever reason."""
        manager.on_lost = self._set_lost
        manager.on_event = self._told
        manager.register_event("*", lambda _, message: self._told(_by_name(message)))

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener`` with each event from now on; call the answer to end that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def action(self, name: str, deadline: float = 10.0, **headers: str | list[str]) -> Event:
        """Send an action and wait for its response; raises :class:`AmiError` when it is refused or not answered."""
        answer = self._send(name, headers, as_list=False)
        message = await self._wait(name, answer, deadline)
        event = _by_name(message)
        if str(event.get("response", "")).lower() in {"error", "failure", "fail"}:
            raise AmiError(f"{self._name} refused {name}: {event.get('message', 'no reason given')}")
        return event

    async def listing(self, name: str, deadline: float = 10.0, **headers: str) -> list[Event]:
        """Send an action that answers with a list of events, and return them."""
        answer = self._send(name, headers, as_list=True)
        messages = await self._wait(name, answer, deadline)
        return [_by_name(each) for each in messages if "event" in each]

    async def close(self) -> None:
        """End the connection; harmless when it has ended."""
        self._set_lost()
        self._manager.close()

    def _send(self, name: str, headers: Mapping[str, str | list[str]], *, as_list: bool) -> asyncio.Future[Any]:
        if self.lost.done():
            raise AmiError(f"the connection to {self._name} is lost")
        for value in headers.values():
            if any("\r" in each or "\n" in each for each in ([value] if isinstance(value, str) else value)):
                raise AmiError(f"a header of {name} holds a line break")
        future: asyncio.Future[Any] = self._manager.send_action({"Action": name, **headers}, as_list=as_list)
        return future

    async def _wait(self, name: str, answer: asyncio.Future[Any], deadline: float) -> Any:  # noqa: ANN401 - as above
        await asyncio.wait({answer, self.lost}, timeout=deadline, return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            return answer.result()
        answer.cancel()
        what = "lost its connection" if self.lost.done() else f"gave no answer in {deadline:g} s"
        raise AmiError(f"{self._name} {what} ({name})")

    def _told(self, event: Event) -> None:
        for listener in tuple(self._listeners):
            listener(event)

    def _set_lost(self) -> None:
        if not self.lost.done():
            self.lost.set_result(None)


def _by_name(message: Any) -> dict[str, str]:  # noqa: ANN401 - as above
    """The headers of a message by their names in lower case: Asterisk itself is not of one mind about their case."""
    return {str(key).lower(): value for key, value in message.items()}


async def connect(host: str, port: int, user: str, secret: str, *, name: str = "Asterisk") -> Ami:
    """Connect and log in; raises :class:`AmiError` when nobody listens or the login is refused."""
    manager = _Manager(
        host=host,
        port=port,
        protocol_factory=_Protocol,
        loop=asyncio.get_running_loop(),
        ping_delay=3600,
        ping_interval=3600,
    )
    ami = Ami(manager, name)
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            _transport, protocol = await manager.loop.create_connection(lambda: _Protocol(), host, port)  # noqa: PLW0108
            await _adopt(manager, protocol)
            await ami.action("Login", Username=user, Secret=secret, Events="on")
    except (OSError, TimeoutError) as error:
        await ami.close()
        raise AmiError(f"the manager interface of {name} at {host}:{port} does not answer: {error}") from error
    except AmiError:
        await ami.close()
        raise
    return ami


async def _adopt(manager: _Manager, protocol: _Protocol) -> None:
    """What panoramisk does in ``connection_made``, without its login and its reconnection."""
    manager.protocol = protocol
    protocol.factory = manager
    protocol.encoding = manager.encoding = "utf-8"
    protocol.config = manager.config
    manager.responses = protocol.responses
