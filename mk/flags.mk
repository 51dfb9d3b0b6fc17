# SPDX-License-Identifier: Apache-2.0
# What every object is compiled with, and what a variant adds.

CC	= gcc
# EXTRA_CFLAGS, EXTRA_LDFLAGS: a packager's own.
WARN	= -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith -Wvla \
	  -Wundef -Wno-missing-field-initializers -Werror
CPPFLAGS = -I. -D_GNU_SOURCE -DWEFT_VERSION='"$(VERSION)"'
CFLAGS	= -std=gnu17 -O2 -g -fno-strict-aliasing $(WARN) $(EXTRA_CFLAGS)
LDFLAGS	= $(EXTRA_LDFLAGS)
VERSION	:= $(shell cat VERSION)

ifeq ($(VARIANT),asan)
CFLAGS	+= -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -O1 -DWEFT_DEBUG=1
LDFLAGS	+= -fsanitize=address,undefined
endif
ifeq ($(VARIANT),tsan)
CFLAGS	+= -fsanitize=thread -O1
LDFLAGS	+= -fsanitize=thread
endif
ifeq ($(VARIANT),fuzz)
CC	= clang
CFLAGS	+= -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all -O1 -DWEFT_DEBUG=1
LDFLAGS	+= -fsanitize=address,undefined
endif

DAEMON_PKGS = libmicrohttpd jansson sqlite3 liburcu-qsbr libpcap libnl-3.0 libcap-ng libbpf
CTL_PKGS    = jansson yaml-0.1 libcurl
PKG_CFLAGS := $(shell pkg-config --cflags $(DAEMON_PKGS) $(CTL_PKGS) 2>/dev/null)
DAEMON_LIBS := $(shell pkg-config --libs $(DAEMON_PKGS) 2>/dev/null)
CTL_LIBS    := $(shell pkg-config --libs $(CTL_PKGS) 2>/dev/null)
CPPFLAGS   += $(PKG_CFLAGS)
