/* shell.h - assignments in a file that a shell sources, with the place of every byte, so that an editor can
 * change one word and leave the rest alone. It reads; it runs, expands and guesses nothing.
 *
 * The rules of sh are followed where bash and dash agree; what only bash has (+=, arrays, "function") is
 * taken as bash takes it; where the two would see different ends of a word or a command, and where a text is
 * no shell script, there is an error. A text that ends in a continued line is one, too: so a line may always
 * be added behind a text that was understood, after a missing last line end.
 *
 *     g_autoptr (pl_shell_file) file = pl_shell_parse (bytes, error);
 *     if (file == NULL)
 *       return NULL; // "line 14: the quote is not closed"
 *     for (guint i = 0; i < file->assignments->len; i++) {
 *       const struct pl_shell_assignment *one = g_ptr_array_index (file->assignments, i);
 *       if (strcmp (one->name, "MODULES") != 0 || one->words == NULL || one->is_conditional)
 *         continue;
 *       for (guint k = 0; k < one->words->len; k++) ... pl_shell_word_text (file, the word) ...
 *       // a new word goes before byte one->value.end - 1
 *     }
 *
 * A carriage return is an ordinary character, as it is for the shell: in a file with CRLF line ends the last
 * word of a line ends in one, and "fi\r" is no "fi".
 *
 * Source: POSIX.1-2017, Shell Command Language, 2.2 to 2.10; bash(1); dash(1); where they are silent, dash's
 * parser.c and bash's parse.y.
 */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* How a piece of a word stands there. */
enum pl_shell_quote { PL_SHELL_BARE, PL_SHELL_SINGLE, PL_SHELL_DOUBLE };

/* What a piece of a word gives. */
enum pl_shell_kind {
  PL_SHELL_TEXT,     /* its own bytes */
  PL_SHELL_ESCAPED,  /* a backslash and one byte: that byte */
  PL_SHELL_JOINED,   /* a backslash and a line end: nothing */
  PL_SHELL_MARK,     /* a quote mark, opening or closing: nothing */
  PL_SHELL_EXPANSION /* $x, ${...}, $(...), `...`, $'...', a ~ or a pattern that the shell would expand: what,
                        is not known */
};

/* A piece of a word. The segments of a word follow upon each other without a gap. */
struct pl_shell_segment {
  enum pl_shell_kind kind;
  enum pl_shell_quote quote; /* of a MARK the quote that it opens or closes */
  gsize start, end;          /* bytes of the file; end is behind the last */
};

typedef struct pl_shell_word {
  gsize start, end;
  GArray *segments; /* struct pl_shell_segment; empty for an empty value and for a whole array */
} pl_shell_word;

/* NAME=value or NAME+=value, alone or behind export. NAME=value before a command is none: it goes to the
 * command. */
struct pl_shell_assignment {
  char *name;
  gsize start;         /* where the name begins; the value ends the assignment */
  guint line;          /* of the name, from 1 */
  bool is_append;      /* += */
  bool is_export;      /* an argument of export */
  bool is_conditional; /* may not be carried out, or not once, or in a process of its own: it stands in if,
                          case, a loop, a function, { }, ( ), behind && or ||, in a pipeline or before & */
  struct pl_shell_word value; /* of an array from its "(" to behind its ")" */
  GPtrArray *words;           /* struct pl_shell_word *: the elements of an array; NULL: it is none */
};

/* A command that is no assignment; one with assignments in front of it, too. Compound commands are not here,
 * those in them are. Those in $(...) and `...` are not: they change nothing outside. */
struct pl_shell_command {
  char *name; /* NULL: only known when it runs */
  gsize start, end;
  guint line;
  bool is_conditional;
  bool is_in_function;
  bool is_opaque; /* one of its arguments is only known when it runs, or spelt in pieces (a"b"); export's
                     assignments are none */
};

/* A place where a name stands that belongs to no assignment's left side: in a value, an argument, a
 * here-document, an array. */
struct pl_shell_mention {
  gsize start, end; /* of the name alone */
  bool is_plain;    /* $NAME or ${NAME}: it is read and no more */
};

typedef struct pl_shell_file {
  GBytes *bytes;
  const char *text; /* the bytes of @bytes; no NUL stands behind them */
  gsize size;
  GPtrArray *assignments; /* struct pl_shell_assignment *, in the order of the text */
  GPtrArray *commands;    /* struct pl_shell_command *, in the order of the text */
  GPtrArray *functions;   /* char *: the names of the functions that are defined */
  GArray *
      comments; /* struct pl_shell_segment: from "#" to before the line end; its kind and quote say nothing */
} pl_shell_file;

/**
 * pl_shell_parse - what a shell would see in the text
 * @bytes: the whole file; a reference is kept
 *
 * Time is linear in the text. Returns: NULL with PL_ERROR_FAILED and "line 14: the quote is not closed" where
 * the text is not understood. Free with pl_shell_file_free().
 */
struct pl_shell_file *pl_shell_parse (GBytes *bytes, GError **error);

/* Takes NULL. */
void pl_shell_file_free (struct pl_shell_file *file);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (pl_shell_file, pl_shell_file_free)

/* The number of the line, from 1, that the byte stands in. */
guint pl_shell_file_line (const struct pl_shell_file *file, gsize at);

/* "\r\n" where the last line that ends ends so, else "\n". */
const char *pl_shell_file_line_end (const struct pl_shell_file *file);

/* What the word is; NULL where an expansion stands in it. Free with g_free(). */
char *pl_shell_word_text (const struct pl_shell_file *file, const struct pl_shell_word *word);

/* Each mention of the name outside of comments: struct pl_shell_mention, in the order of the text. Free with
 * g_array_unref(). */
GArray *pl_shell_file_mentions (const struct pl_shell_file *file, const char *name);
