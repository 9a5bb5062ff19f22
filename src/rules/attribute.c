/* attribute.c: the table of attributes, and which of them facts can infer: a rule whose conditions
** ask for others need not be tried. */
#include "rules/attribute.h"

#include "algebra/operator.h"
#include "rules/ruleset.h"

uint64_t attribute_bit(Store *s, NameId name, bool add) {
  Attributes *t = &s->rules->attributes;
  for (uint32_t i = 0; i < t->n; i++)
    if (t->name[i] == name) return 1ull << i;
  if (!add || t->n == ATTRIBUTES || !store_may_change(s, "attributes")) return 0;
  t->name[t->n] = name;
  t->implied[t->n++] = 0;
  return 1ull << (t->n - 1);
}

void attribute_implies(Store *s, NameId name, uint64_t implied) {
  Attributes *t = &s->rules->attributes;
  if (!store_may_change(s, "attributes")) return;
  for (uint32_t i = 0; i < t->n; i++)
    if (t->name[i] == name) t->implied[i] = implied;
  ruleset_forget_attributes(s);
}

uint64_t attribute_declared(const Store *s, NodeId x) {
  uint32_t op = node_op(s, x), *w = node_words(s, x);
  if (op >= OP_FIRST_USER && op == s->ops->member && node_op(s, w[0]) == OP_SYMBOL &&
      node_words(s, w[0])[1] == KIND_FAMILY) { /* what is declared of a family */
    w = node_words(s, w[0]);
    op = OP_SYMBOL;
  }
  if (op == OP_SYMBOL) return w[2] | (uint64_t)w[3] << 32;
  if (op == OP_CALL && node_op(s, w[0]) == OP_FUNCTION) { /* its values have those of its name */
    w = node_words(s, w[0]);
    op = OP_FUNCTION;
  }
  if (op == OP_FUNCTION) return w[1] | (uint64_t)w[2] << 32;
  return 0;
}

/* What is remembered of transposes holds in one mode only: each has its own. */
void attribute_mode(Store *s, bool act) {
  if (s->attributes_act == act) return;
  s->attributes_act = act;
  Map others = s->transposes;
  s->transposes = s->other_transposes;
  s->other_transposes = others;
}

/* Is a condition answered by the form of an expression, or (perhaps) from outside? */
static bool structural(Store *s, const Condition *c) {
  return c->predicate != PRED_OTHER || attribute_bit(s, c->name, false) == 0;
}

uint64_t attribute_implying(Store *s, NameId property) {
  uint64_t bit = attribute_bit(s, property, false), all = bit;
  for (uint32_t i = 0; i < s->rules->attributes.n; i++)
    if (s->rules->attributes.implied[i] & bit) all |= 1ull << i;
  return all;
}

/* May the conditions of r hold, if expressions have none but these attributes? */
static bool may_hold(Store *s, const Rule *r, uint64_t inferable) {
  for (uint32_t i = 0; i < r->conditions; i++) {
    const Condition *c = &r->condition[i];
    if (!c->negated && !structural(s, c) && !(attribute_implying(s, c->name) & inferable))
      return false;
  }
  return true;
}

/* The attributes that an expression can have by facts, as bits: by its form alone, and with those
   of symbols. */
static const uint64_t *inferable_attributes(Store *s) {
  struct RuleSet *t = s->rules;
  for (int with = 0; with < 2 && !t->inferable_known; with++) {
    uint64_t inferable = with ? t->used : 0, before;
    do {
      before = inferable;
      for (uint32_t i = 0; i < t->n; i++) {
        const Rule *r = &t->v[i];
        if (r->kind == RULE_FACT && !r->gone && !(r->grants & inferable) &&
            may_hold(s, r, inferable))
          inferable |= r->grants;
      }
    } while (inferable != before);
    t->inferable[with] = inferable;
  }
  t->inferable_known = true;
  return t->inferable;
}

bool attribute_adds(Store *s, uint32_t serial) {
  const struct RuleSet *t = s->rules;
  const Rule *r = ruleset_at(s, serial);
  if (!t->inferable_known) return true;
  for (int with = 0; with < 2; with++)
    if (r->grants & ~t->inferable[with] && may_hold(s, r, t->inferable[with])) return true;
  return false;
}

bool attribute_may_hold(Store *s, uint32_t serial, NodeId x) {
  struct RuleSet *t = s->rules;
  Rule *r = &t->v[serial - 1];
  if (t->used != s->attributes_used) { /* symbols have attributes that none had before */
    t->used = s->attributes_used;
    ruleset_forget_attributes(s);
  }
  if (r->attributes < 0) {
    const uint64_t *inferable = inferable_attributes(s);
    r->attributes = may_hold(s, r, inferable[0]) ? 0 : may_hold(s, r, inferable[1]) ? 1 : 2;
  }
  return r->attributes <= (node_flags(s, x) & FLAG_ATTRIBUTE ? 1 : 0);
}
