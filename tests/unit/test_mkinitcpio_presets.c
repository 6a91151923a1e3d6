/* test_mkinitcpio_presets.c - mkinitcpio's presets, and what of a whole system is changed for them. */
#include "base/error.h"
#include "initramfs/mkinitcpio.h"
#include "initramfs/mkinitcpio_preset.h"

#include "system_texts.h"

#define V "vfio_pci vfio"
#define HOOKS \
  "HOOKS=(base udev autodetect microcode modconf kms keyboard keymap consolefont block filesystems fsck)\n"

#define PRESET                                                                                 \
  "# mkinitcpio preset file for the 'linux' package\n\n#ALL_config=\"/etc/mkinitcpio.conf\"\n" \
  "ALL_kver=\"/boot/vmlinuz-linux\"\n\nPRESETS=('default' 'fallback')\n\n"                     \
  "default_image=\"/boot/initramfs-linux.img\"\n#default_options=\"\"\n\n"                     \
  "fallback_image=\"/boot/initramfs-linux-fallback.img\"\nfallback_options=\"-S autodetect\"\n"

/* "kernel config image uki hook" of each image, with "-" for what is not there, parted by ", "; where it
 * begins with '!', the error. */
static const struct {
  const char *text, *wanted;
} presets[] = {
  { PRESET, "/boot/vmlinuz-linux - /boot/initramfs-linux.img - -, /boot/vmlinuz-linux - "
            "/boot/initramfs-linux-fallback.img - -" },
  { "ALL_config='/etc/mkinitcpio.conf'\nALL_kver='/boot/vmlinuz-6.6-x86_64'\nPRESETS=('default')\n"
    "default_config=''\ndefault_image=/boot/i\n",
    "/boot/vmlinuz-6.6-x86_64 /etc/mkinitcpio.conf /boot/i - -" },
  { "ALL_kver=/boot/k\nPRESETS=(a b)\na_image=/boot/a\na_config=/etc/a.conf\nb_kver=6.1.2-arch1-1\n"
    "b_uki=/efi/EFI/Linux/arch.efi\n",
    "/boot/k /etc/a.conf /boot/a - -, 6.1.2-arch1-1 - - /efi/EFI/Linux/arch.efi -" },
  { "ALL_kver=/k\nPRESETS=(a)\na_efi_image=/e/x.efi\n", "/k - - /e/x.efi -" },
  { "ALL_kver=/k\nPRESETS=(a)\na_efi_image=/e/x.efi\na_uki=\na_image=/i\n", "/k - /i - -" },
  { "ALL_kver=/k\nPRESETS=(a)\n", "" },
  { "PRESETS=(a)\na_image=/i\n", "" },
  { "", "" },
  { "PRESETS=a\na_kver=/k\na_image=/i\nb_image=$x\n", "/k - /i - -" },
  { "ALL_kver=/k\nPRESETS=(a)\na_image=/i\na_options=(-S 'autodetect,modconf')\n", "/k - /i - without" },
  { "ALL_kver=/k\nPRESETS=(a)\na_image=/i\na_options=\"-Smodconf\"\n", "/k - /i - without" },
  { "ALL_kver=/k\nPRESETS=(a)\na_image=/i\na_options=\"--skiphooks=x,modconf -v\"\n", "/k - /i - without" },
  { "ALL_kver=/k\nPRESETS=(a)\na_image=/i\na_options=\"-A modconf\"\n", "/k - /i - with" },
  { "ALL_kver=/k\nPRESETS=(a)\na_image=/i\na_options=\"--splash /usr/x.bmp  -z cat\"\n", "/k - /i - -" },
  { "ALL_kver=/k\nPRESETS=(a)\na_image=/i\n\na_options=\"-c /etc/x\"\n",
    "!line 5: a_options has an option that is not understood" },
  { "ALL_kver=/k\nPRESETS=(a)\na_image=/i\na_options=-g\n",
    "!line 4: a_options has an option that is not understood" },
  { "ALL_kver=/k\nPRESETS=(a)\na_image=/i\na_options=-S\n",
    "!line 4: a_options has an option that is not understood" },
  { "ALL_kver=/k\nALL_image=/x\nPRESETS=(a)\na_uki=/u\n", "/k - - /u -" },
  { "ALL_kver=/k\nPRESETS=(a)\na_image=/x//i\n", "!line 3: a_image is no plain absolute path" },
  { "ALL_kver=/k\nPRESETS=(a)\na_image=i\n", "!line 3: a_image is no plain absolute path" },
  { "ALL_kver=/k\nPRESETS=(a)\na_uki=/x/../i\n", "!line 3: a_uki is no plain absolute path" },
  { "ALL_kver=/k\nPRESETS=(a)\na_image=\"/i $(x)\"\n",
    "!line 3: a_image is only known when the file is read" },
  { "ALL_kver=none\nPRESETS=(a)\na_image=/i\n", "!line 2: the preset's kernel is not understood" },
  { "ALL_kver=/k\nPRESETS=(a-b)\n", "!line 2: PRESETS has an element that is no name" },
  { "ALL_kver=/k\nPRESETS=(a)\nPRESETS+=(b)\n", "!line 3: PRESETS is added to" },
  { "if x; then ALL_kver=/k; fi\nPRESETS=(a)\na_image=/i\n", "!line 1: x may change what the file sets" },
  { "ALL_kver=/k\n. /etc/x\n", "!line 2: . may change what the file sets" },
  { "PRESETS=(\n", "!line 1: the array is not closed" },
};

static void
test_presets (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (presets); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (GBytes) text = g_bytes_new (presets[i].text, strlen (presets[i].text));
    g_autoptr (GPtrArray) images = pl_mkinitcpio_preset_read (text, &error);
    g_autoptr (GString) found = g_string_new (NULL);
    g_test_message ("%s", presets[i].text);
    if (presets[i].wanted[0] == '!') {
      g_assert_null (images);
      g_assert_cmpstr (error->message, ==, presets[i].wanted + 1);
      continue;
    }
    g_assert_no_error (error);
    for (guint k = 0; k < images->len; k++) {
      const struct pl_mkinitcpio_image *image = g_ptr_array_index (images, k);
      const char *fields[] = { image->kernel, image->config, image->image, image->uki,
                               image->is_without_modconf ? "without"
                               : image->is_with_modconf  ? "with"
                                                         : NULL };
      for (guint m = 0; m < G_N_ELEMENTS (fields); m++)
        g_string_append_printf (found, "%s%s",
                                m > 0   ? " "
                                : k > 0 ? ", "
                                        : "",
                                fields[m] != NULL ? fields[m] : "-");
    }
    g_assert_cmpstr (found->str, ==, presets[i].wanted);
  }
}

#define BASE "usr/bin/mkinitcpio", "boot/vmlinuz-linux", "etc/mkinitcpio.d/linux.preset=" PRESET
#define CONF "etc/mkinitcpio.conf=MODULES=()\n" HOOKS
#define RUN "/usr/bin/mkinitcpio -P: "
#define IMAGES "boot/initramfs-linux.img boot/initramfs-linux-fallback.img"
#define UKI_PRESET "ALL_kver=/boot/vmlinuz-linux\nPRESETS=(a)\na_uki=/efi/EFI/Linux/arch.efi\n"

/* @wanted: the files that are changed, "->", what is run and written. Else @by_hand, or @error, is a part of
 * what is said. */
static const struct {
  const char *lines[12];
  const char *modules;
  bool is_rebuilt;
  const char *wanted, *by_hand, *error;
} systems[] = {
  { { BASE, CONF }, V, false, "etc/mkinitcpio.conf -> " RUN IMAGES, NULL, NULL },
  { { BASE, "etc/mkinitcpio.conf=MODULES=(vfio_pci vfio)\n" HOOKS }, V, false, "->", NULL, NULL },
  { { BASE, "etc/mkinitcpio.conf=MODULES=(vfio_pci vfio)\n" HOOKS }, V, true, "-> " RUN IMAGES, NULL, NULL },
  { { BASE, CONF }, "", true, "-> " RUN IMAGES, NULL, NULL },
  { { BASE, CONF, "etc/mkinitcpio.conf.d/a.conf=MODULES=(x)\n" },
    V,
    false,
    "etc/mkinitcpio.conf.d/a.conf -> " RUN IMAGES,
    NULL,
    NULL },
  { { BASE, CONF, "etc/mkinitcpio.conf.d/10.conf=MODULES=(x)\n",
      "etc/mkinitcpio.conf.d/9.conf=MODULES=(y)\n" },
    V,
    false,
    NULL,
    "10.conf and 9.conf in /etc/mkinitcpio.conf.d both name MODULES or HOOKS",
    NULL },
  { { BASE, CONF, "etc/mkinitcpio.conf.d/a.conf=MODULES+=(x)\n",
      "etc/mkinitcpio.conf.d/b.conf=HOOKS+=(y)\n" },
    V,
    false,
    NULL,
    "a.conf and b.conf in /etc/mkinitcpio.conf.d both",
    NULL },
  { { BASE, CONF, "etc/mkinitcpio.conf.d/10.conf=MODULES=(x)\n", "etc/mkinitcpio.conf.d/9.conf=A=1\n",
      "etc/mkinitcpio.conf.d/a00.conf=A=1\n", "etc/mkinitcpio.conf.d/a10.conf=A=1\n",
      "etc/mkinitcpio.conf.d/a1.conf=A=1\n" },
    V,
    false,
    "etc/mkinitcpio.conf.d/10.conf -> " RUN IMAGES,
    NULL,
    NULL },
  { { BASE, CONF, "etc/mkinitcpio.conf.d/a0.conf=A=1\n", "etc/mkinitcpio.conf.d/a000.conf=B=1\n" },
    V,
    false,
    NULL,
    "of a0.conf and a000.conf in /etc/mkinitcpio.conf.d only one is read",
    NULL },
  { { BASE, CONF, "etc/mkinitcpio.conf.d/01.conf=A=1\n", "etc/mkinitcpio.conf.d/1.conf=B=1\n" },
    V,
    false,
    NULL,
    "only one is read",
    NULL },
  /* A preset with a configuration sees no drop-in. */
  { { BASE, CONF, "etc/mkinitcpio.conf.d/a.conf=MODULES=(x)\n",
      "etc/mkinitcpio.d/own.preset=ALL_kver=/boot/vmlinuz-linux\nPRESETS=(a)\na_config=/etc/mkinitcpio.conf\n"
      "a_image=/boot/own.img\n" },
    V,
    false,
    "etc/mkinitcpio.conf etc/mkinitcpio.conf.d/a.conf -> " RUN IMAGES " boot/own.img",
    NULL,
    NULL },
  { { BASE, CONF,
      "etc/mkinitcpio.d/own.preset=ALL_kver=/boot/vmlinuz-linux\nPRESETS=(a)\na_config=/etc/own.conf\n"
      "a_image=/boot/own.img\n" },
    V,
    false,
    NULL,
    "/etc/own.conf is left as it is",
    NULL },
  { { BASE, CONF, "etc/mkinitcpio.d/own.preset=. /etc/x\n" },
    V,
    false,
    NULL,
    "(/etc/mkinitcpio.d/own.preset: line 1: . may change",
    NULL },
  { { BASE, CONF, "etc/mkinitcpio.d/old.preset=ALL_kver=/boot/vmlinuz-old\nPRESETS=(a)\na_image=/boot/x\n" },
    V,
    false,
    NULL,
    "/boot/vmlinuz-old, which is not there",
    NULL },
  { { BASE, "etc/mkinitcpio.conf=MODULES=()\nHOOKS=(base systemd kms block)\n" },
    V,
    false,
    NULL,
    "HOOKS has no modconf for every image, so what is in /etc/modprobe.d would not be in it: add modconf",
    NULL },
  { { BASE, "etc/mkinitcpio.conf=MODULES=()\nHOOKS=(base systemd modconf kms block)\n" },
    V,
    false,
    "etc/mkinitcpio.conf -> " RUN IMAGES,
    NULL,
    NULL },
  { { BASE, "etc/mkinitcpio.conf=MODULES=()\nHOOKS=(base)\n",
      "etc/mkinitcpio.conf.d/h.conf=HOOKS+=(modconf)\n" },
    V,
    false,
    "etc/mkinitcpio.conf -> " RUN IMAGES,
    NULL,
    NULL },
  { { "usr/bin/mkinitcpio",
      "etc/mkinitcpio.d/a.preset=ALL_kver=1\nPRESETS=(a)\na_image=/i\na_options='-S modconf'\n", CONF },
    V,
    false,
    NULL,
    "take it out of -S",
    NULL },
  { { "usr/bin/mkinitcpio",
      "etc/mkinitcpio.d/a.preset=ALL_kver=1\nPRESETS=(a)\na_image=/i\na_options='-A modconf'\n",
      "etc/mkinitcpio.conf=HOOKS=(base)\n" },
    V,
    false,
    "etc/mkinitcpio.conf -> " RUN "i",
    NULL,
    NULL },
  { { BASE, "etc/mkinitcpio.conf=MODULES=($x)\n" HOOKS },
    V,
    false,
    NULL,
    "/etc/mkinitcpio.conf is left as it is (line 1: MODULES has an element that is only known when the file "
    "is "
    "read). Put these in front of the others in its MODULES:\nMODULES=(" V
    " ...)\nand see that modconf is one of its HOOKS; then have the images made anew: sudo mkinitcpio -P",
    NULL },
  { { BASE, CONF, "etc/mkinitcpio.conf.d/a.conf=A=1\nMODULES+=($x)\n" },
    V,
    false,
    NULL,
    "/etc/mkinitcpio.conf.d/a.conf is left as it is (line 2: ",
    NULL },
  { { "usr/bin/mkinitcpio", "boot/vmlinuz-linux", CONF, "etc/mkinitcpio.d/u.preset=" UKI_PRESET },
    V,
    false,
    "etc/mkinitcpio.conf -> " RUN "efi/EFI/Linux/arch.efi",
    NULL,
    NULL },
  { { "usr/bin/mkinitcpio", "usr/bin/sbctl", "boot/vmlinuz-linux", CONF,
      "etc/mkinitcpio.d/u.preset=" UKI_PRESET },
    V,
    false,
    NULL,
    "sudo mkinitcpio -P && sudo sbctl sign /efi/EFI/Linux/arch.efi",
    NULL },
  { { "usr/bin/mkinitcpio", "usr/bin/sbsign", "boot/vmlinuz-linux", CONF,
      "etc/mkinitcpio.d/u.preset=" UKI_PRESET },
    V,
    false,
    NULL,
    "sudo mkinitcpio -P, and sign /efi/EFI/Linux/arch.efi",
    NULL },
  { { BASE, CONF, "etc/mkinitcpio.d/same.preset=" PRESET },
    V,
    false,
    "etc/mkinitcpio.conf -> " RUN IMAGES,
    NULL,
    NULL },
  { { BASE, CONF, "usr/bin/sbctl" }, V, false, "etc/mkinitcpio.conf -> " RUN IMAGES, NULL, NULL },
  { { BASE, CONF, "usr/lib/initcpio/post/sbctl" },
    V,
    false,
    NULL,
    "/usr/lib/initcpio/post/sbctl writes files",
    NULL },
  { { BASE, CONF, "usr/bin/limine-mkinitcpio" }, V, false, NULL, "made anew: sudo limine-mkinitcpio", NULL },
  { { "usr/bin/mkinitcpio", CONF }, V, false, NULL, "there is no preset in /etc/mkinitcpio.d", NULL },
  { { "usr/bin/mkinitcpio", CONF, "etc/mkinitcpio.d/a.preset=PRESETS=()\n" },
    V,
    false,
    NULL,
    "no preset in /etc/mkinitcpio.d makes an image",
    NULL },
  { { BASE, "etc/mkinitcpio.conf?" },
    V,
    false,
    NULL,
    NULL,
    "/etc/mkinitcpio.conf: it could not be read (unread)" },
  { { BASE, "etc/mkinitcpio.conf!" },
    V,
    false,
    NULL,
    NULL,
    "/etc/mkinitcpio.conf: it could not be read (denied)" },
  { { "usr/bin/mkinitcpio", CONF, "etc/mkinitcpio.d!" },
    V,
    false,
    NULL,
    NULL,
    "/etc/mkinitcpio.d: it could not be read (denied)" },
  { { BASE, CONF, "etc/mkinitcpio.conf.d!" },
    V,
    false,
    NULL,
    NULL,
    "/etc/mkinitcpio.conf.d: it could not be read (denied)" },
  { { BASE, CONF, "usr/lib/initcpio/post!" },
    V,
    false,
    NULL,
    NULL,
    "/usr/lib/initcpio/post: it could not be read (denied)" },
  { { BASE, CONF, "usr/bin!" }, V, false, NULL, NULL, "/usr/bin: it could not be read (denied)" },
  { { BASE, CONF, "etc/mkinitcpio.d/own.preset!" },
    V,
    false,
    NULL,
    NULL,
    "/etc/mkinitcpio.d/own.preset: it could not be read (denied)" },
  { { BASE, CONF, "etc/mkinitcpio.conf.d/a.conf!" },
    V,
    false,
    NULL,
    NULL,
    "/etc/mkinitcpio.conf.d/a.conf: it could not be read (denied)" },
};

static void
test_systems (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (systems); i++) {
    struct pl_texts *texts
        = make_texts (systems[i].lines, pl_generator_mkinitcpio.wants, pl_generator_mkinitcpio.n_wants);
    g_auto (GStrv) modules = g_strsplit (systems[i].modules, " ", -1);
    struct pl_image_wishes wishes
        = { .modules = (const char *const *) modules, .is_rebuilt = systems[i].is_rebuilt };
    struct pl_edits edits;
    g_autoptr (GError) error = NULL;
    g_test_message ("system %u", i);
    pl_edits_init (&edits);
    bool is_good = pl_generator_mkinitcpio.add_modules (texts, &wishes, &edits, &error);
    g_assert_true (is_good == (error == NULL));
    if (systems[i].error != NULL) {
      g_assert_error (error, PL_ERROR, PL_ERROR_UNDECIDED);
      g_assert_cmpstr (error->message, ==, systems[i].error);
    } else if (systems[i].by_hand != NULL) {
      g_assert_no_error (error);
      g_assert_nonnull (edits.by_hand);
      if (strstr (edits.by_hand, systems[i].by_hand) == NULL)
        g_assert_cmpstr (edits.by_hand, ==, systems[i].by_hand);
      g_assert_cmpuint (edits.files->len + edits.programs->len, ==, 0);
    } else {
      g_assert_no_error (error);
      g_autofree char *told = tell_edits (&edits);
      g_assert_null (edits.by_hand);
      g_assert_cmpstr (told, ==, systems[i].wanted);
    }
    pl_edits_clear (&edits);
    pl_texts_free (texts);
  }
}

static void
test_releases (void)
{
  static const struct {
    const char *lines[12];
    const char *wanted;
  } cases[] = {
    { { BASE, "lib/modules/6.9.1-arch1-1", "lib/modules/6.10.2-arch1-1", "lib/modules/extramodules-6.9" },
      "6.10.2-arch1-1 6.9.1-arch1-1" },
    { { BASE, "lib/modules/6.9.1-arch1-1", "lib/modules/6.9.1-arch1-1/pkgbase=linux\n",
        "lib/modules/6.6.30-1-lts", "lib/modules/6.6.30-1-lts/pkgbase=linux-lts\n" },
      "6.9.1-arch1-1" },
    { { BASE, "lib/modules/6.9.1-arch1-1", "lib/modules/6.9.1-arch1-1/pkgbase=linux\n", "lib/modules/6.8" },
      "6.8 6.9.1-arch1-1" },
    { { "etc/mkinitcpio.d/a.preset=PRESETS=(a "
        "b)\na_kver=6.1\na_image=/a\nb_kver=/usr/lib/modules/6.2/vmlinuz\n"
        "b_image=/b\n",
        "lib/modules/6.3" },
      "6.1 6.2" },
    { { "etc/mkinitcpio.d/a.preset=. /x\n", "lib/modules/6.3", "lib/modules/6.10" }, "6.10 6.3" },
    { { CONF, "lib/modules/6.3" }, "" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    struct pl_texts *texts
        = make_texts (cases[i].lines, pl_generator_mkinitcpio.wants, pl_generator_mkinitcpio.n_wants);
    g_autoptr (GPtrArray) releases = pl_generator_mkinitcpio.releases (texts);
    g_ptr_array_add (releases, NULL);
    g_autofree char *found = g_strjoinv (" ", (char **) releases->pdata);
    g_assert_cmpstr (found, ==, cases[i].wanted);
    pl_texts_free (texts);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/mkinitcpio/presets", test_presets);
  g_test_add_func ("/mkinitcpio/systems", test_systems);
  g_test_add_func ("/mkinitcpio/releases", test_releases);
  return g_test_run ();
}
