"""Reading Asterisk's log: which lines say that something is wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

BOOTED: Final = "Asterisk Ready."
"""The last line of a boot."""
_LINE: Final = re.compile(r"^\[[^\]]+\] (?:ERROR|WARNING)\[\d+\](?:\[C-[0-9a-f]+\])? (?P<text>.*)$")


@dataclass(frozen=True, slots=True)
class Expected:
    """A line which may be there, and why it is no problem."""

    pattern: re.Pattern[str]
    reason: str


HARMLESS: Final = (
    Expected(
        re.compile(r"app_queue\.c: Unable to join queue '[a-z0-9_]+'"),
        "app_queue says so of every caller whom a full or an empty queue sends on, as it is configured to",
    ),
    Expected(
        re.compile(
            r"res_musiconhold\.c: Failed to write frame to 'PJSIP/[^']+': "
            r"(No such file or directory|Resource temporarily unavailable)$"
        ),
        "whoever heard music has hung up in that moment, or one packet of it found no room",
    ),
    Expected(
        re.compile(r"chan_pjsip\.c: Session already DISCONNECTED \[reason=\d+ \([^)]*\)\]$"),
        "both sides have hung up in the same moment",
    ),
    Expected(
        re.compile(r"stasis\.c: Internal error: subscription has invalid topic$"),
        "two calls have ended at once, one of them after a transfer to parking; no call suffers",
    ),
    Expected(
        re.compile(r'^pjproject: \s*sip_endpoint\.c Warning: Module "[^"]+" registered during operation\.'),
        "a SIP request came in while Asterisk was still loading modules one by one, as it always does",
    ),
    Expected(
        re.compile(
            r"taskprocessor\.c: Taskprocessor 'stasis/m:manager:core-[0-9a-f]+' queue reached \d+ scheduled tasks"
        ),
        "what AMI tells comes late on a busy machine at many times the speed; nothing of it is lost",
    ),
)
"""Errors and warnings in the log that are no problem."""

CONSOLE: Final = (
    Expected(re.compile(r"^Asterisk .*Copyright|^Created by|^Asterisk comes|^This is free|^License version"), "banner"),
    Expected(re.compile(r"^certain conditions\.|^=+$|^PBX UUID: "), "banner"),
    Expected(
        re.compile(r"^Could not find option 'minimum_size' with type 'threadpool' in module 'stasis'$"),
        "the shipped documentation of stasis.conf does not know this option of its own code",
    ),
    Expected(
        re.compile(r"^(Unable to load config file 'stasis\.conf'|Could not load Stasis configuration; using .*)$"),
        "stasis.conf is optional; the defaults are wanted",
    ),
)
"""What Asterisk may print before its log is open."""


def unexpected_lines(log: Path, since: int = 0, allowed: tuple[Expected, ...] = HARMLESS) -> list[str]:
    """Errors and warnings in a log after the first ``since`` bytes that nobody expects."""
    found = []
    for line in read_since(log, since).splitlines():
        match = _LINE.match(line)
        if match and not any(each.pattern.search(match["text"]) for each in allowed):
            found.append(line)
    return found


def unexpected_output(console: Path, since: int = 0) -> list[str]:
    """What Asterisk printed before its log was open and nobody expects."""
    lines = read_since(console, since).splitlines()
    return [line for line in lines if line.strip() and not any(each.pattern.search(line) for each in CONSOLE)]


def last_lines(path: Path, count: int = 8) -> list[str]:
    """The end of a log."""
    return read_since(path, 0).splitlines()[-count:]


def read_since(path: Path, since: int) -> str:
    """The text of a file after its first ``since`` bytes; empty when there is no file."""
    try:
        with path.open("rb") as stream:
            stream.seek(since)
            return stream.read().decode("utf-8", "replace")
    except FileNotFoundError:
        return ""
