"""The container of services: made when first asked for, once each, and closed in reverse.

Every singleton has a lock of its own, held while it is made, so two tasks never make it twice and unrelated services
are made side by side. Who waits for whom is written down, so that a circle is told as a path instead of being waited on
forever.
"""

from __future__ import annotations

import asyncio
import difflib
import inspect
import logging
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from robotrader.core.errors import InitializationError, SystemFailure

if TYPE_CHECKING:
    from typing_extensions import TypeForm

T = TypeVar("T")
Factory = Callable[["DependencyContainer"], T | Coroutine[Any, Any, T]]
CLOSERS = ("aclose", "close", "cleanup")
_log = logging.getLogger(__name__)
_being_made: ContextVar[tuple[Any, ...]] = ContextVar("robotrader_di_being_made", default=())


@dataclass(slots=True, eq=False)
class _Service:
    """How one service is made; ``made`` holds the singleton, in a tuple so that None can be one."""

    factory: Callable[[DependencyContainer], Any]
    shared: bool
    made: tuple[Any] | None = None
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class DependencyContainer:
    """Services by type. Register everything, ``freeze``, then ``get``; leave its ``async with`` block to close."""

    def __init__(self) -> None:
        self._services: dict[Any, _Service] = {}
        self._waits: dict[Any, Counter[Any]] = {}
        self._order: list[tuple[Any, Any]] = []
        self._frozen = self._closed = False

    async def __aenter__(self) -> DependencyContainer:
        return self

    async def __aexit__(self, _: object, error: BaseException | None, __: object) -> None:
        try:
            await self.close()
        except SystemFailure as problem:
            if error is None:
                raise
            _log.warning("%s", problem)

    def register_singleton(self, key: TypeForm[T], factory: Factory[T]) -> None:
        """Make the service once, when it is first asked for; the container closes it. Registering again replaces.

        Raises:
            SystemFailure: the container is frozen or closed, or the service was made already.
        """
        self._register(key, _Service(factory, shared=True))

    def register_place(self, place: str, factory: Factory[Any]) -> None:
        """As ``register_singleton``, for the class at ``module:Class``, imported by whoever asks for it."""
        self._register(place, _Service(factory, shared=True))

    def register_factory(self, key: TypeForm[T], factory: Factory[T]) -> None:
        """Make a new service each time it is asked for; who asked closes it. Raises as ``register_singleton``."""
        self._register(key, _Service(factory, shared=False))

    def register_instance(self, key: TypeForm[T], instance: T) -> None:
        """Hand out what exists; who made it closes it. Raises as ``register_singleton``."""
        self._register(key, _Service(lambda _: instance, shared=True, made=(instance,)))

    def freeze(self) -> None:
        """From now on nothing can be registered."""
        self._frozen = True

    async def get(self, key: TypeForm[T]) -> T:
        """The service of a type, made now if need be.

        Raises:
            InitializationError: the type is not registered, or needs itself; the message shows the nearest or the
            circle. SystemFailure: the container is closed.
            Exception: whatever the factory raised; the next ``get`` tries again.
        """
        if self._closed:
            raise SystemFailure(f"{_name(key)} was asked for after the container was closed")
        service = self._services.get(key) or self._services.get(_place(key))
        if service is None:
            hint = _nearest(_name(key), map(_name, self._services))
            raise InitializationError(f"no service is registered for {_name(key)}", remedy=hint)
        if service.made is not None:
            return service.made[0]  # type: ignore[no-any-return]
        asking = _being_made.get()
        if asking:
            if (circle := _circle(self._waits, asking, key)) is not None:
                raise InitializationError(f"services need each other: {' -> '.join(map(_name, circle))}")
            self._waits.setdefault(asking[-1], Counter())[key] += 1
        try:
            return await self._make(key, service, asking)  # type: ignore[no-any-return]
        finally:
            if asking:
                self._waits[asking[-1]] -= Counter([key])
                if not self._waits[asking[-1]]:
                    del self._waits[asking[-1]]

    async def close(self) -> None:
        """Close every singleton that was made, the youngest first, with its ``aclose``, ``close`` or ``cleanup``.

        Raises:
            SystemFailure: some did not close; all the others did. Its cause is a group of what they raised.
        """
        self._closed = True
        errors: list[Exception] = []
        cancelled: asyncio.CancelledError | None = None
        while self._order:
            key, instance = self._order.pop()
            try:
                await _close(instance)
            except asyncio.CancelledError as error:
                cancelled = error
            except Exception as error:  # noqa: BLE001 - told below, once all the others are closed
                error.add_note(f"while closing {_name(key)}")
                errors.append(error)
        if cancelled is not None:
            raise cancelled
        if errors:
            names = "; ".join(f"{error.__notes__[-1]}: {type(error).__name__}" for error in errors)
            raise SystemFailure(f"not everything was closed ({names})") from ExceptionGroup("errors on closing", errors)

    def _register(self, key: Any, service: _Service) -> None:
        if self._frozen or self._closed:
            raise SystemFailure(f"{_name(key)} was registered after the start", remedy="register services in bootstrap")
        known = self._services.get(key)
        if known is not None and known.made is not None and known.shared and service.made is None:
            raise SystemFailure(f"{_name(key)} was replaced after it was made")
        self._services[key] = service

    async def _make(self, key: Any, service: _Service, asking: tuple[Any, ...]) -> Any:
        if not service.shared:
            return await self._build(key, service, asking)
        async with service.lock:
            if service.made is None:
                instance = await self._build(key, service, asking)
                if self._closed:
                    await _close(instance)
                    raise SystemFailure(f"{_name(key)} was made while the container was being closed")
                service.made = (instance,)
                self._order.append((key, instance))
            return service.made[0]

    async def _build(self, key: Any, service: _Service, asking: tuple[Any, ...]) -> Any:
        token = _being_made.set((*asking, key))
        try:
            made = service.factory(self)
            return await made if inspect.iscoroutine(made) else made
        finally:
            _being_made.reset(token)


async def _close(instance: Any) -> None:
    for name in CLOSERS:
        closer = getattr(instance, name, None)
        if callable(closer):
            outcome = closer()
            if inspect.isawaitable(outcome):
                await outcome
            return


def _circle(waits: Mapping[Any, Iterable[Any]], asking: tuple[Any, ...], wanted: Any) -> list[Any] | None:
    """The services that would all wait for each other if the last of ``asking`` waited for ``wanted``, or None."""
    asker = asking[-1]
    came_from = {wanted: wanted}
    reached = [wanted]
    while reached and asker not in came_from:
        service = reached.pop()
        for next_ in waits.get(service, ()):
            if next_ not in came_from:
                came_from[next_] = service
                reached.append(next_)
    if asker not in came_from:
        return None
    path = [asker]
    while path[-1] != wanted:
        path.append(came_from[path[-1]])
    path.reverse()
    first = path.index(next(each for each in asking if each in path))
    return [*path[first:], *path[:first], path[first]]


def _nearest(name: str, known: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.4)
    return f"did you mean {near[0]}?" if near else "register it in bootstrap"


def _place(key: Any) -> str:
    return f"{getattr(key, '__module__', '')}:{getattr(key, '__qualname__', '')}"


def _name(key: Any) -> str:
    return getattr(key, "__name__", None) or str(key)
