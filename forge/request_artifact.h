/*
 * What a job left, as pages and API send it: the whole, its list, one file of it.
 * All of it is strangers' bytes: answers are sandboxed by headers and typed so
 * that a browser runs nothing (HTML is plain text).
 *
 * Ownership: the request's arena, descriptors too. Threads: the request's.
 */
#ifndef REQUEST_ARTIFACT_H
#define REQUEST_ARTIFACT_H

#include "archive/zip_directory.h"
#include "domain/artifact.h"
#include "request.h"

/* Most of one file that is sent out of an archive; the archive itself has it in any case. */
#define ARTIFACT_FILE_MAX (UINT64_C(1) << 30)

/* <data>/blobs */
const char *request_blob_folder(const struct request *rq);

/* The whole file as an attachment. */
MUST_USE int request_send_artifact(struct request *rq, const struct artifact *artifact,
				   struct err *e);

struct artifact_files {
	int fd;
	struct zip_directory directory;
};

/* Its list of files; ERR_UNPROCESSABLE if it is no zip. */
MUST_USE int request_open_artifact(struct request *rq, const struct artifact *artifact,
				   struct artifact_files *files, struct err *e);

/* ERR_NOT_FOUND if there is no such file. */
MUST_USE int artifact_files_get(const struct artifact_files *files, struct str path,
				const struct zip_entry **entry, struct err *e);

/* The first `limit` bytes of a file. */
MUST_USE int artifact_file_read(struct request *rq, const struct artifact_files *files,
				const struct zip_entry *entry, size_t limit, struct str *bytes,
				struct err *e);

/* One file as a stream; as_download: as an attachment. */
MUST_USE int request_send_artifact_file(struct request *rq, const struct artifact_files *files,
					const struct zip_entry *entry, bool as_download,
					struct err *e);

#endif
