/* store.c: memory and errors. */
#include "core/store.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/budget.h"

const char *const store_status_names[STORE_STATUSES] = {
    [STORE_OK] = "ok",         [STORE_MEMORY] = "memory", [STORE_SHAPE] = "shape",
    [STORE_DOMAIN] = "domain", [STORE_RULE] = "rule",     [STORE_BUDGET] = "budget",
    [STORE_INTERRUPT] = "interrupt", [STORE_LIMIT] = "limit", [STORE_USAGE] = "usage"};

void *store_realloc(Store *s, void *p, size_t old, size_t size) {
  if (size == 0) {
    free(p);
    s->bytes -= old;
    return NULL;
  }
  if (s->fail_after >= 0 && s->fail_after-- == 0) {
    store_fail(s, STORE_MEMORY, "out of memory");
    return NULL;
  }
  if (size > old && s->byte_limit && s->bytes + (size - old) > s->byte_limit) {
    budget_fail(s, "the budget of %llu bytes is used up", (unsigned long long)s->byte_limit);
    return NULL;
  }
  void *q = realloc(p, size);
  if (!q) {
    store_fail(s, STORE_MEMORY, "out of memory");
    return NULL;
  }
  s->bytes += size;
  s->bytes -= old;
  return q;
}

static void set_message(Store *s, Status status, const char *format, va_list arguments) {
  s->status = status;
  vsnprintf(s->message, sizeof s->message, format, arguments);
}

NodeId store_fail(Store *s, Status status, const char *format, ...) {
  if (s->status != STORE_OK) return 0;
  va_list arguments;
  va_start(arguments, format);
  set_message(s, status, format, arguments);
  va_end(arguments);
  return 0;
}

void store_clear_error(Store *s) {
  s->status = STORE_OK;
  s->message[0] = '\0';
}

bool store_may_change(Store *s, const char *what) {
  if (s->hooks) store_fail(s, STORE_USAGE, "%s cannot change while a predicate is asked", what);
  return s->hooks == 0;
}
