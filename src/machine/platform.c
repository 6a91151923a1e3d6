/* platform.c - the computer as a whole: kernel, distribution, processor, memory, board, and whether it is a
 * guest. */
#include "machine/command_line.h"
#include "machine/readers.h"
#include "machine/reading.h"

#include <string.h>

void
pl_read_host (struct pl_machine *machine, struct pl_root *root)
{
  const struct pl_host *host = pl_root_host (root);
  if (host->release != NULL)
    pl_machine_set_kernel_release (machine, PL_KNOWN, pl_machine_string (machine, host->release, -1));
  if (host->architecture != NULL)
    pl_machine_set_architecture (machine, PL_KNOWN, pl_machine_string (machine, host->architecture, -1));
}

/* The kernel's own limit is COMMAND_LINE_SIZE, 2 KiB on x86 and at most 4 KiB elsewhere; with bootconfig up
 * to 32 KiB more. Source: include/asm/setup.h of each architecture; Documentation/admin-guide/bootconfig.rst.
 */
#define COMMAND_LINE_LIMIT_BYTES (64u * 1024)

void
pl_read_command_line (struct pl_machine *machine, struct pl_root *root)
{
  struct pl_buffer buffer = PL_BUFFER_INIT;
  const struct pl_command_line *line = NULL;
  enum pl_state state = pl_state_of_fixed (pl_root_read (root, "proc/cmdline", &buffer));
  if (state == PL_KNOWN
      && (buffer.size > COMMAND_LINE_LIMIT_BYTES || memchr (buffer.bytes, '\0', buffer.size) != NULL)) {
    state = PL_INVALID;
    pl_machine_add_note (machine, "/proc/cmdline", 0, "it is no text that a kernel was started with");
  }
  if (state == PL_KNOWN)
    line = pl_command_line_parse (machine, buffer.bytes, buffer.size);
  pl_machine_set_command_line (machine, state, line);
  pl_buffer_clear (&buffer);
}

/* The value of an assignment as a shell takes it: bare, in single or in double quotes, with backslashes
 * before what a shell would take for its own. NULL where a quote is not closed. Source: man 5 os-release. */
static char *
unquote (struct pl_span value)
{
  value = pl_span_trim (value);
  char quote = value.size > 0 && (value.at[0] == '"' || value.at[0] == '\'') ? value.at[0] : '\0';
  GString *text = g_string_new (NULL);
  gsize i = quote != '\0';
  for (; i < value.size && (quote == '\0' || value.at[i] != quote); i++) {
    if (value.at[i] == '\\' && quote != '\'' && i + 1 < value.size)
      i++;
    g_string_append_c (text, value.at[i]);
  }
  bool is_closed = quote == '\0' || i < value.size;
  return g_string_free (text, !is_closed);
}

/* One line of os-release. Of two of one name the later counts, as in a shell. */
static enum pl_state
find_assignment (struct pl_machine *machine, const struct pl_buffer *buffer, const char *name,
                 const char **value)
{
  struct pl_lines lines = pl_lines_of (buffer);
  struct pl_span line;
  enum pl_state state = PL_ABSENT;
  while (pl_lines_take (&lines, &line)) {
    line = pl_span_trim (line);
    if (!pl_span_take (&line, name) || !pl_span_take (&line, "="))
      continue;
    g_autofree char *text = unquote (line);
    state = text == NULL ? PL_INVALID : text[0] == '\0' ? PL_ABSENT : PL_KNOWN;
    *value = state == PL_KNOWN ? pl_machine_string (machine, text, -1) : NULL;
  }
  return state;
}

void
pl_read_distribution (struct pl_machine *machine, struct pl_root *root)
{
  struct pl_buffer buffer = PL_BUFFER_INIT;
  const char *path = "etc/os-release", *name = NULL, *id = NULL, *like = NULL;
  enum pl_state state = pl_root_read (root, path, &buffer);
  if (state == PL_ABSENT) {
    path = "usr/lib/os-release";
    state = pl_root_read (root, path, &buffer);
  }
  enum pl_state name_state = state, id_state = state, like_state = state;
  if (state == PL_KNOWN) {
    name_state = find_assignment (machine, &buffer, "PRETTY_NAME", &name);
    if (name_state == PL_ABSENT)
      name_state = find_assignment (machine, &buffer, "NAME", &name);
    id_state = find_assignment (machine, &buffer, "ID", &id);
    like_state = find_assignment (machine, &buffer, "ID_LIKE", &like);
    if (name_state == PL_INVALID || id_state == PL_INVALID || like_state == PL_INVALID)
      pl_machine_add_note (machine, path, 0, "a quote is not closed");
  }
  pl_machine_set_distribution (machine, name_state, name);
  pl_machine_set_distribution_id (machine, id_state, id);
  pl_machine_set_distribution_like (machine, like_state, like);
  pl_buffer_clear (&buffer);
}

/* What /proc/cpuinfo says of the first processor; the others' lines say the same. */
enum cpu_line { VENDOR, MODEL, FLAGS, N_CPU_LINES };
static const char *const cpu_keys[N_CPU_LINES] = { "vendor_id", "model name", "flags" };
static const char *const cpu_flags[] = { "vmx", "svm", "hypervisor" };

/* Which line it is, its value in *value. Source: arch/x86/kernel/cpu/proc.c, show_cpuinfo(). */
static enum cpu_line
find_cpu_line (struct pl_span line, struct pl_span *value)
{
  const char *colon = memchr (line.at, ':', line.size);
  if (colon == NULL)
    return N_CPU_LINES;
  struct pl_span key = pl_span_trim (pl_span_head (line, (gsize) (colon - line.at)));
  *value = pl_span_trim (pl_span_skip (line, (gsize) (colon - line.at) + 1));
  enum cpu_line found = 0;
  while (found < N_CPU_LINES && !pl_span_is (key, cpu_keys[found]))
    found++;
  return found;
}

/* Leaves the first of each line, and of the flags only those that a rule knows; its own output is left as it
 * is. */
static gsize
edit_cpu_line (char *text, gsize length, void *data)
{
  bool *seen = data;
  struct pl_span value, word;
  enum cpu_line found = find_cpu_line ((struct pl_span){ text, length }, &value);
  if (found == N_CPU_LINES || seen[found])
    return 0;
  seen[found] = true;
  if (found != FLAGS)
    return length;
  char *out = (char *) memchr (text, ':', length) + 1;
  /* Words move to the left, each behind the blank that stood before it. */
  while (pl_span_take_word_into (&value, &word)) {
    for (guint i = 0; i < G_N_ELEMENTS (cpu_flags); i++) {
      if (pl_span_is (word, cpu_flags[i])) {
        /* No blank stands behind "flags:" only where somebody made the text up. */
        if (out < word.at)
          *out++ = ' ';
        memmove (out, word.at, word.size);
        out += word.size;
        break;
      }
    }
  }
  return (gsize) (out - text);
}

struct cpu {
  const char *vendor, *model, *virtualization;
  bool has_flags, has_vmx, has_svm, is_guest;
};

static void
parse_cpu (struct pl_machine *machine, const struct pl_buffer *buffer, struct cpu *cpu)
{
  struct pl_lines lines = pl_lines_of (buffer);
  struct pl_span line, value, word;
  while (pl_lines_take (&lines, &line)) {
    switch (find_cpu_line (line, &value)) {
    case VENDOR:
      cpu->vendor = value.size > 0 ? pl_machine_string (machine, value.at, (gssize) value.size) : NULL;
      break;
    case MODEL:
      cpu->model = value.size > 0 ? pl_machine_string (machine, value.at, (gssize) value.size) : NULL;
      break;
    case FLAGS:
      cpu->has_flags = true;
      while (pl_span_take_word_into (&value, &word)) {
        cpu->has_vmx = cpu->has_vmx || pl_span_is (word, "vmx");
        cpu->has_svm = cpu->has_svm || pl_span_is (word, "svm");
        cpu->is_guest = cpu->is_guest || pl_span_is (word, "hypervisor");
      }
      break;
    case N_CPU_LINES:
      break;
    }
  }
}

void
pl_read_cpu (struct pl_machine *machine, struct pl_root *root)
{
  struct pl_buffer buffer = PL_BUFFER_INIT;
  struct cpu cpu = { NULL };
  bool seen[N_CPU_LINES] = { false };
  enum pl_state state
      = pl_state_of_fixed (pl_root_read_edited (root, "proc/cpuinfo", edit_cpu_line, seen, &buffer));
  if (state == PL_KNOWN)
    parse_cpu (machine, &buffer, &cpu);
  pl_buffer_clear (&buffer);

  bool is_known = state == PL_KNOWN;
  pl_machine_set_cpu_vendor (machine, is_known && cpu.vendor == NULL ? PL_ABSENT : state, cpu.vendor);
  pl_machine_set_cpu_model (machine, is_known && cpu.model == NULL ? PL_ABSENT : state, cpu.model);

  /* Processors other than x86 have no such flags: then neither question is answered. */
  enum pl_state flags = is_known && !cpu.has_flags ? PL_UNREAD : state;
  pl_machine_set_is_guest (machine, flags, cpu.is_guest);
  if (flags == PL_KNOWN && cpu.has_vmx && cpu.has_svm) {
    flags = PL_INVALID;
    pl_machine_add_note (machine, "/proc/cpuinfo", 0, "one processor has both vmx and svm");
  } else if (flags == PL_KNOWN && !cpu.has_vmx && !cpu.has_svm) {
    flags = PL_ABSENT;
  }
  pl_machine_set_cpu_virtualization (machine, flags, cpu.has_vmx ? "vmx" : "svm");
}

static bool
want_total (const char *line, gsize length, void *data)
{
  (void) data;
  return pl_span_starts ((struct pl_span){ line, length }, "MemTotal:");
}

void
pl_read_memory (struct pl_machine *machine, struct pl_root *root)
{
  struct pl_buffer buffer = PL_BUFFER_INIT;
  enum pl_state state
      = pl_state_of_fixed (pl_root_read_lines (root, "proc/meminfo", want_total, NULL, &buffer));
  guint64 kibibytes = 0;
  if (state == PL_KNOWN) {
    struct pl_lines lines = pl_lines_of (&buffer);
    struct pl_span line = { "", 0 }, number;
    pl_lines_take (&lines, &line);
    if (!pl_span_take (&line, "MemTotal:") || !pl_span_take_word_into (&line, &number)
        || !pl_span_number (number, 10, &kibibytes) || !pl_span_is (pl_span_trim (line), "kB")
        || kibibytes > G_MAXINT64 / 1024) {
      state = PL_INVALID;
      kibibytes = 0;
      pl_machine_add_note (machine, "/proc/meminfo", 0, "it does not say how much memory there is");
    }
  }
  pl_machine_set_memory_bytes (machine, state, (gint64) kibibytes * 1024);
  pl_buffer_clear (&buffer);
}

/* That the file is there is what counts: podman's holds names of images and ids. */
static bool
want_nothing (const char *line, gsize length, void *data)
{
  (void) line, (void) length, (void) data;
  return false;
}

/* containerd and others leave no mark, but give a PID namespace of its own; that of the machine always has
 * this number. Source: include/linux/proc_ns.h, PROC_PID_INIT_INO; man 7 namespaces. Absent where the kernel
 * has none of them. */
static enum pl_state
read_namespace (struct pl_root *root)
{
  char target[PATH_MAX];
  if (!pl_has_running (root, "proc/self"))
    return PL_ABSENT;
  enum pl_state state = pl_root_link (root, "proc/self/ns/pid", target, sizeof target);
  return state == PL_KNOWN && strcmp (target, "pid:[4026531836]") == 0 ? PL_ABSENT : state;
}

/* Source: https://systemd.io/CONTAINER_INTERFACE, /run/systemd/container; podman(1), /run/.containerenv. That
 * Docker makes /.dockerenv is from memory: nothing documents it, and systemd's detect_container() relies on
 * it. */
void
pl_read_container (struct pl_machine *machine, struct pl_root *root)
{
  static const struct {
    const char *path, *name;
  } marks[] = { { "run/.containerenv", "podman" }, { ".dockerenv", "docker" } };
  struct pl_directory directory;
  enum pl_state state;
  pl_directory_open (&directory, root, "run/systemd");
  const char *name = pl_read_text (machine, &directory, "container", &state);
  pl_directory_close (&directory);
  for (guint i = 0; i < G_N_ELEMENTS (marks) && state != PL_KNOWN; i++) {
    struct pl_buffer buffer = PL_BUFFER_INIT;
    enum pl_state found = pl_root_read_lines (root, marks[i].path, want_nothing, NULL, &buffer);
    pl_buffer_clear (&buffer);
    if (found == PL_KNOWN)
      name = marks[i].name;
    if (found != PL_ABSENT && (found == PL_KNOWN || state == PL_ABSENT))
      state = found;
  }
  enum pl_state namespace = read_namespace (root);
  if (state != PL_KNOWN && namespace != PL_ABSENT && (namespace == PL_KNOWN || state == PL_ABSENT)) {
    name = "its own PID namespace";
    state = namespace;
  }
  pl_machine_set_container (machine, state, name);
}

/* The names only; serial numbers and the UUID stand in files of their own, which nobody opens.
 * Source: Documentation/ABI/testing/sysfs-class-dmi; drivers/firmware/dmi-id.c: these are readable by all. */
void
pl_read_board (struct pl_machine *machine, struct pl_root *root)
{
  if (!pl_has_sysfs (machine, root))
    return;
  struct pl_directory directory;
  enum pl_state state;
  pl_directory_open (&directory, root, "sys/class/dmi/id");
  const char *text = pl_read_text (machine, &directory, "sys_vendor", &state);
  pl_machine_set_system_vendor (machine, state, text);
  text = pl_read_text (machine, &directory, "product_name", &state);
  pl_machine_set_product_name (machine, state, text);
  text = pl_read_text (machine, &directory, "board_name", &state);
  pl_machine_set_board_name (machine, state, text);
  pl_directory_close (&directory);
}

static bool
is_one_of (const char *name, const char *const *names)
{
  while (*names != NULL && strcmp (*names, name) != 0)
    names++;
  return *names != NULL;
}

static bool
want_names (const char *name, gsize length, void *data)
{
  (void) length;
  return is_one_of (name, data);
}

/* The names of a listing as the machine's own. */
static const GPtrArray *
own_names (struct pl_machine *machine, const GPtrArray *names)
{
  GPtrArray *own = pl_machine_keep_list (machine, g_ptr_array_sized_new (names->len));
  for (guint i = 0; i < names->len; i++)
    g_ptr_array_add (own, (char *) pl_machine_string (machine, g_ptr_array_index (names, i), -1));
  return own;
}

/* Only the tables that tell of an IOMMU: of Intel, AMD, Arm, virtual machines, RISC-V. Their content is not
 * read. Source: Documentation/ABI/testing/sysfs-firmware-acpi; include/acpi/actbl1.h, actbl2.h: signatures.
 */
void
pl_read_firmware_tables (struct pl_machine *machine, struct pl_root *root)
{
  static const char *const wanted[] = { "DMAR", "IVRS", "IORT", "VIOT", "RIMT", NULL };
  if (!pl_has_sysfs (machine, root))
    return;
  g_autoptr (GPtrArray) names = NULL;
  enum pl_state state
      = pl_root_list_some (root, "sys/firmware/acpi/tables", want_names, (void *) wanted, &names);
  /* A PC has such tables; Docker and others lay an empty directory over /sys/firmware. */
  if (pl_may_be_x86 (root))
    state = pl_state_of_fixed (state);
  pl_machine_set_firmware_tables (machine, state, own_names (machine, names));
}

void
pl_read_dev_nodes (struct pl_machine *machine, struct pl_root *root)
{
  static const char *const wanted[] = { "kvm", "vfio", NULL };
  if (!pl_has_running (root, "dev/kvm") && !pl_has_running (root, "dev/vfio"))
    return;
  g_autoptr (GPtrArray) names = NULL;
  enum pl_state state = pl_root_list_some (root, "dev", want_names, (void *) wanted, &names);
  pl_machine_set_dev_kvm (machine, pl_state_of_fixed (state), own_names (machine, names));
}
