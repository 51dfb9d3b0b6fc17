#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# weft host exec, capture, events.
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/sys/cli_lib.sh
. tests/sys/cli_lib.sh
plan 19
start_daemon
weft switch add s1 >/dev/null
weft host add a --switch s1 --access 10 --address 10.77.3.1/24 >/dev/null
weft host add b --switch s1 --access 10 --address 10.77.3.2/24 >/dev/null

soon "a command runs in the host's network" 0 '*1 received*' \
	weft host exec a -- ping -c 1 -W 2 10.77.3.2
check "its status is the command's" 7 '*' weft host exec a -- sh -c 'exit 7'
check "two dashes are not needed" 3 '*' weft host exec a sh -c 'exit 3'
check "/sys is the host's" 0 $'eth0\nlo*' weft host exec a -- ls /sys/class/net
check "its name is the host's" 0 'a*' weft host exec a -- hostname
check "files are the machine's" 0 "$DIR*" weft host exec a -- sh -c "cd $DIR && pwd"
same "the machine keeps its name" "$(weft host exec a -- true; hostname)" "$(uname -n)"
check "a command that is not there" 127 '*nonsense: there is no such command*' \
	weft host exec a -- nonsense
check "a host that is not there" 1 '*there is no host x*' weft host exec x -- true
chmod 755 "$DIR" "$DIR/run"
chmod 666 "$WEFT_SOCKET"
check "without root it says so" 1 '*host a needs root (use sudo)*' \
	setpriv --reuid 65534 --regid 65534 --clear-groups "$BIN/weft" host exec a -- true

weft capture b.eth0 -c 4 -w "$DIR/b.pcap" 2>"$DIR/capture.log" &
CAPTURE=$!
eventually [ -s "$DIR/b.pcap" ]
ends() {
	weft host exec a -- ping -c 1 -W 2 10.77.3.2 >/dev/null
	! kill -0 "$CAPTURE" 2>/dev/null
}
eventually ends
wait $CAPTURE
verdict $? "a capture ends after so many frames" "$(cat "$DIR/capture.log")"
# What tcpdump does not know, such as a probe for loops, it prints in more lines, which are indented.
same "they are a capture file" \
	"$(tcpdump -nr "$DIR/b.pcap" 2>/dev/null | grep -vc '^[[:space:]]')" 4
same "that only its owner reads" "$(stat -c %a "$DIR/b.pcap")" 600
check "a port that is not there leaves no file" 1 '*there is no port x*' \
	weft capture x -w "$DIR/x.pcap"
[ ! -e "$DIR/x.pcap" ]
verdict $? "none at all"
check "nothing binary goes to a terminal" 2 '*tcpdump*' script -qec 'weft capture a.eth0' /dev/null

weft capture b.eth0 -w "$DIR/c.pcap" 2>"$DIR/capture.log" &
CAPTURE=$!
eventually [ -s "$DIR/c.pcap" ]
kill -INT $CAPTURE
wait $CAPTURE
same "an interrupted capture is a whole one" "$? $(tcpdump -nr "$DIR/c.pcap" 2>&1 | grep -c truncated)" "0 0"

check "events are told in words" 0 '*switch.added*switch s1 is there*' \
	weft events --since 0 --count 3
run weft events --since 0 -c 1 -o json
same "and as JSON, one a line" \
	"$(python3 -c 'import json,sys; print(json.loads(sys.argv[1])["type"])' "$OUT")" switch.added
exit $BAD
