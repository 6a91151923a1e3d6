/* booster_text.h - the editor of /etc/booster.yaml, as far as YAML is simple there: one mapping, each key
 * with a plain or quoted word on its own line, or with a mapping of such lines below it.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/**
 * pl_booster_text_list - the elements of a comma-separated list
 * @text: the whole file; NULL: there is none
 * @key: "modules": of the outermost mapping
 *
 * An empty list where the key is not there or has no value. Free with g_ptr_array_unref(). NULL with
 * PL_ERROR_FAILED and "line 3: ..." where the file, or this value, is not of a simple form.
 */
GPtrArray *pl_booster_text_list (GBytes *text, const char *key, GError **error);

/* Whether the outermost mapping has the key; false with an error as above. */
bool pl_booster_text_has (GBytes *text, const char *key, bool *has, GError **error);

/**
 * pl_booster_text_add - the text with these modules in modules_force_load
 * @modules: names, ended by NULL
 *
 * What the list lacks is put in front of the others; where the key is missing, a line is added at the end of
 * the file. Every byte of @old is in the new text. Returns: the new text, @old itself (with a reference more)
 * where nothing is to change (the empty text where there is none); NULL with an error as above. Free with
 * g_bytes_unref().
 *
 * Source: booster(1), "CONFIG FILE"; booster (commit 57b030b), generator/config.go, UserConfig,
 * parseCommaList(); YAML 1.2.2, chapters 5 to 8.
 */
GBytes *pl_booster_text_add (GBytes *old, const char *const *modules, GError **error);
