"""Builds broken by hand: whatever breaks, the check of the build says what and where, and says nothing else."""

from __future__ import annotations

from functools import cache

import pytest

from pbx.bundle import Bundle
from pbx.diagnostics import Diagnostic
from pbx.verify import verify
from tests.samples import DEMO, ROOT, TWO, build, clean, texts_of

EXTENSIONS = "tenants/andina/extensions.conf"
PJSIP = "tenants/andina/pjsip.conf"
QUEUES = "tenants/andina/queues.conf"
VOICEMAIL = "tenants/andina/voicemail.conf"
LIBRARY = "lib/pbx.conf"


@cache
def sound_build() -> Bundle:
    """The build of the site that has everything."""
    return build(clean(texts_of(TWO)))


def broken(file: str, before: str, after: str) -> Bundle:
    """The build with one place of one file changed."""
    bundle = sound_build()
    assert before in bundle.files.get(file, before), f"{before!r} is not in {file}"
    changed = bundle.files.get(file, "").replace(before, after, 1) if before else bundle.files.get(file, "") + after
    return Bundle({**bundle.files, file: changed}, bundle.sounds, bundle.origins)


def told(problems: list[Diagnostic]) -> set[tuple[str, str]]:
    """Code and message of each."""
    return {(problem.code, problem.message) for problem in problems}


@pytest.mark.parametrize("folder", [DEMO, TWO, ROOT / "tests/golden/small/site"], ids=["demo", "two", "small"])
def test_our_examples_make_sound_builds(folder: object) -> None:
    assert verify(build(clean(texts_of(folder)))) == []  # type: ignore[arg-type]


BREAKAGES = [
    # Jumps
    (EXTENSIONS, "Goto(andina_ivr,principal,1)", "Goto(andina_ivr,prinicpal,1)", "PBX611", "no extension prinicpal"),
    (EXTENSIONS, "Goto(andina_queue,ventas,1)", "Goto(andina_cola,ventas,1)", "PBX611", "no context andina_cola"),
    (LIBRARY, "same = n(end),Goto(pbx-end,${when},1)", "same = n,Goto(pbx-end,${when},1)", "PBX611", "no label end"),
    (LIBRARY, "same = n(leave),", "same = n,", "PBX611", "no label leave"),
    (
        LIBRARY,
        "(mailbox),GotoIf(${DIALPLAN_EXISTS(${ARG1}_voicemail,${ARG2},1)}?",
        "(mailbox),GotoIf($[1]?",
        "PBX611",
        "20",
    ),
    (EXTENSIONS, "Gosub(andina_hours_oficina,s,1)", "Gosub(andina_hours_oficina,s,99)", "PBX611", "no step 99"),
    (EXTENSIONS, "]?:pbx-end,nobody,1)", "]?:pbx-end,noone,1)", "PBX611", "no extension noone"),
    (
        EXTENSIONS,
        "Gosub(pbx-day,s,1(andina_holidays_oficina,",
        "Gosub(pbx-day,s,1(andina_feriados,",
        "PBX612",
        "no context andina_fer",
    ),
    (
        EXTENSIONS,
        " same = n(holiday),Return(holiday)\n\n",
        " same = n,Return(holiday)\n\n",
        "PBX611",
        "no label holiday",
    ),
    (
        EXTENSIONS,
        "include = andina_emergency",
        "include = andina_emergencia",
        "PBX611",
        "andina_emergencia is not there",
    ),
    (LIBRARY, "exten = NOANSWER,1,Hangup(19)", "", "PBX611", "no extension NOANSWER"),
    (LIBRARY, "Return(no_answer)", "Return(noanswer)", "PBX611", "no extension noanswer"),
    (LIBRARY, "Gosub(${ARG1}_numbers,", "Gosub(${ARG1}_numeros,", "PBX611", "_numeros"),
    (LIBRARY, "${ARG1}_did,${sent},1", "${ARG1}_dids,${sent},1", "PBX612", "no context andina_dids"),
    (
        LIBRARY,
        "DIALPLAN_EXISTS(${ARG1}_deny_${ARG2}",
        "DIALPLAN_EXISTS(${ARG1}_denied_${ARG2}",
        "PBX612",
        "andina_denied",
    ),
    (EXTENSIONS, "exten = _[a-z].,1,Goto(pbx-end,refused,1)", "", "PBX611", "no extension"),
    (
        PJSIP,
        "context=andina_class_nacional",
        "context=andina_class_nacoinal",
        "PBX612",
        "context andina_class_nacoinal",
    ),
    (PJSIP, "subscribe_context=andina_hints", "subscribe_context=andina_lamps", "PBX612", "context andina_lamps"),
    (PJSIP, "set_var=PBX_EXTENSION=201", "set_var=TRANSFER_CONTEXT=andina_todo", "PBX612", "context andina_todo"),
    (QUEUES, "strategy=", "context=andina_exit\nstrategy=", "PBX612", "no context andina_exit"),
    (
        EXTENSIONS,
        "\n same = n,Answer()",
        "\n same = n,Dial(PJSIP/andina_201,20,U(andina_whisper^s^1))",
        "PBX611",
        "whisper",
    ),
    (EXTENSIONS, "\n same = n,Answer()", "\n same = n,ExecIf($[1]?Goto(andina_none,s,1))", "PBX611", "andina_none"),
    (EXTENSIONS, "\n same = n,Answer()", "\n same = n,Goto(${NEVER_SET},s,1)", "PBX611", "no context is known"),
    (EXTENSIONS, "\n same = n,Answer()", "\n same = n,Goto(andina_queue,${NEVER_SET},1)", "PBX611", "nobody knows"),
    # Objects
    (EXTENSIONS, "Queue(andina_ventas,", "Queue(andina_vetnas,", "PBX612", "no queue andina_vetnas"),
    (EXTENSIONS, ",${EXTEN}@andina", ",203@andina", "PBX612", "no mailbox 203@andina"),
    (EXTENSIONS, "_20[12],1,Gosub(pbx-v", "_20[1-3],1,Gosub(pbx-v", "PBX612", "no mailbox 203@andina"),
    (
        EXTENSIONS,
        "VoiceMailMain(${PBX_EXTENSION}@andina)",
        "VoiceMailMain(${PBX_EXTENSION}@sur)",
        "PBX612",
        "context sur",
    ),
    (EXTENSIONS, "Background(andina/ivr-principal)", "Background(andina/ivr-pricnipal)", "PBX612", "no sound"),
    (LIBRARY, "DEVICE_STATE(PJSIP/${ARG1}_${ARG2})", "DEVICE_STATE(PJSIP/${ARG1}x${ARG2})", "PBX612", "andinax20"),
    (EXTENSIONS, "Gosub(pbx-extension,s,1(andina,201,", "Gosub(pbx-extension,s,1(andina,2O1,", "PBX612", "andina_2O1"),
    (EXTENSIONS, "hint,PJSIP/andina_", "hint,PJSIP/andnia_", "PBX612", "no endpoint andnia_"),
    (QUEUES, "member => PJSIP/andina_20", "member => PJSIP/andina_99", "PBX612", "no endpoint andina_99"),
    (QUEUES, "musicclass=", "musicclass=jazz-", "PBX612", "no music class jazz-"),
    (PJSIP, "auth=andina_201", "auth=andina_2O1", "PBX612", "no auth andina_2O1"),
    (PJSIP, "aors=andina_201", "aors=andina_2O1", "PBX612", "no aor andina_2O1"),
    (PJSIP, "mailboxes=201@andina", "mailboxes=201@andnia", "PBX612", "no mailbox 201@andnia"),
    (PJSIP, "tone_zone=ar", "tone_zone=zz", "PBX612", "no tone zone zz"),
    (PJSIP, "(pbx-phone)", "(pbx-fone)", "PBX612", "pbx-fone, which is not there"),
    ("pjsip.conf", "transport=transport-udp", "transport=transport-udq", "PBX612", "no transport transport-udq"),
    (VOICEMAIL, "tz=andina", "tz=andnia", "PBX612", "no message zone andnia"),
    (
        "extensions.conf",
        '#include "lib/pbx.conf"',
        '#include "lib/bpx.conf"',
        "PBX612",
        "lib/bpx.conf is not in the build",
    ),
    ("confbridge.conf", "", "[mine]\ntype=user\nmusic_on_hold_class=jazz\n", "PBX612", "no music class jazz"),
    ("res_parking.conf", "", "[andina_lot]\nparkpos=671-679\ncomebackcontext=andina_back\n", "PBX612", "andina_back"),
    ("features.conf", "[applicationmap]", "[applicationmap]\na => *1,self,Gosub(andina_no,s,1)", "PBX611", "andina_no"),
    ("tenants/andina/directory.conf", "201 =", "299 =", "PBX611", "no extension 299"),
    (EXTENSIONS, "(tenants/andina/directory.conf)", "(tenants/andnia/directory.conf)", "PBX612", "no file"),
    # Applications, functions, modules
    (EXTENSIONS, "Hangup(16)", "HangUpNow(16)", "PBX613", "no application HangUpNow"),
    (LIBRARY, "${PJSIP_DIAL_CONTACTS(", "${PJSIP_CONTACTS_OF(", "PBX613", "no function PJSIP_CONTACTS_OF"),
    ("modules.conf", "load=app_queue.so\n", "", "PBX613", "app_queue.so, which modules.conf does not load"),
    ("modules.conf", "load=func_dialplan.so\n", "", "PBX613", "func_dialplan.so"),
    (EXTENSIONS, "\n same = n,Answer()", "\n same = n,ExecIf($[1]?Milliwatt())", "PBX613", "app_milliwatt.so"),
    # Twice
    (EXTENSIONS, "[andina_internal]", "[andina_codes]", "PBX614", "the context andina_codes is there twice"),
    (
        EXTENSIONS,
        "exten = 202,1,Gosub(pbx-ext",
        "exten = 201,1,Gosub(pbx-ext",
        "PBX614",
        "extension 201 is there twice",
    ),
    (EXTENSIONS, "same = n(busy),", "same = n(no_answer),", "PBX614", "label no_answer is there twice"),
    (PJSIP, "[andina_202]\ntype=auth", "[andina_201]\ntype=auth", "PBX614", "the auth andina_201 is there twice"),
    (QUEUES, "[andina_ventas]", "[andina_soporte]", "PBX614", "the queue andina_soporte is there twice"),
    (VOICEMAIL, "202 => ", "201 => ", "PBX614", "mailbox 201@andina is there twice"),
    # Form
    (EXTENSIONS, "\n same = n,Answer()", "\n sane = n,Answer()", "PBX615", "not understood: sane = n,Answer()"),
    (EXTENSIONS, "\n same = n,Answer()", "\n same = n,Answer(", "PBX615", "no application: Answer("),
    ("extensions.conf", '#include "lib/pbx.conf"', '#exec "/bin/sh"', "PBX615", '#exec "/bin/sh"'),
    (QUEUES, "; Andina", "strategy=ringall\n; Andina", "PBX615", "not understood: strategy=ringall"),
    # Lengths
    (EXTENSIONS, "[andina_internal]", f"[andina_{'x' * 80}]", "PBX616", "takes 87 bytes, and Asterisk keeps 79"),
    (EXTENSIONS, "exten = 202,1,Gosub(pbx-ext", f"exten = {'2' * 80},1,CELGen", "PBX616", "takes 80 bytes"),
    (PJSIP, "[andina_202](pbx-phone)", f"[andina_{'2' * 58}](pbx-phone)", "PBX616", "keeps 64"),
    (QUEUES, "[andina_ventas]", f"[andina_{'v' * 73}]", "PBX616", "takes 80 bytes"),
    (QUEUES, "strategy=", f"member => PJSIP/andina_201,0,{'é' * 40}\nstrategy=", "PBX616", "takes 80 bytes"),
    (EXTENSIONS, "\n same = n,Answer()", f"\n same = n,NoOp({'x' * 8190})", "PBX616", "Asterisk reads 8190"),
    (EXTENSIONS, "\n same = n,Answer()", f"\n same = n,NoOp($[{'1+' * 2100}1])", "PBX616", "Asterisk reads 4095"),
]


@pytest.mark.parametrize(
    ("file", "before", "after", "code", "words"),
    BREAKAGES,
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_what_is_broken_is_told(file: str, before: str, after: str, code: str, words: str) -> None:
    problems = verify(broken(file, before, after))
    assert any(problem.code == code and words in problem.message for problem in problems), told(problems)
    assert all(problem.file.startswith("etc/") and problem.help and problem.consequence for problem in problems)


def test_a_problem_has_the_generated_line_and_the_place_of_the_yaml() -> None:
    bundle = broken(EXTENSIONS, "Queue(andina_ventas,", "Queue(andina_vetnas,")
    problem = verify(bundle)[0]
    assert problem.span is not None
    line = bundle.files[EXTENSIONS].splitlines()[problem.span.line - 1]
    assert (problem.file, line) == (f"etc/{EXTENSIONS}", " same = n,Queue(andina_vetnas,i,,,120)")
    assert [(each.file, each.path) for each in problem.related] == [("tenants/andina.yaml", ("queues", "ventas"))]


def test_one_mistake_is_told_once() -> None:
    assert len(verify(broken(EXTENSIONS, "Queue(andina_ventas,", "Queue(andina_vetnas,"))) == 1


def test_equal_contexts_of_two_tenants_are_judged_each_by_its_own_variables() -> None:
    step = "\n[SLUG_x]\nexten = s,1,Goto(${PBX_WAY},201,1)\n"
    bundle = sound_build()
    files = dict(bundle.files)
    for slug, way in (("andina", "andina_extension"), ("and", "and_nowhere")):
        files[f"tenants/{slug}/extensions.conf"] += step.replace("SLUG", slug)
        name = f"tenants/{slug}/pjsip.conf"
        files[name] = files[name].replace("set_var=PBX_EXTENSION=", f"set_var=PBX_WAY={way}\nset_var=PBX_EXTENSION=")
    problems = verify(Bundle(files, bundle.sounds))
    assert {problem.file for problem in problems} == {"etc/tenants/and/extensions.conf"}


def test_a_parking_lot_makes_its_slots_by_itself() -> None:
    lot = "[andina_lot]\nparkext=680\nparkpos=681-689\ncontext=andina_parked\n"
    bundle = broken("res_parking.conf", "", lot)
    files = dict(bundle.files)
    files["modules.conf"] += "load=res_parking.so\n"
    files[EXTENSIONS] = files[EXTENSIONS].replace("[andina_internal]", "[andina_internal]\ninclude = andina_parked")
    files[EXTENSIONS] += "\n[andina_x]\nexten = s,1,Goto(andina_parked,685,1)\nexten = t,1,Park(andina_lot)\n"
    assert verify(Bundle(files, bundle.sounds)) == []
    files[EXTENSIONS] = (
        files[EXTENSIONS].replace("parked,685", "parked,690").replace("Park(andina_lot)", "Park(andnia_lot)")
    )
    assert {problem.code for problem in verify(Bundle(files, bundle.sounds))} == {"PBX611", "PBX612"}


@pytest.mark.parametrize(
    ("context", "lands"),
    [
        ("exten = _2XX,1,NoOp()", True),
        ("exten = _X.,1,NoOp()", True),
        ("exten = i,1,NoOp()", True),
        ("exten = 201,1,NoOp()", False),
        ("exten = _20X,1,NoOp()", False),
        ("include = andina_y\n[andina_y]\nexten = _2XX,1,NoOp()", True),
    ],
)
def test_dialled_digits_land_where_a_pattern_takes_them_all(context: str, lands: bool) -> None:
    added = f"\n[andina_from]\nexten = _2XX,1,Goto(andina_to,${{EXTEN}},1)\n[andina_to]\n{context}\n"
    assert (verify(broken(EXTENSIONS, "", added)) == []) is lands
