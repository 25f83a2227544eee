-- CONCLUSIONS: what is proposed to people about incidents that are there already.

-- «The incidents of these two posts may be one», and the merge that this means
-- now: none where they are one already, where nobody works on one of them any
-- more, where people said that they are not the same, or where another hint at
-- the same pair is stronger.
CREATE TABLE hint (
    post         INTEGER NOT NULL,
    other        INTEGER NOT NULL,
    run          INTEGER NOT NULL,
    ruleset      TEXT NOT NULL CHECK (length(ruleset) = 64),
    kind         TEXT NOT NULL,
    score        REAL NOT NULL,          -- of the post with its own incident
    parts        TEXT NOT NULL,
    other_score  REAL NOT NULL,          -- … with the other one
    other_parts  TEXT NOT NULL,
    one          INTEGER,
    two          INTEGER,
    PRIMARY KEY (post, other)
) STRICT;
CREATE INDEX hint_one ON hint (one) WHERE one IS NOT NULL;
CREATE INDEX hint_two ON hint (two) WHERE two IS NOT NULL;

-- «This incident is two»: the posts of either part, and in what they differ.
CREATE TABLE parting (
    incident  INTEGER PRIMARY KEY,
    run       INTEGER NOT NULL,
    ruleset   TEXT NOT NULL CHECK (length(ruleset) = 64),
    data      TEXT NOT NULL              -- model::proposal::Parting
) STRICT;

-- «Keep together»: posts between which nothing is proposed to be split, by
-- whose action.
CREATE TABLE kept (
    post     INTEGER NOT NULL,
    action   INTEGER NOT NULL,
    ruleset  TEXT NOT NULL CHECK (length(ruleset) = 64),
    PRIMARY KEY (action, post)
) STRICT, WITHOUT ROWID;

-- Near-copies: the first post with the same text, whatever incidents they are in.
CREATE TABLE copy (
    post     INTEGER PRIMARY KEY,
    origin   INTEGER NOT NULL,
    run      INTEGER NOT NULL,
    ruleset  TEXT NOT NULL CHECK (length(ruleset) = 64)
) STRICT;
-- Of what was grouped before, the post that decided is the one that was copied.
WITH RECURSIVE was (post, origin, run, ruleset) AS (
    SELECT post, json_extract(reason, '$[3]'), run, ruleset FROM assignment
        WHERE json_extract(reason, '$[0]') = 'family'
            AND json_extract(reason, '$[3]') IS NOT NULL
    UNION
    SELECT was.post, json_extract(above.reason, '$[3]'), was.run, was.ruleset
        FROM was JOIN assignment AS above ON above.post = was.origin
        WHERE json_extract(above.reason, '$[0]') = 'family'
            AND json_extract(above.reason, '$[3]') < was.origin
)
INSERT INTO copy SELECT post, min(origin), run, ruleset FROM was WHERE origin < post GROUP BY post;
-- … and their incidents know how many copies they hold.
WITH told (incident, posts) AS (
    SELECT assignment.incident, count(*)
        FROM assignment LEFT JOIN copy ON copy.post = assignment.post
        WHERE revoked_by IS NULL
        GROUP BY assignment.incident, coalesce(copy.origin, assignment.post)
), repeated (incident, copies) AS (
    SELECT incident, sum(posts - 1) FROM told GROUP BY incident HAVING sum(posts - 1) > 0
)
UPDATE incident
    SET data = json_set(data, '$.copies',
        (SELECT copies FROM repeated WHERE repeated.incident = incident.id))
    WHERE id IN (SELECT incident FROM repeated);
