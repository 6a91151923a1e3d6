/* status_json.c - `status` as JSON; see status.h. */
#include "report/json.h"
#include "report/status.h"
#include "report/status_look.h"

static void
add_text (struct json_object *object, struct json_object *unknown, const char *key, enum pl_state state,
          const char *text)
{
  if (state == PL_KNOWN || state == PL_ABSENT)
    json_object_object_add (object, key, state == PL_KNOWN ? pl_json_text (text, -1) : NULL);
  else
    json_object_object_add (unknown, key, json_object_new_string (pl_state_name (state)));
}

static struct json_object *
machine_to_json (const struct pl_machine *machine)
{
  struct json_object *object = json_object_new_object ();
  struct json_object *unknown = json_object_new_object ();
  const char *text = NULL;
  enum pl_state state;
#define ADD(name)                                 \
  state = pl_machine_get_##name (machine, &text); \
  add_text (object, unknown, #name, state, text)
  ADD (board_name);
  ADD (product_name);
  ADD (cpu_model);
  ADD (distribution);
  ADD (kernel_release);
#undef ADD
  gint64 bytes;
  state = pl_machine_get_memory_bytes (machine, &bytes);
  if (state == PL_KNOWN)
    json_object_object_add (object, "memory_bytes", json_object_new_int64 (bytes));
  else
    json_object_object_add (unknown, "memory_bytes", json_object_new_string (pl_state_name (state)));
  json_object_object_add (object, "unknown", unknown);
  return object;
}

static struct json_object *
iommu_to_json (const struct pl_machine *machine)
{
  struct pl_status_iommu iommu = pl_status_iommu (machine);
  struct json_object *object = json_object_new_object ();
  json_object_object_add (object, "state", json_object_new_string (iommu.state));
  json_object_object_add (object, "kind", iommu.kind != NULL ? json_object_new_string (iommu.kind) : NULL);
  json_object_object_add (object, "groups", json_object_new_int64 (iommu.n_groups));
  json_object_object_add (object, "functions", json_object_new_int64 (pl_machine_n_devices (machine)));
  return object;
}

static struct json_object *
cards_to_json (const struct pl_machine *machine, const struct pl_judgement *judgement)
{
  struct json_object *list = json_object_new_array ();
  for (guint i = 0; i < judgement->candidates->len; i++) {
    const struct pl_candidate *candidate = g_ptr_array_index (judgement->candidates, i);
    struct json_object *object = json_object_new_object ();
    struct json_object *companions = json_object_new_array ();
    for (guint j = 0; j < candidate->companions->len; j++) {
      const struct pl_device *companion = g_ptr_array_index (candidate->companions, j);
      json_object_array_add (companions, pl_json_address (companion->address));
    }
    json_object_object_add (object, "device", pl_json_device (machine, candidate->device));
    json_object_object_add (object, "screen",
                            json_object_new_string (pl_status_screen (machine, candidate->device)));
    json_object_object_add (object, "companions", companions);
    json_object_object_add (object, "lendable",
                            json_object_new_string (pl_lendable_name (candidate->lendable)));
    json_object_object_add (object, "verdict", json_object_new_string (pl_verdict_name (candidate->verdict)));
    json_object_array_add (list, object);
  }
  return list;
}

static struct json_object *
lent_to_json (const struct pl_machine *machine)
{
  struct json_object *list = json_object_new_array ();
  for (guint i = 0; i < pl_machine_n_devices (machine); i++) {
    const struct pl_device *device = pl_machine_device (machine, i);
    if (!pl_status_is_on_vfio (device))
      continue;
    const struct pl_holder *holder = pl_status_holder (machine, device);
    struct json_object *object = json_object_new_object ();
    json_object_object_add (object, "device", pl_json_address (device->address));
    json_object_object_add (object, "pid", holder != NULL ? json_object_new_int64 (holder->pid) : NULL);
    json_object_object_add (object, "command", holder != NULL ? pl_json_text (holder->command, -1) : NULL);
    json_object_array_add (list, object);
  }
  return list;
}

void
pl_report_status_json (FILE *stream, const struct pl_machine *machine, const struct pl_judgement *judgement)
{
  pl_json_begin (stream);
  pl_json_write_member (stream, "machine", machine_to_json (machine));
  pl_json_write_member (stream, "iommu", iommu_to_json (machine));
  pl_json_write_member (stream, "cards", cards_to_json (machine, judgement));
  pl_json_write_member (stream, "lent", lent_to_json (machine));
  pl_json_write_member (
      stream, "holders",
      json_object_new_string (pl_state_name (pl_machine_state (machine, PL_MACHINE_holders))));
  g_autofree char *next = pl_status_next (machine, judgement);
  pl_json_write_member (stream, "next", pl_json_text (next, -1));
  fputs ("}\n", stream);
}
