/* loader.h - what a boot loader is: one const object, in a file of its own, listed in loaders.c.
 *
 * A loader is told by what booted this system, never by what is installed. It works on texts and evidence
 * only.
 */
#pragma once

#include "base/edits.h"

/* A variable of the Boot Loader Interface: absent where the loader sets none; text: NULL unless known. */
struct pl_boot_variable {
  enum pl_state state;
  const char *text;
};

/* What tells which loader started the running kernel, and with what. */
struct pl_boot_evidence {
  const struct pl_texts *texts;
  enum pl_state command_line_state;
  const char *command_line; /* all of it; NULL unless known */
  const char *boot_image;   /* the value of BOOT_IMAGE= on the kernel command line; NULL: it has none */
  const char *initrd; /* the last value of initrd=, as an EFI stub has it: "\\EFI\\arch\\initramfs.img" */
  struct pl_boot_variable loader_info; /* "systemd-boot 252", "GRUB 2.12" */
  struct pl_boot_variable entry;       /* LoaderEntrySelected: "arch.conf" */
  struct pl_boot_variable stub_info;   /* StubInfo: "systemd-stub 255"; the kernel came out of a UKI */
  struct pl_boot_variable secure_boot; /* of the firmware: "on" or "off"; absent where it has no such thing */
};

enum pl_claim { PL_CLAIM_NO, PL_CLAIM_UNKNOWN, PL_CLAIM_YES };

struct pl_boot_loader {
  const char *name;  /* "grub" */
  const char *title; /* "GRUB" */
  const struct pl_text_want *wants;
  guint n_wants;
  const char *const *programs; /* to be looked for in usr/sbin and usr/bin; ended by NULL */
  enum pl_claim (*claim) (const struct pl_boot_evidence *evidence);

  /**
   * set_parameters - has the kernel of the usual boot entries started with these
   * @parameters: "intel_iommu=on", ended by NULL; a parameter of that key with another value is replaced
   *
   * A file that is not understood is not changed: edits->by_hand then says what to write where. Errors:
   * PL_ERROR_UNDECIDED where something needed is not known.
   */
  bool (*set_parameters) (const struct pl_boot_evidence *evidence, const char *const *parameters,
                          struct pl_edits *edits, GError **error);

  /**
   * image_by_hand - what a person types so that the system's image loads the modules early
   * @modules: ended by NULL
   *
   * For systems whose images are no work of a generator that is run in them. Free with g_free(). NULL, the
   * member: a generator makes them.
   */
  char *(*image_by_hand) (const struct pl_boot_evidence *evidence, const char *const *modules);
};

/* Ended by NULL. */
extern const struct pl_boot_loader *const pl_boot_loaders[];

/* The one of that name, or NULL. */
const struct pl_boot_loader *pl_boot_loader_find (const char *name);
