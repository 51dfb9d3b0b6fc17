# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Docker as Debian packs it, in FOLDER: unpacked there and not installed, because an installed one
# is a service that changes the machine's own network. Says why, if it cannot be had.
#
#	attach_docker.sh FOLDER
set -uo pipefail
folder=$(realpath -m "$1")
if [ -e "$folder/usr/sbin/dockerd" ]; then exit 0; fi

mkdir -p "$(dirname "$folder")"
new=$(mktemp -d "$folder.XXXXXX")
trap 'rm -rf "$new"' EXIT
trap 'exit 143' TERM INT
cd "$new" || exit 1
# The user that apt downloads as must get in.
chmod 755 "$new"
fetch() { timeout 200 apt-get download -qq docker.io containerd runc >log 2>&1; }
# Package lists may be there and fresh enough: ask for new ones only if they do not do.
fetch || { timeout 100 apt-get update -qq >/dev/null 2>&1 && fetch; } || {
	tail -n 1 log
	exit 1
}
for package in ./*.deb; do
	dpkg-deb -x "$package" . || exit 1
done
rm -f ./*.deb log
# Whoever comes second finds it there.
mv -T "$new" "$folder" 2>/dev/null || [ -e "$folder/usr/sbin/dockerd" ]
