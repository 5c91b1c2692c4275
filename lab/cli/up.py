"""``pbx lab up|down|status|cli``: a lab that is left running, for softphones and curious people."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import typer

from lab.addresses import AMI_PORT, SIP_PORT, Block, NoAddressError, reserve
from lab.cli.run import provision
from lab.engine import EngineError, Installation, Instance, InstanceSpec, attach
from lab.parties import configuration
from lab.testbed import first_password, under_test
from pbx.asterisk import names
from pbx.cli.console import TextOrJson, fail, load_or_exit, show_problems
from pbx.cli.console import console as screen
from pbx.output import cache_folder
from pbx.render import compile_site
from pbx.secrets import generate, write_private

if TYPE_CHECKING:
    from lab.plan import Plan

TIMING: Final = "res_timing_timerfd"
_ELSEWHERE: Final = "set XDG_STATE_HOME to another folder"
_KEEP_MAIL: Final = '#!/bin/sh\nexec cat > "{folder}/mail/$(date +%s.%N).eml"\n'


@dataclass(frozen=True, slots=True)
class Running:
    """What is known of the lab that was left running."""

    site: str
    engine: str
    address: str
    parties: str
    phones: tuple[tuple[str, str, str], ...]
    """Number, user and password of each extension."""


def _folder() -> Path:
    """Where a running lab keeps its state (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    return Path(base) / "centralita" / "up"


def start(site_path: Path, engine: str) -> None:
    """Boot both Asterisks, detached, and say how a softphone registers."""
    from lab.preparation import prepare

    site, documents = load_or_exit(site_path)
    folder = _folder()
    try:
        installation = provision(engine)
        if asyncio.run(_is_running(installation)):
            fail("a lab is running already", "stop it with: pbx lab down", "PBX803")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        prepared = prepare(site, site_path, installation, folder, cache_folder(os.environ), 1)
        if prepared.plan is None:
            show_problems(prepared.problems, documents, site_path)
            raise typer.Exit(1)
        block = reserve(prepared.plan.locks)
        asyncio.run(_boot(prepared.plan, block))
    except OSError as error:
        fail(f"the lab's state cannot be written to {folder}: {error.strerror}", _ELSEWHERE, "PBX802")
    except (EngineError, NoAddressError) as error:
        fail(getattr(error, "problem", str(error)), getattr(error, "cure", ""), "PBX801")
    running = Running(
        site=str(site_path),
        engine=engine,
        address=block.pbx,
        parties=block.phones,
        phones=tuple(
            (number, names.endpoint(slug, number), prepared.plan.secrets[first_password(scope, number)])
            for slug, scope in site.tenants.items()
            for number in scope.tenant.extensions
        ),
    )
    write_private(folder / "running.json", json.dumps({name: getattr(running, name) for name in Running.__slots__}))
    _say_how(running)


async def _boot(plan: Plan, block: Block) -> None:
    folder = _folder()
    (folder / "mail").mkdir()
    command = folder / "sendmail"
    command.write_text(_KEEP_MAIL.format(folder=folder))
    command.chmod(0o700)
    site = under_test(plan.site, block, str(command), folder / "pbx")
    pbx = Instance(plan.installation, _spec("pbx", (block.pbx, AMI_PORT), compile_site(site, plan.secrets).files, plan))
    await pbx.start()
    files = configuration(site, block, plan.secrets, ami_secret=generate(), agi_port=0, timing=TIMING)
    parties = Instance(plan.installation, _spec("parties", (block.phones, AMI_PORT), files, plan))
    try:
        await parties.start()
    except BaseException:
        await pbx.stop()
        raise


def _spec(
    name: str, ami: tuple[str, int], files: dict[str, str] | object = None, plan: Plan | None = None
) -> InstanceSpec:
    sounds = dict(plan.sounds.tenants) if plan and name == "pbx" else {}
    return InstanceSpec(name=name, folder=_folder() / name, files=files or {}, ami=ami, sounds=sounds, detached=True)  # type: ignore[arg-type]


def _say_how(running: Running) -> None:
    out = screen()
    out.print(f"The lab is running {running.site}. Register a softphone on this machine:")
    out.print(f"  server    {running.address}, port {SIP_PORT}, UDP")
    for number, user, password in running.phones:
        out.print(f"  {number:<8}  user {user}  password {password}", soft_wrap=True)
    out.print(f"Mail is kept in {_folder() / 'mail'}. Carriers answer and echo.", soft_wrap=True)
    out.print("Next: pbx lab status, pbx lab cli, pbx lab down")


def _known() -> Running | None:
    try:
        content = json.loads((_folder() / "running.json").read_text("utf-8"))
        return Running(**{**content, "phones": tuple(map(tuple, content["phones"]))})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def _attached(installation: Installation, running: Running | None) -> list[Instance]:
    addresses = {"pbx": running.address if running else "", "parties": running.parties if running else ""}
    found = (attach(installation, _spec(name, (address, AMI_PORT))) for name, address in addresses.items())
    return [instance for instance in found if instance is not None]


async def _is_running(installation: Installation) -> bool:
    return bool(_attached(installation, _known()))


def stop() -> None:
    """Stop both Asterisks and forget the lab."""
    running = _known()
    count = asyncio.run(_stop(provision(running.engine), running)) if running else 0
    shutil.rmtree(_folder(), ignore_errors=True)
    screen().print("The lab is stopped." if count else "No lab was running.")


async def _stop(installation: Installation, running: Running) -> int:
    instances = _attached(installation, running)
    for instance in instances:
        await instance.stop(3)
    return len(instances)


def show(format: TextOrJson) -> None:  # noqa: A002 - the word of the command line
    """Whether a lab is running, and which contacts are registered."""
    running = _known()
    contacts = asyncio.run(_contacts(provision(running.engine), running)) if running else None
    if format is TextOrJson.JSON:
        told = {"running": contacts is not None}
        if running and contacts is not None:
            told |= {"site": running.site, "address": running.address, "port": SIP_PORT, "contacts": contacts}  # type: ignore[dict-item]
        typer.echo(json.dumps(told, indent=2))
        return
    out = screen()
    if running is None or contacts is None:
        out.print("No lab is running. Start one with: pbx lab up SITE")
        return
    out.print(f"A lab is running {running.site} at {running.address}, port {SIP_PORT}.")
    for contact in contacts:
        out.print(f"  registered: {contact}", soft_wrap=True)
    if not contacts:
        out.print("  No phone is registered.")


async def _contacts(installation: Installation, running: Running) -> list[str] | None:
    pbx = next((each for each in _attached(installation, running) if each.spec.name == "pbx"), None)
    if pbx is None:
        return None
    text = await pbx.cli("pjsip show contacts")
    uris = [line.split()[1] for line in text.splitlines() if line.strip().startswith("Contact:") and "sip:" in line]
    users = {user for _, user, _ in running.phones}
    return [uri for uri in uris if uri.partition("/")[0] in users]


def console(command: str) -> NoReturn:
    """Asterisk's own console, or one command of it."""
    running = _known()
    installation = provision(running.engine) if running else None
    if running is None or installation is None or not asyncio.run(_is_running(installation)):
        fail("no lab is running", "start one with: pbx lab up SITE", "PBX804")
    words = ("-C", str(_folder() / "pbx" / "etc" / "asterisk.conf"), *(("-rx", command) if command else ("-r",)))
    elsewhere = installation.elsewhere
    program = elsewhere.console(_folder() / "pbx", words) if elsewhere else (*installation.command, *words)
    sys.stdout.flush()
    os.execvp(program[0], program)  # noqa: S606 - Asterisk's own console
