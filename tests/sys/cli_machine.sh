#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Ports for virtual machines: what can be asked for, what is refused in words, and what QEMU and
# libvirt are told. No machine is started here.
cd "$(dirname "$0")/../.." || exit 1
# shellcheck source=tests/sys/cli_lib.sh
. tests/sys/cli_lib.sh
plan 24
start_daemon
weft switch add s1 >/dev/null

SOCK=$DIR/run/vhost/vm1.sock
check "a port waits for its machine" 0 'port vm1: added*' \
	weft port add vm1 --switch s1 --type vhost_user --mac 02:00:00:00:00:07
check "and says where" 0 "*state *waiting*socket *$SOCK*" weft port show vm1
same "the socket is there, for its owner and group" "$(stat -c '%F %a' "$SOCK")" "socket 660"
check "QEMU connects to it, and again if the connection ends" 0 \
	"-m * -object memory-backend-memfd,id=*,share=on -numa node,memdev=*
-chardev socket,id=weft-vm1,path=$SOCK,reconnect=1 -netdev vhost-user,id=weft-vm1,chardev=weft-vm1,queues=1 \
-device virtio-net-pci,netdev=weft-vm1,mac=02:00:00:00:00:07,mq=on,vectors=4
" weft port show vm1 --qemu
weft port add vm2 --switch s1 --type vhost_user --role client --path "$DIR/a,b'<&.sock" \
	--queues 4 --mtu 9000 >/dev/null
check "or listens; a comma is written twice" 0 \
	"*path=$DIR/a,,b'<&.sock,server=on,wait=off *queues=4 *,vectors=10,host_mtu=9000*" \
	weft port show vm2 --qemu
check "as json it is a list of words" 0 '*"-netdev",*"vhost-user,id=weft-vm1,*' \
	weft port show vm1 --qemu -o json

# xml PORT XPATH: what libvirt would read there.
xml() {
	weft port show "$1" --libvirt | python3 -c '
import sys
import xml.etree.ElementTree as xml
tree = xml.fromstring("<domain>" + sys.stdin.read() + "</domain>")
at = tree.find(sys.argv[1])
print(" ".join("%s=%s" % pair for pair in sorted(at.attrib.items())))' "$2"
}
same "libvirt shares the guest's memory" "$(xml vm1 memoryBacking/access)" "mode=shared"
same "and connects to the socket" "$(xml vm1 interface/source)" "mode=client path=$SOCK type=unix"
same "again, too" "$(xml vm1 interface/source/reconnect)" "enabled=yes timeout=1"
same "or listens, on any path" "$(xml vm2 interface/source)" \
	"mode=server path=$DIR/a,b'<&.sock type=unix"
same "with as many queues" "$(xml vm2 interface/driver)" "queues=4"
same "and that MTU" "$(xml vm2 interface/mtu)" "size=9000"
same "the address is the port's" "$(xml vm1 interface/mac)" "address=02:00:00:00:00:07"

weft port add t1 --switch s1 --type pcap --record x >/dev/null
check "another type is no machine's" 1 '*port t1 is of type pcap*' weft port show t1 --qemu
check "one of the two" 1 '*either --qemu or --libvirt*' weft port show vm1 --qemu --libvirt
check "a feature's name is checked, and all are told" 1 \
	"*port vm3: 'gso' is not the name of a feature (known are csum, *, ring_packed, *" \
	weft port add vm3 --switch s1 --type vhost_user --without csum,gso
check "a path is whole" 1 "*path takes a whole path, not 'x.sock'*" \
	weft port add vm3 --switch s1 --type vhost_user --path x.sock
check "its folder is there" 1 '*there is no folder for /nowhere/x.sock*' \
	weft port add vm3 --switch s1 --type vhost_user --path /nowhere/x.sock
check "nothing else is at it" 1 '*/etc/passwd is there already and is no socket*' \
	weft port add vm3 --switch s1 --type vhost_user --path /etc/passwd
check "nor another port" 1 "*is the socket of port vm2 already*" \
	weft port add vm3 --switch s1 --type vhost_user --path "$DIR/a,b'<&.sock"
check "nor another program" 1 "*another program listens on $DIR/run/weft.sock*" \
	weft port add vm3 --switch s1 --type vhost_user --path "$DIR/run/weft.sock"
check "what is offered may change, for the next connection" 0 'port vm1: without * -> ring_packed*' \
	weft port set vm1 without ring_packed
check "how it is reached may not" 1 '*role cannot change*' weft port set vm1 role client
weft port remove vm1 >/dev/null
[ ! -e "$SOCK" ]
verdict $? "a port takes its socket along"
exit $BAD
