"""The outline of Asterisk's documentation."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from lab.engine import Installation, InstanceSpec
from lab.engine.documentation import outline
from lab.engine.tree import write_tree

DOCUMENT = """<?xml version="1.0"?>
<docs>
 <application name="Dial" language="en_US" module="app_dial"><synopsis>Call.</synopsis><description><para>Long.</para>
 </description></application>
 <function name="HASH" language="en_US"><synopsis>Of pairs.</synopsis></function>
 <managerEvent name="Hangup" language="en_US"><managerEventInstance/></managerEvent>
 <module language="en_US" name="app_dial"><support_level>core</support_level></module>
 <configInfo name="res_pjsip" language="en_US"><synopsis>SIP.</synopsis><configFile name="pjsip.conf">
  <configObject name="endpoint"><synopsis>A phone.</synopsis><description>Long.</description>
   <configOption name="allow" default="none"><synopsis>Codecs.</synopsis></configOption></configObject>
 </configFile></configInfo>
</docs>
"""


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    data = tmp_path / "shipped"
    (data / "documentation").mkdir(parents=True)
    (data / "documentation" / "core-en_US.xml").write_text(DOCUMENT)
    return Installation("embedded", "22", ("asterisk",), None, tmp_path, data, {})


def test_whatever_asterisk_looks_up_has_an_entry_and_nobodys_texts_are_there(installation: Installation) -> None:
    root = ET.fromstring(outline(installation.data / "documentation")["core-en_US.xml"])
    assert [(each.tag, each.get("name")) for each in root] == [
        ("application", "Dial"),
        ("function", "HASH"),
        ("configInfo", "res_pjsip"),
    ]
    assert all(len(each) for each in root)  # an entry without a child is none (xmldoc_get_node)
    option = root.find("configInfo/configFile/configObject/configOption")
    assert option is not None
    assert option.attrib == {"name": "allow", "default": "none"}
    assert "".join(root.itertext()).strip() == ""


@pytest.mark.parametrize("detached", [False, True])
def test_who_goes_on_without_us_has_the_whole_documentation(
    installation: Installation, tmp_path: Path, *, detached: bool
) -> None:
    spec = InstanceSpec("pbx", tmp_path / "pbx", {}, ("127.0.71.10", 5038), detached=detached)
    documentation = write_tree(spec, installation).data / "documentation" / "core-en_US.xml"
    assert ("Long." in documentation.read_text()) is detached


def test_a_document_that_cannot_be_read_is_taken_as_it_is(installation: Installation, tmp_path: Path) -> None:
    (installation.data / "documentation" / "core-en_US.xml").write_text("<docs>")
    spec = InstanceSpec("pbx", tmp_path / "pbx", {}, ("127.0.71.10", 5038))
    documentation = write_tree(spec, installation).data / "documentation"
    assert documentation.resolve() == installation.data / "documentation"
