"""What attacks are made of, without a PBX: messages, the scanners' tables, and the rows that a tenant gets."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from lab.acts.deriving import derive_acts
from lab.results import Words
from lab.security import scanners
from lab.security.malformed import MESSAGES, messages
from lab.security.scanners import Scan
from lab.security.strangers import REFUSED
from lab.security.wire import Ask, Outsider, Reply, answer, open_outsider
from lab.security.witness import Findings, pair
from pbx.asterisk import names, patterns
from pbx.site import Site
from tests.samples import DEMO, clean, texts_of

SUBJECT = Words("Nadie entra", "Nobody gets in")


@pytest.fixture(scope="module")
def demo() -> Site:
    return clean(texts_of(DEMO))


def test_the_malformed_messages_are_many_all_different_and_the_same_at_each_run() -> None:
    first, second = (list(messages("127.0.0.1", "127.0.0.2:5060")) for _ in range(2))
    assert first == second
    assert len({name for name, _ in first}) == len(first) >= 190
    assert [name for name, _ in first[: len(MESSAGES)]] == list(MESSAGES)
    assert not any(b"{pbx}" in data or b"{me}" in data for _, data in first)


def test_the_tables_of_the_scanners_are_read() -> None:
    found = (
        "| Extension | Authentication |\n+====+===+\n| 101       | noauth         |\n| 100       | reqauth        |\n"
    )
    assert Scan(found).found == {"101": "noauth", "100": "reqauth"}
    assert Scan("| SIP Device | User Agent |\n| 127.0.0.1:5060 | Asterisk PBX 22 |\n").agents == {
        "127.0.0.1:5060": "Asterisk PBX 22"
    }
    assert Scan("WARNING:root:found nothing\n").found == {}


def test_a_scan_that_did_not_end_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scanners, "SECONDS", 0.5)  # svmap waits for three seconds of silence
    scan = asyncio.run(scanners.scan("svmap", 15960, "127.0.0.1"))
    assert scan.unended == ("svmap had not ended after 0.5 s",)


def test_no_scanner_gets_the_port_of_another_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "log").write_text("")
    ports = []

    @contextlib.asynccontextmanager
    async def control(_target: object) -> AsyncIterator[str]:
        yield "127.0.0.250"

    async def scan(_program: str, port: int, *_arguments: str, **_more: object) -> Scan:
        ports.append(port)
        return Scan("")

    monkeypatch.setattr(scanners, "control", control)
    monkeypatch.setattr(scanners, "scan", scan)
    pbx = SimpleNamespace(log_size=lambda: 0, paths=SimpleNamespace(messages=tmp_path / "log"))
    tenant = SimpleNamespace(slug="andina", tenant=SimpleNamespace(extensions={"201": None}))
    target = SimpleNamespace(stage=SimpleNamespace(pbx=pbx, block=SimpleNamespace(pbx="127.0.0.10")), tenants=[tenant])
    asyncio.run(scanners.scanned(cast("Any", target)))
    assert len(ports) == 9
    assert all(after - before >= 10 for before, after in itertools.pairwise(sorted(ports)))


@pytest.mark.parametrize(("code", "passed"), [(401, True), (404, False), (200, False), (0, False)])
def test_only_what_is_refused_as_it_should_passes(code: int, passed: bool) -> None:
    findings = Findings()
    findings.refused(SUBJECT, [Ask("INVITE", "201")] * 2, [Reply(401, "", 0.1), Reply(code, "", 0.2)], REFUSED)
    (check,) = findings.checks
    assert (check.passed, findings.attempts, findings.slowest) == (passed, 2, 0.2)
    assert check.subject == Words("Nadie entra (2 intentos)", "Nobody gets in (2 attempts)")
    assert passed or check.observed == f"INVITE 201 from stranger: {f'SIP {code}' if code else 'it rings'}"


def test_isolation_is_tried_where_others_have_phones(demo: Site) -> None:
    andina, ombu = demo.tenants["andina"], demo.tenants["ombu"]
    alone = {each.text.id for each in derive_acts(andina)}
    together = {each.text.id for each in derive_acts(andina, [ombu])}
    assert {name for name in alone if name.startswith("isolation-")} == set()
    assert {name.partition("-")[0] for name in together - alone} == {"isolation"}


def test_rows_about_attacks_have_a_pbx_of_their_own_one_after_the_other(demo: Site) -> None:
    rows = derive_acts(demo.tenants["andina"], [demo.tenants["ombu"]])
    attacks = [each for each in rows if each.text.id.startswith(("security-", "isolation-"))]
    assert len(attacks) == 15
    assert {each.at for each in attacks}.isdisjoint(each.at for each in rows if each not in attacks)
    assert all(each.touched == {"pbx"} for each in attacks)
    assert all(words.es and words.en for each in attacks for words in (each.text.objective, *each.text.expected))


def test_a_legitimate_call_is_between_two_who_may(demo: Site) -> None:
    found = pair(demo.tenants["andina"])
    assert found
    assert demo.tenants["andina"].tenant.extensions[found[1]].forward.always is None


@pytest.mark.asyncio
async def test_a_login_is_sent_when_it_is_asked_for_and_a_success_is_told() -> None:
    received: list[str] = []

    class Pbx(Outsider):
        def datagram_received(self, data: bytes, _address: Any) -> None:  # noqa: ANN401 - as its base
            text = data.decode()
            received.append(text)
            challenge = 'WWW-Authenticate: Digest realm="r", nonce="n", algorithm=MD5, qop="auth"\r\n'
            line = "200 OK" if "Authorization: Digest" in text else "401 Unauthorized"
            made = answer(text, line).replace("Content-Length", f"{challenge}Content-Length")
            transport.sendto(made.encode(), _address)

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: Pbx(("", 0)), local_addr=("127.0.0.1", 0))
    stranger = await open_outsider("127.0.0.1", transport.get_extra_info("sockname")[:2])
    try:
        refused = await stranger.ask(Ask("REGISTER", "andina_201", "andina_201"))
        taken = await stranger.ask(Ask("REGISTER", "andina_201", "andina_201", login=("andina_201", "secret")))
    finally:
        stranger.close()
        transport.close()
    assert (refused.code, taken.code) == (401, 200)
    # RFC 3261, 10.2: the request is for the PBX, and To names who registers.
    assert received[-1].startswith("REGISTER sip:127.0.0.1 SIP/2.0\r\n")
    assert "\r\nTo: <sip:andina_201@127.0.0.1>\r\n" in received[-1]


@pytest.mark.asyncio
async def test_a_request_that_is_lost_is_sent_again_and_what_rings_is_not() -> None:
    received: list[str] = []

    class Pbx(Outsider):
        def datagram_received(self, data: bytes, _address: Any) -> None:  # noqa: ANN401 - as its base
            text = data.decode()
            received.append(text.partition(" ")[0])
            if text.startswith("INVITE ") or received.count("OPTIONS") == 2:
                transport.sendto(
                    answer(text, "180 Ringing" if text.startswith("INVITE ") else "200 OK").encode(), _address
                )

    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: Pbx(("", 0)), local_addr=("127.0.0.1", 0))
    stranger = await open_outsider("127.0.0.1", transport.get_extra_info("sockname")[:2])
    try:
        replies = await stranger.ask_all([Ask("OPTIONS", "201"), Ask("INVITE", "201")], 1.2)
    finally:
        stranger.close()
        transport.close()
    assert [reply.code for reply in replies] == [200, 0]
    assert sorted(received) == ["CANCEL", "INVITE", "OPTIONS", "OPTIONS"]


@pytest.mark.parametrize("dialled", ["9", "12345678901234567890", "+5491155550000"])
def test_numbers_of_every_length_are_taken_with_and_without_a_plus(dialled: str) -> None:
    assert patterns.best_match(names.number_patterns(), dialled)


@pytest.mark.parametrize("dialled", ["", "+", "1\r\nEvent: x", "1x", "++1", "*72", "123456789012345678901"])
def test_what_is_no_number_matches_no_pattern_of_numbers(dialled: str) -> None:
    assert patterns.best_match(names.number_patterns(), dialled) is None
