"""Commands that help to write a site: what they are called and take; what they do is imported when they run."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from pbx.cli.console import TextOrJson

app = typer.Typer()


class Root(StrEnum):
    """What there is a schema of."""

    TENANT = "tenant"
    PLATFORM = "platform"
    POC = "poc"


@app.command(
    epilog="Examples:\n\npbx schema tenant\n\npbx schema tenant -o build/tenant.json\n\n"
    "An editor with a YAML language server reads it when the first line of a tenant's file is: "
    "# yaml-language-server: $schema=../.schema/tenant.json"
)
def schema(
    root: Annotated[
        Root, typer.Argument(metavar="tenant|platform|poc", help="Which file it is of.", show_default=False)
    ],
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Where it goes; printed unless given.")
    ] = None,
) -> None:
    """Print the JSON Schema of a site's files, by which editors complete and check.

    Exit code 0: done; 1: the file cannot be written; 2: wrong usage.
    """
    from pbx.cli.schema import give_schema

    give_schema(root.value, output)


def _told(words: str, metavar: str = "TEXT") -> Any:  # noqa: ANN401 - typer's own type is not exported
    return typer.Option(metavar=metavar, help=words, show_default=False)


@app.command(
    epilog="Examples:\n\npbx init site\n\n"
    'pbx init site --name "Andina Seguros S.A." --did +541152365000 --trunk-host sip.operador.example'
)
def init(  # noqa: PLR0913 - the answers
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is not there yet.", show_default=False)],
    *,
    name: Annotated[str | None, _told("The customer's name.")] = None,
    tenant: Annotated[str | None, _told("Its short name; made of the name unless given.")] = None,
    did: Annotated[str | None, _told("Its main number.", "+541152365000")] = None,
    country: Annotated[str | None, _told("Two letters; that of the number unless given.", "AR")] = None,
    language: Annotated[str | None, _told("es or en; the country's unless given.", "es")] = None,
    timezone: Annotated[str | None, _told("The capital's unless given.", "ZONE")] = None,
    area_code: Annotated[str | None, _told("That of the number unless given.", "11")] = None,
    outside_prefix: Annotated[str | None, _told("Dialled before outside numbers: 9 unless given.", "9")] = None,
    extensions: Annotated[str | None, _told("201-205 unless given.", "201-205")] = None,
    trunk_host: Annotated[str | None, _told("The carrier's SIP host.", "HOST")] = None,
    trunk_user: Annotated[str | None, _told("The user name, at a carrier that wants one.")] = None,
    domain: Annotated[str | None, _told("The PBX's own domain.", "DOMAIN")] = None,
) -> None:
    """Write a new site that passes every check; what is not told by options is asked for on a terminal.

    Nothing that is there is overwritten. Exit code 0: done; 1: not written; 2: an answer is missing or wrong.
    """
    told = dict(locals())
    from pbx.cli.init import init_site

    init_site(told.pop("folder"), told)


@app.command(
    epilog="Example, after pbx compile lab/sites/demo -o build/demo:\n\n"
    "pbx where build/demo/etc/tenants/andina/extensions.conf:120"
)
def where(
    place: Annotated[str, typer.Argument(metavar="FILE:LINE", help="A line of a build.", show_default=False)],
    *,
    site: Annotated[Path | None, typer.Option(metavar="SITE", help="The site's folder, if it was moved since.")] = None,
    format: Annotated[TextOrJson, typer.Option(help="For people or for scripts.")] = TextOrJson.TEXT,  # noqa: A002
) -> None:
    """Say what a line of a build was made of: the place in the YAML, or the library.

    Exit code 0: told; 1: the build or the YAML cannot be read; 2: there is no such line.
    """
    from pbx.cli.where import tell_origin

    tell_origin(place, site, format)


@app.command(epilog="Examples:\n\npbx numberplan AR --area-code 11\n\npbx numberplan CR --format json")
def numberplan(
    country: Annotated[str, typer.Argument(metavar="COUNTRY", help="Two letters, such as AR.", show_default=False)],
    *,
    area_code: Annotated[
        str, typer.Option(metavar="CODE", help="Where the office is; the first one unless given.")
    ] = "",
    format: Annotated[TextOrJson, typer.Option(help="For people or for scripts.")] = TextOrJson.TEXT,  # noqa: A002
) -> None:
    """Show how a country dials: emergency numbers, ways to dial with the class of each, and tones.

    Exit code 0: told; 2: there is no such country or area code.
    """
    from pbx.cli.numberplan import tell_plan

    tell_plan(country.upper(), area_code, format)
