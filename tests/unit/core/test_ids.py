from __future__ import annotations

import re
import time
import uuid

from robotrader.core.ids import new_id


def test_an_id_is_a_uuid_of_version_7() -> None:
    before = time.time_ns() // 1_000_000
    for _ in range(200):
        made = new_id()
        parsed = uuid.UUID(made)
        assert str(parsed) == made
        assert (parsed.version, parsed.variant) == (7, uuid.RFC_4122)
        assert before <= parsed.int >> 80 <= time.time_ns() // 1_000_000


def test_ids_are_unique() -> None:
    assert len({new_id() for _ in range(10_000)}) == 10_000


def test_ids_sort_by_time() -> None:
    first = new_id()
    time.sleep(0.002)
    assert first < new_id()
    assert re.fullmatch(r"[0-9a-f-]{36}", first)
