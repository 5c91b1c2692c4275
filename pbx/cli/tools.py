"""Commands that help to write a site: what they are called and take; what they do is imported when they run."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


class Root(StrEnum):
    """What there is a schema of."""

    TENANT = "tenant"
    PLATFORM = "platform"


@app.command(
    epilog="Examples:\n\npbx schema tenant\n\npbx schema tenant -o build/tenant.json\n\n"
    "An editor with a YAML language server reads it when the first line of a tenant's file is: "
    "# yaml-language-server: $schema=../.schema/tenant.json"
)
def schema(
    root: Annotated[Root, typer.Argument(metavar="tenant|platform", help="Which file it is of.", show_default=False)],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where it goes; printed unless given.")
    ] = None,
) -> None:
    """Print the JSON Schema of a site's files, by which editors complete and check.

    Exit code 0: done; 1: the file cannot be written; 2: wrong usage.
    """
    from pbx.cli.schema import give_schema

    give_schema(root.value, output)
