# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Debian's cloud kernel for guests: its image and the modules that a virtio NIC needs, in FOLDER.
# The package is downloaded and unpacked there, not installed. Says why, if it cannot be had.
#
#	vhost_kernel.sh FOLDER
set -uo pipefail
folder=$(realpath -m "$1")
if [ -e "$folder/vmlinuz" ]; then exit 0; fi

meta=linux-image-cloud-amd64
mkdir -p "$(dirname "$folder")"
new=$(mktemp -d "$folder.XXXXXX")
trap 'rm -rf "$new"' EXIT
trap 'exit 143' TERM INT
cd "$new" || exit 1
# The user that apt downloads as must get in.
chmod 755 "$new"
fetch() {
	package=$(apt-cache depends --no-recommends "$meta" 2>&1 |
		awk '/Depends: linux-image/ { print $2; exit }')
	[ -n "$package" ] || { echo "package $meta is not known" >log && return 1; }
	timeout 100 apt-get download -qq "$package" >log 2>&1
}
# Package lists may be there and fresh enough: ask for new ones only if they do not do.
fetch || { timeout 100 apt-get update -qq >/dev/null 2>&1 && fetch; } || {
	tail -n 1 log
	exit 1
}
mkdir all modules
dpkg-deb -x linux-image*.deb all || exit 1
cp all/boot/vmlinuz-* vmlinuz
find all/lib/modules \( -path '*/drivers/virtio/*' -o -name virtio_net.ko -o -name '*failover.ko' \
	-o -path '*/net/802/*' -o -name 8021q.ko -o -name llc.ko \) -name '*.ko' \
	-exec cp -t modules {} +
rm -rf all ./*.deb log
# Whoever comes second finds it there.
mv -T "$new" "$folder" 2>/dev/null || [ -e "$folder/vmlinuz" ]
