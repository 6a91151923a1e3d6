/* mounts.c - what the host uses of its block devices: mounted file systems and swap. */
#include "machine/readers.h"
#include "machine/storage.h"

#include <string.h>

/* The columns of a line of /proc/self/mountinfo that matter. */
struct mount_line {
  struct pl_span number, point, type, source;
};

/* "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw". Source: man 5 proc_pid_mountinfo. */
static bool
split_mount (struct pl_span line, struct mount_line *mount)
{
  struct pl_span word;
  for (guint column = 0; column < 5; column++) {
    if (!pl_span_take_word_into (&line, &word))
      return false;
    if (column == 2)
      mount->number = word;
  }
  mount->point = word;
  do {
    if (!pl_span_take_word_into (&line, &word))
      return false;
  } while (!pl_span_is (word, "-"));
  return pl_span_take_word_into (&line, &mount->type) && pl_span_take_word_into (&line, &mount->source);
}

/* Kept is what lies on block devices, and the root whatever it is. File systems that span devices name one of
 * them, or as ZFS the data set. Snap mounts an image for each program: these lie on a file system that is
 * mounted itself. */
static bool
want_mount (const char *text, gsize length, void *data)
{
  static const char *const types[] = { "btrfs", "zfs", "bcachefs" };
  struct mount_line mount;
  (void) data;
  if (!split_mount ((struct pl_span){ text, length }, &mount))
    return false;
  if (pl_span_is (mount.point, "/"))
    return true;
  if (pl_span_starts (mount.source, "/dev/loop"))
    return !pl_span_is (mount.type, "squashfs");
  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    if (pl_span_is (mount.type, types[i]))
      return true;
  return pl_span_starts (mount.source, "/dev/") && !pl_span_is (mount.source, "/dev/fuse");
}

/* People's names stand in the places where their homes and their sticks are mounted, and so do the sticks'
 * names: the recorder replaces them. */
static void
hand_in_names (struct pl_root *root, struct pl_span point)
{
  static const struct {
    const char *above;
    guint n;
  } places[] = { { "/home/", 1 }, { "/run/media/", 2 }, { "/media/", 2 } };
  for (guint i = 0; i < G_N_ELEMENTS (places); i++) {
    if (!pl_span_starts (point, places[i].above))
      continue;
    struct pl_span rest = pl_span_skip (point, strlen (places[i].above));
    for (guint n = 0; n < places[i].n && rest.size > 0; n++) {
      const char *slash = memchr (rest.at, '/', rest.size);
      struct pl_span name = slash != NULL ? pl_span_head (rest, (gsize) (slash - rest.at)) : rest;
      g_autofree char *text = g_strndup (name.at, name.size);
      pl_root_add_secret (root, PL_SECRET_USER, text);
      rest = slash != NULL ? pl_span_skip (rest, name.size + 1) : pl_span_skip (rest, rest.size);
    }
  }
}

static bool
is_octal (char digit)
{
  return digit >= '0' && digit <= '7';
}

/* "/mnt/my\040disk": blank, tab, newline and backslash are written as octal. Source: fs/proc_namespace.c,
 * mangle(). */
static const char *
own_unescaped (struct pl_machine *machine, struct pl_span text)
{
  GString *plain = g_string_sized_new (text.size);
  for (gsize i = 0; i < text.size; i++) {
    const char *at = text.at + i;
    if (*at == '\\' && text.size - i > 3 && at[1] <= '3' && is_octal (at[1]) && is_octal (at[2])
        && is_octal (at[3])) {
      g_string_append_c (plain, (char) ((at[1] - '0') << 6 | (at[2] - '0') << 3 | (at[3] - '0')));
      i += 3;
    } else {
      g_string_append_c (plain, *at);
    }
  }
  const char *own = pl_machine_string (machine, plain->str, -1);
  g_string_free (plain, TRUE);
  return own;
}

/* Finding a device's numbers by its path. */
struct devices {
  struct pl_machine *machine;
  struct pl_root *root;
  GHashTable *numbers; /* path -> major and minor as guint64; both strings and keys are the machine's */
  bool has_mapped;     /* the names of device mapper were added to it */
};

static void
note_number (struct devices *devices, const char *path, guint major, guint minor)
{
  guint64 *number = g_new (guint64, 1);
  *number = (guint64) major << 32 | minor;
  g_hash_table_insert (devices->numbers, (char *) path, number);
}

/* "/dev/mapper/NAME" of every mapped device, by udev's record of the name. */
static void
find_mapped (struct devices *devices)
{
  struct pl_class class;
  pl_blocks_open (&class, devices->machine, devices->root);
  while (pl_class_next (&class)) {
    guint major, minor;
    struct pl_directory block;
    struct pl_block_record record;
    if (!pl_name_is_numbered (class.name, "dm-"))
      continue;
    pl_directory_open_in (&block, &class.directory, class.name);
    if (pl_block_read_number (&block, &major, &minor) == PL_KNOWN
        && pl_block_read_record (devices->machine, devices->root, major, minor, &record) == PL_KNOWN
        && record.name != NULL) {
      g_autofree char *path = g_strconcat ("/dev/mapper/", record.name, NULL);
      note_number (devices, pl_machine_string (devices->machine, path, -1), major, minor);
    }
    pl_directory_close (&block);
  }
  pl_class_close (&class);
}

/* The device behind "/dev/nvme0n1p2" or "/dev/mapper/root"; 0:0 where it is not found. Other paths are links
 * that udev made, and may hold what nobody should find in a recording. */
static void
find_number (struct devices *devices, const char *path, guint *major, guint *minor)
{
  guint64 *known = g_hash_table_lookup (devices->numbers, path);
  if (known == NULL && g_str_has_prefix (path, "/dev/mapper/") && !devices->has_mapped) {
    devices->has_mapped = true;
    find_mapped (devices);
    known = g_hash_table_lookup (devices->numbers, path);
  }
  if (known == NULL && g_str_has_prefix (path, "/dev/") && path[5] != '\0' && path[5] != '.'
      && strchr (path + 5, '/') == NULL) {
    g_autofree char *directory = g_strconcat ("sys/class/block/", path + 5, NULL);
    struct pl_directory block;
    pl_directory_open (&block, devices->root, directory);
    pl_block_read_number (&block, major, minor);
    pl_directory_close (&block);
    note_number (devices, path, *major, *minor);
    return;
  }
  *major = known != NULL ? (guint) (*known >> 32) : 0;
  *minor = known != NULL ? (guint) *known : 0;
}

static void
devices_init (struct devices *devices, struct pl_machine *machine, struct pl_root *root)
{
  *devices = (struct devices){ .machine = machine, .root = root };
  devices->numbers = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
}

static bool
parse_number (struct pl_span text, guint *major, guint *minor)
{
  guint64 first, second;
  gssize colon = pl_span_find (text, ":");
  if (colon < 0 || !pl_span_number (pl_span_head (text, (gsize) colon), 10, &first)
      || !pl_span_number (pl_span_skip (text, (gsize) colon + 1), 10, &second) || first > G_MAXUINT
      || second > G_MAXUINT)
    return false;
  *major = (guint) first;
  *minor = (guint) second;
  return true;
}

void
pl_read_mounts (struct pl_machine *machine, struct pl_root *root)
{
  struct pl_buffer buffer = PL_BUFFER_INIT;
  struct devices devices;
  devices_init (&devices, machine, root);
  GPtrArray *mounts = pl_machine_keep_list (machine, g_ptr_array_new_with_free_func (g_free));
  enum pl_state state
      = pl_state_of_fixed (pl_root_read_lines (root, "proc/self/mountinfo", want_mount, NULL, &buffer));
  struct pl_lines lines = pl_lines_of (&buffer);
  struct pl_span line;
  while (pl_lines_take (&lines, &line)) {
    struct mount_line parts;
    struct pl_mount mount;
    if (!split_mount (line, &parts) || !parse_number (parts.number, &mount.major, &mount.minor)) {
      state = PL_INVALID;
      pl_machine_add_note (machine, "/proc/self/mountinfo", 0, "a line has no device number");
      break;
    }
    hand_in_names (root, parts.point);
    mount.point = own_unescaped (machine, parts.point);
    mount.type = own_unescaped (machine, parts.type);
    mount.device = own_unescaped (machine, parts.source);
    /* A file system that spans devices has a number of its own: that of the device it names says more. */
    if (mount.major == 0 && g_str_has_prefix (mount.device, "/dev/")) {
      guint major, minor;
      find_number (&devices, mount.device, &major, &minor);
      if (major != 0) {
        mount.major = major;
        mount.minor = minor;
      }
    }
    g_ptr_array_add (mounts, g_memdup2 (&mount, sizeof mount));
  }
  g_hash_table_unref (devices.numbers);
  pl_buffer_clear (&buffer);
  pl_machine_set_mounts (machine, state, mounts);
}

/* "/dev/dm-1    partition    8388604    0    -2", below a heading. A file lies on a file system that is
 * mounted itself, and keeps the number 0:0. Source: man 5 proc_swaps; mm/swapfile.c, swap_show(). */
static bool
split_swap (struct pl_span line, struct pl_span *device, struct pl_span *type)
{
  return pl_span_take_word_into (&line, device) && pl_span_take_word_into (&line, type)
         && pl_span_starts (*device, "/");
}

static bool
want_swap (const char *text, gsize length, void *data)
{
  struct pl_span device, type;
  (void) data;
  return split_swap ((struct pl_span){ text, length }, &device, &type);
}

void
pl_read_swaps (struct pl_machine *machine, struct pl_root *root)
{
  if (!pl_has_running (root, "proc/swaps"))
    return;
  struct pl_buffer buffer = PL_BUFFER_INIT;
  struct devices devices;
  devices_init (&devices, machine, root);
  GPtrArray *swaps = pl_machine_keep_list (machine, g_ptr_array_new_with_free_func (g_free));
  enum pl_state state = pl_root_read_lines (root, "proc/swaps", want_swap, NULL, &buffer);
  struct pl_lines lines = pl_lines_of (&buffer);
  struct pl_span line, device, type;
  while (pl_lines_take (&lines, &line)) {
    if (!split_swap (line, &device, &type))
      continue;
    struct pl_mount swap = { .point = "[swap]",
                             .type = pl_machine_string (machine, type.at, (gssize) type.size),
                             .device = own_unescaped (machine, device) };
    if (strcmp (swap.type, "partition") == 0)
      find_number (&devices, swap.device, &swap.major, &swap.minor);
    g_ptr_array_add (swaps, g_memdup2 (&swap, sizeof swap));
  }
  g_hash_table_unref (devices.numbers);
  pl_buffer_clear (&buffer);
  pl_machine_set_swaps (machine, state, swaps);
}
