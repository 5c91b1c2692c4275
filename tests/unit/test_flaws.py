"""Each flaw that the verification is to find, in the order in which it was asked for: caught, and shown by a call."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.commands import DEMO, Pbx
from tests.unit.test_witness import exits, on_disk

if TYPE_CHECKING:
    from pathlib import Path

Told = dict[str, Any]
Flaw = tuple[str, str, Callable[[Told], bool] | None]
"""What it is called, its code (the page of which has a site with it), and what the call of its witness has to do."""

FLAWS: list[Flaw] = [
    ("endless automatic loops", "PBX407", lambda told: told["end"] == "goes on for ever"),
    ("dead ends: a number", "PBX445", lambda told: told["end"] == "hangup" and len(told["steps"]) == 2),
    ("dead ends: a key", "PBX440", lambda told: told["end"] == "hangup"),
    ("dead ends: a forward", "PBX448", lambda told: told["end"] == "hangup"),
    # No call reaches it: so there is none to show.
    ("unreachable nodes", "PBX408", None),
    ("callers who can never reach a person", "PBX441", lambda told: told["end"] == "hangup"),
    ("callers who never get out of a menu", "PBX451", lambda told: told["journey"].count("ivr:principal") > 1),
    ("overflow into something closed at that hour", "PBX442", lambda told: exits(told)[-1][1] == "closed"),
    ("forward chains across extensions", "PBX447", lambda told: len(told["journey"]) > 4),
    (
        "a class of service that a path would step around",
        "PBX520",
        lambda told: told["end"] == "answered by external:+5491155550000",
    ),
    (
        "a class of service that a forward steps around",
        "PBX501",
        lambda told: told["end"].startswith("answered by external:"),
    ),
    ("emergency shadowed by a number", "PBX204", lambda told: told["end"].startswith("answered by external:")),
    ("emergency swallowed by another number", "PBX521", lambda told: told["end"] == "answered by external:107"),
    ("emergency without a way out", "PBX502", lambda told: told["end"] == "refused: no route for emergency calls"),
    ("a DID without a route at some minute of calendar_years", "PBX445", lambda told: told["end"] == "hangup"),
    ("overlapping hours", "PBX401", lambda told: exits(told)[1] == ("schedule:oficina", "open")),
    ("impossible hours", "PBX443", lambda told: exits(told)[-1][1] != "open"),
    ("holidays that never fall on an open day", "PBX444", lambda told: told["steps"][-1]["exit"] == "holiday"),
    ("a branch for holidays where none are known", "PBX449", lambda told: told["steps"][-1]["exit"] != "holiday"),
    (
        "timeouts that make an exit unreachable",
        "PBX433",
        lambda told: exits(told)[-1][1] == "timeout" and told["end"] in {"hangup", ""},
    ),
    ("a queue without members", "PBX405", lambda told: "empty" in {each for _, each in exits(told)}),
    ("a group without members", "PBX410", lambda told: "unavailable" in {each for _, each in exits(told)}),
    ("a mailbox nobody empties", "PBX453", lambda told: told["end"] == "left at voicemail:201"),
]


@pytest.mark.parametrize(("flaw", "code", "shows"), FLAWS, ids=[name for name, _, _ in FLAWS])
def test_each_flaw_is_caught_and_a_call_shows_it(
    flaw: str, code: str, shows: Callable[[Told], bool] | None, tmp_path: Path, pbx_command: Pbx
) -> None:
    site = on_disk(tmp_path / "my site", code)
    found = json.loads(pbx_command("check", site, "--format", "json").out)["diagnostics"]
    own = [each for each in found if each["code"] == code]
    assert own, flaw
    if shows is None:
        assert {each["witness"] for each in own} == {""}
        return
    for each in own:
        program, *arguments = shlex.split(each["witness"])
        answer = pbx_command(*arguments, "--format", "json")
        assert (program, answer.code) == ("pbx", 0), answer
        told = json.loads(answer.out)
        assert shows(told), (each["witness"], told["journey"], exits(told), told["end"])


def test_the_demo_has_none_of_them(pbx_command: Pbx) -> None:
    told = json.loads(pbx_command("check", DEMO, "--format", "json").out)["diagnostics"]
    assert told == []
