/* command_line.h - the kernel command line as the kernel itself takes it apart. */
#pragma once

#include "machine/machine.h"

/**
 * pl_command_line_parse - the words of a command line
 * @text: as /proc/cmdline or the kernel log has it, of @length bytes; blanks and newlines at its ends do not
 * count
 *
 * A double quote begins and ends a stretch whose blanks part nothing. Quotes round a whole word and round a
 * whole value are dropped, others stay. There are no escapes. What stands behind a word "--" is for init and
 * no parameter.
 *
 * Source: lib/cmdline.c, next_arg(); kernel/params.c, parse_args().
 * Returns: the command line, which belongs to the machine. Never NULL; no parameters where the text is empty.
 */
const struct pl_command_line *pl_command_line_parse (struct pl_machine *machine, const char *text,
                                                     gsize length);
