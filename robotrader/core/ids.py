"""Identifiers that are unique across processes and sort by the time they were made."""

from __future__ import annotations

import os
import time
from datetime import datetime

from robotrader.core.clock import to_micros


def new_id(at: datetime | None = None) -> str:
    """A UUID version 7 (RFC 9562): 48 bits of Unix milliseconds (of ``at``, else of now), then 74 of chance."""
    millis = time.time_ns() // 1_000_000 if at is None else to_micros(at) // 1000
    chance = os.urandom(10).hex()
    variant = "89ab"[int(chance[3], 16) & 3]
    return f"{millis >> 16:08x}-{millis & 0xFFFF:04x}-7{chance[:3]}-{variant}{chance[4:7]}-{chance[7:19]}"


def new_ids(count: int) -> list[str]:
    """Many at once, for less than as many calls; in no order among themselves."""
    millis = time.time_ns() // 1_000_000
    front, chance = f"{millis >> 16:08x}-{millis & 0xFFFF:04x}-7", os.urandom(10 * count).hex()
    return [
        f"{front}{(c := chance[at : at + 20])[:3]}-{'89ab'[int(c[3], 16) & 3]}{c[4:7]}-{c[7:19]}"
        for at in range(0, 20 * count, 20)
    ]
