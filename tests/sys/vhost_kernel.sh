# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Debian's cloud kernel for guests: its image and the modules that a virtio NIC needs, in FOLDER.
# The package is downloaded and unpacked there, not installed. Says why, if it cannot be had.
#
#	vhost_kernel.sh FOLDER
set -uo pipefail
# shellcheck source=tests/sys/debs_lib.sh
. "$(dirname "$0")/debs_lib.sh"
begin_folder "$1" vmlinuz

meta=linux-image-cloud-amd64
fetch() {
	package=$(apt-cache depends --no-recommends "$meta" 2>&1 |
		awk '/Depends: linux-image/ { print $2; exit }')
	[ -n "$package" ] || { echo "package $meta is not known" >log && return 1; }
	timeout 100 apt-get download -qq "$package" >log 2>&1
}
fetch_debs
mkdir all modules
dpkg-deb -x linux-image*.deb all || exit 1
cp all/boot/vmlinuz-* vmlinuz
find all/lib/modules \( -path '*/drivers/virtio/*' -o -name virtio_net.ko -o -name '*failover.ko' \
	-o -path '*/net/802/*' -o -name 8021q.ko -o -name llc.ko \) -name '*.ko' \
	-exec cp -t modules {} +
rm -rf all
end_folder
