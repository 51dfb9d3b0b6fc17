#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Rates of ports, with a daemon: what is over them is dropped by name, and they change while frames
# flow.
cd "$(dirname "$0")/../.." || exit 1
[ -n "${INNER:-}" ] || exec env INNER=1 unshare -n -m -- "$0" "$@"
# shellcheck source=tests/sys/cli_lib.sh
. tests/sys/cli_lib.sh
plan 15
ip link set lo up
start_daemon

# 200 broadcasts, 200 multicasts, 200 frames for a station that nobody knows, in turn; 100 octets.
python3 - "$DIR/state/captures/in.pcap" <<'X'
import struct, sys

TO = ("ffffffffffff", "01005e000001", "020000000077")
with open(sys.argv[1], "wb") as f:
    f.write(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
    for i in range(600):
        frame = bytes.fromhex(TO[i % 3] + "02000000000a" + "88b5") + bytes(86)
        f.write(struct.pack("<IIII", 1000, 0, len(frame), len(frame)) + frame)
X

# Numbers of a port's status, 0 if they are not there: PORT in|out, PORT CAUSE.
frames() {
	weft port show "$1" -o json | tr -d ' \n' |
		sed -n "s/.*\"$2\":{[^}]*}[^}]*}[^}]*},\"frames\":\([0-9]*\).*/\1/p"
}
drops() {
	local n
	n=$(weft port show "$1" -o json | tr -d '\n' |
		sed -n "s/.*\"cause\": *\"$2\"[^}]*\"frames\": *\([0-9]*\).*/\1/p")
	echo "${n:-0}"
}
# All 600 frames of PORT are somewhere: at OUT (which gets probes for loops too), dropped there, or
# dropped by itself.
all_there() {
	[ "$(frames "$1" in)" = 600 ] &&
		[ $(($(frames out out) - BEFORE + $(drops out "$OVER_OUT") - REFUSED +
			$(drops "$1" "over the port's $2"))) -ge 600 ]
}
OVER_OUT="over the port's limit_out"
# between LOW HIGH NUMBER: a bucket of 32 frames, and a frame for each second that we take at most
between() { [ "$3" -ge "$1" ] && [ "$3" -le "$2" ]; }

# play PORT LIMIT [RATE]: 600 frames from a port with that limit.
play() {
	BEFORE=$(frames out out) REFUSED=$(drops out "$OVER_OUT")
	weft port add "$1" --switch s1 --type pcap --replay in.pcap --paced false \
		${3:+"--${2/_/-}" "$3"} >/dev/null && eventually all_there "$1" "$2"
}

weft switch add s1 >/dev/null
weft port add out --switch s1 --type pcap --record out.pcap >/dev/null

for class in broadcast multicast unknown; do
	play "$class" "${class}_in" 1fps
	verdict $? "$class: what does not go out is dropped by that name" "$(weft drops)"
	n=$(drops "$class" "over the port's ${class}_in")
	between 100 168 "$n"
	verdict $? "$class: of 200, 32 pass at once; of others all" "$n"
	weft port remove "$class" >/dev/null
done
play bits limit_in 1kbit # 655 frames fit into a bucket of 64 KiB
same "a rate in bits lets a largest frame through at once" "$(drops bits "over the port's limit_in")" 0
play frames limit_in 1fps
between 400 568 "$(drops frames "over the port's limit_in")"
verdict $? "all frames count for limit_in" "$n"
weft port set out limit_out 1fps >/dev/null
play more limit_in
between 400 568 "$(drops out "$OVER_OUT")"
verdict $? "a limit that is set later holds at once, and is counted where frames would leave"

check "the rates are shown in one form" 0 '*limit_out*1fps*' weft port show out
weft port set out limit_out 0.5Gbit >/dev/null
check "... whatever was typed" 0 '*limit_out*500Mbit*' weft port show out
check "a rate without unit is refused" 1 \
	"*'10M' does not say of what: bits or frames a second*write one such as 10Mbit*" \
	weft port set out limit_out 10M
check "a rate in octets is refused" 1 "*'10MB/s' is not in bits*" weft port set out limit_out 10MB/s
weft port set out limit_out none >/dev/null
n=$(drops out "$OVER_OUT")
play again limit_in
same "without a limit nothing is refused" "$(drops out "$OVER_OUT")" "$n"
kill -9 "$DAEMON"
wait "$DAEMON" 2>/dev/null
start_daemon
check "limits are there again after a crash" 0 '*limit_in*1fps*' weft port show frames
exit "$BAD"
