from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Protocol

import pytest

from robotrader.core.di import DependencyContainer
from robotrader.core.errors import InitializationError, SystemFailure


class Clock(Protocol):
    def now(self) -> int: ...


class FixedClock:
    def now(self) -> int:
        return 7


class A:
    def __init__(self, *parts: object) -> None:
        self.parts = parts


class B(A): ...


class C(A): ...


class D(A): ...


@pytest.fixture
def container() -> DependencyContainer:
    return DependencyContainer()


async def test_a_singleton_is_made_once_and_lazily(container: DependencyContainer) -> None:
    made: list[A] = []

    def make(_: DependencyContainer) -> A:
        made.append(A())
        return made[-1]

    container.register_singleton(A, make)
    assert made == []
    assert await container.get(A) is await container.get(A)
    assert len(made) == 1


async def test_a_factory_makes_a_new_one_each_time(container: DependencyContainer) -> None:
    container.register_factory(A, lambda _: A())
    assert await container.get(A) is not await container.get(A)


async def test_an_instance_is_handed_out(container: DependencyContainer) -> None:
    instance = A()
    container.register_instance(A, instance)
    assert await container.get(A) is instance


async def test_a_protocol_is_a_key(container: DependencyContainer) -> None:
    container.register_singleton(Clock, lambda _: FixedClock())
    clock = await container.get(Clock)
    assert clock.now() == 7


async def test_none_is_a_service_too(container: DependencyContainer) -> None:
    made = []

    def make(_: DependencyContainer) -> None:
        made.append(1)

    container.register_singleton(type(None), make)
    for _ in range(2):
        nothing: object = await container.get(type(None))
        assert nothing is None
    assert made == [1]


async def test_async_factories_and_nested_gets(container: DependencyContainer) -> None:
    async def make_b(c: DependencyContainer) -> B:
        await asyncio.sleep(0)
        return B(await c.get(A))

    async def make_c(c: DependencyContainer) -> C:
        return C(*await asyncio.gather(c.get(A), c.get(B)))

    container.register_singleton(C, make_c)
    container.register_singleton(B, make_b)
    container.register_singleton(A, lambda _: A())
    c = await container.get(C)
    assert c.parts == (await container.get(A), await container.get(B))


async def test_many_at_once_make_it_once(container: DependencyContainer) -> None:
    made = 0

    async def make(_: DependencyContainer) -> A:
        nonlocal made
        made += 1
        for _turn in range(3):
            await asyncio.sleep(0)
        return A()

    async def make_b(c: DependencyContainer) -> B:
        return B(await c.get(A))

    container.register_singleton(A, make)
    container.register_singleton(B, make_b)
    got = await asyncio.gather(*(container.get(key) for key in (A, B) * 10))
    assert made == 1
    assert len({id(each) for each in got}) == 2


async def test_unrelated_services_are_made_side_by_side(container: DependencyContainer) -> None:
    other = asyncio.Event()

    async def waits(_: DependencyContainer) -> A:
        await other.wait()
        return A()

    async def releases(_: DependencyContainer) -> B:
        other.set()
        return B()

    container.register_singleton(A, waits)
    container.register_singleton(B, releases)
    async with asyncio.timeout(5):
        await asyncio.gather(container.get(A), container.get(B))


# Circles


def needing(key: type[A]) -> Callable[[DependencyContainer], Any]:
    return lambda container: container.get(key)


def in_a_circle(container: DependencyContainer, *keys: type[A], turns: int = 1) -> None:
    for key, needed in zip(keys, (*keys[1:], keys[0]), strict=True):

        async def make(c: DependencyContainer, key: type[A] = key, needed: type[A] = needed) -> A:
            for _ in range(turns):
                await asyncio.sleep(0)
            return key(await c.get(needed))

        container.register_singleton(key, make)


async def test_a_circle_is_told_as_a_path(container: DependencyContainer) -> None:
    in_a_circle(container, A, B, C)
    container.register_singleton(D, needing(A))
    for _ in range(2):
        with pytest.raises(InitializationError, match=r"A -> B -> C -> A$"):
            await container.get(D)
    with pytest.raises(InitializationError, match=r"B -> C -> A -> B$"):
        await container.get(B)


async def test_a_service_that_needs_itself(container: DependencyContainer) -> None:
    in_a_circle(container, A)
    with pytest.raises(InitializationError, match=r"A -> A$"):
        await container.get(A)


async def test_a_circle_of_factories(container: DependencyContainer) -> None:
    container.register_factory(A, needing(B))
    container.register_factory(B, needing(A))
    with pytest.raises(InitializationError, match=r"A -> B -> A$"):
        await container.get(A)


@pytest.mark.parametrize("turns", [0, 1, 3])
async def test_a_circle_of_two_tasks_is_told_and_not_waited_for(container: DependencyContainer, turns: int) -> None:
    in_a_circle(container, A, B, C, turns=turns)
    async with asyncio.timeout(5):
        got = await asyncio.gather(*(container.get(key) for key in (A, B, C)), return_exceptions=True)
    for each in got:
        assert isinstance(each, InitializationError)
        assert " -> " in str(each)


async def test_a_circle_through_gathered_gets(container: DependencyContainer) -> None:
    async def make(c: DependencyContainer) -> A:
        return A(*await asyncio.gather(c.get(B), c.get(C)))

    container.register_singleton(A, make)
    in_a_circle(container, B, C)
    async with asyncio.timeout(5):
        with pytest.raises(InitializationError, match=r"B -> C -> B|C -> B -> C"):
            await container.get(A)


async def test_a_circle_with_a_short_cut(container: DependencyContainer) -> None:
    async def make_a(c: DependencyContainer) -> A:
        return A(*await asyncio.gather(c.get(B), c.get(C)))

    container.register_singleton(A, make_a)
    in_a_circle(container, B, D, A, turns=3)
    container.register_singleton(A, make_a)
    container.register_singleton(C, needing(B))
    async with asyncio.timeout(5):
        with pytest.raises(InitializationError, match=r"A -> B -> D -> A$"):
            await container.get(A)


async def test_a_diamond_is_no_circle(container: DependencyContainer) -> None:
    async def needs(c: DependencyContainer, key: type[A], *keys: type[A]) -> Any:
        parts = []
        for each in keys:
            await asyncio.sleep(0)
            parts.append(await c.get(each))
        return key(*parts)

    container.register_singleton(A, lambda c: needs(c, A, B, C))
    container.register_singleton(B, lambda c: needs(c, B, D))
    container.register_singleton(C, lambda c: needs(c, C, D, B))
    container.register_singleton(D, lambda c: needs(c, D))
    async with asyncio.timeout(5):
        await asyncio.gather(*(container.get(key) for key in (C, A, B, D, A)))


# Failure


async def test_a_failure_is_not_kept(container: DependencyContainer) -> None:
    tries = 0

    async def make(c: DependencyContainer) -> B:
        nonlocal tries
        tries += 1
        await c.get(A)
        if tries == 1:
            raise LookupError("not yet")
        return B()

    container.register_singleton(A, lambda _: A())
    container.register_singleton(B, make)
    with pytest.raises(LookupError):
        await container.get(B)
    assert isinstance(await container.get(B), B)
    assert tries == 2


async def test_a_cancelled_construction_does_not_hold_up_the_next(container: DependencyContainer) -> None:
    hold = asyncio.Event()

    async def make(_: DependencyContainer) -> A:
        await hold.wait()
        return A()

    container.register_singleton(A, make)
    first, second = asyncio.create_task(container.get(A)), asyncio.create_task(container.get(A))
    await asyncio.sleep(0)
    first.cancel()
    hold.set()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert isinstance(await second, A)


async def test_what_is_missing_names_the_nearest(container: DependencyContainer) -> None:
    class EventStores: ...

    class EventStore: ...

    with pytest.raises(InitializationError, match="EventStores") as caught:
        await container.get(EventStores)
    assert caught.value.context.remedy == "register it in bootstrap"
    container.register_instance(EventStore, EventStore())
    with pytest.raises(InitializationError, match="EventStores") as caught:
        await container.get(EventStores)
    assert caught.value.context.remedy == "did you mean EventStore?"


async def test_after_freezing_nothing_is_registered(container: DependencyContainer) -> None:
    container.register_singleton(A, lambda _: A())
    container.freeze()
    for register in (container.register_singleton, container.register_factory):
        with pytest.raises(SystemFailure, match="after the start"):
            register(B, lambda _: B())
    with pytest.raises(SystemFailure, match="after the start"):
        container.register_instance(B, B())
    assert isinstance(await container.get(A), A)


async def test_a_registration_can_be_replaced_until_it_is_used(container: DependencyContainer) -> None:
    container.register_singleton(A, lambda _: A())
    container.register_singleton(A, lambda _: B())
    assert isinstance(await container.get(A), B)
    with pytest.raises(SystemFailure, match="after it was made"):
        container.register_singleton(A, lambda _: A())


# Closing


class Closing:
    def __init__(self, log: list[str], name: str, error: BaseException | None = None) -> None:
        self.log, self.name, self.error = log, name, error

    def end(self, how: str) -> None:
        self.log.append(f"{self.name} {how}")
        if self.error is not None:
            raise self.error


class WithAclose(Closing):
    async def aclose(self) -> None:
        self.end("aclose")

    def close(self) -> None:
        raise AssertionError("aclose comes first")


class WithClose(Closing):
    def close(self) -> None:
        self.end("close")


class WithCleanup(Closing):
    async def cleanup(self) -> None:
        await asyncio.sleep(0)
        self.end("cleanup")


async def test_singletons_are_closed_in_reverse(container: DependencyContainer) -> None:
    log: list[str] = []

    async def make(c: DependencyContainer) -> WithAclose:
        await c.get(WithClose)
        return WithAclose(log, "outer")

    async with container:
        container.register_singleton(WithAclose, make)
        container.register_singleton(WithClose, lambda _: WithClose(log, "inner"))
        container.register_singleton(WithCleanup, lambda _: WithCleanup(log, "last"))
        container.register_singleton(A, lambda _: A())
        container.register_factory(B, lambda _: B())
        container.register_instance(Closing, WithClose(log, "never"))
        for key in (WithAclose, A, WithCleanup, B, Closing):
            await container.get(key)
    assert log == ["last cleanup", "outer aclose", "inner close"]
    await container.close()
    assert len(log) == 3


async def test_errors_on_closing_are_collected(container: DependencyContainer) -> None:
    log: list[str] = []
    container.register_singleton(WithAclose, lambda _: WithAclose(log, "a", LookupError("a")))
    container.register_singleton(WithClose, lambda _: WithClose(log, "b"))
    container.register_singleton(WithCleanup, lambda _: WithCleanup(log, "c", OSError("c")))
    for key in (WithAclose, WithClose, WithCleanup):
        await container.get(key)
    with pytest.raises(SystemFailure, match="WithCleanup: OSError; while closing WithAclose: LookupError") as caught:
        await container.close()
    assert log == ["c cleanup", "b close", "a aclose"]
    group = caught.value.__cause__
    assert isinstance(group, ExceptionGroup)
    assert [type(each) for each in group.exceptions] == [OSError, LookupError]


async def test_a_cancellation_while_closing_closes_the_rest(container: DependencyContainer) -> None:
    log: list[str] = []
    container.register_singleton(WithClose, lambda _: WithClose(log, "first"))
    container.register_singleton(WithAclose, lambda _: WithAclose(log, "second", asyncio.CancelledError()))
    await container.get(WithClose)
    await container.get(WithAclose)
    with pytest.raises(asyncio.CancelledError):
        await container.close()
    assert log == ["second aclose", "first close"]


async def test_an_error_of_the_body_is_not_hidden(
    container: DependencyContainer, caplog: pytest.LogCaptureFixture
) -> None:
    container.register_singleton(WithClose, lambda _: WithClose([], "x", OSError("x")))
    with pytest.raises(SystemFailure, match="not everything was closed"):
        async with container:
            await container.get(WithClose)
    again = DependencyContainer()
    again.register_singleton(WithClose, lambda _: WithClose([], "x", OSError("x")))
    with caplog.at_level(logging.WARNING), pytest.raises(LookupError, match="body"):  # noqa: PT012
        async with again:
            await again.get(WithClose)
            raise LookupError("body")
    assert "not everything was closed" in caplog.text


async def test_a_closed_container_gives_nothing(container: DependencyContainer) -> None:
    container.register_singleton(A, lambda _: A())
    await container.get(A)
    await container.close()
    with pytest.raises(SystemFailure, match="closed"):
        await container.get(A)
    with pytest.raises(SystemFailure, match="after the start"):
        container.register_singleton(B, lambda _: B())


async def test_what_is_made_during_the_close_is_closed_too(container: DependencyContainer) -> None:
    log: list[str] = []
    started, release = asyncio.Event(), asyncio.Event()

    async def make(_: DependencyContainer) -> WithClose:
        started.set()
        await release.wait()
        return WithClose(log, "late")

    container.register_singleton(WithClose, make)
    task = asyncio.create_task(container.get(WithClose))
    await started.wait()
    await container.close()
    release.set()
    with pytest.raises(SystemFailure, match="being closed"):
        await task
    assert log == ["late close"]


async def test_a_generic_type_is_a_key(container: DependencyContainer) -> None:
    container.register_instance(list[int], [1])
    assert await container.get(list[int]) == [1]
    with pytest.raises(InitializationError):
        await container.get(list[str])
