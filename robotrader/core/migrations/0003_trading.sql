-- Prices and amounts are decimal text in rupees; quantities are whole shares; days are Indian days as ISO text.

-- "sandbox" and "paper" are accounts of the paper broker (over simulated and over real quotes), "kite" is the one at Zerodha.
CREATE TABLE accounts (
    name      TEXT PRIMARY KEY,
    cash_inr  TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    synced_at INTEGER
) STRICT, WITHOUT ROWID;

-- Every rupee that came or went, with what was there after it: the sum of the amounts is the account's cash.
CREATE TABLE cash_entries (
    seq         INTEGER PRIMARY KEY,
    account     TEXT NOT NULL REFERENCES accounts (name),
    at          INTEGER NOT NULL,
    day         TEXT NOT NULL,
    kind        TEXT NOT NULL,
    amount_inr  TEXT NOT NULL,
    balance_inr TEXT NOT NULL,
    symbol      TEXT,
    order_id    TEXT,
    detail      TEXT
) STRICT;

CREATE INDEX cash_entries_day ON cash_entries (account, day);

-- What the paper broker holds, by purchase; sold first in, first out. price_inr is null where what was paid is not known.
-- dated is 0 where nobody said when they were bought: acquired_on is then the day before they were told of.
CREATE TABLE lots (
    id          INTEGER PRIMARY KEY,
    account     TEXT NOT NULL REFERENCES accounts (name),
    symbol      TEXT NOT NULL,
    product     TEXT NOT NULL,
    quantity    INTEGER NOT NULL CHECK (quantity > 0),
    remaining   INTEGER NOT NULL CHECK (remaining BETWEEN 0 AND quantity),
    price_inr   TEXT,
    acquired_on TEXT NOT NULL,
    settles_on  TEXT NOT NULL,
    origin      TEXT NOT NULL,
    order_id    TEXT,
    isin        TEXT,
    dated       INTEGER NOT NULL DEFAULT 1 CHECK (dated IN (0, 1))
) STRICT;

CREATE INDEX lots_held ON lots (account, symbol, product) WHERE remaining > 0;

-- Shares of a lot that were sold.
CREATE TABLE disposals (
    id        INTEGER PRIMARY KEY,
    lot_id    INTEGER NOT NULL REFERENCES lots (id),
    account   TEXT NOT NULL,
    symbol    TEXT NOT NULL,
    product   TEXT NOT NULL,
    quantity  INTEGER NOT NULL CHECK (quantity > 0),
    price_inr TEXT NOT NULL,
    cost_inr  TEXT,
    sold_on   TEXT NOT NULL,
    order_id  TEXT NOT NULL
) STRICT;

CREATE INDEX disposals_day ON disposals (account, sold_on);

CREATE INDEX disposals_lot ON disposals (lot_id);

-- What a broker said it holds for the owner, when it was last asked.
CREATE TABLE broker_positions (
    account            TEXT NOT NULL REFERENCES accounts (name),
    symbol             TEXT NOT NULL,
    product            TEXT NOT NULL,
    quantity           INTEGER NOT NULL,
    sellable           INTEGER NOT NULL,
    average_price      TEXT,
    overnight_quantity INTEGER NOT NULL,
    day_buy_quantity   INTEGER NOT NULL,
    day_buy_inr        TEXT NOT NULL,
    day_sell_quantity  INTEGER NOT NULL,
    day_sell_inr       TEXT NOT NULL,
    realised_inr       TEXT NOT NULL,
    unsettled          INTEGER NOT NULL,
    pledged            INTEGER NOT NULL,
    isin               TEXT,
    PRIMARY KEY (account, symbol, product)
) STRICT, WITHOUT ROWID;

-- finished_at is null exactly while an order has not come to its end. One order answers a breach, at most. owner is the process
-- that is at work on it, looks is how often the broker's book was looked through for it in vain.
CREATE TABLE orders (
    seq             INTEGER PRIMARY KEY,
    id              TEXT NOT NULL UNIQUE,
    account         TEXT NOT NULL,
    tag             TEXT NOT NULL UNIQUE,
    symbol          TEXT NOT NULL,
    side            TEXT NOT NULL CHECK (side IN ('BUY', 'SELL')),
    type            TEXT NOT NULL,
    product         TEXT NOT NULL,
    quantity        INTEGER NOT NULL CHECK (quantity > 0),
    price           TEXT,
    trigger_price   TEXT,
    status          TEXT NOT NULL,
    reason          TEXT NOT NULL,
    day             TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    correlation_id  TEXT NOT NULL,
    breach_id       TEXT UNIQUE,
    broker_order_id TEXT,
    filled          INTEGER NOT NULL DEFAULT 0,
    average_price   TEXT,
    message         TEXT,
    sent_at         INTEGER,
    updated_at      INTEGER NOT NULL,
    finished_at     INTEGER,
    owner           TEXT,
    looks           INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE INDEX orders_open ON orders (account) WHERE finished_at IS NULL;

CREATE INDEX orders_day ON orders (account, day);

CREATE TABLE trades (
    id              TEXT PRIMARY KEY,
    order_id        TEXT NOT NULL REFERENCES orders (id),
    account         TEXT NOT NULL,
    symbol          TEXT NOT NULL,
    side            TEXT NOT NULL,
    product         TEXT NOT NULL,
    quantity        INTEGER NOT NULL CHECK (quantity > 0),
    price           TEXT NOT NULL,
    at              INTEGER NOT NULL,
    day             TEXT NOT NULL,
    charges_inr     TEXT,
    charges         TEXT,
    broker_trade_id TEXT UNIQUE
) STRICT;

CREATE INDEX trades_day ON trades (account, day);

CREATE INDEX trades_order ON trades (order_id);

-- What the paper broker knows of an order it has taken. It may be filled from opens_at until ends_at; auction is 1 in the closing
-- auction; arriving is 1 until it first met a price it could not have; bound_inr is the worst price of a market order.
CREATE TABLE paper_orders (
    order_id     TEXT PRIMARY KEY REFERENCES orders (id),
    account      TEXT NOT NULL,
    accepted_at  INTEGER NOT NULL,
    good_on      TEXT NOT NULL,
    opens_at     INTEGER NOT NULL,
    ends_at      INTEGER NOT NULL,
    auction      INTEGER NOT NULL CHECK (auction IN (0, 1)),
    arriving     INTEGER NOT NULL CHECK (arriving IN (0, 1)),
    triggered    INTEGER NOT NULL CHECK (triggered IN (0, 1)),
    bound_inr    TEXT,
    reserved_inr TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE portfolio_days (
    account      TEXT NOT NULL,
    day          TEXT NOT NULL,
    cash_inr     TEXT NOT NULL,
    value_inr    TEXT NOT NULL,
    cost_inr     TEXT,
    day_pnl_inr  TEXT,
    realised_inr TEXT NOT NULL,
    charges_inr  TEXT NOT NULL,
    complete     INTEGER NOT NULL CHECK (complete IN (0, 1)),
    updated_at   INTEGER NOT NULL,
    PRIMARY KEY (account, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE sectors (
    symbol TEXT PRIMARY KEY,
    sector TEXT NOT NULL,
    origin TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE quotes (
    provider       TEXT NOT NULL,
    symbol         TEXT NOT NULL,
    last_price     TEXT NOT NULL,
    previous_close TEXT,
    open           TEXT,
    high           TEXT,
    low            TEXT,
    volume         INTEGER,
    lower_circuit  TEXT,
    upper_circuit  TEXT,
    bid            TEXT,
    ask            TEXT,
    last_trade_at  INTEGER,
    exchange_at    INTEGER,
    fetched_at     INTEGER NOT NULL,
    PRIMARY KEY (provider, symbol)
) STRICT, WITHOUT ROWID;

-- How many shares are usually traded in a day, and what was told of a symbol today: each crossing is told once.
CREATE TABLE market_marks (
    provider TEXT NOT NULL,
    symbol   TEXT NOT NULL,
    kind     TEXT NOT NULL,
    day      TEXT NOT NULL,
    level    TEXT NOT NULL,
    told_at  INTEGER NOT NULL,
    PRIMARY KEY (provider, symbol, kind)
) STRICT, WITHOUT ROWID;

CREATE TABLE day_volumes (
    provider TEXT NOT NULL,
    symbol   TEXT NOT NULL,
    day      TEXT NOT NULL,
    volume   INTEGER NOT NULL,
    PRIMARY KEY (provider, symbol, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE instruments (
    symbol    TEXT PRIMARY KEY,
    token     INTEGER NOT NULL,
    name      TEXT NOT NULL,
    tick_size TEXT NOT NULL,
    lot_size  INTEGER NOT NULL,
    kind      TEXT NOT NULL,
    segment   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- subject is a symbol, the name of a sector, or '' for the whole account. armed is 0 from a breach until the rule may
-- fire again; high_inr is the highest price a trailing stop has seen.
CREATE TABLE risk_rules (
    id         TEXT PRIMARY KEY,
    account    TEXT NOT NULL,
    kind       TEXT NOT NULL,
    subject    TEXT NOT NULL,
    value      TEXT NOT NULL,
    enabled    INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    armed      INTEGER NOT NULL CHECK (armed IN (0, 1)),
    episode    INTEGER NOT NULL,
    high_inr   TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (account, kind, subject)
) STRICT, WITHOUT ROWID;

-- One row for each time a rule was broken, whatever came of it.
CREATE TABLE risk_breaches (
    id             TEXT PRIMARY KEY,
    rule_id        TEXT NOT NULL,
    account        TEXT NOT NULL,
    kind           TEXT NOT NULL,
    subject        TEXT NOT NULL,
    product        TEXT NOT NULL,
    episode        INTEGER NOT NULL,
    at             INTEGER NOT NULL,
    observed       TEXT NOT NULL,
    bound          TEXT NOT NULL,
    quantity       INTEGER,
    outcome        TEXT NOT NULL,
    detail         TEXT,
    correlation_id TEXT NOT NULL,
    UNIQUE (rule_id, episode, subject, product)
) STRICT, WITHOUT ROWID;

CREATE INDEX risk_breaches_at ON risk_breaches (account, at);
