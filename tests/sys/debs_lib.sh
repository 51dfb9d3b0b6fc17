# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# For scripts that unpack packages of Debian into a folder and install nothing.

# begin_folder FOLDER FILE: ends here if FILE is in it already; otherwise goes into a new one beside
# it, which is gone again if they do not get as far as end_folder.
begin_folder() {
	folder=$(realpath -m "$1") proof=$2
	if [ -e "$folder/$proof" ]; then exit 0; fi
	mkdir -p "$(dirname "$folder")"
	new=$(mktemp -d "$folder.XXXXXX")
	trap 'rm -rf "$new"' EXIT
	trap 'exit 143' TERM INT
	cd "$new" || exit 1
	# The user that apt downloads as must get in.
	chmod 755 "$new"
}

# By the script's own fetch(), which says what went wrong in the file log. Package lists may be
# there and fresh enough: new ones are asked for only if they do not do.
fetch_debs() {
	fetch || { timeout 100 apt-get update -qq >/dev/null 2>&1 && fetch; } || {
		tail -n 1 log
		exit 1
	}
}

# Whoever comes second finds it there.
end_folder() {
	rm -rf ./*.deb log
	mv -T "$new" "$folder" 2>/dev/null || [ -e "$folder/$proof" ]
}
