/* started.c - what started the running kernel: what its loader left to be seen, and which loader that is. */
#include "boot/loader.h"
#include "machine/readers.h"
#include "machine/reading.h"

/* Source: systemd's Boot Loader Interface: UTF-16 of the vendor 4a67b082-...; kernel
 * Documentation/filesystems/efivarfs.rst: four bytes of attributes first. */
#define FOLDER "sys/firmware/efi/efivars/"
#define VENDOR "-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"
#define ATTRIBUTE_BYTES 4

/* What loaders and entries are called is ASCII, and no longer. */
#define NAME_LIMIT 200

static void
read_variable (struct pl_machine *machine, struct pl_root *root, const char *path,
               struct pl_boot_variable *variable)
{
  if (!pl_has_sysfs (machine, root))
    return;
  struct pl_buffer buffer = PL_BUFFER_INIT;
  enum pl_state state = pl_root_read (root, path, &buffer);
  g_autoptr (GString) text = g_string_new (NULL);
  for (gsize i = ATTRIBUTE_BYTES;
       state == PL_KNOWN && i + 1 < buffer.size && (buffer.bytes[i] != '\0' || buffer.bytes[i + 1] != '\0');
       i += 2) {
    if (buffer.bytes[i + 1] != '\0' || !g_ascii_isprint (buffer.bytes[i]))
      state = PL_INVALID;
    g_string_append_c (text, buffer.bytes[i]);
  }
  if (state == PL_KNOWN && (text->len == 0 || text->len > NAME_LIMIT))
    state = PL_INVALID;
  variable->state = state;
  variable->text = state == PL_KNOWN ? pl_machine_string (machine, text->str, -1) : NULL;
  pl_buffer_clear (&buffer);
}

/* Source: UEFI Specification 2.10, 3.3, SecureBoot: one byte. */
static void
read_secure_boot (struct pl_machine *machine, struct pl_root *root, struct pl_boot_variable *variable)
{
  if (!pl_has_sysfs (machine, root))
    return;
  struct pl_buffer buffer = PL_BUFFER_INIT;
  variable->state = pl_root_read (root, FOLDER "SecureBoot-8be4df61-93ca-11d2-aa0d-00e098032b8c", &buffer);
  if (variable->state == PL_KNOWN && buffer.size != ATTRIBUTE_BYTES + 1)
    variable->state = PL_INVALID;
  if (variable->state == PL_KNOWN)
    variable->text = buffer.bytes[ATTRIBUTE_BYTES] != 0 ? "on" : "off";
  pl_buffer_clear (&buffer);
}

static bool
is_told (enum pl_state state)
{
  return state == PL_KNOWN || state == PL_ABSENT;
}

void
pl_read_boot_evidence (struct pl_machine *machine, struct pl_root *root)
{
  const struct pl_command_line *line = NULL;
  const struct pl_texts *texts = NULL;
  pl_machine_read_facts (machine, root, PL_WANT_MACHINE (command_line) | PL_WANT_MACHINE (texts));
  if (pl_machine_get_texts (machine, &texts) != PL_KNOWN)
    return;
  struct pl_boot_evidence *evidence = g_new0 (struct pl_boot_evidence, 1);
  g_hash_table_insert (machine->lists_, evidence, (void *) g_free);
  evidence->texts = texts;
  evidence->command_line_state = pl_machine_get_command_line (machine, &line);
  evidence->command_line = line != NULL ? line->text : NULL;
  evidence->boot_image = line != NULL ? pl_command_line_value (line, "BOOT_IMAGE") : NULL;
  evidence->initrd = line != NULL ? pl_command_line_value (line, "initrd") : NULL;
  read_variable (machine, root, FOLDER "LoaderInfo" VENDOR, &evidence->loader_info);
  read_variable (machine, root, FOLDER "LoaderEntrySelected" VENDOR, &evidence->entry);
  read_variable (machine, root, FOLDER "StubInfo" VENDOR, &evidence->stub_info);
  read_secure_boot (machine, root, &evidence->secure_boot);
  /* Each part has its own state; with none of them nobody can say anything. */
  bool has_any = is_told (evidence->command_line_state) || is_told (evidence->loader_info.state)
                 || is_told (evidence->entry.state) || is_told (evidence->stub_info.state);
  pl_machine_set_boot_evidence (machine, has_any ? PL_KNOWN : evidence->command_line_state, evidence);
}

/* Known only where one loader claims it and no other may. Absent where none of those that are known does. */
void
pl_read_boot_loader (struct pl_machine *machine, struct pl_root *root)
{
  const struct pl_boot_evidence *evidence;
  pl_machine_read_facts (machine, root, PL_WANT_MACHINE (boot_evidence));
  enum pl_state state = pl_machine_get_boot_evidence (machine, &evidence);
  if (state != PL_KNOWN) {
    pl_machine_set_boot_loader (machine, state == PL_DENIED ? PL_DENIED : PL_UNREAD, NULL);
    return;
  }
  const struct pl_boot_loader *found = NULL;
  guint n_unknown = 0, n_found = 0;
  for (guint i = 0; pl_boot_loaders[i] != NULL; i++) {
    enum pl_claim claim = pl_boot_loaders[i]->claim (evidence);
    n_unknown += claim == PL_CLAIM_UNKNOWN;
    n_found += claim == PL_CLAIM_YES;
    found = claim == PL_CLAIM_YES ? pl_boot_loaders[i] : found;
  }
  enum pl_state unknown = evidence->command_line_state == PL_DENIED ? PL_DENIED : PL_UNREAD;
  state = n_unknown > 0 ? unknown : n_found > 1 ? PL_INVALID : n_found == 1 ? PL_KNOWN : PL_ABSENT;
  pl_machine_set_boot_loader (machine, state, state == PL_KNOWN ? found->name : NULL);
}
