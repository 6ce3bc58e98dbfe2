"""A screen that nobody sees; the keys and the mouse of the person who sits before it.

What a browser draws around a page is out of a debugger's reach: its menus, its questions, its
shortcuts. Here it gets what it gets from a keyboard: X events, from the server's own test interface.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

WAIT_S = 20
SIZE = (1200, 900)
MAP_STATE = 92  # bytes before it in an XWindowAttributes of 64 bits
VIEWABLE = 2
LEFT, RIGHT = 1, 3
IgnoreErrors = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
ignore_errors = IgnoreErrors(lambda *_: 0)  # of a window that just went; else Xlib ends the process


class Screen:
    """A screen, by its name."""

    def __init__(self, name: str, x11: ctypes.CDLL, xtest: ctypes.CDLL) -> None:
        self.name = name
        self.x11 = x11
        self.xtest = xtest
        x11.XOpenDisplay.restype = ctypes.c_void_p
        x11.XStringToKeysym.restype = ctypes.c_ulong
        x11.XDefaultRootWindow.restype = ctypes.c_ulong
        x11.XGetImage.restype = ctypes.c_void_p
        x11.XGetPixel.restype = ctypes.c_ulong
        self.display = ctypes.c_void_p(x11.XOpenDisplay(name.encode()))
        assert self.display.value, f"the screen {name} cannot be reached"
        x11.XSetErrorHandler(ignore_errors)

    def press(self, *keys: str) -> None:
        """Press keys at once, as Alt_L and s."""
        codes = [self._code(key) for key in keys]
        for code in codes:
            self.xtest.XTestFakeKeyEvent(self.display, code, 1, 0)
        for code in reversed(codes):
            self.xtest.XTestFakeKeyEvent(self.display, code, 0, 0)
        self.x11.XSync(self.display, 0)

    def move(self, x: int, y: int) -> None:
        """Move the pointer to a place."""
        self.xtest.XTestFakeMotionEvent(self.display, -1, x, y, 0)
        self.x11.XSync(self.display, 0)

    def click(self, x: int, y: int, button: int = LEFT) -> None:
        """Click at a place. Without a window manager, keys go to what is under the pointer."""
        self.move(x, y)
        for is_down in (1, 0):
            self.xtest.XTestFakeButtonEvent(self.display, button, is_down, 0)
        self.x11.XSync(self.display, 0)

    def windows(self) -> int:
        """Return how many windows can be seen; a menu is one."""
        root = ctypes.c_ulong(self.x11.XDefaultRootWindow(self.display))
        ignored, found, count = ctypes.c_ulong(), ctypes.POINTER(ctypes.c_ulong)(), ctypes.c_uint()
        out = [ctypes.byref(one) for one in (ignored, ignored, found, count)]
        self.x11.XQueryTree(self.display, root, *out)
        windows = found[: count.value] if found else []
        seen = sum(self._is_seen(window) for window in windows)
        self.x11.XFree(found)
        return seen

    def wait_for_window(self, before: int) -> None:
        """Wait until there are more windows than before."""
        self.wait_until(lambda: self.windows() > before, "no menu came")

    def colour(self, x: int, y: int) -> int:
        """Return what is drawn at a place."""
        root = ctypes.c_ulong(self.x11.XDefaultRootWindow(self.display))
        planes, pixmap = ctypes.c_ulong(0xFFFFFF), 2
        image = self.x11.XGetImage(self.display, root, x, y, 1, 1, planes, pixmap)
        found = int(self.x11.XGetPixel(ctypes.c_void_p(image), 0, 0))
        self.x11.XDestroyImage(ctypes.c_void_p(image))
        return found

    def wait_for_colour(self, x: int, y: int, colour: int) -> None:
        """Wait until another colour is drawn there, as when a question lays its shadow on the page."""
        self.wait_until(lambda: self.colour(x, y) != colour, "no question came")

    def wait_until(self, is_so: Callable[[], bool], complaint: str) -> None:
        """Wait until something is so on the screen."""
        end = time.monotonic() + WAIT_S
        while not is_so():
            assert time.monotonic() < end, complaint
            time.sleep(0.05)

    def type(self, *keys: str) -> None:
        """Press keys one after the other, as fast as a person."""
        for key in keys:
            time.sleep(0.2)
            self.press(key)

    def until(self, is_answered: Callable[[], bool], act: Callable[[], None]) -> None:
        """Act until a question is answered.

        A question takes no answer in its first moments, so that nobody gives one by mistake.
        """
        end = time.monotonic() + WAIT_S
        while not is_answered():
            assert time.monotonic() < end, "the question stays"
            act()
            time.sleep(0.5)

    def _code(self, key: str) -> int:
        keysym = ctypes.c_ulong(self.x11.XStringToKeysym(key.encode()))
        return int(self.x11.XKeysymToKeycode(self.display, keysym))

    def _is_seen(self, window: int) -> bool:
        room = ctypes.create_string_buffer(256)
        known = self.x11.XGetWindowAttributes(self.display, ctypes.c_ulong(window), room)
        state = int.from_bytes(room.raw[MAP_STATE : MAP_STATE + 4], "little")
        return known != 0 and state == VIEWABLE


@contextmanager
def screen() -> Iterator[Screen]:
    """Give a screen; skip the test where there is none to be had."""
    server = shutil.which("Xvfb")
    names = [ctypes.util.find_library(name) for name in ("X11", "Xtst")]
    if server is None or None in names:
        pytest.skip("there is no Xvfb, libX11 or libXtst: install xvfb and libxtst6")
    read, write = os.pipe()
    options = ["-displayfd", str(write), "-screen", "0", f"{SIZE[0]}x{SIZE[1]}x24"]
    process = subprocess.Popen(
        [server, *options, "-nolisten", "tcp"], pass_fds=[write], stderr=subprocess.DEVNULL
    )
    os.close(write)
    try:
        with os.fdopen(read) as line:
            number = line.readline().strip()
        yield Screen(f":{number}", *(ctypes.CDLL(name) for name in names))
    finally:
        process.terminate()
        process.wait()
