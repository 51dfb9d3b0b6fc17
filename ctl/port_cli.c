/* SPDX-License-Identifier: Apache-2.0 */
/* weft port show: as any object, or as what a virtual machine's program has to be told. */
#include <stdio.h>
#include <stdlib.h>

#include "ctl/args.h"
#include "ctl/nouns.h"
#include "ctl/object.h"
#include "ctl/term.h"

#define MEMORY "1G" /* an example: -m and the file behind it have to say the same */

/* What both programs have to know. */
struct nic {
	const char *name, *mac, *path;
	long long queues, mtu;
	bool client; /* we are the socket's client, so the machine's program is its server */
	bool jumbo; /* the guest is told its MTU */
};

static struct nic nic_of(const json_t *port)
{
	const json_t *status = json_object_get(port, "status");

	return (struct nic){
		.name = json_text(port, "name"),
		.mac = json_text(status, "mac"),
		.path = json_text(status, "socket"),
		.queues = json_integer_value(json_object_get(port, "queues")),
		.mtu = json_integer_value(json_object_get(port, "mtu")),
		.client = !strcmp(json_text(port, "role"), "client"),
		.jumbo = json_integer_value(json_object_get(port, "mtu")) != 1500,
	};
}

static void put(json_t *list, const char *option, char *value)
{
	json_array_append_new(list, must(json_string(option)));
	json_array_append_new(list, must(json_string(value)));
	free(value);
}

/* In an option of QEMU a comma is written twice. */
static char *doubled(const char *path)
{
	char *out = must(malloc(2 * strlen(path) + 1)), *to = out;

	for (; *path; path++) {
		*to++ = *path;
		if (*path == ',')
			*to++ = ',';
	}
	*to = '\0';
	return out;
}

/* ---- qemu ----------------------------------------------------------------------------------- */

static json_t *qemu_memory(void)
{
	json_t *list = must(json_array());

	put(list, "-m", cli_text(MEMORY));
	put(list, "-object",
	    cli_text("memory-backend-memfd,id=weft-memory,size=" MEMORY ",share=on"));
	put(list, "-numa", cli_text("node,memdev=weft-memory"));
	return list;
}

static json_t *qemu_nic(const struct nic *n)
{
	json_t *list = must(json_array());
	char *path = doubled(n->path), *mtu = cli_text(",host_mtu=%lld", n->mtu);

	put(list, "-chardev",
	    cli_text("socket,id=weft-%s,path=%s,%s", n->name, path,
		     n->client ? "server=on,wait=off" : "reconnect=1"));
	put(list, "-netdev",
	    cli_text("vhost-user,id=weft-%s,chardev=weft-%s,queues=%lld", n->name, n->name,
		     n->queues));
	put(list, "-device",
	    cli_text("virtio-net-pci,netdev=weft-%s,mac=%s,mq=on,vectors=%lld%s", n->name, n->mac,
		     2 * n->queues + 2, n->jumbo ? mtu : ""));
	free(mtu);
	free(path);
	return list;
}

static void print_words(const json_t *list)
{
	json_t *word;
	size_t i;

	json_array_foreach ((json_t *)list, i, word)
		term_print(stdout, "%s%s", i ? " " : "", json_string_value(word));
	term_print(stdout, "\n");
}

static void print_qemu(struct cli *cli, const struct nic *n)
{
	json_t *memory = qemu_memory(), *nic = qemu_nic(n);
	json_t *both = must(json_pack("{s:O, s:O}", "memory", memory, "nic", nic));

	if (!cli_print(cli, both)) {
		print_words(memory);
		print_words(nic);
	}
	json_decref(both);
	json_decref(memory);
	json_decref(nic);
}

/* ---- libvirt -------------------------------------------------------------------------------- */

static char *escaped(const char *text)
{
	char *out = NULL;
	size_t len;
	FILE *f = must(open_memstream(&out, &len));

	for (; *text; text++) {
		switch (*text) {
		case '&':
			fputs("&amp;", f);
			break;
		case '<':
			fputs("&lt;", f);
			break;
		case '\'':
			fputs("&apos;", f);
			break;
		default:
			fputc(*text, f);
		}
	}
	fclose(f);
	return must(out);
}

static char *libvirt_text(const struct nic *n)
{
	char *out = NULL, *path = escaped(n->path);
	size_t len;
	FILE *f = must(open_memstream(&out, &len));

	fputs("<!-- once, in <domain>: the guest's memory has to be shared -->\n"
	      "<memoryBacking>\n"
	      "  <source type='memfd'/>\n"
	      "  <access mode='shared'/>\n"
	      "</memoryBacking>\n"
	      "<!-- in <devices> -->\n"
	      "<interface type='vhostuser'>\n",
	      f);
	fprintf(f, "  <mac address='%s'/>\n", n->mac);
	if (n->client)
		fprintf(f, "  <source type='unix' path='%s' mode='server'/>\n", path);
	else
		fprintf(f,
			"  <source type='unix' path='%s' mode='client'>\n"
			"    <reconnect enabled='yes' timeout='1'/>\n"
			"  </source>\n",
			path);
	fputs("  <model type='virtio'/>\n", f);
	if (n->queues > 1)
		fprintf(f, "  <driver queues='%lld'/>\n", n->queues);
	if (n->jumbo)
		fprintf(f, "  <mtu size='%lld'/>\n", n->mtu);
	fputs("</interface>\n", f);
	fclose(f);
	free(path);
	return must(out);
}

static void print_libvirt(struct cli *cli, const struct nic *n)
{
	char *text = libvirt_text(n);
	json_t *xml = must(json_pack("{s:s}", "xml", text));

	if (!cli_print(cli, xml))
		term_print(stdout, "%s", text);
	json_decref(xml);
	free(text);
}

/* ---- show ----------------------------------------------------------------------------------- */

static enum status run_show(struct cli *cli, const struct noun *noun, const struct args *args)
{
	bool qemu = args_flag(args, "qemu"), libvirt = args_flag(args, "libvirt");
	const char *name = args->operand[0];
	struct nic n;
	json_t *port;

	if (!qemu && !libvirt)
		return object_show.run(cli, noun, args);
	if (qemu && libvirt)
		return cli_fail("either --qemu or --libvirt");
	port = cli_get(cli, noun->schema->plural, name);
	if (!port)
		return CLI_FAILED;
	if (strcmp(json_text(port, "type"), "vhost_user") != 0) {
		enum status s = cli_fail("port %s is of type %s: only one of type vhost_user is a "
					 "virtual machine's",
					 name, json_text(port, "type"));

		json_decref(port);
		return s;
	}
	n = nic_of(port);
	if (qemu)
		print_qemu(cli, &n);
	else
		print_libvirt(cli, &n);
	json_decref(port);
	return CLI_DONE;
}

static const struct field show_options[] = {
	SHOW_ALL,
	{ .name = "qemu",
	  .type = FIELD_BOOL,
	  .help = "as arguments for QEMU: the memory's in a line, the NIC's in the next" },
	{ .name = "libvirt", .type = FIELD_BOOL, .help = "as XML for a domain of libvirt" },
	{ 0 },
};
static const struct operand one_of_them[] = { { .name = "NAME", .what = OPERAND_OWN }, { 0 } };

const struct verb port_show = {
	.name = "show",
	.help = "one of them, with all that is known about it",
	.example = "weft port show vm1 --qemu",
	.operands = one_of_them,
	.options = show_options,
	.run = run_show,
};
