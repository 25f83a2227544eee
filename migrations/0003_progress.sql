-- PROGRESS: how far work has come. Changed only in the transaction that writes
-- what it describes. Accounts stand here too: they are configuration.

CREATE TABLE stage (
    name      TEXT PRIMARY KEY,
    position  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE source_state (
    id               TEXT PRIMARY KEY,
    cursor           TEXT NOT NULL,
    next_poll_at_ms  INTEGER,
    last_poll_at_ms  INTEGER,
    last_outcome     TEXT,
    last_error       TEXT,
    last_new_at_ms   INTEGER,
    failures_in_row  INTEGER NOT NULL DEFAULT 0,
    stopped          INTEGER NOT NULL DEFAULT 0,
    polls            INTEGER NOT NULL DEFAULT 0,
    posts            INTEGER NOT NULL DEFAULT 0,
    rejected         INTEGER NOT NULL DEFAULT 0,
    gaps             INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

CREATE TABLE outbox (
    id                  INTEGER PRIMARY KEY,
    key                 TEXT NOT NULL UNIQUE,
    incident            INTEGER NOT NULL,
    recipient           TEXT NOT NULL,
    kind                TEXT NOT NULL,
    notice              TEXT NOT NULL,
    created_at_ms       INTEGER NOT NULL,
    state               TEXT NOT NULL,
    attempts            INTEGER NOT NULL DEFAULT 0,
    next_attempt_at_ms  INTEGER NOT NULL,
    last_error          TEXT,
    note                TEXT,
    sent_at_ms          INTEGER
) STRICT;
CREATE INDEX outbox_due ON outbox (next_attempt_at_ms) WHERE state = 'waiting';
CREATE INDEX outbox_incident ON outbox (incident);

-- Steps frozen when a clock started. An unfired step moves with its deadline.
CREATE TABLE ladder (
    incident    INTEGER NOT NULL,
    clock       TEXT NOT NULL,
    step        TEXT NOT NULL,
    due_at_ms   INTEGER NOT NULL,
    notify      TEXT NOT NULL,
    settled_at_ms  INTEGER,              -- fired, or overtaken by an answer
    fired       INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (incident, clock, step)
) STRICT, WITHOUT ROWID;
CREATE INDEX ladder_due ON ladder (due_at_ms) WHERE settled_at_ms IS NULL;

CREATE TABLE person (
    login          TEXT PRIMARY KEY,
    name           TEXT NOT NULL,
    role           TEXT NOT NULL,
    reach          TEXT NOT NULL,
    language       TEXT NOT NULL,
    password_hash  TEXT NOT NULL,
    disabled       INTEGER NOT NULL DEFAULT 0,
    created_at_ms  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Only the hash of a session's token is kept.
CREATE TABLE session (
    token_hash     TEXT PRIMARY KEY,
    login          TEXT NOT NULL,
    created_at_ms  INTEGER NOT NULL,
    seen_at_ms     INTEGER NOT NULL,
    expires_at_ms  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE login_failure (
    login  TEXT NOT NULL,
    at_ms  INTEGER NOT NULL
) STRICT;
CREATE INDEX login_failure_login ON login_failure (login, at_ms);
