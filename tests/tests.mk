# The test targets. A test in C is one program a file:
#	tests/unit/<folder>/<name>_test.c     needs nothing
#	tests/sql/<name>_test.c               a database from a template (support/database.h)
#	tests/http/<name>_test.c              the same, and requests through the router
# Tests in shell are tests/system/NNN_<name>.sh, in Python tests/browser/<name>_test.py; both start
# instances by tests/support.
UNIT_TESTS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(UNIT_C))
SQL_TESTS := $(patsubst %.c,$(BUILD)/%,$(sort $(wildcard tests/sql/*_test.c tests/sql/*/*_test.c)))
HTTP_TESTS := $(patsubst %.c,$(BUILD)/%,$(sort $(wildcard tests/http/*_test.c tests/http/*/*_test.c)))

# Programs of tests/fault, whose processes die at named steps (base/fault.h): VARIANT=fault.
FAULT_PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(sort $(wildcard tests/fault/*_test.c)))

# A library, so that a test links only the helpers it uses.
$(BUILD)/libsupport.a: $(call object,$(SUPPORT_C))
	@rm -f $@ && ar rcs $@ $^

$(UNIT_TESTS) $(SQL_TESTS) $(HTTP_TESTS) $(FAULT_PROGRAMS): $(BUILD)/%: %.c $(BUILD)/libsupport.a $(BUILD)/libhearth.a
	@mkdir -p $(@D)
	@echo "  TEST $<"
	@$(CC) $(CPPFLAGS) -Itests $(CFLAGS) $(LDFLAGS) -MF $@.d -o $@ \
		-Wl,--start-group $(filter %.c %.a,$^) -Wl,--end-group $(LDLIBS) -lcmocka

$(filter $(BUILD)/tests/unit/runner/%,$(UNIT_TESTS)): $(BUILD)/librunner.a

# Programs that tests run beside them.
TEST_PROGRAMS := $(patsubst %.c,$(BUILD)/%,$(sort $(wildcard tests/programs/*.c)))
$(TEST_PROGRAMS): $(BUILD)/tests/programs/%: $(BUILD)/obj/tests/programs/%.o $(BUILD)/libsupport.a $(BUILD)/libhearth.a
	@mkdir -p $(@D)
	@$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS) -lcmocka
$(UNIT_TESTS) $(SQL_TESTS) $(HTTP_TESTS) $(FAULT_PROGRAMS): | $(TEST_PROGRAMS)

# This one runs the generators.
$(BUILD)/tests/unit/scripts/generators_test: | $(addprefix $(TOOLS)/,sqlgen tmplgen pogen assetgen layercheck)

-include $(addsuffix .d,$(UNIT_TESTS) $(SQL_TESTS) $(HTTP_TESTS) $(FAULT_PROGRAMS))

.PHONY: check-unit check-database check
check-unit: $(UNIT_TESTS)
	@scripts/run-tests $(UNIT_TESTS)

check-database: $(SQL_TESTS) $(HTTP_TESTS)
	@tests/support/with-postgres scripts/run-tests $(SQL_TESTS) $(HTTP_TESTS)

# Every statement against a migrated database; check-database has it too.
.PHONY: check-sql
check-sql: $(BUILD)/tests/sql/statements_test
	@tests/support/with-postgres scripts/run-tests $<

check: lint-fast check-unit check-database

SYSTEM_TESTS := $(sort $(wildcard tests/system/[0-9]*.sh))
FAULT_TESTS := $(sort $(wildcard tests/fault/[0-9]*.sh))
LONG_TESTS := $(sort $(wildcard tests/long/[0-9]*.sh))
BROWSER_TESTS := $(sort $(wildcard tests/browser/*_test.py))

.PHONY: tests check-system check-browser check-fault fault-programs
tests: $(UNIT_TESTS) $(SQL_TESTS) $(HTTP_TESTS)

# The story over both transports, with real git, PostgreSQL and Redis.
check-system: all
	@tests/support/with-postgres tests/support/run-system $(SYSTEM_TESTS)

# What builds Hearth once more: its own pipeline, its containers.
.PHONY: check-long
check-long: all
	@TEST_JOBS=1 TEST_TIMEOUT=3600 tests/support/with-postgres tests/support/run-system $(LONG_TESTS)

check-browser: all
	@tests/support/with-postgres tests/support/run-system $(BROWSER_TESTS)

# FAULT_LENGTH=short|long. Most of them wait most of the time, for leases to end: three at once.
check-fault: all
	@$(MAKE) -s VARIANT=fault fault-programs
	@TEST_JOBS=3 TEST_TIMEOUT=$(if $(filter long,$(FAULT_LENGTH)),1800,300) \
		tests/support/with-postgres tests/support/run-system $(FAULT_TESTS)
fault-programs: $(FAULT_PROGRAMS)

# Suites that check-all adds to those of scripts/check; each ends with "N passed, N failed".
.PHONY: check-asan check-tsan check-clang check-lint check-fuzz check-all
check-asan check-clang: check-%:
	@TEST_TIMEOUT=600 $(MAKE) VARIANT=$* check-unit
check-tsan: tsan
check-lint check-fuzz: check-%:
	@if $(MAKE) $*; then echo "1 passed, 0 failed"; else echo "0 passed, 1 failed"; exit 1; fi
check-all: all tests
	@FAULT_LENGTH=long scripts/run-suites unit database sql system browser fault long \
		asan tsan clang lint fuzz

.PHONY: asan tsan
asan:
	TEST_TIMEOUT=600 $(MAKE) VARIANT=$@ check-unit
tsan:
	TEST_TIMEOUT=600 $(MAKE) VARIANT=$@ check-programs

# All of C in one run: most threads meet in the database.
.PHONY: check-programs
check-programs: $(UNIT_TESTS) $(SQL_TESTS) $(HTTP_TESTS)
	@tests/support/with-postgres scripts/run-tests $^

# Fuzzing: `make fuzz` builds every tests/fuzz/<name>_fuzz.c with libFuzzer and runs each for
# FUZZ_SECONDS over tests/fuzz/corpus/<name>. The template target reads scripts/, so those
# objects come along for it.
FUZZ_C := $(sort $(wildcard tests/fuzz/*_fuzz.c))
FUZZERS := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzz/%,$(FUZZ_C))

$(FUZZERS): $(BUILD)/fuzz/%: $(BUILD)/obj/tests/fuzz/%.o $(BUILD)/librunner.a $(BUILD)/libtemplate.a $(BUILD)/libhearth.a
	@mkdir -p $(@D)
	@echo "  FUZZER $@"
	@$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LDLIBS)

$(BUILD)/libtemplate.a: $(call object,$(addprefix scripts/,$(TEMPLATE_O:.o=.c) gen.c))
	@rm -f $@ && ar rcs $@ $^

.PHONY: fuzz fuzz-run
fuzz:
	$(MAKE) VARIANT=fuzz fuzz-run
fuzz-run: $(FUZZERS)
	@scripts/run-fuzzers $(FUZZ_SECONDS) $(FUZZERS)
