# SPDX-License-Identifier: Apache-2.0
# The main job on real input, from a machine that has nothing installed yet.

.PHONY: demo
demo: ## install what is missing, build, show the main job
	@$(MAKE) --no-print-directory deps
	+@$(MAKE) --no-print-directory all
	@status=0; BIN=$(B)/plain examples/demo.sh || status=$$?; $(give_back); exit $$status
