"""``pbx graph``: the call flow of a tenant, drawn."""

from __future__ import annotations

import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import typer

from pbx.cli.console import GraphDirection, GraphFormat, Moved, fail, load_or_exit
from pbx.cli.situation import did_of

if TYPE_CHECKING:
    from pbx.site import TenantScope


_SUFFIXES: Final = {
    ".svg": GraphFormat.SVG,
    ".mmd": GraphFormat.MERMAID,
    ".mermaid": GraphFormat.MERMAID,
    ".html": GraphFormat.HTML,
    ".htm": GraphFormat.HTML,
    ".json": GraphFormat.JSON,
}


def draw(
    site_path: Path,
    tenant: str,
    did: str,
    format: GraphFormat | None,  # noqa: A002 - as the option
    direction: GraphDirection,
    output: Path | None,
) -> None:
    """Print the drawing, or write it to a file, whole or not at all."""
    wanted = format or (_SUFFIXES.get(output.suffix.lower()) if output else GraphFormat.SVG)
    if wanted is None:
        known = ", ".join(sorted(set(_SUFFIXES)))
        fail(f"{output} does not say how to draw", f"give --format, or a name that ends in {known}", exit_code=2)
    site, documents = load_or_exit(site_path, tenant=tenant)
    scope = site.tenants[tenant]
    drawn = _drawn(scope, did, wanted, direction, Moved(documents[scope.file], site_path))
    if output is None:
        typer.echo(drawn, nl=False)
    else:
        _write(output, drawn)


def _drawn(scope: TenantScope, did: str, wanted: GraphFormat, direction: GraphDirection, document: Moved) -> str:
    from pbx.graph.collapse import picture

    shown = picture(scope, did_of(scope, did) if did else None)
    if wanted is GraphFormat.MERMAID:
        from pbx.graph.mermaid import mermaid

        return mermaid(shown, direction.value)
    if wanted is GraphFormat.JSON:
        from pbx.graph.records import records

        return json.dumps(records(scope, shown, document.place, direction.value), indent=2, ensure_ascii=True) + "\n"
    if wanted is GraphFormat.HTML:
        from pbx.graph.page import page

        return page(scope, shown, document.place, document.site_path.as_posix(), direction.value)
    from pbx.graph.svg import svg

    return svg(shown, direction.value)


def _write(output: Path, text: str) -> None:
    """Replace the file by a finished one beside it."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", newline="\n", dir=output.parent, prefix=f".{output.name}.", delete=False
        ) as file:
            try:
                file.write(text)
                file.close()
                Path(file.name).chmod(0o666 & ~_umask())
                Path(file.name).replace(output)
            except BaseException:
                Path(file.name).unlink(missing_ok=True)
                raise
    except OSError as error:
        fail(f"{output} cannot be written: {error.strerror or error}", "name a file in a folder that you may write to")


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
