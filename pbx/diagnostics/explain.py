"""The page of a code."""

from __future__ import annotations

from importlib import resources

from pbx.diagnostics.codes import CODES
from pbx.diagnostics.suggest import nearest


class UnknownCodeError(LookupError):
    """There is no such code; the text of the error says so in the user's words."""


def explain(code: str) -> str:
    """The page of a code, in Markdown. Takes ``PBX301``, ``pbx301``, ``301`` or ``unknown-destination``.

    Raises ``UnknownCodeError`` when there is no such code.
    """
    found = find(code)
    if found is None:
        slugs = {known.slug for known in CODES.values()}
        guess = nearest(code.upper(), CODES) or nearest(code.lower(), slugs)
        cure = f"did you mean {guess}?" if guess else "codes look like PBX301"
        message = f"there is no code {code!r}; {cure}"
        raise UnknownCodeError(message)
    return (resources.files("pbx.diagnostics") / "docs" / f"{found}.md").read_text(encoding="utf-8")


def find(code: str) -> str | None:
    """The id of a code given in any of its spellings, or None."""
    wanted = code.strip()
    for known in CODES.values():
        if wanted.upper() in {known.id, known.id.removeprefix("PBX")} or wanted.lower() == known.slug:
            return known.id
    return None
