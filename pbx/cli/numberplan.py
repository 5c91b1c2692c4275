"""``pbx numberplan``: how a country dials, as the classes of service and the dialplan see it."""

from __future__ import annotations

import json

import typer

from pbx.cli.console import TextOrJson, fail
from pbx.numberplan import CATEGORIES, NumberPlan, NumberPlanError, has_plan, plan_for, tones
from pbx.numberplan.data import country_data


def tell_plan(country: str, area_code: str, format: TextOrJson) -> None:  # noqa: A002 - as the option
    """Print the plan of an area of a country, the first area unless one is given."""
    if not area_code and has_plan(country):
        area_code = min(country_data(country).area_codes, default="")
    try:
        plan = plan_for(country, area_code)
    except NumberPlanError as error:
        message, _, cure = str(error).partition("; ")
        fail(message, cure or "see pbx numberplan --help", exit_code=2)
    services = country_data(country).emergency
    if format is TextOrJson.JSON:
        told = {
            "country": country,
            "area_code": area_code,
            "emergency": dict(services),
            "forms": [
                {"pattern": each.pattern, "number": each.asterisk(), "category": each.category, "name": each.name}
                for each in plan.forms
                if each.category != "emergency"
            ],
            "tones": dict(tones(country)),
        }
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False))
        return
    where = f", area code {area_code}" if area_code else ""
    typer.echo(f"{plan.name} (+{plan.country_code}){where}\n")
    typer.echo("emergency: always allowed, matched first")
    for number, service in services.items():
        typer.echo(f"  {number:18} {service}")
    for category in CATEGORIES:
        _tell_forms(plan, category)
    typer.echo("\ntones")
    for name, tone in tones(country).items():
        typer.echo(f"  {name:18} {tone}")


def _tell_forms(plan: NumberPlan, category: str) -> None:
    forms = [each for each in plan.forms if each.category == category != "emergency"]
    if forms:
        typer.echo(f"\n{category}: what is dialled, and the number that goes to the trunk")
    for form in forms:
        typer.echo(f"  {form.pattern:18} {form.asterisk():26} {form.name}")
