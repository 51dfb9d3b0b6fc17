/* SPDX-License-Identifier: Apache-2.0 */
/* The compiled programs as data of the daemon. */
	.section .rodata
	.balign 8
	.global netdev_bpf_object, netdev_bpf_size
netdev_bpf_object:
	.incbin "bpf/netdev.bpf.o"
object_end:
	.balign 8
netdev_bpf_size:
	.quad object_end - netdev_bpf_object
	.section .note.GNU-stack, "", @progbits
