"""A dry boot: whether a real Asterisk takes the whole build without a word, and has then what was compiled."""

from __future__ import annotations

import asyncio
import io
import re
import tempfile
import wave
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from lab.addresses import AMI_PORT, reserve
from lab.engine import EngineError, Installation, Instance, InstanceSpec
from lab.testbed import throw_away_secrets, under_test
from pbx.bundle import Bundle
from pbx.diagnostics import Diagnostic
from pbx.render import compile_site
from pbx.site import Site
from pbx.verify import Contents, contents, wrong
from pbx.verify.origin import with_origin
from pbx.verify.text import FOLDER, Place

MAIL_COMMAND: Final = "/bin/false"
"""Nobody leaves a message in a dry boot."""
BOOT_SECONDS: Final = 120.0
"""10,000 extensions boot in about 5 s on a quiet machine."""

_PLACE: Final = re.compile(r"(?:at )?line (\d+) of (?:file )?'?([\w./-]+\.conf)|([\w./-]+\.conf):? line (\d+)")
_HEAD: Final = re.compile(r"^\[[^\]]*\] (?:ERROR|WARNING)\[\d+\](?:\[C-[0-9a-f]+\])? ")
_NAME: Final = re.compile(r"[A-Za-z0-9][\w+-]*_[\w+-]+")
_CONTEXT: Final = re.compile(r"^\[ Context '(.*)' created by '(.*)' \]$")
_STEP: Final = re.compile(r"(?:=>| )\s+(?:\d+\. |hint: ).*\[[^\]]*:\d+\]$")


async def dry_boot(
    site: Site,
    installation: Installation,
    locks: Path,
    *,
    alter: Callable[[Mapping[str, str]], Mapping[str, str]] = dict,
) -> tuple[list[Diagnostic], Bundle]:
    """Boot a site's build with throw-away passwords on lab addresses, look, and stop it again.

    Answers what Asterisk complains about or has not, and the build as it was booted. ``locks`` holds the lock files of
    loopback addresses; ``alter`` changes the files on the way. Raises ``EngineError`` when there is no verdict.
    """
    block = reserve(locks)
    try:
        # Not below a folder of the user's, whose name may be too long for Asterisk's control socket.
        with tempfile.TemporaryDirectory(prefix="pbx-boot-") as name:
            bundle = compile_site(under_test(site, block, MAIL_COMMAND, Path(name) / "pbx"), throw_away_secrets(site))
            folder = Path(name)
            sounds = await asyncio.to_thread(_silent_sounds, bundle, folder / "sounds")
            files = alter(bundle.files)
            spec = InstanceSpec("pbx", folder / "pbx", files, (block.pbx, AMI_PORT), sounds=sounds)
            instance = Instance(installation, spec)
            found = await _boot(instance, contents(bundle), files)
            return with_origin(found, bundle), Bundle(files, bundle.sounds, bundle.origins)
    finally:
        block.release()


async def _boot(instance: Instance, compiled: Contents, files: Mapping[str, str]) -> list[Diagnostic]:
    try:
        try:
            await instance.start(BOOT_SECONDS, complaining=True)
        except EngineError:
            if not instance.complaints:
                raise
            return _complaints(instance, files)
        return [*_complaints(instance, files), *await _differences(instance, compiled)]
    finally:
        await instance.stop()


def _silent_sounds(bundle: Bundle, folder: Path) -> dict[str, Path]:
    """A short silence for each sound: what counts here is that it is there."""
    with io.BytesIO() as stream:
        with wave.open(stream, "wb") as sound:
            sound.setparams((1, 2, 8000, 0, "NONE", ""))
            sound.writeframes(bytes(320))
        silence = stream.getvalue()
    folders = {}
    for name in bundle.sounds:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(silence)
        top = name.partition("/")[0]
        folders[top] = folder / top
    return folders


def _complaints(instance: Instance, files: Mapping[str, str]) -> list[Diagnostic]:
    """Each unexpected line of the log, at the generated line it names."""
    etc = f"{instance.paths.etc}/"
    found = []
    for line in instance.complaints:
        text = _HEAD.sub("", line).replace(etc, "")
        place = _place(text, files)
        file = f"{FOLDER}/{place.file}" if place.file in files else place.file
        one = wrong("PBX630", place, f"Asterisk says: {text}", "nobody knows what it would do with this part")
        found.append(one if place.file in files else Diagnostic("PBX630", file, (), one.message, one.help))
    return found


def _place(text: str, files: Mapping[str, str]) -> Place:
    """The line a message names; else the section it names; else the platform as a whole."""
    named = _PLACE.search(text)
    if named:
        file, line = named[2] or named[3], int(named[1] or named[4])
        for name in (file, *(each for each in files if each.endswith(f"/{file}"))):
            if name in files and 0 < line <= files[name].count("\n") + 1:
                return Place(name, line)
    for word in _NAME.findall(text):
        for name, content in files.items():
            at = content.find(f"[{word}]")
            if at == 0 or (at > 0 and content[at - 1] == "\n"):
                return Place(name, content.count("\n", 0, at) + 1)
    return Place("platform.yaml", 1)


async def _differences(instance: Instance, compiled: Contents) -> list[Diagnostic]:
    found = []
    contexts = _steps_by_context(await instance.cli("dialplan show", BOOT_SECONDS))
    for context in sorted({*contexts, *compiled.steps}):
        has, wanted = contexts.get(context), compiled.steps.get(context)
        if has != wanted:
            place = compiled.places.get(context, Place("extensions.conf", 1))
            told = "is not there" if has is None else f"has {has} steps"
            found.append(_differs(place, f"the context {context} {told}, and {wanted or 0} were compiled"))
    endpoints = re.search(r"Objects found: (\d+)", await instance.cli("pjsip show endpoints", BOOT_SECONDS))
    boxes = re.search(r"^(\d+) voicemail users", await instance.cli("voicemail show users", BOOT_SECONDS), re.MULTILINE)
    queues = re.findall(r"^(\S+) has \d+ calls ", await instance.cli("queue show", BOOT_SECONDS), re.MULTILINE)
    for what, file, wanted, has in (
        ("endpoints", "pjsip.conf", compiled.endpoints, int(endpoints[1]) if endpoints else 0),
        ("mailboxes", "voicemail.conf", compiled.mailboxes, int(boxes[1]) if boxes else 0),
        ("queues", "queues.conf", compiled.queues, len(queues)),
    ):
        if wanted != has:
            found.append(_differs(Place(file, 1), f"Asterisk has {has} {what}, and {wanted} were compiled"))
    return found


def _differs(place: Place, message: str) -> Diagnostic:
    return wrong("PBX631", place, message, "what is missing would not be there for callers")


def _steps_by_context(shown: str) -> dict[str, int]:
    """How many steps and hints each context of ours has, from ``dialplan show``."""
    counts: dict[str, int] = {}
    context = ""
    for line in shown.splitlines():
        header = _CONTEXT.match(line)
        if header:
            context = header[1] if header[2] == "pbx_config" else ""
            if context:
                counts.setdefault(context, 0)
        elif context and _STEP.search(line):
            counts[context] += 1
    return counts
