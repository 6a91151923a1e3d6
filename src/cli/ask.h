/* ask.h - a question to the person at the terminal. */
#pragma once

#include <glib.h>
#include <stdbool.h>

/* Whether there is somebody to ask: standard input and standard error are a terminal. */
bool pl_ask_is_possible (void);

/**
 * pl_ask_yes - whether the person says yes; anything but a word that begins with "y" is a no
 * @question: without a question mark's end: "Carry it out?"
 *
 * Errors (PL_ERROR_USAGE): there is no terminal to ask on; the remedy names -y.
 */
bool pl_ask_yes (const char *question, bool *yes, GError **error);
