-- Progress: what networks told by themselves, so that what is told again is
-- taken once. Rows that are old enough go: nobody repeats for so long.
CREATE TABLE received_event (
    network    TEXT NOT NULL,
    account    TEXT NOT NULL,            -- whose event it is: a community
    event      TEXT NOT NULL,            -- the network's own id of it
    seen_at_ms INTEGER NOT NULL,
    PRIMARY KEY (network, account, event)
) STRICT, WITHOUT ROWID;
CREATE INDEX received_event_age ON received_event (seen_at_ms);
