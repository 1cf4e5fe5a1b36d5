# make bench: Hearth beside plain servers. BENCH=full for figures to quote, BENCH_ARGS="--suite push".
BENCH ?= quick
BENCH_ARGS ?=
LOAD_O := $(call object,$(wildcard tests/bench/*.c))

$(BUILD)/bench/load: $(LOAD_O) $(BUILD)/libhearth.a
	@mkdir -p $(@D)
	@$(CC) $(LDFLAGS) -o $@ $^ -lssh -lpthread

.PHONY: bench
bench: $(BUILD)/hearth $(BUILD)/bench/load
	tests/bench/bench.py --$(BENCH) --hearth $(BUILD)/hearth --load $(BUILD)/bench/load $(BENCH_ARGS)
