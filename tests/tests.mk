# The test targets. A unit test is one program a file: tests/unit/<folder>/<name>_test.c.
UNIT_TESTS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(UNIT_C))

$(BUILD)/tests/unit/%_test: tests/unit/%_test.c $(call object,$(SUPPORT_C)) $(BUILD)/libhearth.a
	@mkdir -p $(@D)
	@echo "  TEST $<"
	@$(CC) $(CPPFLAGS) -Itests $(CFLAGS) $(LDFLAGS) -MF $@.d -o $@ $^ $(LDLIBS) -lcmocka

-include $(UNIT_TESTS:=.d)

.PHONY: check-unit
check-unit: $(UNIT_TESTS)
	@scripts/run-tests $(UNIT_TESTS)

.PHONY: asan tsan
asan tsan:
	$(MAKE) VARIANT=$@ check-unit
