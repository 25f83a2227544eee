-- PROGRESS: comments of open incidents that the last whole reads of their
-- thread did not show.
CREATE TABLE missed (
    post   INTEGER PRIMARY KEY,
    times  INTEGER NOT NULL              -- in a row
) STRICT;

-- What cannot be read is kept once of each source.
CREATE INDEX rejected_of ON rejected (source);
