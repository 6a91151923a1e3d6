/* redact_command_line.c - a kernel command line without what is nobody's business; see redact.h. */
#include "base/redact.h"

#include <string.h>

/* The parameters whose values stay. One that ends in a point or an underscore stands for all that begin so.
 * Source: Documentation/admin-guide/kernel-parameters.txt; man 7 dracut.cmdline; man 7 kernel-command-line
 * (systemd). */
static const char *const kept_parameters[] = {
  /* the boot */
  "BOOT_IMAGE",
  "boot",
  "vt.handoff",
  "initrd",
  "root",
  "resume",
  "rootfstype",
  "rootflags",
  "init",
  "console",
  "loglevel",
  "crashkernel",
  "ostree",
  "systemd.unit",
  "rd.driver.",
  "pcilend.",
  /* the IOMMU, interrupts, PCI */
  "intel_iommu",
  "amd_iommu",
  "amd_iommu_",
  "iommu",
  "iommu.",
  "intremap",
  "pci",
  "pcie_",
  "pci_",
  "acpi",
  "acpi_",
  /* modules and drivers */
  "module_blacklist",
  "modprobe.blacklist",
  "initcall_blacklist",
  "module.",
  "vfio.",
  "vfio_",
  "kvm.",
  "kvm_",
  "amdgpu.",
  "radeon.",
  "nouveau.",
  "nvidia.",
  "nvidia_",
  "i915.",
  "xe.",
  "snd_hda_intel.",
  "video",
  "efi",
  /* processors and memory */
  "isolcpus",
  "nohz_full",
  "rcu_nocbs",
  "irqaffinity",
  "hugepages",
  "hugepagesz",
  "default_hugepagesz",
  "mitigations",
  "maxcpus",
  "mem",
  "cgroup_disable",
  "systemd.unified_cgroup_hierarchy",
  /* what may forbid things */
  "lockdown",
  "security",
  "lsm",
  "selinux",
  "apparmor",
};

/* Source: kernel/params.c, parameq(): a hyphen and an underscore are the same. */
static bool
begins_with (const char *name, gsize length, const char *kept)
{
  for (gsize i = 0; kept[i] != '\0'; i++) {
    char own = i >= length ? '\0' : name[i] == '-' ? '_' : name[i];
    if (own != kept[i])
      return false;
  }
  return true;
}

static bool
is_kept (const char *name, gsize length)
{
  for (guint i = 0; i < G_N_ELEMENTS (kept_parameters); i++) {
    const char *kept = kept_parameters[i];
    gsize kept_length = strlen (kept);
    bool is_family = kept[kept_length - 1] == '.' || kept[kept_length - 1] == '_';
    if (begins_with (name, length, kept) && (is_family ? length > kept_length : length == kept_length))
      return true;
  }
  return false;
}

/* How many bytes of the value stay: of a root file system's label none. */
static gsize
kept_of_value (const char *name, gsize name_length, const char *value, gsize length)
{
  static const char *const places[] = { "UUID=", "PARTUUID=", "/dev/", "ZFS=", "PARTLABEL=", "LABEL=" };
  if (!is_kept (name, name_length))
    return 0;
  bool is_place = (name_length == 4 && memcmp (name, "root", 4) == 0)
                  || (name_length == 6 && memcmp (name, "resume", 6) == 0);
  if (!is_place)
    return length;
  for (guint i = 0; i < G_N_ELEMENTS (places); i++)
    if (length >= strlen (places[i]) && memcmp (value, places[i], strlen (places[i])) == 0)
      return g_str_has_suffix (places[i], "LABEL=") ? strlen (places[i]) : length;
  return 0;
}

/* The end of the word at @start: a double quote keeps blanks together. Source: lib/cmdline.c, next_arg(). */
static gsize
find_word_end (const char *text, gsize size, gsize start)
{
  bool quoted = false;
  gsize at = start;
  for (; at < size && (quoted || !g_ascii_isspace (text[at])); at++)
    if (text[at] == '"')
      quoted = !quoted;
  return at;
}

void
pl_redact_command_line (GString *out, const char *text, gsize size)
{
  for (gsize at = 0; at < size;) {
    gsize end = g_ascii_isspace (text[at]) ? at + 1 : find_word_end (text, size, at);
    gsize name = at + (text[at] == '"');
    const char *equals = memchr (text + at, '=', end - at);
    gsize stays = end;
    if (equals != NULL && equals >= text + name) {
      gsize value = (gsize) (equals + 1 - text);
      stays = value + kept_of_value (text + name, (gsize) (equals - text) - name, text + value, end - value);
    }
    g_string_append_len (out, text + at, (gssize) (stays - at));
    /* A quote that was opened before the name is closed, or it would take the rest of the line. */
    if (stays < end && text[at] == '"')
      g_string_append_c (out, '"');
    at = end;
  }
}

/* A word between blanks and quotes: "name=value" loses its value where that is nobody's business. A backslash
 * at its end continues the line. */
static void
redact_word (GString *out, const char *word, gsize size)
{
  const char *equals = memchr (word, '=', size);
  gsize stays = size;
  if (equals != NULL && equals > word) {
    gsize value = (gsize) (equals + 1 - word), length = size - value;
    gsize end = length > 0 && word[size - 1] == '\\' ? 1 : 0;
    stays = value + kept_of_value (word, value - 1, word + value, length - end);
    g_string_append_len (out, word, (gssize) stays);
    g_string_append_len (out, word + size - end, (gssize) end);
    return;
  }
  g_string_append_len (out, word, (gssize) stays);
}

static void
redact_line (GString *out, const char *line, gsize size, bool is_assignment)
{
  for (gsize at = 0; at < size;) {
    gsize end = at;
    while (end < size && strchr (" \t\r\"'", line[end]) == NULL)
      end++;
    const char *equals = memchr (line + at, '=', end - at);
    /* The variable's own name, once a line. */
    if (is_assignment && equals != NULL) {
      gsize begin = (gsize) (equals + 1 - line);
      g_string_append_len (out, line + at, (gssize) (begin - at));
      at = begin;
      is_assignment = false;
    }
    redact_word (out, line + at, end - at);
    if (end < size)
      g_string_append_c (out, line[end]);
    at = end + 1;
  }
}

/* Where a boot loader's password begins in the line; 0: it has none. "MENU PASSWD x", "MENU MASTER PASSWD x"
 * of Syslinux; password=x of Alpine's update-extlinux.conf. Source: doc/syslinux.txt. */
static gsize
find_password (const char *line, gsize size)
{
  static const char *const beginnings[] = { "menu passwd ", "menu master passwd ", "password=" };
  gsize blanks = 0;
  while (blanks < size && (line[blanks] == ' ' || line[blanks] == '\t'))
    blanks++;
  for (guint i = 0; i < G_N_ELEMENTS (beginnings); i++) {
    gsize length = strlen (beginnings[i]);
    if (size - blanks > length && g_ascii_strncasecmp (line + blanks, beginnings[i], length) == 0)
      return blanks + length;
  }
  return 0;
}

void
pl_redact_boot_file (GString *out, const char *text, gsize size, const char *only)
{
  for (const char *line = text, *end = text + size; line < end;) {
    const char *newline = memchr (line, '\n', (gsize) (end - line));
    gsize length = (gsize) ((newline != NULL ? newline : end) - line);
    gsize password = find_password (line, length);
    if (password > 0)
      g_string_append_len (out, line, (gssize) password);
    else if (only == NULL || g_strstr_len (line, (gssize) length, only) != NULL)
      redact_line (out, line, length, only != NULL);
    else
      g_string_append_len (out, line, (gssize) length);
    if (newline != NULL)
      g_string_append_c (out, '\n');
    line = newline != NULL ? newline + 1 : end;
  }
}
