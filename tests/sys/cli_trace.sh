#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# weft trace: made frames through two switches and a trunk, and live ones of a ping.
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/sys/cli_lib.sh
. tests/sys/cli_lib.sh
plan 34
start_daemon
weft switch add s1 >/dev/null
weft switch add s2 >/dev/null
weft host add a --switch s1 --access 10 --address 10.77.3.1/24 >/dev/null
weft host add b --switch s1 --access 10 --address 10.77.3.2/24 >/dev/null
weft host add x --switch s1 --access 20 --address 10.77.3.9/24 >/dev/null
weft host add e --switch s2 --access 10 --address 10.77.3.5/24 >/dev/null
weft host add v --switch s2 --access 20 --address 10.77.3.6/24 >/dev/null
weft link add t --a s1 --b s2 --trunk 10 >/dev/null
weft port add c --switch s1 --trunk 10,30 --device "wt$$" >/dev/null
echo 1 >"/proc/sys/net/ipv6/conf/wt$$/disable_ipv6"
for host in a b x e v; do # they say less by themselves
	weft host exec $host -- sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6'
done

# ---- made frames ----
check "hosts that speak are known" 0 '*1 received*' weft host exec a -- ping -c 1 -W 5 10.77.3.5
# What was counted and learned, but for ages.
marks() {
	weft port list | awk '{ print $1, $(NF - 2), $(NF - 1), $NF }'
	weft fdb list | awk '{ print $1, $2, $3, $4 }'
}
unmarked() {
	local before after
	before=$(marks)
	for to in b x e 02:00:00:00:00:77; do weft trace --from a --to "$to" >/dev/null; done
	weft trace --from t.a --to b >/dev/null
	weft trace --from c --to b vlan 30 >/dev/null
	after=$(marks)
	[ "$before" = "$after" ]
}
eventually unmarked
verdict $? "made frames are neither counted nor learned" "$(marks)"
check "a host to another, station by station" 0 \
	'*ICMP echo request 10.77.3.1 > 10.77.3.2, 98 octets*port-rx*in at port a.eth0*vsw-classify*VLAN 10 of switch s1*port-tx*b.eth0*10*sent*untagged*
delivered to port b.eth0 (host b) in VLAN 10, untagged*' weft trace --from a --to b
check "over the trunk" 0 '*t.a*sent*tagged 10, over link t*in at port t.b*switch s2*
delivered to port e.eth0 (host e) in VLAN 10, untagged*' weft trace --from a --to e
check "by its address" 0 '*TCP 10.77.3.1:49152 > 10.77.3.5:80 SYN*
delivered to port e.eth0 (host e)*' weft trace --from a --to 10.77.3.5 tcp 80
check "a question for all" 0 '*ARP who has 10.77.3.1, tell 10.77.3.5*
delivered to port a.eth0 (host a) in VLAN 10, untagged; flooded to * a.eth0*' \
	weft trace --from e --to a arp
check "to a trunk it goes tagged" 0 '*
delivered to port c in VLAN 10, tagged*' weft trace --from a --to c udp 53
check "an address that nobody has is asked for" 0 '*ARP who has 10.77.3.99*
no port is known to have 10.77.3.99, so this is the frame that asks for it
flooded in VLAN 10 to *' weft trace --from a --to 10.77.3.99
check "a station that nobody knows" 0 '*
flooded in VLAN 10 to * ports: *b.eth0*' weft trace --from a --to 02:00:00:00:00:77
check "the wrong VLAN names the port" 1 '*
dropped: port x.eth0 is not in VLAN 10 (port x.eth0: access 20)*' weft trace --from a --to x
check "so does a trunk that the frame comes in by" 1 '*
dropped: port c is not in VLAN 20 (port c: trunk 10,30)*' weft trace --from c --to x vlan 20
check "and one that it would have to cross" 1 '*
dropped: port t.a is not in VLAN 20 (port t.a: trunk 10)*' weft trace --from x --to v
check "a tag on an access port" 1 '*
dropped: tagged frame on an access port (port a.eth0: access 10)*' \
	weft trace --from a --to b vlan 20
check "the VLAN of the port is no tag" 0 '*> 10.77.3.2, 98 octets*delivered*' \
	weft trace --from a --to b vlan 10
weft port set b.eth0 --no-up >/dev/null
check "a port that is down" 1 '*
dropped: port b.eth0 is down (port b.eth0: up false)*' weft trace --from a --to b
check "or where it comes in" 1 '*
dropped: port b.eth0 is down (port b.eth0: up false)*' weft trace --from b --to a
weft port set b.eth0 --up true >/dev/null
weft link set t --no-up >/dev/null
check "a link that is cut" 1 '*
dropped: port t.a is down (link t: up false)*' weft trace --from a --to e
weft link set t --up true >/dev/null
check "the answer as JSON" 1 \
	'*"delivered": false*"station": "vsw-classify"*"kind": "port"*"name": "c"*"rule": "trunk 10,30"*' \
	weft trace --from c --to x vlan 20 -o json
check "a trunk needs a VLAN" 1 '*port c takes tagged frames only, and no VLAN is given*vlan 10*' \
	weft trace --from c --to 02:00:00:00:00:77
check "nobody of that name" 1 '*there is no port or host nobody*' weft trace --from a --to nobody
check "both ends are the same" 1 '*both ends are port a.eth0*' weft trace --from a --to a.eth0
check "one end is missing" 2 '*say --from and --to*' weft trace --from a
check "TCP or UDP" 2 '*a frame is of one protocol*' weft trace --from a --to b tcp 1 udp 3
check "live or made" 2 '*either --port*' weft trace --port a.eth0 --to b

# ---- live frames ----
check "a bad filter is refused before anything" 1 \
	'*the filter "icmp and and" cannot be used: *syntax error*' \
	weft trace --port a.eth0 --filter 'icmp and and'
check "a name in it is not asked for anywhere" 1 '*cannot be used: *unknown host*' \
	weft trace --port a.eth0 --filter 'host nobody.invalid'
check "a port that is not there" 1 '*there is no port or host nobody*' weft trace --port nobody

# follows FILE PORT FILTER TARGET [OPTION ...]: a trace that ends with the first frame of a ping.
follows() {
	weft trace --port "$2" --filter "$3" -c 1 "${@:5}" >"$DIR/$1" 2>&1 &
	local trace=$!
	seen() {
		weft host exec a -- timeout 0.2 ping -c 1 "$TARGET" >/dev/null
		! kill -0 "$trace" 2>/dev/null
	}
	TARGET=$4 eventually seen
	wait $trace
	STATUS=$?
	OUT=$(cat "$DIR/$1")
}
weft host exec a -- ping -c 1 -W 5 10.77.3.5 >/dev/null
follows live a.eth0 icmp 10.77.3.5
[ $STATUS = 0 ] && [[ $OUT == *'ICMP echo request 10.77.3.1 > 10.77.3.5'*t.a*'over link t'*t.b*$'\n''delivered to port e.eth0 (host e) in VLAN 10, untagged' ]]
verdict $? "a ping is followed to its end" "$OUT"
follows trunk t.b 'vlan 10 and icmp' 10.77.3.5
[ $STATUS = 0 ] && [[ $OUT == *'VLAN 10, ICMP echo request'*$'\n''delivered to port e.eth0'* ]]
verdict $? "on a trunk it has its tag" "$OUT"
weft port set e.eth0 --access 20 >/dev/null
follows away a.eth0 'arp' 10.77.3.77 -o json
[ "$(wc -l <"$DIR/away")" = 1 ] && [[ $OUT == '{"frame":'*'"protocol":"arp"'*'"verdict":'* ]] &&
	[[ $OUT != *'"port":"e.eth0"'* ]]
verdict $? "JSON is a line a frame" "$OUT"

weft trace --port a >"$DIR/endless" 2>&1 &
TRACE=$!
flows() {
	weft host exec a -- timeout 0.2 ping -c 1 10.77.3.2 >/dev/null
	[ -s "$DIR/endless" ]
}
eventually flows
kill -INT $TRACE
wait $TRACE
same "it goes on until it is interrupted" $? 0
weft trace --port e.eth0 >"$DIR/gone" 2>"$DIR/why" &
TRACE=$!
weft trace --port a.eth0 --filter 'less 1' >/dev/null 2>&1 &
OTHER=$!
speaks() {
	weft host exec e -- timeout 0.2 ping -c 1 10.77.3.6 >/dev/null
	[ -s "$DIR/gone" ]
}
eventually speaks
weft port remove e.eth0 >/dev/null
eventually sh -c "! kill -0 $TRACE 2>/dev/null"
wait $TRACE
same "a trace ends with its port" "$? $(cat "$DIR/why")" \
	"1 weft: port e.eth0 is gone, or the daemon has ended"
kill -0 $OTHER
verdict $? "others go on"
kill -INT $OTHER
wait $OTHER
check "and the network works" 0 '*1 received*' weft host exec a -- ping -c 1 -W 5 10.77.3.2
exit $BAD
