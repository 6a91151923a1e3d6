/* quote.h - words as a shell takes them, for lines that a person may type again. */
#pragma once

#include <glib.h>

/* The word itself where it means itself to a shell, else in quotes. Free with g_free(). */
char *pl_quote_word (const char *word);
