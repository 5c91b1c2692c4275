"""``pbx init``: a new site, asked for on a terminal or told by options."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, NoReturn, cast

import typer
from pydantic import TypeAdapter, ValidationError

from pbx.check import check
from pbx.cli.console import fail, show_problems
from pbx.cli.schema import schema_text
from pbx.folder import SiteFiles
from pbx.kept import keep_out_of_git, write_kept
from pbx.load import load
from pbx.model import E164, DigitPrefix, Host, Language, Name, NumberRange, Range, TenantSlug, TimeZone
from pbx.numberplan import NumberPlanError, countries, has_plan, plan_for
from pbx.passwords import generated_names
from pbx.secrets import Secret, generate
from pbx.site import Site
from pbx.starter import MOST, ZONES, Answers, area_of, country_of, site_files, usual_language
from pbx.trunks import Trunk

Given = dict[str, str]
"""What is known so far, by the name of the question."""


class _NoAnswerError(ValueError):
    """An answer that will not do; the text says why and what would."""


@dataclass(frozen=True, slots=True)
class Question:
    """One thing that a new site needs to know."""

    name: str
    """Also its option, with hyphens."""
    words: str
    check: Callable[[str, Given], object]
    """Raises :class:`_NoAnswerError`."""
    usual: Callable[[Given], str | None] | None = None
    """What is meant when nothing is said, None when that cannot be known; left out for what must be said."""

    @property
    def option(self) -> str:
        """As on the command line."""
        return f"--{self.name.replace('_', '-')}"


def _typed(annotation: Any) -> Callable[[str, Given], object]:  # noqa: ANN401 - any type of the language
    def check_it(text: str, _given: Given) -> object:
        try:
            return TypeAdapter(annotation).validate_python(text)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            context = first.get("ctx", {})
            raise _NoAnswerError(context.get("message", first["msg"]), context.get("help", "")) from error

    return check_it


def _country(text: str, _given: Given) -> object:
    if not has_plan(text):
        raise _NoAnswerError(f"there is no number plan for {text!r}", f"one of {', '.join(countries())}")
    return text


def _area(text: str, given: Given) -> object:
    try:
        return plan_for(given["country"], text)
    except NumberPlanError as error:
        message, _, cure = str(error).partition(": ")
        raise _NoAnswerError(message, cure) from error


def _extensions(text: str, given: Given) -> object:
    found = cast("NumberRange", _typed(Range)(text, given))
    many = int(found.last) - int(found.first) + 1
    if len(found.first) < 2 or many > MOST:  # noqa: PLR2004 - as an extension's number
        raise _NoAnswerError(
            f"{text!r} are {many} numbers of {len(found.first)} digits", f"2 to 6 digits, {MOST} at most"
        )
    return found


def _or_none(check_it: Callable[[str, Given], object]) -> Callable[[str, Given], object]:
    return lambda text, given: check_it(text, given) if text else None


def _user(text: str, given: Given) -> object:
    return _typed(Trunk.model_fields["username"].annotation)(text, given)


def _nothing(_given: Given) -> str:
    return ""


QUESTIONS: Final = (
    Question("name", "The customer's name", _typed(Name)),
    Question("tenant", "A short name for it", _typed(TenantSlug), lambda given: _slug(given["name"])),
    Question("did", "Its main number, such as +541152365000", _typed(E164)),
    Question("country", "Country", _country, lambda given: country_of(given["did"]) or None),
    Question("language", "Language, es or en", _typed(Language), lambda given: usual_language(given["country"])),
    Question("timezone", "Time zone", _typed(TimeZone), lambda given: ZONES.get(given["country"])),
    Question("area_code", "Area code", _area, lambda given: area_of(given["country"], given["did"])),
    Question("outside_prefix", "Dialled before outside numbers", _or_none(_typed(DigitPrefix)), lambda _given: "9"),
    Question("extensions", "Extensions", _extensions, lambda _given: "201-205"),
    Question("trunk_host", "The carrier's SIP host", _typed(Host)),
    Question("trunk_user", "User name at the carrier, if it wants one", _or_none(_user), _nothing),
    Question("domain", "The PBX's own domain", _typed(Host), lambda given: f"pbx.{given['tenant']}.example"),
)


def init_site(folder: Path, told: Mapping[str, str | None]) -> None:
    """Ask for what was not told, and write the site, whole or not at all; what is there is never touched."""
    _refuse_what_is_there(folder)
    given = _answers(told, asking=sys.stdin.isatty() and sys.stdout.isatty())
    answers = Answers(
        slug=given["tenant"],
        name=given["name"],
        country=given["country"],
        language=cast("Language", given["language"]),
        timezone=given["timezone"],
        area_code=given["area_code"],
        extensions=cast("NumberRange", _extensions(given["extensions"], given)),
        did=given["did"],
        trunk_host=given["trunk_host"],
        trunk_user=given["trunk_user"],
        domain=given["domain"],
        outside_prefix=given["outside_prefix"],
        first_year=datetime.now(UTC).year,
    )
    texts = site_files(answers, _new_pin)
    site = _checked(folder, texts)
    schemas = {f".schema/{root}.json": schema_text(root) for root in ("platform", "tenant")}
    try:
        _write(folder, {**texts, **schemas}, site)
    except OSError as error:
        fail(f"{folder} cannot be written: {error.strerror or error}; nothing was left behind", "name another folder")
    _tell(folder, answers, texts)


def _refuse_what_is_there(folder: Path) -> None:
    if folder.is_dir() and not any(folder.iterdir()):
        return
    if folder.exists() or folder.is_symlink():
        fail(
            f"{folder} is there already, and nothing in it is overwritten",
            "name a folder that is not there",
            exit_code=2,
        )


def _answers(told: Mapping[str, str | None], *, asking: bool) -> Given:
    """Every answer: as told, else as asked for, else the usual one."""
    missing = [each.option for each in QUESTIONS if each.usual is None and told.get(each.name) is None]
    if missing and not asking:
        _missing(missing)
    given: Given = {}
    for question in QUESTIONS:
        usual = question.usual(given) if question.usual else None
        said = told.get(question.name)
        if said is None and asking:
            given[question.name] = _ask(question, usual, given)
            continue
        if said is None and usual is None:
            _missing([question.option])
        given[question.name] = answer = (said if said is not None else usual or "").strip()
        try:
            question.check(answer, given)
        except _NoAnswerError as error:
            message, cure = error.args
            fail(f"{question.option}: {message}", cure, exit_code=2)
    return given


def _missing(options: list[str]) -> NoReturn:
    fail(f"{' and '.join(options)} {'is' if len(options) == 1 else 'are'} missing", "see pbx init --help", exit_code=2)


def _ask(question: Question, usual: str | None, given: Given) -> str:
    """Ask until the answer will do."""
    while True:
        answer = str(typer.prompt(question.words, default=usual, show_default=bool(usual))).strip()
        try:
            question.check(answer, given)
        except _NoAnswerError as error:
            message, cure = error.args
            typer.echo(f"  {message}" + (f": {cure}" if cure else ""))
        else:
            return answer


def _slug(name: str) -> str | None:
    """The first word of a name as a short name, when it makes one."""
    import unicodedata

    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    words = ["".join(filter(str.isalnum, word)) for word in plain.split()]
    for word in words:
        try:
            _typed(TenantSlug)(word[:16], {})
        except _NoAnswerError:
            continue
        return word[:16]
    return None


def _new_pin() -> str:
    """Six digits out of the operating system's random source, and not all alike or in a row."""
    while True:
        pin = f"{secrets.randbelow(1_000_000):06}"
        steps = {int(after) - int(before) for before, after in pairwise(pin)}
        if len(steps) > 1:
            return pin


def _checked(folder: Path, texts: Mapping[str, str]) -> Site:
    """The site that the texts make. What is wrong with it is shown at its place, and nothing is written."""
    site, documents, problems = load(SiteFiles(folder, {name: text.encode() for name, text in texts.items()}))
    problems += check(site) if site is not None else []
    if site is None or problems:
        show_problems(problems, documents, folder)
        fail("such a site would not be clean, so it was not written", "change the answer that is meant, and try again")
    return site


def _write(folder: Path, texts: Mapping[str, str], site: Site) -> None:
    """Aside first, then in one step to its place: nobody ever sees half a site."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    aside = Path(tempfile.mkdtemp(prefix=f".{folder.name}.init-", dir=folder.parent))
    try:
        for name, text in texts.items():
            path = aside / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        (aside / "tenants" / next(iter(site.tenants))).mkdir()
        write_kept(aside, {name: Secret(generate()) for name in generated_names(site)})
        keep_out_of_git(aside)
        aside.chmod(0o755)
        os.rename(aside, folder)  # noqa: PTH104 - Path.rename would say the same; a folder that is empty may be there
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise


def _tell(folder: Path, answers: Answers, texts: Mapping[str, str]) -> None:
    typer.echo(f"wrote {folder}: {', '.join(texts)}, and secrets.yaml with new passwords, which git ignores")
    typer.echo("next:")
    if answers.trunk_user:
        typer.echo(f"  export {answers.slug.upper()}_TRUNK=…    the carrier's password, never in a file that git keeps")
    typer.echo(f"  pbx check {folder}")
    typer.echo(f"  pbx trace {folder} {answers.slug} --did {answers.did}    where a call goes, now or at any date")
    typer.echo(f"  pbx compile {folder} -o build/{answers.slug}")
    typer.echo(f"recordings go into {folder}/tenants/{answers.slug}/; add queues and menus, then check again")
