#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# weft attach netns: any namespace gets a device on a switch; the port outlives it.
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/sys/netdev_lib.sh
. tests/sys/netdev_lib.sh
alone "$@"
# shellcheck source=tests/sys/cli_lib.sh
. tests/sys/cli_lib.sh
plan 45

told() { grep -q "$1" "$DIR/weftd.log"; }
in_frames() { weft port show "$1" -o json | python3 -c 'import json, sys
print(json.load(sys.stdin)["status"]["in"]["frames"])'; }
answers() { weft host exec a -- ping -c 1 -W 1 "$1"; }

start_daemon
weft switch add s1 >/dev/null
weft host add a --switch s1 --access 10 --address 10.77.1.1/24 >/dev/null
ip netns add blue
check "a namespace is attached by its name" 0 '*port blue.eth0: eth0 of namespace blue is on switch s1*' \
	weft attach netns blue --switch s1 --access 10 --address 10.77.1.2/24 --mac 02:00:00:00:00:77
check "and reached" 0 '*1 received*' answers 10.77.1.2
check "its device is as was said" 0 '*02:00:00:00:00:77*' ip -n blue link show eth0
check "the port is listed" 0 '*blue.eth0*s1*10*eth0*10.77.1.2/24*up*' weft port list
check "to attach it again changes nothing" 0 '*is again on switch s1*' weft attach netns blue
check "but what is given" 0 '*is again*' weft attach netns blue --address 10.77.1.4/24
check "which counts" 0 '*1 received*' answers 10.77.1.4
check "a second device has another name" 0 '*port blue.lan: lan of namespace blue*' \
	weft attach netns blue --switch s1 --name lan
check "and is there" 0 '*lan*' ip -n blue link show lan
weft detach blue.lan >/dev/null
check "until it is detached" 1 '*' ip -n blue link show lan

ip -n blue link add taken type veth peer name other
check "a name that is taken there is refused" 1 \
	'*device taken exists already in namespace /run/netns/blue*not Weft*' \
	weft attach netns blue --switch s1 --name taken
check "so is a namespace that is not there" 1 '*there is no namespace red*' \
	weft attach netns red --switch s1
check "a file that is none" 1 '*/etc/passwd is no network namespace*' \
	weft attach netns /etc/passwd --switch s1
check "a process that is not there" 1 '*there is no process 999999999*' \
	weft attach netns 999999999 --switch s1
check "one without a network of its own" 1 "*has no network of its own, only the machine's*" \
	weft attach netns $$ --switch s1
check "a switch that is not there" 1 '*there is no switch s9*' weft attach netns blue --switch s9 \
	--name eth9
check "no switch at all" 1 "*'switch' is missing*" weft attach netns blue --name eth9
check "a port that is something else" 1 '*port a.eth0 is something else*' \
	weft attach netns blue --port a.eth0 --switch s1

# ---- a namespace that goes and comes ----
COUNT=$(in_frames blue.eth0)
ip netns del blue
await told 'port blue.eth0 is down: its device eth0 is gone with namespace /run/netns/blue'
verdict $? "a namespace that goes takes the carrier"
check "and is not there to be attached" 1 '*there is no namespace blue*' weft attach netns blue
ip netns add blue
await answers 10.77.1.4
verdict $? "when it comes back it is plugged in"
[ "$(in_frames blue.eth0)" -gt "$COUNT" ]
verdict $? "and the port's counters go on"
crash
check "a daemon that is killed leaves the device" 0 '*10.77.1.4/24*' ip -n blue address show eth0
ip netns del blue
start_daemon
check "one that starts without the namespace" 0 '*"carrier": *false*' weft port show blue.eth0 -o json
ip netns add blue
await answers 10.77.1.4
verdict $? "waits for it"
ip netns add unseen
ln -s blue /run/netns/twin
crash
start_daemon
check "a second name of a namespace harms nothing" 0 '*1 received*' answers 10.77.1.4

# ---- a process ----
unshare -n sleep 1000 &
P=$!
await bash -c "[ \$(readlink /proc/$P/ns/net) != \$(readlink /proc/$$/ns/net) ]"
check "a process's namespace is attached" 0 '*port p.0: eth0 of namespace*' \
	weft attach netns $P --port p.0 --switch s1 --access 10 --address 10.77.1.7/24
check "and reached" 0 '*1 received*' answers 10.77.1.7
check "the daemon knows when it started" 0 "*\"pid:$P:*" weft port show p.0 -o json
crash
start_daemon
check "and finds it again" 0 '*1 received*' answers 10.77.1.7
check "its path in /proc is the same" 0 '*is again*' weft attach netns /proc/$P/ns/net --port p.0
kill $P
await told 'port p.0 is down'
verdict $? "when it ends the carrier goes"
check "the port is moved to another namespace" 0 '*is again on switch s1*' \
	weft attach netns unseen --port p.0
check "and reached there" 0 '*1 received*' answers 10.77.1.7
check "what was attached is detached" 0 '*port blue.eth0: removed*' weft detach blue
check "and no device is left" 1 '*' ip -n blue link show eth0

# ---- names that no port can have, and other ways onto a switch ----
ip netns add my.ns
check "a trunk, under another device's name" 0 '*port my-ns.lan0: lan0 of namespace my.ns *' \
	weft attach netns my.ns --switch s1 --trunk 10,20 --native 10 --name lan0
check "is one" 0 '*my-ns.lan0*s1*10,20*10*lan0*up*' weft port list
check "it is detached by the name that it was attached by" 0 '*port my-ns.lan0: removed*' \
	weft detach my.ns
weft attach netns /run/netns/my.ns --switch s1 >/dev/null
check "or by its path" 0 '*port my-ns.eth0: removed*' weft detach /run/netns/my.ns
ip netns add my-ns
weft attach netns my-ns --switch s1 >/dev/null
weft attach netns unseen --switch s1 --port my.ns --name lan1 >/dev/null
check "a port of that very name comes first" 0 'port my.ns: removed*' weft detach my.ns
check "and alone" 0 '*port my-ns.eth0: removed*' weft detach my-ns
unshare -n sleep 1000 &
P=$!
await bash -c "[ \$(readlink /proc/$P/ns/net) != \$(readlink /proc/$$/ns/net) ]"
check "a path in /proc is its process's" 0 "*port $P.eth0: eth0 of namespace /proc/$P/ns/net*" \
	weft attach netns /proc/$P/ns/net --switch s1
check "which is detached by it" 0 "*port $P.eth0: removed*" weft detach /proc/$P/ns/net
kill $P
check "what is not attached is not detached" 1 '*nothing of blue is attached*' weft detach blue
exit $BAD
