"""Which lines of a tenant's dialplan each step of a foretold journey runs through."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from pbx.asterisk import names
from pbx.dialing import usual_carrier
from pbx.kinds.base import Situation, Step
from pbx.rehearsal.run import Channel, Run
from pbx.rehearsal.world import UnknownStepError, World
from pbx.render import dialplan_files
from pbx.site import Site, TenantScope
from pbx.trace import Journey
from pbx.verify.dialplan import Dialplan, read_dialplan
from pbx.verify.text import FOLDER, read, settings

_NODE, _EXIT = "PBX_NODE", "PBX_EXIT"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a build that a call runs through."""

    place: str
    """Where Asterisk says the channel is: ``context,extension,priority``."""
    file: str
    """Below the build, as ``pbx where`` takes it."""
    number: int
    runs: str
    """The application with its arguments, as written."""


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What came of a call that was run through its dialplan."""

    steps: tuple[tuple[Line, ...], ...]
    """For each step of the journey the tenant's own lines, in the order in which they are run."""
    nodes: tuple[str, ...]
    """The places that the dialplan announced."""
    runs: tuple[Run, ...]
    """Every step, those of the library included."""
    lost: str = ""
    """What could not be followed; empty when the call was run to its end."""
    agrees: bool = True
    """Whether the dialplan led to the places that the trace foretold."""
    kept: Mapping[str, str] = field(default_factory=dict)
    """The AstDB after the call, by ``family/key``: what users have set."""


@dataclass(frozen=True, slots=True)
class Paper:
    """The dialplan of one tenant, as it was compiled."""

    scope: TenantScope
    files: Mapping[str, str]
    dialplan: Dialplan


def unknown(journey: Journey, why: str) -> Rehearsed:
    """For a call that could not be run on paper at all: no line is named."""
    return Rehearsed(tuple(() for _ in journey.steps), (), (), lost=why)


def paper_of(site: Site, tenant: str) -> Paper:
    """Compile what leads the calls of a tenant, and nothing of the others. Raises KeyError when it is not there."""
    scope = site.tenants[tenant]
    files = dialplan_files(replace(site, tenants={tenant: scope}))
    return Paper(scope, files, read_dialplan(read(files, "extensions.conf").sections))


def rehearse(paper: Paper, journey: Journey, situation: Situation, called: str, trunk: str = "") -> Rehearsed:
    """Run a call through its tenant's dialplan. ``situation`` is as it was before the call was traced.

    ``called`` is the public number, or what the phone of ``situation.caller`` dials; ``trunk`` is by which a call from
    outside comes, the usual carrier's unless it is named.
    """
    dialplan = paper.dialplan
    world = World(paper.scope, replace(situation, presses=[*situation.presses], trunk=trunk), dialplan)
    channel = _begin(world, paper.files, called, trunk)
    lost = ""
    try:
        channel.run()
    except UnknownStepError as error:
        last = channel.runs[-1]
        lost = f"{last.context},{last.extension},{last.priority}: {error} cannot be followed on paper"
    runs = tuple(channel.runs)
    announced = tuple(_announced(runs))
    visited = journey.nodes
    # Some ends are silent: a refusal for want of an extension, and the number that parks.
    agrees = list(announced) in (visited, visited[:-1]) or (bool(lost) and list(announced) == visited[: len(announced)])
    lines = _of_steps(journey.steps, runs, dialplan) if agrees else tuple(() for _ in journey.steps)
    return Rehearsed(lines, announced, runs, lost, agrees, world.kept)


def _begin(world: World, files: Mapping[str, str], called: str, trunk: str) -> Channel:
    """A phone's channel in the context and with the variables of its endpoint; else one of the tenant's trunks."""
    scope, caller = world.scope, world.situation.caller
    if not caller:
        by = trunk or usual_carrier(scope)
        return Channel(world, names.incoming(scope.slug, by) if by else names.context(scope.slug, "incoming"), called)
    context, variables = "", {}
    for section in read(files, f"tenants/{scope.slug}/pjsip.conf").sections:
        if section.name == names.endpoint(scope.slug, caller) and "type=endpoint" in section.body:
            pairs = settings(section.body)
            context = next(value for key, value in pairs if key == "context")
            variables = dict(value.split("=", 1) for key, value in pairs if key == "set_var")
    return Channel(world, context, called, variables)


def _announced(runs: Sequence[Run]) -> Iterator[str]:
    """The places, each once however often it tells of itself in a row."""
    spoken = (_place(run) for run in runs)
    yield from (place for place, _ in groupby(each for each in spoken if each))


def _place(run: Run) -> str:
    kind, _, said = run.event.partition(" ")
    return said.partition(" ")[0] if kind in {_NODE, _EXIT} else ""


def _of_steps(steps: Sequence[Step], runs: Sequence[Run], dialplan: Dialplan) -> tuple[tuple[Line, ...], ...]:
    visits = [list(each) for _, each in groupby(steps, key=lambda step: str(step.node))]
    told: list[tuple[Line, ...]] = []
    for visit, own in zip(visits, _by_visit(runs, len(visits)), strict=True):
        parts = _by_turn(own, len(visit))
        told += [tuple(_line(run, dialplan) for run in part if _own(run, dialplan)) for part in parts]
    return tuple(told)


def _by_visit(runs: Sequence[Run], visits: int) -> list[list[Run]]:
    """A place has what is run from its own announcement to the next one's; the first has what leads to it as well."""
    found: list[list[Run]] = [[] for _ in range(visits)]
    at, here = -1, ""
    for run in runs:
        place = _place(run)
        if place and place != here:
            at, here = at + 1, place
        if found:
            found[min(max(at, 0), visits - 1)].append(run)
    return found


def _by_turn(runs: Sequence[Run], turns: int) -> list[list[Run]]:
    """Within a place, a turn (a key, a wrong PIN) begins where a call that left by an exit comes back to a line."""
    found: list[list[Run]] = [[]]
    seen: set[tuple[str, str, int]] = set()
    left = False
    for run in runs:
        where = (run.context, run.extension, run.priority)
        if left and where in seen and len(found) < turns:
            found.append([])
            seen, left = set(), False
        found[-1].append(run)
        seen.add(where)
        left = left or run.event.startswith(_EXIT)
    return found + [[] for _ in range(turns - len(found))]


def _own(run: Run, dialplan: Dialplan) -> bool:
    return bool(dialplan.scope(run.written_in))


def _line(run: Run, dialplan: Dialplan) -> Line:
    place = dialplan.contexts[run.written_in].section.at(run.offset)
    where = f"{run.context},{run.extension},{run.priority}"
    return Line(where, f"{FOLDER}/{place.file}", place.line, run.step)


def tenant_runs(runs: Sequence[Run], scope: TenantScope) -> list[tuple[str, str, int]]:
    """Of what was run, that which is written in the tenant's own dialplan, as AMI's ``Newexten`` names it."""
    return [
        (run.context, run.extension, run.priority) for run in runs if run.written_in.startswith(f"{scope.slug}_")
    ]  # fmt: skip
