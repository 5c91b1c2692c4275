"""What an attacker, or an unlucky name, would write; and how to see that it changed nothing but its own spelling."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pbx.bundle import Bundle

_SIGNS: Final = ";,()[]{}<>&|\"'`$\\^~!=#%*?@:/"
_WIDE: Final = "".join(chr(ord(sign) + 0xFEE0) for sign in _SIGNS)
"""The same signs in full width: compatibility normalisation (NFKC) would turn them into the real ones."""

HOSTILE: Final = (
    # Asterisk's dialplan and configuration files
    *(
        "${SHELL(touch /tmp/x)}",
        "${GLOBAL(x)}",
        "$[1+1]",
        "a${EXTEN}b",
        "x)",
        "x,1)",
        "x)\n same = n,System(id)",
        "x,y,z",
    ),
    *(
        "x;y",
        "x ; y",
        ";--",
        "--;",
        "\\;",
        "x\\",
        "\\\\",
        "\\,",
        "[general]",
        "x\n[general]\nx=y",
        "x\r\n[x]",
        "x]",
        "[x](!)",
    ),
    *(
        '#include "/etc/passwd"',
        "x\n#include x.conf",
        "#exec /bin/id",
        "x\n#exec /bin/id",
        "#tryinclude x",
        "=>",
        "x=y",
        "x=>y",
    ),
    *(
        '"',
        '" <sip:x@y>',
        "<sip:201@pbx>",
        "<>",
        "x&Local/9@all",
        "x|y",
        "x&y",
        "x^y",
        "_X.",
        "_[0-9]!",
        "s",
        "h",
        "i",
        "t",
    ),
    # a shell, paths and programs
    *(
        "`id`",
        "$(id)",
        "| id",
        "; id",
        "&& id",
        "> /tmp/x",
        "../../../etc/passwd",
        "/etc/passwd",
        "-x",
        "--help",
        "~root",
        "*",
    ),
    # templates, HTML, spreadsheets, terminals and mail
    *(
        "{{ 7*7 }}",
        "{% raw %}",
        "{# x #}",
        "{{ platform.ami_password }}",
        "%s%n",
        "%(x)s",
        "<script>alert(1)</script>",
        "&lt;",
    ),
    *(
        "=1+1",
        "@SUM(1)",
        "+1",
        "\t=x",
        "\x1b]0;x\x07",
        "\x1b[2J",
        "x\nBcc: y@z.example",
        "x%0aBcc:y",
        "a@b.example\nX: y",
    ),
    # characters that look like others, or are seen by some programs only
    *(
        "\uff1b",
        "\uff04\uff5bSHELL\uff5d",
        "\u037e",
        "\uff0c",
        "\ufe50",
        "\u2024",
        "\u201c\u201d",
        "\u02bc",
        "\ufe64x\ufe65",
    ),
    *(
        "a\u202eb",
        "\u200f",
        "\u2066x\u2069",
        "\ufeffx",
        "x\u0085[x]",
        "x\u2028[x]",
        "x\u2029y",
        "\x00",
        "x\x00y",
        "\x0b",
        "\x7f",
    ),
    *("\u0301", "e\u0301", "\u1e9e", "\u0130", "\ufb01", "\U0001f600", "\ud7ff", "\u00a0", "\u3000", "\u2003x"),
    # whole and long
    *(
        _SIGNS,
        _WIDE,
        "A" * 81,
        "x" * 5000,
        " ",
        "",
        "\n",
        "Benigno;",
        'Ana (Ventas), "la jefa"',
        "Peña & Hnos <info@x>",
    ),
)
"""Texts that must be refused in their place, or written so that no reader gives them a meaning."""

_COMMENT: Final = re.compile(r"(?:^|(?<=\s)|(?<=[^\\]));.*")
_STEP: Final = re.compile(r"(?P<head>(?:exten =>? ?[^,]+,[^,]+|same =>? ?n(?:\(\w+\))?)),(?P<rest>.*)$")
_DANGEROUS: Final = frozenset('";,()[]{}<>&|`$\\^~!=?\n\r\0')


_FOUND: Final = re.compile(r"(?P<number>[0-9]+) => ,[A-Za-z]+(?: [A-Za-z]+)*,,,attach=no(?:\|alias=[A-Za-z]+)*")
"""A person in a directory: Latin letters alone, whatever the name is; who has none of them is not there (PBX413)."""


def without_people(name: str, text: str) -> str:
    """A file as it is, but a directory without the persons in it: what their lines say depends on their letters."""
    if not name.endswith("directory.conf"):
        return text
    return "\n".join(line for line in text.split("\n") if not _FOUND.fullmatch(line))


def strangers(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """Persons of directories whose line differs, when it is more than the one whose name was changed."""
    lines = [{(name, found["number"]): line for name, line, found in _people(files)} for files in (one, other)]
    changed = [
        f"{place} is another" for place in sorted(lines[0] | lines[1]) if lines[0].get(place) != lines[1].get(place)
    ]
    return changed if len(changed) > 1 else []


def _people(files: Mapping[str, str]) -> Iterator[tuple[str, str, re.Match[str]]]:
    for name, text in files.items():
        if name.endswith("directory.conf"):
            for line in text.split("\n"):
                if found := _FOUND.fullmatch(line):
                    yield name, line, found


def structure(files: Mapping[str, str]) -> Iterator[str]:
    """What a reader of the files would do: sections, keys, includes, and each extension's priorities and applications.

    Values are left out, but for the number of an application's arguments and the names that jumps and sections have.
    """
    for name, text in files.items():
        yield f"file {name}"
        yield from _structure_of_file(name, text)


@lru_cache(maxsize=256)
def _structure_of_file(name: str, text: str) -> tuple[str, ...]:
    """Kept, for most files of a hostile build are those of the harmless one."""
    lines = without_people(name, text).split("\n")
    return tuple(each for line in lines for each in _structure_of(line))


def _structure_of(line: str) -> Iterator[str]:
    bare = _COMMENT.sub("", line).strip()
    step = _STEP.match(bare)
    if step:
        application, _, arguments = step["rest"].partition("(")
        yield f"{step['head']},{application}({arguments.count(',')} commas, {arguments.count('(')} brackets)"
    elif bare.startswith(("[", "#")):
        yield bare
    elif bare:
        key, sign, value = bare.partition("=")
        yield f"{key.strip()}{sign}{'>' if value.startswith('>') else ''} {value.count(',')} commas"


def same_structure(one: Bundle, other: Bundle) -> list[str]:
    """How two builds differ in more than the values they hold; nothing when they do not."""
    mine, theirs = list(structure(one.files)), list(structure(other.files))
    found = [f"{before}  became  {after}" for before, after in zip(mine, theirs, strict=False) if before != after]
    if len(mine) != len(theirs):
        found.append(f"{len(mine)} lines of structure became {len(theirs)}")
    found += strangers(one.files, other.files)
    if list(one.sounds) != list(other.sounds):
        found.append(f"the sounds {list(one.sounds)} became {list(other.sounds)}")
    return found


def only_the_word_changed(harmless: Bundle, hostile: Bundle, word: str) -> list[str]:
    """What differs between two builds beside the place of ``word``, and what stands there that is not safe."""
    found = same_structure(harmless, hostile)
    for name, text in harmless.files.items():
        if hostile.files.get(name) == text:
            continue
        before = without_people(name, text).split("\n")
        after = without_people(name, hostile.files.get(name, "")).split("\n")
        if len(before) != len(after):
            found.append(f"{name}: {len(before)} lines became {len(after)}")
            continue
        found += [
            f"{name}: {old!r} became {new!r}"
            for old, new in zip(before, after, strict=True)
            if old != new and not _respelled(old, new, word)
        ]
    return found


def _respelled(old: str, new: str, word: str) -> bool:
    """Whether ``new`` is ``old`` with something harmless in each place of ``word``."""
    # Blanks beside a word go when nothing is left of it.
    pieces = [re.escape(piece.strip(" ")) for piece in old.split(word)]
    match = re.fullmatch(f" *{' *(.*?) *'.join(pieces)} *", new)
    return len(pieces) > 1 and match is not None and all(map(is_harmless, match.groups()))


def is_harmless(text: str) -> bool:
    """Whether no parser of ours, after no normalisation that programs apply, gives a sign of the text a meaning."""
    return not _DANGEROUS & set(text) and all(
        unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"} for character in text
    )
