"""What every test gets: an environment without keys, a home of its own, and no way out of this machine."""

from __future__ import annotations

import ipaddress
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tests.support.clock import FakeClock

SCRUBBED = ("ANTHROPIC_", "PERPLEXITY_", "KITE_", "ROBOTRADER_")


def refuse_the_world(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: a connection may go to the loopback or to a local socket, and nowhere else."""
    if event != "socket.connect":
        return
    address = arguments[1]
    if isinstance(address, (str, bytes)):
        return
    if address[0] != "localhost" and not ipaddress.ip_address(address[0].partition("%")[0]).is_loopback:
        raise RuntimeError(f"a test tried to reach {address[0]}")


def pytest_configure() -> None:
    for name in [name for name in os.environ if name.startswith(SCRUBBED)]:
        del os.environ[name]
    sys.addaudithook(refuse_the_world)
    settings.register_profile("unhurried", settings(), deadline=None)  # no test depends on how busy the machine is
    settings.load_profile("unhurried")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home that is not made yet."""
    return tmp_path / "home"


@pytest.fixture
def clock() -> FakeClock:
    """A clock that moves only when somebody sleeps on it."""
    return FakeClock()
