/* address.h - the address of a PCI function: PCI domain, bus, device (here: slot) and function. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Source: Documentation/PCI/; lspci(8), option -s. The PCI domain may have more than 16 bits behind an Intel
 * VMD. */
struct pl_address {
  guint32 domain;
  guint8 bus;
  guint8 slot;     /* 0..31 */
  guint8 function; /* 0..7 */
};

/* Long enough for any address with its NUL: "ffffffff:ff:1f.7". */
#define PL_ADDRESS_SIZE 20

/**
 * pl_address_parse - an address at the begin of @text, of at most @length bytes
 *
 * Takes "0000:09:00.0" (PCI domain of 4 to 8 hexadecimal digits) and "09:00.0" (PCI domain 0), digits of
 * either case. Returns: how many bytes it took, 0 where there is none. A following letter, digit or colon
 * makes it no address.
 */
gsize pl_address_parse (const char *text, gsize length, struct pl_address *address);

/* "0000:09:00.0", as sysfs writes it. Gives @text. */
const char *pl_address_format (struct pl_address address, char text[PL_ADDRESS_SIZE]);

/* "09:00.0", or with the PCI domain where @with_domain: as lspci writes it. Gives @text. */
const char *pl_address_format_short (struct pl_address address, bool with_domain, char text[PL_ADDRESS_SIZE]);

/* <0, 0, >0 in the order of PCI domain, bus, slot, function. */
int pl_address_compare (struct pl_address left, struct pl_address right);

/* Whether both are functions of one slot. */
bool pl_address_same_slot (struct pl_address left, struct pl_address right);

/**
 * pl_address_last_in_path - the function that owns something in sysfs
 * @path: a link's target, "../../devices/pci0000:00/0000:00:01.3/0000:01:00.0/nvme/nvme0"
 *
 * Returns: whether @path holds an address at all; then @address is the last one, the nearest to the thing.
 */
bool pl_address_last_in_path (const char *path, struct pl_address *address);
