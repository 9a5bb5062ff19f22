/* store.c: memory, errors and budgets. */
#include "core/store.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/name.h"

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
    store_fail_budget(s, "the budget of %llu bytes is used up", (unsigned long long)s->byte_limit);
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

static void add_recent_rules(Store *s) {
  for (uint32_t i = 0; i < s->recent_n && i < 4; i++) {
    NameId rule = s->recent[(s->recent_n - 1 - i) % 8];
    size_t used = strlen(s->message);
    snprintf(s->message + used, sizeof s->message - used, "%s\"%s\"",
             i ? ", " : "; the rules that fired last: ", rule ? name_text(s, rule) : "unnamed");
  }
}

NodeId store_fail_budget(Store *s, const char *format, ...) {
  if (s->status != STORE_OK) return 0;
  va_list arguments;
  va_start(arguments, format);
  set_message(s, STORE_BUDGET, format, arguments);
  va_end(arguments);
  add_recent_rules(s);
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

static double seconds(void) {
  return (double)clock() / CLOCKS_PER_SEC;
}

void store_restart(Store *s) {
  store_clear_error(s);
  s->steps = 0;
  s->recent_n = 0;
  s->time_start = s->time_limit > 0 ? seconds() : 0;
}

bool store_on_time(Store *s) {
  if (s->interrupted && s->interrupted(s)) {
    store_fail(s, STORE_INTERRUPT, "interrupted");
    return false;
  }
  if (s->time_limit > 0 && seconds() - s->time_start > s->time_limit) {
    store_fail_budget(s, "the budget of %g seconds is used up", s->time_limit);
    return false;
  }
  return true;
}

bool store_step(Store *s) {
  s->steps++;
  if (s->status != STORE_OK) return false;
  if (s->step_limit && s->steps > s->step_limit) {
    store_fail_budget(s, "the budget of %llu steps is used up", (unsigned long long)s->step_limit);
    return false;
  }
  return (s->steps & 1023) != 0 || store_on_time(s);
}
