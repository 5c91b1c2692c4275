"""``pbx secrets``: the generated passwords of a site. No password is printed but one that was asked for by name."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pbx.cli.check import counted
from pbx.cli.console import TextOrJson, fail, listed, load_or_exit, show_problems
from pbx.diagnostics.suggest import nearest
from pbx.folder import SECRETS
from pbx.kept import alone, keep_out_of_git, read_kept
from pbx.lower.phones import password_names
from pbx.passwords import generated_names, make_missing, places, rotate
from pbx.secrets import Secret

if TYPE_CHECKING:
    from pbx.diagnostics import Diagnostic
    from pbx.site import Site


def init_secrets(site_path: Path, format: TextOrJson) -> None:  # noqa: A002 - as the option
    """Make the passwords that are missing, close the file to others, keep it out of git."""
    site, _ = load_or_exit(site_path, _problem_format(format))
    with _unwritable(site_path):
        in_git = keep_out_of_git(site_path)
        passwords, problems = make_missing(site, site_path)
    _show(problems, site_path, format)
    if passwords is None:
        raise typer.Exit(1)
    file = site_path / SECRETS
    if format is TextOrJson.JSON:
        told = {"file": str(file), "made": list(passwords.added), "in_git": in_git == "tracked"}
        typer.echo(json.dumps(told, indent=2))
    elif passwords.added:
        typer.echo(f"made {counted(len(passwords.added), 'password')} in {file}")
    else:
        typer.echo(f"{file} has every password that is needed")
    if in_git == "tracked":
        cure = f"git rm --cached {SECRETS}, commit, then pbx secrets rotate {site_path} --all: its passwords are known"
        fail(f"{file} is in git, where everybody who has the repository reads it", cure)
    if in_git == "added" and format is TextOrJson.TEXT:
        typer.echo(f"git ignores it: a line was added to {site_path / '.gitignore'}")


@dataclass(frozen=True, slots=True)
class Line:
    """A password by its name: never its value."""

    name: str
    state: str
    """``kept``, ``missing`` or ``not used`` for those in the file, ``set`` or ``not set`` in the environment, or
    ``elsewhere`` for files."""
    of: str
    """Whose it is."""


def list_secrets(site_path: Path, format: TextOrJson) -> None:  # noqa: A002 - as the option
    """Every password that the site needs or keeps, by name."""
    site, _ = load_or_exit(site_path, _problem_format(format))
    lines = list(_lines(site, _kept(site_path, format)))
    if format is TextOrJson.JSON:
        typer.echo(json.dumps({"secrets": [asdict(line) for line in lines]}, indent=2, ensure_ascii=False))
        return
    widths = [max(len(getattr(line, column)) for line in lines) for column in ("name", "state")]
    for line in lines:
        typer.echo(f"{line.name:{widths[0]}}  {line.state:{widths[1]}}  {line.of}".rstrip())


def show_secret(site_path: Path, name: str, format: TextOrJson, *, reveal: bool) -> None:  # noqa: A002 - as above
    """Print one password, to a terminal or where ``--reveal`` says that it is meant."""
    site, _ = load_or_exit(site_path, _problem_format(format))
    kept = _kept(site_path, format)
    if name not in kept:
        near = nearest(name, kept)
        if name in generated_names(site):
            fail(f"there is no password {name} yet", f"make it: pbx secrets init {site_path}")
        known = f"the names are told by: pbx secrets show {site_path}"
        fail(f"{SECRETS} has no {name}", f"did you mean {near}?" if near else known, exit_code=2)
    if not reveal and not sys.stdout.isatty():
        cure = "add --reveal if it is to be written into a file or a pipe"
        fail(f"the password of {name} is printed on a terminal only", cure, exit_code=2)
    value = kept[name].reveal()
    typer.echo(json.dumps({"name": name, "value": value}) if format is TextOrJson.JSON else value)


def rotate_secrets(site_path: Path, name: str, format: TextOrJson, *, every: bool) -> None:  # noqa: A002 - as above
    """New passwords for one name, for a tenant, or for all; says which phones must be provisioned again."""
    if every == bool(name):
        fail(
            "say what is to get a new password", "a name such as andina/extension/201, a tenant, or --all", exit_code=2
        )
    site, _ = load_or_exit(site_path, _problem_format(format))
    known = generated_names(site)
    if name and name not in known and name not in site.tenants:
        near = nearest(name, [*known, *site.tenants])
        cure = f"did you mean {near}?" if near else f"the tenants are {listed(site.tenants)}"
        fail(f"there is no password or tenant {name}", cure, exit_code=2)
    with _unwritable(site_path):
        changed, problems = rotate(site, site_path, lambda each: every or each == name or each.startswith(f"{name}/"))
    _show(problems, site_path, format)
    if changed is None:
        raise typer.Exit(1)
    owners = _owners(site)
    if format is TextOrJson.JSON:
        told = [{"name": each, "of": owners.get(each, "")} for each in changed]
        typer.echo(json.dumps({"file": str(site_path / SECRETS), "rotated": told}, indent=2, ensure_ascii=False))
        return
    typer.echo(f"made {counted(len(changed), 'new password')} in {site_path / SECRETS}")
    phones = [each for each in changed if "/extension/" in each]
    if phones:
        typer.echo("these phones must be provisioned again, or they cannot register after the next build:")
    for each in phones:
        typer.echo(f"  {each}  {owners[each]}")
    typer.echo(f"next: pbx compile {site_path} -o DIR")


def _problem_format(format: TextOrJson) -> str:  # noqa: A002 - as above
    return "full" if format is TextOrJson.TEXT else "json"


def _show(problems: list[Diagnostic], site_path: Path, format: TextOrJson) -> None:  # noqa: A002 - as above
    """Problems of ``secrets.yaml``: its text is not given, so that no line of it is quoted. Scripts get errors only."""
    if problems and (format is TextOrJson.TEXT or any(each.severity == "error" for each in problems)):
        show_problems(problems, {}, site_path, _problem_format(format))


def _kept(site_path: Path, format: TextOrJson) -> dict[str, Secret]:  # noqa: A002 - as above
    with _unwritable(site_path), alone(site_path):
        kept, problems = read_kept(site_path)
    if kept is None:
        _show(problems, site_path, format)
        raise typer.Exit(1)
    for problem in problems:  # standard output is for the password alone
        typer.echo(f"{site_path / SECRETS}: {problem.message}", err=True)
    return kept


def _lines(site: Site, kept: Mapping[str, Secret]) -> Iterator[Line]:
    owners = _owners(site)
    for name in sorted({*owners, *kept}):
        state = "missing" if name not in kept else "kept" if name in owners else "not used"
        yield Line(name, state, owners.get(name, ""))
    for reference, file, path in places(site):
        if reference.source != "secret":
            set_ = "set" if os.environ.get(reference.name) else "not set"
            where = f"{'.'.join(map(str, path))} in {file}"
            yield Line(str(reference), set_ if reference.source == "env" else "elsewhere", where)


def _owners(site: Site) -> dict[str, str]:
    """Whose each password of ``secrets.yaml`` is."""
    found = {
        reference.name: f"{'.'.join(map(str, path))} in {file}"
        for reference, file, path in places(site)
        if reference.source == "secret"
    }
    for slug, scope in site.tenants.items():
        for number, extension in scope.tenant.extensions.items():
            for name in password_names(slug, number, extension):
                found[name] = f"{extension.first_name} {extension.last_name}".strip()
    return found


@contextmanager
def _unwritable(site_path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        fail(f"{site_path / SECRETS} cannot be read or written: {reason}", "check the rights of the site's folder")
