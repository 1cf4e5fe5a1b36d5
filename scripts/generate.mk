# Generated code, all of it under $(GEN): statements from sql/queries, pages
# from web/templates, languages from web/locale, files from web/assets and help.
# GEN_HEADERS must exist before anything compiles; GEN_O goes into libhearth.a.
#
# The generators are small C programs, built once for all variants. Each runs
# over all its inputs and leaves outputs alone that would not change; a stamp
# file says when it ran last. The folder itself is an input, so that a removed
# file is noticed.
TOOLS := build/tools
TOOL_CFLAGS := -std=c17 -O1 -g $(WARNINGS) -MMD -MP
TOOL_CPPFLAGS := -D_GNU_SOURCE -Iforge -I. -include forge/base/banned.h
TOOL_BASE := $(addprefix $(TOOLS)/forge/base/,arena.o buf.o str.o err.o mem.o fs.o compiler.o \
	table.o random.o)

$(TOOLS)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  HOSTCC $<"
	@$(HOSTCC) $(TOOL_CPPFLAGS) $(TOOL_CFLAGS) -c -o $@ $<

-include $(shell find $(TOOLS) -name '*.d' 2>/dev/null)

TEMPLATE_O := template.o template_word.o template_value.o template_lex.o template_html.o

# $(call tool,name,objects) declares build/tools/name
define tool
$(TOOLS)/$(1): $(addprefix $(TOOLS)/scripts/,$(2)) $(TOOL_BASE)
	@$(HOSTCC) -o $$@ $$^ $(3)
endef

$(eval $(call tool,sqlgen,sqlgen.o sqlgen_write.o gen.o))
$(eval $(call tool,tmplgen,tmplgen.o $(TEMPLATE_O) template_routes.o gen.o))

$(eval $(call tool,pogen,pogen.o po.o $(TEMPLATE_O) gen.o))
$(eval $(call tool,assetgen,assetgen.o gen.o,-lz))

GEN_HEADERS :=
GEN_C :=

# Statements: sql/queries/<noun>.sql -> q/<noun>.h, q/<noun>.c, q/all.c
QUERY_SQL := $(sort $(wildcard sql/queries/*.sql))
QUERY_C := $(patsubst sql/queries/%.sql,$(GEN)/q/%.c,$(QUERY_SQL)) $(GEN)/q/all.c
QUERY_H := $(patsubst sql/queries/%.sql,$(GEN)/q/%.h,$(QUERY_SQL))
GEN_HEADERS += $(QUERY_H)
GEN_C += $(QUERY_C)

$(GEN)/q/stamp: $(TOOLS)/sqlgen $(QUERY_SQL) $(wildcard sql/queries)
	@mkdir -p $(@D)
	@echo "  SQLGEN $(words $(QUERY_SQL)) files"
	@$(TOOLS)/sqlgen $(GEN)/q $(QUERY_SQL)
	@touch $@
$(QUERY_C) $(QUERY_H): $(GEN)/q/stamp
	@:

# Pages: web/templates/<noun>/<page>.html -> tmpl/<noun>_<page>.h and .c
TEMPLATES := $(sort $(wildcard web/templates/*/*.html))
TEMPLATE_STEMS := $(subst /,_,$(patsubst web/templates/%.html,%,$(TEMPLATES)))
TEMPLATE_C := $(patsubst %,$(GEN)/tmpl/%.c,$(TEMPLATE_STEMS))
TEMPLATE_H := $(patsubst %,$(GEN)/tmpl/%.h,$(TEMPLATE_STEMS))
GEN_HEADERS += $(TEMPLATE_H)
GEN_C += $(TEMPLATE_C)

$(GEN)/tmpl/stamp: $(TOOLS)/tmplgen $(TEMPLATES) $(wildcard web/templates web/templates/* forge/routes.tbl)
	@mkdir -p $(@D)
	@echo "  TMPLGEN $(words $(TEMPLATES)) files"
	@$(TOOLS)/tmplgen $(GEN)/tmpl forge/routes.tbl web/templates $(TEMPLATES)
	@touch $@
$(TEMPLATE_C) $(TEMPLATE_H): $(GEN)/tmpl/stamp
	@:

# Languages: web/locale/<code>.po -> locale.c; `make po` renews hearth.pot and says what is missing
LOCALES := $(sort $(wildcard web/locale/*.po))
GEN_C += $(GEN)/locale.c

$(GEN)/locale.stamp: $(TOOLS)/pogen $(LOCALES) $(wildcard web/locale)
	@mkdir -p $(@D)
	@echo "  POGEN $(words $(LOCALES)) files"
	@$(TOOLS)/pogen compile $(GEN)/locale.c $(LOCALES)
	@touch $@
$(GEN)/locale.c: $(GEN)/locale.stamp
	@:

# Where sentences are made that people read in pages.
PO_SOURCES = forge/base/err.h forge/domain/actor.h \
	$(filter forge/domain/% forge/pages/% forge/request% forge/router%,$(FORGE_C))
PO_FILES = $(TEMPLATES) $(PO_SOURCES) $(LOCALES)
.PHONY: po
po: $(TOOLS)/pogen
	@mkdir -p web/locale
	@$(TOOLS)/pogen extract web/locale/hearth.pot $(PO_FILES)

# Files inside the program: web/assets, web/help and sql/migrations
CARRIED := $(sort $(filter-out %/README.md,$(wildcard web/assets/*.* web/help/*.md sql/migrations/*.sql)))
CARRIED_C := $(GEN)/assets.c $(GEN)/migrations.c
CARRIED_H := $(GEN)/assets.h $(GEN)/migrations.h
GEN_HEADERS += $(CARRIED_H)
GEN_C += $(CARRIED_C)

$(GEN)/assets.stamp: $(TOOLS)/assetgen $(CARRIED) $(wildcard web/assets web/help sql/migrations)
	@mkdir -p $(@D)
	@echo "  ASSETGEN $(words $(CARRIED)) files"
	@$(TOOLS)/assetgen $(GEN) $(CARRIED)
	@touch $@
$(CARRIED_C) $(CARRIED_H): $(GEN)/assets.stamp
	@:

GEN_O := $(patsubst $(GEN)/%.c,$(BUILD)/obj/gen/%.o,$(GEN_C))
$(BUILD)/obj/gen/%.o: $(GEN)/%.c | $(GEN_HEADERS)
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<
