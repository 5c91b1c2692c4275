"""The outline of Asterisk's documentation: all that it needs to boot, in a third of the time.

Asterisk looks up each application, function, action and option as it is registered, in a tree of 1.6 MB, and refuses
an option without an entry (``main/config_options.c``); texts and examples are for people who ask its console.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

_LOOKED_UP: Final = frozenset({"application", "function", "manager", "agi"})
"""What must have an entry that is not empty (``main/xmldoc.c``, ``xmldoc_get_node``)."""
_OPTIONS: Final = frozenset({"configInfo", "configFile", "configObject", "configOption"})
"""What must be there by its name."""


@functools.cache
def outline(folder: Path) -> Mapping[str, str]:
    """The outlines of the documents of a folder, by their file names; a document that cannot be read has none."""
    found = {}
    for path in sorted(folder.glob("core-*.xml")):
        try:
            document = ET.parse(path)  # noqa: S314 - Asterisk's own file
        except (OSError, ET.ParseError):
            continue
        root = document.getroot()
        for entry in list(root):
            if entry.tag in _LOOKED_UP:
                _empty(entry)
                ET.SubElement(entry, "synopsis")
            elif entry.tag not in _OPTIONS:
                root.remove(entry)
        for entry in root.iter():
            if entry.tag in _OPTIONS:
                _empty(entry, _OPTIONS)
        found[path.name] = ET.tostring(root, encoding="unicode")
    return found


def _empty(entry: ET.Element, keep: frozenset[str] = frozenset()) -> None:
    """Take the text of an entry away, and its children but those of some kinds."""
    entry.text = entry.tail = None
    for child in list(entry):
        if child.tag not in keep:
            entry.remove(child)
