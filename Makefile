# Hearth's build. `make` builds build/hearth and build/hearth-runner.
#
#   make check         unit, sql and http tests
#   make check-system  tests with real git, PostgreSQL, Redis, runner, browser
#   make check-all     all of it, with sanitizers, clang, long faults, fuzzing
#   make asan          the unit tests under ASan+UBSan
#   make tsan          unit, sql and http tests under TSan
#   make lint          layercheck, banned functions, caps, cppcheck, clang-tidy, shellcheck
#   make fuzz          every fuzz target for FUZZ_SECONDS each
#   make bench         measurements beside plain git servers
#   make format        clang-format over all C files
#   make install       DESTDIR, PREFIX; with systemd units
#
# VARIANT=release|clang|asan|tsan|fuzz|fault chooses compiler and flags; each has its
# own folder of objects under build/.

VARIANT ?= release
BUILD := build$(if $(filter-out release,$(VARIANT)),/$(VARIANT))
GEN := $(BUILD)/gen
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 20

CC := $(if $(filter clang fuzz,$(VARIANT)),clang,gcc)
ifneq ($(shell command -v ccache 2>/dev/null),)
CC := ccache $(CC)
endif
HOSTCC := gcc

PACKAGES := libgit2 libssh libmicrohttpd libpq hiredis jansson yaml-0.1 libcurl libsodium \
	libarchive zlib libzstd libpcre2-8 liboath libseccomp
include scripts/packages.mk

WARNINGS := -Wall -Wextra -Wpedantic -Werror -Wconversion -Wsign-conversion -Wshadow \
	-Wstrict-prototypes -Wmissing-prototypes -Wwrite-strings -Wcast-qual -Wformat=2 \
	-Wundef -Wvla -Wimplicit-fallthrough -fno-common
CPPFLAGS := -D_GNU_SOURCE -Iforge -I. -I$(GEN) -include forge/base/banned.h $(PACKAGE_CFLAGS)
CFLAGS_release := -O2 -g -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
CFLAGS_clang := $(CFLAGS_release)
CFLAGS_fault := $(CFLAGS_release) -DHEARTH_FAULTS
CFLAGS_asan := -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -DHEARTH_SANITIZER
CFLAGS_tsan := -O1 -g -fsanitize=thread -DHEARTH_SANITIZER
CFLAGS_fuzz := -O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -DHEARTH_SANITIZER
LDFLAGS_release := -pie -Wl,-z,relro,-z,now -Wl,--as-needed
LDFLAGS_clang := $(LDFLAGS_release)
LDFLAGS_fault := $(LDFLAGS_release)
LDFLAGS_asan := -fsanitize=address,undefined
LDFLAGS_tsan := -fsanitize=thread
LDFLAGS_fuzz := -fsanitize=address,undefined
CFLAGS := -std=c17 $(CFLAGS_$(VARIANT)) $(WARNINGS) -MMD -MP
LDFLAGS := $(LDFLAGS_$(VARIANT))
LDLIBS := $(PACKAGE_LIBS) -lm -lpthread

FORGE_C := $(sort $(shell find forge -name '*.c'))
RUNNER_C := $(sort $(shell find runner -name '*.c' 2>/dev/null))
SHARED_C := $(filter forge/base/% forge/ci/% forge/archive/%,$(FORGE_C))
UNIT_C := $(sort $(shell find tests/unit -name '*_test.c' 2>/dev/null))
SUPPORT_C := $(sort $(shell find tests/support -name '*.c' 2>/dev/null))

object = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

.PHONY: all
all: $(BUILD)/hearth $(if $(RUNNER_C),$(BUILD)/hearth-runner)

include scripts/generate.mk

$(BUILD)/libhearth.a: $(call object,$(filter-out forge/main.c,$(FORGE_C))) $(GEN_O)
	@rm -f $@ && ar rcs $@ $^

$(BUILD)/hearth: $(call object,forge/main.c) $(BUILD)/libhearth.a
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/librunner.a: $(call object,$(filter-out runner/main.c,$(RUNNER_C)))
	@rm -f $@ && ar rcs $@ $^

$(BUILD)/hearth-runner: $(call object,runner/main.c) $(BUILD)/librunner.a $(call object,$(SHARED_C))
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(BUILD)/obj/%.o: %.c | $(GEN_HEADERS)
	@mkdir -p $(@D)
	@echo "  CC $<"
	@$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(BUILD)/obj/tests/%.o: CPPFLAGS += -Itests

-include $(shell find $(BUILD)/obj -name '*.d' 2>/dev/null)

include tests/tests.mk
include tests/bench/bench.mk
include scripts/lint.mk
include scripts/install.mk

.PHONY: clean
clean:
	rm -rf build
