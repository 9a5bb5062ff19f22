/* plain.c: operators whose algebra rules match by form alone: arguments in their places, which are
** scalars, and operators without properties. Such a rule has at most one match, so that no search
** is needed, and its right side is a program in postfix order. The machine runs the programs on a
** stack of its own, however deep they call each other.
**
** It gives what apply_rules gives, and tries the rules in the same order. */
#include "rules/plain.h"

#include <string.h>

#include "algebra/build.h"
#include "algebra/operator.h"
#include "rules/apply.h"
#include "rules/condition.h"
#include "rules/normalise.h"

/* More rules are found faster by their files: see candidates.h. */
enum { PLAIN_RULES = 16, PLAIN_ARITY = 16 };

/* Instructions, each with one operand. */
enum {
  CODE_VARIABLE, /* push what a variable stands for */
  CODE_NODE,     /* push a node */
  CODE_APPLY,    /* an operator without properties; as many values as it has arguments */
  CODE_BUILD,    /* a node like this one, of as many values as it has children */
  CODE_END
};

/* What is known of an operator's rules. */
typedef struct {
  enum { PLAIN, OTHER } state;
  uint32_t round; /* of `rounds`, in which it was looked at; 0: never */
  uint32_t first; /* of its rules, in `programs` */
} Known;

struct Plain {
  uint32_t rules, operators; /* the versions of both to which it belongs */
  uint32_t rounds;           /* how many there were of these */
  Known *known;              /* by operator */
  uint32_t cap;
  Vec code;
  Vec programs; /* in pairs: where the program of a rule begins, and how many variables it has */
};

static bool has_no_properties(const Store *s, uint32_t op) {
  const Operator *o = operator_at(s, op);
  return op >= OP_FIRST_USER && o->nameless && !o->flags;
}

/* ---------------------------------------- which rules are plain */

bool plain_is_pattern(const Store *s, NodeId p) {
  const Node *node = node_at(s, p);
  if (node->op == OP_NUMBER) return true;
  if (node->op == OP_VARIABLE) return node_scalar(s, p);
  if (!has_no_properties(s, node->op)) return false;
  for (uint32_t i = 0; i < node_arity(s, p); i++)
    if (!plain_is_pattern(s, node_child(s, p, i))) return false;
  return true;
}

/* Can the program make x? */
static bool is_made(const Store *s, NodeId x) {
  uint32_t op = node_op(s, x), n = node_arity(s, x);
  if (op == OP_SYMBOL) {
    uint32_t kind = node_words(s, x)[1];
    return kind != KIND_COUNTER && kind != KIND_DIMENSION;
  }
  if (op == OP_VARIABLE || op == OP_NUMBER) return true;
  if (op != OP_SUM && op != OP_PRODUCT && op != OP_POWER && op < OP_FIRST_USER) return false;
  if (n > PLAIN_ARITY) return false;
  for (uint32_t i = 0; i < n; i++)
    if (!is_made(s, node_child(s, x, i))) return false;
  return true;
}

static bool emit(Store *s, Vec *code, uint32_t instruction, uint32_t operand) {
  return vec_push(s, code, instruction) && vec_push(s, code, operand);
}

/* The recursion is bounded by the depth that a rule may have. */
static bool compile(Store *s, NodeId x, Vec *code) {
  uint32_t op = node_op(s, x);
  if (op == OP_VARIABLE) return emit(s, code, CODE_VARIABLE, node_words(s, x)[2]);
  if (op == OP_NUMBER || op == OP_SYMBOL) return emit(s, code, CODE_NODE, x);
  for (uint32_t i = 0; i < node_arity(s, x); i++)
    if (!compile(s, node_child(s, x, i), code)) return false;
  return has_no_properties(s, op) ? emit(s, code, CODE_APPLY, op) : emit(s, code, CODE_BUILD, x);
}

/* One more than the largest number of a variable in x. */
static uint32_t variables_of(const Store *s, NodeId x) {
  uint32_t most = 0;
  if (node_op(s, x) == OP_VARIABLE) return node_words(s, x)[2] + 1;
  if (!(node_flags(s, x) & FLAG_VARIABLE)) return 0;
  for (uint32_t i = 0; i < node_arity(s, x); i++) {
    uint32_t n = variables_of(s, node_child(s, x, i));
    if (n > most) most = n;
  }
  return most;
}

static bool look_at_rules(Store *s, uint32_t op, Known *k) {
  struct Plain *p = s->rules->plain;
  uint32_t n;
  const uint32_t *list = ruleset_list(s, RULE_ALGEBRA, op, &n);
  k->state = OTHER;
  k->round = p->rounds;
  if (n == 0 || n > PLAIN_RULES || !has_no_properties(s, op)) return true;
  for (uint32_t i = 0; i < n; i++) {
    const Rule *r = ruleset_at(s, list[i]);
    if (!plain_is_pattern(s, r->lhs) || !is_made(s, r->rhs)) return true;
  }
  k->first = p->programs.n;
  for (uint32_t i = 0; i < n; i++) {
    NodeId rhs = ruleset_at(s, list[i])->rhs;
    if (!emit(s, &p->programs, p->code.n, variables_of(s, rhs)) || !compile(s, rhs, &p->code) ||
        !emit(s, &p->code, CODE_END, 0))
      return false;
  }
  k->state = PLAIN;
  return true;
}

/* Make room for what is known of so many operators. */
static bool make_room(Store *s, struct Plain *p, uint32_t operators) {
  if (operators <= p->cap) return true;
  Known *known =
      store_realloc(s, p->known, p->cap * sizeof *known, operators * sizeof *known);
  if (!known) return false;
  memset(known + p->cap, 0, (operators - p->cap) * sizeof *known);
  p->known = known;
  p->cap = operators;
  return true;
}

static struct Plain *plain_now(Store *s) {
  struct RuleSet *t = s->rules;
  if (!t->plain) {
    struct Plain *p = store_realloc(s, NULL, 0, sizeof *p);
    if (!p) return NULL;
    memset(p, 0, sizeof *p);
    vec_init(&p->code);
    vec_init(&p->programs);
    t->plain = p;
  }
  struct Plain *p = t->plain;
  if (p->rounds == 0 || p->rules != t->algebra_version || p->operators != s->ops->version) {
    p->rounds++;
    p->code.n = p->programs.n = 0;
    p->rules = t->algebra_version;
    p->operators = s->ops->version;
  }
  return p;
}

bool plain_is(Store *s, uint32_t op) {
  if (op < OP_FIRST_USER) return false;
  struct Plain *p = plain_now(s);
  if (!p || !make_room(s, p, s->ops->n)) return false;
  Known *k = &p->known[op];
  if (k->round != p->rounds && !look_at_rules(s, op, k)) return false;
  return k->state == PLAIN;
}

void plain_close(Store *s) {
  struct Plain *p = s->rules->plain;
  if (!p) return;
  store_realloc(s, p->known, p->cap * sizeof *p->known, 0);
  vec_done(s, &p->code);
  vec_done(s, &p->programs);
  store_realloc(s, p, sizeof *p, 0);
  s->rules->plain = NULL;
}

/* ---------------------------------------- matching */

bool plain_matches(Match *m, NodeId p, NodeId x) {
  Store *s = m->s;
  const Node *a = node_at(s, p), *b = node_at(s, x);
  if (a->op == OP_VARIABLE) {
    const uint32_t *w = node_words(s, p);
    NodeId *value = &m->var[w[2]];
    if (*value) return *value == x;
    *value = x;
    return node_scalar(s, x) && match_kind_fits(m, w[1], x);
  }
  if (!(a->flags & FLAG_VARIABLE)) return p == x;
  if (a->op != b->op || a->n != b->n) return false;
  const NodeId *u = node_words(s, p), *v = node_words(s, x);
  for (uint32_t i = 0; i < a->n; i++)
    if (!plain_matches(m, u[i], v[i])) return false;
  return true;
}

bool plain_is_bound(const Match *m, NodeId p) {
  const Store *s = m->s;
  if (node_op(s, p) == OP_VARIABLE) return m->var[node_words(s, p)[2]] != 0;
  if (!(node_flags(s, p) & FLAG_VARIABLE)) return true;
  for (uint32_t i = 0; i < node_arity(s, p); i++)
    if (!plain_is_bound(m, node_child(s, p, i))) return false;
  return true;
}

/* The first rule that matches x: its place among those of its operator; n: none does, or the
   conditions of one could not be answered. */
static uint32_t rule_for(Store *s, NodeId x, Match *m) {
  uint32_t n, i = 0;
  ruleset_list(s, RULE_ALGEBRA, node_op(s, x), &n);
  for (; i < n && s->status == STORE_OK; i++) {
    /* the list may have moved while conditions were asked */
    const Rule *r = ruleset_at(s, ruleset_list(s, RULE_ALGEBRA, node_op(s, x), &n)[i]);
    if (r->conditions && !attribute_may_hold(s, r->serial, x)) continue;
    match_begin(m, s, r, x);
    if (plain_matches(m, r->lhs, x) && (!r->conditions || condition_all_hold(m))) break;
  }
  return i;
}

/* ---------------------------------------- the machine */

/* The right side of a rule under way: where its variables are among the values, and the program. */
typedef struct {
  NodeId x;
  uint32_t serial, at, base;
} Frame;

typedef struct {
  Store *s;
  Frame *frame;
  uint32_t n, cap;
  Vec values;
} Machine;

/* Begin with the right side of the rule that matches x, or give x, to which none applies. */
static bool begin(Machine *m, NodeId x) {
  Store *s = m->s;
  Match match;
  uint32_t n, i = rule_for(s, x, &match);
  if (s->status != STORE_OK) return false;
  ruleset_list(s, RULE_ALGEBRA, node_op(s, x), &n);
  if (i >= n) return normalise_keep(s, x, x) && vec_push(s, &m->values, x);
  if (!normalise_waits(s, m->n)) return false;
  if (m->n == m->cap) {
    uint32_t cap = m->cap ? m->cap * 2 : 32;
    Frame *frame = store_realloc(s, m->frame, m->cap * sizeof *frame, cap * sizeof *frame);
    if (!frame) return false;
    m->frame = frame;
    m->cap = cap;
  }
  const struct Plain *p = s->rules->plain;
  const uint32_t *program = p->programs.v + p->known[node_op(s, x)].first + 2 * i;
  Frame *f = &m->frame[m->n++];
  f->x = x;
  f->serial = match.rule->serial;
  f->at = program[0];
  f->base = m->values.n;
  apply_begins(s, f->serial);
  bool ok = true;
  for (i = 0; ok && i < program[1]; i++) ok = vec_push(s, &m->values, match.var[i]);
  return ok;
}

/* The value of the right side is there. */
static bool end(Machine *m) {
  Store *s = m->s;
  Frame f = m->frame[--m->n];
  NodeId made = m->values.v[m->values.n - 1];
  m->values.n = f.base;
  if (!apply_ends(s, f.serial, f.x, made) || !vec_push(s, &m->values, made)) return false;
  if (m->n == 0) return true; /* the caller counts and keeps it */
  s->rules->rewrites += made != f.x;
  return normalise_keep(s, f.x, made);
}

/* The operator applied to the values on top. */
static bool apply(Machine *m, uint32_t op) {
  Store *s = m->s;
  DimId rows, cols;
  uint32_t n = operator_at(s, op)->n;
  m->values.n -= n;
  const NodeId *args = m->values.v + m->values.n;
  if (!operator_shape(s, op, args, n, &rows, &cols)) return false;
  NodeId x = node_intern(s, op, args, n, rows, cols);
  if (!x) return false;
  NodeId known = normalise_known(s, x);
  if (!known && plain_is(s, op)) return begin(m, x);
  if (known) s->rules->rewrites += known != x;
  else known = node_normalise(s, x);
  return known && vec_push(s, &m->values, known);
}

static bool build(Machine *m, NodeId like) {
  Store *s = m->s;
  NodeId c[PLAIN_ARITY];
  uint32_t n = node_arity(s, like);
  m->values.n -= n;
  memcpy(c, m->values.v + m->values.n, n * sizeof *c);
  NodeId x = build_with_children(s, like, c);
  return x && vec_push(s, &m->values, x);
}

static bool run(Machine *m) {
  Store *s = m->s;
  bool ok = true;
  while (ok && m->n) {
    Frame *f = &m->frame[m->n - 1];
    const uint32_t *code = s->rules->plain->code.v + f->at;
    uint32_t operand = code[1];
    f->at += 2;
    switch (code[0]) {
      case CODE_VARIABLE: ok = vec_push(s, &m->values, m->values.v[f->base + operand]); break;
      case CODE_NODE: ok = vec_push(s, &m->values, operand); break;
      case CODE_APPLY: ok = apply(m, operand); break;
      case CODE_BUILD: ok = build(m, operand); break;
      default: ok = end(m); break;
    }
  }
  return ok;
}

NodeId plain_rewrite(Store *s, NodeId x) {
  if (normalise_too_deep(s)) return 0;
  s->rules->depth++;
  Machine m = {.s = s};
  vec_init(&m.values);
  NodeId r = begin(&m, x) && run(&m) ? m.values.v[m.values.n - 1] : 0;
  store_realloc(s, m.frame, m.cap * sizeof *m.frame, 0);
  vec_done(s, &m.values);
  s->rules->depth--;
  return r;
}
