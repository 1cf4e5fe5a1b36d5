#include "render/asset.h"

const struct asset *asset_find(struct str file)
{
	for (size_t i = 0; i < assets_count; i++) {
		struct str url = str_c(assets[i].url);

		if (str_eq(str_from(url, str_find_last(url, '/') + 1), file))
			return &assets[i];
	}
	return NULL;
}

const struct asset *help_find(struct str name)
{
	for (size_t i = 0; i < help_pages_count; i++) {
		if (str_eq_c(name, help_pages[i].name))
			return &help_pages[i];
	}
	return NULL;
}
