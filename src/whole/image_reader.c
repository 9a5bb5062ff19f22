/* image_reader.c: the file is written by lua/nabla/session/image.lua: a line with a title, lines
** that name what it was made of, an empty line, then strings, each behind its length: the words of
** a store, and the tables of a session in Lua, which are left alone. */
#include "whole/image_reader.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "whole/store_life.h"
#include "whole/image.h"

static const char title[] = "nabla image 5 ";

/* All of a file, with a zero behind it; free() it. */
static char *contents(const char *path, size_t *size) {
  FILE *f = fopen(path, "rb");
  if (!f) return NULL;
  size_t n = 0, room = 1 << 16;
  char *text = malloc(room + 1);
  while (text) {
    n += fread(text + n, 1, room - n, f);
    if (n < room) break;
    char *more = realloc(text, (room *= 2) + 1);
    if (!more) free(text);
    text = more;
  }
  fclose(f);
  if (text) text[n] = '\0';
  *size = n;
  return text;
}

/* The string at p, whose length is before it in four bytes; NULL if it is cut off. */
static const char *string_at(const char *p, const char *end, size_t *size) {
  if (end - p < 4) return NULL;
  const unsigned char *n = (const unsigned char *)p;
  *size = n[0] | (size_t)n[1] << 8 | (size_t)n[2] << 16 | (size_t)n[3] << 24;
  return (size_t)(end - p - 4) < *size ? NULL : p + 4;
}

static Store *store_of(const char *words, size_t size) {
  Store *s = store_new();
  uint32_t *aligned = malloc(size + 1);
  if (aligned) memcpy(aligned, words, size);
  if (s && (!aligned || !image_load(s, aligned, size / sizeof *aligned, false))) {
    store_free(s);
    s = NULL;
  }
  free(aligned);
  return s;
}

Store *image_reader_open(const char *path) {
  size_t size, length;
  char *text = contents(path, &size);
  if (!text) return NULL;
  const char *p = strncmp(text, title, sizeof title - 1) ? NULL : strstr(text, "\n\n");
  const char *words = NULL;
  if (p) words = string_at(p + 2, text + size, &length);
  Store *s = words ? store_of(words, length) : NULL;
  free(text);
  return s;
}
