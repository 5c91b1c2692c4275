"""The caller's part at places where more is done than to press a key or to speak."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from lab.events import extra
from lab.handset import HungUpError
from lab.scenario import wrong_pin
from pbx.kinds.base import Step

if TYPE_CHECKING:
    from lab.performance import Performance

PATIENCE: Final = 2
"""Seconds a caller goes on to wait in a queue when the last agent has begun to ring."""
GREETINGS: Final = ("vm-theperson", "vm-intro")
"""Of the sounds with which a mailbox begins to speak, one is always played."""
PAUSE: Final = 1.0
"""Seconds on the line after the last word: what MixMonitor has yet to write when a party hangs up is lost."""


async def at_conference(part: Performance, step: Step) -> None:
    """The PIN, right or wrong; who is in the room stays for a moment."""
    pin = part.scenario.scope.tenant.conferences[step.node.id].pin
    wrong = part.followed and part.forecast.steps[part.followed - 1].exit == "wrong_pin"
    if pin and not (step.exit == "refused" and wrong):
        await part.watch.sound("conf-getpin")
        call = await part.handset()
        await call.listen(part.moment)
        await call.press(pin if step.exit != "wrong_pin" else wrong_pin(pin))
    await part.left(step)
    if step.exit == "joined":
        if not part.scenario.brief and not part.scenario.earlier:
            await part.watch.sound("conf-onlyperson")  # what is listened to begins only now
        call = await part.handset()
        await call.listen(part.moment)
        await call.hang_up()


async def at_directory(part: Performance, step: Step) -> None:
    """Spell a name; a star asks for the next who has it, and 1 takes the one that is told."""
    call = await part.handset()
    await part.watch.sound("dir-welcome")
    for position, keys in enumerate(part.keys):
        if position:
            await part.watch.sound("dir-instr")
        await call.listen(part.moment)
        with contextlib.suppress(HungUpError):
            await call.press(keys)
    await part.left(step, seconds=120)


async def at_page(part: Performance, step: Step) -> None:
    """Speak to everybody who has answered."""
    await part.left(step)
    if step.exit != "paged":
        return
    if part.forecast.end.startswith("heard at"):
        await part.stage.within(part.answered, expected="somebody to be paged")
    await part.watch.sound("beep")
    call = await part.handset()
    if not part.scenario.brief:
        await call.play(f"lab/tone-{part.caller.tone}")
        part.seen.legs[0].spoke = True
    await call.listen(PAUSE)
    await call.hang_up()


async def at_parking(part: Performance, step: Step) -> None:
    """Be parked, or take a parked call up."""
    event, key = {"parked": ("ParkedCall", "parkeelinkedid"), "taken": ("UnParkedCall", "retrieverlinkedid")}[step.exit]
    linked = await part.watch.began()
    await part.stage.until(
        part.stage.pbx_events,
        lambda each: each.get("event") == event and linked == each.get(key),
        expected=f"the call to be {step.exit} at {step.node}",
        since=part.seen.first_pbx_event,
    )
    call = await part.handset()
    await call.listen(PAUSE)
    await call.hang_up()


async def in_queue(part: Performance, step: Step) -> None:
    """Speak with an agent, or wait for a while where none answers, and give up."""
    if step.exit == "answered":
        await part.converse()
        return
    if step.exit != "waiting":
        await part.left(step, seconds=180)
        return
    call = await part.handset()
    await call.listen(max((ring.after for ring in step.rings), default=0) + PATIENCE)
    await call.hang_up()


async def dial_code(part: Performance, step: Step) -> None:
    """A code whose function does not end by itself is left."""
    if step.exit == "mailbox":
        await part.watch.sound("vm-password")
        await (await part.handset()).hang_up()


async def leave_message(part: Performance, _step: Step) -> None:
    """Speak after the beep; where nobody listens, hang up before."""
    if part.scenario.brief:
        await part.watch.nth(
            lambda event: event.get("eventname") == "STREAM_BEGIN" and extra(event) in GREETINGS,
            expected="the mailbox to speak",
        )
        await (await part.handset()).hang_up()
        return
    await part.watch.sound("beep")
    call = await part.handset()
    # At once: Asterisk hangs up on who sends nothing for 4 s (app.c). The message begins after a second of silence.
    await call.play("lab/message")
    await call.hang_up()


async def message_arrives(part: Performance) -> None:
    """The message is on the lamp, on disk, and in the mail."""
    extension = part.scenario.scope.tenant.extensions[part.scenario.mailbox]
    mailbox = part.stage.mailbox(part.stage.party(part.scenario.tenant, f"extension:{part.scenario.mailbox}"))
    lamp = await part.stage.until(
        part.stage.party_events,
        lambda event: (
            event.get("event") == "MessageWaiting" and event.get("mailbox") == mailbox and event.get("new", "0") != "0"
        ),  # "waiting" is asked of the phone's own PBX, which has no mailboxes
        expected=f"the message lamp of {part.scenario.mailbox} to be lit",
        since=part.seen.first_party_event,
    )
    part.seen.lamp = lamp.get("new", "")
    inbox = part.stage.pbx.paths.voicemail / part.scenario.tenant / part.scenario.mailbox / "INBOX"
    part.seen.message = max(inbox.glob("msg*.wav"), default=None)
    if extension.voicemail and extension.voicemail.email and extension.email:
        part.seen.mail = (await part.stage.mail_to(extension.email)).content


PARTS: Final = {
    "conference": at_conference,
    "directory": at_directory,
    "feature_code": dial_code,
    "paging": at_page,
    "parking": at_parking,
    "queue": in_queue,
    "voicemail": leave_message,
}
"""By kind of place."""
