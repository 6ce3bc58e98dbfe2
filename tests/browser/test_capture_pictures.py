"""Images and moments of videos: their bytes where a page may read them, else their place."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from typing import Any

import pytest

from tests.browser.capture import PAGE, Stranger, stranger
from tests.browser.film import CUES, recorded, watch

__all__ = ["stranger"]
pytestmark = pytest.mark.browser

OWN = "https://example.org/ink.png"
OTHER = "https://images.example/ink.png"
SVG = (
    "<svg xmlns='http://www.w3.org/2000/svg' width='40' height='20' onload='x()'>"
    "<rect width='40' height='20' fill='#c00'/><script>x()</script></svg>"
)


def png(width: int, height: int, *, noise: int = 0) -> bytes:
    """Return a grey image, `noise` bytes longer than it need be."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    rows = b"".join(b"\0" + b"\x80" * width for _ in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    out = io.BytesIO(b"\x89PNG\r\n\x1a\n")
    parts = [(b"IHDR", head), (b"teXt", b"\0" * noise), (b"IDAT", zlib.compress(rows))]
    out.write(b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*part) for part in [*parts, (b"IEND", b"")]))
    return out.getvalue()


def serve_image(stranger: Stranger, address: str, body: bytes | str, **headers: str) -> None:
    """Serve an image that no other site may read; `access_control_allow_origin` is a header."""
    headers = {"access_control_allow_origin": "https://nobody.example", **headers}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    stranger.answers[address] = {"body": body, "headers": {"content-type": "image/png", **named}}


def open_images(stranger: Stranger, html: str, **headers: str) -> Stranger:
    """Open a page and wait until its images are there."""
    stranger.open(f"<title>Ink</title>{html}", **headers)
    stranger.page.wait_for_function(
        "() => [...document.querySelectorAll('img')].every((one) => one.complete)"
    )
    return stranger


def size_of(picture: dict[str, Any]) -> tuple[int, int]:
    """Return width and height of a PNG."""
    data = base64.b64decode(picture["base64"])
    assert data.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", data[16:24])
    return width, height


def test_an_image_is_its_own_bytes_with_what_is_said_of_it(stranger: Stranger) -> None:
    image = png(30, 20)
    serve_image(stranger, OWN, image)
    open_images(
        stranger,
        "<figure><img src=/ink.png alt=' A\npot '><figcaption>Ink, <i>1890</i></figcaption></figure>",
    )
    found = stranger.capture("image", srcUrl=OWN)
    assert (found["kind"], found["title"], found["address"]) == ("image", "Ink", PAGE)
    assert found["body"] == "Ink, 1890\nA pot"
    assert found["image"] == {
        "type": "image/png",
        "base64": base64.b64encode(image).decode(),
        "alt": "A pot",
        "caption": "Ink, 1890",
    }


@pytest.mark.parametrize(
    ("html", "caption"),
    [
        (
            "<p id=a>Pot</p><p id=b>of ink</p><img src=/ink.png aria-labelledby='a b none'>",
            "Pot of ink",
        ),
        ("<img src=/ink.png title='A title'>", "A title"),
        ("<figure><figcaption> </figcaption><img src=/ink.png></figure>", ""),
        ("<img src=/ink.png title='{}'>".format("x" * 9_000), "x" * 2_000),
    ],
)
def test_a_caption_is_what_labels_the_image(stranger: Stranger, html: str, caption: str) -> None:
    serve_image(stranger, OWN, png(3, 3))
    found = open_images(stranger, html).capture("image", srcUrl=OWN)
    assert found["image"]["caption"] == caption


def test_bytes_of_another_site_are_taken_where_it_shares_them(stranger: Stranger) -> None:
    serve_image(stranger, OTHER, png(30, 20), access_control_allow_origin="*")
    found = open_images(stranger, f"<img src={OTHER}>").capture("image", srcUrl=OTHER)
    assert size_of(found["image"]) == (30, 20)


def test_of_an_image_that_may_not_be_read_its_place_on_the_screen_is_told(
    stranger: Stranger,
) -> None:
    serve_image(stranger, OTHER, png(300, 200))
    open_images(
        stranger, f"<body style='margin: 0'><img src={OTHER} alt=Pot style='margin: 10px -60px'>"
    )
    stranger.page.evaluate("() => scrollTo(0, 0)")
    found = stranger.capture("image", srcUrl=OTHER)
    assert found["image"] == {
        "rect": {"x": 0, "y": 10, "width": 240, "height": 200},
        "scale": 1,
        "alt": "Pot",
        "caption": "",
    }


def test_an_image_that_is_neither_readable_nor_in_sight_has_no_picture(stranger: Stranger) -> None:
    serve_image(stranger, OTHER, png(30, 20))
    open_images(stranger, f"<div style='height: 300vh'></div><img src={OTHER} alt=Pot>")
    found = stranger.capture("image", srcUrl=OTHER)
    assert (found["image"], found["body"]) == (None, "Pot")


def test_an_image_in_a_frame_is_placed_in_the_window_of_the_tab(stranger: Stranger) -> None:
    serve_image(stranger, OTHER, png(100, 100))
    stranger.serve("https://example.org/inner", f"<body style='margin: 5px'><img src={OTHER}>")
    stranger.open(
        "<body style='margin: 0'><iframe src=/inner style='margin: 20px; border: 3px solid;"
        " width: 80px; height: 60px'></iframe>"
    )
    found = stranger.capture("image", srcUrl=OTHER)
    assert found["image"]["rect"] == {"x": 28, "y": 28, "width": 75, "height": 55}


def test_an_svg_is_drawn_and_never_markup(stranger: Stranger) -> None:
    address = "https://example.org/ink.svg"
    stranger.answers[address] = {"body": SVG, "headers": {"content-type": "image/svg+xml"}}
    open_images(stranger, "<img src=/ink.svg width=80 height=40>")
    found = stranger.capture("image", srcUrl=address)
    assert found["image"]["type"] == "image/png"
    assert size_of(found["image"]) == (80, 40)


@pytest.mark.parametrize("headers", [{}, {"content_length": "10"}])
def test_an_image_of_more_bytes_than_are_kept_is_drawn_anew(
    stranger: Stranger, headers: dict[str, str]
) -> None:
    serve_image(stranger, OWN, png(4_096, 1_024, noise=8_000_000), **headers)
    found = open_images(stranger, "<img src=/ink.png width=40>").capture("image", srcUrl=OWN)
    assert size_of(found["image"]) == (2_048, 512)
    assert len(found["image"]["base64"]) < 100_000


def test_what_is_no_image_is_not_taken_for_one(stranger: Stranger) -> None:
    stranger.answers[OWN] = {"body": "<script>x()</script>", "content_type": "text/html"}
    open_images(stranger, "<img src=/ink.png alt=Pot width=20 height=20>")
    found = stranger.capture("image", srcUrl=OWN)
    assert "base64" not in (found["image"] or {})
    for address in ("javascript:x()", "file:///etc/hostname", "https://example.org/none.png"):
        assert stranger.capture("image", srcUrl=address) is None


def test_an_image_as_data_is_taken_under_a_strict_policy(stranger: Stranger) -> None:
    address = f"data:image/png;base64,{base64.b64encode(png(9, 7)).decode()}"
    policy = "default-src 'none'; img-src data:; style-src 'none'"
    open_images(stranger, f"<img src='{address}'>", content_security_policy=policy)
    assert size_of(stranger.capture("image", srcUrl=address)["image"]) == (9, 7)


@pytest.fixture
def film(stranger: Stranger) -> bytes:
    """Give a film of 1.6 seconds that this browser made."""
    return recorded(stranger.context)


def open_film(stranger: Stranger, film: bytes, html: str, address: str = PAGE) -> Stranger:
    """Open a page with the film in it, played and then stopped."""
    for site in ("https://example.org", "https://images.example"):
        stranger.answers[f"{site}/ink.webm"] = {"body": film, "content_type": "video/webm"}
    stranger.answers["https://example.org/ink.vtt"] = {"body": CUES, "content_type": "text/vtt"}
    stranger.open(f"<title>Film</title>{html}", address)
    watch(stranger.page)
    return stranger


TRACK = "<track kind=captions src=/ink.vtt srclang=en default>"


def test_a_moment_has_its_time_a_frame_and_what_is_said_around_it(
    stranger: Stranger, film: bytes
) -> None:
    open_film(stranger, film, f"<video id=it src=/ink.webm width=320 height=240>{TRACK}</video>")
    stranger.page.wait_for_function("() => it.textTracks[0].cues?.length === 4")
    found = stranger.capture("auto")
    at = stranger.page.evaluate("() => it.currentTime")
    assert (found["kind"], found["title"], found["address"]) == ("video", "Film", PAGE)
    assert found["anchor"] == {"start": pytest.approx(at, abs=0.06)}
    assert found["body"] == "Ink & soot\nand water"
    assert found["image"]["type"] == "image/jpeg"
    assert base64.b64decode(found["image"]["base64"]).startswith(b"\xff\xd8")
    stretch = stranger.capture("video", start=30, end=31.26)
    assert (stretch["anchor"], stretch["body"]) == ({"start": 30, "end": 31.3}, "much later")
    assert stranger.capture("video", start=5, end=2)["anchor"] == {"start": 5}


def test_captions_that_are_not_loaded_are_not_asked_for(stranger: Stranger, film: bytes) -> None:
    html = "<video id=it src=/ink.webm><track kind=captions src=/ink.vtt></video>"
    open_film(stranger, film, html)
    assert stranger.capture("video")["body"] == ""
    assert "https://example.org/ink.vtt" not in stranger.asked


def test_a_frame_that_may_not_be_read_is_told_by_its_place(stranger: Stranger, film: bytes) -> None:
    video = "<video id=it src=https://images.example/ink.webm width=320 height=240>"
    html = f"<body style='margin: 0'>{video}"
    found = open_film(stranger, film, html).capture("video")
    assert found["image"]["rect"] == {"x": 0, "y": 0, "width": 320, "height": 240}


def test_the_video_that_is_meant_is_named_or_plays_or_is_the_largest(
    stranger: Stranger, film: bytes
) -> None:
    html = (
        "<video id=back src=/ink.webm?back width=600 height=400 loop muted autoplay></video>"
        "<video id=large src=/ink.webm width=400 height=300></video>"
        "<video id=it src=/ink.webm width=100 height=80></video>"
    )
    stranger.answers["https://example.org/ink.webm?back"] = {
        "body": film,
        "content_type": "video/webm",
    }
    open_film(stranger, film, html)
    moment = {"start": pytest.approx(0.4, abs=0.3)}
    assert stranger.capture("auto")["anchor"] == moment  # what moves behind a page is not watched
    assert stranger.capture("video", srcUrl="https://example.org/ink.webm")["anchor"] == {
        "start": 0
    }
    assert stranger.capture("video")["anchor"] == {"start": 0}
    stranger.page.evaluate("() => { it.loop = false; return it.play(); }")
    assert stranger.capture("video")["anchor"]["start"] > 0


def test_a_video_that_was_not_begun_is_not_what_is_meant_by_itself(
    stranger: Stranger, film: bytes
) -> None:
    open_film(stranger, film, "<video id=it src=/ink.webm></video><p>Words</p>")
    stranger.page.evaluate("() => { it.currentTime = 0; }")
    assert stranger.capture("auto")["kind"] == "page"


def test_a_page_without_a_video_has_no_moment(stranger: Stranger) -> None:
    assert stranger.open("<p>Words</p>").capture("video") is None
    assert not stranger.place({"start": 5})


def test_a_player_of_youtube_is_its_own_page(stranger: Stranger, film: bytes) -> None:
    address = "https://www.youtube.com/embed/dQw4w9WgXcQ?autoplay=1"
    stranger.answers["https://www.youtube.com/ink.webm"] = {
        "body": film,
        "content_type": "video/webm",
    }
    open_film(stranger, film, "<video id=it src=/ink.webm></video>", address)
    assert stranger.capture("video")["address"] == "https://www.youtube.com/watch?v=dQw4w9WgXcQ"


def test_a_moment_is_led_to(stranger: Stranger, film: bytes) -> None:
    open_film(stranger, film, "<video id=it src=/ink.webm></video>")
    # As a file on the device: what is served to these tests cannot be asked for from its middle.
    stranger.page.evaluate(
        "async () => { it.src = URL.createObjectURL(await (await fetch('/ink.webm')).blob());"
        " await new Promise((resolve) => { it.oncanplaythrough = resolve; }); }"
    )
    assert stranger.place({"start": 0.7})
    stranger.page.wait_for_function("() => Math.abs(it.currentTime - 0.7) < 0.05")
