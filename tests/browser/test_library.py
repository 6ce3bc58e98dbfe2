"""The library in a real Chromium: kept, shared between windows, and whole after every kind of end."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest

import cutouts.library
from tests.browser.library import ON_LINUX, OPEN, SAVE_ON, Person, Window
from tests.browser.tiny import HTML

pytestmark = pytest.mark.browser


def test_what_was_saved_is_there_after_a_reload(windows: Any) -> None:
    window = windows()
    assert window.save("one", "Bread", title="Sourdough", address="https://www.example.org/a")
    page = window.page
    page.reload()
    page.evaluate(OPEN)
    found = window.ask("get", {"key": "one"})
    assert (found["title"], found["site"]) == ("Sourdough", "example.org")
    assert found["tags"] == [{"name": "Bread", "origin": "person", "probability": None}]
    assert window.ask("check") == {"problems": []}


def test_a_second_window_asks_the_first_and_hears_of_changes(windows: Any) -> None:
    first = windows()
    first.wait_for_state("owner")
    second = windows()
    assert second.save("one", title="from the second") == {"isNew": True}
    second.wait_for_state("follower")
    assert first.ask("get", {"key": "one"})["title"] == "from the second"
    assert first.page.evaluate("changes") == ["save"]
    assert second.page.evaluate("changes") == ["save"]


def test_when_the_owner_closes_another_window_takes_over_and_nothing_is_lost(windows: Any) -> None:
    first = windows()
    first.wait_for_state("owner")
    others = [windows() for _ in range(4)]
    for number, window in enumerate(others):
        assert window.save(f"{number}") == {"isNew": True}
    for window in others:  # asked, and not answered when the owner goes
        window.page.evaluate(
            "() => { globalThis.late = Promise.all([...Array(20).keys()].map((n) => library.ask('tag', "
            "{ keys: ['0'], name: `tag ${n}` }))) }"
        )
    first.page.close()
    for window in others:
        window.page.evaluate("() => late")
    found = others[0].ask("get", {"key": "0"})
    assert sorted(tag["name"] for tag in found["tags"]) == sorted(f"tag {n}" for n in range(20))
    owners = [window for window in others if window.page.evaluate("states.at(-1)") == "owner"]
    assert len(owners) == 1
    assert others[0].ask("contents")["cutouts"] == 4


def test_a_call_that_is_asked_twice_changes_nothing_twice(windows: Any) -> None:
    window = windows()
    window.save("one")
    twice = """
    async () => {
      const replies = [];
      library.worker.addEventListener("message", ({ data }) => {
        if (data.id === "same") replies.push(data.answer);
      });
      const call = { type: "call", id: "same", name: "undo", ask: null };
      library.worker.postMessage(call);
      library.worker.postMessage(call);
      while (replies.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
      return replies;
    }
    """
    window.save("two")
    assert window.page.evaluate(twice) == [{"what": "save"}, {"what": "save"}]
    assert window.ask("contents")["cutouts"] == 1


def test_errors_say_what_to_do(windows: Any) -> None:
    window = windows()
    found = window.ask("tag", {"keys": ["gone"], "name": "x"})
    assert found == {
        "error": "LibraryError: no cutout has the key gone: it was deleted, perhaps in another window"
    }
    found = window.ask("sing")
    assert found == {
        "error": "LibraryError: the library knows no sing: reload the page to update the app"
    }


def wait_until_read(window: Window) -> None:
    """Wait until no cutout waits for the model."""
    while window.ask("contents")["waiting"] > 0:
        window.page.wait_for_timeout(20)


def test_what_is_saved_is_tagged_by_the_model_and_by_another_window_too(windows: Any) -> None:
    window = windows()
    window.save("before", title="an apple")  # before there is a model
    assert window.ask("useModel", {"url": "/bundle/"})["name"] == "ready"
    windows().save("after", title="angle", body="w1 w2")
    wait_until_read(window)
    tags = {key: window.ask("get", {"key": key})["tags"] for key in ("before", "after")}
    assert [tag["name"] for tag in tags["before"]] == ["fruit"]
    assert [tag["name"] for tag in tags["after"]] == [HTML]
    assert 0.5 < tags["after"][0]["probability"] <= 1
    assert window.page.evaluate("changes").count("read") >= 1


def test_reading_goes_on_in_the_next_window_that_loads_the_model(windows: Any) -> None:
    first = windows()
    first.ask("useModel", {"url": "/bundle/"})
    first.page.evaluate(
        """
        async () => {
          const plain = { kind: "page", body: "", note: "", address: "", anchor: null, asset: null };
          const save = (number) => {
            const cutout = { ...plain, title: "apple", key: `${number}`, tags: [], created: 1 };
            return library.ask("save", { cutout });
          };
          await Promise.all(Array.from({ length: 200 }, (_, number) => save(number)));
        }
        """
    )
    first.page.close()
    second = windows()
    second.ask("useModel", {"url": "/bundle/"})
    wait_until_read(second)
    assert [tag["cutouts"] for tag in second.ask("tags")] == [200]


def test_a_model_says_that_it_reads_its_vectors_and_is_there_once_for_two_that_ask(
    windows: Any,
) -> None:
    window = windows()
    window.save("one", title="apple")
    window.ask("useModel", {"url": "/bundle/"})
    wait_until_read(window)
    window.page.close()
    window = windows()
    answers = window.page.evaluate(
        """
        async () => {
          const use = () => library.ask("useModel", { url: "/bundle/" });
          return (await Promise.all([use(), use()])).map(({ name }) => name);
        }
        """
    )
    assert answers == ["ready", "ready"]
    assert window.page.evaluate("models") == ["loading", "reading", "ready"]
    assert window.ask("useModel", {"url": "/bundle/"})["name"] == "ready"
    # Vectors that are in memory are not read again.
    assert window.page.evaluate("models.slice(3)") == ["loading", "ready"]


def test_a_bundle_that_is_not_there_is_said_and_saving_goes_on(windows: Any) -> None:
    window = windows()
    found = window.ask("useModel", {"url": "/nowhere/"})
    assert found["name"] == "failed"
    assert "/nowhere/manifest.json" in found["error"]["message"]
    assert window.save("one") == {"isNew": True}


@ON_LINUX
def test_what_was_acknowledged_is_there_after_the_browser_was_killed(person: Person) -> None:
    for _ in range(3):
        window = person.window()
        begun = window.ask("contents")["cutouts"]
        window.page.evaluate(SAVE_ON.replace("saved = 0", f"saved = {begun}"))
        window.page.wait_for_function("(least) => saved > least", arg=begun + 20)
        acknowledged = window.page.evaluate("saved")
        person.kill()
        window = person.window()
        assert window.ask("contents")["cutouts"] >= acknowledged
        assert window.ask("get", {"key": f"key {acknowledged - 1}"})["tags"][1]["name"] == "b"
        assert window.ask("check") == {"problems": []}
        assert window.ask("contents")["setAside"] == []
        person.close()


TAKE_OUT = """
async ([format, keys]) => {
  const { file, name, cutouts, leftOut } = await library.ask("exportFile", { format, keys });
  globalThis.taken = file;
  const url = await new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.readAsDataURL(file);
  });
  return { bytes: url.slice(url.indexOf(",") + 1), name, cutouts, leftOut };
}
"""


def test_what_a_window_takes_out_is_read_by_python_and_by_another_library(
    windows: Any, tmp_path: Path
) -> None:
    owner = windows()
    owner.wait_for_state("owner")
    image = {"sha256": hashlib.sha256(bytes(9)).hexdigest(), "type": "image/png"}
    owner.page.evaluate(
        """
        async ({ sha256, type }) => {
          const plain = { title: "", body: "", note: "", address: "", anchor: null, tags: [] };
          const cutout = { ...plain, key: "image", kind: "image", asset: sha256, created: 2 };
          await library.ask("save", { cutout, asset: { type, bytes: new Uint8Array(9) } });
        }
        """,
        image,
    )
    owner.save("one", "Bread", "日本語", title="Sourdough", address="https://example.org/")
    follower = windows()  # its file comes from the window that holds the library
    follower.ask("contents")
    path = tmp_path / "library.sqlite"
    taken = follower.page.evaluate(TAKE_OUT, ["database", None])
    path.write_bytes(base64.b64decode(taken["bytes"]))
    with cutouts.library.open(path) as library:
        assert {cutout.key: cutout.tags for cutout in library.cutouts()} == {
            "image": (),
            "one": ("Bread", "日本語"),
        }
        assert library.asset(image["sha256"]).bytes == bytes(9)
    assert (taken["cutouts"], taken["leftOut"], path.suffix) == (2, 0, Path(taken["name"]).suffix)

    follower.page.evaluate(TAKE_OUT, ["zip", None])
    for key in ("image", "one"):
        follower.ask("trash", {"keys": [key], "isTrashed": True})
    follower.ask("emptyTrash")
    bring = '() => library.ask("importFile", { file: taken })'
    assert follower.page.evaluate(bring)["added"] == 2
    found = owner.ask("get", {"key": "one"})
    assert [(tag["name"], tag["origin"]) for tag in found["tags"]] == [
        ("Bread", "person"),
        ("日本語", "person"),
    ]
    assert owner.ask("check") == {"problems": []}
