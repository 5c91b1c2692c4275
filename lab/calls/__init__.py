"""Writing call tests: people call, hear, press and are called, on a real PBX with a clock of its own.

A test reads like what happens on the telephone. Waiting is part of every word: each waits for what it names, with a
deadline in PBX time, and says what happened instead when it does not come.
"""

from __future__ import annotations

from lab.calls.failure import CallError
from lab.calls.legs import Call, Leg
from lab.calls.people import Carrier, Phone
from lab.calls.play import Lab
from lab.calls.ringing import Ringing

__all__ = ["Call", "CallError", "Carrier", "Lab", "Leg", "Phone", "Ringing"]
