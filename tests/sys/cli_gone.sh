#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What goes leaves nothing behind: stations behind a cut link, captures of a port that is removed,
# and another daemon's hosts when a second one is started by mistake.
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/sys/cli_lib.sh
. tests/sys/cli_lib.sh
plan 10
start_daemon
weft up examples/vlan-campus.yaml >/dev/null
eventually weft host exec a -- ping -c 1 -W 2 10.0.0.5 >/dev/null

check "stations are known behind a whole link" 0 '*trunk.a*' weft fdb list --port trunk.a
weft link set trunk up false >/dev/null
check "behind a cut one none is" 0 '[]*' weft fdb list --port trunk.a -o json
check "and none at its other end" 0 '[]*' weft fdb list --port trunk.b -o json
weft link set trunk up true >/dev/null
soon "mended, it carries again" 0 '*1 received*' weft host exec a -- ping -c 1 -W 2 10.0.0.5

timeout -k 1 60 weft capture b.eth0 -w "$DIR/b.pcap" 2>/dev/null &
CAPTURE=$!
eventually [ -s "$DIR/b.pcap" ]
weft host remove b >/dev/null
wait "$CAPTURE"
verdict $? "a capture ends when its port is removed"

check "a second daemon in one run folder is refused" 1 '*another weftd uses the folder*' \
	weftd --state-dir "$DIR/state2" --run-dir "$DIR/run" --instance "cli$$-2"
check "a second daemon of one instance, too" 1 '*of instance cli'$$' is running already*' \
	weftd --state-dir "$DIR/state2" --run-dir "$DIR/run2" --instance "cli$$"
soon "the first one's hosts are as they were" 0 '*1 received*' \
	weft host exec a -- ping -c 1 -W 2 10.0.0.5
check "without folders it says so and ends" 1 '*the folder /dev/null cannot be made*' \
	weftd --state-dir /dev/null --run-dir "$DIR/run3" --instance "cli$$-3"
check "a group that is not there is told" 124 '*there is no group nosuch: nobody else may use*' \
	timeout 2 weftd --state-dir "$DIR/state4" --run-dir "$DIR/run4" --instance "cli$$-4" \
	--group nosuch
exit "$BAD"
