"""The evidence of each row as files of its own: to be sent to a colleague, opened with a player, searched.

rows/ROW/row.json        everything that is known of the row
         PARTY.wav       what a party heard; PARTY.svg shows what was recognised in it, and when
         ladder.svg      the SIP messages of the call; sip.txt has their text
         journey.svg     the way of the call on the call-flow diagram
         cdr.json cel.json, mail-1.eml, log.txt
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from lab.evidence import about_calls, ladder, route, timeline
from lab.report.json import fields_of
from lab.results import RowResult, RunResult, SipMessage

FOLDER: Final = "rows"
_UNFIT: Final = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST: Final = 80


def write_bundle(run: RunResult, folder: Path) -> RunResult:
    """Write the evidence of every row into ``folder/rows``; answers the run with the recordings where they lie now.

    The folder of an earlier run is replaced once the new one is complete. Raises `OSError`.
    """
    new, kept = folder / f".{FOLDER}.new", folder / FOLDER
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    try:
        rows = [_row(run, row, new / name, kept / name) for row, name in zip(run.rows, _names(run.rows), strict=True)]
        shutil.rmtree(kept, ignore_errors=True)
        new.rename(kept)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    return replace(run, rows=tuple(rows))


def keep_evidence(runs: Iterable[Path], kept: Path) -> None:
    """Keep the log and the capture of every PBX that was booted in the folders of some runs. Raises `OSError`."""
    shutil.rmtree(kept, ignore_errors=True)
    for run in runs:
        for stage in sorted(run.glob("stage-*")):
            target = kept / stage.name if not (kept / stage.name).exists() else kept / f"{stage.name}-{run.name}"
            target.mkdir(parents=True)
            for source, name in (
                (stage / "sip.pcap", "sip.pcap"),
                (stage / "pbx" / "log" / "messages.log", "pbx.log"),
                (stage / "parties" / "log" / "messages.log", "parties.log"),
            ):
                if source.is_file():
                    shutil.copyfile(source, target / name)
            for mistake in stage.glob("*-mistake.txt"):
                shutil.copyfile(mistake, target / mistake.name)


def ladder_names(row: RowResult) -> dict[str, str]:
    """Names by address; parties that share an address share a line of the ladder."""
    names: dict[str, str] = {}
    for name, address in row.parties.items():
        names[address] = f"{names[address]}, {name}" if address in names else name
    return names


def sip_text(messages: Iterable[SipMessage]) -> str:
    """The messages of a call one after the other."""
    return "\n\n".join(
        f"── {message.time:.3f} s  {message.source} → {message.target}\n{message.text.strip()}" for message in messages
    )


def _names(rows: Iterable[RowResult]) -> list[str]:
    """A folder's name for each row: its id, where it is fit to be one."""
    names: list[str] = []
    for row in rows:
        name = _fit(row.row.id)
        names.append(name if name not in names else f"{name}-{len(names)}")
    return names


def _fit(text: str) -> str:
    return _UNFIT.sub("-", text).strip(".-")[:_LONGEST] or "row"


def _row(run: RunResult, row: RowResult, folder: Path, later: Path) -> RowResult:
    """Write one row; ``later`` is where its folder will be."""
    folder.mkdir()
    recordings = []
    taken: set[str] = set()
    for recording in row.recordings:
        name = _fit(recording.party)
        while name in taken:
            name += "-2"
        taken.add(name)
        if recording.path.is_file():
            shutil.copy2(recording.path, folder / f"{name}.wav")
            (folder / f"{name}.svg").write_text(timeline(recording), "utf-8")
            recordings.append(replace(recording, path=later / f"{name}.wav"))
        else:
            recordings.append(replace(recording, path=later / "missing" / f"{name}.wav"))
    result = replace(row, recordings=tuple(recordings))
    for name, content in _texts(run, result):
        (folder / name).write_bytes(content.encode("utf-8", "replace"))
    return result


def _texts(run: RunResult, row: RowResult) -> Iterator[tuple[str, str]]:
    """Names and contents of the files that hold something."""
    calls = about_calls(row.sip)
    drawn = route(run.flow, row.journey, row.exits, row.forecast, prefix="", alone=True) if run.flow else ""
    yield "row.json", _json({**fields_of(replace(row, sip=(), cel=())), "sip": len(row.sip)})
    for name, content in (
        ("journey.svg", drawn),
        ("ladder.svg", ladder(calls, ladder_names(row), most=len(calls))),
        ("sip.txt", sip_text(row.sip)),
        ("cdr.json", _json(row.cdr) if row.cdr else ""),
        ("cel.json", _json(row.cel) if row.cel else ""),
        ("log.txt", row.log),
        *((f"mail-{index}.eml", mail) for index, mail in enumerate(row.mails, start=1)),
    ):
        if content:
            yield name, content


def _json(content: Mapping[str, object] | Sequence[object]) -> str:
    """One entry a line: to be read and searched, and written quickly (``indent`` takes ten times as long)."""
    if isinstance(content, Mapping):
        lines = [f"{json.dumps(key)}: {json.dumps(value, default=_told)}" for key, value in content.items()]
    else:
        lines = [json.dumps(each, default=_told) for each in content]
    begin, end = "{}" if isinstance(content, Mapping) else "[]"
    return "\n".join([begin, ",\n".join(lines), end, ""])


def _told(value: object) -> object:
    return value.name if isinstance(value, Path) else fields_of(value)
