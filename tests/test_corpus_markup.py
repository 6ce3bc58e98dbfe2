"""HTML of any quality goes in; the same tags and text that a reader sees come out."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutouts.corpus.markup import Tag, tags_and_text


def test_tags_attributes_and_text_come_in_order() -> None:
    assert list(tags_and_text("a &lt; b<A HREF='x>y' Tags=\"1,2\" private>t</A >.")) == [
        "a < b",
        Tag("a", {"href": "x>y", "tags": "1,2", "private": ""}),
        "t",
        Tag("/a"),
        ".",
    ]


def test_comments_and_declarations_are_left_out() -> None:
    assert list(tags_and_text("<!DOCTYPE x>a<!-- <b> -->b<?xml?>c<!-- open")) == ["a", "b", "c"]


def test_a_sign_that_opens_no_tag_is_text() -> None:
    assert "".join(map(str, tags_and_text("1 < 2 and <3"))) == "1 < 2 and <3"


def test_a_quotation_mark_that_is_never_closed_stays_in_its_tag() -> None:
    assert list(tags_and_text("<a title=it's>x</a>"))[1:] == ["x", Tag("/a")]


def test_of_two_attributes_with_one_name_the_first_counts() -> None:
    assert list(tags_and_text("<a href=1 HREF=2>")) == [Tag("a", {"href": "1"})]


@given(st.text())
def test_escaped_text_comes_back_as_it_was(text: str) -> None:
    assert "".join(map(str, tags_and_text(html.escape(text)))) == html.unescape(html.escape(text))


@given(st.text(), st.sampled_from("'\""))
def test_an_escaped_attribute_comes_back_as_it_was(value: str, mark: str) -> None:
    (tag,) = tags_and_text(f"<a href={mark}{html.escape(value)}{mark}>")
    assert tag == Tag("a", {"href": html.unescape(html.escape(value))})


@pytest.mark.parametrize(
    "piece", ["<", "<a ", "<!--", "<![x", "</", '<a b="', "<a b='\"", "&", "x="]
)
def test_many_broken_pieces_come_to_an_end(piece: str) -> None:
    assert len("".join(map(str, tags_and_text("<p>" + piece * 200_000)))) > 0
