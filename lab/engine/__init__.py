"""Engines: ways to get and run a real Asterisk, behind one interface.

`open_engine` gives an engine, its ``provision`` an `Installation`, and an `Instance` of that is one running Asterisk::

    installation = open_engine("embedded").provision()
    pbx = Instance(installation, InstanceSpec(name="pbx", folder=…, files=…, ami=("127.0.1.10", 5038)))
    await pbx.start()
    print(await pbx.cli("core show uptime"))
    await pbx.stop()
"""

from __future__ import annotations

from lab.engine.base import Engine, EngineError, Installation, InstanceSpec, Paths, Progress, quiet
from lab.engine.docker import Docker
from lab.engine.embedded import Embedded
from lab.engine.instance import Instance, attach
from lab.engine.system import System

__all__ = [
    "Engine",
    "EngineError",
    "Installation",
    "Instance",
    "InstanceSpec",
    "Paths",
    "Progress",
    "attach",
    "open_engine",
    "quiet",
]


def open_engine(name: str = "embedded") -> Engine:
    """The engine of this name; raises `EngineError` when there is none."""
    match name:
        case "embedded":
            return Embedded()
        case "system":
            return System()
        case "docker":
            return Docker()
    raise EngineError(f"There is no engine named {name}.", "Use `embedded`, `system` or `docker`.")
