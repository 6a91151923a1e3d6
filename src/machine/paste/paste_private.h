/* paste_private.h - what the parts of paste/ share while one text is read.
 *
 * clean.c turns bytes into lines without colours, quote marks and trees, with markup.c for HTML and BBCode
 * and utf16.c for what Windows saves; paste.c offers each line to the parts, of which the first that knows it
 * takes it, and ends the reading.
 *
 * store.c keeps the functions by address and has the setters that note contradictions. mention.c knows how
 * people write "IOMMU Group 18"; groups.c decides which group a line belongs to, and which of several
 * listings stands.
 *
 * lspci.c knows the line that presents a function (address, group, marks), description.c what stands behind
 * its address in every form of lspci, class_name.c the names of classes, detail.c the lines below it (driver,
 * modules, subsystem). fields.c and records.c know a function that is told field by field, table.c tables
 * with a heading, sysfs.c paths and links of sysfs, log.c the kernel log, system.c kernel release, command
 * line and distribution.
 */
#pragma once

#include "machine/kernel_log.h"
#include "machine/paste/paste.h"
#include "machine/span.h"

/* A line longer than this is noise: nothing that we know is, and cut in two it could say something else. */
#define PL_PASTE_LINE_LIMIT (16u * 1024)

/* Groups have small numbers; more is another kind of number. */
#define PL_PASTE_GROUP_LIMIT 65535

/* A line that was cleaned. */
struct pl_paste_line {
  struct pl_span text;  /* without decoration and indentation */
  guint number;         /* from 1 */
  guint indent;         /* columns in front of the text, behind quote marks */
  bool is_tree;         /* a tree was drawn in front of it */
  bool is_unterminated; /* the text ends in it without a newline: it may have been cut anywhere */
};

/* Where a statement on groups comes from. */
enum pl_paste_source { PL_PASTE_LISTING, PL_PASTE_LINK, PL_PASTE_DETAIL, PL_PASTE_LOG };

/* What is remembered of a function besides its facts; the index is that of machine->devices_. */
struct pl_paste_entry {
  gint32 group; /* -1: none */
  bool has_group;
  guint8 group_source;
  guint group_line;
  guint group_sequence; /* of its last statement */
  guint undriven_line;  /* a listing that shows drivers showed none there; 0: none did */
};

/* How good a source is: a better one is never replaced by a worse one, and of equal ones the later stands. */
enum pl_paste_rank {
  PL_PASTE_RANK_NONE,
  PL_PASTE_RANK_BOOT_IMAGE, /* the name of the kernel's file */
  PL_PASTE_RANK_PATH,       /* lib/modules/RELEASE, the compiler's name in the kernel's banner */
  PL_PASTE_RANK_KEY,        /* "Kernel: ...", "OS: ..." */
  PL_PASTE_RANK_FILE,       /* os-release, /proc/cmdline, uname */
  PL_PASTE_RANK_LOG,        /* the kernel itself */
  PL_PASTE_RANK_KERNEL_LINE /* its second telling of the command line, which has what the kernel's build adds
                             */
};

/* What stands behind an address. Spans of size 0 were not given. */
struct pl_paste_description {
  struct pl_span class_name, name;
  bool has_class, has_ids, has_revision, has_prog_if, has_device_only;
  guint32 class, vendor, device, revision, prog_if;
  bool is_certain; /* of a shape that no prose has */
  bool is_full;    /* as lspci prints it: what it leaves out is 0 */
};

/* The group that the next functions belong to. */
struct pl_paste_context {
  bool is_open;
  gint32 group;
  guint indent;   /* of the header */
  bool is_inline; /* the header was also a function's line */
  bool is_spaced; /* an empty line followed the header: all lines stand apart */
  bool has_members;
  bool begins_with_ids; /* its line had the function's ids before the address */
  bool is_directory;    /* the header names the group's directory in sysfs */
  bool had_blank;       /* an empty line since the last member */
  guint member_column;  /* where the address of the first member stands */
};

/* The function whose details follow. */
struct pl_paste_block {
  bool is_open;
  guint index;
  guint indent, line; /* of the function's own line */
  bool has_details;   /* lines that only lspci -k and -v print */
  bool has_subsystem, has_driver, has_modules;
};

/* A function in a listing that may show drivers, without one. */
struct pl_paste_undriven {
  guint index, line;
};

/* A function that is told field by field, until its address and its end have come. */
enum pl_paste_form {
  PL_PASTE_FORM_NONE,
  PL_PASTE_FORM_LSPCI,
  PL_PASTE_FORM_INXI,
  PL_PASTE_FORM_LSHW,
  PL_PASTE_FORM_JSON,
  PL_PASTE_FORM_XML,
  PL_PASTE_FORM_TABLE
};
struct pl_paste_record {
  enum pl_paste_form form;
  guint line; /* where it begins */
  struct pl_address address;
  gint32 group;
  guint32 class, prog_if, vendor, device, subsystem_vendor, subsystem_device, revision;
  bool has_address, has_group, has_class, has_prog_if, has_vendor, has_device, has_revision;
  bool has_subsystem_vendor, has_subsystem_device;
  bool is_in_driver; /* XML: between <driver> and its end */
  bool has_members;  /* XML: between <iommuGroup> and its end */
  gint32 members_group;
  char class_name[80], vendor_name[128], device_name[256], driver[65], modules[256]; /* "": not said */
};

/* What a table's heading says. */
enum pl_paste_column {
  PL_PASTE_COLUMN_OTHER,
  PL_PASTE_COLUMN_GROUP,
  PL_PASTE_COLUMN_ADDRESS,
  PL_PASTE_COLUMN_ID,
  PL_PASTE_COLUMN_CLASS,
  PL_PASTE_COLUMN_VENDOR,
  PL_PASTE_COLUMN_DEVICE,
  PL_PASTE_COLUMN_DRIVER,
  PL_PASTE_COLUMN_NAME
};
struct pl_paste_table {
  char separator; /* '|', tab, ';', ','; ' ': two blanks or a tab; 'w': any blanks */
  enum pl_paste_column columns[16];
  guint n_columns; /* 0: no table */
  guint address;   /* its column */
};

struct pl_paste {
  struct pl_machine *machine;
  const char *name;
  GHashTable *index;   /* guint64 address -> index + 1 */
  GString *joined;     /* a name that the text has in two parts */
  GArray *entries;     /* struct pl_paste_entry */
  GHashTable *classes; /* class name -> number + 1, or 0 where it is none */
  guint notes_left;    /* a text may contradict itself on every line */

  struct pl_paste_context context;
  guint sequence;       /* of statements on groups */
  guint break_sequence; /* the first statement behind the last break in the text */
  guint listing_start;  /* the first statement of the current listing */
  GHashTable *tainted;  /* group -> the first statement of the listing that contradicts it */
  guint moved, moved_line;
  struct pl_address moved_first;
  GHashTable *platform_groups; /* groups of which only members that are no PCI functions were seen */
  gint64 last_log_group;

  struct pl_paste_block block;
  GArray *undriven;   /* struct pl_paste_undriven: functions of the current listing without a driver's line */
  bool shows_drivers; /* the current listing has such lines at all */

  GArray *events; /* struct pl_log_event */
  GHashTable *event_keys;
  guint plain_events[PL_LOG_VFIO + 1];

  struct pl_paste_record record;
  struct pl_paste_table table;
  bool shows_tree_view; /* `lspci -t`, which is not understood */

  guint link_line; /* asks for the group of link_address, 0: none did; its answer is the next line */
  struct pl_address link_address;

  bool is_in_log; /* the line above was one of the kernel log */

  guint release_rank, distribution_rank, command_line_rank; /* how good the source was, PL_PASTE_RANK_* */
  enum {
    PL_PASTE_NOTHING,
    PL_PASTE_RELEASE,
    PL_PASTE_COMMAND_LINE
  } expected; /* the next line is a command's answer */
};

/* clean.c */

/* Hands each line of the text to @take, cleaned. */
typedef void (*pl_paste_take_line) (struct pl_paste *paste, const struct pl_paste_line *line);
void pl_paste_clean (struct pl_paste *paste, const char *text, gsize size, pl_paste_take_line take);

/* utf16.c */

/* The text in UTF-8 where it begins with the mark of UTF-16, which Windows' editors write; else NULL. */
GString *pl_paste_from_utf16 (const char *text, gsize size);

/* markup.c */

/* An HTML tag, or one of BBCode, or an HTML entity ("&nbsp;") at the begin: how many bytes it takes, 0 where
 * it is none. *is_breaking: it stands between lines. */
gsize pl_paste_measure_tag (struct pl_span rest, bool *is_breaking);
gsize pl_paste_measure_code (struct pl_span rest, bool *is_breaking);
gsize pl_paste_measure_entity (struct pl_span rest, gunichar *character);

/* store.c */

struct pl_device *pl_paste_device (struct pl_paste *paste, guint index);
struct pl_paste_entry *pl_paste_entry (struct pl_paste *paste, guint index);

/* The index of the function, which is made where it is not there yet. */
guint pl_paste_add (struct pl_paste *paste, struct pl_address address);

/* Sets a number of up to 16 bits: vendor, device, class, prog_if, subsystem ids, revision. */
void pl_paste_set_number (struct pl_paste *paste, guint index, enum pl_device_fact fact, guint16 value,
                          guint line);
void pl_paste_set_driver (struct pl_paste *paste, guint index, struct pl_span name, guint line);
void pl_paste_set_modules (struct pl_paste *paste, guint index, struct pl_span names, guint line);

/* A note on the text, as long as there are not too many. */
void pl_paste_note (struct pl_paste *paste, guint line, const char *format, ...) G_GNUC_PRINTF (3, 4);

/* mention.c */

/* Takes "IOMMU Group 18:" and its kin from the begin. */
bool pl_paste_take_group (struct pl_span *text, gint32 *group);

/* Takes the "2. " of a numbered list where a group follows. */
bool pl_paste_take_counter (struct pl_span *text);

/* Where the last such mention begins, and where it ends; -1: nowhere. */
gssize pl_paste_find_group (struct pl_span text, gint32 *group, gsize *end);

/* Whether the text has a group's number anywhere, be it one that no group has, or speaks of an IOMMU at all.
 */
bool pl_paste_speaks_of_group (struct pl_span text);

/* groups.c */

/* A line that is nothing but a group's header: opens the context. */
bool pl_paste_group_header (struct pl_paste *paste, const struct pl_paste_line *line);
void pl_paste_open_group (struct pl_paste *paste, const struct pl_paste_line *line, gint32 group);

/* The same where the header is a function's line, too, whose address stands at @column. */
void pl_paste_open_inline (struct pl_paste *paste, const struct pl_paste_line *line, gint32 group,
                           guint column, bool begins_with_ids);

/* The group that a function's line without a group of its own belongs to; @column is where its address
 * stands. */
bool pl_paste_current_group (struct pl_paste *paste, const struct pl_paste_line *line, guint column,
                             bool begins_with_ids, gint32 *group);

/* The line is no part of a listing: whatever was open may end with it. */
void pl_paste_foreign_line (struct pl_paste *paste, const struct pl_paste_line *line);
void pl_paste_break (struct pl_paste *paste);

/* States that the function is, or is no longer, in the group. */
void pl_paste_state_group (struct pl_paste *paste, guint index, gint32 group, enum pl_paste_source source,
                           guint line);
void pl_paste_leave_group (struct pl_paste *paste, guint index, guint line);

/* Once all was read: decides between listings and sets the facts. */
void pl_paste_finish_groups (struct pl_paste *paste);

/* lspci.c */

/* A line that presents a function: by lspci, a group script, or a bare address in a group. */
bool pl_paste_function_line (struct pl_paste *paste, const struct pl_paste_line *line);

/* The rest of such a line that a mail program has wrapped: "[8086:1912] (rev 06)". */
bool pl_paste_wrapped_line (struct pl_paste *paste, const struct pl_paste_line *line);

/* description.c */

/* Takes apart what stands behind an address. */
void pl_paste_describe (struct pl_paste *paste, struct pl_span text,
                        struct pl_paste_description *description);

/* Without what the end of the whole text may have cut. */
void pl_paste_drop_cut (struct pl_paste_description *description);

/* Takes "[1002:731f]"; the pair without brackets. */
bool pl_paste_take_ids (struct pl_span *text, guint32 *first, guint32 *second);
bool pl_paste_take_pair (struct pl_span *text, guint32 *first, guint32 *second);

/* Where the last "[1002:731f]" begins; -1: nowhere. */
gssize pl_paste_find_ids (struct pl_span text, guint32 *first, guint32 *second);

/* The same text without an opened bracket that was cut: "... [1002:73". *was_cut is set, never cleared. */
struct pl_span pl_paste_without_cut (struct pl_span text, bool *was_cut);

/* class_name.c */

/* The number of a class by its name; false where it is not known. */
bool pl_paste_find_class (struct pl_paste *paste, struct pl_span name, guint16 *class);

/* Whether the text is, or could be, a class's name as lspci prints it. */
bool pl_paste_is_class_name (struct pl_paste *paste, struct pl_span text);

/* detail.c */

/* Whether the word is the name of a driver that we know. */
bool pl_paste_is_driver (struct pl_span word);
bool pl_paste_detail_line (struct pl_paste *paste, const struct pl_paste_line *line);
void pl_paste_begin_block (struct pl_paste *paste, guint index, const struct pl_paste_line *line);
void pl_paste_end_block (struct pl_paste *paste, bool is_cut);
void pl_paste_end_listing (struct pl_paste *paste, bool is_cut);
void pl_paste_finish_drivers (struct pl_paste *paste);

/* fields.c */

/* A line of a function that is told field by field. */
bool pl_paste_field_line (struct pl_paste *paste, const struct pl_paste_line *line);
void pl_paste_begin_record (struct pl_paste *paste, enum pl_paste_form form);

/* Hands on what the record has, where it has an address. */
void pl_paste_end_record (struct pl_paste *paste);

/* Whether the text could be the name of a driver or module. */
bool pl_paste_is_driver_name (struct pl_span value);

/* records.c */
bool pl_paste_markup_line (struct pl_paste *paste, const struct pl_paste_line *line);

/* table.c */

/* The heading of a table, or a row of the one above. */
bool pl_paste_table_line (struct pl_paste *paste, const struct pl_paste_line *line);

/* sysfs.c */
bool pl_paste_sysfs_line (struct pl_paste *paste, const struct pl_paste_line *line);

/* A command whose answer names functions, or a function's group, without the other. */
bool pl_paste_sysfs_command (struct pl_paste *paste, const struct pl_paste_line *line);

/* log.c */
bool pl_paste_log_line (struct pl_paste *paste, const struct pl_paste_line *line);

/* system.c */
bool pl_paste_system_line (struct pl_paste *paste, const struct pl_paste_line *line);
void pl_paste_set_release (struct pl_paste *paste, struct pl_span release, enum pl_paste_rank rank,
                           guint line);
void pl_paste_set_command_line (struct pl_paste *paste, struct pl_span text, enum pl_paste_rank rank,
                                guint line);
void pl_paste_distribution_from_banner (struct pl_paste *paste, struct pl_span banner, guint line);
