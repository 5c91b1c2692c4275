"""``pbx explain``: the page of a code, or the table of all."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

import typer

from pbx.cli.console import TextOrJson, colour_wanted, console, fail
from pbx.diagnostics.codes import CODES
from pbx.diagnostics.explain import UnknownCodeError, explain, find


def show_page(code: str, form: TextOrJson) -> None:
    """The page of one code: drawn on a terminal, Markdown elsewhere. Exit code 2 when there is no such code."""
    try:
        page = explain(code)
    except UnknownCodeError as error:
        message, _, cure = str(error).partition("; ")
        fail(message, cure, exit_code=2)
    if form is TextOrJson.JSON:
        typer.echo(json.dumps({**_facts(find(code) or code), "page": page}, ensure_ascii=False, indent=2))
    elif sys.stdout.isatty() and colour_wanted():
        from rich.markdown import Markdown

        console().print(Markdown(page))
    else:
        typer.echo(page, nl=False)


def list_codes(form: TextOrJson) -> None:
    """Every code with its name, severity and title."""
    if form is TextOrJson.JSON:
        typer.echo(json.dumps([_facts(code) for code in CODES], ensure_ascii=False, indent=2))
        return
    for known in CODES.values():
        typer.echo(f"{known.id}  {known.severity:7}  {known.slug:32}  {known.title}")


def _facts(code: str) -> dict[str, str]:
    facts: dict[str, str] = asdict(CODES[code])
    facts.pop("provocation")
    return facts
