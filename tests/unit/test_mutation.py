"""Mutants: what is changed in a bundle, where, and who is asked about it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace

import pytest
import typer

from lab.cli.mutate import Wanted, as_json, mutate_tenant
from lab.matrix import derive
from lab.mutation.baseline import Baseline
from lab.mutation.mutant import Mutant, MutationError, mutated
from lab.mutation.run import Score, refused
from lab.mutation.sampling import mutants, sample
from lab.mutation.touching import Touched, asked, dialplan_of, touched
from lab.mutation.trial import Fate, Tried, certain
from lab.results import RowResult, RowText, Verdict, Words
from pbx.cli.console import TextOrJson
from pbx.verify import verify
from tests.samples import DEMO, build, clean, texts_of

SITE = clean(texts_of(DEMO))
BUNDLE = build(SITE)
EVERY = mutants(BUNDLE, "andina", frozenset({"ombu"}))
TENANT = "tenants/andina/"
EXECUTING = "[2026-03-02 14:03:12] VERBOSE[1][C-1] pbx.c: Executing"
CHANNEL = "PJSIP/andina_205-0000001a"
LOG = f"""\
{EXECUTING} [600@andina_class_nacional:1] Goto("{CHANNEL}", "andina_queue,ventas,1") in new stack
{EXECUTING} [ventas@andina_queue:4] Queue("{CHANNEL}", "andina_ventas,i,,,60") in new stack
""".encode()


def find(kind: str, old: str, new: str | None) -> Mutant:
    """The only mutant of a kind whose line is changed so."""
    found = [each for each in EVERY if (each.kind, each.old.strip(), each.new and each.new.strip()) == (kind, old, new)]
    assert found, [(each.old, each.new) for each in EVERY if each.kind == kind][:20]
    return found[0]


def test_many_kinds_of_change_in_all_files() -> None:
    kinds = {each.kind for each in EVERY}
    assert len(kinds) >= 40
    files = {each.file.removeprefix(TENANT) for each in EVERY}
    assert files >= {
        "extensions.conf", "queues.conf", "pjsip.conf", "voicemail.conf", "confbridge.conf", "res_parking.conf",
        "musiconhold.conf", "holidays.conf", "numbers.conf", "lib/pbx.conf", "lib/places.conf", "lib/queues.conf",
        "lib/schedules.conf", "directory.conf", "minivm.conf",
    }  # fmt: skip


def test_every_mutant_changes_one_line_and_no_comment() -> None:
    for each in EVERY:
        before, after = BUNDLE.files[each.file].split("\n"), mutated(BUNDLE.files, each)[each.file].split("\n")
        index = each.line - 1
        grown = len(after) - len(before)
        assert before[:index] == after[:index]
        assert before[index + 1 :] == after[index + 1 + grown :]
        assert grown < 0 or before[index].partition(" ;")[0] != after[index].partition(" ;")[0] or grown, each.id
        assert not before[index].startswith(";"), each.id


def test_no_mutant_is_there_twice() -> None:
    assert not [name for name, count in Counter(each.id for each in EVERY).items() if count > 1]
    texts = Counter((each.file, mutated(BUNDLE.files, each)[each.file]) for each in EVERY)
    assert not [text for text, count in texts.items() if count > 1]


def test_what_is_another_tenants_is_left_alone() -> None:
    for each in EVERY:
        assert "ombu/" not in each.file
        assert not each.section.startswith("ombu"), each.id
        assert not re.search(r"(^|\[)ombu", each.old.strip()), each.id


@pytest.mark.parametrize(
    ("kind", "old", "new"),
    [
        ("jump elsewhere", "andina_ivr,nocturno,1", "andina_ivr,principal,1"),
        ("jump elsewhere", "?holiday", "?open"),
        ("label dropped", "n(closed),", "n,"),
        ("step deleted", "same = n,Playback(pbx-invalid)", None),
        ("condition negated", '$["${GOSUB_RETVAL}" = "holiday"]?holiday', '$["${GOSUB_RETVAL}" = "holiday"]?:holiday'),
        ("condition negated", '$["${PBX_HIDE}" = "on"]?prohib:allowed', '$["${PBX_HIDE}" = "on"]?allowed:prohib'),
        ("constant changed", ">= 3", ">= 4"),
        ("constant changed", "WaitExten(6", "WaitExten(18"),
        ("opening hours moved", "14:00-", "15:00-"),
        ("opening hours moved", "-17:59,", "-16:59,"),
        ("opening hours moved", ",sat,", ",sun,"),
        ("holiday removed", "exten = 20261225,1,Return(holiday) ; Navidad", None),
        ("class of service closed", "exten = toll_free,1,Return()", None),
        ("class of service opened", "exten = _+5411600!,1,Return()", None),
        ("class of service opened", "andina_outside_interno", "andina_outside_nacional"),
        ("caller id changed", "+541152365000", "+541152365001"),
        ("privacy changed", "PBX_HIDE=off", "PBX_HIDE=on"),
        ("prompt swapped", "Background(andina/ivr-nocturno", "Background(andina/ivr-principal"),
        ("prompt silenced", "Background(andina/ivr-nocturno", "Background(silence/1"),
        ("variable changed", "__PBX_ORIGIN=trunk", "__PBX_ORIGIN="),
        ("cause changed", "Hangup(19)", "Hangup(20)"),
        ("category changed", "PBX_CATEGORY=premium", "PBX_CATEGORY=local"),
        ("digits cut", "${EXTEN:1", "${EXTEN:2"),
        ("queue strategy", "strategy=ringall", "strategy=linear"),
        ("queue timeout", "timeout=20", "timeout=40"),
        ("queue member removed", "member => PJSIP/andina_201,0,extension:201", None),
        ("queue penalty", "member => PJSIP/andina_214,2,extension:214", "member => PJSIP/andina_214,7,extension:214"),
        ("queue length", "maxlen=10", "maxlen=11"),
        ("queue wrap-up", "wrapuptime=10", "wrapuptime=0"),
        ("queue announcement", "announce-position=yes", "announce-position=no"),
        ("context", "context=andina_class_nacional", "context=andina_from_central_vieja"),
        ("login", "auth=andina_201", None),
        ("codec", "allow=alaw,ulaw", "allow=gsm"),
        ("pickup group", "named_pickup_group=andina_ventas", None),
        ("subscribe context", "subscribe_context=andina_hints", None),
        ("lamp of a mailbox", "mailboxes=201@andina", None),
        ("phones of an extension", "max_contacts=5", "max_contacts=0"),
        ("transport", "protocol=udp", "protocol=tcp"),
        ("parking", "parkingtime=30", "parkingtime=90"),
        ("conference", "8=leave_conference", "8=no_op"),
    ],
)
def test_a_change_is_made_of_the_text(kind: str, old: str, new: str | None) -> None:
    assert find(kind, old, new).meaning


def test_a_ring_time_is_that_of_the_extension() -> None:
    given = "pbx-extension,s,1(andina,201,20,on,nacional)"
    assert find("ring time", given, given.replace(",20,", ",40,")).origin == "tenants/andina.yaml: extensions.201"


def test_every_mutant_of_the_tenants_files_knows_its_yaml() -> None:
    for each in EVERY:
        wanted = "tenants/andina.yaml" if each.file.startswith(TENANT) else ("tenants/", "platform.yaml", "dialplan_")
        assert each.origin.startswith(wanted), each.id


def test_the_same_seed_takes_the_same_mutants() -> None:
    one, same, other = (sample(EVERY, 60, seed) for seed in (1, 1, 2))
    assert one == same != other
    assert len(one) == len(set(one)) == 60
    assert list(one) == sorted(one, key=EVERY.index)


def test_kinds_take_turns_in_a_sample() -> None:
    kinds = Counter(each.kind for each in EVERY)
    taken = Counter(each.kind for each in sample(EVERY, 2 * len(kinds), 3))
    assert set(taken) == set(kinds)
    assert max(taken.values()) <= 4


def test_a_sample_of_more_than_there_are_is_all() -> None:
    assert sample(EVERY, 100_000, 1) == EVERY


def test_another_bundle_is_refused() -> None:
    mutant = find("queue strategy", "strategy=ringall", "strategy=linear")
    with pytest.raises(MutationError, match=r"queues\.conf"):
        mutated({**BUNDLE.files, mutant.file: "; nothing\n"}, mutant)


def test_an_address_may_be_another_one_when_the_change_is_made() -> None:
    mutant = find("media and identity", "from_domain=10.8.0.2", "from_domain=x.example")
    files = {**BUNDLE.files, mutant.file: BUNDLE.files[mutant.file].replace("10.8.0.2", "127.77.1.35")}
    assert mutated(files, mutant)[mutant.file].split("\n")[mutant.line - 1] == "from_domain=x.example"


def test_what_the_check_refuses_is_dead_without_a_call() -> None:
    label = next(each for each in EVERY if each.kind == "label dropped" and each.file == "lib/places.conf")
    found = refused(BUNDLE, label)
    assert found is not None
    assert (found.fate, found.by) == (Fate.CHECK, verify(replace(BUNDLE, files=mutated(BUNDLE.files, label)))[0].code)
    assert refused(BUNDLE, find("queue strategy", "strategy=ringall", "strategy=linear")) is None


def test_what_a_row_uses_is_read_from_the_log() -> None:
    row = next(each for each in derive(SITE.tenants["andina"]) if each.text.id == "queue-ventas-agent-201")
    found = touched(row, LOG, dialplan_of(BUNDLE.files), 2.0)
    lines = BUNDLE.files[f"{TENANT}extensions.conf"].split("\n")
    assert {lines[line - 1] for file, line in found.lines if file == f"{TENANT}extensions.conf"} == {
        "exten = 600,1,Goto(andina_queue,ventas,1)",
        " same = n,Queue(andina_ventas,i,,,60)",
    }
    assert found.words >= {"andina_205", "andina_ventas", "andina_201", "Queue"}
    assert "andina_class_nacional" in found.contexts


def of_row(*lines: tuple[str, int], words: tuple[str, ...] = (), seconds: float = 1.0) -> Touched:
    """What a row used."""
    return Touched(frozenset(lines), frozenset(), frozenset(words), seconds)


def test_those_are_asked_who_use_the_line_and_the_quickest_first() -> None:
    mutant = next(each for each in EVERY if each.kind == "step deleted")
    here = (mutant.file, mutant.line)
    green = {
        "slow": of_row(here, seconds=9),
        "quick": of_row(here),
        "elsewhere": of_row(("x", 1)),
        "isolation-x": of_row(here),
    }
    assert asked(mutant, green) == ["quick", "slow", "isolation-x"]
    assert asked(mutant, {"elsewhere": of_row(("x", 1))}) == []


def test_of_a_setting_those_are_asked_who_use_its_object() -> None:
    mutant = find("queue strategy", "strategy=ringall", "strategy=linear")
    green = {
        "a": of_row(words=("andina_cobranzas",)),
        "queue-policy": of_row(words=("andina_cobranzas",)),
        "b": of_row(),
    }
    assert asked(mutant, green) == ["queue-policy", "a"]


def result(journey: tuple[str, ...], forecast: tuple[str, ...]) -> RowResult:
    """A row that is red."""
    words = Words("", "")
    text = RowText("row", "EXT-1", 1, words, (), ())
    return RowResult(text, Verdict.FAILED, "why", "", 10, 1, 10, journey=journey, forecast=forecast)


def test_a_call_that_went_elsewhere_needs_no_second_look() -> None:
    assert certain(result(("a", "c"), ("a", "b")))
    assert certain(result(("a", "b", "c"), ("a", "b")))
    assert not certain(result(("a", "b"), ("a", "b")))
    assert not certain(result(("a",), ("a", "b")))
    assert not certain(replace(result(("c",), ("a",)), verdict=Verdict.NOT_RUN))


def test_the_score_is_told_by_kind_and_by_file() -> None:
    strategy = find("queue strategy", "strategy=ringall", "strategy=linear")
    pickup = find("pickup group", "named_pickup_group=andina_ventas", None)
    score = Score(
        "andina", len(EVERY), 1, [Tried(strategy, Fate.ROW, "row"), Tried(pickup, Fate.UNTOUCHED)], Baseline()
    )
    told = json.loads(json.dumps(as_json(score)))
    assert (told["score"], told["killed"], told["tried"]) == (50.0, 1, 2)
    assert told["by_kind"] == {"pickup group": {"killed": 0, "tried": 1}, "queue strategy": {"killed": 1, "tried": 1}}
    assert told["by_file"][f"{TENANT}pjsip.conf"] == {"killed": 0, "tried": 1}
    assert told["tried_mutants"][1]["origin"] == "tenants/andina.yaml: extensions.201"
    assert (told["tried_mutants"][1]["line"], told["tried_mutants"][1]["fate"]) == (pickup.line, "no row comes here")


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """The command with a score that costs nothing; answers its exit code."""

    def run_with(score: Score, **options: object) -> int:
        async def scored(*_: object) -> Score:
            return score

        plan = SimpleNamespace(secrets={"andina/201": "geheim12"})
        monkeypatch.setattr("lab.cli.mutate.provision", lambda _: None)
        monkeypatch.setattr("lab.preparation.prepare", lambda *_: SimpleNamespace(plan=plan, problems=[]))
        monkeypatch.setattr("lab.mutation.run.run", scored)
        wanted = Wanted("andina", 2, 1, 95.0, 0, 10, "embedded", TextOrJson.TEXT)
        with pytest.raises(typer.Exit) as left:
            mutate_tenant(DEMO, replace(wanted, **options))  # type: ignore[arg-type] # as they are called
        return left.value.exit_code

    return run_with


def score_of(*fates: Fate) -> Score:
    """A run in which these became of the first mutants."""
    tried = [Tried(each, fate, rows=["hold"]) for each, fate in zip(EVERY, fates, strict=False)]
    return Score("andina", len(EVERY), 1, tried, Baseline(red={"call-205": "no sound"}))


def test_a_score_that_is_high_enough_is_a_success(command: Callable[..., int]) -> None:
    assert command(score_of(Fate.ROW, Fate.CHECK, Fate.START)) == 0
    assert command(score_of(Fate.ROW, Fate.SURVIVED)) == 4
    assert command(score_of(Fate.ROW, Fate.UNTOUCHED), at_least=50.0) == 0


def test_a_survivor_is_told_with_its_line_its_origin_and_who_was_asked(
    command: Callable[..., int], capsys: pytest.CaptureFixture[str]
) -> None:
    command(score_of(Fate.ROW, Fate.SURVIVED))
    told = capsys.readouterr().out
    survivor = EVERY[1]
    assert f"survived: {survivor.place} ({survivor.kind}): {survivor.meaning}" in told
    assert f"made of {survivor.origin}" in told
    assert "rows that ran: hold" in told
    assert "not asked, since they are red without a mutant: call-205" in told
    assert "1 of 2 mutants killed (50.0 %)" in told


def test_no_password_is_shown(command: Callable[..., int], capsys: pytest.CaptureFixture[str]) -> None:
    mutant = Mutant("login", "pjsip.conf", 3, "password=geheim12", "password=Xgeheim12", "password is Xgeheim12", "x")
    for format_ in TextOrJson:
        command(Score("andina", 1, 1, [Tried(mutant, Fate.SURVIVED)], Baseline()), format=format_)
        told = capsys.readouterr()
        assert "password=" in told.out
        assert "geheim12" not in told.out + told.err
