"""Machines that lack something in; fails where the set-up takes the wrong thing or says nothing."""

from pathlib import Path

import pytest

import debian_packages
import find_chromium
import run_npm


def write_program(path: Path, answer: str) -> None:
    """Write a program that prints one line, whatever it is asked."""
    path.write_text(f"#!/bin/sh\necho {answer}\n")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("version", "taken"),
    [("v20.19.0", True), ("v24.1.0", True), ("v20.18.3", False), ("v8.9.1", False), ("hm", False)],
)
def test_node_is_taken_from_path_only_when_it_is_new_enough(
    version: str, taken: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_program(tmp_path / "node", version)
    write_program(tmp_path / "npm", "10.0.0")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run_npm.node_on_path() == (tmp_path if taken else None)


def test_a_node_without_npm_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_program(tmp_path / "node", "v24.1.0")
    monkeypatch.setenv("PATH", str(tmp_path))
    assert run_npm.node_on_path() is None


def test_a_chromium_that_was_chosen_is_the_one_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_program(tmp_path / "mine", "Chromium 150.0")
    monkeypatch.setenv("CHROME", str(tmp_path / "mine"))
    assert find_chromium.on_this_machine() == tmp_path / "mine"


def test_a_chosen_chromium_that_does_not_start_is_refused_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "broken").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "broken").chmod(0o755)
    monkeypatch.setenv("CHROME", str(tmp_path / "broken"))
    with pytest.raises(SystemExit, match="broken', which does not start: correct it or unset it"):
        find_chromium.on_this_machine()


def test_a_chosen_chromium_that_is_missing_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CHROME", "/nowhere/chromium")
    with pytest.raises(SystemExit, match="'/nowhere/chromium', which is no program"):
        find_chromium.on_this_machine()


def test_nothing_is_installed_where_there_is_no_apt_get(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert not debian_packages.install("chromium")


def test_a_failing_apt_get_is_quoted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "apt-get").write_text("#!/bin/sh\necho no such package; exit 100\n")
    (tmp_path / "apt-get").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert not debian_packages.install("chromium")
    assert "failed: no such package" in capsys.readouterr().err
