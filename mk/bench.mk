# SPDX-License-Identifier: Apache-2.0
# Benches are judged against their bars and print ratios; each has a goal of its own. What they
# measured lies in $(B)/bench; `make bench-save` makes it the tables of docs/performance.md.

BENCHES	  ?= engine fdb storm vhost pps guests tcp frames wake trace limits scale
BENCH_OUT  = $(B)/bench
# The load and the floor that the scripts run.
BENCH_TOOLS = $(addprefix $(O)/tests/bench/,tap_loop frame_flood)

$(O)/tests/bench/%_bench: $(O)/tests/bench/%_bench.o $(O)/tests/rig.a $(O)/libweft.a
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(DAEMON_LIBS) -lpthread -o $@

$(BENCH_TOOLS): $(O)/tests/bench/%: $(O)/tests/bench/%.o
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) $^ -o $@

.PHONY: bench bench-save $(addprefix bench-,$(BENCHES))
# One that misses its bar hides none of the others.
bench: ## all benches, peers interleaved in the same run; needs root, 10 minutes
	+@missed=; for b in $(BENCHES); do \
		$(MAKE) --no-print-directory bench-$$b || missed="$$missed $$b"; \
	done; [ -z "$$missed" ] || { echo "bars missed:$$missed"; exit 1; }

bench-engine: $(PROGRAMS) $(O)/tests/bench/engine_bench ## ns a frame: the engine alone, memory ports
	@echo "engine alone, one core, VLANs on, random known unicast"
	@tests/bench/program_bench.py engine $(O) $(BENCH_OUT)

bench-fdb: $(PROGRAMS) $(O)/tests/bench/fdb_bench ## ns a station: learning, looking up, flushing; a thousand to a million
	@echo "the station table, one core"
	@tests/bench/fdb_bench.py $(O) $(BENCH_OUT)

bench-storm: $(PROGRAMS) $(O)/tests/bench/storm_bench ## what a flood and a ring cost others on their worker
	@echo "two ports on a worker beside a storm"
	@tests/bench/program_bench.py storm $(O) $(BENCH_OUT)

bench-limits: $(PROGRAMS) $(O)/tests/bench/limits_bench ## ns a frame: rates and policies that refuse nothing
	@echo "limits and policies that let everything through, engine alone"
	@tests/bench/program_bench.py limits $(O) $(BENCH_OUT)

bench-vhost: $(PROGRAMS) $(O)/tests/bench/vhost_bench ## core cycles a frame: machine to machine, own ring driver
	@echo "machine to machine, worker's busy cycles, VLANs on, random known unicast"
	@tests/bench/program_bench.py vhost $(O) $(BENCH_OUT)

bench-pps: $(PROGRAMS) $(O)/tests/bench/vhost_bench ## machine to machine, beside DPDK's forwarder and Open vSwitch with DPDK
	@echo "frames from machine to machine, one core, generator on the other"
	@tests/bench/pps_bench.py $(O) $(BENCH_OUT)

bench-guests: $(PROGRAMS) ## TCP between user-mode Linux guests, beside Open vSwitch with DPDK
	@echo "two guests on one switch, iperf3"
	@tests/bench/guests_bench.py $(O) $(BENCH_OUT)

bench-tcp: $(PROGRAMS) ## iperf3 between two hosts, beside a Linux bridge and Open vSwitch
	@echo "two hosts on one switch, iperf3"
	@tests/bench/tcp_bench.py $(O) $(BENCH_OUT)

bench-frames: $(PROGRAMS) $(BENCH_TOOLS) ## 60-octet frames TAP to TAP, beside a bare loop
	@echo "60-octet frames, TAP to TAP"
	@tests/bench/frames_bench.py $(O) $(BENCH_OUT)

bench-wake: $(PROGRAMS) $(BENCH_TOOLS) $(O)/tests/bench/wake_bench ## the first frame after a second of silence
	@echo "the first frame after a silence"
	@tests/bench/wake_bench.py $(O) $(BENCH_OUT)

bench-trace: $(PROGRAMS) $(BENCH_TOOLS) $(O)/tests/bench/vhost_bench ## a trace whose filter matches nothing, times without
	@echo "a trace that matches nothing"
	@tests/bench/trace_bench.py $(O) $(BENCH_OUT)

bench-scale: $(PROGRAMS) $(BENCH_TOOLS) ## an idle daemon, 200 hosts, 1,000 ports, the CLI
	@echo "many objects"
	@tests/bench/scale_bench.py $(O) $(BENCH_OUT)

.PHONY: instructions
instructions: $(O)/tests/bench/engine_bench ## count anew what a frame may cost the engine; see engine_cost
	@WEFT_BIN='$(abspath $(O))' tests/sys/engine_cost.py --write

bench-save: ## the last benches' numbers become docs/bench and docs/performance.md
	@tests/bench/report.py $(BENCH_OUT) docs/bench docs/performance.md
