"""Whether every jump of the dialplan lands.

The rule. A jump lands when its context, its extension (with patterns and includes, as Asterisk searches) and its label
are there. Where one of them is written with ``${…}``:

1. it is every text that it may be, as far as the build tells (:mod:`pbx.verify.words`), and each must land; the result
   of a routine (``GOSUB_RETVAL``) is what its ``Return`` steps say, without what was asked for and sent elsewhere by a
   ``GotoIf($["${NAME}" = "word"]?…)`` before;
2. a routine that uses its arguments (``${ARG1}``) is judged at each of its calls, with the arguments given there;
3. what remains unknown may stand for an extension only. Then the dialplan must have asked ``DIALPLAN_EXISTS`` for it,
   in the same extension or in the routine that returned it; or the context has a pattern without end (``_X.``, ``_X!``)
   or, for a ``Goto``, an extension ``i``; or it is ``${EXTEN}`` and a pattern there takes all that the one here takes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from pbx.asterisk import patterns
from pbx.verify.dialplan import Dialplan, Extension
from pbx.verify.paths import Paths
from pbx.verify.references import Jump, Named, Reference, directory_entries, functions, split, texts
from pbx.verify.steps import PARAMETER, Steps
from pbx.verify.words import ANYTHING, Known, Words, fits

_ASKED: Final = re.compile(r'GotoIf\(\$\["\$\{(\w+)\}" = "([^"]*)"\]\?[^:]+\)')
_ARGUMENT: Final = re.compile(r"\$\{(ARG[1-9])")
_FARTHEST: Final = 50
"""Extensions that belong to one routine, at the most."""
_DEEPEST: Final = 8
"""Routines that call each other, at the most."""


@dataclass(frozen=True, slots=True)
class At:
    """Where a step stands."""

    context: str
    extension: Extension
    index: int
    scope: str

    @property
    def step(self) -> str:
        """The step as written."""
        return self.extension.steps[self.index]


@dataclass(frozen=True, slots=True)
class Routine:
    """What is known of an extension that is called by Gosub."""

    open: tuple[tuple[At, Reference], ...]
    """What depends on its arguments."""
    arguments: frozenset[str]
    """Those that are used so: ``ARG1``."""
    asked: frozenset[str]
    """The contexts for which it asks ``DIALPLAN_EXISTS``, as written."""


@dataclass(slots=True)
class Landing:
    """Judges jumps within one dialplan."""

    dialplan: Dialplan
    words: Words
    steps: Steps
    people: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    """The numbers in each section of a file that ``Directory`` may read."""
    routines: dict[tuple[str, str], Routine | None] = field(default_factory=dict)
    catching: dict[str, tuple[bool, bool]] = field(default_factory=dict)
    """Whether a context has a pattern without end, and an extension ``i``."""
    paths: Paths = field(init=False)

    def __post_init__(self) -> None:
        self.paths = Paths(self.dialplan)

    def lost(self, jump: Jump, at: At, known: Known) -> str | None:
        """Why a jump does not land, in words; None when it does."""
        context, extension, priority = jump.context or at.context, jump.extension, jump.priority
        if not jump.context and not extension:
            return self._lost_priority(priority, at.extension, at, known)
        if "$" in context or "$" in extension:
            return self._lost_somewhere(jump, at, known)
        return self._lost_in(context, extension, priority, at, known)

    def known_at(self, at: At) -> dict[str, frozenset[str]]:
        """What is known at a step beyond the values that variables have anywhere."""
        known: dict[str, frozenset[str]] = {}
        name = at.extension.name
        if "DIRECTORY_EXTEN" in at.step:
            known["DIRECTORY_EXTEN"] = self._found_people(at)
        if "GOSUB_RETVAL" not in at.step and not known:
            return known if patterns.is_pattern(name) else {"EXTEN": frozenset({name})}
        if not patterns.is_pattern(name):
            known["EXTEN"] = frozenset({name})
        call = self._last_call(at)
        if call is not None:
            known["GOSUB_RETVAL"] = self._returned(*call) - self._excluded("GOSUB_RETVAL", at, since=call[1].index)
        return known

    def called(self, jump: Jump, at: At, known: Known, depth: int = 0) -> Iterator[tuple[At, Reference, Known]]:
        """What a call of a routine makes of the references that depend on its arguments."""
        routine = self._routine_of(jump, at, known)
        if routine is None or not routine.open or depth > _DEEPEST:
            return
        inner = {
            f"ARG{number}": self.words.of(text, known) if "$" in text else frozenset({text})
            for number, text in enumerate(jump.arguments, start=1)
        }
        for name in routine.arguments:
            inner.setdefault(name, frozenset({""}))
        for where, reference in routine.open:
            if isinstance(reference, Named):
                yield where, _filled_in(reference, inner), inner
                continue
            if depends(reference):
                yield where, reference, {**self.known_at(where), **inner}
            if reference.returns:
                yield from self.called(reference, where, inner, depth + 1)

    def routine(self, context: str, extension: str) -> Routine | None:
        """The routine that begins at an extension; None when there is none."""
        key = (context, extension)
        if key not in self.routines:
            self.routines[key] = None  # a routine that calls itself is not looked into again
            begin = self.dialplan.find(context, extension)
            self.routines[key] = self._summary(context, begin) if begin is not None else None
        return self.routines[key]

    # Jumps

    def _lost_in(self, context: str, extension: str, priority: str, at: At, known: Known) -> str | None:
        if context not in self.dialplan:
            return f"there is no context {context}"
        found = self.dialplan.find(context, extension or at.extension.name)
        if found is None:
            return f"the context {context} has no extension {extension or at.extension.name}"
        return self._lost_priority(priority, found, at, known)

    def _lost_priority(self, priority: str, extension: Extension, at: At, known: Known) -> str | None:
        if extension.has(priority):
            return None
        if "$" not in priority:
            return f"extension {extension.name} has no {'step' if priority.isdigit() else 'label'} {priority}"
        for word in sorted(self.words.of(priority, known, at.scope)):
            if ANYTHING in word:
                return f"nobody knows before the call which label {priority} is"
            if not extension.has(word):
                return f"extension {extension.name} has no label {word or 'without name'}, which {priority} may be"
        return None

    def _lost_somewhere(self, jump: Jump, at: At, known: Known) -> str | None:
        for context in sorted(self.words.of(jump.context or at.context, known, at.scope)):
            if ANYTHING in context:
                if not context.strip(ANYTHING) or not fits(context, self.dialplan.in_order()):
                    return f"no context is known that {jump.context} may be"
                continue
            for extension in sorted(self.words.of(jump.extension, known, at.scope)):
                why = (
                    self._lost_unknown(jump, context, at, known)
                    if ANYTHING in extension
                    else self._lost_in(context, extension, jump.priority, at, known)
                )
                if why is not None:
                    return why
        return None

    def _lost_unknown(self, jump: Jump, context: str, at: At, known: Known) -> str | None:
        """An extension that is known only at run time."""
        if context not in self.dialplan:
            return f"there is no context {context}"
        if context not in self.catching:
            there = list(self.dialplan.extensions(context))
            self.catching[context] = any(each[0] == "_" and each[-1] in ".!" for each in there), "i" in there
        endless, invalid = self.catching[context]
        if endless or (invalid and not jump.returns):
            return None
        if jump.extension == "${EXTEN}":
            there = list(self.dialplan.extensions(context))
            if any(patterns.swallows(each, at.extension.name) for each in there):
                return None
        if self._was_asked_for(jump, context, at, known):
            return None
        return f"nobody knows before the call whether {context} has the extension {jump.extension}"

    def _was_asked_for(self, jump: Jump, context: str, at: At, known: Known) -> bool:
        for text in at.extension.steps[: at.index + 1]:
            for name, arguments in functions(text) if "DIALPLAN_EXISTS" in text else ():
                asked = [*(each.strip() for each in split(arguments)), "", ""]
                same = name == "DIALPLAN_EXISTS" and asked[1] == jump.extension
                if same and context in self.words.of(asked[0], known):
                    return True
        if jump.extension != "${GOSUB_RETVAL}":
            return False
        call = self._last_call(at)
        routine = self._routine_of(call[0], call[1], known) if call else None
        if call is None or routine is None:
            return False
        given = {f"ARG{number}": self.words.of(text, known) for number, text in enumerate(call[0].arguments, start=1)}
        return any(context in self.words.of(asked, given) for asked in routine.asked)

    # Routines

    def _routine_of(self, jump: Jump, at: At, known: Known) -> Routine | None:
        context, extension = jump.context or at.context, jump.extension or at.extension.name
        if "$" in context:
            contexts = self.words.of(context, known)
            context = next(iter(contexts)) if len(contexts) == 1 else ""
        if "$" in extension:
            extensions = self.words.of(extension, known)
            extension = next(iter(extensions)) if len(extensions) == 1 else ""
        return self.routine(context, extension) if context and extension else None

    def _found_people(self, at: At) -> frozenset[str]:
        """The extensions that the nearest ``Directory`` above a step may answer."""
        for text in reversed(at.extension.steps[: at.index]):
            if text.startswith("Directory("):
                return self.people.get(directory_entries(text[len("Directory(") : -1]), frozenset({ANYTHING}))
        return frozenset({ANYTHING})

    def _last_call(self, at: At) -> tuple[Jump, At] | None:
        """The Gosub whose result a step sees: the nearest one above it."""
        for index in range(at.index - 1, -1, -1):
            text = at.extension.steps[index]
            if text.startswith("Gosub"):
                jumps = [each for each in self.steps.of(text).jumps if each.returns]
                return (jumps[0], At(at.context, at.extension, index, at.scope)) if jumps else None
        return None

    def _returned(self, jump: Jump, at: At) -> frozenset[str]:
        """Everything a call may return."""
        context, extension = jump.context or at.context, jump.extension or at.extension.name
        if "$" in context + extension:
            return frozenset({ANYTHING})
        given = tuple(text if "$" not in text else self._one(text) for text in jump.arguments)
        return frozenset(self.paths.outcome(context, extension, given).returns) or frozenset({ANYTHING})

    def _one(self, text: str) -> str:
        words = self.words.of(text, {})
        return next(iter(words)) if len(words) == 1 else ANYTHING

    def _excluded(self, variable: str, at: At, since: int = 0) -> frozenset[str]:
        """Words that were asked for, and sent elsewhere, between two steps."""
        steps = at.extension.steps[since : at.index]
        asked = (_ASKED.fullmatch(text) for text in steps if text.startswith("GotoIf("))
        return frozenset(found[2] for found in asked if found and found[1] == variable)

    def _summary(self, context: str, begin: Extension) -> Routine:
        """Follow the steps of a routine wherever it goes within known places."""
        opened: dict[Reference, At] = {}
        asked: set[str] = set()
        waiting, seen = [(context, begin)], {id(begin)}
        while waiting and len(seen) < _FARTHEST:
            name, extension = waiting.pop()
            for index, text in enumerate(extension.steps):
                at, step = At(name, extension, index, self.dialplan.scope(name)), self.steps.of(text)
                if "DIALPLAN_EXISTS(" in text:
                    asked.update(split(inside)[0].strip() for each, inside in functions(text) if each[0] == "D")
                for reference in step.references:
                    if any(PARAMETER in part for part in texts(reference)):
                        opened.setdefault(reference, at)
                    elif isinstance(reference, Jump) and not reference.returns and "$" not in "".join(reference[:2]):
                        there = reference.context or name
                        goal = self.dialplan.find(there, reference.extension or extension.name)
                        if goal is not None and id(goal) not in seen:
                            seen.add(id(goal))
                            waiting.append((there, goal))
        arguments = {name for each in opened for part in texts(each) for name in _ARGUMENT.findall(part)}
        return Routine(tuple((at, each) for each, at in opened.items()), frozenset(arguments), frozenset(asked))


def depends(reference: Reference) -> bool:
    """Whether what a reference leads to or names is known only where its routine is called."""
    if isinstance(reference, Named):
        return PARAMETER in reference.name
    return any(PARAMETER in part for part in reference[:3])


def _filled_in(reference: Named, given: Known) -> Named:
    """A name with the arguments that are known."""
    name = reference.name
    for argument, words in given.items():
        word = next(iter(words)) if len(words) == 1 else ANYTHING
        if argument in name and ANYTHING not in word:
            name = name.replace(f"${{{argument}}}", word)
    return Named(reference.kind, name)
