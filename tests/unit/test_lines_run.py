"""Which lines of dialplan a log tells of."""

from __future__ import annotations

from pathlib import Path

from lab.lines import lines_run, steps_in, steps_of
from tests.samples import DEMO, build, clean, texts_of

FILES = build(clean(texts_of(DEMO))).files
TEXT = FILES["tenants/andina/extensions.conf"]
LOG = b"""\
[2026-03-02 14:03:12] VERBOSE[1][C-1] pbx.c: Executing [205@andina_class_nacional:1] Gosub("PJSIP/x", "y") in new stack
[2026-03-02 14:03:12] VERBOSE[1][C-1] pbx.c: Executing [s@pbx-number:8] Return("PJSIP/x", "allowed") in new stack
[2026-03-02 14:03:12] VERBOSE[1][C-1] pbx_builtins.c: Goto (pbx-number,s,8)
[2026-03-02 14:03:12] VERBOSE[1][C-1] pbx.c: Executing [9101@andina_class_interno:1] Goto("PJSIP/x", "z") in new stack
"""


def line(number: str, context: str) -> str:
    """How a line that was not run is told, without its number."""
    return f"[{context}] {number}"


def test_steps_are_read_from_the_log() -> None:
    assert steps_in(LOG) == {
        ("andina_class_nacional", "205", 1),
        ("pbx-number", "s", 8),
        ("andina_class_interno", "9101", 1),
    }


def test_a_step_is_found_where_asterisk_found_it() -> None:
    missing = "\n".join(lines_run(FILES, "andina", steps_in(LOG)).missing)
    assert line("9101,1", "andina_emergency") not in missing
    assert line("9103,1", "andina_emergency") in missing
    assert line("205,1", "andina_extension") not in missing
    assert line("204,1", "andina_extension") in missing


def test_every_line_that_does_something_counts() -> None:
    nothing = lines_run(FILES, "andina", ())
    does = [text for text in TEXT.splitlines() if text.startswith(("exten =", " same =")) and ",hint," not in text]
    assert (nothing.lines, nothing.run) == (len(does), 0)
    assert len(nothing.missing) == nothing.lines
    first = nothing.missing[0]
    name, number, told = first.partition(" ")[0].rpartition(":")[0], first.partition(" ")[0].rpartition(":")[2], first
    assert name == "tenants/andina/extensions.conf"
    assert told.endswith(TEXT.splitlines()[int(number) - 1].partition(",")[2].partition(",")[2])


def test_another_tenants_steps_count_for_nothing() -> None:
    steps = {("ombu_class_house", "201", 1)}
    assert lines_run(FILES, "andina", steps).run == 0
    assert lines_run(FILES, "ombu", steps).run == 1


def test_all_pbxs_of_a_run_are_read(tmp_path: Path) -> None:
    for number, text in enumerate((LOG, LOG.replace(b"9101", b"9103"))):
        log = tmp_path / f"{number}" / f"stage-{number}" / "pbx" / "log" / "messages.log"
        log.parent.mkdir(parents=True)
        log.write_bytes(text)
    found = steps_of([tmp_path / "0", tmp_path / "1"])
    assert {("andina_class_interno", "9101", 1), ("andina_class_interno", "9103", 1)} <= found
    assert steps_of([tmp_path / "2"]) == frozenset()
