# SPDX-License-Identifier: Apache-2.0
# Tests are found by folder and ending; tests/README.md says what goes where. Each variant is built
# by a make of its own, because a variant is a whole tree under $(B). tests/run judges and counts.

JOBS	     ?= $(shell nproc)
FUZZ_SECONDS ?= 30

tests_in     = $(sort $(shell find tests/$(1) -name '*_test.c' 2>/dev/null))
FAST_TESTS  := $(call tests_in,unit) $(call tests_in,graph) $(call tests_in,spec)
RACE_TESTS  := $(call tests_in,race)
FUZZERS	    := $(sort $(wildcard tests/fuzz/*_fuzz.c))
# A script that may be executed is a test; what it reads is not.
SYS_TESTS   := $(sort $(shell find tests/sys -maxdepth 1 -type f -perm -u+x 2>/dev/null))

# What a variant builds.
test_programs = $(patsubst %.c,$(O)/%,$(1))
TEST_GOALS.plain = $(PROGRAMS) $(call test_programs,$(FAST_TESTS) $(RACE_TESTS)) \
		   $(O)/tests/bench/engine_bench $(O)/tests/sys/live_stream
TEST_GOALS.asan	 = $(call test_programs,$(FAST_TESTS))
TEST_GOALS.tsan	 = $(call test_programs,$(RACE_TESTS))
TEST_GOALS.fuzz	 = $(call test_programs,$(FUZZERS))

CMOCKA_LIBS = $(shell pkg-config --libs cmocka)
RIG_OBJECTS = $(call objects,$(sort $(wildcard tests/rig/*.c)))

$(O)/tests/rig.a: $(RIG_OBJECTS)
	$(call say,AR)rm -f $@ && ar rcs $@ $^

$(O)/tests/%_test: $(O)/tests/%_test.o $(O)/tests/rig.a $(O)/libweft.a
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(DAEMON_LIBS) $(CMOCKA_LIBS) -lpthread -o $@

# A program's own code, all but its main().
$(O)/tests/unit/ctl/%_test: $(O)/tests/unit/ctl/%_test.o \
		$(call objects,$(filter-out ctl/main.c,$(CTL_SRC)) $(CTL_LIB_SRC))
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(CTL_LIBS) $(CMOCKA_LIBS) -lpthread -o $@

$(O)/tests/unit/daemon/%_test: $(O)/tests/unit/daemon/%_test.o $(O)/tests/rig.a \
		$(call objects,$(filter-out daemon/main.c,$(DAEMON_SRC))) $(O)/libweft.a
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(DAEMON_LIBS) $(CMOCKA_LIBS) -lpthread -o $@

# What a system test runs beside the daemon.
$(O)/tests/sys/live_stream: $(O)/tests/sys/live_stream.o $(O)/tests/rig.a $(O)/libweft.a
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(DAEMON_LIBS) -lpthread -o $@

# The CLI's parsers are fuzzed too, hence both programs' libraries.
$(O)/tests/fuzz/%_fuzz: $(O)/tests/fuzz/%_fuzz.o $(O)/tests/rig.a $(O)/libweft.a
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) -fsanitize=fuzzer $^ $(DAEMON_LIBS) -lpthread -o $@

$(O)/tests/fuzz/ctl_%_fuzz: $(O)/tests/fuzz/ctl_%_fuzz.o \
		$(call objects,$(filter-out ctl/main.c,$(CTL_SRC)) $(CTL_LIB_SRC))
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) -fsanitize=fuzzer $^ $(CTL_LIBS) -lpthread -o $@

.PRECIOUS: $(O)/%.o
.PHONY: test-programs
test-programs: $(TEST_GOALS.$(VARIANT))

# $(call build,VARIANT): goes on after an error, so that one broken file hides no other result.
build = $(MAKE) -k --no-print-directory $(if $(filter -j%,$(MAKEFLAGS)),,-j$(JOBS)) \
	VARIANT=$(1) $(if $(filter fuzz,$(1)),CC=clang) test-programs || broken="$$broken build=$(1)"
# $(call jobs,KIND,VARIANT,SOURCES)
jobs  = $(patsubst %.c,$(1)@$(2)=$(B)/$(2)/%,$(3))
fast_jobs = $(call jobs,$(1),plain,$(call tests_in,$(1))) $(call jobs,$(1),asan,$(call tests_in,$(1)))
RACE_JOBS = $(call jobs,race,plain,$(RACE_TESTS)) $(call jobs,race,tsan,$(RACE_TESTS))
FUZZ_JOBS = $(patsubst %.c,fuzz=$(B)/fuzz/%,$(FUZZERS))
SYS_JOBS  = $(addprefix sys=,$(SYS_TESTS))
# $(call judge,JOBS)
judge = V=$(V) FUZZ_SECONDS=$(FUZZ_SECONDS) WEFT_BIN='$(abspath $(B)/plain)' \
	LINT_MAKEFLAGS='B=$(B) V=$(V)' tests/run -j $(JOBS) -o $(B)/tests $$broken $(1)

.PHONY: check check-run check-unit check-graph check-spec check-race check-sys fuzz
check: ## everything: install what is missing, build, test, lint
	@tools/missing check 2>/dev/null || $(MAKE) --no-print-directory deps check-deps
	@tools/missing check
	+@status=0; $(MAKE) --no-print-directory check-run || status=$$?; $(give_back); exit $$status

check-run:
	+@broken=; $(call build,plain); $(call build,asan); $(call build,tsan); $(call build,fuzz); \
	$(call judge,$(addprefix lint=,$(LINT_CHECKS)) $(call fast_jobs,unit) \
		$(call fast_jobs,graph) $(call fast_jobs,spec) $(FUZZ_JOBS) $(RACE_JOBS) $(SYS_JOBS))

check-unit: ## unit tests, plain and with ASan + UBSan
check-graph: ## ports to switch in one process, no root
check-spec: ## the clauses of the standards that we claim
check-unit check-graph check-spec:
	+@broken=; $(call build,plain); $(call build,asan); $(call judge,$(call fast_jobs,$(@:check-%=%)))

check-race: ## threads against one another, plain and with TSan
	+@broken=; $(call build,plain); $(call build,tsan); $(call judge,$(RACE_JOBS))

check-sys: ## the programs in network namespaces; needs root
	+@broken=; $(call build,plain); $(call judge,$(SYS_JOBS))

.PHONY: graph
graph: $(O)/weftd ## print the graph of stations; docs/graph.txt is held against it
	@$< --graph

fuzz: ## each fuzz target for FUZZ_SECONDS=30 with ASan + UBSan
	+@broken=; $(call build,fuzz); $(call judge,$(FUZZ_JOBS))

include mk/lint.mk
