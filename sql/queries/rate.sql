-- Counters of what must not be tried too often, while Redis does not answer.

-- name: rate_count :find
-- in: key text
-- out: hits int8, seconds_left int8
SELECT hits, ceil(extract(epoch FROM window_ends_at - now()))::int8
FROM rate_counter
WHERE key = $1 AND window_ends_at > now();

-- name: rate_add :exec
-- in: key text, window_seconds int4
INSERT INTO rate_counter AS c (key, window_ends_at, hits)
VALUES ($1, now() + make_interval(secs => $2), 1)
ON CONFLICT (key) DO UPDATE SET
	hits = CASE WHEN c.window_ends_at > now() THEN c.hits + 1 ELSE 1 END,
	window_ends_at = CASE WHEN c.window_ends_at > now() THEN c.window_ends_at
		ELSE excluded.window_ends_at END;

-- name: rate_remove :exec
-- in: key text
DELETE FROM rate_counter WHERE key = $1;

-- name: rate_remove_expired :exec
DELETE FROM rate_counter WHERE window_ends_at <= now();
