/* measure - run a program once and say what it cost: "WALL_US CPU_US PEAK_KB STATUS".
 *
 * Small, because the peak that the kernel reports for a process begins with that of the process it was forked
 * from: a large launcher would hide a small program. Source: Linux, fs/exec.c, exec_mmap():
 * setmax_mm_hiwater_rss().
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long long
us_between (struct timespec begin, struct timespec end)
{
  return (end.tv_sec - begin.tv_sec) * 1000000LL + (end.tv_nsec - begin.tv_nsec) / 1000;
}

int
main (int count, char **arguments)
{
  if (count < 2)
    return 2;
  struct timespec begin, end;
  clock_gettime (CLOCK_MONOTONIC, &begin);
  pid_t child = fork ();
  if (child == 0) {
    int null = open ("/dev/null", O_RDWR);
    dup2 (null, STDIN_FILENO);
    dup2 (null, STDOUT_FILENO);
    dup2 (null, STDERR_FILENO);
    execv (arguments[1], arguments + 1);
    _exit (127);
  }
  int status;
  struct rusage usage;
  if (child < 0 || wait4 (child, &status, 0, &usage) != child)
    return 1;
  clock_gettime (CLOCK_MONOTONIC, &end);
  long long cpu_us = (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000LL + usage.ru_utime.tv_usec
                     + usage.ru_stime.tv_usec;
  printf ("%lld %lld %ld %d\n", us_between (begin, end), cpu_us, usage.ru_maxrss,
          WIFEXITED (status) ? WEXITSTATUS (status) : 128 + WTERMSIG (status));
  return 0;
}
