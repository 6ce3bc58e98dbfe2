"""Bookmark files as browsers and services export them go in; texts by folder or tag come out."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutouts.corpus import read_corpus
from cutouts.errors import CorpusError

HEAD = "<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<TITLE>Bookmarks</TITLE>\n<H1>Bookmarks</H1>\n"
NESTED = """<DL><p>
  <DT><H3 PERSONAL_TOOLBAR_FOLDER="true">Bookmarks bar</H3>
  <DL><p>
    <DT><A HREF="https://a.example/">On the bar</A>
    <DT><H3 ADD_DATE="1">Food &amp; drink</H3>
    <DD>What to <b>cook</b>
    <DL><p>
      <DT><A HREF="https://b.example/">Bread
          without kneading</A>
      <DD>From a <a href="https://x.example/">magazine</a> of 1999
      <DT><A HREF="https://c.example/">Soup</A>
      <DT><H3>Wine</H3>
      <DL><p>
        <DT><A HREF="https://d.example/">Riesling</A>
      </DL><p>
      <DT><A HREF="https://e.example/">Salad</A>
    </DL><p>
  </DL><p>
  <DT><A HREF="place:sort=8">Most visited</A>
  <HR>
  <DT><A HREF="https://f.example/">Loose</A>
</DL>
"""


def write(folder: Path, content: str, name: str = "bookmarks.html") -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_the_innermost_folder_is_the_label(tmp_path: Path) -> None:
    corpus = read_corpus(write(tmp_path, HEAD + NESTED))
    assert dict(zip(corpus.texts, corpus.labels, strict=True)) == {
        "On the bar": (),
        "Bread without kneading\nFrom a magazine of 1999": ("Food & drink",),
        "Soup": ("Food & drink",),
        "Riesling": ("Wine",),
        "Salad": ("Food & drink",),
        "Loose": (),
    }


def test_searches_saved_as_bookmarks_are_counted_not_read(tmp_path: Path) -> None:
    report = read_corpus(write(tmp_path, HEAD + NESTED)).report
    assert "files or entries not read: 1 (place:sort=8)" in str(report)
    assert "labels from 'folder'" in report.origin


def test_without_folders_the_tags_are_the_labels(tmp_path: Path) -> None:
    path = write(tmp_path, HEAD + '<DL><p><DT><A HREF="https://a" TAGS="b, a">x</A>\n<DD>y\n</DL>')
    corpus = read_corpus(path)
    assert (corpus.texts, corpus.labels) == (("x\ny",), (("a", "b"),))


def test_tags_can_be_asked_for_where_there_are_folders(tmp_path: Path) -> None:
    content = '<DL><DT><H3>F</H3><DL><DT><A HREF="https://a" TAGS="t,u">x</A></DL></DL>'
    assert read_corpus(write(tmp_path, content)).labels == (("F",),)
    path = write(tmp_path, content)
    assert read_corpus(path, label_column="tags").labels == (("t", "u"),)
    assert read_corpus(path, text_column="url").texts == ("https://a",)


def test_the_mark_at_the_start_goes_before_the_suffix(tmp_path: Path) -> None:
    corpus = read_corpus(write(tmp_path, "\ufeff" + HEAD + NESTED, "export.txt"))
    assert len(corpus.texts) == 6


def test_a_list_of_links_with_tags_is_read_too(tmp_path: Path) -> None:
    content = (
        '<h1>Unread</h1><ul><li><a href="https://a" tags="t">x</a></li>\n<li>no link</li></ul>'
    )
    corpus = read_corpus(write(tmp_path, content))
    assert (corpus.texts, corpus.labels) == (("x",), (("t",),))


def test_a_page_without_bookmarks_is_refused_by_name(tmp_path: Path) -> None:
    path = write(tmp_path, "<p><a href='https://a'>x</a></p>", "page.html")
    with pytest.raises(CorpusError, match=r"page\.html holds no bookmarks: expected <DL><DT><A"):
        read_corpus(path)


def test_a_declaration_that_cannot_be_parsed_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"bookmarks\.html (is broken HTML|holds no bookmarks)"):
        read_corpus(write(tmp_path, "<![x <DL><DT>"))


TAGS = ["<DL>", "</DL>", "<p>", "<DT>", "<DD>", "<H3>F", "</H3>", "<A HREF='a'>", "</A>"]
BROKEN = ["text", "&amp", "<!--", "-->", "<![x", "]]>", "<", "</", "<A", "<script>", "<?", "\0"]
SOUP = st.lists(st.sampled_from(TAGS + BROKEN), max_size=40)


@given(SOUP)
def test_no_tag_soup_ends_in_anything_but_a_corpus_or_a_refusal(
    tmp_path_factory: pytest.TempPathFactory, soup: list[str]
) -> None:
    path = write(tmp_path_factory.mktemp("soup"), HEAD + "".join(soup))
    try:
        assert read_corpus(path).report.rows > 0
    except CorpusError as error:
        assert str(path) in str(error)
