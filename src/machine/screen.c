/* screen.c - what the host shows: connectors with monitors, and the framebuffers that the firmware left. */
#include "machine/readers.h"
#include "machine/reading.h"

#include <string.h>

/* "card0-DP-1". A writeback connector is a camera, not a screen, and never knows whether it is connected.
 * Source: drivers/gpu/drm/drm_sysfs.c, drm_sysfs_connector_add(); drm_connector.c, the names of connectors.
 */
static bool
want_connector (const char *name, gsize length, void *data)
{
  (void) length, (void) data;
  if (!g_str_has_prefix (name, "card"))
    return false;
  const char *rest = name + 4 + strspn (name + 4, "0123456789");
  return rest > name + 4 && rest[0] == '-' && !g_str_has_prefix (rest, "-Writeback");
}

/* Reading it asks no monitor: the kernel answers from its last detection. "unknown" is no answer.
 * Source: drivers/gpu/drm/drm_sysfs.c, status_show(); drm_connector.c, drm_get_connector_status_name(). */
static void
read_status (struct pl_machine *machine, const struct pl_class *class, struct pl_connector *connector)
{
  struct pl_directory directory;
  enum pl_state state;
  pl_directory_open_in (&directory, &class->directory, class->name);
  const char *status = pl_read_text (machine, &directory, "status", &state);
  pl_directory_close (&directory);
  connector->is_connected = status != NULL && strcmp (status, "connected") == 0;
  if (status != NULL && !connector->is_connected && strcmp (status, "disconnected") != 0)
    state = strcmp (status, "unknown") == 0 ? PL_UNREAD : PL_INVALID;
  connector->status_state = state;
}

void
pl_read_connectors (struct pl_machine *machine, struct pl_root *root)
{
  struct pl_class class;
  GPtrArray *connectors = pl_machine_keep_list (machine, g_ptr_array_new_with_free_func (g_free));
  pl_class_open (&class, machine, root, "sys/class/drm", want_connector, NULL);
  while (pl_class_next (&class)) {
    struct pl_connector *connector = g_new0 (struct pl_connector, 1);
    connector->name = pl_machine_string (machine, class.name, -1);
    connector->has_owner = class.has_owner;
    connector->owner = class.owner;
    read_status (machine, &class, connector);
    g_ptr_array_add (connectors, connector);
  }
  pl_machine_set_connectors (machine, class.state, connectors);
  pl_class_close (&class);
}

/* "    c0000000-c07e8fff : BOOTFB". Source: kernel/resource.c, r_show(). */
static bool
split_range (struct pl_span line, struct pl_framebuffer *range, struct pl_span *name)
{
  line = pl_span_trim (line);
  gssize hyphen = pl_span_find (line, "-"), colon = pl_span_find (line, " : ");
  if (hyphen < 0 || colon < hyphen)
    return false;
  *name = pl_span_trim (pl_span_skip (line, (gsize) colon + 3));
  struct pl_span end = pl_span_skip (pl_span_head (line, (gsize) colon), (gsize) hyphen + 1);
  return pl_span_number (pl_span_head (line, (gsize) hyphen), 16, &range->start)
         && pl_span_number (end, 16, &range->end) && range->start <= range->end;
}

/* Who draws into what the firmware set up. Source: drivers/firmware/sysfb_simplefb.c, simplefb_resname
 * ("BOOTFB"); drivers/video/fbdev/efifb.c, vesafb.c, simplefb.c: request_mem_region();
 * drivers/gpu/drm/tiny/simpledrm.c and from Linux 6.16 on drivers/gpu/drm/sysfb/: the driver's name;
 * "simple-framebuffer" is the platform device's. */
static bool
is_framebuffer (struct pl_span name)
{
  static const char *const names[]
      = { "BOOTFB", "efifb",   "vesafb", "simple-framebuffer", "simplefb", "simpledrm",
          "efidrm", "vesadrm", "ofdrm" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (pl_span_find (name, names[i]) >= 0)
      return true;
  return false;
}

/* A range from zero to zero is none: without CAP_SYS_ADMIN all of them are. Source: kernel/resource.c,
 * r_show(). */
static bool
is_hidden (const struct pl_framebuffer *range)
{
  return range->start == 0 && range->end == 0;
}

/* Framebuffers, and the first line that shows that addresses are hidden. */
static bool
want_range (const char *line, gsize length, void *data)
{
  bool *has_hidden = data;
  struct pl_framebuffer range;
  struct pl_span name;
  if (!split_range ((struct pl_span){ line, length }, &range, &name))
    return false;
  bool is_first = is_hidden (&range) && !*has_hidden;
  *has_hidden = *has_hidden || is_first;
  return is_first || (!is_hidden (&range) && is_framebuffer (name));
}

void
pl_read_framebuffers (struct pl_machine *machine, struct pl_root *root)
{
  if (!pl_has_running (root, "proc/iomem"))
    return;
  struct pl_buffer buffer = PL_BUFFER_INIT;
  bool has_hidden = false;
  GPtrArray *framebuffers = pl_machine_keep_list (machine, g_ptr_array_new_with_free_func (g_free));
  enum pl_state state
      = pl_state_of_fixed (pl_root_read_lines (root, "proc/iomem", want_range, &has_hidden, &buffer));
  struct pl_lines lines = pl_lines_of (&buffer);
  struct pl_span line, name;
  while (pl_lines_take (&lines, &line)) {
    struct pl_framebuffer range;
    if (!split_range (line, &range, &name))
      continue;
    if (is_hidden (&range)) {
      state = PL_DENIED;
      continue;
    }
    range.name = pl_machine_string (machine, name.at, (gssize) name.size);
    g_ptr_array_add (framebuffers, g_memdup2 (&range, sizeof range));
  }
  pl_buffer_clear (&buffer);
  pl_machine_set_framebuffers (machine, state, framebuffers);
}
