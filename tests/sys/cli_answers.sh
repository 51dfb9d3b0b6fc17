#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What weft makes of answers that no daemon should give, and of no answer at all.
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/sys/cli_lib.sh
. tests/sys/cli_lib.sh
plan 30
SOCKET=$DIR/fake.sock
FAKE=
end_fake() {
	[ -z "$FAKE" ] || kill "$FAKE" 2>/dev/null
	[ -z "$FAKE" ] || wait "$FAKE" 2>/dev/null
}
trap 'end_fake; cleanup' EXIT

fake() {
	end_fake
	rm -f "$SOCKET"
	python3 tests/sys/cli_fake.py "$SOCKET" "$1" &
	FAKE=$!
	eventually [ -S "$SOCKET" ]
}

# Is there anything in it that a terminal would obey?
steers() { LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]' <<<"$1"; }

check "no name is no name, whoever would have to know" 2 "*weft: '' is not a name (use letters*" \
	weft switch show ''
check "without a daemon it says what to do" 1 \
	'*weft: the daemon does not answer on *: is weftd running? (sudo systemctl start weftd)' \
	weft --socket "$DIR/none.sock" status
check "a path that is too long is told so" 1 '*longer than 107 octets*' \
	weft --socket "/$(printf 'x%.0s' {1..200})" status
mkdir -p "$DIR/run"
chmod 755 "$DIR" "$DIR/run"
fake empty
chmod 660 "$SOCKET"
check "who may not use it is told of the group" 1 '*group weft (use sudo, or join the group*' \
	setpriv --reuid 65534 --regid 65534 --clear-groups "$(command -v weft)" --socket "$SOCKET" status
chmod 700 "$DIR"
check "who may not even look is told so" 1 '*you may not look into the folder*' \
	setpriv --reuid 65534 --regid 65534 --clear-groups "$(command -v weft)" --socket "$SOCKET" status

export WEFT_SOCKET=$SOCKET
fake hostile
for form in table json yaml; do
	run weft port list -o "$form"
	! steers "$OUT$ERR"
	verdict $? "a hostile name does not reach the terminal as $form" "$(cat -v <<<"$OUT")"
done
run weft port list -o json
same "and is the same name in the end" "$(python3 -c \
	'import json,sys; print(json.loads(sys.argv[1])[0]["name"] == "\x1b[31mred\x1b[0m\nnext")' "$OUT")" True
run weft complete -- port show ''
! steers "$OUT"
verdict $? "nor does it in a completion" "$(cat -v <<<"$OUT")"
fake hostile-fault
run weft port list
! steers "$ERR"
verdict $? "nor in a fault" "$(cat -v <<<"$ERR")"

fake stations
same "stations are told by switch, VLAN and address" \
	"$(weft fdb list | awk 'NR > 1 {printf "%s %s %s ", $1, $2, $4}')" "s1 9 pa s1 9 pb s1 10 p1 s2 1 p1 "

printf 'lab: x\n' >"$DIR/lab.yaml"
for answer in not-json half-json wrong-shape list empty cut-short no-reason no-http nothing redirect; do
	fake $answer
	bad=
	for command in "port list" "port show p" "vlan show" "status" "fdb list" "worker list" "drops" "graph" "lab list" \
		"lab show x" "switch add s" "port set p access 3" "fdb flush" "up $DIR/lab.yaml" "down x" \
		"events -c 1" "capture p -w $DIR/p.pcap" "host exec h true" "host add h" "vlan show s1"; do
		# shellcheck disable=SC2086 # words are meant
		run timeout 60 weft $command
		# Done, refused or not understood; never a crash or a hang.
		[ $STATUS -le 2 ] || bad="$bad; $command: $STATUS"
		if [ $STATUS = 1 ] && [ -z "$ERR" ]; then bad="$bad; $command: silent"; fi
		! grep -q -i -e errno -e curl <<<"$ERR" || bad="$bad; $command: $ERR"
	done
	[ -z "$bad" ]
	verdict $? "an answer that is $answer breaks nothing" "$bad"
	case $answer in
	wrong-shape | list) ;;
	*)
		check "and is told in words" 1 '*weft: *' weft status
		;;
	esac
done
exit $BAD
