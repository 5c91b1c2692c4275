"""All a lab needs before the first Asterisk boots: throw-away passwords, compiled sounds, the parties' voices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from lab.addresses import reserve
from lab.engine import Installation
from lab.parties import cast
from lab.plan import Plan
from lab.stage import Sounds
from lab.testbed import throw_away_secrets
from lab.voices import write_voices
from pbx import confirmations
from pbx.audio import speak
from pbx.diagnostics import Diagnostic, has_errors
from pbx.output import make_sounds
from pbx.render import compile_site
from pbx.site import Site

KNOWN_SOUNDS: Final = ("pbx-invalid", "vm-intro", "conf-getpin", "conf-invalidpin", "conf-onlyperson")
"""Asterisk's own sounds that a caller meets, beside the tenant's prompts."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan, or why there is none."""

    plan: Plan | None
    problems: list[Diagnostic] = field(default_factory=list)


def prepare(site: Site, site_path: Path, installation: Installation, folder: Path, cache: Path, speed: int) -> Prepared:
    """Make the plan of a run in ``folder``; a site whose sounds cannot be made comes back with its problems."""
    secrets = throw_away_secrets(site)
    recipes = compile_site(site, secrets).sounds
    synthesizer = installation.espeak
    made, problems = make_sounds(
        recipes, site_path, cache, (lambda text, language: speak(text, language, synthesizer)) if synthesizer else None
    )
    if has_errors(problems):
        return Prepared(None, problems)
    for name, data in made.items():
        path = folder / "sounds" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    folders = {*site.tenants, *(name.partition("/")[0] for name in made)}
    sounds = Sounds({each: _sounds_folder(folder, each) for each in sorted(folders)}, folder / "sounds" / "lab")
    locks = cache / "loopback"
    block = reserve(locks)
    write_voices(sounds.lab, sorted({party.tone for party in cast(site, block).values()}), synthesizer)
    block.release()
    prompts = {slug: _prompts(site, slug, folder, installation, sorted(made)) for slug in site.tenants}
    plan = Plan(site, str(site_path), secrets, installation, folder, sounds, prompts, locks, speed)
    return Prepared(plan, problems)


def _sounds_folder(folder: Path, name: str) -> Path:
    path = folder / "sounds" / name
    path.mkdir(parents=True, exist_ok=True)
    return path


def _prompts(site: Site, slug: str, folder: Path, installation: Installation, made: Sequence[str]) -> dict[str, Path]:
    """The reference sounds by which a tenant's calls are recognised."""
    folders = (f"{slug}/", f"{confirmations.folder(site.tenants[slug].tenant.language)}/")
    found = {f"prompt:{Path(name).stem}": folder / "sounds" / name for name in made if name.startswith(folders)}
    found["prompt:message"] = folder / "sounds" / "lab" / "message.wav"
    shipped = installation.languages[site.tenants[slug].tenant.language]
    wanted = {*KNOWN_SOUNDS}
    for ref, model in site.tenants[slug].models():
        from pbx.kinds import BY_NAME

        wanted |= {each.prompt.sound for each in BY_NAME[ref.kind].sounds(ref.id, model) if each.prompt.sound}
    for name in sorted(wanted):
        path = shipped / f"{name}.wav"
        if path.is_file():
            found[f"prompt:{name}"] = path
    return found
