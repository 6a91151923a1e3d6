/* module_list.h - the editor of /etc/initramfs-tools/modules: a module a line, with options behind it. */
#pragma once

#include <glib.h>

/**
 * pl_module_list_add - the text with these modules in it
 * @modules: names, ended by NULL, in the order in which they shall be loaded
 *
 * A module that has a line already (with or without options, '-' or '_') is left where it is; the others are
 * added at the end. Returns: the new text, @old itself (with a reference more) where nothing is to change;
 * NULL with PL_ERROR_FAILED and "line 3: ..." where the text is no such list. Free with g_bytes_unref().
 *
 * @old may be NULL: there is no file. An error is what would keep the list from being read: what is no UTF-8
 * (grep, which reads it, gives no line of a file that is binary to it), a name with control characters, a
 * carriage return.
 *
 * Source: initramfs-tools 0.142: man 7 initramfs-tools, "add_modules_from_file"; hook-functions,
 * add_modules_from_file().
 */
GBytes *pl_module_list_add (GBytes *old, const char *const *modules, GError **error);
