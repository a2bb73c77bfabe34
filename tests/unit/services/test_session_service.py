"""Logging in and out, over the double of Kite; and what is taken for a request token."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from robotrader.bootstrap import open_app
from robotrader.core.coordinators.session_coordinator import SessionCoordinator
from robotrader.core.errors import (
    AuthenticationError,
    ConfigurationError,
    ResourceError,
    TaskTimeoutError,
    ValidationError,
)
from robotrader.core.orchestrator import RoboTraderOrchestrator
from robotrader.core.services.session_service import new_state, request_token
from robotrader.settings import KiteSettings, Settings
from tests.support.clock import START, FakeClock
from tests.support.kite_server import KiteServer, kite_server
from tests.support.kite_shapes import ACCESS_TOKEN, API_KEY, API_SECRET, USER_ID

TOKEN = "rt1234567890abcdef"


@dataclass
class Home:
    app: RoboTraderOrchestrator
    session: SessionCoordinator
    server: KiteServer
    clock: FakeClock
    path: Path


@asynccontextmanager
async def home(folder: Path, *, kite: KiteSettings | None = None) -> AsyncIterator[Home]:
    async with kite_server(tokens=[], request_tokens=[TOKEN]) as server:
        clock = FakeClock()
        settings = Settings(folder, kite=kite or KiteSettings(server.url, API_KEY, API_SECRET))
        async with open_app(settings, clock=clock) as app:
            yield Home(app, await app.session(), server, clock, folder / "kite-session.json")


@pytest.mark.parametrize(
    "given",
    [
        TOKEN,
        f"  {TOKEN}\n",
        f'"{TOKEN}"',
        f"http://127.0.0.1:5010/?action=login&status=success&request_token={TOKEN}",
        f"https://example.com/redirect?request_token={TOKEN}&action=login&type=login&status=success#top",
        f"request_token={TOKEN}&status=success",
    ],
)
def test_what_the_owner_may_give(given: str) -> None:
    assert request_token(given) == TOKEN


@pytest.mark.parametrize(
    "given",
    [
        "",
        "short",
        "two words 12345",
        "http://127.0.0.1:5010/",
        "http://127.0.0.1:5010/?status=success",
        f"http://127.0.0.1:5010/?status=cancelled&request_token={TOKEN}",
        f"http://127.0.0.1:5010/?request_token={TOKEN}&request_token=another12345",
        "http://127.0.0.1:5010/?request_token=",
        "http://[/?request_token=",
        "x" * 201,
    ],
)
def test_what_is_no_token(given: str) -> None:
    with pytest.raises(ValidationError) as refused:
        request_token(given)
    assert TOKEN not in str(refused.value) + str(refused.value.context)


def test_the_redirect_of_another_login() -> None:
    state = new_state()
    assert request_token(f"/?request_token={TOKEN}&state={state}", state) == TOKEN
    for wrong in ("", "&state=", f"&state={new_state()}"):
        with pytest.raises(ValidationError, match="another login"):
            request_token(f"/?request_token={TOKEN}{wrong}", state)


async def test_a_day_at_the_broker(tmp_path: Path) -> None:
    async with home(tmp_path) as h:
        assert (await h.session.status()).state == "none"
        found = await h.session.login(TOKEN)
        assert (found.state, found.user_id, found.logged_in_at) == ("open", USER_ID, START)
        assert h.path.stat().st_mode & 0o777 == 0o600
        h.clock.advance(24 * 3600)
        ended = await h.session.status()
        assert (ended.state, ended.why) == ("ended", "a session ends at 06:00 IST each day")
        assert ended.ended_at == found.until


async def test_a_token_works_once_and_a_failure_keeps_what_there_was(tmp_path: Path) -> None:
    async with home(tmp_path) as h:
        first = await h.session.login(TOKEN)
        with pytest.raises(AuthenticationError):
            await h.session.login(TOKEN)
        assert await h.session.status() == first


async def test_logging_out_ends_it_there_and_here(tmp_path: Path) -> None:
    async with home(tmp_path) as h:
        await h.session.login(TOKEN)
        assert await h.session.logout() == (True, True, None)
        assert h.server.state.tokens == []
        assert not h.path.exists()
        assert await h.session.logout() == (False, False, None)


async def test_logging_out_where_kite_cannot_be_asked(tmp_path: Path) -> None:
    async with home(tmp_path) as h:
        await h.session.login(TOKEN)
        h.server.script("DELETE", "502", forever=True)
        found = await h.session.logout()
        assert (found.was_there, found.ended_at_kite) == (True, False)
        assert found.problem is not None
        assert ACCESS_TOKEN not in found.problem
        assert not h.path.exists()


@pytest.mark.parametrize("kite", [KiteSettings(), KiteSettings(api_key="key"), KiteSettings(api_secret="secret")])
async def test_without_an_app(tmp_path: Path, kite: KiteSettings) -> None:
    async with home(tmp_path, kite=kite) as h:
        with pytest.raises(ConfigurationError):
            h.session.address()
        with pytest.raises(ConfigurationError):
            await h.session.login(TOKEN)
        assert (await h.session.status()).configured is False
        assert (await h.session.logout()).was_there is False


async def visit(port: int, target: str, method: str = "GET") -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(f"{method} {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
    answer = (await reader.read()).decode()
    writer.close()
    await writer.wait_closed()
    return answer


async def test_the_redirect_is_waited_for_and_only_that_one_is_taken(tmp_path: Path) -> None:
    said: asyncio.Future[tuple[str, int]] = asyncio.get_running_loop().create_future()
    async with home(tmp_path) as h:
        login = asyncio.create_task(
            h.session.login_by_redirect(0, 30.0, lambda address, port: said.set_result((address, port)))
        )
        address, port = await said
        query = parse_qs(urlsplit(address).query)
        assert query["api_key"] == [API_KEY]
        state = parse_qs(query["redirect_params"][0])["state"][0]
        good = f"/?request_token={TOKEN}&status=success&state={state}"
        assert " 404 " in await visit(port, "/favicon.ico")
        assert " 400 " in await visit(port, f"/?request_token={TOKEN}&status=success&state=guessed")
        assert " 404 " in await visit(port, good, "POST")
        assert " 404 " in await visit(port, "http://[")
        assert not login.done()
        assert " 200 " in await visit(port, good)
        assert (await login).state == "open"
        assert TOKEN not in (tmp_path / "logs" / "robotrader.log").read_text(encoding="utf-8")


async def test_nobody_comes_back(tmp_path: Path) -> None:
    async with home(tmp_path) as h:
        with pytest.raises(TaskTimeoutError):
            await h.session.login_by_redirect(0, 0.05, lambda *_: None)


async def test_a_port_that_is_taken(tmp_path: Path) -> None:
    async with home(tmp_path) as h:
        with pytest.raises(ResourceError, match="listened"):
            await h.session.login_by_redirect(h.server.port, 5.0, lambda *_: None)
