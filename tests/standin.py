"""A bundle, a web part and an encoder so small that one sees through them come out.

They answer by counting characters, in Python and in the page alike, so that serving and proving can
be tested without training anything.
"""

import contextlib
import http.client
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from cutouts.bundle import Answer
from cutouts.manifest import file_entry

LABELS = ["long", "short"]

RUNTIME = """
export const length = (text) => [...text].length;
export function answer(text) {
  const ids = [...text].map((char) => char.codePointAt(0));
  const score = ids.length / 8;
  const probability = 1 / (1 + Math.exp(-score));
  const probabilities = [probability, 1 - probability];
  return {
    ids, scores: [score, -score], probabilities, milliseconds: 0.05,
    tags: [probability >= 1 - probability ? "long" : "short"],
  };
}
"""
PROVE = """
import { answer } from "/runtime/index.js";
const post = (name, body) =>
  fetch(name, { method: "POST", body: JSON.stringify(body) }).then((got) => got.json());
const { texts, bundle, batch } = await (await fetch("texts")).json();
await (await fetch(bundle + "manifest.json")).json();
const change = CHANGE;
for (let from = 0; from < texts.length; from += batch) {
  const answers = texts.slice(from, from + batch).map(answer).map(change);
  await post("answers", { from, load_milliseconds: from ? null : 12, answers });
}
const verdict = await post("done", {
  user_agent: navigator.userAgent, load_milliseconds: 12,
});
document.title = verdict.message;
"""


def write_bundle(folder: Path, *, kind: str = "static") -> Path:
    """Write a bundle that only its manifest makes one, and return its folder."""
    contents = {
        "golden.json": json.dumps({"texts": []}).encode(),
        "head/head.safetensors": bytes(range(256)) * 16,
        "encoder/0123456789abcdef/tokenizer.json": json.dumps({"model": ["piece"] * 2000}).encode(),
        "report.html": b"<!doctype html><style>p{color:red}</style><p>report</p>",
    }
    for name, data in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    manifest = {
        "format": 1,
        "name": "standin",
        "created": "2026-01-02T03:04:05Z",
        "encoder": {
            "kind": kind,
            "name": "characters",
            "space": "0123456789abcdef",
            "dim": 1,
            "max_tokens": 512,
            "cls": 1,
            "sep": 2,
            "vocabulary": 1_000_000,
            "licence": "Apache-2.0",
            "source": "tests",
            "receipt": {},
        },
        "head": {"kind": "linear", "link": "softmax"},
        "labels": [{"name": name, "threshold": 0.5} for name in LABELS],
        "multiple": False,
        "max_chars": 100_000,
        "tolerance": 1e-5,
        "metrics": {},
        "provenance": {},
        "licence": "Apache-2.0",
        "files": [file_entry(name, data, load=True) for name, data in contents.items()],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return folder


def write_webapp(folder: Path, *, change: str = "(answer) => answer", prove: str = PROVE) -> Path:
    """Write a web part whose proof page answers as Python does, but for the `change` to each."""
    pages = {
        "index.html": "<!doctype html><title>Try</title>"
        '<script type="module" src="runtime/index.js"></script>',
        "prove.html": '<!doctype html><title>Prove</title><script type="module" '
        'src="/assets/prove-0a1b2c3d.js"></script>',
        "runtime/index.js": RUNTIME,
        "runtime/index.d.ts": "export {};",
        "assets/prove-0a1b2c3d.js": prove.replace("CHANGE", change),
        "assets/index-0a1b2c3d.css": "p { color: black; }\n" * 100,
    }
    for name, text in pages.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    (folder / "runtime" / "engine.wasm").write_bytes(b"\0asm\1\0\0\0" + bytes(4000))
    return folder


@dataclass(frozen=True)
class CountingBundle:
    """What `load_bundle` returns, with an encoder that counts characters."""

    folder: Path
    labels = LABELS

    @property
    def manifest(self) -> Any:
        """Return the parsed manifest."""
        return json.loads((self.folder / "manifest.json").read_text())

    def golden_texts(self) -> list[str]:
        """Return texts that are hard to send unchanged."""
        return ["", "\ud800 a lone surrogate", "\0\u202e\N{PILE OF POO}"]

    def answers(self, texts: Sequence[str]) -> list[Answer]:
        """Return the answers that the page gives, too."""
        return [counted(text) for text in texts]


def counted(text: str) -> Answer:
    """Return Python's answer to one text."""
    score = len(text) / 8
    probability = 1 / (1 + np.exp(-score))
    return Answer(
        ids=[ord(char) for char in text],
        vector=np.zeros(1, np.float32),
        scores=np.array([score, -score]),
        probabilities=np.array([probability, 1 - probability]),
        tags=["long"],
    )


def list_file(bundle: Path, name: str, data: bytes) -> None:
    """Add a file to the bundle, and to its manifest."""
    (bundle / name).write_bytes(data)
    manifest = json.loads((bundle / "manifest.json").read_text())
    manifest["files"].append(file_entry(name, data, load=False))
    (bundle / "manifest.json").write_text(json.dumps(manifest))


def send(address: str, name: str, body: Any, **headers: str) -> tuple[int, str]:
    """Post to the one-time address, and return status and answer."""
    host, _, path = address.removeprefix("http://").partition("/")
    with contextlib.closing(http.client.HTTPConnection(host, timeout=20)) as connection:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        connection.request("POST", f"/{path}{name}", data, headers)
        response = connection.getresponse()
        return response.status, response.read().decode()


def fetch(address: str, name: str = "") -> tuple[int, str]:
    """Get from the one-time address, and return status and answer."""
    host, _, path = address.removeprefix("http://").partition("/")
    with contextlib.closing(http.client.HTTPConnection(host, timeout=20)) as connection:
        connection.request("GET", f"/{path}{name}")
        response = connection.getresponse()
        return response.status, response.read().decode()


def as_sent(text: str, **changes: Any) -> dict[str, Any]:
    """Return the answer to a text as the page posts it, with some fields changed."""
    answer = counted(text)
    return {
        "ids": answer.ids,
        "scores": answer.scores.tolist(),
        "probabilities": answer.probabilities.tolist(),
        "tags": answer.tags,
        "milliseconds": 0.1,
    } | changes


DONE = {"user_agent": "Test/1.0", "load_milliseconds": 5}
