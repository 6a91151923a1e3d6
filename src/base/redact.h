/* redact.h - stable stand-ins for secrets in a text. Used by the recorder. */
#pragma once

#include "base/root.h"

struct pl_redactor;

struct pl_redactor *pl_redactor_new (void);
void pl_redactor_free (struct pl_redactor *redactor);

/* A value that is to be replaced wherever it stands as a whole word. UUIDs and MACs need not be handed in. */
void pl_redactor_add (struct pl_redactor *redactor, enum pl_secret kind, const char *value);

/* Appends @text to @out with every secret replaced; the values that were handed in only @with_words. */
void pl_redactor_append (struct pl_redactor *redactor, GString *out, const char *text, gsize size,
                         bool with_words);

/* How many different values were replaced so far. */
guint pl_redactor_n_replaced (const struct pl_redactor *redactor, enum pl_secret kind);
