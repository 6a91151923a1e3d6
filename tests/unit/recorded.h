/* recorded.h - a machine from a recording that stands in the test, with all facts read. Included by
 * test_readers*.c. */
#pragma once

#include "base/recorder.h"
#include "base/recording.h"
#include "machine/read.h"

#include <string.h>

#define AS_ROOT "uid = 0\nrelease = 6.1.0\narchitecture = x86_64\n"
#define AS_USER "uid = 1000\nrelease = 6.1.0\narchitecture = x86_64\n"
#define PCI_NONE "@/sys/bus/pci\ndevices/ |\n"

/* Opens @host (lines of "@host") and @body as a recording. Free with pl_root_close(). */
static struct pl_root *
open_recorded (const char *host, const char *body)
{
  g_autofree char *text
      = g_strconcat ("pcilend recording 1\n@host\n", host, PCI_NONE, body, "@names\n@end\n", NULL);
  g_autoptr (GBytes) bytes = g_bytes_new (text, strlen (text));
  GError *error = NULL;
  struct pl_root *root = pl_root_open_recording ("test", bytes, &error);
  g_assert_no_error (error);
  return root;
}

/* What a recorder writes while all facts of the machine behind @root are read; the machine in *machine. */
static GString *
record_all (struct pl_root *root, struct pl_machine **machine)
{
  struct pl_recorder *recorder = pl_recorder_new (false);
  pl_root_set_recorder (root, recorder);
  *machine = pl_machine_read (root, "test", pl_names_new ());
  pl_machine_read_facts (*machine, root, G_MAXUINT64);
  for (guint i = 0; i < pl_machine_n_devices (*machine); i++) {
    struct pl_device *device = pl_machine_device (*machine, i);
    gint32 group;
    pl_machine_read_device_facts (*machine, root, device, G_MAXUINT64);
    if (pl_device_get_group (device, &group) == PL_KNOWN)
      pl_machine_read_group (*machine, root, group);
  }
  GString *text = pl_recorder_write (recorder);
  pl_root_set_recorder (root, NULL);
  pl_recorder_free (recorder);
  return text;
}

/* The machine of a recording; of each it is checked that what a recorder makes of it, a recorder makes again.
 */
static struct pl_machine *
read_recorded_as (const char *host, const char *body)
{
  struct pl_root *root = open_recorded (host, body);
  struct pl_machine *machine, *again;
  GString *first = record_all (root, &machine);
  pl_root_close (root);

  g_autoptr (GBytes) bytes = g_bytes_new (first->str, first->len);
  GError *error = NULL;
  root = pl_root_open_recording ("first", bytes, &error);
  g_assert_no_error (error);
  GString *second = record_all (root, &again);
  pl_root_close (root);
  g_assert_cmpstr (first->str, ==, second->str);
  /* Every fact has the same state the second time. */
  for (guint fact = 0; fact < PL_N_MACHINE_FACTS; fact++)
    if (machine->state_[fact] != again->state_[fact])
      g_error ("%s: %s, then %s", pl_machine_facts[fact].name, pl_state_name (machine->state_[fact]),
               pl_state_name (again->state_[fact]));
  pl_machine_free (again);
  g_string_free (first, TRUE);
  g_string_free (second, TRUE);
  return machine;
}

static inline struct pl_machine *
read_recorded (const char *body)
{
  return read_recorded_as (AS_ROOT, body);
}

static inline void
check_state (const struct pl_machine *machine, enum pl_machine_fact fact, enum pl_state wanted)
{
  if (pl_machine_state (machine, fact) != wanted)
    g_error ("%s is %s, not %s", pl_machine_facts[fact].name,
             pl_state_name (pl_machine_state (machine, fact)), pl_state_name (wanted));
}

/* The state of a fact by its name, and its value in *value. */
#define get(machine, name, value) pl_machine_get_##name (machine, value)
#define assert_state(machine, name, wanted) check_state (machine, PL_MACHINE_##name, wanted)
#define assert_text(machine, name, wanted)  \
  do {                                      \
    const char *text_ = NULL;               \
    assert_state (machine, name, PL_KNOWN); \
    get (machine, name, &text_);            \
    g_assert_cmpstr (text_, ==, wanted);    \
  } while (0)

/* The names of a list, with a blank between each two; "-" where it is not known. Free with g_free(). */
static inline char *
join_names (enum pl_state state, const GPtrArray *names)
{
  GString *text = g_string_new (state == PL_KNOWN ? NULL : "-");
  for (guint i = 0; state == PL_KNOWN && i < names->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? " " : "", (const char *) g_ptr_array_index (names, i));
  return g_string_free (text, FALSE);
}
#define assert_names(machine, name, wanted)                 \
  do {                                                      \
    const GPtrArray *names_ = NULL;                         \
    enum pl_state state_ = get (machine, name, &names_);    \
    g_autofree char *joined_ = join_names (state_, names_); \
    g_assert_cmpstr (joined_, ==, wanted);                  \
  } while (0)

/* The element of a list fact by number; the list must be known and have so many. */
#define element(machine, name, type, index, count)          \
  ({                                                        \
    const GPtrArray *list_ = NULL;                          \
    assert_state (machine, name, PL_KNOWN);                 \
    get (machine, name, &list_);                            \
    (const struct type *) element_of (list_, index, count); \
  })

static inline const void *
element_of (const GPtrArray *list, guint index, guint count)
{
  g_assert (list != NULL);
  g_assert_cmpuint (list->len, ==, count);
  return g_ptr_array_index (list, index);
}

static inline void
assert_owner (bool has_owner, struct pl_address owner, const char *wanted)
{
  char text[PL_ADDRESS_SIZE];
  g_assert_cmpstr (has_owner ? pl_address_format (owner, text) : "-", ==, wanted);
}
