/* dracut_early.c - see dracut_early.h.
 *
 * dracut reads modules from /usr/lib/dracut/modules.d alone, also those that are not its own. A hook of
 * pre-udev is sourced before the modules of rd.driver.pre= are loaded and before udev starts, with systemd in
 * the image and without. The file need not be executable: it gets its mode in the image.
 *
 * Source: dracut.modules(7); dracut 059, dracut-init.sh, inst_hook() and for_each_module_dir();
 * modules.d/98dracut-systemd/dracut-pre-udev.sh and .service; modules.d/99base/init.sh.
 */
#include "initramfs/dracut_early.h"

#include <string.h>

const struct pl_early pl_dracut_early = {
  .path = PL_DRACUT_EARLY_PATH,
  .head = "#!/bin/sh\n",
  .tail = "\npcilend_bind\n",
};

static const char setup_text[] = "#!/bin/bash\n"
                                 "# Made by pcilend: its hook, which runs in the image before udev does.\n"
                                 "check() {\n"
                                 "    return 0\n"
                                 "}\n"
                                 "\n"
                                 "depends() {\n"
                                 "    return 0\n"
                                 "}\n"
                                 "\n"
                                 "install() {\n"
                                 "    inst_hook pre-udev 00 \"$moddir/pcilend.sh\"\n"
                                 "}\n";

char *
pl_dracut_early_add (const struct pl_texts *texts, GBytes *early, struct pl_edits *edits)
{
  GBytes *old;
  char *odd = pl_edits_add_fixed (edits, texts, PL_DRACUT_EARLY_SETUP, setup_text, 0755,
                                  "dracut puts a hook into an image by a module in this folder");
  if (odd != NULL)
    return odd;
  pl_texts_get (texts, PL_DRACUT_EARLY_PATH, &old);
  pl_edits_add_own (edits, PL_DRACUT_EARLY_PATH, old, early, 0755, PL_EARLY_WHY);
  return NULL;
}

char *
pl_dracut_early_describe (GBytes *early)
{
  gsize size;
  if (early == NULL)
    return g_strdup ("");
  const char *text = g_bytes_get_data (early, &size);
  return g_strdup_printf ("Write to /" PL_DRACUT_EARLY_SETUP ":\n%s\nand to /" PL_DRACUT_EARLY_PATH
                          ":\n%.*s\n",
                          setup_text, (int) size, text);
}
