-- PROGRESS: threads that are read again, by the post they stand under. A branch
-- is the part under one comment. One that has ended has no row.
CREATE TABLE thread (
    network             TEXT NOT NULL,
    post                TEXT NOT NULL,   -- native id of the post above
    branch              TEXT NOT NULL,   -- native id of a comment, or empty
    source              TEXT NOT NULL,
    kind                TEXT NOT NULL,
    cursor              TEXT NOT NULL DEFAULT '',
    opened_at_ms        INTEGER NOT NULL,
    next_read_at_ms     INTEGER NOT NULL,
    last_read_at_ms     INTEGER,
    last_comment_at_ms  INTEGER,
    told                INTEGER,         -- comments, as the network says
    told_read           INTEGER,         -- … and said before the last read
    brought             INTEGER NOT NULL DEFAULT 0,
    failures_in_row     INTEGER NOT NULL DEFAULT 0,
    last_error          TEXT,
    reads               INTEGER NOT NULL DEFAULT 0,
    comments            INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (network, post, branch)
) STRICT;                                -- cursors are too large for an index
CREATE INDEX thread_due ON thread (source, next_read_at_ms);

-- What reading the threads of a source came to, ended ones included.
CREATE TABLE thread_totals (
    source           TEXT PRIMARY KEY,
    comments         INTEGER NOT NULL,
    reads            INTEGER NOT NULL,
    failures         INTEGER NOT NULL,
    last_read_at_ms  INTEGER
) STRICT, WITHOUT ROWID;

-- Posts of open incidents that are looked at by themselves.
CREATE TABLE recheck (
    post         INTEGER PRIMARY KEY,
    source       TEXT NOT NULL,
    next_at_ms   INTEGER NOT NULL,
    missed       INTEGER NOT NULL        -- times in a row that it was not there
) STRICT;
CREATE INDEX recheck_due ON recheck (source, next_at_ms);
