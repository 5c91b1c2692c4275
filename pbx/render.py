"""From views to the bundle, by Jinja templates that look like Asterisk. The only importer of jinja2."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, nodes

from pbx import confirmations
from pbx.asterisk.text import finalize
from pbx.bundle import Bundle, SoundRecipe
from pbx.folder import PLATFORM
from pbx.lower import Secrets, lower, wanted_secrets
from pbx.lower.views import PlatformView
from pbx.origins import Origin, begin, copied, end, separate
from pbx.site import Site

_PLATFORM: Final = (
    "confbridge.conf",
    "extensions.conf",
    "indications.conf",
    "manager.conf",
    "numbers.conf",
    "holidays.conf",
    "musiconhold.conf",
    "pjsip.conf",
    "queues.conf",
    "res_parking.conf",
    "rtp.conf",
    "minivm.conf",
    "voicemail.conf",
)
_TENANT: Final = (
    "confbridge.conf",
    "directory.conf",
    "extensions.conf",
    "pjsip.conf",
    "queues.conf",
    "res_parking.conf",
    "voicemail.conf",
)
_DIALPLAN: Final = frozenset({"extensions.conf", "holidays.conf", "numbers.conf", "pjsip.conf"})
"""What a call is led by: contexts and endpoints."""


def compile_site(site: Site, secrets: Secrets) -> Bundle:
    """The build of a checked site: the same input gives the same bytes. Raises KeyError for a missing password."""
    view = lower(site, secrets)
    recipes = {
        f"{scope.slug}/{sound.name}.wav": SoundRecipe(scope.slug, scope.tenant.language, sound.prompt)
        for scope in site.tenants.values()
        for sound in scope.own_sounds()
    }
    for name, language, prompt in confirmations.prompts(scope.tenant.language for scope in site.tenants.values()):
        recipes[name] = SoundRecipe("", language, prompt)
    made = sorted([*_texts(view), *_keys(site, secrets)], key=lambda each: each[0])
    return Bundle(
        {name: text for name, text, _ in made},
        dict(sorted(recipes.items())),
        {name: origins for name, _, origins in made},
    )


def dialplan_files(site: Site) -> dict[str, str]:
    """The dialplan of a checked site and its endpoints, with a word in the place of every password."""
    generated, referred = wanted_secrets(site)
    view = lower(site, dict.fromkeys((*generated, *map(str, referred)), "unknown"))
    return {name: text for name, text, _ in _texts(view, _DIALPLAN)}


def _keys(site: Site, secrets: Secrets) -> Iterator[tuple[str, str, tuple[Origin, ...]]]:
    """The certificate and its key, below the folder of the configuration, where only Asterisk reads them."""
    tls = site.platform.tls
    for name, reference in (("pbx.crt", tls.certificate), ("pbx.key", tls.key)) if tls else ():
        text = secrets[str(reference)]
        yield f"keys/{name}", text, copied(reference.name, text)


def _texts(view: PlatformView, wanted: frozenset[str] | None = None) -> Iterator[tuple[str, str, tuple[Origin, ...]]]:
    """Every file by name, with its text and where its lines come from; only such as have a ``wanted`` bare name."""
    environment = _environment()
    root = template_folder()
    for path in sorted((root / "static").iterdir()):
        text = path.read_text("utf-8")
        yield path.name, text, copied(f"static/{path.name}", text)
    for path in sorted((root / "lib").glob("*.conf")):
        text = path.read_text("utf-8")
        yield f"lib/{path.name}", text, copied(f"lib/{path.name}", text)
    for name in (each for each in _PLATFORM if wanted is None or each in wanted):
        text = environment.get_template(f"platform/{name}.j2").render(platform=view)
        yield name, *separate(text, PLATFORM)
    for tenant in view.tenants:
        for name in (each for each in _TENANT if wanted is None or each in wanted):
            text = environment.get_template(f"tenant/{name}.j2").render(tenant=tenant, platform=view)
            yield f"tenants/{tenant.slug}/{name}", *separate(text, f"tenants/{tenant.slug}.yaml")


@cache
def template_folder() -> Path:
    """Where the templates are: beside the package in a checkout, inside it when installed from a wheel."""
    package = Path(str(files("pbx")))
    installed = package / "dialplan_templates"
    return installed if installed.is_dir() else package.parent / "dialplan_templates"


class _Marking(Environment):
    """Marks where an element of each loop begins and ends, so that no template need say where its lines come from."""

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        template = super()._parse(source, name, filename)
        for loop in template.find_all(nodes.For):
            if isinstance(loop.target, nodes.Name):
                loop.body = [_call("begin", loop.target.name), *loop.body, _call("end", loop.target.name)]
        return template


def _call(what: str, argument: str) -> nodes.Output:
    function, given = nodes.Name(f"origin_{what}", "load"), nodes.Name(argument, "load")
    return nodes.Output([nodes.Call(function, [given], [], None, None)])


@cache
def _environment() -> Environment:
    # Not HTML: `finalize` refuses whatever the configuration files could misread, which autoescaping would not.
    environment = _Marking(
        loader=FileSystemLoader(template_folder()),
        undefined=StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.globals |= {"origin_begin": begin, "origin_end": end}
    return environment
