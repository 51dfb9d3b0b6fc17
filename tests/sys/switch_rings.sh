#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Switches cabled in a ring: one cable is blocked and said to be, and takes over when it is needed.
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/sys/cli_lib.sh
. tests/sys/cli_lib.sh
plan 18
start_daemon

event() { # TYPE: the last of it
	curl -sN --max-time 2 --unix-socket "$WEFT_SOCKET" 'http://weft/v1/events?since=0' |
		sed -n 's/^data: //p' | grep "\"$1\"" | tail -n 1
}
budget() { weft drops | grep -c 'storm budget'; }
reach() { weft host exec a -- ping -c 1 -W 5 10.77.2.2; }

for s in s1 s2 s3; do weft switch add $s >/dev/null; done
weft host add a --switch s1 --access 10 --address 10.77.2.1/24 >/dev/null
weft host add b --switch s3 --access 10 --address 10.77.2.2/24 >/dev/null
weft link add l1 --a s1 --b s2 --trunk 10,20 >/dev/null
weft link add l2 --a s2 --b s3 --trunk 10,20 >/dev/null
same "a line of switches has nothing to block" "$(event link.blocked)" ""
check "hosts reach one another along it" 0 '*1 received*' reach
weft link add l3 --a s3 --b s1 --trunk 10,30 >/dev/null
check "a third cable closes a ring, and is blocked where it does" 0 \
	'*link l3 closes a ring between switches s? and s?: blocked in VLAN 10"*' event link.blocked
check "its ends say so" 0 '*blocked*10*' weft port show l3.a
check "hosts reach one another as before" 0 '*1 received*' reach
same "nothing goes round" "$(budget)" 0

weft link set l2 up false >/dev/null
check "when another cable of the ring is cut, it carries" 0 \
	'*link l3 closes no ring any more*' event link.unblocked
check "and hosts reach one another over it" 0 '*1 received*' reach
weft link set l2 up true >/dev/null
check "mended, the ring is closed again" 0 '*"link l3 closes a ring*' event link.blocked
check "hosts reach one another" 0 '*1 received*' reach
weft port set l3.a trunk 30 >/dev/null
check "a cable that shares no VLAN with the ring closes none" 0 '*closes no ring*' \
	event link.unblocked
weft port set l3.a trunk 10,30 >/dev/null
same "nothing went round meanwhile" "$(budget)" 0

weft link add l0 --a s1 --b s1 --access 10 >/dev/null
check "a cable from a switch to itself is blocked" 0 \
	'*link l0 closes a ring between switches s1 and s1*' event link.blocked
check "and harms nobody" 0 '*1 received*' reach
weft link remove l0 --cascade >/dev/null
weft switch set s1 loops allow >/dev/null
check "allowed at one end, it stays blocked" 0 '*blocked*10*' weft port show l3.b
weft switch set s3 loops allow >/dev/null
check "allowed at both, it carries" 0 '*closes no ring*' event link.unblocked
weft host exec a -- ping -c 1 -W 1 10.77.2.99 >/dev/null 2>&1 # asks everybody
check "then frames go round until the budget ends them" 0 '*storm budget*' weft drops
check "and the daemon answers" 0 '*is running*' weft status
exit "$BAD"
