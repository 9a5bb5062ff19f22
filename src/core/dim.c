/* dim.c: dimensions as sorted lists of terms, interned. A term is a coefficient (a reduced
** fraction, so that n*(n+1)/2 is a dimension) and a sorted list of names (with repetition for
** powers). Terms are ordered by degree, then by the text of their names, so that a dimension looks
** the same in every session. */
#include "core/dim.h"

#include <stdio.h>
#include <string.h>

#include "core/gcd.h"
#include "core/name.h"

typedef struct {
  uint32_t n, hash;
  uint32_t touched; /* by whom: see dim_touch */
  bool used;        /* reached by the collection under way */
  DimTerm term[];
} Dim;

struct Dims {
  Ids ids;
  uint32_t *slot, mask, live;
  uint32_t kept;   /* those up to this one stay for good */
  uint32_t sweeps; /* so far */
};

static const Dim failed = {0, 0, 0, false};

/* Of a dimension that could not be made, 0, the others may ask as of any. */
static const Dim *dim_at(const Store *s, DimId d) {
  const Dim *p = ids_at(&s->dims->ids, d);
  return p ? p : &failed;
}

static int order_terms(const Store *s, const DimTerm *a, const DimTerm *b) {
  if (a->n != b->n) return a->n > b->n ? -1 : 1;
  for (uint32_t i = 0; i < a->n; i++)
    if (a->name[i] != b->name[i]) return strcmp(name_text(s, a->name[i]), name_text(s, b->name[i]));
  return 0;
}

/* a/b as the coefficient of t; false if it is too large. */
static bool set_coefficient(DimTerm *t, Wide a, Wide b) {
  Wide g = gcd_wide(a < 0 ? -a : a, b);
  a /= g;
  b /= g;
  if (a > INT64_MAX || a < -INT64_MAX || b > INT64_MAX) return false;
  t->coefficient = (int64_t)a;
  t->over = (int64_t)b;
  return true;
}

/* ---------------------------------------- the table */

static void put_slot(struct Dims *d, DimId id) {
  const Dim *p = ids_at(&d->ids, id);
  uint32_t j = p->hash & d->mask;
  while (d->slot[j]) j = (j + 1) & d->mask;
  d->slot[j] = id;
}

/* Does the sweep leave a dimension? */
static bool survives(const struct Dims *d, DimId id) {
  const Dim *p = ids_at(&d->ids, id);
  return id <= d->kept || p->used || p->touched + 2 > d->sweeps;
}

static void drop(Store *s, DimId id) {
  Dim *p = ids_at(&s->dims->ids, id);
  store_realloc(s, p, sizeof *p + p->n * sizeof *p->term, 0);
  ids_drop(s, &s->dims->ids, id);
  s->dims->live--;
}

/* New slots for the dimensions, or for those that the sweep leaves. */
static bool make_slots(Store *s, uint32_t cap, bool sweep) {
  struct Dims *d = s->dims;
  uint32_t *slot = store_realloc(s, NULL, 0, cap * sizeof *slot);
  if (!slot) return false;
  memset(slot, 0, cap * sizeof *slot);
  uint32_t *old = d->slot, old_cap = old ? d->mask + 1 : 0;
  d->slot = slot;
  d->mask = cap - 1;
  for (uint32_t i = 0; i < old_cap; i++) {
    if (!old[i]) continue;
    if (!sweep || survives(d, old[i])) put_slot(d, old[i]);
    else drop(s, old[i]);
  }
  if (old) store_realloc(s, old, old_cap * sizeof *old, 0);
  return true;
}

static bool is_same(const Store *s, const Dim *p, const DimTerm *t, uint32_t n, uint32_t hash) {
  if (p->hash != hash || p->n != n) return false;
  for (uint32_t i = 0; i < n; i++)
    if (p->term[i].coefficient != t[i].coefficient || p->term[i].over != t[i].over ||
        order_terms(s, &p->term[i], &t[i]) != 0)
      return false;
  return true;
}

bool dim_known(const Store *s, DimId d) { return ids_at(&s->dims->ids, d) != NULL; }
void dim_keep(Store *s) { s->dims->kept = s->dims->ids.n; }

void dim_touch(Store *s, DimId d) {
  Dim *p = ids_at(&s->dims->ids, d);
  if (p) p->touched = s->dims->sweeps;
}

void dim_mark(Store *s, DimId d) {
  Dim *p = ids_at(&s->dims->ids, d);
  if (p) p->used = true;
}

void dim_sweep(Store *s) {
  struct Dims *d = s->dims;
  uint32_t left = 0, cap = d->mask + 1;
  d->sweeps++;
  for (uint32_t i = 0; i < cap; i++) left += d->slot[i] && survives(d, d->slot[i]);
  if (left < d->live) {
    uint32_t fit = cap;
    while (fit > 128 && left * 8 < fit) fit /= 2;
    make_slots(s, fit, true); /* without memory the next sweep frees them */
  }
  for (uint32_t i = 0; i <= d->mask; i++) {
    Dim *p = ids_at(&d->ids, d->slot[i]);
    if (!p) continue;
    p->used = false;
    for (uint32_t j = 0; j < p->n; j++)
      for (uint32_t k = 0; k < p->term[j].n; k++) name_mark(s, p->term[j].name[k]);
  }
}

static DimId intern(Store *s, DimTerm *t, uint32_t n) {
  for (uint32_t i = 1; i < n; i++) /* insertion sort: a dimension has few terms */
    for (uint32_t j = i; j > 0 && order_terms(s, &t[j - 1], &t[j]) > 0; j--) {
      DimTerm x = t[j];
      t[j] = t[j - 1];
      t[j - 1] = x;
    }
  uint32_t k = 0;
  for (uint32_t i = 0; i < n; i++) {
    if (k && order_terms(s, &t[k - 1], &t[i]) == 0) {
      DimTerm *u = &t[k - 1];
      Wide c = (Wide)u->coefficient * t[i].over + (Wide)t[i].coefficient * u->over;
      if (!set_coefficient(u, c, (Wide)u->over * t[i].over))
        return store_fail(s, STORE_LIMIT, "a dimension is too large");
    } else {
      t[k++] = t[i];
    }
    if (t[k - 1].coefficient == 0) k--;
  }
  struct Dims *d = s->dims;
  uint32_t hash = 2166136261u;
  for (uint32_t i = 0; i < k; i++) {
    hash = (hash ^ (uint32_t)t[i].coefficient) * 16777619u;
    if (t[i].over != 1) hash = (hash ^ (uint32_t)t[i].over ^ 0x2f2fu) * 16777619u;
    for (uint32_t j = 0; j < t[i].n; j++)
      for (const char *c = name_text(s, t[i].name[j]); *c; c++)
        hash = (hash ^ (unsigned char)*c) * 16777619u;
    hash = (hash ^ t[i].n) * 16777619u;
  }
  uint32_t cap = d->slot ? (d->mask + 1) * 2 : 128;
  if ((!d->slot || d->live * 2 >= d->mask) && !make_slots(s, cap, false)) return 0;
  uint32_t at = hash & d->mask;
  for (; d->slot[at]; at = (at + 1) & d->mask)
    if (is_same(s, dim_at(s, d->slot[at]), t, k, hash)) return d->slot[at];
  Dim *p = store_realloc(s, NULL, 0, sizeof *p + k * sizeof *t);
  if (!p) return 0;
  p->n = k;
  p->hash = hash;
  p->touched = d->sweeps;
  p->used = false;
  /* equal dimensions are equal bytes: images keep them as such */
  memset(p->term, 0, k * sizeof *t);
  for (uint32_t i = 0; i < k; i++) {
    p->term[i].coefficient = t[i].coefficient;
    p->term[i].over = t[i].over;
    p->term[i].n = t[i].n;
    memcpy(p->term[i].name, t[i].name, t[i].n * sizeof *t[i].name);
  }
  DimId id = ids_add(s, &d->ids, p);
  if (!id) {
    store_realloc(s, p, sizeof *p + k * sizeof *t, 0);
    return 0;
  }
  d->live++;
  return d->slot[at] = id;
}

bool dim_open(Store *s) {
  s->dims = store_realloc(s, NULL, 0, sizeof *s->dims);
  if (!s->dims) return false;
  memset(s->dims, 0, sizeof *s->dims);
  return dim_int(s, 1) == DIM_ONE;
}

void dim_close(Store *s) {
  struct Dims *d = s->dims;
  if (!d) return;
  for (uint32_t i = 0; d->slot && i <= d->mask; i++)
    if (d->slot[i]) drop(s, d->slot[i]);
  ids_free(s, &d->ids);
  store_realloc(s, d->slot, d->slot ? (d->mask + 1) * sizeof *d->slot : 0, 0);
  store_realloc(s, d, sizeof *d, 0);
}

uint32_t dim_count(const Store *s) { return s->dims->ids.n; }

const DimTerm *dim_terms(const Store *s, DimId d, uint32_t *n) {
  *n = dim_at(s, d)->n;
  return dim_at(s, d)->term;
}

DimId dim_of_terms(Store *s, const void *terms, size_t size) {
  DimTerm t[DIM_TERMS];
  uint32_t n = (uint32_t)(size / sizeof *t);
  if (n > DIM_TERMS) return store_fail(s, STORE_USAGE, "a dimension has too many terms");
  memcpy(t, terms, n * sizeof *t);
  return intern(s, t, n);
}

DimId dim_int(Store *s, int64_t v) {
  DimTerm t = {v, 1, 0, {0}};
  return intern(s, &t, 1);
}

DimId dim_ratio(Store *s, int64_t a, int64_t b) {
  DimTerm t = {0, 1, 0, {0}};
  if (b == 0) return store_fail(s, STORE_DOMAIN, "a dimension divided by zero");
  if (!set_coefficient(&t, b < 0 ? -(Wide)a : a, b < 0 ? -(Wide)b : b))
    return store_fail(s, STORE_LIMIT, "a dimension is too large");
  return intern(s, &t, 1);
}

DimId dim_name(Store *s, NameId name) {
  DimTerm t = {1, 1, 1, {name}};
  return name ? intern(s, &t, 1) : 0;
}

DimId dim_add(Store *s, DimId a, DimId b) {
  DimTerm t[2 * DIM_TERMS];
  if (!a || !b) return 0;
  const Dim *p = dim_at(s, a), *q = dim_at(s, b);
  if (p->n + q->n > DIM_TERMS)
    return store_fail(s, STORE_LIMIT, "a dimension of more than %d terms", DIM_TERMS);
  memcpy(t, p->term, p->n * sizeof *t);
  memcpy(t + p->n, q->term, q->n * sizeof *t);
  return intern(s, t, p->n + q->n);
}

DimId dim_mul(Store *s, DimId a, DimId b) {
  DimTerm t[DIM_TERMS];
  if (!a || !b) return 0;
  if (a == DIM_ONE) return b;
  if (b == DIM_ONE) return a;
  const Dim *p = dim_at(s, a), *q = dim_at(s, b);
  uint32_t k = 0;
  for (uint32_t i = 0; i < p->n; i++)
    for (uint32_t j = 0; j < q->n; j++) {
      const DimTerm *x = &p->term[i], *y = &q->term[j];
      if (k == DIM_TERMS || x->n + y->n > DIM_NAMES)
        return store_fail(s, STORE_LIMIT, "a dimension of more than %d terms", DIM_TERMS);
      DimTerm *z = &t[k++];
      if (!set_coefficient(z, (Wide)x->coefficient * y->coefficient, (Wide)x->over * y->over))
        return store_fail(s, STORE_LIMIT, "a dimension is too large");
      z->n = 0;
      for (uint32_t u = 0, v = 0; u < x->n || v < y->n;) { /* merge the sorted names */
        bool left = v == y->n ||
                    (u < x->n && strcmp(name_text(s, x->name[u]), name_text(s, y->name[v])) <= 0);
        z->name[z->n++] = left ? x->name[u++] : y->name[v++];
      }
    }
  return intern(s, t, k);
}

uint32_t dim_hash(const Store *s, DimId d) { return dim_at(s, d)->hash; }

int dim_order(const Store *s, DimId a, DimId b) {
  if (a == b) return 0;
  const Dim *p = dim_at(s, a), *q = dim_at(s, b);
  if (p->n != q->n) return p->n < q->n ? -1 : 1;
  for (uint32_t i = 0; i < p->n; i++) {
    int k = order_terms(s, &p->term[i], &q->term[i]);
    if (k) return k;
    Wide u = (Wide)p->term[i].coefficient * q->term[i].over,
         v = (Wide)q->term[i].coefficient * p->term[i].over;
    if (u != v) return u < v ? -1 : 1;
  }
  return 0;
}

bool dim_is_number(const Store *s, DimId d) {
  const Dim *p = dim_at(s, d);
  return p->n == 0 || (p->n == 1 && p->term[0].n == 0);
}

bool dim_get_int(const Store *s, DimId d, int64_t *v) {
  const Dim *p = dim_at(s, d);
  if (!dim_is_number(s, d) || (p->n && p->term[0].over != 1)) return false;
  *v = p->n ? p->term[0].coefficient : 0;
  return true;
}

NameId dim_get_name(const Store *s, DimId d) {
  const Dim *p = dim_at(s, d);
  return p->n == 1 && p->term[0].n == 1 && p->term[0].coefficient == 1 && p->term[0].over == 1
             ? p->term[0].name[0]
             : 0;
}

void dim_names(const Store *s, DimId d, void (*visit)(NameId, void *), void *data) {
  const Dim *p = dim_at(s, d);
  for (uint32_t i = 0; i < p->n; i++)
    for (uint32_t j = 0; j < p->term[i].n; j++) visit(p->term[i].name[j], data);
}

DimId dim_map(Store *s, DimId d, DimId (*value)(Store *, NameId, void *), void *data) {
  if (!d) return 0;
  const Dim *p = dim_at(s, d);
  if (dim_get_name(s, d)) {
    DimId v = value(s, p->term[0].name[0], data);
    return v ? v : d;
  }
  if (p->n == 0 || (p->n == 1 && p->term[0].n == 0)) return d;
  DimId sum = dim_int(s, 0);
  for (uint32_t i = 0; i < p->n; i++) {
    DimId t = dim_ratio(s, p->term[i].coefficient, p->term[i].over);
    for (uint32_t j = 0; j < p->term[i].n; j++) {
      DimId v = value(s, p->term[i].name[j], data);
      t = dim_mul(s, t, v ? v : dim_name(s, p->term[i].name[j]));
    }
    sum = dim_add(s, sum, t);
  }
  return sum;
}

static uint32_t count_name(const DimTerm *t, NameId name) {
  uint32_t k = 0;
  for (uint32_t j = 0; j < t->n; j++) k += t->name[j] == name;
  return k;
}

int64_t dim_common(const Store *s, DimId d, DimTerm *shared) {
  const Dim *p = dim_at(s, d);
  int64_t over = 1;
  shared->n = 0;
  for (uint32_t i = 0; i < p->n; i++)
    over = over / (int64_t)gcd64((uint64_t)over, (uint64_t)p->term[i].over) * p->term[i].over;
  for (uint32_t k = 0; over > 1 && p->n > 1 && k < p->term[0].n; k++) {
    NameId name = p->term[0].name[k];
    uint32_t taken = count_name(shared, name), least = taken + 1;
    for (uint32_t i = 0; i < p->n; i++)
      if (count_name(&p->term[i], name) < least) least = 0;
    if (least) shared->name[shared->n++] = name;
  }
  return over;
}

DimTerm dim_without(const DimTerm *t, const DimTerm *shared) {
  DimTerm r = *t;
  uint32_t u = 0;
  r.n = 0;
  for (uint32_t j = 0; j < t->n; j++) {
    if (u < shared->n && shared->name[u] == t->name[j]) u++; /* both are sorted */
    else r.name[r.n++] = t->name[j];
  }
  return r;
}

typedef struct {
  char *buffer;
  size_t size, used;
} Text;

static void put(Text *t, const char *text) {
  size_t k = strlen(text);
  if (k >= t->size - t->used) k = t->size - t->used - 1;
  memcpy(t->buffer + t->used, text, k);
  t->buffer[t->used += k] = '\0';
}

const char *dim_text(const Store *s, DimId d, char *buffer, size_t size) {
  const Dim *p = dim_at(s, d);
  Text out = {buffer, size, 0};
  DimTerm shared;
  int64_t over = dim_common(s, d, &shared); /* n*(n+1)/2, but n*n+n */
  char number[40];
  buffer[0] = '\0';
  if (p->n == 0) put(&out, "0");
  for (uint32_t j = 0; j < shared.n; j++) {
    put(&out, name_text(s, shared.name[j]));
    put(&out, "*");
  }
  if (over > 1 && p->n > 1) put(&out, "(");
  for (uint32_t i = 0; i < p->n; i++) {
    DimTerm t = dim_without(&p->term[i], &shared);
    int64_t c = (t.coefficient < 0 ? -t.coefficient : t.coefficient) * (over / t.over);
    bool first = true;
    put(&out, t.coefficient < 0 ? "-" : i ? "+" : "");
    if (c != 1 || t.n == 0) {
      snprintf(number, sizeof number, "%lld", (long long)c);
      put(&out, number);
      first = false;
    }
    for (uint32_t j = 0; j < t.n; j++) {
      put(&out, first ? "" : "*");
      put(&out, name_text(s, t.name[j]));
      first = false;
    }
  }
  if (over > 1 && p->n > 1) put(&out, ")");
  if (over > 1) {
    snprintf(number, sizeof number, "/%lld", (long long)over);
    put(&out, number);
  }
  return buffer;
}
