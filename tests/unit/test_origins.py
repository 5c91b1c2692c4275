"""Every line of a build knows what it was made of, and the marks by which it knows are nowhere in the build."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pbx.origins import LIBRARY, Origin, copied, manifest, read_manifest, separate
from tests.samples import DEMO, ROOT, TWO, build, clean, read, texts_of

MARK = "\x01{}\x02"


def marked(*pieces: str) -> str:
    """A text whose pieces in braces are marks."""
    return "".join(MARK.format(each[1:-1].replace("|", "\x1f")) if each[:1] == "{" else each for each in pieces)


def test_a_line_belongs_to_the_innermost_mark_in_which_it_begins() -> None:
    queue, none, option = "{|queues|x}", "{.}", "{|.|options|1}"
    pieces = ("a\n", queue, "b\n", none, "c", "{}", "\n", option, "d\n", "{}", "e\n", "{}", "f\n")
    text = marked(*pieces)
    plain, origins = separate(text, "t.yaml")
    assert plain == "a\nb\nc\nd\ne\nf\n"
    assert origins == (
        Origin(1, 1, "t.yaml", ()),
        Origin(2, 3, "t.yaml", ("queues", "x")),
        Origin(4, 4, "t.yaml", ("queues", "x", "options", "1")),
        Origin(5, 5, "t.yaml", ("queues", "x")),
        Origin(6, 6, "t.yaml", ()),
    )


def test_another_file_begins_and_ends() -> None:
    text = marked("a\n", "{tenants/x.yaml}", "b\n", "{}", "c")
    assert [(each.file, each.first, each.last) for each in separate(text, "p.yaml")[1]] == [
        ("p.yaml", 1, 1),
        ("tenants/x.yaml", 2, 2),
        ("p.yaml", 3, 3),
    ]


@pytest.mark.parametrize("folder", [DEMO, TWO, ROOT / "tests/golden/small/site"])
def test_every_line_has_one_origin_that_is_there(folder: Path) -> None:
    texts = texts_of(folder)
    _, documents, _ = read(texts)
    bundle = build(clean(texts))
    assert set(bundle.origins) == set(bundle.files)
    known = 0
    for name, text in bundle.files.items():
        assert not re.search("[\x01\x02]", text)
        origins = bundle.origins[name]
        expected = 1
        for each in origins:
            assert each.first == expected
            assert each.last >= each.first
            expected = each.last + 1
            if each.file.startswith(LIBRARY):
                assert (ROOT / each.file).read_text("utf-8") == text
                continue
            document = documents[each.file]
            written = each.path in document.keys or each.path in document.spans
            # A default is written nowhere: its section, or the file as a whole, is the place to write it.
            assert written or not each.path or each.path[0] in {"feature_codes", "outbound_routes"}, (name, each)
            known += bool(each.path)
        assert expected - 1 in {text.count("\n"), text.count("\n") + 1}, name
    assert known > 10


def test_lines_of_one_tenant_never_come_from_another() -> None:
    bundle = build(clean(texts_of(TWO)))
    for name, origins in bundle.origins.items():
        if name.startswith("tenants/"):
            slug = name.split("/")[1]
            assert {each.file for each in origins} <= {f"tenants/{slug}.yaml"}


def test_the_manifest_can_be_read_again_and_is_the_same_every_time() -> None:
    one, other = build(clean(texts_of(DEMO))), build(clean(texts_of(DEMO)))
    text = manifest(one.origins)
    assert text == manifest(other.origins)
    assert read_manifest(text) == {f"etc/{name}": origins for name, origins in one.origins.items()}
    assert len(text) < sum(map(len, one.files.values())) / 3


@pytest.mark.parametrize("text", ["", "[]", "{", '{"a": 1}', '{"a": [[1]]}', '{"a": [["x", 2, "f"]]}'])
def test_another_file_is_no_manifest(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        read_manifest(text)


def test_a_copied_file_comes_from_itself() -> None:
    assert copied("lib/pbx.conf", "a\nb\n") == (Origin(1, 3, "dialplan_templates/lib/pbx.conf", ()),)
