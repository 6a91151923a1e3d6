/* modules.c - kernel modules: loaded, installed, behind a driver, and those that could drive a function. */
#include "machine/module_alias.h"
#include "machine/readers.h"
#include "machine/reading.h"

#include <string.h>

/* What is read once for all functions. */
struct pl_modules {
  struct pl_aliases *aliases; /* NULL: not read yet */
  enum pl_state aliases_state;
  GHashTable *of_drivers; /* driver -> struct driver_module *; the names are the machine's */
};

struct driver_module {
  enum pl_state state;
  const char *name;
};

static void
free_modules (void *data)
{
  struct pl_modules *modules = data;
  pl_aliases_free (modules->aliases);
  g_hash_table_unref (modules->of_drivers);
  g_free (modules);
}

static struct pl_modules *
get_modules (struct pl_machine *machine)
{
  if (machine->modules_ == NULL) {
    machine->modules_ = g_new0 (struct pl_modules, 1);
    machine->modules_->of_drivers = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
    g_hash_table_insert (machine->lists_, machine->modules_, (void *) free_modules);
  }
  return machine->modules_;
}

/* Whether a rule or a step knows the module: vfio with its variants, KVM, what resets cards, and what drives
 * the functions of a graphics card. '-' and '_' are the same in a module's name. Source: man 8 modprobe. */
static bool
is_known_module (struct pl_span name)
{
  static const char *const beginnings[] = { "kvm", "nvidia" };
  static const char *const names[] = { "amdgpu",
                                       "radeon",
                                       "i915",
                                       "xe",
                                       "nouveau",
                                       "nova_core",
                                       "nova_drm",
                                       "ast",
                                       "mgag200",
                                       "bochs",
                                       "qxl",
                                       "virtio_gpu",
                                       "cirrus",
                                       "cirrus_qemu",
                                       "gma500_gfx",
                                       "gma",
                                       "snd_hda_intel",
                                       "xhci_pci",
                                       "xhci_pci_renesas",
                                       "xhci_hcd",
                                       "ucsi_ccg",
                                       "typec_ucsi",
                                       "iommufd",
                                       "irqbypass",
                                       "pci_stub",
                                       "i2c_nvidia_gpu",
                                       "vendor_reset",
                                       "xen_pciback",
                                       "amd_iommu_v2",
                                       "nvgrace_gpu_vfio_pci",
                                       "i2c_designware_pci" };
  char plain[64];
  if (name.size == 0 || name.size >= sizeof plain)
    return false;
  for (gsize i = 0; i < name.size; i++)
    plain[i] = name.at[i] == '-' ? '_' : name.at[i];
  name.at = plain;
  if (pl_span_find (name, "vfio") >= 0)
    return true;
  for (guint i = 0; i < G_N_ELEMENTS (beginnings); i++)
    if (pl_span_starts (name, beginnings[i]))
      return true;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (pl_span_is (name, names[i]))
      return true;
  return false;
}

static void
add_name (struct pl_machine *machine, GPtrArray *names, struct pl_span name)
{
  g_autofree char *plain = g_strdelimit (g_strndup (name.at, name.size), "-", '_');
  g_ptr_array_add (names, (char *) pl_machine_string (machine, plain, -1));
}

/* Leaves only the names: behind them stand counters, and for root addresses of the kernel. Source: man 5
 * proc. */
static gsize
edit_loaded (char *text, gsize length, void *data)
{
  (void) data;
  struct pl_span line = { text, length }, name = pl_span_take_word (&line);
  return name.at == text && is_known_module (name) ? name.size : 0;
}

/* Without loadable modules (CONFIG_MODULES) there is no such file: then the fact is absent, none can be
 * loaded. */
void
pl_read_loaded_modules (struct pl_machine *machine, struct pl_root *root)
{
  if (!pl_has_running (root, "proc/modules"))
    return;
  struct pl_buffer buffer = PL_BUFFER_INIT;
  GPtrArray *names = pl_machine_keep_list (machine, g_ptr_array_new ());
  enum pl_state state = pl_root_read_edited (root, "proc/modules", edit_loaded, NULL, &buffer);
  struct pl_lines lines = pl_lines_of (&buffer);
  struct pl_span line;
  while (pl_lines_take (&lines, &line))
    add_name (machine, names, line);
  pl_buffer_clear (&buffer);
  pl_machine_set_loaded_modules (machine, state, names);
}

char *
pl_find_release (struct pl_root *root, enum pl_state *state)
{
  const char *release = pl_root_host (root)->release;
  *state = PL_KNOWN;
  if (release != NULL && release[0] != '\0' && release[0] != '.' && strchr (release, '/') == NULL)
    return g_strdup (release);
  g_autoptr (GPtrArray) names = NULL;
  *state = release == NULL ? pl_root_list (root, "lib/modules", &names) : PL_INVALID;
  if (*state == PL_KNOWN && names->len == 1)
    return g_strdup (g_ptr_array_index (names, 0));
  if (*state == PL_KNOWN)
    *state = PL_UNREAD;
  return NULL;
}

/* Reads the file of the release where distributions keep it: the second is NixOS. @buffer is set. @release:
 * NULL with @state: not known. */
static enum pl_state
read_module_file (struct pl_root *root, const char *release, enum pl_state state, const char *name,
                  pl_line_filter filter, void *data, struct pl_buffer *buffer)
{
  static const char *const places[] = { "lib/modules", "run/booted-system/kernel-modules/lib/modules" };
  pl_buffer_set (buffer, NULL, 0);
  if (release == NULL)
    return state;
  state = PL_ABSENT;
  for (guint i = 0; i < G_N_ELEMENTS (places) && state == PL_ABSENT; i++) {
    g_autofree char *path = g_strdup_printf ("%s/%s/%s", places[i], release, name);
    state = pl_root_read_lines (root, path, filter, data, buffer);
  }
  return state;
}

/* "kernel/drivers/vfio/pci/vfio-pci.ko.zst: kernel/..." or, in modules.builtin, the same without what
 * follows. Source: man 5 modules.dep; Documentation/kbuild/kbuild.rst, modules.builtin. */
static bool
find_module_name (struct pl_span line, struct pl_span *name)
{
  const char *colon = memchr (line.at, ':', line.size);
  if (colon != NULL)
    line = pl_span_head (line, (gsize) (colon - line.at));
  const char *slash = memrchr (line.at, '/', line.size);
  if (slash != NULL)
    line = pl_span_skip (line, (gsize) (slash - line.at) + 1);
  gssize end = pl_span_find (line, ".ko");
  if (end <= 0)
    return false;
  *name = pl_span_head (line, (gsize) end);
  return true;
}

static bool
want_installed (const char *line, gsize length, void *data)
{
  struct pl_span name;
  (void) data;
  return find_module_name ((struct pl_span){ line, length }, &name) && is_known_module (name);
}

static enum pl_state
add_installed (struct pl_machine *machine, struct pl_root *root, const char *release, enum pl_state state,
               const char *file, GPtrArray *names)
{
  struct pl_buffer buffer = PL_BUFFER_INIT;
  state = read_module_file (root, release, state, file, want_installed, NULL, &buffer);
  struct pl_lines lines = pl_lines_of (&buffer);
  struct pl_span line, name;
  while (pl_lines_take (&lines, &line))
    if (find_module_name (line, &name))
      add_name (machine, names, name);
  pl_buffer_clear (&buffer);
  return state;
}

/* A module that is missing from one list may stand in the other: both must be known, or known not to be
 * there. */
static enum pl_state
state_of_both (enum pl_state loadable, enum pl_state built_in)
{
  enum pl_state state = loadable == PL_ABSENT && built_in == PL_ABSENT ? PL_ABSENT : PL_KNOWN;
  pl_state_lower (&state, loadable);
  pl_state_lower (&state, built_in);
  return state;
}

void
pl_read_available_modules (struct pl_machine *machine, struct pl_root *root)
{
  GPtrArray *names = pl_machine_keep_list (machine, g_ptr_array_new ());
  enum pl_state release_state;
  g_autofree char *release = pl_find_release (root, &release_state);
  enum pl_state loadable = add_installed (machine, root, release, release_state, "modules.dep", names);
  enum pl_state built_in = add_installed (machine, root, release, release_state, "modules.builtin", names);
  pl_machine_set_available_modules (machine, state_of_both (loadable, built_in), names);
}

/* Every release that has a directory of modules, as they are named there. Of one that cannot be read the
 * state says so. */
void
pl_read_kernels (struct pl_machine *machine, struct pl_root *root)
{
  GPtrArray *kernels = pl_machine_keep_list (machine, g_ptr_array_new_with_free_func (g_free));
  g_autoptr (GPtrArray) releases = NULL;
  enum pl_state state = pl_root_list (root, "lib/modules", &releases);
  for (guint i = 0; i < releases->len; i++) {
    const char *release = g_ptr_array_index (releases, i);
    struct pl_kernel *kernel = g_new0 (struct pl_kernel, 1);
    GPtrArray *loadable = pl_machine_keep_list (machine, g_ptr_array_new ());
    GPtrArray *built_in = pl_machine_keep_list (machine, g_ptr_array_new ());
    kernel->release = pl_machine_string (machine, release, -1);
    kernel->loadable = loadable;
    kernel->built_in = built_in;
    kernel->state
        = state_of_both (add_installed (machine, root, release, PL_KNOWN, "modules.dep", loadable),
                         add_installed (machine, root, release, PL_KNOWN, "modules.builtin", built_in));
    g_ptr_array_add (kernels, kernel);
  }
  pl_machine_set_kernels (machine, state, kernels);
}

/* Which module a driver is of. The link alone does not tell a loadable module from code built in that has
 * parameters: both have a directory in /sys/module, but only a loadable one has the attribute initstate.
 * Source: drivers/base/module.c, module_add_driver(); Documentation/ABI/testing/sysfs-module, and
 * kernel/module/main.c, modinfo_attrs. */
static struct driver_module
read_module_of (struct pl_machine *machine, struct pl_root *root, const char *driver)
{
  if (driver[0] == '\0' || driver[0] == '.' || strchr (driver, '/') != NULL)
    return (struct driver_module){ PL_INVALID, NULL };
  char target[PATH_MAX];
  g_autofree char *link = g_strdup_printf ("sys/bus/pci/drivers/%s/module", driver);
  enum pl_state state = pl_root_link (root, link, target, sizeof target);
  if (state != PL_KNOWN)
    return (struct driver_module){ state, NULL };

  const char *slash = strrchr (target, '/');
  const char *name = slash != NULL ? slash + 1 : target;
  if (name[0] == '\0' || name[0] == '.') {
    pl_machine_add_note (machine, link, 0, "it does not point to a module");
    return (struct driver_module){ PL_INVALID, NULL };
  }
  struct pl_buffer buffer = PL_BUFFER_INIT;
  g_autofree char *initstate = g_strdup_printf ("sys/module/%s/initstate", name);
  state = pl_state_below (root, "sys/module", pl_root_read (root, initstate, &buffer));
  pl_buffer_clear (&buffer);
  return (struct driver_module){ state, state == PL_KNOWN ? pl_machine_string (machine, name, -1) : NULL };
}

/* PL_ABSENT where the driver is built in, and where there is no driver: the fact driver tells which. */
void
pl_read_driver_module (struct pl_machine *machine, struct pl_root *root, struct pl_device *device)
{
  const char *driver;
  enum pl_state state = pl_device_get_driver (device, &driver);
  if (state != PL_KNOWN) {
    pl_device_set_driver_module (device, state, NULL);
    return;
  }
  struct pl_modules *modules = get_modules (machine);
  struct driver_module *found = g_hash_table_lookup (modules->of_drivers, driver);
  if (found == NULL) {
    struct driver_module module = read_module_of (machine, root, driver);
    found = g_memdup2 (&module, sizeof module);
    g_hash_table_insert (modules->of_drivers, (char *) driver, found);
  }
  pl_device_set_driver_module (device, found->state, found->name);
}

/* The state of the ids as a whole, and the ids. Host bridges and other functions always have all of them. */
static enum pl_state
get_ids (const struct pl_device *device, struct pl_modalias *ids)
{
  const enum pl_state states[] = { pl_device_get_vendor (device, &ids->vendor),
                                   pl_device_get_device (device, &ids->device),
                                   pl_device_get_subsystem_vendor (device, &ids->subsystem_vendor),
                                   pl_device_get_subsystem_device (device, &ids->subsystem_device),
                                   pl_device_get_class (device, &ids->class),
                                   pl_device_get_prog_if (device, &ids->prog_if) };
  for (guint i = 0; i < G_N_ELEMENTS (states); i++)
    if (states[i] != PL_KNOWN)
      return states[i];
  return PL_KNOWN;
}

/* The lines that are kept fit one of this machine's functions: the filter's data is the machine's identity.
 */
static void
read_aliases (struct pl_machine *machine, struct pl_root *root, struct pl_modules *modules)
{
  modules->aliases = pl_aliases_new ();
  for (guint i = 0; i < pl_machine_n_devices (machine); i++) {
    struct pl_modalias ids = { 0 };
    if (get_ids (pl_machine_device (machine, i), &ids) == PL_KNOWN)
      pl_aliases_add_function (modules->aliases, &ids);
  }
  struct pl_buffer buffer = PL_BUFFER_INIT;
  enum pl_state state;
  g_autofree char *release = pl_find_release (root, &state);
  modules->aliases_state = read_module_file (root, release, state, "modules.alias", pl_aliases_is_wanted,
                                             modules->aliases, &buffer);
  struct pl_lines lines = pl_lines_of (&buffer);
  struct pl_span line;
  while (pl_lines_take (&lines, &line))
    pl_aliases_add_line (modules->aliases, line.at, line.size);
  pl_buffer_clear (&buffer);
  if (pl_aliases_gave_up (modules->aliases)) {
    modules->aliases_state = PL_INVALID;
    pl_machine_add_note (machine, "modules.alias", 0, "it has too many patterns without ids to look through");
  }
}

void
pl_read_candidate_modules (struct pl_machine *machine, struct pl_root *root, struct pl_device *device)
{
  struct pl_modules *modules = get_modules (machine);
  struct pl_modalias ids = { 0 };
  enum pl_state state = get_ids (device, &ids);
  if (state == PL_KNOWN && modules->aliases == NULL)
    read_aliases (machine, root, modules);
  if (state == PL_KNOWN)
    state = modules->aliases_state;
  /* The list lives as long as the machine, and every function of the same ids has the same. */
  pl_device_set_modules (device, state, state == PL_KNOWN ? pl_aliases_find (modules->aliases, &ids) : NULL);
}
