/* machine.c - the storage of a machine; see machine.h. */
#include "machine/machine.h"

#include <stdlib.h>
#include <string.h>

#define X(type, name, parser, file, source) { #name, file, source },
const struct pl_fact_row pl_device_facts[PL_N_DEVICE_FACTS]
    = { PL_DEVICE_IDENTITY (X) PL_DEVICE_FURTHER (X) };
#undef X
#define X(type, name, path, reader, source) { #name, path, source },
const struct pl_fact_row pl_machine_facts[PL_N_MACHINE_FACTS] = { PL_MACHINE_FACTS (X) };
#undef X

G_STATIC_ASSERT (PL_N_DEVICE_FACTS <= 64);
G_STATIC_ASSERT (PL_N_MACHINE_FACTS <= 64);

static void
clear_device (void *data)
{
  struct pl_device *device = data;
  g_free (device->further_);
  g_free (device->text_);
}

static void
free_note (void *data)
{
  struct pl_note *note = data;
  g_free ((char *) note->path);
  g_free ((char *) note->text);
  g_free (note);
}

struct pl_machine *
pl_machine_new (enum pl_source source, const char *origin, struct pl_names *names)
{
  struct pl_machine *machine = g_new0 (struct pl_machine, 1);
  machine->source = source;
  machine->origin = g_strdup (origin);
  machine->devices_ = g_array_new (FALSE, TRUE, sizeof (struct pl_device));
  g_array_set_clear_func (machine->devices_, clear_device);
  machine->groups_ = g_array_new (FALSE, TRUE, sizeof (struct pl_group));
  machine->notes_ = g_ptr_array_new_with_free_func (free_note);
  machine->strings_ = g_string_chunk_new (1024);
  machine->lists_ = g_hash_table_new (NULL, NULL);
  machine->names = names;
  return machine;
}

void
pl_machine_free (struct pl_machine *machine)
{
  if (machine == NULL)
    return;
  g_array_unref (machine->devices_);
  g_array_unref (machine->groups_);
  g_ptr_array_unref (machine->notes_);
  GHashTableIter kept;
  void *list, *release;
  g_hash_table_iter_init (&kept, machine->lists_);
  while (g_hash_table_iter_next (&kept, &list, &release))
    ((void (*) (void *)) release) (list);
  g_hash_table_unref (machine->lists_);
  g_string_chunk_free (machine->strings_);
  pl_names_free (machine->names);
  g_free ((char *) machine->origin);
  g_free (machine);
}

guint
pl_machine_n_devices (const struct pl_machine *machine)
{
  return machine->devices_->len;
}

struct pl_device *
pl_machine_device (const struct pl_machine *machine, guint index)
{
  return &g_array_index (machine->devices_, struct pl_device, index);
}

struct pl_device *
pl_machine_find (const struct pl_machine *machine, struct pl_address address)
{
  guint low = 0, high = machine->devices_->len;
  while (low < high) {
    guint middle = low + (high - low) / 2;
    struct pl_device *device = pl_machine_device (machine, middle);
    int order = pl_address_compare (device->address, address);
    if (order == 0)
      return device;
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  return NULL;
}

struct pl_device *
pl_machine_add_device (struct pl_machine *machine, struct pl_address address)
{
  guint index = machine->devices_->len;
  g_array_set_size (machine->devices_, index + 1);
  struct pl_device *device = pl_machine_device (machine, index);
  device->address = address;
  return device;
}

static int
compare_devices (const void *left, const void *right)
{
  const struct pl_device *first = left, *second = right;
  return pl_address_compare (first->address, second->address);
}

void
pl_machine_sort_devices (struct pl_machine *machine)
{
  GArray *devices = machine->devices_;
  bool sorted = true;
  for (guint i = 1; i < devices->len && sorted; i++)
    sorted = compare_devices (pl_machine_device (machine, i - 1), pl_machine_device (machine, i)) < 0;
  if (sorted)
    return;
  /* g_array_sort() is stable: of two at one address the later one stands behind and stays. */
  g_array_sort (devices, compare_devices);
  guint kept = 0;
  for (guint i = 0; i < devices->len; i++) {
    struct pl_device *device = pl_machine_device (machine, i);
    if (i + 1 < devices->len && compare_devices (device, device + 1) == 0) {
      clear_device (device);
      continue;
    }
    struct pl_device *place = pl_machine_device (machine, kept++);
    if (place != device)
      *place = *device;
  }
  /* What was moved forward must not be cleared at its old place too. */
  memset (devices->data + (gsize) kept * sizeof (struct pl_device), 0,
          (gsize) (devices->len - kept) * sizeof (struct pl_device));
  g_array_set_size (devices, kept);
}

/* The index of the group, or where it would stand. */
static guint
group_index (const struct pl_machine *machine, gint32 id)
{
  guint low = 0, high = machine->groups_->len;
  while (low < high) {
    guint middle = low + (high - low) / 2;
    if (g_array_index (machine->groups_, struct pl_group, middle).id < id)
      low = middle + 1;
    else
      high = middle;
  }
  return low;
}

const struct pl_group *
pl_machine_group (const struct pl_machine *machine, gint32 id)
{
  guint index = group_index (machine, id);
  if (index == machine->groups_->len)
    return NULL;
  const struct pl_group *group = &g_array_index (machine->groups_, struct pl_group, index);
  return group->id == id ? group : NULL;
}

struct pl_group *
pl_machine_add_group (struct pl_machine *machine, gint32 id)
{
  guint index = group_index (machine, id);
  if (index == machine->groups_->len || g_array_index (machine->groups_, struct pl_group, index).id != id) {
    struct pl_group group = { .id = id };
    g_array_insert_val (machine->groups_, index, group);
  }
  return &g_array_index (machine->groups_, struct pl_group, index);
}

guint
pl_machine_n_notes (const struct pl_machine *machine)
{
  return machine->notes_->len;
}

const struct pl_note *
pl_machine_note (const struct pl_machine *machine, guint index)
{
  return g_ptr_array_index (machine->notes_, index);
}

void
pl_machine_add_note (struct pl_machine *machine, const char *path, guint line, const char *format, ...)
{
  struct pl_note *note = g_new0 (struct pl_note, 1);
  note->path = g_strdup (path);
  note->line = line;
  va_list arguments;
  va_start (arguments, format);
  note->text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_ptr_array_add (machine->notes_, note);
}

enum pl_state
pl_device_state (const struct pl_device *device, enum pl_device_fact fact)
{
  if ((guint) fact < (guint) PL_N_DEVICE_IDENTITY)
    return (enum pl_state) device->state_[fact];
  return device->further_ != NULL ? (enum pl_state) device->further_->state_[fact - PL_N_DEVICE_IDENTITY]
                                  : PL_UNREAD;
}

enum pl_state
pl_machine_state (const struct pl_machine *machine, enum pl_machine_fact fact)
{
  return (enum pl_state) machine->state_[fact];
}

char *
pl_device_evidence (const struct pl_machine *machine, const struct pl_device *device,
                    enum pl_device_fact fact, guint *line)
{
  *line = 0;
  if (machine->source == PL_SOURCE_TEXT) {
    if (device->text_ != NULL)
      *line = device->text_->line_[fact];
    return g_strdup (machine->origin);
  }
  char address[PL_ADDRESS_SIZE];
  pl_address_format (device->address, address);
  const char *file = pl_device_facts[fact].file;
  return strcmp (file, ".") == 0 ? g_strdup_printf ("/sys/bus/pci/devices/%s", address)
                                 : g_strdup_printf ("/sys/bus/pci/devices/%s/%s", address, file);
}

char *
pl_machine_evidence (const struct pl_machine *machine, enum pl_machine_fact fact, guint *line)
{
  *line = 0;
  if (machine->source == PL_SOURCE_TEXT) {
    *line = machine->line_[fact];
    return g_strdup (machine->origin);
  }
  return g_strconcat ("/", pl_machine_facts[fact].file, NULL);
}

struct pl_device_further *
pl_device_further (struct pl_device *device)
{
  if (device->further_ == NULL)
    device->further_ = g_new0 (struct pl_device_further, 1);
  return device->further_;
}

struct pl_device_text *
pl_device_text (struct pl_device *device)
{
  if (device->text_ == NULL)
    device->text_ = g_new0 (struct pl_device_text, 1);
  return device->text_;
}

const char *
pl_machine_string (struct pl_machine *machine, const char *text, gssize length)
{
  if (length < 0)
    return g_string_chunk_insert_const (machine->strings_, text);
  g_autofree char *copy = g_strndup (text, (gsize) length);
  return g_string_chunk_insert_const (machine->strings_, copy);
}

GArray *
pl_machine_keep_array (struct pl_machine *machine, GArray *array)
{
  g_hash_table_insert (machine->lists_, array, (void *) g_array_unref);
  return array;
}

bool
pl_machine_needs_domain (const struct pl_machine *machine)
{
  /* Functions are in the order of their addresses: the last one has the highest PCI domain. */
  guint n = pl_machine_n_devices (machine);
  return n > 0 && pl_machine_device (machine, n - 1)->address.domain != 0;
}

char *
pl_machine_join_addresses (const struct pl_machine *machine, const GPtrArray *devices, const char *between,
                           const char *last)
{
  GString *text = g_string_new (NULL);
  bool with_domain = pl_machine_needs_domain (machine);
  for (guint i = 0; i < devices->len; i++) {
    const struct pl_device *device = g_ptr_array_index (devices, i);
    char address[PL_ADDRESS_SIZE];
    g_string_append (text, i == 0 ? "" : i + 1 == devices->len ? last : between);
    g_string_append (text, pl_address_format_short (device->address, with_domain, address));
  }
  return g_string_free (text, FALSE);
}

GPtrArray *
pl_machine_keep_list (struct pl_machine *machine, GPtrArray *list)
{
  g_hash_table_insert (machine->lists_, list, (void *) g_ptr_array_unref);
  return list;
}
