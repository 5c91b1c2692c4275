"""The command line: what people and scripts get for what they type."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import pytest

import pbx.cli.app
import pbx.cli.check
from pbx.cli.guard import guarded, run

ROOT = Path(__file__).resolve().parents[2]
DEMO = ROOT / "lab" / "sites" / "demo"
COMMAND = Path(sys.executable).with_name("pbx")
HOLIDAY = ("--did", "+541152365000", "--at", "2026-12-24T20:00")


class Answer(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


Pbx = Callable[..., Answer]


@pytest.fixture
def pbx_command(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pbx:
    """Run ``pbx`` in this process, with a cache of its own and on a wide terminal."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "200")

    def command(*arguments: str | Path) -> Answer:
        capsys.readouterr()
        code = run([str(each) for each in arguments])
        return Answer(code, *capsys.readouterr())

    return command


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A copy of the demo site."""
    return Path(shutil.copytree(DEMO, tmp_path / "site"))


def change(file: Path, old: str, new: str) -> None:
    """Replace a text that is there."""
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


@pytest.fixture
def wrong_site(site: Path) -> Path:
    """A site with one mistake."""
    change(site / "tenants/andina.yaml", '"0": extension:203', '"0": extension:299')
    return site


# check


def test_a_clean_site_is_told_in_one_line(pbx_command: Pbx) -> None:
    assert pbx_command("check", DEMO) == (0, f"{DEMO}: no problems (1 tenant, 5 extensions, 3 DIDs)\n", "")


def test_a_mistake_is_framed_with_a_path_that_opens_from_here(wrong_site: Path, pbx_command: Pbx) -> None:
    answer = pbx_command("check", wrong_site)
    assert answer.code == 1
    assert "error[PBX301]" in answer.out
    assert f"--> {wrong_site}/tenants/andina.yaml:" in answer.out
    assert answer.err == ""


def test_a_warning_is_shown_and_is_no_failure(site: Path, pbx_command: Pbx) -> None:
    change(site / "tenants/andina.yaml", "numbering:", "ignore: {PBX303: none}\nnumbering:")
    answer = pbx_command("check", site)
    assert answer.code == 0
    assert answer.out.endswith("1 warning\n")


def test_each_format_of_the_problems_can_be_read(wrong_site: Path, pbx_command: Pbx) -> None:
    def found(format_: str) -> str:
        answer = pbx_command("check", wrong_site, "--format", format_)
        assert answer.code == 1
        return answer.out

    file = f"{wrong_site}/tenants/andina.yaml"
    told = json.loads(found("json"))
    assert [(each["code"], each["file"]) for each in told["diagnostics"]] == [("PBX301", file)]
    (result,) = json.loads(found("sarif"))["runs"][0]["results"]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == file
    assert found("github").startswith(f"::error file={file},line=")
    assert found("concise").startswith(f"{file}:")


@pytest.mark.parametrize("format_", ["json", "sarif"])
def test_a_clean_site_is_valid_json_too(pbx_command: Pbx, format_: str) -> None:
    answer = pbx_command("check", DEMO, "--format", format_)
    assert answer.code == 0
    json.loads(answer.out)


def test_a_folder_that_is_no_site_is_a_problem_with_a_cure(tmp_path: Path, pbx_command: Pbx) -> None:
    answer = pbx_command("check", tmp_path / "nowhere")
    assert answer.code == 1
    assert "error[PBX011]" in answer.out
    assert "= help:" in answer.out


# trace


def test_a_call_is_told_as_a_story(pbx_command: Pbx) -> None:
    answer = pbx_command("trace", DEMO, "andina", *HOLIDAY)
    assert answer.code == 0
    lines = answer.out.splitlines()
    assert lines[0] == "Somebody outside calls +541152365000 (Número general)"
    assert lines[1].startswith("Thu 2026-12-24 20:00")
    assert [line.split()[0] for line in lines[3:6]] == [
        "did:+541152365000",
        "schedule:oficina",
        "announcement:feriado",
    ]
    assert "Nochebuena" in lines[4]
    assert f"{DEMO}/tenants/andina.yaml:" in lines[4]
    assert lines[-1] == "End: the call is hung up"


def test_the_story_fits_a_narrow_terminal(pbx_command: Pbx, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.chdir(DEMO)
    assert max(map(len, pbx_command("trace", ".", "andina", *HOLIDAY).out.splitlines())) <= 80
    monkeypatch.setenv("COLUMNS", "40")
    lines = pbx_command("trace", ".", "andina", *HOLIDAY).out.splitlines()[3:]
    assert max(map(len, lines)) <= 40
    assert "    tenants/andina.yaml:23" in lines


def test_the_records_of_a_call(pbx_command: Pbx) -> None:
    answer = pbx_command(
        "trace", DEMO, "andina", "--did", "+54 11 5236-5000", "--at", "2026-12-22T10:00",
        "--press", "timeout", "--press", "1", "--press", "2", "--state", "201=busy", "--format", "json",
    )  # fmt: skip
    told = json.loads(answer.out)
    assert told["journey"] == ["did:+541152365000", "schedule:oficina", "ivr:principal", "queue:ventas"]
    assert told["end"] == "answered by extension:202"
    assert told["shown"] == ""
    assert told["unused_presses"] == ["2"]
    assert [step["exit"] for step in told["steps"]] == ["to", "open", "timeout", "1", "answered"]
    assert told["steps"][3]["to"] == "queue:ventas"
    source = Path(told["steps"][3]["file"]).read_text("utf-8").splitlines()
    assert source[told["steps"][3]["line"] - 1].strip() == '"1": queue:ventas'


@pytest.mark.parametrize("caller", ["201", "extension:201"])
def test_a_phone_calls_and_the_number_shown_is_told(pbx_command: Pbx, caller: str) -> None:
    answer = pbx_command("trace", DEMO, "andina", "--from", caller, "--to", "9 4321-0000")
    assert answer.code == 0
    assert answer.out.startswith("Ana Gómez (201) dials 943210000\n")
    assert "the called party sees +541152365001" in answer.out


def test_keys_that_nobody_asked_for_and_years_without_holidays_are_noted(pbx_command: Pbx) -> None:
    answer = pbx_command("trace", DEMO, "andina", "--did", "+541152365001", "--press", "7", "--at", "2031-01-01T10:00")
    assert "nothing asked for the last keys: 7" in answer.out
    assert "2031 is outside calendar_years 2026-2028" in answer.out


@pytest.mark.parametrize(
    ("arguments", "what", "cure"),
    [
        (("andinna", *HOLIDAY), "no tenant andinna", "did you mean andina?"),
        (("zzz", *HOLIDAY), "no tenant zzz", "the tenants are andina"),
        (("andina", "--did", "+541152365009"), "no DID +541152365009", "its DIDs are +541152365000,"),
        (("andina", "--from", "2011", "--to", "202"), "no extension 2011", "did you mean 201?"),
        (("andina", "--from", "201", "--to", "abc"), "'abc' cannot be dialled", "digits"),
        (("andina", "--from", "201"), "--to is missing", "--from 201 --to 202"),
        (("andina", "--to", "201"), "--from is missing", "--from 201 --to 202"),
        (("andina",), "--did, or --from and --to is missing", "--did +54"),
        (("andina", *HOLIDAY, "--from", "201"), "either from outside", "leave one"),
        (("andina", "--from", "201", "--to", "202", "--caller", "123"), "--caller", "--from 201"),
        (("andina", *HOLIDAY, "--caller", "Juan"), "'Juan' is not a phone number", "--caller +54"),
        (("andina", *HOLIDAY[:2], "--at", "tomorrow"), "'tomorrow' is not a date", "2026-12-24T20:00"),
        (("andina", *HOLIDAY[:2], "--at", "2026-02-30T10:00"), "is not a date", "2026-12-24T20:00"),
        (("andina", *HOLIDAY[:2], "--at", "2026-12-24"), "has no time of day", "--at 2026-12-24T10:00"),
        (("andina", *HOLIDAY, "--press", "timeuot"), "'timeuot' cannot be pressed", "did you mean timeout?"),
        (("andina", *HOLIDAY, "--state", "201=bussy"), "cannot be 'bussy'", "did you mean busy?"),
        (("andina", *HOLIDAY, "--state", "201"), "does not say what the phone does", "--state 201=busy"),
        (("andina", *HOLIDAY, "--state", "209=busy"), "no extension 209", "its extensions are 201,"),
    ],
)
def test_a_wrong_question_gets_one_message_with_a_cure(
    pbx_command: Pbx, arguments: tuple[str, ...], what: str, cure: str
) -> None:
    answer = pbx_command("trace", DEMO, *arguments)
    assert answer.code == 2
    assert answer.out == ""
    first, second = answer.err.splitlines()
    assert first.startswith("error: ")
    assert what in first
    assert second.startswith("  = help: ")
    assert cure in second


def test_only_the_tenant_that_is_asked_about_must_be_right(site: Path, pbx_command: Pbx) -> None:
    (site / "tenants/otra.yaml").write_text("tenant: [broken")
    assert pbx_command("trace", site, "andina", *HOLIDAY).code == 0
    answer = pbx_command("trace", site, "otra", *HOLIDAY)
    assert answer.code == 1
    assert "error[PBX002]" in answer.out


# explain, and the top level


def test_a_page_is_printed_as_it_is_where_nobody_looks(pbx_command: Pbx) -> None:
    page = (ROOT / "pbx/diagnostics/docs/PBX003.md").read_text("utf-8")
    assert pbx_command("explain", "duplicate-key") == (0, page, "")


def test_an_unknown_code_is_refused_with_a_guess(pbx_command: Pbx) -> None:
    answer = pbx_command("explain", "duplicate-kye")
    assert answer.code == 2
    assert "did you mean duplicate-key?" in answer.err


def test_the_version(pbx_command: Pbx) -> None:
    assert pbx_command("--version").out.startswith("centralita 0.1.0 ")


@pytest.mark.parametrize("command", ["check", "compile", "trace", "explain"])
def test_every_help_has_an_example(pbx_command: Pbx, command: str) -> None:
    answer = pbx_command(command, "--help")
    assert answer.code == 0
    assert "Example" in answer.out
    assert f"pbx {command} " in answer.out.split("Example")[1]


@pytest.mark.parametrize("command", ["check", "trace", "explain"])
def test_the_examples_of_the_help_work(pbx_command: Pbx, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.chdir(ROOT)
    lines = pbx_command(command, "--help").out.split("Example")[1].splitlines()
    examples = [line.split()[1:] for line in lines if line.strip().startswith("pbx ")]
    assert examples
    for example in examples:
        assert pbx_command(*example).code == 0, example


@pytest.mark.parametrize(
    ("arguments", "what", "cure"),
    [
        (("chekc",), "there is no command chekc", "did you mean check?"),
        (("labb",), "there is no command labb", "did you mean lab?"),
        (("check",), "Missing argument 'SITE'", "see pbx check --help"),
        (("check", "x", "--format", "xml"), "'xml' is not one of", "see pbx check --help"),
        (("compile", "x"), "Missing option", "see pbx compile --help"),
        (("--nonsense",), "No such option: --nonsense", "see pbx --help"),
    ],
)
def test_a_wrong_command_line_gets_one_message(
    pbx_command: Pbx, arguments: tuple[str, ...], what: str, cure: str
) -> None:
    answer = pbx_command(*arguments)
    assert answer.code == 2
    assert answer.out == ""
    first, second = answer.err.splitlines()
    assert what in first
    assert cure in second


# Plugins


@pytest.fixture
def plugged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two plugins: one that works and one that does not."""
    (tmp_path / "extra_plugin.py").write_text(
        "import typer\napp = typer.Typer(help='Says hello.')\n"
        "@app.command()\ndef hello():\n    typer.echo('hello')\n    raise typer.Exit(4)\n"
        "@app.command()\ndef other(): ...\n"
    )
    (tmp_path / "broken_plugin.py").write_text("raise RuntimeError('it rains\\nhere')\n")
    monkeypatch.syspath_prepend(tmp_path)
    found = {name: EntryPoint(name, f"{name}_plugin:app", pbx.cli.app.PLUGINS) for name in ("extra", "broken")}
    monkeypatch.setattr(pbx.cli.app, "plugins", lambda: found)


@pytest.mark.usefixtures("plugged")
def test_a_plugin_is_loaded_only_when_it_is_named(pbx_command: Pbx) -> None:
    assert pbx_command("explain", "PBX003").code == 0
    assert "extra_plugin" not in sys.modules
    assert pbx_command("extra", "hello") == (4, "hello\n", "")
    del sys.modules["extra_plugin"]


@pytest.mark.usefixtures("plugged")
def test_a_broken_plugin_is_one_message_and_hides_nothing(pbx_command: Pbx) -> None:
    answer = pbx_command("--help")
    assert answer.code == 0
    assert "Says hello." in answer.out
    assert "commands of pbx broken cannot be loaded: it rains here" in answer.err
    answer = pbx_command("broken", "anything")
    assert answer.code == 1
    assert len(answer.err.splitlines()) == 2


# When something goes wrong that nobody thought of


def test_an_unexpected_error_is_ours_and_leaves_a_report(
    pbx_command: Pbx, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fails(_site: Path) -> NoReturn:
        raise ZeroDivisionError("odd")

    monkeypatch.setattr(pbx.cli.check, "load_and_check", fails)
    answer = pbx_command("check", DEMO)
    assert answer.code == 1
    assert answer.err.startswith("error[PBX900]: ")
    assert "Traceback" not in answer.err + answer.out
    (report,) = (tmp_path / "cache/centralita/reports").iterdir()
    assert str(report) in answer.err
    assert report.stat().st_mode & 0o077 == 0
    text = report.read_text("utf-8")
    assert "ZeroDivisionError: odd" in text
    assert f"pbx check {DEMO}" in text


def test_without_a_place_for_the_report_the_message_is_still_there(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails() -> int:
        raise ZeroDivisionError

    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert guarded(fails, []) == 1
    assert "please tell us: ZeroDivisionError" in capsys.readouterr().err


def test_ctrl_c_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def stopped() -> int:
        raise KeyboardInterrupt

    assert guarded(stopped, []) == 130
    assert capsys.readouterr().err == "stopped\n"


# The installed program


def program(*arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:  # noqa: ANN401 - as run() has
    """Run the installed ``pbx``."""
    command = [str(COMMAND), *map(str, arguments)]
    return subprocess.run(command, check=False, text=True, cwd=ROOT, **{"capture_output": True, **options})


def test_the_installed_program_runs_from_its_own_name() -> None:
    done = program("check", "lab/sites/demo")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("lab/sites/demo: no problems")


def test_output_into_a_pipe_has_no_colours(wrong_site: Path) -> None:
    done = program("check", wrong_site, env={**os.environ, "TERM": "xterm-256color"})
    assert "PBX301" in done.stdout
    assert "\x1b" not in done.stdout + done.stderr


@pytest.mark.parametrize(("extra", "coloured"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)])
def test_colours_are_for_terminals_that_want_them(wrong_site: Path, extra: dict[str, str], coloured: bool) -> None:
    ours, theirs = os.openpty()
    environment = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    environment |= {"TERM": "xterm-256color", **extra}
    with subprocess.Popen([COMMAND, "check", wrong_site], stdout=theirs, stderr=theirs, env=environment) as process:
        os.close(theirs)
        seen = b""
        while chunk := _read(ours):
            seen += chunk
        assert process.wait() == 1
    os.close(ours)
    assert b"PBX301" in seen
    assert (b"\x1b[" in seen) is coloured


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the other end is closed (Linux)
        return b""


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_closed_pipe_is_silent(unbuffered: str) -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    done = program(
        "check", DEMO, "--format", "json", stdout=theirs, stderr=subprocess.PIPE, capture_output=False, env=environment
    )
    os.close(theirs)
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_full_disk_behind_the_output_is_told(unbuffered: str) -> None:
    environment = {**os.environ, "PYTHONUNBUFFERED": unbuffered}
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = program("check", DEMO, stdout=full, stderr=subprocess.PIPE, capture_output=False, env=environment)
    assert done.returncode == 1
    assert "the output cannot be written: No space left on device" in done.stderr
    assert len(done.stderr.splitlines()) == 2


def test_a_real_ctrl_c_is_one_line(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "platform.yaml")
    (tmp_path / "tenants").mkdir()
    script = (
        "import pbx.cli.guard, pathlib, sys\n"
        "pathlib.Path.is_file = lambda self: True\n"
        "sys.exit(pbx.cli.guard.run(['check', sys.argv[1]]))\n"
    )
    command = [sys.executable, "-c", script, str(tmp_path)]
    with (
        subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process,
        (tmp_path / "platform.yaml").open("w"),  # opens only when the command reads it
    ):
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, out, err) == (130, "", "stopped\n")


def test_a_check_loads_nothing_that_it_does_not_need() -> None:
    script = (
        "import sys; from pbx.cli.guard import run; run(['check', sys.argv[1]]);"
        "print([name for name in ('numpy', 'jinja2', 'rich', 'soundfile', 'asyncio', 'lab') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script, DEMO], check=True, capture_output=True, text=True, cwd=ROOT)
    assert done.stdout.splitlines()[-1] == "[]"
