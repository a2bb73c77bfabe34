"""How slow the machine is just now, for the bounds of tests on processor time: they are to find what explodes."""

from __future__ import annotations

import time
from functools import cache

QUICK = 0.08
"""Seconds of processor time that the loop below takes on an idle machine."""


@cache
def slowness() -> float:
    """At least 1; measured once a process, the worst of three."""
    return max(1.0, *(_loop() / QUICK for _ in range(3)))


def _loop() -> float:
    begin, total = time.process_time(), 0
    for number in range(1_000_000):
        total += number
    return time.process_time() - begin
