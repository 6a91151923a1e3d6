/* usb.c - USB devices, and what people type and point with: whose function they hang on. */
#include "machine/readers.h"
#include "machine/reading.h"

#include <string.h>

/* "1-4" and "1-4.2"; root hubs are "usb1", interfaces "1-4:1.0".
 * Source: Documentation/ABI/testing/sysfs-bus-usb; drivers/usb/core/usb.c, usb_alloc_dev(). */
static bool
want_device (const char *name, gsize length, void *data)
{
  (void) length, (void) data;
  return !g_str_has_prefix (name, "usb") && strchr (name, ':') == NULL;
}

/* The product's name is what the kernel read when the device was found: nothing is woken, no serial number
 * asked for. Source: drivers/usb/core/sysfs.c, usb_string_attr (product). */
void
pl_read_usb_devices (struct pl_machine *machine, struct pl_root *root)
{
  struct pl_class class;
  GPtrArray *devices = pl_machine_keep_list (machine, g_ptr_array_new_with_free_func (g_free));
  pl_class_open (&class, machine, root, "sys/bus/usb/devices", want_device, NULL);
  while (pl_class_next (&class)) {
    struct pl_usb_device *device = g_new0 (struct pl_usb_device, 1);
    struct pl_directory directory;
    enum pl_state state;
    device->name = pl_machine_string (machine, class.name, -1);
    device->has_owner = class.has_owner;
    device->owner = class.owner;
    pl_directory_open_in (&directory, &class.directory, class.name);
    device->product = pl_read_text (machine, &directory, "product", &state);
    pl_directory_close (&directory);
    g_ptr_array_add (devices, device);
  }
  pl_machine_set_usb_devices (machine, class.state, devices);
  pl_class_close (&class);
}

static bool
want_input (const char *name, gsize length, void *data)
{
  (void) length, (void) data;
  return pl_name_is_numbered (name, "input");
}

/* mousedev makes one for each device that moves a pointer: mice, touchpads, tablets.
 * Source: Documentation/input/input.rst, mousedev; drivers/input/mousedev.c, mousedev_ids. */
static bool
want_mouse (const char *name, gsize length, void *data)
{
  (void) length, (void) data;
  return pl_name_is_numbered (name, "mouse");
}

/* The bits 0 to 31 of a map of bits, "10000 7 ff9f207ac14057ff fffffffffffffffe": words of the kernel's size,
 * the highest first. Source: drivers/input/input.c, input_bits_to_string(). */
static bool
parse_low_bits (const struct pl_buffer *buffer, guint32 *bits)
{
  struct pl_span line = { buffer->bytes, buffer->size }, word = { "", 0 }, last = { "", 0 };
  while (line.size > 0 && line.at[line.size - 1] == '\n')
    line.size--;
  guint64 value = 0;
  while (pl_span_take_word_into (&line, &word)) {
    if (!pl_span_number (word, 16, &value))
      return false;
    last = word;
  }
  *bits = (guint32) value;
  return last.size > 0;
}

/* What has the keys Q, A and Enter is typed on; buttons of a case or a headset have none of them.
 * Source: include/uapi/linux/input-event-codes.h: KEY_Q 16, KEY_ENTER 28, KEY_A 30, REL_X 0, REL_Y 1. */
#define TYPED_KEYS (1u << 16 | 1u << 28 | 1u << 30)
#define MOVED_AXES 3u

static enum pl_state
read_low_bits (struct pl_machine *machine, struct pl_directory *directory, const char *name, guint32 *bits)
{
  struct pl_buffer buffer = PL_BUFFER_INIT;
  *bits = 0;
  enum pl_state state = pl_directory_read (directory, name, &buffer);
  if (state == PL_KNOWN && !parse_low_bits (&buffer, bits)) {
    state = PL_INVALID;
    g_autofree char *path = pl_directory_path (directory);
    pl_machine_add_note (machine, path, 0, "its %s are not hexadecimal words", name);
  }
  pl_buffer_clear (&buffer);
  return state;
}

static void
read_capabilities (struct pl_machine *machine, const struct pl_class *class, struct pl_input *input)
{
  struct pl_directory directory, capabilities;
  g_autoptr (GPtrArray) mice = NULL;
  guint32 keys, axes;
  pl_directory_open_in (&directory, &class->directory, class->name);
  enum pl_state mice_state = pl_directory_list_some (&directory, want_mouse, NULL, &mice);
  pl_directory_open_in (&capabilities, &directory, "capabilities");
  input->keys_state = read_low_bits (machine, &capabilities, "key", &keys);
  enum pl_state axes_state = read_low_bits (machine, &capabilities, "rel", &axes);
  pl_directory_close (&capabilities);
  pl_directory_close (&directory);
  input->is_keyboard = (keys & TYPED_KEYS) == TYPED_KEYS;
  input->is_mouse = mice->len > 0 || (axes & MOVED_AXES) == MOVED_AXES;
  if (!input->is_mouse) {
    pl_state_lower (&input->keys_state, mice_state);
    pl_state_lower (&input->keys_state, axes_state);
  }
}

/* Whether the path leads over a USB hub: "/usb1/". */
static bool
is_below_usb (const char *target)
{
  for (const char *found = strstr (target, "/usb"); found != NULL; found = strstr (found + 1, "/usb"))
    if (g_ascii_isdigit (found[4]))
      return true;
  return false;
}

/* The label of what comes over Bluetooth is often its owner's name, and is not asked for. */
void
pl_read_inputs (struct pl_machine *machine, struct pl_root *root)
{
  struct pl_class class;
  GPtrArray *inputs = pl_machine_keep_list (machine, g_ptr_array_new_with_free_func (g_free));
  pl_class_open (&class, machine, root, "sys/class/input", want_input, NULL);
  while (pl_class_next (&class)) {
    struct pl_input *input = g_new0 (struct pl_input, 1);
    input->name = pl_machine_string (machine, class.name, -1);
    input->has_owner = class.has_owner;
    input->owner = class.owner;
    input->is_usb = is_below_usb (class.target);
    if (class.has_owner && strstr (class.target, "/bluetooth/") == NULL) {
      struct pl_directory directory;
      enum pl_state state;
      pl_directory_open_in (&directory, &class.directory, class.name);
      input->label = pl_read_text (machine, &directory, "name", &state);
      pl_directory_close (&directory);
    }
    read_capabilities (machine, &class, input);
    g_ptr_array_add (inputs, input);
  }
  pl_machine_set_inputs (machine, class.state, inputs);
  pl_class_close (&class);
}
