# SPDX-License-Identifier: Apache-2.0
# `make lint`: one goal a check, each of them silent when all is well. tests/run counts them.

# The longest first.
LINT_CHECKS = tidy cppcheck headers tools layers hotpath sizes marks format shell

C_FILES	     = $(shell tools/files c h)
PRODUCT_SRC := $(LIB_SRC) $(DAEMON_SRC) $(CTL_SRC)

.PHONY: lint $(addprefix lint-,$(LINT_CHECKS))
lint: ## layers, hot path, sizes, layout, analysers
	+@broken=; $(call judge,$(addprefix lint=,$(LINT_CHECKS)))

lint-tools: # the checkers of this tree see what they are for
	@tools/selftest

lint-layers: # who may include whom
	@tools/layers

lint-hotpath: $(filter %_node.o,$(call objects,$(LIB_SRC))) # no malloc, lock, log, clock, I/O
	@tools/hotpath $(O) $^

lint-sizes: # where a file or function ends
	@tools/sizes

lint-marks: # SPDX lines, left marks, dead code, executable bits
	@tools/marks

lint-headers: # each header compiles alone
	@tools/files h | xargs -r -P $(JOBS) -I{} \
		$(CC) $(CPPFLAGS) $(CFLAGS) -fsyntax-only -x c -include {} /dev/null

lint-format: # the layout's law is .clang-format
	@clang-format --dry-run -Werror $(C_FILES)

lint-shell:
	@tools/files --shell | xargs -r shellcheck --external-sources --exclude=SC2317 # a trap's functions

# cppcheck reads no library's headers, so it is told what their loops are.
JSON_LOOPS = -D'json_array_foreach(a,i,v)=for (i = 0; (v = json_array_get(a, i)); i++)' \
	-D'json_object_foreach(o,k,v)=for (k = ""; (v = json_object_get(o, k));)' \
	-D'json_object_foreach_safe(o,n,k,v)=for (n = 0, k = ""; (v = json_object_get(o, k));)'
lint-cppcheck:
	@mkdir -p $(B)/lint/cppcheck
	@cppcheck --quiet -j $(JOBS) --enable=warning,performance,portability --inline-suppr \
		--error-exitcode=1 --library=posix,gnu --cppcheck-build-dir=$(B)/lint/cppcheck \
		--suppressions-list=tools/cppcheck.txt -I. -D_GNU_SOURCE \
		$(JSON_LOOPS) $(PRODUCT_SRC)

# The analyser takes its time, so it looks only at what changed. It also says what clang would.
TIDY_OPTS = --quiet --warnings-as-errors='*'
$(B)/lint/%.tidy: %.c $(O)/%.o .clang-tidy
	@mkdir -p $(@D)
	$(call say,TIDY)clang-tidy $(TIDY_OPTS) $< -- -include tools/tidy.h $(CPPFLAGS) $(CFLAGS) \
		-Wthread-safety >$@.log 2>&1 || \
		{ grep -E '(error|warning): ' $@.log; echo "  the way there: $@.log"; exit 1; }
	@touch $@
lint-tidy: $(patsubst %.c,$(B)/lint/%.tidy,$(PRODUCT_SRC))
