"""``pbx compile``: from a site to a folder that Asterisk reads."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pbx.certificates import expiry_problems
from pbx.cli.check import counted
from pbx.cli.console import TextOrJson, console, fail, load_or_exit, show_problems
from pbx.diagnostics import has_errors
from pbx.folder import SECRETS
from pbx.output import (
    ORIGINS,
    OutputError,
    cache_folder,
    check_folder,
    make_sounds,
    sound_places,
    synthesizer,
    write_build,
)
from pbx.passwords import Passwords, gather
from pbx.render import compile_site

if TYPE_CHECKING:
    from pbx.bundle import Bundle
    from pbx.document import Document
    from pbx.site import Site


def compile_to(site_path: Path, output: Path, format: TextOrJson) -> None:  # noqa: A002 - as the option
    """Check, then build; every stop on the way leaves what was at ``output`` as it is."""
    problem_format = "full" if format is TextOrJson.TEXT else "json"
    site, documents = load_or_exit(site_path, problem_format)
    with _output_errors():
        check_folder(output)
    passwords = _passwords(site, site_path, documents, problem_format)
    if passwords.added and format is TextOrJson.TEXT:
        typer.echo(f"made {counted(len(passwords.added), 'password')} in {site_path / SECRETS}: keep it out of git")
    bundle = compile_site(site, passwords.values)
    _refuse_wrong_build(bundle, passwords, site_path, documents, problem_format)
    conversions: list[str] = []
    sounds = _sounds(site, bundle, site_path, documents, format, conversions.append)
    with _output_errors():
        write_build(bundle, sounds, output, site_path)
    if format is TextOrJson.JSON:
        told = {
            "output": str(output),
            "files": [f"etc/{name}" for name in bundle.files],
            "sounds": [f"sounds/{name}" for name in sounds],
            "origins": ORIGINS,
            "converted": conversions,
            "passwords_made": list(passwords.added),
        }
        typer.echo(json.dumps(told, indent=2))
        return
    for each in dict.fromkeys(conversions):
        typer.echo(each)
    typer.echo(f"wrote {counted(len(bundle.files), 'file')} and {counted(len(sounds), 'sound')} to {output}")
    typer.echo(f"next: {_next_step(site, site_path)}")


@contextmanager
def _output_errors() -> Iterator[None]:
    try:
        yield
    except OutputError as error:
        message, _, cure = str(error).rpartition(": ")
        fail(message, cure)


def _passwords(site: Site, site_path: Path, documents: Mapping[str, Document], problem_format: str) -> Passwords:
    try:
        passwords, problems = gather(site, site_path, os.environ)
    except OSError as error:
        fail(
            f"{site_path / SECRETS} cannot be read or written: {error.strerror}",
            "check the rights of the site's folder",
        )
    problems += expiry_problems(site, site_path, datetime.now(UTC)) if passwords else []
    if passwords is None or (problems and problem_format == "full"):
        show_problems(problems, documents, site_path, problem_format)
    if passwords is None:
        raise typer.Exit(1)
    return passwords


def _refuse_wrong_build(
    bundle: Bundle, passwords: Passwords, site_path: Path, documents: Mapping[str, Document], problem_format: str
) -> None:
    from pbx.cli.verified import verified_build

    problems, generated = verified_build(bundle, passwords.values.values())
    if problems:
        show_problems(problems, {**documents, **generated}, site_path, problem_format)
        raise typer.Exit(1)


def _sounds(
    site: Site,
    bundle: Bundle,
    site_path: Path,
    documents: Mapping[str, Document],
    format: TextOrJson,  # noqa: A002
    converted: Callable[[str], None],
) -> dict[str, bytes]:
    with _progress() as made_one:
        sounds, problems = make_sounds(
            bundle.sounds,
            site_path,
            cache_folder(os.environ),
            synthesizer(os.environ),
            places=sound_places(site),
            made_one=made_one,
            converted=converted,
        )
    if has_errors(problems) or (problems and format is TextOrJson.TEXT):
        show_problems(problems, documents, site_path, "full" if format is TextOrJson.TEXT else "json")
    if has_errors(problems):
        raise typer.Exit(1)
    return sounds


@contextmanager
def _progress() -> Iterator[Callable[[int, int], None]]:
    """A line on a terminal that says how many sounds are made; nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _done, _all: None
        return
    with console(stderr=True).status("making sounds") as status:
        yield lambda done, every: status.update(f"making sounds: {done} of {every}")


def _next_step(site: Site, site_path: Path) -> str:
    from pbx.cli.app import plugins

    if "lab" in plugins():
        return f"pbx lab run {site_path} calls it on a real Asterisk"
    for slug, scope in site.tenants.items():
        for number in scope.tenant.dids:
            return f"pbx trace {site_path} {slug} --did {number} tells where a call goes"
    return "give etc/ and sounds/ to Asterisk"
