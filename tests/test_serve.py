"""A bundle on localhost: what is sent, with which headers, to whom, and what is refused."""

import contextlib
import gzip
import http.client
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest

from cutouts.errors import BundleError, ServeError, UsageError
from cutouts.serve import HOST, listening_socket, running_site, serve, site_app
from tests.standin import list_file, write_bundle, write_webapp

WEIGHTS = "/bundle/head/head.safetensors"
TOKENIZER = "/bundle/encoder/0123456789abcdef/tokenizer.json"


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    return write_bundle(tmp_path / "bundle"), write_webapp(tmp_path / "webapp")


@pytest.fixture
def address(folders: tuple[Path, Path]) -> Iterator[str]:
    with running_site(site_app(*folders)) as address:
        yield address


def ask(
    address: str, path: str, method: str = "GET", **headers: str
) -> tuple[http.client.HTTPResponse, bytes]:
    """Return the response to the path exactly as it is written, and its body as it was sent."""
    with contextlib.closing(
        http.client.HTTPConnection(address.removeprefix("http://"), timeout=20)
    ) as connection:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, headers=named)
        response = connection.getresponse()
        return response, response.read()


def test_the_try_page_is_at_the_root(address: str) -> None:
    response, body = ask(address, "/")
    assert response.status == 200
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"
    assert b"<title>Try</title>" in body


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("/runtime/index.js", "text/javascript; charset=utf-8"),
        ("/runtime/engine.wasm", "application/wasm"),
        ("/bundle/manifest.json", "application/json"),
        ("/assets/index-0a1b2c3d.css", "text/css; charset=utf-8"),
        (WEIGHTS, "application/octet-stream"),
    ],
)
def test_every_kind_of_file_has_its_own_type(address: str, path: str, media_type: str) -> None:
    response, _ = ask(address, path)
    assert (response.status, response.headers["Content-Type"]) == (200, media_type)


@pytest.mark.parametrize("path", ["/", WEIGHTS, "/nothing", "/runtime/index.js"])
def test_every_answer_carries_the_security_headers(address: str, path: str) -> None:
    response, _ = ask(address, path)
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy
    assert "connect-src 'self'; worker-src 'self';" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert response.headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_webassembly_is_allowed_only_for_an_encoder_that_needs_it(tmp_path: Path) -> None:
    bundle, webapp = write_bundle(tmp_path / "b", kind="onnx"), write_webapp(tmp_path / "w")
    with running_site(site_app(bundle, webapp)) as address:
        response, _ = ask(address, "/")
    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'self' 'wasm-unsafe-eval';" in policy


def test_only_the_library_may_run_webassembly_beside_a_table(tmp_path: Path) -> None:
    bundle, webapp = write_bundle(tmp_path / "b"), write_webapp(tmp_path / "w")
    (webapp / "library").mkdir()
    (webapp / "library" / "worker.js").write_text("")
    with running_site(site_app(bundle, webapp)) as address:
        policies = {
            path: ask(address, path)[0].headers["Content-Security-Policy"]
            for path in ("/", "/runtime/index.js", "/library/worker.js")
        }
    allowed = [path for path, policy in policies.items() if "'wasm-unsafe-eval'" in policy]
    assert allowed == ["/library/worker.js"]


def test_a_document_of_the_bundle_may_not_run_anything(address: str) -> None:
    response, body = ask(address, "/bundle/report.html")
    assert b"report" in body
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "script-src" not in policy


def test_a_script_in_the_bundle_is_not_served_as_one(folders: tuple[Path, Path]) -> None:
    bundle, _ = folders
    list_file(bundle, "evil.js", b"alert(1)")
    with running_site(site_app(*folders)) as address:
        response, _ = ask(address, "/bundle/evil.js")
    assert response.headers["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize(
    "path",
    [
        "/bundle/secret.txt",
        "/bundle/../secret.txt",
        "/bundle/%2e%2e/secret.txt",
        "/bundle/..%2fsecret.txt",
        "/bundle//etc/passwd",
        "//etc/passwd",
        "/runtime/../../secret.txt",
        "/bundle/head",
        "/bundle/head/",
        "/%00",
        "/prove.html",
        "/runtime/index.d.ts",
        "/prove/token/",
    ],
)
def test_what_is_not_listed_is_not_there(
    folders: tuple[Path, Path], address: str, path: str
) -> None:
    (folders[0] / "secret.txt").write_text("secret")
    (folders[0].parent / "secret.txt").write_text("secret")
    response, body = ask(address, path)
    assert response.status == 404
    assert body == b"There is nothing at this address.\n"


def test_a_link_that_leads_out_of_the_bundle_is_not_followed(
    folders: tuple[Path, Path], address: str
) -> None:
    bundle, _ = folders
    (bundle.parent / "outside").write_text("outside")
    (bundle / "head/head.safetensors").unlink()
    (bundle / "head/head.safetensors").symlink_to(bundle.parent / "outside")
    response, body = ask(address, WEIGHTS)
    assert response.status == 404
    assert b"leads out of" in body


def test_a_range_is_answered_with_exactly_its_bytes(
    folders: tuple[Path, Path], address: str
) -> None:
    whole = (folders[0] / "head/head.safetensors").read_bytes()
    response, body = ask(address, WEIGHTS, Range="bytes=1000-")
    assert response.status == 206
    assert response.headers["Content-Range"] == f"bytes 1000-{len(whole) - 1}/{len(whole)}"
    assert body == whole[1000:]


def test_a_range_of_a_compressible_file_is_of_the_plain_file(
    folders: tuple[Path, Path], address: str
) -> None:
    whole = (folders[0] / TOKENIZER.removeprefix("/bundle/")).read_bytes()
    response, body = ask(address, TOKENIZER, Range="bytes=10-19", Accept_Encoding="br, gzip")
    assert (response.status, response.headers["Content-Encoding"]) == (206, None)
    assert body == whole[10:20]


def test_a_range_behind_the_end_cannot_be_satisfied(address: str) -> None:
    response, _ = ask(address, WEIGHTS, Range="bytes=99999-")
    assert (response.status, response.headers["Content-Range"]) == (416, "bytes */4096")


def test_text_is_compressed_when_the_browser_accepts_it(
    folders: tuple[Path, Path], address: str
) -> None:
    whole = (folders[0] / TOKENIZER.removeprefix("/bundle/")).read_bytes()
    for encoding, unpack in (("br", brotli.decompress), ("gzip", gzip.decompress)):
        response, body = ask(address, TOKENIZER, Accept_Encoding=encoding)
        assert response.headers["Content-Encoding"] == encoding
        assert response.headers["Vary"] == "Accept-Encoding"
        assert len(body) < len(whole) / 2
        assert unpack(body) == whole
    response, body = ask(address, TOKENIZER, Accept_Encoding="br;q=0, gzip;q=0.0")
    assert (response.headers["Content-Encoding"], body) == (None, whole)


def test_weights_are_sent_as_they_are(address: str) -> None:
    response, _ = ask(address, WEIGHTS, Accept_Encoding="br, gzip")
    assert response.headers["Content-Encoding"] is None
    assert response.headers["Accept-Ranges"] == "bytes"


def test_a_compressed_sibling_is_sent_when_it_is_there(
    folders: tuple[Path, Path], address: str
) -> None:
    marked = brotli.compress(b"from the sibling" * 10)
    (folders[1] / "assets/index-0a1b2c3d.css.br").write_bytes(marked)
    _, body = ask(address, "/assets/index-0a1b2c3d.css", Accept_Encoding="br")
    assert body == marked


@pytest.mark.parametrize("encoding", ["identity", "br"])
def test_an_unchanged_file_is_not_sent_again(
    folders: tuple[Path, Path], address: str, encoding: str
) -> None:
    first, _ = ask(address, TOKENIZER, Accept_Encoding=encoding)
    tag = first.headers["ETag"]
    again, body = ask(address, TOKENIZER, Accept_Encoding=encoding, If_None_Match=tag)
    assert (again.status, body) == (304, b"")
    assert again.headers["ETag"] == tag
    path = folders[0] / TOKENIZER.removeprefix("/bundle/")
    path.write_bytes(path.read_bytes() + b" ")
    changed, _ = ask(address, TOKENIZER, Accept_Encoding=encoding, If_None_Match=tag)
    assert changed.status == 200


def test_only_names_that_change_with_the_content_are_kept_for_good(address: str) -> None:
    immutable = "public, max-age=31536000, immutable"
    assert ask(address, "/assets/index-0a1b2c3d.css")[0].headers["Cache-Control"] == immutable
    for path in ("/", "/bundle/manifest.json", "/runtime/index.js", WEIGHTS):
        assert ask(address, path)[0].headers["Cache-Control"] == "no-cache"


def test_a_head_request_is_answered_without_a_body(address: str) -> None:
    response, body = ask(address, WEIGHTS, "HEAD")
    assert (response.status, response.headers["Content-Length"], body) == (200, "4096", b"")


def test_nothing_can_be_posted(address: str) -> None:
    assert ask(address, "/", "POST")[0].status == 405


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:PORT", "127.0.0.1", "127.0.0.1:1", "localhost.evil:PORT", ""],
)
def test_another_host_name_is_refused(address: str, host: str) -> None:
    port = address.rpartition(":")[2]
    response, body = ask(address, "/", Host=host.replace("PORT", port))
    assert response.status == 421
    assert body == f"Open this page as http://127.0.0.1:{port}/\n".encode()


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "[::1]"])
def test_this_machines_own_names_are_answered(address: str, name: str) -> None:
    port = address.rpartition(":")[2]
    assert ask(address, "/", Host=f"{name}:{port}")[0].status == 200


def test_a_bundle_trained_again_is_served_without_a_restart(
    folders: tuple[Path, Path], address: str
) -> None:
    bundle, _ = folders
    assert ask(address, "/bundle/card.md")[0].status == 404
    list_file(bundle, "card.md", b"# Card")
    assert ask(address, "/bundle/card.md")[1] == b"# Card"


@pytest.mark.parametrize(
    "path", ["../x", "/etc/passwd", "a//b", "a/./b", "a\\b", "C:x", "", "a\0b"]
)
def test_a_manifest_that_lists_a_path_outside_is_refused(
    folders: tuple[Path, Path], path: str
) -> None:
    bundle, webapp = folders
    manifest = json.loads((bundle / "manifest.json").read_text())
    manifest["files"][0]["path"] = path
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(BundleError, match=r"is not a manifest: at files/0/path, "):
        site_app(bundle, webapp)


@pytest.mark.parametrize("manifest", ["", "[]", "{}", '{"files": 1}', "[" * 9999])
def test_a_damaged_manifest_is_refused_before_serving(
    folders: tuple[Path, Path], manifest: str
) -> None:
    bundle, webapp = folders
    (bundle / "manifest.json").write_text(manifest)
    with pytest.raises(BundleError, match=r"manifest\.json is not (a manifest|JSON)"):
        site_app(bundle, webapp)


def test_a_folder_without_a_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=r"holds no manifest\.json: give the folder that"):
        serve(tmp_path, port=0, webapp_folder=write_webapp(tmp_path / "webapp"))


def test_a_missing_web_part_says_how_to_build_it(tmp_path: Path) -> None:
    with pytest.raises(ServeError, match=r"has no index\.html: build it with `make web`"):
        serve(write_bundle(tmp_path / "bundle"), port=0, webapp_folder=tmp_path)


def test_a_taken_port_is_named_with_the_way_out(folders: tuple[Path, Path]) -> None:
    bundle, webapp = folders
    with listening_socket(0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(
            ServeError, match=f"port {port} is taken: use --port 0 for any free one, or another"
        ):
            serve(bundle, port=port, webapp_folder=webapp)


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_does_not_exist_is_refused(folders: tuple[Path, Path], port: int) -> None:
    with pytest.raises(UsageError, match=rf"port {port} does not exist: choose 0 .* to 65535"):
        serve(folders[0], port=port, webapp_folder=folders[1])


def test_only_this_machine_can_connect() -> None:
    with listening_socket(0) as listener:
        assert listener.getsockname()[0] == "127.0.0.1"


def test_the_port_is_free_again_when_the_site_has_ended(folders: tuple[Path, Path]) -> None:
    with running_site(site_app(*folders)) as address:
        ask(address, "/")
    port = int(address.rpartition(":")[2])
    with running_site(site_app(*folders), port) as again:
        assert again == address == f"http://{HOST}:{port}"


def test_ctrl_c_ends_the_server_without_a_traceback(folders: tuple[Path, Path]) -> None:
    program = (
        "import pathlib, sys; from cutouts.serve import serve; bundle, webapp = sys.argv[1:];"
        "serve(pathlib.Path(bundle), port=0, webapp_folder=pathlib.Path(webapp),"
        " on_ready=lambda url: print(url, flush=True)); print('ended')"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, *map(str, folders)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert ask(address, "/")[0].status == 200
        process.send_signal(signal.SIGINT)
        out, errors = process.communicate(timeout=30)
    assert (out, errors, process.returncode) == ("ended\n", "", 0)
