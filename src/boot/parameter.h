/* parameter.h - one parameter of a kernel command line, as the kernel compares it. For boot/ alone. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Without the kernel's quotes; points into the text. Source: lib/cmdline.c of Linux, next_arg(). */
struct pl_boot_parameter {
  const char *name, *value;
  gsize name_length, value_length;
  bool has_value;
};

struct pl_boot_parameter pl_boot_parameter_parse (const char *text);

/* Source: kernel/params.c, parameq(): a hyphen and an underscore are the same. */
bool pl_boot_parameter_is_same_name (const struct pl_boot_parameter *left,
                                     const struct pl_boot_parameter *right);
bool pl_boot_parameter_is_same_value (const struct pl_boot_parameter *left,
                                      const struct pl_boot_parameter *right);

/**
 * pl_boot_parameters_check - whether all can be written as they are, whatever the quotes around them
 * @signs: what they may hold beside letters and digits
 *
 * Each begins with a letter; none is there twice. Errors: PL_ERROR_FAILED, with the parameter.
 */
bool pl_boot_parameters_check (const char *const *parameters, const char *signs, GError **error);
