/* fuzz_editor.c - the editors of configuration files: one target, the first byte chooses the editor.
 *
 * Of each: it crashes on nothing; what it does not understand it does not change; its second application
 * changes nothing; and it only adds or replaces words: what it must leave alone is checked where the editor's
 * form allows it.
 */
#include "target.h"

#include "boot/entry_options.h"
#include "boot/extlinux_text.h"
#include "boot/grub_text.h"
#include "boot/kernel_cmdline.h"
#include "boot/kernelstub_text.h"
#include "boot/limine_text.h"
#include "boot/option_line.h"
#include "boot/refind_text.h"
#include "boot/running.h"
#include "initramfs/booster_text.h"
#include "initramfs/dracut.h"
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

static GBytes *
add_to_booster (GBytes *old, GPtrArray *others, GError **error)
{
  static const char *const modules[] = { "vfio_pci", "vfio", "vfio_pci", NULL };
  (void) others;
  return pl_booster_text_add (old, modules, error);
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

/* What is added is in the list then, and the other lists are what they were. */
static void
run_booster (const char *bytes, gsize size)
{
  g_autoptr (GBytes) old = g_bytes_new (bytes, size);
  check_editor (add_to_booster, old, NULL);
  g_autoptr (GBytes) new = add_to_booster (old, NULL, NULL);
  if (new == NULL)
    return;
  g_autoptr (GPtrArray) forced = pl_booster_text_list (new, "modules_force_load", NULL);
  g_assert_true (g_ptr_array_find_with_equal_func (forced, "vfio_pci", g_str_equal, NULL));
  g_assert_true (g_ptr_array_find_with_equal_func (forced, "vfio", g_str_equal, NULL));
  g_autoptr (GPtrArray) before = pl_booster_text_list (old, "modules", NULL);
  g_autoptr (GPtrArray) after = pl_booster_text_list (new, "modules", NULL);
  g_assert_true ((before == NULL) == (after == NULL));
  g_assert_true (before == NULL || before->len == after->len);
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

/* An entry by the Boot Loader Specification: its other lines stay, byte for byte. */
static void
run_loader_entry (const char *bytes, gsize size)
{
  g_autofree char *parameter = NULL;
  g_autoptr (GBytes) old = take_parameter (bytes, size, &parameter);
  const char *parameters[] = { parameter, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) new = pl_loader_entry_set (old, parameters, &error);
  g_assert_true ((new == NULL) == (error != NULL));
  if (new == NULL)
    return;
  check_grub (old, new, parameter);
  g_autoptr (GBytes) again = pl_loader_entry_set (new, parameters, &error);
  g_assert_no_error (error);
  g_assert_true (again == new);
}

/* The last word with the parameter's name in front of a "--" is the parameter: what the kernel takes. */
static void
check_taken (const GPtrArray *words, const char *parameter)
{
  gsize name = strcspn (parameter, "=");
  const char *last = NULL;
  for (guint i = 0; i < words->len && strcmp (g_ptr_array_index (words, i), "--") != 0; i++)
    if (strncmp (g_ptr_array_index (words, i), parameter, name) == 0
        && strchr ("=", ((const char *) g_ptr_array_index (words, i))[name]) != NULL)
      last = g_ptr_array_index (words, i);
  if (last != NULL && strpbrk (last, "\"") == NULL)
    g_assert_cmpstr (last, ==, parameter);
}

/* The words are those of before, but for one that the parameter stands in the place of, or one more. */
static void
check_words (const GPtrArray *before, const GPtrArray *after, const char *parameter)
{
  guint first = 0, last = 0;
  guint both = MIN (before->len, after->len);
  g_assert_true (after->len == before->len || after->len == before->len + 1);
  while (first < both && strcmp (g_ptr_array_index (before, first), g_ptr_array_index (after, first)) == 0)
    first++;
  while (last < both - first
         && strcmp (g_ptr_array_index (before, before->len - 1 - last),
                    g_ptr_array_index (after, after->len - 1 - last))
                == 0)
    last++;
  g_assert_true (after->len - first - last <= 1 && before->len - first - last <= 1);
  if (after->len - first - last == 1)
    g_assert_cmpstr (g_ptr_array_index (after, first), ==, parameter);
}

/* Each comment of the old text is in the new one, as a line of its own, and no other is. */
static void
check_comments (GBytes *old, GBytes *new)
{
  g_autofree char *before = pl_kernel_cmdline_options (old, false);
  g_autofree char *after = pl_kernel_cmdline_options (new, false);
  g_auto (GStrv) left = g_strsplit (before, "\n", -1), right = g_strsplit (after, "\n", -1);
  guint k = 0;
  for (guint i = 0; left[i] != NULL; i++) {
    if (left[i][0] != '#')
      continue;
    while (right[k] != NULL && right[k][0] != '#')
      k++;
    g_assert_cmpstr (left[i], ==, right[k]);
    k += right[k] != NULL;
  }
  for (; right[k] != NULL; k++)
    g_assert_true (right[k][0] != '#');
}

/* Read once by who knows comments, once by who does not. */
static void
run_kernel_cmdline_as (GBytes *old, const char *parameter, bool has_comments)
{
  const char *parameters[] = { parameter, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) new = pl_kernel_cmdline_text_set (old, parameters, has_comments, &error);
  g_autofree char *old_options = pl_kernel_cmdline_options (old, has_comments);
  g_assert_true ((new == NULL) == (error != NULL));
  if (new == NULL)
    return;
  g_autofree char *new_options = pl_kernel_cmdline_options (new, has_comments);
  g_autoptr (GPtrArray) before = pl_option_line_words (old_options);
  g_autoptr (GPtrArray) after = pl_option_line_words (new_options);
  check_words (before, after, parameter);
  check_taken (after, parameter);
  g_assert_true (pl_running_has_parameters (new_options, parameters));
  if (has_comments)
    check_comments (old, new);
  if (before->len == 0)
    check_kept (old, new);
  g_autoptr (GBytes) again = pl_kernel_cmdline_text_set (new, parameters, has_comments, &error);
  g_assert_no_error (error);
  g_assert_true (again == new);
}

/* All words of the one are in the other, in their order, but for one; and at most one is more. */
static void
check_option_words (const char *before, const char *after, const char *parameter)
{
  g_autoptr (GPtrArray) old = pl_option_line_words (before);
  g_autoptr (GPtrArray) new = pl_option_line_words (after);
  guint first = 0, last = 0;
  g_assert_true (new->len == old->len || new->len == old->len + 1);
  while (first < old->len && g_str_equal (g_ptr_array_index (old, first), g_ptr_array_index (new, first)))
    first++;
  while (last < old->len - first
         && g_str_equal (g_ptr_array_index (old, old->len - 1 - last),
                         g_ptr_array_index (new, new->len - 1 - last)))
    last++;
  g_assert_true (old->len - first - last <= new->len - first - last &&new->len - first - last <= 1);
  if (new->len - first - last == 1)
    g_assert_cmpstr (g_ptr_array_index (new, first), ==, parameter);
}

static GPtrArray *
read_limine (GBytes *text, GError **error)
{
  return pl_limine_text_entries (text, false, error);
}

static GPtrArray *
read_old_limine (GBytes *text, GError **error)
{
  return pl_limine_text_entries (text, true, error);
}

/* Of the whole text nothing but one entry's own options is another one, and of those one word. */
static void
check_entry (GPtrArray *(*read) (GBytes *, GError **), GBytes *old, const GPtrArray *before, guint at,
             const char *parameter)
{
  const struct pl_entry_line *entry = g_ptr_array_index (before, at);
  const char *parameters[] = { parameter, NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) new = pl_entry_line_set (old, entry, parameters, &error);
  g_assert_true ((new == NULL) == (error != NULL));
  if (new == NULL)
    return;
  g_assert_true (entry->line > 0 && !entry->is_opaque);
  gsize old_size, new_size;
  const char *old_text = g_bytes_get_data (old, &old_size), *new_text = g_bytes_get_data (new, &new_size);
  gsize rest = old_size - entry->end;
  g_assert_true (new_size >= entry->start + rest);
  g_assert_true (memcmp (old_text, new_text, entry->start) == 0);
  g_assert_true (memcmp (old_text + entry->end, new_text + new_size - rest, rest) == 0);
  g_autoptr (GPtrArray) after = read (new, &error);
  if (after == NULL) {
    /* The line may be longer now than Syslinux reads. */
    g_assert_nonnull (strstr (error->message, "longer"));
    return;
  }
  g_assert_cmpuint (after->len, ==, before->len);
  for (guint i = 0; i < after->len; i++) {
    const struct pl_entry_line *was = g_ptr_array_index (before, i), *is = g_ptr_array_index (after, i);
    g_assert_cmpstr (was->title, ==, is->title);
    g_assert_cmpstr (was->kernel, ==, is->kernel);
    g_assert_true (was->line == is->line && was->is_usual == is->is_usual);
    if (i == at)
      check_option_words (was->options, is->options, parameter);
    else
      g_assert_cmpstr (was->options, ==, is->options);
  }
  g_autoptr (GBytes) again = pl_entry_line_set (new, g_ptr_array_index (after, at), parameters, &error);
  g_assert_no_error (error);
  g_assert_true (again == new);
}

static struct pl_texts *
make_dracut (GBytes *own, GBytes *other)
{
  static const char *const folders[] = { "etc/dracut.conf.d", "usr/bin", "lib/modules", "boot" };
  static const char *const names[][2]
      = { { "vfio.conf", "x.conf" }, { "dracut", NULL }, { "6.1", NULL }, { "initrd.img-6.1", NULL } };
  struct pl_texts *texts = pl_texts_new ();
  for (guint i = 0; i < pl_generator_dracut.n_wants; i++) {
    const struct pl_text_want *want = &pl_generator_dracut.wants[i];
    if (want->kind == PL_TEXT_FILE)
      pl_texts_set (texts, want->path, PL_ABSENT, NULL);
    else
      pl_texts_set_names (texts, want->path, PL_ABSENT, g_ptr_array_new ());
  }
  for (guint i = 0; i < G_N_ELEMENTS (folders); i++) {
    GPtrArray *list = g_ptr_array_new_with_free_func (g_free);
    for (guint k = 0; k < 2 && names[i][k] != NULL; k++)
      g_ptr_array_add (list, g_strdup (names[i][k]));
    pl_texts_set_names (texts, folders[i], PL_KNOWN, list);
  }
  pl_texts_set (texts, "etc/dracut.conf.d/vfio.conf", PL_KNOWN, own);
  pl_texts_set (texts, "etc/dracut.conf.d/x.conf", PL_KNOWN, other);
  return texts;
}

/* The file of dracut's configuration that is ours, and one beside it, parted by a line "%%". */
static void
run_dracut (const char *bytes, gsize size)
{
  static const char *const modules[] = { "vfio_pci", "vfio", NULL };
  const char *mark = g_strstr_len (bytes, (gssize) size, "\n%%\n");
  gsize length = mark != NULL ? (gsize) (mark - bytes) + 1 : size;
  g_autoptr (GBytes) own = g_bytes_new (bytes, length);
  g_autoptr (GBytes) other = mark != NULL ? g_bytes_new (mark + 4, size - length - 3) : g_bytes_new (NULL, 0);
  struct pl_image_wishes wishes = { .modules = modules };
  for (guint i = 0; i < 2; i++) {
    struct pl_texts *texts = make_dracut (own, other);
    struct pl_edits edits;
    pl_edits_init (&edits);
    g_assert_true (pl_generator_dracut.add_modules (texts, &wishes, &edits, NULL));
    g_assert_true (edits.files->len == 0 || (edits.by_hand == NULL && i == 0));
    if (edits.files->len > 0) {
      struct pl_edit *edit = g_ptr_array_index (edits.files, 0);
      check_kept (own, edit->new_content);
      g_bytes_unref (own);
      own = g_bytes_ref (edit->new_content);
    }
    pl_edits_clear (&edits);
    pl_texts_free (texts);
  }
}

static void
run_kernel_cmdline (const char *bytes, gsize size)
{
  g_autofree char *parameter = NULL;
  g_autoptr (GBytes) old = take_parameter (bytes, size, &parameter);
  run_kernel_cmdline_as (old, parameter, true);
  run_kernel_cmdline_as (old, parameter, false);
}

static void
run_entries (GPtrArray *(*read) (GBytes *, GError **), const char *bytes, gsize size)
{
  g_autofree char *parameter = NULL;
  g_autoptr (GBytes) old = take_parameter (bytes, size, &parameter);
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) entries = read (old, &error);
  g_assert_true ((entries == NULL) == (error != NULL));
  guint n_usual = 0;
  for (guint i = 0; entries != NULL && i < entries->len; i++) {
    const struct pl_entry_line *entry = g_ptr_array_index (entries, i);
    g_assert_true (entry->start <= entry->end && entry->end <= g_bytes_get_size (old));
    n_usual += entry->is_usual;
    /* Many entries make it slow, and nothing else. */
    if (i < 8)
      check_entry (read, old, entries, i, parameter);
  }
  g_assert_cmpuint (n_usual, <=, 1);
}

static void
run_limine (const char *bytes, gsize size)
{
  run_entries (read_limine, bytes, size);
  run_entries (read_old_limine, bytes, size);
}

static void
run_extlinux (const char *bytes, gsize size)
{
  g_autoptr (GBytes) text = g_bytes_new (bytes, size);
  if (pl_extlinux_text_is_made_by (text, "u-boot-update"))
    g_assert_nonnull (memchr (bytes, '#', size));
  run_entries (pl_extlinux_text_entries, bytes, size);
}

/* The list has all it had, but for one word, and the parameter; the rest of the text is what it was. */
static void
run_kernelstub (const char *bytes, gsize size)
{
  g_autofree char *parameter = NULL;
  g_autoptr (GBytes) old = take_parameter (bytes, size, &parameter);
  const char *parameters[] = { parameter, NULL };
  struct pl_kernelstub_settings before, after;
  g_autoptr (GError) error = NULL;
  bool is_read = pl_kernelstub_text_read (old, &before, NULL);
  g_autoptr (GBytes) new = pl_kernelstub_text_set (old, parameters, &error);
  g_assert_true ((new == NULL) == (error != NULL) && (is_read || new == NULL));
  if (new != NULL) {
    g_assert_true (pl_kernelstub_text_read (new, &after, &error));
    check_grub (old, new, parameter);
    check_option_words (before.options, after.options, parameter);
    g_assert_cmpstr (before.esp_path, ==, after.esp_path);
    g_assert_true (before.setup_loader == after.setup_loader);
    pl_kernelstub_settings_clear (&after);
    g_autoptr (GBytes) again = pl_kernelstub_text_set (new, parameters, &error);
    g_assert_no_error (error);
    g_assert_true (again == new);
  }
  pl_kernelstub_settings_clear (&before);
}

static const struct pl_fuzz_parser parsers[] = {
  { 'b', run_booster },  { 'c', run_kernel_cmdline }, { 'd', run_dracut },     { 'e', run_loader_entry },
  { 'g', run_grub },     { 'i', run_modules },        { 'k', run_mkinitcpio }, { 'l', run_limine },
  { 'm', run_modprobe }, { 'r', run_refind },         { 's', run_kernelstub }, { 'x', run_extlinux },
};

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  return pl_fuzz_choose (parsers, G_N_ELEMENTS (parsers), data, size);
}
