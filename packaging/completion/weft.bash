# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# bash: all that can be said is known by weft itself, names from the daemon included.
_weft() {
	local current=${COMP_WORDS[COMP_CWORD]} line word
	local -a words=()

	# bash takes "--field=value" for three words.
	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		[ "$word" = = ] || words+=("$word")
	done
	[ "$current" != = ] || current=
	COMPREPLY=()
	while IFS= read -r line; do
		case $line in
		:files)
			compopt -o filenames 2>/dev/null
			while IFS= read -r word; do COMPREPLY+=("$word"); done \
				< <(compgen -f -- "$current")
			;;
		:command)
			while IFS= read -r word; do COMPREPLY+=("$word"); done \
				< <(compgen -c -- "$current")
			;;
		*)
			COMPREPLY+=("${line%%$'\t'*}")
			;;
		esac
	done < <("${COMP_WORDS[0]}" complete -- "${words[@]}" "$current" 2>/dev/null)
}
complete -F _weft weft
