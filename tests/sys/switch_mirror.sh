#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Mirrors with the real daemon: a host that sees what others say, a file that others can read, and
# what becomes of both while they change.
cd "$(dirname "$0")/../.." || exit 1
[ -n "${INNER:-}" ] || exec env INNER=1 unshare -n -m -- "$0" "$@"
# shellcheck source=tests/sys/cli_lib.sh
. tests/sys/cli_lib.sh
plan 25
ip link set lo up

# Frames of a pcapng file as "PORT DIRECTION LENGTH ETHERTYPE", read by nothing of ours.
frames() {
	python3 - "$DIR/state/captures/$1" <<'X'
import struct, sys

def options(b):
    while len(b) >= 4:
        code, n = struct.unpack("<HH", b[:4])
        if not code:
            return
        yield code, b[4:4 + n]
        b = b[4 + (n + 3) // 4 * 4:]

data, names = open(sys.argv[1], "rb").read(), []
while data:
    kind, length = struct.unpack("<II", data[:8])
    body, back = data[8:length - 4], struct.unpack("<I", data[length - 4:length])[0]
    assert back == length, "a block is broken"
    data = data[length:]
    if kind == 0x0a0d0d0a:
        names = []
    elif kind == 1:
        names.append(dict(options(body[8:]))[2].decode())
    elif kind == 6:
        port, _, _, n, _ = struct.unpack("<IIIII", body[:20])
        frame = body[20:20 + n]
        flags = struct.unpack("<I", dict(options(body[20 + (n + 3) // 4 * 4:]))[2])[0]
        print(names[port], "in" if flags & 3 == 1 else "out", n, frame[12:14].hex())
X
}
of() { frames t.pcapng | grep -c "$@"; }
icmp() { tcpdump -nr "$DIR/state/captures/t.pcapng" icmp 2>/dev/null | grep -c echo; }
# seen PATTERN: what the watching host has seen so far
seen() { grep -c "$@" "$DIR/seen"; }
field() { weft mirror show "$1" -o json | python3 -c "import json, sys; print(json.load(sys.stdin)['status']['$2'])"; }

start_daemon
weft switch add s1 >/dev/null
weft host add a --switch s1 --address 10.77.1.1/24 --access 10 >/dev/null
weft host add b --switch s1 --address 10.77.1.2/24 --access 10 >/dev/null
weft host add w --switch s1 >/dev/null
weft host exec a -- ping -c 1 -W 20 10.77.1.2 >/dev/null

check "a mirror to a port" 0 '*added*' weft mirror add m1 --switch s1 --ports a.eth0 --to w.eth0
check "and one into a file" 0 '*added*' \
	weft mirror add m2 --switch s1 --ports a.eth0,b.eth0 --file t.pcapng
check "they are listed" 0 '*m1*a.eth0*w.eth0*m2*a.eth0, b.eth0*t.pcapng*' weft mirror list
check "the port says whose copies it gets" 0 '*mirrors*m1*' weft port show w.eth0
check "and who copies it" 0 '*mirrored_by*m1, m2*' weft port show a.eth0

weft host exec w -- ip link set eth0 up
weft host exec w -- tcpdump -n -l -e -i eth0 icmp >"$DIR/seen" 2>"$DIR/tcpdump" &
SNIFFER=$!
soon "the host listens" 0 '*listening*' cat "$DIR/tcpdump"
check "those that are copied do not notice" 0 '*3 received*' \
	weft host exec a -- ping -c 3 -i 0.05 -W 20 10.77.1.2
soon "the host sees each echo request and reply once" 0 $'6\n' seen 'ICMP echo'
kill "$SNIFFER"
wait "$SNIFFER" 2>/dev/null

# Two ports, in and out: each frame of a ping is there twice.
soon "the file has them at both ports" 0 $'12\n' icmp
check "in and out, by port" 0 $'*a.eth0 in 98 0800\n*a.eth0 out 98 0800\n*' \
	bash -c "$(declare -f frames); DIR=$DIR; frames t.pcapng | sort -u"
same "as often the one as the other" "$(of 'a.eth0 in 98 0800') $(of 'b.eth0 out 98 0800')" "3 3"
check "what was copied is counted" 0 $'0\n*' field m1 missed
# Hosts speak by themselves now and then, so the two may be asked on either side of a frame.
level() { [ "$(field m2 copied)" = "$(frames t.pcapng | wc -l)" ]; }
soon "of the file too" 0 '*' level

check "no host speaks where copies go" 1 '*100% packet loss*' \
	weft host exec w -- sh -c 'ip addr add 10.77.1.3/24 dev eth0; ping -c 1 -W 1 10.77.1.2'
check "and its frames are dropped by a name, whose rule that was beside it" 0 \
	"*dropped*ingress port is there for a mirror's copies (mirror m1: to w.eth0)*" \
	weft port show w.eth0

check "a mirrored port stays" 1 '*port b.eth0 is used by mirror m2*' weft port remove b.eth0
check "a mirror of a mirror is refused" 1 '*no mirror of a mirror*' \
	weft mirror add m3 --switch s1 --ports w.eth0 --file x.pcapng
check "a file of others is left alone" 1 '*is no recording*' \
	sh -c "echo text >$DIR/state/captures/text; weft mirror add m3 --switch s1 --vlans 10 --file text"

# Live: another direction, and a plan that can be undone.
check "it is changed while frames flow" 0 '*direction both -> in*' weft mirror set m2 direction in
before=$(of 'out 98 0800')
weft host exec a -- ping -c 1 -W 20 10.77.1.2 >/dev/null
soon "then only what comes in is in the file" 0 $'14\n' icmp
same "and nothing that goes out" "$(of 'out 98 0800')" "$before"

# A daemon that comes back goes on.
kill "$DAEMON"
wait "$DAEMON"
start_daemon
weft host exec a -- ping -c 1 -W 20 10.77.1.2 >/dev/null
soon "after a restart it is continued" 0 $'16\n' icmp
check "a mirror goes" 0 '*removed*' weft mirror remove m1
weft port set w.eth0 access 10 >/dev/null
soon "and its port is one like others" 0 '*1 received*' \
	weft host exec w -- sh -c 'ip addr replace 10.77.1.3/24 dev eth0; ping -c 1 -W 1 10.77.1.2'

weft mirror add m4 --switch s1 --vlans 10 --file flood.pcapng >/dev/null
weft host exec a -- ping -qf 10.77.1.2 >/dev/null 2>&1 &
FLOOD=$!
sleep 0.3
kill "$DAEMON"
wait "$DAEMON"
same "a daemon may be stopped while it copies" "$?" 0
kill "$FLOOD"
start_daemon
exit "$BAD"
