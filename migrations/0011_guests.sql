-- Facts: a post may stand on the page of an account and be somebody else's.
ALTER TABLE post ADD COLUMN guest INTEGER NOT NULL DEFAULT 0;
