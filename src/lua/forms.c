/* forms.c: the four display trees of a node: how they are kept and chosen from. */
#include "lua/forms.h"

#include <string.h>

#include <lauxlib.h>

#include "core/number.h"

void forms_open(Printer *p, lua_State *L, Store *s, NodeId whole) {
  p->s = s;
  p->whole = whole;
  p->refused = false;
  p->v = p->room;
  p->n = 0;
  p->most = FORMS_ROOM;
  p->hash = p->hash_room;
  p->mask = HASH_ROOM - 1;
  memset(p->hash_room, 0, sizeof p->hash_room);
  display_open(&p->d, L, s, AT_KEPT);
}

static uint32_t slot_at(const Printer *p, NodeId id) {
  uint32_t i = (id * 2654435769u >> 7) & p->mask;
  while (p->hash[i] && p->v[p->hash[i] - 1].id != id) i = (i + 1) & p->mask;
  return i;
}

Forms *forms_of(const Printer *p, NodeId id) { return &p->v[p->hash[slot_at(p, id)] - 1]; }

static void enlarge(Printer *p) {
  lua_State *L = p->d.L;
  uint32_t most = 4 * p->most, size = 4 * (p->mask + 1);
  Forms *v = lua_newuserdata(L, most * sizeof *v);
  memcpy(v, p->v, p->n * sizeof *v);
  lua_replace(L, AT_KEPT + 3);
  p->v = v;
  p->most = most;
  p->hash = lua_newuserdata(L, size * sizeof *p->hash);
  lua_replace(L, AT_TOP);
  memset(p->hash, 0, size * sizeof *p->hash);
  p->mask = size - 1;
  for (uint32_t i = 0; i < p->n; i++) p->hash[slot_at(p, v[i].id)] = i + 1;
}

void forms_enter(Printer *p, NodeId id) {
  if (p->n == p->most) enlarge(p);
  p->v[p->n] = (Forms){.id = id};
  p->hash[slot_at(p, id)] = p->n + 1;
  p->n++;
}

bool forms_entered(const Printer *p, NodeId id) { return p->hash[slot_at(p, id)] != 0; }

bool forms_has(lua_State *L, int index, lua_Integer key) {
  if (!lua_istable(L, index)) return false;
  lua_rawgeti(L, index, key);
  bool has = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return has;
}

bool forms_has_name(lua_State *L, int index, const char *name) {
  if (!lua_istable(L, index)) return false;
  lua_getfield(L, index, name);
  bool has = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return has;
}

bool forms_ask(lua_State *L, int index, NodeId id) {
  if (!lua_isfunction(L, index)) return false;
  lua_pushvalue(L, index);
  lua_pushinteger(L, id);
  lua_call(L, 1, 1);
  bool says = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return says;
}

Ratio forms_ratio(Printer *p, NodeId number) {
  Ratio r = {1, 1, 1};
  if (!number_get(p->s, number, &r.num, &r.den) || r.num == INT64_MIN) {
    p->refused = true;
    return (Ratio){1, 1, 1};
  }
  r.sign = r.num < 0 ? -1 : 1;
  if (r.num < 0) r.num = -r.num;
  return r;
}

Tree forms_operand(Printer *p, NodeId id, int sign, bool transposed) {
  const Forms *f = forms_of(p, id);
  Tree plain = f->form[sign > 0 ? POS : NEG], turned = f->form[sign > 0 ? TPOS : TNEG];
  if (!plain || !turned) p->refused = true;
  if (transposed) {
    Tree t = plain;
    plain = turned;
    turned = t;
  }
  bool shorter = forms_cost(p, turned) + 1 < forms_cost(p, plain);
  return shorter ? display_transpose(&p->d, turned) : plain;
}

Tree forms_value(Printer *p, NodeId id) {
  const Forms *f = forms_of(p, id);
  return f->form[POS] ? f->form[POS] : display_neg(&p->d, f->form[NEG]);
}

Tree forms_value_transposed(Printer *p, NodeId id) {
  const Forms *f = forms_of(p, id);
  return f->form[TPOS] ? f->form[TPOS] : display_neg(&p->d, f->form[TNEG]);
}

int forms_either_sign(const Printer *p, NodeId id) {
  const Forms *f = forms_of(p, id);
  return f->prefers == -1 && f->form[NEG] ? -1 : f->form[POS] ? 1 : -1;
}

static Tree turn(Printer *p, Tree t) { return t ? display_transpose(&p->d, t) : 0; }

void forms_keep(Printer *p, NodeId id, Tree pos, Tree neg, Tree tpos, Tree tneg, uint64_t saving) {
  uint64_t plain = forms_cost(p, pos ? pos : neg), turned = forms_cost(p, tpos ? tpos : tneg);
  if (turned + 1 + saving <= plain) {
    pos = turn(p, tpos);
    neg = turn(p, tneg);
  } else if (plain + 1 + saving <= turned) {
    tpos = turn(p, pos);
    tneg = turn(p, neg);
  }
  Forms *f = forms_of(p, id);
  f->form[POS] = pos;
  f->form[NEG] = neg;
  f->form[TPOS] = tpos;
  f->form[TNEG] = tneg;
}

void forms_keep_scalar(Printer *p, NodeId id, Tree pos, Tree neg) {
  Forms *f = forms_of(p, id);
  f->form[POS] = f->form[TPOS] = pos;
  f->form[NEG] = f->form[TNEG] = neg;
}

void forms_keep_leaf(Printer *p, NodeId id, Tree pos) {
  Tree turned = node_scalar(p->s, id) ? pos : display_transpose(&p->d, pos);
  Forms *f = forms_of(p, id);
  f->form[POS] = pos;
  f->form[TPOS] = turned;
}

Factors forms_factors(Printer *p, const NodeId *ids, uint32_t n) {
  Factors f = {display_room(&p->d, n), display_room(&p->d, n), n};
  memcpy(p->d.work.v + f.ids, ids, n * sizeof *ids);
  return f;
}

Signs forms_choose_signs(Printer *p, Factors f, uint32_t first, int sign) {
  Signs out = {sign, -1, false};
  for (uint32_t i = first; i < f.n; i++) {
    NodeId id = forms_id(p, f, i);
    const Forms *own = forms_of(p, id);
    int s = forms_either_sign(p, id);
    if (own->form[POS] && own->form[NEG]) {
      if (own->prefers) out.asked = true;
      else out.flip = i;
    }
    p->d.work.v[f.signs + i] = s > 0;
    out.sign *= s;
  }
  return out;
}

Tree forms_constant(Printer *p, NodeId id, const char *name, Tree *turned) {
  DimId rows = node_rows(p->s, id), cols = node_cols(p->s, id);
  bool of_one = name[0] == 'I' || cols == DIM_ONE || rows == DIM_ONE;
  Trees args = {display_room(&p->d, 2), 0};
  Tree first = display_dimension(&p->d, rows == DIM_ONE && cols != DIM_ONE ? cols : rows);
  display_add(&p->d, &args, first);
  if (of_one) {
    Tree t = display_call(&p->d, name, args, 0, 0);
    bool row = name[0] != 'I' && cols != DIM_ONE;
    Tree other = name[0] == 'I' ? t : display_transpose(&p->d, t);
    *turned = row ? t : other;
    return row ? other : t;
  }
  Tree second = display_dimension(&p->d, cols);
  display_add(&p->d, &args, second);
  Tree t = display_call(&p->d, name, args, 0, 0);
  p->d.work.v[args.at] = second;
  p->d.work.v[args.at + 1] = first;
  *turned = display_call(&p->d, name, args, 0, 0);
  return t;
}
