"""Checking a build before anybody uses it, on paper and in a real Asterisk; what is shown of it holds no password."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final

from pbx.cli.console import GENERATED, fail
from pbx.diagnostics import Diagnostic, Source, Span
from pbx.diagnostics import Path as Place

if TYPE_CHECKING:
    from pbx.bundle import Bundle
    from pbx.site import Site

BOOT: Final = "pbx.boot"
"""The group of entry points that boot a site's build: a :data:`Boot`."""

Boot = Callable[["Site"], "tuple[list[Diagnostic], Bundle]"]
"""From a site to what a real Asterisk has to say about its build, and the build as it was booted."""


@dataclass(frozen=True, slots=True)
class Generated:
    """A file of a build, as problems quote it."""

    name: str
    text: str

    def place(self, path: Place, *, at_key: bool = False) -> Span:  # noqa: ARG002 - as every source
        """The first line: problems of a build bring their own span."""
        return Span(self.name, 1, 1, 1, 1)


Verdict = tuple[list[Diagnostic], dict[str, Source]]
"""What is wrong with a build, and the files to be quoted, by the names that problems use."""


def verified(site: Site) -> Verdict:
    """What is wrong with the build of a site, compiled with made-up passwords."""
    from pbx.lower import wanted_secrets
    from pbx.render import compile_site

    generated, referred = wanted_secrets(site)
    return verified_build(compile_site(site, dict.fromkeys((*generated, *map(str, referred)), "x" * 24)), ())


def verified_build(bundle: Bundle, passwords: Iterable[str]) -> Verdict:
    """What is wrong with a build; ``passwords`` are blanked in everything that is shown."""
    from pbx.verify import verify

    problems = verify(bundle)
    return _shown(problems, bundle, passwords) if problems else ([], {})


def booted_build(site: Site) -> Verdict:
    """What a real Asterisk has to say about the build of a site; ends the command where there is none to ask."""
    found = next(iter(entry_points(group=BOOT)), None)
    if found is None:
        fail("--boot needs the laboratory, and none is installed here", "install it: pip install 'centralita[lab]'")
    try:
        boot: Boot = found.load()
    except ImportError as error:
        reason = " ".join(str(error).split())
        fail(f"the laboratory cannot be loaded: {reason}", "install it again: pip install 'centralita[lab]'")
    problems, bundle = boot(site)
    return _shown(problems, bundle, ())


def _shown(problems: list[Diagnostic], bundle: Bundle, passwords: Iterable[str]) -> Verdict:
    from pbx.secrets import blank

    hidden = tuple(passwords)
    named = {problem.file.removeprefix(GENERATED) for problem in problems}
    quoted: dict[str, Source] = {
        GENERATED + name: Generated(GENERATED + name, blank(text, hidden))
        for name, text in bundle.files.items()
        if name in named
    }
    return [replace(each, message=blank(each.message, hidden)) for each in problems], quoted
