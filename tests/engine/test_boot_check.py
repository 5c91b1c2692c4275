"""A dry boot finds what only Asterisk knows, at its generated line, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from lab.dryboot import dry_boot
from lab.engine import Installation
from lab.engine.inventory import TABLE, table
from pbx.bundle import Bundle
from pbx.diagnostics import Diagnostic
from pbx.output import cache_folder
from pbx.verify.modules import inventory, read_modules
from tests.engine.commands import SITE, Sandbox, finished, until
from tests.engine.conftest import MakeInstance
from tests.samples import TWO, build, clean, texts_of

pytestmark = pytest.mark.engine

Alter = Callable[[Mapping[str, str]], Mapping[str, str]]
LOCKS = cache_folder(os.environ) / "loopback"


def booted(installation: Installation, alter: Alter = dict) -> tuple[list[Diagnostic], Bundle]:
    """The site with everything, booted with an altered build."""
    return asyncio.run(dry_boot(clean(texts_of(TWO)), installation, LOCKS, alter=alter))


def appended(name: str, text: str) -> Alter:
    """An alteration: something more at the end of a file."""
    return lambda files: {**files, name: files[name] + text}


def test_asterisk_takes_the_build_of_the_site_with_everything(installation: Installation) -> None:
    assert booted(installation)[0] == []


@pytest.mark.parametrize(
    ("name", "text", "words", "last"),
    [
        ("tenants/andina/extensions.conf", "[andina_x]\nexten = 1,1,NoOp()\n same = n(x,NoOp()\n", "Label missing", 0),
        ("tenants/andina/pjsip.conf", "[andina_x]\ntype=endpoint\ncolour=red\n", "named 'colour'", 0),
        ("tenants/andina/pjsip.conf", "[andina_x]\ntype=endpoint\ncolour=red\n", "with id 'andina_x'", 2),
        ("modules.conf", "load=app_nothing.so\n", "app_nothing", None),
    ],
)
def test_what_asterisk_complains_about_is_told_at_its_line(
    installation: Installation, name: str, text: str, words: str, last: int | None
) -> None:
    problems, bundle = booted(installation, appended(name, text))
    found = next(each for each in problems if words in each.message)
    assert found.code == "PBX630"
    if last is not None:
        assert found.span is not None
        assert (found.file, found.span.line) == (f"etc/{name}", bundle.files[name].count("\n") - last)


def test_what_asterisk_leaves_out_without_a_word_is_told(installation: Installation) -> None:
    def lost(files: Mapping[str, str]) -> Mapping[str, str]:
        empty = {"tenants/andina/queues.conf": "", "tenants/andina/voicemail.conf": "", "tenants/and/pjsip.conf": ""}
        name = "tenants/andina/extensions.conf"
        return {**files, **empty, name: files[name].replace("[andina_internal]", "[andina_other]")}

    problems, _ = booted(installation, lost)
    told = " ".join(each.message for each in problems if each.code == "PBX631")
    for words in ("queues", "mailboxes", "endpoints", "the context andina_internal is not there", "andina_other has"):
        assert words in told


def test_check_boot_says_so_and_leaves_nothing(box: Sandbox) -> None:
    answer = box.run("check", SITE, "--boot")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.rstrip().endswith("Asterisk booted it without a word")
    assert json.loads(box.run("check", SITE, "--boot", "--format", "json").out) is not None
    assert box.leftovers() == []


def test_check_boot_that_is_stopped_leaves_nothing(box: Sandbox) -> None:
    process = box.start("check", SITE, "--boot")
    until(box.asterisks, "Asterisk to be started")
    os.killpg(process.pid, signal.SIGINT)
    answer = finished(process)
    assert (answer.code, answer.out, answer.err) == (130, "", "stopped\n")
    assert box.leftovers() == []


def test_the_table_of_applications_is_fresh(installation: Installation) -> None:
    assert Path(TABLE).read_text("utf-8") == table(installation)


@pytest.mark.asyncio
async def test_the_table_is_what_asterisk_says_it_has(make_instance: MakeInstance) -> None:
    files = dict(build(clean(texts_of(TWO))).files)
    manager = files["manager.conf"]
    files["manager.conf"] = re.sub(r"(?m)^bindaddr=.*$", "bindaddr=127.0.71.10", manager)
    files["pjsip.conf"] = re.sub(r"(?m)^bind=.*$", "bind=127.0.71.10:5060", files["pjsip.conf"])
    pbx = make_instance(files)
    await pbx.start(complaining=True)
    applications = re.findall(r"^ *(\w+): ", await pbx.cli("core show applications"), re.MULTILINE)
    functions = re.findall(r"^([A-Z][A-Z0-9_]+) ", await pbx.cli("core show functions"), re.MULTILINE)
    modules = read_modules(files)
    there = {("application", name.lower()) for name in applications} | {("function", name) for name in functions}
    expected = {
        (kind, name)
        for (kind, name), brought in inventory().items()
        if "builtin" in brought or not modules.loaded.isdisjoint(brought)
    }
    # The engine shows twenty characters of a function's name.
    expected = {(kind, name[:20] if kind == "function" else name) for kind, name in expected}
    assert expected - there == set()
    # What has no documentation has no entry: nothing of ours uses it.
    assert {name for _, name in there - expected} <= {"dahdiscan"}
