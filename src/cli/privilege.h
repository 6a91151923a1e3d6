/* privilege.h - asking for root, with the one command to type. */
#pragma once

#include "cli/command.h"

/* Whether this process may change the system at "/". Errors (PL_ERROR_FAILED): it is not root; the remedy is
 * the same call by sudo, run0 or pkexec, whichever is there. */
bool pl_privilege_check (const struct pl_call *call, const char *command, GError **error);
