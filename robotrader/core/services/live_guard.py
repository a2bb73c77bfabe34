"""What stands between an order and real money: asked for twice, logged in, with real quotes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from robotrader.core.clock import Clock
from robotrader.core.errors import ConfigurationError, LoginRequiredError
from robotrader.settings import Settings

NEEDS_OPTION = "live trading needs --live on the command as well"


class LiveGuard:
    """Says whether orders may go to the broker. Paper orders always may.

    Args:
        source: who gives quotes.
        session_ends: when the broker session ends; None where there is none.
    """

    def __init__(
        self, config: Settings, clock: Clock, *, source: str, session_ends: Callable[[], Awaitable[datetime | None]]
    ) -> None:
        self._config = config
        self._clock = clock
        self._source = source
        self._session_ends = session_ends
        self.asked = False

    def allow(self) -> None:
        """The command said ``--live``.

        Raises:
            ConfigurationError: the settings do not say so.
        """
        if self._config.trading.mode != "live":
            raise ConfigurationError(
                "--live was given and trading.mode is paper: nothing was ordered",
                remedy='write mode = "live" under [trading] in config.toml, or leave --live out',
            )
        self.asked = True

    async def check(self) -> None:
        """See that an order may be sent.

        Raises:
            ConfigurationError: --live is missing, the app's key is, or quotes are simulated.
            LoginRequiredError: there is no session, or it has ended.
        """
        if self._config.trading.mode != "live":
            return
        if not self.asked:
            raise ConfigurationError(
                f'trading.mode is "live": {NEEDS_OPTION}', remedy="add --live, or set trading.mode to paper"
            )
        if self._source == "sandbox":
            raise ConfigurationError(
                "market.source is sandbox: simulated prices never lead to real orders",
                remedy='set market.source to "kite"',
            )
        if not (self._config.kite.api_key and self._config.kite.api_secret):
            raise ConfigurationError("no app of Kite is set", remedy="set KITE_API_KEY and KITE_API_SECRET")
        ends = await self._session_ends()
        if ends is None or ends <= self._clock.now():
            why = "there is no broker session" if ends is None else "the broker session has ended (06:00 IST each day)"
            raise LoginRequiredError(why, remedy="robotrader login")
