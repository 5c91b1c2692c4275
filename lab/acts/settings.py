"""EXT-6, EXT-7, QUE-2, IVR-1: what users switch from their phones: it is told, it holds, and its lamp shows it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from lab.acts.act import Act
from lab.acts.casting import act, allowed, brought, code, colleagues, first_trunk, label, led_to, own, pick, rings, sent
from lab.calls import Lab
from lab.matrix.moments import working
from lab.matrix.outside import example
from lab.matrix.writing import spelled
from lab.results import Words
from pbx.dialing import meaning, route_for, shown_number
from pbx.kinds.base import Situation
from pbx.site import TenantScope
from pbx.trace import trace_did

_PAUSABLE: Final = ("regular", "simultaneous", "circular", "uniform", "weighted")
"""The policies by which a pause shows at once come first."""


def acts(scope: TenantScope) -> Iterator[Act]:
    """Do-not-disturb, call waiting, hidden caller id, a pause in a queue, and each schedule that can be overridden."""
    yield from _do_not_disturb(scope)
    yield from _call_waiting(scope)
    yield from _hidden(scope)
    yield from _pause(scope)
    yield from _overrides(scope)


def _do_not_disturb(scope: TenantScope) -> Iterator[Act]:
    two = pick(colleagues(scope, "quiet"), 2, better=lambda _, owner: own(scope, owner).forward.busy is None)
    if not two:
        return
    keys = scope.tenant.feature_codes.do_not_disturb
    who = [label(scope, number) for number in two]
    yield act(
        scope,
        "code-do-not-disturb",
        "EXT-4",
        (f"Código {keys}: no molestar", f"Code {keys}: do not disturb"),
        steps=[
            (f"{who[1]} marca {keys}; {who[0]} lo llama.", f"{who[1]} dials {keys}; {who[0]} calls."),
            (f"{who[1]} marca {keys} otra vez; {who[0]} lo llama.", f"{who[1]} dials {keys} again; {who[0]} calls."),
        ],
        expected=[
            (f"{who[1]} está ocupado y su luz se enciende.", f"{who[1]} is busy and the lamp for it is lit."),
            ("Después vuelve a sonar y la luz se apaga.", "Afterwards it rings again and the lamp is dark."),
        ],
        play=partial(quiet, keys=keys, caller=two[0], owner=two[1]),
        people=two,
    )


def quiet(lab: Lab, *, keys: str, caller: str, owner: str) -> None:
    """Nothing rings there until it may."""
    lab.phone(owner).will("answer")
    lamp = lab.phone(caller).lamp(owner).shows("idle")
    code(lab, owner, keys, "do_not_disturb", "on")
    lamp.shows("busy")
    lab.phone(caller).call(owner).leaves(f"extension:{owner}", "busy", seconds=20).hang_up().ended()
    lab.rang()
    # Whoever dials a code is busy as well, for a moment.
    lab.same(Words("La luz queda encendida", "The lamp stays lit"), "busy", lamp.shown[-1], witness="phone")
    code(lab, owner, keys, "do_not_disturb", "off")
    lamp.shows("idle")
    call = lab.phone(caller).call(owner)
    call.talks_with(lab.phone(owner).rings())
    call.hang_up()


def _call_waiting(scope: TenantScope) -> Iterator[Act]:
    three = pick(colleagues(scope, "waiting"), 3, better=lambda _, __, owner: own(scope, owner).forward.busy is None)
    if not three:
        return
    keys = scope.tenant.feature_codes.call_waiting
    first, second, owner = three
    who = [label(scope, number) for number in three]
    waits = own(scope, owner).call_waiting
    yield act(
        scope,
        "code-call-waiting",
        "EXT-6",
        (f"Código {keys}: llamada en espera", f"Code {keys}: call waiting"),
        steps=[
            (
                f"{who[0]} habla con {who[2]}; {who[1]} llama a {who[2]}.",
                f"{who[0]} talks with {who[2]}; {who[1]} calls.",
            ),
            (f"Lo mismo después de marcar {keys} en {owner}.", f"The same after {owner} has dialled {keys}."),
        ],
        expected=[
            ("Con llamada en espera suena la segunda.", "With call waiting the second call rings."),
            ("Sin ella quien llama recibe ocupado.", "Without it the second caller finds it busy."),
        ],
        play=partial(waiting, keys=keys, first=first, second=second, owner=owner, waits=waits),
        people=three,
        seconds=30,
    )


def waiting(lab: Lab, *, keys: str, first: str, second: str, owner: str, waits: bool) -> None:
    """As the file has it, switched, and as the file has it again."""
    lab.phone(owner).will("answer")
    for index, rings_twice in enumerate((waits, not waits)):
        if index:
            code(lab, owner, keys, "call_waiting", "on" if rings_twice else "off")
        talking = lab.phone(first).call(owner)
        taken = lab.phone(owner).rings()
        talking.answered()
        other = lab.phone(second).call(owner)
        if rings_twice:
            other.talks_with(lab.phone(owner).rings())
        else:
            other.leaves(f"extension:{owner}", "busy", seconds=20)
        other.hang_up().ended()
        talking.talks_with(taken)
        talking.hang_up().ended()
    code(lab, owner, keys, "call_waiting", "on" if waits else "off")


def _hidden(scope: TenantScope) -> Iterator[Act]:
    keys = example(scope, "local", "hide")
    found, route = (meaning(scope, keys) if keys else None), route_for(scope, "local")
    owner = next((each for each in colleagues(scope, "hide") if keys and allowed(scope, each, keys)), "")
    if found is None or route is None or not owner:
        return
    trunk, caller_id = route[1].trunks[0], route[1].caller_id
    hide_code = scope.tenant.feature_codes.hide_caller_id
    shown = shown_number(scope, caller_id, owner)
    who, number = label(scope, owner), sent(scope, trunk, found.to.id)
    yield act(
        scope,
        "code-hide-caller-id",
        "EXT-7",
        (f"Código {hide_code}: ocultar el número", f"Code {hide_code}: hide the number"),
        steps=[
            (
                f"{who} llama a {keys}, marca {hide_code} y llama otra vez.",
                f"{who} calls {keys}, dials {hide_code}, calls.",
            )
        ],
        expected=[
            (
                f"El operador ve {shown} o un anónimo, según el código.",
                f"The carrier sees {shown} or nobody, as switched.",
            ),
            ("Oculto, el operador aún sabe quién paga.", "Hidden, the carrier still knows who pays."),
        ],
        play=partial(
            hidden,
            keys=hide_code,
            owner=owner,
            dialled=keys,
            trunk=trunk,
            number=number,
            shown=shown,
            hides=own(scope, owner).hide_caller_id,
        ),
        people=[owner],
        touched=[f"external:{number}"],
        shares=[f"trunk:{trunk}"],
    )


def hidden(  # noqa: PLR0913 - the parts of the play
    lab: Lab, *, keys: str, owner: str, dialled: str, trunk: str, number: str, shown: str, hides: bool
) -> None:
    """As the file has it, switched, and as the file has it again; an identity is always asserted to the carrier."""
    for index, hiding in enumerate((hides, not hides)):
        if index:
            code(lab, owner, keys, "hide_caller_id", "on" if hiding else "off")
        call = lab.phone(owner).call(dialled)
        outside = lab.carrier(trunk).rings(number)
        if hiding:
            outside.shows("anonymous", privacy="id", asserted=shown)
        else:
            outside.shows(shown, privacy="")
        call.talks_with(outside.answer())
        call.hang_up().ended()
    code(lab, owner, keys, "hide_caller_id", "on" if hides else "off")


def _pause(scope: TenantScope) -> Iterator[Act]:
    queues = sorted(scope.tenant.queues.items(), key=lambda each: _PAUSABLE.index(each[1].policy))
    for name, queue in queues:
        agents = [each for each in queue.members if rings(scope, each)]
        caller = next((each for each in colleagues(scope, name) if each not in queue.members), "")
        if queue.number is None or not caller or len(agents) != len(queue.members) or len(agents) < 2:  # noqa: PLR2004
            continue
        keys = scope.tenant.feature_codes.queue_pause
        who = label(scope, agents[0])
        yield act(
            scope,
            "code-queue-pause",
            "QUE-2",
            (f"Código {keys}: pausa de un agente", f"Code {keys}: an agent pauses"),
            steps=[
                (
                    f"{who} marca {keys}; se llama a la cola {queue.number}.",
                    f"{who} dials {keys}; queue {queue.number} is called.",
                ),
                (f"{who} marca {keys} otra vez.", f"{who} dials {keys} again."),
            ],
            expected=[
                (
                    f"En pausa no suena {agents[0]}, sino otro agente.",
                    f"In the pause not {agents[0]} rings but another agent.",
                ),
                ("La luz de la pausa se enciende y se apaga.", "The lamp of the pause is lit, then dark."),
            ],
            play=partial(
                paused,
                keys=keys,
                name=name,
                number=queue.number,
                caller=caller,
                agents=tuple(agents),
                policy=queue.policy,
            ),
            people=[caller, *agents],
            touched=[f"queue:{name}"],
        )
        return


def paused(  # noqa: PLR0913 - the parts of the play
    lab: Lab, *, keys: str, name: str, number: str, caller: str, agents: tuple[str, ...], policy: str
) -> None:
    """The queue passes the agent over until the pause is over."""
    first, *others = agents
    for agent in agents:
        lab.phone(agent).will("answer")
    lamp = lab.phone(caller).lamp(f"{keys}{first}").shows("idle")
    code(lab, first, keys, "queue_pause", "on")
    lamp.shows("busy")
    call = lab.phone(caller).call(number).reaches(f"queue:{name}")
    call.talks_with(lab.any_of(others, seconds=120))
    call.hang_up().ended()
    lab.phone(first).has_not_rung()
    code(lab, first, keys, "queue_pause", "off")
    lamp.shows("idle")
    if policy in {"regular", "simultaneous"}:
        call = lab.phone(caller).call(number)
        call.talks_with(lab.phone(first).rings().answer())
        call.hang_up().ended()


def _overrides(scope: TenantScope) -> Iterator[Act]:
    """By each phone's code; the number that is called leads straight to the schedule."""
    for name, schedule in scope.tenant.schedules.items():
        did = next((did for did, each in scope.tenant.dids.items() if str(each.to) == f"schedule:{name}"), "")
        owner = next(iter(colleagues(scope, name)), "")
        if not schedule.override or not did or not owner:
            continue
        at = working(scope)
        forced = {word: trace_did(scope, did, Situation(at, overrides={name: word})) for word in ("open", "closed")}
        usual = trace_did(scope, did, Situation(at))
        exits = {word: journey.steps[1].exit for word, journey in (*forced.items(), ("automatic", usual))}
        who = label(scope, owner)
        yield act(
            scope,
            f"override-{name}-{spelled(schedule.override)}",
            "IVR-1",
            (
                f"Código {schedule.override}: forzar el horario «{name}»",
                f"Code {schedule.override}: force schedule “{name}”",
            ),
            steps=[
                (
                    f"{who} marca {schedule.override} tres veces; después de cada una se llama al {did}.",
                    f"{who} dials {schedule.override} three times; {did} is called after each.",
                )
            ],
            expected=[
                ("Cerrado, abierto y otra vez según el calendario.", "Closed, open, and as the calendar says again."),
                ("La luz del código muestra cada estado.", "The lamp of the code shows each state."),
            ],
            play=partial(
                overridden,
                keys=schedule.override,
                name=name,
                owner=owner,
                did=did,
                trunk=first_trunk(scope),
                exits=exits,
            ),
            people=[owner],
            touched=[f"schedule:{name}", *led_to(scope, [*forced.values(), usual])],
            shares=[f"trunk:{first_trunk(scope)}"],
        )


def overridden(  # noqa: PLR0913 - the parts of the play
    lab: Lab, *, keys: str, name: str, owner: str, did: str, trunk: str, exits: dict[str, str]
) -> None:
    """The number is called under each state, and the lamp of the code shows it."""
    lamp = lab.phone(owner).lamp(keys).shows("idle")
    for said, light in (("closed", "busy"), ("open", "ringing"), ("automatic", "idle")):
        code(lab, owner, keys, "schedule", said)
        lamp.shows(light)
        call = lab.carrier(trunk).call(brought(lab.scope, trunk, did))
        call.leaves(f"schedule:{name}", exits[said], seconds=20)
        call.hang_up().ended()
