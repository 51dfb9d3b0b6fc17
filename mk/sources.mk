# SPDX-License-Identifier: Apache-2.0
# Sources are found by folder: a new file needs no line here, a new folder one word.

# In the order of the layers, lowest first: see tools/layers.
LIB_DIRS    = base packet virtio api dataplane control ports ports/tap ports/netdev ports/vhost_user ports/memory ports/pcap \
	      ports/cable vswitch $(addprefix vswitch/,vlan stations policy limits mirror loops trace) link host
DAEMON_DIRS = daemon
CTL_DIRS    = ctl

sources	    = $(sort $(foreach d,$(1),$(wildcard $(d)/*.c)))
objects	    = $(patsubst %.c,$(O)/%.o,$(1))

# Programs for the kernel, as data in the daemon.
BPF_OBJECT := $(O)/bpf/embed.o

# The list of stations is the daemon's, and the tests run it too.
LIB_SRC	   := $(call sources,$(LIB_DIRS)) daemon/graph.c
DAEMON_SRC := $(filter-out $(LIB_SRC),$(call sources,$(DAEMON_DIRS)))
CTL_SRC	   := $(call sources,$(CTL_DIRS))
# What the CLI shares with the daemon: no thread, no privilege, no model.
CTL_LIB_SRC := $(filter-out base/rcu.c,$(call sources,base api))

PROGRAMS   := $(O)/weftd $(O)/weft
