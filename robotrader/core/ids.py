"""Identifiers that are unique across processes and sort by the time they were made."""

from __future__ import annotations

import os
import time


def new_id() -> str:
    """A UUID version 7 (RFC 9562): 48 bits of Unix milliseconds, then 74 of chance."""
    millis, chance = time.time_ns() // 1_000_000, os.urandom(10).hex()
    variant = "89ab"[int(chance[3], 16) & 3]
    return f"{millis >> 16:08x}-{millis & 0xFFFF:04x}-7{chance[:3]}-{variant}{chance[4:7]}-{chance[7:19]}"
