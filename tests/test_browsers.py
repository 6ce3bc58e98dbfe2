"""Browsers are found, started with nothing in them, and leave nothing behind."""

import os
from pathlib import Path

import pytest

from cutouts.browsers import BROWSERS, find_browser, running_browser
from cutouts.errors import ProofError, UsageError
from cutouts.serve import running_site, site_app
from tests.standin import write_bundle, write_webapp


def program(folder: Path, name: str, script: str) -> Path:
    """Write a shell script that can be started as a browser."""
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing installed but what is put into the folder that this returns."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("CHROME", raising=False)
    monkeypatch.setattr("cutouts.browsers.PLACES", dict.fromkeys(BROWSERS, ()))
    (tmp_path / "bin").mkdir()
    return tmp_path / "bin"


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("chromium", "apt-get install chromium, or set CHROME"),
        ("firefox", "apt-get install firefox-esr"),
        ("webkit", "apt-get install webkit2gtk-driver xvfb, or use --open in Safari"),
    ],
)
@pytest.mark.usefixtures("bare")
def test_a_missing_browser_says_what_to_install(name: str, advice: str) -> None:
    with pytest.raises(ProofError, match=f"{name} is not installed here: {advice}"):
        find_browser(name)


def test_an_unknown_browser_is_refused_by_name() -> None:
    with pytest.raises(
        UsageError, match="no browser is called 'opera': choose from chromium, fire"
    ):
        find_browser("opera")


def test_chrome_from_the_environment_comes_first(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(bare, "chromium", "")
    mine = program(bare, "my-chrome", "")
    assert find_browser("chromium") == bare / "chromium"
    monkeypatch.setenv("CHROME", str(mine))
    assert find_browser("chromium") == mine


@pytest.mark.usefixtures("bare")
def test_a_wrong_chrome_in_the_environment_is_not_passed_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CHROME", "/no/chrome")
    with pytest.raises(ProofError, match="CHROME is '/no/chrome', which is no program: correct it"):
        find_browser("chromium")


def test_the_newest_browser_off_the_path_is_found(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = bare.parent / "home"
    for version in ("1100", "1200"):
        (home / version).mkdir(parents=True)
        program(home / version, "chrome", "")
    monkeypatch.setattr("cutouts.browsers.PLACES", {"chromium": ("~/*/chrome",)})
    assert find_browser("chromium") == home / "1200" / "chrome"


def test_webkit_without_a_display_server_says_what_to_install(bare: Path) -> None:
    program(bare, "MiniBrowser", "")
    with (
        pytest.raises(ProofError, match=r"Xvfb, the display .* apt-get install xvfb"),
        running_browser("webkit", "about:blank"),
    ):
        pass


def test_a_display_server_that_fails_gives_its_reason(bare: Path) -> None:
    program(bare, "MiniBrowser", "")
    program(bare, "Xvfb", "echo 'no room for a screen' >&2")
    with (
        pytest.raises(ProofError, match="Xvfb did not start: no room for a screen"),
        running_browser("webkit", "about:blank"),
    ):
        pass


def test_the_browser_and_all_it_started_end_with_the_block(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It ignores a polite request, and so does its child.
    script = "trap '' TERM; [ $1 = --version ] && echo Fake 1.23 && exit; sleep 600 & sleep 600"
    program(bare, "chromium", script)
    monkeypatch.setenv("PATH", f"{bare}:/usr/bin:/bin")
    with running_browser("chromium", "about:blank") as browser:
        assert browser.alive()
        assert browser.version == "Fake 1.23"
    with pytest.raises(ProcessLookupError):
        os.killpg(browser.process.pid, 0)
    assert not browser.log.parent.exists()


def test_last_words_cannot_steer_a_terminal(bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program(bare, "firefox", r"printf 'one\ntwo \033[31m red\n' >&2")
    monkeypatch.setenv("PATH", f"{bare}:/usr/bin:/bin")
    monkeypatch.setattr("cutouts.browsers.COMMANDS", {"firefox": ("firefox",)})
    with running_browser("firefox", "about:blank") as browser:
        browser.process.wait(20)
        assert browser.last_words() == "one | two ?[31m red"
        assert not browser.alive()


@pytest.mark.browser
@pytest.mark.parametrize("name", BROWSERS)
def test_a_real_browser_starts_and_ends(tmp_path: Path, name: str) -> None:
    try:
        find_browser(name)
    except ProofError as error:
        pytest.skip(str(error))
    app = site_app(write_bundle(tmp_path / "bundle"), write_webapp(tmp_path / "webapp"))
    with running_site(app) as address, running_browser(name, address) as browser:
        assert browser.alive()
        assert any(char.isdigit() for char in browser.version)
    assert not browser.log.parent.exists()
    with pytest.raises(ProcessLookupError):
        os.killpg(browser.process.pid, 0)
