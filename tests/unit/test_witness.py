"""The command that a diagnostic names really runs, and really shows the problem."""

from __future__ import annotations

import json
import shlex
import shutil
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from pbx.check.walks import Walks
from pbx.check.witness import witness
from pbx.diagnostics import Diagnostic
from pbx.diagnostics.codes import CODES
from pbx.diagnostics.explain import explain
from pbx.diagnostics.show import FORMATS, show
from pbx.flow import build
from pbx.model import Ref
from tests.commands import DEMO, Pbx
from tests.diagnostics.pages import blocks
from tests.samples import read

if TYPE_CHECKING:
    from pathlib import Path

Told = dict[str, Any]
"""What ``pbx trace --format json`` says."""


def exits(told: Told) -> list[tuple[str, str]]:
    """Each place with the exit taken."""
    return [(step["node"], step["exit"]) for step in told["steps"]]


SHOWN: dict[str, Callable[[Told], bool]] = {
    "PBX407": lambda told: told["end"] == "goes on for ever",
    "PBX440": lambda told: (
        exits(told)[-2:] == [("ivr:principal", "1"), ("schedule:deposito", "closed")] and told["end"] == "hangup"
    ),
    "PBX441": lambda told: told["journey"] == ["did:+541152365000", "announcement:feriado"] and told["end"] == "hangup",
    "PBX442": lambda told: (
        exits(told)[-2:] == [("queue:ventas", "timeout"), ("schedule:guardia", "closed")]
        or exits(told)[-2:] == [("queue:ventas", "empty"), ("schedule:guardia", "closed")]
    ),
    "PBX443": lambda told: exits(told)[-1][0] == "schedule:feria" and exits(told)[-1][1] != "open",
    "PBX444": lambda told: (
        told["at"].startswith("2026-11-22")
        and told["steps"][-1]["exit"] == "holiday"
        and "Aniversario" in told["steps"][-1]["because"]
    ),
    "PBX445": lambda told: told["journey"] == ["did:+541152365000", "schedule:oficina"] and told["end"] == "hangup",
    "PBX446": lambda told: told["end"] == "refused by extension:202",
    "PBX447": lambda told: told["journey"] == ["did:+541152365000", *(f"extension:{each}" for each in range(201, 206))],
    "PBX448": lambda told: told["journey"][-2:] == ["extension:201", "extension:202"] and told["end"] == "hangup",
    "PBX449": lambda told: told["at"].startswith("2026-12-25") and told["steps"][-1]["exit"] != "holiday",
    "PBX450": lambda told: told["journey"][-3:] == ["ivr:principal", "schedule:oficina", "ivr:principal"],
    "PBX451": lambda told: told["journey"][1:4] == ["ivr:principal", "announcement:horario", "ivr:principal"],
    "PBX452": lambda told: ("ring_group:todos", "unavailable") in exits(told),
    "PBX453": lambda told: told["end"] == "left at voicemail:201",
    "PBX520": lambda told: (
        told["end"] == "answered by external:+5491155550000"
        and told["journey"][:3] == ["did:+541152365000", "extension:201", "extension:202"]
    ),
    "PBX521": lambda told: told["end"] == "answered by external:107",
}
"""What the call of each witness has to do, on the site of the page of the code."""


def on_disk(folder: Path, code: str) -> Path:
    """The first block of a page that provokes its code, as a site."""
    block = next(each for each in blocks(explain(code)) if any(code == expected[3] for expected in each.expected))
    for name, text in block.completed().items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    own = folder / "tenants" / "andina"
    own.mkdir(exist_ok=True)
    shutil.copy(DEMO / "tenants" / "andina" / "siniestros.wav", own / "bienvenida.wav")
    return folder


@pytest.mark.parametrize("code", SHOWN)
def test_the_witness_runs_and_shows_the_problem(code: str, tmp_path: Path, pbx_command: Pbx) -> None:
    site = on_disk(tmp_path / "my site", code)
    found = json.loads(pbx_command("check", site, "--format", "json").out)["diagnostics"]
    (command,) = {each["witness"] for each in found if each["code"] == code}
    program, *arguments = shlex.split(command)
    assert program == "pbx"
    answer = pbx_command(*arguments, "--format", "json")
    assert answer.code == 0, answer
    told = json.loads(answer.out)
    assert told["unused_presses"] == []
    assert SHOWN[code](told), (command, told["journey"], exits(told), told["end"])


def test_every_rule_of_the_call_flow_has_a_page_with_a_witness() -> None:
    flow = {code for code in CODES if "PBX440" <= code <= "PBX469" or "PBX520" <= code <= "PBX529"}
    assert set(SHOWN) == flow | {"PBX407"}


@pytest.mark.parametrize("format_", FORMATS)
def test_all_formats_show_the_witness(format_: str) -> None:
    one = Diagnostic("PBX445", "tenants/a.yaml", (), "no way to go", witness="pbx trace SITE a --did +541")
    assert "pbx trace SITE a --did +541" in show([one], {}, format=format_)


def test_the_witness_names_the_site_as_it_is_seen_from_here(tmp_path: Path, pbx_command: Pbx) -> None:
    site = on_disk(tmp_path / "my site", "PBX445")
    assert f"= see it: pbx trace '{site}' andina --did +541152365000 --at 2026-" in pbx_command("check", site).out


def command(text: str, at: str, *then: str) -> str:
    """The witness for a place in a tenant of which only this is given: the call takes these exits there."""
    (block,) = blocks(f"```yaml\n{text}```\n")
    site, _, problems = read(block.completed())
    assert site is not None, problems
    scope = site.tenants["andina"]
    flow = build(scope)
    kind, _, identity = at.partition(":")
    taken = [next(way for way in flow.nodes[Ref(kind, identity)].exits if way.when == each) for each in then]
    return witness(Walks(scope, flow), Ref(kind, identity), taken)


PEOPLE = (
    "extensions:\n"
    '  "201": {first_name: Ana, class_of_service: interno, forward: {busy: extension:203}}\n'
    '  "202": {first_name: Anabel, class_of_service: interno, receive: internal}\n'
    '  "203": {first_name: Luis, class_of_service: interno}\n'
)


def test_a_place_that_only_phones_reach_is_dialled() -> None:
    text = f'{PEOPLE}queues: {{a1: {{number: "600", policy: circular, members: ["201"], max_wait: 1m}}}}\n'
    assert command(text, "queue:a1", "timeout") == ("pbx trace SITE andina --from 201 --to 600 --state 201=no_answer")


def test_whoever_is_alone_calls_himself() -> None:
    text = (
        'extensions: {"201": {first_name: Ana, class_of_service: interno, voicemail: {pin: "4711"}, '
        "receive: internal, forward: {always: voicemail}}}\n"
    )
    assert command(text, "voicemail:201") == "pbx trace SITE andina --from 201 --to 201"


def test_names_are_spelled_in_the_directory() -> None:
    text = f'{PEOPLE}directory: {{number: "690"}}\ndids: {{"+541152365000": directory:690}}\n'
    assert command(text, "extension:202") == (
        "pbx trace SITE andina --did +541152365000 --press 262 --press '*' --press 1"
    )


def test_a_phone_does_one_thing_in_one_call() -> None:
    """The queue overflows to its own member, who must be registered for the queue to be busy waiting."""
    text = (
        f'{PEOPLE}queues: {{a1: {{policy: circular, members: ["201"], max_wait: 1m, overflow: extension:201}}}}\n'
        'dids: {"+541152365000": queue:a1}\n'
    )
    assert command(text, "extension:201", "no_answer").endswith("--did +541152365000 --state 201=no_answer")
    assert command(text, "extension:201", "unavailable").endswith("--did +541152365000 --state 201=unavailable")
    # Who is busy is rung by no queue, but that cannot be asked for by way of the queue: the phone is dialled.
    assert command(text, "extension:201", "busy") == "pbx trace SITE andina --from 202 --to 201 --state 201=busy"
