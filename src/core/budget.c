/* budget.c: the limits of a piece of work. */
#ifndef _POSIX_C_SOURCE
#define _POSIX_C_SOURCE 200809L /* clock_gettime */
#endif
#include "core/budget.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/name.h"

static void add_recent_rules(Store *s) {
  for (uint32_t i = 0; i < s->recent_n && i < 4; i++) {
    NameId rule = s->recent[(s->recent_n - 1 - i) % 8];
    size_t used = strlen(s->message);
    snprintf(s->message + used, sizeof s->message - used, "%s\"%s\"",
             i ? ", " : "; the rules that fired last: ", rule ? name_text(s, rule) : "unnamed");
  }
}

NodeId budget_fail(Store *s, const char *format, ...) {
  if (s->status != STORE_OK) return 0;
  va_list arguments;
  va_start(arguments, format);
  s->status = STORE_BUDGET;
  vsnprintf(s->message, sizeof s->message, format, arguments);
  va_end(arguments);
  add_recent_rules(s);
  return 0;
}

static double seconds(void) {
  return (double)clock() / CLOCKS_PER_SEC;
}

static double elapsed(void) {
  struct timespec t;
  if (clock_gettime(CLOCK_MONOTONIC, &t)) return 0;
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

void budget_restart(Store *s) {
  store_clear_error(s);
  s->interrupted = 0;
  s->recent_n = 0;
  if (s->held) return;
  s->steps = s->work = 0;
  s->time_start = s->time_limit > 0 ? seconds() : 0;
  s->elapsed_start = s->elapsed_limit > 0 ? elapsed() : 0;
}

void budget_interrupt(Store *s) { s->interrupted = 1; }

bool budget_on_time(Store *s) {
  if (s->is_interrupted && s->is_interrupted(s)) s->interrupted = 1;
  if (s->interrupted) {
    store_fail(s, STORE_INTERRUPT, "interrupted");
    return false;
  }
  if (s->time_limit > 0 && seconds() - s->time_start > s->time_limit) {
    budget_fail(s, "the budget of %g seconds is used up", s->time_limit);
    return false;
  }
  if (s->elapsed_limit > 0 && elapsed() - s->elapsed_start > s->elapsed_limit) {
    budget_fail(s, "the budget of %g seconds by the clock is used up", s->elapsed_limit);
    return false;
  }
  return true;
}

static bool steps_left(Store *s) {
  if (!s->step_limit || s->steps <= s->step_limit) return true;
  budget_fail(s, "the budget of %llu steps is used up", (unsigned long long)s->step_limit);
  return false;
}

bool budget_count_work(Store *s) {
  s->steps += s->work / STEP_PIECES;
  s->work = 0;
  return s->status == STORE_OK && steps_left(s) && budget_on_time(s);
}

bool budget_steps_left(Store *s) {
  if (s->status != STORE_OK || !steps_left(s)) return false;
  return (s->steps % CLOCK_STEPS && !s->interrupted) || budget_on_time(s);
}
