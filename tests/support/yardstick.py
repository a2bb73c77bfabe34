"""How slow the machine is just now, for the bounds of tests on processor time: they are to find what explodes."""

from __future__ import annotations

import time
from functools import cache

QUICK = 0.08
"""Seconds of processor time that the loop below takes on an idle machine."""


def slowness() -> float:
    """At least 1: the worst of how slow it was when first asked and how slow it is now, after the work."""
    return max(1.0, _at_first(), _loop() / QUICK)


@cache
def _at_first() -> float:
    return max(_loop() / QUICK for _ in range(3))


def _loop() -> float:
    begin, total = time.process_time(), 0
    for number in range(1_000_000):
        total += number
    return time.process_time() - begin
