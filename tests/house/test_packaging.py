"""What we ship, and what we ship it with."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from zipfile import ZipFile

import pytest

import pbx

ROOT = Path(__file__).resolve().parents[2]
CONSTRAINTS = (ROOT / "constraints.txt").read_text(encoding="utf-8")

_LIST = """
import json, sys
sys.path.insert(0, sys.argv[1])
from importlib import resources
import pbx, lab
from pbx.diagnostics.explain import explain
def files(folder):
    return [each for entry in folder.iterdir() for each in (files(entry) if entry.is_dir() else [entry.name])]
print(json.dumps({"pbx": pbx.__file__, "lab": lab.__file__, "page": explain("PBX003"),
                  "templates": files(resources.files("pbx") / "dialplan_templates")}))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this tree, built without the network."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    (built,) = folder.glob("*.whl")
    return built


def names_in(folder: str) -> set[str]:
    """The files of a folder of this tree."""
    kept = (path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(ROOT).as_posix() for path in kept}


def test_the_wheel_has_all_modules_pages_sites_and_templates(wheel: Path) -> None:
    packed = set(ZipFile(wheel).namelist())
    wanted = names_in("pbx") | names_in("lab") | {f"pbx/{name}" for name in names_in("dialplan_templates")}
    assert wanted - packed == set()


def test_the_wheel_installs_the_commands(wheel: Path) -> None:
    archive = ZipFile(wheel)
    (entries,) = (name for name in archive.namelist() if name.endswith("entry_points.txt"))
    text = archive.read(entries).decode()
    assert "pbx = pbx.cli:main" in text
    assert re.search(r"\[pbx\.commands\]\s*lab = lab\.cli:app", text)


def test_an_installed_wheel_works_from_any_folder(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "installed"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-compile"]
    subprocess.run([*install, "--target", str(target), str(wheel)], check=True, capture_output=True)
    listed = subprocess.run(
        [sys.executable, "-c", _LIST, str(target)], cwd=tmp_path, check=True, capture_output=True, text=True
    )
    found = json.loads(listed.stdout)
    assert {Path(found["pbx"]).parents[1], Path(found["lab"]).parents[1]} == {target}
    assert found["page"].startswith("# PBX003")
    assert sorted(found["templates"]) == sorted(Path(name).name for name in names_in("dialplan_templates"))


def test_every_package_we_name_is_pinned_with_hashes() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = list(project["project"]["dependencies"]) + list(project["build-system"]["requires"])
    for extra in project["project"]["optional-dependencies"].values():
        wanted += extra
    pinned = set(re.findall(r"^([a-z0-9-]+)==[^ ]+ .*\\$", CONSTRAINTS, re.MULTILINE))
    named = {re.split(r"[<>=~\[; ]", name)[0].lower() for name in wanted}
    assert named - pinned == set()
    for entry in re.split(r"\n(?=[a-z])", CONSTRAINTS):
        assert "--hash=sha256:" in entry or entry.startswith("#"), entry.splitlines()[0]


def test_the_lock_file_holds_no_addresses() -> None:
    assert re.findall(r"://|@ |index|find-links", CONSTRAINTS) == []


def test_the_version_is_said_once() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == pbx.__version__
