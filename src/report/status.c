/* status.c - see status.h. */
#include "report/status.h"

#include "report/check.h"
#include "report/printable.h"
#include "report/status_look.h"
#include "report/wrap.h"

#include <libsmartcols.h>
#include <string.h>

struct pl_wants
pl_report_status_wants (void)
{
  return (struct pl_wants){ PL_WANT_MACHINE (cpu_model) | PL_WANT_MACHINE (memory_bytes)
                                | PL_WANT_MACHINE (distribution) | PL_WANT_MACHINE (kernel_release)
                                | PL_WANT_MACHINE (iommu_units) | PL_WANT_MACHINE (iommu_groups)
                                | PL_WANT_MACHINE (connectors) | PL_WANT_MACHINE (holders)
                                | PL_WANT_MACHINE (product_name) | PL_WANT_MACHINE (board_name)
                                | PL_WANT_MACHINE (log_events),
                            PL_WANT (boot_vga) };
}

/* "AMD Ryzen 7 3700X, 16 GiB, Arch Linux, Linux 5.18.5"; parts that are not known are left out. */
static char *
describe_machine (const struct pl_machine *machine)
{
  GString *text = g_string_new (NULL);
  const char *part;
  gint64 bytes;
#define ADD(...) \
  (g_string_append (text, text->len > 0 ? ", " : ""), g_string_append_printf (text, __VA_ARGS__))
  if (pl_machine_get_board_name (machine, &part) == PL_KNOWN
      || pl_machine_get_product_name (machine, &part) == PL_KNOWN)
    ADD ("%s", part);
  if (pl_machine_get_cpu_model (machine, &part) == PL_KNOWN)
    ADD ("%s", part);
  if (pl_machine_get_memory_bytes (machine, &bytes) == PL_KNOWN)
    /* MemTotal lacks what the firmware and the kernel keep: the next GiB is what was bought. */
    ADD ("%" G_GINT64_FORMAT " GiB", (bytes + (G_GINT64_CONSTANT (1) << 30) - 1) >> 30);
  if (pl_machine_get_distribution (machine, &part) == PL_KNOWN)
    ADD ("%s", part);
  if (pl_machine_get_kernel_release (machine, &part) == PL_KNOWN)
    ADD ("Linux %s", part);
#undef ADD
  if (text->len == 0)
    g_string_append (text, "not known");
  return g_string_free (text, FALSE);
}

/* The price of a candidate: what stands in the way first, else what is worth knowing. */
static char *
price_of (const struct pl_judgement *judgement, const struct pl_candidate *candidate)
{
  GString *ids = g_string_new (NULL);
  enum pl_severity worst = candidate->lendable == PL_LENDABLE_NO        ? PL_BLOCKER
                           : candidate->lendable == PL_LENDABLE_UNKNOWN ? PL_UNSURE
                                                                        : PL_WARNING;
  const char *last = NULL;
  for (guint i = 0; i < judgement->findings->len; i++) {
    const struct pl_finding *finding = g_ptr_array_index (judgement->findings, i);
    bool concerns = finding->device == NULL
                        ? worst != PL_WARNING
                        : finding->device == candidate->device
                              || g_ptr_array_find (candidate->companions, finding->device, NULL);
    if (finding->severity != worst || !concerns || (last != NULL && strcmp (last, finding->id) == 0))
      continue;
    last = finding->id;
    g_string_append_printf (ids, "%s%s", ids->len > 0 ? ", " : "", finding->id);
  }
  return g_string_free (ids, FALSE);
}

static void
set_cell (struct libscols_line *line, gsize column, const char *text, const struct pl_style *style)
{
  g_autoptr (GString) safe = g_string_new (NULL);
  pl_printable_append (safe, text, -1, style->is_utf8);
  scols_line_set_data (line, column, safe->str);
}

static void
add_card (struct libscols_table *table, const struct pl_machine *machine,
          const struct pl_candidate *candidate, const struct pl_style *style)
{
  const struct pl_device *device = candidate->device;
  struct libscols_line *line = scols_table_new_line (table, NULL);
  char address[PL_ADDRESS_SIZE];
  const char *driver = "-";
  set_cell (line, 0, pl_report_address (machine, device->address, address), style);
  g_autoptr (GString) name = g_string_new (NULL);
  pl_report_append_name (name, machine, device, style);
  /* The maker's short name in brackets is what stands on the box: "Navi 10 [Radeon RX 5600 XT]". */
  const char *open = strrchr (name->str, '['), *close = strrchr (name->str, ']');
  g_autofree char *label = open != NULL && close != NULL && close[1] == '\0' && close - open > 6
                               ? g_strndup (open + 1, close - open - 1)
                               : g_strdup (name->str);
  set_cell (line, 1, label, style);
  enum pl_state state = pl_device_get_driver (device, &driver);
  set_cell (line, 2, state == PL_KNOWN ? driver : state == PL_ABSENT ? "none" : "?", style);
  set_cell (line, 3, pl_status_screen (machine, device), style);
  static const char *const answers[] = { "yes", "not decided", "no" };
  set_cell (line, 4, answers[candidate->lendable], style);
}

/* Below the table: what goes along with the card, and what it costs or what stands in the way. */
static void
print_price (GString *out, const struct pl_machine *machine, const struct pl_judgement *judgement,
             const struct pl_candidate *candidate, const struct pl_style *style)
{
  static const char *const words[] = { "worth knowing", "because of", "in the way" };
  g_autofree char *answer = pl_report_answer (machine, candidate);
  g_autofree char *price = price_of (judgement, candidate);
  char address[PL_ADDRESS_SIZE];
  g_autoptr (GString) line = g_string_new (pl_report_address (machine, candidate->device->address, address));
  g_string_append_printf (line, " %s", answer);
  if (price[0] != '\0')
    g_string_append_printf (line, "; %s: %s", words[candidate->lendable], price);
  pl_wrap_append (out, line->str, 0, 2, style);
}

static void
print_cards (GString *out, const struct pl_machine *machine, const struct pl_judgement *judgement,
             const struct pl_style *style)
{
  if (judgement->candidates->len == 0) {
    g_string_append (out, "\nNo graphics card was found.\n");
    return;
  }
  struct libscols_table *table = scols_new_table ();
  scols_table_set_termforce (table, SCOLS_TERMFORCE_ALWAYS);
  scols_table_set_termwidth (table, CLAMP (style->width, 40, 120));
  scols_table_new_column (table, "CARD", 0, 0);
  scols_table_new_column (table, "NAME", 0.3, SCOLS_FL_TRUNC);
  scols_table_new_column (table, "DRIVER", 0, 0);
  scols_table_new_column (table, "SCREEN", 0, 0);
  scols_table_new_column (table, "LENDABLE", 0, 0);
  for (guint i = 0; i < judgement->candidates->len; i++)
    add_card (table, machine, g_ptr_array_index (judgement->candidates, i), style);
  char *text = NULL;
  if (scols_print_table_to_string (table, &text) == 0)
    g_string_append_printf (out, "\n%s\n\n", text);
  free (text);
  scols_unref_table (table);
  for (guint i = 0; i < judgement->candidates->len; i++)
    print_price (out, machine, judgement, g_ptr_array_index (judgement->candidates, i), style);
}

/* What makes every other answer doubtful: that this is a guest, a container, another architecture. */
static void
print_nature (GString *out, const struct pl_judgement *judgement, const struct pl_style *style)
{
  static const char *const ids[] = { "host.is-guest", "host.container", "host.architecture" };
  for (guint i = 0; i < judgement->findings->len; i++) {
    const struct pl_finding *finding = g_ptr_array_index (judgement->findings, i);
    for (guint j = 0; j < G_N_ELEMENTS (ids); j++)
      if (strcmp (finding->id, ids[j]) == 0) {
        g_autofree char *line = g_strconcat ("Note       ", finding->text, NULL);
        pl_wrap_append (out, line, 0, 11, style);
      }
  }
}

static void
print_lent (GString *out, const struct pl_machine *machine, const struct pl_style *style)
{
  bool any = false;
  for (guint i = 0; i < pl_machine_n_devices (machine); i++) {
    const struct pl_device *device = pl_machine_device (machine, i);
    char address[PL_ADDRESS_SIZE];
    if (!pl_status_is_on_vfio (device))
      continue;
    const struct pl_holder *holder = pl_status_holder (machine, device);
    g_autoptr (GString) line = g_string_new (any ? "" : "Lent now   ");
    g_string_append_printf (line, "%s ", pl_report_address (machine, device->address, address));
    if (holder != NULL)
      g_string_append_printf (line, "to %s (process %u)", holder->command, holder->pid);
    else if (pl_machine_state (machine, PL_MACHINE_holders) == PL_KNOWN)
      g_string_append (line, "is held by vfio-pci for a guest; none uses it");
    else
      g_string_append (line, "is held by vfio-pci for a guest; who uses it is not known");
    pl_wrap_append (out, line->str, any ? 11 : 0, any ? 0 : 11, style);
    any = true;
  }
  if (!any)
    g_string_append (out, "Lent now   nothing\n");
}

void
pl_report_status (FILE *stream, const struct pl_machine *machine, const struct pl_judgement *judgement,
                  const struct pl_style *style)
{
  GString *out = g_string_new (NULL);
  g_autofree char *described = describe_machine (machine);
  g_autofree char *machine_line = g_strconcat ("Machine    ", described, NULL);
  pl_wrap_append (out, machine_line, 0, 11, style);

  struct pl_status_iommu iommu = pl_status_iommu (machine);
  g_autoptr (GString) line = g_string_new ("IOMMU      ");
  g_string_append (line, strcmp (iommu.state, "unknown") == 0 ? "not known" : iommu.state);
  if (iommu.kind != NULL)
    g_string_append_printf (line, " (%s)", iommu.kind);
  if (iommu.n_groups > 0)
    g_string_append_printf (line, ": %u groups with %u of %u PCI functions", iommu.n_groups,
                            iommu.n_functions, pl_machine_n_devices (machine));
  else
    g_string_append_printf (line, ": %u PCI functions, none in a group", pl_machine_n_devices (machine));
  pl_wrap_append (out, line->str, 0, 11, style);

  print_nature (out, judgement, style);
  print_lent (out, machine, style);
  print_cards (out, machine, judgement, style);
  g_autofree char *next = pl_status_next (machine, judgement);
  g_string_append (out, "\n");
  pl_color_begin (out, "1", style);
  g_autofree char *next_line = g_strconcat ("Next       ", next, NULL);
  pl_wrap_append (out, next_line, 0, 11, style);
  pl_color_end (out, style);
  fwrite (out->str, 1, out->len, stream);
  g_string_free (out, TRUE);
}
