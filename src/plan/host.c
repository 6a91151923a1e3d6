/* host.c - the part of a plan that gives the host what guests need: packages, the service, the default
 * network, the groups of the person. See making.h.
 *
 * It comes before the boot's steps, holds at once, and no part of it decides how the system boots: so nothing
 * that is not known here keeps the rest from being planned. Source: trial-boot.md, rule 0.
 *
 * There is no step for the limit of locked memory: for a guest of qemu:///system libvirt raises it itself
 * before QEMU starts (Source: libvirt, src/qemu/qemu_domain.c, qemuDomainAdjustMaxMemLock()). Whoever starts
 * QEMU by hand as an ordinary user raises it by hand.
 */
#include "plan/making.h"

#include <string.h>

struct host {
  struct pl_making *making;
  const struct pl_texts *texts;
  const struct pl_distribution *distribution; /* NULL: unknown */
  GPtrArray *missing;                         /* const char *: titles */
  GPtrArray *unknown;                         /* const char *: titles */
  GPtrArray *packages;                        /* char *: names */
  bool is_installed[PL_N_NEEDS];              /* comes by a step */
  bool has_libvirt;                           /* is there, or comes by a step */
};

static void
host_clear (struct host *host)
{
  g_ptr_array_unref (host->missing);
  g_ptr_array_unref (host->unknown);
  g_ptr_array_unref (host->packages);
}

/* "A, B and C"; free with g_free(). */
static char *
join (const GPtrArray *words, const char *between)
{
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < words->len; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? between : "", (const char *) g_ptr_array_index (words, i));
  return g_string_free (text, FALSE);
}

/* All words of several lists as one, ended by NULL. Free with g_strfreev(). */
static char **
words_of (const char *const *begin, const char *const *end)
{
  GPtrArray *words = g_ptr_array_new ();
  for (guint i = 0; begin != NULL && begin[i] != NULL; i++)
    g_ptr_array_add (words, g_strdup (begin[i]));
  for (guint i = 0; end != NULL && end[i] != NULL; i++)
    g_ptr_array_add (words, g_strdup (end[i]));
  g_ptr_array_add (words, NULL);
  return (char **) g_ptr_array_free (words, FALSE);
}

/* Takes over both lists of words. */
static struct pl_step *
add_step (struct pl_making *making, char **argv, char **undo_argv, enum pl_leave leave, const char *why)
{
  struct pl_step *step = pl_step_new (PL_STEP_PROGRAM);
  step->argv = argv;
  step->undo_argv = undo_argv;
  step->leave = leave;
  step->why = g_strdup (why);
  g_ptr_array_add (making->plan->steps, step);
  return step;
}

static void
find_missing (struct host *host)
{
  for (enum pl_need need = 0; need < PL_N_NEEDS; need++) {
    const char *names = host->distribution != NULL ? host->distribution->packages[need] : NULL;
    enum pl_state state = pl_need_state (host->texts, need);
    if (state == PL_KNOWN || (host->distribution != NULL && names == NULL))
      continue;
    g_ptr_array_add (state == PL_ABSENT ? host->missing : host->unknown, (char *) pl_need_title (need));
    if (state != PL_ABSENT || names == NULL)
      continue;
    host->is_installed[need] = true;
    g_auto (GStrv) words = g_strsplit (names, " ", -1);
    for (guint i = 0; words[i] != NULL; i++)
      g_ptr_array_add (host->packages, g_strdup (words[i]));
  }
  host->has_libvirt = pl_need_state (host->texts, PL_NEED_LIBVIRT) == PL_KNOWN;
}

/* What only a recording of this version, or the machine itself, tells. */
static void
say_unknown (const struct host *host)
{
  if (host->unknown->len == 0)
    return;
  g_autofree char *titles = join (host->unknown, ", ");
  pl_making_remark (host->making, PL_REMARK_NOTE, "whether the host has what guests need is not known of: %s",
                    titles);
}

/* The table is of x86. */
static bool
is_other_architecture (const struct pl_machine *machine)
{
  const char *architecture;
  return pl_machine_get_architecture (machine, &architecture) == PL_KNOWN
         && strcmp (architecture, "x86_64") != 0 && strcmp (architecture, "amd64") != 0;
}

/* Whether there can be a step; where not, what a person does is said. */
static bool
may_install (struct host *host)
{
  const struct pl_distribution *row = host->distribution;
  const struct pl_package_keeper *keeper = pl_package_keeper_find (host->texts);
  g_autofree char *titles = join (host->missing, ", ");
  g_autofree char *names = join (host->packages, " ");
  g_autofree char *command
      = row != NULL && row->install != NULL ? g_strjoinv (" ", (char **) row->install) : NULL;
  if (keeper != NULL && keeper->command == NULL)
    pl_making_remark (host->making, PL_REMARK_NOTE, "no package is installed: %s", keeper->reason);
  else if (keeper != NULL && row != NULL)
    pl_making_remark (host->making, PL_REMARK_BY_HAND, "no package is installed: %s: %s %s", keeper->reason,
                      keeper->command, names);
  else if (row == NULL || is_other_architecture (host->making->machine))
    pl_making_remark (host->making, PL_REMARK_BY_HAND,
                      "guests need what is not installed here, and the names of its packages on this %s are "
                      "not known to pcilend: %s",
                      row == NULL ? "distribution" : "architecture", titles);
  else if (row->by_hand != NULL)
    pl_making_remark (host->making, PL_REMARK_BY_HAND,
                      "guests need what is not installed here, and %s: %s %s", row->by_hand, command, names);
  else
    return true;
  return false;
}

/* One file of each package that it leaves behind: shows whether it did its work. */
static void
add_writes (const struct host *host, struct pl_step *step)
{
  static const struct {
    enum pl_need need, other;
    const char *path;
  } proofs[] = { { PL_NEED_LIBVIRT, PL_NEED_VIRSH, "usr/bin/virsh" },
                 { PL_NEED_QEMU, PL_NEED_QEMU_IMG, "usr/bin/qemu-img" },
                 { PL_NEED_SWTPM, PL_NEED_SWTPM, "usr/bin/swtpm" },
                 { PL_NEED_TOOLS, PL_NEED_TOOLS, "usr/bin/virt-install" } };
  GPtrArray *writes = g_ptr_array_new ();
  for (guint i = 0; i < G_N_ELEMENTS (proofs); i++)
    if ((host->is_installed[proofs[i].need] || host->is_installed[proofs[i].other])
        && !pl_texts_has_name (host->texts, "usr/bin", proofs[i].path + strlen ("usr/bin/")))
      g_ptr_array_add (writes, g_strdup (proofs[i].path));
  g_ptr_array_add (writes, NULL);
  step->writes = (char **) g_ptr_array_free (writes, FALSE);
}

static void
plan_packages (struct host *host)
{
  if (host->missing->len == 0 || !may_install (host)) {
    memset (host->is_installed, 0, sizeof host->is_installed);
    return;
  }
  const struct pl_distribution *row = host->distribution;
  g_autofree char *titles = join (host->missing, ", ");
  g_autofree char *why = g_strdup_printf ("guests need %s. Where the lists of packages are old: %s first",
                                          titles, row->refresh);
  g_ptr_array_add (host->packages, NULL);
  const char *const *names = (const char *const *) host->packages->pdata;
  struct pl_step *step = add_step (host->making, words_of (row->install, names),
                                   words_of (row->remove, names), PL_LEAVE_PACKAGES, why);
  add_writes (host, step);
  host->has_libvirt = host->has_libvirt || host->is_installed[PL_NEED_LIBVIRT];
}

#define SERVICE_WHY "libvirt's daemon starts when it is asked for, at every boot"

static void
add_runit (struct host *host, const char *const *services)
{
  g_autoptr (GPtrArray) from = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) links = g_ptr_array_new_with_free_func (g_free);
  static const char *const link[] = { "/usr/bin/ln", "-s", NULL };
  static const char *const remove[] = { "/usr/bin/rm", NULL };
  for (guint i = 0; services[i] != NULL; i++) {
    g_ptr_array_add (from, g_strconcat ("/etc/sv/", services[i], NULL));
    g_ptr_array_add (links, g_strconcat ("/etc/runit/runsvdir/default/", services[i], NULL));
  }
  g_ptr_array_add (from, g_strdup ("/etc/runit/runsvdir/default/"));
  g_ptr_array_add (from, NULL);
  g_ptr_array_add (links, NULL);
  add_step (host->making, words_of (link, (const char *const *) from->pdata),
            words_of (remove, (const char *const *) links->pdata), PL_LEAVE_ON_FAILURE, SERVICE_WHY);
}

/* Source: man 1 systemctl, enable --now; man 8 rc-update. False where it is left to a person, or is for the
 * next boot only: then nothing can be asked of the daemon yet. */
static bool
plan_service (struct host *host)
{
  static const char *const enable[] = { "/usr/bin/systemctl", "enable", "--now", NULL };
  static const char *const disable[] = { "/usr/bin/systemctl", "disable", "--now", NULL };
  static const char *const add[] = { "/sbin/rc-update", "add", "libvirtd", "default", NULL };
  static const char *const delete[] = { "/sbin/rc-update", "del", "libvirtd", "default", NULL };
  enum pl_init init;
  if (host->is_installed[PL_NEED_LIBVIRT] && host->distribution->starts_service)
    return true;
  if (!pl_init_find (host->texts, host->distribution, &init)) {
    pl_making_remark (host->making, PL_REMARK_BY_HAND,
                      "have libvirt's daemon started at every boot: libvirtd");
    return false;
  }
  enum pl_state state = pl_service_state (host->texts, init);
  const char *const *services = pl_services_find (host->texts, host->distribution, init);
  if (state == PL_KNOWN)
    return true;
  if (state != PL_ABSENT) {
    pl_making_remark (host->making, PL_REMARK_NOTE,
                      "whether libvirt's daemon is switched on is not known (%s)", pl_state_name (state));
    return false;
  }
  if (init == PL_INIT_RUNIT)
    add_runit (host, services);
  else
    add_step (host->making, init == PL_INIT_SYSTEMD ? words_of (enable, services) : words_of (add, NULL),
              init == PL_INIT_SYSTEMD ? words_of (disable, services) : words_of (delete, NULL),
              PL_LEAVE_ON_FAILURE, SERVICE_WHY);
  return init == PL_INIT_SYSTEMD;
}

/* Source: man 1 virsh, net-autostart. */
#define VIRSH "/usr/bin/virsh", "-c", "qemu:///system"

static void
plan_network (struct host *host, bool has_daemon)
{
  static const char *const on[] = { VIRSH, "net-autostart", "default", NULL };
  static const char *const off[] = { VIRSH, "net-autostart", "--disable", "default", NULL };
  bool comes = host->is_installed[PL_NEED_LIBVIRT] || host->is_installed[PL_NEED_NETWORK];
  enum pl_state defined = pl_need_state (host->texts, PL_NEED_NETWORK);
  enum pl_state state = pl_network_state (host->texts);
  if (state == PL_KNOWN || (comes && host->distribution->starts_network))
    return;
  /* A host that has libvirt and not this network has another one, or wants none. */
  if (!comes && defined == PL_ABSENT)
    return;
  if (!comes && (defined != PL_KNOWN || state != PL_ABSENT))
    pl_making_remark (host->making, PL_REMARK_NOTE,
                      "whether libvirt's default network starts by itself is not known (%s)",
                      pl_state_name (defined != PL_KNOWN ? defined : state));
  else if (!has_daemon)
    pl_making_remark (host->making, PL_REMARK_BY_HAND,
                      "once libvirt's daemon runs: virsh -c qemu:///system net-autostart default");
  else
    add_step (
        host->making, words_of (on, NULL), words_of (off, NULL), PL_LEAVE_ON_FAILURE,
        "guests reach the network through libvirt's default network, which starts with libvirt from the "
        "next boot on; at once: virsh net-start default");
}

/* Source: man 1 gpasswd; busybox, addgroup and delgroup, on Alpine, which has no gpasswd. */
static void
plan_group (struct host *host, const char *person, const char *group, const char *why)
{
  bool is_busybox = host->distribution != NULL && host->distribution->init == PL_INIT_OPENRC
                    && !pl_texts_has_name (host->texts, "usr/bin", "gpasswd");
  const char *const add[] = { "/usr/bin/gpasswd", "-a", person, group, NULL };
  const char *const remove[] = { "/usr/bin/gpasswd", "-d", person, group, NULL };
  const char *const busybox_add[] = { "/usr/sbin/addgroup", person, group, NULL };
  const char *const busybox_remove[] = { "/usr/sbin/delgroup", person, group, NULL };
  struct pl_step *step
      = add_step (host->making, words_of (is_busybox ? busybox_add : add, NULL),
                  words_of (is_busybox ? busybox_remove : remove, NULL), PL_LEAVE_ON_FAILURE, why);
  static const char *const writes[] = { "etc/group", NULL };
  step->writes = words_of (writes, NULL);
}

/* Membership counts from the next login on. */
static void
plan_groups (struct host *host)
{
  static const struct {
    const char *name, *why;
  } groups[] = {
    { "libvirt",
      "who is in this group may work with the guests of qemu:///system without a password, from the "
      "next login on" },
    { "kvm", "who is in this group may start QEMU by hand with KVM, from the next login on" },
  };
  const struct pl_person *person = host->making->wishes->person;
  if (person == NULL) {
    if (host->is_installed[PL_NEED_LIBVIRT])
      pl_making_remark (
          host->making, PL_REMARK_NOTE,
          "whoever works with the guests has to be in the group libvirt: gpasswd -a NAME libvirt");
    return;
  }
  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    if (!g_strv_contains (person->groups, groups[i].name))
      plan_group (host, person->name, groups[i].name, groups[i].why);
}

/* Of a text, or a recording of an earlier version, nothing is known. */
static void
say_nothing_known (const struct pl_distribution *row, struct pl_making *making)
{
  g_autoptr (GPtrArray) titles = g_ptr_array_new ();
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  for (enum pl_need need = 0; need < PL_N_NEEDS; need++) {
    g_ptr_array_add (titles, (char *) pl_need_title (need));
    if (row != NULL && row->packages[need] != NULL)
      g_ptr_array_add (names, (char *) row->packages[need]);
  }
  g_autofree char *all = join (row != NULL ? names : titles, row != NULL ? " " : ", ");
  g_autofree char *command = row != NULL ? g_strjoinv (" ", (char **) row->install) : NULL;
  pl_making_remark (making, PL_REMARK_NOTE, "whether the host has what guests need is not known%s%s %s",
                    row != NULL ? "; where it has not: " : ":", row != NULL ? command : "", all);
}

void
pl_making_host (struct pl_making *making)
{
  const struct pl_distribution *row = pl_making_distribution (making);
  const GPtrArray *names;
  if (making->texts == NULL || pl_texts_names (making->texts, "usr/libexec", &names) == PL_UNREAD) {
    say_nothing_known (row, making);
    return;
  }
  struct host host = { .making = making,
                       .texts = making->texts,
                       .distribution = row,
                       .missing = g_ptr_array_new (),
                       .unknown = g_ptr_array_new (),
                       .packages = g_ptr_array_new_with_free_func (g_free) };
  find_missing (&host);
  say_unknown (&host);
  plan_packages (&host);
  if (host.has_libvirt) {
    plan_network (&host, plan_service (&host));
    plan_groups (&host);
  }
  host_clear (&host);
}
