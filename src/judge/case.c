/* case.c - how a rule says what it found: findings, what they rest on, and the words of their sentences. */
#include "judge/function.h"
#include "judge/judge.h"
#include "judge/rule.h"

#include <string.h>

bool
pl_case_is_display (const struct pl_case *judged)
{
  return pl_is_base (judged->device, PL_BASE_DISPLAY);
}

const char *
pl_case_command (const struct pl_case *judged)
{
  g_autofree char *command = pl_judge_command (judged->machine);
  return g_string_chunk_insert_const (judged->words, command);
}

static const char *const severity_names[] = { "blocker", "unsure", "warning", "note" };

const char *
pl_severity_name (enum pl_severity severity)
{
  return severity_names[severity];
}

static void
clear_evidence (void *data)
{
  struct pl_evidence *evidence = data;
  g_free (evidence->path);
}

struct pl_finding *
pl_case_add (struct pl_case *judged, enum pl_severity severity, const char *format, ...)
{
  struct pl_finding *finding = g_new0 (struct pl_finding, 1);
  finding->id = judged->rule->id;
  finding->source = judged->rule->source;
  finding->severity = severity;
  finding->device = judged->device;
  finding->names_all = judged->rule->names_all;
  finding->evidence = g_array_new (FALSE, FALSE, sizeof (struct pl_evidence));
  g_array_set_clear_func (finding->evidence, clear_evidence);
  va_list arguments;
  va_start (arguments, format);
  finding->text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_ptr_array_add (judged->findings, finding);
  return finding;
}

void
pl_finding_set_remedy (struct pl_finding *finding, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_free (finding->remedy);
  finding->remedy = g_strdup_vprintf (format, arguments);
  va_end (arguments);
}

void
pl_finding_free (struct pl_finding *finding)
{
  if (finding == NULL)
    return;
  g_free (finding->text);
  g_free (finding->remedy);
  g_array_unref (finding->evidence);
  g_free (finding);
}

/* Takes @path. The same path and line are named once, with the worst state. */
static void
cite (struct pl_finding *finding, char *path, guint line, enum pl_state state)
{
  for (guint i = 0; i < finding->evidence->len; i++) {
    struct pl_evidence *other = &g_array_index (finding->evidence, struct pl_evidence, i);
    if (g_strcmp0 (other->path, path) == 0 && other->line == line) {
      other->state = MIN (other->state, state);
      g_free (path);
      return;
    }
  }
  struct pl_evidence evidence = { path, line, state };
  g_array_append_val (finding->evidence, evidence);
}

/* What a text does not say stands in no line of it. */
static bool
is_nowhere (const struct pl_case *judged, guint line, enum pl_state state)
{
  return judged->machine->source == PL_SOURCE_TEXT && line == 0 && pl_is_missing (state);
}

void
pl_case_cite (struct pl_case *judged, struct pl_finding *finding, const struct pl_device *device,
              enum pl_device_fact fact)
{
  guint line;
  char *path = pl_device_evidence (judged->machine, device, fact, &line);
  if (is_nowhere (judged, line, pl_device_state (device, fact))) {
    g_free (path);
    return;
  }
  cite (finding, path, line, pl_device_state (device, fact));
}

void
pl_case_cite_machine (struct pl_case *judged, struct pl_finding *finding, enum pl_machine_fact fact)
{
  guint line;
  char *path = pl_machine_evidence (judged->machine, fact, &line);
  if (is_nowhere (judged, line, pl_machine_state (judged->machine, fact))) {
    g_free (path);
    return;
  }
  cite (finding, path, line, pl_machine_state (judged->machine, fact));
}

void
pl_case_cite_log (struct pl_case *judged, struct pl_finding *finding, const struct pl_log_event *event)
{
  guint line;
  char *path = pl_machine_evidence (judged->machine, PL_MACHINE_log_events, &line);
  cite (finding, path, event->line != 0 ? event->line : line, PL_KNOWN);
}

void
pl_case_cite_group (struct pl_case *judged, struct pl_finding *finding, gint32 id, enum pl_group_fact fact)
{
  if (judged->machine->source == PL_SOURCE_TEXT)
    return; /* the functions' lines say it */
  const struct pl_group *group = pl_machine_group (judged->machine, id);
  const char *file = fact == PL_GROUP_MEMBERS   ? "devices"
                     : fact == PL_GROUP_REGIONS ? "reserved_regions"
                                                : "type";
  enum pl_state state = PL_UNREAD;
  if (group != NULL)
    state = fact == PL_GROUP_MEMBERS   ? group->members_state
            : fact == PL_GROUP_REGIONS ? group->regions_state
                                       : group->type_state;
  cite (finding, g_strdup_printf ("/sys/kernel/iommu_groups/%d/%s", id, file), 0, state);
}

const char *
pl_case_format (const struct pl_case *judged, const char *format, ...)
{
  va_list arguments;
  va_start (arguments, format);
  g_autofree char *text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  return g_string_chunk_insert_const (judged->words, text);
}

const char *
pl_case_address (const struct pl_case *judged, const struct pl_device *device)
{
  char text[PL_ADDRESS_SIZE];
  pl_address_format_short (device->address, judged->with_domain, text);
  return g_string_chunk_insert_const (judged->words, text);
}

const char *
pl_case_name (const struct pl_case *judged, const struct pl_device *device)
{
  return pl_case_format (judged, "the %s %s", pl_noun_of (device), pl_case_address (judged, device));
}

const char *
pl_case_join (const struct pl_case *judged, const GPtrArray *words)
{
  g_autoptr (GString) text = g_string_new (NULL);
  for (guint i = 0; i < words->len; i++) {
    if (i > 0)
      g_string_append (text, i + 1 == words->len ? " and " : ", ");
    g_string_append (text, g_ptr_array_index (words, i));
  }
  return g_string_chunk_insert_const (judged->words, text->str);
}

/* In a sentence nobody reads more; a command needs all of them. */
#define MOST_ADDRESSES 12

const char *
pl_case_addresses (const struct pl_case *judged, const GPtrArray *devices, const char *between)
{
  g_autoptr (GString) text = g_string_new (NULL);
  bool is_sentence = between[0] == ',';
  for (guint i = 0; i < devices->len; i++) {
    if (is_sentence && i == MOST_ADDRESSES && devices->len > MOST_ADDRESSES + 1) {
      g_string_append_printf (text, " and %u more", devices->len - i);
      break;
    }
    if (i > 0)
      g_string_append (text, between);
    g_string_append (text, pl_case_address (judged, g_ptr_array_index (devices, i)));
  }
  return g_string_chunk_insert_const (judged->words, text->str);
}

const char *
pl_case_number (const struct pl_case *judged, guint number)
{
  static const char *const words[] = { "no",    "one",   "two",  "three", "four",   "five",  "six",
                                       "seven", "eight", "nine", "ten",   "eleven", "twelve" };
  return number < G_N_ELEMENTS (words) ? words[number] : pl_case_format (judged, "%u", number);
}

const struct pl_log_event *
pl_log_find (const struct pl_machine *machine, enum pl_log_kind kind, const struct pl_device *device)
{
  const GPtrArray *events;
  if (pl_machine_get_log_events (machine, &events) != PL_KNOWN)
    return NULL;
  for (guint i = 0; i < events->len; i++) {
    const struct pl_log_event *event = g_ptr_array_index (events, i);
    if (event->kind == kind
        && (device == NULL
            || (event->has_address && pl_address_compare (event->address, device->address) == 0)))
      return event;
  }
  return NULL;
}
