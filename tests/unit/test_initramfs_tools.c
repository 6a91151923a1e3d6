/* test_initramfs_tools.c - what of a system is changed for initramfs-tools, and what its hooks write. The
 * editor of its list: test_module_list.c; whole trees: tests/test_plan.py. */
#include "base/error.h"
#include "initramfs/initramfs_tools.h"

#include "system_texts.h"

#define BASE "usr/sbin/update-initramfs", "boot/vmlinuz-6.1", "boot/initrd.img-6.1"
#define LIST "etc/initramfs-tools/modules"
#define RUN LIST " -> /usr/sbin/update-initramfs -u -k all: boot/initrd.img-6.1 boot/initrd.img-6.1.new"
#define HOOK "etc/initramfs/post-update.d/systemd-boot"

static const struct {
  const char *lines[10];
  const char *told; /* else a part of @by_hand */
  const char *by_hand;
} systems[] = {
  { { BASE }, RUN, NULL },
  { { BASE, LIST "=vfio_pci\n" }, "->", NULL },
  { { BASE, "boot/initrd.img-5.10" }, RUN, NULL },
  { { BASE, "etc/initramfs-tools/update-initramfs.conf=update_initramfs=no\n" },
    NULL,
    "update-initramfs -c -k all" },
  { { "boot/vmlinuz-6.1", "boot/initrd.img-6.1" }, NULL, "(update-initramfs was not found)" },
  /* What systemd-boot's hook writes is not known before it runs. */
  { { BASE, HOOK }, NULL, "/" HOOK " writes files" },
  { { BASE, "etc/initramfs/post-update.d/zz-own" }, NULL, "/zz-own writes files" },
  { { BASE, "etc/initramfs/post-update.d!" },
    NULL,
    "/etc/initramfs/post-update.d could not be read (denied)" },
};

static void
test_systems (void)
{
  static const char *const modules[] = { "vfio_pci", NULL };
  const struct pl_generator *generator = &pl_generator_initramfs_tools;
  for (guint i = 0; i < G_N_ELEMENTS (systems); i++) {
    struct pl_texts *texts = make_texts (systems[i].lines, generator->wants, generator->n_wants);
    struct pl_image_wishes wishes = { .modules = modules };
    struct pl_edits edits;
    g_autoptr (GError) error = NULL;
    pl_edits_init (&edits);
    g_test_message ("system %u", i);
    g_assert_true (generator->add_modules (texts, &wishes, &edits, &error));
    g_autofree char *told = tell_edits (&edits);
    g_assert_true ((edits.by_hand != NULL) == (systems[i].by_hand != NULL));
    if (edits.by_hand != NULL && strstr (edits.by_hand, systems[i].by_hand) == NULL)
      g_assert_cmpstr (edits.by_hand, ==, systems[i].by_hand);
    g_assert_cmpstr (told, ==, systems[i].told != NULL ? systems[i].told : "->");
    pl_edits_clear (&edits);
    pl_texts_free (texts);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/initramfs-tools/systems", test_systems);
  return g_test_run ();
}
