/* step.h - one thing to change, as data: made by plan/, shown by report/, carried out by change/. */
#pragma once

#include <glib.h>
#include <stdbool.h>

enum pl_step_kind {
  PL_STEP_FILE,    /* a file of the system gets new bytes, is made, or goes */
  PL_STEP_PROGRAM, /* a program runs, which writes files of its own */
  PL_STEP_SYSFS,   /* an attribute of the running kernel */
  PL_STEP_EFIVAR,  /* a variable of the firmware */
  PL_N_STEP_KINDS
};

/* "file", "program", "sysfs", "efivar": the words of plans (JSON) and journals. */
const char *pl_step_kind_name (enum pl_step_kind kind);

/* The kind of that name, or PL_N_STEP_KINDS. */
enum pl_step_kind pl_step_kind_from_name (const char *name);

/* When a step is carried out. Source: DESIGN.md, sections 4 and 6. */
enum pl_when {
  PL_WHEN_NOW,      /* by apply */
  PL_WHEN_TRIAL,    /* by apply, for the boot that is a trial only */
  PL_WHEN_CONFIRMED /* when the trial has been confirmed */
};

/* "now", "trial", "confirmed". */
const char *pl_when_name (enum pl_when when);

/* What undo may leave of a program's step. Of what decides how the system boots it leaves nothing; what is
 * done for the running host, packages, services, groups and networks, stands in nobody's way. */
enum pl_leave {
  PL_LEAVE_NOTHING,
  PL_LEAVE_PACKAGES,  /* it installed packages: they stay unless a person wants them removed */
  PL_LEAVE_ON_FAILURE /* where taking it back fails, it stays, and that is said */
};

/* "nothing", "packages", "on-failure". */
const char *pl_leave_name (enum pl_leave leave);

struct pl_step {
  enum pl_step_kind kind;
  enum pl_when when;
  enum pl_leave leave;
  char *path;          /* without the leading slash; NULL for a program */
  GBytes *old_content; /* what the plan saw; NULL: nothing is there */
  GBytes *new_content; /* NULL: it goes */
  unsigned mode;       /* of a file: the mode that it gets; 0: a new one 0644, an old one keeps its own */
  char **argv;         /* of a program; argv[0] an absolute path */
  char **undo_argv;    /* how what it did is undone; NULL: putting back the files that it writes is enough */
  char **writes; /* the files that it writes, as far as is known, without the leading slash; saved first.
                    NULL: none */
  char *why;     /* the reason, for people */
};

/* An empty step of that kind; free with pl_step_free(), which takes NULL. */
struct pl_step *pl_step_new (enum pl_step_kind kind);
void pl_step_free (struct pl_step *step);
