/* property.c: what the attributes of symbols and the facts of rule files say. */
#include "rules/property.h"

#include "rules/condition.h"

enum { PROPERTY_DEPTH = 40 };

/* Facts ask for properties of parts, so one question leads to many, often the same: each is
   answered once. A question that leads back to itself, or too deep, is answered no. */
bool property_holds(Store *s, NameId property, NodeId x) {
  struct RuleSet *t = s->rules;
  uint64_t bit = attribute_bit(s, property, false);
  if (attribute_declared(s, x) & bit) return true;
  if (!bit || t->questions == PROPERTY_DEPTH || x > UINT32_MAX / 64) return false;
  uint32_t key = x * 64, known;
  while (bit >>= 1) key++;
  if (t->questions == 0) map_clear(&t->answers);
  if ((known = map_get(&t->answers, key))) return known == 2;
  bool holds = false, mode = s->attributes_act;
  if (!map_put(s, &t->answers, key, 1)) return false;
  t->questions++;
  uint64_t granted = attribute_implying(s, property);
  /* x may have been built in either mode: X + X', of a symmetric X */
  bool modes[2] = {mode, node_flags(s, x) & FLAG_ATTRIBUTE};
  for (int k = 0; !holds && k < 2; k++) {
    if (k && (mode || !modes[1])) break;
    attribute_mode(s, modes[k]);
    for (int general = 0; !holds && general < 2; general++) {
      uint32_t n;
      const uint32_t *l = ruleset_list(s, RULE_FACT, general ? 0 : node_op(s, x), &n);
      for (uint32_t i = 0; !holds && i < n; i++) {
        const Rule *r = ruleset_at(s, l[i]);
        Match m;
        holds = r->grants & granted && condition_match(&m, s, r, r->lhs, x, false);
      }
    }
  }
  t->questions--;
  attribute_mode(s, mode);
  if (holds) map_put(s, &t->answers, key, 2);
  return holds;
}
