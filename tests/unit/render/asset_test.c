#include "support/check.h"

#include "base/arena.h"
#include "render/asset.h"

#include <zlib.h>

static void what_is_not_there_is_not_found(void **state UNUSED)
{
	check_true(asset_find(STR("")) == NULL);
	check_true(asset_find(STR_NONE) == NULL);
	check_true(asset_find(STR("../../etc/passwd")) == NULL);
	check_true(asset_find(STR("assets/")) == NULL);
	check_true(help_find(STR("")) == NULL);
	check_true(help_find(STR_NONE) == NULL);
}

static void check_gzip(const struct asset *asset)
{
	struct arena *a = arena_open(0);
	unsigned char *out = arena_alloc(a, asset->bytes.n + 1);
	z_stream z = { 0 };

	check_int(inflateInit2(&z, 15 + 16), Z_OK);
	z.next_in = (unsigned char *)(uintptr_t)asset->gzip.p;
	z.avail_in = u32_from_size(asset->gzip.n);
	z.next_out = out;
	z.avail_out = u32_from_size(asset->bytes.n + 1);
	check_int(inflate(&z, Z_FINISH), Z_STREAM_END);
	if (!str_eq(str_n((const char *)out, z.total_out), asset->bytes))
		fail_msg("%s", asset->name);
	inflateEnd(&z);
	arena_close(a);
}

static void every_asset_is_found_by_its_url_and_unpacks_to_its_bytes(void **state UNUSED)
{
	for (size_t i = 0; i < assets_count; i++) {
		struct str url = str_c(assets[i].url);

		check_true(str_starts(url, STR("/-/assets/")));
		check_true(asset_find(str_from(url, 10)) == &assets[i]);
		check_true(asset_find(str_c(assets[i].name)) == NULL);
		if (!str_is_none(assets[i].gzip))
			check_gzip(&assets[i]);
	}
}

static void every_help_page_is_found_by_its_name(void **state UNUSED)
{
	for (size_t i = 0; i < help_pages_count; i++)
		check_true(help_find(str_c(help_pages[i].name)) == &help_pages[i]);
}

RUN_TESTS(TEST(what_is_not_there_is_not_found),
	  TEST(every_asset_is_found_by_its_url_and_unpacks_to_its_bytes),
	  TEST(every_help_page_is_found_by_its_name))
