-- News and fundamentals beside earnings, what events ask for, full-text search, one paid call for several symbols.

-- A dataset of a symbol that is to be asked for again from an instant on, however fresh it is by then: the day after a
-- results date, after news of high impact. "event_id" is the event it follows from; an ask is gone once it is answered.
CREATE TABLE asks (
    symbol         TEXT NOT NULL,
    dataset        TEXT NOT NULL,
    provider       TEXT NOT NULL,
    due_at         INTEGER NOT NULL,
    reason         TEXT NOT NULL,
    correlation_id TEXT NOT NULL,
    event_id       TEXT NOT NULL,
    created_at     INTEGER NOT NULL,
    PRIMARY KEY (dataset, provider, symbol, due_at)
) STRICT, WITHOUT ROWID;

-- The calls of a batch share one request: they carry the id of the call that stands for it.
ALTER TABLE paid_calls ADD COLUMN batch_id TEXT;

CREATE INDEX paid_calls_batch ON paid_calls (batch_id) WHERE batch_id IS NOT NULL;

CREATE INDEX paid_calls_document ON paid_calls (document_id) WHERE document_id IS NOT NULL;

-- One document may hold the answers for several symbols.
CREATE TABLE earnings_new (
    document_id    TEXT NOT NULL REFERENCES documents (id),
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
    parsed_at      INTEGER NOT NULL,
    PRIMARY KEY (document_id, symbol)
) STRICT;

INSERT INTO earnings_new SELECT document_id, symbol, provider, fiscal_year, fiscal_quarter, basis, record, provenance,
    sources, strategy, fetched_at, parsed_at FROM earnings;

DROP TABLE earnings;

ALTER TABLE earnings_new RENAME TO earnings;

CREATE INDEX earnings_symbol ON earnings (symbol, provider, fetched_at);

CREATE TABLE fundamentals (
    document_id TEXT NOT NULL REFERENCES documents (id),
    symbol      TEXT NOT NULL,
    provider    TEXT NOT NULL,
    as_of       TEXT,
    record      TEXT NOT NULL,
    provenance  TEXT NOT NULL,
    doubts      TEXT NOT NULL,
    sources     TEXT NOT NULL,
    strategy    TEXT NOT NULL,
    fetched_at  INTEGER NOT NULL,
    parsed_at   INTEGER NOT NULL,
    PRIMARY KEY (document_id, symbol)
) STRICT;

CREATE INDEX fundamentals_symbol ON fundamentals (symbol, provider, fetched_at);

-- A story is kept once, however often it is told: "news_tellings" has what each document says of it, in its own words. What
-- "news" has is derived from the tellings: the first of them (by fetched_at, document, position), and "at", when the story
-- was published (midnight IST where only the day is known), or else first seen.
CREATE TABLE news (
    id          TEXT PRIMARY KEY,
    symbol      TEXT NOT NULL,
    provider    TEXT NOT NULL,
    at          INTEGER NOT NULL,
    first_seen  INTEGER NOT NULL,
    document_id TEXT NOT NULL,
    position    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX news_symbol ON news (symbol, provider, at);

CREATE INDEX news_at ON news (provider, at);

-- "position" is the place of the telling among those of its document; "link" and "words" are the link and the headline in
-- canonical form ('' where there is none), by which a story told again is found.
CREATE TABLE news_tellings (
    document_id TEXT NOT NULL REFERENCES documents (id),
    symbol      TEXT NOT NULL,
    position    INTEGER NOT NULL,
    news_id     TEXT NOT NULL REFERENCES news (id),
    provider    TEXT NOT NULL,
    link        TEXT NOT NULL,
    words       TEXT NOT NULL,
    record      TEXT NOT NULL,
    provenance  TEXT NOT NULL,
    strategy    TEXT NOT NULL,
    fetched_at  INTEGER NOT NULL,
    parsed_at   INTEGER NOT NULL,
    PRIMARY KEY (document_id, symbol, position)
) STRICT;

CREATE INDEX news_tellings_story ON news_tellings (news_id);

CREATE INDEX news_tellings_link ON news_tellings (symbol, provider, link) WHERE link <> '';

CREATE INDEX news_tellings_words ON news_tellings (symbol, provider, words) WHERE words <> '';

-- Everything that can be searched: "kind" is news, earnings, fundamentals or answer, "ref" the id of the story or document.
CREATE TABLE search_texts (
    id       INTEGER PRIMARY KEY,
    kind     TEXT NOT NULL,
    ref      TEXT NOT NULL,
    symbol   TEXT NOT NULL,
    provider TEXT NOT NULL,
    at       INTEGER NOT NULL,
    title    TEXT NOT NULL,
    body     TEXT NOT NULL,
    UNIQUE (kind, ref, symbol)
) STRICT;

CREATE VIRTUAL TABLE search_index USING fts5 (
    title, body, content = 'search_texts', content_rowid = 'id', tokenize = 'unicode61 remove_diacritics 2'
);

CREATE TRIGGER search_texts_added AFTER INSERT ON search_texts BEGIN
    INSERT INTO search_index (rowid, title, body) VALUES (new.id, new.title, new.body);
END;

CREATE TRIGGER search_texts_removed AFTER DELETE ON search_texts BEGIN
    INSERT INTO search_index (search_index, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
END;

CREATE TRIGGER search_texts_changed AFTER UPDATE OF title, body ON search_texts BEGIN
    INSERT INTO search_index (search_index, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
    INSERT INTO search_index (rowid, title, body) VALUES (new.id, new.title, new.body);
END;

-- As earnings_store writes them: "State Bank of India results Q2 FY26".
INSERT INTO search_texts (kind, ref, symbol, provider, at, title, body)
    SELECT 'earnings', document_id, symbol, provider, fetched_at,
        ifnull(json_extract(record, '$.company'), symbol) || ' results' || ifnull(' Q' || fiscal_quarter, '')
            || iif(fiscal_year IS NULL, '', printf(' FY%02d', fiscal_year % 100)),
        ifnull(json_extract(record, '$.guidance'), '')
    FROM earnings;
