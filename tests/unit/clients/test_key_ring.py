from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from robotrader.core.background_scheduler.clients.key_ring import (
    Cooling,
    Exhausted,
    Picked,
    after_rate_limit,
    after_rejection,
    choose,
    fingerprint,
    is_live,
    make_ring,
    redact,
    redact_bytes,
)
from robotrader.core.background_scheduler.models import KeyState
from robotrader.core.errors import ConfigurationError
from tests.support.ports import START

NAMES = [f"{number:012x}" for number in range(6)]
memories = st.dictionaries(
    st.sampled_from(NAMES),
    st.tuples(st.booleans(), st.none() | st.integers(-100, 100)),
    max_size=6,
).map(
    lambda rows: {
        name: KeyState(name, None if cool is None else START + timedelta(seconds=cool), removed)
        for name, (removed, cool) in rows.items()
    }
)


@given(memories, st.integers(0, 5), st.integers(1, 6))
def test_a_removed_or_cooling_key_is_never_chosen(states: dict[str, KeyState], cursor: int, count: int) -> None:
    names = NAMES[:count]
    live = [name for name in names if is_live(states.get(name), START)]
    choice = choose(names, states, START, cursor)
    if isinstance(choice, Picked):
        assert names[choice.index] in live
        assert 0 <= choice.cursor < count
        return
    assert not live
    cooling = [states[name].cool_until for name in names if not states[name].removed]
    if isinstance(choice, Cooling):
        assert choice.until == min(until for until in cooling if until is not None)
        assert choice.until > START
    else:
        assert not cooling


@given(memories, st.integers(1, 6), st.integers(1, 5))
def test_live_keys_are_used_equally(states: dict[str, KeyState], count: int, rounds: int) -> None:
    names, cursor, used = NAMES[:count], 0, Counter[str]()
    live = [name for name in names if is_live(states.get(name), START)]
    for _ in range(rounds * len(live)):
        choice = choose(names, states, START, cursor)
        assert isinstance(choice, Picked)
        used[names[choice.index]], cursor = used[names[choice.index]] + 1, choice.cursor
    assert used == Counter(dict.fromkeys(live, rounds)) or not live


def test_no_key_at_all() -> None:
    assert choose([], {}, START, 0) == Exhausted()


@given(st.floats(0.001, 1e9), st.booleans(), st.none() | st.integers(-100, 100_000))
def test_a_rate_limit_never_shortens_a_cool_down_nor_brings_a_key_back(
    seconds: float, removed: bool, cool: int | None
) -> None:
    before = KeyState("aa", None if cool is None else START + timedelta(seconds=cool), removed)
    after = after_rate_limit(before, "aa", START, seconds, "429")
    assert after.removed is removed
    assert before.cool_until is None or (after.cool_until is not None and after.cool_until >= before.cool_until)
    assert after.cool_until is None or after.cool_until <= max(START + timedelta(days=1), before.cool_until or START)
    assert removed or not is_live(after, START)


def test_a_rejected_key_is_removed_and_says_why() -> None:
    assert after_rejection(None, "aa", "401") == KeyState("aa", None, removed=True, reason="401")
    assert not is_live(after_rejection(None, "aa", "401"), START + timedelta(days=999))


def test_the_ring_names_keys_by_hash_and_drops_doubles() -> None:
    ring = make_ring(["pplx-one", "pplx-two", "pplx-one"])
    assert [key.secret for key in ring] == ["pplx-one", "pplx-two"]
    assert [key.fingerprint for key in ring] == [fingerprint("pplx-one"), fingerprint("pplx-two")]
    assert len(ring[0].fingerprint) == 12
    assert "pplx" not in repr(ring)


@pytest.mark.parametrize("key", ["", "pplx one", "pplx\n", "pplx\t1", "clé", "\x7f", "'\u2019'"])
def test_a_key_that_no_header_can_carry_is_refused_without_showing_it(key: str) -> None:
    with pytest.raises(ConfigurationError, match="key number 2") as caught:
        make_ring(["good", key])
    assert key not in str(caught.value) or not key


def test_redaction() -> None:
    ring = make_ring(["sandbox", "pplx-0123456789"])
    assert redact("sandbox says pplx-0123456789", ring) == "sandbox says ***"
    assert redact_bytes(b"sandbox says pplx-0123456789", ring) == b"sandbox says ***"
