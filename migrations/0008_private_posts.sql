-- Facts: a post may have been written to a body alone (decision 7).
ALTER TABLE post ADD COLUMN private INTEGER NOT NULL DEFAULT 0;
