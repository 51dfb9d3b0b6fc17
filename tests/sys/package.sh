#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The Debian package: built, looked at, installed, upgraded, removed and purged, in a throw-away
# root (this machine's own file system under a layer that is forgotten) and a network of its own.
# shellcheck disable=SC2317 # what check() is given is reached
cd "$(dirname "$0")/../.." || exit 1
[ -n "${INNER:-}" ] || exec env INNER=1 unshare -n -m -- "$0" "$@"
for tool in dpkg-buildpackage dh dh_installsysusers; do
	command -v $tool >/dev/null || { echo "1..0 # SKIP no $tool"; exit 0; }
done
DIR=$(mktemp -d /tmp/weft-package.XXXXXX)
ROOT=$DIR/root
BAD=0
N=0

cleanup() {
	[ -z "${DAEMON:-}" ] || kill "$DAEMON" 2>/dev/null
	umount -R "$ROOT" 2>/dev/null
	umount "$DIR/layer" 2>/dev/null
	rm -rf --one-file-system "$DIR"
}
trap cleanup EXIT
trap 'exit 143' TERM INT

# check SENTENCE COMMAND ...
check() {
	N=$((N + 1))
	local sentence=$1
	shift
	if "$@" >"$DIR/out" 2>&1; then
		echo "ok $N - $sentence"
	else
		echo "not ok $N - $sentence"
		tail -n 20 "$DIR/out" | sed 's/^/# /'
		BAD=1
	fi
}

build() {
	mkdir "$DIR/source" && tools/files | tar -cf - -T - | tar -xf - -C "$DIR/source" &&
		cd "$DIR/source" && timeout 500 dpkg-buildpackage -us -uc -b && cd - || return 1
	mv "$DIR"/weft_*_*.deb "$DIR/old.deb"
}

# The same once more under a higher version, as an upgrade has it.
newer() {
	dpkg-deb -R "$DIR/old.deb" "$DIR/newer" &&
		sed -i 's/^Version: .*/&+next/' "$DIR/newer/DEBIAN/control" &&
		dpkg-deb -b "$DIR/newer" "$DIR/new.deb"
}

make_root() {
	mkdir -p "$DIR/layer" "$ROOT" && mount -t tmpfs layer "$DIR/layer" &&
		mkdir "$DIR/layer/upper" "$DIR/layer/work" &&
		mount -t overlay root -o "lowerdir=/,upperdir=$DIR/layer/upper,workdir=$DIR/layer/work" \
			"$ROOT" &&
		mount --rbind /dev "$ROOT/dev" && mount --make-rslave "$ROOT/dev" &&
		mount -t proc proc "$ROOT/proc" && mount -t tmpfs run "$ROOT/run" &&
		mount -t sysfs sys "$ROOT/sys" && rm -rf "$ROOT/var/lib/weft" && cp "$DIR"/*.deb "$ROOT/"
}

# Nothing of the machine's own Weft, should it have one.
inside() { env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root chroot "$ROOT" "$@"; }

start() {
	(exec env -i PATH=/usr/sbin:/usr/bin chroot "$ROOT" weftd) >>"$DIR/weftd.log" 2>&1 &
	DAEMON=$!
	for _ in $(seq 500); do
		if inside weft status >/dev/null 2>&1; then return 0; fi
		sleep 0.02
	done
	cat "$DIR/weftd.log"
	return 1
}

stop() {
	kill "$DAEMON"
	wait "$DAEMON"
	DAEMON=
}

has() { inside weft "$1" list | grep -q "$2"; }
labs_only() { [ ! -e "$ROOT/run/weft/netns/h" ] && [ -e "$ROOT/var/lib/weft/state.db" ]; }
nothing_left() {
	! inside dpkg-query -W weft 2>/dev/null | grep . &&
		! find "$ROOT"/{usr,lib,etc,var} -newer "$DIR/old.deb" -name '*weft*' | grep .
}

echo 1..15
check "the package is built" build
if command -v lintian >/dev/null; then
	check "lintian finds no error" lintian --allow-root --fail-on error "$DIR"/old.deb
else
	N=$((N + 1))
	echo "ok $N - lintian finds no error # SKIP no lintian"
fi
check "a newer one is made" newer
check "a throw-away root is there" make_root
[ "$BAD" = 0 ] || exit 1
check "it installs" inside dpkg --install old.deb
check "the group is there" inside getent group weft
check "the daemon starts" start
inside weft switch add s >/dev/null
check "a host is made" inside weft host add h --switch s
check "it upgrades while the daemon runs" inside dpkg --install new.deb
stop
check "the new daemon starts" start
check "the host is still there" has host h
stop
check "it is removed" inside dpkg --remove weft
check "and its namespaces with it, the labs stay" labs_only
check "it is purged" inside dpkg --purge weft
check "and nothing is left" nothing_left
exit "$BAD"
