-- What bodies reply under posts: found by the post above it or by its thread.
CREATE INDEX post_parent ON post (network, parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX post_thread ON post (network, thread_id) WHERE thread_id IS NOT NULL;
-- Findings about bodies' own replies: few among many.
CREATE INDEX finding_own ON finding (post) WHERE json_extract(data, '$.verdict') = 'own_account';
