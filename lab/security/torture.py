"""The PBX is sent what is no SIP: it may answer that it did not understand, and goes on."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Final

from lab.results import Words
from lab.security.malformed import messages
from lab.security.wire import Ask, Outsider
from lab.security.witness import Findings, Target, known_by_address

_AT_ONCE: Final = 25
"""Messages before the PBX is asked whether it is still there."""
_SUBJECT: Final = Words("Mensajes SIP malformados no hacen nada", "Malformed SIP does nothing")


async def tortured(target: Target) -> Findings:
    """Each message by UDP, and by TCP where the PBX listens."""
    findings = Findings()
    stranger = await target.stranger()
    try:
        await _by_datagram(target, stranger, findings)
        await _by_stream(target, findings)
    finally:
        stranger.close()
    return findings


async def tortured_by_carrier(target: Target) -> Findings:
    """The same from the address of a carrier, who needs no login: what can be read is a call for nobody."""
    findings = Findings()
    for party in known_by_address(target)[:1]:
        carrier = await target.impostor(party)
        try:
            await _by_datagram(target, carrier, findings)
        finally:
            carrier.close()
    return findings


async def _by_datagram(target: Target, sender: Outsider, findings: Findings) -> None:
    sent = list(messages(target.pbx[0], sender.local))
    asks, replies = [], []
    for begin in range(0, len(sent), _AT_ONCE):
        for _, data in sent[begin : begin + _AT_ONCE]:
            sender.throw(data)
        asks.append(Ask("OPTIONS", "nobody", "stranger"))
        replies.append(await sender.ask(asks[-1]))
    taken = [answer.partition("\r\n")[0] for answer in sender.answers if answer.startswith("SIP/2.0 2")]
    findings.add(_SUBJECT, "no success in any answer", taken, attempts=len(sent))
    subject = Words(
        "Entre ellos, cada pedido correcto recibe su respuesta", "Among them each proper request is answered"
    )
    findings.refused(subject, asks, replies, (401, 404))


async def _by_stream(target: Target, findings: Findings) -> None:
    """One connection for each message, since a stream that is broken stays so; nobody listens in most sites."""
    try:
        _, probe = await asyncio.open_connection(*target.pbx)
    except OSError:
        subject = Words("Nadie escucha por TCP, que nadie usa", "Nobody listens on TCP, which nobody uses")
        findings.add(subject, "connection refused", [], attempts=1)
        return
    probe.close()
    sent = list(messages(target.pbx[0], f"{target.address()}:5060"))[::3]
    answers = await asyncio.gather(*(_stream(target, data.replace(b"/UDP", b"/TCP")) for _, data in sent))
    taken = [answer for answer in answers if "SIP/2.0 2" in answer]
    subject = Words(f"{_SUBJECT.es}, por TCP", f"{_SUBJECT.en}, by TCP")
    findings.add(subject, "no success in any answer", taken, attempts=len(sent))


async def _stream(target: Target, data: bytes) -> str:
    """What comes back until the PBX hangs up, at the longest for half a second."""
    reader, writer = await asyncio.open_connection(*target.pbx, local_addr=(target.address(3), 0))
    answer = b""
    with contextlib.suppress(OSError, TimeoutError):
        writer.write(data)
        writer.write_eof()
        async with asyncio.timeout(0.5):
            answer = await reader.read(65535)
    writer.close()
    return answer.decode("utf-8", "replace")
