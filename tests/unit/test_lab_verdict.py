"""The judge: a call that went as foretold passes, and each wrong observation fails its own check."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from email.message import EmailMessage
from pathlib import Path

import numpy as np
import pytest
import soundfile

from lab import verdict
from lab.addresses import Block
from lab.journey import Visited
from lab.matrix import calls
from lab.observation import Leg, Observation
from lab.parties import cast
from lab.results import Heard, Recording
from lab.scenario import Scenario
from pbx.kinds import BY_NAME
from tests.samples import DEMO, clean, texts_of

SITE = clean(texts_of(DEMO))
PARTIES = cast(SITE, Block(7, -1))
ROWS = {row.text.id: row for row in calls(SITE.tenants["andina"])}
SECONDS = 3.0
CAUSES = {"refused": 21, "hangup": 16, "busy": 17}


@dataclass
class Seen:
    """All that is known of a call."""

    row: Scenario
    observation: Observation
    visit: Visited
    heard: tuple[Recording, ...]


@pytest.fixture(scope="module")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Three seconds of noise for each prompt of the tenant, and what Asterisk says before a message."""
    folder = tmp_path_factory.mktemp("prompts")
    path = folder / "noise.wav"
    noise = np.random.default_rng(1).uniform(-0.3, 0.3, int(SECONDS * 8000))
    soundfile.write(path, noise, 8000, subtype="PCM_16")
    scope = SITE.tenants["andina"]
    names = [sound.name for ref, model in scope.models() for sound in BY_NAME[ref.kind].sounds(ref.id, model)]
    return {f"prompt:{name}": path for name in (*names, "vm-intro", "message")}


def as_foretold(name: str) -> Seen:
    """What is seen and heard of a row when everything goes well."""
    row = ROWS[name]
    forecast = row.forecast
    caller = Leg(PARTIES[row.tenant, str(row.caller)], Path("caller.wav"))
    seen = Observation(legs=[caller], linked="1")
    heard = [Recording(str(row.caller), caller.recording, _prompts(row))]
    if forecast.end.startswith("answered by "):
        carrier = next((str(step.node) for step in forecast.steps if step.node.kind == "trunk"), "")
        seen.answered_by = carrier or forecast.end.removeprefix("answered by ")
        shown = forecast.shown or row.caller_number or row.caller.id
        other = Leg(PARTIES[row.tenant, seen.answered_by], Path("other.wav"), shown, spoke=True)
        caller.spoke = True
        if forecast.shown == "anonymous":
            other.privacy, other.asserted = "id", "<sip:+541152365000@127.77.7.10>"
        seen.legs.append(other)
        rings = {f"extension:{ring.extension}" for step in forecast.steps for ring in step.rings}
        other.rang = other.party.name in rings
        heard = [
            replace(heard[0], heard=(*heard[0].heard, Heard(f"tone:{other.party.name}", 4, 6, 1))),
            Recording(other.party.name, other.recording, (Heard(f"tone:{caller.party.name}", 0, 2, 1),)),
        ]
    for ring in {ring.extension: ring for step in forecast.steps for ring in step.rings}.values():
        if all(leg.party.name != f"extension:{ring.extension}" for leg in seen.legs[1:]):
            seen.legs.append(Leg(PARTIES[row.tenant, f"extension:{ring.extension}"], Path("rang.wav"), rang=True))
    seen.cause = CAUSES.get(forecast.end.partition(":")[0].split(" ")[0], 16)
    if row.mailbox:
        seen.lamp, seen.mail = "1", mail("ana.gomez@andina.example", "msg0000.WAV", about=name)
        kept = Heard("prompt:message", 0, SECONDS, 1)
        heard.append(Recording(f"voicemail:{row.mailbox}", Path("msg0000.wav"), (kept,)))
    visit = Visited(tuple(forecast.nodes), _exits(row), _sounds(row), ({"uniqueid": "1"},))
    return Seen(row, seen, visit, tuple(heard))


def _exits(row: Scenario) -> tuple[str, ...]:
    silent = {"answered", "message", "allowed", "waiting"}
    steps = [step for step in row.forecast.steps if step.node.kind not in {"did", "trunk"} and step.exit not in silent]
    return tuple(f"{step.node} {step.exit}" for step in steps)


def _names(row: Scenario) -> Iterator[str]:
    for step in row.forecast.steps:
        if step.node.kind in {"ivr", "announcement"}:
            yield f"{step.node.kind}-{step.node.id}"
            if f"{step.node.id} {step.exit}" == "principal 3":
                yield "ivr-principal-3"
        if step.node.kind == "voicemail":
            yield "vm-intro"


def _sounds(row: Scenario) -> tuple[str, ...]:
    return tuple(name if name == "vm-intro" else f"{row.tenant}/{name}" for name in _names(row))


def _prompts(row: Scenario) -> tuple[Heard, ...]:
    return tuple(Heard(f"prompt:{name}", 0, SECONDS, 1) for name in dict.fromkeys(_names(row)))


def mail(to: str, *attached: str, about: str = "forward-201-busy") -> bytes:
    """A message with its attachments, about a row's call."""
    row = ROWS[about]
    message = EmailMessage()
    message["To"] = to
    message["Subject"] = f"Mensaje de voz: {row.caller_number or row.caller.id}"
    message.set_content("Ana Gómez, Eva Ruiz, Luis Paz: mensaje nuevo")
    for name in attached:
        message.add_attachment(b"RIFF", maintype="audio", subtype="wav", filename=name)
    return message.as_bytes()


def failed(seen: Seen, prompts: dict[str, Path]) -> set[str]:
    """What did not pass, in English."""
    found = verdict.checks(seen.row, seen.row.forecast, seen.observation, seen.visit, seen.heard, prompts)
    return {check.subject.en for check in found if not check.passed}


EXAMPLES = [
    "internal-call", "forward-201-busy", "forward-201-unavailable", "receive-internal-204", "did-541152365000-holiday",
    "did-541152365000-closed", "ivr-principal-key-1", "ivr-principal-key-star", "class-interno-local",
    "class-completo-mobile", "hidden-202", "emergency-100", "voicemail-203-from-outside", "call-waiting-off-202",
]  # fmt: skip


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_call_as_foretold_passes(name: str, prompts: dict[str, Path]) -> None:
    seen = as_foretold(name)
    if name == "voicemail-203-from-outside":
        seen.observation.mail = mail("eva.ruiz@andina.example", "msg0000.WAV", about=name)
    assert failed(seen, prompts) == set()


def visit(**changes: object) -> Callable[[Seen], None]:
    """Let the server have said something else."""

    def change(seen: Seen) -> None:
        seen.visit = replace(seen.visit, **changes)  # type: ignore[arg-type]

    return change


def observed(**changes: object) -> Callable[[Seen], None]:
    """Let something else have been seen."""

    def change(seen: Seen) -> None:
        for name, value in changes.items():
            assert hasattr(seen.observation, name)
            setattr(seen.observation, name, value)

    return change


def leg(index: int, **changes: object) -> Callable[[Seen], None]:
    """Let one party have had something else."""

    def change(seen: Seen) -> None:
        for name, value in changes.items():
            assert hasattr(seen.observation.legs[index], name)
            setattr(seen.observation.legs[index], name, value)

    return change


def heard(index: int, *what: Heard) -> Callable[[Seen], None]:
    """Let one party have heard only this."""

    def change(seen: Seen) -> None:
        recordings = list(seen.heard)
        recordings[index] = replace(recordings[index], heard=what)
        seen.heard = tuple(recordings)

    return change


def rang(name: str) -> Callable[[Seen], None]:
    """Let a phone have rung."""

    def change(seen: Seen) -> None:
        seen.observation.legs.append(Leg(PARTIES["andina", name], Path("rang.wav")))

    return change


def no_recording(seen: Seen) -> None:
    """Let nothing have been recorded."""
    seen.heard = ()


CALLER = str(ROWS["internal-call"].caller)
OTHER, SELF = "tone:extension:201", f"tone:{CALLER}"
WHO = "Who answered"
SHOWN = "Number shown to the called party"
HIDDEN = "Identity hidden, yet asserted to the carrier"
HEARS = f"{CALLER} hears the other side"
MENU = "The caller hears “ivr-principal”"
PLAYS = "The PBX plays “ivr-principal”"
HOLIDAY = "The caller hears “announcement-feriado”"
MAIL = "Mail received with the audio"
KEPT = "Message recorded in the mailbox"


@pytest.mark.parametrize(
    ("name", "change", "subjects"),
    [
        ("internal-call", visit(nodes=("extension:202",)), {"Journey of the call"}),
        ("internal-call", visit(nodes=()), {"Journey of the call"}),
        ("forward-201-busy", visit(exits=("extension:201 no_answer",)), {"Exits taken"}),
        ("forward-201-busy", visit(exits=()), {"Exits taken"}),
        ("internal-call", visit(cdr=()), {"Call record (CDR)"}),
        ("internal-call", observed(answered_by=""), {WHO}),
        ("internal-call", observed(answered_by="extension:202"), {WHO}),
        ("class-interno-local", observed(answered_by="trunk:principal"), {WHO}),
        ("class-interno-local", observed(cause=16), {"End of the call"}),
        ("class-interno-local", observed(cause=0), {"End of the call"}),
        ("did-541152365000-holiday", observed(cause=21), {"End of the call"}),
        ("internal-call", leg(1, caller_number="204"), {SHOWN}),
        ("class-completo-mobile", leg(1, caller_number="+541152365000"), {SHOWN}),
        ("ivr-principal-key-1", leg(1, caller_number="anonymous"), {SHOWN}),
        ("hidden-202", leg(1, caller_number="+541152365000"), {SHOWN}),
        ("hidden-202", leg(1, privacy=""), {HIDDEN}),
        ("hidden-202", leg(1, asserted=""), {HIDDEN}),
        ("hidden-202", leg(1, asserted="<sip:+541199999999@127.77.7.10>"), {HIDDEN}),
        ("did-541152365000-holiday", visit(sounds=("andina/other",)), {"The PBX plays “announcement-feriado”"}),
        ("did-541152365000-holiday", visit(sounds=("and/announcement-feriado",)),
         {"The PBX plays “announcement-feriado”"}),
        ("did-541152365000-holiday", heard(0), {HOLIDAY}),
        ("did-541152365000-holiday", heard(0, Heard("prompt:announcement-feriado", 0, 2, 1)), {HOLIDAY}),
        ("did-541152365000-holiday", heard(0, Heard("prompt:ivr-principal", 0, 3, 1)), {HOLIDAY}),
        ("did-541152365000-holiday", no_recording, {HOLIDAY}),
        ("ivr-principal-key-hash", visit(sounds=()), {PLAYS}),
        ("ivr-principal-key-hash", heard(0, Heard("prompt:ivr-principal", 0, 0.5, 1)), {MENU}),
        ("ivr-principal-key-3", visit(sounds=("andina/ivr-principal",)), {"The PBX plays “ivr-principal-3”"}),
        ("internal-call", heard(0), {HEARS}),
        ("internal-call", heard(0, Heard(SELF, 0, 2, 1)), {HEARS}),
        ("internal-call", heard(0, Heard(OTHER, 0, 2, 1), Heard(SELF, 0, 2, 1)), {HEARS}),
        ("internal-call", heard(0, Heard(OTHER, 0, 0.6, 1)), {HEARS}),
        ("internal-call", heard(0, Heard("tone:extension:202", 0, 2, 1)), {HEARS}),
        ("internal-call", heard(1), {"extension:201 hears the other side"}),
        ("internal-call", no_recording, {HEARS, "extension:201 hears the other side"}),
        ("forward-201-busy", observed(lamp=""), {"Message lamp of the phone"}),
        ("forward-201-busy", observed(lamp="0"), {"Message lamp of the phone"}),
        ("forward-201-busy", observed(mail=b""), {MAIL}),
        ("forward-201-busy", observed(mail=mail("ana.gomez@andina.example")), {MAIL}),
        ("forward-201-busy", observed(mail=mail("ana.gomez@andina.example", "notes.txt")), {MAIL}),
        ("forward-201-busy", visit(sounds=()), {"The PBX plays “vm-intro”"}),
        ("forward-201-busy", heard(1), {KEPT}),
        ("forward-201-busy", heard(1, Heard("prompt:message", 0, 2, 1)), {KEPT}),
        ("forward-201-busy", heard(1, Heard("prompt:ivr-principal", 0, 3, 1)), {KEPT}),
        ("call-waiting-off-202", rang("extension:202"), {"Second call at the busy phone"}),
    ],
)  # fmt: skip
def test_each_wrong_observation_fails_its_own_check(
    name: str, change: Callable[[Seen], None], subjects: set[str], prompts: dict[str, Path]
) -> None:
    seen = as_foretold(name)
    change(seen)
    told = failed(seen, prompts)
    assert subjects <= told
    # Without a called party who is known nothing can be said of what was shown to it.
    assert told - subjects <= ({SHOWN} if WHO in subjects else set())


def test_stretches_of_a_tone_add_up(prompts: dict[str, Path]) -> None:
    seen = as_foretold("internal-call")
    other = seen.observation.answered_by
    heard(0, Heard(f"tone:{other}", 0, 0.6, 1), Heard(f"tone:{other}", 1, 1.6, 1))(seen)
    assert failed(seen, prompts) == set()


def test_a_tone_is_found_in_a_recording(tmp_path: Path) -> None:
    path = tmp_path / "heard.wav"
    at = np.arange(16_000) / 8000
    soundfile.write(path, 0.3 * np.sin(2 * np.pi * 881 * at), 8000, subtype="PCM_16")
    (found,) = verdict.recordings([("extension:201", path)], {}, {"extension:201": 881.0, "extension:202": 942.0})
    assert found.party == "extension:201"
    assert {each.what for each in found.heard} == {"tone:extension:201"}
