"""A call as a ladder: one line of life per participant, one arrow per SIP message.

Colours come from custom properties (``--dialog-0`` …, ``--paper``) with fallbacks, and text takes the colour around it,
so that the drawing follows a page into the dark. Everything drawn from a message is hostile text and is escaped.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

from lab.evidence.text import on_one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from lab.results import SipMessage

MOST_MESSAGES = 60
"""Arrows drawn before the rest is only counted."""
NOISE = frozenset({"REGISTER", "OPTIONS", "SUBSCRIBE", "NOTIFY", "PUBLISH"})
"""Methods that are not part of a call."""

_COLOURS = ("#0b6fb0", "#b45309", "#0f7a5a", "#a23b86", "#7a6400", "#5b5bd6")
_LANE, _MARGIN, _TOP, _STEP = 148, 108, 58, 46
_CSEQ = re.compile(r"^CSeq[ \t]*:[ \t]*(\d+)[ \t]+(\w+)", re.IGNORECASE | re.MULTILINE)
_AUDIO = re.compile(r"^m=audio (\d+) \S+([\d ]*)", re.MULTILINE)
_CODECS = {"0": "ulaw", "8": "alaw", "9": "g722", "18": "g729", "3": "gsm"}


def about_calls(messages: Iterable[SipMessage], noise: frozenset[str] = NOISE) -> tuple[SipMessage, ...]:
    """Leave out the messages that do not belong to a call: registrations, keep-alives, subscriptions."""
    return tuple(message for message in messages if _sequence(message)[1] not in noise)


def ladder(
    messages: Sequence[SipMessage],
    names: Mapping[str, str],
    *,
    most: int = MOST_MESSAGES,
    noise: frozenset[str] = NOISE,
    more: str = "… {count} more",
) -> str:
    """Draw the messages as an SVG, in order of time.

    ``names`` gives the name of a participant by its ``address:port`` or its bare address; who has none is shown by his
    address. Messages of the methods in ``noise`` are left out (an empty set keeps all); of the rest ``most`` are drawn
    and the others counted in the words of ``more``. No message gives no drawing: an empty text.
    """
    calls = about_calls(messages, noise)
    shown = calls[:most]
    if not shown:
        return ""
    lanes = {name: lane for lane, name in enumerate(dict.fromkeys(_participants(shown, names)))}
    dialogs = {call: index for index, call in enumerate(dict.fromkeys(message.call_id for message in shown))}
    width = _MARGIN + _LANE * max(1, len(lanes) - 1) + 70
    height = _TOP + _STEP * len(shown) + (26 if len(calls) > most else 4)
    head = (
        f'<svg class="ladder" xmlns="http://www.w3.org/2000/svg" role="img" width="{width}" height="{height}"'
        f' viewBox="0 0 {width} {height}" style="min-width:{0.8 * width:.0f}px;max-width:100%;height:auto"'
        ' font-family="system-ui, sans-serif" font-size="12" fill="currentColor">'
        f"<title>SIP: {escape(', '.join(map(on_one_line, lanes)))}</title>"
    )
    parts = [head, *(_lifeline(name, lane, height) for name, lane in lanes.items())]
    for row, message in enumerate(shown):
        ends = lanes[_name(message.source, names)], lanes[_name(message.target, names)]
        parts.append(_arrow(message, ends, dialogs[message.call_id], _TOP + _STEP * row))
    if len(calls) > most:
        text = escape(more.format(count=len(calls) - most))
        parts.append(f'<text x="{width / 2:g}" y="{height - 8}" text-anchor="middle" opacity=".75">{text}</text>')
    return "".join(parts) + "</svg>"


def _participants(messages: Iterable[SipMessage], names: Mapping[str, str]) -> Iterator[str]:
    for message in messages:
        yield _name(message.source, names)
        yield _name(message.target, names)


def _name(address: str, names: Mapping[str, str]) -> str:
    return names.get(address) or names.get(address.rpartition(":")[0]) or address


def _sequence(message: SipMessage) -> tuple[str, str]:
    """Read number and method of the transaction."""
    found = _CSEQ.search(message.text)
    if found:
        return found.group(1), found.group(2).upper()
    return "", "" if message.first_line.startswith("SIP/") else message.first_line.split(" ", 1)[0].upper()


def _sound(text: str) -> str:
    """Codecs a message offers, or its port when none is known."""
    audio = _AUDIO.search(text)
    if not audio:
        return ""
    codecs = [_CODECS[number] for number in audio.group(2).split() if number in _CODECS]
    return f"SDP {'/'.join(codecs[:2]) or audio.group(1)}"


def _lifeline(name: str, lane: int, height: int) -> str:
    middle = _MARGIN + lane * _LANE
    return (
        f'<line x1="{middle}" y1="34" x2="{middle}" y2="{height}" stroke="currentColor" opacity=".25"/>'
        f'<rect x="{middle - 66}" y="4" width="132" height="28" rx="6" fill="none" stroke="currentColor" opacity=".6"/>'
        f'<text x="{middle}" y="22" text-anchor="middle" font-weight="600">{escape(on_one_line(name, 19))}</text>'
    )


def _arrow(message: SipMessage, ends: tuple[int, int], dialog: int, top: int) -> str:
    """Draw one message: its time and dialog letter at the margin, arrow, what it is, its transaction and sound."""
    number, method = _sequence(message)
    response = message.first_line.startswith("SIP/")
    title = message.first_line.partition(" ")[2] if response else message.first_line.split(" ", 1)[0]
    below = " · ".join(filter(None, (f"{number} {method}".strip(), _sound(message.text))))
    colour = f"var(--dialog-{dialog % len(_COLOURS)}, {_COLOURS[dialog % len(_COLOURS)]})"
    start, end = (_MARGIN + lane * _LANE for lane in ends)
    line = top + 20
    if start == end:
        path, head = f"M{start} {line}h44v10h-38", f"M{end} {line + 10}l8 -4v8z"
        label = start + 50
    else:
        way = 1 if end > start else -1
        path, head = f"M{start} {line}H{end - way * 7}", f"M{end} {line}l{-way * 9} -5v10z"
        label = (start + end) // 2
    anchor = "start" if start == end else "middle"
    dashes = ' stroke-dasharray="5 4"' if response else ""
    letter = chr(ord("A") + dialog % 26)
    return (
        f'<g style="color:{colour}"><title>{escape(on_one_line(message.first_line))}</title>'
        f'<path d="{path}" fill="none" stroke="currentColor" stroke-width="1.6"{dashes}/><path d="{head}"/>'
        f'<text x="{label}" y="{line - 6}" text-anchor="{anchor}" font-weight="600">'
        f"{escape(on_one_line(title, 24))}</text>"
        f'<text x="{label}" y="{line + 13}" text-anchor="{anchor}" font-size="10" opacity=".85">'
        f"{escape(on_one_line(below, 32))}</text>"
        f'<text x="2" y="{line - 6}" font-size="10">{letter}</text></g>'
        f'<text x="2" y="{line + 6}" font-size="10" opacity=".7">{message.time:.3f}</text>'
    )
