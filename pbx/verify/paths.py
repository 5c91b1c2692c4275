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
from pbx.verify.references import application, assignments, split, target, variable_name
from pbx.verify.words import ANYTHING, RESULTS, cut, cut_out

_MOST: Final = 3000
"""States of one routine; one with more may return anything."""
_DEEPEST: Final = 12
_ENDS: Final = frozenset({"hangup", "busy", "congestion"})
_BRANCHING: Final = frozenset({"gotoif", "gosubif", "gotoiftime", "execif", "execiftime"})
_STATUS: Final = {"dial": "DIALSTATUS", "queue": "QUEUESTATUS"}
_SLICE: Final = re.compile(r"(\w+)(?::(-?\d+))?(?::(-?\d+))?")
_COMPARED: Final = re.compile(r'\s*"?(.*?)"?\s*(!?=)\s*"?(.*?)"?\s*')
_WHOLE: Final = re.compile(r"\$\{(\w+)\}")
_MARK: Final = "\x01"
_MARKED: Final = re.compile(f"{_MARK}(ARG[1-9])")
_ARGUMENT: Final = re.compile(r"ARG[1-9]")

Environment = Mapping[str, str]


@dataclass(slots=True)
class Outcome:
    """What comes of a routine."""

    returns: set[str] = field(default_factory=set)
    jumps: set[tuple[str, str, int, tuple[str, str, str]]] = field(default_factory=set)
    """Context, extension and step of each jump with a variable in it, and its context, extension and priority."""
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
    known: dict[tuple[str, str], dict[tuple[tuple[int, str], ...], Outcome]] = field(default_factory=dict)
    """By routine, and the numbers and words of the arguments that decide."""
    decisive: dict[tuple[str, str], tuple[int, ...]] = field(default_factory=dict)

    def outcome(self, context: str, extension: str, arguments: Sequence[str], depth: int = 0) -> Outcome:
        """What comes of a call; an argument that is not given is empty."""
        routine = (context, extension)
        outcomes = self.known.setdefault(routine, {})
        found = outcomes.get(_chosen(arguments, self.decisive.get(routine, ())))
        if found is None:
            found = self._run(context, extension, arguments, depth)
            decisive = sorted({*self.decisive.get(routine, ()), *(int(name[-1]) for name in found.decisive)})
            self.decisive[routine] = tuple(decisive)
            outcomes[_chosen(arguments, decisive)] = found
        return found

    def jumps(self) -> dict[tuple[str, str, int], set[tuple[str, str, str]]]:
        """Where each jump with a variable in it went, of all that was run so far, by context, extension and step."""
        found: dict[tuple[str, str, int], set[tuple[str, str, str]]] = {}
        for outcomes in self.known.values():
            for outcome in outcomes.values():
                for context, extension, index, to in outcome.jumps:
                    found.setdefault((context, extension, index), set()).add(to)
        return found

    def _run(self, context: str, extension: str, arguments: Sequence[str], depth: int) -> Outcome:
        outcome = Outcome()
        given = {f"ARG{number}": word for number, word in _chosen(arguments, range(1, 10))}
        begin = self.dialplan.find(context, extension)
        if begin is None or depth > _DEEPEST:
            outcome.returns.add(ANYTHING)
            return outcome
        run = _Run(outcome, given, depth)
        # An argument stands for itself until a path depends on it.
        marked = {name: f"{_MARK}{name}" for name in given}
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

    def _go(self, run: _Run, at: _At, text: str, *, returns: bool) -> Iterator[_At]:
        """Follow a jump, or a Gosub and its return."""
        for jump in target(text):
            to = self._value(run, jump.context, at.environment) or at.context
            name = self._value(run, jump.extension, at.environment) or at.extension.name
            priority = self._value(run, jump.priority, at.environment)
            if "$" in "".join(jump[:3]):
                run.outcome.jumps.add((at.context, at.extension.name, at.step, (to, name, priority)))
            if returns:
                yield from self._call(run, at, (to, name), jump.arguments)
                continue
            goal = None if jump.context or jump.extension else at.extension
            if goal is None and ANYTHING not in to + name:
                goal = self.dialplan.find(to, name)
            if goal is not None and goal.has(priority):
                there = goal.labels[priority] if priority in goal.labels else int(priority) - 1
                moved = at.environment if goal is at.extension else {**at.environment, "EXTEN": name}
                yield _At(to if jump.context else at.context, goal, there, moved)

    def _call(self, run: _Run, at: _At, routine: tuple[str, str], arguments: tuple[str, ...]) -> Iterator[_At]:
        environment = at.environment
        texts = [self._peek(text, environment) for text in arguments]
        given = [_unmarked(text, run.given) for text in texts]
        words = {ANYTHING}
        if ANYTHING not in "".join(routine):
            inner = self.outcome(*routine, given, run.depth + 1)
            words = inner.returns
            for name in inner.decisive:  # what decides there is decided by what is given here
                run.outcome.decisive.update(_MARKED.findall("".join(texts[int(name[-1]) - 1 : int(name[-1])])))
        # A routine may set whatever it likes but the local variables of its caller.
        own = set(re.findall(r"LOCAL\((\w+)\)", "\n".join(at.extension.steps)))
        kept = {
            key: word for key, word in environment.items() if key in own or key == "EXTEN" or _ARGUMENT.fullmatch(key)
        }
        for word in sorted(words):
            yield at.on({**kept, "GOSUB_RETVAL": word})

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
        one = self._value(run, found[1], environment)
        other = self._value(run, found[3], environment)
        if ANYTHING in one + other:
            return None
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
                unknown = ANYTHING in word or _MARK in word
                words.append(word if not found[2] else ANYTHING if unknown else cut_out(word, begin, length))
        return "".join(words)


def _unmarked(word: str, given: Mapping[str, str]) -> str:
    return _MARKED.sub(lambda found: given[found[1]], word) if _MARK in word else word


def _chosen(arguments: Sequence[str], numbers: Iterable[int]) -> tuple[tuple[int, str], ...]:
    """Some of the arguments with their numbers, which count from 1."""
    return tuple((number, arguments[number - 1] if number <= len(arguments) else "") for number in numbers)
