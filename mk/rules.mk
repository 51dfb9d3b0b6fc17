# SPDX-License-Identifier: Apache-2.0
# How a source becomes an object and objects a program.

# What `sudo make` built belongs to who said sudo, so that a later `make` can go on with it.
give_back = [ -z "$$SUDO_UID" ] || [ ! -d $(B) ] || chown -R "$$SUDO_UID:$$SUDO_GID" $(B)

ifeq ($(V),0)
say	= @printf '  %-6s %s\n' $(1) $@;
else
say	=
endif

$(O)/%.o: %.c mk/flags.mk
	@mkdir -p $(@D)
	$(call say,CC)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

# For the kernel's eBPF machine, whatever the variant; embed.S makes data of it.
MULTIARCH := $(shell gcc -print-multiarch 2>/dev/null)
$(O)/bpf/%.bpf.o: bpf/%.bpf.c mk/rules.mk
	@mkdir -p $(@D)
	$(call say,BPF)clang -target bpf -g -O2 -Wall -Wextra -Werror -I. $(addprefix -I/usr/include/,$(MULTIARCH)) \
		-MMD -MP -c $< -o $@
$(BPF_OBJECT): bpf/embed.S $(O)/bpf/netdev.bpf.o
	$(call say,AS)$(CC) -Wa,-I$(O) -c $< -o $@

# The daemon's own code as a library, so that tests, fuzzers and benches link what ships.
$(O)/libweft.a: $(call objects,$(LIB_SRC)) $(BPF_OBJECT)
	$(call say,AR)rm -f $@ && ar rcs $@ $^

$(O)/weftd: $(call objects,$(DAEMON_SRC)) $(O)/libweft.a
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(DAEMON_LIBS) -lpthread -o $@

$(O)/weft: $(call objects,$(CTL_SRC) $(CTL_LIB_SRC))
	$(call say,LD)$(CC) $(CFLAGS) $(LDFLAGS) $^ $(CTL_LIBS) -lpthread -o $@

-include $(shell find $(O) -name '*.d' 2>/dev/null)
