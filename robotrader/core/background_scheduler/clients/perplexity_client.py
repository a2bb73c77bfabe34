"""Asking Perplexity: one question, at most one bill.

::

    breaker > key > rate window > "sent" in the ledger > seat > POST > judge > refused | unknown | answered

Where answers come quickly a call is on disk as sent by the time a seat comes free, and is taken back where none does
after all; else the seat comes first. A refusal that is known not to be billed is tried again, here and nowhere
else; whatever else happens once the request has left is never sent again. The text of an answer is data: nothing in it
is followed or interpreted here.
"""

from __future__ import annotations

import functools
import logging
import random
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

import httpx

from robotrader import __version__
from robotrader.core.background_scheduler.clients.admission import Admission, Service
from robotrader.core.background_scheduler.clients.exchange import ENCODINGS, Exchange, exchange
from robotrader.core.background_scheduler.clients.http_pool import HttpPool, make_pool
from robotrader.core.background_scheduler.clients.judgement import Judgement, Kind, Refusal
from robotrader.core.background_scheduler.clients.key_ring import ApiKey, make_ring, redact, redact_bytes
from robotrader.core.background_scheduler.clients.payload import clean
from robotrader.core.background_scheduler.clients.perplexity_dialects import Request, build
from robotrader.core.background_scheduler.clients.ports import CallPort, LimitsPort, Question
from robotrader.core.background_scheduler.clients.retry_handler import (
    AttemptRefusedError,
    RetryHandler,
    retry_after_seconds,
)
from robotrader.core.background_scheduler.clients.seats import Seats
from robotrader.core.background_scheduler.clients.sending import SentCall, sending
from robotrader.core.background_scheduler.clients.verdicts import (
    archived,
    judge_exchange,
    refused_error,
    unknown_error,
    unusable_error,
)
from robotrader.core.background_scheduler.models import Answer
from robotrader.core.clock import Clock
from robotrader.core.errors import ConfigurationError, TaskTimeoutError
from robotrader.settings import PerplexitySettings

LONGEST_MESSAGE = 200
log = logging.getLogger(__name__)
HEADERS = httpx.Headers(
    {
        "accept": "application/json",
        "accept-encoding": ENCODINGS,
        "content-type": "application/json",
        "user-agent": f"robotrader/{__version__}",
    }
)


@dataclass(frozen=True, slots=True)
class Asking:
    """One question on its way, over all of its attempts."""

    question: Question
    request: Request
    call: CallPort
    deadline: float
    tried: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One time that the question was sent."""

    asking: Asking
    key: ApiKey
    sent_at: datetime


class PerplexityClient:
    """Asks questions; one for the process, for any number of questions at once.

    Args:
        seats: of the requests that may be on their way at the same time.
        transport: answers instead of the network (the sandbox, tests).
        provider: the name under which limits are kept and answers are archived.
        spread: random numbers in [0, 1) for the back-off.

    Raises:
        ConfigurationError: the address or a key cannot be used.
    """

    def __init__(
        self,
        config: PerplexitySettings,
        *,
        limits: LimitsPort,
        clock: Clock,
        seats: Seats,
        transport: httpx.AsyncBaseTransport | None = None,
        provider: str = "perplexity",
        spread: Callable[[], float] = random.random,
    ) -> None:
        self._config, self._clock, self._provider = config, clock, provider
        self._base_url = checked_address(config.base_url)
        self._keys = make_ring(config.api_keys)
        service = Service(provider, self._keys, config.requests_per_minute)
        self._admission = Admission(service, limits=limits, clock=clock, spread=spread)
        self._retry = RetryHandler(config.max_attempts - 1, clock=clock, spread=spread)
        self._address = functools.cache(lambda path: httpx.URL(self._base_url + path))
        self._seats = seats
        self._pool = make_pool(self._base_url) if transport is None else HttpPool(lambda: transport)

    async def ask(self, question: Question, call: CallPort, deadline: float) -> Answer:
        """The archived answer to ``question``; ``deadline`` is an instant of the clock's monotonic time.

        Raises:
            OutcomeUnknownError: it was sent and may have been billed.
            ResponseError: an answer came that is none (HTML, cut, failed, too large); ``document_id`` in its metadata.
            NoDataError: a completed answer without text or without a search result; ``document_id`` likewise.
            RequestRefusedError: the request itself was refused.
            ConnectionFailedError, UpstreamError, RateLimitError, AuthenticationError: refused until the end.
            CircuitOpenError: the service is left alone.
            TaskTimeoutError: no time was left to send it.
            ConfigurationError: no key is configured.
        """
        asking = Asking(question, build(question, self._config), call, deadline)
        return await self._retry.retry(functools.partial(self._attempt, asking), deadline)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._pool.aclose()

    async def _attempt(self, asking: Asking) -> Answer:
        with self._pool.lease() as transport:
            if self._seats.soon():
                wire = self._wire(asking)
                key = await self._admission.admit(asking.call, asking.deadline)
                async with sending(asking.call) as row:
                    if await self._seats.take(min(self._seats.patience_seconds, self._seconds_left(asking))):
                        try:
                            sent_at, result = await self._post(row, asking, key, wire, transport)
                        finally:
                            self._seats.leave()
                        return await self._conclude(row, Attempt(asking, key, sent_at), result)
                    await row.refused("no seat came free")
            return await self._attempt_seated(asking, transport)

    async def _attempt_seated(self, asking: Asking, transport: httpx.AsyncBaseTransport) -> Answer:
        """The same, first the seat: it may take long until one comes free."""
        if not await self._seats.take(self._seconds_left(asking)):
            raise _no_time(asking)
        with ExitStack() as seat:
            seat.callback(self._seats.leave)
            wire = self._wire(asking)
            key = await self._admission.admit(asking.call, asking.deadline)
            async with sending(asking.call) as row:
                sent_at, result = await self._post(row, asking, key, wire, transport)
                seat.close()  # archiving the answer holds up nobody
                return await self._conclude(row, Attempt(asking, key, sent_at), result)

    async def _post(
        self, row: SentCall, asking: Asking, key: ApiKey, wire: httpx.Request, transport: httpx.AsyncBaseTransport
    ) -> tuple[datetime, Exchange]:
        """Send the request; returns when, and what came of it."""
        asking.tried.add(key.fingerprint)
        wire.headers["authorization"] = f"Bearer {key.secret}"
        sent_at, seconds = self._clock.now(), self._seconds_left(asking)
        if seconds <= 0:
            await row.refused("no time was left")
            raise _no_time(asking)
        row.has_left = True
        return sent_at, await exchange(transport, wire, max_bytes=self._config.max_body_bytes, seconds=seconds)

    def _seconds_left(self, asking: Asking) -> float:
        return asking.deadline - self._clock.monotonic()

    async def _conclude(self, row: SentCall, attempt: Attempt, result: Exchange) -> Answer:
        result.body = bytearray(redact_bytes(bytes(result.body), self._keys))
        verdict = self._scrubbed(judge_exchange(result, self._config.dialect))
        question, request = attempt.asking.question, attempt.asking.request
        seconds = (self._clock.now() - attempt.sent_at).total_seconds()
        facts = (self._provider, question.dataset, question.symbol, verdict.kind, verdict.reason, seconds)
        level = logging.DEBUG if verdict.kind is Kind.USABLE else logging.INFO  # the ledger has what went well
        log.log(level, "%s %s %s: %s (%s) in %.1f s, key %s", *facts, attempt.key.fingerprint)
        if verdict.kind is Kind.REFUSED:
            await row.refused(verdict.reason)
            raise await self._refusal(attempt, verdict, retry_after_seconds(result.headers, self._clock.now()))
        if verdict.kind is Kind.UNKNOWN:
            await row.unknown(verdict.reason)
            await self._admission.went(attempt.key, ok=False)
            raise unknown_error(self._provider, verdict)
        raw = archived(result, verdict, self._provider, request, self._base_url + request.path)
        document_id = await row.answered(raw)
        await self._admission.went(attempt.key, ok=verdict.kind is Kind.USABLE or verdict.no_data)
        if verdict.kind is Kind.UNUSABLE:
            raise unusable_error(self._provider, question, verdict, document_id)
        return Answer(self._provider, verdict.text, verdict.sources, verdict.cost_usd, document_id, verdict.model)

    async def _refusal(self, attempt: Attempt, verdict: Judgement, hint: float | None) -> Exception:
        """What to raise for a refusal, once everything that follows from it is remembered."""
        if verdict.refusal in {Refusal.KEY_REJECTED, Refusal.KEY_BARRED}:
            for_good = verdict.refusal is Refusal.KEY_REJECTED
            await self._admission.rejected(attempt.key, verdict.reason, for_good=for_good)
            return AttemptRefusedError(refused_error(self._provider, verdict, None), wait=0.0, counts=False)
        if verdict.refusal is Refusal.RATE_LIMITED:
            hint = await self._admission.rate_limited(attempt.key, attempt.sent_at, hint, verdict.reason)
            fresh = await self._admission.untried_left(attempt.asking.tried)
            return AttemptRefusedError(refused_error(self._provider, verdict, hint), wait=0.0, counts=not fresh)
        error = refused_error(self._provider, verdict, hint)
        if verdict.refusal is Refusal.REQUEST:
            return error
        await self._admission.went(attempt.key, ok=False)
        return AttemptRefusedError(error, wait=hint)

    def _scrubbed(self, verdict: Judgement) -> Judgement:
        """The verdict without any key: one that was escaped in the JSON is only seen now."""
        return verdict._replace(
            reason=redact(verdict.reason, self._keys),
            message=clean(redact(verdict.message, self._keys), LONGEST_MESSAGE),
            text=redact(verdict.text, self._keys),
        )

    def _wire(self, asking: Asking) -> httpx.Request:
        """The request, but for its key; whatever can fail about it fails here, before the ledger says "sent"."""
        left = self._seconds_left(asking)
        if left <= 0:
            raise _no_time(asking)
        connect = min(self._config.connect_timeout_seconds, 0.9 * left)
        # An answer about several companies is silent for longer; the deadline bounds all of it.
        silence = self._config.read_timeout_seconds
        read = silence * asking.question.companies
        timeout = {"connect": connect, "read": read, "write": silence, "pool": connect}  # as of an httpx.Timeout
        return httpx.Request(
            "POST",
            self._address(asking.request.path),
            content=asking.request.text.encode(),
            headers=HEADERS,
            extensions={"timeout": timeout},
        )


def _no_time(asking: Asking) -> TaskTimeoutError:
    return TaskTimeoutError(f"no time was left to ask for the {asking.question.dataset} of {asking.question.symbol}")


def checked_address(base_url: str) -> str:
    """The address without a slash at its end.

    Raises:
        ConfigurationError: not an http(s) address with a host, or one that holds a password or a query.
    """
    try:
        urlsplit(base_url)  # which sees brackets that httpx lets pass
        url = httpx.URL(base_url)
    except (ValueError, httpx.InvalidURL):
        url = httpx.URL("")
    if url.scheme not in {"http", "https"} or not url.host or url.userinfo or url.query or url.fragment:
        raise ConfigurationError(
            "perplexity.base_url is not a plain http or https address",
            remedy="set it to https://api.perplexity.ai or to the address of your gateway",
        )
    return str(url).rstrip("/")
