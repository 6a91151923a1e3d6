/* plan.c - see plan.h. */
#include "plan/plan.h"

#include "boot/loader.h"
#include "judge/function.h"
#include "plan/making.h"

#include <string.h>

static void
free_remark (void *data)
{
  struct pl_remark *remark = data;
  g_free (remark->text);
  g_free (remark);
}

void
pl_plan_free (struct pl_plan *plan)
{
  if (plan == NULL)
    return;
  g_ptr_array_unref (plan->devices);
  g_ptr_array_unref (plan->steps);
  g_ptr_array_unref (plan->remarks);
  g_free (plan->after_reboot);
  g_free (plan);
}

bool
pl_plan_is_lent (const struct pl_plan *plan)
{
  for (guint i = 0; i < plan->devices->len; i++)
    if (!pl_judge_is_on_vfio (g_ptr_array_index (plan->devices, i)))
      return false;
  return plan->devices->len > 0;
}

void
pl_making_remark (struct pl_making *making, enum pl_remark_kind kind, const char *format, ...)
{
  va_list arguments;
  struct pl_remark *remark = g_new0 (struct pl_remark, 1);
  va_start (arguments, format);
  remark->kind = kind;
  remark->text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_ptr_array_add (making->plan->remarks, remark);
}

void
pl_making_add_file (struct pl_making *making, const char *path, GBytes *old_content, GBytes *new_content,
                    unsigned mode, const char *why)
{
  struct pl_step *step = pl_step_new (PL_STEP_FILE);
  step->mode = mode;
  step->path = g_strdup (path);
  step->old_content = old_content != NULL ? g_bytes_ref (old_content) : NULL;
  step->new_content = g_bytes_ref (new_content);
  step->why = g_strdup (why);
  g_ptr_array_add (making->plan->steps, step);
}

static void
add_program (struct pl_making *making, const struct pl_program *program, const char *why)
{
  struct pl_step *step = pl_step_new (PL_STEP_PROGRAM);
  step->argv = g_strdupv (program->argv);
  step->writes = g_new0 (char *, program->writes->len + 1);
  for (guint i = 0; i < program->writes->len; i++)
    step->writes[i] = g_strdup (g_ptr_array_index (program->writes, i));
  step->why = g_strdup (why);
  g_ptr_array_add (making->programs, step);
}

void
pl_making_add_edits (struct pl_making *making, const struct pl_edits *edits, const char *file_why,
                     const char *program_why)
{
  if (edits->by_hand != NULL)
    pl_making_remark (making, PL_REMARK_BY_HAND, "%s", edits->by_hand);
  for (guint i = 0; i < edits->files->len; i++) {
    const struct pl_edit *edit = g_ptr_array_index (edits->files, i);
    pl_making_add_file (making, edit->path, edit->old_content, edit->new_content, edit->mode,
                        edit->why != NULL ? edit->why : file_why);
  }
  for (guint i = 0; i < edits->programs->len; i++)
    add_program (making, g_ptr_array_index (edits->programs, i), program_why);
}

/* Whether the images hold a copy of what these parameters are written into: they are made once then, of both.
 */
static bool
are_in_image (const struct pl_making *making, const GPtrArray *parameters)
{
  const char *name;
  const struct pl_boot_evidence *evidence = NULL;
  if (parameters->len == 0 || pl_machine_get_boot_loader (making->machine, &name) != PL_KNOWN
      || pl_machine_get_boot_evidence (making->machine, &evidence) != PL_KNOWN)
    return false;
  struct pl_edits edits;
  g_autoptr (GPtrArray) words = g_ptr_array_copy ((GPtrArray *) parameters, NULL, NULL);
  g_ptr_array_set_free_func (words, NULL);
  g_ptr_array_add (words, NULL);
  pl_edits_init (&edits);
  bool is_done = pl_boot_loader_find (name)->set_parameters (evidence, (const char *const *) words->pdata,
                                                             &edits, NULL);
  bool is_in_image = is_done && edits.is_in_image;
  pl_edits_clear (&edits);
  return is_in_image;
}

const struct pl_distribution *
pl_making_distribution (const struct pl_making *making)
{
  const char *id, *like = NULL;
  if (pl_machine_get_distribution_id (making->machine, &id) != PL_KNOWN)
    return NULL;
  if (pl_machine_get_distribution_like (making->machine, &like) != PL_KNOWN)
    like = NULL;
  return pl_distribution_find (id, like);
}

/* The kernel's parameters, by the loader that booted it. */
static void
set_parameters (struct pl_making *making, GPtrArray *parameters, const char *why)
{
  const char *name;
  g_autofree char *words = NULL;
  if (parameters->len == 0)
    return;
  g_ptr_array_add (parameters, NULL);
  words = g_strjoinv (" ", (char **) parameters->pdata);
  enum pl_state state = pl_machine_get_boot_loader (making->machine, &name);
  const struct pl_boot_loader *loader = state == PL_KNOWN ? pl_boot_loader_find (name) : NULL;
  const struct pl_boot_evidence *evidence = NULL;
  if (loader == NULL || pl_machine_get_boot_evidence (making->machine, &evidence) != PL_KNOWN) {
    pl_making_remark (making, PL_REMARK_BY_HAND,
                      "%s: add to the kernel command line, where your boot loader keeps it: %s",
                      state == PL_ABSENT ? "no boot loader that pcilend knows started this system"
                                         : "which boot loader started this system could not be told",
                      words);
    return;
  }
  struct pl_edits edits;
  g_autoptr (GError) failure = NULL;
  g_autofree char *program_why
      = g_strdup_printf ("%s reads what it starts from the file that this makes", loader->title);
  pl_edits_init (&edits);
  if (loader->set_parameters (evidence, (const char *const *) parameters->pdata, &edits, &failure))
    pl_making_add_edits (making, &edits, why, program_why);
  else
    pl_making_remark (making, PL_REMARK_UNKNOWN, "%s; so %s could not be planned for the kernel command line",
                      failure->message, words);
  pl_edits_clear (&edits);
}

/* The first stage: without the IOMMU there are no groups, and nobody knows yet what goes along. The parameter
 * that turns it on, or NULL: then what a person must do is said. */
static const char *
begin_first_stage (struct pl_making *making)
{
  const char *parameter = pl_judge_iommu_parameter (making->machine);
  making->plan->is_first_stage = true;
  for (guint i = 0; parameter == NULL && i < making->judgement->findings->len; i++) {
    const struct pl_finding *finding = g_ptr_array_index (making->judgement->findings, i);
    if (strcmp (finding->id, "iommu.off") == 0 && finding->remedy != NULL)
      pl_making_remark (making, PL_REMARK_BY_HAND, "%s", finding->remedy);
  }
  return parameter;
}

static void
plan_iommu (struct pl_making *making)
{
  g_autoptr (GPtrArray) parameters = g_ptr_array_new ();
  const char *parameter = begin_first_stage (making);
  if (parameter != NULL)
    g_ptr_array_add (parameters, (char *) parameter);
  bool is_in_image = are_in_image (making, parameters);
  set_parameters (making, parameters, "the IOMMU is off, and the kernel turns it on with this parameter");
  if (is_in_image)
    pl_making_image_again (making);
}

/* The images, and what rests on what they hold. */
static void
plan_image (struct pl_making *making, bool is_rebuilt)
{
  pl_making_image (making, is_rebuilt);
  pl_making_udev (making);
}

static void
plan_lending (struct pl_making *making)
{
  g_autoptr (GPtrArray) parameters = g_ptr_array_new_with_free_func (g_free);
  guint n = making->plan->steps->len;
  making->is_left_to_person = !pl_making_bind (making, parameters);
  if (making->is_left_to_person)
    return;
  bool is_in_image = are_in_image (making, parameters);
  if (!is_in_image)
    plan_image (making, making->plan->steps->len > n);
  set_parameters (making, parameters, "vfio-pci takes its ids from the kernel command line on this machine");
  if (is_in_image)
    plan_image (making, true);
  g_clear_pointer (&making->early, g_bytes_unref);
}

/* A guest runs without it, but so slowly that nobody wants it; no step can switch it on. In a guest it is its
 * host's to give. */
static void
say_firmware (struct pl_making *making)
{
  bool is_guest = false;
  pl_machine_get_is_guest (making->machine, &is_guest);
  for (guint i = 0; !is_guest && i < making->judgement->findings->len; i++) {
    const struct pl_finding *finding = g_ptr_array_index (making->judgement->findings, i);
    if (strcmp (finding->id, "host.virtualization-disabled") == 0)
      pl_making_remark (making, PL_REMARK_FIRMWARE, "%s", finding->remedy);
  }
}

/* About how long the parts take a person: a reboot with logging in again, a program that makes images, and
 * packages, which come through the network. */
#define REBOOT_MINUTES 3
#define PROGRAM_MINUTES 1
#define HOST_MINUTES 3

static void
say_reboot (struct pl_making *making)
{
  struct pl_plan *plan = making->plan;
  g_autofree char *names = pl_machine_join_addresses (making->machine, plan->devices, ", ", " and ");
  bool is_bound = pl_plan_is_lent (plan);
  guint n_boot_steps = plan->steps->len - making->n_host_steps;
  guint n_programs = making->programs->len;
  if (plan->is_first_stage) {
    plan->reboots = 2;
    plan->after_reboot
        = g_strdup ("the kernel starts with the IOMMU on, and shows then which devices go together");
  } else if (!making->is_left_to_person && (n_boot_steps > 0 || n_programs > 0 || !is_bound)) {
    plan->reboots = 1;
    plan->after_reboot = g_strdup_printf ("vfio-pci takes %s before %s own drivers can; see: lspci -nnk",
                                          names, plan->devices->len == 1 ? "its" : "their");
  }
  plan->minutes = plan->reboots * REBOOT_MINUTES + n_programs * PROGRAM_MINUTES
                  + (making->n_host_steps > 0 ? HOST_MINUTES : 0);
}

struct pl_wants
pl_plan_wants (void)
{
  return (struct pl_wants){ .machine = PL_WANT_MACHINE (texts) | PL_WANT_MACHINE (boot_evidence)
                                       | PL_WANT_MACHINE (boot_loader) | PL_WANT_MACHINE (initramfs)
                                       | PL_WANT_MACHINE (kernels) | PL_WANT_MACHINE (vfio_options)
                                       | PL_WANT_MACHINE (signed_modules_only)
                                       | PL_WANT_MACHINE (command_line) | PL_WANT_MACHINE (system_vendor)
                                       | PL_WANT_MACHINE (product_name) | PL_WANT_MACHINE (board_name)
                                       | PL_WANT_MACHINE (architecture) | PL_WANT_MACHINE (distribution_id)
                                       | PL_WANT_MACHINE (distribution_like),
                            .device = PL_WANT (modules) | PL_WANT (driver_module) };
}

static void
plan_steps (struct pl_making *making)
{
  const struct pl_distribution *distribution = pl_making_distribution (making);
  bool is_off = pl_judge_iommu_state (making->machine) == PL_IOMMU_OFF;
  if (distribution != NULL && distribution->is_declared) {
    const char *parameters[] = { is_off ? begin_first_stage (making) : NULL, NULL };
    pl_making_nixos (making, parameters);
    return;
  }
  if (!making->wishes->without_packages)
    pl_making_host (making);
  making->n_host_steps = making->plan->steps->len;
  if (is_off)
    plan_iommu (making);
  else
    plan_lending (making);
}

struct pl_plan *
pl_plan_make (const struct pl_machine *machine, const struct pl_judgement *judgement,
              const struct pl_plan_wishes *wishes)
{
  struct pl_plan *plan = g_new0 (struct pl_plan, 1);
  plan->devices = g_ptr_array_copy (judgement->lent, NULL, NULL);
  plan->steps = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_step_free);
  plan->remarks = g_ptr_array_new_with_free_func (free_remark);
  struct pl_making making = {
    .machine = machine, .judgement = judgement, .wishes = wishes, .plan = plan, .programs = g_ptr_array_new ()
  };
  if (pl_machine_get_texts (machine, &making.texts) != PL_KNOWN)
    making.texts = NULL;
  say_firmware (&making);
  plan_steps (&making);
  say_reboot (&making);
  g_ptr_array_extend_and_steal (plan->steps, making.programs);
  g_clear_pointer (&making.drivers, g_ptr_array_unref);
  return plan;
}
