"""A browser at the one-time address is listened to, and nothing that it sends is believed."""

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from cutouts.bundle import Bundle
from cutouts.serve import running_site, site_app
from cutouts.site import prove_page
from cutouts.visit import Visit
from tests.standin import (
    DONE,
    LABELS,
    CountingBundle,
    as_sent,
    fetch,
    send,
    write_bundle,
    write_webapp,
)


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return cast(Bundle, CountingBundle(write_bundle(tmp_path / "bundle")))


@pytest.fixture
def visit(bundle: Bundle, tmp_path: Path) -> Iterator[tuple[Visit, str]]:
    """A visit that waits for answers to three texts, and its one-time address."""
    webapp = write_webapp(tmp_path / "webapp")
    texts = ["one", "two", "three"]
    visit = Visit(texts, bundle.answers(texts), LABELS, prove_page(webapp, "static"))
    visit.on_finish = lambda _: (True, "the same")
    with running_site(site_app(bundle.folder, webapp, visit.routes())) as address:
        yield visit, f"{address}/prove/{visit.token}/"


def test_the_page_gets_its_texts_unchanged(bundle: Bundle, tmp_path: Path) -> None:
    texts = bundle.golden_texts()
    page = prove_page(write_webapp(tmp_path / "webapp"), "static")
    visit = Visit(texts, bundle.answers(texts), LABELS, page)
    with running_site(site_app(bundle.folder, tmp_path / "webapp", visit.routes())) as address:
        status, body = fetch(f"{address}/prove/{visit.token}/", "texts")
        assert b"<title>Prove</title>" in fetch(f"{address}/prove/{visit.token}/")[1].encode()
    assert status == 200
    assert json.loads(body) == {"texts": texts, "bundle": "/bundle/", "batch": 50}


def test_a_whole_visit_ends_with_the_verdict(visit: tuple[Visit, str]) -> None:
    seen, address = visit
    first, rest = [as_sent("one")], [as_sent("two"), as_sent("three")]
    assert send(address, "answers", {"from": 0, "answers": first}) == (200, '{"received":1}')
    assert send(address, "answers", {"from": 1, "answers": rest}) == (200, '{"received":3}')
    status, body = send(address, "done", DONE)
    assert (status, json.loads(body)) == (200, {"passed": True, "message": "the same"})
    assert seen.ended.is_set()
    assert [found.within(1e-9) for found in seen.differences] == [True, True, True]


def test_the_address_is_gone_after_the_visit(visit: tuple[Visit, str]) -> None:
    _, address = visit
    send(address, "failed", {"name": "BundleError", "message": "no\x1b[31m"})
    assert visit[0].failure == "BundleError: no [31m"
    assert fetch(address)[0] == 404
    assert send(address, "done", DONE)[0] == 404


def test_without_the_token_there_is_nothing(visit: tuple[Visit, str]) -> None:
    seen, address = visit
    other = address.replace(seen.token, "x" * len(seen.token))
    for name in ("", "texts"):
        assert fetch(other, name) == (404, "There is nothing at this address.\n")
    for name in ("answers", "done", "failed"):
        assert send(other, name, {})[0] == 404
    assert not seen.ended.is_set()


def test_a_page_that_is_loaded_again_starts_again(visit: tuple[Visit, str]) -> None:
    seen, address = visit
    send(address, "answers", {"from": 0, "answers": [as_sent("one")]})
    fetch(address, "texts")
    assert seen.differences == []
    assert send(address, "answers", {"from": 0, "answers": [as_sent("one")]})[0] == 200


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"{", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"\xff\xfe", "no JSON"),
        ([], "JSON that is no object"),
        ({"from": 1, "answers": [{}]}, "answers from 1 on, expected a list from 0 on"),
        ({"from": False, "answers": [{}]}, "answers from False on, expected"),
        ({"from": 0, "answers": {}}, "answers from 0 on, expected a list"),
        ({"from": 0, "answers": []}, "0 answers from 0 on, but there are 3 texts"),
        ({"from": 0, "answers": [as_sent("a")] * 4}, "4 answers from 0 on, but there are 3 texts"),
        ({"from": 0, "answers": [3]}, "answer 0 is no object"),
        ({"from": 0, "answers": [as_sent("a", ids=None)]}, "answer 0 has no list of ids"),
        ({"from": 0, "answers": [as_sent("a", ids=[-1])]}, "ids that are no token ids"),
        ({"from": 0, "answers": [as_sent("a", ids=[1.5])]}, "ids that are no token ids"),
        ({"from": 0, "answers": [as_sent("a", ids=[True])]}, "ids that are no token ids"),
        ({"from": 0, "answers": [as_sent("a", ids=[2**32])]}, "ids that are no token ids"),
        ({"from": 0, "answers": [as_sent("a", tags=[1])]}, "tags that are no text"),
        ({"from": 0, "answers": [as_sent("a", scores=["1"])]}, "a score is '1', expected a numb"),
        ({"from": 0, "answers": [as_sent("a", probabilities=[True])]}, "a probability is 'True'"),
        ({"from": 0, "answers": [as_sent("a", milliseconds=-1)]}, "took -1.0 milliseconds"),
        ({"from": 0, "answers": [as_sent("a", milliseconds=None)]}, "took nan milliseconds"),
    ],
)
def test_an_answer_that_cannot_be_right_ends_the_visit(
    visit: tuple[Visit, str], body: Any, complaint: str
) -> None:
    seen, address = visit
    status, said = send(address, "answers", body)
    assert status == 400
    assert complaint in said
    assert complaint in seen.failure
    assert seen.ended.is_set()


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (DONE | {"user_agent": ""}, "user_agent is not a line of text"),
        (DONE | {"user_agent": "a\nb"}, "user_agent is not a line of text"),
        (DONE | {"user_agent": "a" * 1001}, "user_agent is not a line of text"),
        (DONE | {"load_milliseconds": None}, "load_milliseconds is nan"),
        (DONE | {"load_milliseconds": "5"}, "load_milliseconds is '5', expected a number"),
    ],
)
def test_an_ending_that_cannot_be_right_is_refused(
    visit: tuple[Visit, str], body: Any, complaint: str
) -> None:
    seen, address = visit
    answers = [as_sent(text) for text in ("one", "two", "three")]
    send(address, "answers", {"from": 0, "answers": answers})
    assert complaint in send(address, "done", body)[1]
    assert complaint in seen.failure


def test_done_before_the_last_text_is_refused(visit: tuple[Visit, str]) -> None:
    assert send(visit[1], "done", DONE) == (400, "done after 0 of 3 texts\n")


def test_an_endless_body_is_cut_off(visit: tuple[Visit, str]) -> None:
    seen, address = visit
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        send(address, "answers", b" " * 5_000_000)
    assert seen.ended.wait(20)
    assert "bytes at once" in seen.failure
