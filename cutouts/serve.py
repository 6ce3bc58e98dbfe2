"""A bundle folder goes in; a page on 127.0.0.1 comes out, where text is typed and tags appear."""

import contextlib
import errno
import logging
import os
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from cutouts.compression import accepted_encoding, compressed_file, is_worth
from cutouts.errors import CutoutsError, ServeError, UsageError
from cutouts.site import SECURITY_HEADERS, WEBAPP, SiteFile, page_policy, site_files

log = logging.getLogger("cutouts")

HOST = "127.0.0.1"
# An unusual port, apart from the caches and service workers that other projects left under theirs.
DEFAULT_PORT = 8321
STOP_SECONDS = 5


def serve(
    bundle_folder: Path,
    *,
    port: int = DEFAULT_PORT,
    webapp_folder: Path = WEBAPP,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve the bundle and its try page until Ctrl-C; `on_ready` gets the address.

    Port 0 takes a free one. Raises ServeError when the port is taken or the web part is missing,
    and BundleError when the bundle is damaged.
    """
    app = site_app(bundle_folder, webapp_folder)
    # uvicorn finishes what it is sending, then raises the Ctrl-C that it caught once more.
    with listening_socket(port) as listener, contextlib.suppress(KeyboardInterrupt):
        if on_ready is not None:
            on_ready(_address(listener))
        _server(app).run(sockets=[listener])


@contextlib.contextmanager
def running_site(app: ASGIApp, port: int = 0) -> Iterator[str]:
    """Serve `app` from a thread while the block runs; gives its address, no slash at the end."""
    with listening_socket(port) as listener:
        server = _server(app)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            yield _address(listener)
        finally:
            server.should_exit = True
            thread.join(STOP_SECONDS)
            server.force_exit = True
            thread.join(STOP_SECONDS)


def site_app(
    bundle_folder: Path, webapp_folder: Path = WEBAPP, routes: Sequence[BaseRoute] = ()
) -> Starlette:
    """Return the app that serves the site of a bundle; `routes` are asked first."""
    catalogue = Catalogue(bundle_folder, webapp_folder)
    catalogue.files()  # what is damaged or missing is said before the port is opened

    async def answer(request: Request) -> Response:
        file = catalogue.files().get(request.scope["path"])
        if file is None:
            return PlainTextResponse("There is nothing at this address.\n", 404)
        return await file_response(file, request.headers)

    async def explain(_: Request, error: Exception) -> Response:
        return PlainTextResponse(f"{error}\n", 404 if isinstance(error, ServeError) else 500)

    return Starlette(
        routes=[*routes, Route("/{path:path}", answer, methods=["GET"])],
        middleware=[Middleware(Guard)],
        exception_handlers={CutoutsError: explain},
    )


class Catalogue:
    """The files of the site, read anew when the bundle or the web part has changed."""

    def __init__(self, bundle_folder: Path, webapp_folder: Path) -> None:
        self._bundle_folder = bundle_folder
        self._webapp_folder = webapp_folder
        self._stamp: list[int] = []
        self._files: dict[str, SiteFile] = {}

    def files(self) -> dict[str, SiteFile]:
        """Return every file that may be served, by URL."""
        stamp = [
            path.stat().st_mtime_ns if path.exists() else -1
            for path in (
                self._bundle_folder / "manifest.json",
                self._bundle_folder / "proof.json",
                self._webapp_folder / "index.html",
            )
        ]
        if stamp != self._stamp:
            try:
                self._files = site_files(self._bundle_folder, self._webapp_folder)
            except CutoutsError as error:  # a bundle that is being replaced: the page stays up
                if not self._files:
                    raise
                log.warning("%s; the files listed before are served on", error)
            self._stamp = stamp
        return self._files


async def file_response(file: SiteFile, asked: Headers) -> Response:
    """Return the file as it is `asked` for: compressed, in part, or only that it is unchanged."""
    path = file.resolved()
    stat = path.stat()
    headers = {
        "content-type": file.media_type,
        "cache-control": file.cache_control,
        "content-security-policy": file.policy,
        "etag": f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"',
        "accept-ranges": "bytes",
    }
    if file.compressible:
        headers["vary"] = "Accept-Encoding"
    encoding = accepted_encoding(asked.get("accept-encoding", "")) if file.compressible else None
    if encoding is not None and "range" not in asked:
        body = await run_in_threadpool(compressed_file, path, stat.st_mtime_ns, encoding)
        if is_worth(stat.st_size, len(body)):
            headers["etag"] = headers["etag"][:-1] + f'-{encoding}"'
            headers["content-encoding"] = encoding
            return _unchanged(headers, asked) or Response(body, headers=headers)
    return _unchanged(headers, asked) or FileResponse(path, headers=headers, stat_result=stat)


def _unchanged(headers: dict[str, str], asked: Headers) -> Response | None:
    tags = [tag.strip().removeprefix("W/") for tag in asked.get("if-none-match", "").split(",")]
    if headers["etag"] not in tags:
        return None
    kept = ("cache-control", "content-security-policy", "etag", "vary")
    return Response(
        status_code=304, headers={name: headers[name] for name in kept if name in headers}
    )


class Guard:
    """Refuses requests made under another name than this machine's, and guards every answer.

    A page elsewhere can point its own name at 127.0.0.1 and would then share an origin with this
    server; the Host header still carries that name.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in SECURITY_HEADERS.items():
                    headers[name] = value
                headers.setdefault("Content-Security-Policy", page_policy("static"))
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        host = Headers(scope=scope).get("host", "")
        port = scope["server"][1]
        names = ("127.0.0.1", "localhost", "[::1]")
        if host in [f"{name}:{port}" for name in names] or (port == 80 and host in names):
            await self.app(scope, receive, send_guarded)
        else:
            refusal = PlainTextResponse(f"Open this page as http://{HOST}:{port}/\n", 421)
            await refusal(scope, receive, send_guarded)


@contextlib.contextmanager
def listening_socket(port: int) -> Iterator[socket.socket]:
    """Give a socket that listens on 127.0.0.1 alone; port 0 takes a free one."""
    if not 0 <= port <= 65535:
        raise UsageError(f"port {port} does not exist: choose 0 (any free one) to 65535")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        if os.name == "posix":  # a port is free again as soon as its server has ended
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
            listener.listen(128)
        except OSError as error:
            reason = (
                "is taken"
                if error.errno == errno.EADDRINUSE
                else f"cannot be used ({error.strerror})"
            )
            raise ServeError(
                f"port {port} {reason}: use --port 0 for any free one, or another"
            ) from error
        yield listener


def _address(listener: socket.socket) -> str:
    return f"http://{HOST}:{listener.getsockname()[1]}"


def _server(app: ASGIApp) -> uvicorn.Server:
    config = uvicorn.Config(
        app,
        lifespan="off",
        ws="none",
        log_config=None,
        log_level="error",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=2,
    )
    return uvicorn.Server(config)
