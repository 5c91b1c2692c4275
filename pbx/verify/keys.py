"""Keys of configuration files whose values name something that another part of a build must define."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from pbx.verify.references import Named, Reference, device, variable_references

SettingReader = Callable[[str], Iterator[Reference]]
"""From the value of a setting to what it names."""


def _name(kind: str) -> SettingReader:
    def reader(value: str) -> Iterator[Reference]:
        if value:
            yield Named(kind, value)

    return reader


def _names(kind: str) -> SettingReader:
    def reader(value: str) -> Iterator[Reference]:
        for each in value.split(","):
            if each.strip():
                yield Named(kind, each.strip())

    return reader


def _variable(value: str) -> Iterator[Reference]:
    name, _, text = value.partition("=")
    return variable_references(name.strip().lstrip("_"), text.strip())


def _member(value: str) -> Iterator[Reference]:
    parts = value.split(",")
    yield from device(parts[0])
    if len(parts) > 3 and parts[3].strip():  # noqa: PLR2004 - the fourth: whose state counts
        yield from device(parts[3])


def box(value: str) -> Iterator[Reference]:
    """``pin,name,email,pager,option=value|option=value``."""
    options = value.split(",")[4:5]
    for key, _, text in (each.partition("=") for each in "".join(options).split("|")):
        if key == "tz":
            yield Named("message zone", text)
        elif key in {"dialout", "callback", "exitcontext"}:
            yield Named("context", text)


def _goto_context(value: str) -> Iterator[Reference]:
    if value:
        yield Named("context", value)


PJSIP: Final[Mapping[str, SettingReader]] = {
    "context": _name("context"),
    "subscribe_context": _name("context"),
    "message_context": _name("context"),
    "refer_blind_progress_context": _name("context"),
    "auth": _names("auth"),
    "outbound_auth": _names("auth"),
    "aors": _names("aor"),
    "transport": _name("transport"),
    "endpoint": _name("endpoint"),
    "mailboxes": _names("mailbox"),
    "tone_zone": _name("tone zone"),
    "moh_suggest": _name("music class"),
    "set_var": _variable,
}
QUEUE: Final[Mapping[str, SettingReader]] = {
    "musicclass": _name("music class"),
    "music": _name("music class"),
    "context": _goto_context,
    "defaultrule": _name("queue rule"),
    "member": _member,
    "announce": _name("sound"),
    "periodic-announce": _names("sound"),
    "queue-youarenext": _name("sound"),
    "queue-thereare": _name("sound"),
    "queue-callswaiting": _name("sound"),
    "queue-holdtime": _name("sound"),
    "queue-minutes": _name("sound"),
    "queue-seconds": _name("sound"),
    "queue-thankyou": _name("sound"),
    "queue-reporthold": _name("sound"),
    "queue-quantity1": _name("sound"),
    "queue-quantity2": _name("sound"),
}
VOICEMAIL_GENERAL: Final[Mapping[str, SettingReader]] = {
    "dialout": _goto_context,
    "callback": _goto_context,
    "exitcontext": _goto_context,
}
PARKING: Final[Mapping[str, SettingReader]] = {
    "comebackcontext": _goto_context,
    "parkedmusicclass": _name("music class"),
    "courtesytone": _name("sound"),
}
CONFERENCE: Final[Mapping[str, SettingReader]] = {
    "music_on_hold_class": _name("music class"),
    "announcement": _name("sound"),
    **{
        f"sound_{name}": _name("sound")
        for name in [
            "join",
            "leave",
            "has_joined",
            "has_left",
            "only_person",
            "only_one",
            "there_are",
            "other_in_party",
            "kicked",
            "muted",
            "unmuted",
            "place_into_conference",
            "wait_for_leader",
            "leader_has_left",
            "get_pin",
            "invalid_pin",
            "locked",
            "locked_now",
            "unlocked_now",
            "error_menu",
            "participants_muted",
            "participants_unmuted",
            "begin",
        ]
    },
}
INDICATIONS: Final[Mapping[str, SettingReader]] = {"country": _name("tone zone")}
