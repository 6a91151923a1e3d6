/* recorder.c - see recorder.h and, for the form, recording.h. */
#include "base/recorder.h"

#include "base/error.h"
#include "base/recording_form.h"
#include "base/redact.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct pl_recorder {
  bool keep_secrets;
  struct pl_host host;
  GHashTable *answers;   /* char * -> struct pl_answer */
  GHashTable *programs;  /* command -> struct pl_answer */
  GHashTable *names;     /* key -> char * */
  struct pl_answer *log; /* NULL: never asked */
  struct pl_redactor *redactor;
};

struct pl_recorder *
pl_recorder_new (bool keep_secrets)
{
  struct pl_recorder *recorder = g_new0 (struct pl_recorder, 1);
  recorder->keep_secrets = keep_secrets;
  recorder->answers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, pl_answer_free);
  recorder->programs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, pl_answer_free);
  recorder->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  recorder->redactor = pl_redactor_new ();
  return recorder;
}

void
pl_recorder_free (struct pl_recorder *recorder)
{
  if (recorder == NULL)
    return;
  g_hash_table_unref (recorder->answers);
  g_hash_table_unref (recorder->programs);
  g_hash_table_unref (recorder->names);
  pl_answer_free (recorder->log);
  pl_redactor_free (recorder->redactor);
  g_free ((char *) recorder->host.release);
  g_free ((char *) recorder->host.architecture);
  g_free (recorder);
}

void
pl_recorder_add_host (struct pl_recorder *recorder, const struct pl_host *host)
{
  recorder->host = *host;
  recorder->host.release = g_strdup (host->release);
  recorder->host.architecture = g_strdup (host->architecture);
}

/* Whether a name is anybody's: what installers give, and what is too short to be found without harm. */
static bool
is_common_name (const char *name)
{
  static const char *const common[]
      = { "localhost", "linux",  "debian", "ubuntu", "arch",    "archlinux", "fedora", "opensuse",
          "manjaro",   "gentoo", "nixos",  "alpine", "proxmox", "pve",       "root",   "user",
          "boot",      "home",   "efi",    "data",   "ext4",    "btrfs",     "xfs",    "vfat" };
  for (guint i = 0; i < G_N_ELEMENTS (common); i++)
    if (strcmp (name, common[i]) == 0)
      return true;
  return strlen (name) < 3;
}

void
pl_recorder_add_secret (struct pl_recorder *recorder, enum pl_secret kind, const char *value)
{
  if (!is_common_name (value))
    pl_redactor_add (recorder->redactor, kind, value);
}

void
pl_recorder_add_content (struct pl_recorder *recorder, const char *path, const char *bytes, gsize size)
{
  g_hash_table_replace (recorder->answers, g_strdup (path),
                        pl_answer_new (PL_ANSWER_CONTENT, bytes, size, 0));
}

void
pl_recorder_add_link (struct pl_recorder *recorder, const char *path, const char *target)
{
  g_hash_table_replace (recorder->answers, g_strdup (path),
                        pl_answer_new (PL_ANSWER_LINK, target, strlen (target), 0));
}

void
pl_recorder_add_names (struct pl_recorder *recorder, const char *path, const GPtrArray *names)
{
  GString *lines = g_string_new (NULL);
  for (guint i = 0; i < names->len; i++) {
    pl_recording_escape (lines, g_ptr_array_index (names, i));
    g_string_append_c (lines, '\n');
  }
  g_hash_table_replace (recorder->answers, g_strconcat (path, "/", NULL),
                        pl_answer_new (PL_ANSWER_NAMES, lines->str, lines->len, 0));
  g_string_free (lines, TRUE);
}

void
pl_recorder_add_error (struct pl_recorder *recorder, const char *path, bool is_directory, int number)
{
  g_hash_table_replace (recorder->answers, is_directory ? g_strconcat (path, "/", NULL) : g_strdup (path),
                        pl_answer_new (PL_ANSWER_ERROR, "", 0, number));
}

void
pl_recorder_add_log (struct pl_recorder *recorder, const char *text, gsize size)
{
  pl_answer_free (recorder->log);
  recorder->log = pl_answer_new (PL_ANSWER_CONTENT, text, size, 0);
}

void
pl_recorder_add_log_error (struct pl_recorder *recorder, int number)
{
  pl_answer_free (recorder->log);
  recorder->log = pl_answer_new (PL_ANSWER_ERROR, "", 0, number);
}

void
pl_recorder_add_run (struct pl_recorder *recorder, const char *command, int number, const char *output,
                     gsize size)
{
  g_hash_table_replace (recorder->programs, g_strdup (command),
                        number == 0 ? pl_answer_new (PL_ANSWER_CONTENT, output, size, 0)
                                    : pl_answer_new (PL_ANSWER_ERROR, "", 0, number));
}

void
pl_recorder_add_name (struct pl_recorder *recorder, const char *key, const char *name)
{
  g_hash_table_replace (recorder->names, g_strdup (key), g_strdup (name));
}

/* Whether the content can stand as lines: UTF-8 without control characters but tab and newline, no blank at
 * an end that an editor would take away. */
static bool
is_plain (const char *bytes, gsize size)
{
  if (!g_utf8_validate_len (bytes, size, NULL))
    return false;
  for (gsize i = 0; i < size; i++) {
    guint8 byte = (guint8) bytes[i];
    if (byte == '\n' ? i > 0 && (bytes[i - 1] == ' ' || bytes[i - 1] == '\t')
                     : (byte < ' ' && byte != '\t') || byte == 0x7f)
      return false;
    /* C1 controls, U+0080 to U+009F. */
    if (byte == 0xc2 && (guint8) bytes[i + 1] < 0xa0)
      return false;
  }
  return true;
}

static void
write_hexadecimal (GString *out, const char *bytes, gsize size)
{
  g_string_append (out, " x\n");
  for (gsize i = 0; i < size; i++)
    g_string_append_printf (out, "%s%02x%s", i % 32 == 0 ? "\t" : " ", (guint8) bytes[i],
                            i % 32 == 31 || i + 1 == size ? "\n" : "");
}

/* Everything behind the name of an entry with content. */
static void
write_content (GString *out, const char *bytes, gsize size)
{
  if (!is_plain (bytes, size)) {
    write_hexadecimal (out, bytes, size);
    return;
  }
  bool has_end = size > 0 && bytes[size - 1] == '\n';
  gsize length = has_end ? size - 1 : size;
  bool is_one_line = size > 0 && memchr (bytes, '\n', length) == NULL;
  if (is_one_line && length > 0) {
    g_string_append (out, has_end ? " = " : " =~ ");
    g_string_append_len (out, bytes, (gssize) length);
    g_string_append_c (out, '\n');
    return;
  }
  /* Nothing at all is lines of which there are none. */
  g_string_append (out, has_end || size == 0 ? " |\n" : " |~\n");
  for (const char *line = bytes, *end = bytes + size; line < end;) {
    const char *newline = memchr (line, '\n', end - line);
    gsize line_length = (newline != NULL ? newline : end) - line;
    g_string_append_c (out, '\t');
    g_string_append_len (out, line, (gssize) line_length);
    g_string_append_c (out, '\n');
    line = newline != NULL ? newline + 1 : end;
  }
}

/* Where names of hosts and persons stand among those that we keep. Elsewhere a person called "amd" would tear
 * what the kernel says. */
static bool
has_words (const char *directory, const char *name)
{
  static const char *const names[] = { "cmdline", "mountinfo", "swaps" };
  bool found = false;
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    found = found || strcmp (name, names[i]) == 0;
  return found && g_str_has_prefix (directory, "proc");
}

/* Files that hold kernel command lines: their directory and name (NULL: any), and what stands in the lines
 * that do (NULL: in all). */
static const struct {
  const char *directory, *name, *only;
} boot_files[] = {
  { NULL, "refind_linux.conf", NULL },
  { NULL, "limine.conf", NULL },
  { NULL, "limine.cfg", "CMDLINE" },
  { NULL, "extlinux.conf", NULL },
  { NULL, "syslinux.cfg", NULL },
  { "boot/extlinux", "linux.cfg", NULL },
  { "etc/kernelstub", "configuration", NULL },
  { "efi/loader/entries", NULL, NULL },
  { "boot/loader/entries", NULL, NULL },
  { "boot/efi/loader/entries", NULL, NULL },
  { "etc/kernel", "cmdline", NULL },
  { "usr/lib/kernel", "cmdline", NULL },
  { "etc/cmdline.d", NULL, NULL },
  { "etc/kernel/cmdline.d", NULL, NULL },
  { "etc/default", "grub", "CMDLINE" },
  { "etc/default/grub.d", NULL, "CMDLINE" },
  { "etc/default", "limine", "CMDLINE" },
  { "etc", "limine-entry-tool.conf", "CMDLINE" },
  { "etc/limine-entry-tool.d", NULL, "CMDLINE" },
  { "etc/default", "u-boot", "PARAMETERS" },
  { "etc/default", "extlinux", "PARAMETERS" },
  { "usr/share/u-boot-menu/conf.d", NULL, "PARAMETERS" },
  { "etc/u-boot-menu/conf.d", NULL, "PARAMETERS" },
  { "etc", "update-extlinux.conf", "default_kernel_opts" },
  { "etc", "dracut.conf", "kernel_cmdline" },
  { "etc/dracut.conf.d", NULL, "kernel_cmdline" },
};

static void
cut_command_lines (GString *cut, const char *directory, const char *name, const struct pl_answer *answer)
{
  if (strcmp (directory, "proc") == 0 && strcmp (name, "cmdline") == 0) {
    pl_redact_command_line (cut, answer->bytes, answer->size);
    return;
  }
  for (guint i = 0; i < G_N_ELEMENTS (boot_files); i++) {
    if ((boot_files[i].directory != NULL && strcmp (directory, boot_files[i].directory) != 0)
        || (boot_files[i].name != NULL && strcmp (name, boot_files[i].name) != 0))
      continue;
    pl_redact_boot_file (cut, answer->bytes, answer->size, boot_files[i].only);
    return;
  }
  g_string_append_len (cut, answer->bytes, (gssize) answer->size);
}

static void
write_redacted (struct pl_recorder *recorder, GString *out, const char *directory, const char *name,
                const struct pl_answer *answer)
{
  g_autoptr (GString) text = g_string_new (NULL);
  /* Bytes that are no text hold no words to find, and a replacement of another length would tear them. */
  if (recorder->keep_secrets || !is_plain (answer->bytes, answer->size)) {
    g_string_append_len (text, answer->bytes, (gssize) answer->size);
  } else {
    g_autoptr (GString) cut = g_string_new (NULL);
    cut_command_lines (cut, directory, name, answer);
    pl_redactor_append (recorder->redactor, text, cut->str, cut->len, has_words (directory, name));
  }
  if (answer->kind == PL_ANSWER_CONTENT)
    write_content (out, text->str, text->len);
  else
    g_string_append_printf (out, " -> %s\n", text->str);
}

/* A path or the names in a directory: an interface may be named after its MAC address, a file system after
 * its UUID. The numbers in the names of EFI variables are their makers', the same on every machine. */
static char *
redact_path (struct pl_recorder *recorder, const char *path)
{
  if (recorder->keep_secrets || g_str_has_prefix (path, "sys/firmware/efi/"))
    return g_strdup (path);
  GString *out = g_string_new (NULL);
  pl_redactor_append (recorder->redactor, out, path, strlen (path), false);
  return g_string_free (out, FALSE);
}

static int
compare_keys (const void *left, const void *right)
{
  return strcmp (*(const char *const *) left, *(const char *const *) right);
}

/* Sorted again: a stand-in may have another place than the name had. */
static void
write_names_below (struct pl_recorder *recorder, GString *out, const char *directory,
                   const struct pl_answer *answer)
{
  g_autofree char *text = g_str_has_prefix (directory, "sys/firmware/efi")
                              ? g_strdup (answer->bytes)
                              : redact_path (recorder, answer->bytes);
  g_auto (GStrv) names = g_strsplit (text, "\n", -1);
  guint n = g_strv_length (names);
  qsort (names, n, sizeof *names, compare_keys);
  g_string_append (out, " |\n");
  for (guint i = 0; i < n; i++)
    if (names[i][0] != '\0')
      g_string_append_printf (out, "\t%s\n", names[i]);
}

static void
write_answer (struct pl_recorder *recorder, GString *out, const char *directory, const char *name,
              const struct pl_answer *answer)
{
  pl_recording_escape (out, name);
  switch (answer->kind) {
  case PL_ANSWER_CONTENT:
    write_redacted (recorder, out, directory, name, answer);
    break;
  case PL_ANSWER_LINK:
    if (is_plain (answer->bytes, answer->size) && memchr (answer->bytes, '\n', answer->size) == NULL)
      write_redacted (recorder, out, directory, name, answer);
    else
      g_string_append (out, " ! EILSEQ\n");
    break;
  case PL_ANSWER_NAMES:
    write_names_below (recorder, out, directory, answer);
    break;
  case PL_ANSWER_ERROR:
    if (answer->number == ENOENT)
      g_string_append (out, " -\n");
    else
      g_string_append_printf (out, " ! %s\n", pl_errno_name (answer->number));
    break;
  }
}

/* A path split at its last component; of a directory's answer the slash stays with the name. */
struct place {
  char *directory;
  char *name;
  const struct pl_answer *answer;
};

static int
compare_places (const void *left, const void *right)
{
  const struct place *first = left, *second = right;
  int order = strcmp (first->directory, second->directory);
  return order != 0 ? order : strcmp (first->name, second->name);
}

static void
clear_place (void *data)
{
  g_free (((struct place *) data)->directory);
  g_free (((struct place *) data)->name);
}

static GArray *
sort_answers (struct pl_recorder *recorder)
{
  GArray *places = g_array_new (FALSE, FALSE, sizeof (struct place));
  g_array_set_clear_func (places, clear_place);
  GHashTableIter iterator;
  void *key, *value;
  g_hash_table_iter_init (&iterator, recorder->answers);
  while (g_hash_table_iter_next (&iterator, &key, &value)) {
    g_autofree char *path = redact_path (recorder, key);
    gsize length = strlen (path);
    gsize split = length > 0 ? length - 1 : 0;
    while (split > 0 && path[split - 1] != '/')
      split--;
    struct place place = { g_strndup (path, split > 0 ? split - 1 : 0), g_strdup (path + split), value };
    g_array_append_val (places, place);
  }
  g_array_sort (places, compare_places);
  return places;
}

/* The keys of a table in the order of their bytes; free with g_free(). */
static char **
sorted_keys (GHashTable *table, guint *n)
{
  char **keys = (char **) g_hash_table_get_keys_as_array (table, n);
  if (*n > 0)
    qsort (keys, *n, sizeof *keys, compare_keys);
  return keys;
}

static void
write_host (struct pl_recorder *recorder, GString *out)
{
  const struct pl_host *host = &recorder->host;
  g_string_append (out, "@host\n");
  if (host->architecture != NULL)
    g_string_append_printf (out, "architecture = %s\n", host->architecture);
  if (host->release != NULL)
    g_string_append_printf (out, "release = %s\n", host->release);
  if (host->uid_state == PL_KNOWN)
    g_string_append_printf (out, "uid = %u\n", host->uid);
}

static void
write_answers (struct pl_recorder *recorder, GString *out)
{
  g_autoptr (GArray) places = sort_answers (recorder);
  const char *directory = NULL;
  for (guint i = 0; i < places->len; i++) {
    const struct place *place = &g_array_index (places, struct place, i);
    if (directory == NULL || strcmp (directory, place->directory) != 0) {
      directory = place->directory;
      g_string_append (out, "@/");
      pl_recording_escape (out, directory);
      g_string_append_c (out, '\n');
    }
    write_answer (recorder, out, place->directory, place->name, place->answer);
  }
}

static void
write_programs (struct pl_recorder *recorder, GString *out)
{
  guint n;
  g_autofree char **commands = sorted_keys (recorder->programs, &n);
  if (n > 0)
    g_string_append (out, "@run\n");
  for (guint i = 0; i < n; i++)
    write_answer (recorder, out, "", commands[i], g_hash_table_lookup (recorder->programs, commands[i]));
}

static void
write_names (struct pl_recorder *recorder, GString *out)
{
  guint n;
  g_autofree char **keys = sorted_keys (recorder->names, &n);
  g_string_append (out, "@names\n");
  for (guint i = 0; i < n; i++) {
    pl_recording_escape (out, keys[i]);
    const char *name = g_hash_table_lookup (recorder->names, keys[i]);
    write_content (out, name, strlen (name));
  }
}

static GString *
write_body (struct pl_recorder *recorder)
{
  GString *body = g_string_new (NULL);
  write_host (recorder, body);
  write_answers (recorder, body);
  if (recorder->log != NULL) {
    g_string_append (body, "@log\n");
    write_answer (recorder, body, "", "kernel", recorder->log);
  }
  write_programs (recorder, body);
  write_names (recorder, body);
  return body;
}

GString *
pl_recorder_write (struct pl_recorder *recorder)
{
  /* Once to find the secrets, once to replace them. */
  g_string_free (write_body (recorder), TRUE);
  pl_redactor_number (recorder->redactor);
  g_autoptr (GString) body = write_body (recorder);

  GString *out = g_string_new (PL_RECORDING_FIRST_LINE "\n@\nreplaced =");
  for (int kind = 0; kind < PL_N_SECRETS; kind++)
    g_string_append_printf (out, " %s %u", pl_secret_name (kind), pl_recorder_n_replaced (recorder, kind));
  g_string_append_c (out, '\n');
  g_string_append_len (out, body->str, (gssize) body->len);
  g_string_append (out, "@end\n");
  return out;
}

guint
pl_recorder_n_replaced (const struct pl_recorder *recorder, enum pl_secret kind)
{
  return pl_redactor_n_replaced (recorder->redactor, kind);
}

const char *
pl_secret_name (enum pl_secret kind)
{
  static const char *const names[PL_N_SECRETS] = { "host", "user", "uuid", "mac", "serial" };
  return names[kind];
}
