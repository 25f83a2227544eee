-- FACTS: insert only, cannot be recomputed, backed up. `position` is drawn by
-- the writer from one counter for all of them.

CREATE TABLE post (
    position          INTEGER PRIMARY KEY,
    network           TEXT NOT NULL,
    native_id         TEXT NOT NULL,
    source            TEXT,
    url               TEXT,
    author_id         TEXT,
    author_name       TEXT,
    community         TEXT,
    text              TEXT NOT NULL,
    published_at_ms   INTEGER NOT NULL,
    edited_at_ms      INTEGER,
    parent_id         TEXT,
    thread_id         TEXT,
    lang              TEXT,
    lat               REAL,
    lon               REAL,
    views             INTEGER,
    likes             INTEGER,
    reposts           INTEGER,
    comments          INTEGER,
    media             TEXT NOT NULL,
    deleted           INTEGER NOT NULL,
    repost_network    TEXT,
    repost_native_id  TEXT,
    first_seen_at_ms  INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX post_key ON post (network, native_id);

-- A changed text or a deletion, as it was seen later.
CREATE TABLE revision (
    position    INTEGER PRIMARY KEY,
    post        INTEGER NOT NULL REFERENCES post (position),
    text        TEXT NOT NULL,
    deleted     INTEGER NOT NULL,
    edited_at_ms INTEGER,
    seen_at_ms  INTEGER NOT NULL
) STRICT;
CREATE INDEX revision_post ON revision (post, position);

-- What people decided, and rules in their name.
CREATE TABLE action (
    position  INTEGER PRIMARY KEY,
    at_ms     INTEGER NOT NULL,
    actor     TEXT NOT NULL,
    decision  TEXT NOT NULL
) STRICT;

-- Every ruleset that ever decided, with its files, from which position on.
CREATE TABLE ruleset (
    position  INTEGER PRIMARY KEY,
    hash      TEXT NOT NULL CHECK (length(hash) = 64),
    at_ms     INTEGER NOT NULL,
    files     TEXT NOT NULL
) STRICT;

CREATE TABLE rejected (
    id       INTEGER PRIMARY KEY,
    source   TEXT,
    at_ms    INTEGER NOT NULL,
    error    TEXT NOT NULL,
    payload  BLOB NOT NULL
) STRICT;

CREATE TABLE gap (
    id        INTEGER PRIMARY KEY,
    source    TEXT NOT NULL,
    from_ms   INTEGER,
    to_ms     INTEGER NOT NULL,
    reason    TEXT NOT NULL,
    at_ms     INTEGER NOT NULL
) STRICT;

-- One row an attempt to deliver a notice.
CREATE TABLE delivery (
    id       INTEGER PRIMARY KEY,
    key      TEXT NOT NULL,
    at_ms    INTEGER NOT NULL,
    result   TEXT NOT NULL,
    error    TEXT
) STRICT;
CREATE INDEX delivery_key ON delivery (key);

-- A deadline that passed. Never recomputed away.
CREATE TABLE breach (
    incident       INTEGER NOT NULL,
    clock          TEXT NOT NULL,
    due_at_ms      INTEGER NOT NULL,
    noticed_at_ms  INTEGER NOT NULL,
    body           TEXT NOT NULL,
    PRIMARY KEY (incident, clock, due_at_ms)
) STRICT, WITHOUT ROWID;

-- Who did what; each hash covers the row and the hash before it.
CREATE TABLE journal (
    seq      INTEGER PRIMARY KEY,
    at_ms    INTEGER NOT NULL,
    actor    TEXT NOT NULL,
    action   TEXT NOT NULL,
    subject  TEXT NOT NULL,
    before   TEXT NOT NULL,
    after    TEXT NOT NULL,
    why      TEXT NOT NULL,
    origin   TEXT NOT NULL,
    hash     TEXT NOT NULL
) STRICT;
CREATE INDEX journal_subject ON journal (subject, seq);

CREATE TRIGGER post_is_a_fact BEFORE UPDATE ON post
BEGIN SELECT RAISE (ABORT, 'a fact is never changed: post'); END;
CREATE TRIGGER post_is_kept BEFORE DELETE ON post
BEGIN SELECT RAISE (ABORT, 'a fact is never deleted: post'); END;
CREATE TRIGGER revision_is_a_fact BEFORE UPDATE ON revision
BEGIN SELECT RAISE (ABORT, 'a fact is never changed: revision'); END;
CREATE TRIGGER revision_is_kept BEFORE DELETE ON revision
BEGIN SELECT RAISE (ABORT, 'a fact is never deleted: revision'); END;
CREATE TRIGGER action_is_a_fact BEFORE UPDATE ON action
BEGIN SELECT RAISE (ABORT, 'a fact is never changed: action'); END;
CREATE TRIGGER action_is_kept BEFORE DELETE ON action
BEGIN SELECT RAISE (ABORT, 'a fact is never deleted: action'); END;
CREATE TRIGGER ruleset_is_a_fact BEFORE UPDATE ON ruleset
BEGIN SELECT RAISE (ABORT, 'a fact is never changed: ruleset'); END;
CREATE TRIGGER ruleset_is_kept BEFORE DELETE ON ruleset
BEGIN SELECT RAISE (ABORT, 'a fact is never deleted: ruleset'); END;
CREATE TRIGGER delivery_is_a_fact BEFORE UPDATE ON delivery
BEGIN SELECT RAISE (ABORT, 'a fact is never changed: delivery'); END;
CREATE TRIGGER delivery_is_kept BEFORE DELETE ON delivery
BEGIN SELECT RAISE (ABORT, 'a fact is never deleted: delivery'); END;
CREATE TRIGGER breach_is_a_fact BEFORE UPDATE ON breach
BEGIN SELECT RAISE (ABORT, 'a fact is never changed: breach'); END;
CREATE TRIGGER breach_is_kept BEFORE DELETE ON breach
BEGIN SELECT RAISE (ABORT, 'a fact is never deleted: breach'); END;
CREATE TRIGGER journal_is_a_fact BEFORE UPDATE ON journal
BEGIN SELECT RAISE (ABORT, 'a fact is never changed: journal'); END;
CREATE TRIGGER journal_is_kept BEFORE DELETE ON journal
BEGIN SELECT RAISE (ABORT, 'a fact is never deleted: journal'); END;
