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
from functools import lru_cache
from typing import Final

from pbx.asterisk import patterns
from pbx.verify.dialplan import Dialplan, Extension
from pbx.verify.paths import MARK, Outcome, Paths, chosen, filled, is_marked
from pbx.verify.references import Jump, Named, Reference, directory_entries, functions, split
from pbx.verify.steps import Steps
from pbx.verify.words import ANYTHING, SHARED, Known, Words, fits

_FEW: Final = 10
"""Extensions of a pattern that are judged one by one: those that differ in one digit."""
_ASKED: Final = re.compile(r'GotoIf\(\$\["\$\{(\w+)\}" = "([^"]*)"\]\?[^:]+\)')


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


_swallows: Final = lru_cache(maxsize=4096)(patterns.swallows)


@dataclass(slots=True)
class Landing:
    """Judges jumps within one dialplan."""

    dialplan: Dialplan
    words: Words
    steps: Steps
    people: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
    """The numbers in each section of a file that ``Directory`` may read."""
    catching: dict[str, tuple[bool, bool]] = field(default_factory=dict)
    """Whether a context has a pattern without end, and an extension ``i``."""
    open: dict[int, list[tuple[At, Reference]]] = field(default_factory=dict)
    """By outcome, what depends on the arguments of its call."""
    paths: Paths = field(init=False)

    def __post_init__(self) -> None:
        self.paths = Paths(self.dialplan, self.steps)

    def lost(self, jump: Jump, at: At, known: Known) -> str | None:
        """Why a jump does not land, in words; None when it does."""
        context, extension, priority = jump.context or at.context, jump.extension, jump.priority
        if not jump.context and not extension:
            return self._lost_priority(priority, at.extension, at, known)
        if "$" in context or "$" in extension or ANYTHING in context + extension:
            return self._lost_somewhere(jump, at, known)
        return self._lost_in(context, extension, priority, at, known)

    def known_ways(self, at: At) -> Iterator[dict[str, frozenset[str]]]:
        """What is known at a step, once for each extension that a small pattern takes."""
        known = self.known_at(at)
        if "EXTEN" in known or "EXTEN" not in at.step:
            yield known
            return
        numbers = patterns.taken(at.extension.name, _FEW)
        yield from ({**known, "EXTEN": frozenset({number})} for number in numbers)
        if not numbers:
            yield known

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

    def called(self, jump: Jump, at: At, known: Known) -> Iterator[tuple[At, Reference]]:
        """Everything that the paths of a call lead to and name by variables, with the arguments of this call.

        What does not depend on them is answered at the first call only; what was asked for by ``DIALPLAN_EXISTS``,
        not at all.
        """
        context, extension = self._one(jump.context or at.context, known), self._one(jump.extension, known)
        if ANYTHING in context or ANYTHING in extension:
            return
        arguments = self._given(jump, known)
        outcome = self.paths.outcome(context, extension or at.extension.name, arguments)
        open_ones = self.open.get(id(outcome))
        if open_ones is None:
            everything = list(self._reached(outcome))
            self.open[id(outcome)] = open_ones = [each for each in everything if is_marked(each[1])]
            yield from (each for each in everything if not is_marked(each[1]))
        given = {f"{MARK}ARG{number}": word for number, word in chosen(arguments, range(1, 10))}
        for there, reference in open_ones:
            yield there, filled(reference, given)

    def _reached(self, outcome: Outcome) -> Iterator[tuple[At, Reference]]:
        """What an outcome leads to and names, each once."""
        seen: set[Reference] = set()
        for reached in sorted(outcome.reached):
            body = self.dialplan.contexts[reached.context].body
            there = At(reached.context, body.extensions[reached.extension], reached.step, SHARED)
            written = self.steps.of(there.step).references[reached.position]
            if reached.reference not in seen and (isinstance(written, Named) or not _is_asked_for(written, there)):
                seen.add(reached.reference)
                yield there, reached.reference

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
        if "$" not in priority and ANYTHING not in priority:
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
            if at.extension.name in there or any(_swallows(each, at.extension.name) for each in there):
                return None
        if self._was_asked_for(jump, context, at, known):
            return None
        return f"nobody knows before the call whether {context} has the extension {jump.extension}"

    def _was_asked_for(self, jump: Jump, context: str, at: At, known: Known) -> bool:
        """Whether ``DIALPLAN_EXISTS`` was asked for it here, or by the routine whose result it is."""
        if _is_asked_for(jump, at):
            return True
        call = self._last_call(self._set_at(jump.extension, at))
        if call is None:
            return False
        where = self._one(call[0].context or call[1].context, known), call[0].extension or call[1].extension.name
        arguments = self._given(call[0], known)
        asked = self.paths.outcome(*where, arguments).reached if "$" not in where[1] else set()
        given = {f"{MARK}ARG{number}": word for number, word in chosen(arguments, range(1, 10))}
        return any(filled(each.reference, given) == Named("context", context) for each in asked)

    def _set_at(self, written: str, at: At) -> At:
        """Where a variable got the result of a routine: here, or at a ``Set(NAME=${GOSUB_RETVAL})`` above."""
        wanted = f"Set({written[2:-1]}=${{GOSUB_RETVAL}})"
        for index in range(at.index - 1, -1, -1):
            if at.extension.steps[index] == wanted:
                return At(at.context, at.extension, index, at.scope)
        return at

    def _given(self, jump: Jump, known: Known) -> tuple[str, ...]:
        return tuple(self._one(text, known) for text in jump.arguments)

    # Routines

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
        return frozenset(self.paths.outcome(context, extension, self._given(jump, {})).returns) or frozenset({ANYTHING})

    def _one(self, text: str, known: Known) -> str:
        """A text as far as it is known: with several words it is any."""
        if "$" not in text:
            return text
        words = self.words.of(text, known)
        return next(iter(words)) if len(words) == 1 else ANYTHING

    def _excluded(self, variable: str, at: At, since: int = 0) -> frozenset[str]:
        """Words that were asked for, and sent elsewhere, between two steps."""
        steps = at.extension.steps[since : at.index]
        asked = (_ASKED.fullmatch(text) for text in steps if text.startswith("GotoIf("))
        return frozenset(found[2] for found in asked if found and found[1] == variable)


def _is_asked_for(jump: Jump, at: At) -> bool:
    """Whether ``DIALPLAN_EXISTS`` is asked for a place, in the same words, above a jump to it or in its condition."""
    for text in at.extension.steps[: at.index + 1]:
        for name, arguments in functions(text) if "DIALPLAN_EXISTS" in text else ():
            asked = [*(each.strip() for each in split(arguments)), "1"]
            if name == "DIALPLAN_EXISTS" and tuple(asked[:3]) == jump[:3]:
                return True
    return False
