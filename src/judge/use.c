/* use.c - see use.h. */
#include "judge/use.h"

#include "judge/function.h"

#include <string.h>

/* The first things that are named; of more only the number is told. */
#define MOST_NAMED 3

static bool
is_owned (bool has_owner, struct pl_address owner, const struct pl_device *device)
{
  return has_owner && pl_address_compare (owner, device->address) == 0;
}

/* What was seen so far. */
struct sight {
  GPtrArray *named; /* const char * */
  guint n_more;
  enum pl_use_level level;
  bool is_partly_unknown;
};

static void
note (struct sight *sight, enum pl_use_level level, const char *what)
{
  sight->level = MAX (sight->level, level);
  if (what == NULL || pl_names_have (sight->named, what))
    return;
  if (sight->named->len < MOST_NAMED)
    g_ptr_array_add (sight->named, (char *) what);
  else
    sight->n_more++;
}

static void
note_unknown (struct sight *sight)
{
  sight->is_partly_unknown = true;
  sight->level = MAX (sight->level, PL_USE_UNKNOWN);
}

static struct sight
new_sight (void)
{
  return (struct sight){ .named = g_ptr_array_new (), .level = PL_USE_IDLE };
}

static struct pl_use
finish (const struct pl_case *judged, struct sight *sight)
{
  struct pl_use use = { .level = sight->level, .is_partly_unknown = sight->is_partly_unknown };
  if (sight->n_more > 0)
    g_ptr_array_add (sight->named, (char *) pl_case_format (judged, "%u more", sight->n_more));
  if (sight->named->len > 0)
    use.what = pl_case_join (judged, sight->named);
  g_ptr_array_unref (sight->named);
  return use;
}

/* The states of lists: absent is an empty one. */
static const GPtrArray *
list_of (enum pl_state state, const GPtrArray *list, struct sight *sight)
{
  if (pl_is_missing (state))
    note_unknown (sight);
  return state == PL_KNOWN ? list : NULL;
}

struct disks {
  const GPtrArray *blocks;
  const GPtrArray *mounts;
  const GPtrArray *swaps;
  GHashTable *names; /* name -> struct pl_block * */
  GHashTable *seen;  /* struct pl_block * -> whether it is on the function, +1; while it is looked at: not */
};

static void
index_blocks (struct disks *disks)
{
  disks->names = g_hash_table_new (g_str_hash, g_str_equal);
  disks->seen = g_hash_table_new (NULL, NULL);
  for (guint i = 0; disks->blocks != NULL && i < disks->blocks->len; i++) {
    struct pl_block *block = g_ptr_array_index (disks->blocks, i);
    g_hash_table_insert (disks->names, (char *) block->name, block);
  }
}

/* A RAID mode (Intel VMD) hides its disks behind a PCI domain of its own, from 0x10000 on.
 * Source: drivers/pci/controller/vmd.c, vmd_find_free_domain(). */
static bool
is_behind (const struct pl_block *block, const struct pl_device *device, struct sight *sight)
{
  const char *driver;
  if (is_owned (block->has_owner, block->owner, device))
    return true;
  if (!block->has_owner || block->owner.domain < 0x10000 || device->address.domain >= 0x10000
      || !pl_may_be_base (device, PL_BASE_STORAGE))
    return false;
  enum pl_state state = pl_device_get_driver (device, &driver);
  if (pl_is_missing (state))
    note_unknown (sight);
  return state == PL_KNOWN && strcmp (driver, "vmd") == 0;
}

/* Volumes stand on volumes; deeper than anybody builds them is not looked. */
#define DEEPEST 32

static bool is_on (const struct disks *disks, const struct pl_block *block, const struct pl_device *device,
                   guint depth, struct sight *sight);

static bool
is_made_of_owned (const struct disks *disks, const struct pl_block *block, const struct pl_device *device,
                  guint depth, struct sight *sight)
{
  if (block->has_owner)
    return false;
  if (pl_is_missing (block->slaves_state) || depth > DEEPEST) {
    note_unknown (sight);
    return false;
  }
  bool is_found = false;
  for (guint i = 0;
       block->slaves_state == PL_KNOWN && block->slaves != NULL && !is_found && i < block->slaves->len; i++) {
    const struct pl_block *slave = g_hash_table_lookup (disks->names, g_ptr_array_index (block->slaves, i));
    if (slave == NULL)
      note_unknown (sight);
    else
      is_found = is_on (disks, slave, device, depth + 1, sight);
  }
  return is_found;
}

/* Whether the block device is on the function, itself or by what it is made of. Each is looked at once. */
static bool
is_on (const struct disks *disks, const struct pl_block *block, const struct pl_device *device, guint depth,
       struct sight *sight)
{
  void *seen = g_hash_table_lookup (disks->seen, block);
  if (seen != NULL)
    return GPOINTER_TO_INT (seen) == 2;
  g_hash_table_insert (disks->seen, (void *) block, GINT_TO_POINTER (1));
  if (!is_behind (block, device, sight) && !is_made_of_owned (disks, block, device, depth, sight))
    return false;
  g_hash_table_insert (disks->seen, (void *) block, GINT_TO_POINTER (2));
  return true;
}

/* btrfs over several disks has no device number of its own: then the device's name tells. */
static bool
is_mount_of (const struct pl_mount *mount, const struct pl_block *block)
{
  if (mount->major != 0 && mount->major == block->major && mount->minor == block->minor)
    return true;
  return mount->device != NULL && g_str_has_prefix (mount->device, "/dev/")
         && strcmp (mount->device + strlen ("/dev/"), block->name) == 0;
}

/* The host does not run, or does not boot again, without these. */
static bool
is_vital_point (const char *point)
{
  static const char *const points[]
      = { "/", "/boot", "/boot/efi", "/efi", "/usr", "/var", "/etc", "/nix", "/nix/store" };
  for (guint i = 0; i < G_N_ELEMENTS (points); i++)
    if (strcmp (points[i], point) == 0)
      return true;
  return false;
}

static bool
has_vital_mount_of_type (const GPtrArray *mounts, const char *type)
{
  for (guint i = 0; i < mounts->len; i++) {
    const struct pl_mount *mount = g_ptr_array_index (mounts, i);
    if (g_strcmp0 (mount->type, type) == 0 && mount->point != NULL && is_vital_point (mount->point))
      return true;
  }
  return false;
}

static void
look_at_mounts (const struct pl_case *judged, const GPtrArray *mounts, const struct pl_block *block,
                struct sight *sight)
{
  for (guint i = 0; mounts != NULL && i < mounts->len; i++) {
    const struct pl_mount *mount = g_ptr_array_index (mounts, i);
    if (mount->point == NULL || !is_mount_of (mount, block))
      continue;
    if (strcmp (mount->point, "[swap]") == 0)
      note (sight, PL_USE_SOME, pl_case_format (judged, "swap on %s", block->name));
    else
      note (sight, is_vital_point (mount->point) ? PL_USE_VITAL : PL_USE_SOME,
            pl_case_format (judged, "the disk of %s", mount->point));
  }
}

/* What udev found on it that a disk in use has. A pool or volume of which the parts are not told may hold the
 * host's root: that counts as it. */
static void
look_at_kind (const struct pl_case *judged, const GPtrArray *mounts, const struct pl_block *block,
              struct sight *sight)
{
  if (pl_is_missing (block->kind_state)) {
    note_unknown (sight);
    return;
  }
  if (block->kind_state != PL_KNOWN || block->kind == NULL)
    return;
  static const struct {
    const char *kind;
    const char *words;
    const char *mount_type;
  } kinds[] = {
    { "LVM2_member", "an LVM volume", NULL },        { "linux_raid_member", "a part of a RAID", NULL },
    { "crypto_LUKS", "an encrypted volume", NULL },  { "btrfs", "a btrfs file system", "btrfs" },
    { "zfs_member", "a part of a ZFS pool", "zfs" }, { "bcachefs", "a bcachefs file system", "bcachefs" },
    { "bcache", "a bcache device", NULL },
  };
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++) {
    if (strcmp (kinds[i].kind, block->kind) != 0)
      continue;
    bool may_be_root = kinds[i].mount_type != NULL && mounts != NULL
                       && has_vital_mount_of_type (mounts, kinds[i].mount_type);
    bool is_vital = may_be_root && sight->level != PL_USE_VITAL;
    note (sight, is_vital ? PL_USE_VITAL : PL_USE_SOME,
          is_vital ? pl_case_format (judged, "%s (%s), which may be that of /", kinds[i].words, block->name)
                   : pl_case_format (judged, "%s (%s)", kinds[i].words, block->name));
  }
}

struct pl_use
pl_use_of_storage (const struct pl_case *judged, const struct pl_device *device)
{
  struct sight sight = new_sight ();
  struct disks disks = { NULL, NULL, NULL, NULL, NULL };
  enum pl_state state = pl_machine_get_blocks (judged->machine, &disks.blocks);
  disks.blocks = list_of (state, disks.blocks, &sight);
  state = pl_machine_get_mounts (judged->machine, &disks.mounts);
  disks.mounts = list_of (state, disks.mounts, &sight);
  state = pl_machine_get_swaps (judged->machine, &disks.swaps);
  disks.swaps = list_of (state, disks.swaps, &sight);
  index_blocks (&disks);
  /* Mounts first, of all: then a part of the root's own file system is not called a second one. */
  for (guint pass = 0; pass < 2; pass++)
    for (guint i = 0; disks.blocks != NULL && i < disks.blocks->len; i++) {
      const struct pl_block *block = g_ptr_array_index (disks.blocks, i);
      if (!is_on (&disks, block, device, 0, &sight))
        continue;
      if (pass == 0) {
        look_at_mounts (judged, disks.mounts, block, &sight);
        look_at_mounts (judged, disks.swaps, block, &sight);
      } else {
        look_at_kind (judged, disks.mounts, block, &sight);
      }
    }
  g_hash_table_unref (disks.names);
  g_hash_table_unref (disks.seen);
  return finish (judged, &sight);
}

struct pl_use
pl_use_of_network (const struct pl_case *judged, const struct pl_device *device)
{
  struct sight sight = new_sight ();
  const GPtrArray *interfaces = NULL;
  enum pl_state state = pl_machine_get_interfaces (judged->machine, &interfaces);
  interfaces = list_of (state, interfaces, &sight);
  bool has_default = false, has_other_default = false;
  const char *default_name = NULL;
  for (guint i = 0; interfaces != NULL && i < interfaces->len; i++) {
    const struct pl_interface *interface = g_ptr_array_index (interfaces, i);
    bool routes = interface->routes_state == PL_KNOWN;
    if (!is_owned (interface->has_owner, interface->owner, device)) {
      /* Only a card of its own is a second way out; a bridge or tunnel may stand on this one. */
      has_other_default
          = has_other_default || (interface->has_owner && routes && interface->has_default_route);
      continue;
    }
    if (pl_is_missing (interface->routes_state) || pl_is_missing (interface->uppers_state))
      note_unknown (&sight);
    if (routes && interface->has_default_route) {
      has_default = true;
      default_name = interface->name;
    } else if (routes && interface->has_route) {
      note (&sight, PL_USE_SOME, pl_case_format (judged, "an address (%s)", interface->name));
    }
    if (interface->uppers_state == PL_KNOWN && interface->uppers != NULL && interface->uppers->len > 0)
      note (&sight, PL_USE_SOME,
            pl_case_format (judged, "%s on it", (const char *) g_ptr_array_index (interface->uppers, 0)));
    if (interface->carrier_state == PL_KNOWN && interface->carrier)
      note (&sight, PL_USE_SOME,
            has_default ? NULL : pl_case_format (judged, "a live cable (%s)", interface->name));
    else if (interface->carrier_state == PL_DENIED || interface->carrier_state == PL_UNREAD)
      note_unknown (&sight);
  }
  if (has_default)
    note (&sight, has_other_default ? PL_USE_SOME : PL_USE_VITAL,
          has_other_default ? pl_case_format (judged, "a default route (%s)", default_name)
                            : pl_case_format (judged, "the default route (%s)", default_name));
  return finish (judged, &sight);
}

struct pl_use
pl_use_of_usb (const struct pl_case *judged, const struct pl_device *device)
{
  struct sight sight = new_sight ();
  const GPtrArray *list = NULL;
  enum pl_state state = pl_machine_get_inputs (judged->machine, &list);
  list = list_of (state, list, &sight);
  for (guint i = 0; list != NULL && i < list->len; i++) {
    const struct pl_input *input = g_ptr_array_index (list, i);
    if (!is_owned (input->has_owner, input->owner, device))
      continue;
    const char *what = input->is_keyboard ? "your keyboard" : input->is_mouse ? "your mouse" : NULL;
    if (input->keys_state == PL_KNOWN && what != NULL)
      note (&sight, PL_USE_SOME,
            input->label != NULL ? pl_case_format (judged, "%s (%s)", what, input->label) : what);
  }
  state = pl_machine_get_usb_devices (judged->machine, &list);
  list = list_of (state, list, &sight);
  guint n = 0;
  for (guint i = 0; list != NULL && i < list->len; i++) {
    const struct pl_usb_device *usb = g_ptr_array_index (list, i);
    n += is_owned (usb->has_owner, usb->owner, device);
  }
  if (n > 0)
    note (&sight, PL_USE_SOME,
          sight.named->len > 0 ? NULL
                               : pl_case_format (judged, "%s USB %s", pl_case_number (judged, n),
                                                 n == 1 ? "device" : "devices"));
  return finish (judged, &sight);
}

/* "card1" of "card1-DP-1" and of "/dev/dri/card1". */
static bool
is_node_of (const char *node, const char *connector)
{
  const char *name = strrchr (node, '/');
  name = name != NULL ? name + 1 : node;
  gsize length = strlen (name);
  return strncmp (connector, name, length) == 0 && (connector[length] == '-' || connector[length] == '\0');
}

/* "/dev/nvidiactl", "/dev/nvidia-uvm": whoever draws or computes on one of the driver's cards holds them, and
 * they do not tell on which. */
static bool
is_nvidia_node (const char *node)
{
  return g_str_has_prefix (node, "/dev/nvidia");
}

static bool
may_be_on_nvidia (const struct pl_device *device)
{
  const char *driver;
  enum pl_state state = pl_device_get_driver (device, &driver);
  return pl_is_missing (state) || (state == PL_KNOWN && strcmp (driver, "nvidia") == 0);
}

static void
look_at_holders (const struct pl_case *judged, const struct pl_device *device, const GPtrArray *connectors,
                 struct sight *sight)
{
  const GPtrArray *holders = NULL;
  enum pl_state state = pl_machine_get_holders (judged->machine, &holders);
  holders = list_of (state, holders, sight);
  const struct pl_holder *nameless = NULL;
  for (guint i = 0; holders != NULL && i < holders->len; i++) {
    const struct pl_holder *holder = g_ptr_array_index (holders, i);
    bool is_nvidia = is_nvidia_node (holder->node);
    if (!is_nvidia && !g_str_has_prefix (holder->node, "/dev/dri/"))
      continue;
    bool is_ours = is_owned (holder->has_owner, holder->owner, device);
    bool is_anothers = !is_ours && (holder->has_owner || (is_nvidia && !may_be_on_nvidia (device)));
    for (guint j = 0; !holder->has_owner && connectors != NULL && j < connectors->len; j++) {
      const struct pl_connector *connector = g_ptr_array_index (connectors, j);
      if (is_node_of (holder->node, connector->name))
        *(is_owned (connector->has_owner, connector->owner, device) ? &is_ours : &is_anothers) = true;
    }
    if (is_ours)
      note (sight, PL_USE_SOME, pl_case_format (judged, "%s (process %u)", holder->command, holder->pid));
    else if (!is_anothers) { /* whose node it is, nobody tells */
      note_unknown (sight);
      if (is_nvidia && pl_device_state (device, PL_DEVICE_driver) == PL_KNOWN)
        nameless = holder;
    }
  }
  if (nameless != NULL && sight->level < PL_USE_SOME)
    note (sight, PL_USE_UNKNOWN,
          pl_case_format (judged, "maybe %s (process %u, which holds %s)", nameless->command, nameless->pid,
                          nameless->node));
  /* Who is not root sees his own processes, and not those of the login screen. */
  if (state == PL_KNOWN && !judged->machine->is_privileged)
    note_unknown (sight);
}

struct pl_use
pl_use_of_display (const struct pl_case *judged, const struct pl_device *device)
{
  struct sight sight = new_sight ();
  const GPtrArray *connectors = NULL;
  enum pl_state state = pl_machine_get_connectors (judged->machine, &connectors);
  connectors = list_of (state, connectors, &sight);
  for (guint i = 0; connectors != NULL && i < connectors->len; i++) {
    const struct pl_connector *connector = g_ptr_array_index (connectors, i);
    if (!is_owned (connector->has_owner, connector->owner, device))
      continue;
    const char *name = strchr (connector->name, '-');
    if (connector->status_state == PL_KNOWN && connector->is_connected)
      note (&sight, PL_USE_SOME,
            pl_case_format (judged, "the monitor on %s", name != NULL ? name + 1 : connector->name));
    else if (pl_is_missing (connector->status_state))
      note_unknown (&sight);
  }
  look_at_holders (judged, device, connectors, &sight);
  return finish (judged, &sight);
}

static struct pl_use
worse_of (const struct pl_case *judged, struct pl_use left, struct pl_use right)
{
  struct pl_use use = left.level >= right.level ? left : right;
  use.is_partly_unknown = left.is_partly_unknown || right.is_partly_unknown;
  if (left.what != NULL && right.what != NULL)
    use.what = pl_case_format (judged, "%s and %s", left.what, right.what);
  return use;
}

struct pl_use
pl_use_of (const struct pl_case *judged, const struct pl_device *device)
{
  guint16 class;
  if (pl_device_get_class (device, &class) != PL_KNOWN)
    return (struct pl_use){ .level = PL_USE_UNKNOWN, .is_partly_unknown = true };
  switch (class >> 8) {
  case PL_BASE_STORAGE:
    return pl_use_of_storage (judged, device);
  case PL_BASE_NETWORK:
    return pl_use_of_network (judged, device);
  case PL_BASE_DISPLAY:
    return pl_use_of_display (judged, device);
  default:
    break;
  }
  if (class == PL_CLASS_USB) {
    struct pl_use disks = pl_use_of_storage (judged, device), network = pl_use_of_network (judged, device);
    return worse_of (judged, pl_use_of_usb (judged, device), worse_of (judged, disks, network));
  }
  return (struct pl_use){ .level = PL_USE_IDLE };
}
