"""What a browser asks of other addresses goes in and comes out as a list; nothing is answered."""

from __future__ import annotations

import contextlib
import re
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

GOOGLE = re.compile(r"CONNECT [\w.-]+\.(?:google|googleapis|gvt1)\.com:443 ")


@dataclass
class Proxy:
    """Where to send requests, and the first line of each that came."""

    address: str
    asked: list[str] = field(default_factory=list)

    def beside_google(self) -> list[str]:
        """Return what was asked of others than Google, whom Chromium asks by itself."""
        return [line for line in self.asked if not GOOGLE.match(line)]


@contextlib.contextmanager
def running_proxy() -> Iterator[Proxy]:
    """Give a proxy on this machine that writes down what it is asked and refuses it."""

    class Refuse(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            proxy.asked.append(self.rfile.readline(65_536).decode("latin-1").strip())
            self.wfile.write(b"HTTP/1.1 502 Refused\r\nContent-Length: 0\r\n\r\n")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Refuse) as server:
        server.daemon_threads = True
        proxy = Proxy(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield proxy
        finally:
            server.shutdown()
            thread.join()
