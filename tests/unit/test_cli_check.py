"""``pbx check``: problems as people and as scripts read them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands import DEMO, SMALL, Pbx, change


def test_a_clean_site_is_told_in_one_line(pbx_command: Pbx) -> None:
    told = "no problems (1 tenant, 1 extension, 1 DID)"
    assert pbx_command("check", SMALL) == (0, f"{SMALL}: {told}\n", "")


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
    assert "\n1 warning\n" in answer.out


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
