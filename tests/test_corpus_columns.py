"""Headers and options go in; the chosen columns, or an error that names the nearest, come out."""

from pathlib import Path

import pytest

from cutouts.corpus import read_corpus
from cutouts.errors import CorpusError, UsageError


def write(folder: Path, *lines: str) -> Path:
    path = folder / "corpus.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_names_are_found_in_any_case_and_with_spaces_around(tmp_path: Path) -> None:
    corpus = read_corpus(write(tmp_path, "id, Category ,TEXT", "1,a,x"))
    assert (corpus.texts, corpus.labels) == (("x",), (("a",),))


def test_a_title_is_joined_with_what_describes_it(tmp_path: Path) -> None:
    path = write(tmp_path, "Title,Selection,body,tags", "t,s,b,a", "only,,,a")
    corpus = read_corpus(path)
    assert corpus.texts == ("t\nb\ns", "only")
    assert "text from 'Title' and 'body' and 'Selection'" in corpus.report.origin


def test_text_stands_alone_beside_a_title(tmp_path: Path) -> None:
    assert read_corpus(write(tmp_path, "title,text,label", "t,x,a")).texts == ("x",)


def test_a_label_column_goes_before_tags(tmp_path: Path) -> None:
    assert read_corpus(write(tmp_path, "text,tags,label", "x,t|u,a")).labels == (("a",),)


def test_one_label_may_hold_a_bar(tmp_path: Path) -> None:
    assert read_corpus(write(tmp_path, "text,label", "x,a|b")).labels == (("a|b",),)


def test_tags_are_parted_at_bars_stripped_and_each_counted_once(tmp_path: Path) -> None:
    corpus = read_corpus(write(tmp_path, "text,tags", "x, b |a||b", "y,a"))
    assert corpus.labels == (("a", "b"), ("a",))


def test_a_given_separator_parts_any_column(tmp_path: Path) -> None:
    path = write(tmp_path, "text,label", "x,a; b")
    assert read_corpus(path, separator=";").labels == (("a", "b"),)


def test_given_columns_go_before_known_names(tmp_path: Path) -> None:
    path = write(tmp_path, "text,Question,label,Intent", "x,q,a,i")
    corpus = read_corpus(path, text_column="question", label_column="Intent")
    assert (corpus.texts, corpus.labels) == (("q",), (("i",),))


def test_a_given_column_that_is_not_there_names_the_nearest(tmp_path: Path) -> None:
    path = write(tmp_path, "text,category,kind", "x,a,b")
    with pytest.raises(CorpusError) as caught:
        read_corpus(path, label_column="catgory")
    assert str(caught.value) == (
        f"{path} has no column 'catgory', only 'text', 'category', 'kind'; did you mean 'category'?"
    )


def test_a_column_like_no_other_names_what_there_is(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match=r"no column 'zzz', only 'text', 'label'$"):
        read_corpus(write(tmp_path, "text,label", "x,a"), text_column="zzz")


def test_without_a_text_column_the_names_that_would_do_are_said(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="has no text column, only 'a', 'label': expected 'text'"):
        read_corpus(write(tmp_path, "a,label", "x,y"))


def test_without_a_label_column_the_names_that_would_do_are_said(tmp_path: Path) -> None:
    said = "no label column, only 'text', 'b': expected 'label' or 'labels' or 'tags' or 'category'"
    with pytest.raises(CorpusError, match=said):
        read_corpus(write(tmp_path, "text,b", "x,y"))


def test_two_columns_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="has 2 columns named 'text': rename all but one"):
        read_corpus(write(tmp_path, "text,Text,label", "x,y,a"))


def test_an_empty_separator_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="the separator between labels is empty"):
        read_corpus(write(tmp_path, "text,label", "x,a"), separator="")


def test_a_folder_has_no_columns_to_choose(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a folder: it has no columns to choose"):
        read_corpus(tmp_path, label_column="a")


def test_labels_in_two_unicode_forms_are_one_label(tmp_path: Path) -> None:
    corpus = read_corpus(write(tmp_path, "text,label", "x,caf\u00e9", "y,cafe\u0301"))
    assert corpus.label_names == ("caf\u00e9",)
