#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# weft attach container, with whatever container runtime works here: LXC and Podman as they are
# installed, Docker as it is packed, with a service of its own that ends with the test.
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/sys/netdev_lib.sh
. tests/sys/netdev_lib.sh
mount_run() { # runtimes keep their state there
	mount -t tmpfs tmpfs /run
	mkdir -p /run/netns /run/lock
}
DOCKER=$(realpath -m "${WEFT_BIN:-build/plain}/../docker")
# Here it is still the machine's network.
if [ -z "${INNER:-}" ]; then
	NO_DOCKER=$(bash tests/sys/attach_docker.sh "$DOCKER") || export NO_DOCKER
else
	mount_run
fi
alone "$@"
# shellcheck source=tests/sys/cli_lib.sh
. tests/sys/cli_lib.sh
plan 27

# A mixed hierarchy of control groups would forbid what runtimes do.
mixed_groups() { [ -e /sys/fs/cgroup/cgroup.controllers ] || mount -t cgroup2 cgroup2 /sys/fs/cgroup; }

answers() { weft host exec a -- ping -c 1 -W 1 10.77.1.9; }
frames() { weft port show web.eth0 -o json | python3 -c 'import json, sys
print(json.load(sys.stdin)["status"]["in"]["frames"])'; }

mkdir -p "$DIR/root/bin" "$DIR"/root/{proc,sys,dev,etc,run,tmp,sbin}
cp "$(command -v busybox || echo /bin/true)" "$DIR/root/bin/busybox"

# ---- runtimes: RUNTIME_start, RUNTIME_stop, RUNTIME_end of a container "web"; start says why not --
docker_start() {
	[ -z "${NO_DOCKER:-}" ] || { echo "docker cannot be had: $NO_DOCKER" && return 1; }
	if [ -n "${DOCKERD:-}" ]; then
		timeout 30 docker start web
		return
	fi
	mixed_groups
	PATH=$DOCKER/usr/bin:$DOCKER/usr/sbin:$PATH
	export DOCKER_HOST=unix:///run/docker.sock
	dockerd --data-root "$DIR/docker" --exec-root /run/dockerd --pidfile /run/dockerd.pid \
		-H "$DOCKER_HOST" --bridge none --iptables=false --ip6tables=false \
		--storage-driver vfs --exec-opt native.cgroupdriver=cgroupfs >"$DIR/docker.log" 2>&1 &
	DOCKERD=$!
	await docker info || { tail -n 1 "$DIR/docker.log" && return 1; }
	tar -C "$DIR/root" -c . | docker import - web &&
		timeout 30 docker run -d --name web --network none --ulimit nofile=1000:1000 \
			--ulimit nproc=1000:1000 web /bin/busybox sleep 1000
}
docker_stop() { timeout 30 docker stop -t 0 web; }
docker_end() {
	[ -n "${DOCKERD:-}" ] || return 0
	timeout 30 docker rm -f web
	kill "$DOCKERD"
	wait "$DOCKERD"
	DOCKERD=
}
trap 'quiet docker_end; cleanup' EXIT

lxc_start() {
	command -v lxc-start >/dev/null || { echo "lxc is not installed" && return 1; }
	mountpoint -q /var/lib/lxc || mount -t tmpfs tmpfs /var/lib/lxc
	mkdir -p /var/lib/lxc/web
	cat >/var/lib/lxc/web/config <<-CONFIG
		lxc.uts.name = web
		lxc.rootfs.path = dir:$DIR/root
		lxc.net.0.type = empty
		lxc.init.cmd = /bin/busybox sleep 1000
	CONFIG
	timeout 30 lxc-start -n web -d 2>&1
}
lxc_stop() { lxc-stop -k -n web; }
lxc_end() { umount /var/lib/lxc; }

podman_start() {
	command -v podman >/dev/null || { echo "podman is not installed" && return 1; }
	if [ ! -f "$DIR/storage.conf" ]; then
		mixed_groups
		printf '[storage]\ndriver="vfs"\ngraphroot="%s/graph"\nrunroot="/run/pod"\n' "$DIR" \
			>"$DIR/storage.conf"
		export CONTAINERS_STORAGE_CONF=$DIR/storage.conf
		timeout 60 podman --cgroup-manager=cgroupfs run -d --name web --cgroups=disabled \
			--network none --log-driver none --ulimit nofile=1000:1000 \
			--ulimit nproc=1000:1000 --rootfs "$DIR/root" /bin/busybox sleep 1000 2>&1
	else
		timeout 60 podman start web 2>&1
	fi
}
podman_stop() { timeout 60 podman stop -t 0 web; }
podman_end() { timeout 60 podman rm -f -t 0 web; }

# The same story for each.
story() {
	local runtime=$1 why count
	# Not in a subshell: what it exports is meant for all that follows.
	if ! "${runtime}_start" >"$DIR/why" 2>&1; then
		why=$(cat "$DIR/why")
		for _ in 1 2 3 4 5 6 7 8; do
			TESTS=$((TESTS + 1))
			echo "ok $TESTS - $runtime # SKIP it does not run here: ${why//$'\n'/ }"
		done
		return
	fi
	check "$runtime: a container is attached" 0 '*port web.eth0: eth0 of container web is on switch s1*' \
		weft attach container web --switch s1 --access 10 --address 10.77.1.9/24
	check "$runtime: and reached" 0 '*1 received*' answers
	count=$(frames)
	quiet "${runtime}_stop"
	await carrier web.eth0 False
	verdict $? "$runtime: a container that stops takes the carrier"
	check "$runtime: which is not running" 1 '*container web is not running*start*web*' \
		weft attach container web
	"${runtime}_start" >/dev/null
	check "$runtime: started again, it is attached by its name alone" 0 '*again on switch s1*' \
		weft attach container web
	check "$runtime: and reached" 0 '*1 received*' answers
	[ "$(frames)" -gt "$count" ]
	verdict $? "$runtime: at the same port" "$(frames) frames, $count before"
	check "$runtime: it is detached" 0 '*port web.eth0: removed*' weft detach web
	quiet "${runtime}_stop"
	quiet "${runtime}_end"
}

start_daemon
weft switch add s1 >/dev/null
weft host add a --switch s1 --access 10 --address 10.77.1.1/24 >/dev/null
check "no container of that name" 1 '*there is no container nix*' \
	weft attach container nix --switch s1 --runtime lxc
check "a name that would be an option" 1 "*'-f' is no container's name*" \
	weft attach container --switch s1 -- -f
story docker
story lxc
story podman
same "no port is left" "$(weft port list -o json | grep -c web)" 0
exit $BAD
