/* rule.h - what a rule is, what it sees, and how it says what it found. For judge/ alone.
 *
 * A rule is one row of a table in rules_*.c: an id, what it is about, the facts it wants, and two pure
 * functions. It says what it found with pl_case_add(); what it could not know is said by the engine
 * (missing.c), from the row's wants.
 */
#pragma once

#include "judge/finding.h"
#include "judge/goal.h"
#include "judge/group.h"

/* How often a rule is asked. */
enum pl_scope {
  PL_SCOPE_MACHINE, /* once; its findings count for every device */
  PL_SCOPE_DEVICE,  /* once for each device asked about: it sees the device with its companions */
  PL_SCOPE_FUNCTION /* for each device asked about and for each companion */
};

/* Facts of the function's IOMMU group. */
enum pl_group_fact { PL_GROUP_MEMBERS = 1, PL_GROUP_REGIONS = 2, PL_GROUP_TYPE = 4 };

struct pl_rule;

/* What is judged now. */
struct pl_case {
  const struct pl_rule *rule;
  const struct pl_machine *machine;
  struct pl_groups *groups;
  const struct pl_device *device; /* the function; NULL for a rule about the machine */
  const struct pl_device
      *asked;                 /* the device asked about, whose companion the function may be; NULL likewise */
  GPtrArray *companions;      /* of the device asked about */
  const GPtrArray *all_asked; /* const struct pl_device *: those that were named */
  GHashTable *own;            /* set: all devices asked about, and what belongs to their cards */
  GHashTable *lent;           /* set: the same with every companion: what would go to the guest */
  GPtrArray *findings;        /* what was found so far; owned */
  GStringChunk *words;        /* texts that live as long as the judging */
  bool is_asked;              /* devices were named; else every card is judged */
  guint n_candidates;
  const GPtrArray *left; /* cards that were too many to be judged */
  GHashTable *firsts;    /* group + 1 -> the function that the group is judged with */
  bool with_domain;      /* addresses are written with the PCI domain */
};

struct pl_rule {
  const char *id;
  enum pl_scope scope;
  bool can_block;        /* a fact that is missing makes it unsure */
  struct pl_wants wants; /* of the machine and of the function */
  guint64 member_wants;  /* of each member of the function's group */
  guint group_wants;     /* enum pl_group_fact */
  guint64 text_wants; /* of the function: missing facts make it unsure even where the source is pasted text */
  guint64 text_member_wants; /* the same of the members */
  bool names_all;            /* as of its findings */
  bool names_companions;     /* what is missing may hide a companion: unsure is then the device asked about */
  const char *question;      /* of a rule that can block: "whether its group can be lent whole" */
  bool (*applies) (const struct pl_case *); /* NULL: always; true where it cannot be told */
  void (*judge) (struct pl_case *);
  const char *source;
};

struct pl_rule_table {
  const struct pl_rule *rows;
  gsize n;
};

extern const struct pl_rule_table pl_rules_iommu, pl_rules_group, pl_rules_device, pl_rules_card,
    pl_rules_reset, pl_rules_use, pl_rules_host;

/* In the order in which findings of one severity are shown. */
#define PL_N_RULE_TABLES 7
extern const struct pl_rule_table *const pl_rule_tables[PL_N_RULE_TABLES];

/* The place of the first rule of that id in that order. */
guint pl_rule_rank (const char *id);

/* Whether nobody can say: not asked, not permitted, or an answer without sense. Absent is an answer. */
static inline bool
pl_is_missing (enum pl_state state)
{
  return state == PL_UNREAD || state == PL_DENIED || state == PL_INVALID;
}

/* For a row's "applies": the function is known to drive screens. */
bool pl_case_is_display (const struct pl_case *judged);

/* "pcilend --machine FILE", for remedies. */
const char *pl_case_command (const struct pl_case *judged);

/* A finding of the case's rule about the case's function; the text has no full stop at its end. */
struct pl_finding *pl_case_add (struct pl_case *judged, enum pl_severity severity, const char *format, ...)
    G_GNUC_PRINTF (3, 4);
void pl_finding_set_remedy (struct pl_finding *finding, const char *format, ...) G_GNUC_PRINTF (2, 3);
void pl_finding_free (struct pl_finding *finding);

/* What the finding rests on. */
void pl_case_cite (struct pl_case *judged, struct pl_finding *finding, const struct pl_device *device,
                   enum pl_device_fact fact);
void pl_case_cite_machine (struct pl_case *judged, struct pl_finding *finding, enum pl_machine_fact fact);
void pl_case_cite_log (struct pl_case *judged, struct pl_finding *finding, const struct pl_log_event *event);
void pl_case_cite_group (struct pl_case *judged, struct pl_finding *finding, gint32 id,
                         enum pl_group_fact fact);

/* Texts that live as long as the judging. */
const char *pl_case_format (const struct pl_case *judged, const char *format, ...) G_GNUC_PRINTF (2, 3);

/* "09:00.0", with the PCI domain where the machine has several. */
const char *pl_case_address (const struct pl_case *judged, const struct pl_device *device);

/* "the SATA controller 02:00.1" */
const char *pl_case_name (const struct pl_case *judged, const struct pl_device *device);

/* "a, b and c" of const char *; "" where there is none. */
const char *pl_case_join (const struct pl_case *judged, const GPtrArray *words);

/* "09:00.0 09:00.1" or with another text between. */
const char *pl_case_addresses (const struct pl_case *judged, const GPtrArray *devices, const char *between);

/* "one" to "twelve", then digits. */
const char *pl_case_number (const struct pl_case *judged, guint number);

/* The first event of that kind, or NULL; of the function where @device is not NULL. */
const struct pl_log_event *pl_log_find (const struct pl_machine *machine, enum pl_log_kind kind,
                                        const struct pl_device *device);
