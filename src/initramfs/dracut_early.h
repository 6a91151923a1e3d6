/* dracut_early.h - what runs early in an image of dracut: a module of our own, which is two files. Private to
 * the generator.
 */
#pragma once

#include "initramfs/generator.h"

#define PL_DRACUT_EARLY_FOLDER "usr/lib/dracut/modules.d/00pcilend"
#define PL_DRACUT_EARLY_PATH PL_DRACUT_EARLY_FOLDER "/pcilend.sh"
#define PL_DRACUT_EARLY_SETUP PL_DRACUT_EARLY_FOLDER "/module-setup.sh"

extern const struct pl_early pl_dracut_early;

/* The module's files. Returns: NULL, or why a person must do it. Free with g_free(). */
char *pl_dracut_early_add (const struct pl_texts *texts, GBytes *early, struct pl_edits *edits);

/* What a person writes: "Write to ...", ends with a line end; "" where @early is NULL. Free with g_free(). */
char *pl_dracut_early_describe (GBytes *early);
