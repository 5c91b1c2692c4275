"""How a country dials: from digits on a keypad to an E.164 number and a category of call.

The plans are data (``ar.yaml`` and its neighbours); this package turns one into patterns for an area code. The words
for categories are those of the classes of service. Example: ``plan = plan_for("AR", "11")``, and then
``dialled(plan, "1555550000")`` is the mobile ``+5491155550000``.
"""

from __future__ import annotations

from pbx.numberplan.data import countries, has_plan, tones
from pbx.numberplan.national import NationalForm, national_forms, nationally
from pbx.numberplan.plan import (
    CATEGORIES,
    NUMBER,
    BadAreaCode,
    Category,
    DialForm,
    Dialled,
    NumberPlan,
    NumberPlanError,
    UnknownCountry,
    classify,
    dialled,
    plan_for,
)

__all__ = [
    "CATEGORIES",
    "NUMBER",
    "BadAreaCode",
    "Category",
    "DialForm",
    "Dialled",
    "NationalForm",
    "NumberPlan",
    "NumberPlanError",
    "UnknownCountry",
    "classify",
    "countries",
    "dialled",
    "has_plan",
    "national_forms",
    "nationally",
    "plan_for",
    "tones",
]
