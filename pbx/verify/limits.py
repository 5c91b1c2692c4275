"""How long things may be in Asterisk 22; what is longer is cut off without a word, or the line is ignored."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from pbx.diagnostics import Diagnostic
from pbx.verify.text import Place, wrong
from pbx.verify.words import cut

NAME: Final = 79
"""Contexts, extensions (include/asterisk/channel.h: AST_MAX_CONTEXT, AST_MAX_EXTENSION), sections of any file
(main/config.c: ``ast_category.name``), music classes (MAX_MUSICCLASS), a mailbox, its name and its PIN
(apps/app_voicemail.c: ``ast_vm_user``): 80 with the final NUL."""
ENDPOINT: Final = 79 - len("PJSIP/") - len("-00000000")
"""A channel is called ``PJSIP/<endpoint>-%08x`` (channels/chan_pjsip.c) and takes 79 (AST_CHANNEL_NAME)."""
TONE_ZONE: Final = 15
"""include/asterisk/indications.h: MAX_TONEZONE_COUNTRY."""
LANGUAGE: Final = 39
"""include/asterisk/channel.h: MAX_LANGUAGE."""
LINE: Final = 8190
"""Bytes of a line: ``char buf[8192]`` holds it with its newline and NUL (main/config.c)."""
VARIABLE: Final = 4095
"""What stands in one ``${…}`` or ``$[…]`` (main/pbx_variables.c: VAR_BUF_SIZE)."""
INCLUDES: Final = 511
"""Contexts that one context includes (main/pbx.c: the search keeps a stack of AST_PBX_MAX_STACK, 512 with itself)."""


def too_long(place: Place, what: str, name: str, most: int) -> Iterator[Diagnostic]:
    """A mistake when a name is longer than Asterisk keeps."""
    if len(name.encode()) > most:
        shown = f"{name[:40]}…"
        message = f"{what} {shown} takes {len(name.encode())} bytes, and Asterisk keeps {most}"
        yield wrong("PBX616", place, message, "Asterisk would cut it off, and nothing would lead there")


def long_lines(files: Mapping[str, str]) -> Iterator[Diagnostic]:
    """Lines that Asterisk would not read."""
    for name, text in files.items():
        if len(text) <= LINE // 4:
            continue
        for number, line in enumerate(text.split("\n"), start=1):
            if len(line) > LINE // 4 and len(line.encode()) > LINE:
                message = f"this line takes {len(line.encode())} bytes, and Asterisk reads {LINE}"
                yield wrong("PBX616", Place(name, number), message, "Asterisk would ignore the line")


def long_variables(step: str) -> Iterator[str]:
    """What is said of variables and expressions of a step that Asterisk would cut off."""
    if len(step) <= VARIABLE // 4:
        return
    for piece in cut(step):
        if piece.startswith("$") and len(piece.encode()) > VARIABLE:
            yield f"an expression takes {len(piece.encode())} bytes, and Asterisk reads {VARIABLE}"
