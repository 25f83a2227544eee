-- PROGRESS: how far the filling of a gap has come. What is missing, since when
-- and why stays the fact that it is.
ALTER TABLE gap ADD COLUMN way TEXT NOT NULL DEFAULT '';       -- as what it is being read
ALTER TABLE gap ADD COLUMN read_to_ms INTEGER;                 -- … and after when it was
ALTER TABLE gap ADD COLUMN place TEXT NOT NULL DEFAULT '';     -- where the reading goes on
ALTER TABLE gap ADD COLUMN open_to_ms INTEGER;                 -- what is after it is here
ALTER TABLE gap ADD COLUMN next_try_at_ms INTEGER;
ALTER TABLE gap ADD COLUMN last_error TEXT;
ALTER TABLE gap ADD COLUMN found INTEGER NOT NULL DEFAULT 0;   -- posts that it brought
ALTER TABLE gap ADD COLUMN lack TEXT;                          -- why a part cannot be had
ALTER TABLE gap ADD COLUMN lost_at_ms INTEGER;                 -- since when nobody tries

DROP INDEX gap_open;
CREATE INDEX gap_due ON gap (next_try_at_ms) WHERE filled_at_ms IS NULL AND lost_at_ms IS NULL;

CREATE TRIGGER gap_is_a_fact BEFORE UPDATE OF source, from_ms, to_ms, reason, at_ms ON gap
BEGIN SELECT RAISE (ABORT, 'a fact is never changed: gap'); END;
CREATE TRIGGER gap_is_kept BEFORE DELETE ON gap
BEGIN SELECT RAISE (ABORT, 'a fact is never deleted: gap'); END;
