"""Damaged files of the library: set aside, said in the app, brought back as far as possible."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.app import WAIT_MS, App
from tests.browser.axe import look
from tests.browser.library import HEAD, ON_LINUX, Person

pytestmark = [pytest.mark.browser, ON_LINUX]

FILE = "/library-1.sqlite"
AHEAD = f"{FILE}-wal"
COUNT = 200
STOCK = """
async (count) => {
  const plain = { kind: "page", note: "", address: "", anchor: null, asset: null, tags: ["Bread"] };
  const body = (number) => `words of ${number} `.repeat(200);
  const made = (number) => ({ ...plain, key: `${number}`, title: `No. ${number}`, created: number });
  const save = (number) => library.ask("save", { cutout: { ...made(number), body: body(number) } });
  await Promise.all(Array.from({ length: count }, (_, number) => save(number)));
}
"""


@pytest.fixture
def stocked(person: Person) -> Person:
    """Give a person with a library on the disk, whose browser is closed."""
    person.window().page.evaluate(STOCK, COUNT)
    person.close()
    person.window().ask("contents")  # what was written ahead goes into the file
    person.close()
    return person


def app_of(person: Person) -> App:
    """Return the app, open in the person's browser."""
    return App(person.started(), person.address).later()


def overwrite(path: Path, at: int, data: bytes) -> None:
    """Write over a part of a file."""
    with path.open("r+b") as file:
        file.seek(at)
        file.write(data)


def cut(path: Path, size: int) -> None:
    """Cut a file off."""
    with path.open("r+b") as file:
        file.truncate(size)


def without_ahead(damage: Callable[[Path], None]) -> Callable[[dict[str, Path]], None]:
    """Return what damages the database where nothing is written ahead that would make up for it."""

    def both(files: dict[str, Path]) -> None:
        cut(files[AHEAD], HEAD)
        damage(files[FILE])

    return both


DAMAGES: dict[str, Callable[[dict[str, Path]], None]] = {
    "the header is gone": without_ahead(lambda path: overwrite(path, HEAD, bytes(100))),
    "no byte is left of it": without_ahead(
        lambda path: overwrite(path, HEAD, b"\xa5" * (path.stat().st_size - HEAD))
    ),
    "it is cut short": without_ahead(lambda path: cut(path, path.stat().st_size // 2)),
    "a part is overwritten": without_ahead(
        lambda path: overwrite(path, HEAD + 4096 * 20, b"\xa5" * 4096 * 40)
    ),
    "the name is gone": lambda files: overwrite(files[FILE], 0, b"\xa5" * HEAD),
    "the name is empty": lambda files: overwrite(files[FILE], 0, bytes(HEAD)),
    "it is empty and something is written ahead": lambda files: cut(files[FILE], HEAD),
    "it has no byte and something is written ahead": lambda files: cut(files[FILE], 0),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_a_damaged_file_is_set_aside_and_the_person_can_save_it_as_it_is(
    stocked: Person, damage: Callable[[dict[str, Path]], None], tmp_path: Path
) -> None:
    files = stocked.files()
    damage(files)
    left = {path.read_bytes()[HEAD:] for path in files.values()} - {b""}
    app = app_of(stocked)
    page = app.page
    expect(page.locator(".set-aside")).to_contain_text("nothing in it was deleted", timeout=WAIT_MS)
    assert app.ask("contents")["cutouts"] == 0
    assert app.ask("check") == {"problems": []}
    page.get_by_role("button", name="Bring back what can be read…").click()
    saved = []
    for button in page.get_by_role("button", name="Save the file").all():
        with page.expect_download() as download:
            button.click()
        download.value.save_as(tmp_path / "saved")
        saved.append((tmp_path / "saved").read_bytes())
    assert left & set(saved)
    page.keyboard.press("Escape")
    app.seed_titles("after")
    page.reload()
    expect(app.title("after")).to_be_visible(timeout=WAIT_MS)
    expect(page.locator(".set-aside")).to_have_count(0)  # the person has seen it
    assert len(app.ask("contents")["setAside"]) == len(saved)


READ_ALL = """
async (count) => {
  const { openLibrary } = await import("./library/index.js");
  const library = openLibrary();
  const said = ({ message }) => message;
  for (let number = 0; number < count; number++) {
    const answer = await library.ask("get", { key: `${number}` }).catch(said);
    if (typeof answer === "string") return answer;
  }
}
"""


def test_what_can_be_read_of_a_damaged_file_is_brought_back(stocked: Person) -> None:
    files = stocked.files()
    cut(files[AHEAD], HEAD)
    data = files[FILE].read_bytes()
    overwrite(files[FILE], data.index(b"No. 100words") // 4096 * 4096, b"\xa5" * 4096 * 8)
    app = app_of(stocked)
    page = app.page
    page.evaluate(READ_ALL, COUNT)  # damage is found where it is read
    page.get_by_role("button", name="Bring back what can be read…").wait_for()
    assert look(page, "set-aside") == []
    page.get_by_role("button", name="Bring back what can be read…").click()
    assert look(page, "set-aside-data") == []
    page.get_by_role("button", name="Bring back what can be read", exact=True).click()
    page.get_by_role("button", name="Bring in library-1.sqlite").click()
    report = page.locator(".report p")
    expect(report).to_contain_text("added", timeout=WAIT_MS)
    added, left_out = (
        int(number) for number in re.findall(r"(\d+) (?:added|left)", report.inner_text())
    )
    assert added + left_out == COUNT
    assert COUNT * 0.8 < added < COUNT
    assert app.ask("get", {"key": "150"})["tags"][0]["name"] == "Bread"
    assert app.ask("check") == {"problems": []}


def test_what_was_written_ahead_and_cut_in_half_gives_the_library_of_an_earlier_moment(
    person: Person,
) -> None:
    person.window().page.evaluate(STOCK, COUNT)
    person.close()
    files = person.files()
    cut(files[AHEAD], files[AHEAD].stat().st_size // 2)
    window = person.window()
    kept = window.ask("contents")
    assert kept["setAside"] == []
    assert 0 < kept["cutouts"] < COUNT
    assert window.ask("get", {"key": f"{kept['cutouts'] - 1}"})["tags"][0]["name"] == "Bread"
    assert window.ask("check") == {"problems": []}
