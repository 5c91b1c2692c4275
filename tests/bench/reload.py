"""How long real Asterisk takes to reload the dialplan of a large build."""

from __future__ import annotations

import re
import tempfile
import time
from pathlib import Path

from lab.engine import Instance, InstanceSpec, open_engine
from lab.engine.bootlog import Expected
from tests.bench.measure import compile_folder, write_site
from tests.bench.sites import ADDRESS, AMI_PORT, site_texts

_ADDED = "pbx_bench"
_BURST = Expected(
    re.compile(r"taskprocessor\.c: Taskprocessor 'stasis/m:devicestate:all-\w+' queue reached"),
    "ten thousand phones tell their first state at once",
)


async def reload_seconds(tenants: int, extensions: int, rounds: int) -> list[float]:
    """Seconds of each ``dialplan reload``; before each the dialplan is changed, and after it the change is there.

    Raises `lab.engine.EngineError` when the build does not boot, and ValueError when a reload did nothing.
    """
    with tempfile.TemporaryDirectory(prefix="pbx-bench-") as name:
        folder = Path(name)
        # Carriers on loopback addresses where nobody answers.
        write_site(site_texts(tenants, extensions, network="127"), folder / "site")
        bundle = compile_folder(folder / "site")
        spec = InstanceSpec("pbx", folder / "pbx", bundle.files, (ADDRESS, AMI_PORT), harmless=(_BURST,))
        instance = Instance(open_engine("embedded").provision(), spec)
        await instance.start(deadline=120)
        try:
            return [await _reload(instance, number) for number in range(rounds)]
        finally:
            await instance.stop(30)


async def _reload(instance: Instance, number: int) -> float:
    context = f"{_ADDED}_{number}"
    with (instance.paths.etc / "extensions.conf").open("a", encoding="utf-8") as stream:
        stream.write(f"\n[{context}]\nexten = s,1,Hangup()\n")
    begin = time.perf_counter()
    await instance.cli("dialplan reload", deadline=60)
    seconds = time.perf_counter() - begin
    if "Hangup" not in await instance.cli(f"dialplan show s@{context}"):
        raise ValueError(f"the dialplan was not reloaded: there is no context {context}")
    return seconds
