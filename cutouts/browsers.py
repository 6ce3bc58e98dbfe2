"""A browser's name and an address go in; it comes out running, unseen and with an empty profile."""

import contextlib
import os
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from cutouts.errors import ProofError, UsageError

BROWSERS = ("chromium", "firefox", "webkit")

INSTALL = {
    "chromium": "apt-get install chromium, or set CHROME to a Chromium or Chrome",
    "firefox": "apt-get install firefox-esr",
    "webkit": "apt-get install webkit2gtk-driver xvfb, or use --open in Safari",
}
COMMANDS = {
    "chromium": ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"),
    "firefox": ("firefox-esr", "firefox"),
    "webkit": ("MiniBrowser",),
}
# Where a browser lies that is not on PATH, below / or below the home folder.
PLACES = {
    "chromium": (
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
        "~/.cache/ms-playwright/chromium-*/chrome-linux*/chrome",
        "~/Library/Caches/ms-playwright/chromium-*/chrome-mac*/*.app/Contents/MacOS/*",
    ),
    "firefox": ("/Applications/Firefox.app/Contents/MacOS/firefox",),
    "webkit": (
        "/usr/lib/*/webkit2gtk-4*/MiniBrowser",
        "/usr/libexec/webkit2gtk-4*/MiniBrowser",
        "/usr/lib/webkit2gtk-4*/MiniBrowser",
        "/usr/lib64/webkit2gtk-4*/MiniBrowser",
    ),
}
CHROMIUM_OPTIONS = (
    "--headless=new",
    "--disable-gpu",
    "--disable-dev-shm-usage",  # in a container /dev/shm is often too small for a model
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-quic",
    "--disable-sync",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-pings",
    "--password-store=basic",
    "--use-mock-keychain",
)
# No report to anybody, no update, no first-run page, no test whether the network is there.
FIREFOX_PREFERENCES = """\
user_pref("app.normandy.enabled", false);
user_pref("app.update.enabled", false);
user_pref("browser.aboutwelcome.enabled", false);
user_pref("browser.newtabpage.enabled", false);
user_pref("browser.region.update.enabled", false);
user_pref("browser.safebrowsing.downloads.remote.enabled", false);
user_pref("browser.safebrowsing.malware.enabled", false);
user_pref("browser.safebrowsing.phishing.enabled", false);
user_pref("browser.safebrowsing.update.enabled", false);
user_pref("browser.search.update", false);
user_pref("browser.shell.checkDefaultBrowser", false);
user_pref("browser.startup.homepage_override.mstone", "ignore");
user_pref("browser.startup.page", 0);
user_pref("datareporting.healthreport.uploadEnabled", false);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("extensions.getAddons.cache.enabled", false);
user_pref("extensions.systemAddon.update.enabled", false);
user_pref("extensions.update.enabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("network.proxy.type", 0);
user_pref("toolkit.telemetry.enabled", false);
user_pref("toolkit.telemetry.reportingpolicy.firstRun", false);
user_pref("toolkit.telemetry.server", "");
user_pref("toolkit.telemetry.unified", false);
"""
STOP_SECONDS = 3
KILL_SECONDS = 5
DISPLAY_SECONDS = 20


@dataclass(frozen=True, slots=True)
class RunningBrowser:
    """A browser that was started here."""

    version: str
    process: subprocess.Popen[bytes]
    log: Path  # its stderr

    def alive(self) -> bool:
        """Return whether it still runs."""
        return self.process.poll() is None

    def last_words(self, lines: int = 5) -> str:
        """Return the last lines it wrote to stderr, in printable characters."""
        written = self.log.read_text(errors="replace").splitlines()
        kept = [line.strip() for line in written if line.strip()][-lines:]
        return " | ".join(
            "".join(char if char.isprintable() else "?" for char in line) for line in kept
        )


def find_browser(name: str) -> Path:
    """Return the program of "chromium", "firefox" or "webkit".

    Raises ProofError that says what to install when it is missing, UsageError for another name.
    """
    if name not in BROWSERS:
        raise UsageError(
            f"no browser is called {name!r}: choose from {', '.join(BROWSERS)}, or use --open"
        )
    chosen = os.environ.get("CHROME", "") if name == "chromium" else ""
    if chosen:
        program = shutil.which(chosen)
        if program is None:
            raise ProofError(f"CHROME is {chosen!r}, which is no program: correct it or unset it")
        return Path(program)
    for command in COMMANDS[name]:
        program = shutil.which(command)
        if program is not None:
            return Path(program)
    for pattern in PLACES[name]:
        start, below = (
            (Path.home(), pattern[2:]) if pattern.startswith("~/") else (Path("/"), pattern[1:])
        )
        # The last in order is the newest version.
        for path in sorted(start.glob(below), reverse=True):
            if path.is_file() and os.access(path, os.X_OK):
                return path
    raise ProofError(f"{name} is not installed here: {INSTALL[name]}")


@contextlib.contextmanager
def running_browser(name: str, url: str) -> Iterator[RunningBrowser]:
    """Keep `url` open in the browser, unseen and with an empty profile, while the block runs."""
    program = find_browser(name)
    with contextlib.ExitStack() as stack:
        made = tempfile.TemporaryDirectory(prefix="cutouts-browser-", ignore_cleanup_errors=True)
        profile = Path(stack.enter_context(made))
        environment = _environment(profile)
        if name == "webkit":
            environment |= {"DISPLAY": stack.enter_context(_virtual_display(profile))}
        version = _version(program, environment)
        log = profile / "stderr"
        with log.open("wb") as stderr:
            process = subprocess.Popen(
                _command(name, program, profile, url),
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,  # it and all it starts form one group, ended together
            )
        stack.callback(_end, process)
        yield RunningBrowser(version, process, log)


def _command(name: str, program: Path, profile: Path, url: str) -> list[str]:
    if name == "chromium":
        # Chromium refuses to run as root with its sandbox; it opens only our own page.
        root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
        return [str(program), *CHROMIUM_OPTIONS, *root, f"--user-data-dir={profile / 'data'}", url]
    if name == "firefox":
        (profile / "data").mkdir()
        (profile / "data" / "user.js").write_text(FIREFOX_PREFERENCES)
        return [str(program), "--headless", "--no-remote", "--profile", str(profile / "data"), url]
    return [str(program), url]


def _environment(profile: Path) -> dict[str, str]:
    # A proxy must not come between the browser and this machine.
    left_out = {"http_proxy", "https_proxy", "all_proxy", "xdg_config_home", "xdg_cache_home"}
    kept = {name: value for name, value in os.environ.items() if name.lower() not in left_out}
    if sys.platform == "darwin":  # there a home elsewhere has no keychain, and asks for one
        return kept
    # What a browser leaves beside its profile goes with it.
    return kept | dict.fromkeys(("HOME", "TMPDIR", "XDG_RUNTIME_DIR"), str(profile))


def _version(program: Path, environment: dict[str, str]) -> str:
    try:
        command = [str(program), "--version"]
        answer = subprocess.run(
            command, env=environment, capture_output=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ProofError(f"{program} does not start ({error}): install it again") from error
    found = re.search(r"[A-Za-z][\w ]*?[\d.]{3,}\w*", answer.stdout.decode(errors="replace"))
    return found.group(0)[:100] if found else program.name


@contextlib.contextmanager
def _virtual_display(folder: Path) -> Iterator[str]:
    if sys.platform == "darwin":
        raise ProofError("WebKitGTK does not run on macOS: use --open in Safari")
    program = shutil.which("Xvfb")
    if program is None:
        raise ProofError(
            "Xvfb, the display that webkit draws on, is not installed here: apt-get install xvfb"
        )
    reading, writing = os.pipe()
    with contextlib.ExitStack() as stack:
        stack.callback(os.close, reading)
        command = [
            program,
            "-displayfd",
            str(writing),
            "-screen",
            "0",
            "1280x900x24",
            "-nolisten",
            "tcp",
        ]
        with (folder / "Xvfb.stderr").open("wb") as stderr:
            process = subprocess.Popen(
                command,
                pass_fds=(writing,),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=stderr,
                start_new_session=True,
            )
        os.close(writing)
        stack.callback(_end_display, process)
        # It writes its number once it is ready, or closes the pipe when it fails.
        ready, _, _ = select.select([reading], [], [], DISPLAY_SECONDS)
        number = os.read(reading, 20).decode().strip() if ready else ""
        if not number.isdecimal():
            said = (folder / "Xvfb.stderr").read_text(errors="replace").strip().splitlines()
            raise ProofError(f"Xvfb did not start: {said[-1] if said else 'it gave no reason'}")
        yield f":{number}"


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and every other one of its group, unasked: its profile goes with it."""
    deadline = time.monotonic() + KILL_SECONDS
    while _signal_group(process.pid, signal.SIGKILL) and time.monotonic() < deadline:
        process.poll()
        time.sleep(0.02)
    process.wait()


def _end_display(process: subprocess.Popen[bytes]) -> None:
    """End a display, asked first: it has files outside of the profile to remove."""
    _signal_group(process.pid, signal.SIGTERM)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    _end(process)


def _signal_group(group: int, number: signal.Signals) -> bool:
    """Send a signal to a process group, and return whether anything of it is left."""
    try:
        os.killpg(group, number)
    except (ProcessLookupError, PermissionError):  # macOS says the latter of a group of zombies
        return False
    return True
