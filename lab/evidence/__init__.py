"""Evidence a reader can check for himself: what was on the wire, and what was in the ear."""

from __future__ import annotations

from lab.evidence.capture import read_capture, without_secrets
from lab.evidence.ladder import about_calls, ladder
from lab.evidence.route import route, route_style
from lab.evidence.timeline import timeline

__all__ = ["about_calls", "ladder", "read_capture", "route", "route_style", "timeline", "without_secrets"]
