/* root_private.h - what a way to reach a machine must offer. Included by base/ only. */
#pragma once

#include "base/root.h"

/* One way to reach a machine. Each operation gives an errno; 0 is success, -1 "not in the recording". */
struct pl_root_operations {
  int (*open) (struct pl_root *root, const struct pl_directory *parent, const char *path, int *descriptor);
  int (*read) (struct pl_root *root, struct pl_directory *directory, const char *name,
               struct pl_buffer *buffer);
  int (*list) (struct pl_root *root, struct pl_directory *directory, GPtrArray *names);
  int (*link) (struct pl_root *root, struct pl_directory *directory, const char *name, char *target,
               gsize size);
  int (*log) (struct pl_root *root, struct pl_buffer *buffer);
  int (*run) (struct pl_root *root, const char *const *argv, int timeout_ms, struct pl_buffer *buffer);
  void (*hand_in_secrets) (struct pl_root *root, struct pl_recorder *recorder);
  void (*close) (struct pl_root *root);
};

struct pl_root {
  const struct pl_root_operations *operations;
  enum pl_root_kind kind;
  struct pl_host host;
  struct pl_recorder *recorder;
};

#define PL_NOT_RECORDED (-1)

/* Leaves in @buffer only the lines that @wants wants, each with a newline. */
void pl_buffer_keep_lines (struct pl_buffer *buffer, pl_line_filter wants, void *data);
