/* json.h - what the JSON reports share. Every answer is one object that begins with "pcilend" (DESIGN.md,
 * section 4). */
#pragma once

#include "machine/machine.h"

#include <json-c/json.h>
#include <stdio.h>

/* Writes `{"pcilend":{"format":1,"version":"0.1.0"}`; what follows begins with a comma, and ends with "}\n".
 */
void pl_json_begin (FILE *stream);

/* Writes the object on one line and frees it. */
void pl_json_write (FILE *stream, struct json_object *object);

/* Writes `,"key":` and the object, and frees it. */
void pl_json_write_member (FILE *stream, const char *key, struct json_object *object);

struct json_object *pl_json_address (struct pl_address address);

/* A number as @digits hexadecimal digits, without 0x. */
struct json_object *pl_json_hex (guint64 value, int digits);

/* A text of a machine: bytes that are no UTF-8 become U+FFFD, so that every reader can read the file. */
struct json_object *pl_json_text (const char *text, gssize length);

/* A function: docs/json/device.json. Null is known to be none; what is not known stands in "unknown". */
struct json_object *pl_json_device (const struct pl_machine *machine, const struct pl_device *device);

/* The whole answer of a command that failed. */
void pl_json_write_error (FILE *stream, const char *id, const GError *error);

struct pl_step;
struct pl_plan;

/* A step, and for which devices in which machine a plan was made: docs/json/plan.json. */
struct json_object *pl_json_step (const struct pl_step *step);
struct json_object *pl_json_goal (const struct pl_machine *machine, const struct pl_plan *plan);
