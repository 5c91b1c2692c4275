"""The form as PDF, set by Typst: it comes with its fonts, so that the same run gives the same file on every machine.

What is written by strangers goes in as data, never as markup: the template reads one JSON text.
"""

from __future__ import annotations

import dataclasses
import json
from importlib.resources import files
from typing import TYPE_CHECKING

import typst

if TYPE_CHECKING:
    from lab.report.acceptance.form import Form

_WORDS = (
    "matrix", "test", "expected_result", "goal", "goal_of_phase", "yes", "no", "explain", "requirement", "steps",
    "acceptance", "acceptance_says", "objective", "page",
)  # fmt: skip


def acceptance_pdf(form: Form) -> bytes:
    """The form as a PDF document of A4 pages."""
    data = {
        "words": {name: form.word(name) for name in _WORDS},
        "signatures": [dataclasses.asdict(block) for block in form.signatures],
        "language": form.language,
        "tenant": form.tenant_name,
        "subtitle": form.subtitle,
        "phases": [dataclasses.asdict(phase) for phase in form.phases],
        "moment": form.moment.timetuple()[:6] if form.moment else None,
    }
    template = files("lab.report.acceptance").joinpath("acceptance.typ").read_bytes()
    return typst.compile(template, sys_inputs={"data": json.dumps(data)}, ignore_system_fonts=True)
