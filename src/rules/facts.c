/* facts.c: what the attributes of symbols and the facts of rule files say. */
#include "rules/facts.h"

#include "core/hash.h"
#include "rules/condition.h"
#include "rules/instance.h"

enum { PROPERTY_DEPTH = 40 };

/* Answers that are remembered; OPEN: none, as the work was given up. */
enum { NO = 1, YES = 2, OPEN = 3 };

/* The first fact that grants one of the properties to x; it leaves its match in m. The pattern k*X
   with a number k matches sums as well. */
static bool granted_by_fact(Match *m, Store *s, uint64_t granted, NodeId x) {
  uint32_t op = node_op(s, x), heads[3] = {op, 0, OP_PRODUCT};
  for (int k = 0; k < (op == OP_SUM ? 3 : 2); k++) {
    uint32_t n;
    const uint32_t *l = ruleset_list(s, RULE_FACT, heads[k], &n);
    for (uint32_t i = 0; i < n; i++) {
      const Rule *r = ruleset_at(s, l[i]);
      if (r->grants & granted && condition_match(m, s, r, r->lhs, x, false)) return true;
    }
  }
  return false;
}

/* The same in either mode of attributes: x may have been built in either, as X + X' of a symmetric
   X. The mode is left as the fact has found it. */
static bool granted_in_some_mode(Match *m, Store *s, uint64_t granted, NodeId x) {
  bool mode = s->attributes_act, modes[2] = {mode, node_flags(s, x) & FLAG_ATTRIBUTE};
  for (int k = 0; k < 2; k++) {
    if (k && (mode || !modes[1])) break;
    attribute_mode(s, modes[k]);
    if (granted_by_fact(m, s, granted, x)) return true;
  }
  return false;
}

/* Is a letter in the pattern x, which is no name of a size and no counter? */
static bool has_letter(const Store *s, NodeId x) {
  if (node_op(s, x) == OP_SYMBOL)
    return node_words(s, x)[1] != KIND_DIMENSION && node_words(s, x)[1] != KIND_COUNTER;
  for (uint32_t i = 0; i < node_arity(s, x); i++)
    if (has_letter(s, node_child(s, x, i))) return true;
  return false;
}

/* Is no fact about letters by name? */
static bool letters_are_alike(const Store *s) {
  const struct RuleSet *t = s->rules;
  for (uint32_t i = 0; i < t->n; i++) {
    const Rule *r = &t->v[i];
    if (r->kind != RULE_FACT || r->gone) continue;
    if (has_letter(s, r->lhs)) return false;
    for (uint32_t k = 0; k < r->conditions; k++)
      for (int j = 0; j < 2; j++)
        if (r->condition[k].arg[j] && has_letter(s, r->condition[k].arg[j])) return false;
  }
  return true;
}

/* The answers that hold whatever was asked around them, by mode, until rules or facts change. */
static KeyMap *lasting_answers(Store *s, bool mode) {
  struct RuleSet *t = s->rules;
  if (t->lasting_version != t->version) {
    keymap_clear(&t->lasting[0]);
    keymap_clear(&t->lasting[1]);
    t->lasting_version = t->version;
    t->letters_alike = letters_are_alike(s);
  }
  return &t->lasting[mode];
}

/* A letter, or the letter of a transpose; 0: x is neither. */
static NodeId letter_of(const Store *s, NodeId x) {
  if (node_op(s, x) == OP_TRANSPOSE) x = node_child(s, x, 0);
  return node_op(s, x) == OP_SYMBOL && node_words(s, x)[1] <= KIND_MATRIX ? x : 0;
}

/* A letter has the properties of all letters of its kind, shape and attributes, and so has its
   transpose: what lasts is answered once for all of them, by one that was met before. */
static NodeId representative(Store *s, NodeId x) {
  struct RuleSet *t = s->rules;
  NodeId letter = letter_of(s, x);
  if (!letter || !t->letters_alike) return x;
  const Node *p = node_at(s, x), *q;
  const uint32_t *w = node_words(s, letter); /* name, kind, attributes */
  uint32_t place = hash_mix(hash_mix(hash_mix(w[2] ^ w[3] * 31) ^ p->rows) ^ p->cols * 3);
  NodeId *known = &t->letter[(place + w[1] + p->op) % LETTERS_KEPT];
  if (!*known) return *known = x;
  q = node_at(s, *known);
  bool alike = q->op == p->op && q->rows == p->rows && q->cols == p->cols;
  const uint32_t *v = node_words(s, letter_of(s, *known));
  alike = alike && v[1] == w[1] && v[2] == w[2] && v[3] == w[3];
  return alike ? *known : (*known = x);
}

/* The key of an answer: the node, and the place of the attribute's bit. */
static uint32_t key_of(NodeId x, uint64_t bit) {
  uint32_t key = x * ATTRIBUTES;
  while (bit >>= 1) key++;
  return key;
}

/* Has a letter in x, or an operator without arguments, one of the attributes? */
static bool letter_has(Match *m, Store *s, uint64_t bits, NodeId x) {
  Vec order;
  vec_init(&order);
  bool found = !node_postorder(s, x, &order, NULL, NULL);
  for (uint32_t i = 0; !found && i < order.n; i++) {
    NodeId y = order.v[i];
    bool constant = node_op(s, y) >= OP_FIRST_USER && node_arity(s, y) == 0;
    found = attribute_declared(s, y) & bits || (constant && granted_in_some_mode(m, s, bits, y));
  }
  vec_done(s, &order);
  return found;
}

/* The answer that an inherited attribute gives: 0 no, 1 yes, 2 none. */
static int by_letters(Match *m, Store *s, uint64_t bit, NodeId x) {
  const struct RuleSet *t = s->rules;
  if (!(bit & (t->inherited | t->excluded))) return 2;
  bool has = letter_has(m, s, t->inherited, x);
  return bit & t->inherited ? has : has ? 0 : 2;
}

/* The answer, which rests on what is said there. */
static bool rests_on(struct RuleSet *t, uint8_t rest, bool answer) {
  if (rest > t->rest) t->rest = rest;
  return answer;
}

/* Facts ask for properties of parts, so one question leads to many, often the same: each is
   answered once. A question that leads back to itself, or too deep, is answered no; what rests on
   such an answer is remembered for the outermost question only, whose own answer lasts. */
bool facts_hold(Store *s, NameId property, NodeId x) {
  struct RuleSet *t = s->rules;
  uint64_t bit = attribute_bit(s, property, false), own = bit;
  if (attribute_declared(s, x) & bit) return true;
  if (!bit || x > UINT32_MAX / ATTRIBUTES) return false;
  bool mode = s->attributes_act;
  const KeyMap *lasting = lasting_answers(s, mode); /* of letters, it knows which are alike */
  uint32_t key = key_of(x, bit), alike = key_of(representative(s, x), bit), known;
  if ((known = keymap_get(lasting, alike))) return known == YES;
  if (t->questions == PROPERTY_DEPTH) return rests_on(t, REST_QUESTION, false);
  if (t->questions == 0) keymap_clear(&t->answers);
  known = keymap_get(&t->answers, key);
  if (known == NO || known == YES) return rests_on(t, REST_QUESTION, known == YES);
  if (!keymap_put(s, &t->answers, key, NO)) return false;
  uint8_t before = t->rest;
  t->rest = REST_NODE;
  t->questions++;
  Match m;
  int given = by_letters(&m, s, own, x);
  bool holds = given == 2 ? granted_in_some_mode(&m, s, attribute_implying(s, property), x) : given;
  t->questions--;
  attribute_mode(s, mode);
  if (holds) keymap_put(s, &t->answers, key, YES);
  else if (s->status != STORE_OK) keymap_put(s, &t->answers, key, OPEN); /* the work may go on */
  if (s->status == STORE_OK && t->rest <= (t->questions ? REST_NODE : REST_QUESTION))
    keymap_put(s, lasting_answers(s, mode), alike, holds ? YES : NO);
  rests_on(t, before, holds);
  return holds;
}

bool facts_reason(Store *s, NameId property, NodeId x, Vec *out) {
  struct RuleSet *t = s->rules;
  bool mode = s->attributes_act;
  if (attribute_declared(s, x) & attribute_bit(s, property, false)) return true;
  keymap_clear(&t->answers);
  t->questions++; /* what is asked below is remembered for this question */
  Match m;
  bool holds = granted_in_some_mode(&m, s, attribute_implying(s, property), x);
  bool ok = s->status == STORE_OK && (!holds || instance_push(&m, out));
  t->questions--;
  attribute_mode(s, mode);
  return ok;
}
