/* test_plan_report.c - a plan as a person reads it, and as JSON. Plans are made by hand. */
#include "judge_machine.h"
#include "report/plan.h"

#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>

static const struct pl_style plain = { true, false, 80 };

static void
free_remark (void *data)
{
  struct pl_remark *remark = data;
  g_free (remark->text);
  g_free (remark);
}

/* A desk on which the second card is with the host, the judgement of it, and a plan without steps. */
struct fixture {
  struct pl_machine *machine;
  struct pl_judgement *judgement;
  struct pl_plan plan;
};

static void
fixture_init (struct fixture *fixture, enum pl_source source, const char *driver)
{
  fixture->machine = desk_new (source);
  pl_device_set_driver (get (fixture->machine, "09:00.0"), PL_KNOWN, driver);
  pl_device_set_driver (get (fixture->machine, "09:00.1"), PL_KNOWN, driver);
  fixture->judgement = judge (fixture->machine, "09:00.0");
  fixture->plan = (struct pl_plan){ .devices = g_ptr_array_new (),
                                    .steps = g_ptr_array_new_with_free_func ((GDestroyNotify) pl_step_free),
                                    .remarks = g_ptr_array_new_with_free_func (free_remark) };
  g_ptr_array_add (fixture->plan.devices, get (fixture->machine, "09:00.0"));
  g_ptr_array_add (fixture->plan.devices, get (fixture->machine, "09:00.1"));
}

static void
fixture_clear (struct fixture *fixture)
{
  g_ptr_array_unref (fixture->plan.devices);
  g_ptr_array_unref (fixture->plan.steps);
  g_ptr_array_unref (fixture->plan.remarks);
  g_free (fixture->plan.after_reboot);
  pl_judgement_free (fixture->judgement);
  pl_machine_free (fixture->machine);
}

static void
judge_again (struct fixture *fixture)
{
  pl_judgement_free (fixture->judgement);
  fixture->judgement = judge (fixture->machine, "09:00.0");
}

/* @old, @new: NULL: not there. */
static struct pl_step *
add_file (struct fixture *fixture, const char *path, const char *old, const char *new, const char *why)
{
  struct pl_step *step = pl_step_new (PL_STEP_FILE);
  step->path = g_strdup (path);
  step->old_content = old != NULL ? g_bytes_new (old, strlen (old)) : NULL;
  step->new_content = new != NULL ? g_bytes_new (new, strlen (new)) : NULL;
  step->why = g_strdup (why);
  g_ptr_array_add (fixture->plan.steps, step);
  return step;
}

/* Each has a blank between each two words; NULL: none. */
static struct pl_step *
add_program (struct fixture *fixture, const char *argv, const char *undo_argv, const char *writes,
             const char *why)
{
  struct pl_step *step = pl_step_new (PL_STEP_PROGRAM);
  step->argv = argv != NULL ? g_strsplit (argv, " ", -1) : NULL;
  step->undo_argv = undo_argv != NULL ? g_strsplit (undo_argv, " ", -1) : NULL;
  step->writes = writes != NULL ? g_strsplit (writes, " ", -1) : NULL;
  step->why = g_strdup (why);
  g_ptr_array_add (fixture->plan.steps, step);
  return step;
}

static void
add_remark (struct fixture *fixture, enum pl_remark_kind kind, const char *text)
{
  struct pl_remark *remark = g_new0 (struct pl_remark, 1);
  remark->kind = kind;
  remark->text = g_strdup (text);
  g_ptr_array_add (fixture->plan.remarks, remark);
}

/* @style: NULL: as JSON. Free with free(). */
static char *
report (const struct fixture *fixture, const struct pl_style *style)
{
  char *text = NULL;
  size_t size;
  FILE *stream = open_memstream (&text, &size);
  if (style != NULL)
    pl_report_plan (stream, fixture->machine, fixture->judgement, &fixture->plan, style);
  else
    pl_report_plan_json (stream, fixture->machine, fixture->judgement, &fixture->plan);
  fclose (stream);
  g_assert_cmpuint (strlen (text), ==, size);
  return text;
}

static struct json_object *
report_json (const struct fixture *fixture)
{
  char *text = report (fixture, NULL);
  for (const char *at = text; *at != '\0'; at++)
    g_assert_true ((guint8) *at >= ' ' || *at == '\n');
  struct json_object *object = json_tokener_parse (text);
  g_assert_nonnull (object);
  free (text);
  return object;
}

static void
demand_report (const struct fixture *fixture, const struct pl_style *style, const char *wanted)
{
  char *text = report (fixture, style);
  g_assert_cmpstr (text, ==, wanted);
  free (text);
}

static void
look_for (const struct fixture *fixture, const char *part, bool is_wanted)
{
  char *text = report (fixture, &plain);
  if ((strstr (text, part) != NULL) != is_wanted)
    g_error ("\"%s\" is%s in:\n%s", part, is_wanted ? " not" : "", text);
  free (text);
}
#define demand_part(fixture, part) look_for (fixture, part, true)
#define demand_no_part(fixture, part) look_for (fixture, part, false)

/* The value at "steps/0/path" as it stands there. Free with g_free(). */
static char *
json_at (struct json_object *object, const char *place)
{
  g_auto (GStrv) keys = g_strsplit (place, "/", -1);
  for (char **key = keys; *key != NULL; key++)
    if (json_object_is_type (object, json_type_array))
      object = json_object_array_get_idx (object, (size_t) strtoul (*key, NULL, 10));
    else if (!json_object_object_get_ex (object, *key, &object))
      return g_strdup ("not there");
  return g_strdup (
      json_object_to_json_string_ext (object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
}

static void
demand_json (struct json_object *object, const char *place, const char *wanted)
{
  g_autofree char *value = json_at (object, place);
  if (strcmp (value, wanted) != 0)
    g_error ("%s is %s, not %s", place, value, wanted);
}

/* The guide's plan, nearly. */
static void
add_guide (struct fixture *fixture)
{
  add_file (
      fixture, "etc/modprobe.d/vfio.conf", NULL, "options vfio-pci ids=1002:73df,1002:ab28\n",
      "vfio-pci takes 09:00.0 and 09:00.1 by their ids, and is loaded before amdgpu, snd_hda_intel can");
  add_file (fixture, "etc/mkinitcpio.conf", "# early\nMODULES=()\nHOOKS=(base)\n",
            "# early\nMODULES=(vfio_pci vfio)\nHOOKS=(base)\n", "the image of each kernel gets vfio-pci");
  add_program (fixture, "/usr/bin/mkinitcpio -P", NULL,
               "boot/initramfs-linux.img boot/initramfs-linux-fallback.img",
               "the images hold copies of the files above");
  fixture->plan.reboots = 1;
  fixture->plan.minutes = 5;
  fixture->plan.after_reboot = g_strdup ("vfio-pci takes 09:00.0 and 09:00.1 before their own drivers can");
}

static void
test_guide (void)
{
  struct fixture fixture;
  fixture_init (&fixture, PL_SOURCE_LIVE, "amdgpu");
  pl_device_set_reset_methods (get (fixture.machine, "09:00.0"), PL_KNOWN, words (fixture.machine, ""));
  judge_again (&fixture);
  add_guide (&fixture);
  add_remark (&fixture, PL_REMARK_NOTE,
              "the kernel 5.10 has no vfio-pci: started with it, the devices stay with the host");
  add_remark (&fixture, PL_REMARK_BY_HAND,
              "write to /etc/modprobe.d/own.conf:\nsoftdep amdgpu pre: vfio-pci");
  add_remark (&fixture, PL_REMARK_UNKNOWN,
              "/etc/modprobe.d/secret.conf could not be read (denied), and what it says may stand "
              "against the plan");
  demand_report (&fixture, &plain,
                 "Plan to lend 09:00.0 and 09:00.1: 3 steps, 1 reboot, about 5 minutes\n"
                 "  09:00.0 Class [0300]: Device [1002:73df]\n"
                 "  09:00.1 Class [0403]: Device [1002:ab28]\n\n"
                 "Worth knowing before\n"
                 "  the kernel has no way to reset 09:00.0 alone [device.no-reset]\n"
                 "  pcilend check 09:00.0 says more\n\n"
                 "1. create /etc/modprobe.d/vfio.conf\n"
                 "   vfio-pci takes 09:00.0 and 09:00.1 by their ids, and is loaded before amdgpu,\n"
                 "   snd_hda_intel can\n"
                 "--- /dev/null\n"
                 "+++ /etc/modprobe.d/vfio.conf\n"
                 "@@ -0,0 +1 @@\n"
                 "+options vfio-pci ids=1002:73df,1002:ab28\n\n"
                 "2. change /etc/mkinitcpio.conf\n"
                 "   the image of each kernel gets vfio-pci\n"
                 "--- /etc/mkinitcpio.conf\n"
                 "+++ /etc/mkinitcpio.conf\n"
                 "@@ -1,3 +1,3 @@\n"
                 " # early\n"
                 "-MODULES=()\n"
                 "+MODULES=(vfio_pci vfio)\n"
                 " HOOKS=(base)\n\n"
                 "3. run mkinitcpio -P\n"
                 "   the images hold copies of the files above\n"
                 "   writes /boot/initramfs-linux.img, /boot/initramfs-linux-fallback.img\n\n"
                 "To do by hand\n"
                 "  write to /etc/modprobe.d/own.conf:\n"
                 "    softdep amdgpu pre: vfio-pci\n\n"
                 "Not known\n"
                 "  /etc/modprobe.d/secret.conf could not be read (denied), and what it says may\n"
                 "    stand against the plan\n\n"
                 "Notes\n"
                 "  the kernel 5.10 has no vfio-pci: started with it, the devices stay with the\n"
                 "    host\n\n"
                 "The reboot\n"
                 "  vfio-pci takes 09:00.0 and 09:00.1 before their own drivers can\n\n"
                 "To come back\n"
                 "  pcilend undo\n"
                 "  If the machine does not boot: sh /var/lib/pcilend/NUMBER/undo.sh in a rescue\n"
                 "    shell; apply prints the number\n");
  fixture_clear (&fixture);
}

static void
test_color (void)
{
  static const struct pl_style colored = { true, true, 80 };
  struct fixture fixture;
  fixture_init (&fixture, PL_SOURCE_LIVE, "amdgpu");
  add_file (&fixture, "etc/a", "1\n", "2\n", "a reason");
  fixture.plan.reboots = 2;
  demand_report (&fixture, &colored,
                 "\033[1mPlan to lend 09:00.0 and 09:00.1: 1 step, 2 reboots\n\033[0m"
                 "  09:00.0 Class [0300]: Device [1002:73df]\n"
                 "  09:00.1 Class [0403]: Device [1002:ab28]\n\n"
                 "\033[1m1. change /etc/a\n\033[0m"
                 "   a reason\n"
                 "\033[1m--- /etc/a\033[0m\n"
                 "\033[1m+++ /etc/a\033[0m\n"
                 "\033[36m@@ -1 +1 @@\033[0m\n"
                 "\033[31m-1\033[0m\n"
                 "\033[32m+2\033[0m\n\n"
                 "\033[1mTo come back\033[0m\n"
                 "  pcilend undo\n"
                 "  If the machine does not boot: sh /var/lib/pcilend/NUMBER/undo.sh in a rescue\n"
                 "    shell; apply prints the number\n");
  fixture_clear (&fixture);
}

/* What each kind of step is called, and what is told of a program. */
static void
test_steps (void)
{
  static const struct {
    enum pl_step_kind kind;
    enum pl_when when;
    const char *thing, *old,
        *new; /* a path with its contents, or a program with its undoing and what it writes */
    const char *part;
  } rows[] = {
    { PL_STEP_FILE, PL_WHEN_NOW, "etc/a", "1\n", "2\n", "\n1. change /etc/a\n" },
    { PL_STEP_FILE, PL_WHEN_NOW, "etc/a", NULL, "2\n", "\n1. create /etc/a\n" },
    { PL_STEP_FILE, PL_WHEN_NOW, "etc/a", "1\n", NULL, "\n1. remove /etc/a\n" },
    { PL_STEP_FILE, PL_WHEN_TRIAL, "etc/a", "1\n", "2\n", "\n1. change /etc/a (for the trial boot)\n" },
    { PL_STEP_FILE, PL_WHEN_CONFIRMED, "etc/a", "1\n", "2\n",
      " /etc/a (when the trial has been confirmed)\n" },
    { PL_STEP_SYSFS, PL_WHEN_NOW, "sys/a/b", NULL, "0000:09:00.0\n", "\n1. write /sys/a/b\n" },
    { PL_STEP_EFIVAR, PL_WHEN_NOW, "sys/firmware/efi/a", NULL, "x", "\n1. create /sys/firmware/efi/a\n" },
    { PL_STEP_PROGRAM, PL_WHEN_NOW, "/usr/sbin/update-initramfs -u -k all", NULL, NULL,
      "\n1. run update-initramfs -u -k all\n   why\n\nTo come back" },
    { PL_STEP_PROGRAM, PL_WHEN_NOW, "/opt/bin/make -P", NULL, "", "\n1. run /opt/bin/make -P\n   why\n\nTo" },
    { PL_STEP_PROGRAM, PL_WHEN_NOW, "/usr/bin/a x'y\033 a=b $z", NULL, NULL,
      "\n1. run a 'x'\\''y\\x1b' a=b '$z'\n" },
    { PL_STEP_PROGRAM, PL_WHEN_TRIAL, "/bin/a", "/bin/b --undo", "boot/a boot/b",
      "\n1. run a (for the trial boot)\n   why\n   writes /boot/a, /boot/b\n   to undo it: b --undo\n" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    struct fixture fixture;
    fixture_init (&fixture, PL_SOURCE_LIVE, "amdgpu");
    struct pl_step *step = rows[i].kind == PL_STEP_PROGRAM
                               ? add_program (&fixture, rows[i].thing, rows[i].old, rows[i].new, "why")
                               : add_file (&fixture, rows[i].thing, rows[i].old, rows[i].new, "why");
    step->kind = rows[i].kind;
    step->when = rows[i].when;
    demand_part (&fixture, rows[i].part);
    fixture_clear (&fixture);
  }
}

static void
test_nothing_left (void)
{
  static const struct {
    const char *driver, *after_reboot;
    int remark; /* -1: none */
    const char *part, *no_part;
  } rows[] = {
    { "vfio-pci", NULL, -1, "Nothing is left to change: 09:00.0 and 09:00.1 are on vfio-pci already\n",
      "To come back" },
    { "amdgpu", "vfio-pci takes them", -1,
      "Nothing is left to change: only the reboot is missing\n  09:00.0 Class [0300]: Device [1002:73df]\n"
      "  09:00.1 Class [0403]: Device [1002:ab28]\n\nThe reboot\n  vfio-pci takes them\n",
      "To come back" },
    { "amdgpu", NULL, -1,
      "Nothing is left to change: every file is as it has to be to lend 09:00.0 and\n  09:00.1\n",
      "The reboot" },
    { "vfio-pci", NULL, PL_REMARK_NOTE, "Nothing is left to change: ", "To do by hand" },
    { "vfio-pci", NULL, PL_REMARK_BY_HAND,
      "Plan to lend 09:00.0 and 09:00.1: no step, no reboot\n  09:00.0 Class [0300]: Device [1002:73df]\n"
      "  09:00.1 Class [0403]: Device [1002:ab28]\n\nTo do by hand\n  a remark\n",
      "Nothing is left" },
    { "vfio-pci", NULL, PL_REMARK_UNKNOWN, "\nNot known\n  a remark\n", "Nothing is left" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    struct fixture fixture;
    fixture_init (&fixture, PL_SOURCE_LIVE, rows[i].driver);
    fixture.plan.after_reboot = g_strdup (rows[i].after_reboot);
    if (rows[i].remark >= 0)
      add_remark (&fixture, rows[i].remark, "a remark");
    demand_part (&fixture, rows[i].part);
    demand_no_part (&fixture, rows[i].no_part);
    fixture_clear (&fixture);
  }
}

/* One function alone, and one of them not yet on vfio-pci. */
static void
test_one_device (void)
{
  struct fixture fixture;
  fixture_init (&fixture, PL_SOURCE_LIVE, "vfio-pci");
  g_ptr_array_remove_index (fixture.plan.devices, 1);
  demand_part (&fixture, "Nothing is left to change: 09:00.0 is on vfio-pci already\n");
  g_ptr_array_add (fixture.plan.devices, get (fixture.machine, "0b:00.3"));
  demand_part (&fixture, "Nothing is left to change: every file is as it has to be to lend 09:00.0 and\n");
  g_ptr_array_insert (fixture.plan.devices, 0, get (fixture.machine, "01:00.0"));
  add_remark (&fixture, PL_REMARK_BY_HAND, "a remark");
  demand_part (&fixture, "Plan to lend 01:00.0, 09:00.0 and 0b:00.3: ");
  fixture_clear (&fixture);
}

/* The calls that a person is given, and that which comes behind a first stage. */
static void
test_sources (void)
{
  static const struct {
    enum pl_source source;
    const char *check, *undo, *plan;
  } rows[] = {
    { PL_SOURCE_LIVE, "\n  pcilend check 09:00.0 says more\n", "\n  pcilend undo\n",
      "\nThe IOMMU is off: this plan turns it on. What comes then is planned after the\n"
      "  reboot: pcilend plan 09:00.0\n\n1. create" },
    { PL_SOURCE_TREE, "\n  pcilend --root 'a test' check 09:00.0 says more\n",
      "\n  pcilend --root 'a test' undo\n", "  reboot: pcilend --root 'a test' plan 09:00.0\n" },
    { PL_SOURCE_RECORDING, "\n  pcilend --machine 'a test' check 09:00.0 says more\n", "\n  pcilend undo\n",
      "  reboot, from a new recording: pcilend --machine 'a test' plan 09:00.0\n" },
    { PL_SOURCE_TEXT, "\n  pcilend --machine 'a test' check 09:00.0 says more\n", "\n  pcilend undo\n",
      "  reboot, from a new text: pcilend --machine 'a test' plan 09:00.0\n" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    struct fixture fixture;
    fixture_init (&fixture, rows[i].source, "amdgpu");
    pl_device_set_reset_methods (get (fixture.machine, "09:00.0"), PL_KNOWN, words (fixture.machine, ""));
    judge_again (&fixture);
    add_guide (&fixture);
    demand_part (&fixture, rows[i].check);
    demand_part (&fixture, rows[i].undo);
    demand_no_part (&fixture, "The IOMMU is off");
    fixture.plan.is_first_stage = true;
    demand_part (&fixture, rows[i].plan);
    g_ptr_array_set_size (fixture.plan.steps, 0);
    demand_part (&fixture, "\nThe IOMMU is off: all is written that turns it on");
    demand_no_part (&fixture, "Nothing is left");
    fixture_clear (&fixture);
  }
}

/* A finding of the test's own, first of its severity. */
static struct pl_finding *
add_finding (struct fixture *fixture, enum pl_severity severity, const char *device, const char *text)
{
  struct pl_finding *finding = g_new0 (struct pl_finding, 1);
  guint place = 0;
  GPtrArray *findings = fixture->judgement->findings;
  while (place < findings->len
         && ((const struct pl_finding *) g_ptr_array_index (findings, place))->severity < severity)
    place++;
  finding->id = "device.test";
  finding->severity = severity;
  finding->device = device[0] != '\0' ? get (fixture->machine, device) : NULL;
  finding->text = g_strdup (text);
  finding->evidence = g_array_new (FALSE, FALSE, sizeof (struct pl_evidence));
  g_ptr_array_insert (findings, (gint) place, finding);
  return finding;
}

static void
test_findings (void)
{
#define LONG "is told in a sentence that is much longer than what fits in here, and goes on"
  static const struct {
    enum pl_severity severity;
    const char *device, *text;
    bool is_step, has_step;
    const char *part; /* NULL: it is not said */
  } rows[] = {
    { PL_WARNING, "09:00.1", "it is odd", false, true,
      "\nWorth knowing before\n  09:00.1: it is odd [device.test]\n" },
    { PL_WARNING, "09:00.1", "09:00.1 is odd", false, true,
      "\nWorth knowing before\n  09:00.1 is odd [device.test]\n" },
    { PL_WARNING, "", "all is odd", false, true, "\nWorth knowing before\n  all is odd [device.test]\n" },
    { PL_WARNING, "", "all is odd", false, false, NULL },
    { PL_WARNING, "04:00.0", "it is odd", false, true, NULL },
    { PL_NOTE, "09:00.0", "it is odd", false, true, NULL },
    { PL_UNSURE, "09:00.0", "09:00.0 may be", false, false,
      "\nNot decided\n  09:00.0 may be [device.test]\n" },
    { PL_BLOCKER, "09:00.0", "09:00.0 is held", false, false,
      "\nIn the way\n  09:00.0 is held [device.test]\n" },
    { PL_BLOCKER, "09:00.0", "09:00.0 is held", true, true, NULL },
    { PL_WARNING, "", "this " LONG ": that is it", false, true,
      "\n  this is told in a sentence that is much longer than what fits in here, and\n"
      "    goes on: that is it [device.test]\n" },
    { PL_WARNING, "", "this " LONG "; this is kept: it fits; " LONG, false, true,
      "\n  this is told in a sentence that is much longer than what fits in here, and\n"
      "    goes on; this is kept: it fits [device.test]\n" },
    { PL_WARNING, "", "this is odd: " LONG " and " LONG, false, true, "\n  this is odd [device.test]\n" },
    { PL_WARNING, "", LONG " and " LONG, false, true, "\n    goes on [device.test]\n" },
    { PL_WARNING, "", "odd\033[2J", false, true, "\n  odd\\x1b[2J [device.test]\n" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    struct fixture fixture;
    fixture_init (&fixture, PL_SOURCE_LIVE, rows[i].has_step ? "amdgpu" : "vfio-pci");
    if (rows[i].has_step)
      add_file (&fixture, "etc/a", "1\n", "2\n", "why");
    add_finding (&fixture, rows[i].severity, rows[i].device, rows[i].text)->is_step = rows[i].is_step;
    if (rows[i].part != NULL) {
      demand_part (&fixture, rows[i].part);
      demand_part (&fixture, "[device.test]\n  pcilend check 09:00.0 says more\n");
    } else {
      demand_no_part (&fixture, "device.test");
      demand_no_part (&fixture, "says more");
    }
    fixture_clear (&fixture);
  }
}

/* No line is longer than the width but those of a diff and single words, and none commands a terminal. */
static void
demand_safe (const struct fixture *fixture, const struct pl_style *style)
{
  char *text = report (fixture, style);
  bool is_in_diff = false;
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (char **line = lines; *line != NULL; line++) {
    for (const char *at = *line; *at != '\0'; at++)
      g_assert_true (((guint8) *at >= ' ' || *at == '\t') && *at != 0x7f
                     && (style->is_utf8 || (guint8) *at < 0x80));
    is_in_diff = **line != '\0' && (is_in_diff || g_str_has_prefix (*line, "--- "));
    if (!is_in_diff && strlen (*line) > style->width)
      g_assert_null (strchr (g_strchug (*line), ' '));
  }
  free (text);
}

static void
test_hostile (void)
{
  struct fixture fixture;
  g_autofree char *long_word = g_strnfill (300, 'x');
  g_autofree char *long_why
      = g_strjoin (" and ", "odd\033]0;x\a", "words", long_word, "of some \302\233 length \377", NULL);
  fixture_init (&fixture, PL_SOURCE_RECORDING, "amdgpu");
  add_file (&fixture, "etc/a\n2. run rm\033[2J", "a\n", "b\033[2J\n", long_why);
  add_file (&fixture, "etc/b", "a\n", "\377\n", "an invalid byte");
  struct pl_step *step
      = add_program (&fixture, "/bin/a\n3. \342\200\256", "/bin/b\033", "boot/\033x\n4. y", "\033");
  step = add_file (&fixture, "etc/c", NULL, "x", "a NUL");
  g_bytes_unref (step->new_content);
  step->new_content = g_bytes_new ("a\0b\033", 4);
  add_file (&fixture, "etc/d", "a\r\n", long_word, "a long line");
  add_remark (&fixture, PL_REMARK_BY_HAND, long_why);
  add_remark (&fixture, PL_REMARK_UNKNOWN, long_why);
  add_remark (&fixture, PL_REMARK_NOTE, long_why);
  fixture.plan.after_reboot = g_strdup (long_why);
  add_finding (&fixture, PL_WARNING, "09:00.0", long_why);
  for (guint width = 40; width <= 100; width += 20) {
    demand_safe (&fixture, &(struct pl_style){ true, false, width });
    demand_safe (&fixture, &(struct pl_style){ false, false, width });
  }
  demand_part (&fixture, "\n1. change /etc/a\\x0a2. run rm\\x1b[2J\n");
  demand_part (&fixture, "\n+b\\x1b[2J\n");
  demand_part (&fixture, "\n+\\xff\n");
  demand_part (&fixture, "\n3. run 'a\\x0a3.' '\\xe2\\x80\\xae'\n");
  demand_part (&fixture, "\n   writes /boot/\\x1bx\\x0a4., /y\n");
  demand_part (&fixture, "\n   to undo it: 'b\\x1b'\n");
  demand_part (&fixture, "\n(not there before, 4 bytes after)\n");
  demand_part (&fixture, "\n-a\\x0d\n+xxx");
  demand_no_part (&fixture, "\n2. run");
  demand_no_part (&fixture, "\n4. y");
  fixture_clear (&fixture);
}

/* On a machine with several PCI domains all addresses are whole. */
static void
test_domain (void)
{
  struct fixture fixture;
  fixture_init (&fixture, PL_SOURCE_LIVE, "amdgpu");
  add (fixture.machine, "10000:01:00.0", 0x0108, 0x8086, 0x0a54, "nvme", 30);
  finish (fixture.machine);
  judge_again (&fixture);
  g_ptr_array_set_size (fixture.plan.devices, 0);
  g_ptr_array_add (fixture.plan.devices, get (fixture.machine, "09:00.0"));
  add_guide (&fixture);
  add_finding (&fixture, PL_WARNING, "", "all is odd");
  demand_part (&fixture, "Plan to lend 0000:09:00.0: 3 steps");
  demand_part (&fixture, "\n  0000:09:00.0 Class [0300]: Device [1002:73df]\n");
  demand_part (&fixture, "\n  pcilend check 0000:09:00.0 says more\n");
  fixture_clear (&fixture);
}

static void
test_json (void)
{
  struct fixture fixture;
  fixture_init (&fixture, PL_SOURCE_LIVE, "amdgpu");
  pl_machine_set_system_vendor (fixture.machine, PL_KNOWN, "ASUS \377");
  pl_machine_set_product_name (fixture.machine, PL_ABSENT, NULL);
  pl_machine_set_board_name (fixture.machine, PL_KNOWN, "TUF B450-PLUS GAMING");
  pl_device_set_subsystem_vendor (get (fixture.machine, "09:00.1"), PL_UNREAD, 0);
  pl_device_set_subsystem_device (get (fixture.machine, "09:00.1"), PL_DENIED, 0);
  add_guide (&fixture);
  add_file (&fixture, "etc/c", "a\377", NULL, "not UTF-8")->when = PL_WHEN_CONFIRMED;
  add_file (&fixture, "etc/d", "", "\033\177\342\200\256", "odd text");
  add_program (&fixture, "/bin/a b", "/bin/b", "", "no files");
  struct pl_step *step = add_file (&fixture, "etc/e", "", NULL, "a NUL");
  step->new_content = g_bytes_new ("a\0b\n", 4);
  add_remark (&fixture, PL_REMARK_UNKNOWN, "one");
  add_remark (&fixture, PL_REMARK_BY_HAND, "two\nthree");
  add_remark (&fixture, PL_REMARK_NOTE, "four");
  struct json_object *object = report_json (&fixture);
  static const struct {
    const char *place, *value;
  } rows[] = {
    { "pcilend/format", "1" },
    { "devices", "[\"0000:09:00.0\",\"0000:09:00.1\"]" },
    { "reboots", "1" },
    { "minutes", "5" },
    { "steps/0",
      "{\"kind\":\"file\",\"path\":\"/etc/modprobe.d/vfio.conf\",\"old\":null,"
      "\"new\":\"options vfio-pci ids=1002:73df,1002:ab28\\n\",\"mode\":null,\"argv\":null,"
      "\"why\":\"vfio-pci takes 09:00.0 and 09:00.1 by their ids, and is loaded before amdgpu, "
      "snd_hda_intel can\",\"when\":\"now\",\"undo_argv\":null,\"leave\":\"nothing\",\"writes\":null}" },
    { "steps/1/old", "\"# early\\nMODULES=()\\nHOOKS=(base)\\n\"" },
    { "steps/2", "{\"kind\":\"program\",\"path\":null,\"old\":null,\"new\":null,"
                 "\"mode\":null,\"argv\":[\"/usr/bin/mkinitcpio\",\"-P\"],\"why\":\"the images hold copies "
                 "of the files above\","
                 "\"when\":\"now\",\"undo_argv\":null,\"leave\":\"nothing\","
                 "\"writes\":[\"/boot/initramfs-linux.img\",\"/boot/initramfs-linux-fallback.img\"]}" },
    { "steps/3", "{\"kind\":\"file\",\"path\":\"/etc/"
                 "c\",\"old_base64\":\"Yf8=\",\"new\":null,\"mode\":null,\"argv\":null,"
                 "\"why\":\"not "
                 "UTF-8\",\"when\":\"confirmed\",\"undo_argv\":null,\"leave\":\"nothing\",\"writes\":null}" },
    { "steps/4/old", "\"\"" },
    { "steps/4/new", "\"\\u001b\177\342\200\256\"" },
    { "steps/5/undo_argv", "[\"/bin/b\"]" },
    { "steps/5/writes", "null" },
    { "steps/6/new_base64", "\"YQBiCg==\"" },
    { "steps/6/new", "not there" },
    { "steps/6/old_base64", "not there" },
    { "goal",
      "{\"devices\":[{\"address\":\"0000:09:00.0\",\"vendor\":\"1002\",\"device\":\"73df\","
      "\"subsystem_vendor\":\"1043\",\"subsystem_device\":\"1000\"},"
      "{\"address\":\"0000:09:00.1\",\"vendor\":\"1002\",\"device\":\"ab28\"}],"
      "\"board\":{\"system_vendor\":\"ASUS \357\277\275\",\"board_name\":\"TUF B450-PLUS GAMING\"}}" },
    { "remarks", "[{\"kind\":\"unknown\",\"text\":\"one\"},{\"kind\":\"by-hand\",\"text\":\"two\\nthree\"},"
                 "{\"kind\":\"note\",\"text\":\"four\"}]" },
    { "first_stage", "false" },
    { "after_reboot", "\"vfio-pci takes 09:00.0 and 09:00.1 before their own drivers can\"" },
    { "verdict", "\"prepare\"" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    demand_json (object, rows[i].place, rows[i].value);
  g_assert_cmpint (json_object_object_length (object), ==, 10);
  json_object_put (object);
  fixture_clear (&fixture);
}

static void
test_json_empty (void)
{
  struct fixture fixture;
  fixture_init (&fixture, PL_SOURCE_LIVE, "vfio-pci");
  fixture.plan.is_first_stage = true;
  struct json_object *object = report_json (&fixture);
  demand_json (object, "steps", "[]");
  demand_json (object, "remarks", "[]");
  demand_json (object, "goal/board", "{}");
  demand_json (object, "first_stage", "true");
  demand_json (object, "after_reboot", "null");
  demand_json (object, "verdict", "\"ready\"");
  json_object_put (object);
  fixture_clear (&fixture);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/plan-report/guide", test_guide);
  g_test_add_func ("/plan-report/color", test_color);
  g_test_add_func ("/plan-report/steps", test_steps);
  g_test_add_func ("/plan-report/nothing-left", test_nothing_left);
  g_test_add_func ("/plan-report/one-device", test_one_device);
  g_test_add_func ("/plan-report/sources", test_sources);
  g_test_add_func ("/plan-report/findings", test_findings);
  g_test_add_func ("/plan-report/hostile", test_hostile);
  g_test_add_func ("/plan-report/domain", test_domain);
  g_test_add_func ("/plan-report/json", test_json);
  g_test_add_func ("/plan-report/json-empty", test_json_empty);
  return g_test_run ();
}
