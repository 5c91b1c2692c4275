"""The commands of ``pbx`` and those that plugins mount beside them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer
from typer.core import TyperGroup

from pbx.cli.console import ProblemFormat, SiteArgument, TextOrJson, error_text, fail
from pbx.cli.questions import app as questions_app
from pbx.cli.secrets_app import app as secrets_app
from pbx.cli.tools import app as tools_app

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

PLUGINS: Final = "pbx.commands"
"""The group of entry points that mount further commands: a name and a typer app."""


def run_command(arguments: Sequence[str]) -> int:
    """Run a command line; what goes wrong is raised, as typer has it (see :mod:`pbx.cli.guard`)."""
    command = typer.main.get_command(app)
    try:
        with command.make_context("pbx", list(arguments)) as context:
            returned = command.invoke(context)
    except typer.Exit as done:
        return done.exit_code
    return returned if isinstance(returned, int) else 0


def plugins() -> dict[str, EntryPoint]:
    """The installed plugins by the name of their command; none of them is loaded yet."""
    # A command of ours does not wait for what is only needed to find them.
    from importlib.metadata import entry_points

    return {each.name: each for each in entry_points(group=PLUGINS)}


def _load(plugin: EntryPoint) -> Any:  # noqa: ANN401 - typer does not export the type of a click command
    loaded = plugin.load()
    return typer.main.get_command(loaded) if isinstance(loaded, typer.Typer) else loaded


def _unloadable(plugin: EntryPoint, error: Exception) -> tuple[str, str]:
    package = plugin.dist.name if plugin.dist else plugin.module
    reason = " ".join(str(error).split()) or type(error).__name__
    return f"the commands of pbx {plugin.name} cannot be loaded: {reason}", f"install {package} again"


@cache
def _ours() -> dict[str, typer.Typer]:
    """Our commands by name, each as an app that has only that one: typer reads all options of all that an app has."""
    found: dict[str, typer.Typer] = {}
    for part in (own, secrets_app, tools_app, questions_app):
        group = part.info.name
        if isinstance(group, str):
            found[group] = part
            continue
        for each in part.registered_commands:
            alone = typer.Typer(add_completion=False)
            alone.registered_commands.append(each)
            found[str(each.name or getattr(each.callback, "__name__", ""))] = alone
    return found


class Commands(TyperGroup):
    """Our commands, and the plugins': one is made when it is named, all of them only for the list of commands."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ANN401 - as above
        """Every command that can be run."""
        found = [*_ours(), *super().list_commands(ctx)]
        for name, plugin in sorted(plugins().items()):
            try:
                self.commands.setdefault(name, _load(plugin))
            except Exception as error:  # noqa: BLE001 - whatever a plugin does, the list is shown
                typer.echo(error_text(*_unloadable(plugin, error)), err=True)
            else:
                found.append(name)
        return list(dict.fromkeys(found))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401 - as above
        """The command of a name, or None."""
        known = super().get_command(ctx, cmd_name)
        if known is not None:
            return known
        if cmd_name in _ours():
            return self.commands.setdefault(cmd_name, typer.main.get_command(_ours()[cmd_name]))
        plugin = plugins().get(cmd_name)
        if plugin is None:
            return None
        try:
            return _load(plugin)
        except Exception as error:  # noqa: BLE001 - as above
            fail(*_unloadable(plugin, error))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - as above
        """The command that is named first, or an error that suggests one."""
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            from pbx.diagnostics.suggest import nearest

            near = nearest(name, [*_ours(), *plugins()])
            fail(f"there is no command {name}", f"did you mean {near}?" if near else "see pbx --help", exit_code=2)
        return super().resolve_command(ctx, args)


app = typer.Typer(
    cls=Commands,
    name="pbx",
    help="Checks, explains and compiles cloud PBXs on Asterisk.",
    epilog="Start with: pbx check SITE, where SITE is a folder with platform.yaml and tenants/*.yaml.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
own = typer.Typer()
"""The commands of this module."""


def _version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        from importlib.metadata import version

        typer.echo(f"centralita {version('centralita')} (Python {sys.version.split()[0]})")
        raise typer.Exit


@app.callback()
def _options(
    *,
    _version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """The options of ``pbx`` itself."""


@own.command(
    epilog="Examples:\n\npbx check lab/sites/demo\n\npbx check lab/sites/demo --format github\n\n"
    "pbx check lab/sites/demo --boot"
)
def check(
    site: SiteArgument,
    *,
    boot: Annotated[
        bool, typer.Option("--boot", help="Also start a real Asterisk with the build, and read its log.")
    ] = False,
    format: Annotated[ProblemFormat, typer.Option(help="How problems are printed.")] = ProblemFormat.FULL,  # noqa: A002
) -> None:
    """Find everything that is wrong with a site, and with the build it makes.

    Exit code 0: clean, perhaps with warnings; 1: problems; 2: wrong usage.
    """
    from pbx.cli.check import check_site

    raise typer.Exit(check_site(site, format, boot=boot))


@own.command(
    name="compile",
    epilog="Example, with the passwords that the site asks of the environment:\n\n"
    "export PBX_AMI_PASSWORD=change-me ANDINA_TRUNK=change-me\n\npbx compile lab/sites/demo -o build/demo",
)
def compile_(
    site: SiteArgument,
    output: Annotated[
        Path,
        typer.Option("--output", "-o", metavar="DIR", help="Where the build goes.", show_default=False),
    ],
    format: Annotated[TextOrJson, typer.Option(help="For people or for scripts.")] = TextOrJson.TEXT,  # noqa: A002
) -> None:
    """Write Asterisk's configuration and sounds for a site.

    The folder is replaced as a whole, or left as it is. Passwords of phones that are missing are made, and kept in the
    site's secrets.yaml. Exit code 0: written; 1: problems, and nothing was changed; 2: wrong usage.
    """
    from pbx.cli.compile import compile_to

    compile_to(site, output, format)


@own.command(
    epilog="Examples:\n\npbx trace lab/sites/demo andina --from 201 --to 202 --state 202=busy\n\n"
    "pbx trace lab/sites/demo andina --did +541152365000 --at 2026-12-24T20:00\n\n"
    "pbx trace lab/sites/demo andina --did +541152365000 --at 2026-12-22T10:00 --press 1\n\n"
    "pbx trace lab/sites/demo andina --from trunk:central_vieja --to 201"
)
def trace(  # noqa: PLR0913 - the options of a call
    site: SiteArgument,
    tenant: Annotated[str, typer.Argument(metavar="TENANT", help="The tenant's short name.", show_default=False)],
    *,
    did: Annotated[str, typer.Option(metavar="NUMBER", help="The number that is called from outside.")] = "",
    caller: Annotated[str, typer.Option(metavar="NUMBER", help="With --did: who calls.")] = "",
    from_: Annotated[
        str,
        typer.Option("--from", metavar="EXTENSION", help="The phone that calls; or trunk:NAME, by which a call comes."),
    ] = "",
    trunk: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="With --did: by which trunk the call comes; as --from trunk:NAME --to NUMBER."
        ),
    ] = "",
    to: Annotated[str, typer.Option(metavar="KEYS", help="With --from: what it dials.")] = "",
    at: Annotated[str, typer.Option(metavar="DATE", help="The tenant's local time; now unless given.")] = "",
    press: Annotated[
        list[str] | None,
        typer.Option(metavar="KEY", help="What the caller presses, in order: a key, timeout or invalid."),
    ] = None,
    state: Annotated[
        list[str] | None,
        typer.Option(
            metavar="201=busy",
            help="What a phone does: answer, busy, no_answer, unavailable or dnd; a trunk, as trunk:principal=failed: "
            "answer, busy, full or failed.",
        ),
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set", metavar="SETTING:201=VALUE", help="What a user has set by code, as forward_always:201=202."
        ),
    ] = None,
    override: Annotated[
        list[str] | None,
        typer.Option(metavar="oficina=closed", help="A schedule that somebody has forced: open or closed."),
    ] = None,
    dialplan: Annotated[
        bool, typer.Option("--dialplan", help="Also tell the lines of the build's dialplan that it runs through.")
    ] = False,
    format: Annotated[TextOrJson, typer.Option(help="For people or for scripts.")] = TextOrJson.TEXT,  # noqa: A002
) -> None:
    """Foretell where a call goes, and why.

    Exit code 0: told; 1: the tenant has problems; 2: the question makes no sense.
    """
    from pbx.cli.trace import Call, trace_call

    call = Call(
        did=did,
        caller=caller,
        from_=from_,
        trunk=trunk,
        to=to,
        at=at,
        press=tuple(press or ()),
        state=tuple(state or ()),
        override=tuple(override or ()),
        set_=tuple(set_ or ()),
        dialplan=dialplan,
    )
    trace_call(site, tenant, call, format)


@own.command(epilog="Examples:\n\npbx explain PBX003\n\npbx explain duplicate-key\n\npbx explain")
def explain(
    code: Annotated[
        str, typer.Argument(metavar="[CODE]", help="PBX003, 003 or duplicate-key; all without.", show_default=False)
    ] = "",
    format: Annotated[TextOrJson, typer.Option(help="For people or for scripts.")] = TextOrJson.TEXT,  # noqa: A002
) -> None:
    """Explain what a code of a problem means and how it is cured; without a code, list them all.

    Exit code 0: told; 2: there is no such code.
    """
    from pbx.cli.explain import list_codes, show_page

    if code:
        show_page(code, format)
    else:
        list_codes(format)
