# What is checked without running the program.
#
#   make lint-fast    layers, doors, sizes, mutable globals, stray SQL and HTML, words
#   make lint         that, headers alone, format, shellcheck, cppcheck, clang-tidy
#   make format       clang-format over everything
#
# Exception lists are empty and stay so. A tool that is missing is an error that
# names its package.
LINT_C := $(FORGE_C) $(RUNNER_C)
LINT_H := $(sort $(shell find forge runner -name '*.h' 2>/dev/null))
LINT_OTHER := $(sort $(shell find scripts tests -name '*.[ch]' -not -path 'tests/golden/*' 2>/dev/null))
LINT_SHELL := $(shell grep -rlE '^\#!/bin/(ba)?sh' scripts tests .ci --include='*' 2>/dev/null)

# $(call need,tool,package)
need = @command -v $(1) >/dev/null || { echo "$(1) is missing: apt-get install $(2)" >&2; exit 2; }

$(eval $(call tool,layercheck,layercheck.o gen.o))

.PHONY: lint lint-fast lint-layers lint-caps lint-globals lint-strays lint-words
lint-fast: lint-layers lint-caps lint-globals lint-strays lint-words

# The layers are part of every build.
lint-layers: $(BUILD)/layers.ok
all: $(BUILD)/layers.ok
$(BUILD)/layers.ok: $(TOOLS)/layercheck $(LINT_C) $(LINT_H)
	@echo "  LAYERS"
	@$(TOOLS)/layercheck $(LINT_C) $(LINT_H)
	@touch $@

lint-caps:
	$(call need,pmccabe,pmccabe)
	@echo "  CAPS"
	@scripts/caps $(LINT_C) $(LINT_H) $(LINT_OTHER)

lint-globals: $(call object,$(LINT_C))
	@echo "  GLOBALS"
	@scripts/find-globals $(call object,$(LINT_C))

lint-strays:
	@echo "  STRAYS"
	@scripts/find-strays $(LINT_C)

# Every language says every sentence: write what is missing into web/locale/<code>.po.
lint-words: $(TOOLS)/pogen
	@echo "  WORDS"
	@mkdir -p $(BUILD)
	@$(TOOLS)/pogen extract $(BUILD)/hearth.pot $(PO_FILES) 2>$(BUILD)/words || { cat $(BUILD)/words; exit 1; }
	@! grep warning: $(BUILD)/words

# Each header compiles alone.
HEADERS_ALONE := $(patsubst %,$(BUILD)/alone/%.ok,$(LINT_H))
$(BUILD)/alone/%.ok: % $(LINT_H) | $(GEN_HEADERS)
	@mkdir -p $(@D)
	@$(CC) $(CPPFLAGS) $(filter-out -MMD -MP,$(CFLAGS)) -Wno-unused-macros -fsyntax-only -include $< -x c /dev/null
	@touch $@

.PHONY: lint-headers lint-format lint-shell lint-cppcheck lint-tidy format
lint-headers: $(HEADERS_ALONE)

lint-format:
	$(call need,clang-format,clang-format)
	@echo "  FORMAT"
	@clang-format --dry-run --Werror $(LINT_C) $(LINT_H) $(LINT_OTHER)

lint-shell:
	$(call need,shellcheck,shellcheck)
	@echo "  SHELLCHECK"
	@shellcheck -S warning $(LINT_SHELL)

# Uninitialised values are left to the compilers, clang-analyzer and ASan: cppcheck does not see
# that a called function fills its output.
lint-cppcheck: | $(GEN_HEADERS)
	$(call need,cppcheck,cppcheck)
	@echo "  CPPCHECK"
	@mkdir -p $(BUILD)/cppcheck
	@cppcheck --quiet --error-exitcode=1 --std=c11 --enable=warning,performance,portability \
		--inline-suppr --suppress=missingInclude --suppress=unmatchedSuppression \
		--suppress=uninitvar --suppress=ctuuninitvar --suppress=uninitStructMember \
		--cppcheck-build-dir=$(BUILD)/cppcheck -D_GNU_SOURCE -Iforge -I. -I$(GEN) \
		$(LINT_C) $(filter scripts/%.c,$(LINT_OTHER))

# The checks are chosen in .clang-tidy. One stamp a file, so that only what changed is read again.
TIDY := $(patsubst %.c,$(BUILD)/tidy/%.ok,$(LINT_C))
$(BUILD)/tidy/%.ok: %.c $(BUILD)/obj/%.o .clang-tidy scripts/analyzer.h
	@mkdir -p $(@D)
	@echo "  TIDY $<"
	@clang-tidy --quiet --warnings-as-errors='*' $< -- -std=c17 $(CPPFLAGS) \
		$(if $(filter forge/base/err.c,$<),,-include scripts/analyzer.h) >$@.log 2>&1 || { cat $@.log; exit 1; }
	@rm -f $@.log; touch $@
lint-tidy: $(TIDY)

lint: lint-fast lint-headers lint-shell lint-cppcheck lint-tidy lint-format

format:
	$(call need,clang-format,clang-format)
	clang-format -i $(LINT_C) $(LINT_H) $(LINT_OTHER)
