#!/usr/bin/env python3
"""Writes the C file that holds what is compiled in: embed.py OUT.c FILE.machine..., or embed.py OUT.c NAME.sh"""

import pathlib
import sys


def array(index, data):
    rows = [", ".join(str(byte) for byte in data[i : i + 32]) for i in range(0, len(data), 32)]
    return f"static const unsigned char bytes_{index}[] = {{\n" + ",\n".join(rows) + "\n};\n"


# By a script's name: the header and the function that gives it.
SCRIPTS = {"undo": ("change/undo_script.h", "pl_undo_script"), "early": ("plan/early_text.h", "pl_early_text")}


def embed_script(out, file):
    header, function = SCRIPTS[file.stem]
    text = [f'#include "{header}"\n', array(0, file.read_bytes()),
            f"GBytes *\n{function} (void)\n"
            "{\n  return g_bytes_new_static (bytes_0, sizeof bytes_0);\n}\n"]
    out.write_text("\n".join(text))


def embed_machines(out, files):
    text = ['#include "cli/embedded.h"\n', "#include <string.h>\n"]
    text += [array(i, file.read_bytes()) for i, file in enumerate(files)]
    text.append("static const struct {\n  const char *name;\n  const unsigned char *bytes;\n  gsize size;\n} machines[] = {\n")
    text += [f'  {{ "{file.stem}", bytes_{i}, sizeof bytes_{i} }},\n' for i, file in enumerate(files)]
    text.append("""};

GBytes *
pl_embedded_machine (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (machines); i++)
    if (strcmp (machines[i].name, name) == 0)
      return g_bytes_new_static (machines[i].bytes, machines[i].size);
  return NULL;
}
""")
    out.write_text("".join(text))


def main():
    out, files = pathlib.Path(sys.argv[1]), [pathlib.Path(name) for name in sys.argv[2:]]
    if files[0].suffix == ".sh":
        embed_script(out, files[0])
    else:
        embed_machines(out, files)


main()
