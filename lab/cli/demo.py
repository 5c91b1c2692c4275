"""``pbx lab demo``: what the containers of docker/compose.yaml run, and how a softphone gets there."""

from __future__ import annotations

import io
from pathlib import Path

import segno
import typer

from lab.addresses import SIP_PORT
from lab.demo import DemoError, Phone, prepare_demo
from pbx.cli.console import console, fail, load_or_exit, show_problems
from pbx.output import OutputError


def prepare(site_path: Path, output: Path, address: str) -> None:
    """Write everything, then say how to register."""
    site, documents = load_or_exit(site_path)
    try:
        phones, problems = prepare_demo(site, site_path, output, address)
    except (DemoError, OutputError) as error:
        message, _, cure = str(error).partition(": ")
        fail(message, cure)
    if not phones and problems:
        show_problems(problems, documents, site_path)
        raise typer.Exit(1)
    _say(phones, address)


def _say(phones: list[Phone], address: str) -> None:
    out = console()
    out.print(f"Register a softphone at {address}, port {SIP_PORT}, UDP:", soft_wrap=True)
    for phone in phones:
        out.print(f"  {phone.number:<6} {phone.name:<20} user {phone.user}  password {phone.password}", soft_wrap=True)
        out.print(f"         Linphone reads {phone.provisioning}", soft_wrap=True)
    if not phones:
        return
    picture = io.StringIO()
    segno.make(phones[0].provisioning, error="l").terminal(out=picture, compact=True, border=2)
    out.print(f"Or let Linphone scan this: it becomes {phones[0].number}, {phones[0].name}.", soft_wrap=True)
    typer.echo(picture.getvalue())
