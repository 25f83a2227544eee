-- The clock of taking has an instant of its own beside the clock of answering:
-- set only while a body has the incident and has not taken it into work.
ALTER TABLE incident ADD COLUMN take_due_at_ms INTEGER;
CREATE INDEX incident_take_due ON incident (take_due_at_ms) WHERE take_due_at_ms IS NOT NULL;

-- How often the incident had been opened again when the step was planned:
-- steps that fired in one round fire again in the next.
ALTER TABLE ladder ADD COLUMN round INTEGER NOT NULL DEFAULT 0;
