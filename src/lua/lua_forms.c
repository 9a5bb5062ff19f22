/* lua_forms.c: the display tree of a node, quickly: the choice between forms that nabla.print.forms
   makes, for sums, products, powers, transposes, letters and operators of rule files.

   Invariant: a tree that is made here is the one that nabla.print.forms makes. Where a node has
   anything else (counted sums, unknown functions, blocks, entries, complex letters, numbers beyond
   64 bits), nothing is given, and the builders there make it. */
#include <string.h>

#include "algebra/operator.h"
#include "core/budget.h"
#include "core/name.h"
#include "lua/bind.h"
#include "lua/forms_calls.h"
#include "lua/forms_products.h"
#include "lua/forms_sums.h"

/* Is a function declared as one of blocks? */
static bool is_of_blocks(const Printer *p, NodeId function) {
  uint32_t op = node_op(p->s, node_child(p->s, function, 0));
  return op >= OP_FIRST_USER && forms_has_name(p->d.L, AT_BUILDERS, operator_name(p->s, op));
}

/* The node whose name is written for a variable: itself, or the function whose value at its own
   variable it is; 0: it has none. */
static NodeId named(const Store *s, NodeId id) {
  if (!id) return 0;
  if (node_op(s, id) == OP_SYMBOL) return id;
  if (node_op(s, id) != OP_CALL) return 0;
  NodeId f = node_child(s, id, 0);
  return node_child(s, f, 0) == node_child(s, id, 1) ? f : 0;
}

/* The declared variable of the function of which a node is a derivative. */
static NodeId variable_of(const Store *s, NodeId derivative) {
  NodeId f = derivative;
  while (node_op(s, f) == OP_DERIVATIVE) f = node_child(s, f, 0);
  return node_op(s, f) == OP_FUNCTION ? node_child(s, f, 0) : 0;
}

/* Is it a node of an operator whose forms are made here? */
static bool is_known(Printer *p, NodeId id) {
  uint32_t op = node_op(p->s, id);
  switch (op) {
    case OP_NUMBER:
    case OP_SUM:
    case OP_PRODUCT:
    case OP_POWER:
    case OP_HADAMARD:
    case OP_ELPOWER:
    case OP_TRANSPOSE:
    case OP_FUNCTION:
    case OP_DERIVATIVE:
    case OP_DIFF:
    case OP_IDENTITY:
    case OP_ONES:
    case OP_ZEROS: return true;
    case OP_CALL: /* of a function of one argument */
      return !is_of_blocks(p, node_child(p->s, id, 0));
    case OP_SYMBOL:
      return node_words(p->s, id)[1] != KIND_COUNTER &&
             strncmp(name_text(p->s, node_words(p->s, id)[0]), "conj ", 5) != 0;
    default:
      return op >= OP_FIRST_USER &&
             !forms_has_name(p->d.L, AT_BUILDERS, operator_name(p->s, op));
  }
}

/* The nodes of which the text of a node is made, parts before wholes, as the list of forms. False:
   one of them is of another kind, or there is no time left. */
static bool outline(Printer *p, NodeId root) {
  enum { MANY = 1000 }; /* after so many the clock is asked */
  Words *w = &p->d.work;
  w->v[display_room(&p->d, 1)] = root;
  while (w->n) {
    NodeId id = w->v[--w->n];
    if (id == 0) { /* all below the node under this mark is done */
      id = w->v[--w->n];
      if (!forms_entered(p, id)) forms_enter(p, id);
      continue;
    }
    if (forms_entered(p, id)) continue;
    if (!is_known(p, id) || (p->n % MANY == MANY - 1 && !budget_on_time(p->s))) return false;
    uint32_t op = node_op(p->s, id), n = op == OP_FUNCTION ? 0 : node_arity(p->s, id);
    uint32_t first = op == OP_SUM || op == OP_PRODUCT, step = op == OP_SUM ? 2 : 1;
    if (n == 0) {
      forms_enter(p, id);
      continue;
    }
    uint32_t at = display_room(&p->d, n + 3);
    NodeId variable = op == OP_DERIVATIVE ? named(p->s, variable_of(p->s, id)) : 0;
    w->v[at++] = id;
    w->v[at++] = 0;
    if (variable) w->v[at++] = variable;
    const NodeId *c = node_children(p->s, id);
    for (uint32_t i = n; i > first; i -= step)
      if (!forms_entered(p, c[i - 1])) w->v[at++] = c[i - 1];
    w->n = at;
  }
  return true;
}

static void number(Printer *p, NodeId id) {
  Ratio r = forms_ratio(p, id);
  Tree t = display_scaled(&p->d, display_number(&p->d, 1), r.num, r.den);
  forms_keep_scalar(p, id, r.sign > 0 ? t : 0, r.sign > 0 ? 0 : t);
}

/* What a value is: a row counts as a matrix. */
static uint32_t kind_by_shape(const Printer *p, NodeId id) {
  if (node_scalar(p->s, id)) return KIND_SCALAR;
  return node_cols(p->s, id) == DIM_ONE ? KIND_VECTOR : KIND_MATRIX;
}

/* A symbol. Of one that is declared symmetric no transpose is written where there is another form:
   without the prime it would be another node when it is read. */
static void symbol(Printer *p, NodeId id) {
  enum { UNWANTED = 2 };
  uint32_t kind = node_words(p->s, id)[1];
  if (kind != KIND_VECTOR && kind != KIND_MATRIX) kind = KIND_SCALAR;
  forms_keep_leaf(p, id, display_name(&p->d, id, kind));
  if (!node_scalar(p->s, id) && forms_ask(p->d.L, AT_SYMMETRIC, id))
    p->d.tree[forms_of(p, id)->form[TPOS]].cost += UNWANTED;
}

static void value_of_function(Printer *p, NodeId id) {
  Tree fn = display_name(&p->d, node_child(p->s, id, 0), kind_by_shape(p, id));
  Tree arg = forms_value(p, node_child(p->s, id, 1));
  forms_keep_leaf(p, id, display_value(&p->d, fn, arg, id));
}

static void derivative(Printer *p, NodeId id) {
  NodeId point = node_child(p->s, id, 1), variable = variable_of(p->s, id);
  NodeId name = named(p->s, variable), point_name = named(p->s, point);
  Tree by = name ? forms_of(p, name)->form[POS] : 0;
  Tree f = forms_value(p, node_child(p->s, id, 0));
  Tree at = point_name ? forms_of(p, point_name)->form[POS] : forms_value(p, point);
  Tree t = display_derivative(&p->d, f, at, by, variable && variable != point, id);
  forms_keep_leaf(p, id, t);
}

static void constant(Printer *p, NodeId id, const char *name) {
  Tree turned, t = forms_constant(p, id, name, &turned);
  forms_keep(p, id, t, 0, turned, 0, 2);
}

static void transposed(Printer *p, NodeId id) {
  const Tree *a = forms_of(p, node_child(p->s, id, 0))->form;
  forms_keep(p, id, a[TPOS], a[TNEG], a[POS], a[NEG], 2);
}

static void make(Printer *p, NodeId id) {
  Tree value;
  switch (node_op(p->s, id)) {
    case OP_NUMBER: number(p, id); break;
    case OP_SYMBOL: symbol(p, id); break;
    case OP_FUNCTION:
      forms_keep_leaf(p, id, display_name(&p->d, id, kind_by_shape(p, id)));
      break;
    case OP_CALL: value_of_function(p, id); break;
    case OP_DERIVATIVE: derivative(p, id); break;
    case OP_DIFF:
      value = forms_value(p, node_child(p->s, id, 0));
      forms_keep_leaf(p, id, display_call_of(&p->d, "d", value, 0, 0));
      break;
    case OP_SUM: forms_sums_make(p, id); break;
    case OP_PRODUCT: forms_products_product(p, id); break;
    case OP_POWER: forms_products_power(p, id); break;
    case OP_HADAMARD: forms_products_hadamard(p, id); break;
    case OP_ELPOWER: forms_products_elpower(p, id); break;
    case OP_TRANSPOSE: transposed(p, id); break;
    case OP_IDENTITY: constant(p, id, "I"); break;
    case OP_ONES: constant(p, id, "ones"); break;
    case OP_ZEROS: constant(p, id, "zeros"); break;
    default: forms_calls_make(p, id);
  }
}

/* Make the forms of all nodes in the list. */
static bool make_all(Printer *p) {
  enum { MANY = 1000 };
  for (uint32_t i = 0; i < p->n && !p->refused; i++) {
    if (i % MANY == MANY - 1 && !budget_on_time(p->s)) return false;
    p->d.work.n = 0;
    make(p, p->v[i].id);
    p->refused = p->refused || !(p->v[i].form[POS] || p->v[i].form[NEG]);
  }
  return true;
}

/* Push the fields of the options that say how expressions are written, in the order of AT_SUMS. */
static void push_options(lua_State *L) {
  static const char *const fields[] = {"sums", "turned",   "symmetric", "own_transpose", "even",
                                       "odd",  "commutes", "cyclic",    "conjugates"};
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
    lua_getfield(L, AT_OPTIONS, fields[i]);
}

/* node, options, set of names of operators that are made otherwise, trees of small numbers by their
   digits, set of names of operators whose values are symmetric, the largest cost
   -> the display tree; nil: it is not made here, or too large */
static int l_display_tree(lua_State *L) {
  Printer p;
  Store *s = bind_store(L);
  NodeId root = bind_node(L, s, AT_NODE);
  luaL_checktype(L, AT_OPTIONS, LUA_TTABLE);
  luaL_checktype(L, AT_NUMBERS, LUA_TTABLE);
  lua_Number limit = luaL_checknumber(L, AT_SYMMETRIC_VALUES + 1);
  lua_settop(L, AT_SYMMETRIC_VALUES);
  luaL_checkstack(L, 40, "a display tree");
  push_options(L);
  lua_getfield(L, AT_OPTIONS, "broadcast");
  p.broadcast = lua_isnil(L, -1) || lua_toboolean(L, -1);
  lua_settop(L, AT_TOP);
  forms_open(&p, L, s, root);
  if (!outline(&p, root) || !make_all(&p)) return s->status == STORE_OK ? 0 : bind_raise(L, s);
  if (p.refused) return 0;
  p.d.work.n = 0;
  Tree t = forms_value(&p, root);
  if ((lua_Number)forms_cost(&p, t) > limit) return 0;
  display_push(&p.d, t, AT_NUMBERS);
  return 1;
}

const luaL_Reg lua_forms_methods[] = {{"display_tree", l_display_tree}, {NULL, NULL}};
