/* running.c - see running.h. */
#include "boot/running.h"

#include "boot/option_line.h"

#include <string.h>

/* Names as the kernel compares them. */
static const char *const ours[] = { "intel_iommu", "amd_iommu", "iommu", "vfio_pci.ids" };

GPtrArray *
pl_running_words (const char *command_line)
{
  GPtrArray *words = pl_option_line_words (command_line);
  for (guint i = 0; i < words->len;) {
    bool is_ours = false;
    g_autofree char *name = g_strdelimit (g_strdup (g_ptr_array_index (words, i)), "-", '_');
    name[strcspn (name, "=")] = '\0';
    for (guint k = 0; k < G_N_ELEMENTS (ours); k++)
      is_ours = is_ours || strcmp (name, ours[k]) == 0;
    if (is_ours)
      g_ptr_array_remove_index (words, i);
    else
      i++;
  }
  return words;
}

/* Whether the word is what a loader makes of this one of the file: rEFInd's %v stands for a version. Source:
 * docs/refind/linux.html; refind/linux.c, GetMainLinuxOptions(). */
static bool
is_made_of (const char *word, const char *pattern)
{
  const char *version = NULL, *rest = NULL; /* behind the last %v, and what it may stand for */
  if (g_str_has_suffix (word, "=") && g_str_has_prefix (pattern, word))
    return true;
  while (*word != '\0') {
    if (g_str_has_prefix (pattern, "%v")) {
      version = pattern += 2;
      rest = ++word;
    } else if (*pattern == *word) {
      pattern++;
      word++;
    } else if (version != NULL) {
      pattern = version;
      word = ++rest;
    } else {
      return false;
    }
  }
  return *pattern == '\0';
}

bool
pl_running_has (const GPtrArray *running, const char *options)
{
  g_autoptr (GPtrArray) words = pl_running_words (options);
  g_autofree char *small = g_ascii_strdown (options, -1);
  bool has_initrd = strstr (small, "initrd=") != NULL;
  for (guint i = 0; i < words->len; i++) {
    bool is_there = false;
    for (guint k = 0; k < running->len && !is_there; k++)
      is_there = is_made_of (g_ptr_array_index (running, k), g_ptr_array_index (words, i));
    if (!is_there)
      return false;
  }
  for (guint k = 0; k < running->len; k++) {
    const char *word = g_ptr_array_index (running, k);
    bool is_there
        = (!has_initrd && g_str_has_prefix (word, "initrd=")) || g_str_has_prefix (word, "BOOT_IMAGE=");
    for (guint i = 0; i < words->len && !is_there; i++)
      is_there = is_made_of (word, g_ptr_array_index (words, i));
    if (!is_there)
      return false;
  }
  return words->len > 0;
}

bool
pl_running_has_parameters (const char *command_line, const char *const *parameters)
{
  g_autofree char *changed = pl_option_line_set (command_line, strlen (command_line), parameters, NULL);
  return changed != NULL && strcmp (changed, command_line) == 0;
}
