"""Which module brings which application and function: from the engine's own documentation to a committed table.

``python -m lab.engine.inventory`` writes ``pbx/asterisk/applications.txt`` anew, for those who develop this program.
A test compares the table with the documentation, and with what the engine says it has when our modules are loaded.
"""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import Final

from lab.engine import Installation, open_engine

TABLE: Final = Path(str(files("pbx.asterisk").joinpath("applications.txt")))
_ENTRY: Final = re.compile(r'<(application|function) name="(\w+)" language="en_US" module="(\w+)"')
_SOURCES: Final = {"parking_applications": "res_parking", "parking_bridge_features": "res_parking"}
"""Source files that are compiled into a module of another name."""
_MISPLACED: Final = {"PJSIPNotify": "res_pjsip_notify"}
"""Entries whose documentation names a module that does not bring them."""


def table(installation: Installation) -> str:
    """The table: kind, name and modules of each, sorted."""
    documentation = (installation.data / "documentation" / "core-en_US.xml").read_text("utf-8")
    modules: dict[tuple[str, str], set[str]] = {}
    for kind, name, module in _ENTRY.findall(documentation):
        modules.setdefault((kind, name), set()).add(_MISPLACED.get(name) or _SOURCES.get(module, module))
    head = f"# Asterisk {installation.version.partition('.')[0]}: made by python -m lab.engine.inventory\n"
    return head + "".join(
        f"{kind} {name} {','.join(sorted(found))}\n" for (kind, name), found in sorted(modules.items())
    )


def main() -> None:
    """Write the table."""
    TABLE.write_text(table(open_engine("embedded").provision()), encoding="utf-8")


if __name__ == "__main__":
    main()
