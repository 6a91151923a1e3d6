/* process.c - see process.h. */
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Reads the pipe to its end or to the deadline. */
static int
collect (int descriptor, gint64 deadline_us, GString *output)
{
  for (;;) {
    gint64 left_ms = (deadline_us - g_get_monotonic_time ()) / 1000;
    if (left_ms <= 0)
      return ETIME;
    struct pollfd waiting = { .fd = descriptor, .events = POLLIN };
    int ready = poll (&waiting, 1, (int) MIN (left_ms, G_MAXINT));
    if (ready < 0 && errno != EINTR)
      return errno;
    if (ready <= 0)
      continue;
    char bytes[4096];
    ssize_t got = read (descriptor, bytes, sizeof bytes);
    if (got < 0 && errno != EINTR)
      return errno;
    if (got == 0)
      return 0;
    if (got > 0)
      g_string_append_len (output, bytes, got);
    if (output->len > PL_FILE_LIMIT_BYTES)
      return EFBIG;
  }
}

/* Waits for the end of the process, at most to the deadline: it may have closed its output and go on. */
static int
reap (pid_t process, gint64 deadline_us, int *status)
{
  for (;;) {
    pid_t ended = waitpid (process, status, WNOHANG);
    if (ended == process)
      return 0;
    if (ended < 0 && errno != EINTR)
      return errno;
    if (g_get_monotonic_time () >= deadline_us)
      return ETIME;
    g_usleep (1000);
  }
}

static const int own_signals[] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE };

static int
start (const char *const *argv, const int pipe_ends[2], bool with_errors, pid_t *process)
{
  static const char *const environment[] = { "LC_ALL=C", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", NULL };
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_init (&actions);
  posix_spawnattr_init (&attributes);
  posix_spawn_file_actions_addopen (&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2 (&actions, pipe_ends[1], STDOUT_FILENO);
  if (with_errors)
    posix_spawn_file_actions_adddup2 (&actions, pipe_ends[1], STDERR_FILENO);
  else
    posix_spawn_file_actions_addopen (&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  /* The caller may hold signals back, and ignores some perhaps: the program starts as from a shell. */
  sigset_t none, defaults;
  sigemptyset (&none);
  sigemptyset (&defaults);
  for (guint i = 0; i < G_N_ELEMENTS (own_signals); i++)
    sigaddset (&defaults, own_signals[i]);
  posix_spawnattr_setsigmask (&attributes, &none);
  posix_spawnattr_setsigdefault (&attributes, &defaults);
  posix_spawnattr_setflags (&attributes,
                            POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  posix_spawnattr_setpgroup (&attributes, 0);
  int result = posix_spawn (process, argv[0], &actions, &attributes, (char **) argv, (char **) environment);
  posix_spawn_file_actions_destroy (&actions);
  posix_spawnattr_destroy (&attributes);
  return result;
}

int
pl_process_run (const char *const *argv, int timeout_ms, struct pl_buffer *buffer)
{
  pl_buffer_set (buffer, NULL, 0);
  int pipe_ends[2];
  if (pipe2 (pipe_ends, O_CLOEXEC) != 0)
    return errno;

  pid_t process;
  int result = start (argv, pipe_ends, false, &process);
  close (pipe_ends[1]);
  if (result != 0) {
    close (pipe_ends[0]);
    return result;
  }

  gint64 deadline_us = g_get_monotonic_time () + (gint64) timeout_ms * 1000;
  GString *output = g_string_new (NULL);
  int status = 0;
  result = collect (pipe_ends[0], deadline_us, output);
  close (pipe_ends[0]);
  if (result == 0)
    result = reap (process, deadline_us, &status);
  if (result != 0) {
    kill (-process, SIGKILL);
    while (waitpid (process, &status, 0) < 0 && errno == EINTR)
      ;
  } else if (!WIFEXITED (status) || WEXITSTATUS (status) != 0) {
    result = EIO;
  }
  if (result == 0)
    pl_buffer_set (buffer, output->str, output->len);
  g_string_free (output, TRUE);
  return result;
}

#define OUTPUT_LIMIT_BYTES (1024u * 1024)
#define SLICE_MS 200
#define GRACE_US (10 * G_USEC_PER_SEC)

static void
keep (GString *output, const char *bytes, gsize size)
{
  g_string_append_len (output, bytes, (gssize) size);
  if (output->len > 2 * OUTPUT_LIMIT_BYTES)
    g_string_erase (output, 0, (gssize) (output->len - OUTPUT_LIMIT_BYTES));
}

/* Waits a while for output. False at its end. */
static bool
follow (int descriptor, const struct pl_process_watch *watch, GString *output)
{
  struct pollfd waiting = { .fd = descriptor, .events = POLLIN };
  if (poll (&waiting, 1, SLICE_MS) <= 0)
    return true;
  char bytes[4096];
  ssize_t got = read (descriptor, bytes, sizeof bytes);
  if (got > 0) {
    keep (output, bytes, (gsize) got);
    watch->said (watch->data, bytes, (gsize) got);
  }
  return got > 0 || (got < 0 && errno == EINTR);
}

/* A daemon that the program left behind may hold the pipe for ever: the program's end counts, not the pipe's.
 */
static bool
has_ended (pid_t process, int *status)
{
  return waitpid (process, status, WNOHANG) == process;
}

int
pl_process_run_watched (const char *const *argv, const struct pl_process_watch *watch, GString *output,
                        int *status)
{
  int pipe_ends[2];
  pid_t process;
  if (pipe2 (pipe_ends, O_CLOEXEC | O_NONBLOCK) != 0)
    return errno;
  /* Only our end does not block. */
  fcntl (pipe_ends[1], F_SETFL, 0);
  int result = start (argv, pipe_ends, true, &process);
  close (pipe_ends[1]);
  bool is_open = result == 0, is_stopped = false;
  gint64 kill_us = G_MAXINT64;
  while (result == 0 && !has_ended (process, status)) {
    if (is_open)
      is_open = follow (pipe_ends[0], watch, output);
    else
      g_usleep (SLICE_MS * 1000 / 10);
    if (!is_stopped && watch->is_stopped (watch->data)) {
      is_stopped = true;
      kill_us = g_get_monotonic_time () + GRACE_US;
      kill (-process, SIGTERM);
    }
    if (g_get_monotonic_time () > kill_us) {
      kill (-process, SIGKILL);
      kill_us = G_MAXINT64;
    }
  }
  /* What it wrote last is in the pipe still. */
  for (char bytes[4096]; is_open;) {
    ssize_t got = read (pipe_ends[0], bytes, sizeof bytes);
    is_open = got > 0;
    if (got > 0) {
      keep (output, bytes, (gsize) got);
      watch->said (watch->data, bytes, (gsize) got);
    }
  }
  close (pipe_ends[0]);
  return result != 0 ? result : is_stopped ? ECANCELED : 0;
}
