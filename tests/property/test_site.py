"""Properties of whole sites: any text gives diagnostics, and what is clean gives a build in which every jump lands."""

from __future__ import annotations

import copy
import hashlib
import json
import os
import random
import re
import subprocess
import sys
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pbx.asterisk.text import plain
from pbx.diagnostics.show import show
from pbx.source import read_yaml
from pbx.verify import verify
from tests import built
from tests.injection import strangers, without_people
from tests.property.tenants import damaged, tenant_trees, written
from tests.samples import ROOT, TWO, build, clean, read, texts_of

SITE = texts_of(TWO)
PLATFORM = {"platform.yaml": SITE["platform.yaml"]}
HOSTILE = st.text(st.sampled_from(list('";${}(),\\\n\r\t[]<>|&=#!%^`~\x00\x1b\u2028\ufeffé日😀a0 -')), max_size=30)


def told_without_falling(texts: dict[str, str]) -> None:
    """Whatever a site says: no exception, every problem with a place, and each can be shown; no errors: it compiles."""
    site, documents, problems = read(texts)
    for one in problems:
        span = one.span or documents[one.file].place(one.path, at_key=one.at_key)
        lines = documents[span.file].text.splitlines() or [""]
        assert span.file == one.file or span.file.endswith(".csv")
        assert span.line >= 1
        assert span.line <= len(lines) + 1
    assert show(problems, documents)
    if site is not None and not [each for each in problems if each.severity == "error"]:
        build(site)


@settings(max_examples=120)
@given(st.data())
def test_a_damaged_site_gives_diagnostics_and_never_falls(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(["tenants/andina.yaml"] * 4 + ["tenants/and.yaml", "platform.yaml"]))
    told_without_falling(SITE | {name: data.draw(damaged(SITE[name]))})


STRANGE = st.recursive(
    st.none() | st.sampled_from(["", "x", "201", "queue:ventas", "5s", "\u00e9\n"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["to", "1", "x"]), inner, max_size=2),
)


def places(tree: Any) -> list[tuple[Any, Any]]:  # noqa: ANN401 - any tree
    """Every mapping or list of a tree with each of its keys or indices."""
    inner = list(tree.items()) if isinstance(tree, dict) else list(enumerate(tree)) if isinstance(tree, list) else []
    return [(tree, key) for key, _ in inner] + [place for _, value in inner for place in places(value)]


def change(tree: Any, data: st.DataObject) -> None:  # noqa: ANN401 - as above
    """Make one slip that YAML does not mind: something lost, strange, mistaken for another, or under another key."""
    found = places(tree)
    holder, key = data.draw(st.sampled_from(found))
    other, other_key = data.draw(st.sampled_from(found))
    slip = data.draw(st.sampled_from(["lose", "strange", "copy", "copy", "rename", "rename"]))
    if slip == "lose":
        del holder[key]
    elif slip == "strange":
        holder[key] = data.draw(STRANGE)
    elif slip == "copy":
        holder[key] = copy.deepcopy(other[other_key])
    elif isinstance(holder, dict):
        holder[str(other_key)] = holder.pop(key)


@settings(max_examples=120)
@given(st.data())
def test_a_site_that_says_other_things_gives_diagnostics_and_never_falls(data: st.DataObject) -> None:
    tree: Any = read_yaml("x", SITE["tenants/andina.yaml"])[0].tree
    for _ in range(data.draw(st.integers(1, 3))):
        change(tree, data)
    told_without_falling(PLATFORM | {"tenants/andina.yaml": json.dumps(tree)})


@settings(max_examples=60)
@given(tenant_trees())
def test_in_the_build_of_any_clean_tenant_every_jump_lands(tree: dict[str, Any]) -> None:
    site = clean(PLATFORM | {"tenants/sur.yaml": written("sur", tree)})
    assert verify(build(site)) == []


SHORT = st.from_regex(r"[a-z][a-z0-9]{1,5}", fullmatch=True).filter(
    lambda name: name not in {"default", "es", "en", "pbx"}
)


@settings(max_examples=25)
@given(SHORT, SHORT.map(lambda name: name[:3]), st.booleans())
def test_no_tenants_name_occurs_in_anothers_contexts(one: str, ending: str, prefix: bool) -> None:
    other = f"{one}{ending}" if prefix else f"{ending}x{one}"[:16]
    texts = PLATFORM.copy()
    for slug, source in ((one, "and"), (other, "andina")):
        text = SITE[f"tenants/{source}.yaml"].replace(f"tenant: {source}", f"tenant: {slug}")
        texts[f"tenants/{slug}.yaml"] = text
    files = build(clean(texts)).files
    contexts = built.contexts(files)
    assert not {
        name for name in contexts if name.split("_")[0] not in {one, other, "globals", "general"} and "-" not in name
    }
    for slug, foreign in ((one, other), (other, one)):
        own = "\n".join(text for name, text in files.items() if name.startswith(f"tenants/{slug}/"))
        assert re.findall(rf"(?<![A-Za-z0-9]){foreign}(?![A-Za-z0-9])", own) == []


def shuffled(tree: Any, chance: random.Random) -> Any:  # noqa: ANN401 - any tree
    """The same tree with the keys of its mappings in another order."""
    if isinstance(tree, dict):
        keys = list(tree)
        chance.shuffle(keys)
        return {key: shuffled(tree[key], chance) for key in keys}
    return [shuffled(each, chance) for each in tree] if isinstance(tree, list) else tree


@settings(max_examples=20)
@given(st.randoms(use_true_random=False))
def test_the_order_of_keys_changes_no_byte_of_a_build(chance: random.Random) -> None:
    mixed = {name: json.dumps(shuffled(read_yaml(name, text)[0].tree, chance)) for name, text in SITE.items()}
    one, other = build(clean(SITE)), build(clean(mixed))
    assert one.files == other.files
    assert one.sounds == other.sounds
    assert list(one.files) == list(other.files)


def test_the_order_of_a_list_does_change_the_build() -> None:
    texts = dict(SITE)
    texts["tenants/andina.yaml"] = SITE["tenants/andina.yaml"].replace(
        'members: ["202", "201"]', 'members: ["201", "202"]'
    )
    assert build(clean(texts)).files != build(clean(SITE)).files


_DIGEST = """
import hashlib
from tests.samples import TWO, build, clean, texts_of
bundle = build(clean(texts_of(TWO)))
print(hashlib.sha256(repr((sorted(bundle.files.items()), sorted(bundle.sounds))).encode()).hexdigest())
"""


def test_another_process_with_other_hashes_gives_the_same_bytes() -> None:
    bundle = build(clean(SITE))
    here = hashlib.sha256(repr((sorted(bundle.files.items()), sorted(bundle.sounds))).encode()).hexdigest()
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(ROOT)}
        told = subprocess.run(
            [sys.executable, "-c", _DIGEST], cwd=ROOT, env=environment, check=True, capture_output=True, text=True
        )
        assert told.stdout.strip() == here


def injected(name: str) -> dict[str, str]:
    """A site in which a text of the user's stands wherever people write what they like."""
    tree: Any = read_yaml("x", SITE["tenants/andina.yaml"])[0].tree
    tree["name"] = name
    tree["extensions"]["203"] |= {"first_name": name, "department": name}
    tree["dids"]["+541152365000"]["name"] = name
    tree["announcements"]["feriado"]["prompt"] = {"say": name}
    tree["ivrs"]["principal"]["options"]["3"]["say"] = name
    tree["schedules"]["oficina"]["holidays"]["add"]["2026-12-24"] = name
    tree["ignore"] = {"PBX408": name}
    platform: Any = read_yaml("x", SITE["platform.yaml"])[0].tree
    platform["platform"] = name
    return {"platform.yaml": json.dumps(platform), "tenants/andina.yaml": json.dumps(tree)}


@settings(max_examples=60)
@given(HOSTILE)
def test_what_people_write_cannot_change_the_configuration(name: str) -> None:
    harmless = build(clean(injected("Benigno"))).files
    site, _, problems = read(injected(name))
    if site is None:
        assert {each.code for each in problems} <= {"PBX112", "PBX121", "PBX001", "PBX002"}, problems
        return
    hostile = build(site).files
    assert strangers(harmless, hostile) == []
    for file, text in hostile.items():
        expected = without_people(file, harmless[file]).replace("Benigno", plain(name))
        assert without_people(file, text) == expected, file


IDENTIFIERS = [
    *(("area_code",), ("outside_prefix",), ("timezone",), ("country",), ("feature_codes", "voicemail")),
    *(("trunks", "principal", "host"), ("trunks", "principal", "username"), ("queues", "ventas", "number")),
    *(("extensions", "201", field) for field in ("email", "caller_id", "class_of_service", "profile")),
    *(("extensions", "201", "voicemail", "pin"), ("extensions", "201", "forward", "busy")),
    ("classes_of_service", "completo", "deny"),
]


@settings(max_examples=60)
@given(st.sampled_from([*"\"';${}(),[]<>|&=\\ \n", "\r\n", "\0", "\n[x]\n"]), st.data())
def test_no_identifier_takes_a_sign_that_asterisk_gives_a_meaning(sign: str, data: st.DataObject) -> None:
    tree: Any = read_yaml("x", SITE["tenants/andina.yaml"])[0].tree
    field = data.draw(st.sampled_from(IDENTIFIERS))
    place: Any = tree
    for key in field[:-1]:
        place = place[key]
    value = place.get(field[-1], "interno")
    place[field[-1]] = [f"{each}{sign}" for each in value] if isinstance(value, list) else f"{value}{sign}"
    site, _, problems = read(PLATFORM | {"tenants/andina.yaml": json.dumps(tree)})
    assert site is None or [each for each in problems if each.severity == "error"]
