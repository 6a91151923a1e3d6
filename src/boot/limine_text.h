/* limine_text.h - the reader of limine.conf, and of the limine.cfg that Limine read before version 8.
 *
 *     timeout: 5                              TIMEOUT=5
 *     /Arch Linux                             :Arch Linux
 *         protocol: linux                         PROTOCOL=linux
 *         path: boot():/vmlinuz-linux             KERNEL_PATH=boot:///vmlinuz-linux
 *         cmdline: root=UUID=... rw               CMDLINE=root=UUID=... rw
 *
 * A line that begins with the sign opens an entry, several signs one of a lower level; blanks in front of a
 * line count for nothing, carriage returns nowhere. cmdline and kernel_cmdline are one option, of any case in
 * the new form alone. "#" begins a comment, on a line of its own. ${NAME}=text is a macro, and ${NAME} stands
 * for the text, anywhere.
 *
 * Source: Limine 8.2.0, common/lib/config.c: init_config(), create_menu_tree(), config_get_value();
 * CONFIG.md.
 */
#pragma once

#include "boot/entry_line.h"

/**
 * pl_limine_text_entries - the entries that have a command line, in their order
 * @is_old_form: it is a limine.cfg
 *
 * The first of them is the usual one, where default_entry and remember_last_entry do not say otherwise.
 * Errors: PL_ERROR_FAILED, "line 3: ...". Free with g_ptr_array_unref().
 */
GPtrArray *pl_limine_text_entries (GBytes *text, bool is_old_form, GError **error);
