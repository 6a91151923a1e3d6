/* test_shell.c - what a shell would see in a file, written down as text. */
#include "base/error.h"
#include "base/shell.h"

#include <string.h>

/* The segments of a word, each as its kind and its bytes: T text, E escaped, J joined, M mark, X expansion.
 */
static void
put_word (GString *out, const struct pl_shell_file *file, const struct pl_shell_word *word)
{
  g_assert_cmpuint (word->start, <=, word->end);
  gsize at = word->start;
  for (guint i = 0; i < word->segments->len; i++) {
    const struct pl_shell_segment *segment = &g_array_index (word->segments, struct pl_shell_segment, i);
    g_assert_cmpuint (segment->start, ==, at);
    at = segment->end;
    g_string_append_printf (out, "%s%c%.*s", i > 0 ? "|" : "", "TEJMX"[segment->kind],
                            (int) (segment->end - segment->start), file -> text + segment -> start);
  }
  if (word->segments->len > 0)
    g_assert_cmpuint (at, ==, word->end);
}

static char *
describe (const char *text, gsize size)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (pl_shell_file) file = pl_shell_parse (bytes, &error);
  g_assert_true ((file == NULL) == (error != NULL));
  if (file == NULL)
    return g_strdup (error->message);
  GString *out = g_string_new (NULL);
  for (guint i = 0; i < file->assignments->len; i++) {
    const struct pl_shell_assignment *one = g_ptr_array_index (file->assignments, i);
    g_assert_true (g_str_has_prefix (file->text + one->start, one->name));
    g_string_append_printf (out, "%u:%s%s%s%s[", one->line, one->is_conditional ? "?" : "",
                            one->is_export ? "export " : "", one->name, one->is_append ? "+=" : "=");
    for (guint k = 0; one->words != NULL && k < one->words->len; k++) {
      g_string_append (out, k > 0 ? " , " : "");
      put_word (out, file, g_ptr_array_index (one->words, k));
    }
    put_word (out, file, &one->value);
    g_string_append (out, "] ");
  }
  for (guint i = 0; i < file->commands->len; i++) {
    const struct pl_shell_command *one = g_ptr_array_index (file->commands, i);
    g_string_append_printf (out, "%u:%s%s%s{%.*s} ", one->line, one->is_conditional ? "?" : "",
                            one->is_in_function ? "f" : "", one->is_opaque ? "*" : "",
                            (int) (one->end - one->start), file->text + one->start);
    if (one->name == NULL)
      g_string_append (out, "unknown ");
  }
  for (guint i = 0; i < file->comments->len; i++) {
    const struct pl_shell_segment *one = &g_array_index (file->comments, struct pl_shell_segment, i);
    g_string_append_printf (out, "%.*s ", (int) (one->end - one->start), file->text + one->start);
  }
  if (out->len > 0)
    g_string_truncate (out, out->len - 1);
  return g_string_free (out, FALSE);
}

static void
check_rows (const char *const (*rows)[2], guint n)
{
  for (guint i = 0; i < n; i++) {
    g_autofree char *found = describe (rows[i][0], strlen (rows[i][0]));
    g_assert_cmpstr (found, ==, rows[i][1]);
  }
}

static void
test_values (void)
{
  static const char *const rows[][2] = {
    { "", "" },
    { "A=\n", "1:A=[]" },
    { "A=b", "1:A=[Tb]" },
    { "A='b c'\n", "1:A=[M'|Tb c|M']" },
    { "A=\"b c\"", "1:A=[M\"|Tb c|M\"]" },
    { "A=b\"c\"'d'e", "1:A=[Tb|M\"|Tc|M\"|M'|Td|M'|Te]" },
    { "A=\"\"", "1:A=[M\"|M\"]" },
    { "A=\"a\\\"b\\c\\$\"", "1:A=[M\"|Ta|E\\\"|Tb\\c|E\\$|M\"]" },
    { "A=a\\ b", "1:A=[Ta|E\\ |Tb]" },
    { "A=\"a\\\nb\" B='a\\\nb' \\\nC=d\\\ne\n",
      "1:A=[M\"|Ta|J\\\n|Tb|M\"] 2:B=[M'|Ta\\\nb|M'] 4:C=[Td|J\\\n|Te]" },
    { "A=$x${y}\"$z\"$(echo a \")\" ')')`b`$((1+(2)))",
      "1:A=[X$x|X${y}|M\"|X$z|M\"|X$(echo a \")\" ')')|X`b`|X$((1+(2)))]" },
    { "A=\"$(case a in a) echo \"x\";; esac # )\n)b\"",
      "1:A=[M\"|X$(case a in a) echo \"x\";; esac # )\n)|Tb|M\"] # )" },
    { "A=\"${B:-\"a}b\"}\" C=${D%'}'}", "1:A=[M\"|X${B:-\"a}b\"}|M\"] 1:C=[X${D%'}'}]" },
    { "A=\"1$\" B=$ C=a$b D=$1", "1:A=[M\"|T1$|M\"] 1:B=[T$] 1:C=[Ta|X$b] 1:D=[X$1]" },
    { "A=~/b:~c B=a~ C=\"~\"", "1:A=[X~|T/b:|X~c] 1:B=[Ta~] 1:C=[M\"|T~|M\"]" },
    { "A=*.c B={a,b} IFS=$'\n'", "1:A=[T*.c] 1:B=[T{a,b}] 1:IFS=[X$'\n']" },
    { "A=b#c # d\n", "1:A=[Tb#c] # d" },
    { "A=b\r\n# c\r\n\r\n", "1:A=[Tb\r] 3:{\r} # c\r" },
  };
  check_rows (rows, G_N_ELEMENTS (rows));
}

static void
test_commands (void)
{
  static const char *const rows[][2] = {
    { "A=1; B+=2;C=3 D=4", "1:A=[T1] 1:B+=[T2] 1:C=[T3] 1:D=[T4]" },
    { "A=1 command B=2", "1:{A=1 command B=2}" },
    { "export A=1 B C=\"$x\"\nexport -n D=1",
      "1:export A=[T1] 1:export C=[M\"|X$x|M\"] 1:{export A=1 B C=\"$x\"} 2:{export -n D=1}" },
    { "export A={b,c}", "1:export A=[X{|Tb,c}] 1:{export A={b,c}}" },
    { "A=1 >/dev/null 2>&1 # c", "1:A=[T1] # c" },
    { "A=1 && B=2 || C=3; D=4", "1:A=[T1] 1:?B=[T2] 1:?C=[T3] 1:D=[T4]" },
    { "A=1 | B=2\nC=3 & D=4", "1:?A=[T1] 1:?B=[T2] 2:?C=[T3] 2:D=[T4]" },
    { "A=1 && B=2 & C=3", "1:?A=[T1] 1:?B=[T2] 1:C=[T3]" },
    { "! A=1 &&\n\n B=2", "1:A=[T1] 3:?B=[T2]" },
    { "if [ x ]; then A=1; elif B=2\nthen C=3; else D=4; fi; E=5",
      "1:?A=[T1] 1:?B=[T2] 2:?C=[T3] 2:?D=[T4] 2:E=[T5] 1:?{[ x ]}" },
    { "while A=1; do B=2; done; until C=3\ndo D=4; done >x; E=5",
      "1:?A=[T1] 1:?B=[T2] 1:?C=[T3] 2:?D=[T4] 2:E=[T5]" },
    { "for a in b $c; do A=1; done; for x do B=2; done\nfor y\nin z\ndo C=3\ndone",
      "1:?A=[T1] 1:?B=[T2] 4:?C=[T3]" },
    { "case $a in\n(b|\"c\"*) A=1;;\n# d)\n*) B=2\nesac; C=3", "2:?A=[T1] 4:?B=[T2] 5:C=[T3] # d)" },
    { "{ A=1; }; ( B=2 ); C=3", "1:?A=[T1] 1:?B=[T2] 1:C=[T3]" },
    { "f() { A=1; g; }\nfunction h { B=2; }\ni ()\n( C=3 )\nD=4; f",
      "1:?A=[T1] 2:?B=[T2] 4:?C=[T3] 5:D=[T4] 1:?f{g} 5:{f}" },
    { "A=$(B=1; c)", "1:A=[X$(B=1; c)]" },
    { "cat <<E; A=1\nB=2 $(c)\nE\nC=3", "1:A=[T1] 4:C=[T3] 1:{cat <<E}" },
    { "cat <<-'E' <<F\n\tB=2 $(\n\tE\nC=$x\nF\nD=4\n", "6:D=[T4] 1:{cat <<-'E' <<F}" },
    { "echo $x a b\"c\" 'd e'; $y; \"z\"; e*",
      "1:*{echo $x a b\"c\" 'd e'} 1:{$y} unknown 1:{\"z\"} 1:{e*} unknown" },
    { "A=( a \"b c\" # d\n $x\n) B=()\nC+=(e)", "1:A=[Ta , M\"|Tb c|M\" , X$x] 3:B=[] 4:C+=[Te] # d" },
    { "[ a = A=1 ] && b A=1 ; c if then", "1:{[ a = A=1 ]} 1:?{b A=1} 1:{c if then}" },
  };
  check_rows (rows, G_N_ELEMENTS (rows));
}

static void
test_errors (void)
{
  static const char *const rows[][2] = {
    { "A=1\n\nB=\"a\nb\n", "line 3: the quote is not closed" },
    { "A='", "line 1: the quote is not closed" },
    { "A=$(b\n", "line 1: the $( is not closed" },
    { "A=${b", "line 1: the ${ is not closed" },
    { "A=`b\\`", "line 1: the ` is not closed" },
    { "\nif a; then\nb\n", "line 2: what begins here is not closed" },
    { "a\nfi", "line 2: a reserved word stands where it does not belong" },
    { "a )", "line 1: this is not understood" },
    { "a;;b", "line 1: this is not understood" },
    { "&& b", "line 1: this is not understood" },
    { "cat <<E\nb\n", "line 1: the here-document is not closed" },
    { "cat <<E", "line 1: the here-document is not closed" },
    { "cat <<E\nb\\\nE\n", "line 3: the here-document's last line is continued" },
    { "cat <<E\n$(\nE\n)", "line 2: the $( is not closed" },
    { "A=(b\nc", "line 1: the array is not closed" },
    { "A=(b;c)", "line 1: this element of the array is not understood" },
    { "A=([1]=b)", "line 1: this element of the array is not understood" },
    { "A=(b)c", "line 1: something stands right behind the array" },
    { "A[1]=b", "line 1: an element of an array is not understood" },
    { "((a))", "line 1: ((...)) is not understood" },
    { "A=$\"b\"", "line 1: what follows the $ is not understood" },
    { "A=$'a\\'b'", "line 1: a backslash in $'...' is not understood" },
    { "A=\"${B:-'a'}\"", "line 1: this form of ${...} is not understood" },
    { "A=$((b); c)", "line 1: this form of $((...)) is not understood" },
    { "A\\\nB=1", "line 1: the command's name is continued on the next line" },
    { "A=\"$x\\\ny\"", "line 1: the name is continued on the next line" },
    { "A=1 \\\n", "line 1: the last line is continued" },
    { "A=1\\\n", "line 1: the last line is continued" },
    { "A=1\\", "line 1: the last line is continued" },
    { "a <(b)", "line 1: the redirection is not understood" },
    { "for ((;;)); do a; done", "line 1: this form of for is not understood" },
    { "time a", "line 1: time and coproc are not understood" },
    { "if a; then\r\nb\r\nfi\r\n", "line 1: what begins here is not closed" },
  };
  check_rows (rows, G_N_ELEMENTS (rows));
  g_autofree char *nul = describe ("A=1\nB=\0", 7);
  g_assert_cmpstr (nul, ==, "line 2: a NUL byte stands in it");
  g_autoptr (GString) deep = g_string_new (NULL);
  for (guint i = 0; i < 100000; i++)
    g_string_append (deep, "$(");
  g_autofree char *found = describe (deep->str, deep->len);
  g_assert_cmpstr (found, ==, "line 1: it is nested too deeply");
}

static void
test_mentions (void)
{
  static const char text[] = "A=1 # A\nB=\"$A ${A} ${A:-x} A\" AA=A$AB\nread A; A=$A\n";
  g_autoptr (GBytes) bytes = g_bytes_new_static (text, sizeof text - 1);
  g_autoptr (pl_shell_file) file = pl_shell_parse (bytes, NULL);
  g_assert_nonnull (file);
  g_autoptr (GArray) mentions = pl_shell_file_mentions (file, "A");
  g_autoptr (GString) found = g_string_new (NULL);
  for (guint i = 0; i < mentions->len; i++) {
    const struct pl_shell_mention *one = &g_array_index (mentions, struct pl_shell_mention, i);
    g_assert_cmpuint (one->end, ==, one->start + 1);
    g_string_append_printf (found, "%u%s ", (guint) one->start, one->is_plain ? "$" : "");
  }
  g_assert_cmpstr (found->str, ==, "12$ 16$ 21 27 33 43 49$ ");
  g_assert_cmpuint (pl_shell_file_line (file, 8), ==, 2);
}

static void
test_texts (void)
{
  static const char *const rows[][2]
      = { { "A=a\\ \"b\\\"\\\nc\"'d'\r\n", "a b\"cd\r" }, { "A=", "" }, { "A=\"a$b\"\n", NULL } };
  static const char *const ends[] = { "\r\n", "\n", "\n" };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++) {
    g_autoptr (GBytes) bytes = g_bytes_new (rows[i][0], strlen (rows[i][0]));
    g_autoptr (pl_shell_file) file = pl_shell_parse (bytes, NULL);
    g_assert_nonnull (file);
    const struct pl_shell_assignment *one = g_ptr_array_index (file->assignments, 0);
    g_autofree char *found = pl_shell_word_text (file, &one->value);
    g_assert_cmpstr (found, ==, rows[i][1]);
    g_assert_cmpstr (pl_shell_file_line_end (file), ==, ends[i]);
  }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/shell/values", test_values);
  g_test_add_func ("/shell/commands", test_commands);
  g_test_add_func ("/shell/errors", test_errors);
  g_test_add_func ("/shell/mentions", test_mentions);
  g_test_add_func ("/shell/texts", test_texts);
  return g_test_run ();
}
