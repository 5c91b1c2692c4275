"""``pbx schema``: the JSON Schema of a site's files."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import typer

from pbx.cli.console import fail
from pbx.output import write_text


def schema_text(root: str) -> str:
    """The schema as it was shipped: a house test keeps it fresh."""
    return resources.files("pbx.schema").joinpath(f"{root}.json").read_text(encoding="utf-8")


def give_schema(root: str, output: Path | None) -> None:
    """Print the schema, or write it into a file."""
    text = schema_text(root)
    if output is None:
        typer.echo(text, nl=False)
        return
    try:
        write_text(output, text)
    except OSError as error:
        fail(f"{output} cannot be written: {error.strerror or error}", "name another file")
    typer.echo(f"wrote {output}")
