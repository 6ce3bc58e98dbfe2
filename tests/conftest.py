"""What holds for every test: the network is this machine, unless the test is marked `real`."""

import ipaddress
import socket
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

settings.register_profile("cutouts", deadline=None)  # no test asserts on a wall clock
settings.load_profile("cutouts")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put files that need a browser or a real model first: two workers then end at one time."""
    slow = {item.path for item in items if any(map(item.get_closest_marker, ("browser", "real")))}
    items.sort(key=lambda item: item.path not in slow)


@pytest.fixture(autouse=True)
def _stay_on_this_machine(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Give the test an empty cache and no way out; `real` tests use the person's own cache."""
    if request.node.get_closest_marker("real"):
        return
    monkeypatch.setenv("CUTOUTS_CACHE", str(tmp_path_factory.mktemp("cache")))
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not _is_here(address[0]):
            raise ConnectionRefusedError(f"{address[0]} is elsewhere: mark this test `real`")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect_here)


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@pytest.fixture
def no_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in for a network that has no sample corpus: pip would be asked for it."""
    monkeypatch.setattr("cutouts.encoders.receipt.real_texts", tuple)


@pytest.fixture(scope="session")
def root() -> Path:
    """Return the folder of the checkout."""
    return Path(__file__).resolve().parent.parent
