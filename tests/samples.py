"""Sites for tests: read from a folder, or written on the spot."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from pbx.check import check
from pbx.folder import CustomerFile, SiteFiles, read_folder
from pbx.load import load
from pbx.lower import wanted_secrets
from pbx.render import compile_site

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pbx.bundle import Bundle
    from pbx.diagnostics import Diagnostic
    from pbx.document import Document
    from pbx.site import Site, TenantScope

ROOT = Path(__file__).resolve().parents[1]
DEMO = ROOT / "lab" / "sites" / "demo"
TWO = ROOT / "tests" / "golden" / "two" / "site"
"""Two tenants: ``andina`` has everything this version compiles; ``and`` has a name that begins like it."""


class _Everything(frozenset[str]):
    """A folder that holds whatever is looked for."""

    __slots__ = ()

    def __contains__(self, _name: object) -> bool:
        return True


def texts_of(folder: Path) -> dict[str, str]:
    """The YAML of a site, by name as shown."""
    files, problems = read_folder(folder)
    assert files is not None, problems
    lists = {f"tenants/{slug}/{name}": each.data for slug, own in files.lists.items() for name, each in own.items()}
    return {name: data.decode() for name, data in {**files.texts, **lists}.items()}


def site_files(texts: Mapping[str, str | bytes], recordings: Callable[[str], frozenset[str]]) -> SiteFiles:
    """The files of a site given as texts by name; ``tenants/andina/internos.csv`` is a list of that tenant."""
    data = {name: text if isinstance(text, bytes) else text.encode("utf-8", "replace") for name, text in texts.items()}
    lists: dict[str, dict[str, CustomerFile]] = {}
    for name in [each for each in data if each.lower().endswith(".csv")]:
        path = PurePosixPath(name)
        lists.setdefault(path.parent.name, {})[path.name] = CustomerFile(data.pop(name))
    return SiteFiles(Path(), data, {slug: recordings(slug) for slug in map(_stem, data)}, lists)


def _stem(name: str) -> str:
    return PurePosixPath(name).stem


def read(texts: Mapping[str, str | bytes]) -> tuple[Site | None, dict[str, Document], list[Diagnostic]]:
    """Load and check a site given as texts. Recordings are there for whoever names them."""
    site, documents, problems = load(site_files(texts, lambda _slug: _Everything()))
    return site, documents, problems if site is None else [*problems, *check(site)]


def clean(texts: Mapping[str, str | bytes]) -> Site:
    """A site without errors, or the test fails."""
    site, _, problems = read(texts)
    assert site is not None, problems
    assert [each for each in problems if each.severity == "error"] == []
    return site


def tenant(folder: Path, slug: str) -> TenantScope:
    """One tenant of a site that has no errors."""
    return clean(texts_of(folder)).tenants[slug]


def build(site: Site) -> Bundle:
    """Compile with passwords that are obviously made up."""
    generated, referred = wanted_secrets(site)
    secrets = {name: f"secret-of-{name.replace('/', '-')}" for name in generated}
    secrets |= {str(reference): f"secret-of-{reference.name}" for reference in referred}
    return compile_site(site, secrets)
