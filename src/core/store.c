/* store.c: memory, errors and budgets. */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#endif
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

static double elapsed(void) {
  struct timespec t;
  if (clock_gettime(CLOCK_MONOTONIC, &t)) return 0;
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void store_restart(Store *s) {
  store_clear_error(s);
  s->interrupted = 0;
  s->recent_n = 0;
  if (s->held) return;
  s->steps = s->work = 0;
  s->time_start = s->time_limit > 0 ? seconds() : 0;
  s->elapsed_start = s->elapsed_limit > 0 ? elapsed() : 0;
}

void store_interrupt(Store *s) { s->interrupted = 1; }

bool store_on_time(Store *s) {
  if (s->is_interrupted && s->is_interrupted(s)) s->interrupted = 1;
  if (s->interrupted) {
    store_fail(s, STORE_INTERRUPT, "interrupted");
    return false;
  }
  if (s->time_limit > 0 && seconds() - s->time_start > s->time_limit) {
    store_fail_budget(s, "the budget of %g seconds is used up", s->time_limit);
    return false;
  }
  if (s->elapsed_limit > 0 && elapsed() - s->elapsed_start > s->elapsed_limit) {
    store_fail_budget(s, "the budget of %g seconds by the clock is used up", s->elapsed_limit);
    return false;
  }
  return true;
}

static bool steps_left(Store *s) {
  if (!s->step_limit || s->steps <= s->step_limit) return true;
  store_fail_budget(s, "the budget of %llu steps is used up", (unsigned long long)s->step_limit);
  return false;
}

bool store_count_work(Store *s) {
  s->steps += s->work / STEP_PIECES;
  s->work = 0;
  return s->status == STORE_OK && steps_left(s) && store_on_time(s);
}

bool store_step(Store *s) {
  s->steps++;
  if (s->status != STORE_OK) return false;
  return steps_left(s) && (((s->steps & 1023) != 0 && !s->interrupted) || store_on_time(s));
}
