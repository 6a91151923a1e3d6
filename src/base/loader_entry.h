/* loader_entry.h - the boot entries of the Boot Loader Specification, type 1: files NAME.conf in
 * loader/entries of the partition that the loader reads. Read here; boot/entry_options.h changes them.
 *
 *     title    Debian GNU/Linux
 *     options  root=UUID=... ro quiet
 *     linux    /TOKEN/6.1.0-18-amd64/linux
 *     initrd   /TOKEN/6.1.0-18-amd64/initrd.img-6.1.0-18-amd64
 *
 * Lines end in LF or CR; a key, blanks or tabs, the value; blanks around are none of it, nor is a pair of
 * quotes; a line whose first sign is # is a comment. Of several options lines the kernel gets all.
 * Source: systemd, src/boot/efi/boot.c, line_get_key_value(), config_entry_add_type1().
 */
#pragma once

#include "base/texts.h"

struct pl_loader_entry {
  char *path;       /* "boot/efi/loader/entries/debian.conf" */
  char *root;       /* "boot/efi": where that partition is mounted, if it is that one */
  char *linux_path; /* of the kernel, as a path of this system: "boot/efi/TOKEN/RELEASE/linux"; NULL: none */
  GPtrArray *initrds;    /* char *: the same of each initrd */
  char *token, *release; /* of an entry that kernel-install made: TOKEN and RELEASE of the kernel's path; else
                            NULL */
  char *options;         /* of its only options line; NULL: it has none, or several */
};

/**
 * pl_loader_entries_read - the entries of all places where such a partition is mounted
 * @entries: struct pl_loader_entry *; free with g_ptr_array_unref()
 *
 * Returns: PL_KNOWN; PL_ABSENT where there is no such place; else what kept it from being read.
 */
enum pl_state pl_loader_entries_read (const struct pl_texts *texts, GPtrArray **entries);

/**
 * pl_loader_entry_find - the entry that the loader names
 * @name: as in LoaderEntrySelected: "debian.conf", in small letters
 *
 * The file's boot counter ("+3-0" before ".conf") may have changed since. NULL: none, or more than one has
 * that name. Source: systemd, src/boot/efi/boot.c, config_entry_parse_tries(); strtolower16() of its id.
 */
const struct pl_loader_entry *pl_loader_entry_find (const GPtrArray *entries, const char *name);

/**
 * pl_loader_entry_options - where the value of its options line stands in an entry's text
 *
 * Returns: how many such lines there are; of several *start and *length are those of the last.
 */
guint pl_loader_entry_options (const char *text, gsize size, gsize *start, gsize *length);

/* What has to be read for it: rows of a table of wants. Where the EFI system partition, or an extended boot
 * partition, is mounted. Source: kernel-install(8), bootctl(1). */
#define PL_LOADER_ENTRY_WANTS                                       \
  { PL_TEXT_FOLDER, "efi/loader/entries", { ".conf", NULL } },      \
      { PL_TEXT_FOLDER, "boot/loader/entries", { ".conf", NULL } }, \
  {                                                                 \
    PL_TEXT_FOLDER, "boot/efi/loader/entries",                      \
    {                                                               \
      ".conf", NULL                                                 \
    }                                                               \
  }
