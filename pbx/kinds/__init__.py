"""The kinds of place in a call that a tenant can own, one module each."""

from __future__ import annotations

from typing import Final

from pbx.kinds import announcement, conference, directory, extension, ivr, paging, parking, queue, ring_group, schedule
from pbx.kinds.base import Kind

KINDS: Final[tuple[Kind, ...]] = (
    extension.KIND,
    extension.VOICEMAIL,
    schedule.KIND,
    ivr.KIND,
    announcement.KIND,
    queue.KIND,
    ring_group.KIND,
    conference.KIND,
    directory.KIND,
    parking.KIND,
    paging.KIND,
)
BY_NAME: Final = {kind.name: kind for kind in KINDS}
