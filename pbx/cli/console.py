"""What all commands share: how problems are shown, how a site is loaded, how a command gives up."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TextIO

import typer

from pbx.diagnostics import WITNESS_SITE, Diagnostic, Source, Span, has_errors

if TYPE_CHECKING:
    from rich.console import Console

    from pbx.diagnostics import Path as Place
    from pbx.document import Document
    from pbx.site import Site


SiteArgument = Annotated[Path, typer.Argument(metavar="SITE", help="The site's folder.", show_default=False)]
"""How every command that works on a site takes it."""


class ProblemFormat(StrEnum):
    """How problems are printed."""

    FULL = "full"
    CONCISE = "concise"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


class TextOrJson(StrEnum):
    """For people or for scripts."""

    TEXT = "text"
    JSON = "json"


class GraphFormat(StrEnum):
    """How a call flow is drawn."""

    SVG = "svg"
    MERMAID = "mermaid"
    HTML = "html"
    JSON = "json"


class GraphDirection(StrEnum):
    """Which way calls run in the drawing."""

    RIGHT = "right"
    DOWN = "down"


def colour_wanted(stream: TextIO | None = None) -> bool:
    """Whether a stream (standard output unless told) is a terminal that is to show colours (no-color.org)."""
    stream = stream or sys.stdout
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def console(*, stderr: bool = False) -> Console:
    """A rich console that keeps to :func:`colour_wanted` and never invents colours for numbers and paths."""
    from rich.console import Console

    stream = sys.stderr if stderr else sys.stdout
    return Console(file=stream, no_color=not colour_wanted(stream), highlight=False, markup=False)


def error_text(message: str, cure: str = "", code: str = "") -> str:
    """One error as a terminal shows it: what, and the cure on its own line."""
    label = f"error[{code}]:" if code else "error:"
    if colour_wanted(sys.stderr):
        label = typer.style(label, fg="red", bold=True)
    return f"{label} {message}" + (f"\n  = help: {cure}" if cure else "")


def fail(message: str, cure: str = "", code: str = "", *, exit_code: int = 1) -> NoReturn:
    """Say what went wrong and its cure on standard error, and leave the command."""
    typer.echo(error_text(message, cure, code), err=True)
    raise typer.Exit(exit_code)


def load_or_exit(
    site_path: Path,
    format: str = "full",  # noqa: A002 - the word of the command line
    *,
    tenant: str | None = None,
    witnessed: bool = False,
) -> tuple[Site, dict[str, Document]]:
    """A checked site, or its problems on standard output and exit code 1.

    With ``witnessed`` a site is also given whose only errors are such as a call shows: they are to be looked at.

    With ``tenant`` only that tenant's file is read and checked; a site without it ends the command with code 2.
    Warnings are not shown: ``pbx check`` does that.
    """
    site, documents, problems = load_and_check(site_path, tenant=tenant, witnessed=witnessed)
    if site is None:
        show_problems(problems, documents, site_path, format)
        raise typer.Exit(1)
    return site, documents


def load_and_check(
    site_path: Path, *, tenant: str | None = None, witnessed: bool = False
) -> tuple[Site | None, dict[str, Document], list[Diagnostic]]:
    """Everything that can be known of a site without building it; no site when there are errors.

    ``witnessed``: errors that a call shows do not count, and proofs of concept are not read.
    """
    from pbx.check import check
    from pbx.folder import read_folder, tenants_in
    from pbx.load import load

    files, problems = read_folder(site_path, tenant, pocs=not witnessed)
    if files is None:
        return None, {}, problems
    if tenant is not None and f"tenants/{tenant}.yaml" not in files.texts:
        _no_such_tenant(tenant, tenants_in(site_path))
    site, documents, problems = load(files)
    if site is not None:
        problems += check(site, calls=not witnessed)
    grave = [each for each in problems if not (witnessed and each.witness)]
    return (None if has_errors(grave) else site), documents, problems


GENERATED = "etc/"
"""How the names of files of a build begin; a site has no such folder."""


def _no_such_tenant(tenant: str, known: list[str]) -> NoReturn:
    from pbx.diagnostics.suggest import nearest

    near = nearest(tenant, known)
    cure = f"did you mean {near}?" if near else f"the tenants are {listed(known)}"
    fail(f"there is no tenant {tenant}", cure, exit_code=2)


def listed(words: Iterable[str], most: int = 12) -> str:
    """Words in a row, the first ones only when there are many; ``none`` when there are none."""
    every = list(words)
    shown = ", ".join(every[:most]) or "none"
    return f"{shown} and {len(every) - most} more" if len(every) > most else shown


def show_problems(
    problems: Iterable[Diagnostic],
    documents: Mapping[str, Source],
    site_path: Path,
    format: str = "full",  # noqa: A002 - the word of the command line
) -> None:
    """Print problems on standard output, their files as seen from where the command was started."""
    from pbx.diagnostics.show import show

    shown = [_moved(each, site_path) for each in problems]
    moved = {_from_here(name, site_path): Moved(document, site_path) for name, document in documents.items()}
    typer.echo(show(shown, moved, format=format, colour=colour_wanted()), nl=False)


def _from_here(name: str, site_path: Path) -> str:
    if name == str(site_path) or name.startswith(GENERATED):
        return name
    return (site_path / name).as_posix()


def _moved(problem: Diagnostic, site_path: Path) -> Diagnostic:
    related = tuple(replace(each, file=_from_here(each.file, site_path)) for each in problem.related)
    span = replace(problem.span, file=_from_here(problem.span.file, site_path)) if problem.span else None
    site = f" {shlex.quote(str(site_path))} "
    witness = problem.witness.replace(f" {WITNESS_SITE} ", site, 1)
    return replace(problem, file=_from_here(problem.file, site_path), related=related, span=span, witness=witness)


@dataclass(frozen=True, slots=True)
class Moved:
    """A file of the site under the name by which it can be opened from here."""

    document: Source
    site_path: Path

    @property
    def text(self) -> str:
        """The whole text."""
        return self.document.text

    def place(self, path: Place, *, at_key: bool = False) -> Span:
        """Where to point for a path."""
        span = self.document.place(path, at_key=at_key)
        return replace(span, file=_from_here(span.file, self.site_path))
