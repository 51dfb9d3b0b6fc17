#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# 200 hosts on 10 switches in a row; 1,000 ports on one switch; and all of it gone again.
cd "$(dirname "$0")/../.." || exit 1
[ -n "${INNER:-}" ] || exec env INNER=1 unshare -n -m -- "$0" "$@"
# shellcheck source=tests/sys/cli_lib.sh
. tests/sys/cli_lib.sh
plan 12
ip link set lo up

# took SENTENCE SECONDS BEGIN STATUS
took() {
	local s
	s=$(awk -v a="$3" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.2f", b - a }')
	echo "# $1: $s s"
	[ "$4" = 0 ] && awk -v t="$s" -v l="$2" 'BEGIN { exit !(t < l) }'
	verdict $? "$1 in less than $2 s" "status $4, $s s" "$ERR"
}
# within SENTENCE SECONDS COMMAND ...
within() {
	local sentence=$1 limit=$2 begin=$EPOCHREALTIME
	shift 2
	run "$@"
	took "$sentence" "$limit" "$begin" "$STATUS"
}
no_more_descriptors() { [ "$(descriptors)" -le "$FDS" ]; }
descriptors() { find "/proc/$DAEMON/fd" -mindepth 1 | wc -l; }

{
	echo "lab: many"
	echo "switches:"
	for s in $(seq 0 9); do echo "  s$s: {}"; done
	echo "links:"
	for s in $(seq 0 8); do echo "  l$s: { a: s$s, b: s$((s + 1)) }"; done
	echo "hosts:"
	for h in $(seq 0 199); do
		echo "  h$h: { switch: s$((h % 10)), address: 10.77.$((h / 100)).$((h % 100 + 1))/16 }"
	done
} >"$DIR/hosts.yaml"
{
	echo "lab: wide"
	echo "switches: { s: {} }"
	echo "ports:"
	for p in $(seq 1000); do echo "  p$p: { switch: s }"; done
} >"$DIR/ports.yaml"

start_daemon
LINKS=$(ip -br link | sort)
FDS=$(descriptors)
within "200 hosts on 10 switches are up" 60 weft up "$DIR/hosts.yaml"
soon "the first reaches the last, nine links away" 0 '*1 received*' \
	weft host exec h0 -- ping -c 1 -W 5 10.77.1.100
kill -9 "$DAEMON"
wait "$DAEMON" 2>/dev/null
BEGIN=$EPOCHREALTIME
start_daemon
took "after a crash they are up again" 60 "$BEGIN" 0
soon "and reach one another" 0 '*1 received*' weft host exec h199 -- ping -c 1 -W 5 10.77.0.1
within "they go" 60 weft down many
[ ! -e "$DIR/run/netns" ]
verdict $? "no namespace is left"

within "1,000 ports on one switch are up" 60 weft up "$DIR/ports.yaml"
same "each has its device" "$(ip -br link | grep -c '^weft')" 1000
within "they go" 60 weft down wide
same "no device is left" "$(ip -br link | sort)" "$LINKS"
# A client that had gone may still have had one at the first count.
soon "no descriptor is left open" 0 '*' no_more_descriptors
check "the daemon is well" 0 '*' weft status
exit $BAD
