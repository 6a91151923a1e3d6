/* kernel_log_read.c - this boot's kernel log: from the kernel, or where it may not be read from the journal.
 */
#include "machine/kernel_log.h"
#include "machine/readers.h"
#include "machine/reading.h"

/* As long as a log that fills a slow disk may take; nobody waits longer for a list of findings. */
#define JOURNAL_TIMEOUT_MS 5000

/* The command line is read where it is cut (command_line.h), not from the log, where it stands whole. */
static bool
is_wanted (const char *line, gsize length, void *data)
{
  struct pl_span span = { line, length };
  return pl_span_find (span, "ommand line: ") < 0 && pl_kernel_log_is_wanted (line, length, data);
}

/* Members of systemd-journal and adm may read the journal where dmesg is for root alone. Source: man 1
 * journalctl
 * (-k: kernel, -b: this boot, -q: no hints); man 5 sysctl.d and Documentation/admin-guide/sysctl/kernel.rst,
 * dmesg_restrict. The second path is where NixOS keeps its programs. */
static enum pl_state
read_journal (struct pl_root *root, struct pl_buffer *buffer)
{
  static const char *const programs[] = { "/usr/bin/journalctl", "/run/current-system/sw/bin/journalctl" };
  enum pl_state state = PL_ABSENT;
  for (guint i = 0; i < G_N_ELEMENTS (programs) && state == PL_ABSENT; i++) {
    const char *const argv[]
        = { programs[i], "-k", "-b", "-o", "short-monotonic", "--no-hostname", "-q", NULL };
    state = pl_root_run (root, argv, JOURNAL_TIMEOUT_MS, is_wanted, NULL, buffer);
  }
  return state;
}

void
pl_read_log_events (struct pl_machine *machine, struct pl_root *root)
{
  struct pl_buffer buffer = PL_BUFFER_INIT, journal = PL_BUFFER_INIT;
  GPtrArray *events = pl_machine_keep_list (machine, g_ptr_array_new_with_free_func (g_free));
  enum pl_state state = pl_state_of_fixed (pl_root_log (root, is_wanted, NULL, &buffer));
  const struct pl_buffer *text = &buffer;
  /* Every boot begins with lines that are wanted: a journal without any was kept from us. */
  if (state == PL_DENIED && read_journal (root, &journal) == PL_KNOWN && journal.size > 0) {
    state = PL_KNOWN;
    text = &journal;
  }
  struct pl_lines lines = pl_lines_of (text);
  struct pl_span line;
  while (state == PL_KNOWN && pl_lines_take (&lines, &line)) {
    struct pl_log_event event;
    if (pl_kernel_log_parse (machine, line.at, line.size, &event))
      g_ptr_array_add (events, g_memdup2 (&event, sizeof event));
  }
  pl_buffer_clear (&buffer);
  pl_buffer_clear (&journal);
  pl_machine_set_log_events (machine, state, events);
}
