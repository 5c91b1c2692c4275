"""No name of one tenant is another's, and no tenant's dialplan knows a name of another."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from pbx.asterisk import names
from tests.property.tenants import tenant_trees, written
from tests.samples import DEMO, TWO, build, clean, texts_of

PLATFORM = {"platform.yaml": texts_of(TWO)["platform.yaml"]}
SLUGS = st.from_regex(r"[a-z][a-z0-9]{1,5}", fullmatch=True)
IDENTITIES = st.from_regex(r"[a-z][a-z0-9_]{1,8}", fullmatch=True)
NUMBERS = st.from_regex(r"[0-9]{2,4}", fullmatch=True)
ROLES = st.sampled_from(["class", "from", "ivr", "route", "phonebook", "speed", "national", "branches"])
_WORD = re.compile(r"[A-Za-z0-9_]+")


@given(st.tuples(SLUGS, ROLES, IDENTITIES | st.just("")), st.tuples(SLUGS, ROLES, IDENTITIES | st.just("")))
def test_two_contexts_share_a_name_only_when_they_are_one(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert (names.context(*one) == names.context(*other)) is (one == other)


@given(st.tuples(SLUGS, NUMBERS | IDENTITIES), st.tuples(SLUGS, NUMBERS | IDENTITIES))
def test_what_belongs_to_two_tenants_never_has_one_name(one: tuple[str, str], other: tuple[str, str]) -> None:
    for spell in (names.endpoint, names.trunk, names.queue, names.mailbox, names.music, names.pickup_group):
        assert (spell(*one) == spell(*other)) is (one == other)


@given(SLUGS, NUMBERS, IDENTITIES, SLUGS, IDENTITIES)
def test_a_login_of_a_device_is_no_trunk(slug: str, number: str, device: str, other: str, identity: str) -> None:
    assert names.login(slug, number, device) != names.trunk(other, identity)
    assert names.login(slug, number, device) != names.endpoint(slug, number)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_no_file_of_a_tenant_knows_a_name_of_another(data: st.DataObject) -> None:
    slugs = data.draw(st.lists(SLUGS, min_size=2, max_size=3, unique=True))
    trees: dict[str, Any] = {slug: data.draw(tenant_trees()) for slug in slugs}
    for slug, tree in trees.items():
        for name, trunk in tree["trunks"].items():
            trunk["host"] = f"{name}.{slug}.example"
    site = clean(PLATFORM | {f"tenants/{slug}.yaml": written(slug, tree) for slug, tree in trees.items()})
    for path, text in build(site).files.items():
        owner = path.split("/")[1] if path.startswith("tenants/") else ""
        if not owner:
            continue
        spelled = {word.partition("_")[0] for word in _WORD.findall(text) if "_" in word}
        assert not spelled & (set(slugs) - {owner}), path


def test_the_demo_has_two_tenants_with_the_same_numbers() -> None:
    tenants = clean(texts_of(DEMO)).tenants
    assert len(tenants) == 2
    one, other = (set(scope.tenant.extensions) for scope in tenants.values())
    assert len(one & other) >= 2
