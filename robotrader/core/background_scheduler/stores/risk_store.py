"""Risk rules and their breaches, as parts of transactions; whatever is done to many is one statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from robotrader.core.background_scheduler.config.risk_kinds import RANK, Breach, Rule, RuleKind, Standing, Told
from robotrader.core.background_scheduler.stores import columns
from robotrader.core.clock import from_micros, to_micros
from robotrader.core.database_state import Row, Transaction

_RULE = "id, account, kind, subject, value, enabled, armed, episode, high_inr, created_at, updated_at"
_BREACH = (
    "id, rule_id, account, kind, subject, product, episode, at, observed, bound, quantity, outcome, detail,"
    " correlation_id"
)
Place = tuple[str, str]
"""A symbol and a product."""


def rules(tx: Transaction, account: str) -> tuple[Rule, ...]:
    """Every rule of an account, those that go first first."""
    found = [_rule(row) for row in tx.all(f"SELECT {_RULE} FROM risk_rules WHERE account = ?", (account,))]
    return tuple(sorted(found, key=lambda each: (RANK[each.kind], each.subject)))


def put(tx: Transaction, rule: Rule) -> Rule:
    """Write a rule down; one of the same kind about the same is set anew: armed, its highest price forgotten."""
    tx.run(
        f"INSERT INTO risk_rules ({_RULE}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (account, kind, subject) DO UPDATE SET value = excluded.value, enabled = excluded.enabled,"
        " armed = 1, high_inr = excluded.high_inr, updated_at = excluded.updated_at",
        (
            rule.id, rule.account, rule.kind.value, rule.subject, str(rule.value), int(rule.enabled), int(rule.armed),
            rule.episode, columns.text(rule.high_inr), to_micros(rule.created_at), to_micros(rule.updated_at),
        ),
    )  # fmt: skip
    row = tx.one(
        f"SELECT {_RULE} FROM risk_rules WHERE account = ? AND kind = ? AND subject = ?",
        (rule.account, rule.kind.value, rule.subject),
    )
    return rule if row is None else _rule(row)


def remove(tx: Transaction, ids: Iterable[str]) -> int:
    """Forget rules; their breaches stay. Returns how many there were."""
    return tx.many("DELETE FROM risk_rules WHERE id = ?", [(each,) for each in ids])


def enable(tx: Transaction, ids: Iterable[str], enabled: bool) -> int:
    """Switch rules on or off; one that is switched on is armed, and its highest price begins anew."""
    return tx.many(
        "UPDATE risk_rules SET enabled = ?, armed = 1, high_inr = NULL WHERE id = ? AND enabled != ?",
        [(int(enabled), each, int(enabled)) for each in ids],
    )


def keep(tx: Transaction, changed: Iterable[Rule]) -> int:
    """Write down how rules stand after a look: armed or not, episode, highest price."""
    return tx.many(
        "UPDATE risk_rules SET armed = ?, episode = ?, high_inr = ? WHERE id = ?",
        [(int(each.armed), each.episode, columns.text(each.high_inr), each.id) for each in changed],
    )


def insert(tx: Transaction, breaches: Iterable[Breach]) -> int:
    """Write breaches down."""
    return tx.many(
        f"INSERT INTO risk_breaches ({_BREACH}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (
                each.id, each.rule_id, each.account, each.kind.value, each.subject, each.product, each.episode,
                to_micros(each.at), str(each.observed), str(each.bound), each.quantity, each.outcome, each.detail,
                each.correlation_id,
            )
            for each in breaches
        ],
    )  # fmt: skip


def standing(tx: Transaction, account: str) -> dict[str, dict[Place, Standing]]:
    """Of each rule that is not armed the breaches of its present episode, by subject and product."""
    rows = tx.all(
        "SELECT r.id, b.subject, b.product, ifnull(c.id, b.id), b.at, ifnull(c.outcome, b.outcome) FROM risk_rules r"
        " JOIN risk_breaches b ON b.rule_id = r.id AND b.episode = r.episode"
        f" LEFT JOIN risk_breaches c ON b.outcome = '{Told.COVERED}' AND c.id = b.detail"
        " WHERE r.account = ? AND r.armed = 0",
        (account,),
    )
    found: dict[str, dict[Place, Standing]] = {}
    for rule_id, subject, product, breach_id, at, outcome in rows:
        found.setdefault(rule_id, {})[subject, product] = Standing(breach_id, from_micros(at), outcome)
    return found


def promised(tx: Transaction, account: str, as_of: datetime | None) -> dict[Place, int]:
    """Shares that open sell orders offer, and that breaches nobody acted on yet will.

    Args:
        as_of: when a broker told of what is held; what was sold since is counted as well, for what it told does not
            have it yet. None for a ledger, which is never behind.
    """
    rows = tx.all(
        "SELECT symbol, product, sum(CASE WHEN finished_at IS NOT NULL THEN filled"
        " WHEN updated_at >= :as_of THEN quantity ELSE quantity - filled END)"
        " FROM orders WHERE account = :account AND side = 'SELL'"
        " AND (finished_at IS NULL OR finished_at >= :as_of) GROUP BY symbol, product"
        " UNION ALL SELECT subject, product, sum(ifnull(quantity, 0)) FROM risk_breaches b WHERE account = :account"
        f" AND outcome = '{Told.PENDING}' AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.breach_id = b.id)"
        " GROUP BY subject, product",
        {"account": account, "as_of": _NEVER if as_of is None else to_micros(as_of)},
    )
    found: dict[Place, int] = {}
    for symbol, product, quantity in rows:
        found[symbol, product] = found.get((symbol, product), 0) + quantity
    return found


def breaches(
    tx: Transaction, account: str, *, subject: str | None = None, since: datetime | None = None, limit: int
) -> tuple[Breach, ...]:
    """The newest breaches that match, newest first."""
    rows = tx.all(
        f"SELECT {_BREACH} FROM risk_breaches WHERE account = :account AND (:subject IS NULL OR subject = :subject)"
        " AND at >= :since ORDER BY at DESC, id DESC LIMIT :limit",
        {"account": account, "subject": subject, "since": 0 if since is None else to_micros(since), "limit": limit},
    )
    return tuple(_breach(row) for row in rows)


def last_breaches(tx: Transaction, account: str) -> Mapping[str, Breach]:
    """The newest breach of each rule that there is, by its id."""
    columns = ", ".join(f"b.{name}" for name in _BREACH.split(", "))
    rows = tx.all(
        f"SELECT {columns} FROM risk_rules r JOIN risk_breaches b ON b.rule_id = r.id AND b.episode = r.episode"
        " WHERE r.account = ? ORDER BY b.at, b.id",
        (account,),
    )
    return {row[1]: _breach(row) for row in rows}


_NEVER = 2**62


def _rule(row: Row) -> Rule:
    rule_id, account, kind, subject, value, enabled, armed, episode, high, created, updated = row
    return Rule(
        rule_id, account, RuleKind(kind), subject, Decimal(value), bool(enabled), bool(armed), episode,
        None if high is None else Decimal(high), from_micros(created), from_micros(updated),
    )  # fmt: skip


def _breach(row: Row) -> Breach:
    (
        breach_id, rule_id, account, kind, subject, product, episode, at, observed, bound, quantity, outcome, detail,
        correlation,
    ) = row  # fmt: skip
    return Breach(
        breach_id, rule_id, account, RuleKind(kind), subject, product, episode, from_micros(at), Decimal(observed),
        Decimal(bound), quantity, outcome, detail, correlation,
    )  # fmt: skip
