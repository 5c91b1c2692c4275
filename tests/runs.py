"""Runs of the matrix, made up for tests of what is written about them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from lab.results import Check, Heard, Recording, RowResult, RowText, RunResult, SipMessage, Verdict, Words

if TYPE_CHECKING:
    from pathlib import Path

HOSTILE = '<script>alert(1)</script>"onmouseover="x\' </style></pre>&amp;\x1b[31m\x00\u202e\ud800'


def row(identifier: str, verdict: Verdict = Verdict.PASSED, reason: str = "") -> RowResult:
    """A row with nothing but its text and its verdict."""
    text = RowText(
        identifier,
        "IVR-1",
        1,
        Words(f"objetivo de {identifier}", f"goal of {identifier}"),
        (Words("Llamar al menú", "Call the menu"),),
        (Words("Se oye el menú", "The menu is heard"),),
    )
    return RowResult(text, verdict, reason, "2026-11-24 10:00 America/Costa_Rica", 10, 0.9, 9.5)


def made_up(folder: Path) -> RunResult:
    """A run of three rows, of which one passed; what its recording needs is made in a folder."""
    heard = folder / "report" / "evidence" / "201.wav"
    heard.parent.mkdir(parents=True)
    soundfile.write(heard, 0.3 * np.sin(np.arange(16000) / 5), 8000)
    failed = replace(
        row("menu-closed", Verdict.FAILED, "expected ivr:night, the call went to ivr:day; see tenants/a.yaml:7"),
        checks=(
            Check("phone", Words("Mensaje oído", "Prompt heard"), "prompt:night", "silence", passed=False, where="a:7"),
            Check("server", Words("Registro", "Record"), "ANSWERED", "ANSWERED", passed=True),
        ),
        journey=("did:+5061", "ivr:day"),
        forecast=("did:+5061", "ivr:night", "hangup"),
        trace_command="pbx trace site a --did +5061",
        recordings=(Recording("extension:201", heard, (Heard("prompt:night", 0.25, 1.5, 0.99),)),),
        sip=(SipMessage(0.0, "1.1.1.1:5060", "2.2.2.2:5060", "INVITE sip:9@b SIP/2.0", "c", "CSeq: 1 INVITE\r\n"),),
        parties={"extension:201": "1.1.1.1:5060"},
        cdr=({"src": "201", "disposition": "ANSWERED"}, {"src": "202", "billsec": "3"}),
        mails=("Subject: Mensaje nuevo",),
        log="WARNING something",
    )
    rows = (row("menu-open"), failed, row("trunk-down", Verdict.NOT_RUN, "the trunk never registered"))
    return RunResult(
        "site", "a", "Alfa S.A.", "es", "embedded Asterisk 22", "2026-11-21T23:36:20-03:00", 4.2, rows, ("-a", "+b")
    )


def hostile(run: RunResult) -> RunResult:
    """The same with a stranger's text in every field."""
    words = Words(HOSTILE, HOSTILE)
    bad = RowResult(
        RowText(HOSTILE, HOSTILE, 1, words, (words,), (words,)), Verdict.FAILED, HOSTILE, HOSTILE, 1, 1, 1,
        checks=(Check(HOSTILE, words, HOSTILE, HOSTILE, passed=False, where=HOSTILE),),
        journey=(HOSTILE,), forecast=(f"ivr:{HOSTILE}",), trace_command=HOSTILE,
        recordings=(replace(run.rows[1].recordings[0], party=HOSTILE, heard=(Heard(HOSTILE, 0, 1, 1),)),),
        sip=(SipMessage(0, HOSTILE, HOSTILE, HOSTILE, HOSTILE, HOSTILE),),
        cdr=({HOSTILE: HOSTILE},), mails=(HOSTILE,), log=HOSTILE, parties={HOSTILE: HOSTILE},
    )  # fmt: skip
    return RunResult(HOSTILE, HOSTILE, HOSTILE, "es", HOSTILE, HOSTILE, 1, (bad,), (HOSTILE, f"+{HOSTILE}"))
