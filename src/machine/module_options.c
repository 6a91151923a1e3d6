/* module_options.c - how vfio and the kernel were set up: options of modules, and one of the kernel's build.
 */
#include "machine/readers.h"
#include "machine/reading.h"

#include <string.h>

/* What a rule asks for, as the running kernel has it: Y or N, there while the module is loaded or built in.
 * Source: Documentation/ABI/stable/sysfs-module, parameters. */
static enum pl_state
add_running (struct pl_machine *machine, struct pl_root *root, const char *module, const char *name,
             GPtrArray *options)
{
  struct pl_buffer buffer = PL_BUFFER_INIT;
  g_autofree char *path = g_strdup_printf ("/sys/module/%s/parameters/%s", module, name);
  enum pl_state state = pl_state_below (root, "sys/module", pl_root_read (root, path + 1, &buffer));
  struct pl_lines lines = pl_lines_of (&buffer);
  struct pl_span value = { "", 0 };
  pl_lines_take (&lines, &value);
  if (state == PL_KNOWN && !pl_span_is (value, "Y") && !pl_span_is (value, "N")) {
    state = PL_INVALID;
    pl_machine_add_note (machine, path, 0, "it is neither Y nor N");
  }
  if (state == PL_KNOWN) {
    g_autofree char *text = g_strdup_printf ("%s %s=%c", module, name, value.at[0]);
    g_ptr_array_add (options, (char *) pl_machine_string (machine, text, -1));
  }
  pl_buffer_clear (&buffer);
  return state;
}

static bool
want_conf (const char *name, gsize length, void *data)
{
  (void) length, (void) data;
  return g_str_has_suffix (name, ".conf") && name[0] != '.';
}

/* "options vfio-pci ids=1002:731f disable_idle_d3=1": the rest behind the module's name is in *rest. */
static bool
find_options (struct pl_span line, struct pl_span *module, struct pl_span *rest)
{
  struct pl_span word;
  if (!pl_span_take_word_into (&line, &word) || !pl_span_is (word, "options")
      || !pl_span_take_word_into (&line, module) || !pl_span_starts (*module, "vfio"))
    return false;
  *rest = line;
  return true;
}

static bool
want_options (const char *line, gsize length, void *data)
{
  struct pl_span module, rest;
  (void) data;
  return find_options ((struct pl_span){ line, length }, &module, &rest);
}

static void
add_options (struct pl_machine *machine, struct pl_span line, GPtrArray *options)
{
  struct pl_span module, rest, word;
  if (!find_options (line, &module, &rest))
    return;
  g_autofree char *name = g_strdelimit (g_strndup (module.at, module.size), "-", '_');
  while (pl_span_take_word_into (&rest, &word)) {
    g_autofree char *text = g_strdup_printf ("%s %.*s", name, (int) word.size, word.at);
    g_ptr_array_add (options, (char *) pl_machine_string (machine, text, -1));
  }
}

/* First what the running kernel has, then what is set for the next load of the modules. */
void
pl_read_vfio_options (struct pl_machine *machine, struct pl_root *root)
{
  static const struct {
    const char *module, *name;
  } known[] = { { "vfio_iommu_type1", "allow_unsafe_interrupts" },
                { "vfio_pci", "disable_idle_d3" },
                { "vfio_pci", "disable_denylist" } };
  GPtrArray *options = pl_machine_keep_list (machine, g_ptr_array_new ());
  struct pl_buffer buffer = PL_BUFFER_INIT;
  struct pl_directory directory;
  enum pl_state state = PL_KNOWN;
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    pl_state_lower (&state, add_running (machine, root, known[i].module, known[i].name, options));

  g_autoptr (GPtrArray) names = NULL;
  pl_directory_open (&directory, root, "etc/modprobe.d");
  pl_state_lower (&state, pl_directory_list_some (&directory, want_conf, NULL, &names));
  for (guint i = 0; i < names->len; i++) {
    pl_state_lower (&state, pl_directory_read_lines (&directory, g_ptr_array_index (names, i), want_options,
                                                     NULL, &buffer));
    struct pl_lines lines = pl_lines_of (&buffer);
    struct pl_span line;
    while (pl_lines_take (&lines, &line))
      add_options (machine, line, options);
  }
  pl_directory_close (&directory);
  pl_buffer_clear (&buffer);
  pl_machine_set_vfio_options (machine, state, options);
}

static const char not_set[] = "# CONFIG_INTEL_IOMMU_DEFAULT_ON is not set";

/* The second is a patch of Debian's, known from memory: on but for integrated graphics. */
static const char *const set[]
    = { "CONFIG_INTEL_IOMMU_DEFAULT_ON=y", "CONFIG_INTEL_IOMMU_DEFAULT_ON_INTGPU_OFF=y" };

static bool
is_set (struct pl_span line)
{
  return pl_span_is (line, set[0]) || pl_span_is (line, set[1]);
}

static bool
want_default_on (const char *line, gsize length, void *data)
{
  struct pl_span span = { line, length };
  (void) data;
  return pl_span_is (span, not_set) || is_set (span);
}

/* Absent where the distribution keeps no such file (Arch), and where the kernel was built without Intel's
 * IOMMU. /proc/config.gz, which others have, is compressed and not read. */
void
pl_read_kernel_config (struct pl_machine *machine, struct pl_root *root)
{
  enum pl_state state;
  g_autofree char *release = pl_find_release (root, &state);
  if (release == NULL)
    return;
  struct pl_buffer buffer = PL_BUFFER_INIT;
  g_autofree char *path = g_strconcat ("boot/config-", release, NULL);
  state = pl_root_read_lines (root, path, want_default_on, NULL, &buffer);
  struct pl_lines lines = pl_lines_of (&buffer);
  struct pl_span line;
  bool is_on = false, has_line = false;
  while (pl_lines_take (&lines, &line)) {
    has_line = true;
    is_on = is_on || is_set (line);
  }
  if (state == PL_KNOWN && !has_line)
    state = PL_ABSENT;
  pl_machine_set_intel_iommu_default_on (machine, state, is_on);
  pl_buffer_clear (&buffer);
}

/* Lockdown says which of its levels holds: "none [integrity] confidentiality". Source: man 7 kernel_lockdown;
 * security/lockdown/lockdown.c, lockdown_read(); kernel-parameters.txt, module.sig_enforce. */
void
pl_read_module_signatures (struct pl_machine *machine, struct pl_root *root)
{
  if (!pl_has_sysfs (machine, root))
    return;
  struct pl_buffer lockdown = PL_BUFFER_INIT, enforced = PL_BUFFER_INIT;
  enum pl_state lockdown_state = pl_root_read (root, "sys/kernel/security/lockdown", &lockdown);
  enum pl_state enforced_state = pl_root_read (root, "sys/module/module/parameters/sig_enforce", &enforced);
  bool is_locked = lockdown_state == PL_KNOWN && lockdown.size > 0
                   && g_strstr_len (lockdown.bytes, (gssize) lockdown.size, "[none]") == NULL;
  bool is_enforced = enforced_state == PL_KNOWN && enforced.size > 0 && enforced.bytes[0] == 'Y';
  enum pl_state state = PL_KNOWN;
  if (!is_locked && !is_enforced) {
    if (lockdown_state != PL_ABSENT)
      pl_state_lower (&state, lockdown_state);
    if (enforced_state != PL_ABSENT)
      pl_state_lower (&state, enforced_state);
  }
  pl_machine_set_signed_modules_only (machine, state, is_locked || is_enforced);
  pl_buffer_clear (&lockdown);
  pl_buffer_clear (&enforced);
}
