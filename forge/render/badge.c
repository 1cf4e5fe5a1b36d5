#include "render/badge.h"

#define PADDING 10 /* left and right together */
#define OTHER_WIDTH 1100

/* Hundredths of a pixel, from ' ' on. */
static const unsigned short widths[] = {
	387,  433, 505, 900, 699, 1184, 799, 295,  500, 500, 699, 900, 400, 500,  400, 500,
	699,  699, 699, 699, 699, 699,  699, 699,  699, 699, 500, 500, 900, 900,  900, 600,
	1100, 752, 754, 768, 848, 696,  632, 853,  827, 463, 500, 762, 612, 927,  823, 866,
	663,  866, 765, 752, 678, 805,  752, 1088, 754, 677, 754, 500, 500, 500,  900, 699,
	699,  661, 685, 573, 685, 655,  387, 685,  696, 302, 379, 651, 302, 1070, 696, 668,
	685,  685, 469, 573, 433, 696,  651, 900,  651, 651, 578, 698, 500, 698,  900,
};

static const struct status {
	const char *status, *text, *colour;
} statuses[] = {
	{ "success", "passed", "#4c1" },         { "failed", "failed", "#e05d44" },
	{ "running", "running", "#dfb317" },     { "pending", "pending", "#dfb317" },
	{ "created", "pending", "#dfb317" },     { "waiting_for_resource", "pending", "#dfb317" },
	{ "scheduled", "scheduled", "#dfb317" }, { "manual", "manual", "#dfb317" },
	{ "preparing", "preparing", "#a7a7a7" }, { "canceling", "canceled", "#9f9f9f" },
	{ "canceled", "canceled", "#9f9f9f" },   { "skipped", "skipped", "#9f9f9f" },
};

static const struct status unknown = { "", "unknown", "#9f9f9f" };

static const struct status *find(struct str status)
{
	for (size_t i = 0; i < ARRAY_LEN(statuses); i++)
		if (str_eq_c(status, statuses[i].status))
			return &statuses[i];
	return &unknown;
}

struct str badge_status_text(struct str status)
{
	return str_c(find(status)->text);
}

const char *badge_status_colour(struct str status)
{
	return find(status)->colour;
}

int64_t badge_text_width(struct str text)
{
	int64_t sum = 0;

	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c >= ' ' && (size_t)(c - ' ') < ARRAY_LEN(widths))
			sum += widths[c - ' '];
		else if ((c & 0xc0) != 0x80) /* the first byte of a character */
			sum += OTHER_WIDTH;
	}
	return (sum + 99) / 100;
}

struct view_badge badge_view(const struct badge *badge)
{
	struct view_badge v = { .key = badge->key,
				.value = badge->value,
				.colour = badge->colour,
				.key_length = badge_text_width(badge->key),
				.value_length = badge_text_width(badge->value),
				.is_square = badge->is_square };

	v.key_width = badge->key_width > 0 ? badge->key_width : v.key_length + PADDING;
	v.value_width = v.value_length + PADDING;
	if (v.key_length > v.key_width - 2)
		v.key_length = v.key_width > 4 ? v.key_width - 2 : 1;
	v.width = v.key_width + v.value_width;
	v.key_middle = v.key_width / 2;
	v.value_middle = v.key_width + v.value_width / 2;
	return v;
}
