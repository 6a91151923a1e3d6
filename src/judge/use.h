/* use.h - what the host uses a function for: disks, network, monitors, keyboards. For judge/ alone. */
#pragma once

#include "judge/rule.h"

/* How much the host needs it. Ordered. */
enum pl_use_level {
  PL_USE_IDLE,    /* known that nothing uses it */
  PL_USE_UNKNOWN, /* nobody can say */
  PL_USE_SOME,    /* the host loses something with it */
  PL_USE_VITAL    /* the host cannot live without it */
};

struct pl_use {
  enum pl_use_level level;
  bool is_partly_unknown; /* there may be more than @what says */
  const char *
      what; /* "the disk of /", "the default route", "your keyboard (Logitech K120)"; NULL: nothing to name */
};

/* Each looks at one kind of use; all facts by the machine's lists. Texts live as long as the judging. */
struct pl_use pl_use_of_storage (const struct pl_case *judged, const struct pl_device *device);
struct pl_use pl_use_of_network (const struct pl_case *judged, const struct pl_device *device);
struct pl_use pl_use_of_usb (const struct pl_case *judged, const struct pl_device *device);
struct pl_use pl_use_of_display (const struct pl_case *judged, const struct pl_device *device);

/* The kind that the function's class tells; of an unknown class, unknown. A USB controller's disks count too.
 */
struct pl_use pl_use_of (const struct pl_case *judged, const struct pl_device *device);
