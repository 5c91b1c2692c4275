"""The passwords of a build: references followed, generated ones kept in the site's ``secrets.yaml``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pbx.certificates import certificate_problems, pem_text
from pbx.diagnostics import Diagnostic, Related
from pbx.diagnostics import Path as Place
from pbx.folder import PLATFORM
from pbx.inside import OutsideError, read_inside
from pbx.kept import alone, keep_out_of_git, read_kept, write_kept
from pbx.lower import wanted_secrets
from pbx.model import SecretReference
from pbx.secrets import Problem, Secret, generate, merge_missing, resolve
from pbx.site import Site

LARGEST: Final = 4096
"""Bytes of a file that holds a password; more is another file, named by mistake."""


@dataclass(frozen=True, slots=True)
class Passwords:
    """What a build needs to know, by name, and what had to be made for it."""

    values: Mapping[str, str]
    added: tuple[str, ...]


def places(site: Site) -> Iterator[tuple[SecretReference, str, Place]]:
    """Every reference to a password with the file and the path where it is written."""
    yield site.platform.ami.password, PLATFORM, ("ami", "password")
    if site.platform.tls:
        yield site.platform.tls.certificate, PLATFORM, ("tls", "certificate")
        yield site.platform.tls.key, PLATFORM, ("tls", "key")
    for scope in site.tenants.values():
        for name, trunk in scope.tenant.trunks.items():
            if trunk.password:
                yield trunk.password, scope.file, ("trunks", name, "password")


def generated_names(site: Site) -> list[str]:
    """Names of the passwords that are ours to choose: those of phones, and the manager's where it says ``secret:``."""
    phones, _ = wanted_secrets(site)
    manager = site.platform.ami.password
    return [*phones, *([manager.name] if manager.source == "secret" else [])]


def gather(site: Site, root: Path, environment: Mapping[str, str]) -> tuple[Passwords | None, list[Diagnostic]]:
    """Every password of a site; generated ones that are missing are made, and kept once everything else was found.

    The problems never hold a password; with passwords they are warnings. Raises OSError when ``secrets.yaml`` cannot be
    read or written.
    """

    def followed(kept: Mapping[str, Secret]) -> tuple[dict[str, str] | None, list[Diagnostic]]:
        found, problems = _follow(site, root, environment, kept)
        if not problems:
            problems = certificate_problems(site, found)
        return (None if problems else found), problems

    return _make(site, root, followed)


def make_missing(site: Site, root: Path) -> tuple[Passwords | None, list[Diagnostic]]:
    """As :func:`gather`, for the generated passwords alone: references to others are not followed."""
    return _make(site, root, lambda _kept: ({}, []))


def _make(
    site: Site, root: Path, follow: Callable[[Mapping[str, Secret]], tuple[dict[str, str] | None, list[Diagnostic]]]
) -> tuple[Passwords | None, list[Diagnostic]]:
    with alone(root):
        kept, problems = read_kept(root)
        if kept is None:
            return None, problems
        generated = generated_names(site)
        every, added = merge_missing(kept, generated)
        referred, missing = follow(every)
        if referred is None:
            return None, problems + missing
        if added:
            keep_out_of_git(root)
            write_kept(root, every)
    values = {name: every[name].reveal() for name in generated}
    return Passwords({**values, **referred}, added), problems


def rotate(site: Site, root: Path, wanted: Callable[[str], bool]) -> tuple[tuple[str, ...] | None, list[Diagnostic]]:
    """New passwords for the generated ones whose name is wanted, all of them at once or none; answers their names.

    The old file stays until the new one is in its place. Raises OSError as :func:`gather`.
    """
    with alone(root):
        kept, problems = read_kept(root)
        if kept is None:
            return None, problems
        names = tuple(sorted(name for name in generated_names(site) if wanted(name)))
        if names:
            keep_out_of_git(root)
            write_kept(root, {**kept, **{name: Secret(generate()) for name in names}})
    return names, problems


def _follow(
    site: Site, root: Path, environment: Mapping[str, str], kept: Mapping[str, Secret]
) -> tuple[dict[str, str], list[Diagnostic]]:
    """The passwords behind the references; one that is missing is told once, with every place that wants it."""
    wanted: dict[str, list[tuple[str, Place]]] = {}
    for reference, file, path in places(site):
        wanted.setdefault(str(reference), []).append((file, path))
    found: dict[str, str] = {}
    problems: list[Diagnostic] = []
    for spelled, ((file, path), *others) in wanted.items():
        certificate = path[0] == "tls"
        answer = pem_text(root, spelled) if certificate else _resolved(spelled, root, environment, kept)
        if isinstance(answer, Secret):
            found[spelled] = answer.reveal()
            continue
        related = tuple(Related(other, place, "it is wanted here too") for other, place in others)
        problems.append(Diagnostic("PBX601", file, path, answer.message, help=answer.help, related=related))
    return found, problems


def _resolved(spelled: str, root: Path, environment: Mapping[str, str], kept: Mapping[str, Secret]) -> Secret | Problem:
    name = spelled.partition(":")[2]
    try:
        return resolve(spelled, environment, lambda path: read_inside(root, path, LARGEST), kept)
    except OutsideError:
        return Problem(f"{spelled} leads out of the site folder by a link", "keep the file itself in the site folder")
    except UnicodeDecodeError:
        return Problem(f"{name} is not UTF-8 text", "keep the password alone in the file")
    except OSError as error:
        return Problem(f"{name} cannot be read: {error.strerror or error}", "check its rights")
