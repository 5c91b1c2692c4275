"""Playing one row from beginning to end, whatever kind it is, and what stands in its way."""

from __future__ import annotations

import time
import traceback
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lab.acts import Act
from lab.acts.performing import Acted, perform
from lab.events import NotHappenedError, StageError
from lab.handset import HungUpError
from lab.journey import visited
from lab.judge import Performed
from lab.performance import Performance
from lab.plan import Plan
from lab.reasons import LAB
from lab.results import Check, Words
from lab.scenario import Scenario
from lab.stage import AmiError, Stage

Row = Scenario | Act
EARLIER: Final = 4
"""How many times its own length before the end a row is begun."""


def in_the_way(one: Row, other: Row) -> bool:
    """Whether two rows cannot be played at once on one stage: one uses what the other has to itself."""
    return not (one.touched.isdisjoint(other.touched | other.shares) and other.touched.isdisjoint(one.shares))


@dataclass(frozen=True, slots=True)
class Waiting:
    """A row that is to be played."""

    row: Row
    urgency: float
    """Real seconds by which the end would come later, were this row left to the last."""


def in_turn(rows: Sequence[Row], stages: int, speed: int) -> list[Waiting]:
    """The most urgent first (list scheduling by the critical resource).

    Rows that use one thing have to go one after the other on each of the stages; a long row is begun early even where
    nobody waits for what it uses, and one that needs much at once before it is all in use; short ones that use nothing
    in common fit in at any time.
    """
    wanted: Counter[str] = Counter()
    for row in rows:
        wanted.update(dict.fromkeys(row.touched, row.expected_seconds))

    def urgency(row: Row) -> float:
        return max(EARLIER * row.expected_seconds, *(wanted[name] / stages for name in row.touched), 0)

    waiting = [Waiting(row, urgency(row) / speed) for row in rows]
    return sorted(waiting, key=lambda each: (-each.urgency, -sum(wanted[name] for name in each.row.touched)))


async def play(stage: Stage, plan: Plan, row: Row, *, again: bool = False) -> Performed | Acted:
    """One row from beginning to end; ``again`` keeps the recordings of the first time as they are."""
    folder = f"rows/{row.text.id}{'-again' if again else ''}"
    return await (perform(stage, plan, row, folder) if isinstance(row, Act) else _call(stage, row, folder))


async def _call(stage: Stage, row: Scenario, folder: str) -> Performed:
    """One call from beginning to end."""
    began, real, mark = stage.clock_now, time.monotonic(), stage.pbx.log_size()
    performance = Performance(stage, row, stage.folder / folder)
    failure: Check | None = None
    try:
        await performance.play()
    except NotHappenedError as error:
        failure = Check("server", Words("Paso esperado", "Expected step"), error.expected, error.observed, passed=False)
    except HungUpError as error:
        subject = Words("La llamada sigue en curso", "The call goes on")
        failure = Check("phone", subject, f"to be able to do: {error}", "the PBX had hung up", passed=False)
    except (StageError, AmiError) as error:
        failure = Check("server", LAB, "–", await stage.trouble() or str(error), passed=False)
    except Exception as error:  # noqa: BLE001 - a mistake of the lab fails this row and no other
        report = stage.folder / f"{row.text.id}-mistake.txt"
        report.write_text("".join(traceback.format_exception(error)))
        failure = Check("server", LAB, "–", f"PBX900 {error!r}", passed=False, where=report.name)
    seen = performance.seen
    return Performed(
        row=row,
        stage=stage,
        seen=seen,
        visit=visited(stage.pbx_events.seen[seen.first_pbx_event :], seen.linked),
        failure=failure,
        unexpected=stage.unexpected_since(mark, {seen.linked}),
        began=began,
        ended=stage.clock_now,
        seconds=time.monotonic() - real,
    )
