/* main.c - finds the command, gives it its options, and turns errors into an exit status. */
#include "base/error.h"
#include "base/quote.h"
#include "cli/commands.h"
#include "judge/judge.h"
#include "report/json.h"
#include "report/printable.h"
#include "report/wrap.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

const struct pl_command *const pl_commands[] = { &pl_command_status, &pl_command_check,  &pl_command_groups,
                                                 &pl_command_show,   &pl_command_plan,   &pl_command_apply,
                                                 &pl_command_undo,   &pl_command_record, NULL };

static struct pl_options options;
static gboolean wants_help, wants_version;

static const GOptionEntry global_entries[]
    = { { "machine", 0, 0, G_OPTION_ARG_FILENAME, &options.machine,
          "read a recording or a pasted text (-: standard input; guide: an example)", "FILE" },
        { "root", 0, 0, G_OPTION_ARG_FILENAME, &options.root, "read the system mounted at DIR", "DIR" },
        { "json", 0, 0, G_OPTION_ARG_NONE, &options.json, "answer in JSON", NULL },
        { "no-color", 0, 0, G_OPTION_ARG_NONE, &options.no_color, "no colours, even on a terminal", NULL },
        { "yes", 'y', 0, G_OPTION_ARG_NONE, &options.yes, "answer yes to every question", NULL },
        { "help", 'h', 0, G_OPTION_ARG_NONE, &wants_help, "this help, or that of a command", NULL },
        { "version", 0, 0, G_OPTION_ARG_NONE, &wants_version, "the version", NULL },
        { NULL } };

/* Why standard output could not be written, the first time; 0: it could. */
static int output_errno;

static bool is_changed;

void
pl_mark_changed (void)
{
  is_changed = true;
}

void
pl_flush_answer (void)
{
  errno = 0;
  if ((fflush (stdout) != 0 || ferror (stdout) != 0) && output_errno == 0)
    output_errno = errno != 0 ? errno : -1; /* an earlier write failed, and its reason is gone */
}

enum pl_exit
pl_exit_for (const GError *error)
{
  if (error->domain != PL_ERROR)
    return PL_EXIT_FAILED;
  switch ((enum pl_error_code) error->code) {
  case PL_ERROR_FAILED:
    return PL_EXIT_FAILED;
  case PL_ERROR_USAGE:
    return PL_EXIT_USAGE;
  case PL_ERROR_FORBIDDEN:
    return PL_EXIT_FORBIDDEN;
  case PL_ERROR_LEFT_CHANGED:
    return PL_EXIT_LEFT_CHANGED;
  case PL_ERROR_UNDECIDED:
    return PL_EXIT_UNDECIDED;
  }
  return PL_EXIT_FAILED;
}

/* The id of an error in JSON. */
static const char *
error_id (enum pl_exit status)
{
  static const char *const ids[] = { "done", "failed", "usage", "forbidden", "left-changed", "undecided" };
  return ids[status];
}

static bool
is_utf8_locale (void)
{
  return strcmp (nl_langinfo (CODESET), "UTF-8") == 0;
}

/* "pcilend: phrase" on one line, so that it can be searched for; the remedy on lines of its own. */
static void
say_error (const GError *error)
{
  struct pl_style style = { .is_utf8 = is_utf8_locale (), .width = 80 };
  g_autoptr (GString) text = g_string_new ("pcilend: ");
  pl_printable_append (text, error->message, -1, style.is_utf8);
  g_string_append_c (text, '\n');
  const char *remedy = pl_error_remedy (error);
  if (remedy != NULL)
    pl_wrap_append (text, remedy, 9, 0, &style);
  fputs (text->str, stderr);
}

static enum pl_exit
fail (const GError *error)
{
  enum pl_exit status = pl_exit_for (error);
  if (options.json)
    pl_json_write_error (stdout, error_id (status), error);
  say_error (error);
  return status;
}

static const struct pl_command *
find_command (const char *name)
{
  for (guint i = 0; pl_commands[i] != NULL; i++)
    if (strcmp (pl_commands[i]->name, name) == 0)
      return pl_commands[i];
  return NULL;
}

/* How many letters must be added, taken away, changed or exchanged with a neighbour to make one word the
 * other. */
static guint
distance (const char *one, const char *other)
{
  guint columns = (guint) MIN (strlen (other), 31);
  guint rows[3][32] = { 0 };
  for (guint j = 0; j <= columns; j++)
    rows[0][j] = j;
  guint current = 0, n = (guint) MIN (strlen (one), 31);
  for (guint i = 1; i <= n; i++) {
    current = i % 3;
    const guint *above = rows[(i + 2) % 3], *above2 = rows[(i + 1) % 3];
    rows[current][0] = i;
    for (guint j = 1; j <= columns; j++) {
      guint least = above[j - 1] + (one[i - 1] != other[j - 1]);
      least = MIN (least, above[j] + 1);
      least = MIN (least, rows[current][j - 1] + 1);
      if (i > 1 && j > 1 && one[i - 1] == other[j - 2] && one[i - 2] == other[j - 1])
        least = MIN (least, above2[j - 2] + 1);
      rows[current][j] = least;
    }
  }
  return rows[current][columns];
}

static void
set_unknown_command (const char *name, GError **error)
{
  const char *nearest = NULL;
  guint least = 3;
  for (guint i = 0; pl_commands[i] != NULL; i++) {
    guint far = distance (name, pl_commands[i]->name);
    if (far < least || g_str_has_prefix (pl_commands[i]->name, name)) {
      least = far;
      nearest = pl_commands[i]->name;
    }
  }
  g_autofree char *remedy = nearest != NULL ? g_strdup_printf ("did you mean: pcilend %s", nearest)
                                            : g_strdup ("see: pcilend --help");
  pl_error_set (error, PL_ERROR_USAGE, NULL, remedy, "there is no command '%s'", name);
}

/* Whether the option's value is the next argument: "--root DIR" and not "--root=DIR". */
static bool
takes_next (const char *argument)
{
  for (const GOptionEntry *entry = global_entries; entry->long_name != NULL; entry++)
    if (entry->arg != G_OPTION_ARG_NONE && g_str_has_prefix (argument, "--")
        && strcmp (argument + 2, entry->long_name) == 0)
      return true;
  return false;
}

/* The first argument that is no option: the command's name. NULL where there is none. */
static const char *
find_command_word (int argc, char **argv)
{
  for (int i = 1; i < argc; i++) {
    if (strcmp (argv[i], "--") == 0)
      return i + 1 < argc ? argv[i + 1] : NULL;
    if (argv[i][0] != '-' || argv[i][1] == '\0')
      return argv[i];
    if (takes_next (argv[i]))
      i++;
  }
  return NULL;
}

static const struct pl_style help_style = { .is_utf8 = true, .width = 80 };

static void
print_wrapped (const char *text, guint indent, guint hang)
{
  g_autoptr (GString) out = g_string_new (NULL);
  pl_wrap_append (out, text, indent, hang, &help_style);
  fputs (out->str, stdout);
}

/* A word and what it means, in two columns. */
static void
print_row (const char *word, const char *meaning)
{
  g_autofree char *row = g_strdup_printf ("%-18s %s", word, meaning);
  print_wrapped (row, 2, 19);
}

static void
print_options (const GOptionEntry *entries)
{
  for (const GOptionEntry *entry = entries; entry != NULL && entry->long_name != NULL; entry++) {
    g_autofree char *name = g_strdup_printf ("%s--%s%s%s", entry->short_name != 0 ? "-y, " : "",
                                             entry->long_name, entry->arg_description != NULL ? " " : "",
                                             entry->arg_description != NULL ? entry->arg_description : "");
    if (entry->short_name != 0)
      name[1] = entry->short_name;
    print_row (name, entry->description);
  }
}

static void
print_help (void)
{
  printf ("Usage: pcilend [OPTION...] COMMAND [DEVICE...]\n\n");
  print_wrapped (
      "Says which PCI devices of a machine, first of all graphics cards, can be lent to a virtual machine.",
      0, 0);
  printf ("\nCommands:\n");
  for (guint i = 0; pl_commands[i] != NULL; i++) {
    g_autofree char *call = g_strdup_printf ("%s %s", pl_commands[i]->name, pl_commands[i]->arguments);
    print_row (call, pl_commands[i]->summary);
  }
  printf ("\nOptions, before or after the command:\n");
  print_options (global_entries);
  printf ("\n");
  print_wrapped ("DEVICE is 09:00.0, 0000:09:00.0, a slot 09:00, or vendor:device as in 1002:731f.\n"
                 "Help of one command: pcilend COMMAND --help, or man pcilend-COMMAND.",
                 0, 0);
}

static void
print_command_help (const struct pl_command *command)
{
  printf ("Usage: pcilend [OPTION...] %s%s%s\n\n", command->name, command->arguments[0] != '\0' ? " " : "",
          command->arguments);
  print_wrapped (command->help, 0, 0);
  if (command->options != NULL)
    printf ("\nOptions of %s:\n", command->name);
  print_options (command->options);
  printf ("\nOptions of every command:\n");
  print_options (global_entries);
}

/* What completions and checks are made from: the command table as lines of tab-separated words. */
static bool
print_table (int argc, char **argv)
{
  if (argc == 2 && strcmp (argv[1], "--list-commands") == 0) {
    for (guint i = 0; pl_commands[i] != NULL; i++)
      printf ("%s\t%s\t%s\n", pl_commands[i]->name, pl_commands[i]->arguments, pl_commands[i]->summary);
    return true;
  }
  if (argc == 3 && strcmp (argv[1], "--list-options") == 0) {
    const struct pl_command *command = find_command (argv[2]);
    const GOptionEntry *entry = command != NULL      ? command->options
                                : argv[2][0] == '\0' ? global_entries
                                                     : NULL;
    for (; entry != NULL && entry->long_name != NULL; entry++)
      printf ("--%s\t%s\t%s\n", entry->long_name,
              entry->arg_description != NULL ? entry->arg_description : "", entry->description);
    return true;
  }
  if (argc == 2 && strcmp (argv[1], "--list-findings") == 0) {
    for (const char *const *id = pl_judge_ids (); *id != NULL; id++)
      printf ("%s\n", *id);
    return true;
  }
  return false;
}

/* Options may stand before and behind the command: one pass over all of them. */
static bool
parse_options (const struct pl_command *command, int *argc, char ***argv, GError **error)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_add_main_entries (context, global_entries, NULL);
  if (command != NULL && command->options != NULL)
    g_option_context_add_main_entries (context, command->options, NULL);
  g_autoptr (GError) failure = NULL;
  if (g_option_context_parse (context, argc, argv, &failure))
    return true;
  g_autofree char *remedy = command != NULL ? g_strdup_printf ("see: pcilend %s --help", command->name)
                                            : g_strdup ("see: pcilend --help");
  pl_error_set (error, PL_ERROR_USAGE, NULL, remedy, "%s", failure->message);
  return false;
}

static struct pl_style
find_style (void)
{
  struct winsize size;
  bool is_terminal = isatty (STDOUT_FILENO);
  const char *no_color = getenv ("NO_COLOR"), *terminal = getenv ("TERM");
  bool is_dumb = terminal == NULL || strcmp (terminal, "dumb") == 0;
  struct pl_style style = { .is_utf8 = is_utf8_locale (), .width = 80 };
  style.has_color = is_terminal && !options.no_color && !is_dumb && (no_color == NULL || no_color[0] == '\0');
  if (is_terminal && ioctl (STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    style.width = size.ws_col;
  return style;
}

static bool
check_arguments (const struct pl_command *command, guint n, GError **error)
{
  g_autofree char *usage = g_strdup_printf ("usage: pcilend %s %s", command->name, command->arguments);
  const char *remedy = g_strchomp (usage);
  if (n < command->least_arguments)
    pl_error_set (error, PL_ERROR_USAGE, NULL, remedy, "%s: an argument is missing", command->name);
  else if (n > command->most_arguments)
    pl_error_set (error, PL_ERROR_USAGE, NULL, remedy, "%s: too many arguments", command->name);
  else
    return true;
  return false;
}

/* What was typed behind the program's name, to be typed again. Free with g_free(). */
static char *
quote_line (int argc, char **argv)
{
  GString *line = g_string_new (NULL);
  for (int i = 1; i < argc; i++) {
    g_autofree char *word = pl_quote_word (argv[i]);
    g_string_append_printf (line, "%s%s", i > 1 ? " " : "", word);
  }
  return g_string_free (line, FALSE);
}

static enum pl_exit
run (int argc, char **argv, GError **error)
{
  g_autofree char *line = quote_line (argc, argv);
  const char *word = find_command_word (argc, argv);
  const struct pl_command *command = word != NULL ? find_command (word) : NULL;
  if (word != NULL && command == NULL && strcmp (word, "help") != 0) {
    set_unknown_command (word, error);
    return PL_EXIT_USAGE;
  }
  if (!parse_options (command, &argc, &argv, error))
    return PL_EXIT_USAGE;
  if (wants_version) {
    printf ("pcilend %s\n", PL_VERSION);
    return PL_EXIT_DONE;
  }
  /* `pcilend help check` is `pcilend check --help`. */
  if (command == NULL && word != NULL && argc > 2 && find_command (argv[2]) != NULL) {
    command = find_command (argv[2]);
    wants_help = TRUE;
  }
  if (command == NULL && (wants_help || word != NULL)) {
    print_help ();
    return PL_EXIT_DONE;
  }
  if (command == NULL) {
    pl_error_set (error, PL_ERROR_USAGE, NULL, "begin with: pcilend status; see: pcilend --help",
                  "no command was given");
    return PL_EXIT_USAGE;
  }
  if (wants_help) {
    print_command_help (command);
    return PL_EXIT_DONE;
  }
  /* The command's own word is the first that is left; a "--" before it stays in place. */
  int first = argc > 1 && strcmp (argv[1], "--") == 0 ? 3 : 2;
  struct pl_call call = { .options = &options,
                          .style = find_style (),
                          .arguments = argv + first,
                          .n_arguments = (guint) MAX (argc - first, 0),
                          .line = line };
  if (!check_arguments (command, call.n_arguments, error))
    return PL_EXIT_USAGE;
  return command->run (&call, error);
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  g_autoptr (GError) error = NULL;
  enum pl_exit status = PL_EXIT_DONE;
  if (!print_table (argc, argv))
    status = run (argc, argv, &error);
  if (error != NULL)
    status = fail (error);
  /* An answer that did not arrive is none: a full disk, a closed descriptor. */
  pl_flush_answer ();
  errno = 0;
  bool is_closed = fclose (stdout) == 0;
  if (output_errno == 0 && !is_closed)
    output_errno = errno;
  if (output_errno != 0) {
    fprintf (stderr, "pcilend: standard output: %s\n",
             output_errno > 0 ? g_strerror (output_errno) : "it could not be written; is the disk full?");
    return is_changed ? PL_EXIT_LEFT_CHANGED : PL_EXIT_FAILED;
  }
  return (int) status;
}
