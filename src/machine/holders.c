/* holders.c - which processes hold the nodes of graphics cards and of vfio open.
 *
 * A machine runs hundreds of processes and a handful of them matter. They are searched for with the recorder
 * away; then only what was found is asked for once more, so that a recording names no other process, and
 * finds the same.
 */
#include "machine/readers.h"
#include "machine/reading.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* What the search found, and is asked for once more. */
struct search {
  struct pl_machine *machine;
  GHashTable *processes; /* "4711" */
  GHashTable *names;     /* "4711/12"; of several descriptors on one node the first */
  bool has_denied;       /* a process could not be looked into; the first is among the processes */
  enum pl_state state;   /* lowered by what could not be read for another reason */
};

static bool
want_number (const char *name, gsize length, void *data)
{
  (void) length, (void) data;
  return pl_name_is_numbered (name, "");
}

/* "/dev/vfio/18", "/dev/dri/card0", "/dev/nvidia0"; what was deleted since holds no device. */
static bool
is_node (const char *target)
{
  static const char *const beginnings[] = { "/dev/vfio/", "/dev/dri/", "/dev/nvidia" };
  if (g_str_has_suffix (target, " (deleted)"))
    return false;
  for (guint i = 0; i < G_N_ELEMENTS (beginnings); i++)
    if (g_str_has_prefix (target, beginnings[i]))
      return true;
  return false;
}

/* Whether something could not be read for another reason than permission, or that the process ended meanwhile
 * (ENOENT or ESRCH): then nobody knows what it holds. */
static bool
is_lost (struct search *search, const struct pl_directory *directory, enum pl_state found)
{
  if (found == PL_KNOWN || found == PL_ABSENT || found == PL_DENIED || directory->last_errno == ESRCH)
    return false;
  pl_state_lower (&search->state, found);
  return true;
}

/* The process's descriptors on nodes. Source: man 5 proc_pid_fd: not permitted for processes of others. */
static void
search_process (struct search *search, struct pl_directory *proc, const char *process)
{
  char target[PATH_MAX];
  struct pl_directory directory, descriptors;
  g_autoptr (GPtrArray) names = NULL;
  g_autoptr (GHashTable) nodes = g_hash_table_new (g_str_hash, g_str_equal);
  pl_directory_open_in (&directory, proc, process);
  pl_directory_open_in (&descriptors, &directory, "fd");
  enum pl_state state = pl_directory_list (&descriptors, &names);
  bool is_kept = is_lost (search, &descriptors, state);
  if (state == PL_DENIED && !search->has_denied) {
    /* One stands for all: it shows that the search saw only a part. */
    search->has_denied = true;
    is_kept = true;
  }
  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);
    enum pl_state found = pl_directory_link (&descriptors, name, target, sizeof target);
    bool is_holder = found == PL_KNOWN && is_node (target) && !g_hash_table_contains (nodes, target);
    if (is_holder)
      g_hash_table_add (nodes, (char *) pl_machine_string (search->machine, target, -1));
    /* A security module may forbid one link of a list that it shows. */
    bool is_denied = found == PL_DENIED && !search->has_denied;
    search->has_denied = search->has_denied || is_denied;
    if (is_holder || is_denied || is_lost (search, &descriptors, found)) {
      g_hash_table_add (search->names, g_strconcat (process, "/", name, NULL));
      is_kept = true;
    }
  }
  if (is_kept)
    g_hash_table_add (search->processes, (char *) process);
  pl_directory_close (&descriptors);
  pl_directory_close (&directory);
}

static bool
want_process (const char *name, gsize length, void *data)
{
  const struct search *search = data;
  (void) length;
  return g_hash_table_contains (search->processes, name);
}

struct wanted_names {
  const struct search *search;
  const char *process;
};

static bool
want_descriptor (const char *name, gsize length, void *data)
{
  const struct wanted_names *wanted = data;
  (void) length;
  g_autofree char *key = g_strconcat (wanted->process, "/", name, NULL);
  return g_hash_table_contains (wanted->search->names, key);
}

/* Asks for what was found once more, with the recorder there, and keeps it. */
static void
add_holders (struct pl_machine *machine, struct pl_directory *proc, struct search *search,
             const char *process, GPtrArray *holders)
{
  char target[PATH_MAX];
  struct pl_directory directory, descriptors;
  struct wanted_names wanted = { search, process };
  enum pl_state state;
  guint64 pid;
  g_autoptr (GPtrArray) names = NULL;
  pl_directory_open_in (&directory, proc, process);
  pl_directory_open_in (&descriptors, &directory, "fd");
  pl_directory_list_some (&descriptors, want_descriptor, &wanted, &names);
  const char *command = names->len > 0 ? pl_read_text (machine, &directory, "comm", &state) : NULL;
  for (guint i = 0; i < names->len; i++) {
    if (pl_directory_link (&descriptors, g_ptr_array_index (names, i), target, sizeof target) != PL_KNOWN
        || !is_node (target) || !g_ascii_string_to_unsigned (process, 10, 0, G_MAXUINT, &pid, NULL))
      continue;
    struct pl_holder holder = { .pid = (guint) pid,
                                .command = command != NULL ? command : "",
                                .node = pl_machine_string (machine, target, -1) };
    g_ptr_array_add (holders, g_memdup2 (&holder, sizeof holder));
  }
  pl_directory_close (&descriptors);
  pl_directory_close (&directory);
}

static bool
want_minor (const char *line, gsize length, void *data)
{
  (void) data;
  return pl_span_starts ((struct pl_span){ line, length }, "Device Minor:");
}

static bool
want_function (const char *name, gsize length, void *data)
{
  struct pl_address address;
  (void) data;
  return pl_address_parse (name, length, &address) == length;
}

/* The functions behind "/dev/nvidia0" and its like, by the driver's own list: path -> struct pl_address.
 * Source: NVIDIA's driver, README, appendix "PROC": gpus/ADDRESS/information; the line "Device Minor: 0" is
 * from memory of its output. */
static GHashTable *
read_nvidia (struct pl_root *root)
{
  GHashTable *owners = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  struct pl_directory gpus;
  struct pl_buffer buffer = PL_BUFFER_INIT;
  g_autoptr (GPtrArray) names = NULL;
  pl_directory_open (&gpus, root, "proc/driver/nvidia/gpus");
  pl_directory_list_some (&gpus, want_function, NULL, &names);
  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);
    struct pl_address address;
    struct pl_directory gpu;
    pl_directory_open_in (&gpu, &gpus, name);
    pl_directory_read_lines (&gpu, "information", want_minor, NULL, &buffer);
    pl_directory_close (&gpu);
    struct pl_lines lines = pl_lines_of (&buffer);
    struct pl_span line, word;
    if (pl_lines_take (&lines, &line) && pl_span_take (&line, "Device Minor:")
        && pl_span_take_word_into (&line, &word) && pl_address_parse (name, strlen (name), &address) > 0)
      g_hash_table_replace (owners, g_strdup_printf ("/dev/nvidia%.*s", (int) MIN (word.size, 10), word.at),
                            g_memdup2 (&address, sizeof address));
  }
  pl_buffer_clear (&buffer);
  pl_directory_close (&gpus);
  return owners;
}

/* The function behind a node. Source: Documentation/gpu/drm-uapi.rst, /dev/dri;
 * Documentation/driver-api/vfio.rst: the device's node /dev/vfio/devices/vfioX and sys/class/vfio-dev
 * (Linux 6.6). */
static bool
find_owner (struct pl_root *root, const char *node, GHashTable **nvidia, struct pl_address *owner)
{
  static const struct {
    const char *beginning, *class;
  } classes[] = { { "/dev/dri/", "sys/class/drm/" }, { "/dev/vfio/devices/", "sys/class/vfio-dev/" } };
  char target[PATH_MAX];
  for (guint i = 0; i < G_N_ELEMENTS (classes); i++) {
    if (!g_str_has_prefix (node, classes[i].beginning))
      continue;
    const char *name = node + strlen (classes[i].beginning);
    if (name[0] == '.' || name[0] == '\0' || strchr (name, '/') != NULL)
      return false;
    g_autofree char *link = g_strconcat (classes[i].class, name, NULL);
    return pl_root_link (root, link, target, sizeof target) == PL_KNOWN
           && pl_address_last_in_path (target, owner);
  }
  if (!pl_name_is_numbered (node, "/dev/nvidia"))
    return false;
  if (*nvidia == NULL)
    *nvidia = read_nvidia (root);
  const struct pl_address *found = g_hash_table_lookup (*nvidia, node);
  if (found != NULL)
    *owner = *found;
  return found != NULL;
}

/* Many processes hold the same few nodes: each is asked for once. */
static void
find_owners (struct pl_root *root, const GPtrArray *holders)
{
  GHashTable *nvidia = NULL;
  g_autoptr (GHashTable) known = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; i < holders->len; i++) {
    struct pl_holder *holder = g_ptr_array_index (holders, i);
    const struct pl_holder *same = g_hash_table_lookup (known, holder->node);
    if (same != NULL) {
      holder->has_owner = same->has_owner;
      holder->owner = same->owner;
      continue;
    }
    holder->has_owner = find_owner (root, holder->node, &nvidia, &holder->owner);
    g_hash_table_insert (known, (char *) holder->node, holder);
  }
  if (nvidia != NULL)
    g_hash_table_unref (nvidia);
}

static int
compare_holders (const void *left, const void *right)
{
  const struct pl_holder *first = *(const struct pl_holder *const *) left;
  const struct pl_holder *second = *(const struct pl_holder *const *) right;
  if (first->pid != second->pid)
    return first->pid < second->pid ? -1 : 1;
  return strcmp (first->node, second->node);
}

/* Nothing found means nothing only to who may look into every process. What a person finds of his own is
 * told, although others may hold more; root is denied nothing but in a container, which tells nothing of the
 * host. */
static enum pl_state
judge_search (const struct search *search, const struct pl_root *root, enum pl_state state, guint n_found)
{
  const struct pl_host *host = pl_root_host (root);
  bool is_other = host->uid_state == PL_KNOWN && host->uid != 0;
  pl_state_lower (&state, search->state);
  if (state != PL_KNOWN || (!search->has_denied && !is_other))
    return state;
  return n_found == 0 || !is_other ? PL_DENIED : state;
}

void
pl_read_holders (struct pl_machine *machine, struct pl_root *root)
{
  if (!pl_has_running (root, "proc/self"))
    return;
  struct search search = { .machine = machine, .state = PL_KNOWN };
  search.processes = g_hash_table_new (g_str_hash, g_str_equal);
  search.names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  GPtrArray *holders = pl_machine_keep_list (machine, g_ptr_array_new_with_free_func (g_free));
  g_autoptr (GPtrArray) all = NULL, found = NULL;
  struct pl_directory proc;

  struct pl_recorder *recorder = pl_root_suspend_recorder (root);
  pl_directory_open (&proc, root, "proc");
  pl_directory_list_some (&proc, want_number, NULL, &all);
  for (guint i = 0; i < all->len; i++)
    search_process (&search, &proc, g_ptr_array_index (all, i));
  pl_directory_close (&proc);
  pl_root_resume_recorder (root, recorder);

  pl_directory_open (&proc, root, "proc");
  enum pl_state state = pl_state_of_fixed (pl_directory_list_some (&proc, want_process, &search, &found));
  for (guint i = 0; i < found->len; i++)
    add_holders (machine, &proc, &search, g_ptr_array_index (found, i), holders);
  pl_directory_close (&proc);
  find_owners (root, holders);
  if (holders->len > 0)
    qsort (holders->pdata, holders->len, sizeof (void *), compare_holders);
  pl_machine_set_holders (machine, judge_search (&search, root, state, holders->len), holders);
  g_hash_table_unref (search.processes);
  g_hash_table_unref (search.names);
}
