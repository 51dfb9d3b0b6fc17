#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The completion scripts, each in its own shell, with names from a real daemon.
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/sys/cli_lib.sh
. tests/sys/cli_lib.sh
plan 24
start_daemon
weft switch add s1 >/dev/null
weft host add a --switch s1 >/dev/null
mkdir "$DIR/files"
touch "$DIR/files/lab one.yaml"

# bash_offers WORD ...: what TAB behind the last word offers, joined by '|'
bash_offers() {
	# shellcheck disable=SC2016 # it is the other shell that expands this
	bash --norc -c '. packaging/completion/weft.bash
		COMP_WORDS=("$@"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _weft 2>/dev/null
		IFS="|"; echo "${COMPREPLY[*]}"' bash "$@"
}

same "bash: a noun" "$(bash_offers weft por)" port
same "bash: a verb" "$(bash_offers weft port se)" set
same "bash: a field" "$(bash_offers weft port add p --native-)" --native-tagged
same "bash: a field without dashes" "$(bash_offers weft port set a.eth0 native_)" native_tagged
same "bash: a live name" "$(bash_offers weft port show "")" a.eth0
same "bash: a live name as a value" "$(bash_offers weft port add p --switch "")" s1
same "bash: a value behind =" "$(bash_offers weft port add p --switch = s)" s1
same "bash: a choice" "$(bash_offers weft -o "")" "table|json|yaml"
weft switch add s2 >/dev/null
weft vlan add s1 10 --title staff >/dev/null
weft vlan add s1 20-29 --title stores >/dev/null
weft vlan add s1 30 --title 'two words' >/dev/null
weft vlan add s2 40 --title strangers >/dev/null
same "bash: a VLAN's title" "$(bash_offers weft port add p --switch s1 --access "")" staff
same "bash: of the switch that the port is on" "$(bash_offers weft port set a.eth0 native st)" staff
same "bash: of a range where it may be" "$(bash_offers weft port set a.eth0 trunk st)" "staff|stores"
same "bash: behind others" "$(bash_offers weft port set a.eth0 trunk 7,staff,st)" \
	"7,staff,staff|7,staff,stores"
same "bash: of any switch" "$(bash_offers weft link add l --a s1 --b s2 --trunk s)" \
	"staff|stores|strangers"
same "bash: or all" "$(bash_offers weft port set a.eth0 trunk a)" all
weft switch remove s2 >/dev/null
same "bash: a file" "$(bash_offers weft up "$DIR/files/l")" "$DIR/files/lab one.yaml"
same "bash: what is fixed is not offered for a change" "$(bash_offers weft port set a.eth0 --devi)" ""
case "|$(bash_offers weft host exec a -- bas)|" in
*"|bash|"*) verdict 0 "bash: a command in a host" ;;
*) verdict 1 "bash: a command in a host" ;;
esac

fish_offers() {
	fish --no-config -c "source packaging/completion/weft.fish; complete -C '$1'" | cut -f1 |
		tr '\n' '|'
}
if command -v fish >/dev/null; then
	same "fish: a verb" "$(fish_offers 'weft port se')" "set|"
	same "fish: a live name" "$(fish_offers 'weft port show ')" "a.eth0|"
	same "fish: a value" "$(fish_offers 'weft port add p --switch ')" "s1|"
else
	for what in verb name value; do
		TESTS=$((TESTS + 1))
		echo "ok $TESTS - fish: a $what # SKIP fish is not installed"
	done
fi

# A zsh on a terminal of its own is asked by TAB; when it has added what it should, the line is run.
# zsh_types LINE ADDED
zsh_types() {
	rm -f "$DIR/zsh.out"
	# shellcheck disable=SC2016 # it is the other shell that expands this
	timeout 60 zsh -f -c '
		zmodload zsh/zpty
		zpty z zsh -f -i
		zpty -w z "fpath=($PWD/packaging/completion \$fpath); autoload -Uz compinit; compinit -u -D"
		zpty -w z "print comp\"\"letes"
		zpty -r z line "*completes*"
		zpty -n -w z "$1"$'"'\\t'"'
		zpty -r z line "*$3*"
		zpty -w z " >$2/zsh.out 2>&1; exit"
		while zpty -r z line; do :; done' zsh "$1" "$DIR" "$2" >/dev/null 2>&1
	cat "$DIR/zsh.out"
}
if command -v zsh >/dev/null; then
	case $(zsh_types 'weft port show a.' eth0) in
	"port a.eth0"*) verdict 0 "zsh: a live name" ;;
	*) verdict 1 "zsh: a live name" "$(cat "$DIR/zsh.out")" ;;
	esac
	case $(zsh_types 'weft switch list --output js' on) in
	*'"name": "s1"'*) verdict 0 "zsh: a value" ;;
	*) verdict 1 "zsh: a value" "$(cat "$DIR/zsh.out")" ;;
	esac
else
	for what in name value; do
		TESTS=$((TESTS + 1))
		echo "ok $TESTS - zsh: a $what # SKIP zsh is not installed"
	done
fi
same "help and completion know of the version" \
	"$(weft --help | grep -c -e --version) $(weft complete -- --vers | cut -f1)" "1 --version"
same "without a daemon there is silence" \
	"$(WEFT_SOCKET=/nonexistent weft complete -- port show '' 2>&1)" ""
exit $BAD
