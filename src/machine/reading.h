/* reading.h - what the readers share: lines and words of a file, the class directories of sysfs, and what it
 * means that something is not there. Included by machine/ only.
 */
#pragma once

#include "machine/machine.h"
#include "machine/span.h"

#include <limits.h>

/* The lines of a text that was read, one after the other, without their ends. */
struct pl_lines {
  const char *at, *end;
};
struct pl_lines pl_lines_of (const struct pl_buffer *buffer);
bool pl_lines_take (struct pl_lines *lines, struct pl_span *line);

/* Takes the word up to the next blank, as pl_span_take_word(); "proc" files part their columns by blanks or
 * tabs. */
bool pl_span_take_word_into (struct pl_span *line, struct pl_span *word);

/* The whole span as a number of this base, without sign or prefix. */
bool pl_span_number (struct pl_span span, guint base, guint64 *number);

/* Whether it is this text followed by decimal digits and nothing else: "nvme" and "nvme12". */
bool pl_name_is_numbered (const char *name, const char *text);

/**
 * pl_read_text - the one line of a file, without blanks at its ends, as the machine's own
 *
 * Returns: NULL with *state: the file's own, absent where it is empty, invalid (noted) where it is longer
 * than a kilobyte, has several lines or a NUL.
 */
const char *pl_read_text (struct pl_machine *machine, struct pl_directory *directory, const char *name,
                          enum pl_state *state);

/* A file that every running kernel has (/proc/cpuinfo): where it is not there, /proc is not, and nothing is
 * known. */
enum pl_state pl_state_of_fixed (enum pl_state state);

/**
 * pl_state_below - what it means that something is not there: nothing where @directory is not there either
 *
 * A container may be given a part of sysfs, with /sys/bus and without /sys/class and /sys/kernel: there an
 * absent list of disks says nothing of the machine.
 *
 * Returns: @state, but unread where it is absent and the directory is so too.
 */
enum pl_state pl_state_below (struct pl_root *root, const char *directory, enum pl_state state);

/* The kernel release whose files matter: the running one; of a mounted system, or a recording of one, the
 * only one installed. NULL with *state where there is none or a choice. Free with g_free(). */
char *pl_find_release (struct pl_root *root, enum pl_state *state);

/* Whether the machine is, or may be, a PC: what is so on every x86 cannot be missing there. */
bool pl_may_be_x86 (const struct pl_root *root);

/**
 * pl_has_running - whether what a running kernel shows at @path can be asked for
 *
 * A mounted system has an empty /proc and /dev: that is not "none". There a path that is missing is not asked
 * for, so that the fact stays unread, also in a recording of it. True on every other root.
 */
bool pl_has_running (struct pl_root *root, const char *path);

/* The same of sysfs as a whole. */
bool pl_has_sysfs (const struct pl_machine *machine, struct pl_root *root);

/**
 * A directory of links to devices: sys/class/net, sys/bus/usb/devices. The state is that of the whole list:
 * where one link cannot be read nobody knows whose the device is, and the list as a whole is as little known.
 *
 *     pl_class_open (&class, machine, root, "sys/class/net", filter, NULL);
 *     while (pl_class_next (&class)) ... class.name, class.target, class.owner ...
 *     pl_machine_set_interfaces (machine, class.state, list);
 *     pl_class_close (&class);
 */
struct pl_class {
  struct pl_directory directory;
  GPtrArray *names;
  enum pl_state state;
  guint next_;
  const char *name;
  char target[PATH_MAX]; /* of its link */
  bool has_owner;
  struct pl_address owner; /* the last PCI function in the target */
};
void pl_class_open (struct pl_class *class, struct pl_machine *machine, struct pl_root *root,
                    const char *path, pl_line_filter filter, void *data);
/* The next entry whose link can be read; false behind the last. */
bool pl_class_next (struct pl_class *class);
void pl_class_close (struct pl_class *class);

/* Lowers *state to what keeps a list from being known: unread, denied, invalid. Absent and known leave it. */
void pl_state_lower (enum pl_state *state, enum pl_state found);
