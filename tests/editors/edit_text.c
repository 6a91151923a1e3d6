/* edit_text - an editor of configuration files on standard input and output, for tests that ask another
 * program about the result.
 *
 *     edit_text EDITOR ARGUMENT... <OLD >NEW
 *
 * Exit status: 0; 1 where the text was not understood: the reason is on standard error; 2 wrong usage.
 */
#include "boot/grub_text.h"
#include "initramfs/mkinitcpio_text.h"
#include "initramfs/module_list.h"
#include "plan/modprobe_text.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

struct editor {
  const char *name;
  GBytes *(*edit) (GBytes *old, char **arguments, GError **error);
};

/* ID... -- SOFTDEP... */
static GBytes *
edit_modprobe (GBytes *old, char **arguments, GError **error)
{
  char **softdeps = arguments;
  while (*softdeps != NULL && strcmp (*softdeps, "--") != 0)
    softdeps++;
  const char *const *names = *softdeps != NULL ? (const char *const *) softdeps + 1 : NULL;
  *softdeps = NULL;
  struct pl_modprobe_wishes wishes = { (const char *const *) arguments, names };
  return pl_modprobe_text_add (old, &wishes, NULL, error);
}

/* MODULE... */
static GBytes *
edit_modules (GBytes *old, char **arguments, GError **error)
{
  return pl_module_list_add (old, (const char *const *) arguments, error);
}

/* MODULE... */
static GBytes *
edit_mkinitcpio (GBytes *old, char **arguments, GError **error)
{
  return pl_mkinitcpio_text_add (old, (const char *const *) arguments, error);
}

/* VARIABLE PARAMETER... */
static GBytes *
edit_grub (GBytes *old, char **arguments, GError **error)
{
  if (arguments[0] == NULL) {
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "which variable?");
    return NULL;
  }
  return pl_grub_text_set (old, arguments[0], (const char *const *) arguments + 1, error);
}

static const struct editor editors[] = {
  { "grub", edit_grub },
  { "mkinitcpio", edit_mkinitcpio },
  { "modprobe", edit_modprobe },
  { "modules", edit_modules },
  { NULL, NULL },
};

int
main (int argc, char **argv)
{
  g_autoptr (GByteArray) text = g_byte_array_new ();
  guint8 piece[4096];
  size_t got;
  while ((got = fread (piece, 1, sizeof piece, stdin)) > 0)
    g_byte_array_append (text, piece, (guint) got);
  g_autoptr (GBytes) old = g_bytes_new (text->data, text->len);
  for (const struct editor *editor = editors; argc > 1 && editor->name != NULL; editor++) {
    if (strcmp (editor->name, argv[1]) != 0)
      continue;
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) new = editor->edit (old, argv + 2, &error);
    if (new == NULL) {
      fprintf (stderr, "%s\n", error->message);
      return 1;
    }
    fwrite (g_bytes_get_data (new, NULL), 1, g_bytes_get_size (new), stdout);
    return 0;
  }
  return 2;
}
