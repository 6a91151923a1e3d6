/* distribution.h - what a host of guests needs, and how each distribution gives it: one const row a
 * distribution, listed in distributions.c. Works on texts only.
 *
 * Whether something is there is told by its files, not by the package database: rpm's is no text, and a QEMU
 * that another package brought (qemu-full beside qemu-desktop) is as good and would stand in the way of a
 * second one.
 */
#pragma once

#include "base/texts.h"

enum pl_need {
  PL_NEED_QEMU,
  PL_NEED_QEMU_IMG,
  PL_NEED_LIBVIRT,
  PL_NEED_VIRSH,
  PL_NEED_NETWORK, /* the definition of libvirt's default network */
  PL_NEED_DNSMASQ,
  PL_NEED_FIREWALL,
  PL_NEED_FIRMWARE,
  PL_NEED_SWTPM,
  PL_NEED_SWTPM_SETUP,
  PL_NEED_TOOLS,
  PL_N_NEEDS
};

/* "UEFI firmware for guests (OVMF)". */
const char *pl_need_title (enum pl_need need);

/* Whether it is there: PL_KNOWN; PL_ABSENT; else why nobody knows. */
enum pl_state pl_need_state (const struct pl_texts *texts, enum pl_need need);

/* How services are started. */
enum pl_init { PL_INIT_SYSTEMD, PL_INIT_OPENRC, PL_INIT_RUNIT };

struct pl_distribution {
  const char *title;
  const char *ids[12];              /* of ID and ID_LIKE in os-release; ended by NULL */
  const char *packages[PL_N_NEEDS]; /* blanks between several; NULL: comes with another, and is not looked at
                                     */
  const char *const *install;       /* the words before the packages, argv[0] absolute; asks nothing */
  const char *const *remove;        /* removes these and no other; refuses where another package needs them */
  const char *refresh;              /* what a person types where the lists of packages are old or not there */
  enum pl_init init;
  const char *const *services; /* units, or names below /etc/init.d or /etc/sv */
  bool starts_service; /* installing libvirt switches its service on, at the latest from the next boot on */
  bool starts_network; /* installing libvirt has the default network start by itself */
  bool is_declared;    /* its configuration says what is installed: there are no steps at all */
  const char *by_hand; /* why there is no step, and a person types the commands; NULL: there are steps */
};

/* Ended by NULL. */
extern const struct pl_distribution *const pl_distributions[];

/**
 * pl_distribution_find - the row of a system
 * @id: of os-release
 * @like: its ID_LIKE, blank-separated, nearest first; NULL: none
 *
 * Source: man 5 os-release, ID_LIKE. NULL where none is known.
 */
const struct pl_distribution *pl_distribution_find (const char *id, const char *like);

/* A system on which the package manager is not to be used: an image, or one with guests of its own. */
struct pl_package_keeper {
  const char *program; /* shows it */
  const char *reason;  /* "it has a stack of its own for guests": behind "no package is installed: " */
  const char *command; /* what is typed before the packages; NULL: nothing is to be installed */
};

/* The one that this is, or NULL. */
const struct pl_package_keeper *pl_package_keeper_find (const struct pl_texts *texts);

/* The init system: by the program that controls it, else that of @distribution, which may be NULL. False
 * where it is none that is known. */
bool pl_init_find (const struct pl_texts *texts, const struct pl_distribution *distribution,
                   enum pl_init *init);

/* The services of libvirt, ended by NULL: those of the daemon that is there, else of the one that the
 * distribution would install. */
const char *const *pl_services_find (const struct pl_texts *texts, const struct pl_distribution *distribution,
                                     enum pl_init init);

/* Whether libvirt's daemon is switched on. */
enum pl_state pl_service_state (const struct pl_texts *texts, enum pl_init init);

/* Whether the default network starts by itself. */
enum pl_state pl_network_state (const struct pl_texts *texts);

/* What is to be read for all this, and the programs to be looked for in usr/sbin and usr/bin; ended by NULL.
 */
extern const struct pl_text_want pl_package_wants[];
extern const guint pl_n_package_wants;
extern const char *const pl_package_programs[];
