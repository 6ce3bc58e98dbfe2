"""A bundle is proved by a browser that answers the same, and by no other."""

import contextlib
import http.client
import json
import math
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from cutouts.browsers import BROWSERS, find_browser
from cutouts.bundle import Bundle
from cutouts.errors import ProofError, UsageError
from cutouts.proof import BrowserAnswer, Proof, compare, summarise, write_proof
from cutouts.prove import ask_python, engine_of, prove, prove_each
from cutouts.serve import running_site, site_app
from cutouts.site import prove_page
from cutouts.visit import Visit
from tests.standin import LABELS, CountingBundle, counted, write_bundle, write_webapp

TEXTS = [f"text number {number}" for number in range(120)]


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


def send(address: str, name: str, body: Any, **headers: str) -> tuple[int, str]:
    host, _, path = address.removeprefix("http://").partition("/")
    with contextlib.closing(http.client.HTTPConnection(host, timeout=20)) as connection:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        connection.request("POST", f"/{path}{name}", data, headers)
        response = connection.getresponse()
        return response.status, response.read().decode()


def fetch(address: str, name: str = "") -> tuple[int, str]:
    host, _, path = address.removeprefix("http://").partition("/")
    with contextlib.closing(http.client.HTTPConnection(host, timeout=20)) as connection:
        connection.request("GET", f"/{path}{name}")
        response = connection.getresponse()
        return response.status, response.read().decode()


def as_sent(text: str, **changes: Any) -> dict[str, Any]:
    answer = counted(text)
    return {
        "ids": answer.ids,
        "scores": answer.scores.tolist(),
        "probabilities": answer.probabilities.tolist(),
        "tags": answer.tags,
        "milliseconds": 0.1,
    } | changes


DONE = {"user_agent": "Test/1.0", "load_milliseconds": 5, "cross_origin_isolated": True}


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


def answered(text: str, **changes: Any) -> BrowserAnswer:
    return BrowserAnswer(**as_sent(text, **changes))


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"ids": [97, 99]}, "token ids differ at 1: Python [98] (of 2), browser [99] (of 2)"),
        ({"ids": [97]}, "token ids differ at 1: Python [98] (of 2), browser [] (of 1)"),
        ({"tags": []}, "tags: Python ['long'], browser []"),
        ({"tags": ["\x1b[2J"]}, r"tags: Python ['long'], browser ['\x1b[2J']"),
        ({"scores": [0.25, -0.26]}, "score of 'short': 1.00e-02 apart"),
        ({"scores": [math.nan, -0.25]}, "score of 'long': inf apart"),
        ({"probabilities": [math.inf, 0]}, "probability of 'long': inf apart"),
        ({"scores": [0.25]}, "1 scores and 2 probabilities for 2 labels"),
    ],
)
def test_a_different_answer_is_named(changes: dict[str, Any], what: str) -> None:
    found = compare(counted("ab"), answered("ab", **changes), LABELS)
    assert found.what == what
    assert not found.within(1e-3)


def test_a_difference_within_the_tolerance_is_the_same_answer() -> None:
    expected = counted("ab")
    got = answered("ab", scores=[0.25 + 1e-6, -0.25])
    assert compare(expected, got, LABELS).within(1e-5)
    assert not compare(expected, got, LABELS).within(1e-7)


def test_the_worst_texts_come_first() -> None:
    texts = ["a", "b\x07", "c", "d"]
    differences = [
        compare(counted("a"), answered("a"), LABELS),
        compare(counted("b"), answered("b", scores=[0.2, -0.125]), LABELS),
        compare(counted("c"), answered("c", ids=[1]), LABELS),
        compare(counted("d"), answered("d", scores=[1, -0.125]), LABELS),
    ]
    largest, passed, worst = summarise(texts, differences, 1e-5)
    assert (largest, passed) == (0.875, False)
    assert [found.text for found in worst] == ["c", "d", "b\\x07"]


def proof_of(bundle: Bundle, **changes: Any) -> Proof:
    values: dict[str, Any] = {
        "manifest": ask_python(bundle, ["x"]).manifest,
        "engine": "chromium",
        "user_agent": "Test/1.0",
        "date": "2026-01-02T03:04:05Z",
        "texts": 2,
        "same_ids": 2,
        "same_tags": 2,
        "worst_difference": 1e-7,
        "tolerance": 1e-5,
        "milliseconds": 0.05,
        "load_milliseconds": 100.0,
        "passed": True,
        "versions": {"python": "3"},
        "worst": (),
    }
    return Proof(**(values | changes))


def test_each_engine_keeps_one_entry_in_the_file(bundle: Bundle) -> None:
    write_proof(bundle.folder, proof_of(bundle, engine="webkit"))
    write_proof(bundle.folder, proof_of(bundle, texts=1))
    path = write_proof(bundle.folder, proof_of(bundle, worst_difference=math.inf, passed=False))
    found = json.loads(path.read_text())
    assert [entry["engine"] for entry in found["browsers"]] == ["chromium", "webkit"]
    assert found["browsers"][0]["worst_difference"] is None
    assert found["manifest"] == proof_of(bundle).manifest
    assert not list(bundle.folder.glob(".proof*"))


@pytest.mark.parametrize("content", ["", "{", "[]", '{"manifest": "other", "browsers": [{}]}'])
def test_entries_of_another_bundle_are_dropped(bundle: Bundle, content: str) -> None:
    (bundle.folder / "proof.json").write_text(content)
    path = write_proof(bundle.folder, proof_of(bundle))
    assert len(json.loads(path.read_text())["browsers"]) == 1


def test_a_bundle_changed_meanwhile_is_not_called_proved(bundle: Bundle) -> None:
    proof = proof_of(bundle)
    (bundle.folder / "manifest.json").write_text("{}")
    with pytest.raises(ProofError, match="was changed while it was proved: prove it again"):
        write_proof(bundle.folder, proof)


def test_without_any_text_nothing_is_proved(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(CountingBundle, "golden_texts", lambda _: [])
    with pytest.raises(UsageError, match="there is no text to prove the bundle with"):
        ask_python(bundle, [])


@pytest.mark.parametrize(
    ("user_agent", "engine"),
    [
        ("Mozilla/5.0 (X11; rv:153.0) Gecko/20100101 Firefox/153.0", "firefox"),
        (
            "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36",
            "chromium",
        ),
        ("Mozilla/5.0 AppleWebKit/605.1.15 (KHTML, like Gecko) Version/60.5 Safari/605", "webkit"),
        ("Lynx/2.9", "other"),
    ],
)
def test_the_engine_is_told_from_the_user_agent(user_agent: str, engine: str) -> None:
    assert engine_of(user_agent) == engine


def fake_chromium(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    starts = tmp_path / "starts"
    path = tmp_path / "fake-chromium"
    path.write_text(
        f"#!/bin/sh\n[ $1 = --version ] && echo Fake 1.2 && exit\necho >> {starts}\n{script}\n"
    )
    path.chmod(0o755)
    monkeypatch.setenv("CHROME", str(path))
    return starts


def test_a_browser_that_dies_is_started_once_more_and_then_reported(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts = fake_chromium(tmp_path, monkeypatch, "echo out of memory >&2; exit 7")
    webapp = write_webapp(tmp_path / "webapp")
    with pytest.raises(
        ProofError,
        match=r"chromium \(Fake 1\.2\) ended after 0 of 123 texts with code 7: out of memory",
    ):
        prove(bundle, TEXTS, webapp_folder=webapp)
    assert len(starts.read_text()) == 2


def test_a_browser_that_dies_in_the_middle_says_how_far_it_came(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The fake answers the first text and is gone.
    (tmp_path / "body").write_text(json.dumps({"from": 0, "answers": [as_sent("")]}))
    python = "import sys, urllib.request as r; url = sys.argv[-1]; r.urlopen(url + 'texts').read();"
    python += f" r.urlopen(url + 'answers', open({str(tmp_path / 'body')!r}, 'rb').read())"
    (tmp_path / "fake.py").write_text(python)
    starts = fake_chromium(
        tmp_path, monkeypatch, f'for url; do :; done; python3 {tmp_path / "fake.py"} "$url"'
    )
    with pytest.raises(ProofError, match=r"ended after 1 of 123 texts with code 0"):
        prove(bundle, TEXTS, webapp_folder=write_webapp(tmp_path / "webapp"))
    assert len(starts.read_text()) == 1


def test_a_browser_that_falls_silent_is_given_up(
    bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_chromium(tmp_path, monkeypatch, "exec sleep 600")
    with pytest.raises(
        ProofError, match=r"no sign of life for .* after 0 of 123 texts: prove again"
    ):
        prove(bundle, TEXTS, webapp_folder=write_webapp(tmp_path / "webapp"), patience_seconds=0.5)


def test_any_browser_a_person_has_can_prove(
    bundle: Bundle,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    texts = [*bundle.golden_texts(), "one"]

    def person(url: str) -> bool:
        def visit() -> None:
            fetch(url, "texts")
            answers = [as_sent(text) for text in texts]
            send(url, "answers", {"from": 0, "answers": answers})
            send(url, "done", DONE | {"user_agent": "Mozilla/5.0 Firefox/1.0"})

        threading.Thread(target=visit).start()
        return True

    monkeypatch.setattr("webbrowser.open", person)
    proof = prove(bundle, ["one"], open_url=True, webapp_folder=write_webapp(tmp_path / "webapp"))
    assert proof.passed
    assert proof.engine == "firefox"
    assert "Open this address in the browser to prove" in capsys.readouterr().err


def installed(name: str) -> str:
    """Return the name of a browser, or skip the test when it is not on this machine."""
    try:
        find_browser(name)
    except ProofError as error:
        pytest.skip(str(error))
    return name


@pytest.mark.browser
@pytest.mark.parametrize("name", BROWSERS)
def test_a_real_browser_proves_the_bundle(bundle: Bundle, tmp_path: Path, name: str) -> None:
    webapp = write_webapp(tmp_path / "webapp")
    [proof] = prove_each(bundle, TEXTS, [installed(name)], webapp_folder=webapp)
    assert proof.passed, proof.worst
    assert (proof.engine, engine_of(proof.user_agent)) == (name, name)
    assert (proof.texts, proof.same_ids, proof.same_tags) == (123, 123, 123)
    assert proof.worst_difference <= 1e-12
    assert proof.versions["browser"]


@pytest.mark.browser
@pytest.mark.parametrize(
    ("change", "what"),
    [
        ("(a, i) => i === 7 ? { ...a, ids: a.ids.slice(1) } : a", "token ids differ at 0"),
        ("(a, i) => i === 7 ? { ...a, tags: ['short'] } : a", "tags: Python ['long'], browser ['s"),
        ("(a, i) => i === 7 ? { ...a, scores: [NaN, NaN] } : a", "score of 'long': inf apart"),
        ("(a, i) => i === 7 ? { ...a, scores: a.scores.map((x) => x + 1e-4) } : a", "1.00e-04"),
    ],
)
def test_a_real_browser_that_answers_differently_does_not_pass(
    bundle: Bundle, tmp_path: Path, change: str, what: str
) -> None:
    webapp = write_webapp(tmp_path / "webapp", change=change)
    proof = prove(bundle, TEXTS, browser=installed("chromium"), webapp_folder=webapp)
    assert not proof.passed
    assert proof.verdict().startswith("chromium gives other answers than Python: ")
    assert [found.text for found in proof.worst] == [
        "text number 4",
        "text number 54",
        "text number 104",
    ]
    assert what in proof.worst[0].what


@pytest.mark.browser
def test_a_page_that_fails_says_why(bundle: Bundle, tmp_path: Path) -> None:
    page = """await fetch("failed", { method: "POST",
      body: JSON.stringify({ name: "BundleError", message: "the golden texts differ" }) });"""
    webapp = write_webapp(tmp_path / "webapp", prove=page)
    with pytest.raises(
        ProofError, match="after 0 of 123 texts: BundleError: the golden texts differ"
    ):
        prove(bundle, TEXTS, browser=installed("chromium"), webapp_folder=webapp)
