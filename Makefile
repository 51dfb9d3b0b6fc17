# SPDX-License-Identifier: Apache-2.0
#
# Weft. `make help` lists what can be asked for. Everything is built under $(B); one tree per
# variant, so that the plain build, the sanitizers and the fuzzers never disturb each other.

B	?= build
V	?= 0
VARIANT	?= plain
O	:= $(B)/$(VARIANT)

.DEFAULT_GOAL := all
.SUFFIXES:
.DELETE_ON_ERROR:

include mk/flags.mk
include mk/sources.mk
include mk/rules.mk
include mk/install.mk
include mk/demo.mk
include mk/check.mk
include mk/bench.mk

.PHONY: all clean help
all: $(PROGRAMS) ## build weftd and weft
clean: ## remove what was built
	rm -rf $(B)
help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
