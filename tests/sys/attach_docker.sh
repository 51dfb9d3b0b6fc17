# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Docker as Debian packs it, in FOLDER: unpacked there and not installed, because an installed one
# is a service that changes the machine's own network. Says why, if it cannot be had.
#
#	attach_docker.sh FOLDER
set -uo pipefail
# shellcheck source=tests/sys/debs_lib.sh
. "$(dirname "$0")/debs_lib.sh"
begin_folder "$1" usr/sbin/dockerd

fetch() { timeout 200 apt-get download -qq docker.io containerd runc >log 2>&1; }
fetch_debs
for package in ./*.deb; do
	dpkg-deb -x "$package" . || exit 1
done
end_folder
