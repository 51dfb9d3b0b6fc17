#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# weft NOUN VERB against the real daemon: what it says, in which form, with which status.
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/sys/cli_lib.sh
. tests/sys/cli_lib.sh
plan 37
start_daemon

check "a switch is added" 0 'switch s1: added*' weft switch add s1
check "the same again is fine" 0 'switch s1: unchanged*' weft switch add s1
check "otherwise again is refused, with what is there" 1 \
	'*switch s1 exists already*aging 300*weft switch set*' weft switch add s1 --aging 60
check "a host comes with its port" 0 'host a: added, with port a.eth0*' \
	weft host add a --switch s1 --access 10 --address 10.77.1.1/24
check "the same host again is fine" 0 'host a: unchanged*' \
	weft host add a --switch s1 --access 10 --address 10.77.1.1/24
check "a host needs no NIC" 0 'host lone: added*' weft host add lone
check "set tells from and to" 0 'port a.eth0: access 10 -> 20*' weft port set a.eth0 access 20
check "set to the same is said" 0 'port a.eth0: unchanged*' weft port set a.eth0 --access 20
check "none takes it back to the default" 0 'port a.eth0: access 20 -> *' \
	weft port set a.eth0 access none
run weft port show a.eth0
same "fields that are not set are left out" "$(grep -Ec '^  (access|trunk|isolated) ' <<<"$OUT")" 0
check "and counted" 0 '*up *yes*mtu *1500*fields not set: --all)*' weft port show a.eth0
check "unless all are asked for" 0 '*access *-*isolated *no*' weft port show a.eth0 --all
weft port set a.eth0 pcp 3 isolated yes learn_limit 5 learn_beyond flood limit_in 1Mbit \
	limit_out 1Mbit broadcast_in 9fps broadcast_out 9fps multicast_in 9fps multicast_out 9fps \
	unknown_in 9fps unknown_out 9fps macs 02:00:00:00:00:aa receive own dhcp_guard yes \
	arp_inspect yes addresses 10.77.1.1 worker 0 >/dev/null
weft switch add s3 >/dev/null
weft port add b --switch s3 --trunk 10 --native 9 --native_tagged --untagged 10 --tag s >/dev/null
weft port add c --switch s3 --tunnel 30 --customer_vlans 5 --forged drop --up no >/dev/null
weft port add d --switch s3 --type vhost_user --access 7 >/dev/null
check "a list has a column for each field that is set" 0 \
	'NAME*ACCESS*TRUNK*ARP INSPECT*UP *WORKER *HOST *DEVICE *ADDRESS *CARRIER *' weft port list
weft switch remove s3 --cascade >/dev/null
weft port set a.eth0 pcp none isolated none learn_limit none learn_beyond none limit_in none \
	limit_out none broadcast_in none broadcast_out none multicast_in none multicast_out none \
	unknown_in none unknown_out none macs none receive none dhcp_guard none arp_inspect none \
	addresses none worker none >/dev/null
check "a reserved VLAN is refused in words" 1 \
	'*weft: port a.eth0: vlan 4095 is reserved (use 1 to 4094, or *' weft port set a.eth0 access 4095
check "what is fixed is told so" 1 '*queues cannot change*' weft port set a.eth0 queues 2
check "a second switch" 0 '*added*' weft switch add s2 fdb_size 100 aging 10
check "a link comes with its ends" 0 'link t: added, with port t.a, port t.b*' \
	weft link add t --a s1 --b s2 --trunk 10,20-22
check "a VLAN gets a title" 0 'vlan s1.10: added*' weft vlan add s1 10 --title staff
check "and another" 0 'vlan s1.10: title staff -> people*' weft vlan set s1 10 title people
weft vlan add s2 10 >/dev/null
check "an empty title is seen to be one" 1 '*vlan s2.10 exists already, with title "" (use *' \
	weft vlan add s2 10 --title staff
check "the matrix shows members, ranges and titles" 0 \
	$'switch s1\n*1  10      20-22\n*people\n*a.eth0  U  .       .\n*t.a     .  T       T*' \
	weft vlan show s1
check "a VLAN's title goes" 0 'vlan s1.10: removed*' weft vlan remove s1.10
check "a list filters by value" 0 $'NAME *\nt.a *\nt.b *' weft port list --type cable
check "nothing like that is no failure" 0 '*no ports like that*' weft port list --access 4000
check "the table of stations can be asked for" 0 '*' weft fdb list --switch s1 --vid 10
check "and be flushed" 0 '*station*forgotten*' weft fdb flush --switch s1
check "of a switch that is not there it is refused" 1 '*there is no switch s9*' \
	weft fdb flush --switch s9
check "what is in use is not removed" 1 '*is used by*--cascade*' weft switch remove s1
check "unless with all that uses it, which is told" 0 \
	$'switch s1: removed\n  - port a.eth0\n  - port t.a\n*' weft switch remove s1 --cascade
check "what is not there cannot be removed" 1 $'\nweft: there is no switch s1*' weft switch remove s1

run weft -o json switch list
same "json is the objects themselves" \
	"$(python3 -c 'import json,sys; print(json.loads(sys.argv[1])[0]["fdb_size"])' "$OUT")" 100
run weft switch show s2 -o yaml
same "yaml is the same" \
	"$(python3 -c 'import yaml,sys; print(yaml.safe_load(sys.argv[1])["fdb_size"])' "$OUT")" 100
check "a name cannot leave its place in the path" 2 '*' weft switch show ../labs
check "nor can dots" 1 '*' weft switch show ..
check "an unknown noun: what is near" 2 "*did you mean 'switch'*" weft swich list
check "help says what can be said" 0 '*--native-tagged true|false*Example: weft port add*' \
	weft port add --help
check "status shows all of it" 0 '*weftd * is running*Switches*s2*' weft status
exit $BAD
