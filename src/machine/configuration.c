/* configuration.c - the files that say how this system boots and what it has for guests, and the initramfs
 * generator that is installed.
 *
 * Which files are read is said by the tables of boot/, initramfs/ and packages/.
 */
#include "boot/loader.h"
#include "initramfs/generator.h"
#include "machine/readers.h"
#include "machine/reading.h"
#include "packages/distribution.h"

#include <string.h>

/* No such file of a working system is longer. */
#define TEXT_LIMIT_BYTES (1024u * 1024)

/* What no loader and no generator asks for by itself. Source: man 5 modprobe.d. */
static const struct pl_text_want common_wants[]
    = { { PL_TEXT_FOLDER, "etc/modprobe.d", { ".conf", NULL } }, { PL_TEXT_FILE, PL_UDEV_RULES, { NULL } } };

/* A directory may be wanted by several: it is listed once, with all that they want of it. */
struct names_wanted {
  GPtrArray *beginnings; /* const char * */
  bool is_exact;
};

static bool
want_name (const char *name, gsize length, void *data)
{
  const struct names_wanted *wanted = data;
  for (guint i = 0; i < wanted->beginnings->len; i++) {
    const char *beginning = g_ptr_array_index (wanted->beginnings, i);
    gsize size = strlen (beginning);
    if (size <= length && strncmp (name, beginning, size) == 0 && (!wanted->is_exact || size == length))
      return true;
  }
  return false;
}

static bool
want_ending (const char *name, gsize length, void *data)
{
  (void) length;
  return name[0] != '.' && g_str_has_suffix (name, data);
}

static void
read_file (struct pl_machine *machine, struct pl_root *root, struct pl_texts *texts, const char *path)
{
  GBytes *known;
  if (pl_texts_get (texts, path, &known) != PL_UNREAD)
    return;
  struct pl_buffer buffer = PL_BUFFER_INIT;
  enum pl_state state = pl_root_read (root, path, &buffer);
  if (state == PL_KNOWN && buffer.size > TEXT_LIMIT_BYTES) {
    state = PL_INVALID;
    pl_machine_add_note (machine, path, 0, "it is longer than a configuration file can be");
  }
  g_autoptr (GBytes) bytes = g_bytes_new (buffer.bytes, state == PL_KNOWN ? buffer.size : 0);
  pl_texts_set (texts, path, state, bytes);
  pl_buffer_clear (&buffer);
}

static void
read_folder (struct pl_machine *machine, struct pl_root *root, struct pl_texts *texts,
             const struct pl_text_want *want)
{
  GPtrArray *names;
  enum pl_state state = pl_root_list_some (root, want->path, want_ending, (void *) want->names[0], &names);
  for (guint i = 0; i < names->len; i++) {
    g_autofree char *path
        = g_strdup_printf ("%s/%s", want->path, (const char *) g_ptr_array_index (names, i));
    read_file (machine, root, texts, path);
  }
  pl_texts_set_names (texts, want->path, state, names);
}

/* A kernel's release begins with its number. Source: Makefile of Linux, KERNELVERSION. */
static bool
want_number (const char *name, gsize length, void *data)
{
  (void) data;
  return length > 0 && g_ascii_isdigit (name[0]);
}

static void
read_below (struct pl_machine *machine, struct pl_root *root, struct pl_texts *texts,
            const struct pl_text_want *want)
{
  g_autoptr (GPtrArray) names = NULL;
  pl_root_list_some (root, want->path, want_number, NULL, &names);
  for (guint i = 0; i < names->len; i++) {
    g_autofree char *path = g_strdup_printf ("%s/%s/%s", want->path,
                                             (const char *) g_ptr_array_index (names, i), want->names[0]);
    read_file (machine, root, texts, path);
  }
}

static void
add_beginnings (GHashTable *directories, const char *path, const char *const *names)
{
  GPtrArray *beginnings = g_hash_table_lookup (directories, path);
  if (beginnings == NULL) {
    beginnings = g_ptr_array_new ();
    g_hash_table_insert (directories, (char *) path, beginnings);
  }
  for (guint i = 0; names[i] != NULL; i++)
    g_ptr_array_add (beginnings, (char *) names[i]);
}

/* What is wanted by one row of a table; names are gathered in @directories. */
static void
read_wants (struct pl_machine *machine, struct pl_root *root, struct pl_texts *texts,
            const struct pl_text_want *wants, guint n, GHashTable *directories)
{
  for (guint i = 0; i < n; i++) {
    if (wants[i].kind == PL_TEXT_FILE)
      read_file (machine, root, texts, wants[i].path);
    else if (wants[i].kind == PL_TEXT_FOLDER)
      read_folder (machine, root, texts, &wants[i]);
    else if (wants[i].kind == PL_TEXT_BELOW)
      read_below (machine, root, texts, &wants[i]);
    else
      add_beginnings (directories, wants[i].path, wants[i].names);
  }
}

static void
read_names (struct pl_root *root, struct pl_texts *texts, GHashTable *directories, bool is_exact)
{
  GHashTableIter iterator;
  gpointer path, beginnings;
  g_hash_table_iter_init (&iterator, directories);
  while (g_hash_table_iter_next (&iterator, &path, &beginnings)) {
    struct names_wanted wanted = { beginnings, is_exact };
    GPtrArray *names;
    enum pl_state state = pl_root_list_some (root, path, want_name, &wanted, &names);
    pl_texts_set_names (texts, path, state, names);
  }
}

void
pl_read_texts (struct pl_machine *machine, struct pl_root *root)
{
  struct pl_texts *texts = pl_texts_new ();
  g_hash_table_insert (machine->lists_, texts, (void *) pl_texts_free);
  g_autoptr (GHashTable) directories
      = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_ptr_array_unref);
  g_autoptr (GHashTable) programs
      = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_ptr_array_unref);
  read_wants (machine, root, texts, common_wants, G_N_ELEMENTS (common_wants), directories);
  for (guint i = 0; pl_boot_loaders[i] != NULL; i++) {
    read_wants (machine, root, texts, pl_boot_loaders[i]->wants, pl_boot_loaders[i]->n_wants, directories);
    add_beginnings (programs, "usr/sbin", pl_boot_loaders[i]->programs);
    add_beginnings (programs, "usr/bin", pl_boot_loaders[i]->programs);
  }
  for (guint i = 0; pl_generators[i] != NULL; i++) {
    read_wants (machine, root, texts, pl_generators[i]->wants, pl_generators[i]->n_wants, directories);
    add_beginnings (programs, "usr/sbin", pl_generators[i]->programs);
    add_beginnings (programs, "usr/bin", pl_generators[i]->programs);
  }
  read_wants (machine, root, texts, pl_package_wants, pl_n_package_wants, directories);
  add_beginnings (programs, "usr/sbin", pl_package_programs);
  add_beginnings (programs, "usr/bin", pl_package_programs);
  read_names (root, texts, directories, false);
  read_names (root, texts, programs, true);
  /* Each text has its own state. */
  pl_machine_set_texts (machine, pl_texts_is_unread (texts) ? PL_UNREAD : PL_KNOWN, texts);
}

static const struct pl_texts *
get_texts (struct pl_machine *machine, struct pl_root *root)
{
  const struct pl_texts *texts = NULL;
  pl_machine_read_facts (machine, root, PL_WANT_MACHINE (texts));
  return pl_machine_get_texts (machine, &texts) == PL_KNOWN ? texts : NULL;
}

/* The generator that is installed. Of several nobody can say which one made the images: then it is invalid,
 * with a note. */
void
pl_read_initramfs (struct pl_machine *machine, struct pl_root *root)
{
  const struct pl_texts *texts = get_texts (machine, root);
  if (texts == NULL)
    return;
  const GPtrArray *names;
  const struct pl_generator *found = NULL;
  guint n_found = 0;
  for (guint i = 0; pl_generators[i] != NULL; i++) {
    g_autofree char *program = pl_texts_program (texts, pl_generators[i]->programs[0]);
    n_found += program != NULL;
    found = program != NULL ? pl_generators[i] : found;
  }
  enum pl_state sbin = pl_texts_names (texts, "usr/sbin", &names),
                bin = pl_texts_names (texts, "usr/bin", &names);
  enum pl_state state = n_found > 1 ? PL_INVALID : PL_KNOWN;
  if (n_found == 0) {
    pl_state_lower (&state, sbin);
    pl_state_lower (&state, bin);
    state = state == PL_KNOWN ? PL_ABSENT : state;
  }
  if (n_found > 1)
    pl_machine_add_note (
        machine, "/usr/sbin", 0,
        "several initramfs generators are installed: which one made the images cannot be told");
  pl_machine_set_initramfs (machine, state, state == PL_KNOWN ? found->name : NULL);
}
