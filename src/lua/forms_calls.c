/* forms_calls.c: the forms of values of operators of rule files. */
#include "lua/forms_calls.h"

#include "algebra/operator.h"
#include "lua/forms_products.h"

#define WORK(i) (p->d.work.v[i])

/* A call under way: what is known of it. */
typedef struct {
  NodeId id;
  const char *name;
  uint8_t bits;
} Call;

static Tree applied(Printer *p, const Call *c, Tree arg, uint8_t more) {
  return arg ? display_call_of(&p->d, c->name, arg, c->id, (uint8_t)(c->bits | more)) : 0;
}

static bool is_vector(const Printer *p, NodeId a) {
  return node_rows(p->s, a) == DIM_ONE || node_cols(p->s, a) == DIM_ONE;
}

/* Is b the transpose of a letter or call a, kept as such? */
static bool is_transpose_of(const Printer *p, NodeId b, NodeId a) {
  return node_op(p->s, b) == OP_TRANSPOSE && node_child(p->s, b, 0) == a;
}

/* Where to begin the chain of which a trace is taken, so that it begins with X' and ends with X:
   tr(X'*A*X), not tr(A*X*X'). 0: where it begins as it is. */
static uint32_t trace_start(const Printer *p, Factors f, uint32_t first) {
  uint32_t start = 0;
  for (uint32_t i = first; i < f.n; i++) {
    uint32_t after = i + 1 < f.n ? i + 1 : first;
    if (!is_transpose_of(p, forms_id(p, f, after), forms_id(p, f, i))) continue;
    if (after == first) return 0;
    if (!start) start = after;
  }
  return start;
}

/* The form of the product a, which a trace may rotate, from where it reads best, and its sign; 0
   where that is as it is. */
static Tree rotated_form(Printer *p, NodeId a, int *sign) {
  uint32_t n = node_arity(p->s, a), first = 1;
  Factors f = forms_factors(p, node_children(p->s, a), n);
  while (first < n && node_scalar(p->s, forms_id(p, f, first))) first++;
  uint32_t start = trace_start(p, f, first);
  if (!start) return 0;
  for (uint32_t i = first; i < n; i++)
    WORK(f.ids + i) = node_child(p->s, a, first + (i - first + start - first) % (n - first));
  Ratio r = forms_ratio(p, forms_id(p, f, 0));
  int groups;
  *sign = forms_choose_signs(p, f, 1, r.sign).sign;
  return forms_products_written(p, f, first, r, false, &groups);
}

static void even_call(Printer *p, const Call *c, NodeId a, bool commutes) {
  int sign = forms_either_sign(p, a);
  if (!commutes || node_scalar(p->s, c->id)) {
    forms_keep_leaf(p, c->id, applied(p, c, forms_of(p, a)->form[sign > 0 ? POS : NEG], 0));
    return;
  }
  Tree plain = forms_operand(p, a, sign, false), turned = forms_operand(p, a, sign, true);
  plain = applied(p, c, plain, 0);
  forms_keep(p, c->id, plain, 0, applied(p, c, turned, CALL_TURNED), 0, 0);
}

static void odd_call(Printer *p, const Call *c, NodeId a, bool commutes) {
  const Forms *f = forms_of(p, a);
  Tree pos = applied(p, c, f->form[POS], 0), neg = applied(p, c, f->form[NEG], 0);
  if (node_op(p->s, a) == OP_PRODUCT && forms_has_name(p->d.L, AT_CYCLIC, c->name)) {
    int sign;
    Tree t = rotated_form(p, a, &sign);
    if (t && forms_cost(p, t) <= forms_cost(p, f->form[POS] ? f->form[POS] : f->form[NEG])) {
      pos = sign > 0 ? applied(p, c, t, 0) : 0;
      neg = sign < 0 ? applied(p, c, t, 0) : 0;
    }
  }
  forms_of(p, c->id)->prefers = f->prefers;
  if (node_scalar(p->s, c->id)) {
    forms_keep_scalar(p, c->id, pos, neg);
  } else if (commutes) {
    Tree tpos = applied(p, c, f->form[TPOS], CALL_TURNED);
    forms_keep(p, c->id, pos, neg, tpos, applied(p, c, f->form[TNEG], CALL_TURNED), 0);
  } else if (forms_has_name(p->d.L, AT_SYMMETRIC_VALUES, c->name)) {
    forms_keep(p, c->id, pos, neg, pos, neg, 2);
  } else {
    Tree tpos = pos ? display_transpose(&p->d, pos) : 0;
    forms_keep(p, c->id, pos, neg, tpos, neg ? display_transpose(&p->d, neg) : 0, 2);
  }
}

/* The negative of a linear operator of several arguments, and of its transpose, written with the
   one argument that prefers its other sign; 0 if there is none, or more than one. */
static Tree preferred(Printer *p, const Call *c, const NodeId *args, uint32_t n, Tree *turned) {
  uint32_t at = n;
  *turned = 0;
  for (uint32_t i = 0; i < n; i++) {
    const Forms *f = forms_of(p, args[i]);
    if (f->prefers != -1 || !f->form[NEG] || !f->form[TNEG]) continue;
    if (at < n) return 0;
    at = i;
  }
  if (at == n) return 0;
  Trees plain = {display_room(&p->d, n), 0}, other = {display_room(&p->d, n), 0};
  for (uint32_t i = 0; i < n; i++) {
    const Forms *f = forms_of(p, args[i]);
    Tree t = i == at ? f->form[NEG] : forms_value(p, args[i]);
    display_add(&p->d, &plain, t);
    t = i == at ? f->form[TNEG] : forms_value_transposed(p, args[i]);
    display_add(&p->d, &other, t);
  }
  *turned = display_call(&p->d, c->name, other, 0, 0);
  return display_call(&p->d, c->name, plain, 0, 0);
}

static void any_call(Printer *p, const Call *c, const NodeId *args, uint32_t n, bool odd,
                     bool commutes) {
  Trees values = {display_room(&p->d, n), 0};
  for (uint32_t i = 0; i < n; i++) {
    Tree t = forms_value(p, args[i]);
    display_add(&p->d, &values, t);
  }
  uint8_t bits = c->bits & (CALL_KNOWS_SCALAR | CALL_SCALAR), flat = CALL_KNOWS_FLAT;
  if (n == 1 && c->bits & CALL_MATRIX) bits |= CALL_KNOWS_MATRIX | CALL_MATRIX;
  if (is_vector(p, args[0])) flat |= CALL_FLAT;
  Tree t = display_call(&p->d, c->name, values, c->id, bits | flat);
  Tree negative = 0, turned_negative = 0;
  if (odd && !node_scalar(p->s, c->id)) {
    negative = preferred(p, c, args, n, &turned_negative);
    if (negative) forms_of(p, c->id)->prefers = -1;
  }
  if (node_scalar(p->s, c->id)) {
    forms_keep_scalar(p, c->id, t, 0);
  } else if (forms_has_name(p->d.L, AT_SYMMETRIC_VALUES, c->name)) {
    forms_keep(p, c->id, t, 0, t, 0, 2);
  } else if (commutes) {
    uint64_t matrices = 0;
    values.n = 0;
    for (uint32_t i = 0; i < n; i++) {
      Tree turned = forms_value_transposed(p, args[i]);
      display_add(&p->d, &values, turned);
      matrices += !node_scalar(p->s, args[i]);
    }
    Tree turned = display_call(&p->d, c->name, values, c->id, bits | CALL_TURNED);
    if (!matrices) p->refused = true;
    /* exp(x)', not exp(x'); but kron(I(n), X') */
    forms_keep(p, c->id, t, negative, turned, turned_negative, matrices - 1);
  } else {
    forms_keep_leaf(p, c->id, t);
  }
}

void forms_calls_make(Printer *p, NodeId id) {
  lua_State *L = p->d.L;
  uint32_t n = node_arity(p->s, id);
  const NodeId *args = node_children(p->s, id);
  Call c = {id, operator_name(p->s, node_op(p->s, id)), 0};
  if (n == 0 || forms_has_name(L, AT_CONJUGATES, c.name)) {
    p->refused = true;
    return;
  }
  c.bits = CALL_KNOWS_MATRIX | CALL_KNOWS_SCALAR;
  if (!is_vector(p, args[0])) c.bits |= CALL_MATRIX;
  if (node_scalar(p->s, args[0])) c.bits |= CALL_SCALAR;
  bool even = forms_has_name(L, AT_EVEN, c.name), odd = !even && forms_has_name(L, AT_ODD, c.name);
  bool commutes = forms_has_name(L, AT_COMMUTES, c.name);
  if (n == 1 && even) even_call(p, &c, args[0], commutes);
  else if (n == 1 && odd) odd_call(p, &c, args[0], commutes);
  else any_call(p, &c, args, n, odd, commutes);
}
