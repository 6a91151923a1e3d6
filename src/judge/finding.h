/* finding.h - one opinion about a machine or a function, as data. */
#pragma once

#include "machine/machine.h"

/* Worst first. Source: DESIGN.md, sections 4 and 5. */
enum pl_severity { PL_BLOCKER, PL_UNSURE, PL_WARNING, PL_NOTE };

/* "blocker", "unsure", "warning", "note". */
const char *pl_severity_name (enum pl_severity severity);

/* What an opinion rests on: a file, or a line of the pasted text, and what is known of it. */
struct pl_evidence {
  char *path;
  guint line; /* 0: none */
  enum pl_state state;
};

struct pl_finding {
  const char *id; /* "group.shared"; static, never renamed */
  enum pl_severity severity;
  const struct pl_device *device; /* NULL: about the machine */
  bool names_all; /* its text has the address of every function that it is about: of all these it is said once
                   */
  bool is_step;   /* a blocker or note that a step of the preparation removes: the verdict may be "prepare" */
  char *text;     /* one sentence or two, without a full stop at the end */
  char *remedy;   /* the exact next command or firmware setting; NULL where there is none */
  GArray *evidence;   /* struct pl_evidence */
  const char *source; /* static: where the fact behind the rule is documented */
};
