"""The acceptance matrix: what the customer fills in and signs, per phase, as PDF, workbook and page.

After a run each row is answered ("¿Se alcanzó el objetivo? Sí / No. Favor explique"); before one the answers are empty,
to be filled in by hand. Whether the phase as a whole has reached its goal is for the customer to say.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from lab.report.acceptance.form import Form, form_of_rows, form_of_run, objectives_of, signers_of
from lab.report.acceptance.page import acceptance_html
from lab.report.acceptance.pdf import acceptance_pdf
from lab.report.acceptance.workbook import acceptance_xlsx

if TYPE_CHECKING:
    from lab.results import RowText
    from pbx.site import TenantScope

__all__ = [
    "Form",
    "acceptance_html",
    "acceptance_pdf",
    "acceptance_xlsx",
    "form_of_rows",
    "form_of_run",
    "matrix_document",
    "objectives_of",
    "signers_of",
]


def matrix_document(rows: Iterable[RowText], scope: TenantScope, kind: str, language: str = "") -> bytes:
    """The matrix of a tenant before any run, as a file of this kind: ``xlsx``, ``pdf`` or ``html``."""
    form = form_of_rows(rows, scope, language)
    if kind == "xlsx":
        return acceptance_xlsx(form)
    return acceptance_pdf(form) if kind == "pdf" else acceptance_html(form).encode()
