"""The session at the broker: begun by the owner each day, ended by hand or at 06:00 IST."""

from __future__ import annotations

from collections.abc import Callable

from robotrader.core.coordinators.base_coordinator import BaseCoordinator
from robotrader.core.event_bus import EventBus
from robotrader.core.services.login_listener import LoginListener
from robotrader.core.services.session_service import LogoutView, SessionService, SessionView, new_state
from robotrader.settings import Settings


class SessionCoordinator(BaseCoordinator):
    """Logs in and out."""

    def __init__(self, config: Settings, event_bus: EventBus, *, session: SessionService) -> None:
        super().__init__(config, event_bus)
        self._session = session

    async def initialize(self) -> None:
        """Nothing to start."""
        self._initialized = True

    async def cleanup(self) -> None:
        """Nothing to let go of but subscriptions."""
        await super().cleanup()

    def address(self, state: str | None = None) -> str:
        """The page on which the owner logs in; ``state`` comes back with the redirect.

        Raises:
            ConfigurationError: no app of Kite is set.
        """
        return self._session.address(state)

    async def login(self, given: str, state: str | None = None) -> SessionView:
        """Begin a session with a request token or the address of the redirect; see ``SessionService.login``."""
        found = await self._session.login(given, state)
        self._log_info("a broker session was begun, until %s", found.until)
        return found

    async def login_by_redirect(self, port: int, seconds: float, say: Callable[[str, int], None]) -> SessionView:
        """Begin a session with the redirect that comes to this machine; ``say`` gets the login page and the port.

        Raises:
            ResourceError: the port is taken.
            TaskTimeoutError: nobody came within ``seconds``.
            Else as ``login``.
        """
        state = new_state()
        address = self._session.address(state)
        target = await LoginListener(state).wait(port, seconds, lambda bound: say(address, bound))
        return await self.login(target, state)

    async def logout(self) -> LogoutView:
        """End the session, at Kite and here."""
        found = await self._session.logout()
        self._log_info("logged out of the broker")
        return found

    async def status(self) -> SessionView:
        """What there is to say of the session."""
        return await self._session.status()
