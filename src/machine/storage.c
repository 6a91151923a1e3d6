/* storage.c - block devices: whose they are, what is on them, and what they are made of. The uses: mounts.c.
 */
#include "machine/storage.h"

#include "machine/readers.h"

#include <string.h>

/* A loop device or RAM disk is no device of a function, and every desktop has dozens.
 * Source: Documentation/admin-guide/devices.txt, majors 1 and 7. */
static bool
want_block (const char *name, gsize length, void *data)
{
  (void) length, (void) data;
  return !pl_name_is_numbered (name, "loop") && !pl_name_is_numbered (name, "ram");
}

void
pl_blocks_open (struct pl_class *class, struct pl_machine *machine, struct pl_root *root)
{
  pl_class_open (class, machine, root, "sys/class/block", want_block, NULL);
}

/* "259:2" */
enum pl_state
pl_block_read_number (struct pl_directory *block, guint *major, guint *minor)
{
  struct pl_buffer buffer = PL_BUFFER_INIT;
  enum pl_state state = pl_directory_read (block, "dev", &buffer);
  struct pl_span text = pl_span_trim ((struct pl_span){ buffer.bytes, buffer.size });
  while (text.size > 0 && text.at[text.size - 1] == '\n')
    text.size--;
  gssize colon = pl_span_find (text, ":");
  guint64 first = 0, second = 0;
  if (state == PL_KNOWN
      && (colon < 0 || !pl_span_number (pl_span_head (text, (gsize) colon), 10, &first)
          || !pl_span_number (pl_span_skip (text, (gsize) colon + 1), 10, &second) || first > G_MAXUINT
          || second > G_MAXUINT))
    state = PL_INVALID;
  *major = state == PL_KNOWN ? (guint) first : 0;
  *minor = state == PL_KNOWN ? (guint) second : 0;
  pl_buffer_clear (&buffer);
  return state;
}

static bool
want_property (const char *line, gsize length, void *data)
{
  struct pl_span span = { line, length };
  (void) data;
  return pl_span_starts (span, "E:ID_FS_TYPE=") || pl_span_starts (span, "E:DM_NAME=");
}

/* Source: udev's database is documented nowhere; the form "E:KEY=VALUE" is that of systemd,
 * src/libsystemd/sd-device/ device-private.c, device_update_db(), and has been the same since udev 173.
 * ID_FS_TYPE: man 8 blkid, TYPE. */
enum pl_state
pl_block_read_record (struct pl_machine *machine, struct pl_root *root, guint major, guint minor,
                      struct pl_block_record *record)
{
  struct pl_buffer buffer = PL_BUFFER_INIT;
  g_autofree char *path = g_strdup_printf ("run/udev/data/b%u:%u", major, minor);
  enum pl_state state = pl_state_of_fixed (pl_root_read_lines (root, path, want_property, NULL, &buffer));
  struct pl_lines lines = pl_lines_of (&buffer);
  struct pl_span line;
  *record = (struct pl_block_record){ NULL, NULL };
  while (pl_lines_take (&lines, &line)) {
    const char **value = pl_span_take (&line, "E:ID_FS_TYPE=") ? &record->kind : &record->name;
    if (value == &record->kind || pl_span_take (&line, "E:DM_NAME="))
      *value = line.size > 0 ? pl_machine_string (machine, line.at, (gssize) line.size) : NULL;
  }
  pl_buffer_clear (&buffer);
  return state;
}

/* What the block devices of a dm or md device are. Devices of hardware have the directory too, and nothing in
 * it; partitions have none. Source: Documentation/ABI/stable/sysfs-block, slaves; block/genhd.c,
 * device_add_disk(). */
static void
read_slaves (struct pl_machine *machine, const struct pl_directory *directory, struct pl_block *block)
{
  struct pl_directory slaves;
  g_autoptr (GPtrArray) names = NULL;
  GPtrArray *own = pl_machine_keep_list (machine, g_ptr_array_new ());
  pl_directory_open_in (&slaves, directory, "slaves");
  block->slaves_state = pl_directory_list (&slaves, &names);
  pl_directory_close (&slaves);
  for (guint i = 0; i < names->len; i++)
    g_ptr_array_add (own, (char *) pl_machine_string (machine, g_ptr_array_index (names, i), -1));
  block->slaves = own;
}

/* The functions behind an NVMe subsystem: more than one where a disk has several ports. */
struct subsystem {
  enum pl_state state;
  GArray *owners; /* struct pl_address */
};

static void
free_subsystem (void *data)
{
  struct subsystem *subsystem = data;
  g_array_unref (subsystem->owners);
  g_free (subsystem);
}

static bool
want_controller (const char *name, gsize length, void *data)
{
  (void) length, (void) data;
  return pl_name_is_numbered (name, "nvme");
}

/* Source: drivers/nvme/host/core.c, nvme_init_subsystem(): a link to each controller in the subsystem's
 * directory. */
static struct subsystem *
read_subsystem (struct pl_machine *machine, struct pl_root *root, const char *name)
{
  struct subsystem *subsystem = g_new0 (struct subsystem, 1);
  subsystem->owners = g_array_new (FALSE, FALSE, sizeof (struct pl_address));
  g_autofree char *path = g_strconcat ("sys/class/nvme-subsystem/", name, NULL);
  struct pl_class controllers;
  pl_class_open (&controllers, machine, root, path, want_controller, NULL);
  while (pl_class_next (&controllers))
    if (controllers.has_owner)
      g_array_append_val (subsystem->owners, controllers.owner);
  subsystem->state = controllers.state;
  pl_class_close (&controllers);
  if (subsystem->state == PL_ABSENT) {
    /* A namespace stands below a subsystem that is not there. */
    subsystem->state = PL_INVALID;
    pl_machine_add_note (machine, path, 0,
                         "which functions the namespaces of this subsystem hang on is not said");
  }
  return subsystem;
}

/* "nvme-subsys0" in "../../devices/virtual/nvme-subsystem/nvme-subsys0/nvme0n1"; NULL in any other path. With
 * native multipath (the default, also for one port) namespaces hang below the subsystem. Free with g_free().
 * Source: drivers/nvme/host/multipath.c, nvme_mpath_set_live(); Documentation/admin-guide/nvme-multipath.rst.
 */
static char *
find_subsystem_name (const char *target)
{
  static const char above[] = "/nvme-subsystem/";
  const char *found = strstr (target, above);
  if (found == NULL)
    return NULL;
  found += sizeof above - 1;
  gsize length = strcspn (found, "/");
  return length > 0 ? g_strndup (found, length) : NULL;
}

/* The paths to a namespace below its controllers, "nvme0c1n2": no devices that anybody can open.
 * Source: drivers/nvme/host/multipath.c: GENHD_FL_HIDDEN. */
static bool
is_hidden (const char *name, enum pl_state number)
{
  return number == PL_ABSENT && strncmp (name, "nvme", 4) == 0 && strchr (name + 4, 'c') != NULL;
}

static void
add_block (GPtrArray *blocks, struct pl_block block)
{
  g_ptr_array_add (blocks, g_memdup2 (&block, sizeof block));
}

/* Everything of a block device but whose it is; false where it is none, or gone since it was listed. */
static bool
read_block (struct pl_machine *machine, struct pl_root *root, const struct pl_class *class,
            struct pl_block *block)
{
  *block = (struct pl_block){ .name = pl_machine_string (machine, class->name, -1),
                              .has_owner = class->has_owner,
                              .owner = class->owner };
  struct pl_directory directory;
  pl_directory_open_in (&directory, &class->directory, class->name);
  enum pl_state number = pl_block_read_number (&directory, &block->major, &block->minor);
  bool is_device = directory.state != PL_ABSENT && !is_hidden (class->name, number);
  if (is_device) {
    struct pl_block_record record;
    read_slaves (machine, &directory, block);
    block->kind_state = number == PL_KNOWN
                            ? pl_block_read_record (machine, root, block->major, block->minor, &record)
                            : PL_UNREAD;
    if (block->kind_state == PL_KNOWN) {
      block->kind = record.kind;
      block->kind_state = record.kind != NULL ? PL_KNOWN : PL_ABSENT;
    }
  }
  pl_directory_close (&directory);
  return is_device;
}

/* A namespace of several controllers stands once for each, all alike but the owner. */
static void
add_namespace (struct pl_machine *machine, GPtrArray *blocks, struct pl_block block,
               const struct subsystem *subsystem)
{
  for (guint i = 0; i < subsystem->owners->len; i++) {
    block.has_owner = true;
    block.owner = g_array_index (subsystem->owners, struct pl_address, i);
    add_block (blocks, block);
  }
  if (subsystem->owners->len == 0) {
    /* Over a network, or all paths to it are gone. */
    add_block (blocks, block);
    pl_machine_add_note (machine, "/sys/class/block", 0, "%s hangs on no PCI function", block.name);
  }
}

void
pl_read_blocks (struct pl_machine *machine, struct pl_root *root)
{
  struct pl_class class;
  struct pl_block block;
  GPtrArray *blocks = pl_machine_keep_list (machine, g_ptr_array_new_with_free_func (g_free));
  g_autoptr (GHashTable) subsystems = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_subsystem);
  pl_blocks_open (&class, machine, root);
  while (pl_class_next (&class)) {
    if (!read_block (machine, root, &class, &block))
      continue;
    g_autofree char *name = class.has_owner ? NULL : find_subsystem_name (class.target);
    if (name == NULL) {
      add_block (blocks, block);
      continue;
    }
    struct subsystem *subsystem = g_hash_table_lookup (subsystems, name);
    if (subsystem == NULL) {
      subsystem = read_subsystem (machine, root, name);
      g_hash_table_insert (subsystems, g_steal_pointer (&name), subsystem);
    }
    pl_state_lower (&class.state, subsystem->state);
    add_namespace (machine, blocks, block, subsystem);
  }
  pl_machine_set_blocks (machine, class.state, blocks);
  pl_class_close (&class);
}
