/* ostree.c - see ostree.h. All by hand: a new deployment is made by a daemon, of which nobody can say
 * beforehand what it writes. The old deployment stays in the menu as the way back. */
#include "boot/ostree.h"

#include "boot/option_line.h"
#include "boot/parameter.h"
#include "boot/running.h"

#include <string.h>

/* What finds the root of a deployment; the second of a bootc image without ostree below it. Source: ostree,
 * docs/deployment.md; bootc, crates/lib/src/bootc_composefs. */
static const char *const roots[] = { "ostree=", "composefs=" };

static enum pl_claim
claim (const struct pl_boot_evidence *evidence)
{
  if (evidence->command_line_state != PL_KNOWN)
    return PL_CLAIM_UNKNOWN;
  g_autoptr (GPtrArray) words = pl_option_line_words (evidence->command_line);
  for (guint i = 0; i < words->len; i++)
    for (guint k = 0; k < G_N_ELEMENTS (roots); k++)
      if (g_str_has_prefix (g_ptr_array_index (words, i), roots[k]))
        return PL_CLAIM_YES;
  return PL_CLAIM_NO;
}

static bool
has_name (const GPtrArray *words, const char *parameter)
{
  struct pl_boot_parameter wanted = pl_boot_parameter_parse (parameter);
  for (guint i = 0; i < words->len; i++) {
    struct pl_boot_parameter own = pl_boot_parameter_parse (g_ptr_array_index (words, i));
    if (pl_boot_parameter_is_same_name (&own, &wanted))
      return true;
  }
  return false;
}

/* One that has another value is replaced, where it is there once. Source: rpm-ostree, man/rpm-ostree.xml,
 * "kargs"; ostree-admin-kargs(1): from memory. */
static char *
write_command (const char *command, const char *command_line, const char *const *parameters)
{
  GString *text = g_string_new (command);
  g_autoptr (GPtrArray) words = pl_option_line_words (command_line);
  for (guint i = 0; parameters[i] != NULL; i++)
    g_string_append_printf (text, " --%s=%s",
                            has_name (words, parameters[i]) ? "replace" : "append-if-missing", parameters[i]);
  return g_string_free (text, FALSE);
}

/* Source: bootc, docs/src/building/kernel-arguments.md. */
static char *
write_container (const char *const *parameters)
{
  g_autofree char *words = g_strjoinv ("\", \"", (char **) parameters);
  return g_strdup_printf (
      "add to the container that the image is built of a file /usr/lib/bootc/kargs.d/10-vfio.toml "
      "with this line:\nkargs = [\"%s\"]\nbuild it, then: sudo bootc upgrade",
      words);
}

static bool
set_parameters (const struct pl_boot_evidence *evidence, const char *const *parameters,
                struct pl_edits *edits, GError **error)
{
  (void) error;
  if (pl_running_has_parameters (evidence->command_line, parameters))
    return true;
  g_autofree char *rpm_ostree = pl_texts_program (evidence->texts, "rpm-ostree");
  g_autofree char *bootc = pl_texts_program (evidence->texts, "bootc");
  g_autofree char *container = write_container (parameters);
  if (evidence->stub_info.state == PL_KNOWN || (rpm_ostree == NULL && bootc != NULL)) {
    edits->by_hand = g_strdup_printf (
        "The kernel parameters of this system come with its image%s: %s",
        evidence->stub_info.state == PL_KNOWN ? ", as a part of its unified kernel image" : "", container);
    return true;
  }
  if (rpm_ostree == NULL) {
    g_autofree char *words = g_strjoinv (" --append-if-missing=", (char **) parameters);
    edits->by_hand
        = g_strdup_printf ("The kernel parameters of this system are kept by ostree. Type:\nsudo ostree "
                           "admin kargs edit-in-place "
                           "--append-if-missing=%s\nIt changes every deployment, so none is left as it was",
                           words);
    return true;
  }
  g_autofree char *command = write_command ("sudo rpm-ostree kargs", evidence->command_line, parameters);
  edits->by_hand
      = g_strdup_printf ("The kernel parameters of this system are kept by rpm-ostree. Type:\n%s", command);
  return true;
}

/* dracut runs in a deployment that is being made, never in the running one, whose /usr and /boot are its own.
 * The arguments replace all that were given before. Source: rpm-ostree, man/rpm-ostree.xml, "initramfs"; that
 * the older ones are lost: secureblue's documentation of unlocking by TPM; --force-drivers, which loads them
 * early: dracut(8), from memory. */
static char *
image_by_hand (const struct pl_boot_evidence *evidence, const char *const *modules)
{
  g_autofree char *rpm_ostree = pl_texts_program (evidence->texts, "rpm-ostree");
  g_autofree char *names = g_strjoinv (" ", (char **) modules);
  if (rpm_ostree == NULL || evidence->stub_info.state == PL_KNOWN)
    return g_strdup_printf (
        "The initramfs of this system comes with its image: add to the container that it is built "
        "of a file /usr/lib/dracut/dracut.conf.d/10-vfio.conf with this line:\n"
        "force_drivers+=\" %s \"\nand the files of /etc/modprobe.d above, and have it run dracut",
        names);
  return g_strdup_printf (
      "The initramfs of this system is made by rpm-ostree, not by dracut alone. See first which arguments it "
      "has "
      "(rpm-ostree initramfs) and repeat them in this command, once the files above are written:\n"
      "sudo rpm-ostree initramfs --enable --arg=--force-drivers --arg=\"%s\" --arg=-I "
      "--arg=/etc/modprobe.d/vfio.conf",
      names);
}

static const char *const programs[] = { "rpm-ostree", "bootc", NULL };

const struct pl_boot_loader pl_boot_ostree = {
  .name = "ostree",
  .title = "ostree",
  .programs = programs,
  .claim = claim,
  .set_parameters = set_parameters,
  .image_by_hand = image_by_hand,
};
