# SPDX-License-Identifier: Apache-2.0
# Benches are judged against their bars and print ratios; each has a goal of its own.

BENCHES ?= engine

$(O)/tests/bench/%_bench: $(O)/tests/bench/%_bench.o $(O)/tests/rig.a $(O)/libweft.a
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(DAEMON_LIBS) -lpthread -o $@

.PHONY: bench $(addprefix bench-,$(BENCHES))
bench: $(addprefix bench-,$(BENCHES)) ## all benches, peers interleaved in the same run

bench-engine: $(O)/tests/bench/engine_bench ## ns a frame: the engine alone, memory ports
	@echo "engine alone, one core, VLANs on, random known unicast"
	@$<
