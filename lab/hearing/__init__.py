"""What a party heard: which known prompts, which tones and how much silence a recording holds, from when to when.

A server's events say what was meant to sound; only the recording on the party's own leg says what did.
"""

from __future__ import annotations

from lab.hearing.prompts import audible_extent, listen
from lab.hearing.sound import SAMPLE_RATE, read_sound, silences
from lab.hearing.tones import tones

__all__ = ["SAMPLE_RATE", "audible_extent", "listen", "read_sound", "silences", "tones"]
