"""The session at the broker: a private file, and a state that every process sees."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from robotrader.core.background_scheduler.stores.broker_session_store import (
    BrokerSession,
    BrokerSessionStore,
    dies_at,
)
from robotrader.core.background_scheduler.stores.event_store import EventStore
from robotrader.core.database_state import DatabaseStateManager
from robotrader.core.errors import LoginRequiredError
from robotrader.core.privacy import privacy_violation
from tests.support.clock import START, FakeClock

TOKEN = "accesstoken1234567890"


@dataclass
class Shelf:
    store: BrokerSessionStore
    events: EventStore
    clock: FakeClock
    path: Path
    db: DatabaseStateManager

    async def told(self) -> list[dict[str, object]]:
        return [dict(each.event.data) for each in (await self.events.list(limit=10))[::-1]]


@asynccontextmanager
async def shelf(folder: Path, *, api_key: str = "key1") -> AsyncIterator[Shelf]:
    clock = FakeClock()
    db = DatabaseStateManager(folder / "db", clock=clock)
    events = EventStore(db, clock, durable_types=frozenset(), grace_seconds=60)
    path = folder / "kite-session.json"
    yield Shelf(BrokerSessionStore(db, clock, events, path=path, api_key=api_key), events, clock, path, db)
    await db.close()


def session(at: datetime = START, token: str = TOKEN) -> BrokerSession:
    return BrokerSession("AB1234", "key1", token, at, dies_at(at))


@pytest.mark.parametrize(
    ("login", "end"),
    [
        ("2026-11-20T09:30:00+05:30", "2026-11-21T06:00:00+05:30"),
        ("2026-11-20T05:59:59+05:30", "2026-11-20T06:00:00+05:30"),
        ("2026-11-20T06:00:00+05:30", "2026-11-21T06:00:00+05:30"),
        ("2026-11-20T23:59:00+05:30", "2026-11-21T06:00:00+05:30"),
        ("2026-11-20T00:10:00+05:30", "2026-11-20T06:00:00+05:30"),
        ("2026-12-31T12:00:00+00:00", "2027-01-01T06:00:00+05:30"),
    ],
)
def test_a_session_dies_at_six_in_india(login: str, end: str) -> None:
    assert dies_at(datetime.fromisoformat(login)) == datetime.fromisoformat(end)


async def test_what_is_written_is_read(tmp_path: Path) -> None:
    async with shelf(tmp_path) as s:
        assert await s.store.read() is None
        await s.store.write(session())
        assert await s.store.read() == session()
        assert s.path.stat().st_mode & 0o777 == 0o600
        assert await s.store.token() == TOKEN
        assert (await s.store.state()).alive


async def test_after_six_it_is_a_state_and_only_its_use_an_error(tmp_path: Path) -> None:
    async with shelf(tmp_path) as s:
        await s.store.write(session())
        s.clock.advance((dies_at(START) - START).total_seconds() - 1)
        assert await s.store.token() == TOKEN
        s.clock.advance(1)
        state = await s.store.state()
        assert (state.alive, state.ended_at, state.why) == (
            False,
            dies_at(START),
            "a session ends at 06:00 IST each day",
        )
        with pytest.raises(LoginRequiredError) as refused:
            await s.store.token()
        assert (refused.value.exit_code, refused.value.context.remedy) == (7, "robotrader login")


async def test_a_dead_token_is_told_once_and_known_everywhere(tmp_path: Path) -> None:
    async with shelf(tmp_path) as s, shelf(tmp_path) as other:
        await s.store.write(session())
        for _ in range(3):
            await s.store.died(TOKEN, "Incorrect `api_key` or `access_token`.")
        state = await other.store.state()
        assert (state.alive, state.why) == (False, "Incorrect `api_key` or `access_token`.")
        with pytest.raises(LoginRequiredError):
            await other.store.token()
        assert [each["state"] for each in await s.told()] == ["begun", "ended"]


async def test_the_death_of_an_older_token_is_not_that_of_the_new(tmp_path: Path) -> None:
    async with shelf(tmp_path) as s:
        await s.store.write(session(token="older12345"))
        await s.store.write(session())
        await s.store.died("older12345", "too late")
        assert (await s.store.state()).alive


async def test_a_new_login_revives(tmp_path: Path) -> None:
    async with shelf(tmp_path) as s:
        await s.store.write(session())
        await s.store.died(TOKEN, "dead")
        await s.store.write(session(START + timedelta(hours=1), "newtoken12345"))
        assert (await s.store.state()).alive


async def test_forgetting(tmp_path: Path) -> None:
    async with shelf(tmp_path) as s:
        assert await s.store.forget() is False
        await s.store.write(session())
        assert await s.store.forget() is True
        assert not s.path.exists()
        state = await s.store.state()
        assert (state.session, state.alive, state.why) == (None, False, "logged out")


async def test_another_apps_session_is_none(tmp_path: Path) -> None:
    async with shelf(tmp_path) as s, shelf(tmp_path, api_key="key2") as other:
        await s.store.write(session())
        assert await other.store.read() is None
        with pytest.raises(LoginRequiredError):
            await other.store.token()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no json",
        "[]",
        "{}",
        '{"user_id": 1, "api_key": "key1", "access_token": "t"}',
        json.dumps(
            {
                "user_id": "A",
                "api_key": "key1",
                "access_token": "t",
                "logged_in_at": "2026-11-20 09:30:00",
                "expires_at": "2026-11-21 06:00:00",
            }
        ),
    ],
)
async def test_a_file_that_holds_no_session(tmp_path: Path, text: str) -> None:
    async with shelf(tmp_path) as s:
        s.path.write_text(text, encoding="utf-8")
        assert await s.store.read() is None


async def test_no_secret_and_no_person_is_told(tmp_path: Path) -> None:
    async with shelf(tmp_path) as s:
        await s.store.write(session())
        await s.store.died(TOKEN, "Incorrect `api_key` or `access_token`.")
        rows = await s.db.read(lambda tx: tx.all("SELECT * FROM state") + tx.all("SELECT * FROM events"))
        for data in await s.told():
            assert privacy_violation(data) is None
    assert TOKEN not in repr(rows)
    assert "AB1234" not in repr(rows)
    assert TOKEN not in repr(session())
    assert datetime(2026, 11, 21, 0, 30, tzinfo=UTC) == session().expires_at
