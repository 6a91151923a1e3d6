/* missing.c - see missing.h. */
#include "judge/missing.h"

#include "judge/remedy.h"

#include <string.h>

/* The files that are named as evidence; of more nobody reads. */
#define MOST_EVIDENCE 64

/* A fact that is not known, and where it would stand. */
struct gap {
  const char *name;
  const struct pl_device *device; /* NULL: the machine's or a group's */
  char *path;
  guint line;
  enum pl_state state;
};

static void
clear_gap (void *data)
{
  struct gap *gap = data;
  g_free (gap->path);
}

static GArray *
new_gaps (void)
{
  GArray *gaps = g_array_new (FALSE, FALSE, sizeof (struct gap));
  g_array_set_clear_func (gaps, clear_gap);
  return gaps;
}

/* Each of these adds what is missing; @gaps may be NULL where nobody asks where it would stand. */
static void
add_device_gaps (const struct pl_case *judged, const struct pl_device *device, guint64 wants, GArray *gaps,
                 struct pl_missing *missing)
{
  for (guint fact = 0; fact < PL_N_DEVICE_FACTS && wants >> fact != 0; fact++) {
    enum pl_state state = pl_device_state (device, fact);
    if ((wants >> fact & 1) == 0 || !pl_is_missing (state))
      continue;
    missing->device |= G_GUINT64_CONSTANT (1) << fact;
    if (gaps == NULL)
      continue;
    struct gap gap = { .name = pl_device_facts[fact].name, .device = device, .state = state };
    gap.path = pl_device_evidence (judged->machine, device, fact, &gap.line);
    g_array_append_val (gaps, gap);
  }
}

static void
add_machine_gaps (const struct pl_case *judged, guint64 wants, GArray *gaps, struct pl_missing *missing)
{
  for (guint fact = 0; fact < PL_N_MACHINE_FACTS && wants >> fact != 0; fact++) {
    enum pl_state state = pl_machine_state (judged->machine, fact);
    if ((wants >> fact & 1) == 0 || !pl_is_missing (state))
      continue;
    missing->machine |= G_GUINT64_CONSTANT (1) << fact;
    if (gaps == NULL)
      continue;
    struct gap gap = { .name = pl_machine_facts[fact].name, .state = state };
    gap.path = pl_machine_evidence (judged->machine, fact, &gap.line);
    g_array_append_val (gaps, gap);
  }
}

static const struct {
  enum pl_group_fact fact;
  const char *name;
  const char *file;
} group_facts[] = {
  { PL_GROUP_MEMBERS, "group_members", "devices" },
  { PL_GROUP_REGIONS, "group_reserved_regions", "reserved_regions" },
  { PL_GROUP_TYPE, "group_type", "type" },
};

static void
add_group_gaps (const struct pl_case *judged, GArray *gaps, struct pl_missing *missing)
{
  gint32 id;
  if (judged->rule->group_wants == 0 || pl_device_get_group (judged->device, &id) != PL_KNOWN)
    return;
  const struct pl_group *group = pl_machine_group (judged->machine, id);
  for (guint i = 0; i < G_N_ELEMENTS (group_facts); i++) {
    if ((judged->rule->group_wants & group_facts[i].fact) == 0)
      continue;
    enum pl_state state = PL_UNREAD;
    if (group != NULL)
      state = group_facts[i].fact == PL_GROUP_MEMBERS   ? group->members_state
              : group_facts[i].fact == PL_GROUP_REGIONS ? group->regions_state
                                                        : group->type_state;
    if (!pl_is_missing (state))
      continue;
    missing->group |= group_facts[i].fact;
    if (gaps == NULL)
      continue;
    struct gap gap = { .name = group_facts[i].name,
                       .state = state,
                       .path = g_strdup_printf ("/sys/kernel/iommu_groups/%d/%s", id, group_facts[i].file) };
    g_array_append_val (gaps, gap);
  }
}

static void
add_member_gaps (const struct pl_case *judged, guint64 wants, GArray *gaps, struct pl_missing *missing)
{
  const struct pl_group_view *view = wants != 0 ? pl_groups_view_of (judged->groups, judged->device) : NULL;
  for (guint i = 0; view != NULL && i < view->members->len; i++) {
    const struct pl_device *member = g_ptr_array_index (view->members, i);
    if (member != judged->device)
      add_device_gaps (judged, member, wants, gaps, missing);
  }
}

static const char *
state_words (enum pl_state state)
{
  return state == PL_UNREAD   ? "was not read"
         : state == PL_DENIED ? "may not be read"
                              : "gave an answer without sense";
}

#define MOST_GAPS 4

/* "driver, class of 02:00.1 (/sys/bus/pci/devices/0000:02:00.1/uevent) may not be read" for each file. */
static const char *
describe_gaps (const struct pl_case *judged, const GArray *gaps)
{
  bool is_text = judged->machine->source == PL_SOURCE_TEXT;
  g_autoptr (GString) text = g_string_new (is_text ? "the text does not tell: " : NULL);
  guint n = 0;
  for (guint i = 0; i < gaps->len; n++) {
    const struct gap *gap = &g_array_index (gaps, struct gap, i);
    if (n < MOST_GAPS) {
      g_string_append_printf (text, "%s%s", n > 0 ? "; " : "", gap->name);
      guint next = i + 1;
      for (; next < gaps->len; next++) {
        const struct gap *other = &g_array_index (gaps, struct gap, next);
        if (g_strcmp0 (other->path, gap->path) != 0 || other->state != gap->state
            || other->device != gap->device)
          break;
        g_string_append_printf (text, ", %s", other->name);
      }
      if (gap->device != NULL)
        g_string_append_printf (text, " of %s", pl_case_address (judged, gap->device));
      if (!is_text)
        g_string_append_printf (text, " (%s) %s", gap->path, state_words (gap->state));
      i = next;
    } else {
      g_string_append_printf (text, "; and %u more", gaps->len - i);
      break;
    }
  }
  return g_string_chunk_insert_const (judged->words, text->str);
}

static bool
has_state (const GArray *gaps, enum pl_state state)
{
  for (guint i = 0; i < gaps->len; i++)
    if (g_array_index (gaps, struct gap, i).state == state)
      return true;
  return false;
}

static void
set_remedy (const struct pl_case *judged, struct pl_finding *finding, const GArray *gaps)
{
  const struct pl_machine *machine = judged->machine;
  bool is_denied = has_state (gaps, PL_DENIED);
  if (machine->source == PL_SOURCE_TEXT)
    pl_finding_set_remedy (
        finding, "add to the text what these print: find /sys/kernel/iommu_groups -type l; lspci -nnk");
  else if (is_denied && machine->is_privileged)
    pl_finding_set_remedy (
        finding, "%s",
        machine->source == PL_SOURCE_RECORDING
            ? "when it was recorded, even root might not read it: record it again on the host "
              "itself, outside of any container"
            : "even root may not read it here: run pcilend on the host itself, outside of any "
              "container");
  else if (machine->source == PL_SOURCE_RECORDING && (is_denied || has_state (gaps, PL_UNREAD)))
    pl_finding_set_remedy (finding, "record that machine again%s: sudo pcilend record FILE",
                           machine->is_privileged ? ", on the host itself" : " as root");
  else if (is_denied)
    pl_finding_set_remedy (finding, "%s", pl_remedy_as_root (judged, judged->device));
  else if (has_state (gaps, PL_UNREAD))
    pl_finding_set_remedy (
        finding, "%s",
        machine->source == PL_SOURCE_TREE
            ? "a mounted system does not hold it: boot it and run there: sudo pcilend check"
            : "run it again as root, on the host itself: sudo pcilend check");
  else
    pl_finding_set_remedy (finding, "look at what the kernel says there: cat %s",
                           g_array_index (gaps, struct gap, 0).path);
}

static void
add_unsure (struct pl_case *judged, guint first, const GArray *gaps)
{
  struct pl_finding *finding = NULL;
  for (guint i = first; i < judged->findings->len; i++) {
    struct pl_finding *made = g_ptr_array_index (judged->findings, i);
    if (made->severity == PL_UNSURE && made->device == judged->device)
      finding = made; /* the rule said it itself; only what it rests on is added */
  }
  if (finding == NULL) {
    finding = pl_case_add (judged, PL_UNSURE, "it cannot be told %s: %s", judged->rule->question,
                           describe_gaps (judged, gaps));
    set_remedy (judged, finding, gaps);
    if (judged->rule->names_companions)
      finding->device = judged->asked;
  }
  for (guint i = 0; i < gaps->len && finding->evidence->len < MOST_EVIDENCE; i++) {
    const struct gap *gap = &g_array_index (gaps, struct gap, i);
    bool is_named = false;
    for (guint j = 0; j < finding->evidence->len && !is_named; j++)
      is_named = g_strcmp0 (g_array_index (finding->evidence, struct pl_evidence, j).path, gap->path) == 0
                 && g_array_index (finding->evidence, struct pl_evidence, j).line == gap->line;
    if (is_named)
      continue;
    struct pl_evidence evidence = { g_strdup (gap->path), gap->line, gap->state };
    g_array_append_val (finding->evidence, evidence);
  }
}

static void
merge (struct pl_missing *into, const struct pl_missing *from)
{
  into->machine |= from->machine;
  into->device |= from->device;
  into->group |= from->group;
}

static bool
has_blocked (const struct pl_case *judged, guint first)
{
  for (guint i = first; i < judged->findings->len; i++) {
    const struct pl_finding *made = g_ptr_array_index (judged->findings, i);
    if (made->severity == PL_BLOCKER && made->device == judged->device)
      return true;
  }
  return false;
}

void
pl_case_add_missing (struct pl_case *judged, guint first, struct pl_missing *unsure,
                     struct pl_missing *unread)
{
  const struct pl_rule *rule = judged->rule;
  bool is_text = judged->machine->source == PL_SOURCE_TEXT;
  g_autoptr (GArray) gaps = new_gaps ();
  struct pl_missing missing = { 0, 0, 0 };

  /* What makes it unsure, if it can. */
  if (!is_text)
    add_machine_gaps (judged, rule->wants.machine, gaps, &missing);
  if (judged->device != NULL) {
    add_device_gaps (judged, judged->device, is_text ? rule->text_wants : rule->wants.device, gaps, &missing);
    if (!is_text)
      add_group_gaps (judged, gaps, &missing);
    add_member_gaps (judged, is_text ? rule->text_member_wants : rule->member_wants, gaps, &missing);
  }
  if (gaps->len > 0 && rule->can_block && !has_blocked (judged, first)) {
    add_unsure (judged, first, gaps);
    merge (unsure, &missing);
  } else {
    merge (unread, &missing);
  }
  if (!is_text)
    return;

  /* A text is no machine: what it does not tell is only listed. */
  add_machine_gaps (judged, rule->wants.machine, NULL, unread);
  if (judged->device != NULL) {
    add_device_gaps (judged, judged->device, rule->wants.device, NULL, unread);
    add_group_gaps (judged, NULL, unread);
    add_member_gaps (judged, rule->member_wants, NULL, unread);
  }
}

static int
compare_names (const void *left, const void *right)
{
  return strcmp (*(const char *const *) left, *(const char *const *) right);
}

GPtrArray *
pl_missing_names (const struct pl_missing *unread, const struct pl_missing *unsure)
{
  GPtrArray *names = g_ptr_array_new ();
  guint64 machine = unread->machine & ~unsure->machine, device = unread->device & ~unsure->device;
  for (guint fact = 0; fact < PL_N_MACHINE_FACTS; fact++)
    if ((machine >> fact & 1) != 0)
      g_ptr_array_add (names, (char *) pl_machine_facts[fact].name);
  for (guint fact = 0; fact < PL_N_DEVICE_FACTS; fact++)
    if ((device >> fact & 1) != 0)
      g_ptr_array_add (names, (char *) pl_device_facts[fact].name);
  for (guint i = 0; i < G_N_ELEMENTS (group_facts); i++)
    if ((unread->group & ~unsure->group & group_facts[i].fact) != 0)
      g_ptr_array_add (names, (char *) group_facts[i].name);
  g_ptr_array_sort (names, compare_names);
  return names;
}
