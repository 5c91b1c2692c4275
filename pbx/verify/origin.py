"""From a generated line back to the place of the YAML that it was made from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from pbx.bundle import Bundle
from pbx.diagnostics import Diagnostic, Related
from pbx.origins import LIBRARY
from pbx.verify.text import FOLDER


def with_origin(problems: Iterable[Diagnostic], bundle: Bundle) -> list[Diagnostic]:
    """The problems, each with the place of the YAML that its line was made from, where there is one."""
    return [replace(each, related=_related(each, bundle)) for each in problems]


def _related(problem: Diagnostic, bundle: Bundle) -> tuple[Related, ...]:
    if problem.span is None:
        return problem.related
    line = problem.span.line
    for origin in bundle.origins.get(problem.file.removeprefix(f"{FOLDER}/"), ()):
        if origin.first <= line <= origin.last and not origin.file.startswith(LIBRARY):
            return (Related(origin.file, origin.path, "it was made from this"),)
    return problem.related
