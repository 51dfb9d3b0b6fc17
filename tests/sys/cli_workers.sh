#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# weft worker list; ports that are pinned to a worker and moved while frames flow.
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/sys/cli_lib.sh
. tests/sys/cli_lib.sh
plan 23
start_daemon --workers 2
weft switch add s1 >/dev/null
weft host add a --switch s1 --address 10.77.4.1/24 >/dev/null
weft host add b --switch s1 --address 10.77.4.2/24 >/dev/null

# json FILTER COMMAND ...: what a Python expression about `it` says.
json() { "${@:2}" -o json | python3 -c "import json,sys; it = json.load(sys.stdin); print($1)"; }
on() { json 'it["status"]["workers"]' weft port show "$1"; }
together() { json 'sorted(q["port"] for w in it for q in w["queues"])' weft worker list; }

check "each worker has a line" 0 'WORKER*BUSY %*CYCLES/FRAME*WAKE-UPS/S*QUEUES*0 *1 *' weft worker list
same "all queues are on one of them" "$(together)" "['a.eth0', 'b.eth0']"
same "ports are spread" "$(json 'sorted(w["ports"] for w in it)' weft worker list)" "[1, 1]"
check "so they are for YAML" 0 '*worker: 0*worker: 1*' weft worker list -o yaml
check "a port tells who serves it" 0 '*workers*' weft port show a.eth0

check "a port is pinned" 0 '*a.eth0*' weft port set a.eth0 worker 1
same "and moves there" "$(on a.eth0)" "[1]"
check "to the other one" 0 '*a.eth0*' weft port set a.eth0 worker 0
same "it moves, too" "$(on a.eth0)" "[0]"
same "all queues are still on one of them" "$(together)" "['a.eth0', 'b.eth0']"
check "one that is not there is refused" 1 '*there is no worker 2, the last one is 1*--workers*' \
	weft port set a.eth0 worker 2
check "what is no number, too" 1 '*worker*0 to 15*' weft port set a.eth0 worker first
check "it may be anywhere again" 0 '*a.eth0*' weft port set a.eth0 worker none
same "then it stays for now" "$(on a.eth0)" "[0]"
weft port add many --switch s1 --queues 4 --worker 1 >/dev/null
same "all queues of a new one go where it is pinned" "$(on many)" "[1, 1, 1, 1]"
weft port add more --switch s1 --queues 2 >/dev/null
same "those of one that is not go where there are fewest" "$(on more)" "[0, 0]"

# Back and forth under it: no frame is lost. Its answers come through a port that moves, too.
weft host exec a -- ping -q -i 0.002 -c 1500 -W 5 10.77.4.2 >"$DIR/ping" 2>&1 &
PING=$!
moves=0
while kill -0 $PING 2>/dev/null; do
	weft port set a.eth0 worker $((moves % 2)) >/dev/null
	weft port set b.eth0 worker $((1 - moves % 2)) >/dev/null
	moves=$((moves + 1))
done
wait $PING
same "$moves moves lose no frame" "$(grep -o ', [0-9.]*% packet loss' "$DIR/ping")" ", 0% packet loss"
check "frames were counted" 0 '*' weft worker list
same "by their bursts" \
	"$(json 'all(w["total"]["bursts"] == sum(w["total"]["burst_sizes"].values()) > 0 for w in it)' \
		weft worker list)" True
asleep() { [ "$(json 'all(w["recent"]["busy"] < 5 for w in it)' weft worker list)" = True ]; }
eventually asleep
verdict $? "workers that have nothing to do are not busy" "$(weft worker list)"

weft port set many worker 1 >/dev/null
kill "$DAEMON"
wait "$DAEMON"
start_daemon
check "with fewer workers a port comes up all the same" 0 '*many*up*' weft port list --worker 1
same "on any of those that there are" "$(on many)" "[0, 0, 0, 0]"
check "the next change of it has to tell a worker that there is" 1 '*there is no worker 1*none*' \
	weft port set many access 10
exit "$BAD"
