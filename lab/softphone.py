"""What the softphone Linphone reads from the address in a QR code, and the QR code.

Linphone takes the text of a code for a web address (its Android application, ``QrCodeViewModel.kt``), fetches it, and
merges the sections of the XML file into its own settings (liblinphone, ``remote_provisioning.c`` and ``xml2lpc.c``; the
keys are those of ``provisioning_configuration_key`` of its documentation). Others have nothing of the kind that works
without an account with their maker: Zoiper wants codes of its own portal (oem.zoiper.com), Acrobits a Cloud ID.
"""

from __future__ import annotations

import io
from typing import Final
from xml.sax.saxutils import escape

import segno

_QUIET_ZONE: Final = 4
"""Modules of margin that a reader may expect (ISO/IEC 18004, 5.3.8)."""
_LINPHONE: Final = """<?xml version="1.0" encoding="UTF-8"?>
<config xmlns="http://www.linphone.org/xsds/lpconfig.xsd">
  <section name="misc">
    <entry name="transient_provisioning" overwrite="true">1</entry>
  </section>
  <section name="sip">
    <entry name="default_proxy" overwrite="true">0</entry>
  </section>
  <section name="auth_info_0">
    <entry name="username" overwrite="true">{user}</entry>
    <entry name="passwd" overwrite="true">{password}</entry>
    <entry name="realm" overwrite="true">{realm}</entry>
    <entry name="domain" overwrite="true">{host}</entry>
  </section>
  <section name="proxy_0">
    <entry name="reg_proxy" overwrite="true">&lt;sip:{server};transport=udp&gt;</entry>
    <entry name="reg_identity" overwrite="true">"{name}" &lt;sip:{user}@{host}&gt;</entry>
    <entry name="reg_sendregister" overwrite="true">1</entry>
    <entry name="reg_expires" overwrite="true">600</entry>
    <entry name="realm" overwrite="true">{realm}</entry>
  </section>
</config>
"""
"""``transient_provisioning``: once is enough, else it would be fetched at every start, also when the demo is over."""


def linphone(user: str, password: str, *, realm: str, server: str, name: str) -> str:
    """Linphone's settings for one account that registers at ``server``, a host and its port."""
    host, _, _ = server.rpartition(":")
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')  # a quoted-string of RFC 3261, 25.1
    known = {"user": user, "password": password, "realm": realm, "server": server, "host": host, "name": quoted}
    return _LINPHONE.format(**{key: escape(text) for key, text in known.items()})


def qr_code(text: str) -> str:
    """A QR code as text for a terminal with a dark background: each character is two modules, one above the other."""
    picture = io.StringIO()
    segno.make(text, error="l").terminal(out=picture, compact=True, border=_QUIET_ZONE)
    return picture.getvalue()
