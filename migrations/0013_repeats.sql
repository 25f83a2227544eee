-- Conclusions: what an incident repeats and what it became a part of, so that
-- chains of them are followed without reading every incident.
ALTER TABLE incident ADD COLUMN repeat_of INTEGER;
ALTER TABLE incident ADD COLUMN joined_into INTEGER;
UPDATE incident
    SET repeat_of = json_extract(data, '$.repeat_of'),
        joined_into = json_extract(data, '$.joined_into')
    WHERE json_extract(data, '$.repeat_of') IS NOT NULL
        OR json_extract(data, '$.joined_into') IS NOT NULL;
CREATE INDEX incident_repeats ON incident (repeat_of) WHERE repeat_of IS NOT NULL;
CREATE INDEX incident_joined ON incident (joined_into) WHERE joined_into IS NOT NULL;
