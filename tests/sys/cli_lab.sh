#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# weft up, plan, down: says first, changes only the difference, tells every fault with its line.
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/sys/cli_lib.sh
. tests/sys/cli_lib.sh
plan 27
start_daemon
LAB=$DIR/lab.yaml
cat >"$LAB" <<-'EOF'
	lab: campus
	description: a test
	switches:
	  s1: {vlans: {10: staff}}
	hosts:
	  a: {switch: s1, access: 10, address: 10.77.2.1/24}
	  b:
	    switch: s1
	    access: 10
	    address: 10.77.2.2/24
EOF

check "plan says what would be made" 0 '*6 changes to be made, no traffic is interrupted*+ host a*' \
	weft plan "$LAB"
check "if asked it ends with 3 then" 3 '*6 changes to be made*' weft plan --exit-code "$LAB"
check "as JSON too" 3 '*"changes"*' weft plan --exit-code -o json "$LAB"
check "and makes nothing" 0 '*no labs are up*' weft lab list
check "up says it first, then that it is done" 0 '*+ port a.eth0*lab campus: 6 added in * s*' \
	weft up "$LAB"
check "a second time there is nothing to change" 0 'lab campus: nothing to change*' weft up "$LAB"
check "plan ends with 0 then, also if asked" 0 'lab campus: nothing to change*' \
	weft plan "$LAB" --exit-code
sed -i 's/access: 10$/access: 20/' "$LAB"
check "after an edit only the difference is planned" 0 \
	$'lab campus: 1 change to be made*\n  ~ port b.eth0  access 10 -> 20*' weft up --dry-run "$LAB"
check "and done" 0 '*lab campus: 1 changed in * s*' weft up "$LAB"
sed -i '/^  a:/d' "$LAB"
check "what goes is said to go" 0 '*- host a*' weft up "$LAB"
check "as JSON it is the daemon's answer" 0 '*"changes": ?]*' weft up "$LAB" -o json
check "the lab is listed" 0 '*campus*1 switch*a test*' weft lab list
check "and shown" 0 '*hosts *b*' weft lab show campus
check "the lab needs not come back" 0 'lab campus: changed*' weft lab set campus --autostart false
check "another lab cannot take its objects" 1 '*campus*' weft up "$LAB" --name other

cat >"$DIR/bad.yaml" <<-'EOF'
	lab: bad
	switches:
	  t1: {aging: 0}
	  t2:
	    agin: 60
	hosts:
	  h1: {switch: t1, access: 4095, address: 10.0.0.1}
	  h2:
	    switch: t9
	  h3: {switch: t2, access: 10, trunk: 20}
	links:
	  l1: {a: t1}
	hots: {}
EOF
run weft up "$DIR/bad.yaml"
same "a wrong file is refused" "$STATUS" 1
same "all its faults are told with their lines, in order" \
	"$(sed -n 's/^.*bad.yaml:\([0-9]*\): .*/\1/p' <<<"$ERR" | uniq | tr '\n' ' ')" "3 5 7 9 10 12 13 "
case $ERR in
*"bad.yaml:5: switch t2: unknown field 'agin'; did you mean 'aging'?"*) verdict 0 "each says what is near" ;;
*) verdict 1 "each says what is near" "$ERR" ;;
esac
case $ERR in
*"weft: $DIR/bad.yaml: 8 faults, nothing was changed") verdict 0 "and that nothing was changed" ;;
*) verdict 1 "and that nothing was changed" "$ERR" ;;
esac
check "nothing of it is there" 1 '*there is no switch t1*' weft switch show t1
cat >"$DIR/cannot.yaml" <<-'EOF'
	lab: cannot
	switches: {c1: {}}
	hosts:
	  h1:
	    nics:
	      lo: {switch: c1}
	ports:
	  p1: {type: pcap, switch: c1, replay: nosuch.pcap}
EOF
run weft plan "$DIR/cannot.yaml"
same "plan refuses what up would" "$STATUS $(sed -n 's/^.*cannot.yaml:\([0-9]*\): .*/\1/p' <<<"$ERR" |
	tr '\n' ' ')" "1 6 8 "
check "and says why" 1 '*port h1.lo: *lo is the loopback*there is no file nosuch.pcap in *2 faults*' \
	weft plan "$DIR/cannot.yaml"
printf 'lab: x\nswitches:\n\ts1:\n' >"$DIR/tab.yaml"
check "a syntax fault is told the same way" 1 '*tab.yaml:3: *tabs*1 fault, nothing was changed' \
	weft up "$DIR/tab.yaml"
printf 'switches: {}\n' >"$DIR/noname.yaml"
check "a file without a name is told so" 1 '*noname.yaml:1: the lab has no name*' \
	weft up "$DIR/noname.yaml"
check "down says what goes" 0 '*- host b*lab campus: 4 removed in * s*' weft down "$LAB"
check "down again by its file is fine" 0 'lab campus: it is not up*' weft down "$LAB"
check "by a name that nobody knows it is not" 1 '*campus*' weft down campus
exit $BAD
