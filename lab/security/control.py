"""A PBX left open on purpose, beside the one under test: what a scanner must find, or its silence proves nothing."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Final

from lab.addresses import AMI_PORT, SIP_PORT
from lab.engine import Instance, InstanceSpec
from lab.parties import common_files
from lab.security.witness import Target
from lab.stage import TIMING

WEAK: Final = ("100", "1234")
"""An account with a password that every dictionary has."""
OPEN: Final = "101"
"""An account without any password."""
_ADDRESS: Final = 250
"""The last byte of its address."""


@contextlib.asynccontextmanager
async def control(target: Target) -> AsyncIterator[str]:
    """Run it; gives its address. Raises :class:`lab.engine.EngineError` when it does not boot."""
    stage = target.stage
    address = f"{stage.block.pbx.rpartition('.')[0]}.{_ADDRESS}"
    spec = InstanceSpec(name="control", folder=stage.folder / "control", files=_files(address), ami=(address, AMI_PORT))
    instance = Instance(stage.installation, spec)
    try:
        await instance.start()
        yield address
    finally:
        await instance.stop(0.3)


def _files(address: str) -> dict[str, str]:
    user, password = WEAK
    account = "[{name}]\ntype=endpoint\ncontext=nowhere\ndisallow=all\nallow=alaw\naors={name}\n{auth}\n"
    location = "[{name}]\ntype=aor\nmax_contacts=1\nremove_existing=yes\n\n"
    return {
        **common_files(TIMING),
        "rtp.conf": "[general]\nrtpstart=39000\nrtpend=39010\n",
        "manager.conf": "[general]\nenabled=no\n",
        "extensions.conf": "[general]\n\n[nowhere]\nexten = none,1,Hangup()\n",
        "pjsip.conf": (
            f"[udp]\ntype=transport\nprotocol=udp\nbind={address}:{SIP_PORT}\n\n"
            + account.format(name=user, auth=f"auth={user}\n")
            + f"[{user}]\ntype=auth\nauth_type=userpass\nusername={user}\npassword={password}\n\n"
            + location.format(name=user)
            + account.format(name=OPEN, auth="")
            + location.format(name=OPEN)
        ),
    }
