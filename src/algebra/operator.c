/* operator.c: the operator table and the shapes of results. */
#include "algebra/operator.h"

#include <string.h>

#include "algebra/size.h"
#include "core/dimenv.h"
#include "core/hash.h"
#include "core/name.h"

const char *const operator_flag_names[OPERATOR_FLAGS] = {
    "linear",
    "elementwise",
    "cyclic",
    "matrixfunction",
    "sum_of_entries",
    "avoid",
    "comm",
    "assoc",
    "transpose_equivariant",
    "transpose_invariant",
    "odd",
    "even",
    "entry",
    "unit_matrix",
    "antilinear",
    "additive",
    "expectation",
    "jointly_linear",
    "member",
    "lone_member"};

static const char *const builtin[OP_FIRST_USER] = {
    "",         "number",  "symbol",    "variable", "sum",   "product",      "power",
    "hadamard", "elpower", "transpose", "I",        "ones",  "zeros",        "function",
    "call",     "D",       "d",         "hole",     "range", "operator name"};

bool operator_open(Store *s) {
  s->ops = store_realloc(s, NULL, 0, sizeof *s->ops);
  if (!s->ops) return false;
  memset(s->ops, 0, sizeof *s->ops);
  vec_init(&s->ops->by_name);
  vec_init(&s->ops->any_order);
  Operator o;
  memset(&o, 0, sizeof o);
  for (uint32_t i = 0; i < OP_FIRST_USER; i++) {
    /* the engine's own names start with a blank: a rule file may define `sum` or `power` */
    char name[32] = " ";
    strcat(name, builtin[i]);
    o.name = name_intern(s, name, strlen(name));
    if (!operator_define(s, &o) && i > 0) return false;
  }
  return s->status == STORE_OK;
}

void operator_close(Store *s) {
  if (!s->ops) return;
  store_realloc(s, s->ops->v, s->ops->cap * sizeof *s->ops->v, 0);
  vec_done(s, &s->ops->by_name);
  vec_done(s, &s->ops->any_order);
  store_realloc(s, s->ops, sizeof *s->ops, 0);
}

/* The newest that has the name and has not been taken away. */
uint32_t operator_find(const Store *s, NameId name) {
  const Vec *known = &s->ops->by_name;
  uint32_t i = name < known->n ? known->v[name] + 1 : 0;
  while (i-- > OP_FIRST_USER)
    if (s->ops->v[i].name == name && !s->ops->v[i].gone) return i;
  return 0;
}

static bool note_name(Store *s, NameId name, uint32_t i) {
  Vec *known = &s->ops->by_name;
  while (known->n <= name)
    if (!vec_push(s, known, 0)) return false;
  if (known->v[name] < i) known->v[name] = i;
  return true;
}

/* What stands for an operator in a hash, which orders terms of equal weight: its name, so that
   where an operator is defined decides nothing. */
static uint32_t key_of(const Store *s, uint32_t op, NameId name) {
  const char *text = name_text(s, name);
  return op < OP_FIRST_USER ? op : hash_text(text, strlen(text));
}

uint32_t operator_define(Store *s, const Operator *o) {
  struct Operators *t = s->ops;
  if (!o->name) return 0;
  uint32_t i = t->n < OP_FIRST_USER ? 0 : operator_find(s, o->name);
  if (!i) {
    if (t->n >= 0xffff) return store_fail(s, STORE_LIMIT, "too many operators");
    if (t->n == t->cap) {
      uint32_t cap = t->cap ? t->cap * 2 : 128;
      Operator *v = store_realloc(s, t->v, t->cap * sizeof *v, cap * sizeof *v);
      if (!v) return 0;
      t->v = v;
      t->cap = cap;
    }
    i = t->n++;
  }
  return operator_replace(s, i, o);
}

static bool is_nameless(const Operator *o) {
  for (uint32_t i = 0; i < o->n; i++) {
    const Param *p = &o->param[i];
    if (p->kind != PARAM_ANY &&
        (p->kind != PARAM_SHAPE || p->rows != DIM_ONE || p->cols != DIM_ONE))
      return false;
  }
  return o->same ? o->n > 0 : o->rows == DIM_ONE && o->cols == DIM_ONE;
}

enum { ANY_ORDER = OPERATOR_ASSOCIATIVE | OPERATOR_COMMUTATIVE };

bool operator_any_order(const Store *s, uint32_t op) {
  const Operator *o = operator_at(s, op);
  return op >= OP_FIRST_USER && o->nameless && o->flags == ANY_ORDER;
}

static bool note_any_order(Store *s, uint32_t i) {
  const Vec *known = &s->ops->any_order;
  for (uint32_t k = 0; k < known->n; k++)
    if (known->v[k] == i) return true;
  return vec_push(s, &s->ops->any_order, i);
}

uint32_t operator_replace(Store *s, uint32_t i, const Operator *o) {
  struct Operators *t = s->ops;
  if (!store_may_change(s, "operators")) return 0;
  if (i >= t->n) return store_fail(s, STORE_USAGE, "there is no operator %lu", (unsigned long)i);
  if (!note_name(s, o->name, i)) return 0;
  if (i == s->keys.n && !vec_push(s, &s->keys, key_of(s, i, o->name))) return 0;
  bool nameless = is_nameless(o);
  if (nameless && o->flags == ANY_ORDER && !note_any_order(s, i)) return 0;
  t->version++;
  name_keep(s); /* what a definition names stays, also for those who have read it */
  dim_keep(s);
  t->v[i] = *o;
  t->v[i].nameless = nameless;
  uint32_t *holder[] = {&t->sum_of_entries, &t->cyclic, &t->entry,
                        &t->unit_matrix,    &t->member, &t->lone_member};
  static const uint32_t flag[] = {OPERATOR_SUM_OF_ENTRIES, OPERATOR_CYCLIC, OPERATOR_ENTRY,
                                  OPERATOR_UNIT_MATRIX,    OPERATOR_MEMBER, OPERATOR_LONE_MEMBER};
  for (uint32_t k = 0; k < sizeof flag / sizeof *flag; k++) {
    if (o->flags & flag[k] && !o->gone) *holder[k] = i;
    /* it has been taken away, or defined without the flag */
    else if (*holder[k] == i) *holder[k] = 0;
  }
  return i;
}

void operator_mark_names(Store *s) {
  for (uint32_t i = 0; i < s->ops->n; i++) {
    const Operator *o = &s->ops->v[i];
    name_mark(s, o->name);
    dim_mark(s, o->rows);
    dim_mark(s, o->cols);
    for (uint32_t j = 0; j < o->n; j++) {
      name_mark(s, o->param[j].name);
      dim_mark(s, o->param[j].rows);
      dim_mark(s, o->param[j].cols);
    }
  }
}

uint32_t operator_with(const Store *s, uint32_t flag) {
  const struct Operators *t = s->ops;
  return flag == OPERATOR_SUM_OF_ENTRIES ? t->sum_of_entries
         : flag == OPERATOR_CYCLIC       ? t->cyclic
         : flag == OPERATOR_ENTRY        ? t->entry
         : flag == OPERATOR_UNIT_MATRIX  ? t->unit_matrix
         : flag == OPERATOR_MEMBER       ? t->member
         : flag == OPERATOR_LONE_MEMBER  ? t->lone_member
                                         : 0;
}

const char *operator_name(const Store *s, uint32_t op) {
  return op < OP_FIRST_USER ? builtin[op] : name_text(s, s->ops->v[op].name);
}

uint32_t operator_builtin(const char *name) {
  uint32_t op = OP_FIRST_USER;
  while (--op > 0 && strcmp(builtin[op], name) != 0) {}
  return op;
}

static bool fit(Store *s, DimEnv *e, DimId pattern, DimId value, bool late) {
  NameId name = dim_get_name(s, pattern);
  if (name) return dimenv_bind(e, name, value);
  uint32_t open = 0;
  DimId d = dimenv_apply(s, e, pattern, &open);
  return open ? !late : d == value;
}

/* Can the index x lie in 1 .. rows? Fails if it provably does not. */
static bool index_fits(Store *s, uint32_t op, const Param *p, const DimEnv *e, NodeId x) {
  char text[80], range[80];
  if (!node_scalar(s, x)) {
    store_fail(s, STORE_SHAPE, "the index %s of %s must be a scalar", name_text(s, p->name),
               operator_name(s, op));
    return false;
  }
  DimId value = size_of_node(s, x);
  uint32_t open = 0;
  int64_t v = 1, beyond = 0;
  if (!value) return true; /* a counter, or a scalar without a value */
  DimId top = p->rows ? dimenv_apply(s, e, p->rows, &open) : 0;
  bool whole = dim_get_int(s, value, &v) || !dim_is_number(s, value);
  if (top && !open) dim_get_int(s, dim_add(s, value, dim_mul(s, dim_int(s, -1), top)), &beyond);
  if (s->status != STORE_OK) return false;
  if (whole && v >= 1 && beyond <= 0) return true;
  dim_text(s, value, text, sizeof text);
  if (top && !open)
    store_fail(s, STORE_SHAPE, "the index %s of %s is %s; it counts from 1 to %s",
               name_text(s, p->name), operator_name(s, op), text,
               dim_text(s, top, range, sizeof range));
  else
    store_fail(s, STORE_SHAPE, "the index %s of %s is %s; it is a whole number, from 1 on",
               name_text(s, p->name), operator_name(s, op), text);
  return false;
}

static bool nameless_fits(const Store *s, const Operator *o, const NodeId *args) {
  for (uint32_t i = 0; i < o->n; i++)
    if (!args[i] || (o->param[i].kind == PARAM_SHAPE && !node_scalar(s, args[i]))) return false;
  return true;
}

bool operator_shape(Store *s, uint32_t op, const NodeId *args, uint32_t n, DimId *rows,
                    DimId *cols) {
  const Operator *o = operator_at(s, op);
  char r[80], c[80];
  if (o->nameless && n == o->n && nameless_fits(s, o, args)) {
    *rows = o->same ? node_rows(s, args[0]) : DIM_ONE;
    *cols = o->same ? node_cols(s, args[0]) : DIM_ONE;
    return true;
  }
  if (n != o->n) {
    store_fail(s, STORE_SHAPE, "%s takes %lu argument%s, found %lu", operator_name(s, op),
               (unsigned long)o->n, o->n == 1 ? "" : "s", (unsigned long)n);
    return false;
  }
  DimEnv e = {0};
  for (uint32_t i = 0; i < n; i++) {
    if (!args[i]) return false;
    if (o->param[i].kind == PARAM_OPERATOR) {
      uint32_t named =
          node_op(s, args[i]) == OP_NAME ? operator_find(s, node_words(s, args[i])[0]) : 0;
      bool variable =
          node_op(s, args[i]) == OP_VARIABLE && node_words(s, args[i])[1] == KIND_OPERATOR;
      if (variable ||
          (named && (operator_at(s, named)->flags & o->param[i].flags) == o->param[i].flags))
        continue;
      store_fail(s, STORE_SHAPE, "argument %lu of %s must be the name of a function",
                 (unsigned long)i + 1, operator_name(s, op));
      return false;
    }
    if (o->param[i].kind != PARAM_DIMENSION) continue;
    DimId d = size_of_node(s, args[i]);
    if (!d) {
      store_fail(
          s, STORE_SHAPE,
          "argument %lu of %s must be a dimension: a polynomial in dimension names and integers",
          (unsigned long)i + 1, operator_name(s, op));
      return false;
    }
    dimenv_bind(&e, o->param[i].name, d);
  }
  for (int late = 0; late < 2; late++) /* products such as m*n wait for their names */
    for (uint32_t i = 0; i < n; i++) {
      const Param *p = &o->param[i];
      if (p->kind != PARAM_SHAPE) continue;
      if (fit(s, &e, p->rows, node_rows(s, args[i]), late) &&
          fit(s, &e, p->cols, node_cols(s, args[i]), late))
        continue;
      store_fail(s, STORE_SHAPE, "argument %lu of %s has the shape %s x %s", (unsigned long)i + 1,
                 operator_name(s, op), dim_text(s, node_rows(s, args[i]), r, sizeof r),
                 dim_text(s, node_cols(s, args[i]), c, sizeof c));
      return false;
    }
  for (uint32_t i = 0; i < n; i++)
    if (o->param[i].kind == PARAM_INDEX && !index_fits(s, op, &o->param[i], &e, args[i]))
      return false;
  uint32_t open = 0;
  *rows = o->same ? node_rows(s, args[0]) : dimenv_apply(s, &e, o->rows, &open);
  *cols = o->same ? node_cols(s, args[0]) : dimenv_apply(s, &e, o->cols, &open);
  if (open) {
    store_fail(s, STORE_SHAPE, "the shape of %s does not follow from its arguments",
               operator_name(s, op));
    return false;
  }
  return *rows && *cols;
}
