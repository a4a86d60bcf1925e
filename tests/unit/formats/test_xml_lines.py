"""XML is read with its lines, and a file can neither grow nor reach for another one."""

import pytest

from palimpsest.formats.xml_lines import read_xml
from palimpsest.runtime.errors import UserError


@pytest.fixture
def read(tmp_path):
    def write(content):
        path = tmp_path / "a.xml"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_xml(path)

    return write


def test_elements_know_their_line(read):
    root = read('<?xml version="1.0"?>\n<a>\n<b x="1">t</b>\n\n<c/></a>')
    assert [(child.tag, child.line) for child in root] == [("b", 3), ("c", 5)]
    assert root[0].text == "t" and root[0].get("x") == "1"


def test_an_ampersand_may_stand_for_itself(read):
    root = read('<a x="A&B &amp; &#67;"><![CDATA[D & &amp;]]> E &lt; F & G</a>')
    assert root.get("x") == "A&B & C" and root.text == "D & &amp; E < F & G"


def test_the_encoding_is_the_declared_one(read):
    content = '<?xml version="1.0" encoding="iso-8859-1"?><a>caf\xe9</a>'
    assert read(content.encode("latin-1")).text == "caf\xe9"


def test_an_encoding_that_the_file_does_not_say_is_asked_for(tmp_path):
    path = tmp_path / "a.xml"
    path.write_bytes("<a>caf\xe9\u2019s &amp; B & C</a>".encode("cp1252"))
    with pytest.raises(UserError, match="invalid token.; it is not UTF-8: name .* `encoding`"):
        read_xml(path)
    assert read_xml(path, "cp1252").text == "caf\xe9\u2019s & B & C"


@pytest.mark.parametrize(
    "content",
    [
        '<!DOCTYPE a [<!ENTITY b "bbb">]>\n<a>&b;</a>',
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]>\n<a>&b;</a>',
        '<!DOCTYPE a [<!ENTITY % b "c">]>\n<a/>',
    ],
)
def test_entities_of_a_file_are_refused(read, content):
    with pytest.raises(UserError, match=r"a\.xml:1: declares an entity"):
        read(content)


@pytest.mark.parametrize("content", ["", "text", "<a>", "<a></b>", "<a>\0</a>", b"<a>\xff</a>"])
def test_what_is_no_xml_is_named_with_its_line(read, content):
    with pytest.raises(UserError, match=r"a\.xml:1: expected XML: "):
        read(content)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UserError, match=r"gone\.xml: cannot be read"):
        read_xml(tmp_path / "gone.xml")
