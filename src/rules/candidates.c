/* candidates.c: files of rules under what their patterns ask for. */
#include "rules/candidates.h"

#include <string.h>

#include "algebra/operator.h"
#include "algebra/product.h"
#include "core/hash.h"
#include "rules/pattern.h"

/* A shorter list has no files. File 0 holds the rules that ask for nothing. */
enum { SHORT = 64 * CANDIDATE_WORDS, NOTHING = 0 };

/* The rules of a short list by the operator at which they are noted, as bits of their places. */
struct RuleBits {
  uint64_t used; /* the operators at which there are any */
  uint64_t at[64][CANDIDATE_WORDS], anywhere[CANDIDATE_WORDS];
};

struct RuleFiles {
  KeyMap of; /* key -> number of a file */
  struct RuleFile {
    uint32_t *v;    /* the rules, in the order of the whole list */
    uint64_t *need; /* and the operators that they need */
    uint32_t n, cap;
  } *v;
  uint32_t n, cap;
};

typedef struct {
  uint32_t v[CANDIDATE_KEYS], n;
  bool full;
} Keys;

static void add_key(Keys *k, uint32_t op, uint32_t place, uint32_t what) {
  uint32_t key = hash_mix(hash_mix(what) ^ (op * 31 + place + 1) * 0x9e3779b1u) | 1;
  for (uint32_t i = 0; i < k->n; i++)
    if (k->v[i] == key) return;
  if (k->n == CANDIDATE_KEYS - 1) k->full = true;
  else k->v[k->n++] = key;
}

/* Do the arguments of such nodes match one by one, each in its place? */
static bool in_places(const Store *s, NodeId x) {
  uint32_t op = node_op(s, x), n = node_arity(s, x);
  if (op == OP_SUM || op == OP_PRODUCT || op == OP_HADAMARD || op == OP_SYMBOL) return false;
  if (n == 0 || n > PARAM_MAX) return false;
  return op < OP_FIRST_USER || !(operator_at(s, op)->flags & OPERATOR_COMMUTATIVE);
}

/* What stands at the places of x: numbers themselves, operators. A variable, the name of a size and
   a product (whose pattern may match a sum) say nothing. */
static void add_places(const Store *s, NodeId x, Keys *k, bool pattern) {
  if (!in_places(s, x)) return;
  for (uint32_t i = 0; i < node_arity(s, x); i++) {
    NodeId c = node_child(s, x, i);
    uint32_t op = node_op(s, c);
    if (pattern && (op == OP_VARIABLE || op == OP_SYMBOL || op == OP_PRODUCT)) continue;
    add_key(k, node_op(s, x), i + 1, op == OP_NUMBER ? c << 1 | 1 : op << 1);
  }
}

/* The same of one factor or term. */
static void add_part(const Store *s, NodeId x, Keys *k, bool pattern) {
  uint32_t op = node_op(s, x);
  if (pattern && (op == OP_VARIABLE || op == OP_SYMBOL || pattern_power_or_once(s, x))) return;
  add_key(k, op, 0, 0);
  add_places(s, x, k, pattern);
}

/* All that a node has, or that a pattern asks for. */
static void keys_of(const Store *s, NodeId x, Keys *k, bool pattern) {
  uint32_t op = node_op(s, x), n = node_arity(s, x);
  k->n = 0;
  k->full = false;
  if (op == OP_PRODUCT) {
    NodeId self;
    ProductView p = product_factors(s, x, &self);
    for (uint32_t i = 0; i < p.scalars && !k->full; i++) add_part(s, p.scalar[i], k, pattern);
  } else if (op == OP_SUM || op == OP_HADAMARD) {
    for (uint32_t i = op == OP_SUM; i < n && !k->full; i += op == OP_SUM ? 2 : 1)
      add_part(s, node_child(s, x, i), k, pattern);
  } else add_places(s, x, k, pattern);
}

static NodeId pattern_of(const Store *s, uint32_t serial) {
  const Rule *r = ruleset_at(s, serial);
  return ruleset_of_differentials(r->kind) ? node_child(s, r->lhs, 0) : r->lhs;
}

/* ---------------------------------------- files */

/* The number of a new, empty file; 0 on failure, also for the first. */
static uint32_t new_file(Store *s, struct RuleFiles *f) {
  if (f->n == f->cap) {
    uint32_t cap = f->cap ? f->cap * 2 : 16;
    struct RuleFile *v = store_realloc(s, f->v, f->cap * sizeof *v, cap * sizeof *v);
    if (!v) return 0;
    f->v = v;
    f->cap = cap;
  }
  memset(&f->v[f->n], 0, sizeof *f->v);
  return f->n++;
}

/* The file with the fewest rules of those under which a rule may be filed. */
static uint32_t file_for(Store *s, struct RuleFiles *f, uint32_t serial) {
  Keys k;
  keys_of(s, pattern_of(s, serial), &k, true);
  uint32_t best = NOTHING, fresh = 0;
  for (uint32_t i = 0; i < k.n && !k.full; i++) {
    uint32_t file = keymap_get(&f->of, k.v[i]);
    if (!file) fresh = k.v[i];
    else if (best == NOTHING || f->v[file].n < f->v[best].n) best = file;
  }
  if (!fresh) return best;
  uint32_t file = new_file(s, f);
  return file && keymap_put(s, &f->of, fresh, file) ? file : best;
}

static bool put(Store *s, struct RuleFiles *f, uint32_t serial) {
  uint32_t file = file_for(s, f, serial); /* which may move the files */
  struct RuleFile *l = &f->v[file];
  if (l->n == l->cap) {
    uint32_t cap = l->cap ? l->cap * 2 : 4;
    uint64_t *need = store_realloc(s, l->need, l->cap * sizeof *need, cap * sizeof *need);
    if (!need) return false;
    l->need = need;
    uint32_t *v = store_realloc(s, l->v, l->cap * sizeof *v, cap * sizeof *v);
    if (!v) { /* smaller again, which does not fail */
      l->need = store_realloc(s, need, cap * sizeof *need, l->cap * sizeof *need);
      return false;
    }
    l->v = v;
    l->cap = cap;
  }
  uint32_t i = l->n++;
  for (; i > 0 && ruleset_before(s, serial, l->v[i - 1]); i--) {
    l->v[i] = l->v[i - 1];
    l->need[i] = l->need[i - 1];
  }
  l->v[i] = serial;
  l->need[i] = ruleset_at(s, serial)->need[0];
  return true;
}

static void forget_bits(Store *s, struct RuleIndex *l) {
  if (l->bits) store_realloc(s, l->bits, sizeof *l->bits, 0);
  l->bits = NULL;
}

void candidates_free(Store *s, struct RuleIndex *l) {
  struct RuleFiles *f = l->files;
  forget_bits(s, l);
  if (!f) return;
  for (uint32_t i = 0; i < f->n; i++) {
    store_realloc(s, f->v[i].v, f->v[i].cap * sizeof *f->v[i].v, 0);
    store_realloc(s, f->v[i].need, f->v[i].cap * sizeof *f->v[i].need, 0);
  }
  store_realloc(s, f->v, f->cap * sizeof *f->v, 0);
  keymap_free(s, &f->of);
  store_realloc(s, f, sizeof *f, 0);
  l->files = NULL;
}

/* The files of all rules of a list; false on failure. */
static bool make_files(Store *s, struct RuleIndex *l) {
  struct RuleFiles *f = store_realloc(s, NULL, 0, sizeof *f);
  if (!f) return false;
  memset(f, 0, sizeof *f);
  f->of.stamp = 1;
  l->files = f;
  new_file(s, f);
  bool ok = f->n == 1;
  for (uint32_t i = 0; ok && i < l->n; i++) ok = put(s, f, l->v[i]);
  return ok;
}

/* Without memory there are no files, and the list is tried as it is; that is no failure. */
void candidates_enter(Store *s, struct RuleIndex *l, uint32_t serial) {
  Status before = s->status;
  forget_bits(s, l);
  if (!l->files && l->n <= SHORT) return;
  if (!(l->files ? put(s, l->files, serial) : make_files(s, l))) candidates_free(s, l);
  if (before == STORE_OK && s->status != STORE_OK) store_clear_error(s);
}

void candidates_leave(Store *s, struct RuleIndex *l, uint32_t serial) {
  forget_bits(s, l);
  if (!l->files) return;
  Keys k;
  keys_of(s, pattern_of(s, serial), &k, true);
  for (uint32_t i = 0; i <= k.n; i++) {
    uint32_t file = i < k.n ? keymap_get(&l->files->of, k.v[i]) : NOTHING;
    struct RuleFile *f = i < k.n && !file ? NULL : &l->files->v[file];
    for (uint32_t j = 0; f && j < f->n; j++)
      if (f->v[j] == serial) {
        memmove(f->v + j, f->v + j + 1, (f->n - j - 1) * sizeof *f->v);
        memmove(f->need + j, f->need + j + 1, (f->n - j - 1) * sizeof *f->need);
        f->n--;
        return;
      }
  }
}

/* ---------------------------------------- bits */

/* The place of the lowest bit that is set. */
static uint32_t lowest(uint64_t bits) {
#ifdef __GNUC__
  return (uint32_t)__builtin_ctzll(bits);
#else
  uint32_t i = 0;
  while (!(bits >> i & 1)) i++;
  return i;
#endif
}

/* Note each rule at that of its operators which the fewest rules need; NULL on failure, and for
   long lists. */
static const struct RuleBits *bits_of(Store *s, struct RuleIndex *l) {
  if (l->bits || l->n == 0 || l->n > SHORT) return l->bits;
  struct RuleBits *b = store_realloc(s, NULL, 0, sizeof *b);
  if (!b) return NULL;
  memset(b, 0, sizeof *b);
  uint8_t rules[64] = {0};
  for (uint32_t i = 0; i < l->n; i++)
    for (uint64_t need = l->need[i]; need; need &= need - 1) rules[lowest(need)]++;
  for (uint32_t i = 0; i < l->n; i++) {
    uint64_t need = l->need[i], *at = b->anywhere;
    if (need) {
      uint32_t rarest = lowest(need);
      for (; need; need &= need - 1)
        if (rules[lowest(need)] < rules[rarest]) rarest = lowest(need);
      b->used |= 1ull << rarest;
      at = b->at[rarest];
    }
    at[i / 64] |= 1ull << i % 64;
  }
  return l->bits = b;
}

/* ---------------------------------------- asking */

Candidates candidates_of(Store *s, RuleKind kind, NodeId x, uint64_t have) {
  Candidates c;
  c.s = s;
  c.kind = kind;
  c.op = node_op(s, x);
  c.have = have;
  c.at = c.n = 0;
  c.plain = true;
  c.noted = false;
  struct RuleSet *t = s->rules;
  struct RuleIndex *l = c.op < t->ops[kind] ? &t->index[kind][c.op] : NULL;
  struct RuleFiles *f = l && l->n > SHORT ? l->files : NULL;
  const struct RuleBits *b = l && !f && have != UINT64_MAX ? bits_of(s, l) : NULL;
  if (b) {
    c.noted = true;
    memcpy(c.left, b->anywhere, sizeof c.left);
    for (uint64_t ops = b->used & have; ops; ops &= ops - 1)
      for (int i = 0; i < CANDIDATE_WORDS; i++) c.left[i] |= b->at[lowest(ops)][i];
  }
  if (!f) return c;
  Keys k;
  keys_of(s, x, &k, false);
  if (k.full) return c;
  c.plain = false;
  for (uint32_t i = 0; i <= k.n; i++) {
    uint32_t file = i < k.n ? keymap_get(&f->of, k.v[i]) : NOTHING;
    if (i < k.n && file == NOTHING) continue;
    c.from[c.n].file = file;
    c.from[c.n++].at = 0;
  }
  return c;
}

/* Put a file at the next of its rules that needs no operator that is missing; 0: there is none. */
static uint32_t next_of_file(const struct RuleFile *f, uint32_t *at, uint64_t have) {
  while (*at < f->n && f->need[*at] & ~have) ++*at;
  return *at < f->n ? f->v[*at] : 0;
}

/* The next one of a short list. */
static uint32_t next_noted(Candidates *c, const struct RuleIndex *l) {
  for (int i = 0; i < CANDIDATE_WORDS; i++)
    while (c->left[i]) {
      uint32_t place = 64 * (uint32_t)i + lowest(c->left[i]);
      c->left[i] &= c->left[i] - 1;
      if (place < l->n && !(l->need[place] & ~c->have)) return l->v[place];
    }
  return 0;
}

uint32_t candidates_next(Candidates *c) {
  struct RuleSet *t = c->s->rules;
  if (c->op >= t->ops[c->kind]) return 0;
  const struct RuleIndex *l = &t->index[c->kind][c->op]; /* which may have moved */
  if (c->noted) return next_noted(c, l);
  if (c->plain) {
    while (c->at < l->n && l->need[c->at] & ~c->have) c->at++;
    return c->at < l->n ? l->v[c->at++] : 0;
  }
  uint32_t best = 0, whose = 0;
  for (uint32_t i = 0; l->files && i < c->n;) {
    uint32_t serial = next_of_file(&l->files->v[c->from[i].file], &c->from[i].at, c->have);
    if (!serial) { /* nothing is left in it */
      c->from[i] = c->from[--c->n];
      continue;
    }
    if (!best || ruleset_before(c->s, serial, best)) {
      best = serial;
      whose = i;
    }
    i++;
  }
  if (best) c->from[whose].at++;
  return best;
}
