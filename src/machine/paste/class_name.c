/* class_name.c - the names that lspci prints for a class, and their numbers. */
#include "machine/paste/paste_private.h"

#include <string.h>

/* Longer names there are none, and not nearly as many: a text of noise must not fill the memory. */
#define NAME_SIZE 80
#define NAMES_REMEMBERED 4096

bool
pl_paste_find_class (struct pl_paste *paste, struct pl_span name, guint16 *class)
{
  if (name.size == 0 || name.size >= NAME_SIZE)
    return false;
  /* Every listing repeats few names, and names.h searches a file for each. */
  char key[NAME_SIZE];
  memcpy (key, name.at, name.size);
  key[name.size] = '\0';
  gpointer found;
  if (!g_hash_table_lookup_extended (paste->classes, key, NULL, &found)) {
    if (g_hash_table_size (paste->classes) >= NAMES_REMEMBERED)
      return false;
    guint16 number;
    bool is_known = pl_names_find_class (paste->machine->names, key, name.size, &number);
    found = GUINT_TO_POINTER (is_known ? (guint) number + 1 : 0);
    g_hash_table_insert (paste->classes, g_strdup (key), found);
  }
  if (found == NULL)
    return false;
  *class = (guint16) (GPOINTER_TO_UINT (found) - 1);
  return true;
}

/* What the name of a class ends with, in pci.ids of any year; for systems without it, and for names it has
 * lost. */
static const char *const last_words[]
    = { "bridge",      "Bridge",       "controller",  "device",     "interface", "memory",
        "class",       "peripheral",   "SMBus",       "PIC",        "IOMMU",     "Instrumentation",
        "counters",    "accelerators", "accelerator", "modem",      "adapter",   "bus",
        "hub",         "hubs",         "RTC",         "timer",      "Processor", "Co-processor",
        "Coprocessor", "coprocessor",  "SBUS",        "RAM",        "storage",   "card",
        "Controller",  "synchronizer", "ISDN",        "Encryption", "WorldFip",  "PICMG",
        "FireWire",    "port",         "Station",     "FLASH",      "management" };

bool
pl_paste_is_class_name (struct pl_paste *paste, struct pl_span text)
{
  guint16 class;
  if (text.size < 3 || text.size > 64 || !g_ascii_isalnum (text.at[0]) || g_ascii_islower (text.at[0]))
    return false;
  gsize start = text.size;
  while (start > 0 && text.at[start - 1] != ' ')
    start--;
  struct pl_span last = pl_span_skip (text, start);
  for (guint i = 0; i < G_N_ELEMENTS (last_words); i++)
    if (pl_span_is (last, last_words[i]))
      return true;
  return pl_paste_find_class (paste, text, &class);
}
