/* SPDX-License-Identifier: Apache-2.0 */
/* The one list of stations: a new one is a line here and a _node.c in its folder. */
#include "daemon/graph.h"

#include "dataplane/graph.h"
#include "link/wire.h"
#include "vswitch/vsw.h"

const struct node_def *const weft_graph[] = {
	&port_rx_node,    &vsw_classify_node, /* ends the arc port-input */
	&vsw_mirror_node, &vsw_policy_node,
	&vsw_police_node, &vsw_learn_node, /* ends the arc vsw-ingress */
	&vsw_probe_node,  &vsw_forward_node,
	&vsw_flood_node,  &vsw_output_node,
	&vsw_egress_node, &wire_node,
	&punt_node,       NULL,
};
