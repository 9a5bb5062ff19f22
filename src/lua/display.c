/* display.c: display trees as records. Invariant: each constructor gives the tree that the one of
   its name in nabla.print.display gives. The parts of a tree have smaller numbers than it. */
#include "lua/display.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <lauxlib.h>

#include "core/dim.h"
#include "core/name.h"

static const uint64_t CAP = (uint64_t)1 << 40; /* of costs, as in nabla.print.display */

enum { KEPT_TREES, KEPT_PARTS, KEPT_WORK };

static void *more_room(lua_State *L, int index, const void *old, size_t used, size_t size) {
  void *more = lua_newuserdata(L, size);
  memcpy(more, old, used);
  lua_replace(L, index);
  return more;
}

static void reserve(Display *d, Words *w, int kept, uint32_t n) {
  if (n <= w->most - w->n) return;
  uint32_t most = 2 * w->most + n;
  w->v = more_room(d->L, d->kept + kept, w->v, w->n * sizeof *w->v, most * sizeof *w->v);
  w->most = most;
}

uint32_t display_room(Display *d, uint32_t n) {
  reserve(d, &d->work, KEPT_WORK, n);
  d->work.n += n;
  return d->work.n - n;
}

static Tree new_tree(Display *d, TreeTag tag, uint32_t n, uint64_t cost) {
  if (d->n == d->most) {
    size_t used = d->n * sizeof *d->tree;
    d->tree = more_room(d->L, d->kept + KEPT_TREES, d->tree, used, 2 * used);
    d->most *= 2;
  }
  reserve(d, &d->parts, KEPT_PARTS, n);
  d->tree[d->n] = (TreeRecord){.cost = cost, .first = d->parts.n, .n = n, .tag = (uint8_t)tag};
  d->parts.n += n;
  return d->n++;
}

void display_open(Display *d, lua_State *L, Store *s, int kept) {
  d->L = L;
  d->s = s;
  d->kept = kept;
  d->tree = d->tree_room;
  d->most = DISPLAY_TREES;
  d->n = 0;
  d->parts = (Words){d->parts_room, 0, DISPLAY_WORDS};
  d->work = (Words){d->work_room, 0, DISPLAY_WORDS};
  new_tree(d, TREE_NUMBER, 0, 0); /* none */
  Tree one = new_tree(d, TREE_NUMBER, 0, 1);
  d->tree[one].as.value = 1;
}

bool display_is_one(const Display *d, Tree t) {
  return d->tree[t].tag == TREE_NUMBER && d->tree[t].as.value == 1;
}

Tree display_number(Display *d, int64_t value) {
  if (value == 1) return 1;
  Tree t = new_tree(d, TREE_NUMBER, 0, 1);
  d->tree[t].as.value = value;
  return t;
}

Tree display_name(Display *d, NodeId symbol, uint32_t kind) {
  Tree t = new_tree(d, TREE_NAME, 0, 1);
  d->tree[t].bits = (uint8_t)kind;
  d->tree[t].id = symbol;
  return t;
}

Tree display_dimension(Display *d, DimId dim) {
  char buffer[400];
  uint64_t cost = 0;
  bool in_word = false;
  for (const char *p = dim_text(d->s, dim, buffer, sizeof buffer); *p; p++) {
    bool word = isalnum((unsigned char)*p) || *p == '_';
    cost += (word && !in_word) || strchr("-+*/^", *p);
    in_word = word;
  }
  Tree t = new_tree(d, TREE_DIMENSION, 0, cost);
  d->tree[t].id = dim;
  return t;
}

/* A tree of the parts of a list; it costs `own` and what they cost. */
static Tree of_list(Display *d, TreeTag tag, Trees items, uint64_t own) {
  Tree t = new_tree(d, tag, items.n, own);
  uint32_t *to = d->parts.v + d->tree[t].first;
  uint64_t cost = own;
  for (uint32_t i = 0; i < items.n; i++) {
    to[i] = d->work.v[items.at + i];
    cost += d->tree[to[i]].cost;
  }
  d->tree[t].cost = cost < CAP ? cost : CAP;
  return t;
}

Tree display_call(Display *d, const char *name, Trees args, NodeId id, uint8_t bits) {
  Tree t = of_list(d, TREE_CALL, args, 1);
  d->tree[t].as.name = name;
  d->tree[t].id = id;
  d->tree[t].bits = bits;
  return t;
}

static Tree of_one(Display *d, TreeTag tag, Tree a) {
  uint64_t cost = d->tree[a].cost + 1;
  Tree t = new_tree(d, tag, 1, cost < CAP ? cost : CAP);
  d->parts.v[d->tree[t].first] = a;
  return t;
}

Tree display_call_of(Display *d, const char *name, Tree arg, NodeId id, uint8_t bits) {
  Tree t = of_one(d, TREE_CALL, arg);
  d->tree[t].as.name = name;
  d->tree[t].id = id;
  d->tree[t].bits = bits;
  return t;
}

Tree display_binary(Display *d, TreeTag tag, Tree a, Tree b) {
  uint64_t cost = d->tree[a].cost + d->tree[b].cost + 1;
  Tree t = new_tree(d, tag, 2, cost < CAP ? cost : CAP);
  d->parts.v[d->tree[t].first] = a;
  d->parts.v[d->tree[t].first + 1] = b;
  return t;
}

Tree display_value(Display *d, Tree fn, Tree arg, NodeId id) {
  NodeId function = d->tree[fn].id;
  Tree t = display_call_of(d, name_text(d->s, node_words(d->s, function)[0]), arg, id, 0);
  d->tree[t].beside = fn;
  return t;
}

Tree display_derivative(Display *d, Tree f, Tree point, Tree by, bool at, NodeId id) {
  Tree t = display_binary(d, TREE_DERIVATIVE, f, point);
  d->tree[t].beside = by;
  d->tree[t].bits = at ? DERIVATIVE_AT : 0;
  d->tree[t].id = id;
  return t;
}

Tree display_transpose(Display *d, Tree a) {
  return d->tree[a].tag == TREE_TRANSPOSE ? display_part(d, a, 0) : of_one(d, TREE_TRANSPOSE, a);
}

Tree display_sum(Display *d, Trees items, uint32_t signs) {
  uint32_t n = items.n;
  bool minus = !d->work.v[signs];
  Tree t = of_list(d, TREE_SUM, items, n - 1 + minus);
  reserve(d, &d->parts, KEPT_PARTS, n);
  memcpy(d->parts.v + d->parts.n, d->work.v + signs, n * sizeof *d->parts.v);
  d->parts.n += n;
  return t;
}

Tree display_neg(Display *d, Tree a) {
  uint32_t n = d->tree[a].n, mark = d->work.n;
  bool sum = d->tree[a].tag == TREE_SUM;
  for (uint32_t i = 0; sum && i < n; i++) sum = display_part(d, a, n + i) != 0;
  if (!sum) return of_one(d, TREE_NEG, a);
  Trees items = {display_room(d, 2 * n), n};
  for (uint32_t i = 0; i < n; i++) {
    d->work.v[items.at + i] = display_part(d, a, i);
    d->work.v[items.at + n + i] = 0;
  }
  Tree t = display_sum(d, items, items.at + n);
  d->work.n = mark;
  return t;
}

Tree display_product(Display *d, Trees items) {
  uint32_t mark = d->work.n, all = 0;
  if (items.n == 1) return d->work.v[items.at];
  for (uint32_t i = 0; i < items.n; i++) {
    const TreeRecord *item = &d->tree[d->work.v[items.at + i]];
    all += item->tag == TREE_PRODUCT ? item->n : 1;
  }
  if (all > items.n) { /* products in it are spliced in */
    Trees flat = {display_room(d, all), 0};
    for (uint32_t i = 0; i < items.n; i++) {
      Tree item = d->work.v[items.at + i];
      if (d->tree[item].tag != TREE_PRODUCT) {
        display_add(d, &flat, item);
        continue;
      }
      for (uint32_t j = 0; j < d->tree[item].n; j++)
        display_add(d, &flat, display_part(d, item, j));
    }
    items = flat;
  }
  Tree t = of_list(d, TREE_PRODUCT, items, all ? all - 1 : 0);
  d->work.n = mark;
  return t;
}

Tree display_hadamard(Display *d, Trees items) {
  return items.n == 1 ? d->work.v[items.at] : of_list(d, TREE_HADAMARD, items, items.n - 1);
}

/* The product of the trees of a list and one behind them. */
static Tree product_with(Display *d, Trees factors, Tree last) {
  uint32_t mark = d->work.n;
  Trees all = {display_room(d, factors.n + 1), factors.n};
  memcpy(d->work.v + all.at, d->work.v + factors.at, factors.n * sizeof *d->work.v);
  display_add(d, &all, last);
  Tree t = display_product(d, all);
  d->work.n = mark;
  return t;
}

Tree display_prefix(Display *d, Trees factors, Tree t) {
  uint8_t tag = d->tree[t].tag;
  if (factors.n == 0) return t;
  if (display_is_one(d, t)) return display_product(d, factors);
  if (tag == TREE_QUOTIENT || tag == TREE_ELDIV) {
    Tree above = display_prefix(d, factors, display_part(d, t, 0));
    return display_binary(d, tag, above, display_part(d, t, 1));
  }
  if (tag != TREE_HADAMARD) return product_with(d, factors, t);
  uint32_t mark = d->work.n, n = d->tree[t].n;
  Tree first = display_prefix(d, factors, display_part(d, t, 0));
  Trees all = {display_room(d, n), 0};
  display_add(d, &all, first);
  for (uint32_t i = 1; i < n; i++) display_add(d, &all, display_part(d, t, i));
  t = display_hadamard(d, all);
  d->work.n = mark;
  return t;
}

Tree display_over(Display *d, Tree t, Trees below) {
  if (below.n == 0) return t;
  if (d->tree[t].tag != TREE_QUOTIENT)
    return display_binary(d, TREE_QUOTIENT, t, display_product(d, below));
  Tree under = product_with(d, below, display_part(d, t, 1));
  return display_binary(d, TREE_QUOTIENT, display_part(d, t, 0), under);
}

Tree display_scaled(Display *d, Tree t, int64_t num, int64_t den) {
  uint32_t mark = d->work.n;
  Trees one = {display_room(d, 1), 1};
  if (num != 1) {
    Tree number = display_number(d, num);
    d->work.v[one.at] = number;
    t = display_prefix(d, one, t);
  }
  if (den != 1) {
    Tree number = display_number(d, den);
    d->work.v[one.at] = number;
    t = display_over(d, t, one);
  }
  d->work.n = mark;
  return t;
}

static const char *const tag_names[] = {"number",   "name",      "dimension", "neg",  "sum",
                                        "product",  "quotient",  "hadamard",  "eldiv", "power",
                                        "elpower",  "transpose", "call",      "derivative"};

static void set_string(lua_State *L, const char *field, const char *text) {
  lua_pushstring(L, text);
  lua_setfield(L, -2, field);
}

static void set_boolean(lua_State *L, const char *field, bool value) {
  lua_pushboolean(L, value);
  lua_setfield(L, -2, field);
}

static void set_id(lua_State *L, NodeId id) {
  if (!id) return;
  lua_pushinteger(L, id);
  lua_setfield(L, -2, "id");
}

static void push_name(lua_State *L, const Store *s, const TreeRecord *t) {
  lua_createtable(L, 0, 6);
  set_string(L, "text", name_text(s, node_words(s, t->id)[0]));
  set_string(L, "kind", node_kind_names[t->bits]);
  set_boolean(L, "bold", t->bits != KIND_SCALAR);
  set_id(L, t->id);
}

static void push_derivative(lua_State *L, const TreeRecord *t) {
  lua_createtable(L, 2, 5);
  set_boolean(L, "at", t->bits & DERIVATIVE_AT);
  set_id(L, t->id);
}

static void push_number(lua_State *L, int64_t value, int numbers) {
  char digits[24];
  snprintf(digits, sizeof digits, "%lld", (long long)value);
  lua_pushstring(L, digits);
  lua_pushvalue(L, -1);
  if (lua_rawget(L, numbers) == LUA_TTABLE) {
    lua_remove(L, -2);
    return;
  }
  lua_pop(L, 1);
  lua_createtable(L, 0, 3);
  lua_insert(L, -2);
  lua_setfield(L, -2, "text");
}

static void push_call(lua_State *L, const TreeRecord *t) {
  lua_createtable(L, (int)t->n, 7);
  set_string(L, "name", t->as.name);
  set_id(L, t->id);
  if (t->bits & CALL_KNOWS_MATRIX) set_boolean(L, "matrix", t->bits & CALL_MATRIX);
  if (t->bits & CALL_KNOWS_SCALAR) set_boolean(L, "scalar", t->bits & CALL_SCALAR);
  if (t->bits & CALL_KNOWS_FLAT) set_boolean(L, "flat", t->bits & CALL_FLAT);
  if (t->bits & CALL_TURNED) set_boolean(L, "turned", true);
}

/* Push the table of a tree whose parts are in the table at index `made`. */
static void push_one(Display *d, const TreeRecord *t, int made, int numbers) {
  lua_State *L = d->L;
  char buffer[400];
  switch (t->tag) {
    case TREE_NUMBER: push_number(L, t->as.value, numbers); break;
    case TREE_NAME: push_name(L, d->s, t); break;
    case TREE_CALL: push_call(L, t); break;
    case TREE_DERIVATIVE: push_derivative(L, t); break;
    case TREE_DIMENSION:
      lua_createtable(L, 0, 3);
      set_string(L, "text", dim_text(d->s, t->id, buffer, sizeof buffer));
      break;
    default: lua_createtable(L, (int)t->n, t->tag == TREE_SUM ? 3 : 2);
  }
  set_string(L, "tag", tag_names[t->tag]);
  lua_pushinteger(L, (lua_Integer)t->cost);
  lua_setfield(L, -2, "cost");
  for (uint32_t i = 0; i < t->n; i++) {
    lua_rawgeti(L, made, d->tree[d->parts.v[t->first + i]].place);
    lua_rawseti(L, -2, i + 1);
  }
  if (t->beside) {
    lua_rawgeti(L, made, d->tree[t->beside].place);
    lua_setfield(L, -2, t->tag == TREE_CALL ? "fn" : "by");
  }
  if (t->tag != TREE_SUM) return;
  lua_createtable(L, (int)t->n, 0);
  for (uint32_t i = 0; i < t->n; i++) {
    lua_pushinteger(L, d->parts.v[t->first + t->n + i] ? 1 : -1);
    lua_rawseti(L, -2, i + 1);
  }
  lua_setfield(L, -2, "signs");
}

void display_push(Display *d, Tree root, int numbers) {
  lua_State *L = d->L;
  uint32_t count = 0;
  const uint32_t REACHED = 1;
  d->tree[root].place = REACHED;
  for (Tree t = root; t; t--) { /* parts have smaller numbers */
    if (!d->tree[t].place) continue;
    count++;
    if (d->tree[t].beside) d->tree[d->tree[t].beside].place = REACHED;
    for (uint32_t i = 0; i < d->tree[t].n; i++) d->tree[display_part(d, t, i)].place = REACHED;
  }
  lua_createtable(L, (int)count, 0);
  int made = lua_gettop(L);
  count = 0;
  for (Tree t = 1; t <= root; t++) {
    if (!d->tree[t].place) continue;
    push_one(d, &d->tree[t], made, numbers);
    d->tree[t].place = ++count;
    lua_rawseti(L, made, count);
  }
  lua_rawgeti(L, made, count);
  lua_remove(L, made);
}
