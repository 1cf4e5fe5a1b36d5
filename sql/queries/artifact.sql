-- What jobs left behind, and the blobs that hold it.

-- The row is locked from here to the end of the transaction: the file may be put in place.
-- name: blob_link :exec
-- in: sha256 bytea, size int8
INSERT INTO blob (sha256, size) VALUES ($1, $2)
ON CONFLICT (sha256) DO UPDATE SET created_at = now();

-- name: artifact_add :find
-- in: job_id int8, token_sha256 bytea, type text, format text, filename text, size int8
-- in: sha256 bytea, expire_seconds int8?
-- out: id int8
INSERT INTO artifact (project_id, job_id, type, format, filename, size, sha256, expires_at)
SELECT j.project_id, j.id, $3, $4, $5, $6, $7, now() + $8 * interval '1 second'
FROM job j
WHERE j.id = $1 AND j.token_sha256 = $2 AND j.status IN ('running', 'canceling')
ON CONFLICT (job_id, type) DO NOTHING
RETURNING id;

-- name: artifact_of_type :find
-- in: job_id int8, type text
-- out: sha256 bytea?
SELECT sha256 FROM artifact WHERE job_id = $1 AND type = $2;

-- name: artifact_get :find
-- in: project_id int8, job_id int8, type text
-- out: format text, filename text, size int8, sha256 bytea?, created_at timestamptz, expires_at timestamptz?
SELECT format, filename, size, sha256, created_at, expires_at
FROM artifact
WHERE project_id = $1 AND job_id = $2 AND type = $3;

-- name: artifact_list :many
-- in: project_id int8, job_id int8
-- out: type text, format text, filename text, size int8, sha256 bytea?, created_at timestamptz
-- out: expires_at timestamptz?
SELECT type, format, filename, size, sha256, created_at, expires_at
FROM artifact
WHERE project_id = $1 AND job_id = $2
ORDER BY type;

-- The token is that of a job that runs, in the project of the job whose archive it wants.
-- name: artifact_reader :find
-- in: token_sha256 bytea, job_id int8
-- out: project_id int8
SELECT j.project_id
FROM job reader
JOIN job j ON j.project_id = reader.project_id
WHERE reader.token_sha256 = $1 AND reader.status IN ('running', 'canceling') AND j.id = $2;

-- name: artifact_for_job :many
-- in: job_id int8
-- out: job_id int8, name text, has_archive bool, filename text?, size int8?, is_gone bool?
SELECT other.id, other.name, a.id IS NOT NULL, a.filename, a.size, a.removed_at IS NOT NULL
FROM job j
JOIN job other ON other.pipeline_id = j.pipeline_id AND other.is_latest AND other.name = ANY (j.artifacts_of)
LEFT JOIN artifact a ON a.job_id = other.id AND a.type = 'archive'
WHERE j.id = $1
ORDER BY other.stage_index, other.position;

-- name: artifact_latest :find
-- in: project_id int8, branch text, tag text, job_name text
-- out: job_id int8
SELECT j.id
FROM pipeline p
JOIN job j ON j.pipeline_id = p.id AND j.name = $4 AND j.is_latest AND j.status = 'success'
JOIN artifact a ON a.job_id = j.id AND a.type = 'archive' AND a.removed_at IS NULL
WHERE p.project_id = $1 AND p.ref IN ($2, $3) AND p.status = 'success'
ORDER BY p.id DESC
LIMIT 1;

-- name: artifact_keep :exec
-- in: project_id int8, job_id int8
UPDATE artifact SET expires_at = NULL
WHERE project_id = $1 AND job_id = $2 AND removed_at IS NULL;

-- name: artifact_remove :exec
-- in: project_id int8, job_id int8?
UPDATE artifact a SET sha256 = NULL, removed_at = now()
FROM job j
WHERE a.project_id = $1 AND ($2::int8 IS NULL OR a.job_id = $2) AND a.removed_at IS NULL
	AND j.id = a.job_id AND j.finished_at IS NOT NULL;

-- Expired, and nobody's last: those of the latest successful pipeline of a ref stay, and those
-- that may be deployed again.
-- name: artifact_expire :exec
-- in: most int4
UPDATE artifact SET sha256 = NULL, removed_at = now()
WHERE id IN (
	SELECT a.id
	FROM artifact a
	JOIN job j ON j.id = a.job_id AND j.finished_at IS NOT NULL
	JOIN pipeline p ON p.id = j.pipeline_id
	WHERE a.expires_at < now() AND a.removed_at IS NULL
		AND p.id IS DISTINCT FROM (
			SELECT latest.id FROM pipeline latest
			WHERE latest.project_id = p.project_id AND latest.ref = p.ref AND latest.status = 'success'
			ORDER BY latest.id DESC LIMIT 1)
		AND p.id NOT IN (SELECT pipeline_id FROM pipeline_deployable)
	ORDER BY a.expires_at
	LIMIT $1
	FOR UPDATE OF a SKIP LOCKED);

-- name: blob_unused :many
-- in: most int4
-- out: sha256 bytea
SELECT b.sha256 FROM blob b
WHERE b.created_at < now() - interval '1 hour'
	AND NOT EXISTS (SELECT FROM artifact a WHERE a.sha256 = b.sha256)
LIMIT $1;

-- Locks the row, and looks again: nobody can link it from here on.
-- name: blob_lock_unused :find
-- in: sha256 bytea
-- out: size int8
SELECT b.size FROM blob b
WHERE b.sha256 = $1 AND b.created_at < now() - interval '1 hour'
	AND NOT EXISTS (SELECT FROM artifact a WHERE a.sha256 = b.sha256)
FOR UPDATE;

-- name: blob_remove :exec
-- in: sha256 bytea
DELETE FROM blob WHERE sha256 = $1;

-- A file without a row: nobody can have meant it, an hour later it goes.
-- name: blob_adopt :exec
-- in: sha256 bytea
INSERT INTO blob (sha256, size) VALUES ($1, 0) ON CONFLICT (sha256) DO NOTHING;
