"""Text that is safe to write into Asterisk's configuration.

The template environment refuses every value that is not vouched for here: escaping is nobody's memory.
"""

from __future__ import annotations

import re
import unicodedata

_PLAIN = re.compile(r"[\w .'+*#@/:-]*")
_NOT_PLAIN = re.compile(r"[^\w .'+*#@/:-]")
"""Letters of any script, digits and signs that no configuration parser and no dialplan expression gives a meaning."""


class UnsafeTextError(Exception):
    """A template was given text that nobody vouched for: a mistake of ours, never the user's."""


class Verbatim(str):
    """Text whose writer vouches for it: patterns, jumps and values made by :mod:`pbx.lower`; one line."""

    __slots__ = ()


def plain(text: str) -> str:
    """What people call something, without the signs Asterisk gives a meaning, such as ``; " < > $ , ( )``."""
    composed = unicodedata.normalize("NFC", text)
    return " ".join(_NOT_PLAIN.sub(" ", composed).split())


def value(text: str) -> Verbatim:
    """A value to the right of ``key =``: a semicolon would start a comment (main/config.c) and is escaped.

    Raises :class:`UnsafeTextError` for text that does not fit one line.
    """
    if any(ord(character) < ord(" ") or ord(character) == 0x7F for character in text):  # noqa: PLR2004 - DEL
        raise UnsafeTextError(repr(text))
    return Verbatim(text.replace(";", "\\;"))


def finalize(given: object) -> str:
    """What Jinja calls for every ``{{ … }}``; raises :class:`UnsafeTextError` for anything not vouched for."""
    if isinstance(given, bool) or given is None:
        raise UnsafeTextError(f"{given!r} has no spelling")
    if isinstance(given, int):
        return str(given)
    if isinstance(given, Verbatim) and "\n" not in given and "\r" not in given:
        return str(given)
    if isinstance(given, str) and not isinstance(given, Verbatim) and _PLAIN.fullmatch(given):
        return given
    raise UnsafeTextError(repr(given))
