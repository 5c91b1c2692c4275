"""The scalars of the tenant language: what is understood, and with which code the rest is refused."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import TypeAdapter, ValidationError

from pbx import model

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


def understand(kind: Any, written: object) -> Any:  # noqa: ANN401 - each kind has its own values
    """The value."""
    return TypeAdapter(kind).validate_python(written)


def refusal(kind: Any, written: object) -> ErrorDetails:  # noqa: ANN401 - as above
    """The first reason not to understand it."""
    with pytest.raises(ValidationError) as caught:
        understand(kind, written)
    return caught.value.errors()[0]


@pytest.mark.parametrize(
    ("kind", "written", "meant"),
    [
        (model.TenantSlug, "andina2", "andina2"),
        (model.Slug, "ventas_norte", "ventas_norte"),
        (model.ExtensionNumber, "0101", "0101"),
        (model.E164, "+541152365000", "+541152365000"),
        (model.NumberPrefix, "+5411600*", "+5411600*"),
        (model.FeatureCode, "**", "**"),
        (model.Pin, "0000", "0000"),
        (model.Host, "sip.operador.example", "sip.operador.example"),
        (model.Network, "10.0.0.0/8", "10.0.0.0/8"),
        (model.Email, "ana.gomez@andina.example", "ana.gomez@andina.example"),
        (model.Name, "  Ana Gómez ", "Ana Gómez"),
        (model.Truth, "yes", True),
        (model.Truth, "false", False),
        (model.Seconds, "2m", 120),
        (model.Seconds, "24h", 86_400),
        (model.Range, "200-299", model.NumberRange("200", "299")),
        (model.Ports, "10000-20000", model.PortRange(10_000, 20_000)),
        (model.YearRange, "2026", model.Years(2026, 2026)),
        (model.YearRange, "2026-2028", model.Years(2026, 2028)),
        (model.DayHours, "9:00-24:00", (model.Hours(540, 1440),)),
        (model.DayHours, ["09:00-13:00", "14:00-18:00"], (model.Hours(540, 780), model.Hours(840, 1080))),
        (model.Weekdays, "mon-wed", model.WeekdaySet(("mon", "tue", "wed"), "")),
        (model.Weekdays, "fri-mon", model.WeekdaySet(("mon", "fri", "sat", "sun"), "")),
        (model.Weekdays, "mon, wed,mon", model.WeekdaySet(("mon", "wed"), "")),
        (model.Days, "2026-12-24", (date(2026, 12, 24),)),
        (model.Days, "2026-12-31..2027-01-01", (date(2026, 12, 31), date(2027, 1, 1))),
        (model.Secret, "env:ANDINA_TRUNK", model.SecretReference("env", "ANDINA_TRUNK")),
        (model.Destination, "queue:ventas", model.Ref("queue", "ventas")),
        (model.Destination, "hangup", model.HANGUP),
        (model.MenuDestination, "repeat", model.REPEAT),
        (model.ForwardDestination, "voicemail", model.Ref("voicemail")),
        (model.PromptField, "hola.wav", model.Prompt(file="hola.wav")),
        (model.PromptField, {"say": " Hola \n vos "}, model.Prompt(say="Hola vos")),
        (model.PromptField, {"sound": "digits/1"}, model.Prompt(sound="digits/1")),
    ],
)
def test_it_is_understood(kind: Any, written: object, meant: object) -> None:  # noqa: ANN401 - as above
    assert understand(kind, written) == meant


@pytest.mark.parametrize(
    ("kind", "written", "code"),
    [
        (model.TenantSlug, "a", "PBX104"),
        (model.TenantSlug, "an_dina", "PBX104"),
        (model.TenantSlug, "general", "PBX104"),
        (model.TenantSlug, "andina\n", "PBX104"),
        (model.Slug, "Ventas", "PBX104"),
        (model.Slug, "s", "PBX104"),
        (model.Slug, ["ventas"], "PBX103"),
        (model.ExtensionNumber, "1", "PBX105"),
        (model.ExtensionNumber, "٢٠١", "PBX105"),
        (model.ExtensionNumber, "201\n", "PBX105"),
        (model.E164, "541152365000", "PBX106"),
        (model.E164, "+0541152365000", "PBX106"),
        (model.FeatureCode, "97", "PBX107"),
        (model.FeatureCode, "*97X", "PBX107"),
        (model.Pin, "123", "PBX108"),
        (model.Host, "sip.operador.example;x", "PBX110"),
        (model.Host, "-x", "PBX110"),
        (model.Host, ":", "PBX110"),
        (model.Network, "10.0.0.1/8", "PBX110"),
        (model.Network, "all\n", "PBX110"),
        (model.Email, "ana@", "PBX111"),
        (model.Email, "a,b@c.example", "PBX111"),
        (model.Name, " ", "PBX112"),
        (model.Name, "a\nb", "PBX112"),
        (model.Name, "x" * 81, "PBX112"),
        (model.Truth, "on", "PBX103"),
        (model.Truth, None, "PBX103"),
        (model.Seconds, "20", "PBX113"),
        (model.Seconds, "0s", "PBX113"),
        (model.Seconds, "25h", "PBX113"),
        (model.Port, "70000", "PBX114"),
        (model.Port, "-1", "PBX114"),
        (model.Range, "299-200", "PBX115"),
        (model.Range, "20-299", "PBX115"),
        (model.Ports, "1-2", "PBX115"),
        (model.YearRange, "2028-2026", "PBX115"),
        (model.DayHours, "18:00-09:00", "PBX116"),
        (model.DayHours, "09:00", "PBX116"),
        (model.DayHours, "09:60-10:00", "PBX116"),
        (model.DayHours, "09:00-24:01", "PBX116"),
        (model.Weekdays, "lun-vie", "PBX116"),
        (model.Days, "20261224", "PBX117"),
        (model.Days, "2026-W52-4", "PBX117"),
        (model.Days, "2026-02-30", "PBX117"),
        (model.Days, "2027-01-15..2027-01-04", "PBX117"),
        (model.TimeZone, "GMT-3", "PBX118"),
        (model.Secret, "verano2026", "PBX119"),
        (model.Secret, {"a": "b"}, "PBX119"),
        (model.Destination, "ventas", "PBX120"),
        (model.Destination, "queue:", "PBX120"),
        (model.Destination, "repeat", "PBX120"),
        (model.Destination, "voicemail", "PBX120"),
        (model.Destination, "external:011", "PBX106"),
        (model.PromptField, "../../etc/passwd.wav", "PBX121"),
        (model.PromptField, {"say": "..."}, "PBX121"),
        (model.PromptField, {"say": "a", "sound": "b"}, "PBX121"),
        (model.PromptField, {"sound": "../x"}, "PBX121"),
    ],
)
def test_it_is_refused_with_its_code(kind: Any, written: object, code: str) -> None:  # noqa: ANN401 - as above
    assert refusal(kind, written)["type"] == code


def test_a_refused_password_is_not_repeated() -> None:
    assert "verano2026" not in str(refusal(model.Secret, "verano2026")["ctx"])


def test_a_message_has_a_length_that_people_read() -> None:
    assert len(refusal(model.ExtensionNumber, "9" * 10_000)["ctx"]["message"]) < 300


@pytest.mark.parametrize(
    ("kind", "written", "guess"),
    [
        (model.Destination, "quue:ventas", "did you mean queue:ventas?"),
        (model.Destination, "hangpu", "did you mean hangup?"),
        (model.TimeZone, "Buenos Aires", "did you mean America/Argentina/Buenos_Aires?"),
        (model.TimeZone, "America/Bogota_", "did you mean America/Bogota?"),
    ],
)
def test_what_was_meant_is_suggested(kind: Any, written: str, guess: str) -> None:  # noqa: ANN401 - as above
    assert refusal(kind, written)["ctx"]["help"] == guess


def test_two_spellings_of_one_key_are_refused_and_not_merged() -> None:
    days = Annotated[dict[model.Weekdays, str], model.distinct("PBX116", "days")]
    assert understand(days, {"mon-tue": "a", "wed": "b"}) == {
        model.WeekdaySet(("mon", "tue"), ""): "a",
        model.WeekdaySet(("wed",), ""): "b",
    }
    assert refusal(days, {"mon-tue": "a", "mon,tue": "b"})["type"] == "PBX116"


def test_a_range_takes_numbers_of_its_own_length_only() -> None:
    numbers = model.NumberRange("200", "299")
    assert "200" in numbers
    assert "299" in numbers
    assert "300" not in numbers
    assert "2000" not in numbers
