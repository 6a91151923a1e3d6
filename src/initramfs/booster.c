/* booster.c - see booster.h. The editor of its configuration is booster_text.c.
 *
 * Its init loads all modules at once, those of modules_force_load beside those that devices ask for, and
 * knows no softdep of /etc/modprobe.d, but the options there, "ids=" too. So vfio-pci is the first only where
 * no driver of the devices is in the image; those come behind switch-root then, where the softdeps count.
 * Source: booster (commit 57b030b), init/main.go, boot(); init/module.go, loadModuleUnlocked();
 * generator/kmod.go, readModprobeOptions(), readModulesSoftDep().
 */
#include "initramfs/booster.h"

#include "base/error.h"
#include "initramfs/booster_text.h"

#include <string.h>

#define CONFIGURATION "etc/booster.yaml"
#define PROGRAM "booster"
#define IMAGE "booster-"
#define IMAGE_ENDING ".img"
#define ALL_IMAGES "sudo /usr/lib/booster/regenerate_images"

/* An image and the release of the kernel whose it is. */
struct image {
  char *path;    /* "/boot/booster-linux.img" */
  char *release; /* NULL: not to be told */
};

static void
free_image (void *data)
{
  struct image *image = data;
  g_free (image->path);
  g_free (image->release);
  g_free (image);
}

/* What the file says: the package that a kernel's folder belongs to. Free with g_free(). */
static char *
read_package (const struct pl_texts *texts, const char *release, enum pl_state *state)
{
  g_autofree char *path = g_strconcat ("lib/modules/", release, "/pkgbase", NULL);
  GBytes *text;
  *state = pl_texts_get (texts, path, &text);
  gsize size = *state == PL_KNOWN ? g_bytes_get_size (text) : 0;
  return size > 0 ? g_strstrip (g_strndup (g_bytes_get_data (text, NULL), size)) : NULL;
}

/* Images are named by the release, or by the package: of two folders of one package nobody can say which
 * kernel is in /boot. Source: packaging/arch/regenerate_images, packaging/centos/booster-install. */
static char *
find_release (const struct pl_texts *texts, const char *name)
{
  const GPtrArray *releases;
  char *found = NULL;
  if (pl_texts_has_name (texts, "lib/modules", name))
    return g_strdup (name);
  pl_texts_names (texts, "lib/modules", &releases);
  for (guint i = 0; i < releases->len; i++) {
    const char *release = g_ptr_array_index (releases, i);
    enum pl_state state;
    g_autofree char *package = read_package (texts, release, &state);
    if (g_strcmp0 (package, name) != 0)
      continue;
    if (found != NULL) {
      g_free (found);
      return NULL;
    }
    found = g_strdup (release);
  }
  return found;
}

/* struct image *, by name. Free with g_ptr_array_unref(). */
static GPtrArray *
list_images (const struct pl_texts *texts)
{
  GPtrArray *images = g_ptr_array_new_with_free_func (free_image);
  const GPtrArray *names;
  pl_texts_names (texts, "boot", &names);
  for (guint i = 0; i < names->len; i++) {
    const char *name = g_ptr_array_index (names, i);
    if (!g_str_has_prefix (name, IMAGE) || !g_str_has_suffix (name, IMAGE_ENDING))
      continue;
    gsize length = strlen (name) - strlen (IMAGE) - strlen (IMAGE_ENDING);
    g_autofree char *kernel = g_strndup (name + strlen (IMAGE), length);
    struct image *image = g_new0 (struct image, 1);
    image->path = g_strconcat ("/boot/", name, NULL);
    image->release = find_release (texts, kernel);
    g_ptr_array_add (images, image);
  }
  return images;
}

static int
compare_strings (gconstpointer first, gconstpointer second)
{
  return strcmp (*(const char *const *) first, *(const char *const *) second);
}

static GPtrArray *
list_releases (const struct pl_texts *texts)
{
  g_autoptr (GPtrArray) images = list_images (texts);
  GPtrArray *releases = g_ptr_array_new_with_free_func (g_free);
  for (guint i = 0; i < images->len; i++) {
    const struct image *image = g_ptr_array_index (images, i);
    if (image->release != NULL
        && !g_ptr_array_find_with_equal_func (releases, image->release, g_str_equal, NULL))
      g_ptr_array_add (releases, g_strdup (image->release));
  }
  g_ptr_array_sort (releases, compare_strings);
  return releases;
}

/* Drivers that booster puts into every image of a host that has them. Source: generator/generator.go,
 * defaultModulesList, which names folders; what is in these, for PCI: from memory, and not all. */
static bool
is_default (const char *driver)
{
  static const char *const names[] = { "xhci_pci", "xhci_pci_renesas", "xhci_hcd", "ehci_pci",  "ehci_hcd",
                                       "ohci_pci", "uhci_hcd",         "nvme",     "ahci",      "vmd",
                                       "mpt3sas",  "megaraid_sas",     "hpsa",     "sdhci_pci", "virtio_pci",
                                       NULL };
  return g_strv_contains (names, driver) || g_str_has_prefix (driver, "sata_")
         || g_str_has_prefix (driver, "pata_");
}

/* Whether the word of "modules", without its minus, is about this driver; @may_be: it is a pattern, a folder
 * or an alias, and nobody can say without the kernel's modules. Source: generator/kmod.go, activateModules().
 */
static bool
is_about (const char *word, const char *driver, bool *may_be)
{
  const char *slash = strrchr (word, '/');
  g_autofree char *name = g_strdup (slash != NULL ? slash + 1 : word);
  *may_be = strcmp (word, "*") != 0 && (name[0] == '\0' || strchr (word, ':') != NULL);
  char *ending = strstr (name, ".ko");
  if (slash != NULL && ending != NULL)
    *ending = '\0';
  return strcmp (word, "*") == 0 || strcmp (g_strdelimit (name, "-", '_'), driver) == 0;
}

/* Whether the image has, or may have, the driver: what "modules" takes away counts only where it is certain.
 */
static bool
may_be_in_image (const char *driver, const GPtrArray *modules, const GPtrArray *forced, bool has_network)
{
  /* With "network" all drivers of network cards of the host are there. Those of screens and sound are not. */
  static const char *const never[]
      = { "amdgpu", "radeon", "nouveau", "i915", "xe", "nvidia", "nvidia_drm", "snd_hda_intel", NULL };
  bool is_in = is_default (driver) || (has_network && !g_strv_contains (never, driver));
  for (guint i = 0; i < modules->len; i++) {
    const char *word = g_ptr_array_index (modules, i);
    bool is_minus = word[0] == '-', may_be;
    bool is_it = is_about (word + (is_minus ? 1 : 0), driver, &may_be);
    if (is_minus)
      is_in = is_in && !is_it;
    else
      is_in = is_in || is_it || may_be;
  }
  for (guint i = 0; i < forced->len && !is_in; i++) {
    bool may_be;
    is_in = is_about (g_ptr_array_index (forced, i), driver, &may_be) || may_be;
  }
  return is_in;
}

/* The first driver that would be loaded beside vfio-pci; NULL: none. @failure: set where the file is not
 * understood. */
static const char *
find_driver (GBytes *text, const char *const *drivers, GError **failure)
{
  bool has_network = false;
  g_autoptr (GPtrArray) modules = pl_booster_text_list (text, "modules", failure);
  g_autoptr (GPtrArray) forced
      = modules != NULL ? pl_booster_text_list (text, "modules_force_load", failure) : NULL;
  if (forced == NULL || !pl_booster_text_has (text, "network", &has_network, failure))
    return NULL;
  for (guint i = 0; drivers != NULL && drivers[i] != NULL; i++) {
    g_autofree char *driver = g_strdelimit (g_strdup (drivers[i]), "-", '_');
    if (may_be_in_image (driver, modules, forced, has_network))
      return drivers[i];
  }
  return NULL;
}

/* Of what is wished the one that brings the others along: a name that a kernel to come lacks would leave it
 * without an image, and the packages' hook does not notice. Source: generator/kmod.go, activateModules();
 * Arch's booster-install. */
static const char *const *
choose_forced (const struct pl_image_wishes *wishes)
{
  static const char *const forced[] = { "vfio_pci", NULL }, *const none[] = { NULL };
  return g_strv_contains (wishes->modules, forced[0]) ? forced : none;
}

static bool
leave_to_person (struct pl_edits *edits, const struct pl_image_wishes *wishes, const char *why)
{
  g_autofree char *names = g_strjoinv (",", (char **) choose_forced (wishes));
  edits->by_hand
      = g_strdup_printf ("/" CONFIGURATION " is left as it is (%s). It has to have this line, with "
                         "what is in that list now behind it:\nmodules_force_load: %s\nThen have "
                         "the images made anew, the way they were made before, such as: " ALL_IMAGES,
                         why, names);
  return true;
}

/* A driver of the devices is in the image: what is loaded there first is chance. */
static bool
leave_driver_to_person (struct pl_edits *edits, const char *driver)
{
  edits->by_hand = g_strdup_printf (
      "/" CONFIGURATION " is left as it is: its images have %s, or may have it, and load it beside vfio-pci, "
      "not behind it. Where neither the host's screen nor its keyboard, network or disk need it before the "
      "root file system is there, take it out of modules and modules_force_load, or put this into modules:\n"
      "-%s\nand have the images made anew, such as: " ALL_IMAGES
      "\nThen vfio-pci is the first, by the softdeps of /etc/modprobe.d, which count behind the image; plan "
      "again",
      driver, driver);
  return true;
}

/* Why not each image can be made anew by a step; NULL: it can. Free with g_free(). */
static char *
why_not_made (const char *program, const GPtrArray *images)
{
  if (program == NULL)
    return g_strdup ("booster was not found in /usr/bin");
  if (images->len == 0)
    return g_strdup ("there is no image /boot/" IMAGE "*" IMAGE_ENDING);
  for (guint i = 0; i < images->len; i++) {
    const struct image *image = g_ptr_array_index (images, i);
    if (image->release == NULL)
      return g_strdup_printf ("which kernel %s belongs to cannot be told", image->path);
  }
  return NULL;
}

/* One for each image: regenerate_images does not wait for the status of what it starts, so a failure would
 * not be seen. Source: packaging/arch/regenerate_images; bash(1), wait without an argument. */
static void
add_programs (struct pl_edits *edits, const char *program, const GPtrArray *images)
{
  for (guint i = 0; i < images->len; i++) {
    const struct image *image = g_ptr_array_index (images, i);
    const char *argv[]
        = { program, "build", "--force", "--kernel-version", image->release, image->path, NULL };
    pl_program_add_write (pl_edits_add_program (edits, argv), image->path + 1);
  }
}

/* What has to be known before anything is said. */
static bool
check_known (const struct pl_texts *texts, GError **error)
{
  const GPtrArray *names;
  GBytes *text;
  return pl_texts_check (CONFIGURATION, pl_texts_get (texts, CONFIGURATION, &text), error)
         && pl_texts_check ("boot", pl_texts_names (texts, "boot", &names), error)
         && pl_texts_check ("lib/modules", pl_texts_names (texts, "lib/modules", &names), error);
}

static bool
add_modules (const struct pl_texts *texts, const struct pl_image_wishes *wishes, struct pl_edits *edits,
             GError **error)
{
  GBytes *old;
  g_autoptr (GError) failure = NULL;
  if (!check_known (texts, error))
    return false;
  pl_texts_get (texts, CONFIGURATION, &old);
  const char *driver = find_driver (old, wishes->drivers, &failure);
  if (driver != NULL)
    return leave_driver_to_person (edits, driver);
  g_autoptr (GBytes) new
      = failure == NULL ? pl_booster_text_add (old, choose_forced (wishes), &failure) : NULL;
  if (new == NULL)
    return leave_to_person (edits, wishes, failure->message);
  bool is_same = old != NULL ? g_bytes_equal (old, new) : g_bytes_get_size (new) == 0;
  if (is_same && !wishes->is_rebuilt)
    return true;
  g_autofree char *program = pl_texts_program (texts, PROGRAM);
  g_autoptr (GPtrArray) images = list_images (texts);
  g_autofree char *why = why_not_made (program, images);
  if (why != NULL)
    return leave_to_person (edits, wishes, why);
  if (!is_same)
    pl_edits_add (edits, CONFIGURATION, old, new);
  add_programs (edits, program, images);
  return true;
}

static const struct pl_text_want wants[] = {
  { PL_TEXT_FILE, CONFIGURATION, { NULL } },
  { PL_TEXT_NAMES, "boot", { IMAGE, NULL } },
  { PL_TEXT_NAMES, "lib/modules", { "", NULL } },
  { PL_TEXT_BELOW, "lib/modules", { "pkgbase", NULL } },
};
static const char *const programs[] = { PROGRAM, NULL };

/* A name of modules_force_load that a kernel lacks makes no image of it. Source: generator/kmod.go,
 * activateModules(), failIfMissing. */
const struct pl_generator pl_generator_booster = {
  .name = "booster",
  .wants = wants,
  .n_wants = G_N_ELEMENTS (wants),
  .programs = programs,
  .add_modules = add_modules,
  .releases = list_releases,
};
