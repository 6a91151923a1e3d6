/* fuzz_editor.c - the editors of configuration files: one target, the first byte chooses the editor.
 *
 * Of each: it crashes on nothing; what it does not understand it does not change; its second application
 * changes nothing; and it only adds or replaces words: what it must leave alone is checked where the editor's
 * form allows it.
 */
#include "target.h"

#include "boot/grub_text.h"
#include "boot/refind_text.h"
#include "initramfs/mkinitcpio_preset.h"
#include "initramfs/mkinitcpio_text.h"
#include "initramfs/module_list.h"
#include "plan/modprobe_text.h"

#include <string.h>

/* Of a text that an editor only adds to, every byte is in the new one, in its order. */
static void
check_kept (GBytes *old, GBytes *new)
{
  gsize old_size, new_size, at = 0;
  const char *old_text = g_bytes_get_data (old, &old_size), *new_text = g_bytes_get_data (new, &new_size);
  for (gsize i = 0; i < new_size && at < old_size; i++)
    at += old_text[at] == new_text[i] ? 1 : 0;
  g_assert_true (at == old_size);
  g_assert_true (new_size > old_size || new == old);
}

static GBytes *
add_modules (GBytes *old, GPtrArray *others, GError **error)
{
  static const char *const modules[] = { "vfio_pci", "vfio-pci", "vfio", "snd-hda-intel", NULL };
  (void) others;
  return pl_module_list_add (old, modules, error);
}

static GBytes *
add_to_modprobe (GBytes *old, GPtrArray *others, GError **error)
{
  static const char *const ids[] = { "1002:731f", "1002:AB38", "1002:731F", "10de:1:0:ffffffff", NULL };
  static const char *const softdeps[] = { "amdgpu", "snd-hda-intel", "snd_hda_intel", NULL };
  struct pl_modprobe_wishes wishes = { ids, softdeps };
  return pl_modprobe_text_add (old, &wishes, others, error);
}

/* NULL with an error, or a text that has all of the old one and that the second application leaves. */
static void
check_editor (GBytes *(*edit) (GBytes *, GPtrArray *, GError **), GBytes *old, GPtrArray *others)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) new = edit (old, others, &error);
  g_assert_true ((new == NULL) == (error != NULL));
  if (new == NULL)
    return;
  check_kept (old, new);
  g_autoptr (GBytes) again = edit (new, others, &error);
  g_assert_no_error (error);
  g_assert_true (again == new);
}

static void
run_modules (const char *bytes, gsize size)
{
  g_autoptr (GBytes) old = g_bytes_new (bytes, size);
  check_editor (add_modules, old, NULL);
}

/* A line "%%" divides the file from another one of the folder. */
static void
run_modprobe (const char *bytes, gsize size)
{
  const char *mark = g_strstr_len (bytes, (gssize) size, "\n%%\n");
  gsize length = mark != NULL ? (gsize) (mark - bytes) + 1 : size;
  g_autoptr (GPtrArray) others = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  if (mark != NULL)
    g_ptr_array_add (others, g_bytes_new (mark + 4, size - length - 3));
  g_autoptr (GBytes) old = g_bytes_new (bytes, length);
  check_editor (add_to_modprobe, old, others);
}

/* What two texts do not have in common is put in, or is a word that the parameter stands in the place of. */
static void
check_grub (GBytes *old, GBytes *new, const char *parameter)
{
  gsize old_size, new_size, first = 0, last = 0, at = 0;
  const char *old_text = g_bytes_get_data (old, &old_size), *new_text = g_bytes_get_data (new, &new_size);
  gsize both = MIN (old_size, new_size);
  while (first < both && old_text[first] == new_text[first])
    first++;
  while (last < both - first && old_text[old_size - 1 - last] == new_text[new_size - 1 - last])
    last++;
  gsize old_rest = old_size - first - last, new_rest = new_size - first - last;
  for (gsize i = first; i < first + new_rest && at < old_rest; i++)
    at += old_text[first + at] == new_text[i] ? 1 : 0;
  if (at == old_rest)
    return;
  g_autofree char *put_in = g_strndup (new_text + first, new_rest);
  g_assert_nonnull (strstr (parameter, put_in));
  for (gsize i = first; i < first + old_rest && memchr (old_text + first, '"', old_rest) == NULL; i++)
    g_assert_false (g_ascii_isspace (old_text[i]));
}

/* The first line is the parameter, the rest the file. */
static GBytes *
take_parameter (const char *bytes, gsize size, char **parameter)
{
  const char *mark = memchr (bytes, '\n', size);
  gsize length = mark != NULL ? (gsize) (mark - bytes) : 0, skipped = mark != NULL ? length + 1 : 0;
  *parameter = g_strndup (bytes, length);
  if ((*parameter)[0] == '\0') {
    g_free (*parameter);
    *parameter = g_strdup ("intel_iommu=on");
  }
  return g_bytes_new (bytes + skipped, size - skipped);
}

static void
run_grub (const char *bytes, gsize size)
{
  g_autofree char *parameter = NULL;
  g_autoptr (GBytes) old = take_parameter (bytes, size, &parameter);
  const char *parameters[] = { parameter, NULL };
  g_autoptr (GError) error = NULL;
  bool has = false;
  bool is_understood = pl_grub_text_has (old, "X", &has, NULL);
  g_autoptr (GBytes) new = pl_grub_text_set (old, "X", parameters, &error);
  g_assert_true ((new == NULL) == (error != NULL));
  if (new == NULL)
    return;
  g_assert_true (is_understood);
  check_grub (old, new, parameter);
  g_autoptr (GBytes) again = pl_grub_text_set (new, "X", parameters, &error);
  g_assert_no_error (error);
  g_assert_true (again == new);
  g_assert_true (pl_grub_text_has (new, "X", &has, &error) && has);
}

/* Files that mkinitcpio reads one behind the other, parted by a line "%%"; each is taken for a preset, too.
 * Of the one that is changed nothing goes; the others stay. */
static void
run_mkinitcpio (const char *bytes, gsize size)
{
  static const char *const modules[] = { "vendor_reset", "vfio_pci", "vfio", "vfio-pci", NULL };
  g_autoptr (GPtrArray) texts = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  for (gsize start = 0; start <= size;) {
    const char *mark = g_strstr_len (bytes + start, (gssize) (size - start), "\n%%\n");
    gsize end = mark != NULL ? (gsize) (mark - bytes) + 1 : size;
    g_ptr_array_add (texts, g_bytes_new (bytes + start, end - start));
    start = mark != NULL ? end + 3 : size + 1;
    GPtrArray *images = pl_mkinitcpio_preset_read (g_ptr_array_index (texts, texts->len - 1), NULL);
    g_clear_pointer (&images, g_ptr_array_unref);
  }
  g_autoptr (GError) error = NULL;
  guint at = G_MAXUINT;
  bool has;
  if (!pl_mkinitcpio_texts_have_hook (texts, "modconf", &has, &at, &error))
    g_assert_true (!has && error != NULL && at < texts->len);
  g_clear_error (&error);
  GBytes *new = pl_mkinitcpio_texts_add (texts, modules, &at, &error);
  g_assert_true ((new == NULL) == (error != NULL) && at < texts->len);
  if (new == NULL)
    return;
  check_kept (g_ptr_array_index (texts, at), new);
  g_bytes_unref (g_ptr_array_index (texts, at));
  g_ptr_array_index (texts, at) = new;
  g_autoptr (GBytes) again = pl_mkinitcpio_texts_add (texts, modules, &at, &error);
  g_assert_no_error (error);
  g_assert_true (at == 0 && again == g_ptr_array_index (texts, 0));
  g_autoptr (GBytes) hooked = pl_mkinitcpio_texts_add_hook (texts, "pcilend", &at, &error);
  g_assert_true ((hooked == NULL) == (error != NULL) && at < texts->len);
  if (hooked != NULL)
    check_kept (g_ptr_array_index (texts, at), hooked);
}

/* rEFInd reads the same entries but for the first, which has all it had but for one word, and the parameter.
 */
static void
check_refind (GBytes *old, GBytes *new, const char *parameter)
{
  g_autoptr (GPtrArray) before = pl_refind_text_options (old, NULL);
  g_autoptr (GPtrArray) after = pl_refind_text_options (new, NULL);
  g_assert_true (before != NULL && after != NULL && before->len == after->len && after->len > 0);
  for (guint i = 1; i < before->len; i++)
    g_assert_cmpstr (g_ptr_array_index (before, i), ==, g_ptr_array_index (after, i));
  const char *first = g_ptr_array_index (before, 0), *second = g_ptr_array_index (after, 0);
  if (new == old) {
    g_assert_cmpstr (first, ==, second);
    return;
  }
  bool is_found = false;
  for (const char *at = strstr (second, parameter); at != NULL; at = strstr (at + 1, parameter)) {
    gsize start = (gsize) (at - second), size = strlen (first), rest = strlen (at + strlen (parameter));
    /* In the place of a word, or with a blank more in front of it or behind. */
    bool is_behind = start > 0 && second[start - 1] == ' ' && start + rest == size + 1;
    bool is_before = second[start + strlen (parameter)] == ' ' && start + rest == size + 1;
    start -= is_behind;
    rest -= is_before && !is_behind;
    is_found = is_found
               || (start + rest <= size && strncmp (first, second, start) == 0
                   && strcmp (first + size - rest, second + strlen (second) - rest) == 0);
  }
  g_assert_true (is_found);
}

static void
run_refind (const char *bytes, gsize size)
{
  g_autofree char *parameter = NULL;
  g_autoptr (GBytes) old = take_parameter (bytes, size, &parameter);
  const char *parameters[] = { parameter, NULL };
  g_autoptr (GError) error = NULL;
  guint line = 0;
  g_autofree char *stanza = pl_refind_text_stanza (old, parameters, &line);
  g_assert_true (stanza == NULL || (line > 0 && strstr (stanza, parameter) != NULL));
  g_autoptr (GBytes) new = pl_refind_text_set (old, parameters, &error);
  g_assert_true ((new == NULL) == (error != NULL));
  if (new == NULL)
    return;
  check_refind (old, new, parameter);
  g_autoptr (GBytes) again = pl_refind_text_set (new, parameters, &error);
  g_assert_no_error (error);
  g_assert_true (again == new);
}

static const struct pl_fuzz_parser parsers[] = {
  { 'g', run_grub },     { 'i', run_modules }, { 'k', run_mkinitcpio },
  { 'm', run_modprobe }, { 'r', run_refind },
};

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  return pl_fuzz_choose (parsers, G_N_ELEMENTS (parsers), data, size);
}
