/* person.h - who asks: the person behind sudo, or the one whose program this is. */
#pragma once

#include <glib.h>
#include <stdbool.h>

struct pl_person {
  const char *name;
  const char *const *groups; /* the names of all groups that the person is in; ended by NULL */
};

/**
 * pl_person_find - the person who asks and the groups that this system knows of the person
 *
 * False where that is root itself, or where the system knows no such user. Clear with pl_person_clear(), also
 * then. Source: man 8 sudo, SUDO_UID; man 1 pkexec, PKEXEC_UID; man 1 doas, DOAS_USER; man 3 getgrouplist.
 */
bool pl_person_find (struct pl_person *person);
void pl_person_clear (struct pl_person *person);
