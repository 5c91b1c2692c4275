"""The form as an HTML page: to be read, printed, or saved as PDF by a browser. It loads and runs nothing."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

from jinja2 import Environment, StrictUndefined

if TYPE_CHECKING:
    from lab.report.acceptance.form import Form


def acceptance_html(form: Form) -> str:
    """The form as one page; every text is escaped by the template engine."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    template = files("lab.report.acceptance").joinpath("acceptance.html.j2").read_text("utf-8")
    return environment.from_string(template).render(form=form, t=form.word)
