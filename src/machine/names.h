/* names.h - what people call a vendor, a device and a class: pci.ids, the names of a recording, or none.
 *
 * The system's own pci.ids is used, not that of the root that is read: the file only translates numbers. It
 * is mapped and indexed in one pass when the first name is asked for. Source of its form:
 * https://pci-ids.ucw.cz, man 5 pci.ids.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

struct pl_names;

/* Uses the first pci.ids found in the places where distributions put it, when it is needed. */
struct pl_names *pl_names_new (void);

/* Uses @text, in the form of pci.ids; for tests and the fuzzer. Takes a reference. */
struct pl_names *pl_names_new_for_text (GBytes *text);
void pl_names_free (struct pl_names *names);

/* A name that goes before pci.ids: @key is "1002", "1002:731f", "1002:731f:1043:04e8" or "class 0300". Both
 * are copied. */
void pl_names_add (struct pl_names *names, const char *key, const char *name);

/* NULL where the name is not known. The length is set where @length is not NULL; the text has no NUL behind
 * it. */
const char *pl_names_vendor (struct pl_names *names, guint16 vendor, gsize *length);
const char *pl_names_device (struct pl_names *names, guint16 vendor, guint16 device, gsize *length);

/* @class: base and sub class, 0x0300. Falls back to the base class's name with *is_base set. */
const char *pl_names_class (struct pl_names *names, guint16 class, gsize *length, bool *is_base);

/* The subsystem's own name: the entry under the device, else under the vendor's generic ones. */
const char *pl_names_subsystem (struct pl_names *names, guint16 vendor, guint16 device,
                                guint16 subsystem_vendor, guint16 subsystem_device, gsize *length);

/**
 * pl_names_find_class - the number of a class by the name that lspci prints ("VGA compatible controller")
 *
 * Returns: whether pci.ids knows the name.
 */
bool pl_names_find_class (struct pl_names *names, const char *name, gsize length, guint16 *class);
