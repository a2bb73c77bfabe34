"""The session at the broker in a sentence."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from robotrader.cli import clean
from robotrader.cli import format as fmt

if TYPE_CHECKING:
    from robotrader.core.services.session_service import SessionView


def sentence(found: SessionView, now: datetime) -> str:
    """Who is logged in and until when, or why nobody is and what to do."""
    if found.state == "open" and found.until is not None:
        return f"logged in as {clean.line(found.user_id or '')} until {fmt.due(found.until, now)}"
    ended = ""
    if found.ended_at is not None:
        ended = f", since {fmt.instant(found.ended_at)}" if found.state == "none" else f" {fmt.instant(found.ended_at)}"
    why = f": {clean.line(found.why)}" if found.why else ""
    first = f"the session ended{ended}{why}" if found.state == "ended" else f"there is no session{ended}{why}"
    if not found.configured:
        return f"{first}\nno app of Kite is set: KITE_API_KEY and KITE_API_SECRET (developers.kite.trade)"
    return f"{first}\nrobotrader login begins one"
