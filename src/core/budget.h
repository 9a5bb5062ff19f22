/* budget.h: the limits of a piece of work: steps, time, an interrupt. They are fields of the store;
** a limit of 0 is none. */
#ifndef BUDGET_H
#define BUDGET_H

#include "core/store.h"

/* Record that a budget is used up; returns 0. The message names the rules that fired last. */
NodeId budget_fail(Store *s, const char *format, ...);
/* Forget the error and the budget used so far: a new piece of work begins. */
void budget_restart(Store *s);
/* Stop the work under way: from now on it fails with STORE_INTERRUPT, until the next piece of work
   begins. May be called by a signal handler, and by another thread. */
void budget_interrupt(Store *s);
/* After so many steps the clocks are read. */
enum { CLOCK_STEPS = 1 << 10 };
/* For budget_step: are there steps and time left? */
bool budget_steps_left(Store *s);
/* Count one step of work; false when the budget has run out. */
static INLINE bool budget_step(Store *s) {
  bool limited = s->step_limit || s->interrupted;
  if (++s->steps % CLOCK_STEPS && !limited) return s->status == STORE_OK;
  return budget_steps_left(s);
}
/* Is there time left, and was there no interrupt? Reads the clocks. */
bool budget_on_time(Store *s);
bool budget_count_work(Store *s);
enum { WORK_PIECES = 1 << 16, STEP_PIECES = 256 };
/* Count work in small pieces, such as the links of a product: STEP_PIECES of them are a step. False
   when the budget has run out. */
static INLINE bool budget_work(Store *s, uint32_t pieces) {
  s->work += pieces;
  return s->work < WORK_PIECES || budget_count_work(s);
}
/* A rule (its name; 0: it has none) fires. */
static inline void budget_note_rule(Store *s, NameId name) { s->recent[s->recent_n++ % 8] = name; }

#endif
