"""``pbx lab demo``: what the containers of docker/compose.yaml run, and how a softphone gets there."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_address
from pathlib import Path
from typing import Final

import typer

from lab.addresses import SIP_PORT
from lab.demo import DemoError, Phone, prepare_demo
from lab.softphone import qr_code
from pbx.cli.console import fail, load_or_exit, show_problems
from pbx.output import OutputError
from pbx.secrets import write_private

TOLD: Final = "softphones.txt"
"""The file beside the configuration that has what was printed."""


def prepare(site_path: Path, output: Path, address: str) -> None:
    """Write everything, then say how to register; the same is in a file that only its owner may read."""
    site, documents = load_or_exit(site_path)
    try:
        phones, problems = prepare_demo(site, site_path, output, address)
    except (DemoError, OutputError) as error:
        message, _, cure = str(error).partition(": ")
        fail(message, cure)
    if not phones and problems:
        show_problems(problems, documents, site_path)
        raise typer.Exit(1)
    text = "\n".join(_told(phones, address))
    write_private(output / TOLD, f"{text}\n")
    typer.echo(text)


def _told(phones: list[Phone], address: str) -> Iterator[str]:
    yield f"Register a softphone at {address}, port {SIP_PORT}, UDP:"
    for phone in phones:
        yield f"  {phone.number:<6} {phone.name:<20} user {phone.user}  password {phone.password}"
        yield f"         Linphone reads {phone.provisioning}"
    if _is_loopback(address):
        yield f"Only softphones of this machine reach {address}: start the demo with PBX_ADDRESS=… for others."
    if phones:
        yield f"Or let Linphone scan this: it becomes {phones[0].number}, {phones[0].name}."
        yield qr_code(phones[0].provisioning)


def _is_loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"
