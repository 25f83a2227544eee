-- CONCLUSIONS: follow from the facts and a ruleset; any row may be dropped and
-- computed again. None can be inserted without the ruleset it was made with.

-- A stretch of the live run under one ruleset. Each stage takes the ruleset
-- over where it stands when the ruleset is activated.
CREATE TABLE run (
    id             INTEGER PRIMARY KEY,
    ruleset        TEXT NOT NULL CHECK (length(ruleset) = 64),
    matcher_from   INTEGER NOT NULL,
    cluster_from   INTEGER NOT NULL,
    started_at_ms  INTEGER NOT NULL
) STRICT;

-- What reading a post came to. Only posts that go on to grouping have a row:
-- why another did not is computed again when somebody asks.
CREATE TABLE finding (
    post     INTEGER PRIMARY KEY,
    run      INTEGER NOT NULL,
    ruleset  TEXT NOT NULL CHECK (length(ruleset) = 64),
    data     TEXT NOT NULL
) STRICT;

CREATE TABLE incident (
    id               INTEGER PRIMARY KEY,
    run              INTEGER NOT NULL,
    ruleset          TEXT NOT NULL CHECK (length(ruleset) = 64),
    position         INTEGER NOT NULL,   -- of the fact that changed it last
    state            TEXT NOT NULL,
    topic            TEXT NOT NULL,
    topic_group      TEXT NOT NULL,
    territory        TEXT,
    body             TEXT NOT NULL,
    official         TEXT,
    risk             INTEGER NOT NULL,
    opened_at_ms     INTEGER NOT NULL,
    due_at_ms        INTEGER,            -- of the clock that runs now
    closed_at_ms     INTEGER,
    posts            INTEGER NOT NULL,
    authors          INTEGER NOT NULL,
    last_written_ms  INTEGER NOT NULL,
    data             TEXT NOT NULL       -- model::incident::Incident
) STRICT;
CREATE INDEX incident_triage ON incident (state, risk DESC, due_at_ms);
CREATE INDEX incident_body ON incident (body, state, due_at_ms);
CREATE INDEX incident_due ON incident (due_at_ms) WHERE due_at_ms IS NOT NULL;

-- Memberships. A revoked one stays, with the action that revoked it.
CREATE TABLE assignment (
    post        INTEGER NOT NULL,
    position    INTEGER NOT NULL,        -- of the fact that made it
    incident    INTEGER NOT NULL,
    run         INTEGER NOT NULL,
    ruleset     TEXT NOT NULL CHECK (length(ruleset) = 64),
    revoked_by  INTEGER,
    reason      TEXT NOT NULL,           -- model::incident::Reason
    PRIMARY KEY (post, position)
) STRICT;                                -- rows too large to be searched through as an index
CREATE UNIQUE INDEX assignment_one_incident ON assignment (post) WHERE revoked_by IS NULL;
-- Members are asked for without their reasons far more often than with them.
CREATE INDEX assignment_incident ON assignment (incident, post, revoked_by);

-- «Perhaps these two are one.»
CREATE TABLE suggestion (
    incident   INTEGER NOT NULL,
    candidate  INTEGER NOT NULL,
    run        INTEGER NOT NULL,
    ruleset    TEXT NOT NULL CHECK (length(ruleset) = 64),
    score      REAL NOT NULL,
    parts      TEXT NOT NULL,
    settled    INTEGER NOT NULL DEFAULT 0,   -- joined, or said to be different
    PRIMARY KEY (incident, candidate)
) STRICT;

CREATE TABLE answer (
    id        INTEGER PRIMARY KEY,
    incident  INTEGER NOT NULL,
    ruleset   TEXT NOT NULL CHECK (length(ruleset) = 64),
    data      TEXT NOT NULL              -- model::answer::Answer
) STRICT;
CREATE INDEX answer_incident ON answer (incident);

-- What became of an action, and what must be put back to undo it.
CREATE TABLE applied (
    action     INTEGER PRIMARY KEY,
    incident   INTEGER,
    ruleset    TEXT NOT NULL CHECK (length(ruleset) = 64),
    result     TEXT NOT NULL,
    inverse    TEXT NOT NULL,
    undone_by  INTEGER
) STRICT;
CREATE INDEX applied_incident ON applied (incident, action);

-- «Not the same»: posts whose incidents must not be joined, by whose action.
CREATE TABLE forbidden (
    one      INTEGER NOT NULL,
    other    INTEGER NOT NULL,
    action   INTEGER NOT NULL,
    ruleset  TEXT NOT NULL CHECK (length(ruleset) = 64),
    PRIMARY KEY (one, other, action)
) STRICT, WITHOUT ROWID;

-- How rare stems were, frozen at exact counts so that scores can be repeated.
CREATE TABLE rarity (
    position  INTEGER PRIMARY KEY,
    ruleset   TEXT NOT NULL CHECK (length(ruleset) = 64),
    frozen    BLOB NOT NULL
) STRICT;
