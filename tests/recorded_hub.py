"""What huggingface.co once answered goes in, a hub on this machine that answers the same comes out.

golden/hub/recorded.json names where each recording was published, and holds its requests with
status, headers that say something about a file, and bodies, of which popularity was left out.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

from tests.local_hub import serving

RECORDED = Path(__file__).parent / "golden" / "hub" / "recorded.json"
CACHED = "/api/resolve-cache/"  # recorded without the query


@dataclass
class RecordedHub:
    """Exchanges by method and path; `asked` lists what was asked for, `unknown` what is not in it."""

    exchanges: dict[tuple[str, str], Any]
    port: int = 0
    asked: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def handler_of(hub: RecordedHub) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0] if self.path.startswith(CACHED) else self.path
            hub.asked.append(f"{self.command} {path}")
            recorded = hub.exchanges.get((self.command, path))
            if recorded is None:
                hub.unknown.append(f"{self.command} {path}")
                recorded = {"status": 501, "headers": {}}
            body = json.dumps(recorded["body"]).encode() if "body" in recorded else b""
            self.send_response(recorded["status"])
            for name, value in recorded["headers"].items():
                if self.command == "HEAD" or name != "content-length":
                    self.send_header(name, value)
            if self.command == "GET":
                self.send_header("content-length", str(len(body)))
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815  (the name that the server asks for)

        def log_message(self, format: str, *args: object) -> None:  # noqa: ARG002
            return

    return Handler


@contextmanager
def recorded_hub() -> Iterator[RecordedHub]:
    """Serve every recording on this machine."""
    recordings = json.loads(RECORDED.read_text())
    known = [one for recording in recordings for one in recording["exchanges"]]
    hub = RecordedHub({(one["method"], one["path"]): one for one in known})
    with serving(handler_of(hub)) as hub.port:
        yield hub
