/* image.c - the part of a plan that brings vfio-pci into the images of all kernels that can boot. See
 * making.h. */
#include "boot/loader.h"
#include "initramfs/generator.h"
#include "judge/function.h"
#include "plan/making.h"

#include <string.h>

/* The guide's order. vfio_virqfd became a part of vfio in Linux 6.2. Source: commit e2d55709398e; guide.md,
 * section 2. */
static const char *const guide_modules[] = { "vfio_pci", "vfio", "vfio_iommu_type1", "vfio_virqfd" };

/* Comes first, as in the guide: it must be there before the device is opened for the first time. */
#define VENDOR_RESET "vendor_reset"

static bool
is_helped_by_vendor_reset (const struct pl_plan *plan)
{
  for (guint i = 0; i < plan->devices->len; i++)
    if (pl_judge_is_reset_by_vendor_reset (g_ptr_array_index (plan->devices, i)))
      return true;
  return false;
}

static const struct pl_kernel *
find_kernel (const GPtrArray *kernels, const char *release)
{
  for (guint i = 0; i < kernels->len; i++) {
    const struct pl_kernel *kernel = g_ptr_array_index (kernels, i);
    if (strcmp (kernel->release, release) == 0)
      return kernel;
  }
  return NULL;
}

static bool
has_vfio (const struct pl_kernel *kernel)
{
  return pl_names_have (kernel->loadable, "vfio_pci") || pl_names_have (kernel->built_in, "vfio_pci");
}

/* Whether every kernel that can lend can load this one. One that some kernel lacks is left out: what
 * vfio-pci needs is loaded with it. A kernel without vfio-pci counts for nothing here: it has none of them.
 */
static bool
is_everywhere (const GPtrArray *kernels, const GPtrArray *releases, const char *module)
{
  guint n = 0;
  for (guint i = 0; i < releases->len; i++) {
    const struct pl_kernel *kernel = find_kernel (kernels, g_ptr_array_index (releases, i));
    if (kernel == NULL || !has_vfio (kernel))
      continue;
    if (!pl_names_have (kernel->loadable, module))
      return false;
    n++;
  }
  return n > 0;
}

/* What is said of a kernel for which the plan does nothing; false where nobody knows what it has. */
static bool
check_kernel (struct pl_making *making, const struct pl_kernel *kernel, const char *release)
{
  if (kernel == NULL || kernel->state == PL_ABSENT) {
    pl_making_remark (
        making, PL_REMARK_NOTE,
        "the kernel %s has an image in /boot and no modules in /lib/modules: started with it, the "
        "devices stay with the host",
        release);
    return true;
  }
  if (kernel->state != PL_KNOWN) {
    pl_making_remark (making, PL_REMARK_UNKNOWN, "which modules the kernel %s has could not be read (%s)",
                      release, pl_state_name (kernel->state));
    return false;
  }
  if (!has_vfio (kernel))
    pl_making_remark (making, PL_REMARK_NOTE,
                      "the kernel %s has no vfio-pci: started with it, the devices stay with the host",
                      release);
  return true;
}

static bool
check_kernels (struct pl_making *making, const GPtrArray *kernels, const GPtrArray *releases)
{
  bool is_known = true;
  for (guint i = 0; i < releases->len; i++) {
    const char *release = g_ptr_array_index (releases, i);
    is_known = check_kernel (making, find_kernel (kernels, release), release) && is_known;
  }
  return is_known;
}

static void
leave_to_person (struct pl_making *making, enum pl_state state, bool is_rebuilt)
{
  pl_making_remark (
      making, PL_REMARK_BY_HAND,
      "%s: %shave it load vfio_pci, vfio and vfio_iommu_type1 early, and make the image of every kernel anew",
      state == PL_ABSENT ? "no initramfs generator that pcilend knows is installed"
      : state == PL_INVALID
          ? "several initramfs generators are installed, and which one made the images cannot be told"
          : "which initramfs generator is installed could not be told",
      is_rebuilt ? "" : "where it is not done yet, ");
}

/* Every installed kernel, where no image tells which can boot. */
static GPtrArray *
list_all (const GPtrArray *kernels)
{
  GPtrArray *releases = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < kernels->len; i++)
    g_ptr_array_add (releases,
                     g_strdup (((const struct pl_kernel *) g_ptr_array_index (kernels, i))->release));
  return releases;
}

/* Ended by NULL. Free with g_ptr_array_unref(). */
static GPtrArray *
choose_modules (const struct pl_plan *plan, const GPtrArray *kernels, const GPtrArray *releases)
{
  GPtrArray *modules = g_ptr_array_new ();
  if (is_helped_by_vendor_reset (plan) && is_everywhere (kernels, releases, VENDOR_RESET))
    g_ptr_array_add (modules, VENDOR_RESET);
  for (guint i = 0; i < G_N_ELEMENTS (guide_modules); i++)
    if (is_everywhere (kernels, releases, guide_modules[i]))
      g_ptr_array_add (modules, (char *) guide_modules[i]);
  g_ptr_array_add (modules, NULL);
  return modules;
}

/* It is built on the machine, and signed there or not. */
static void
say_signatures (struct pl_making *making, const GPtrArray *modules)
{
  bool is_needed = false;
  enum pl_state state = pl_machine_get_signed_modules_only (making->machine, &is_needed);
  if (!g_strv_contains ((const char *const *) modules->pdata, VENDOR_RESET)
      || (state == PL_KNOWN && !is_needed))
    return;
  pl_making_remark (
      making, PL_REMARK_NOTE,
      "%s: " VENDOR_RESET " has to be signed with a key that it trusts, or it is not loaded; see: "
      "modinfo -F signer " VENDOR_RESET,
      is_needed ? "this kernel loads signed modules alone (lockdown, Secure Boot)"
                : "whether this kernel loads signed modules alone could not be read; where it does");
}

/* A kernel that lacks vfio-pci, where the generator fails over a name that a kernel lacks; NULL: none. */
static const char *
find_lacking (const struct pl_generator *generator, const GPtrArray *kernels, const GPtrArray *releases)
{
  for (guint i = 0; !generator->skips_missing && i < releases->len; i++) {
    const struct pl_kernel *kernel = find_kernel (kernels, g_ptr_array_index (releases, i));
    if (kernel != NULL && kernel->state == PL_KNOWN && !has_vfio (kernel))
      return kernel->release;
  }
  return NULL;
}

/* "dracut --force A; dracut --force B", as typed. Free with g_free(). */
static char *
join_programs (const GPtrArray *programs)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < programs->len; i++) {
    const struct pl_program *program = g_ptr_array_index (programs, i);
    g_autofree char *words = g_strjoinv (" ", program->argv);
    g_string_append_printf (text, "%s%s", i > 0 ? "; " : "", words);
  }
  return g_string_free (text, FALSE);
}

/* From outside nobody sees whether the images were made since the files were changed. */
static void
say_images_of_tree (struct pl_making *making, const struct pl_generator *generator,
                    struct pl_image_wishes wishes)
{
  struct pl_edits edits;
  wishes.is_rebuilt = true;
  pl_edits_init (&edits);
  if (generator->add_modules (making->texts, &wishes, &edits, NULL) && edits.programs->len > 0) {
    g_autofree char *words = join_programs (edits.programs);
    pl_making_remark (making, PL_REMARK_BY_HAND,
                      "whether the images were made since cannot be told from outside; where they were not, "
                      "in the mounted system: %s",
                      words);
  }
  pl_edits_clear (&edits);
}

static void
plan_image (struct pl_making *making, const struct pl_generator *generator,
            const struct pl_image_wishes *wishes)
{
  struct pl_edits edits;
  g_autoptr (GError) failure = NULL;
  pl_edits_init (&edits);
  if (!generator->add_modules (making->texts, wishes, &edits, &failure))
    pl_making_remark (making, PL_REMARK_UNKNOWN, "%s; so the image could not be planned", failure->message);
  else if (making->machine->source == PL_SOURCE_TREE && edits.programs->len == 0 && edits.by_hand == NULL
           && !pl_plan_is_lent (making->plan))
    say_images_of_tree (making, generator, *wishes);
  else
    pl_making_add_edits (
        making, &edits,
        "the image of each kernel gets vfio-pci, so that it is there before the drivers of the devices",
        "the images hold copies of the files above");
  pl_edits_clear (&edits);
}

void
pl_making_image_again (struct pl_making *making)
{
  const char *name;
  const char *const none[] = { NULL };
  const struct pl_image_wishes wishes = { .modules = none, .is_rebuilt = true };
  enum pl_state state = pl_machine_get_initramfs (making->machine, &name);
  if (state == PL_KNOWN)
    plan_image (making, pl_generator_find (name), &wishes);
  else
    pl_making_remark (
        making, PL_REMARK_BY_HAND,
        "which initramfs generator is to make the images anew could not be told: have them made");
}

/* False where a generator makes the images. */
static bool
leave_to_loader (struct pl_making *making)
{
  const char *name;
  const GPtrArray *kernels;
  const struct pl_boot_evidence *evidence;
  if (pl_machine_get_boot_loader (making->machine, &name) != PL_KNOWN
      || pl_machine_get_boot_evidence (making->machine, &evidence) != PL_KNOWN
      || pl_boot_loader_find (name)->image_by_hand == NULL)
    return false;
  if (pl_machine_get_kernels (making->machine, &kernels) != PL_KNOWN) {
    pl_making_remark (making, PL_REMARK_UNKNOWN,
                      "which kernels are installed could not be read: /lib/modules");
    return true;
  }
  g_autoptr (GPtrArray) releases = list_all (kernels);
  g_autoptr (GPtrArray) modules = choose_modules (making->plan, kernels, releases);
  g_autofree char *text
      = pl_boot_loader_find (name)->image_by_hand (evidence, (const char *const *) modules->pdata);
  if (modules->len > 1 && !pl_plan_is_lent (making->plan))
    pl_making_remark (making, PL_REMARK_BY_HAND, "%s", text);
  return true;
}

void
pl_making_image (struct pl_making *making, bool is_rebuilt)
{
  const char *name;
  const GPtrArray *kernels;
  if (leave_to_loader (making))
    return;
  enum pl_state state = pl_machine_get_initramfs (making->machine, &name);
  const struct pl_generator *generator = state == PL_KNOWN ? pl_generator_find (name) : NULL;
  if (generator == NULL) {
    leave_to_person (making, state, is_rebuilt);
    return;
  }
  state = pl_machine_get_kernels (making->machine, &kernels);
  if (state != PL_KNOWN) {
    pl_making_remark (making, PL_REMARK_UNKNOWN,
                      "which kernels are installed could not be read: /lib/modules (%s)",
                      pl_state_name (state));
    return;
  }
  g_autoptr (GPtrArray) releases = generator->releases (making->texts);
  if (!check_kernels (making, kernels, releases))
    return;
  const char *lacking = find_lacking (generator, kernels, releases);
  if (lacking != NULL) {
    pl_making_remark (making, PL_REMARK_BY_HAND,
                      "%s makes no image with modules that a kernel lacks, and %s has no vfio-pci: remove "
                      "that kernel, then plan again",
                      generator->name, lacking);
    return;
  }
  g_autoptr (GPtrArray) all = releases->len == 0 ? list_all (kernels) : NULL;
  g_autoptr (GPtrArray) modules = choose_modules (making->plan, kernels, all != NULL ? all : releases);
  say_signatures (making, modules);
  making->has_vendor_reset = g_strv_contains ((const char *const *) modules->pdata, VENDOR_RESET);
  const struct pl_image_wishes wishes
      = { .modules = (const char *const *) modules->pdata,
          .drivers = making->drivers != NULL ? (const char *const *) making->drivers->pdata : NULL,
          .is_rebuilt = is_rebuilt,
          .early = making->early };
  plan_image (making, generator, &wishes);
}
