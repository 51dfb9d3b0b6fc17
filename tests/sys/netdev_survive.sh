#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Attached devices that vanish and come back, daemons that are killed: the port goes on, and what
# nobody attaches any more is given back.
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/sys/netdev_lib.sh
. tests/sys/netdev_lib.sh
alone "$@"
# shellcheck source=tests/sys/cli_lib.sh
. tests/sys/cli_lib.sh
plan 24

wired blue 10.77.1.2/24
wired red 10.77.1.3/24
for d in blue red; do
	ip link set $d up
	ip link set $d down
done
BEFORE=$(devices)
told() { grep -q "$1" "$DIR/weftd.log"; }

start_daemon
weft switch add s1 >/dev/null
weft host add a --switch s1 --address 10.77.1.1/24 >/dev/null
weft port add blue --switch s1 --type netdev --device blue >/dev/null
weft port add red --switch s1 --type netdev --device red >/dev/null
await reaches blue 10.77.1.3
verdict $? "two devices are attached"

crash
check "a daemon that is killed leaves programs on them" 0 '*weft_from_dev*' \
	tc filter show dev blue ingress
check "but no TAP" 1 '*' ip link show weft0
start_daemon
await reaches blue 10.77.1.3
verdict $? "the next one attaches them again"
same "and once" "$(tc filter show dev blue ingress | grep -c handle)" 1
tc filter add dev red ingress prio 5 bpf da obj "$BIN/bpf/netdev.bpf.o" program weft_gate
kill "$DAEMON"
wait "$DAEMON"
check "a stranger's filter stays on a device, with our qdisc" 0 '*pref 5 bpf*' \
	tc filter show dev red ingress
[[ $OUT != *weft_from_dev* ]]
verdict $? "without ours" "$OUT"
tc qdisc del dev red clsact
same "a daemon that stops puts all back" "$(devices)" "$BEFORE"
start_daemon
await reaches blue 10.77.1.3
verdict $? "and the next one goes on"

in_frames() { weft port show "$1" -o json | python3 -c 'import json, sys
print(json.load(sys.stdin)["status"]["in"]["frames"])'; }
COUNT=$(in_frames blue)
ip link del blue
await told 'port blue is down: there is no device blue in the machine'
verdict $? "a device that vanishes takes the carrier"
check "which the port says" 0 '*"device_lost":*true*' weft port show blue -o json
ip netns del blue
wired blue 10.77.1.2/24
await reaches blue 10.77.1.3
verdict $? "when it comes back it is attached"
[ "$(in_frames blue)" -gt "$COUNT" ]
verdict $? "the port's counters went on"
ip link set blue name azure
await weft port show blue -o json
check "a new name changes nothing" 0 '*1 received*' reaches blue 10.77.1.3
ip link set azure name blue

TAP=$(weft port show red -o json | python3 -c 'import json, sys
print(json.load(sys.stdin)["status"]["through"])')
ip link del "$TAP"
await told 'port red: device red is there'
verdict $? "a TAP that is removed by hand is made anew"
await reaches blue 10.77.1.3
verdict $? "and frames pass again"

# A port is added with its device there, but a daemon takes what there is.
crash
ip link del red
start_daemon
check "a daemon starts without the device" 0 '*"carrier": *false*' weft port show red -o json
ip netns del red
wired red 10.77.1.3/24
await reaches red 10.77.1.2
verdict $? "and attaches it when it is there"

# As if the daemon had died between its promise and the work.
kill -9 "$DAEMON"
wait "$DAEMON" 2>/dev/null
mv "$DIR/state/state.db" "$DIR/old.db"
rm -f "$DIR"/state/state.db-*
ip link set blue up
start_daemon
check "what no port wants is given back" 0 '*device blue of the machine has no port any more*' \
	cat "$DIR/weftd.log"
same "with all that was on it" "$(tc filter show dev blue ingress; tc qdisc show dev red | grep clsact)" ""

# ---- in a namespace that others made, which goes and comes ----
weft switch add s1 >/dev/null
ip netns add far
ip -n far link add in0 type veth peer name out0 netns blue
ip -n blue address add 10.79.0.2/24 dev out0
ip -n blue link set out0 up
weft host add b --switch s1 --address 10.79.0.1/24 >/dev/null
check "a device in another namespace is attached" 0 '*port far: added*' \
	weft port add far --switch s1 --type netdev --netns far --device in0
await reaches blue 10.79.0.1
verdict $? "and its frames pass"
ip netns del far
await told 'port far is down: there is no device in0 in namespace /run/netns/far'
verdict $? "a namespace that goes takes the carrier"
await bash -c '! ip -n blue link show out0'
ip netns add far
ip -n far link add in0 type veth peer name out0 netns blue
ip -n blue address add 10.79.0.2/24 dev out0
ip -n blue link set out0 up
await reaches blue 10.79.0.1
verdict $? "and brings it back"
exit $BAD
