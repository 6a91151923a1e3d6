/* early.c - see early.h. */
#include "plan/early.h"

#include "plan/early_text.h"

#include <string.h>

/* In data/early.sh, a line of its own in the place of the list. */
#define MARK "@functions@\n"
#define LINE_BEGIN "    \"$1\" "
#define LINE_END " || return 1\n"

char *
pl_early_line (const struct pl_device *device, const char *word)
{
  guint16 vendor, id, subsystem_vendor, subsystem;
  guint16 class;
  char address[PL_ADDRESS_SIZE];
  if (pl_device_get_vendor (device, &vendor) != PL_KNOWN || pl_device_get_device (device, &id) != PL_KNOWN
      || pl_device_get_subsystem_vendor (device, &subsystem_vendor) != PL_KNOWN
      || pl_device_get_subsystem_device (device, &subsystem) != PL_KNOWN
      || pl_device_get_class (device, &class) != PL_KNOWN)
    return NULL;
  /* As sysfs prints them. Source: drivers/pci/pci-sysfs.c, pci_config_attr(), class_show(). */
  return g_strdup_printf ("%s 0x%04x 0x%04x 0x%04x 0x%04x 0x%02x %s",
                          pl_address_format (device->address, address), vendor, id, subsystem_vendor,
                          subsystem, class >> 8, word);
}

bool
pl_early_line_address (const char *line, struct pl_address *address)
{
  return pl_address_parse (line, strcspn (line, " "), address) > 0;
}

bool
pl_early_line_is_about (const char *left, const char *right)
{
  const char *left_end = strrchr (left, ' '), *right_end = strrchr (right, ' ');
  return left_end - left == right_end - right && strncmp (left, right, (gsize) (left_end - left)) == 0;
}

bool
pl_early_line_stays (const char *line)
{
  return g_str_has_suffix (line, " " PL_EARLY_STAY);
}

/* What stands around the list. */
static void
get_frame (const struct pl_generator *generator, char **before, char **behind)
{
  g_autoptr (GBytes) bytes = pl_early_text ();
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);
  const char *mark = g_strstr_len (text, (gssize) size, MARK), *rest = mark + strlen (MARK);
  g_autofree char *first = g_strndup (text, (gsize) (mark - text));
  g_autofree char *last = g_strndup (rest, (gsize) (text + size - rest));
  *before = g_strconcat (generator->early->head, first, NULL);
  *behind = g_strconcat (last, generator->early->tail, NULL);
}

GBytes *
pl_early_make (const struct pl_generator *generator, const GPtrArray *lines)
{
  g_autofree char *before = NULL, *behind = NULL;
  get_frame (generator, &before, &behind);
  GString *out = g_string_new (before);
  for (guint i = 0; i < lines->len; i++)
    g_string_append_printf (out, LINE_BEGIN "%s" LINE_END, (const char *) g_ptr_array_index (lines, i));
  g_string_append (out, behind);
  return g_string_free_to_bytes (out);
}

/* Seven words. */
static bool
is_line (const char *text)
{
  struct pl_address address;
  g_auto (GStrv) words = g_strsplit (text, " ", -1);
  return g_strv_length (words) == 7 && pl_early_line_address (text, &address)
         && text[strspn (text, "0123456789abcdefx:. " PL_EARLY_LEAVE PL_EARLY_UNBIND PL_EARLY_STAY)] == '\0';
}

GPtrArray *
pl_early_read (const struct pl_generator *generator, GBytes *bytes)
{
  g_autofree char *before = NULL, *behind = NULL;
  gsize size;
  const char *data = g_bytes_get_data (bytes, &size);
  g_autofree char *text = g_strndup (size > 0 ? data : "", size);
  g_autoptr (GPtrArray) lines = g_ptr_array_new_with_free_func (g_free);
  get_frame (generator, &before, &behind);
  const char *at = text + strlen (before);
  if (strlen (text) != size || !g_str_has_prefix (text, before))
    return NULL;
  while (g_str_has_prefix (at, LINE_BEGIN)) {
    const char *begin = at + strlen (LINE_BEGIN), *end = strstr (begin, LINE_END);
    char *line = end != NULL ? g_strndup (begin, (gsize) (end - begin)) : NULL;
    if (line == NULL || !is_line (line)) {
      g_free (line);
      return NULL;
    }
    g_ptr_array_add (lines, line);
    at = end + strlen (LINE_END);
  }
  return strcmp (at, behind) == 0 ? g_steal_pointer (&lines) : NULL;
}
