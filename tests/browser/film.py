"""A browser goes in; a film that it made and what is said in it come out, and a person who watches."""

from __future__ import annotations

import base64

from playwright.sync_api import BrowserContext, Page

from tests.browser.extension import Reader, Served
from tests.browser.notice import Notice

RECORD = """
async () => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 48 });
  const pen = canvas.getContext("2d");
  const recorder = new MediaRecorder(canvas.captureStream(25), { mimeType: "video/webm" });
  const parts = [];
  recorder.ondataavailable = ({ data }) => parts.push(data);
  const ended = new Promise((resolve) => { recorder.onstop = resolve; });
  recorder.start();
  for (let n = 0; n < 40; n++) {
    pen.fillStyle = `hsl(${n * 9} 90% 50%)`;
    pen.fillRect(0, 0, 64, 48);
    await new Promise((resolve) => setTimeout(resolve, 40));
  }
  recorder.stop();
  await ended;
  const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}
"""
CUES = """WEBVTT

00:00.000 --> 00:00.300
<v Ada>Ink &amp; <i>soot</i>

00:00.300 --> 00:10.000
Ink &amp; soot

00:12.000 --> 00:14.000
<img src=x onerror=x()>and water

00:40.000 --> 00:50.000
much later
"""
TRACK = "<track kind=captions src=/ink.vtt srclang=en default>"
FILM = f"<title>Film</title><video id=it src=/ink.webm width=320 height=240>{TRACK}</video>"
WATCH = """
async () => {
  const one = document.querySelector("video#it");
  one.muted = true;
  await one.play();
  while (one.currentTime < 0.4) await new Promise((resolve) => setTimeout(resolve, 20));
  one.pause();
}
"""


def recorded(context: BrowserContext) -> bytes:
    """Return a film of 1.6 seconds that this browser made."""
    page = context.new_page()
    film = base64.b64decode(page.evaluate(RECORD))
    page.close()
    return film


def watch(page: Page) -> None:
    """Play the video `it` of a page for 0.4 seconds and stop it."""
    page.evaluate(WATCH)


def serve_film(reader: Reader, site: Served) -> str:
    """Serve a page with a film, and return its address."""
    site.page(
        "ink.webm", recorded(reader.context), Content_Type="video/webm", Accept_Ranges="bytes"
    )
    site.page("ink.vtt", CUES, Content_Type="text/vtt")
    return site.page("film", FILM)


def save_moment(reader: Reader, page: Page) -> float:
    """Watch the film of a page, save the moment, and return that."""
    watch(page)
    page.wait_for_function("() => [...it.textTracks].every(({ cues }) => cues?.length === 4)")
    reader.press(page)
    Notice(page).wait_for("Saved")
    at = float(page.evaluate("() => it.currentTime"))
    page.evaluate("() => { it.currentTime = 0; }")
    return at


def is_at(page: Page, moment: float) -> None:
    """Wait until the film of a page stands at a moment."""
    page.wait_for_function("(at) => Math.abs(it.currentTime - at) < 0.06", arg=moment)
