#include "pages/code.h"

#include "git/ref_list.h"
#include "git/text.h"

#define PICKER_BRANCHES 20
#define PICKER_TAGS 10

int code_at(struct request *rq, struct str ref_path, struct repo **repo, struct place *place,
	    struct err *e)
{
	if (request_repo(rq, repo, e) < 0)
		return -(int)e->code;
	return repo_locate(*repo, ref_path, rq->arena, place, e);
}

struct str code_join(struct request *rq, struct str ref, struct str path)
{
	if (str_is_empty(path))
		return ref;
	return arena_fmt(rq->arena, "%.*s/%.*s", STR_FMT(ref), STR_FMT(path));
}

struct str code_archive(struct request *rq, struct str ref, const char *end)
{
	struct str name = arena_str(rq->arena, ref);
	char *p = arena_cstr(rq->arena, name);

	for (size_t i = 0; i < name.n; i++)
		if (p[i] == '/')
			p[i] = '-';
	return arena_fmt(rq->arena, "%.*s/%.*s-%s.%s", STR_FMT(ref), STR_FMT(rq->project->segment),
			 p, end);
}

static void bar_crumbs(struct request *rq, const struct place *place, struct view_code_bar *bar)
{
	struct str rest = place->path;
	struct str part;
	size_t room = 1;

	for (size_t i = 0; i < place->path.n; i++)
		room += place->path.p[i] == '/';
	bar->crumbs = ARENA_ARRAY(rq->arena, struct view_code_crumb, room);
	while (!str_is_empty(place->path) && str_cut(&rest, '/', &part)) {
		struct str upto = str_upto(place->path, (size_t)(part.p - place->path.p) + part.n);

		bar->crumbs[bar->crumbs_count++] = (struct view_code_crumb){
			.name = text_utf8(rq->arena, part, part.n * 3, NULL),
			.ref_path = code_join(rq, place->ref, upto),
			.is_last = str_is_none(rest),
		};
	}
}

/* The same path on another ref; names only, so that it costs no read of objects. */
static void bar_names(struct request *rq, const struct ref_snapshot *refs, struct str folder,
		      const struct place *place, size_t most, struct view_name **names,
		      size_t *count)
{
	const struct ref *first;
	size_t n = ref_snapshot_range(refs, folder, &first);

	*names = ARENA_ARRAY(rq->arena, struct view_name, most + 1);
	*count = 0;
	for (size_t i = 0; i < n && i < most; i++) {
		struct str name = str_from(first[i].name, folder.n);

		(*names)[(*count)++] = (struct view_name){ name, code_join(rq, name, place->path),
							   str_eq(name, place->ref) };
	}
}

void code_bar(struct request *rq, struct repo *repo, const struct place *place, bool is_folder,
	      enum route_id permalink_route, struct view_code_bar *bar)
{
	const struct ref_snapshot *refs = repo_refs(repo);
	struct str hex = oid_hex(rq->arena, &place->commit);

	bar->project = rq->project->path;
	bar->root = rq->project->segment;
	bar->ref = place->ref;
	bar->is_tag = place->kind == REF_KIND_TAG;
	bar->is_commit = place->kind == REF_KIND_COMMIT;
	bar->ref_short = bar->is_commit ? str_upto(place->ref, 10) : place->ref;
	bar->path = text_utf8(rq->arena, place->path, 3 * 4096, NULL);
	bar->here = code_join(rq, place->ref, place->path);
	bar->is_folder = is_folder;
	bar->permalink = page_url(rq, url_for(rq->arena, permalink_route, rq->project->path,
					      code_join(rq, hex, place->path)));
	bar_crumbs(rq, place, bar);
	bar_names(rq, refs, STR("refs/heads/"), place, PICKER_BRANCHES, &bar->branches,
		  &bar->branches_count);
	bar_names(rq, refs, STR("refs/tags/"), place, PICKER_TAGS, &bar->tags, &bar->tags_count);
	bar->archive_zip = code_archive(rq, place->ref, "zip");
	bar->archive_tar_gz = code_archive(rq, place->ref, "tar.gz");
	bar->archive_tar = code_archive(rq, place->ref, "tar");
}
