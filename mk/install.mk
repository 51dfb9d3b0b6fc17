# SPDX-License-Identifier: Apache-2.0
# What the machine needs (Debian's names), and where what was built goes.

BUILD_PKGS = gcc clang make libc6-dev pkg-config libmicrohttpd-dev libjansson-dev libyaml-dev libsqlite3-dev \
	     liburcu-dev libpcap-dev libnl-3-dev libcap-ng-dev libbpf-dev \
	     libcurl4-gnutls-dev|libcurl4-openssl-dev
# What the demo looks with.
DEMO_PKGS  = iproute2 iputils-ping tcpdump netsniff-ng nftables procps util-linux
CHECK_PKGS = libcmocka-dev clang libclang-rt-14-dev clang-format clang-tidy cppcheck shellcheck git curl \
	     busybox-static crun iperf3 lxc podman valgrind mandoc zsh fish bash-completion debhelper \
	     dpkg-dev lintian python3 python3-yaml python3-jsonschema python3-prometheus-client
# Virtual machines and drivers that nobody here wrote.
FOREIGN_PKGS = user-mode-linux qemu-system-x86 dpdk-dev busybox-static
BENCH_PKGS = openvswitch-switch openvswitch-switch-dpdk dpdk-dev user-mode-linux busybox-static \
	     iperf3 iproute2

.PHONY: deps check-deps bench-deps install uninstall
deps: ## install what the build and the demo need
	@packaging/need '$(BUILD_PKGS) $(DEMO_PKGS)'
check-deps: ## install what the tests and lint need besides
	@packaging/need '$(BUILD_PKGS) $(DEMO_PKGS) $(CHECK_PKGS) $(FOREIGN_PKGS)'
	@bash tests/sys/vhost_kernel.sh $(B)/guest-kernel || \
		echo 'no kernel for guests: tests with QEMU will be skipped'
	@bash tests/sys/attach_docker.sh $(B)/docker || \
		echo 'no Docker: tests with its containers will be skipped'
bench-deps: ## install the benches' peers
	@packaging/need '$(BENCH_PKGS)'

PREFIX	?= /usr/local
DESTDIR ?=
BINDIR	?= $(PREFIX)/bin
SBINDIR ?= $(PREFIX)/sbin
LIBDIR	?= $(PREFIX)/lib
SHAREDIR ?= $(PREFIX)/share

# FILE:PLACE[:MODE], of all that is installed as it is.
INSTALLED = \
	$(O)/weft:$(BINDIR)/weft:755 \
	$(O)/weftd:$(SBINDIR)/weftd:755 \
	packaging/man/weft.1:$(SHAREDIR)/man/man1/weft.1 \
	packaging/man/weft-lab.5:$(SHAREDIR)/man/man5/weft-lab.5 \
	packaging/man/weftd.8:$(SHAREDIR)/man/man8/weftd.8 \
	packaging/completion/weft.bash:$(SHAREDIR)/bash-completion/completions/weft \
	packaging/completion/_weft:$(SHAREDIR)/zsh/site-functions/_weft \
	packaging/completion/weft.fish:$(SHAREDIR)/fish/vendor_completions.d/weft.fish \
	packaging/weft.sysusers:$(LIBDIR)/sysusers.d/weft.conf \
	packaging/weft.tmpfiles:$(LIBDIR)/tmpfiles.d/weft.conf \
	$(foreach f,$(wildcard examples/*.yaml),$(f):$(SHAREDIR)/doc/weft/$(f))
UNIT	  = $(LIBDIR)/systemd/system/weftd.service

word_of	   = $(word $(1),$(subst :, ,$(2)))
install_one = install -D -m $(or $(call word_of,3,$(1)),644) $(call word_of,1,$(1)) \
	'$(DESTDIR)$(call word_of,2,$(1))'

install: all ## install under DESTDIR and PREFIX=/usr/local, with a systemd unit
	@$(foreach f,$(INSTALLED),$(call install_one,$(f)) &&) :
	@mkdir -p '$(DESTDIR)$(dir $(UNIT))'
	@sed 's|@SBINDIR@|$(SBINDIR)|' packaging/weftd.service >'$(DESTDIR)$(UNIT)'
	@chmod 644 '$(DESTDIR)$(UNIT)'
	@echo 'installed under $(DESTDIR)$(PREFIX)'
	@[ -n '$(DESTDIR)' ] || packaging/settle

uninstall: ## remove what install put there; labs and state stay
	@rm -f $(foreach f,$(INSTALLED),'$(DESTDIR)$(call word_of,2,$(f))') '$(DESTDIR)$(UNIT)'
	@rmdir '$(DESTDIR)$(SHAREDIR)/doc/weft/examples' '$(DESTDIR)$(SHAREDIR)/doc/weft' 2>/dev/null || :
