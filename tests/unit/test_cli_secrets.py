"""``pbx secrets``: passwords are made, kept to their owner, changed whole, and shown on purpose only."""

from __future__ import annotations

import errno
import json
import os
import pty
import re
import stat
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from tests.commands import Pbx, change

NAME = "andina/extension/201"


def kept(site: Path) -> dict[str, str]:
    """What is in the file."""
    return dict(re.findall(r'^"(.+)": "(\w+)"$', (site / "secrets.yaml").read_text("utf-8"), re.MULTILINE))


@pytest.fixture
def ready(site: Path, pbx_command: Pbx) -> Path:
    """A site whose passwords were made."""
    assert pbx_command("secrets", "init", site).code == 0
    return site


def test_init_makes_what_is_missing_and_leaves_the_rest(site: Path, pbx_command: Pbx) -> None:
    answer = pbx_command("secrets", "init", site)
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.startswith(f"made 17 passwords in {site}/secrets.yaml\n")
    first = kept(site)
    assert len(set(first.values())) == 17
    assert min(map(len, first.values())) >= 24
    change(site / "tenants/andina.yaml", '  "205":', '  "208": {first_name: Paz, class_of_service: interno}\n  "205":')
    told = json.loads(pbx_command("secrets", "init", site, "--format", "json").out)
    assert told["made"] == ["andina/extension/208"]
    assert {name: kept(site)[name] for name in first} == first
    assert pbx_command("secrets", "init", site).out == f"{site}/secrets.yaml has every password that is needed\n"


def test_the_manager_has_a_password_of_its_own_where_the_site_says_secret(site: Path, pbx_command: Pbx) -> None:
    change(site / "platform.yaml", "env:PBX_AMI_PASSWORD", "secret:platform/ami")
    pbx_command("secrets", "init", site)
    assert "platform/ami" in kept(site)


@pytest.mark.parametrize("umask", [0o000, 0o077, 0o777])
def test_the_file_is_its_owners_alone_whatever_the_umask(site: Path, pbx_command: Pbx, umask: int) -> None:
    (site / ".gitignore").write_text("/secrets.yaml\n")
    before = os.umask(umask)
    try:
        pbx_command("secrets", "init", site)
    finally:
        os.umask(before)
    assert stat.S_IMODE((site / "secrets.yaml").stat().st_mode) == 0o600


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o660])
def test_a_file_that_others_could_read_is_closed_and_told(ready: Path, pbx_command: Pbx, mode: int) -> None:
    for command in (("secrets", "init", ready), ("secrets", "rotate", ready, NAME), ("secrets", "show", ready)):
        (ready / "secrets.yaml").chmod(mode)
        answer = pbx_command(*command)
        assert answer.code == 0
        assert f"could read secrets.yaml (mode {mode:04o}); it is closed to them now" in answer.out + answer.err
        assert stat.S_IMODE((ready / "secrets.yaml").stat().st_mode) == 0o600
    assert "PBX621" not in pbx_command("secrets", "init", ready).out


def test_a_file_that_cannot_be_closed_is_refused(
    ready: Path, pbx_command: Pbx, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_handle: int, _mode: int) -> NoReturn:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    (ready / "secrets.yaml").chmod(0o644)
    monkeypatch.setattr(os, "fchmod", refused)
    answer = pbx_command("secrets", "show", ready, NAME, "--reveal")
    assert (answer.code, answer.out) == (1, "")
    assert "cannot be read or written: Operation not permitted" in answer.err


def test_git_ignores_the_file_before_there_is_one(site: Path, pbx_command: Pbx) -> None:
    (site / ".gitignore").write_text("*.bak")
    answer = pbx_command("secrets", "init", site)
    assert f"git ignores it: a line was added to {site}/.gitignore" in answer.out
    assert (site / ".gitignore").read_text() == "*.bak\n/secrets.yaml\n"
    pbx_command("secrets", "init", site)
    assert (site / ".gitignore").read_text() == "*.bak\n/secrets.yaml\n"
    subprocess.run(["git", "init", "--quiet", site], check=True)
    shown = subprocess.run(["git", "-C", site, "status", "--short"], check=True, capture_output=True, text=True)
    assert "secrets.yaml" not in shown.stdout


def test_a_rule_further_up_is_enough(site: Path, pbx_command: Pbx) -> None:
    subprocess.run(["git", "init", "--quiet", site.parent], check=True)
    (site.parent / ".gitignore").write_text("secrets.yaml\n")
    pbx_command("secrets", "init", site)
    assert not (site / ".gitignore").exists()


def test_passwords_that_are_in_git_are_told(ready: Path, pbx_command: Pbx) -> None:
    subprocess.run(["git", "init", "--quiet", ready], check=True)
    subprocess.run(["git", "-C", ready, "add", "--force", "secrets.yaml"], check=True)
    answer = pbx_command("secrets", "init", ready)
    assert answer.code == 1
    assert "is in git, where everybody who has the repository reads it" in answer.err
    assert "git rm --cached secrets.yaml" in answer.err


def test_the_list_has_names_and_states_and_no_value(
    ready: Path, pbx_command: Pbx, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANDINA_TRUNK", "trunkPasswordNobodySees")
    monkeypatch.delenv("PBX_AMI_PASSWORD", raising=False)
    with (ready / "secrets.yaml").open("a") as file:
        file.write('"andina/extension/299": "leftOver"\n')
    text, told = pbx_command("secrets", "show", ready), pbx_command("secrets", "show", ready, "--format", "json")
    states = {each["name"]: each["state"] for each in json.loads(told.out)["secrets"]}
    assert states == dict.fromkeys(kept(ready), "kept") | {
        "andina/extension/299": "not used",
        "env:ANDINA_TRUNK": "set",
        "env:PBX_AMI_PASSWORD": "not set",
    }
    assert re.search(r"^andina/extension/201  kept +Ana Gómez$", text.out, re.MULTILINE)
    for value in (*kept(ready).values(), "trunkPasswordNobodySees"):
        assert value not in text.out + text.err + told.out + told.err


def test_one_password_is_shown_into_a_pipe_only_on_purpose(ready: Path, pbx_command: Pbx) -> None:
    answer = pbx_command("secrets", "show", ready, NAME)
    assert (answer.code, answer.out) == (2, "")
    assert "add --reveal" in answer.err
    assert pbx_command("secrets", "show", ready, NAME, "--reveal") == (0, f"{kept(ready)[NAME]}\n", "")
    told = json.loads(pbx_command("secrets", "show", ready, NAME, "--reveal", "--format", "json").out)
    assert told == {"name": NAME, "value": kept(ready)[NAME]}


def test_one_password_is_shown_on_a_terminal(ready: Path) -> None:
    ours, theirs = pty.openpty()
    command = [str(Path(sys.executable).with_name("pbx")), "secrets", "show", str(ready), NAME]
    done = subprocess.run(command, stdout=theirs, stderr=subprocess.PIPE, check=False)
    os.close(theirs)
    assert (done.returncode, done.stderr) == (0, b"")
    assert os.read(ours, 1000).decode().strip() == kept(ready)[NAME]
    os.close(ours)


def test_an_unknown_name_gets_a_guess(ready: Path, pbx_command: Pbx) -> None:
    answer = pbx_command("secrets", "show", ready, "andina/extension/2011", "--reveal")
    assert (answer.code, answer.out) == (2, "")
    assert "did you mean andina/extension/201?" in answer.err


def test_rotating_changes_what_is_named_and_says_whose_phone_it_is(ready: Path, pbx_command: Pbx) -> None:
    before = kept(ready)
    answer = pbx_command("secrets", "rotate", ready, NAME)
    assert answer.code == 0
    assert "andina/extension/201  Ana Gómez" in answer.out
    assert "andina/extension/202" not in answer.out
    after = kept(ready)
    assert {name for name in after if after[name] != before[name]} == {NAME}
    for value in (*before.values(), *after.values()):
        assert value not in answer.out


@pytest.mark.parametrize(("what", "tenants"), [("andina", {"andina"}), ("--all", {"andina", "ombu"})])
def test_rotating_a_tenant_or_all(ready: Path, pbx_command: Pbx, what: str, tenants: set[str]) -> None:
    before = kept(ready)
    told = json.loads(pbx_command("secrets", "rotate", ready, what, "--format", "json").out)
    meant = sorted(name for name in before if name.split("/")[0] in tenants)
    assert [each["name"] for each in told["rotated"]] == meant
    after = kept(ready)
    assert sorted(name for name in before if before[name] != after[name]) == meant
    assert not {before[name] for name in meant} & set(after.values())


@pytest.mark.parametrize(
    ("arguments", "what", "cure"),
    [
        ((), "say what is to get a new password", "--all"),
        ((NAME, "--all"), "say what is to get a new password", "--all"),
        (("andinna",), "no password or tenant andinna", "did you mean andina?"),
    ],
)
def test_rotating_needs_to_know_what(
    ready: Path, pbx_command: Pbx, arguments: tuple[str, ...], what: str, cure: str
) -> None:
    before = kept(ready)
    answer = pbx_command("secrets", "rotate", ready, *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert what in answer.err
    assert cure in answer.err
    assert kept(ready) == before


def test_a_rotation_that_fails_leaves_the_old_passwords(
    ready: Path, pbx_command: Pbx, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    before, there = kept(ready), sorted(ready.iterdir())
    monkeypatch.setattr(os, "fsync", full)
    answer = pbx_command("secrets", "rotate", ready, "--all")
    assert answer.code == 1
    assert "No space left on device" in answer.err
    assert (kept(ready), sorted(ready.iterdir())) == (before, there)


@pytest.mark.parametrize(
    ("broken", "offset"),
    [
        ('"a": "Zz9m\n', 1),
        ('"a": "Zz9m;x"\n', 1),
        ('"Zz9m;x y": "b"\n', 1),
        ('"a":\n', 1),
        ("# more\n\n- Zz9m\n", 3),
        ("\udcff\n", 1),
    ],
)
def test_a_broken_file_is_told_with_its_line_and_nothing_is_changed(
    ready: Path, pbx_command: Pbx, broken: str, offset: int
) -> None:
    file = ready / "secrets.yaml"
    line = len(file.read_text("utf-8").splitlines()) + offset
    with file.open("a", encoding="utf-8", errors="surrogateescape") as stream:
        stream.write(broken)
    before = file.read_bytes()
    for command in (("init", ready), ("rotate", ready, "--all"), ("show", ready, NAME, "--reveal")):
        answer = pbx_command("secrets", *command, "--format", "json")
        assert answer.code == 1
        (told,) = json.loads(answer.out)["diagnostics"]
        assert (told["code"], told["file"], told["line"]) == ("PBX601", str(file), line)
        answer = pbx_command("secrets", *command)
        assert f"{file}:{line}:" in answer.out
        assert "Zz9m" not in answer.out + answer.err
    assert file.read_bytes() == before
