"""The build is checked before anyone uses it: every jump lands, everything that is named exists, everything fits.

Works on the generated text alone, as Asterisk will read it, and knows nothing of how it came about: a mistake of the
templates, of the lowering or of a name cannot hide behind itself. Whatever is found is a mistake of ours.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from pbx.bundle import Bundle
from pbx.diagnostics import Diagnostic
from pbx.verify import limits
from pbx.verify.configuration import read_configuration
from pbx.verify.dialplan import read_dialplan
from pbx.verify.judge import Judge
from pbx.verify.modules import read_modules
from pbx.verify.origin import with_origin
from pbx.verify.text import Place, read, wrong

__all__ = ["Contents", "contents", "verify", "wrong"]


@dataclass(frozen=True, slots=True)
class Contents:
    """What Asterisk will have when it has taken a build."""

    steps: Mapping[str, int]
    """Steps and hints of each context."""
    places: Mapping[str, Place]
    """Where each context begins."""
    endpoints: int
    queues: int
    mailboxes: int


def contents(bundle: Bundle) -> Contents:
    """What a build holds, counted."""
    dialplan = read_dialplan(read(bundle.files, "extensions.conf").sections)
    names = read_configuration(bundle.files).objects.names
    return Contents(
        {
            name: sum(len(each.steps) for each in context.body.extensions.values()) + len(context.body.hints)
            for name, context in dialplan.contexts.items()
        },
        {name: context.section.place for name, context in dialplan.contexts.items()},
        *(len(names.get(kind, ())) for kind in ("endpoint", "queue", "mailbox")),
    )


def verify(bundle: Bundle) -> list[Diagnostic]:
    """Everything that is wrong with a build, each at its generated line and, where it is known, at its YAML."""
    with _uncollected():
        return _verified(bundle)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the collector of cycles, which would look through half a million small objects, none in a cycle."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _verified(bundle: Bundle) -> list[Diagnostic]:
    configuration = read_configuration(bundle.files)
    reading = read(bundle.files, "extensions.conf")
    dialplan = read_dialplan(reading.sections)
    dialplan.made |= configuration.made
    configuration.objects.add("context", [*dialplan.contexts, *dialplan.made])
    configuration.objects.add("sound", [name.rpartition(".")[0] for name in bundle.sounds])
    modules = read_modules(bundle.files)
    problems = [*reading.problems, *dialplan.problems, *configuration.problems, *modules.problems]
    problems += Judge(configuration, dialplan, modules).problems()
    problems += limits.long_lines(bundle.files)
    return with_origin(problems, bundle)
