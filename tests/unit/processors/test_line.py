"""Who may ask: so many over all and of each dataset, and no longer than until the answer is there."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from robotrader.core.background_scheduler.config.task_specs import TaskSpec, task_specs
from robotrader.core.background_scheduler.models import Dataset
from robotrader.core.background_scheduler.processors.asking import Line
from robotrader.settings import SchedulesSettings


def spec(dataset: Dataset, concurrency: int) -> TaskSpec:
    specs = task_specs(SchedulesSettings()).values()
    found = next(each for each in specs if isinstance(each, TaskSpec) and each.dataset is dataset)
    return replace(found, concurrency=concurrency)


async def entered(line: Line, *specs: TaskSpec) -> list[asyncio.Task[Callable[[], None]]]:
    tasks = [asyncio.create_task(line.enter(each)) for each in specs]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


async def test_so_many_of_a_dataset_and_so_many_over_all() -> None:
    line, few, many = Line(3), spec(Dataset.EARNINGS, 2), spec(Dataset.NEWS, 5)
    tasks = await entered(line, few, few, few, many, many)
    assert [task.done() for task in tasks] == [True, True, False, True, False]
    tasks[0].result()()
    await asyncio.sleep(0.01)
    assert [task.done() for task in tasks].count(True) == 4


async def test_leaving_twice_makes_room_once() -> None:
    line, one = Line(1), spec(Dataset.EARNINGS, 1)
    first, second, third = await entered(line, one, one, one)
    leave = first.result()
    leave()
    leave()
    await asyncio.sleep(0.01)
    assert [second.done(), third.done()] == [True, False]
    third.cancel()


async def test_who_gives_up_in_line_takes_no_place() -> None:
    line, one = Line(1), spec(Dataset.EARNINGS, 5)
    first, second, third = await entered(line, one, one, one)
    second.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    first.result()()
    assert await asyncio.wait_for(third, 1)


@pytest.mark.parametrize(("at_once", "let_in"), [(1, 1), (9, 9), (10, 11), (50, 55)])
async def test_a_tenth_more_is_let_in_than_may_be_on_their_way(at_once: int, let_in: int) -> None:
    tasks = await entered(Line(at_once), *[spec(Dataset.EARNINGS, at_once)] * 60)
    assert [task.done() for task in tasks] == [True] * let_in + [False] * (60 - let_in)
    for task in tasks:
        task.cancel()


async def test_of_a_dataset_with_a_bound_of_its_own_no_more_than_that() -> None:
    tasks = await entered(Line(50), *[spec(Dataset.NEWS, 20)] * 30)
    assert [task.done() for task in tasks] == [True] * 20 + [False] * 10
    for task in tasks:
        task.cancel()
