/* module_alias.c - see module_alias.h. */
#include "machine/module_alias.h"

#include "machine/span.h"

#include <string.h>

/* One function's ids, and what drives it. */
struct function {
  struct pl_modalias ids;
  GPtrArray *modules;
};

struct pl_aliases {
  GPtrArray *functions; /* struct function * */
  GHashTable *by_ids;   /* vendor << 16 | device -> GPtrArray of struct function * */
  GHashTable *by_vendor;
  guint64 n_compared;
};

/* A file has some hundred patterns for a vendor or a class and a machine some dozen kinds of functions;
 * beyond this somebody made them up. */
#define MOST_COMPARED (50u * 1000 * 1000)

/* A pattern's fields in the order of its text: vendor, device, their subsystem's, class, sub class,
 * interface. */
enum { VENDOR, DEVICE, SUBSYSTEM_VENDOR, SUBSYSTEM_DEVICE, CLASS, SUB_CLASS, INTERFACE, N_FIELDS };
struct pattern {
  bool is_set[N_FIELDS]; /* else any value fits */
  guint32 value[N_FIELDS];
};

static void
free_function (void *data)
{
  struct function *function = data;
  g_ptr_array_unref (function->modules);
  g_free (function);
}

static void
free_list (void *list)
{
  g_ptr_array_unref (list);
}

struct pl_aliases *
pl_aliases_new (void)
{
  struct pl_aliases *aliases = g_new0 (struct pl_aliases, 1);
  aliases->functions = g_ptr_array_new_with_free_func (free_function);
  aliases->by_ids = g_hash_table_new_full (NULL, NULL, NULL, free_list);
  aliases->by_vendor = g_hash_table_new_full (NULL, NULL, NULL, free_list);
  return aliases;
}

void
pl_aliases_free (struct pl_aliases *aliases)
{
  if (aliases == NULL)
    return;
  g_hash_table_unref (aliases->by_ids);
  g_hash_table_unref (aliases->by_vendor);
  g_ptr_array_unref (aliases->functions);
  g_free (aliases);
}

static void *
key_of_ids (guint32 vendor, guint32 device)
{
  return GUINT_TO_POINTER ((vendor & 0xffff) << 16 | (device & 0xffff));
}

static bool
is_same (const struct pl_modalias *left, const struct pl_modalias *right)
{
  return left->vendor == right->vendor && left->device == right->device
         && left->subsystem_vendor == right->subsystem_vendor
         && left->subsystem_device == right->subsystem_device
         && left->class == right->class && left->prog_if == right->prog_if;
}

static struct function *
find_function (const struct pl_aliases *aliases, const struct pl_modalias *ids)
{
  const GPtrArray *same = g_hash_table_lookup (aliases->by_ids, key_of_ids (ids->vendor, ids->device));
  for (guint i = 0; same != NULL && i < same->len; i++) {
    struct function *function = g_ptr_array_index (same, i);
    if (is_same (&function->ids, ids))
      return function;
  }
  return NULL;
}

static void
add_to (GHashTable *table, void *key, struct function *function)
{
  GPtrArray *list = g_hash_table_lookup (table, key);
  if (list == NULL) {
    list = g_ptr_array_new ();
    g_hash_table_insert (table, key, list);
  }
  g_ptr_array_add (list, function);
}

void
pl_aliases_add_function (struct pl_aliases *aliases, const struct pl_modalias *ids)
{
  if (find_function (aliases, ids) != NULL)
    return;
  struct function *function = g_new (struct function, 1);
  *function = (struct function){ *ids, g_ptr_array_new_with_free_func (g_free) };
  g_ptr_array_add (aliases->functions, function);
  add_to (aliases->by_ids, key_of_ids (ids->vendor, ids->device), function);
  add_to (aliases->by_vendor, GUINT_TO_POINTER (ids->vendor), function);
}

/* "alias pci:v00001002d0000731Fsv*sd*bc03sc*i* amdgpu", the pattern into *pattern and the module into
 * *module.
 *
 * Each field is a number with all its digits, or a star; a star at the end of the pattern stands for all that
 * is left. Lines of other buses, and "vfio_pci:", which no kernel asks for by itself, are not for us. Source:
 * scripts/mod/file2alias.c, do_pci_entry(); man 5 modprobe.d, alias. */
static bool
parse_line (struct pl_span line, struct pattern *pattern, struct pl_span *module)
{
  static const struct {
    const char *name;
    guint digits;
  } fields[N_FIELDS]
      = { { "v", 8 }, { "d", 8 }, { "sv", 8 }, { "sd", 8 }, { "bc", 2 }, { "sc", 2 }, { "i", 2 } };
  memset (pattern, 0, sizeof *pattern);
  if (!pl_span_take (&line, "alias pci:"))
    return false;
  struct pl_span text = pl_span_take_word (&line);
  *module = pl_span_trim (line);
  bool is_open = false; /* the star that was taken last may be the end */
  for (guint i = 0; i < N_FIELDS && !pl_span_is (text, "*") && !(is_open && text.size == 0); i++) {
    if (!pl_span_take (&text, fields[i].name))
      return false;
    is_open = pl_span_take (&text, "*");
    if (is_open)
      continue;
    pattern->is_set[i] = true;
    if (text.size < fields[i].digits)
      return false;
    for (guint digit = 0; digit < fields[i].digits; digit++) {
      int value = g_ascii_xdigit_value (text.at[digit]);
      if (value < 0)
        return false;
      pattern->value[i] = pattern->value[i] << 4 | (guint32) value;
    }
    text = pl_span_skip (text, fields[i].digits);
  }
  return module->size > 0 && (text.size == 0 || pl_span_is (text, "*"));
}

static bool
fits (const struct pattern *pattern, const struct pl_modalias *ids)
{
  const guint32 values[N_FIELDS]
      = { ids->vendor,     ids->device,      ids->subsystem_vendor, ids->subsystem_device,
          ids->class >> 8, ids->class & 255, ids->prog_if };
  for (guint i = 0; i < N_FIELDS; i++)
    if (pattern->is_set[i] && pattern->value[i] != values[i])
      return false;
  return true;
}

/* The functions that the pattern may fit: nearly always those of one vendor and device. */
static const GPtrArray *
find_candidates (const struct pl_aliases *aliases, const struct pattern *pattern)
{
  if (!pattern->is_set[VENDOR])
    return aliases->functions;
  if (pattern->value[VENDOR] > G_MAXUINT16)
    return NULL;
  if (!pattern->is_set[DEVICE])
    return g_hash_table_lookup (aliases->by_vendor, GUINT_TO_POINTER (pattern->value[VENDOR]));
  if (pattern->value[DEVICE] > G_MAXUINT16)
    return NULL;
  return g_hash_table_lookup (aliases->by_ids, key_of_ids (pattern->value[VENDOR], pattern->value[DEVICE]));
}

bool
pl_aliases_is_wanted (const char *line, gsize length, void *data)
{
  struct pl_aliases *aliases = data;
  struct pattern pattern;
  struct pl_span module;
  if (!parse_line ((struct pl_span){ line, length }, &pattern, &module))
    return false;
  const GPtrArray *candidates = find_candidates (aliases, &pattern);
  for (guint i = 0; candidates != NULL && i < candidates->len; i++) {
    if (aliases->n_compared++ > MOST_COMPARED)
      return false;
    const struct function *function = g_ptr_array_index (candidates, i);
    if (fits (&pattern, &function->ids))
      return true;
  }
  return false;
}

static void
add_module (GPtrArray *modules, const char *name)
{
  for (guint i = 0; i < modules->len; i++)
    if (strcmp (g_ptr_array_index (modules, i), name) == 0)
      return;
  /* No function has more than a handful. */
  if (modules->len < 64)
    g_ptr_array_add (modules, g_strdup (name));
}

void
pl_aliases_add_line (struct pl_aliases *aliases, const char *line, gsize length)
{
  struct pattern pattern;
  struct pl_span module;
  if (!parse_line ((struct pl_span){ line, length }, &pattern, &module))
    return;
  g_autofree char *name = g_strdelimit (g_strndup (module.at, module.size), "-", '_');
  const GPtrArray *candidates = find_candidates (aliases, &pattern);
  for (guint i = 0; candidates != NULL && i < candidates->len; i++) {
    if (aliases->n_compared++ > MOST_COMPARED)
      return;
    struct function *function = g_ptr_array_index (candidates, i);
    if (fits (&pattern, &function->ids))
      add_module (function->modules, name);
  }
}

const GPtrArray *
pl_aliases_find (const struct pl_aliases *aliases, const struct pl_modalias *ids)
{
  const struct function *function = find_function (aliases, ids);
  return function != NULL ? function->modules : NULL;
}

bool
pl_aliases_gave_up (const struct pl_aliases *aliases)
{
  return aliases->n_compared > MOST_COMPARED;
}
