/* root.h - the door: the only way to the files of the machine that is read.
 *
 * A root is "/" of the live system, a mounted one (--root DIR), or a recording. Behind it the same six
 * operations: read, read_lines, list, link, log, run. A caller opens a directory once (one O_PATH descriptor,
 * resolved so that no link leads out of the root) and then reaches its files by single names:
 *
 *     struct pl_directory directory;
 *     struct pl_buffer buffer = PL_BUFFER_INIT;
 *     pl_directory_open (&directory, root, "sys/bus/pci/devices/0000:09:00.0");
 *     if (pl_directory_read (&directory, "numa_node", &buffer) == PL_KNOWN)
 *       ... buffer.bytes, buffer.size; always one NUL behind ...
 *     pl_directory_close (&directory);
 *     pl_buffer_clear (&buffer);
 *
 * Each operation gives a state and never prints. What the operating system said stands in the directory's
 * last_errno, for messages. Paths are given without the leading slash.
 *
 * A recorder (recording.h) may be set on a root: then every answer is also written down.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* What is known of a fact. Order: the worse first; unread is 0 so that cleared memory claims nothing. */
enum pl_state {
  PL_UNREAD,  /* nobody asked, or the source does not say */
  PL_ABSENT,  /* asked, and known to be none: ENOENT, ENOTDIR */
  PL_DENIED,  /* asked, and not permitted: EACCES, EPERM */
  PL_INVALID, /* asked, and the answer was an error or makes no sense */
  PL_KNOWN
};

/* "unread", "absent", "denied", "invalid", "known". */
const char *pl_state_name (enum pl_state state);

/* The state that an errno of open, read or readlink stands for; 0 gives PL_KNOWN. */
enum pl_state pl_state_from_errno (int number);

/* A growing buffer that is used again from file to file. */
struct pl_buffer {
  char *bytes; /* size bytes and a NUL; NULL before the first use */
  gsize size;
  gsize capacity;
};
#define PL_BUFFER_INIT \
  {                    \
    NULL, 0, 0         \
  }
void pl_buffer_clear (struct pl_buffer *buffer);
void pl_buffer_set (struct pl_buffer *buffer, const char *bytes, gsize size);

enum pl_root_kind { PL_ROOT_LIVE, PL_ROOT_TREE, PL_ROOT_RECORDING };

/* What the door itself knows of the system behind it. NULL and PL_UNREAD where it does not. */
struct pl_host {
  enum pl_state uid_state;
  guint32 uid;              /* the user the reading was done as; 0 may read all */
  const char *release;      /* uname -r of the running kernel; unread on a tree, where no kernel runs */
  const char *architecture; /* uname -m */
};

struct pl_root;
struct pl_recorder;

/* The most that one file may hold; a longer one is PL_INVALID with EFBIG, so that no file fills the memory.
 */
#define PL_FILE_LIMIT_BYTES (64u * 1024 * 1024)

/* The running system. Fails only where "/" cannot be opened. Free with pl_root_close(). */
struct pl_root *pl_root_open_live (GError **error);

/**
 * pl_root_open_tree - a system mounted at @directory, or a tree that looks like one
 *
 * Links are resolved inside it (openat2 with RESOLVE_IN_ROOT, Linux 5.6; Source: man 2 openat2), retried on
 * EAGAIN. Errors: not a directory, not readable, a kernel without openat2.
 */
struct pl_root *pl_root_open_tree (const char *directory, GError **error);

/* Takes NULL. A recorder that was set is not freed. */
void pl_root_close (struct pl_root *root);

enum pl_root_kind pl_root_kind (const struct pl_root *root);
const struct pl_host *pl_root_host (const struct pl_root *root);

/* From now on every answer is also given to @recorder (NULL: no longer). */
void pl_root_set_recorder (struct pl_root *root, struct pl_recorder *recorder);

/**
 * pl_root_suspend_recorder - what is asked from now on is not recorded
 *
 * For a search through much of which little is wanted: search with the recorder away, then give it back and
 * ask once more for what was found, so that a recording holds just that and answers the same search.
 *
 * Returns: the recorder, to be given to pl_root_resume_recorder(); NULL where none was set.
 */
struct pl_recorder *pl_root_suspend_recorder (struct pl_root *root);
void pl_root_resume_recorder (struct pl_root *root, struct pl_recorder *recorder);

/* A secret that a reader came upon (a serial number, a host name): the recorder replaces it everywhere. */
enum pl_secret {
  PL_SECRET_HOST,
  PL_SECRET_USER,
  PL_SECRET_UUID,
  PL_SECRET_MAC,
  PL_SECRET_SERIAL,
  PL_N_SECRETS
};
void pl_root_add_secret (struct pl_root *root, enum pl_secret kind, const char *value);

/* A directory that the door handed out. The caller's storage. */
struct pl_directory {
  struct pl_root *root;
  int descriptor;      /* O_PATH; -1 on a recording */
  enum pl_state state; /* of the directory itself; operations on one that is not known give this state */
  int last_errno;      /* of the last operation that did not give PL_KNOWN; 0 where it was never asked */
  char *path; /* as asked, without leading slash; NULL where it is joined lazily, see pl_directory_path() */
  const struct pl_directory *parent; /* with name, instead of path, for pl_directory_open_in() */
  const char *name;
};

/* Opens @path (several components, links followed within the root). Gives directory->state. Always close it.
 */
enum pl_state pl_directory_open (struct pl_directory *directory, struct pl_root *root, const char *path);

/* Opens @name (a single component, may be a link) inside @parent; both must outlive the directory. */
enum pl_state pl_directory_open_in (struct pl_directory *directory, const struct pl_directory *parent,
                                    const char *name);
void pl_directory_close (struct pl_directory *directory);

/* Its path as asked; free with g_free(). */
char *pl_directory_path (const struct pl_directory *directory);

/* The whole content of the file @name. @buffer is set (also to empty) and may be used again for the next
 * file. */
enum pl_state pl_directory_read (struct pl_directory *directory, const char *name, struct pl_buffer *buffer);

/* Which lines of a file are wanted: gets the line without its end, never an empty one; the data is the
 * caller's. */
typedef bool (*pl_line_filter) (const char *line, gsize length, void *data);

/**
 * pl_directory_read_lines - the lines of the file @name that @filter wants, each with a newline, in @buffer
 *
 * Only these lines come into a recording. The filter must not depend on anything but the line and its data,
 * and must want its own output again, so that a recording of a recording is the same.
 */
enum pl_state pl_directory_read_lines (struct pl_directory *directory, const char *name,
                                       pl_line_filter filter, void *data, struct pl_buffer *buffer);

/* What is kept of a line: it may be changed in place, its first bytes stay, as many as are given; 0 drops it.
 */
typedef gsize (*pl_line_editor) (char *line, gsize length, void *data);

/**
 * pl_directory_read_edited - the lines of the file @name as @editor leaves them, each with a newline, in
 * @buffer
 *
 * For files that hold what nobody needs or should see (addresses of the kernel and of networks, a line a
 * processor): only what stays comes into a recording. The editor must leave its own output as it is.
 */
enum pl_state pl_directory_read_edited (struct pl_directory *directory, const char *name,
                                        pl_line_editor editor, void *data, struct pl_buffer *buffer);

/* The names in the directory itself, sorted by byte, without "." and "..". Free with g_ptr_array_unref(). */
enum pl_state pl_directory_list (struct pl_directory *directory, GPtrArray **names);

/**
 * pl_directory_list_some - the names that @filter wants; to it they end with a NUL
 *
 * Only these come into a recording, so who lists the same directory again must use the same filter: a later
 * answer replaces the earlier one. The filter must want its own output again.
 */
enum pl_state pl_directory_list_some (struct pl_directory *directory, pl_line_filter filter, void *data,
                                      GPtrArray **names);

/* Where the link @name points to; @target is at least PATH_MAX bytes. Not resolved. */
enum pl_state pl_directory_link (struct pl_directory *directory, const char *name, char *target, gsize size);

/* The same on a path in one call, for files that stand alone ("proc/cmdline"). */
enum pl_state pl_root_read (struct pl_root *root, const char *path, struct pl_buffer *buffer);
enum pl_state pl_root_read_lines (struct pl_root *root, const char *path, pl_line_filter filter, void *data,
                                  struct pl_buffer *buffer);
enum pl_state pl_root_read_edited (struct pl_root *root, const char *path, pl_line_editor editor, void *data,
                                   struct pl_buffer *buffer);
enum pl_state pl_root_list (struct pl_root *root, const char *path, GPtrArray **names);
enum pl_state pl_root_list_some (struct pl_root *root, const char *path, pl_line_filter filter, void *data,
                                 GPtrArray **names);
enum pl_state pl_root_link (struct pl_root *root, const char *path, char *target, gsize size);

/**
 * pl_root_log - the lines of this boot's kernel log that @filter wants, each as "[ 1.000000] text\n"
 *
 * Live: /dev/kmsg, read to its end without blocking. Source: Documentation/ABI/testing/dev-kmsg.
 * PL_DENIED where dmesg_restrict forbids it; PL_UNREAD on a tree.
 */
enum pl_state pl_root_log (struct pl_root *root, pl_line_filter filter, void *data, struct pl_buffer *buffer);

/**
 * pl_root_run - standard output of a program; only a live root runs one, a recording answers from its text
 * @argv: NULL-terminated; argv[0] an absolute path
 * @timeout_ms: then the process group is killed and the state is PL_INVALID
 * @filter: only the lines that it wants stay and come into a recording; NULL: all
 *
 * PL_ABSENT: no such program. PL_INVALID: it failed. PL_UNREAD on a tree.
 */
enum pl_state pl_root_run (struct pl_root *root, const char *const *argv, int timeout_ms,
                           pl_line_filter filter, void *data, struct pl_buffer *buffer);
