"""From an exchange to a verdict, and from a verdict to the archive and to the error the owner reads; pure."""

from __future__ import annotations

import json
from collections.abc import Mapping

from robotrader.core.background_scheduler.clients.exchange import SUCCESS, End, Exchange
from robotrader.core.background_scheduler.clients.judgement import Judgement, Kind, Refusal
from robotrader.core.background_scheduler.clients.perplexity_dialects import Dialect, Request, judge
from robotrader.core.background_scheduler.clients.ports import Question
from robotrader.core.background_scheduler.models import RawAnswer
from robotrader.core.errors import (
    APIError,
    AuthenticationError,
    ConnectionFailedError,
    NoDataError,
    OutcomeUnknownError,
    RateLimitError,
    RequestRefusedError,
    ResponseError,
    TradingError,
    UpstreamError,
)

ARCHIVED_HEADERS = frozenset({"content-type", "date", "retry-after", "x-request-id", "request-id", "cf-ray"})
REFUSALS: Mapping[Refusal, type[APIError]] = {
    Refusal.NEVER_REACHED: ConnectionFailedError,
    Refusal.KEY_REJECTED: AuthenticationError,
    Refusal.KEY_BARRED: AuthenticationError,
    Refusal.RATE_LIMITED: RateLimitError,
    Refusal.UPSTREAM: UpstreamError,
    Refusal.REQUEST: RequestRefusedError,
}
SAYINGS: Mapping[Refusal, str] = {
    Refusal.NEVER_REACHED: "could not be reached",
    Refusal.KEY_REJECTED: "rejected an API key",
    Refusal.KEY_BARRED: "barred an API key",
    Refusal.RATE_LIMITED: "wants fewer requests",
    Refusal.UPSTREAM: "failed",
    Refusal.REQUEST: "refused the request",
}
REMEDIES: Mapping[Refusal, str] = {
    Refusal.NEVER_REACHED: "check the network and perplexity.base_url, then try again",
    Refusal.KEY_REJECTED: "put a valid key into PERPLEXITY_API_KEYS; see `robotrader doctor`",
    Refusal.KEY_BARRED: "look whether a firewall or the plan bars the call; the key rests for an hour",
    Refusal.RATE_LIMITED: "wait, add a key, or lower perplexity.requests_per_minute",
    Refusal.UPSTREAM: "the service has a problem; try again later",
    Refusal.REQUEST: "check perplexity.base_url, perplexity.dialect, perplexity.model and the account's credit",
}


def judge_exchange(result: Exchange, dialect: Dialect) -> Judgement:
    """The verdict over a whole exchange: silence is unknown, a cut or overlong success is an unusable answer."""
    if result.end is End.NEVER_REACHED:
        return Judgement(Kind.REFUSED, result.note, Refusal.NEVER_REACHED)
    if result.status is None:
        return Judgement(Kind.UNKNOWN, result.note or "no answer")
    if result.status in SUCCESS and result.end is End.SILENT:
        return Judgement(Kind.UNKNOWN, f"HTTP {result.status} without a body: {result.note}")
    if result.status in SUCCESS and result.end is End.TOO_LARGE:
        return Judgement(Kind.UNUSABLE, result.note)
    return judge(result.status, result.headers, bytes(result.body), dialect, complete=result.end is End.WHOLE)


def archived(result: Exchange, verdict: Judgement, provider: str, request: Request, url: str) -> RawAnswer:
    """The answer as it is archived: of the headers only those that tell something and hold no secret."""
    return RawAnswer(
        provider=provider,
        request={"method": "POST", "url": url, "json": request.json},
        request_text=f'{{"method": "POST", "url": {json.dumps(url)}, "json": {request.text}}}',
        status_code=result.status or 0,
        headers={name: value for name, value in result.headers.items() if name in ARCHIVED_HEADERS},
        body=result.body.decode(errors="replace"),
        complete=result.end is End.WHOLE,
        usable=verdict.kind is Kind.USABLE,
        cost_usd=verdict.cost_usd,
    )


def refused_error(provider: str, verdict: Judgement, wait: float | None) -> TradingError:
    """The error of a refusal; ``wait`` is when it makes sense to come back, in seconds."""
    refusal = verdict.refusal or Refusal.REQUEST
    said = f" ({verdict.message})" if verdict.message else ""
    message = f"{provider} {SAYINGS[refusal]}: {verdict.reason}{said}"
    return REFUSALS[refusal](message, remedy=REMEDIES[refusal], retry_after_seconds=wait)


def unknown_error(provider: str, verdict: Judgement) -> TradingError:
    """The error of a request whose outcome nobody can know."""
    return OutcomeUnknownError(
        f"{provider} may have billed a call that brought no answer: {verdict.reason}",
        remedy="it is not sent again by itself; `robotrader tasks retry` asks again and may pay again",
    )


def unusable_error(provider: str, question: Question, verdict: Judgement, document_id: str) -> TradingError:
    """The error of an answer that came and is none; it is archived as ``document_id``."""
    said = f" ({verdict.message})" if verdict.message else ""
    facts = {"document_id": document_id, "symbol": question.symbol, "dataset": question.dataset.value}
    if verdict.no_data:
        message = f"{provider} has no {question.dataset} of {question.symbol}: {verdict.reason}"
        return NoDataError(message, metadata=facts)
    return ResponseError(
        f"{provider} sent no proper answer: {verdict.reason}{said}",
        remedy="the raw answer is archived; try again later",
        metadata=facts,
    )
