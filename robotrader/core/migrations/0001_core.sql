-- Instants are whole microseconds since 1970-01-01 UTC; amounts of money are decimal text; '' stands for "no symbol".

CREATE TABLE schema_migrations (
    version    INTEGER PRIMARY KEY,
    name       TEXT NOT NULL UNIQUE,
    digest     TEXT NOT NULL,
    applied_at INTEGER NOT NULL
) STRICT;

CREATE TABLE state (
    key        TEXT PRIMARY KEY,
    value      TEXT NOT NULL,
    updated_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE watchlist (
    symbol   TEXT PRIMARY KEY,
    added_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Tasks and events are numbered in the order in which they were written; their ids are UUIDs, for people and other tables.
--
-- A row is written when a task is planned and each time an attempt at it ends; that one runs is a fact of "leases".
-- Indexes are few, and their conditions simple: each of them is paid for twice a task. finished_at is null exactly while a
-- task waits or runs. Statuses are written from an enumeration; a CHECK on this table would cost as much as an index.
CREATE TABLE tasks (
    seq            INTEGER PRIMARY KEY,
    id             TEXT NOT NULL UNIQUE,
    type           TEXT NOT NULL,
    symbol         TEXT NOT NULL,
    provider       TEXT NOT NULL,
    slot           INTEGER NOT NULL,
    status         TEXT NOT NULL,
    priority       INTEGER NOT NULL,
    stale_since    INTEGER NOT NULL,
    forced         INTEGER NOT NULL,
    attempts       INTEGER NOT NULL DEFAULT 0,
    not_before     INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,
    correlation_id TEXT,                          -- null where it is the task's own id
    started_at     INTEGER,
    finished_at    INTEGER,
    reason         TEXT,
    error          TEXT,
    paid_calls     INTEGER NOT NULL DEFAULT 0,
    cost_usd       TEXT,
    strategy       TEXT,
    document_id    TEXT
) STRICT;

-- A slot runs once.
CREATE UNIQUE INDEX tasks_slot ON tasks (type, symbol, provider, slot);

-- What waits or runs, in the order in which it is claimed.
CREATE INDEX tasks_open ON tasks (type, provider, priority DESC, stale_since) WHERE finished_at IS NULL;

CREATE INDEX tasks_trouble ON tasks (status)
    WHERE finished_at IS NOT NULL AND status <> 'COMPLETED' AND status <> 'SKIPPED';

-- Who works on what, and until when that holds unless it is renewed. The key says that two processes never work on the same
-- thing at the same time. Rows live as long as an attempt does, so the table stays small.
CREATE TABLE leases (
    type       TEXT NOT NULL,
    symbol     TEXT NOT NULL,
    provider   TEXT NOT NULL,
    task_id    TEXT NOT NULL,
    owner      TEXT NOT NULL,
    until      INTEGER NOT NULL,
    attempt    INTEGER NOT NULL,
    started_at INTEGER NOT NULL,                  -- of the first attempt
    PRIMARY KEY (type, symbol, provider)
) STRICT, WITHOUT ROWID;

-- How many tasks ended in each way on each day (IST), so that no command has to count them.
CREATE TABLE task_counts (
    day    TEXT NOT NULL,
    type   TEXT NOT NULL,
    status TEXT NOT NULL,
    n      INTEGER NOT NULL,
    PRIMARY KEY (day, type, status)
) STRICT, WITHOUT ROWID;

CREATE TABLE stock_state (
    symbol      TEXT NOT NULL,
    dataset     TEXT NOT NULL,
    provider    TEXT NOT NULL,
    fetched_at  INTEGER NOT NULL,
    document_id TEXT NOT NULL,
    next_known  TEXT,
    PRIMARY KEY (symbol, dataset, provider)
) STRICT, WITHOUT ROWID;

CREATE TABLE paid_calls (
    id              TEXT PRIMARY KEY,
    task_id         TEXT NOT NULL REFERENCES tasks (id),
    dataset         TEXT NOT NULL,
    symbol          TEXT NOT NULL,
    provider        TEXT NOT NULL,
    slot            INTEGER NOT NULL,
    status          TEXT NOT NULL CHECK (status IN ('claimed', 'sent', 'answered', 'refused', 'unknown')),
    owner           TEXT NOT NULL,
    key_fingerprint TEXT,
    sends           INTEGER NOT NULL DEFAULT 0,
    day             TEXT NOT NULL,
    reserved_usd    TEXT NOT NULL,
    cost_usd        TEXT,
    claimed_at      INTEGER NOT NULL,
    sent_at         INTEGER,
    ended_at        INTEGER,
    document_id     TEXT,
    reason          TEXT,
    UNIQUE (dataset, symbol, provider, slot)
) STRICT;

CREATE INDEX paid_calls_task ON paid_calls (task_id);

CREATE INDEX paid_calls_unknown ON paid_calls (status) WHERE status = 'unknown';

-- What the budget counts: paid calls of a day (IST), with what they cost or, while that is not known, what was reserved.
CREATE TABLE spend (
    day      TEXT NOT NULL,
    provider TEXT NOT NULL,
    calls    INTEGER NOT NULL,
    usd      TEXT NOT NULL,
    PRIMARY KEY (day, provider)
) STRICT, WITHOUT ROWID;

CREATE TABLE documents (
    id         TEXT PRIMARY KEY,
    call_id    TEXT NOT NULL REFERENCES paid_calls (id),
    task_id    TEXT NOT NULL,
    dataset    TEXT NOT NULL,
    symbol     TEXT NOT NULL,
    provider   TEXT NOT NULL,
    path       TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    cost_usd   TEXT,
    usable     INTEGER NOT NULL CHECK (usable IN (0, 1))
) STRICT;

CREATE INDEX documents_subject ON documents (dataset, symbol, created_at);

CREATE TABLE earnings (
    document_id    TEXT PRIMARY KEY REFERENCES documents (id),
    symbol         TEXT NOT NULL,
    provider       TEXT NOT NULL,
    fiscal_year    INTEGER,
    fiscal_quarter INTEGER,
    basis          TEXT,
    record         TEXT NOT NULL,
    provenance     TEXT NOT NULL,
    sources        TEXT NOT NULL,
    strategy       TEXT NOT NULL,
    fetched_at     INTEGER NOT NULL,
    parsed_at      INTEGER NOT NULL
) STRICT;

CREATE INDEX earnings_symbol ON earnings (symbol, provider, fetched_at);

CREATE TABLE events (
    seq             INTEGER PRIMARY KEY,
    id              TEXT NOT NULL UNIQUE,
    type            TEXT NOT NULL,
    timestamp       TEXT NOT NULL,
    source          TEXT NOT NULL,
    data            TEXT NOT NULL,
    correlation_id  TEXT NOT NULL,
    version         TEXT NOT NULL,
    delivery        TEXT NOT NULL,                -- pending, delivered or dead
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER,
    error           TEXT
) STRICT;

CREATE INDEX events_pending ON events (next_attempt_at) WHERE delivery = 'pending';

CREATE INDEX events_dead ON events (delivery) WHERE delivery = 'dead';

CREATE INDEX events_correlation ON events (correlation_id);

-- Limits that outlive a process.
CREATE TABLE api_keys (
    service     TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    cool_until  INTEGER,
    removed     INTEGER NOT NULL CHECK (removed IN (0, 1)),
    reason      TEXT,
    updated_at  INTEGER NOT NULL,
    PRIMARY KEY (service, fingerprint)
) STRICT, WITHOUT ROWID;

CREATE TABLE rate_reservations (
    gate TEXT NOT NULL,
    at   INTEGER NOT NULL,
    n    INTEGER NOT NULL,
    PRIMARY KEY (gate, at, n)
) STRICT, WITHOUT ROWID;

CREATE TABLE breakers (
    service      TEXT PRIMARY KEY,
    failures     INTEGER NOT NULL,
    opened_until INTEGER
) STRICT, WITHOUT ROWID;
