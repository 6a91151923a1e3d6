/* person.c - see person.h. */
#include "base/person.h"

#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

static const struct passwd *
find_user (void)
{
  static const char *const numbers[] = { "SUDO_UID", "PKEXEC_UID" };
  guint64 uid;
  if (geteuid () != 0)
    return getpwuid (geteuid ());
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++) {
    const char *text = getenv (numbers[i]);
    if (text != NULL && g_ascii_string_to_unsigned (text, 10, 1, G_MAXUINT32 - 1, &uid, NULL))
      return getpwuid ((uid_t) uid);
  }
  const char *name = getenv ("DOAS_USER");
  return name != NULL ? getpwnam (name) : NULL;
}

/* What programs and files take as a name, and no option. Source: man 8 useradd. */
static bool
is_name (const char *text)
{
  for (guint i = 0; text[i] != '\0'; i++)
    if (!g_ascii_isalnum (text[i]) && text[i] != '_' && text[i] != '.' && (text[i] != '-' || i == 0))
      return false;
  return text[0] != '\0';
}

bool
pl_person_find (struct pl_person *person)
{
  *person = (struct pl_person){ 0 };
  const struct passwd *user = find_user ();
  if (user == NULL || user->pw_uid == 0 || !is_name (user->pw_name))
    return false;
  gid_t ids[1024];
  int n = G_N_ELEMENTS (ids), known = 0;
  person->name = g_strdup (user->pw_name);
  if (getgrouplist (person->name, user->pw_gid, ids, &n) < 0)
    return false;
  char **groups = g_new0 (char *, n + 1);
  for (int i = 0; i < n; i++) {
    const struct group *group = getgrgid (ids[i]);
    if (group != NULL)
      groups[known++] = g_strdup (group->gr_name);
  }
  person->groups = (const char *const *) groups;
  return true;
}

void
pl_person_clear (struct pl_person *person)
{
  g_free ((char *) person->name);
  g_strfreev ((char **) person->groups);
}
