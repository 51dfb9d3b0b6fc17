# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# For cli_*: a daemon of its own on a private state directory, and TAP. Source it, `plan N`, then
# checks; everything is taken down at the end, also on TERM.

BIN=${WEFT_BIN:-build/plain}
DIR=$(mktemp -d /tmp/weft-cli.XXXXXX)
export WEFT_SOCKET=$DIR/run/weft.sock NO_COLOR=1 LC_ALL=C.UTF-8
PATH=$(cd "$BIN" && pwd):$PATH
DAEMON=
TESTS=0
export BAD=0

plan() { echo "1..$1"; }

# eventually COMMAND ...: it succeeds within a minute. That it took long is told.
eventually() {
	local begin=$SECONDS
	until "$@"; do
		if [ $((SECONDS - begin)) -ge 60 ]; then return 1; fi
		sleep 0.05
	done
	if [ $((SECONDS - begin)) -gt 5 ]; then echo "# after $((SECONDS - begin)) s: $*"; fi
}

# start_daemon [OPTION ...]
# shellcheck disable=SC2120 # most scripts need none
start_daemon() {
	weftd --state-dir "$DIR/state" --run-dir "$DIR/run" --instance "cli$$" --log info "$@" \
		>"$DIR/weftd.log" 2>&1 &
	DAEMON=$!
	local end=$((SECONDS + 60))
	while [ $SECONDS -lt $end ] && kill -0 "$DAEMON" 2>/dev/null; do
		if weft status >/dev/null 2>&1; then return 0; fi
		sleep 0.02
	done
	echo "# weftd does not answer:"
	sed 's/^/# /' "$DIR/weftd.log"
	exit 1
}

cleanup() {
	if [ -n "$DAEMON" ]; then
		kill "$DAEMON" 2>/dev/null
		wait "$DAEMON" 2>/dev/null
		weftd --state-dir "$DIR/state" --run-dir "$DIR/run" --instance "cli$$" --purge \
			>/dev/null 2>&1
	fi
	rm -rf "$DIR"
}
trap cleanup EXIT
trap 'exit 143' TERM INT

# ok SENTENCE: the last status decides. What was printed is in $OUT and $ERR.
verdict() {
	TESTS=$((TESTS + 1))
	if [ "$1" = 0 ]; then
		echo "ok $TESTS - $2"
	else
		echo "not ok $TESTS - $2"
		shift 2
		printf '# %s\n' "$@"
		BAD=1 # what the script ends with
	fi
}

# Runs it; STATUS, OUT and ERR are what came of it.
run() {
	OUT=$("$@" 2>"$DIR/stderr" </dev/null)
	STATUS=$?
	ERR=$(cat "$DIR/stderr")
}

# holds STATUS PATTERN COMMAND ...: the status, and a glob that stdout + stderr match.
holds() {
	run "${@:3}"
	# shellcheck disable=SC2053 # a pattern is meant
	[ "$STATUS" = "$1" ] && [[ $OUT$'\n'$ERR == $2 ]]
}

# check SENTENCE STATUS PATTERN COMMAND ...: it holds.
check() {
	holds "${@:2}"
	verdict $? "$1" "${*:4}" "status $STATUS, not $2; wanted $3" "$OUT" "$ERR"
}

# soon SENTENCE STATUS PATTERN COMMAND ...: it holds, if not at once: a busy machine takes its time.
soon() {
	eventually holds "${@:2}"
	verdict $? "$1" "${*:4}" "status $STATUS, not $2; wanted $3" "$OUT" "$ERR"
}

# same SENTENCE IS WANTED
same() {
	[ "$2" = "$3" ]
	verdict $? "$1" "is:     $2" "wanted: $3"
}
