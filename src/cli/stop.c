/* stop.c - see stop.h. */
#include "cli/stop.h"

#include <signal.h>
#include <stddef.h>

static volatile sig_atomic_t is_wanted;

static void
note_signal (int number)
{
  (void) number;
  is_wanted = 1;
}

void
pl_stop_catch (void)
{
  static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
  struct sigaction action = { .sa_handler = note_signal };
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
    sigaction (numbers[i], &action, NULL);
  signal (SIGPIPE, SIG_IGN);
}

bool
pl_stop_is_wanted (void *data)
{
  (void) data;
  return is_wanted != 0;
}
