"""A bundle is proved by a browser that answers the same, and by no other."""

import json
import threading
from pathlib import Path
from typing import cast

import pytest

from cutouts.browsers import BROWSERS, find_browser
from cutouts.bundle import Bundle
from cutouts.errors import ProofError, UsageError
from cutouts.prove import ask_python, engine_of, prove, prove_each
from tests.standin import (
    DONE,
    CountingBundle,
    as_sent,
    fetch,
    send,
    write_bundle,
    write_webapp,
)

TEXTS = [f"text number {number}" for number in range(120)]


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return cast(Bundle, CountingBundle(write_bundle(tmp_path / "bundle")))


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
