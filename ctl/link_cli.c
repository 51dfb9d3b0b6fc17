/* SPDX-License-Identifier: Apache-2.0 */
/* weft link add: a cable and what is at its two ends, in one go. */
#include "ctl/apply.h"
#include "ctl/nouns.h"
#include "link/link_api.h"
#include "vswitch/port_api.h"

/* The two ends, as a lab document has them. */
static const struct field ends[] = {
	{ .name = "a",
	  .type = FIELD_REF,
	  .ref = "switch",
	  .flags = FIELD_REQUIRED,
	  .help = "the switch at one end; of a wire: a port, a host, or HOST.DEVICE",
	  .example = "s1" },
	{ .name = "b",
	  .type = FIELD_REF,
	  .ref = "switch",
	  .flags = FIELD_REQUIRED,
	  .help = "the same for the other end",
	  .example = "s2" },
	{ 0 },
};
static const struct field *const tables[] = { ends, link_fields, PORT_SWITCH_TABLES, NULL };
static const char *const by_itself[] = { "switch", "type", NULL };

static enum status run_add(struct cli *cli, const struct noun *noun, const struct args *args)
{
	return apply_new(cli, noun, args->operand[0], args->fields);
}

static const struct operand new_name[] = { { .name = "NAME", .what = OPERAND_NEW }, { 0 } };

const struct verb link_add = {
	.name = "add",
	.help = "join two switches (VLAN settings are those of both ends), or with --mode wire two ports",
	.example = "weft link add trunk --a s1 --b s2 --trunk 10,20",
	.operands = new_name,
	.fields = tables,
	.hide = by_itself,
	.run = run_add,
};
