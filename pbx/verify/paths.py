"""What a routine of the dialplan may return, and where it may jump: every path through it, with words instead of calls.

A routine is run as Asterisk would run it, once for each way a condition may turn out. What a variable holds is a word
that is known, or :data:`ANYTHING`: the AstDB, a function, a caller. Of a condition that is not decided both ways are
taken, and behind ``"${NAME}" = "word"`` the name holds that word. Of its arguments only those count that a path depends
on, so that ten thousand calls for ten thousand phones are one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from pbx.verify.dialplan import Dialplan, Extension
from pbx.verify.references import Jump, Named, Reference, application, assignments, split, target, variable_name
from pbx.verify.steps import Steps
from pbx.verify.words import ANYTHING, RESULTS, cut, cut_out

_MOST: Final = 3000
"""States of one routine; one with more may return anything."""
_MOST_NAMES: Final = 40
"""Extensions that a call may mean of which it is not known which it means."""
_DEEPEST: Final = 12
_ENDS: Final = frozenset({"hangup", "busy", "congestion"})
_BRANCHING: Final = frozenset({"gotoif", "gosubif", "gotoiftime", "execif", "execiftime"})
_STATUS: Final = {"dial": "DIALSTATUS", "queue": "QUEUESTATUS"}
_SLICE: Final = re.compile(r"(\w+)(?::(-?\d+))?(?::(-?\d+))?")
_COMPARED: Final = re.compile(r'\s*"?(.*?)"?\s*(!?=)\s*"?(.*?)"?\s*')
_WHOLE: Final = re.compile(r"\$\{(\w+)\}")
MARK: Final = "\x01"
_MARKED: Final = re.compile(f"{MARK}(ARG[1-9])")
_ARGUMENT: Final = re.compile(r"ARG[1-9]")

Environment = Mapping[str, str]


class Reached(NamedTuple):
    """Something that a path leads to or names by a variable, and where."""

    context: str
    extension: str
    step: int
    position: int
    """Among the references of the step."""
    reference: Reference
    """With what is known of its variables then; the routine's own arguments still stand for themselves."""


@dataclass(slots=True)
class Outcome:
    """What comes of a routine."""

    returns: set[str] = field(default_factory=set)
    reached: set[Reached] = field(default_factory=set)
    decisive: set[str] = field(default_factory=set)
    """The arguments that a path depends on: ``ARG3``."""


class _At(NamedTuple):
    """Where a path is, and what its variables hold."""

    context: str
    extension: Extension
    step: int
    environment: dict[str, str]

    def on(self, environment: dict[str, str]) -> _At:
        """At the next step."""
        return _At(self.context, self.extension, self.step + 1, environment)


@dataclass(slots=True)
class _Run:
    """One run of a routine."""

    outcome: Outcome
    given: Mapping[str, str]
    depth: int
    states: set[tuple[str, int, int, tuple[tuple[str, str], ...]]] = field(default_factory=set)


@dataclass(slots=True)
class Paths:
    """Runs routines of one dialplan."""

    dialplan: Dialplan
    steps: Steps
    known: dict[tuple[str, str], dict[tuple[tuple[int, str], ...], Outcome]] = field(default_factory=dict)
    """By routine, and the numbers and words of the arguments that decide."""
    decisive: dict[tuple[str, str], tuple[int, ...]] = field(default_factory=dict)

    def outcome(self, context: str, extension: str, arguments: Sequence[str], depth: int = 0) -> Outcome:
        """What comes of a call; an argument that is not given is empty."""
        routine = (context, extension)
        outcomes = self.known.setdefault(routine, {})
        found = outcomes.get(chosen(arguments, self.decisive.get(routine, ())))
        if found is None:
            found = self._run(context, extension, arguments, depth)
            decisive = sorted({*self.decisive.get(routine, ()), *(int(name[-1]) for name in found.decisive)})
            self.decisive[routine] = tuple(decisive)
            outcomes[chosen(arguments, decisive)] = found
        return found

    def visited(self) -> set[tuple[str, str, int]]:
        """The steps with variables that all runs so far have come by: context, extension and step."""
        outcomes = (each for known in self.known.values() for each in known.values())
        return {each[:3] for outcome in outcomes for each in outcome.reached}

    def _run(self, context: str, extension: str, arguments: Sequence[str], depth: int) -> Outcome:
        outcome = Outcome()
        given = {f"ARG{number}": word for number, word in chosen(arguments, range(1, 10))}
        begin = self.dialplan.find(context, extension)
        if begin is None or depth > _DEEPEST:
            outcome.returns.add(ANYTHING)
            return outcome
        run = _Run(outcome, given, depth)
        # An argument stands for itself until a path depends on it.
        marked = {name: f"{MARK}{name}" for name in given}
        waiting = [_At(context, begin, 0, {**marked, "EXTEN": extension})]
        while waiting:
            at = waiting.pop()
            state = (at.context, id(at.extension), at.step, tuple(sorted(at.environment.items())))
            if state in run.states or at.step >= len(at.extension.steps):
                continue
            run.states.add(state)
            if len(run.states) > _MOST:
                outcome.returns = {ANYTHING}
                break
            waiting += self._step(run, at)
        return outcome

    def _step(self, run: _Run, at: _At) -> Iterator[_At]:
        """The states after one step."""
        call = application(at.extension.steps[at.step])
        if call is None or call[0].lower() in _ENDS:
            return
        name, arguments = call[0].lower(), call[1]
        self._note(run, at)
        if name == "return":
            run.outcome.returns.add(self._value(run, arguments, at.environment))
        elif name in {"goto", "gosub"}:
            yield from self._go(run, at, arguments, returns=name == "gosub")
        elif name in _BRANCHING:
            for branch, after in self._branches(run, name, arguments, at.environment):
                if name == "execif" or not branch:
                    inner = application(branch.strip())
                    yield at.on(self._assigned(*inner, after) if inner else after)
                else:
                    yield from self._go(run, at._replace(environment=after), branch, returns=name == "gosubif")
        elif name in _STATUS:
            for word in sorted(RESULTS[_STATUS[name]]):
                yield at.on({**at.environment, _STATUS[name]: word})
        else:
            yield at.on(self._assigned(name, arguments, at.environment))

    def _note(self, run: _Run, at: _At) -> None:
        """Keep what a step names by variables; jumps are kept when they are taken."""
        step = self.steps.of(at.extension.steps[at.step])
        if not step.varies:
            return
        for position, reference in enumerate(step.references):
            if isinstance(reference, Named) and "$" in reference.name:
                named = Named(reference.kind, self._peek(reference.name, at.environment))
                run.outcome.reached.add(Reached(at.context, at.extension.name, at.step, position, named))

    def _go(self, run: _Run, at: _At, text: str, *, returns: bool) -> Iterator[_At]:
        """Follow a jump, or a Gosub and its return."""
        for jump in target(text, returns=returns):
            to = self._peek(jump.context, at.environment) or at.context
            name = self._peek(jump.extension, at.environment) or at.extension.name
            priority = self._peek(jump.priority, at.environment)
            if "$" in "".join(jump[:3]):
                position = self.steps.of(at.extension.steps[at.step]).references.index(jump)
                led = Jump(to, name, priority, (), returns)
                run.outcome.reached.add(Reached(at.context, at.extension.name, at.step, position, led))
            if returns:
                # Of a place that is not known in either part nothing can be said, whatever the arguments are.
                into = to if _is_open(name) else self._value(run, jump.context, at.environment) or at.context
                yield from self._call(run, at, (into, name), jump)
                continue
            goal = None if jump.context or jump.extension else at.extension
            if goal is None and not _is_open(to + name):
                goal = self.dialplan.find(to, name)
            if goal is None and _is_open(to + name):
                run.outcome.returns.add(ANYTHING)  # it goes on where nobody follows
            if goal is not None and goal.has(priority):
                there = goal.labels[priority] if priority in goal.labels else int(priority) - 1
                moved = at.environment if goal is at.extension else {**at.environment, "EXTEN": name}
                yield _At(to if jump.context else at.context, goal, there, moved)

    def _call(self, run: _Run, at: _At, routine: tuple[str, str], jump: Jump) -> Iterator[_At]:
        environment = at.environment
        texts = [self._peek(text, environment) for text in jump.arguments]
        given = [_unmarked(text, run.given) for text in texts]
        words: set[str] = set()
        for name in self._names(*routine):
            inner = self.outcome(routine[0], name, given, run.depth + 1)
            words |= inner.returns
            for decisive in inner.decisive:  # what decides there is decided by what is given here
                run.outcome.decisive.update(_MARKED.findall("".join(texts[int(decisive[-1]) - 1 : int(decisive[-1])])))
            marks = {f"{MARK}ARG{number}": word for number, word in chosen(texts, range(1, 10))}
            run.outcome.reached.update(each._replace(reference=filled(each.reference, marks)) for each in inner.reached)
        # A routine may set whatever it likes but the local variables of its caller.
        own = set(re.findall(r"LOCAL\((\w+)\)", "\n".join(at.extension.steps)))
        own |= {"EXTEN", *(key for key in environment if _ARGUMENT.fullmatch(key))}
        kept = {key: word for key, word in environment.items() if key in own}
        for word in sorted(words or {ANYTHING}):
            yield at.on({**kept, "GOSUB_RETVAL": word})

    def _names(self, context: str, name: str) -> list[str]:
        """The extensions that a call may mean: all of the context when it is not known which; none when too many."""
        if not _is_open(name):
            return [name] if context in self.dialplan else []
        there = list(self.dialplan.extensions(context))
        return there if len(there) <= _MOST_NAMES else []

    def _assigned(self, name: str, arguments: str, environment: dict[str, str]) -> dict[str, str]:
        if name.lower() not in {"set", "mset"}:
            return environment
        after = dict(environment)
        for variable, value in assignments(name.lower(), arguments):
            after[variable_name(variable)] = self._peek(value, environment)
        return after

    # Conditions and values

    def _branches(
        self, run: _Run, name: str, arguments: str, environment: dict[str, str]
    ) -> Iterator[tuple[str, dict[str, str]]]:
        """The branches that may be taken, each with what is known in it; an empty one means the next step."""
        condition, *rest = split(arguments, "?")
        branches = [*split("?".join(rest), ":"), ""][:2]
        verdict = None if name.endswith("iftime") else self._decided(run, condition.strip(), environment)
        if verdict is not False:
            yield branches[0], self._refined(condition.strip(), environment) if verdict is None else environment
        if verdict is not True:
            yield branches[1], environment

    def _decided(self, run: _Run, condition: str, environment: dict[str, str]) -> bool | None:
        """Whether a condition holds; None when that is not known."""
        if not (condition.startswith("$[") and condition.endswith("]")):
            if ANYTHING in self._peek(condition, environment):
                return None
            word = self._value(run, condition, environment)
            return None if ANYTHING in word else word not in {"", "0"}
        any_of = []
        for alternative in split(condition[2:-1], "|"):
            all_of = [self._compared(run, part, environment) for part in split(alternative, "&")]
            any_of.append(False if False in all_of else None if None in all_of else True)
        return True if True in any_of else None if None in any_of else False

    def _compared(self, run: _Run, text: str, environment: dict[str, str]) -> bool | None:
        parts = split(text, "=")
        found = _COMPARED.fullmatch(text) if len(parts) == 2 and "(" not in text else None  # noqa: PLR2004 - two sides
        if found is None:
            return None
        if ANYTHING in self._peek(f"{found[1]} {found[3]}", environment):
            return None
        one = self._value(run, found[1], environment)
        other = self._value(run, found[3], environment)
        return (one == other) is (found[2] == "=")

    def _refined(self, condition: str, environment: dict[str, str]) -> dict[str, str]:
        found = _COMPARED.fullmatch(condition[2:-1]) if condition.startswith("$[") else None
        whole = _WHOLE.fullmatch(found[1]) if found and found[2] == "=" else None
        if found is None or whole is None or "$" in found[3] or '"' in found[3]:
            return environment
        return {**environment, whole[1]: found[3]}

    def _value(self, run: _Run, text: str, environment: Environment) -> str:
        """A text on which the path depends, with its variables."""
        word = self._peek(text, environment)
        run.outcome.decisive.update(_MARKED.findall(word))
        return _unmarked(word, run.given)

    def _peek(self, text: str, environment: Environment) -> str:
        if "$" not in text:
            return text
        words = []
        for piece in cut(text):
            found = _SLICE.fullmatch(piece[2:-1]) if piece.startswith("${") else None
            if not piece.startswith("$"):
                words.append(piece)
            elif found is None:
                words.append(ANYTHING)
            else:
                word = environment.get(found[1], ANYTHING)
                begin, length = int(found[2] or 0), int(found[3]) if found[3] else None
                unknown = ANYTHING in word or MARK in word
                words.append(word if not found[2] else ANYTHING if unknown else cut_out(word, begin, length))
        return "".join(words)


def _unmarked(word: str, given: Mapping[str, str]) -> str:
    return _MARKED.sub(lambda found: given[found[1]], word) if MARK in word else word


def filled(reference: Reference, given: Mapping[str, str]) -> Reference:
    """A reference of a routine with the arguments of a call, by the marks that stand for them."""
    if isinstance(reference, Named):
        name = reference.name
        for mark, word in given.items() if MARK in name else ():
            if mark in name:
                name = name.replace(mark, word)
        return Named(reference.kind, name)
    context, extension, priority = reference[:3]
    for mark, word in given.items():
        context, extension, priority = (part.replace(mark, word) for part in (context, extension, priority))
    return reference._replace(context=context, extension=extension, priority=priority)


def is_marked(reference: Reference) -> bool:
    """Whether a reference depends on what a routine is given."""
    return MARK in (reference.name if isinstance(reference, Named) else "".join(reference[:3]))


def _is_open(text: str) -> bool:
    return ANYTHING in text or MARK in text


def chosen(arguments: Sequence[str], numbers: Iterable[int]) -> tuple[tuple[int, str], ...]:
    """Some of the arguments with their numbers, which count from 1."""
    return tuple((number, arguments[number - 1] if number <= len(arguments) else "") for number in numbers)
