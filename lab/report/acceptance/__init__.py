"""The acceptance matrix: what the customer fills in and signs, per phase, as PDF, workbook and page.

After a run each row is answered ("¿Se alcanzó el objetivo? Sí / No. Favor explique"); before one the answers are empty,
to be filled in by hand. Whether the phase as a whole has reached its goal is for the customer to say.
"""

from __future__ import annotations

from lab.report.acceptance.form import Form, form_of_rows, form_of_run
from lab.report.acceptance.page import acceptance_html
from lab.report.acceptance.pdf import acceptance_pdf
from lab.report.acceptance.workbook import acceptance_xlsx

__all__ = ["Form", "acceptance_html", "acceptance_pdf", "acceptance_xlsx", "form_of_rows", "form_of_run"]
