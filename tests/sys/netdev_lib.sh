# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# For netdev_* and attach_*, on top of cli_lib.sh: namespaces under their names, where nobody else
# sees them. The script runs itself once more by `alone`.

# A network and mounts of its own: "the machine" here is nobody's.
alone() {
	[ -n "${INNER:-}" ] || exec env INNER=1 unshare -n -m -- "$0" "$@"
	mkdir -p /run/netns
	mount -t tmpfs tmpfs /run/netns
	ip link set lo up
}

# A namespace NAME with a veth pair: NAME here, eth0 with ADDRESS there.
wired() {
	ip netns add "$1"
	ip link add "$1" type veth peer name eth0 netns "$1"
	ip -n "$1" link set lo up
	ip -n "$1" address add "$2" dev eth0
	ip -n "$1" link set eth0 up
}

quiet() { "$@" >/dev/null 2>&1; }
await() { eventually quiet "$@"; }

reaches() { ip netns exec "$1" ping -c 1 -W 1 "$2"; }
carrier() { [ "$(weft port show "$1" -o json | python3 -c 'import json, sys
print(json.load(sys.stdin)["status"]["carrier"])')" = "$2" ]; }

# All that can be seen of the machine's devices, but for times and counts.
devices() {
	tc qdisc show
	ip -d link
	for d in $(ip -o link | sed 's/^[0-9]*: \([^:@]*\).*/\1/'); do
		tc filter show dev "$d" ingress
		tc filter show dev "$d" egress
	done
}
crash() {
	kill -9 "$DAEMON"
	wait "$DAEMON" 2>/dev/null
}
