"""What was agreed for everybody, as the running PBX holds it: rows that are folded rest on it.

Of fifteen agents one is called; that the others differ from him in nothing but names is shown here, by what Asterisk
itself answers about each of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from lab.acts.act import Act, Play
from lab.acts.casting import act, label
from lab.calls import Lab
from lab.results import Words
from pbx.asterisk import names
from pbx.asterisk.text import plain
from pbx.kinds.extension import FORWARDS
from pbx.kinds.queue import view
from pbx.site import TenantScope

_PHONE: Final[Mapping[str, str]] = {
    "allow": "(alaw|ulaw|g722)",
    "dtmfmode": "rfc4733",
    "directmedia": "false",
    "sendpai": "true",
    "identifyby": "username,ip",
}
_TRUNK: Final[Mapping[str, str]] = {
    "dtmfmode": "rfc4733",
    "directmedia": "false",
    "sendpai": "true",
    "trustidoutbound": "true",
    "trustidinbound": "true",
    "allowtransfer": "false",
    "allowsubscribe": "false",
    "identifyby": "ip",
}
_PLATFORM: Final[Mapping[str, str]] = {
    "user_agent": "PBX",
    "ignore_uri_user_options": "true",
    "endpoint_identifier_order": "username,ip",
}
_BOXES: Final[Mapping[str, str]] = {"maxmessagecount": "100", "maxmessagelength": "300"}
_CONTACTS: Final = 5
"""Phones of an extension whose devices are not named."""
_SETTING: Final = re.compile(r"^ *([\w ]+?) *: *(.*?) *$", re.MULTILINE)


def acts(scope: TenantScope) -> Iterator[Act]:
    """Phones, trunks, mailboxes, queues and rooms."""
    tenant = scope.tenant
    for row_id, requirement, objective, play, wanted in (
        (
            "phones-as-agreed",
            "EXT-1",
            ("Cada interno, como se acordó", "Each extension, as agreed"),
            phones,
            tenant.extensions,
        ),
        ("trunks-as-agreed", "POC-7", ("Cada troncal, como se acordó", "Each trunk, as agreed"), trunks, tenant.trunks),
        (
            "mailboxes-as-agreed",
            "EXT-3",
            ("Cada casilla, como se acordó", "Each mailbox, as agreed"),
            boxes,
            _boxes(scope),
        ),
        ("queues-as-agreed", "QUE-1", ("Cada cola, como se acordó", "Each queue, as agreed"), queues, tenant.queues),
        ("parking-as-agreed", "POC-4", ("El estacionamiento, como se acordó", "Parking, as agreed"), lot, _lots(scope)),
        ("rooms-as-agreed", "POC-4", ("Cada sala, como se acordó", "Each room, as agreed"), rooms, tenant.conferences),
    ):
        if wanted:
            yield _act(scope, row_id, requirement, objective, play, len(wanted))


def _act(scope: TenantScope, row_id: str, requirement: str, objective: tuple[str, str], play: Play, count: int) -> Act:
    return act(
        scope,
        row_id,
        requirement,
        objective,
        steps=[(f"Se pregunta a la central por los {count}.", f"The PBX is asked about all {count}.")],
        expected=[("Todos están como se acordó.", "All of them are as agreed.")],
        play=play,
        shares=[f"settings:{scope.slug}", *(f"queue:{name}" for name in scope.tenant.queues)],
        seconds=3,
    )


def _boxes(scope: TenantScope) -> list[str]:
    return [number for number, extension in scope.tenant.extensions.items() if extension.voicemail]


def same(lab: Lab, subject: Words, wanted: Mapping[str, str], held: Mapping[str, str]) -> None:
    """Everything is held as it is wanted; what is not is named."""
    wrong = [key for key in wanted if held.get(key, "") != wanted[key]]
    if wrong:
        lab.same(
            subject,
            ", ".join(f"{key} {wanted[key] or '–'}" for key in wrong),
            ", ".join(f"{key} {held.get(key, '') or '–'}" for key in wrong),
        )
    told = f"{len(wanted)} ajustes / settings"
    lab.same(subject, told, told)


def asked(lab: Lab, action: str, **of: Any) -> list[Mapping[str, str]]:  # noqa: ANN401 - as the manager takes them
    """The events with which the manager interface answers."""
    return list(lab.run(lab.stage.pbx_ami.listing(action, **of)))


def event(events: Iterable[Mapping[str, str]], name: str) -> dict[str, str]:
    """The only event of a name; empty when there is none."""
    return next((dict(each) for each in events if each.get("event") == name), {})


def phones(lab: Lab) -> None:
    """Name and number shown, class of service, language, lamps, pickup group, and what codes begin with."""
    scope = lab.scope
    for number, extension in sorted(scope.tenant.extensions.items()):
        endpoint = names.endpoint(scope.slug, number)
        devices = [device.name for device in extension.devices or ()] or [""]
        group = names.pickup_group(scope.slug, extension.pickup_group) if extension.pickup_group else ""
        wanted = {
            **_PHONE,
            **_everybody(scope),
            "context": names.context(scope.slug, "class", extension.class_of_service),
            "subscribecontext": names.context(scope.slug, "hints"),
            "callerid": f'"{plain(scope.name_of(number))}" <{number}>',
            "mailboxes": names.mailbox(scope.slug, number) if extension.voicemail else "",
            "namedcallgroup": group,
            "namedpickupgroup": group,
            "auth": ",".join(names.login(scope.slug, number, device) for device in devices),
            "username": endpoint,
            "maxcontacts": str(len(extension.devices or ()) or _CONTACTS),
            "removeunavailable": "true",
            **_variables(scope, number),
        }
        found = asked(lab, "PJSIPShowEndpoint", Endpoint=endpoint)
        detail = event(found, "EndpointDetail")
        held = detail | {
            "username": event(found, "AuthDetail").get("username", ""),
            **{key: event(found, "AorDetail").get(key, "") for key in ("maxcontacts", "removeunavailable")},
            **dict(_pairs(detail.get("setvar", ""))),
        }
        who = label(scope, number)
        same(lab, Words(f"{who}, como se acordó", f"{who}, as agreed"), wanted, held)


def _everybody(scope: TenantScope) -> dict[str, str]:
    return {
        "language": scope.tenant.language,
        "tonezone": scope.tenant.country.lower(),
        "tenantid": scope.slug,
        "mohsuggest": names.music(scope.slug, "default"),
    }


def _variables(scope: TenantScope, number: str) -> dict[str, str]:
    tenant, extension = scope.tenant, scope.tenant.extensions[number]
    transfer = names.context(scope.slug, "transfer", extension.class_of_service)
    on = [f"forward_{when}" for when in FORWARDS if getattr(extension.forward, when)]
    on += [name for name in ("call_waiting", "hide_caller_id") if getattr(extension, name)]
    agent = any(number in queue.members for queue in tenant.queues.values())
    return {
        "PBX_TENANT": scope.slug,
        "PBX_EXTENSION": number,
        "PBX_CLASS": extension.class_of_service,
        "PBX_CALLER_ID": extension.caller_id or "",
        "PBX_HIDE": "on" if extension.hide_caller_id else "off",
        "PBX_PREFIX": tenant.outside_prefix or "",
        "PBX_VOICEMAIL": tenant.feature_codes.voicemail or "",
        "PBX_AGENT": "yes" if agent else "",
        **{
            f"PBX_DEFAULT_{name}": "on" if name in on else ""
            for name in (*(f"forward_{when}" for when in FORWARDS), "call_waiting", "hide_caller_id", "do_not_disturb")
        },
        "TRANSFER_CONTEXT": transfer,
        "FORWARD_CONTEXT": transfer,
    }


def _pairs(variables: str) -> Iterator[tuple[str, str]]:
    for each in variables.split(","):
        name, _, text = each.partition("=")
        yield name, text


def trunks(lab: Lab) -> None:
    """Codecs, identity, rights, and who is taken for the carrier."""
    scope = lab.scope
    settings = dict(_SETTING.findall(lab.run(lab.stage.pbx.cli("pjsip show settings"))))
    domain = lab.stage.shipped.platform.domain
    same(lab, Words("SIP de la plataforma", "SIP of the platform"), {**_PLATFORM, "default_realm": domain}, settings)
    for name, trunk in sorted(scope.tenant.trunks.items()):
        endpoint, party = names.trunk(scope.slug, name), lab.stage.party(scope.slug, f"trunk:{name}")
        wanted = {
            **_TRUNK,
            **_everybody(scope),
            "allow": f"({'|'.join(trunk.codecs)})",
            "context": names.incoming(scope.slug, name),
            "fromdomain": party.address,
            "aors": endpoint,
            "outboundauth": endpoint if trunk.username else "",
            "username": trunk.username or "",
            "transport": "transport-udp",
        }
        found = asked(lab, "PJSIPShowEndpoint", Endpoint=endpoint)
        held = event(found, "EndpointDetail") | {"username": event(found, "AuthDetail").get("username", "")}
        if not trunk.username or event(found, "IdentifyDetail"):
            wanted["match"] = f"{party.address}/255.255.255.255"
            held["match"] = event(found, "IdentifyDetail").get("match", "")
        same(lab, Words(f"«{name}», como se acordó", f"“{name}”, as agreed"), wanted, held)


def boxes(lab: Lab) -> None:
    """Whose mailbox it is, where its mail goes, and from whom."""
    scope, mail = lab.scope, lab.stage.shipped.platform.mail
    listed = asked(lab, "VoicemailUsersList")
    entries = [each for each in listed if each.get("vmcontext") == scope.slug]
    held = {each["voicemailbox"]: each for each in entries if each.get("event") == "VoicemailUserEntry"}
    for number in _boxes(scope):
        extension = scope.tenant.extensions[number]
        box = extension.voicemail
        wanted = {
            **_BOXES,
            "fullname": plain(scope.name_of(number)),
            "email": extension.email or "" if box and box.email else "",
            "attachmessage": "Yes" if box and box.attach else "No",
            "serveremail": mail.sender,
            "fromstring": lab.stage.shipped.platform.platform,
            "timezone": scope.slug,
        }
        who = label(scope, number)
        same(lab, Words(f"Casilla de {who}", f"Mailbox of {who}"), wanted, held.get(number, {}))
    lab.same(Words("Casillas", "Mailboxes"), ", ".join(sorted(_boxes(scope))), ", ".join(sorted(held)))


def queues(lab: Lab) -> None:
    """Strategy, the most who may wait, and the agents in their order with their penalties."""
    scope = lab.scope
    for name, queue in sorted(scope.tenant.queues.items()):
        found = asked(lab, "QueueStatus", Queue=names.queue(scope.slug, name))
        expected = view(name, queue, scope)
        members = [(each["location"], each["penalty"]) for each in found if each.get("event") == "QueueMember"]
        agreed = [(f"PJSIP/{each.endpoint}", str(each.penalty)) for each in expected.members]
        if queue.policy == "uniform":  # there the penalty says who has not answered lately
            members, agreed = ([(agent, "–") for agent, _ in each] for each in (members, agreed))
        wanted = {
            "strategy": expected.strategy,
            "max": str(queue.max_callers or 0),
            "members": " ".join(":".join(each) for each in agreed),
        }
        held = event(found, "QueueParams") | {"members": " ".join(":".join(each) for each in members)}
        same(lab, Words(f"Cola «{name}»", f"Queue “{name}”"), wanted, held)


def _lots(scope: TenantScope) -> list[str]:
    return [scope.tenant.parking.number] if scope.tenant.parking else []


def lot(lab: Lab) -> None:
    """Where calls are parked, and for how long."""
    parking = lab.scope.tenant.parking
    if parking is None:
        return
    name = names.parking_lot(lab.scope.slug)
    held = next((each for each in asked(lab, "Parkinglots") if each.get("name") == name), {})
    first, last = parking.slots.first, parking.slots.last
    wanted = {"startspace": str(first), "stopspace": str(last), "timeout": f"{parking.timeout:g}"}
    same(lab, Words("Estacionamiento", "Parking"), wanted, held)


def rooms(lab: Lab) -> None:
    """How many each room takes, its language, and what its keys do."""
    scope = lab.scope
    for name, conference in sorted(scope.tenant.conferences.items()):
        room = names.conference(scope.slug, name)
        told = lab.run(lab.stage.pbx.cli(f"confbridge show profile bridge {room}"))
        most = str(conference.max_members) if conference.max_members else "No Limit"
        wanted = {"Language": scope.tenant.language, "Max Members": most}
        same(lab, Words(f"Sala «{name}»", f"Room “{name}”"), wanted, dict(_SETTING.findall(told)))
    keys = lab.run(lab.stage.pbx.cli("confbridge show menu pbx-menu")).split("\n", 1)[-1]
    lab.same(Words("Teclas de las salas", "Keys of the rooms"), " ".join(sorted(_KEYS)), " ".join(sorted(keys.split())))
    user = dict(_SETTING.findall(lab.run(lab.stage.pbx.cli("confbridge show profile user pbx-user"))))
    wanted = {"MOH When Empty": "enabled", "MOH Class": "default"}
    same(lab, Words("Quien está solo en una sala", "Who is alone in a room"), wanted, user)


_KEYS: Final = (
    "*=playback_and_continue(conf-usermenu)",
    "1=toggle_mute",
    "4=decrease_listening_volume",
    "6=increase_listening_volume",
    "7=decrease_talking_volume",
    "8=leave_conference",
    "9=increase_talking_volume",
)
