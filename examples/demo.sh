#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The main job, shown: brings up examples/vlan-campus.yaml with a daemon of its own, measures who
# reaches whom, looks at the trunk, at what was learnt and dropped, takes everything down and
# compares the machine with what it was before. `sudo make demo` runs it; it exits with 1 if
# anything is not as it should be.
set -euo pipefail
cd "$(dirname "$0")/.."

BIN=${BIN:-build/plain}
DIR=$(mktemp -d /tmp/weft-demo.XXXXXX)
export WEFT_SOCKET=$DIR/run/weft.sock
WEFTD=
FAILED=0

weft() { "$BIN/weft" "$@"; }
say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
wrong() {
	printf 'WRONG: %s\n' "$*"
	FAILED=1
}

# --- the machine, as a person could see it ----------------------------------------------------
# Counters and clocks change by themselves; everything else is compared.
machine() {
	{
		echo "links:"
		ip -o -d link show | sed 's/ qlen [0-9]*//; s/ state [A-Z]*//' | sort
		echo "addresses:"
		ip -o address show | sed 's/ valid_lft .*//'
		echo "routes:"
		ip route show table all
		echo "namespaces:"
		ls -1 /run/netns 2>/dev/null || true
		echo "mounts, those of namespaces among them:"
		cut -d' ' -f5 /proc/self/mountinfo | sort
		echo "nftables:"
		nft list ruleset 2>/dev/null || true
		echo "sysctls:"
		sysctl -a 2>/dev/null | grep '^net\.' |
			grep -v -e nf_conntrack_count -e 'nf_conntrack_.*count' -e tcp_mem || true
	} >"$1"
}

stop_daemon() {
	[ -n "$WEFTD" ] || return 0
	kill "$WEFTD" 2>/dev/null || true
	wait "$WEFTD" 2>/dev/null || true
	WEFTD=
}

# shellcheck disable=SC2317  # called by the trap
cleanup() {
	weft down vlan-campus >/dev/null 2>&1 || true
	stop_daemon
	"$BIN/weftd" --state-dir "$DIR/state" --run-dir "$DIR/run" --instance "demo$$" --log err \
		--purge 2>/dev/null || true
	rm -rf "$DIR"
}
trap cleanup EXIT

if [ "$(id -u)" != 0 ]; then
	echo "demo: network namespaces need root: sudo make demo" >&2
	exit 1
fi
machine "$DIR/before"

say "A daemon of its own, on a private state directory"
"$BIN/weftd" --state-dir "$DIR/state" --run-dir "$DIR/run" --instance "demo$$" --log warn &
WEFTD=$!
for _ in $(seq 200); do
	if weft status >/dev/null 2>&1; then break; fi
	kill -0 "$WEFTD" || { echo "demo: weftd did not start" >&2; exit 1; }
	sleep 0.02
done

say "weft up examples/vlan-campus.yaml"
weft up examples/vlan-campus.yaml
say "weft up again: nothing to change"
weft up examples/vlan-campus.yaml
say "Which port is in which VLAN (U untagged, T tagged)"
weft vlan show

# --- who reaches whom, measured --------------------------------------------------------------
HOSTS=(a b c d e)
declare -A ADDRESS=([a]=10.0.0.1 [b]=10.0.0.2 [c]=10.0.0.3 [d]=10.0.0.4 [e]=10.0.0.5)
declare -A VLAN=([a]=10 [b]=10 [c]=20 [d]=20 [e]=10)

say "The trunk is captured while every host pings every other"
"$BIN/weft" capture trunk.a -w "$DIR/trunk.pcap" &
CAPTURE=$!
for _ in $(seq 100); do
	if [ -s "$DIR/trunk.pcap" ]; then break; fi
	sleep 0.02
done
PINGS=()
for from in "${HOSTS[@]}"; do
	for to in "${HOSTS[@]}"; do
		if [ "$from" = "$to" ]; then continue; fi
		(if weft host exec "$from" -- ping -n -q -c 2 -i 0.2 -W 1 "${ADDRESS[$to]}" \
			>"$DIR/ping.$from.$to" 2>&1; then echo yes; else echo no; fi \
			>"$DIR/reach.$from.$to") &
		PINGS+=($!)
	done
done
wait "${PINGS[@]}"

say "Reachability, measured with ping (ms: round trip, average of two; -: no answer)"
printf '%-6s' 'from'
for to in "${HOSTS[@]}"; do printf '%10s' "$to (${VLAN[$to]})"; done
echo
for from in "${HOSTS[@]}"; do
	printf '%-6s' "$from (${VLAN[$from]})"
	for to in "${HOSTS[@]}"; do
		cell=.
		if [ "$from" != "$to" ]; then
			got=$(cat "$DIR/reach.$from.$to")
			cell=-
			if [ "$got" = yes ]; then
				cell=$(sed -n 's|^rtt .* = [^/]*/\([^/]*\)/.*|\1|p' "$DIR/ping.$from.$to")
			fi
			want=no
			if [ "${VLAN[$from]}" = "${VLAN[$to]}" ]; then want=yes; fi
			[ "$got" = "$want" ] || wrong "$from to $to: wanted $want, measured $got"
		fi
		printf '%10s' "$cell"
	done
	echo
done

say "What crossed the trunk: tags of both VLANs, nothing untagged"
sleep 0.3 # the last frames are on their way to the file
kill "$CAPTURE" 2>/dev/null || true
wait "$CAPTURE" 2>/dev/null || true
tcpdump -e -n -r "$DIR/trunk.pcap" 2>/dev/null >"$DIR/trunk.txt" || true
grep -m 2 'vlan 10,.*ICMP echo request' "$DIR/trunk.txt" || wrong "no ping with tag 10 on the trunk"
grep -m 2 'vlan 20,.*ICMP echo request' "$DIR/trunk.txt" || wrong "no ping with tag 20 on the trunk"
all=$(wc -l <"$DIR/trunk.txt")
untagged=$(grep -cv '802.1Q' "$DIR/trunk.txt" || true)
printf '%s frames captured: %s with VLAN 10, %s with VLAN 20, %s untagged\n' "$all" \
	"$(grep -c 'vlan 10,' "$DIR/trunk.txt")" "$(grep -c 'vlan 20,' "$DIR/trunk.txt")" "$untagged"
[ "$untagged" = 0 ] || wrong "untagged frames on a trunk without native VLAN"

say "A tagged frame on an access port, a reserved address: dropped by name"
weft host exec a -- trafgen --dev eth0 --num 3 --cpus 1 --no-sock-mem \
	'{ 0x02,0,0,0,0,9, 0x02,0,0,0,0,8, 0x81,0, 0,20, 0x08,0, fill(0,46) }' >/dev/null 2>&1 ||
	wrong "trafgen could not send"
weft host exec c -- trafgen --dev eth0 --num 2 --cpus 1 --no-sock-mem \
	'{ 0x01,0x80,0xc2,0,0,0, 0x02,0,0,0,0,8, 0x08,0, fill(0,46) }' >/dev/null 2>&1 ||
	wrong "trafgen could not send"

say "Stations that were learnt, each in its VLAN"
weft fdb list
say "What was dropped, where and why"
weft drops
weft drops -o json | grep -q 'tagged frame on an access port' ||
	wrong "the tagged frame on an access port was not counted"

say "weft down vlan-campus"
weft down vlan-campus
stop_daemon
"$BIN/weftd" --state-dir "$DIR/state" --run-dir "$DIR/run" --instance "demo$$" --log warn --purge

say "The machine before and after: links, addresses, routes, namespaces, mounts, nftables, sysctls"
# Namespaces and devices are freed by the kernel in its own time: wait for the last of them.
same=no
for _ in $(seq 50); do
	machine "$DIR/after"
	if cmp -s "$DIR/before" "$DIR/after"; then
		same=yes
		break
	fi
	sleep 0.1
done
if [ "$same" = yes ]; then
	echo "the same ($(wc -l <"$DIR/before") lines compared)"
else
	diff "$DIR/before" "$DIR/after" || true
	wrong "the machine is not as it was"
fi
if [ "$FAILED" = 0 ]; then
	printf '\nEverything measured is as it should be.\n'
fi
exit "$FAILED"
