from pathlib import Path

import pytest

from aiotalonone.cli.rows import InvalidRow, open_rows

QUOTE = "a quote is not closed, or inside of a cell without being doubled"
TOO_LONG = "a cell has more than 131,072 characters, or its quote is not closed"
NOT_CSV = "the row is not CSV: ',' expected after '\"'"
NO_HEADER = "its first line seems to be a row, and must have the names of the columns"
NOT_UTF8 = "the row is not UTF-8: --encoding cp1252 may read it"


def read(content, **options):
    """Return the rows of a CSV file: the good ones, and the positions and messages of the others."""
    path = Path("rows.csv")
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    rows = list(open_rows(path, **options).read())
    good = [list(row.values()) for row in rows if not isinstance(row, InvalidRow)]
    return good, {position: row.message for position, row in enumerate(rows) if isinstance(row, InvalidRow)}


@pytest.mark.parametrize(
    ("content", "good", "invalid"),
    [
        ('id,n\n1,a\n2,"b" c\n3,d\n', [["1", "a"], ["3", "d"]], {1: NOT_CSV}),
        ('id,n\n1,a\n2,"b\n3,d\n', [["1", "a"], ["3", "d"]], {1: QUOTE}),
        ('id,n\n1,a\n2,"b', [["1", "a"]], {1: QUOTE}),
        ('id,n\n1,"a\n2,b\n3,"c"\n4,d\n', [["2", "b"], ["3", "c"], ["4", "d"]], {0: QUOTE}),
        ('id,n\n1,"a\n2,"b\n3,c\n', [["3", "c"]], {0: QUOTE, 1: QUOTE}),
        ('id,n,m\n1,"a,x\n2,b,x\n3,"c,x\n4,d,x\n', [["2", "b", "x"], ["4", "d", "x"]], {0: QUOTE, 2: QUOTE}),
        ('id,n\n1,"say "hi"\nso, well\nbye"\n2,b\n', [["2", "b"]], {0: QUOTE}),
        ('id,n\n1,"say "hi"\nso, well\nhe said ""bye"""\n2,b\n', [["2", "b"]], {0: QUOTE}),
        ('id,n\n1,"a\nb"\n2,"c" d\n3,"e\nf"\n', [["1", "a\nb"], ["3", "e\nf"]], {1: NOT_CSV}),
        ('id,n\r1,a\r2,"b" c\r3,d\r', [["1", "a"], ["3", "d"]], {1: NOT_CSV}),
        ("id,n\n1," + 200_000 * "x" + "\n2,b\n", [["2", "b"]], {0: TOO_LONG}),
        ('id,n\n1,"' + 20_000 * "hello, you\n" + '"\n2,b\n', [["2", "b"]], {0: TOO_LONG}),
        ("id,n\n1," + 2_000_000 * "x," + "\n2,b\n", [["2", "b"]], {0: "the line has more than 1,048,576 characters"}),
        (b"id,n\n1,\xc3\xbc\n2,\xfc\n3,c\n", [["1", "ü"], ["3", "c"]], {1: NOT_UTF8}),
        (b'id,n\n1,"\xfc\na"\n2,"b"\n', [["2", "b"]], {0: NOT_UTF8}),
        (b'id,n\n1,"\xfc" a\n2,b\n', [["2", "b"]], {0: NOT_UTF8}),
    ],
)
def test_broken_row_is_one_reject(content, good, invalid):
    """A row that cannot be read is invalid at its position, and the rows after it are read, none made of its rest."""
    assert read(content) == (good, invalid)


@pytest.mark.parametrize("row", [0, 999, 2000, 4998])
def test_unclosed_quote_takes_no_other_row(row):
    """An unclosed quote costs its own row alone, wherever it is in a large file."""
    lines = [f"{n},{chr(34) if n == row else ''}Customer {n},{n}\n" for n in range(5000)]
    good, invalid = read("id,n,m\n" + "".join(lines))
    assert invalid == {row: QUOTE}
    assert [cells[0] for cells in good] == [str(n) for n in range(5000) if n != row]


def test_unclosed_quotes_take_time_in_proportion():
    """Thousands of unclosed quotes are a reject each, without reading the file again for each."""
    good, invalid = read("id,n,m\n" + "".join(f'{n},"a,b\n{n},a,b\n' for n in range(5000)))
    assert (len(good), len(invalid)) == (5000, 5000)


def test_invalid_row_has_its_text():
    """A row that cannot be read has its text, in which bad bytes are replaced, so that it can be found."""
    path = Path("rows.csv")
    path.write_bytes(b'id,n\n1,"b" c\n2,\xfc\n')
    first, second = open_rows(path).read()
    assert (first.content, second.content) == ({"line": '1,"b" c'}, {"id": "2", "n": "\ufffd"})


@pytest.mark.parametrize(
    ("content", "options"),
    [
        ("id;n\n1;a,b\n", {"delimiter": ";"}),
        ("id\tn\n1\ta,b\n", {"delimiter": "\t"}),
        ("sep=;\nid;n\n1;a,b\n", {}),
        ("\ufeffSEP=|\r\nid|n\r\n1|a,b\r\n", {}),
        ("id,n\n1,ü\n".encode("cp1252"), {"encoding": "cp1252"}),
        ("id,n\n1,ü\n".encode("utf-16"), {"encoding": "utf-16"}),
        *(("id,n\n1,ü\n".encode("utf-8-sig"), {"encoding": name}) for name in ("utf8", "U8", "cp65001", "utf-8-sig")),
        ("\ufeffid,n\n1,ü\n".encode("utf-16-le"), {"encoding": "utf-16-le"}),
    ],
)
def test_delimiter_and_encoding(content, options):
    """Other delimiters and encodings are read if an option names them, and a delimiter if the first line does.

    A byte order mark is not a part of the first name.
    """
    assert read(content, **options) == ([["1", "ü" if isinstance(content, bytes) else "a,b"]], {})
    assert [column.name for column in open_rows(Path("rows.csv"), **options).columns()] == ["id", "n"]


@pytest.mark.parametrize(
    ("header", "hint"),
    [
        ("id;n", "its delimiter seems to be another one: --delimiter ';'"),
        ("n\tid\tm", "its delimiter seems to be another one: --delimiter tab"),
        ("n| id ", "its delimiter seems to be another one: --delimiter '|'"),
        ("number;n", ""),
        ("number", ""),
        ("number,name", ""),
        ("id,2026", ""),
        *(
            (f"c-1,{cell},Ada", NO_HEADER)
            for cell in ("3", "-1.5", "2026-08-01", "2026-08-01T12:00:00Z", "a@b.example")
        ),
    ],
)
def test_hint_names_what_is_wrong_with_the_header(header, hint):
    """If another delimiter would give the column, the hint is the option for that, or that the header is missing."""
    Path("rows.csv").write_text(header + "\n1\n")
    assert open_rows(Path("rows.csv")).hint("id") == hint


def test_hint_names_the_comma():
    """If another delimiter was named than the file has, the hint is the comma."""
    Path("rows.csv").write_text("id,n\n1,a\n")
    assert open_rows(Path("rows.csv"), delimiter="\t").hint("id").endswith("--delimiter ','")


@pytest.mark.parametrize(
    ("encoding", "bad"),
    [
        ("cp1252", b"\x81"),
        ("ascii", b"\xfc"),
        ("shift_jis", b"\xfc\xfc"),
        ("utf-16-le", b"\x00\xd8"),
        ("utf-32-le", b"\x00\x00\x11\x00"),
        ("utf-7", b"+!"),
        ("utf-7", b"+2AA-"),
        ("unicode_escape", rb"\ud800"),
    ],
)
def test_bad_byte_of_any_encoding_is_one_reject(encoding, bad):
    """A byte that is not of the encoding that was named is a reject of its row, whichever encoding it is."""
    before, after = ("id,n\n1,a\n2,".encode(encoding), "\n3,c\n".encode(encoding))
    good, invalid = read(before + bad + after, encoding=encoding)
    assert good == [["1", "a"], ["3", "c"]]
    assert invalid == {1: f"the row is not {encoding}: is --encoding right?"}


def test_text_that_ends_within_a_character_is_one_reject():
    """A file of UTF-16 that ends within a character is read up to its last row, which is a reject."""
    good, invalid = read("id,n\n1,a\n2,b".encode("utf-16")[:-1], encoding="utf-16")
    assert (good, list(invalid)) == ([["1", "a"]], [1])


def test_rows_are_counted_after_the_separator_line():
    """With a line that names the delimiter, the first row is row 3 of the file."""
    Path("rows.csv").write_text("sep=;\nid;n\n1;a\n")
    rows = open_rows(Path("rows.csv"))
    assert rows.first_row_number == 3
    assert list(rows.notices) == ["The first line, 'sep=;', says what separates the cells."]


def test_blanks_in_the_header_are_trimmed_and_told():
    """Blanks around the names of columns are removed, and a notice names these columns."""
    Path("rows.csv").write_text("id, Name ,Tier\n1,a,b\n")
    rows = open_rows(Path("rows.csv"))
    assert list(rows.read()) == [{"id": "1", "Name": "a", "Tier": "b"}]
    assert list(rows.notices) == ["Blanks around the names of columns are removed: Name."]


def test_failed_row_is_not_blamed_for_the_rows_after_it():
    """A quote that is not closed is the reason of its own row, even if rows after it are invalid for other reasons."""
    content = b'id,n\n1,"a\n2,b\n3,\xfc\n4,' + 2_000_000 * b"x," + b"\n5,c\n"
    good, invalid = read(content)
    assert good == [["2", "b"], ["5", "c"]]
    assert invalid == {0: QUOTE, 2: NOT_UTF8, 3: "the line has more than 1,048,576 characters"}
