"""A folder in, a hub on this machine out: it answers for one model as huggingface.co does."""

import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

COMMIT, NEWER = "a" * 40, "b" * 40
NAME = "someone/tiny"
LARGE = (".safetensors", ".onnx", ".onnx_data")


@dataclass
class LocalHub:
    """Answers for one model as huggingface.co does: the API, redirects to a store, HEAD, ETag."""

    folder: Path
    commit: str = COMMIT
    port: int = 0
    status: int = 0  # answered to everything, unless 0
    blobs: bool = True  # sizes and hashes are in the list
    change: Callable[[str, bytes], bytes] = lambda _, content: content
    said: Callable[[Any], Any] = lambda answer: answer
    asked: list[str] = field(default_factory=list)

    @property
    def cached(self) -> str:
        """Return where small files are, on the same host."""
        return f"/api/resolve-cache/models/{NAME}/{self.commit}/"

    def listing(self) -> Any:
        siblings = []
        for path in sorted(self.folder.rglob("*")):
            if path.is_file():
                name, content = path.relative_to(self.folder).as_posix(), path.read_bytes()
                entry: dict[str, Any] = {"rfilename": name}
                if self.blobs:
                    entry |= {"size": len(content), "blobId": git_hash(content)}
                if self.blobs and name.endswith(LARGE):
                    large = {"sha256": sha256(content), "size": len(content), "pointerSize": 134}
                    entry["lfs"] = large
                siblings.append(entry)
        return self.said({"id": NAME, "sha": self.commit, "siblings": siblings})

    def names(self) -> list[str]:
        """Return the files that were fetched, each once, without the answers of the API."""
        fetched = [path for path in self.asked if path.startswith("GET /someone")]
        return [path.partition(f"{self.commit}/")[2] for path in fetched]


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def git_hash(content: bytes) -> str:
    head = f"blob {len(content)}\0".encode()
    return hashlib.sha1(head + content, usedforsecurity=False).hexdigest()


def handler_of(hub: LocalHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def answer(self, status: int, content: bytes = b"", **headers: str) -> None:
            self.send_response(status)
            self.send_header("X-Repo-Commit", hub.commit)
            headers.setdefault("Content-Length", str(len(content)))
            for key, value in headers.items():
                self.send_header(key.replace("_", "-"), value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(content)

        def do_GET(self) -> None:
            hub.asked.append(f"{self.command} {self.path}")
            if hub.status:
                self.answer(hub.status, b"<html>no</html>")
            elif self.path.startswith(f"/api/models/{NAME}/revision/"):
                self.answer(200, json.dumps(hub.listing()).encode())
            elif self.path.startswith(f"/{NAME}/resolve/{hub.commit}/"):
                self.resolve(self.path.removeprefix(f"/{NAME}/resolve/{hub.commit}/"))
            elif self.path.startswith(f"/{NAME}/resolve/main/"):
                self.resolve(self.path.removeprefix(f"/{NAME}/resolve/main/"))
            elif self.path.startswith(hub.cached):
                name = unquote(urlsplit(self.path).path.removeprefix(hub.cached))
                content = (hub.folder / name).read_bytes()
                self.answer(200, hub.change(name, content), ETag=f'"{git_hash(content)}"')
            elif self.path.startswith("/store/"):
                content = (hub.folder / self.path.removeprefix("/store/")).read_bytes()
                self.answer(200, hub.change(self.path, content))
            else:
                self.answer(404)

        def resolve(self, name: str) -> None:
            path = hub.folder / name
            if not path.is_file():
                return self.answer(404)
            content = path.read_bytes()
            if name.endswith(LARGE):
                return self.answer(
                    302,
                    Location=f"http://localhost:{hub.port}/store/{name}",  # another host's
                    X_Linked_Size=str(len(content)),
                    X_Linked_Etag=f'"{sha256(content)}"',
                )
            # A small one is on the same host, in a cache before it.
            place = f"{hub.cached}{quote(name, safe='')}?etag=%22{git_hash(content)}%22"
            return self.answer(307, b"Temporary Redirect", Location=place)

        do_HEAD = do_GET  # noqa: N815  (the name that the server asks for)

        def log_message(self, format: str, *args: object) -> None:  # noqa: ARG002
            return

    return Handler


@contextmanager
def local_hub(folder: Path) -> Iterator[LocalHub]:
    """Serve the folder as the model NAME of a hub on this machine."""
    hub = LocalHub(folder)
    with serving(handler_of(hub)) as hub.port:
        yield hub


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler]) -> Iterator[int]:
    """Answer on a port of this machine, which is given, until the block ends."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
