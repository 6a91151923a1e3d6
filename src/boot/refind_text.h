/* refind_text.h - the editor of refind_linux.conf, which rEFInd reads in the directory of the kernel.
 *
 *     "Boot with standard options"  "ro root=UUID=... quiet"     # a label, and what the kernel is given
 *     "Boot to single-user mode"    "ro root=UUID=... single"
 *
 * The first line that has anything is the usual entry, the others are in its submenu. Words are parted by
 * blanks, tabs, "=" and ",", quotes keep them together, and a doubled quote is one quote; there is no other
 * escape, so a backslash is itself. A "#" outside of quotes begins a comment. Lines end in LF, CR or both. A
 * file is UTF-16 if it begins with FF FE or has a zero in its second and fourth byte, else each byte is a
 * character, behind EF BB BF, too.
 *
 * Source: rEFInd 0.14.2, refind/config.c: ReadFile(), ReadLine(), KeepReading(), ReadTokenLine(),
 * GetFirstOptionsFromFile(); docs/refind/linux.html, "refind_linux.conf".
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/**
 * pl_refind_text_set - the text with kernel parameters in the options of its first entry
 * @old: the whole file
 * @parameters: words like "intel_iommu=on", ended by NULL
 *
 * A parameter that is there is left where it is. One whose key is there with another value is replaced in its
 * place; else it is added as the last word, in front of a "--". The other entries stay as they are: a way
 * back in the menu.
 *
 * Returns: the new text, @old itself (with a reference more) where nothing is to change; NULL with
 * PL_ERROR_FAILED and "line 2: ..." where the text is not understood. Free with g_bytes_unref().
 */
GBytes *pl_refind_text_set (GBytes *old, const char *const *parameters, GError **error);

/**
 * pl_refind_text_options - what rEFInd reads as the options of each entry, the first one first
 *
 * Free with g_ptr_array_unref(). Errors: PL_ERROR_FAILED, "line 2: ...".
 * Source: rEFInd 0.14.2, refind/menu.c, GenerateSubScreen(): it ends at the first entry without options.
 */
GPtrArray *pl_refind_text_options (GBytes *text, GError **error);

/**
 * pl_refind_text_stanza - the line that a person has to write into refind.conf
 * @text: refind.conf, with stanzas: menuentry NAME { loader, initrd, options ... }
 * @line: set to its number
 *
 * Returns: the first "options" line with a root= of an enabled menuentry, with the parameters in it; NULL
 * where there is none, where it has them, or where it is not understood. Free with g_free().
 * Source: rEFInd 0.14.2, refind/config.c, AddStanzaEntries() and AddSubmenu().
 */
char *pl_refind_text_stanza (GBytes *text, const char *const *parameters, guint *line);
