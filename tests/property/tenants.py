"""Tenants that nobody wrote: well-formed at random, and sites that were well-formed once."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Callable

Draw = "Callable[[st.SearchStrategy[Any]], Any]"

SLUGS = st.from_regex(r"[a-z][a-z0-9_]{1,8}", fullmatch=True)
SECONDS = st.sampled_from(["1s", "5s", "20s", "2m"])
TRUTH = st.sampled_from(["true", "false", "yes", "no"])
PROMPTS = st.sampled_from(["hola.wav", {"say": "Hola."}, {"sound": "vm-goodbye"}])
MOBILE = "external:+5491155550000"
_TOKEN = re.compile(r"[\w+*#.-]+|\"[^\"\n]*\"|[^\w\s]|\n *| +")
_STRANGE = [
    "",
    "~",
    '""',
    "x",
    "0",
    "-1",
    "[]",
    "{}",
    "- ",
    ": ",
    "\n",
    "hangup",
    "extension:201",
    "external:+1",
    '"201"',
]


@st.composite
def tenant_trees(draw: Callable[[st.SearchStrategy[Any]], Any]) -> dict[str, Any]:
    """A tenant of Buenos Aires without mistakes. Exits taken without a key lead only to what was drawn before."""
    numbers = sorted(draw(st.sets(st.integers(200, 249).map(str), min_size=1, max_size=4)))
    boxes = draw(st.sets(st.sampled_from(numbers)))
    taken = [f"extension:{number}" for number in numbers] + [f"voicemail:{number}" for number in sorted(boxes)]
    ends = st.sampled_from(["hangup", "busy", MOBILE])
    tree: dict[str, Any] = {
        "name": draw(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=20)),
        "country": "AR",
        "language": draw(st.sampled_from(["es", "en"])),
        "timezone": "America/Argentina/Buenos_Aires",
        "area_code": "11",
        "numbering": {"extensions": "200-249", "services": "600-699"},
        "calendar_years": "2026-2027",
        "trunks": {"principal": {"type": "cloud", "host": "a.example"}, "otra": {"type": "cloud", "host": "b.example"}},
        "outbound_routes": [
            {"match": ["emergency", "mobile"], "trunks": draw(st.permutations(["principal", "otra"]))},
        ],
        "classes_of_service": {"interno": {"allow": ["internal"]}, "movil": {"allow": ["internal", "mobile"]}},
    }
    if draw(st.booleans()):
        tree["outside_prefix"] = draw(st.sampled_from(["9", "0", "*9"]))
    tree["extensions"] = {}
    for index, number in enumerate(numbers):
        before = [f"extension:{each}" for each in numbers[:index]] + [f"voicemail:{each}" for each in sorted(boxes)]
        own = ["voicemail"] if number in boxes else []
        ways = st.none() | ends | st.sampled_from([*before, *own, "hangup"])
        tree["extensions"][number] = {
            "first_name": draw(st.sampled_from(["Ana", "José Ñandú", 'Bo "the Boss"; <x>'])),
            "class_of_service": "movil",
            "receive": draw(st.sampled_from(["all", "internal"])),
            "ring": draw(SECONDS),
            "call_waiting": draw(TRUTH),
            "hide_caller_id": draw(TRUTH),
            "forward": {
                when: draw(ways)
                for when in draw(st.sets(st.sampled_from(["always", "busy", "no_answer", "unavailable"])))
            },
        }
        if number in boxes:
            tree["extensions"][number]["voicemail"] = {"pin": "1234", "attach": draw(TRUTH)}
    sections = {
        "queues": "queue",
        "ring_groups": "ring_group",
        "conferences": "conference",
        "announcements": "announcement",
        "ivrs": "ivr",
        "schedules": "schedule",
    }
    for section, kind in sections.items():
        tree[section] = {}
        for identity in draw(st.lists(SLUGS, max_size=2, unique=True)):
            tree[section][identity] = _PLACES[kind](draw, ends | st.sampled_from(taken), numbers)
            taken = [*taken, f"{kind}:{identity}"]
    if draw(st.booleans()):
        tree["directory"] = {"number": "690"}
        taken = [*taken, "directory:690"]
    pages = draw(st.lists(SLUGS, max_size=2, unique=True))
    tree["paging"] = {
        identity: {
            "number": str(660 + index),
            "members": draw(st.lists(st.sampled_from(numbers), unique=True)),
            "duplex": draw(TRUTH),
        }
        for index, identity in enumerate(pages)
    }
    if draw(st.booleans()):
        tree["parking"] = {"number": "670", "slots": draw(st.sampled_from(["671-671", "671-688"])), "timeout": "1m"}
    overridden = draw(st.sets(st.sampled_from([0, 1])))
    for index, schedule in enumerate(tree["schedules"].values()):
        schedule |= {"override": f"*2{index}"} if index in overridden else {}  # noqa: PLW2901 - in place
    later = st.sampled_from(taken)
    for ivr in tree["ivrs"].values():
        ivr["options"] |= {key: draw(later) for key in draw(st.sets(st.sampled_from("0123456789*#")))}
    dids = draw(st.sets(st.integers(0, 99).map(lambda last: f"+5411523650{last:02}"), min_size=1, max_size=3))
    tree["dids"] = {did: draw(later) for did in sorted(dids)}
    return tree


def _queue(draw: Any, to: st.SearchStrategy[str], numbers: list[str]) -> dict[str, Any]:  # noqa: ANN401 - Hypothesis' own
    queue = {
        "policy": draw(st.sampled_from(["circular", "regular", "simultaneous", "uniform", "weighted"])),
        "members": draw(st.lists(st.sampled_from(numbers), unique=True)),
        "overflow": draw(to),
        "record": draw(TRUTH),
    }
    if queue["policy"] == "weighted":
        queue["members"] = draw(_percentages(queue["members"]))
    seconds = {
        key: draw(SECONDS) for key in draw(st.sets(st.sampled_from(["max_wait", "announce_position", "wrap_up"])))
    }
    return queue | seconds


@st.composite
def _percentages(draw: Callable[[st.SearchStrategy[Any]], Any], members: list[str]) -> dict[str, int]:
    """Whole numbers from 1 that add up to 100."""
    if not members:
        return {}
    cuts = draw(st.sets(st.integers(1, 99), min_size=len(members) - 1, max_size=len(members) - 1))
    edges = [0, *sorted(cuts), 100]
    return {member: high - low for member, low, high in zip(members, edges, edges[1:], strict=False)}


def _ring_group(draw: Any, to: st.SearchStrategy[str], numbers: list[str]) -> dict[str, Any]:  # noqa: ANN401 - as above
    return {
        "members": draw(st.lists(st.sampled_from(numbers), unique=True)),
        "strategy": draw(st.sampled_from(["all", "ordered"])),
        "ring": draw(SECONDS),
        "fallback": draw(to),
    }


def _conference(draw: Any, _to: st.SearchStrategy[str], _numbers: list[str]) -> dict[str, Any]:  # noqa: ANN401 - as above
    return {"pin": "2580"} | ({"max_members": "3"} if draw(st.booleans()) else {})


def _announcement(draw: Any, to: st.SearchStrategy[str], _numbers: list[str]) -> dict[str, Any]:  # noqa: ANN401 - as above
    return {"prompt": draw(PROMPTS), "then": draw(to)}


def _ivr(draw: Any, to: st.SearchStrategy[str], _numbers: list[str]) -> dict[str, Any]:  # noqa: ANN401 - as above
    return {
        "prompt": draw(PROMPTS),
        "dial_extensions": draw(TRUTH),
        "options": {"1": {"to": draw(to), "say": "Un momento."}, "*": "repeat"},
        "timeout": {"after": draw(SECONDS), "tries": draw(st.sampled_from(["1", "3"])), "to": draw(to)},
        "invalid": {"tries": "2", "to": draw(to)},
    }


def _schedule(draw: Any, to: st.SearchStrategy[str], _numbers: list[str]) -> dict[str, Any]:  # noqa: ANN401 - as above
    return {
        "hours": {"mon-fri": ["09:00-13:00", "14:00-18:00"], "sat": "09:00-13:00"},
        "holidays": {"calendar": "AR", "add": {"2026-12-24": "Nochebuena", "2027-01-04..2027-01-15": "Vacaciones"}},
        "open": draw(to),
        "closed": draw(to),
    }


_PLACES = {
    "queue": _queue,
    "ring_group": _ring_group,
    "conference": _conference,
    "announcement": _announcement,
    "ivr": _ivr,
    "schedule": _schedule,
}


def written(slug: str, tree: dict[str, Any]) -> str:
    """A tenant as text: JSON is YAML."""
    return json.dumps({"tenant": slug, **tree}, ensure_ascii=False, indent=1)


@st.composite
def damaged(draw: Callable[[st.SearchStrategy[Any]], Any], text: str) -> str:
    """A text after one to four slips: tokens or lines lost, doubled, swapped, or replaced."""
    for _ in range(draw(st.integers(1, 4))):
        pieces = text.splitlines(keepends=True) if draw(st.booleans()) else _TOKEN.findall(text)
        if not pieces:
            break
        at = draw(st.integers(0, len(pieces) - 1))
        other = draw(st.integers(0, len(pieces) - 1))
        slip = draw(st.sampled_from(["lose", "double", "swap", "copy", "strange", "wild"]))
        if slip == "lose":
            del pieces[at]
        elif slip == "double":
            pieces.insert(at, pieces[at])
        elif slip == "swap":
            pieces[at], pieces[other] = pieces[other], pieces[at]
        elif slip == "copy":
            pieces[at] = pieces[other]
        else:
            pieces[at] = draw(st.sampled_from(_STRANGE) if slip == "strange" else st.text(max_size=8))
        text = "".join(pieces)
    return text
