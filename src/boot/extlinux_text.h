/* extlinux_text.h - the reader of extlinux.conf and syslinux.cfg, which Syslinux and U-Boot read.
 *
 *     DEFAULT linux                # a label, or a menu program
 *     APPEND quiet                 # for entries that have none
 *     LABEL linux
 *       LINUX /vmlinuz-6.1         # or KERNEL
 *       INITRD /initrd.img-6.1
 *       APPEND root=UUID=... ro    # the last one counts; "-" is nothing
 *
 * Keywords of any case stand first on a line, behind blanks, and a carriage return ends it. TEXT to ENDTEXT
 * is no syntax. What an INCLUDE brings is not seen.
 *
 * Source: Syslinux 6.04, com32/elflink/ldlinux/readconfig.c: parse_config_file(), record(), looking_at();
 * doc/syslinux.txt. That U-Boot reads what u-boot-update writes in the same way: u-boot-menu 4.2.2.
 */
#pragma once

#include "boot/entry_line.h"

/**
 * pl_extlinux_text_entries - the entries that start a Linux kernel, in their order
 *
 * The usual one is that of ONTIMEOUT, else of DEFAULT, else of MENU DEFAULT, else the first. Errors:
 * PL_ERROR_FAILED, "line 3: ...". Free with g_ptr_array_unref().
 */
GPtrArray *pl_extlinux_text_entries (GBytes *text, GError **error);

/* Whether a comment in front of the first entry names it: "u-boot-update"; or, where NULL, says that it was
 * generated. */
bool pl_extlinux_text_is_made_by (GBytes *text, const char *program);
