/* hook.c: predicates from outside. The work that asks is put aside, as far as the work of the hook
** could change it; what constructors and rules remember of nodes serves both. */
#include "rules/hook.h"

#include "core/budget.h"
#include "core/name.h"

int hook_ask(Store *s, NameId predicate, const NodeId *args, uint32_t n) {
  struct RuleSet *t = s->rules;
  if (!t->hook || s->status != STORE_OK) return -1;
  /* a question under way is answered no where it is met again: that holds below it only */
  KeyMap answers = t->answers;
  uint32_t questions = t->questions;
  uint8_t rest = t->rest;
  Vec log = s->log;
  bool acts = s->attributes_act, logging = s->logging;
  bool rewriting = t->rewriting, waiting = t->waiting;
  t->answers = (KeyMap){.stamp = 1};
  t->questions = 0;
  t->rewriting = t->waiting = false; /* what it gives up stays below it */
  vec_init(&s->log);
  s->logging = false;
  s->hooks++;
  int answer = t->hook(s, name_text(s, predicate), args, n);
  s->hooks--;
  vec_done(s, &s->log);
  s->log = log;
  s->logging = logging;
  keymap_free(s, &t->answers);
  t->answers = answers;
  t->questions = questions;
  t->rewriting = rewriting;
  t->waiting = waiting;
  t->rest = answer < 0 ? rest : REST_HOOK;
  attribute_mode(s, acts);
  return budget_on_time(s) ? answer : -1; /* it may have taken long */
}
