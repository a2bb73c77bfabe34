"""The error tree: what went wrong, how bad it is, whether trying again helps, and how the process ends.

::

    TradingError                      exit  category
    ├── MarketDataError                 4   MARKET_DATA     a source of market data failed
    │   ├── NoDataError                 5                   an answer came and held no usable data
    │   └── UnknownSymbolError          5                   the provider does not know the symbol
    ├── APIError                        4   API             an external service failed
    │   ├── ConnectionFailedError       4                   never reached it: nothing was sent, nothing billed
    │   ├── RateLimitError              4                   refused with 429: nothing billed
    │   ├── AuthenticationError         4                   every key was rejected
    │   ├── RequestRefusedError         4                   refused with 4xx: the request itself is wrong
    │   ├── UpstreamError               4                   refused with 5xx and an error body: nothing billed
    │   ├── ResponseError               4                   an answer came that is not an answer (HTML, cut, too large)
    │   ├── OutcomeUnknownError         4                   sent, then silence: perhaps billed, never sent again
    │   ├── CircuitOpenError            4                   the service failed repeatedly and is left alone for a while
    │   └── LoginRequiredError          7                   the broker session has ended
    ├── OrderRejectedError (in trading) 1   TRADING         an order was refused: nothing was traded
    ├── ValidationError                 2   VALIDATION      input that cannot be meant
    │   └── SymbolError                 2                   not an NSE trading symbol
    ├── ResourceError                   1   RESOURCE        the store, a file or a lock
    │   ├── NotFoundError               2                   no row by that name
    │   ├── StoreBusyError              1                   another process held the database too long
    │   ├── StoreVersionError           3                   the database was written by a newer version
    │   └── LockedError                 1                   another process holds what only one may hold
    ├── ConfigurationError              3   CONFIGURATION   the settings are wrong or incomplete
    └── SystemFailure                   1   SYSTEM          the program itself
        ├── TaskTimeoutError            1                   a task ran past its deadline
        ├── InitializationError         1                   a part did not start
        └── HaltedError                 6                   a stop set by the owner
            └── BudgetExceededError     6                   the budget for paid calls is spent
``str(error)`` is one line for the owner, ``details`` is for the log; neither may hold a secret.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar


class ErrorCategory(StrEnum):
    """The domain an error belongs to."""

    TRADING = "TRADING"
    MARKET_DATA = "MARKET_DATA"
    API = "API"
    VALIDATION = "VALIDATION"
    RESOURCE = "RESOURCE"
    CONFIGURATION = "CONFIGURATION"
    SYSTEM = "SYSTEM"


class ErrorSeverity(StrEnum):
    """How much an error matters to the owner."""

    CRITICAL = "CRITICAL"
    HIGH = "HIGH"
    MEDIUM = "MEDIUM"
    LOW = "LOW"


@dataclass(frozen=True, slots=True)
class ErrorContext:
    """Everything known about one error: ``message`` and ``remedy`` are for the owner, ``details`` for the log."""

    category: ErrorCategory
    severity: ErrorSeverity
    code: str
    message: str
    details: str | None = None
    remedy: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    recoverable: bool = False
    retry_after_seconds: float | None = None


class TradingError(Exception):
    """The root of everything the product raises; raise a leaf. Any further keyword (``symbol=``) becomes metadata."""

    category: ClassVar[ErrorCategory] = ErrorCategory.TRADING
    severity: ClassVar[ErrorSeverity] = ErrorSeverity.MEDIUM
    code: ClassVar[str] = "TRADING"
    exit_code: ClassVar[int] = 1
    recoverable: ClassVar[bool] = False

    def __init_subclass__(cls, **traits: Any) -> None:
        """Set the class traits a leaf differs in; ``code`` follows from the name."""
        for name, value in traits.items():
            setattr(cls, name, value)
        cls.code = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", cls.__name__.removesuffix("Error")).upper()

    def __init__(
        self,
        message: str,
        *,
        details: str | None = None,
        remedy: str | None = None,
        severity: ErrorSeverity | None = None,
        recoverable: bool | None = None,
        retry_after_seconds: float | None = None,
        metadata: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(message)
        recoverable = self.recoverable if recoverable is None else recoverable
        known = (self.category, severity or self.severity, self.code, message, details, remedy)
        self.context = ErrorContext(*known, {**(metadata or {}), **more}, recoverable, retry_after_seconds)

    def to_dict(self) -> dict[str, Any]:
        """The error as scripts see it: no details, no remedy, no traceback."""
        names = ("code", "category", "severity", "message", "recoverable", "retry_after_seconds")
        return {name: getattr(self.context, name) for name in names}


class MarketDataError(TradingError, category=ErrorCategory.MARKET_DATA, exit_code=4, recoverable=True):
    """A source of market data failed."""


class NoDataError(MarketDataError, exit_code=5, recoverable=False):
    """An answer came and held no usable data; asking again gives no more."""


class UnknownSymbolError(MarketDataError, exit_code=5, recoverable=False):
    """The provider does not know the symbol."""


class APIError(TradingError, category=ErrorCategory.API, exit_code=4):
    """An external service failed."""


class ConnectionFailedError(APIError, recoverable=True):
    """The service was never reached: nothing sent, nothing billed."""


class RateLimitError(APIError, recoverable=True):
    """Refused with 429: nothing billed."""


class AuthenticationError(APIError, severity=ErrorSeverity.HIGH):
    """Every key was rejected."""


class RequestRefusedError(APIError):
    """Refused with 4xx: the request itself is wrong."""


class UpstreamError(APIError, recoverable=True):
    """Refused with 5xx and an error body: nothing billed."""


class ResponseError(APIError):
    """An answer came that is not an answer: HTML, cut, empty, too large."""


class OutcomeUnknownError(APIError, severity=ErrorSeverity.HIGH):
    """Sent, then silence: perhaps billed, never sent again by itself."""


class CircuitOpenError(APIError, recoverable=True):
    """The service failed repeatedly and is left alone for a while."""


class LoginRequiredError(APIError, exit_code=7):
    """The broker session has ended."""


class ValidationError(TradingError, category=ErrorCategory.VALIDATION, severity=ErrorSeverity.LOW, exit_code=2):
    """Input that cannot be meant."""


class SymbolError(ValidationError):
    """Not an NSE or BSE trading symbol."""


class ResourceError(TradingError, category=ErrorCategory.RESOURCE, severity=ErrorSeverity.HIGH):
    """The store, a file or a lock."""


class NotFoundError(ResourceError, severity=ErrorSeverity.LOW, exit_code=2):
    """No row by that name."""


class StoreBusyError(ResourceError, recoverable=True):
    """Another process held the database for too long."""


class StoreVersionError(ResourceError, exit_code=3):
    """The database was written by a newer version."""


class LockedError(ResourceError):
    """Another process holds what only one may hold."""


class ConfigurationError(TradingError, category=ErrorCategory.CONFIGURATION, exit_code=3):
    """The settings are wrong or incomplete."""


class SystemFailure(TradingError, category=ErrorCategory.SYSTEM, severity=ErrorSeverity.HIGH):  # noqa: N818 - SystemError is Python's
    """The program itself failed."""


class TaskTimeoutError(SystemFailure, recoverable=True):
    """A task ran past its deadline."""


class InitializationError(SystemFailure):
    """A part did not start."""


class HaltedError(SystemFailure, exit_code=6):
    """A stop set by the owner."""


class BudgetExceededError(HaltedError):
    """The budget for paid calls is spent."""
