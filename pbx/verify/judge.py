"""Judging every step of a dialplan, and all that the other files name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pbx.diagnostics import Diagnostic
from pbx.verify import limits
from pbx.verify.configuration import Configuration
from pbx.verify.dialplan import Body, Context, Dialplan, Extension
from pbx.verify.landing import At, Landing
from pbx.verify.modules import Modules
from pbx.verify.objects import SUFFERED
from pbx.verify.references import Jump, Named, Reference, device
from pbx.verify.steps import PARAMETER, Step, Steps
from pbx.verify.text import wrong
from pbx.verify.words import SHARED, Known

Found = tuple[int, str, str, str]
"""Offset in a body, code, message, consequence."""

_HUNG_UP: Final = "the caller would be hung up on"
_NOWHERE: Final = At("", Extension("s", 0, ["NoOp()"], [0]), 0, SHARED)


@dataclass(frozen=True, slots=True)
class _Taken:
    """A body of a context, taken apart."""

    open: tuple[tuple[Extension, int, Step], ...]
    """The steps in which something may be wrong; the others are known to be fine, wherever they stand."""
    assignments: tuple[tuple[str, str], ...]
    varies: bool
    """Where they lead depends on variables, and so on the tenant."""


class Judge:
    """One run over a build."""

    def __init__(self, configuration: Configuration, dialplan: Dialplan, modules: Modules) -> None:
        """Nothing is judged before :meth:`problems`."""
        self._configuration = configuration
        self._dialplan = dialplan
        self._modules = modules
        self._steps = Steps()
        self._landing = Landing(dialplan, configuration.words, self._steps, configuration.people)
        self._fine: dict[str, bool] = {}
        self._missing: dict[str, tuple[tuple[str, str], ...]] = {}
        self._suspect: set[str] = set()
        """Steps that are wrong by themselves, or too long to be sure."""
        self._passed: set[tuple[str, str]] = set()
        """Steps in which nothing is wrong wherever they stand in a scope."""
        self._shared: list[tuple[Step, At]] = []
        """Steps with variables in what all tenants share: judged by the paths that calls take through them."""

    def problems(self) -> Iterator[Diagnostic]:
        """Everything about the dialplan, and about what the other files name."""
        for variable, value in self._dialplan.variables:
            self._configuration.words.learn(SHARED, variable, value)
        taken: dict[int, _Taken] = {}
        for context in self._dialplan.contexts.values():
            if id(context.body) not in taken:
                taken[id(context.body)] = self._take(context.body)
            for variable, value in taken[id(context.body)].assignments:
                self._configuration.words.learn(context.section.scope, variable, value)
        judged: dict[tuple[int, str], list[Found]] = {}
        for name, context in self._dialplan.contexts.items():
            body = taken[id(context.body)]
            key = (id(context.body), context.section.scope if body.varies else "")
            if key not in judged:
                judged[key] = sorted(set(self._body(context, body)))
            for offset, code, message, suffered in judged[key]:
                yield wrong(code, context.section.at(offset), message, suffered)
            yield from limits.too_long(context.section.place, "the context", name, limits.NAME)
        yield from self._shared_steps()
        yield from self._mentions()

    def _take(self, body: Body) -> _Taken:
        taken = []
        varies = False
        assigned: set[tuple[str, str]] = set()
        fine = self._fine
        for extension in body.extensions.values():
            for index, text in enumerate(extension.steps):
                if text not in fine:
                    fine[text] = self._is_fine(text)
                if fine[text]:
                    continue
                step = self._steps.known[text]
                assigned.update(step.assignments)
                labels = extension.labels
                if step.labels and text not in self._missing and all(label in labels for label in step.labels):
                    continue
                if step.references or text in self._suspect:
                    taken.append((extension, index, step))
                    varies = varies or step.varies
        return _Taken(tuple(taken), tuple(sorted(assigned)), varies)

    def _is_fine(self, text: str) -> bool:
        """Whether nothing is wrong with a step wherever it stands: most steps, judged once."""
        step = self._steps.of(text)
        if step.plain and step.applications[0] in self._modules.present and len(text) <= limits.VARIABLE // 4:
            return True
        missing = tuple(self._modules.missing(step))
        if missing:
            self._missing[text] = missing
        if missing or not step.understood or len(text) > limits.VARIABLE // 4:
            self._suspect.add(text)
            return False
        if step.varies or step.assignments:
            return False
        for reference in step.references:
            if isinstance(reference, Jump) and (not reference.context or reference.arguments):
                return False
        return not any(self._step(step, _NOWHERE, 0))

    def _body(self, context: Context, taken: _Taken) -> Iterator[Found]:
        body = context.body
        yield from body.mistakes
        if len(body.includes) > limits.INCLUDES:
            yield 0, "PBX616", f"{len(body.includes)} contexts are included here", "Asterisk would search only some"
        for offset, name in body.includes:
            if name not in self._dialplan:
                yield offset, "PBX611", f"the included context {name} is not there", "what it allows would be refused"
        for name, extension in body.extensions.items():
            if len(name) > limits.NAME:
                for problem in limits.too_long(context.section.place, "extension", name, limits.NAME):
                    yield extension.offset, problem.code, problem.message, problem.consequence
        yield from self._hints(body)
        scope = context.section.scope
        for extension, index, step in taken.open:
            key = (extension.steps[index], scope)
            if key in self._passed:
                continue
            at = At(context.section.name, extension, index, scope)
            found = list(self._judge(step, at, extension.offsets[index]))
            yield from found
            if not found and scope and _is_alike_everywhere(step, at):
                self._passed.add(key)

    def _hints(self, body: Body) -> Iterator[Found]:
        for offset, _, watched in body.hints:
            for each in watched.partition(",")[0].split("&"):
                for reference in device(each):
                    yield from self._reference(reference, offset, _NOWHERE, {})

    def _judge(self, step: Step, at: At, offset: int) -> Iterator[Found]:
        if not step.understood:
            yield offset, "PBX615", f"this is no application: {at.step}", "Asterisk would end the call there"
        for code, message in self._missing.get(at.step, ()):
            yield offset, code, message, _HUNG_UP
        for message in limits.long_variables(at.step):
            yield offset, "PBX616", message, "Asterisk would cut it off and take another way"
        yield from self._step(step, at, offset)

    def _step(self, step: Step, at: At, offset: int) -> Iterator[Found]:
        if at.scope == SHARED and step.varies and at is not _NOWHERE:
            self._shared.append((step, at))
        else:
            yield from self._references(step, at, offset)

    def _references(self, step: Step, at: At, offset: int) -> Iterator[Found]:
        for known in self._landing.known_ways(at) if step.varies else ({},):
            for reference in step.references:
                yield from self._reference(reference, offset, at, known)
                if isinstance(reference, Jump) and reference.returns:
                    for where, inner in self._landing.called(reference, at, known):
                        for _, code, message, suffered in self._reference(inner, offset, where, {}):
                            yield offset, code, f"{message} (in {where.context})", suffered

    def _reference(self, reference: Reference, offset: int, at: At, known: Known) -> Iterator[Found]:
        if isinstance(reference, Named):
            missing = self._configuration.objects.missing(
                reference.kind, reference.name, self._configuration.words, known
            )
            if missing is not None:
                yield (
                    offset,
                    "PBX612",
                    f"there is no {reference.kind} {missing}",
                    SUFFERED.get(reference.kind, _HUNG_UP),
                )
            return
        why = self._landing.lost(reference, at, known)
        if why is not None:
            yield offset, "PBX611", f"this jump does not land: {why}", _HUNG_UP

    def _shared_steps(self) -> Iterator[Diagnostic]:
        """What all tenants share and no call was seen to come by."""
        visited = self._landing.paths.visited()
        for step, at in self._shared:
            if PARAMETER not in at.step and (at.context, at.extension.name, at.index) not in visited:
                section = self._dialplan.contexts[at.context].section
                for offset, code, message, suffered in self._references(step, at, at.extension.offsets[at.index]):
                    yield wrong(code, section.at(offset), message, suffered)

    def _mentions(self) -> Iterator[Diagnostic]:
        has = self._configuration.objects.has
        for reference, mention in self._configuration.mentions.items():
            if isinstance(reference, Named) and "$" not in reference.name and has(*reference):
                continue
            for _, code, message, suffered in self._reference(reference, 0, _NOWHERE, {}):
                yield wrong(code, mention.place, message, suffered)
        for section, value, name in self._configuration.applications:
            for code, message in self._modules.missing_application(name):
                yield wrong(code, section.place, f"{message}: {value}", _HUNG_UP)


def _is_alike_everywhere(step: Step, at: At) -> bool:
    """Whether a step leads to the same places from all extensions of its scope, as far as the build tells."""
    if any(word in at.step for word in ("EXTEN", "GOSUB_RETVAL", PARAMETER)):
        return False
    if any(isinstance(each, Jump) and not each.context for each in step.references):
        return False
    return not any("DIALPLAN_EXISTS" in text for text in at.extension.steps[: at.index + 1])
