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

start_daemon() {
	weftd --state-dir "$DIR/state" --run-dir "$DIR/run" --instance "cli$$" --log info \
		>"$DIR/weftd.log" 2>&1 &
	DAEMON=$!
	for _ in $(seq 250); do
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

# check SENTENCE STATUS PATTERN COMMAND ...: the status, and a glob that stdout + stderr match.
check() {
	local sentence=$1 wanted=$2 pattern=$3 both
	shift 3
	run "$@"
	both=$OUT$'\n'$ERR
	# shellcheck disable=SC2053 # a pattern is meant
	if [ "$STATUS" = "$wanted" ] && [[ $both == $pattern ]]; then
		verdict 0 "$sentence"
	else
		verdict 1 "$sentence" "$*" "status $STATUS, not $wanted; wanted $pattern" "$both"
	fi
}

# same SENTENCE IS WANTED
same() {
	[ "$2" = "$3" ]
	verdict $? "$1" "is:     $2" "wanted: $3"
}
