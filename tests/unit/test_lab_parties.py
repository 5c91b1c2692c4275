"""The site as the lab runs it, and the second Asterisk with its phones and carriers."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from lab.addresses import Block
from lab.parties import cast, configuration
from lab.testbed import rtp_ports, throw_away_secrets, under_test
from pbx.render import compile_site
from pbx.secrets import extension_name
from pbx.site import Site
from tests.samples import DEMO, TWO, clean, texts_of

BLOCK = Block(7, -1)
FOLDER = Path("pbx")
SITES = {"demo": clean(texts_of(DEMO)), "two": clean(texts_of(TWO))}
SIP = "sip: {bind: 0.0.0.0, port: 5060, external_address: 203.0.113.10, local_networks: [10.0.0.0/8]}"
PLATFORMS_OWN = {"sip", "rtp", "mail", "ami"}
Section = tuple[str, dict[str, str]]


@pytest.fixture(params=SITES)
def site(request: pytest.FixtureRequest) -> Site:
    """Each sample site."""
    return SITES[request.param]


def plain(model: Any) -> Any:  # noqa: ANN401 - any model
    """A model as plain data, with secrets spelled by their reference."""
    return model.model_dump()


def test_only_values_of_the_platform_differ(site: Site) -> None:
    tested = under_test(site, BLOCK, "/bin/mail", FOLDER)
    before, after = plain(site.platform), plain(tested.platform)
    assert {name for name in before if before[name] != after[name]} == PLATFORMS_OWN
    assert (after["mail"] | {"command": before["mail"]["command"]}) == before["mail"]
    kept = {name: before["ami"][name] for name in ("bind", "port")}
    assert (after["ami"] | kept) == before["ami"]
    kept = {name: before["sip"][name] for name in ("bind", "port", "external_address", "local_networks")}
    assert (after["sip"] | kept) == before["sip"]


def test_behind_a_router_the_lab_is_not() -> None:
    texts = texts_of(DEMO)
    shipped = texts["platform.yaml"].replace("sip: {bind: 0.0.0.0, port: 5060}", SIP)
    before = clean(texts | {"platform.yaml": shipped})
    assert before.platform.sip.external_address
    sip = under_test(before, BLOCK, "/bin/mail", FOLDER).platform.sip
    assert (sip.bind, sip.external_address, list(sip.local_networks)) == (BLOCK.pbx, None, [])


def test_of_a_tenant_only_the_hosts_of_trunks_differ(site: Site) -> None:
    tested = under_test(site, BLOCK, "/bin/mail", FOLDER)
    assert list(tested.tenants) == list(site.tenants)
    for slug, scope in site.tenants.items():
        other = tested.tenants[slug]
        for field in fields(scope):
            if field.name != "tenant":
                assert getattr(other, field.name) == getattr(scope, field.name)
        before, after = plain(scope.tenant), plain(other.tenant)
        assert {name for name in before if before[name] != after[name]} <= {"trunks"}
        for name, trunk in after["trunks"].items():
            shipped = before["trunks"][name]
            assert trunk["host"].startswith("127.77.7.")
            assert trunk | {"host": shipped["host"], "port": shipped["port"]} == shipped


def test_the_shipped_site_stays_as_it_is(site: Site) -> None:
    before = plain(site.platform), [plain(scope.tenant) for scope in site.tenants.values()]
    under_test(site, BLOCK, "/bin/mail", FOLDER)
    assert before == (plain(site.platform), [plain(scope.tenant) for scope in site.tenants.values()])


def test_every_trunk_has_an_address_of_its_own(site: Site) -> None:
    tested = under_test(site, BLOCK, "/bin/mail", FOLDER)
    hosts = [trunk.host for scope in tested.tenants.values() for trunk in scope.tenant.trunks.values()]
    assert len(set(hosts)) == len(hosts)
    assert {BLOCK.pbx, BLOCK.phones}.isdisjoint(hosts)


def test_secrets_are_thrown_away_and_complete(site: Site) -> None:
    first, second = throw_away_secrets(site), throw_away_secrets(site)
    compile_site(site, first)
    assert all(first[name] != second[name] for name in first)
    assert len(set(first.values())) == len(first)
    assert min(map(len, first.values())) >= 16


def test_pbx_and_parties_never_share_ports_for_sound() -> None:
    ranges = [rtp_ports(Block(number, -1), role) for number in range(1, 60) for role in ("pbx", "parties")]
    ranges.sort(key=lambda each: each.first)
    for lower, higher in itertools.pairwise(ranges):
        assert lower.last < higher.first
    assert ranges[0].first >= 1024
    assert ranges[-1].last <= 65_535


def sections(text: str) -> list[Section]:
    """The sections of a configuration file; a line that is none of section, key and comment fails."""
    found: list[Section] = []
    for line in text.splitlines():
        if line.startswith("["):
            found.append((line[1 : line.index("]")], {}))
        elif line and not line.startswith(";"):
            key, separator, value = line.partition("=")
            assert separator, f"not understood: {line!r}"
            found[-1][1][key.strip()] = value.strip()
    return found


def of_type(found: list[Section], kind: str) -> dict[str, dict[str, str]]:
    """The sections of a type by name; two of one name fail."""
    chosen = [(name, values) for name, values in found if values.get("type") == kind]
    assert all(count == 1 for count in Counter(name for name, _ in chosen).values()), kind
    return dict(chosen)


def written(site: Site, agi_port: int = 4573) -> tuple[dict[str, str], dict[str, str]]:
    """The files of the second Asterisk, and the passwords they were written with."""
    secrets = throw_away_secrets(site)
    return configuration(site, BLOCK, secrets, ami_secret="s", agi_port=agi_port, timing="res_timing_timerfd"), secrets


def test_every_phone_has_an_endpoint_a_password_and_a_registration(site: Site) -> None:
    files, secrets = written(site)
    found = sections(files["pjsip.conf"])
    endpoints, accounts, registrations = (of_type(found, kind) for kind in ("endpoint", "auth", "registration"))
    phones = {(slug, party.name.partition(":")[2]): party for (slug, _), party in cast(site, BLOCK).items()
              if party.name.startswith("extension:")}  # fmt: skip
    assert len(registrations) == len(phones)
    for (slug, number), party in phones.items():
        assert endpoints[party.endpoint]["outbound_auth"] == party.endpoint
        assert accounts[party.endpoint]["username"] == party.endpoint
        assert accounts[party.endpoint]["password"] == secrets[extension_name(slug, number)]
        assert registrations[party.endpoint]["server_uri"] == f"sip:{BLOCK.pbx}:5060"
        assert registrations[party.endpoint]["client_uri"] == f"sip:{party.endpoint}@{BLOCK.pbx}:5060"


def test_every_carrier_is_known_by_its_own_address(site: Site) -> None:
    files, _ = written(site)
    found = sections(files["pjsip.conf"])
    transports, identities = of_type(found, "transport"), of_type(found, "identify")
    carriers = {party.endpoint: party for party in cast(site, BLOCK).values() if party.name.startswith("trunk:")}
    assert set(identities) == set(carriers)
    for endpoint, party in carriers.items():
        assert transports[endpoint]["bind"] == f"{party.address}:5060"
        assert identities[endpoint]["match_request_uri"] == f"/{party.address.replace('.', '[.]')}/"
    assert len({each["bind"] for each in transports.values()}) == len(transports)


def test_a_carrier_with_a_user_name_takes_its_registration(site: Site) -> None:
    files, secrets = written(site)
    accounts = of_type(sections(files["pjsip.conf"]), "auth")
    places = of_type(sections(files["pjsip.conf"]), "aor")
    trunks = {(slug, name): trunk for slug, scope in site.tenants.items()
              for name, trunk in scope.tenant.trunks.items() if trunk.username}  # fmt: skip
    parties = cast(site, BLOCK)
    for (slug, name), trunk in trunks.items():
        account = accounts[parties[slug, f"trunk:{name}"].endpoint]
        assert account["username"] == trunk.username
        assert account["password"] == secrets[str(trunk.password)]
        assert trunk.username in places


def test_a_lab_to_play_with_leaves_the_phones_to_people(site: Site) -> None:
    files, _ = written(site, agi_port=0)
    assert of_type(sections(files["pjsip.conf"]), "registration") == {}
    assert "AGI(agi://127.0.0.1:4573" not in files["extensions.conf"]
    assert "Echo()" in files["extensions.conf"]


def test_every_file_of_the_second_asterisk_can_be_read(site: Site) -> None:
    for name, text in written(site)[0].items():
        if name != "extensions.conf":
            sections(text)


def test_parties_are_told_apart_by_name_and_tone(site: Site) -> None:
    parties = cast(site, BLOCK)
    assert all((party.tenant, party.name) == key for key, party in parties.items())
    tones = sorted(party.tone for party in parties.values())
    assert all(higher - lower >= 30 for lower, higher in itertools.pairwise(tones))
    assert tones[-1] < 4000  # half of 8000 samples a second: nothing above is heard
