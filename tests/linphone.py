"""Linphone's reading of its remote provisioning, as its source does it."""

from __future__ import annotations

from typing import Final
from xml.etree import ElementTree as ET

_SPACE: Final = "{http://www.linphone.org/xsds/lpconfig.xsd}"
DOCUMENTED: Final = {
    "misc": {"transient_provisioning"},
    "sip": {"default_proxy"},
    "auth_info_0": {"username", "userid", "passwd", "ha1", "realm", "domain", "algorithm"},
    "proxy_0": {"reg_identity", "reg_proxy", "reg_route", "reg_sendregister", "reg_expires", "realm"},
}
"""Keys that liblinphone reads (its page "Provisioning configuration keys", auth-info.cpp, remote_provisioning.c)."""


def settings_of(text: str) -> dict[str, dict[str, str]]:
    """Sections with their entries, by liblinphone's xml2lpc.c: what it would pass over is refused."""
    root = ET.fromstring(text.encode())
    assert root.tag == f"{_SPACE}config"
    found: dict[str, dict[str, str]] = {}
    for section in root:
        assert (section.tag, set(section.attrib)) == (f"{_SPACE}section", {"name"})
        entries = found.setdefault(section.attrib["name"], {})
        for entry in section:
            assert (entry.tag, set(entry.attrib)) == (f"{_SPACE}entry", {"name", "overwrite"})
            assert entry.attrib["overwrite"] == "true", "what Linphone has already would win"
            assert len(entry) == 0
            entries[entry.attrib["name"]] = entry.text or ""
    return found
