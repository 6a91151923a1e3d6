/* uki.c - see uki.h. What builds the image is told by uki_builder.c.
 *
 * systemd-stub takes the command line of the image, or that of the loader where Secure Boot is off and the
 * loader gives one, and adds what addons hold. So a file is changed only where the running command line is
 * the one that the files make. Source: systemd 257, src/boot/stub.c, process_arguments(), load_addons().
 */
#include "boot/uki.h"

#include "base/error.h"
#include "boot/kernel_cmdline.h"
#include "boot/managed.h"
#include "boot/option_line.h"
#include "boot/ostree.h"
#include "boot/parameter.h"
#include "boot/running.h"
#include "boot/uki_builder.h"

#include <string.h>

#define CMDLINE "etc/kernel/cmdline"
#define VENDOR_CMDLINE "usr/lib/kernel/cmdline"
#define DROP_INS "etc/cmdline.d"

/* A kernel that was given an initrd= or a BOOT_IMAGE= came out of no image that has both in itself: that
 * counts where the stub's own variable is not known. Its name in LoaderInfo: from memory. */
static enum pl_claim
claim (const struct pl_boot_evidence *evidence)
{
  if (pl_boot_ostree.claim (evidence) == PL_CLAIM_YES)
    return PL_CLAIM_NO;
  if (evidence->stub_info.state == PL_KNOWN || pl_boot_is_named (evidence, "systemd-stub"))
    return PL_CLAIM_YES;
  if (evidence->stub_info.state == PL_ABSENT || evidence->boot_image != NULL || evidence->initrd != NULL)
    return PL_CLAIM_NO;
  return PL_CLAIM_UNKNOWN;
}

/* What a person types to have the image made anew. Source: mkinitcpio(8), kernel-install(8), dracut(8),
 * sbctl(8).
 */
static char *
write_command (const struct pl_texts *texts, enum pl_uki_builder builder)
{
  g_autofree char *sbctl = pl_texts_program (texts, "sbctl"), *sbsign = pl_texts_program (texts, "sbsign");
  const char *command
      = builder == PL_UKI_MKINITCPIO ? "sudo mkinitcpio -P"
        : builder == PL_UKI_DRACUT   ? "sudo dracut --force --regenerate-all"
        : builder == PL_UKI_KERNEL_INSTALL
            ? "sudo kernel-install add \"$(uname -r)\" \"/usr/lib/modules/$(uname -r)/vmlinuz\""
            : "the way it was made before";
  return g_strconcat (command,
                      sbctl != NULL    ? "\nand sign it: sudo sbctl sign-all"
                      : sbsign != NULL ? "\nand sign it with your key, by sbsign, where it was signed before"
                                       : "",
                      NULL);
}

/* Nothing is said where the running kernel has them already. */
static bool
leave (const struct pl_boot_evidence *evidence, const struct pl_uki_building *building, const char *why,
       const char *const *parameters, struct pl_edits *edits)
{
  if (pl_running_has_parameters (evidence->command_line, parameters))
    return true;
  g_autofree char *words = g_strjoinv (" ", (char **) parameters);
  g_autofree char *command = write_command (evidence->texts, building->builder);
  const char *path = building->builder == PL_UKI_DRACUT ? building->path : CMDLINE;
  return pl_boot_leave_to_person (
      edits, g_strdup_printf ("%s. Add to %s/%s: %s\nand have the unified kernel image made anew: %s", why,
                              building->builder == PL_UKI_DRACUT ? "kernel_cmdline in " : "",
                              path != NULL ? path : "etc/dracut.conf.d/cmdline.conf", words, command));
}

/* The files of which the command line is made, in their order: mkinitcpio's drop-ins come behind the one
 * file. Source: mkinitcpio v41, build_uki(); systemd 257, 60-ukify.install, kernel_cmdline_base(), which does
 * not look at Cmdline= of uki.conf. NULL with the error. Free with g_ptr_array_unref(). */
static GPtrArray *
list_files (const struct pl_texts *texts, enum pl_uki_builder builder, GError **error)
{
  const GPtrArray *names = NULL;
  GBytes *bytes;
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func (g_free);
  if (pl_texts_get (texts, CMDLINE, &bytes) != PL_ABSENT)
    g_ptr_array_add (paths, g_strdup (CMDLINE));
  else if (pl_texts_get (texts, VENDOR_CMDLINE, &bytes) != PL_ABSENT)
    g_ptr_array_add (paths, g_strdup (VENDOR_CMDLINE));
  if (builder == PL_UKI_MKINITCPIO
      && !pl_texts_check (DROP_INS, pl_texts_names (texts, DROP_INS, &names), error))
    return NULL;
  for (guint i = 0; names != NULL && i < names->len; i++)
    g_ptr_array_add (paths, g_strconcat (DROP_INS "/", (const char *) g_ptr_array_index (names, i), NULL));
  for (guint i = 0; i < paths->len; i++) {
    const char *path = g_ptr_array_index (paths, i);
    if (!pl_texts_check (path, pl_texts_get (texts, path, &bytes), error))
      return NULL;
  }
  return g_steal_pointer (&paths);
}

/* kernel-install adds this one where the entries are named by it. Source: 60-ukify.install, kernel_cmdline().
 */
static void
add_machine_id (const GPtrArray *running, GString *options)
{
  for (guint i = 0; i < running->len; i++) {
    const char *word = g_ptr_array_index (running, i);
    if (g_str_has_prefix (word, "systemd.machine_id=")
        && strstr (options->str, "systemd.machine_id=") == NULL)
      g_string_append_printf (options, " %s", word);
  }
}

/* Whether the running kernel has what the files say, and nothing else. */
static bool
is_running (const struct pl_boot_evidence *evidence, const GPtrArray *paths, enum pl_uki_builder builder)
{
  g_autoptr (GString) options = g_string_new (NULL);
  g_autoptr (GPtrArray) running = pl_running_words (evidence->command_line);
  for (guint i = 0; i < paths->len; i++) {
    GBytes *bytes;
    pl_texts_get (evidence->texts, g_ptr_array_index (paths, i), &bytes);
    g_autofree char *text
        = bytes != NULL ? pl_kernel_cmdline_options (bytes, builder == PL_UKI_MKINITCPIO) : NULL;
    g_string_append_printf (options, " %s", text != NULL ? text : "");
  }
  if (builder == PL_UKI_KERNEL_INSTALL)
    add_machine_id (running, options);
  return pl_running_has (running, options->str);
}

static bool
has_name (const struct pl_texts *texts, const char *path, const char *parameter)
{
  GBytes *bytes;
  pl_texts_get (texts, path, &bytes);
  g_autofree char *text = bytes != NULL ? pl_kernel_cmdline_options (bytes, true) : NULL;
  g_autoptr (GPtrArray) words = pl_option_line_words (text != NULL ? text : "");
  struct pl_boot_parameter wanted = pl_boot_parameter_parse (parameter);
  for (guint i = 0; i < words->len; i++) {
    struct pl_boot_parameter own = pl_boot_parameter_parse (g_ptr_array_index (words, i));
    if (pl_boot_parameter_is_same_name (&own, &wanted))
      return true;
  }
  return false;
}

/* The file that a parameter goes into: the last that has it, whose value the kernel takes; else the first. */
static guint
choose_file (const struct pl_texts *texts, const GPtrArray *paths, const char *parameter)
{
  guint at = 0;
  for (guint i = 0; i < paths->len; i++)
    if (has_name (texts, g_ptr_array_index (paths, i), parameter))
      at = i;
  return at;
}

/* Each file with the parameters that go into it. False with the error, or with @why. */
static bool
edit_files (const struct pl_texts *texts, const GPtrArray *paths, const char *const *parameters,
            bool has_comments, struct pl_edits *edits, char **why, GError **error)
{
  for (guint i = 0; i < paths->len; i++) {
    const char *path = g_ptr_array_index (paths, i);
    g_autoptr (GPtrArray) own = g_ptr_array_new ();
    for (guint k = 0; parameters[k] != NULL; k++)
      if (choose_file (texts, paths, parameters[k]) == i)
        g_ptr_array_add (own, (char *) parameters[k]);
    if (own->len == 0)
      continue;
    if (strcmp (path, VENDOR_CMDLINE) == 0) {
      *why = g_strdup ("/" VENDOR_CMDLINE " belongs to a package: copy it to /" CMDLINE
                       ", which is read in its place");
      return false;
    }
    g_ptr_array_add (own, NULL);
    if (!pl_kernel_cmdline_set (texts, path, (const char *const *) own->pdata, has_comments, edits, why,
                                error))
      return false;
  }
  return true;
}

/* Why a person must do it, before any file is looked at; NULL: none of that. Free with g_free(). */
static char *
find_reason (const struct pl_boot_evidence *evidence, const struct pl_uki_building *building)
{
  g_autofree char *sbctl = pl_texts_program (evidence->texts, "sbctl");
  g_autofree char *sbsign = pl_texts_program (evidence->texts, "sbsign");
  if (evidence->stub_info.state == PL_KNOWN && !g_str_has_prefix (evidence->stub_info.text, "systemd-stub"))
    return g_strdup_printf ("The kernel came out of an image made for %s, which pcilend does not know",
                            evidence->stub_info.text);
  if (building->builder == PL_UKI_UNKNOWN)
    return g_strdup ("The kernel came out of a unified kernel image, and what builds it is not known");
  if (building->builder == PL_UKI_DRACUT)
    return g_strdup (
        "The kernel came out of a unified kernel image that dracut builds, and what it writes is not "
        "known beforehand");
  if (building->why != NULL)
    return g_strdup (building->why);
  if (sbctl != NULL || sbsign != NULL)
    return g_strdup_printf ("The unified kernel image may have to be signed (%s is installed)",
                            sbctl != NULL ? "sbctl" : "sbsign");
  return NULL;
}

static bool
set_in_files (const struct pl_boot_evidence *evidence, const struct pl_uki_building *building,
              const char *const *parameters, struct pl_edits *edits, GError **error)
{
  g_autofree char *why = NULL;
  g_autoptr (GError) failure = NULL;
  g_autoptr (GPtrArray) paths = list_files (evidence->texts, building->builder, error);
  if (paths == NULL)
    return false;
  if (paths->len == 0)
    why = g_strdup (
        "No file says the command line, so that of the running kernel is taken: write it into /" CMDLINE
        " first, as one line (cat /proc/cmdline)");
  else if (!is_running (evidence, paths, building->builder))
    why = g_strdup_printf ("/%s does not say what the kernel was started with, so it is left as it is",
                           (const char *) g_ptr_array_index (paths, 0));
  else
    edit_files (evidence->texts, paths, parameters, building->builder == PL_UKI_MKINITCPIO, edits, &why,
                &failure);
  if (failure != NULL) {
    g_propagate_error (error, g_steal_pointer (&failure));
    return false;
  }
  if (why != NULL)
    return leave (evidence, building, why, parameters, edits);
  if (edits->files->len > 0 && building->builder == PL_UKI_KERNEL_INSTALL) {
    g_autofree char *command = write_command (evidence->texts, building->builder);
    edits->by_hand
        = g_strdup_printf ("The command line is a part of the unified kernel image. When the files are "
                           "written, and again behind an undo, have it made anew: %s",
                           command);
  }
  edits->is_in_image = edits->files->len > 0 && building->builder == PL_UKI_MKINITCPIO;
  return true;
}

static bool
set_parameters (const struct pl_boot_evidence *evidence, const char *const *parameters,
                struct pl_edits *edits, GError **error)
{
  g_auto (pl_uki_building) building = { 0 };
  if (evidence->command_line_state != PL_KNOWN) {
    pl_error_set (error, PL_ERROR_UNDECIDED, "proc/cmdline", "run it again as root",
                  "/proc/cmdline: it could not be read (%s)", pl_state_name (evidence->command_line_state));
    return false;
  }
  if (!pl_uki_building_find (evidence->texts, &building, error))
    return false;
  g_autofree char *why = find_reason (evidence, &building);
  return why != NULL ? leave (evidence, &building, why, parameters, edits)
                     : set_in_files (evidence, &building, parameters, edits, error);
}

static const struct pl_text_want wants[] = {
  { PL_TEXT_FILE, CMDLINE, { NULL } },
  { PL_TEXT_FILE, VENDOR_CMDLINE, { NULL } },
  { PL_TEXT_FOLDER, DROP_INS, { ".conf", NULL } },
  { PL_TEXT_FOLDER, "etc/mkinitcpio.d", { ".preset", NULL } },
  { PL_TEXT_FILE, "etc/dracut.conf", { NULL } },
  { PL_TEXT_FOLDER, "etc/dracut.conf.d", { ".conf", NULL } },
  { PL_TEXT_FILE, "etc/kernel/install.conf", { NULL } },
  { PL_TEXT_FILE, "usr/lib/kernel/install.conf", { NULL } },
};
static const char *const programs[] = { "sbctl", "sbsign", NULL };

const struct pl_boot_loader pl_boot_uki = {
  .name = "uki",
  .title = "the unified kernel image",
  .wants = wants,
  .n_wants = G_N_ELEMENTS (wants),
  .programs = programs,
  .claim = claim,
  .set_parameters = set_parameters,
};
