"""The commands ``pbx secrets …``: what they are called and take; what they do is in :mod:`pbx.cli.secrets`."""

from __future__ import annotations

from typing import Annotated

import typer

from pbx.cli.console import SiteArgument, TextOrJson

app = typer.Typer(
    name="secrets",
    help="Makes, shows and changes the generated passwords of a site.",
    epilog="Passwords of phones are made here, 142 bits each, and kept in the site's secrets.yaml: mode 0600, and git "
    "ignores it. A carrier's password is never kept in YAML: write env:NAME or file:path where it is needed.",
    no_args_is_help=True,
    add_completion=False,
)

Format = Annotated[TextOrJson, typer.Option("--format", help="For people or for scripts.")]


@app.command(epilog="Example:\n\npbx secrets init lab/sites/demo")
def init(site: SiteArgument, format: Format = TextOrJson.TEXT) -> None:  # noqa: A002 - the option's name
    """Make the passwords that are missing; those that are there stay as they are.

    Exit code 0: done; 1: the site has problems, or secrets.yaml is in git.
    """
    from pbx.cli.secrets import init_secrets

    init_secrets(site, format)


@app.command(
    epilog="Examples:\n\npbx secrets show lab/sites/demo\n\n"
    "pbx secrets show lab/sites/demo andina/extension/201 --reveal"
)
def show(
    site: SiteArgument,
    name: Annotated[str, typer.Argument(metavar="NAME", help="Whose password; all names when left out.")] = "",
    *,
    reveal: Annotated[
        bool, typer.Option("--reveal", help="Print it though nobody looks: into a pipe or file.")
    ] = False,
    format: Format = TextOrJson.TEXT,  # noqa: A002 - as above
) -> None:
    """List the names of all passwords, or show the one that is named.

    Exit code 0: done; 1: problems, or it is not made yet; 2: there is no such name, or --reveal is missing.
    """
    from pbx.cli.secrets import list_secrets, show_secret

    if name:
        show_secret(site, name, format, reveal=reveal)
    else:
        list_secrets(site, format)


@app.command(
    epilog="Examples:\n\npbx secrets rotate lab/sites/demo andina/extension/201\n\n"
    "pbx secrets rotate lab/sites/demo andina"
    "\n\npbx secrets rotate lab/sites/demo --all"
)
def rotate(
    site: SiteArgument,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A password's name, or a tenant's.")] = "",
    *,
    all: Annotated[bool, typer.Option("--all", help="Every generated password of the site.")] = False,  # noqa: A002 - the option's name
    format: Format = TextOrJson.TEXT,  # noqa: A002 - as above
) -> None:
    """Make new passwords, all at once or none, and say which phones must be provisioned again.

    Exit code 0: done; 1: problems, and nothing was changed; 2: wrong usage.
    """
    from pbx.cli.secrets import rotate_secrets

    rotate_secrets(site, name, format, every=all)
