/* number.c: arithmetic of number nodes. Four words hold numerator and denominator when both fit in
** 64 bits; otherwise words 0 and 1 count the 32-bit limbs of each (word 0's sign bit is the sign)
** and the limbs follow. A value that fits is never kept the long way. */
#include "core/number.h"

#include <gmp.h>
#include <stdlib.h>
#include <string.h>

#include "core/gcd.h"

enum { SMALL_WORDS = 4, LIMIT_BITS = 4000000 };

static NodeId intern_small(Store *s, int64_t num, int64_t den) {
  uint32_t w[SMALL_WORDS];
  memcpy(w, &num, 8);
  memcpy(w + 2, &den, 8);
  return node_intern(s, OP_NUMBER, w, SMALL_WORDS, DIM_ONE, DIM_ONE);
}

static bool get_small(const Store *s, NodeId a, int64_t *num, int64_t *den) {
  if (node_at(s, a)->n != SMALL_WORDS) return false;
  uint32_t *w = node_words(s, a);
  memcpy(num, w, 8);
  memcpy(den, w + 2, 8);
  return true;
}

static void get_big(const Store *s, NodeId a, mpq_t q) {
  int64_t num, den;
  if (get_small(s, a, &num, &den)) {
    uint64_t m = num < 0 ? 0 - (uint64_t)num : (uint64_t)num, d = (uint64_t)den;
    mpz_import(mpq_numref(q), 1, -1, 8, 0, 0, &m);
    mpz_import(mpq_denref(q), 1, -1, 8, 0, 0, &d);
    if (num < 0) mpz_neg(mpq_numref(q), mpq_numref(q));
    return;
  }
  uint32_t *w = node_words(s, a), n = w[0] & 0x7fffffff;
  mpz_import(mpq_numref(q), n, -1, 4, 0, 0, w + 2);
  mpz_import(mpq_denref(q), w[1], -1, 4, 0, 0, w + 2 + n);
  if (w[0] >> 31) mpz_neg(mpq_numref(q), mpq_numref(q));
}

static NodeId from_wide(Store *s, Wide num, Wide den);

/* The node of a canonical q. */
static NodeId intern_big(Store *s, mpq_t q) {
  mpz_ptr num = mpq_numref(q), den = mpq_denref(q);
  size_t nb = mpz_sizeinbase(num, 2), db = mpz_sizeinbase(den, 2);
  if (nb > LIMIT_BITS || db > LIMIT_BITS)
    return store_fail(s, STORE_LIMIT, "a number of more than %d bits", LIMIT_BITS);
  if (nb < 63 && db < 63) {
    uint64_t n = 0, d = 0;
    mpz_export(&n, NULL, -1, 8, 0, 0, num);
    mpz_export(&d, NULL, -1, 8, 0, 0, den);
    return from_wide(s, mpz_sgn(num) < 0 ? -(Wide)n : (Wide)n, (Wide)d);
  }
  size_t nl = (nb + 31) / 32, dl = (db + 31) / 32;
  uint32_t n = (uint32_t)(2 + nl + dl);
  if (n == SMALL_WORDS) n++; /* one word of padding tells it from a small one */
  uint32_t *w = store_realloc(s, NULL, 0, n * sizeof *w);
  if (!w) return 0;
  memset(w, 0, n * sizeof *w);
  w[0] = (uint32_t)nl | (mpz_sgn(num) < 0 ? 0x80000000u : 0);
  w[1] = (uint32_t)dl;
  mpz_export(w + 2, NULL, -1, 4, 0, 0, num);
  mpz_export(w + 2 + nl, NULL, -1, 4, 0, 0, den);
  NodeId id = node_intern(s, OP_NUMBER, w, n, DIM_ONE, DIM_ONE);
  store_realloc(s, w, n * sizeof *w, 0);
  return id;
}

static NodeId from_int(Store *s, int64_t v) {
  if (v < -512 || v > 511) return intern_small(s, v, 1);
  NodeId *known = &s->integer[v + 512];
  if (!*known) *known = intern_small(s, v, 1);
  return *known;
}

static NodeId from_wide(Store *s, Wide num, Wide den) {
  Wide a = num < 0 ? -num : num, b = den;
  if (a <= INT64_MAX && b <= INT64_MAX) {
    if (den == 1) return from_int(s, (int64_t)num);
    uint64_t g = gcd64((uint64_t)a, (uint64_t)b);
    if (!g) return 0;
    int64_t n = (int64_t)num / (int64_t)g, d = (int64_t)den / (int64_t)g;
    return d == 1 ? from_int(s, n) : intern_small(s, n, d);
  }
  Wide g = gcd_wide(a, b);
  num /= g;
  den /= g;
  if (num <= INT64_MAX && num >= -INT64_MAX && den <= INT64_MAX)
    return intern_small(s, (int64_t)num, (int64_t)den);
  uint64_t n[2], d[2];
  Wide m = num < 0 ? -num : num;
  n[0] = (uint64_t)m;
  n[1] = (uint64_t)(m >> 64);
  d[0] = (uint64_t)den;
  d[1] = (uint64_t)(den >> 64);
  mpq_t q;
  mpq_init(q);
  mpz_import(mpq_numref(q), 2, -1, 8, 0, 0, n);
  mpz_import(mpq_denref(q), 2, -1, 8, 0, 0, d);
  if (num < 0) mpz_neg(mpq_numref(q), mpq_numref(q));
  NodeId id = intern_big(s, q);
  mpq_clear(q);
  return id;
}

bool number_open(Store *s) {
  s->one = number_int(s, 1);
  s->zero = number_int(s, 0);
  s->minus_one = number_int(s, -1);
  s->half = number_ratio(s, 1, 2);
  node_ref(s, s->one);
  node_ref(s, s->zero);
  node_ref(s, s->minus_one);
  node_ref(s, s->half);
  return s->status == STORE_OK;
}

NodeId number_int(Store *s, int64_t v) { return from_wide(s, v, 1); }

NodeId number_ratio(Store *s, int64_t num, int64_t den) {
  if (den == 0) return store_fail(s, STORE_DOMAIN, "division by zero");
  return den < 0 ? from_wide(s, -(Wide)num, -(Wide)den) : from_wide(s, num, den);
}

NodeId number_parse(Store *s, const char *text) {
  mpq_t q;
  mpz_t ten;
  long exponent = 0;
  size_t length = strlen(text), digits = 0;
  char *buffer = store_realloc(s, NULL, 0, length + 2);
  if (!buffer) return 0;
  const char *p = text;
  bool ok = true;
  for (; *p >= '0' && *p <= '9'; p++) buffer[digits++] = *p;
  if (*p == '.')
    for (p++; *p >= '0' && *p <= '9'; p++, exponent--) buffer[digits++] = *p;
  if (digits == 0) ok = false;
  buffer[digits] = '\0';
  if (*p == 'e' || *p == 'E') {
    char *end;
    long e = strtol(p + 1, &end, 10);
    if (end == p + 1) ok = false;
    else if (e > LIMIT_BITS / 4 || e < -LIMIT_BITS / 4) {
      store_realloc(s, buffer, length + 2, 0);
      return store_fail(s, STORE_LIMIT, "the number %.40s is too large", text);
    }
    exponent += e;
    p = end;
  }
  if (!ok || *p) {
    store_realloc(s, buffer, length + 2, 0);
    return store_fail(s, STORE_USAGE, "'%.40s' is not a number", text);
  }
  mpq_init(q);
  mpz_init(ten);
  mpz_set_str(mpq_numref(q), buffer, 10);
  mpz_ui_pow_ui(ten, 10, (unsigned long)labs(exponent));
  if (exponent >= 0) mpz_mul(mpq_numref(q), mpq_numref(q), ten);
  else mpz_set(mpq_denref(q), ten);
  mpq_canonicalize(q);
  NodeId id = intern_big(s, q);
  mpz_clear(ten);
  mpq_clear(q);
  store_realloc(s, buffer, length + 2, 0);
  return id;
}

/* An operation on numbers of any size. */
static NodeId in_big(Store *s, NodeId a, NodeId b,
                     void (*operation)(mpq_ptr, mpq_srcptr, mpq_srcptr)) {
  mpq_t p, q;
  mpq_inits(p, q, NULL);
  get_big(s, a, p);
  get_big(s, b, q);
  operation(p, p, q);
  NodeId id = intern_big(s, p);
  mpq_clears(p, q, NULL);
  return id;
}

NodeId number_add(Store *s, NodeId a, NodeId b) {
  int64_t an, ad, bn, bd;
  if (!a || !b) return 0;
  if (get_small(s, a, &an, &ad) && get_small(s, b, &bn, &bd)) {
    if (ad == 1 && bd == 1) return from_wide(s, (Wide)an + bn, 1);
    if (ad < INT32_MAX && bd < INT32_MAX)
      return from_wide(s, (Wide)an * bd + (Wide)bn * ad, (Wide)ad * bd);
  }
  return in_big(s, a, b, mpq_add);
}

NodeId number_mul(Store *s, NodeId a, NodeId b) {
  int64_t an, ad, bn, bd;
  if (!a || !b) return 0;
  if (a == s->one) return b;
  if (b == s->one) return a;
  if (a == s->minus_one && b == s->minus_one) return s->one;
  if (get_small(s, a, &an, &ad) && get_small(s, b, &bn, &bd))
    return from_wide(s, (Wide)an * bn, (Wide)ad * bd);
  return in_big(s, a, b, mpq_mul);
}

NodeId number_neg(Store *s, NodeId a) { return number_mul(s, a, s->minus_one); }

NodeId number_pow(Store *s, NodeId a, int64_t k) {
  if (!a) return 0;
  int sign = number_sign(s, a);
  if (sign == 0 && k < 0) return store_fail(s, STORE_DOMAIN, "division by zero");
  if (a == s->one || k == 0) return s->one;
  if (k == 1 || sign == 0) return a;
  if (a == s->minus_one) return k & 1 ? a : s->one;
  uint64_t e = k < 0 ? 0 - (uint64_t)k : (uint64_t)k;
  mpq_t q;
  mpq_init(q);
  get_big(s, a, q);
  size_t bits = mpz_sizeinbase(mpq_numref(q), 2) + mpz_sizeinbase(mpq_denref(q), 2);
  if (e > LIMIT_BITS || bits * e > LIMIT_BITS) {
    mpq_clear(q);
    return store_fail(s, STORE_LIMIT, "a number of more than %d bits", LIMIT_BITS);
  }
  mpz_pow_ui(mpq_numref(q), mpq_numref(q), (unsigned long)e);
  mpz_pow_ui(mpq_denref(q), mpq_denref(q), (unsigned long)e);
  if (k < 0) mpq_inv(q, q);
  NodeId id = intern_big(s, q);
  mpq_clear(q);
  return id;
}

NodeId number_root(Store *s, NodeId a, int64_t r) {
  if (number_sign(s, a) < 0 || r <= 0 || r > 1000) return 0;
  mpq_t q;
  mpq_init(q);
  get_big(s, a, q);
  bool exact = mpz_root(mpq_numref(q), mpq_numref(q), (unsigned long)r) != 0;
  exact = mpz_root(mpq_denref(q), mpq_denref(q), (unsigned long)r) != 0 && exact;
  NodeId id = exact ? intern_big(s, q) : 0;
  mpq_clear(q);
  return id;
}

NodeId number_content(Store *s, const NodeId *c, uint32_t n, uint32_t stride) {
  int64_t num, den;
  uint64_t g = 0;
  uint32_t i = 0;
  for (; i < n; i += stride) { /* integers, as a rule */
    if (!get_small(s, c[i], &num, &den) || den != 1) break;
    g = gcd64(num < 0 ? 0 - (uint64_t)num : (uint64_t)num, g);
  }
  NodeId content = i < n ? c[0] : number_int(s, (int64_t)g);
  if (i < n)
    for (i = stride; content && i < n; i += stride) content = number_gcd(s, content, c[i]);
  if (content && number_sign(s, content) != number_sign(s, c[0])) content = number_neg(s, content);
  return content;
}

NodeId number_gcd(Store *s, NodeId a, NodeId b) {
  if (!a || !b) return 0;
  mpq_t p, q;
  int64_t an, ad, bn, bd;
  if (get_small(s, a, &an, &ad) && get_small(s, b, &bn, &bd) && ad == 1 && bd == 1)
    return number_int(s,
                      (int64_t)gcd64((uint64_t)(an < 0 ? -an : an), (uint64_t)(bn < 0 ? -bn : bn)));
  mpq_inits(p, q, NULL);
  get_big(s, a, p);
  get_big(s, b, q);
  mpz_gcd(mpq_numref(p), mpq_numref(p), mpq_numref(q));
  mpz_lcm(mpq_denref(p), mpq_denref(p), mpq_denref(q));
  mpq_canonicalize(p);
  NodeId id = intern_big(s, p);
  mpq_clears(p, q, NULL);
  return id;
}

int number_sign(const Store *s, NodeId a) {
  int64_t num, den;
  if (get_small(s, a, &num, &den)) return num > 0 ? 1 : num < 0 ? -1 : 0;
  return node_words(s, a)[0] >> 31 ? -1 : 1;
}

int number_compare(const Store *s, NodeId a, NodeId b) {
  mpq_t p, q;
  int64_t an, ad, bn, bd;
  if (a == b) return 0;
  if (get_small(s, a, &an, &ad) && get_small(s, b, &bn, &bd)) {
    Wide l = (Wide)an * bd, r = (Wide)bn * ad;
    return l < r ? -1 : l > r;
  }
  mpq_inits(p, q, NULL);
  get_big(s, a, p);
  get_big(s, b, q);
  int k = mpq_cmp(p, q);
  mpq_clears(p, q, NULL);
  return k < 0 ? -1 : k > 0;
}

bool number_get(const Store *s, NodeId a, int64_t *num, int64_t *den) {
  return node_number(s, a) && get_small(s, a, num, den);
}

bool number_get_int(const Store *s, NodeId a, int64_t *v) {
  int64_t den;
  return number_get(s, a, v, &den) && den == 1;
}

bool number_text(const Store *s, NodeId a, char **num, char **den) {
  mpq_t q;
  mpq_init(q);
  get_big(s, a, q);
  *num = mpz_get_str(NULL, 10, mpq_numref(q));
  *den = mpz_get_str(NULL, 10, mpq_denref(q));
  mpq_clear(q);
  return *num && *den;
}

bool number_valid(const uint32_t *words, uint32_t n) {
  if (n == SMALL_WORDS) {
    int64_t num, den;
    memcpy(&num, words, 8);
    memcpy(&den, words + 2, 8);
    return den >= 1 && num >= -INT64_MAX;
  }
  if (n < 2) return false;
  uint64_t num = words[0] & 0x7fffffff, den = words[1], all = 2 + num + den;
  return num >= 1 && den >= 1 && n == (all == SMALL_WORDS ? all + 1 : all) &&
         words[1 + num] != 0 && words[1 + num + den] != 0; /* the highest limb of each */
}
