/* identity.c - which functions the machine has, and what each one is: the part that every command needs.
 *
 * Three answers a function: uevent, revision, iommu_group. This is the hot path of `groups` (DESIGN.md,
 * section 11).
 */
#include "machine/read.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#define PCI_DEVICES "sys/bus/pci/devices"

/* Hexadecimal digits up to @end; false where there is none, or more than @most. */
static bool
take_hex (const char **at, const char *end, guint most, guint32 *value)
{
  guint n = 0;
  guint32 sum = 0;
  const char *digit = *at;
  while (digit < end && g_ascii_isxdigit (*digit)) {
    sum = sum << 4 | (guint32) g_ascii_xdigit_value (*digit++);
    n++;
  }
  if (n == 0 || n > most)
    return false;
  *at = digit;
  *value = sum;
  return true;
}

/* "1002:731F" */
static bool
take_id_pair (const char *at, const char *end, guint16 *first, guint16 *second)
{
  guint32 high, low;
  if (!take_hex (&at, end, 4, &high) || at == end || *at++ != ':' || !take_hex (&at, end, 4, &low)
      || at != end)
    return false;
  *first = (guint16) high;
  *second = (guint16) low;
  return true;
}

static bool
has_prefix (const char *line, const char *end, const char *prefix, gsize length)
{
  return (gsize) (end - line) > length && memcmp (line, prefix, length) == 0;
}
#define TAKES(prefix) has_prefix (line, end, prefix, sizeof prefix - 1)

/* The last driver's name met: neighbours have the same one, and the chunk's hash table is not asked again. */
struct driver_cache {
  const char *name;
  gsize length;
};

static const char *
driver_name (struct pl_machine *machine, struct driver_cache *cache, const char *name, gsize length)
{
  if (cache->name == NULL || cache->length != length || memcmp (cache->name, name, length) != 0) {
    cache->name = pl_machine_string (machine, name, (gssize) length);
    cache->length = length;
  }
  return cache->name;
}

/* Facts of uevent. What it has no line for is absent (a driver) or invalid (an id: the kernel always writes
 * them). */
static void
parse_uevent (struct pl_machine *machine, struct pl_device *device, const struct pl_buffer *text,
              struct driver_cache *cache)
{
  device->state_[PL_DEVICE_driver] = PL_ABSENT;
  const char *stop = text->bytes + text->size;
  for (const char *line = text->bytes, *next; line < stop; line = next) {
    const char *newline = memchr (line, '\n', stop - line);
    const char *end = newline != NULL ? newline : stop;
    next = newline != NULL ? newline + 1 : stop;
    guint32 number;
    guint16 first, second;
    const char *value;
    if (TAKES ("DRIVER=")) {
      value = line + 7;
      pl_device_set_driver (device, PL_KNOWN, driver_name (machine, cache, value, end - value));
    } else if (TAKES ("PCI_CLASS=")) {
      value = line + 10;
      if (take_hex (&value, end, 6, &number) && value == end) {
        pl_device_set_class (device, PL_KNOWN, (guint16) (number >> 8));
        pl_device_set_prog_if (device, PL_KNOWN, (guint8) (number & 255));
      }
    } else if (TAKES ("PCI_ID=")) {
      if (take_id_pair (line + 7, end, &first, &second)) {
        pl_device_set_vendor (device, PL_KNOWN, first);
        pl_device_set_device (device, PL_KNOWN, second);
      }
    } else if (TAKES ("PCI_SUBSYS_ID=")) {
      if (take_id_pair (line + 14, end, &first, &second)) {
        pl_device_set_subsystem_vendor (device, PL_KNOWN, first);
        pl_device_set_subsystem_device (device, PL_KNOWN, second);
      }
    }
  }
}

static const enum pl_device_fact uevent_facts[]
    = { PL_DEVICE_vendor,           PL_DEVICE_device,           PL_DEVICE_class, PL_DEVICE_prog_if,
        PL_DEVICE_subsystem_vendor, PL_DEVICE_subsystem_device, PL_DEVICE_driver };

static void
read_uevent (struct pl_machine *machine, struct pl_device *device, struct pl_directory *directory,
             struct pl_buffer *buffer, struct driver_cache *cache)
{
  enum pl_state state = pl_directory_read (directory, "uevent", buffer);
  if (state == PL_KNOWN)
    parse_uevent (machine, device, buffer, cache);
  bool complete = true;
  for (guint i = 0; i < G_N_ELEMENTS (uevent_facts); i++) {
    guint8 *fact = &device->state_[uevent_facts[i]];
    if (state != PL_KNOWN) {
      /* A function without its uevent is not one without a driver: absence of the file says nothing of it. */
      *fact = state == PL_ABSENT ? PL_INVALID : (guint8) state;
    } else if (*fact == PL_UNREAD) {
      *fact = PL_INVALID;
      complete = false;
    }
  }
  if (!complete) {
    g_autofree char *path = pl_directory_path (directory);
    pl_machine_add_note (machine, path, 0,
                         "its uevent lacks an id or the class, or has them in another form");
  }
}

static void
read_revision (struct pl_machine *machine, struct pl_device *device, struct pl_directory *directory,
               struct pl_buffer *buffer)
{
  enum pl_state state = pl_directory_read (directory, "revision", buffer);
  guint32 number = 0;
  if (state == PL_KNOWN) {
    const char *at = buffer->bytes, *end = buffer->bytes + buffer->size;
    if (end > at && end[-1] == '\n')
      end--;
    bool valid = end - at > 2 && at[0] == '0' && at[1] == 'x';
    at += valid ? 2 : 0;
    if (!valid || !take_hex (&at, end, 2, &number) || at != end) {
      state = PL_INVALID;
      g_autofree char *path = pl_directory_path (directory);
      pl_machine_add_note (machine, path, 0, "its revision is not a hexadecimal number of one byte");
    }
  }
  pl_device_set_revision (device, state, (guint8) number);
}

/* The link's last component is the group's number. */
static void
read_group (struct pl_machine *machine, struct pl_device *device, struct pl_directory *directory)
{
  char target[PATH_MAX];
  enum pl_state state = pl_directory_link (directory, "iommu_group", target, sizeof target);
  guint64 number = 0;
  if (state == PL_KNOWN) {
    const char *slash = strrchr (target, '/');
    if (!g_ascii_string_to_unsigned (slash != NULL ? slash + 1 : target, 10, 0, G_MAXINT32, &number, NULL)) {
      state = PL_INVALID;
      g_autofree char *path = pl_directory_path (directory);
      pl_machine_add_note (machine, path, 0, "its iommu_group does not point to a group: %s", target);
    }
  }
  pl_device_set_group (device, state, (gint32) number);
}

/* One function; left out where it is gone since it was listed, whatever else is wrong makes its facts not
 * known. */
static void
read_function (struct pl_machine *machine, const struct pl_directory *devices, const char *name,
               struct pl_buffer *buffer, struct driver_cache *cache)
{
  struct pl_address address;
  gsize length = strlen (name);
  if (pl_address_parse (name, length, &address) != length) {
    pl_machine_add_note (machine, PCI_DEVICES, 0, "%s is not the address of a PCI function: left out", name);
    return;
  }
  struct pl_directory directory;
  if (pl_directory_open_in (&directory, devices, name) == PL_ABSENT) {
    pl_machine_add_note (machine, PCI_DEVICES, 0, "%s vanished while the machine was read", name);
    pl_directory_close (&directory);
    return;
  }
  struct pl_device *device = pl_machine_add_device (machine, address);
  read_uevent (machine, device, &directory, buffer, cache);
  if (directory.state == PL_KNOWN && directory.last_errno == ENODEV) {
    /* Removed between the open and the read: kernfs answers ENODEV. Source: fs/kernfs/file.c,
     * kernfs_get_active(). */
    g_array_set_size (machine->devices_, machine->devices_->len - 1);
    pl_machine_add_note (machine, PCI_DEVICES, 0, "%s vanished while the machine was read", name);
    pl_directory_close (&directory);
    return;
  }
  read_revision (machine, device, &directory, buffer);
  read_group (machine, device, &directory);
  pl_directory_close (&directory);
}

struct pl_machine *
pl_machine_read (struct pl_root *root, const char *origin, struct pl_names *names)
{
  static const enum pl_source sources[] = { PL_SOURCE_LIVE, PL_SOURCE_TREE, PL_SOURCE_RECORDING };
  struct pl_machine *machine = pl_machine_new (sources[pl_root_kind (root)], origin, names);
  const struct pl_host *host = pl_root_host (root);
  machine->is_privileged = host->uid_state == PL_KNOWN && host->uid == 0;

  struct pl_directory devices;
  g_autoptr (GPtrArray) found = NULL;
  pl_directory_open (&devices, root, PCI_DEVICES);
  machine->devices_state = pl_directory_list (&devices, &found);
  machine->devices_errno = devices.last_errno;
  struct pl_buffer buffer = PL_BUFFER_INIT;
  struct driver_cache cache = { NULL, 0 };
  for (guint i = 0; i < found->len; i++)
    read_function (machine, &devices, g_ptr_array_index (found, i), &buffer, &cache);
  pl_buffer_clear (&buffer);
  pl_directory_close (&devices);
  pl_machine_sort_devices (machine);
  return machine;
}
