/* SPDX-License-Identifier: Apache-2.0 */
/* weft mirror add: as any object, but neither where from nor where to goes without saying. */
#include "ctl/args.h"
#include "ctl/nouns.h"
#include "ctl/object.h"

static enum status run_add(struct cli *cli, const struct noun *noun, const struct args *args)
{
	return object_do_add(cli, noun, args->operand[0], args->fields);
}

static const struct operand new_name[] = { { .name = "NAME", .what = OPERAND_NEW }, { 0 } };

const struct verb mirror_add = {
	.name = "add",
	.help = "copy what ports or VLANs carry, to a port or into a pcapng file",
	.example = "weft mirror add m1 --switch s1 --ports a,b --to p9",
	.operands = new_name,
	.own_fields = true,
	.run = run_add,
};
