"""The archive: files that are whole or not there."""

from __future__ import annotations

import asyncio
import json
import stat
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from robotrader.core.background_scheduler.models import Dataset, Task, TaskStatus
from robotrader.core.background_scheduler.processors.processor import Outcome
from robotrader.core.background_scheduler.stores.document_store import DocumentStore
from robotrader.core.background_scheduler.stores.files import (
    MOST_AT_ONCE,
    WholeFiles,
    append_lines,
    read_text,
    write_atomic,
)
from robotrader.core.background_scheduler.stores.paid_call import PaidCall
from robotrader.core.background_scheduler.stores.paid_call_store import PaidCallStore
from robotrader.core.background_scheduler.stores.strategy_log_store import StrategyLogStore
from robotrader.core.errors import NotFoundError, ResourceError
from robotrader.core.ids import new_id
from tests.support.clock import FakeClock
from tests.support.spine import Process, process, raw_answer

ODD = 'ü € 😀 \u2028 "quotes" \\ \x00 lone \ud800 end'


async def archived(p: Process, task: Task) -> Outcome:
    """Archive an odd answer."""
    call = await (await p.get(PaidCallStore)).claim(task, Dataset.EARNINGS)
    assert isinstance(call, PaidCall)
    await call.sent("key")
    raw = replace(raw_answer(ODD, cost="0.010000000000000000000001"), usable=task.symbol != "BAD")
    return Outcome(TaskStatus.COMPLETED, document_id=await call.answered(raw))


async def test_a_document_is_read_as_it_was_written(home: Path, clock: FakeClock) -> None:
    async with process(home, clock, archived) as p:
        await p.scheduler.run_now("earnings", ["SBIN"], force=True)
        task, store = await p.only_task(), await p.get(DocumentStore)
        assert task.document_id is not None
        found = await store.load(task.document_id)
        assert found.raw.body == ODD.replace("\ud800", "?")
        assert found.raw.cost_usd == Decimal("0.010000000000000000000001")
        assert found.document.cost_usd == found.raw.cost_usd
        assert (found.document.symbol, found.document.task_id) == ("SBIN", task.id)
        assert found.document.created_at == clock.now()
        alone = await store.find(task.document_id)
        assert alone is not None
        assert (alone.raw, alone.document) == (found.raw, found.document)
        path = home / "documents" / found.document.path
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert [each.name for each in path.parent.iterdir()] == [path.name]  # no temporary file is left
        assert json.loads(path.read_text(encoding="utf-8"))["document"]["id"] == task.document_id


async def test_a_request_that_came_as_text_is_archived_as_that(home: Path, clock: FakeClock) -> None:
    raw = raw_answer(ODD)
    text = json.dumps({**raw.request, "json": {"asked": ODD}})
    async with process(home, clock, archived) as p:
        await p.scheduler.run_now("earnings", ["SBIN"], force=True)
        task, store = await p.only_task(), await p.get(DocumentStore)
        for document_id, answer in ((new_id(), replace(raw, request_text=text)), (new_id(), raw)):
            await store.write(task, Dataset.EARNINGS, document_id, answer, clock.now())
            found = await store.find(document_id)
            assert found is not None
            asked = {"asked": ODD} if answer.request_text else {}
            assert found.raw == replace(raw, request={**raw.request, "json": asked}, body=found.raw.body)


async def test_only_usable_documents_are_read_again(home: Path, clock: FakeClock) -> None:
    async with process(home, clock, archived) as p:
        for symbol in ("SBIN", "TCS", "BAD", "SBIN"):
            clock.advance(1)
            await p.scheduler.run_now("earnings", [symbol], force=True)
        store = await p.get(DocumentStore)
        assert [each.symbol for each in await store.of(Dataset.EARNINGS, None)] == ["SBIN", "TCS", "SBIN"]
        assert [each.symbol for each in await store.of(Dataset.EARNINGS, "SBIN")] == ["SBIN", "SBIN"]
        assert await store.of(Dataset.NEWS, None) == []


@pytest.mark.parametrize(
    "damage",
    ["", "{", "[]", "null", '{"document": {}, "answer": {}}', '{"document": null, "answer": null}', "\x00" * 100],
)
async def test_a_damaged_file_is_told(home: Path, clock: FakeClock, damage: str) -> None:
    async with process(home, clock, archived) as p:
        await p.scheduler.run_now("earnings", ["SBIN"], force=True)
        document_id = (await p.only_task()).document_id or ""
        (path,) = (home / "documents").rglob("*.json")
        path.write_text(damage, encoding="utf-8")
        store = await p.get(DocumentStore)
        for look in (store.find, store.load):
            with pytest.raises(ResourceError, match="is damaged"):
                await look(document_id)
        path.unlink()
        assert await store.find(document_id) is None
        with pytest.raises(ResourceError, match="is gone"):
            await store.load(document_id)
        with pytest.raises(NotFoundError):
            await store.load("0" * 8 + "-0000-7000-8000-" + "0" * 12)


async def test_a_text_replaces_another_whole(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.txt"
    await write_atomic(path, "one")
    await write_atomic(path, "two ü")
    assert await read_text(path) == "two ü"
    assert [each.name for each in path.parent.iterdir()] == ["b.txt"]
    assert await read_text(tmp_path / "none") is None


async def test_writers_at_the_same_time_leave_one_whole_text(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    texts = [str(n) * 100_000 for n in range(8)]
    await asyncio.gather(*(write_atomic(path, text) for text in texts))
    assert await read_text(path) in texts
    assert [each.name for each in tmp_path.iterdir()] == ["a.txt"]  # noqa: ASYNC240


async def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    target = tmp_path / "file" / "a.txt"
    for write in (write_atomic(target, "text"), append_lines(target, ["text"])):
        with pytest.raises(ResourceError) as caught:
            await write
        assert caught.value.context.remedy == f"free some disk space, or check the permissions of {target.parent}"
    with pytest.raises(ResourceError):
        await write_atomic(tmp_path, "text")
    with pytest.raises(ResourceError) as caught:
        await read_text(tmp_path)
    assert caught.value.context.remedy == f"check the permissions of {tmp_path.parent}"


async def test_lines_of_many_writers_never_mix(tmp_path: Path) -> None:
    log = StrategyLogStore(tmp_path / "logs" / "strategy.jsonl")
    await asyncio.gather(*(log.append({"n": n, "text": "ü\n" * 2000}) for n in range(20)))
    lines = (tmp_path / "logs" / "strategy.jsonl").read_text(encoding="utf-8").splitlines()
    assert sorted(json.loads(line)["n"] for line in lines) == list(range(20))


def temporaries(folder: Path) -> list[Path]:
    return list(folder.rglob(".*.tmp"))


async def test_files_that_come_together_are_all_whole(tmp_path: Path) -> None:
    files, count = WholeFiles(), 3 * MOST_AT_ONCE
    paths = [tmp_path / f"{n % 3}" / f"{n}.json" for n in range(count)]
    await asyncio.gather(*(files.write(path, f"text {n} ü") for n, path in enumerate(paths)))
    assert [await read_text(path) for path in paths] == [f"text {n} ü" for n in range(count)]
    assert {path.stat().st_mode & 0o777 for path in paths} == {0o600}
    assert temporaries(tmp_path) == []


async def test_one_that_cannot_be_written_harms_no_other(tmp_path: Path) -> None:
    files = WholeFiles()
    (tmp_path / "taken.json" / "by a folder").mkdir(parents=True)
    (tmp_path / "file").write_text("no folder")
    names = ("a.json", "taken.json", "file/b.json", "c.json")
    results = await asyncio.gather(*(files.write(tmp_path / name, name) for name in names), return_exceptions=True)
    assert [type(result) for result in results] == [type(None), ResourceError, ResourceError, type(None)]
    assert [await read_text(tmp_path / name) for name in ("a.json", "c.json")] == ["a.json", "c.json"]
    assert temporaries(tmp_path) == []
    await files.write(tmp_path / "later.json", "later")


async def test_who_gives_up_waiting_harms_no_other(tmp_path: Path) -> None:
    files = WholeFiles()
    writing = [asyncio.create_task(files.write(tmp_path / f"{n}.json", "text")) for n in range(3)]
    await asyncio.sleep(0)
    writing[1].cancel()
    results = await asyncio.gather(*writing, return_exceptions=True)
    assert [type(result) for result in results] == [type(None), asyncio.CancelledError, type(None)]
    assert await read_text(tmp_path / "2.json") == "text"
