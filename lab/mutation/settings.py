"""Changes of settings beside the dialplan: queues, phones, trunks, mailboxes, rooms, parking, music, mail, tones."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from lab.mutation.change import Change, other
from lab.mutation.material import Material, Setting

_SWITCH: Final[Mapping[str, str]] = {"yes": "no", "no": "yes", "on": "off", "off": "on"}
_STRATEGY: Final[Mapping[str, str]] = {
    "ringall": "linear",
    "linear": "rrordered",
    "rrordered": "linear",
    "leastrecent": "linear",
    "wrandom": "linear",
}
_KEEP: Final = None
"""Instead of a new value: the line is taken away."""

_Value = Callable[[str, Setting, Material], str | None]


def changes(setting: Setting, found: Material) -> Iterator[Change]:
    """Every change of a setting."""
    for kind, key, value in _OPERATORS:
        configuration, sort = kind
        if setting.configuration == configuration and sort in {"", setting.kind} and re.fullmatch(key, setting.key):
            yield from value(setting, found)


def _change(setting: Setting, what: str, new: str | None) -> Iterator[Change]:
    """``what`` of the object has another value; none at all when it is None."""
    if new == setting.value:
        return
    old = setting.raw.partition("=")[2].lstrip(">").strip()
    told = "is not said" if new is None else f"is {new or 'empty'} instead of {setting.value or 'empty'}"
    begin = setting.raw[: setting.raw.rindex(old)] if old and old in setting.raw else setting.raw
    new_line = None if new is None else f"{begin}{new}"
    yield Change(what, setting.raw, new_line, f"{setting.key} of {setting.section} {told}")


_Operator = Callable[[Setting, Material], Iterator[Change]]


def _switched(what: str) -> _Operator:
    return lambda setting, _: _change(setting, what, _SWITCH.get(setting.value, "no"))


def _dropped(what: str) -> _Operator:
    return lambda setting, _: _change(setting, what, None)


def _to(what: str, new: str) -> _Operator:
    return lambda setting, _: _change(setting, what, new)


def _times(what: str, factor: int, zero: int) -> _Operator:
    def changed(setting: Setting, _: Material) -> Iterator[Change]:
        if setting.value.isdigit():
            yield from _change(setting, what, str(int(setting.value) * factor or zero))

    return changed


def _more(what: str, by: int = 1) -> _Operator:
    def changed(setting: Setting, _: Material) -> Iterator[Change]:
        if setting.value.isdigit():
            yield from _change(setting, what, str(int(setting.value) + by))

    return changed


def _another(what: str) -> _Operator:
    """What another object of the same sort has."""

    def changed(setting: Setting, found: Material) -> Iterator[Change]:
        known = [each for each in found.values(setting.configuration, setting.key, setting.kind) if each]
        new = other(setting.value, known)
        if new:
            yield from _change(setting, what, new)

    return changed


def _strategy(setting: Setting, _: Material) -> Iterator[Change]:
    yield from _change(setting, "queue strategy", _STRATEGY.get(setting.value, "ringall"))


def _without_one(what: str) -> _Operator:
    """Of several words one is not there; a phone of a tenant is never in a state that Asterisk does not know."""

    def changed(setting: Setting, _: Material) -> Iterator[Change]:
        words = setting.value.split(",")
        for word in words:
            if word not in {"unknown", "invalid"}:
                yield from _change(setting, what, ",".join(each for each in words if each != word))

    return changed


def _member(setting: Setting, found: Material) -> Iterator[Change]:
    yield from _change(setting, "queue member removed", None)
    device, penalty, name = setting.value.split(",")
    if not _comes_later(setting, found):
        yield from _change(setting, "queue penalty", f"{device},{int(penalty) + 5},{name}")
    mine = {
        each.value.partition(",")[0]
        for each in found.settings
        if each.section == setting.section and each.key == "member"
    }
    phones = sorted(
        f"PJSIP/{each.section}"
        for each in found.settings
        if (each.configuration, each.key, each.value) == ("pjsip.conf", "type", "endpoint")
        and "_trunk_" not in each.section
    )
    new = other(device, [each for each in phones if each not in mine])
    if new:
        number = new.rpartition("_")[2]
        told = f"{new} is a member of {setting.section} too"
        text = f"{setting.raw}\nmember => {new},{penalty},extension:{number}"
        yield Change("queue member added", setting.raw, text, told)
        swapped = setting.raw.replace(device, new)
        yield Change("queue member added", setting.raw, swapped, f"{new} is a member instead of {device}")


def _comes_later(setting: Setting, found: Material) -> bool:
    """Whether a member comes after others anyway: more penalty would change nothing."""
    queue = [each for each in found.settings if (each.configuration, each.section) == (_QUEUE, setting.section)]
    in_order = any((each.key, each.value) == ("strategy", "linear") for each in queue)
    return in_order and any(each.key == "member" and each.line < setting.line for each in queue)


def _box(setting: Setting, _: Material) -> Iterator[Change]:
    pin, name, mail, *_pager, options = setting.value.split(",")
    names = (f"{setting.key}@{setting.section}",)
    yield Change("mailbox removed", setting.raw, None, f"there is no mailbox {names[0]}", names)
    parts = (
        ("voicemail PIN", pin, pin[:-1] + str((int(pin[-1:] or 0) + 1) % 10)),
        ("text of a mail", name, f"{name} Otro"),
        ("mail address", mail, f"x{mail}"),
    )
    for what, old, new in parts:
        if old:
            line = setting.raw.replace(old, new, 1)
            yield Change(what, setting.raw, line, f"{old} of {names[0]} is {new}", names)
    for option in options.split("|"):
        key, _equals, value = option.partition("=")
        if key == "attach":
            line = setting.raw.replace(option, f"attach={_SWITCH[value]}")
            yield Change("mail attachment", setting.raw, line, f"attach of {names[0]} is {_SWITCH[value]}", names)
        if key == "tz":
            line = setting.raw.replace(f"|{option}", "")
            yield Change("voicemail rule", setting.raw, line, f"{names[0]} has no time zone", names)


def _person(setting: Setting, _: Material) -> Iterator[Change]:
    names = (setting.key, "directory")
    yield Change("directory", setting.raw, None, f"nobody finds {setting.value.split(',')[1]}", names)
    name = setting.value.split(",")[1]
    line = setting.raw.replace(name, f"Zz{name}")
    yield Change("directory", setting.raw, line, f"{name} is found as Zz{name}", names)


def _variable(setting: Setting, found: Material) -> Iterator[Change]:
    name, _equals, value = setting.value.partition("=")
    known = [each.partition("=")[2] for each in found.values("pjsip.conf", "set_var") if each.startswith(f"{name}=")]
    kind = {
        "PBX_CLASS": "class of service opened",
        "PBX_CALLER_ID": "caller id changed",
        "PBX_HIDE": "privacy changed",
        "TRANSFER_CONTEXT": "context",
        "FORWARD_CONTEXT": "context",
    }.get(name, "variable of a phone")
    if value in _SWITCH:
        yield from _change(setting, kind, f"{name}={_SWITCH[value]}")
    else:
        new = other(value, sorted(each for each in known if each))
        yield from _change(setting, kind, f"{name}={new}" if new else None)


def _caller(setting: Setting, _: Material) -> Iterator[Change]:
    match = re.fullmatch(r'"(.*)" <(\d+)>', setting.value)
    if match:
        yield from _change(setting, "caller id changed", f'"{match[1]} X" <{match[2]}>')
        yield from _change(setting, "caller id changed", f'"{match[1]}" <{int(match[2]) + 50}>')


def _positions(setting: Setting, _: Material) -> Iterator[Change]:
    first, _dash, last = setting.value.partition("-")
    if last.isdigit():
        yield from _change(setting, "parking", f"{int(first) + 1}-{last}")


def _key(setting: Setting, _: Material) -> Iterator[Change]:
    new = "no_op" if setting.value != "no_op" else "toggle_mute"
    yield from _change(setting, "conference", new)


def _text(what: str) -> _Operator:
    """Another text."""
    return lambda setting, _: _change(setting, what, f"X{setting.value}")


def _swapped_word(what: str, words: Mapping[str, str]) -> _Operator:
    def changed(setting: Setting, _: Material) -> Iterator[Change]:
        if setting.value in words:
            yield from _change(setting, what, words[setting.value])

    return changed


def _zone(setting: Setting, found: Material) -> Iterator[Change]:
    """What a mailbox says of the time of its messages."""
    if setting.section == "zonemessages" and setting.key == found.tenant:
        place, _bar, said = setting.value.partition("|")
        yield from _change(setting, "voicemail rule", f"Asia/Tokyo|{said}" if place else None)


_QUEUE, _PJSIP, _VOICEMAIL = "queues.conf", "pjsip.conf", "voicemail.conf"
_ROOM, _PARKING = "confbridge.conf", "res_parking.conf"
_OPERATORS: Final[tuple[tuple[tuple[str, str], str, _Operator], ...]] = (
    ((_QUEUE, ""), "strategy", _strategy),
    ((_QUEUE, ""), "timeout", _times("queue timeout", 2, 5)),
    ((_QUEUE, ""), "retry", _times("queue timeout", 5, 10)),
    ((_QUEUE, ""), "wrapuptime", _swapped_word("queue wrap-up", {"0": "20", "10": "0"})),
    ((_QUEUE, ""), "maxlen", _more("queue length")),
    ((_QUEUE, ""), "musicclass", _dropped("music class")),
    ((_QUEUE, ""), "joinempty|leavewhenempty", _without_one("queue rule")),
    ((_QUEUE, ""), "ringinuse|autofill|shared_lastcall", _switched("queue rule")),
    ((_QUEUE, ""), "timeoutpriority", _to("queue rule", "app")),
    ((_QUEUE, ""), "announce-.*", _switched("queue announcement")),
    ((_QUEUE, ""), "announce-frequency", _times("queue announcement", 4, 60)),
    ((_QUEUE, ""), "monitor-format", _dropped("queue rule")),
    ((_QUEUE, ""), "member", _member),
    ((_PJSIP, "endpoint"), "context", _another("context")),
    ((_PJSIP, "endpoint"), "subscribe_context", _dropped("subscribe context")),
    ((_PJSIP, "endpoint"), "auth", _dropped("login")),
    ((_PJSIP, "endpoint"), "auth|aors|outbound_auth", _another("login")),
    ((_PJSIP, "endpoint"), "outbound_auth", _dropped("login")),
    ((_PJSIP, "endpoint"), "callerid", _caller),
    ((_PJSIP, "endpoint"), "language", _swapped_word("language changed", {"es": "en", "en": "es"})),
    ((_PJSIP, "endpoint"), "tone_zone", _to("language changed", "uy")),
    ((_PJSIP, "endpoint"), "tenantid", _dropped("music class")),
    ((_PJSIP, "endpoint"), "moh_suggest", _dropped("music class")),
    ((_PJSIP, "endpoint"), "mailboxes", _dropped("lamp of a mailbox")),
    ((_PJSIP, "endpoint"), "mailboxes", _another("lamp of a mailbox")),
    ((_PJSIP, "endpoint"), "named_(call|pickup)_group", _dropped("pickup group")),
    ((_PJSIP, "endpoint"), "set_var", _variable),
    ((_PJSIP, "endpoint"), "allow", _to("codec", "gsm")),
    ((_PJSIP, "endpoint"), "from_domain", _to("media and identity", "x.example")),
    ((_PJSIP, "template"), "allow", _to("codec", "gsm")),
    ((_PJSIP, "template"), "dtmf_mode", _to("codec", "info")),
    ((_PJSIP, "template"), "direct_media|send_pai|trust_id_outbound", _switched("media and identity")),
    ((_PJSIP, "template"), "allow_transfer|allow_subscribe", _switched("media and identity")),
    ((_PJSIP, "template"), "identify_by", _to("login", "username")),
    ((_PJSIP, "template"), "transport", _to("transport", "transport-tcp")),
    ((_PJSIP, "template"), "max_contacts", _to("phones of an extension", "0")),
    ((_PJSIP, "auth"), "login", _text("login")),
    ((_PJSIP, "auth"), "username", _text("login")),
    ((_PJSIP, "identify"), "endpoint", _another("login")),
    ((_PJSIP, "login"), "outbound_auth", _dropped("login")),
    ((_PJSIP, "login"), "contact_user", _text("login")),
    ((_PJSIP, "transport"), "protocol", _to("transport", "tcp")),
    ((_PJSIP, "global"), "user_agent|default_realm", _text("transport")),
    ((_PJSIP, "global"), "endpoint_identifier_order", _to("login", "ip,username")),
    ((_PJSIP, "global"), "ignore_uri_user_options", _switched("transport")),
    ((_VOICEMAIL, ""), r"\d+", _box),
    ((_VOICEMAIL, ""), "format", _to("voicemail rule", "gsm")),
    ((_VOICEMAIL, ""), "serveremail|fromstring|emailsubject|emailbody", _text("text of a mail")),
    ((_VOICEMAIL, ""), "maxsecs", _to("voicemail rule", "2")),
    ((_VOICEMAIL, ""), "maxsilence", _to("voicemail rule", "1")),
    ((_VOICEMAIL, ""), "maxmsg", _to("voicemail rule", "0")),
    ((_VOICEMAIL, ""), "maxlogins", _more("voicemail rule")),
    ((_VOICEMAIL, ""), "passwordlocation", _dropped("voicemail rule")),
    ((_VOICEMAIL, ""), "[a-z]+", _zone),
    ((_ROOM, "bridge"), "max_members", _to("conference", "1")),
    ((_ROOM, "bridge"), "language", _swapped_word("language changed", {"es": "en", "en": "es"})),
    ((_ROOM, "user"), "announce_only_user|music_on_hold_when_empty", _switched("conference")),
    ((_ROOM, "menu"), r"[\d*#]", _key),
    ((_PARKING, ""), "parkpos", _positions),
    ((_PARKING, ""), "parkingtime", _times("parking", 3, 90)),
    ((_PARKING, ""), "comebacktoorigin", _switched("parking")),
    ((_PARKING, ""), "comebackcontext", _dropped("parking")),
    ((_PARKING, ""), "findslot", _to("parking", "next")),
    (("musiconhold.conf", ""), "directory", _to("music class", "silence")),
    (("musiconhold.conf", ""), "directory", _dropped("music class")),
    (("minivm.conf", ""), "fromemail|subject|messagebody", _text("text of a mail")),
    (("minivm.conf", ""), "mailcmd", _to("mail address", "/bin/true")),
    (("directory.conf", ""), r"\d+", _person),
    (("indications.conf", ""), "busy|congestion|ring", _to("language changed", "900/100,0/100")),
    (("cdr.conf", ""), "enable", _switched("call records")),
)
"""File and type of an object, the keys, and how their values are changed."""
