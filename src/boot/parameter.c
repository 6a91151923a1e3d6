/* parameter.c - see parameter.h. */
#include "boot/parameter.h"

#include "base/error.h"

#include <string.h>

static void
strip_quotes (const char **text, gsize *length)
{
  if (*length == 0 || (*text)[0] != '"')
    return;
  ++*text;
  --*length;
  if (*length > 0 && (*text)[*length - 1] == '"')
    --*length;
}

struct pl_boot_parameter
pl_boot_parameter_parse (const char *text)
{
  struct pl_boot_parameter parameter = { .name = text, .name_length = strlen (text) };
  strip_quotes (&parameter.name, &parameter.name_length);
  const char *sign = memchr (parameter.name, '=', parameter.name_length);
  if (sign == NULL)
    return parameter;
  parameter.has_value = true;
  parameter.value = sign + 1;
  parameter.value_length = parameter.name_length - (gsize) (sign + 1 - parameter.name);
  parameter.name_length = (gsize) (sign - parameter.name);
  strip_quotes (&parameter.value, &parameter.value_length);
  return parameter;
}

bool
pl_boot_parameter_is_same_name (const struct pl_boot_parameter *left, const struct pl_boot_parameter *right)
{
  if (left->name_length != right->name_length)
    return false;
  for (gsize i = 0; i < left->name_length; i++) {
    char first = left->name[i] == '-' ? '_' : left->name[i];
    char second = right->name[i] == '-' ? '_' : right->name[i];
    if (first != second)
      return false;
  }
  return true;
}

bool
pl_boot_parameter_is_same_value (const struct pl_boot_parameter *left, const struct pl_boot_parameter *right)
{
  return left->has_value == right->has_value && left->value_length == right->value_length
         && (!left->has_value || memcmp (left->value, right->value, left->value_length) == 0);
}

static bool
is_written_as_it_is (const char *text, const char *signs)
{
  for (gsize i = 0; text[i] != '\0'; i++)
    if (!g_ascii_isalnum (text[i]) && strchr (signs, text[i]) == NULL)
      return false;
  return g_ascii_isalpha (text[0]);
}

bool
pl_boot_parameters_check (const char *const *parameters, const char *signs, GError **error)
{
  for (guint i = 0; parameters[i] != NULL; i++) {
    struct pl_boot_parameter own = pl_boot_parameter_parse (parameters[i]);
    bool is_twice = false;
    for (guint k = 0; k < i; k++) {
      struct pl_boot_parameter other = pl_boot_parameter_parse (parameters[k]);
      is_twice = is_twice || pl_boot_parameter_is_same_name (&own, &other);
    }
    if (!is_twice && is_written_as_it_is (parameters[i], signs))
      continue;
    pl_error_set (error, PL_ERROR_FAILED, NULL, NULL, "\"%s\" %s", parameters[i],
                  is_twice ? "is asked for with two values" : "cannot be written as a kernel parameter");
    return false;
  }
  return true;
}
