from __future__ import annotations

import random
import re
import time
import uuid

from robotrader.core.ids import new_id, new_ids


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
    made = new_ids(10_000)
    assert len(set(made)) == 10_000
    assert all(uuid.UUID(each).version == 7 for each in made)
    assert new_ids(0) == []


def test_ids_are_by_chance_whatever_else_asks_for_it() -> None:
    state = random.getstate()
    try:
        made = []
        for _ in range(2):
            random.seed(0)
            made.append(new_id()[14:])
    finally:
        random.setstate(state)
    assert made[0] != made[1]


def test_ids_sort_by_time() -> None:
    first = new_id()
    time.sleep(0.002)
    assert first < new_id()
    assert re.fullmatch(r"[0-9a-f-]{36}", first)
