"""A party's part in one call, played over FastAGI by pyst2: listen, press, speak, answer, hang up.

Asterisk connects once for each call of a party. A thread holds that connection and carries out what the lab's
coroutines ask, one command after the other, so that a row reads like the script of a play.
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import queue
import socketserver
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, BinaryIO, Final, TextIO, cast

from asterisk.agi import AGI, AGIException

INCOMING: Final = "incoming"
"""The script of a call that comes to a party."""
_END: Final = object()
_Answer = dict[str, tuple[str, str]]
"""What pyst2 makes of ``200 result=1 (text)``: ``{"result": ("1", "text")}``."""


class HungUpError(Exception):
    """The other side hung up before the command was carried out."""


class _Agi(AGI):  # type: ignore[misc]
    """pyst2's AGI on a socket: its constructor wants the main thread, for a signal that sockets never send."""

    def __init__(self, reader: TextIO, writer: TextIO) -> None:
        self.stdin, self.stdout, self.stderr = reader, writer, io.StringIO()
        self._got_sighup = False
        self.env: dict[str, str] = {}
        self._get_agi_env()


@dataclass(frozen=True, slots=True)
class _Order:
    work: Callable[[_Agi], _Answer]
    done: Future[_Answer]


class Handset:
    """One leg of one party, from the moment Asterisk hands it to the lab."""

    def __init__(self, variables: dict[str, str]) -> None:
        """``variables`` are what Asterisk says at the start of an AGI session."""
        self.channel = variables.get("agi_channel", "")
        self.caller_number = variables.get("agi_callerid", "")
        self.caller_name = variables.get("agi_calleridname", "")
        self.dialled = variables.get("agi_extension", "")
        self.request = variables.get("agi_network_script", "")
        self._orders: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._over = False

    @property
    def endpoint(self) -> str:
        """The party's endpoint: ``andina_201`` of ``PJSIP/andina_201-00000003``."""
        return self.channel.removeprefix("PJSIP/").rpartition("-")[0]

    async def answer(self) -> None:
        """Take the call."""
        await self._command("ANSWER")

    async def ring(self) -> None:
        """Ring without answering (180 Ringing)."""
        await self._execute("Ringing")

    async def busy(self) -> None:
        """Refuse the call as busy (486 Busy Here)."""
        await self.refuse(17)

    async def refuse(self, cause: int) -> None:
        """Refuse the call with a Q.850 cause, which becomes a SIP answer (hangup_cause2sip of chan_pjsip.c)."""
        with contextlib.suppress(HungUpError):
            await self._execute("Hangup", str(cause))

    async def transfer(self, uri: str) -> str:
        """Send the other side to a SIP URI: REFER (RFC 3515). Answers the ``TRANSFERSTATUS``; the leg may be gone."""
        await self._execute("Transfer", f"PJSIP/{uri}")
        with contextlib.suppress(HungUpError):
            return await self.variable("${TRANSFERSTATUS}")
        return ""

    async def redirect(self, uri: str) -> None:
        """Send the caller elsewhere before the answer: 302 Moved Temporarily, which ends this leg."""
        with contextlib.suppress(HungUpError):
            await self._execute("Transfer", f"PJSIP/{uri}")

    async def hold(self, seconds: float) -> None:
        """Put the other side on hold for a while: a re-INVITE with ``sendonly``, and one that takes it back (RFC 3264).

        Whoever waits in a holding bridge for that tells its channel to hold (bridge_holding.c), and chan_pjsip passes
        it on to endpoints with ``moh_passthrough``.
        """
        await self._execute("BridgeWait", f"{self.channel},participant,e(h)S({seconds:g})")

    async def hang_up(self) -> None:
        """End the call."""
        with contextlib.suppress(HungUpError):
            await self._execute("Hangup", "16")

    async def record(self, path: str) -> None:
        """Record what this leg hears into a wav file."""
        await self._execute("MixMonitor", f",r({path})")

    async def press(self, keys: str) -> None:
        """Press keys, as RFC 4733 events."""
        await self._execute("SendDTMF", keys)

    async def play(self, sound: str) -> None:
        """Speak: play a sound to its end."""
        await self._execute("Playback", sound)

    async def listen(self, seconds: float) -> None:
        """Listen for a while, in seconds of PBX time, as a person does before pressing a key."""
        await self._execute("Wait", f"{seconds:g}")

    async def variable(self, expression: str) -> str:
        """The value of an expression such as ``${PJSIP_HEADER(read,Privacy)}``."""
        answer = await self._command(f'GET FULL VARIABLE "{expression}"')
        return str(answer.get("result", ("", ""))[1] or "")

    def end(self) -> None:
        """No more commands: Asterisk is told that the script is over."""
        if not self._over:
            self._over = True
            self._orders.put(_END)

    async def _execute(self, application: str, arguments: str = "") -> None:
        await self._command(f'EXEC {application} "{arguments}"')

    async def _command(self, text: str) -> _Answer:
        if self._over:
            raise HungUpError(text)
        done: Future[_Answer] = Future()

        def work(agi: _Agi) -> _Answer:
            agi.send_command(text)
            answer: _Answer = agi.get_result()
            return answer

        self._orders.put(_Order(work, done))
        try:
            return await asyncio.wrap_future(done)
        except HungUpError as error:
            raise HungUpError(text) from error

    def serve(self, agi: _Agi) -> None:
        """Carry out orders until the end; runs in the thread of the connection."""
        while (order := self._orders.get()) is not _END:
            if not order.done.set_running_or_notify_cancel():
                continue  # whoever asked does not want it any more
            try:
                order.done.set_result(order.work(agi))
            except (AGIException, OSError, ValueError) as error:
                self._over = True
                order.done.set_exception(HungUpError(str(error)))
                break
        self._over = True
        while not self._orders.empty():
            left = self._orders.get()
            if left is not _END and left.done.set_running_or_notify_cancel():
                left.done.set_exception(HungUpError("the call is over"))


def _is_alive(agi: _Agi) -> bool:
    """Whether the call is still there, or its caller gave up before Asterisk connected.

    For the channel of such a call Asterisk would wait until the script ends, though the other side is gone: it hangs
    up no more. It then refuses commands that want a living channel (511; ``agi_exec`` and the flag ``dead`` of
    res_agi.c); this one waits for no time at all.
    """
    try:
        agi.send_command("WAIT FOR DIGIT 0")
        agi.get_result()
    except (AGIException, OSError, ValueError):
        return False
    return True


class Arrivals:
    """Calls that reached parties, and who waits for one."""

    def __init__(self) -> None:
        """Nobody has called yet."""
        self._unclaimed: list[Handset] = []
        self._waiting: list[tuple[str, str, asyncio.Future[Handset]]] = []

    def next(self, endpoint: str, number: str = "") -> asyncio.Future[Handset]:
        """The next call at an endpoint, to a number if one is named; done at once when it has come already."""
        future: asyncio.Future[Handset] = asyncio.get_running_loop().create_future()
        there = next((each for each in self._unclaimed if _wanted(each, endpoint, number)), None)
        if there is not None:
            self._unclaimed.remove(there)
            future.set_result(there)
        else:
            self._waiting.append((endpoint, number, future))
        return future

    def add(self, handset: Handset) -> None:
        """A call has come: whoever waits longest for it takes it."""
        self._waiting = [each for each in self._waiting if not each[2].done()]
        for endpoint, number, future in self._waiting:
            if _wanted(handset, endpoint, number):
                future.set_result(handset)
                return
        self._unclaimed.append(handset)

    def forget(self, endpoint: str, number: str = "") -> None:
        """Drop the calls at an endpoint that nobody has taken, those to one number if one is named."""
        self._unclaimed = [each for each in self._unclaimed if not _wanted(each, endpoint, number)]


def _wanted(handset: Handset, endpoint: str, number: str) -> bool:
    return handset.endpoint == endpoint and number in {"", handset.dialled}


class Stagehand:
    """The FastAGI server: hands each new call of a party to whoever waits for it."""

    def __init__(self, welcome: Callable[[Handset], None]) -> None:
        """``welcome`` is called in the event loop with each new handset."""
        self._welcome = welcome
        self._loop = asyncio.get_running_loop()
        self._handsets: set[Handset] = set()
        self._guard = threading.Lock()
        stagehand = self

        class Connection(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                read, write = cast("BinaryIO", self.rfile), cast("BinaryIO", self.wfile)
                reader = io.TextIOWrapper(read, encoding="utf-8", errors="replace", newline="\n")
                writer = io.TextIOWrapper(write, encoding="utf-8", newline="\n", write_through=True)
                stagehand._serve(_Agi(reader, writer))

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Connection, bind_and_activate=False)
        self._server.daemon_threads = True
        self._server.request_queue_size = 128
        self._server.server_bind()
        self._server.server_activate()
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="fastagi", daemon=True)
        self._thread.start()

    @property
    def port(self) -> int:
        """The TCP port on 127.0.0.1."""
        return int(self._server.server_address[1])

    def close(self) -> None:
        """End every session and the server."""
        with self._guard:
            left = list(self._handsets)
        for handset in left:
            handset.end()
        self._server.shutdown()
        self._server.server_close()

    def _serve(self, agi: _Agi) -> None:
        handset = Handset(agi.env)
        if not _is_alive(agi):
            if handset.request == INCOMING:
                return  # it did not ring, and whoever waits for a call waits for another one
            handset.end()
        with self._guard:
            self._handsets.add(handset)
        try:
            self._loop.call_soon_threadsafe(self._welcome, handset)
            handset.serve(agi)
        except RuntimeError:
            return  # the event loop is gone: the lab is being closed
        finally:
            with self._guard:
                self._handsets.discard(handset)
