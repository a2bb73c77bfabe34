"""Rules as they are typed: ``SBIN stop 780``, ``SBIN trailing 7%``, ``daily-loss 25000``. Pure.

One order of words: whose rule, which rule, how much. What could be meant otherwise is refused with what to type.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import NamedTuple

from robotrader.core.background_scheduler.config.risk_kinds import Rule, RuleKind
from robotrader.core.background_scheduler.config.sectors import known_name
from robotrader.core.background_scheduler.models import parse_symbol
from robotrader.core.errors import ValidationError

OF_SYMBOL: Mapping[str, tuple[RuleKind, ...]] = {
    "stop": (RuleKind.STOP_LOSS, RuleKind.STOP_LOSS_PCT),
    "trailing": (RuleKind.TRAILING_PCT,),
    "target": (RuleKind.TARGET, RuleKind.TARGET_PCT),
    "position": (RuleKind.POSITION_PCT,),
}
"""Words after a symbol: the kind in rupees, and the one in percent."""

OF_ACCOUNT: Mapping[str, tuple[RuleKind, ...]] = {
    "daily-loss": (RuleKind.DAILY_LOSS,),
    "position": (RuleKind.POSITION_PCT,),
    "sector": (RuleKind.SECTOR_PCT,),
    "order-rate": (RuleKind.ORDER_RATE,),
}
"""Words that stand first."""

PERCENTAGES = frozenset(kind for kind in RuleKind if kind.value.endswith("_pct"))
EXAMPLES = "SBIN stop 780, SBIN stop 5%, SBIN trailing 7%, daily-loss 25000, position 20%, sector 35%, order-rate 5"
MOST_PERCENT = {RuleKind.TARGET_PCT: Decimal(1000)}
_NUMBER = re.compile(r"(?:₹|Rs\.? ?)?(\d[\d,]{0,15}(?:\.\d{1,4})?)(%?)\Z")


class Wanted(NamedTuple):
    """A rule that was typed."""

    kind: RuleKind
    subject: str
    value: Decimal


class Chosen(NamedTuple):
    """Which rules are meant: of these kinds (None: any), about this (None: whatever it is)."""

    kinds: tuple[RuleKind, ...] | None
    subject: str | None

    def fits(self, rule: Rule) -> bool:
        """Whether a rule is one of them."""
        return (self.kinds is None or rule.kind in self.kinds) and self.subject in (None, rule.subject)


def parse(words: Sequence[str]) -> Wanted:
    """The rule that words set.

    Raises:
        ValidationError: they set none; the remedy says what to type.
    """
    if len(words) < 2:
        raise ValidationError(
            "a rule needs a value", remedy=f"such as: robotrader risk set {EXAMPLES.split(', ', 1)[0]}"
        )
    if words[0] in OF_SYMBOL and words[0] not in OF_ACCOUNT:
        raise _misplaced(words[0], words[1:])
    *head, value = words
    chosen = choose(head)
    if chosen.kinds is None:
        raise _incomplete(head[0], value)
    kind, number = _value(head[-1] if head[0] not in OF_ACCOUNT else head[0], chosen.kinds, value)
    return Wanted(kind, chosen.subject or "", number)


def choose(words: Sequence[str]) -> Chosen:
    """Which rules words mean: ``SBIN`` all of a symbol, ``SBIN stop`` one, ``sector`` the one for every sector.

    Raises:
        ValidationError: none.
    """
    first, *rest = words
    if first in OF_ACCOUNT:
        if first == "sector" and len(rest) == 1:
            return Chosen(OF_ACCOUNT[first], known_name(rest[0]))
        if rest:
            raise _misplaced(first, rest)
        return Chosen(OF_ACCOUNT[first], "")
    if first in OF_SYMBOL:
        raise _misplaced(first, rest)
    if (near := _near(first, OF_ACCOUNT)) and not first.isupper():
        raise ValidationError(f"no such rule: {first[:40]!r}", remedy=f"did you mean {near}?")
    symbol = parse_symbol(first)
    if not rest:
        return Chosen(None, symbol)
    if len(rest) > 1 or rest[0] not in OF_SYMBOL:
        near = _near(rest[0], OF_SYMBOL)
        hint = f"did you mean {near}?" if near and len(rest) == 1 else f"a symbol has: {', '.join(OF_SYMBOL)}"
        raise ValidationError(f"no such rule: {' '.join(rest)[:40]!r}", remedy=hint)
    return Chosen(OF_SYMBOL[rest[0]], symbol)


def spelled(kind: RuleKind, subject: str) -> str:
    """A rule as it is typed, without its value."""
    for word, kinds in OF_ACCOUNT.items() if not subject or kind is RuleKind.SECTOR_PCT else OF_SYMBOL.items():
        if kind in kinds:
            if kind is RuleKind.SECTOR_PCT:
                return f'sector "{subject}"' if subject else word
            return f"{subject} {word}" if subject else word
    return kind.value


def _value(word: str, kinds: tuple[RuleKind, ...], text: str) -> tuple[RuleKind, Decimal]:
    match = _NUMBER.match(text.strip())
    if match is None:
        raise ValidationError(f"not a number: {text[:40]!r}", remedy=f"such as: {EXAMPLES}")
    number, percent = Decimal(match[1].replace(",", "")), bool(match[2])
    kind = next((each for each in kinds if (each in PERCENTAGES) == percent), None)
    if kind is None:
        unit = f"a percentage, such as {word} {match[1]}%" if not percent else _UNITS[kinds[0]]
        raise ValidationError(f"{word} is {unit}", remedy=f"such as: {EXAMPLES}")
    most = MOST_PERCENT.get(kind, Decimal(100))
    if percent and not 0 < number <= most:
        raise ValidationError(f"{word} is a percentage of more than 0 and at most {most}")
    if not percent and number <= 0:
        raise ValidationError(f"{word} is more than 0")
    if kind is RuleKind.ORDER_RATE and number != number.to_integral_value():
        raise ValidationError(f"{word} is a whole number of orders a minute")
    if not percent and number != round(number, 2):
        raise ValidationError(f"{word} is rupees and whole paise")
    return kind, number


_UNITS = {
    RuleKind.DAILY_LOSS: "an amount in rupees",
    RuleKind.ORDER_RATE: "a number of orders a minute",
}


def _incomplete(symbol: str, value: str) -> ValidationError:
    return ValidationError(
        f"which rule for {symbol}?", remedy=f"such as: robotrader risk set {symbol} stop {value[:20]}"
    )


def _misplaced(word: str, rest: Sequence[str]) -> ValidationError:
    if word in OF_SYMBOL and rest:
        said = " ".join([rest[0], word, *rest[1:]])[:60]
        return ValidationError("the symbol stands first", remedy=f"did you mean: {said}?")
    return ValidationError(
        f"{word} is a rule of a symbol" if word in OF_SYMBOL else f"{word} is a rule of the whole account",
        remedy=f"such as: {EXAMPLES}",
    )


def _near(word: str, known: Mapping[str, object]) -> str | None:
    found = difflib.get_close_matches(word.lower().replace("_", "-"), known, n=1, cutoff=0.55)
    return found[0] if found else None
