/* running.h - whether the running kernel was started with certain options: the evidence where no loader names
 * itself. For boot/ alone.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* The running command line's words, without what a plan may have put into a file since the system was
 * started: it is no evidence. Free with g_ptr_array_unref(). */
GPtrArray *pl_running_words (const char *command_line);

/**
 * pl_running_has - whether the running command line has the words of these options, and no other
 * @running: as given by pl_running_words()
 * @options: as they stand in a loader's file; "%v" stands for any text
 *
 * What a loader adds by itself is no difference: an initrd= where the options name none, and BOOT_IMAGE=. Nor
 * are the values of a recording that were left out (base/redact.h).
 */
bool pl_running_has (const GPtrArray *running, const char *options);

/* Whether a kernel that is started with this command line has the parameters, each with its value. */
bool pl_running_has_parameters (const char *command_line, const char *const *parameters);
