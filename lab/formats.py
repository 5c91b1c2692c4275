"""The formats of a report by their names on the command line."""

from __future__ import annotations

from enum import StrEnum


class ReportFormat(StrEnum):
    """What a report can be written as."""

    HTML = "html"
    XLSX = "xlsx"
    PDF = "pdf"
    JUNIT = "junit"
    JSON = "json"
