"""What the containers of the demonstration run: a site's PBX that real softphones reach, and carriers that echo.

Addresses are those of ``docker/compose.yaml``: the PBX speaks to carriers on a network of theirs, and to everybody else
by the address of the machine that runs Docker.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from lab.addresses import AMI_PORT, SIP_PORT, Block
from lab.parties import configuration
from lab.softphone import linphone
from lab.stage import TIMING
from lab.testbed import first_password, throw_away_secrets, under_test
from pbx.asterisk import names
from pbx.bundle import Bundle
from pbx.diagnostics import Diagnostic, has_errors
from pbx.model import PortRange
from pbx.output import cache_folder, make_sounds, synthesizer, write_build
from pbx.render import compile_site
from pbx.secrets import generate, write_private
from pbx.site import Site

RTP: Final = PortRange(10_000, 10_039)
"""The UDP ports for sound that Docker publishes: 20 calls."""
PROVISIONING_PORT: Final = 8088
CARRIERS: Final = 8
"""How many addresses compose.yaml gives to carriers."""
_OWN: Final = ("172.28.77.10/32", "169.254.0.0/16")
"""What is not told the machine's address: the carriers. Of the PBX's own addresses Asterisk wants to know all here
(res_pjsip_sdp_rtp.c, ``change_outgoing_sdp_stream_media_address``), yet not their network: softphones of the same
machine come from the gateway of Docker's."""


_AMI: Final = "the manager interface of the parties"


class DemoError(Exception):
    """The site cannot be shown with the addresses there are; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Phone:
    """How a softphone registers."""

    number: str
    name: str
    user: str
    password: str
    provisioning: str
    """The address at which its settings are, for a softphone that reads them from a QR code."""


class _Network(Block):
    """The addresses of compose.yaml."""

    @property
    def pbx(self) -> str:
        """All of its container's."""
        return "0.0.0.0"  # noqa: S104 - its container has a network of its own, and one address in it

    @property
    def phones(self) -> str:
        """Not used: phones are real here."""
        return "127.0.0.1"

    def carrier(self, index: int) -> str:
        """In the order of compose.yaml."""
        if index >= CARRIERS:
            message = (
                f"the site has more than {CARRIERS} trunks: show a smaller one, or give compose.yaml more addresses"
            )
            raise DemoError(message)
        return f"169.254.77.{31 + index}"


def prepare_demo(site: Site, site_path: Path, folder: Path, address: str) -> tuple[list[Phone], list[Diagnostic]]:
    """Write ``pbx``, ``parties`` and ``phones`` into a folder; softphones find Docker's machine at ``address``.

    No real password is used, and the same ones again when the folder has been written before: a softphone stays
    registered when the demonstration begins anew. Raises :class:`DemoError` and :class:`pbx.output.OutputError`.
    """
    try:
        passwords = _passwords(site, folder / "passwords.json")
    except OSError as error:
        raise DemoError(f"{folder} cannot be written: {error.strerror}") from error
    block = _Network(0, -1)
    tested = under_test(site, block, site.platform.mail.command, folder / "pbx")
    platform = tested.platform.model_copy(
        update={
            "rtp": RTP,
            "sip": tested.platform.sip.model_copy(update={"external_address": address, "local_networks": list(_OWN)}),
            "mail": site.platform.mail.model_copy(update={"command": "/usr/sbin/sendmail -t"}),
            "ami": site.platform.ami.model_copy(update={"bind": "127.0.0.1", "port": AMI_PORT}),
        }
    )
    shown = replace(tested, platform=platform)
    bundle = compile_site(shown, passwords)
    sounds, problems = make_sounds(bundle.sounds, site_path, cache_folder(os.environ), synthesizer(os.environ))
    if has_errors(problems):
        return [], problems
    write_build(bundle, sounds, folder / "pbx")
    files = configuration(shown, block, passwords, ami_secret=passwords[_AMI], agi_port=0, timing=TIMING)
    write_build(Bundle(files, {}), {}, folder / "parties")
    return _provision(site, passwords, folder / "phones", address), problems


def _passwords(site: Site, path: Path) -> dict[str, str]:
    """A password for everything that wants one: what the file has of them, and new ones, which it has then."""
    try:
        kept = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        kept = {}
    made = {_AMI: generate(), **throw_away_secrets(site)}
    passwords = {name: str(kept.get(name, text)) for name, text in made.items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    write_private(path, json.dumps(passwords, indent=2, sort_keys=True))
    return passwords


def _provision(site: Site, passwords: dict[str, str], folder: Path, address: str) -> list[Phone]:
    """A file with settings for each phone, under a name that nobody guesses."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.xml"):
        old.unlink()
    (folder / "index.html").touch()  # else the server would list the folder
    phones = []
    for slug, scope in site.tenants.items():
        for number, extension in scope.tenant.extensions.items():
            user, password = names.endpoint(slug, number), passwords[first_password(scope, number)]
            name = f"{extension.first_name} {extension.last_name}".strip()
            file = f"{user}-{hashlib.sha256(password.encode()).hexdigest()[:16]}.xml"
            server = f"{address}:{SIP_PORT}"
            text = linphone(user, password, realm=site.platform.domain, server=server, name=name)
            (folder / file).write_text(text, encoding="utf-8")
            phones.append(Phone(number, name, user, password, f"http://{address}:{PROVISIONING_PORT}/{file}"))
    return phones


__all__ = ["DemoError", "Phone", "prepare_demo"]
