"""From views to the bundle, by Jinja templates that look like Asterisk. The only importer of jinja2."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pbx import confirmations
from pbx.asterisk.text import finalize
from pbx.bundle import Bundle, SoundRecipe
from pbx.lower import Secrets, lower
from pbx.lower.views import PlatformView
from pbx.site import Site

_PLATFORM: Final = (
    "extensions.conf",
    "indications.conf",
    "manager.conf",
    "musiconhold.conf",
    "pjsip.conf",
    "queues.conf",
    "rtp.conf",
    "voicemail.conf",
)
_TENANT: Final = ("extensions.conf", "pjsip.conf", "queues.conf", "voicemail.conf")


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
    return Bundle(dict(sorted(_texts(view))), dict(sorted(recipes.items())))


def _texts(view: PlatformView) -> Iterator[tuple[str, str]]:
    environment = _environment()
    root = template_folder()
    for path in sorted((root / "static").iterdir()):
        yield path.name, path.read_text("utf-8")
    for path in sorted((root / "lib").glob("*.conf")):
        yield f"lib/{path.name}", path.read_text("utf-8")
    for name in _PLATFORM:
        yield name, environment.get_template(f"platform/{name}.j2").render(platform=view)
    for tenant in view.tenants:
        for name in _TENANT:
            text = environment.get_template(f"tenant/{name}.j2").render(tenant=tenant, platform=view)
            yield f"tenants/{tenant.slug}/{name}", text


@cache
def template_folder() -> Path:
    """Where the templates are: beside the package in a checkout, inside it when installed from a wheel."""
    package = Path(str(files("pbx")))
    installed = package / "dialplan_templates"
    return installed if installed.is_dir() else package.parent / "dialplan_templates"


@cache
def _environment() -> Environment:
    # Not HTML: `finalize` refuses whatever the configuration files could misread, which autoescaping would not.
    return Environment(  # noqa: S701
        loader=FileSystemLoader(template_folder()),
        undefined=StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
