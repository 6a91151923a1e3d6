/* target.h - what the fuzz targets share.
 *
 * A target is one function. Built with libFuzzer it is called with whatever the fuzzer thinks of; built with
 * replay.c it is called with the files of corpus/ and crashes/, in every test run. The first byte chooses the
 * parser: its letter, so that a person can write an input; any other byte chooses one, too, so that none is
 * wasted.
 */
#pragma once

#include <glib.h>
#include <stdint.h>

struct pl_fuzz_parser {
  char letter;
  void (*run) (const char *bytes, gsize size);
};

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

/* Runs the parser that the first byte chooses on the rest. */
static inline int
pl_fuzz_choose (const struct pl_fuzz_parser *parsers, guint n, const uint8_t *data, size_t size)
{
  if (size == 0)
    return 0;
  guint choice = data[0] % n;
  for (guint i = 0; i < n; i++)
    if (parsers[i].letter == (char) data[0])
      choice = i;
  /* A copy of its exact size: a read behind its end is seen. */
  g_autofree char *copy = g_memdup2 (data + 1, size - 1);
  parsers[choice].run (copy != NULL ? copy : "", size - 1);
  return 0;
}
