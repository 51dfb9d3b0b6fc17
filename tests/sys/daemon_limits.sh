#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A daemon with few descriptors: what is made takes all but a rest, and with that rest it goes on
# answering, can be told to take something away, and comes back.
cd "$(dirname "$0")/../.." || exit 1
[ -n "${INNER:-}" ] || exec env INNER=1 unshare -n -m -- "$0" "$@"
# shellcheck source=tests/sys/cli_lib.sh
. tests/sys/cli_lib.sh
plan 10
ip link set lo up
# One that may not give itself more of them.
mkdir -p "$DIR/bin"
cat >"$DIR/bin/weftd" <<-EOF
	#!/bin/sh
	ulimit -n 64
	exec setpriv --bounding-set=-sys_resource $(cd "$BIN" && pwd)/weftd "\$@"
EOF
chmod +x "$DIR/bin/weftd"
PATH=$DIR/bin:$PATH
# Who asks in vain is to be told of soon.
# shellcheck disable=SC2317 # all of these are called by name
ask() { timeout 20 weft "$@"; }
start_daemon
weft switch add s >/dev/null

# shellcheck disable=SC2317
hosts() { ask host add "$1" --switch s --access 10 --address "10.77.3.$((${1#x} + 1))/24"; }
# shellcheck disable=SC2317
guests() { ask port add "g$1" --switch s --type vhost_user; }
fill() {
	local n=0
	while run "$1" "x$n"; [ "$STATUS" = 0 ] && [ $n -lt 64 ]; do n=$((n + 1)); done
	[ $n -gt 0 ] && [[ $ERR == *"Too many open files"* ]]
}

fill hosts
verdict $? "hosts are made until there are no descriptors" "$OUT" "$ERR"
fill guests
verdict $? "and ports for guests" "$OUT" "$ERR"
check "the daemon still answers" 0 'weftd *' ask status
check "half of a lab is not made" 1 '*Too many open files*' ask up examples/vlan-campus.yaml
check "what is there works" 0 '*1 received*' ask host exec x0 -- ping -c 1 -W 20 10.77.3.2
check "hosts can be taken away" 0 '*removed*removed*removed*' \
	sh -c "for h in x2 x3 x4; do timeout 20 weft host remove \$h; done"
check "and another one made" 0 '*added*' \
	ask host add y --switch s --access 10 --address 10.77.3.99/24
kill -KILL "$DAEMON"
wait "$DAEMON" 2>/dev/null
start_daemon
check "a daemon that was killed comes back with all" 0 '*1 received*' \
	ask host exec y -- ping -c 1 -W 20 10.77.3.1
same "and nothing of it has a fault" "$(weft port list -o json | grep -c '"fault"')" 0
kill -KILL "$DAEMON"
wait "$DAEMON" 2>/dev/null
DAEMON=
weftd --state-dir "$DIR/state" --run-dir "$DIR/run" --instance "cli$$" --purge 2>/dev/null
same "a purge leaves nothing of it" "$(ls "$DIR/run")" ""
exit "$BAD"
