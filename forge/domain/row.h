/*
 * From the rows that sqlgen makes (one struct a statement, the same columns) to
 * the structs of this folder. Macros only because the row types differ; each
 * is one initializer. For the files of domain/.
 */
#ifndef DOMAIN_ROW_H
#define DOMAIN_ROW_H

#include "domain/namespace.h"
#include "domain/project.h"
#include "domain/user.h"

/* For text that a CHECK of the schema vouches for. */
enum visibility row_visibility(struct str text);
enum access_level row_level(int32_t number);
enum namespace_kind row_namespace_kind(struct str text);

#define PROJECT_OF_ROW(row)                                                   \
	((struct project){                                                    \
		.id = { (row)->id },                                          \
		.namespace = { (row)->namespace_id },                         \
		.segment = (row)->segment,                                    \
		.path = (row)->path,                                          \
		.name = (row)->name,                                          \
		.full_name = (row)->full_name,                                \
		.namespace_path = (row)->namespace_path,                      \
		.description = (row)->description,                            \
		.visibility = row_visibility((row)->visibility),              \
		.default_branch = (row)->default_branch,                      \
		.creator = { (row)->has_creator_id ? (row)->creator_id : 0 }, \
		.is_archived = (row)->is_archived,                            \
		.has_repository = (row)->has_repository,                      \
		.is_empty = (row)->is_empty,                                  \
		.created_at = (row)->created_at,                              \
		.updated_at = (row)->updated_at,                              \
		.last_activity_at = (row)->last_activity_at,                  \
	})

#define NAMESPACE_OF_ROW(row)                                              \
	((struct namespace){                                               \
		.id = { (row)->id },                                       \
		.kind = row_namespace_kind((row)->kind),                   \
		.parent = { (row)->has_parent_id ? (row)->parent_id : 0 }, \
		.user = { (row)->has_user_id ? (row)->user_id : 0 },       \
		.segment = (row)->segment,                                 \
		.path = (row)->path,                                       \
		.name = (row)->name,                                       \
		.full_name = (row)->full_name,                             \
		.description = (row)->description,                         \
		.visibility = row_visibility((row)->visibility),           \
		.created_at = (row)->created_at,                           \
	})

#define USER_OF_ROW(row)                                                            \
	((struct user){                                                             \
		.id = { (row)->id },                                                \
		.namespace = { (row)->has_namespace_id ? (row)->namespace_id : 0 }, \
		.username = (row)->username,                                        \
		.name = (row)->name,                                                \
		.email = (row)->email,                                              \
		.is_admin = (row)->is_admin,                                        \
		.is_bot = (row)->is_bot,                                            \
		.is_blocked = (row)->is_blocked,                                    \
		.has_password = !str_is_none((row)->password_hash),                 \
		.created_at = (row)->created_at,                                    \
		.has_last_sign_in_at = (row)->has_last_sign_in_at,                  \
		.last_sign_in_at = (row)->last_sign_in_at,                          \
	})

/* Of the columns who_id, who_username, who_name. */
#define BRIEF_OF_ROW(row, who)                                                       \
	((struct user_brief){ .id = { (row)->has_##who##_id ? (row)->who##_id : 0 }, \
			      .username = (row)->who##_username,                     \
			      .name = (row)->who##_name })

/* What a list may show to this actor, as the statements take it. */
struct viewer {
	int64_t user_id; /* 0: no user */
	bool sees_internal;
	bool sees_all;
};

struct viewer viewer_of(const struct actor *actor);

#endif
