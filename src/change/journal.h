/* journal.h - the record of a change, written ahead: /var/lib/pcilend/ID/.
 *
 *     steps      what is to be done; written before the first change and never again
 *     log        what was begun and done; a synced line before and after each step
 *     old/N      what step N replaces, with mode, owner, times and extended attributes; old/N.M: the Mth file
 *                that program N writes
 *     new/N      what it becomes
 *     undo.sh    puts it all back without pcilend
 *
 * ID is a number that rises. A directory ID.new is a journal that was not ready when its writer ended:
 * nothing was changed by it.
 *
 * The form of steps, which undo.sh reads, too; a value goes to the end of its line:
 *
 *     pcilend journal 1
 *     step 1 file
 *     path 1 etc/modprobe.d/vfio.conf
 *     old 1 none                          or: file
 *     new 1 file
 *     make 1 etc/modprobe.d               a directory that the step makes
 *     why 1 vfio-pci takes the card before its driver does
 *     step 2 program
 *     argv 2 /usr/sbin/update-initramfs   a line for each word
 *     undo 2 /usr/sbin/update-initramfs
 *     leave 2 packages                    or: on-failure; what undo may leave of it, see step.h
 *     write 2.1 boot/initrd.img
 *     old 2.1 file
 *     end
 *
 * Of log: "begin N", "left N.M SHA256|none", "done N", "applied", "undo", "again N", "undone N", "kept N": of
 * a step that undo left, "reverted".
 */
#pragma once

#include "base/writer.h"
#include "plan/step.h"

#define PL_JOURNAL_FOLDER "var/lib/pcilend"

/* How far a step is. */
enum pl_progress { PL_STEP_WAITS, PL_STEP_BEGUN, PL_STEP_DONE, PL_STEP_UNDONE, PL_STEP_KEPT };

/* A file that a step replaces, or that its program writes. */
struct pl_kept {
  char *path;
  char *name; /* "1" or "2.1": below old/ and new/ */
  bool is_old_there;
  bool is_new_there; /* of a file step */
  char *left;        /* what a program left: a checksum or "none"; NULL: not noted */
};

struct pl_journal_step {
  enum pl_step_kind kind;
  guint number;
  GPtrArray *kept;        /* struct pl_kept *; of sysfs and efivar the one thing */
  GPtrArray *directories; /* char *: made by the step, outermost first */
  char **argv, **undo_argv;
  enum pl_leave leave;
  enum pl_progress progress;
  bool is_again; /* taking it back, its program runs again over the old files: that was decided */
};

struct pl_journal {
  char *id;
  char *folder;     /* "var/lib/pcilend/3" */
  char *text;       /* of steps */
  GString *log;     /* its whole lines */
  GPtrArray *steps; /* struct pl_journal_step * */
  bool is_applied, is_undoing, is_reverted;
};

/* Whether a step of it was left, which can still be taken back. */
bool pl_journal_has_kept (const struct pl_journal *journal);

/* Takes NULL. */
void pl_journal_free (struct pl_journal *journal);
typedef struct pl_journal pl_journal; /* for g_autoptr */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (pl_journal, pl_journal_free)

/* Reads one. Errors name the file and the line. A last line of log without its end was being written, by
 * undo.sh: it does not count. */
struct pl_journal *pl_journal_open (struct pl_writer *writer, const char *id, GError **error);

/* The names of all journals, oldest first. Free with g_ptr_array_unref(). */
GPtrArray *pl_journal_list (struct pl_writer *writer, GError **error);

/**
 * pl_journal_prepare - a new journal of these steps, whole on the disk before it has its name
 * @text: what its steps file is, from pl_journal_describe()
 */
struct pl_journal *pl_journal_prepare (struct pl_writer *writer, GPtrArray *steps, const char *text,
                                       GError **error);

/* The steps file of these steps on this system. Errors: a path or word with a line break. */
char *pl_journal_describe (struct pl_writer *writer, GPtrArray *steps, GError **error);

/* Adds a line to log, which is written anew: a torn line would spoil the next one. */
bool pl_journal_note (struct pl_writer *writer, struct pl_journal *journal, GError **error,
                      const char *format, ...) G_GNUC_PRINTF (4, 5);

/* Where something lies: "var/lib/pcilend/3/old/2.1". Free with g_free(). */
char *pl_journal_path (const struct pl_journal *journal, const char *below, const char *name);

/* What a program left at a file: its SHA-256 in hexadecimal, or "none". Free with g_free(); NULL and the
 * error. */
char *pl_journal_sum (struct pl_writer *writer, const char *path, GError **error);
