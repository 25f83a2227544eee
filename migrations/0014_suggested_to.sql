-- Which incidents are suggested to one is asked for every row of a list, and for
-- every incident where suggestions are counted: without this all suggestions were
-- looked through for each.
CREATE INDEX suggestion_candidate ON suggestion (candidate, settled);
