/* forms_sums.c: the forms of a sum: in the order of the input, without a leading minus, with a
   common number in front. */
#include "lua/forms_sums.h"

#include <string.h>

#define WORK(i) (p->d.work.v[i])

enum { RATIO_WORDS = (sizeof(Ratio) + sizeof(uint32_t) - 1) / sizeof(uint32_t) };

/* The terms of a sum and their coefficients, so many words each from two places on. */
typedef struct {
  uint32_t terms, ratios, n;
} Terms;

static Ratio ratio_at(const Printer *p, uint32_t ratios, uint32_t i) {
  Ratio r;
  memcpy(&r, &WORK(ratios + i * RATIO_WORDS), sizeof r);
  return r;
}

static void put_ratio(Printer *p, uint32_t ratios, uint32_t i, Ratio r) {
  memcpy(&WORK(ratios + i * RATIO_WORDS), &r, sizeof r);
}

/* Note with each term of a sum its coefficient, or that it is none. */
static void note_coefficients(Printer *p, NodeId id, bool is_noted) {
  const NodeId *c = node_children(p->s, id);
  uint32_t n = node_arity(p->s, id);
  for (uint32_t i = 0; i < n; i += 2) forms_of(p, c[i + 1])->coefficient = is_noted ? c[i] : 0;
}

/* The order in which a sum was written in the input, if it was: its terms and coefficients in that
   order, and the sign; 0: it was not. */
static int input_order(Printer *p, NodeId id, Terms *t) {
  lua_State *L = p->d.L;
  int top = lua_gettop(L), sign = 0;
  if (lua_istable(L, AT_SUMS) && lua_rawgeti(L, AT_SUMS, id) == LUA_TTABLE &&
      lua_getfield(L, -1, "terms") == LUA_TTABLE && lua_rawlen(L, -1) == t->n) {
    bool all = true;
    note_coefficients(p, id, true);
    for (uint32_t i = 0; all && i < t->n; i++) {
      lua_rawgeti(L, top + 2, i + 1);
      lua_rawgeti(L, -1, 2);
      NodeId term = (NodeId)lua_tointeger(L, -1);
      NodeId number = forms_entered(p, term) ? forms_of(p, term)->coefficient : 0;
      lua_settop(L, top + 2);
      all = number != 0;
      if (!all) break;
      WORK(t->terms + i) = term;
      put_ratio(p, t->ratios, i, forms_ratio(p, number));
    }
    note_coefficients(p, id, false);
    lua_getfield(L, top + 1, "sign");
    if (all) sign = (int)lua_tointeger(L, -1);
  }
  lua_settop(L, top);
  return sign;
}

/* One of the four forms of a sum, or 0 if each of its terms would have a minus sign. */
static Tree sum_form(Printer *p, Terms t, uint32_t ratios, int sign, bool transposed) {
  Way pos = transposed ? TPOS : POS, neg = transposed ? TNEG : NEG;
  uint32_t lead = t.n;
  for (uint32_t i = 0; i < t.n && lead == t.n; i++) {
    int own = sign * ratio_at(p, ratios, i).sign;
    if (forms_of(p, WORK(t.terms + i))->form[own > 0 ? pos : neg]) lead = i;
  }
  if (lead == t.n) return 0;
  uint32_t mark = p->d.work.n, signs = display_room(&p->d, t.n);
  Trees items = {display_room(&p->d, t.n), 0};
  for (uint32_t k = 0; k < t.n; k++) {
    uint32_t i = k == 0 ? lead : k <= lead ? k - 1 : k;
    const Forms *f = forms_of(p, WORK(t.terms + i));
    Ratio r = ratio_at(p, ratios, i);
    int own = sign * r.sign;
    Tree tree = f->form[k == 0 && own < 0 ? neg : pos];
    bool plus = k == 0 || own > 0;
    if (k > 0 && f->form[neg] && (f->prefers == -1 || !tree)) {
      tree = f->form[neg];
      plus = !plus;
    }
    if (!tree) p->refused = true;
    tree = display_scaled(&p->d, tree, r.num, r.den);
    WORK(signs + k) = plus;
    display_add(&p->d, &items, tree);
  }
  Tree made = t.n == 1 ? WORK(items.at) : display_sum(&p->d, items, signs);
  p->d.work.n = mark;
  return made;
}

static int64_t gcd(int64_t a, int64_t b) {
  while (b) {
    int64_t rest = a % b;
    a = b;
    b = rest;
  }
  return a;
}

/* The largest number that divides every coefficient of a sum, and the quotients, at a place of
   `work`; false if it is 1. A store spreads a number over a sum, (A + A')/2 is kept as A/2 + A'/2.
   Large numbers are left alone. */
static bool content(Printer *p, Terms t, Ratio *factor, uint32_t *quotients) {
  const int64_t most = (int64_t)1 << 31;
  int64_t top = 0, bottom = 1;
  for (uint32_t i = 0; i < t.n; i++) {
    Ratio r = ratio_at(p, t.ratios, i);
    if (r.num >= most || r.den >= most) return false;
    top = gcd(r.num, top);
    bottom = bottom / gcd(bottom, r.den) * r.den;
    if (bottom >= most) return false;
  }
  if (top == 1 && bottom == 1) return false;
  *quotients = display_room(&p->d, t.n * RATIO_WORDS);
  for (uint32_t i = 0; i < t.n; i++) {
    Ratio r = ratio_at(p, t.ratios, i);
    put_ratio(p, *quotients, i, (Ratio){r.num / top * (bottom / r.den), 1, r.sign});
  }
  *factor = (Ratio){top, bottom, 1};
  return true;
}

typedef struct {
  Terms terms;
  bool factored;
  Ratio factor;
  uint32_t quotients;
} Sum;

/* A form of a sum, with a number before brackets where that is shorter. */
static Tree written_sum(Printer *p, const Sum *sum, int sign, bool transposed) {
  Tree t = sum_form(p, sum->terms, sum->terms.ratios, sign, transposed);
  if (!t || !sum->factored || sum->terms.n < 2) return t;
  Tree inner = sum_form(p, sum->terms, sum->quotients, sign, transposed);
  Tree turned = sum_form(p, sum->terms, sum->quotients, sign, !transposed);
  if (forms_cost(p, turned) + 1 < forms_cost(p, inner)) inner = display_transpose(&p->d, turned);
  Tree factored = display_scaled(&p->d, inner, sum->factor.num, sum->factor.den);
  return forms_cost(p, factored) < forms_cost(p, t) ? factored : t;
}

/* What a transpose round a sum must save: less, where a term has one. */
static uint64_t saving_of(const Printer *p, Terms t) {
  for (uint32_t i = 0; i < t.n; i++) {
    const Forms *f = forms_of(p, WORK(t.terms + i));
    Tree tree = f->form[POS] ? f->form[POS] : f->form[NEG];
    if (display_at(&p->d, tree)->tag == TREE_TRANSPOSE &&
        display_at(&p->d, display_part(&p->d, tree, 0))->tag == TREE_PRODUCT)
      return 1; /* (A*X*B + B*X*A)', since there are brackets anyway; but x' - y' */
  }
  return 2;
}

void forms_sums_make(Printer *p, NodeId id) {
  uint32_t n = node_arity(p->s, id) / 2;
  Sum sum = {.terms = {0, 0, n}};
  sum.terms.terms = display_room(&p->d, n);
  sum.terms.ratios = display_room(&p->d, n * RATIO_WORDS);
  int sign = input_order(p, id, &sum.terms);
  if (sign) forms_of(p, id)->prefers = sign;
  for (uint32_t i = 0; !sign && i < n; i++) {
    WORK(sum.terms.terms + i) = node_child(p->s, id, 2 * i + 1);
    Ratio r = forms_ratio(p, node_child(p->s, id, 2 * i));
    put_ratio(p, sum.terms.ratios, i, r);
  }
  if (p->refused) return;
  sum.factored = content(p, sum.terms, &sum.factor, &sum.quotients);
  Tree pos = written_sum(p, &sum, 1, false);
  bool whole = id == p->whole && pos; /* nobody asks for minus the whole */
  Tree neg = whole ? 0 : written_sum(p, &sum, -1, false);
  if (node_scalar(p->s, id)) {
    forms_keep_scalar(p, id, pos, neg);
    return;
  }
  uint64_t saving = saving_of(p, sum.terms);
  if (forms_ask(p->d.L, AT_OWN_TRANSPOSE, id)) { /* A + A': written alike, also in a transpose */
    forms_keep(p, id, pos, neg, pos, neg, saving);
    return;
  }
  Tree tpos = written_sum(p, &sum, 1, true);
  forms_keep(p, id, pos, neg, tpos, whole ? 0 : written_sum(p, &sum, -1, true), saving);
}
