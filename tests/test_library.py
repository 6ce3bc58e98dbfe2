"""The library that the app's code made, and damaged copies, go in; what Python reads comes out."""

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cutouts import library
from cutouts.corpus.decoding import MAX_FIELD_CHARS
from cutouts.errors import LibraryError
from cutouts.library import Asset, Cutout, Library, Tag, contents, opening

GOLDEN = Path(__file__).resolve().parent / "golden" / "library.sqlite"
TEXTS: dict[str, str] = json.loads(GOLDEN.with_suffix(".json").read_bytes())
BYTES = GOLDEN.read_bytes()
IMAGE = "43acd1124ba3c0fd2ea38a33fed9b67416efc8d336d262b50c87bc9fe19042f3"
ICON = "d26c63b4f43d7eb0ff346bf40cce9997068f368569a423629085c10b72704216"

FAR = 1 << 62
# What keeps a column to its type, and what stands there in a file that somebody made by hand.
LOOSE = {
    ") STRICT, WITHOUT": ") WITHOUT",
    ") STRICT": ")",
    " NOT NULL": "",
    " TEXT": "",
    " REAL": "",
    "created INTEGER": "created",
    "dim INTEGER": "dim",
}


def written(folder: Path, data: bytes = BYTES) -> Path:
    path = folder / "library.sqlite"
    path.write_bytes(data)
    return path


def changed(folder: Path, *statements: str, loose: bool = False) -> Path:
    """Return a copy after these statements; a loose one takes any value in any column."""
    path = written(folder)
    with closing(sqlite3.connect(path, isolation_level=None)) as base:
        triggers = base.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:  # they would need FTS5
            base.execute(f"DROP TRIGGER {name}")
        if loose:
            sql = "sql"
            for word, instead in LOOSE.items():
                sql = f"replace({sql}, '{word}', '{instead}')"
            base.execute("PRAGMA writable_schema = ON")
            base.execute(f"UPDATE sqlite_schema SET sql = {sql} WHERE type = 'table'")  # noqa: S608
    with closing(sqlite3.connect(path, isolation_level=None)) as base:
        base.execute("PRAGMA ignore_check_constraints = ON")
        for statement in statements:
            base.execute(statement)
    return path


def read_all(opened: Library) -> tuple[list[Cutout], tuple[Tag, ...]]:
    cutouts = list(opened.cutouts())
    images = [cutout.asset for cutout in cutouts] + [cutout.icon for cutout in cutouts]
    for image in images:
        if image is not None:
            opened.asset(image)
    for space in opened.spaces():
        vectors = opened.vectors(space)
        assert len(vectors.keys) == len(vectors.passages) == len(vectors.rows)
    return cutouts, opened.tags()


def refusal(path: Path) -> str:
    with pytest.raises(LibraryError) as caught, library.open(path) as opened:
        read_all(opened)
    assert str(path) in str(caught.value)
    return str(caught.value).replace(f"{path} ", "", 1)


def test_every_cutout_comes_in_the_order_in_which_it_was_saved() -> None:
    with library.open(GOLDEN) as opened:
        assert [cutout.key for cutout in opened.cutouts()] == list(TEXTS)


def test_a_cutout_is_what_the_app_saved() -> None:
    with library.open(GOLDEN) as opened:
        cutouts = {cutout.key: cutout for cutout in opened.cutouts()}
    assert cutouts["pie"] == Cutout(
        key="pie",
        kind="page",
        title="Apple pie",
        body="Peel ripe apples.",
        note="with cinnamon",
        address="",
        site="",
        tags=("Fruit", "a word\u0301", "to cook"),
        created=datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC),
        is_trashed=False,
        asset=None,
        icon=None,
        language="",
        description="",
        html="",
    )
    assert (cutouts["日本"].language, cutouts["日本"].description) == ("ja", "梨について")
    assert cutouts["日本"].icon == ICON
    assert cutouts["pear"].html == "a <em>ripe</em> pear"
    assert cutouts["日本"].address == "https://www.example.jp/梨"
    assert cutouts["日本"].site == "example.jp"
    assert [key for key, cutout in cutouts.items() if cutout.is_trashed] == ["gone"]
    assert {cutout.kind for cutout in cutouts.values()} == set(contents.KINDS)


def test_the_text_of_a_cutout_is_the_one_that_the_app_tags() -> None:
    with library.open(GOLDEN) as opened:
        assert {cutout.key: cutout.text for cutout in opened.cutouts()} == TEXTS


def test_tags_of_a_model_and_removed_ones_are_not_the_persons() -> None:
    with library.open(GOLDEN) as opened:
        tags = {cutout.key: cutout.tags for cutout in opened.cutouts()}
    assert (tags["guessed"], tags["removed"]) == ((), ())
    assert tags["plum"] == ("Fruit",)


def test_tags_are_counted_outside_the_trash() -> None:
    with library.open(GOLDEN) as opened:
        assert opened.tags() == (
            Tag("a word\u0301", 1),
            Tag("Engine", 4),
            Tag("Fruit", 5),
            Tag("to cook", 2),
            Tag("日本語", 1),
        )


def test_an_asset_is_found_by_its_hash() -> None:
    with library.open(GOLDEN) as opened:
        assert [cutout.key for cutout in opened.cutouts() if cutout.asset == IMAGE] == ["image"]
        assert opened.asset(IMAGE) == Asset("image/gif", b"GIF89a-no-image")


def test_an_asset_that_is_not_there_is_named() -> None:
    with library.open(GOLDEN) as opened:
        with pytest.raises(LibraryError, match=f"holds no asset {'0' * 64}: Cutout.asset names"):
            opened.asset("0" * 64)
        with pytest.raises(LibraryError, match="is no SHA-256: expected 64 hexadecimal"):
            opened.asset("x.png")


def test_reading_leaves_the_file_and_its_folder_as_they_were(tmp_path: Path) -> None:
    for mode in (b"\1\1", b"\2\2"):  # with a journal, with a write-ahead log
        data = BYTES[:18] + mode + BYTES[20:]
        path = written(tmp_path, data)
        with library.open(path) as opened:
            assert len(read_all(opened)[0]) == len(TEXTS)
            assert list(tmp_path.iterdir()) == [path]
        assert path.read_bytes() == data


def test_a_path_may_hold_what_means_something_in_an_address(tmp_path: Path) -> None:
    folder = tmp_path / "100% mine? #1 & 日本"
    folder.mkdir()
    with library.open(str(written(folder))) as opened:
        assert len(list(opened.cutouts())) == len(TEXTS)


def test_a_library_of_an_sqlite_without_full_text_is_read(tmp_path: Path) -> None:
    path = written(tmp_path)
    with closing(sqlite3.connect(path)) as base, base:
        base.execute("PRAGMA writable_schema = ON")
        base.execute("UPDATE sqlite_schema SET sql = replace(sql, 'USING fts5', 'USING missing')")
    with library.open(path) as opened:
        assert len(read_all(opened)[0]) == len(TEXTS)


def test_a_closed_library_is_a_mistake_of_the_program() -> None:
    opened = library.open(GOLDEN)
    opened.close()
    with pytest.raises(sqlite3.ProgrammingError):
        opened.tags()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty: export the library again"),
        (b"title,tags\nx,y\n", "is no SQLite database: expected an exported library"),
        (BYTES[:60], "is damaged (it ends after 60 bytes): export the library again"),
        (BYTES[:68] + b"\0\0\0\0" + BYTES[72:], "is the SQLite database of another program"),
        (
            BYTES[:60] + b"\0\0\0\2" + BYTES[64:],
            "is of version 2 and this package knows 1: update cutouts",
        ),
        (BYTES[:60] + b"\0\0\0\0" + BYTES[64:], "is damaged (it has no version)"),
    ],
)
def test_a_file_that_is_no_library_is_refused_by_what_it_is(
    tmp_path: Path, data: bytes, said: str
) -> None:
    assert said in refusal(written(tmp_path, data))


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "lost.sqlite") == "is not there: check the name"
    assert refusal(tmp_path) == "is no file: expected an exported library"


def test_an_sqlite_too_old_for_the_tables_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 36, 0))
    with pytest.raises(LibraryError, match=r"a library needs 3\.37 or newer: use a newer Python"):
        library.open(GOLDEN)


@pytest.mark.parametrize(
    ("suffix", "start"), [("-wal", b"\x37\x7f\x06\x82"), ("-journal", b"\xd9")]
)
def test_changes_beside_the_file_are_not_passed_over(
    tmp_path: Path, suffix: str, start: bytes
) -> None:
    path = written(tmp_path)
    path.with_name(path.name + suffix).write_bytes(start + bytes(100))
    with pytest.raises(LibraryError) as caught:
        library.open(path)
    assert f"library.sqlite{suffix} lies beside {path} and may hold changes" in str(caught.value)


@pytest.mark.parametrize("suffix", ["-wal", "-journal"])
@pytest.mark.parametrize("left", [b"", bytes(512)])
def test_a_journal_that_is_done_with_does_no_harm(tmp_path: Path, suffix: str, left: bytes) -> None:
    path = written(tmp_path)
    path.with_name(path.name + suffix).write_bytes(left)
    with library.open(path) as opened:
        assert len(list(opened.cutouts())) == len(TEXTS)


def test_a_file_that_is_being_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "BUSY_SECONDS", 0.01)
    path = written(tmp_path)
    with closing(sqlite3.connect(path, isolation_level=None)) as writer:
        writer.execute("BEGIN EXCLUSIVE")
        assert refusal(path) == "is being written by another program: close that, or read a copy"


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        (
            "UPDATE cutout SET title = NULL WHERE id = 2",
            "cutout 2: title is missing, expected text",
        ),
        ("UPDATE cutout SET body = x'00ff'", "cutout 1: body is 2 bytes, expected text"),
        ("UPDATE cutout SET note = 1.5", "cutout 1: note is 1.5, expected text"),
        ("UPDATE cutout SET address = NULL", "cutout 1: address is missing, expected text"),
        ("UPDATE cutout SET site = 3", "cutout 1: site is 3, expected text"),
        ("UPDATE cutout SET key = NULL", "cutout 1: key is missing, expected text"),
        ("UPDATE cutout SET kind = 'app'", "cutout 1: kind is 'app', expected text, page, image"),
        ("UPDATE cutout SET created = 'now'", "cutout 1: created is 'now', expected milliseconds"),
        ("UPDATE cutout SET created = 1 << 62", f"cutout 1: created is {FAR}, expected milli"),
        ("UPDATE cutout SET trashed = -(1 << 62)", "cutout 1: trashed is -46116860184273879"),
        ("UPDATE cutout SET asset = x'00'", "cutout 1: asset is 1 bytes, expected 32 bytes"),
        ("UPDATE cutout SET icon = 'x'", "cutout 1: icon is 'x', expected 32 bytes"),
        ("UPDATE cutout SET language = NULL", "cutout 1: language is missing, expected text"),
        ("UPDATE source SET html = x'00'", "cutout 3: html is 1 bytes, expected text"),
        ("UPDATE source SET description = NULL", "cutout 3: description is missing, expected text"),
        ("UPDATE tag SET name = x'00'", "tag 1: name is 1 bytes, expected text"),
        ("DELETE FROM tag WHERE id = 1", "cutout 1 has tag 1, which is not there"),
        ("UPDATE asset SET bytes = x'00'", f"asset {IMAGE}: its bytes have another hash"),
        ("UPDATE asset SET type = NULL", f"asset {IMAGE}: type is missing, expected text"),
        ("UPDATE space SET dim = 5", "vector 0 of cutout 1: 6 bytes, expected 8 bytes"),
        ("UPDATE space SET dim = 'x'", "space 1: dim is 'x', expected 1 to 65,536"),
        ("UPDATE space SET dim = 1 << 62", f"space 1: dim is {FAR}, expected 1 to 65,536"),
        ("UPDATE space SET name = NULL", "space 1: name is missing, expected text"),
        ("UPDATE vector SET scale = 9e999", "vector 0 of cutout 1: scale is inf, expected a num"),
        ("UPDATE vector SET scale = 'x'", "vector 0 of cutout 1: scale is 'x', expected a number"),
        ("UPDATE vector SET row = 'abcd'", "vector 0 of cutout 1: 'abcd', expected 6 bytes"),
        ("DELETE FROM cutout WHERE id = 1", "vector 0 of cutout 1: key is missing, expected text"),
    ],
)
def test_a_value_that_the_app_does_not_write_is_named_with_its_row(
    tmp_path: Path, statement: str, said: str
) -> None:
    found = refusal(changed(tmp_path, statement, loose=True))
    assert found.startswith(f"is damaged ({said}")
    assert found.endswith("): export the library again")


def test_half_a_character_is_read_as_a_browser_reads_it(tmp_path: Path) -> None:
    path = changed(tmp_path, "UPDATE cutout SET title = CAST(x'61eda08062ff' AS TEXT) WHERE id = 1")
    with library.open(path) as opened:
        assert next(opened.cutouts()).title == "a\ufffd\ufffd\ufffdb\ufffd"


def test_a_text_beyond_the_limit_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents, "MAX_TEXT_CHARS", 9)
    path = changed(tmp_path, "UPDATE cutout SET body = '1234567890' WHERE id = 4")
    with library.open(path) as opened, pytest.raises(LibraryError) as caught:
        list(opened.cutouts())
    assert "cutout 1: body has 17 characters, at most 9 are read: cut it up" in str(caught.value)


def test_a_row_beyond_the_limit_is_refused_before_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "MAX_VALUE_BYTES", 5_000)
    path = changed(tmp_path, "UPDATE cutout SET body = hex(zeroblob(3000)) WHERE id = 4")
    assert "holds a row of more than 5,000 bytes, which no library has" in refusal(path)


def test_the_longest_text_is_as_long_as_one_of_a_corpus() -> None:
    assert contents.MAX_TEXT_CHARS == MAX_FIELD_CHARS
    assert 2 * 4 * contents.MAX_TEXT_CHARS < opening.MAX_VALUE_BYTES  # title and body, 4 bytes each


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["DROP TABLE vector"], "it has no table vector"),
        (["DROP TABLE source"], "it has no table source"),
        (
            [
                "DROP TABLE vector",
                "CREATE VIEW vector AS WITH RECURSIVE n (row) AS"
                " (SELECT 1 UNION ALL SELECT row + 1 FROM n) SELECT * FROM n",
            ],
            "it has no table vector",
        ),
        (["ALTER TABLE space DROP COLUMN dim"], "the table space has no column dim"),
        (
            [
                "ALTER TABLE space DROP COLUMN dim",
                "ALTER TABLE space ADD COLUMN dim INTEGER AS (length(hex(zeroblob(400000000))))",
            ],
            "the table space has no column dim",
        ),
    ],
)
def test_what_is_computed_and_not_stored_is_no_library(
    tmp_path: Path, statements: list[str], said: str
) -> None:
    assert said in refusal(changed(tmp_path, *statements))


def test_pages_that_lead_back_to_themselves_end_in_an_error(tmp_path: Path) -> None:
    with closing(sqlite3.connect(GOLDEN)) as base:
        (root,) = base.execute(
            "SELECT rootpage FROM sqlite_schema WHERE name = 'cutout'"
        ).fetchone()
    page = bytearray(BYTES[(root - 1) * 1024 : root * 1024])
    assert page[0] == 5, "the table has one page only, so none leads to another"
    cell = int.from_bytes(page[12:14], "big")
    page[8:12] = page[cell : cell + 4]  # the last page is now the first one again
    path = written(tmp_path, BYTES[: (root - 1) * 1024] + page + BYTES[root * 1024 :])
    assert "is damaged (rows are out of order)" in refusal(path)


def test_a_file_cut_short_anywhere_is_refused(tmp_path: Path) -> None:
    for size in [*range(1, len(BYTES), 509), len(BYTES) - 1]:
        refusal(written(tmp_path, BYTES[:size]))
    assert refusal(written(tmp_path, BYTES[:50_000])).startswith("is damaged (it has 50,000 of ")


@given(
    st.lists(st.tuples(st.integers(0, len(BYTES) - 1), st.integers(0, 255)), min_size=1, max_size=9)
)
@example([(105, 0)])
def test_no_changed_bytes_end_in_anything_but_values_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, flips: list[tuple[int, int]]
) -> None:
    data = bytearray(BYTES)
    for place, byte in flips:
        data[place] = byte
    path = written(tmp_path_factory.mktemp("bytes"), bytes(data))
    try:
        with library.open(path) as opened:
            cutouts, tags = read_all(opened)
    except LibraryError as error:
        assert str(path) in str(error)
        return
    for cutout in cutouts:
        assert isinstance(cutout.created, datetime)
        assert isinstance(cutout.is_trashed, bool)
        texts = [cutout.key, cutout.title, cutout.body, cutout.note, cutout.address, cutout.site]
        assert all(isinstance(text, str) for text in (*texts, *cutout.tags))
        assert cutout.kind in contents.KINDS
    assert all(isinstance(tag.name, str) for tag in tags)
