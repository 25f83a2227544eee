-- What a source publishes by the hour is counted from here.
CREATE INDEX post_rhythm ON post (source, published_at_ms) WHERE source IS NOT NULL;
CREATE INDEX post_seen ON post (first_seen_at_ms);
CREATE INDEX rejected_at ON rejected (at_ms);

-- PROGRESS: what is wrong with the reading, from when until when.
CREATE TABLE alarm (
    id            INTEGER PRIMARY KEY,
    subject       TEXT NOT NULL,
    kind          TEXT NOT NULL,
    raised_at_ms  INTEGER NOT NULL,
    ended_at_ms   INTEGER,
    detail        TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX alarm_open ON alarm (subject, kind) WHERE ended_at_ms IS NULL;

-- PROGRESS: requests of a day, so that a restart does not begin it anew.
CREATE TABLE spent (
    credential  TEXT NOT NULL,
    kind        TEXT NOT NULL,
    day         TEXT NOT NULL,
    requests    INTEGER NOT NULL,
    PRIMARY KEY (credential, kind)
) STRICT, WITHOUT ROWID;

-- A gap is a fact; that it was read later is progress.
ALTER TABLE gap ADD COLUMN filled_at_ms INTEGER;
ALTER TABLE gap ADD COLUMN tries INTEGER NOT NULL DEFAULT 0;
CREATE INDEX gap_open ON gap (id) WHERE filled_at_ms IS NULL;
