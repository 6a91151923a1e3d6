/* dracut_images.h - which images dracut has made on this system, and what makes them anew. For dracut.c. */
#pragma once

#include "base/edits.h"

/* The releases of the kernels that have an image, sorted. Free with g_ptr_array_unref(). */
GPtrArray *pl_dracut_releases (const struct pl_texts *texts);

/* Adds the programs that make each image anew. Returns: NULL, or why it cannot be done; free with g_free().
 */
char *pl_dracut_add_programs (const struct pl_texts *texts, struct pl_edits *edits);
