"""A bundle on USE lite, exported to TensorFlow.js, in; its page must answer as the bundle does."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Page, expect
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from cutouts.bundle import Bundle, load_bundle
from cutouts.export import export_bundle
from cutouts.heads.choose import choose_head
from cutouts.samples import read_sample
from cutouts.serve import running_site
from cutouts.training import train
from tests.browser.conftest import Watched, watch

pytestmark = [pytest.mark.real, pytest.mark.browser]

TRAINED_ON = 400  # texts: enough for a network that is often right, and soon trained
END_TO_END = 100  # texts of the test split that go through the whole page
ALLOWED = 1e-4

TAG = """async json => {
  const { loadTagger } = await import("./tagger.js");
  globalThis.tagger ??= await loadTagger();
  const answers = [];
  for (const text of JSON.parse(json)) answers.push(await tagger.tag(text));
  return answers;
}"""
EMBED = """async json => {
  const texts = JSON.parse(json);
  const embed = async (some) => {
    const rows = await tagger.encoder.embed(some);
    const numbers = await rows.array();
    rows.dispose();
    return numbers;
  };
  const together = await embed(texts);
  const alone = [];
  for (const text of texts) alone.push((await embed([text]))[0]);
  return { together, alone };
}"""
PREDICT = """async vectors => {
  const input = tf.tensor2d(vectors);
  const output = tagger.head.predict(input);
  const rows = await output.array();
  tf.dispose([input, output]);
  return rows.map((probabilities) => ({ tags: tagger.decide(probabilities), probabilities }));
}"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    """Give a bundle of the CNN on USE lite, trained on a few news."""
    corpus = read_sample("reuters-r8", "train")
    some = replace(corpus, texts=corpus.texts[:TRAINED_ON], labels=corpus.labels[:TRAINED_ON])
    out = tmp_path_factory.mktemp("real") / "bundle"
    train(some, None, encoder="use-lite", head=choose_head("cnn"), out=out)
    return load_bundle(out)


@pytest.fixture(scope="module")
def exported_once(made: Bundle) -> Path:
    """Give the exported folder; tests that damage it copy it."""
    out = made.folder.parent / "tfjs"
    export_bundle(made.folder, "tfjs", out)
    return out


@pytest.fixture
def exported(exported_once: Path, tmp_path: Path) -> Path:
    """Give an export that the test may damage."""
    return Path(shutil.copytree(exported_once, tmp_path / "tfjs"))


@pytest.fixture
def address(exported: Path) -> Iterator[str]:
    """Serve the folder below some path, by a server that knows nothing of it."""
    files = StaticFiles(directory=exported, html=True)
    with running_site(Starlette(routes=[Mount("/some/where", files)])) as site:
        yield f"{site}/some/where/"


@pytest.fixture
def opened(context: BrowserContext, address: str) -> Watched:
    """Give the page, ready to tag."""
    watched = watch(context.new_page())
    watched.page.goto(address)
    ready(watched.page)
    watched.page.evaluate(TAG, "[]")  # a tagger of this test's own
    return watched


def ready(page: Page) -> None:
    expect(page.get_by_role("heading", level=1)).not_to_have_text(
        "Text in, tags out", timeout=60_000
    )


def chosen(page: Page) -> list[str]:
    """Return the tags on the page, once there are some."""
    tags = page.get_by_role("list", name="Tags", exact=True).get_by_role("listitem")
    expect(tags.first).to_be_visible(timeout=20_000)
    return tags.all_inner_texts()


def complaint(page: Page, address: str) -> str:
    """Return what the page says when it cannot start."""
    page.goto(address)
    alert = page.get_by_role("alert")
    expect(alert).to_be_visible(timeout=60_000)
    return alert.locator("p").inner_text()


def assert_same(bundle: Bundle, found: list[dict[str, Any]], expected: Any) -> None:
    """Fail unless tags are the same and probabilities within ALLOWED, for each text."""
    probabilities = np.array([one["probabilities"] for one in found])
    np.testing.assert_allclose(probabilities, expected, rtol=0, atol=ALLOWED)
    tags = [[tag.label for tag in bundle.decide(row)] for row in expected]
    assert [one["tags"] for one in found] == tags


def test_the_head_answers_as_the_bundles_on_every_text_of_a_split(
    opened: Watched, made: Bundle
) -> None:
    pieces = made.pieces(read_sample("reuters-r8", "test").texts)
    vectors = made.vectors(pieces)
    expected = made.calibration.probabilities(made.head.scores(pieces, vectors))
    assert len({tuple(row.argsort()) for row in expected}) > 1
    assert_same(made, opened.page.evaluate(PREDICT, vectors.tolist()), expected)


def test_the_page_answers_as_the_bundle_from_the_text_on(opened: Watched, made: Bundle) -> None:
    texts = [*made.golden_texts(), *read_sample("reuters-r8", "test").texts[:END_TO_END]]
    found = opened.page.evaluate(TAG, json.dumps(texts))
    assert_same(made, found, made.probabilities(texts))


def test_texts_of_a_batch_do_not_see_each_other(opened: Watched) -> None:
    texts = ["oil", "wheat and " * 90, "a b c", "The bank raised its rate."]
    found = opened.page.evaluate(EMBED, json.dumps(texts))
    np.testing.assert_allclose(found["together"], found["alone"], rtol=0, atol=1e-6)


def test_several_labels_are_chosen_as_the_bundle_chooses(opened: Watched, made: Bundle) -> None:
    labels = [{**label, "threshold": 0.05} for label in made.manifest["labels"]]
    several = replace(made, manifest={**made.manifest, "multiple": True, "labels": labels})
    settings = {"multiple": True, "labels": labels}
    opened.page.evaluate(
        "s => { Object.assign(tagger.settings, s); tagger.labels = s.labels; }", settings
    )
    texts = read_sample("reuters-r8", "test").texts[:40]
    expected = several.probabilities(texts)
    assert max(len(several.decide(row)) for row in expected) > 1
    assert_same(several, opened.page.evaluate(TAG, json.dumps(texts)), expected)


def test_a_browser_that_keeps_nothing_tags_all_the_same_and_says_so(
    context: BrowserContext, made: Bundle, address: str
) -> None:
    context.add_init_script("Object.defineProperty(window, 'indexedDB', { value: undefined })")
    page = context.new_page()
    page.goto(address)
    ready(page)
    expect(page.get_by_text("Not kept for the next visit: ")).to_be_visible()
    page.get_by_label("Your text").fill("oil prices")
    assert chosen(page) == [tag.label for tag in made.tag(["oil prices"])[0]]


def test_a_typed_text_is_tagged_and_nobody_else_is_asked(
    opened: Watched, made: Bundle, address: str
) -> None:
    text = read_sample("reuters-r8", "test").texts[0]
    opened.page.get_by_label("Your text").fill(text)
    tags = [tag.label for tag in made.tag([text])[0]]
    assert tags and chosen(opened.page) == tags
    expect(opened.page.get_by_role("status")).to_contain_text(f"Tagged {tags[0]}, ")
    opened.page.get_by_label("Your text").fill(" ")
    expect(opened.page.get_by_text("Tags appear here as you type.")).to_be_visible()
    assert opened.complaints == []
    assert all(url.startswith((address, "data:")) for url in opened.requests)


def test_a_second_visit_downloads_no_model_and_tags_offline(opened: Watched, address: str) -> None:
    page = opened.page
    expected = page.evaluate(TAG, json.dumps(["oil prices"]))
    assert [url for url in opened.requests if "/encoder/" in url or "/head/" in url]
    opened.requests.clear()
    page.context.route("**/*.bin", lambda route: route.abort())
    page.context.route("**/model.json", lambda route: route.abort())
    page.goto(address)
    ready(page)
    assert not [url for url in opened.requests if "/encoder/" in url or "/head/" in url]
    page.context.set_offline(True)
    page.get_by_label("Your text").fill("oil prices")
    assert chosen(page) == expected[0]["tags"]
    assert opened.complaints == []


def test_another_export_takes_the_place_of_the_kept_head(
    opened: Watched, exported: Path, address: str
) -> None:
    page = opened.page
    before = page.evaluate("async () => Object.keys(await tf.io.listModels()).sort()")
    shard = exported / "head" / "group1-shard1of1.bin"
    weights = np.frombuffer(shard.read_bytes(), "<f4").copy()
    weights[0] = np.nextafter(weights[0], np.float32(9))
    shard.write_bytes(weights.tobytes())
    settings = json.loads((exported / "cutouts.json").read_text())
    settings["files"]["head/group1-shard1of1.bin"]["sha256"] = sha256(
        shard.read_bytes()
    ).hexdigest()
    (exported / "cutouts.json").write_text(json.dumps(settings))
    page.goto(address)
    ready(page)
    after = page.evaluate("async () => Object.keys(await tf.io.listModels()).sort()")
    assert len(before) == len(after) == 2
    assert len(set(before) & set(after)) == 1


@pytest.mark.parametrize(
    "path", ["cutouts.json", "head/model.json", "encoder/group1-shard2of2.bin"]
)
def test_a_missing_file_is_named(
    context: BrowserContext, exported: Path, address: str, path: str
) -> None:
    (exported / path).rename(exported / "away")
    page = context.new_page()
    assert complaint(page, address) == f"{path} is missing (404): copy the whole folder again."
    (exported / "away").rename(exported / path)
    page.get_by_role("button", name="Try again").click()
    ready(page)


def test_an_altered_shard_is_named(context: BrowserContext, exported: Path, address: str) -> None:
    path = exported / "encoder" / "group1-shard1of2.bin"
    data = bytearray(path.read_bytes())
    data[1000] ^= 1
    path.write_bytes(data)
    said = complaint(context.new_page(), address)
    assert said.startswith("encoder/group1-shard1of2.bin is not the file that was exported: copy")


def test_a_browser_that_answers_otherwise_shows_no_tags_and_keeps_no_model(
    context: BrowserContext, exported: Path, address: str
) -> None:
    settings = json.loads((exported / "cutouts.json").read_text())
    settings["checks"][-1]["probabilities"][0] += 2e-4
    (exported / "cutouts.json").write_text(json.dumps(settings))
    page = context.new_page()
    assert "answers otherwise than Python (0.00020 apart)" in complaint(page, address)
    page.get_by_label("Your text").fill("oil")
    expect(page.get_by_role("list", name="Tags", exact=True).get_by_role("listitem")).to_have_count(
        0
    )
    assert page.evaluate("async () => Object.keys(await tf.io.listModels())") == []


def test_a_label_that_is_html_is_shown_as_text(
    context: BrowserContext, exported: Path, address: str
) -> None:
    settings = json.loads((exported / "cutouts.json").read_text())
    for label in settings["labels"]:
        label |= {"name": "<img src=x onerror=alert(1)>", "threshold": 0}
    (exported / "cutouts.json").write_text(json.dumps(settings))
    page = context.new_page()
    page.goto(address)
    ready(page)
    page.get_by_label("Your text").fill("oil")
    assert chosen(page) == ["<img src=x onerror=alert(1)>"]
    assert page.locator("img").count() == 0
