/* system.c - what a text says of the whole system: kernel release, command line, distribution.
 *
 * Said by a file or a command (os-release, uname, /proc/cmdline), or plainly by the author: "- Host OS : Arch
 * Linux". A sentence that happens to name a distribution is not enough.
 */
#include "machine/paste/paste_private.h"

#include "machine/command_line.h"

#include <string.h>

/* Names as they begin a value, longest first where one begins the other. The id is that of os-release. */
static const struct distribution {
  const char *name;
  const char *id;
} distributions[] = {
  { "Arch Linux", "arch" },
  { "Archlinux", "arch" },
  { "Arch", "arch" },
  { "EndeavourOS", "endeavouros" },
  { "Manjaro", "manjaro" },
  { "Garuda", "garuda" },
  { "CachyOS", "cachyos" },
  { "Artix", "artix" },
  { "Debian", "debian" },
  { "Devuan", "devuan" },
  { "Proxmox", "debian" },
  { "PVE", "debian" },
  { "TrueNAS SCALE", "debian" },
  { "Kali", "kali" },
  { "MX Linux", "mx" },
  { "Ubuntu", "ubuntu" },
  { "Kubuntu", "ubuntu" },
  { "Xubuntu", "ubuntu" },
  { "Lubuntu", "ubuntu" },
  { "Linux Mint", "linuxmint" },
  { "Mint", "linuxmint" },
  { "Pop!_OS", "pop" },
  { "PopOS", "pop" },
  { "Pop OS", "pop" },
  { "Pop_OS", "pop" },
  { "Zorin", "zorin" },
  { "elementary OS", "elementary" },
  { "KDE neon", "neon" },
  { "Fedora", "fedora" },
  { "Nobara", "nobara" },
  { "Bazzite", "bazzite" },
  { "CentOS", "centos" },
  { "Rocky Linux", "rocky" },
  { "AlmaLinux", "almalinux" },
  { "Red Hat Enterprise Linux", "rhel" },
  { "RHEL", "rhel" },
  { "Oracle Linux", "ol" },
  { "openSUSE Tumbleweed", "opensuse-tumbleweed" },
  { "openSUSE Leap", "opensuse-leap" },
  { "openSUSE", "opensuse" },
  { "SUSE Linux Enterprise", "sles" },
  { "Gentoo", "gentoo" },
  { "Funtoo", "funtoo" },
  { "NixOS", "nixos" },
  { "Void", "void" },
  { "Slackware", "slackware" },
  { "Unraid", "slackware" },
  { "Alpine", "alpine" },
  { "Solus", "solus" },
  { "Mageia", "mageia" },
};

static const struct distribution *
find_distribution (struct pl_span value)
{
  for (guint i = 0; i < G_N_ELEMENTS (distributions); i++) {
    gsize length = strlen (distributions[i].name);
    if (pl_span_starts_any_case (value, distributions[i].name)
        && (value.size == length || !g_ascii_isalnum (value.at[length])))
      return &distributions[i];
  }
  return NULL;
}

static void
set_distribution (struct pl_paste *paste, struct pl_span name, const char *id, enum pl_paste_rank rank,
                  guint line)
{
  if (rank < paste->distribution_rank || name.size == 0 || name.size > 120)
    return;
  struct pl_machine *machine = paste->machine;
  paste->distribution_rank = rank;
  pl_machine_set_distribution (machine, PL_KNOWN, pl_machine_string (machine, name.at, (gssize) name.size));
  machine->line_[PL_MACHINE_distribution] = line;
  if (id == NULL)
    return;
  pl_machine_set_distribution_id (machine, PL_KNOWN, pl_machine_string (machine, id, -1));
  machine->line_[PL_MACHINE_distribution_id] = line;
}

void
pl_paste_distribution_from_banner (struct pl_paste *paste, struct pl_span banner, guint line)
{
  /* Who built the kernel: "(linux@archlinux)", "gcc (Debian 12.2.0-14) 12.2.0". */
  static const struct distribution builders[]
      = { { "archlinux", "Arch Linux" },     { "(Gentoo ", "Gentoo" }, { "(Alpine ", "Alpine" },
          { "(Ubuntu ", "Ubuntu" },          { "-Ubuntu ", "Ubuntu" }, { "(Debian ", "Debian" },
          { ".fedoraproject.org", "Fedora" } };
  for (guint i = 0; i < G_N_ELEMENTS (builders); i++) {
    if (pl_span_find (banner, builders[i].name) < 0)
      continue;
    struct pl_span name = { builders[i].id, strlen (builders[i].id) };
    set_distribution (paste, name, find_distribution (name)->id, PL_PASTE_RANK_PATH, line);
    return;
  }
}

/* "5.18.5", "5.4.0-47-generic", "6.1": digits, dot, digits, and what distributions put behind it. */
static bool
take_release (struct pl_span *text, struct pl_span *release)
{
  gsize at = 0, dots = 0;
  while (at < text->size && (g_ascii_isalnum (text->at[at]) || strchr (".-_+~", text->at[at]) != NULL)) {
    bool needs_digit = at == 0 || (text->at[at - 1] == '.' && dots <= 2);
    if (needs_digit && !g_ascii_isdigit (text->at[at]))
      return false;
    dots += text->at[at] == '.';
    at++;
  }
  while (at > 0 && text->at[at - 1] == '.')
    at--;
  *release = pl_span_head (*text, at);
  *text = pl_span_skip (*text, at);
  return dots > 0 && memchr (release->at, '.', release->size) != NULL && release->size <= 64;
}

void
pl_paste_set_release (struct pl_paste *paste, struct pl_span release, enum pl_paste_rank rank, guint line)
{
  struct pl_machine *machine = paste->machine;
  const char *text = pl_machine_string (machine, release.at, (gssize) release.size), *earlier;
  if (rank < paste->release_rank)
    return;
  if (rank >= PL_PASTE_RANK_FILE && pl_machine_get_kernel_release (machine, &earlier) == PL_KNOWN
      && paste->release_rank >= PL_PASTE_RANK_FILE && g_strcmp0 (earlier, text) != 0)
    pl_paste_note (paste, line, "the kernel is %s here and %s in line %u; the later stands", text, earlier,
                   machine->line_[PL_MACHINE_kernel_release]);
  paste->release_rank = rank;
  pl_machine_set_kernel_release (machine, PL_KNOWN, text);
  machine->line_[PL_MACHINE_kernel_release] = line;
}

/* "BOOT_IMAGE=/boot/vmlinuz-5.4.0-47-generic": distributions name the kernel's file by its release. */
static void
take_boot_image (struct pl_paste *paste, const struct pl_command_line *command_line, guint line)
{
  const char *image = pl_command_line_value (command_line, "BOOT_IMAGE");
  const char *name = image != NULL ? strstr (image, "vmlinuz-") : NULL;
  if (name == NULL)
    return;
  struct pl_span rest = { name + strlen ("vmlinuz-"), strlen (name) - strlen ("vmlinuz-") }, release;
  if (take_release (&rest, &release) && rest.size == 0)
    pl_paste_set_release (paste, release, PL_PASTE_RANK_BOOT_IMAGE, line);
}

void
pl_paste_set_command_line (struct pl_paste *paste, struct pl_span text, enum pl_paste_rank rank, guint line)
{
  struct pl_machine *machine = paste->machine;
  const struct pl_command_line *earlier = NULL;
  bool is_known = pl_machine_get_command_line (machine, &earlier) == PL_KNOWN;
  if (rank < paste->command_line_rank && rank != PL_PASTE_RANK_LOG)
    return;
  if (is_known && pl_span_is (text, earlier->text)) {
    paste->command_line_rank = MAX (rank, paste->command_line_rank);
    return;
  }
  /* The kernel tells it twice, and the second time with more. */
  if (is_known && rank == paste->command_line_rank)
    pl_paste_note (paste, line, "the kernel command line is another one than in line %u; the later stands",
                   machine->line_[PL_MACHINE_command_line]);
  const struct pl_command_line *command_line = pl_command_line_parse (machine, text.at, text.size);
  pl_machine_set_command_line (machine, PL_KNOWN, command_line);
  machine->line_[PL_MACHINE_command_line] = line;
  paste->command_line_rank = rank;
  take_boot_image (paste, command_line, line);
}

/* The key of "Host OS : Arch Linux", "OS | Ubuntu 20.04"; the value in *text. */
static bool
take_key (struct pl_span *text, struct pl_span *key)
{
  gsize at = 0;
  while (at < text->size && at < 32 && (g_ascii_isalpha (text->at[at]) || text->at[at] == ' '))
    at++;
  *key = pl_span_trim (pl_span_head (*text, at));
  struct pl_span rest = pl_span_skip (*text, at);
  pl_span_take_any (&rest, "*`");
  if (key->size < 2 || rest.size == 0 || strchr (":|=\t", rest.at[0]) == NULL)
    return false;
  pl_span_take_any (&rest, ":|= \t*`\"");
  *text = pl_span_trim (rest);
  return true;
}

static bool
is_key (struct pl_span key, const char *const *keys, gsize count)
{
  for (gsize i = 0; i < count; i++)
    if (key.size == strlen (keys[i]) && pl_span_starts_any_case (key, keys[i]))
      return true;
  return false;
}

static bool
take_key_line (struct pl_paste *paste, const struct pl_paste_line *line)
{
  static const char *const kernel_keys[] = { "kernel",       "kernel version",       "kernel release",
                                             "linux kernel", "linux kernel version", "host kernel" };
  static const char *const system_keys[] = { "os",
                                             "host os",
                                             "distro",
                                             "distribution",
                                             "linux distribution",
                                             "linux distro",
                                             "operating system",
                                             "host operating system",
                                             "host distro",
                                             "host distribution",
                                             "distributor id",
                                             "description",
                                             "host",
                                             "os name" };
  struct pl_span value = line->text, key, release;
  if (line->is_unterminated || !take_key (&value, &key) || value.size == 0)
    return false;
  if (is_key (key, kernel_keys, G_N_ELEMENTS (kernel_keys))) {
    /* "Linux Kernel 5.18.5", "x86_64 Linux 5.8.12-acso": the first word that is a release. */
    while (value.size > 0) {
      struct pl_span word = pl_span_take_word (&value);
      if (take_release (&word, &release) && (word.size == 0 || strchr (",;)", word.at[0]) != NULL)) {
        pl_paste_set_release (paste, release, PL_PASTE_RANK_KEY, line->number);
        return true;
      }
    }
    return false;
  }
  if (!is_key (key, system_keys, G_N_ELEMENTS (system_keys)))
    return false;
  /* "[Arch Linux](https://archlinux.org)" */
  gssize close = value.at[0] == '[' ? pl_span_find (value, "]") : -1;
  if (close > 0)
    value = pl_span_trim (pl_span_skip (pl_span_head (value, (gsize) close), 1));
  while (value.size > 0 && strchr ("*`\"| ", value.at[value.size - 1]) != NULL)
    value.size--;
  const struct distribution *found = find_distribution (value);
  if (found == NULL)
    return false;
  set_distribution (paste, value, found->id, PL_PASTE_RANK_KEY, line->number);
  return true;
}

/* Many files have a line "ID=": it is a distribution's where we know it, or where os-release has given a name
 * before. */
static bool
is_distribution_id (const struct pl_paste *paste, struct pl_span value)
{
  for (guint i = 0; i < G_N_ELEMENTS (distributions); i++)
    if (pl_span_is (value, distributions[i].id))
      return true;
  if (paste->distribution_rank != PL_PASTE_RANK_FILE || value.size == 0 || value.size > 32)
    return false;
  for (gsize i = 0; i < value.size; i++)
    if (!g_ascii_islower (value.at[i]) && !g_ascii_isdigit (value.at[i])
        && strchr ("._-", value.at[i]) == NULL)
      return false;
  return true;
}

/* PRETTY_NAME="Debian GNU/Linux 12 (bookworm)", ID=debian. Source: man 5 os-release. */
static bool
take_os_release (struct pl_paste *paste, const struct pl_paste_line *line)
{
  struct pl_span value = line->text;
  bool is_name = pl_span_take (&value, "PRETTY_NAME=") || pl_span_take (&value, "DISTRIB_DESCRIPTION=");
  if (!is_name && !pl_span_take (&value, "ID="))
    return false;
  if (line->is_unterminated)
    return false;
  char quote = value.size > 0 ? value.at[0] : '\0';
  if (quote == '"' || quote == '\'') {
    value = pl_span_skip (value, 1);
    if (value.size == 0 || value.at[value.size - 1] != quote)
      return false;
    value.size--;
  }
  if (is_name) {
    const struct distribution *found = find_distribution (value);
    set_distribution (paste, value, found != NULL ? found->id : NULL, PL_PASTE_RANK_FILE, line->number);
    return true;
  }
  if (!is_distribution_id (paste, value))
    return false;
  struct pl_machine *machine = paste->machine;
  pl_machine_set_distribution_id (machine, PL_KNOWN,
                                  pl_machine_string (machine, value.at, (gssize) value.size));
  machine->line_[PL_MACHINE_distribution_id] = line->number;
  return true;
}

/* "Linux host 5.4.0-47-generic #51-Ubuntu SMP ...", what uname -a prints; "Linux 5.4.0" of uname -sr. */
static bool
take_uname (struct pl_paste *paste, const struct pl_paste_line *line)
{
  struct pl_span rest = line->text, release;
  bool is_expected = paste->expected == PL_PASTE_RELEASE;
  if (pl_span_take (&rest, "Linux ")) {
    struct pl_span second = rest;
    if (is_expected && take_release (&second, &release)) {
      pl_paste_set_release (paste, release, PL_PASTE_RANK_FILE, line->number);
      return true;
    }
    pl_span_take_word (&rest);
    if (!take_release (&rest, &release) || !pl_span_starts (pl_span_trim (rest), "#"))
      return false;
    pl_paste_set_release (paste, release, PL_PASTE_RANK_FILE, line->number);
    return true;
  }
  if (!is_expected || line->is_unterminated || !take_release (&rest, &release) || rest.size > 0)
    return false;
  pl_paste_set_release (paste, release, PL_PASTE_RANK_FILE, line->number);
  return true;
}

static bool
ends_with (struct pl_span text, const char *end)
{
  gsize length = strlen (end);
  return text.size >= length && memcmp (text.at + text.size - length, end, length) == 0;
}

/* A command whose answer is the next line. */
static void
expect_answer (struct pl_paste *paste, struct pl_span text)
{
  if (ends_with (text, "uname -r") || ends_with (text, "uname -a") || ends_with (text, "uname -sr"))
    paste->expected = PL_PASTE_RELEASE;
  else if (ends_with (text, "/proc/cmdline"))
    paste->expected = PL_PASTE_COMMAND_LINE;
  else if (text.size > 0 && !pl_span_starts (text, "```") && !pl_span_starts (text, "~~~"))
    paste->expected = PL_PASTE_NOTHING;
}

/* ".../lib/modules/5.4.0-47-generic/kernel/..." */
static void
take_modules_path (struct pl_paste *paste, const struct pl_paste_line *line)
{
  static const char path[] = "/lib/modules/";
  gssize at = pl_span_find (line->text, path);
  if (at < 0)
    return;
  struct pl_span rest = pl_span_skip (line->text, (gsize) at + strlen (path)), release;
  if (take_release (&rest, &release) && pl_span_starts (rest, "/"))
    pl_paste_set_release (paste, release, PL_PASTE_RANK_PATH, line->number);
}

bool
pl_paste_system_line (struct pl_paste *paste, const struct pl_paste_line *line)
{
  struct pl_span text = line->text;
  bool is_taken = take_uname (paste, line);
  /* The name of the file that was booted stands first in what GRUB hands over. */
  bool is_command_line
      = !is_taken && !line->is_unterminated && pl_span_find (text, "=") > 0
        && (paste->expected == PL_PASTE_COMMAND_LINE || pl_span_starts (text, "BOOT_IMAGE="));
  if (is_command_line) {
    pl_paste_set_command_line (paste, text, PL_PASTE_RANK_FILE, line->number);
    is_taken = true;
  }
  if (!is_taken)
    is_taken = take_os_release (paste, line) || take_key_line (paste, line);
  if (!is_taken)
    take_modules_path (paste, line);
  expect_answer (paste, text);
  return is_taken;
}
