"""JSON Lines, well formed and not, go in; texts and labels or the line at fault come out."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cutouts.corpus import read_corpus
from cutouts.errors import CorpusError


def write(folder: Path, *lines: str) -> Path:
    path = folder / "corpus.jsonl"
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


def refusal(path: Path) -> str:
    with pytest.raises(CorpusError) as caught:
        read_corpus(path)
    return str(caught.value)


@given(rows=st.lists(st.tuples(st.text(), st.sets(st.sampled_from("abc"))), min_size=1))
def test_what_the_json_module_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, set[str]]]
) -> None:
    lines = [json.dumps({"text": text, "labels": sorted(labels)}) for text, labels in rows]
    path = write(tmp_path_factory.mktemp("jsonl"), *lines)
    corpus = read_corpus(path, keep_duplicates=True)
    assert corpus.texts == tuple(text for text, _ in rows)
    assert corpus.labels == tuple(tuple(sorted(labels)) for _, labels in rows)


def test_labels_may_be_lists_bars_numbers_or_absent(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        '{"text": "v"}',
        '{"text": "w", "labels": null}',
        '{"text": "x", "labels": ["b", " a ", "b"]}',
        '{"text": "y", "labels": "a|b"}',
        '{"text": "z", "labels": [3, true]}',
    )
    assert read_corpus(path).labels == ((), (), ("a", "b"), ("a", "b"), ("3", "true"))


def test_a_bar_in_a_list_is_no_separator(tmp_path: Path) -> None:
    assert read_corpus(write(tmp_path, '{"text": "x", "labels": ["a|b"]}')).labels == (("a|b",),)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("NaN", "'text' is NaN: expected text"),
        ("null", "'text' is missing: expected text"),
        ("1.5", "'text' is '1.5' (float): expected text"),
        ('["x"]', "'text' is \"['x']\" (list): expected text"),
    ],
)
def test_a_text_that_is_none_is_named_with_its_line(tmp_path: Path, value: str, said: str) -> None:
    path = write(tmp_path, '{"text": "x", "label": "a"}', f'{{"text": {value}, "label": "a"}}')
    assert refusal(path) == f"{path}, line 2: {said}"


def test_a_line_without_the_text_is_named(tmp_path: Path) -> None:
    path = write(tmp_path, '{"text": "x", "label": "a"}', '{"label": "a"}')
    assert "line 2: 'text' is missing: expected text" in refusal(path)


def test_a_missing_label_is_none_and_a_number_is_one(tmp_path: Path) -> None:
    cells = ("NaN", "null", "1.0", "1", "4.5", '["a", null]')
    path = write(tmp_path, *(f'{{"text": "x", "label": {cell}}}' for cell in cells))
    found = read_corpus(path, keep_duplicates=True).labels
    assert found == ((), (), ("1",), ("1",), ("4.5",), ("a",))


@pytest.mark.parametrize("line", ['{"text": ', "x", "[" * 100_000, '{"a": ' + "1" * 5000 + "}"])
def test_a_line_that_is_no_json_is_named(tmp_path: Path, line: str) -> None:
    assert "line 2: not JSON (" in refusal(write(tmp_path, '{"text": "x", "label": "a"}', line))


def test_a_list_is_told_how_to_become_lines(tmp_path: Path) -> None:
    said = refusal(write(tmp_path, '[{"text": "x"}]'))
    assert 'line 1: list, expected one object per line, as {"text": "...", "label"' in said
    assert 'jq -c ".[]" makes lines of a list' in said


def test_half_a_character_in_a_text_becomes_the_replacement_character(tmp_path: Path) -> None:
    path = write(tmp_path, r'{"text": "x\ud800y \ud83d\ude00", "label": "a"}')
    assert read_corpus(path).texts == ("x\ufffdy \U0001f600",)


def test_half_a_character_in_a_label_is_refused(tmp_path: Path) -> None:
    said = refusal(write(tmp_path, r'{"text": "x", "label": "\ud800"}'))
    assert r"'label' holds half a character: '\ud800': rename it" in said
