"""Texts in the encodings that people's files have."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rag.errors import UnreadableFile
from rag.text.encoding import decode

CAFE = "Café Owners Protest\n\nThe café owners of Besançon will not pay, said Zoë Müller.\n"
QUOTED = "The mayor said “we will not pay” – and she isn’t alone…\n"
TEXTS = {
    "plain accents": (CAFE, "windows-1252 latin-1 mac-roman cp437 cp850"),
    "quotes": (QUOTED, "windows-1252 mac-roman"),
    "money": ("The fee is £5 million, or €6 million.\n", "windows-1252 iso-8859-15"),
    "degrees": ("It was 20° in the port, José said.\n", "windows-1252 mac-roman"),
    "late": ("The owners met again. " * 9000 + "Müller left.\n", "windows-1252 mac-roman"),
    "German": ("Die Straße führt über Köln; Ärger gibt es über die Höhe.\n", "latin-1 mac-roman cp850"),
    "Danish": ("Havnen i Århus lukkes før foråret, og færgen sejler.\n", "windows-1252 mac-roman"),
    "Polish": ("Zakład w Łodzi zostanie zamknięty, powiedział.\n", "windows-1250 iso-8859-2"),
    "Czech": ("Ministerstvo řeklo, že přístav bude uzavřen až do jara.\n", "windows-1250"),
    "Turkish": ("Bakanlık, limanın kapalı olacağını söyledi, dedi Şahin.\n", "windows-1254"),
    "Russian": ("Министерство сообщило, что порт закрыт.\n", "windows-1251 koi8-r ibm866 iso-8859-5"),
    "Greek": ("Το υπουργείο ανακοίνωσε ότι το λιμάνι θα μείνει κλειστό.\n", "windows-1253"),
    "Hebrew": ("המשרד הודיע כי הנמל ייסגר עד האביב.\n", "windows-1255"),
    "Chinese": ("该部周四表示，港口将关闭维修直至春季。\n", "gbk gb18030"),
    "Taiwanese": ("該部週四表示，港口將關閉維修直至春季。\n", "big5"),
    "Japanese": ("港は春まで閉鎖されると発表した。\n", "shift_jis euc-jp iso-2022-jp"),
    "Korean": ("항구가 봄까지 수리를 위해 폐쇄될 것이라고 밝혔다.\n", "euc-kr"),
}  # fmt: skip
WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        pytest.param(text, encoding, id=f"{name} in {encoding}")
        for name, (text, encodings) in TEXTS.items()
        for encoding in encodings.split()
    ],
)
def test_legacy_encodings(text, encoding):
    assert decode(text.encode(encoding)).text == text


@pytest.mark.parametrize("text", [text for text, _ in TEXTS.values()], ids=TEXTS)
@pytest.mark.parametrize("encoding", ["utf-8", *WIDE])
def test_unicode_encodings_with_and_without_a_mark(text, encoding):
    assert decode(text.encode(encoding)) == (text, encoding, 0)
    assert decode(f"\ufeff{text}".encode(encoding)) == (text, encoding, 0)


@pytest.mark.parametrize("bad", [b"\xe9", b"\xff", b"\x93", b"\xe2\x80", b"\xc3("])
def test_damaged_utf8_is_read_and_the_damage_counted(bad):
    text, encoding, damaged = decode(CAFE.encode() + b"A stray " + bad + b" here.\n")
    assert text.startswith(f"{CAFE}A stray \ufffd")
    assert (encoding, damaged) == ("utf-8", 1)
    assert decode(CAFE.encode()[:-6] + b"M\xc3") == (f"{CAFE[:-6]}M\ufffd", "utf-8", 1)


def test_a_hint_counts_only_where_the_bytes_are_not_utf8():
    greek = "Ηλ.".encode("windows-1253")
    assert decode(greek, "windows-1253").text == "Ηλ."
    assert decode(CAFE.encode(), "windows-1253").text == CAFE
    assert decode(QUOTED.encode("cp1252"), "iso-8859-1").text == QUOTED  # as browsers do
    for useless in ("utf-8", "us-ascii", "rot13", "no such", "\0", "unicode_escape"):
        assert decode(CAFE.encode("cp1252"), useless).text == CAFE


@given(data=st.binary(min_size=200))
def test_binary_data_is_rejected(data):
    assume(sum(byte > 127 or byte < 9 for byte in data) > len(data) / 2)
    try:
        text = decode(data).text
    except UnreadableFile:
        return
    assert "\0" not in text


@pytest.mark.parametrize("data", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"a\0b", bytes(range(256)) * 4,
    bytes(range(1, 256)) * 4, b"\xff\xd8\xff\xe0\0\x10JFIF", b"\xff\xfe\0"])  # fmt: skip
def test_known_binary_data_is_rejected(data):
    with pytest.raises(UnreadableFile, match=r"binary|encoding|damaged"):
        decode(data)
