/* forms.h: the four display trees of a node (nabla.print.signs_and_transposes): how they are kept
   and chosen from. */
#ifndef NABLA_FORMS_H
#define NABLA_FORMS_H

#include "lua/display.h"

typedef enum { POS, NEG, TPOS, TNEG } Way; /* the transposes follow, in the same order */

/* The forms of a node: Tree 0 where there is none. */
typedef struct {
  NodeId id;
  Tree form[4];
  Tree under[4];      /* of a power with negative exponent: what is in a denominator */
  NodeId inverse_of;
  NodeId coefficient; /* in the sum whose forms are being made; or 0 */
  int prefers;        /* the sign that the signs of the input ask for; 0: any */
  bool scalar;
} Forms;

enum { FORMS_ROOM = 48, HASH_ROOM = 128 };

typedef struct {
  Display d;
  Store *s;
  NodeId whole;   /* the node that is written */
  bool refused;   /* a part has a form that is not made here */
  bool broadcast;
  Forms *v;
  uint32_t n, most, *hash, mask; /* hash: places of nodes among the forms, and 1 */
  Forms room[FORMS_ROOM];
  uint32_t hash_room[HASH_ROOM];
} Printer;

enum { /* the indices of the stack of nabla.print.forms' call */
  AT_STORE = 1,
  AT_NODE,
  AT_OPTIONS,
  AT_BUILDERS,
  AT_NUMBERS,
  AT_SYMMETRIC_VALUES,
  AT_SUMS,
  AT_TURNED,
  AT_SYMMETRIC,
  AT_OWN_TRANSPOSE,
  AT_EVEN,
  AT_ODD,
  AT_COMMUTES,
  AT_CYCLIC,
  AT_CONJUGATES,
  AT_KEPT, /* arrays: three of the display, then the forms, the hash */
  AT_TOP = AT_KEPT + 4
};

/* A row of factors with signs: so many words of work each, from two places on. */
typedef struct {
  uint32_t ids, signs, n;
} Factors;

typedef struct {
  int64_t num, den; /* without the sign */
  int sign;
} Ratio;

void forms_open(Printer *p, lua_State *L, Store *s, NodeId whole);
/* Enter a node that is not there. */
void forms_enter(Printer *p, NodeId id);
bool forms_entered(const Printer *p, NodeId id);
Forms *forms_of(const Printer *p, NodeId id);
static inline uint64_t forms_cost(const Printer *p, Tree t) { return display_cost(&p->d, t); }
/* The sign, numerator and denominator of a number. */
Ratio forms_ratio(Printer *p, NodeId number);
/* One of the forms with a sign, or transposed; a transpose round it is free to save one node. */
Tree forms_operand(Printer *p, NodeId id, int sign, bool transposed);
Tree forms_value(Printer *p, NodeId id);
Tree forms_value_transposed(Printer *p, NodeId id);
int forms_either_sign(const Printer *p, NodeId id);
void forms_keep(Printer *p, NodeId id, Tree pos, Tree neg, Tree tpos, Tree tneg, uint64_t saving);
void forms_keep_scalar(Printer *p, NodeId id, Tree pos, Tree neg);
void forms_keep_leaf(Printer *p, NodeId id, Tree pos);

typedef struct {
  int sign;   /* that is left over */
  int64_t flip; /* a factor that can change its sign for nothing, or -1 */
  bool asked; /* does a factor prefer its sign? */
} Signs;
Factors forms_factors(Printer *p, const NodeId *ids, uint32_t n);
Signs forms_choose_signs(Printer *p, Factors f, uint32_t first, int sign);
static inline NodeId forms_id(const Printer *p, Factors f, uint32_t i) {
  return p->d.work.v[f.ids + i];
}
static inline int forms_sign(const Printer *p, Factors f, uint32_t i) {
  return p->d.work.v[f.signs + i] ? 1 : -1;
}
/* Has the table at an index something under a key? False where it is no table. */
bool forms_has(lua_State *L, int index, lua_Integer key);
bool forms_has_name(lua_State *L, int index, const char *name);
/* What a function at an index says of a node; false where it is none. */
bool forms_ask(lua_State *L, int index, NodeId id);

/* A matrix of ones or zeros, or I, by its shape; its transpose. */
Tree forms_constant(Printer *p, NodeId id, const char *name, Tree *turned);

#endif
