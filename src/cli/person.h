/* person.h - who asks: the person behind sudo, or the one whose program this is. */
#pragma once

#include "plan/plan.h"

struct pl_asker {
  struct pl_person person;
  char *name;
  char **groups;
};

/**
 * pl_asker_find - the person who asks and the groups that the system knows of the person
 *
 * False where that is root itself, or where the system knows no such user. Clear with pl_asker_clear(), also
 * then. Source: man 8 sudo, SUDO_UID; man 1 pkexec, PKEXEC_UID; man 1 doas, DOAS_USER; man 3 getgrouplist.
 */
bool pl_asker_find (struct pl_asker *asker);
void pl_asker_clear (struct pl_asker *asker);
