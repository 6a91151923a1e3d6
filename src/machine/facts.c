/* facts.c - reading the facts that are wanted: a function's files by their parser, the machine's by their
 * reader. */
#include "machine/readers.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* The text without the newline and blanks at its end. */
static const char *
trimmed (struct pl_buffer *buffer)
{
  while (buffer->size > 0 && g_ascii_isspace (buffer->bytes[buffer->size - 1]))
    buffer->size--;
  buffer->bytes[buffer->size] = '\0';
  return buffer->bytes;
}

static bool
parse_BOOL (struct pl_machine *machine, const char *text, bool *value)
{
  (void) machine;
  *value = text[0] == '1';
  return (text[0] == '0' || text[0] == '1') && text[1] == '\0';
}

static bool
parse_INT (struct pl_machine *machine, const char *text, gint64 *value)
{
  (void) machine;
  return g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, value, NULL);
}

static bool
parse_WORD (struct pl_machine *machine, const char *text, const char **value)
{
  *value = pl_machine_string (machine, text, -1);
  return text[0] != '\0' && strpbrk (text, " \t\n") == NULL;
}

static bool
parse_WORDS (struct pl_machine *machine, const char *text, const GPtrArray **value)
{
  GPtrArray *words = g_ptr_array_new ();
  while (*text != '\0') {
    gsize length = strcspn (text, " \t\n");
    if (length > 0)
      g_ptr_array_add (words, (char *) pl_machine_string (machine, text, (gssize) length));
    text += length + (text[length] != '\0');
  }
  *value = pl_machine_keep_list (machine, words);
  return true;
}

/* Lines of "0xSTART 0xEND 0xFLAGS"; all zero where nothing is. */
static bool
parse_BARS (struct pl_machine *machine, const char *text, const GArray **value)
{
  GArray *bars = g_array_new (FALSE, FALSE, sizeof (struct pl_bar));
  *value = pl_machine_keep_array (machine, bars);
  for (guint number = 0; *text != '\0'; number++) {
    guint64 numbers[3];
    for (guint i = 0; i < 3; i++) {
      char *end;
      numbers[i] = g_ascii_strtoull (text, &end, 16);
      if (end == text || (*end != ' ' && *end != '\n' && *end != '\0') || number > 255)
        return false;
      text = end + (i < 2 && *end == ' ');
    }
    if (*text != '\n' && *text != '\0')
      return false;
    text += *text == '\n';
    if (numbers[1] < numbers[0])
      return false;
    if (numbers[1] == 0)
      continue;
    struct pl_bar bar = { (guint8) number, numbers[0], numbers[1] - numbers[0] + 1, numbers[2] };
    g_array_append_val (bars, bar);
  }
  return true;
}

/* The text of driver_override is "(null)" where none is set. Source: drivers/pci/pci-sysfs.c,
 * driver_override_show(). */
static bool
is_none (const char *file, const char *text)
{
  return strcmp (file, "driver_override") == 0 && (strcmp (text, "(null)") == 0 || text[0] == '\0');
}

static void
note_invalid (struct pl_machine *machine, struct pl_directory *directory, const char *file, const char *what)
{
  g_autofree char *path = pl_directory_path (directory);
  g_autofree char *whole = g_strdup_printf ("/%s/%s", path, file);
  pl_machine_add_note (machine, whole, 0, "%s", what);
}

/* Reads @file and parses it; the state of the fact. */
#define READ_FILE(type, parser)                                                                    \
  static enum pl_state read_##parser (struct pl_machine *machine, struct pl_directory *directory,  \
                                      const char *file, type *value)                               \
  {                                                                                                \
    struct pl_buffer buffer = PL_BUFFER_INIT;                                                      \
    enum pl_state state = pl_directory_read (directory, file, &buffer);                            \
    const char *text = state == PL_KNOWN ? trimmed (&buffer) : "";                                 \
    if (state == PL_KNOWN && is_none (file, text))                                                 \
      state = PL_ABSENT;                                                                           \
    if (state == PL_KNOWN                                                                          \
        && (memchr (text, '\0', buffer.size) != NULL || !parse_##parser (machine, text, value))) { \
      state = PL_INVALID;                                                                          \
      note_invalid (machine, directory, file, "its content is not what the kernel writes there");  \
    } else if (state == PL_INVALID) {                                                              \
      note_invalid (machine, directory, file, g_strerror (directory->last_errno));                 \
    }                                                                                              \
    pl_buffer_clear (&buffer);                                                                     \
    return state;                                                                                  \
  }
READ_FILE (bool, BOOL)
READ_FILE (gint64, INT)
READ_FILE (const char *, WORD)
READ_FILE (const GPtrArray *, WORDS)
READ_FILE (const GArray *, BARS)
#undef READ_FILE

static enum pl_state
read_ADDRESS (struct pl_machine *machine, struct pl_directory *directory, const char *file,
              struct pl_address *value)
{
  char target[PATH_MAX];
  enum pl_state state = pl_directory_link (directory, file, target, sizeof target);
  if (state == PL_KNOWN && !pl_address_last_in_path (target, value)) {
    state = PL_INVALID;
    note_invalid (machine, directory, file, "it does not point to a PCI function");
  }
  return state;
}

/* Of some fifty names those that tell something by being there. */
static bool
want_entry (const char *name, gsize length, void *data)
{
  static const char *const names[] = { "physfn", "reset", "vfio-dev" };
  (void) length, (void) data;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (name, names[i]) == 0)
      return true;
  return g_str_has_prefix (name, "virtfn")
         || (g_str_has_prefix (name, "resource") && g_str_has_suffix (name, "_resize"));
}

static enum pl_state
read_NAMES (struct pl_machine *machine, struct pl_directory *directory, const char *file,
            const GPtrArray **value)
{
  (void) file;
  GPtrArray *names;
  enum pl_state state = pl_directory_list_some (directory, want_entry, NULL, &names);
  *value = pl_machine_keep_list (machine, names);
  return state;
}

/* Facts of the table whose parser is NONE are read by modules.c. */
#define READ_WITH_BOOL(name, file) READ_BY (read_BOOL, name, file)
#define READ_WITH_INT(name, file) READ_BY (read_INT, name, file)
#define READ_WITH_WORD(name, file) READ_BY (read_WORD, name, file)
#define READ_WITH_WORDS(name, file) READ_BY (read_WORDS, name, file)
#define READ_WITH_BARS(name, file) READ_BY (read_BARS, name, file)
#define READ_WITH_ADDRESS(name, file) READ_BY (read_ADDRESS, name, file)
#define READ_WITH_NAMES(name, file) READ_BY (read_NAMES, name, file)
#define READ_WITH_NONE(name, file) (void) 0
#define READ_BY(reader, name, file)                                                               \
  if ((facts & PL_WANT (name)) != 0 && pl_device_state (device, PL_DEVICE_##name) == PL_UNREAD) { \
    memset (&further->value_.name, 0, sizeof further->value_.name);                               \
    further->state_[PL_DEVICE_##name - PL_N_DEVICE_IDENTITY]                                      \
        = (guint8) reader (machine, &directory, file, &further->value_.name);                     \
  }

void
pl_machine_read_device_facts (struct pl_machine *machine, struct pl_root *root, struct pl_device *device,
                              guint64 facts)
{
  const guint64 identity = (G_GUINT64_CONSTANT (1) << PL_N_DEVICE_IDENTITY) - 1;
  if ((facts & ~identity) == 0)
    return;
  struct pl_device_further *further = pl_device_further (device);
  char address[PL_ADDRESS_SIZE];
  g_autofree char *path
      = g_strconcat ("sys/bus/pci/devices/", pl_address_format (device->address, address), NULL);
  struct pl_directory directory;
  pl_directory_open (&directory, root, path);
#define X(type, name, parser, file, source) READ_WITH_##parser (name, file);
  PL_DEVICE_FURTHER (X)
#undef X
  if ((facts & PL_WANT (driver_module)) != 0)
    pl_read_driver_module (machine, root, device);
  if ((facts & PL_WANT (modules)) != 0)
    pl_read_candidate_modules (machine, root, device);
  pl_directory_close (&directory);
}

/* Each reader fills the facts of its file that are wanted; one may feed several. */
static const struct {
  guint64 facts;
  void (*read) (struct pl_machine *machine, struct pl_root *root);
} readers[] = {
  { PL_WANT_MACHINE (kernel_release) | PL_WANT_MACHINE (architecture), pl_read_host },
  { PL_WANT_MACHINE (command_line), pl_read_command_line },
  { PL_WANT_MACHINE (distribution) | PL_WANT_MACHINE (distribution_id) | PL_WANT_MACHINE (distribution_like),
    pl_read_distribution },
  { PL_WANT_MACHINE (cpu_vendor) | PL_WANT_MACHINE (cpu_model) | PL_WANT_MACHINE (cpu_virtualization)
        | PL_WANT_MACHINE (is_guest),
    pl_read_cpu },
  { PL_WANT_MACHINE (memory_bytes), pl_read_memory },
  { PL_WANT_MACHINE (container), pl_read_container },
  { PL_WANT_MACHINE (system_vendor) | PL_WANT_MACHINE (product_name) | PL_WANT_MACHINE (board_name),
    pl_read_board },
  { PL_WANT_MACHINE (firmware_tables), pl_read_firmware_tables },
  { PL_WANT_MACHINE (iommu_units), pl_read_iommu_units },
  { PL_WANT_MACHINE (iommu_groups), pl_read_iommu_groups },
  { PL_WANT_MACHINE (interrupt_remapping), pl_read_interrupt_remapping },
  { PL_WANT_MACHINE (log_events), pl_read_log_events },
  { PL_WANT_MACHINE (loaded_modules), pl_read_loaded_modules },
  { PL_WANT_MACHINE (available_modules), pl_read_available_modules },
  { PL_WANT_MACHINE (vfio_options), pl_read_vfio_options },
  { PL_WANT_MACHINE (intel_iommu_default_on), pl_read_kernel_config },
  { PL_WANT_MACHINE (signed_modules_only), pl_read_module_signatures },
  /* Behind vfio_options, which wants lines of some of the same files: a recording keeps the last answer. */
  { PL_WANT_MACHINE (texts), pl_read_texts },
  { PL_WANT_MACHINE (boot_evidence), pl_read_boot_evidence },
  { PL_WANT_MACHINE (boot_loader), pl_read_boot_loader },
  { PL_WANT_MACHINE (initramfs), pl_read_initramfs },
  { PL_WANT_MACHINE (kernels), pl_read_kernels },
  { PL_WANT_MACHINE (dev_kvm), pl_read_dev_nodes },
  { PL_WANT_MACHINE (blocks), pl_read_blocks },
  { PL_WANT_MACHINE (mounts), pl_read_mounts },
  { PL_WANT_MACHINE (swaps), pl_read_swaps },
  { PL_WANT_MACHINE (interfaces), pl_read_interfaces },
  { PL_WANT_MACHINE (connectors), pl_read_connectors },
  { PL_WANT_MACHINE (framebuffers), pl_read_framebuffers },
  { PL_WANT_MACHINE (usb_devices), pl_read_usb_devices },
  { PL_WANT_MACHINE (inputs), pl_read_inputs },
  { PL_WANT_MACHINE (holders), pl_read_holders },
};

/* Whether one of the facts is still unread. */
static bool
has_unread (const struct pl_machine *machine, guint64 facts)
{
  for (guint fact = 0; fact < PL_N_MACHINE_FACTS; fact++)
    if ((facts >> fact & 1) != 0 && machine->state_[fact] == PL_UNREAD)
      return true;
  return false;
}

void
pl_machine_read_facts (struct pl_machine *machine, struct pl_root *root, guint64 facts)
{
  for (guint i = 0; i < G_N_ELEMENTS (readers); i++)
    if (has_unread (machine, facts & readers[i].facts))
      readers[i].read (machine, root);
}

static void
read_function (struct pl_machine *machine, struct pl_root *root, struct pl_device *device, guint64 facts)
{
  gint32 group;
  pl_machine_read_device_facts (machine, root, device, facts);
  if (pl_device_get_group (device, &group) == PL_KNOWN && pl_machine_group (machine, group) == NULL)
    pl_machine_read_group (machine, root, group);
}

void
pl_machine_read_wanted (struct pl_machine *machine, struct pl_root *root, struct pl_wants wants,
                        pl_subjects subjects, const void *goal)
{
  pl_machine_read_facts (machine, root, wants.machine);
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  for (bool is_new = true; is_new;) {
    is_new = false;
    g_autoptr (GPtrArray) devices = subjects (machine, goal);
    for (guint i = 0; i < devices->len; i++) {
      struct pl_device *device = g_ptr_array_index (devices, i);
      if (!g_hash_table_add (seen, device))
        continue;
      is_new = true;
      read_function (machine, root, device, wants.device);
    }
  }
}

void
pl_machine_read_everything (struct pl_machine *machine, struct pl_root *root)
{
  pl_machine_read_facts (machine, root, PL_WANT_ALL.machine);
  for (guint i = 0; i < pl_machine_n_devices (machine); i++)
    read_function (machine, root, pl_machine_device (machine, i), PL_WANT_ALL.device);
}
