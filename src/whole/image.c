/* image.c: a store as words, and back. An image lists names, dimensions, attributes, operators,
** nodes and rules, each in the order of their numbers. To load it is to make them again in that
** order: so ids come out as they were. Words that are known to be those that were saved are taken
** as they are; of others each piece is looked at (image_valid.h), and nodes are made by the
** function that always makes them. */
#include "whole/image.h"

#include <string.h>

#include "core/name.h"
#include "whole/image_valid.h"

enum { MAGIC = 0x6c62616e, WORD = sizeof(uint32_t) };

/* What tells one engine's structures from another's. An image ends with the digest of all before
   it, which finds accidents; who forges an image can forge that as well. */
static const uint32_t header[] = {
    MAGIC,        OP_FIRST_USER,     RULE_KINDS, sizeof(Node), sizeof(Operator),
    sizeof(Rule), sizeof(Attributes)};
enum { HEADER = sizeof header / sizeof *header };

static uint32_t words_of(size_t bytes) { return (uint32_t)((bytes + WORD - 1) / WORD); }

/* ---------------------------------------- digests */

static uint64_t mix(uint64_t h, uint64_t x) { /* as summary_of in core/node.c does */
  h = (h ^ x) * 0xd6e8feb86659fd93ull;
  return h ^ h >> 32;
}

/* Eight bytes at a time in four lanes, which a processor works on side by side. */
uint64_t image_digest(const void *bytes, size_t n) {
  enum { LANES = 4 };
  const unsigned char *p = bytes;
  uint64_t lane[LANES] = {1, 2, 3, 4}, h = 0x9e3779b97f4a7c15ull ^ n, x;
  size_t left = n;
  for (; left >= sizeof lane; left -= sizeof lane, p += sizeof lane)
    for (int i = 0; i < LANES; i++) {
      memcpy(&x, p + (size_t)i * sizeof x, sizeof x);
      lane[i] = mix(lane[i], x);
    }
  for (int i = 0; i < LANES; i++) h = mix(h, lane[i]);
  for (; left > 0; p += sizeof x) {
    size_t size = left < sizeof x ? left : sizeof x;
    x = 0;
    memcpy(&x, p, size);
    h = mix(h, x);
    left -= size;
  }
  return h;
}

/* ---------------------------------------- saving */

/* The number of bytes, and the bytes. */
static bool put(Store *s, Vec *out, const void *bytes, size_t size) {
  uint32_t n = words_of(size);
  if (!vec_push(s, out, (uint32_t)size) || !vec_reserve(s, out, out->n + n)) return false;
  if (n) out->v[out->n + n - 1] = 0;
  if (size) memcpy(out->v + out->n, bytes, size);
  out->n += n;
  return true;
}

/* How many there are; the structures, without what holds for now; the words of their arguments. */
static bool put_nodes(Store *s, Vec *out) {
  enum { WORDS = sizeof(Node) / WORD };
  uint32_t n = s->next - 1;
  if (!vec_push(s, out, n) || !vec_reserve(s, out, out->n + n * WORDS)) return false;
  for (NodeId id = 1; id <= n; id++) {
    Node p = *node_at(s, id);
    p.args = p.refs = 0;
    p.mark = 0;
    memcpy(out->v + out->n, &p, sizeof p);
    out->n += WORDS;
  }
  bool ok = vec_push(s, out, (uint32_t)s->words);
  for (NodeId id = 1; ok && id <= n; id++)
    for (uint32_t i = 0; ok && i < node_at(s, id)->n; i++)
      ok = vec_push(s, out, node_words(s, id)[i]);
  return ok;
}

/* Are its arguments before it? They are until a collection gives old numbers to new nodes. */
static bool in_order(Store *s, NodeId id) {
  if (node_op(s, id) == OP_FREE) return false;
  for (uint32_t i = 0; i < node_arity(s, id); i++)
    if (node_child(s, id, i) >= id) return false;
  return true;
}

static bool no_image(Store *s) {
  return store_fail(s, STORE_USAGE, "a collection has run in this store: it has no image");
}

bool image_save(Store *s, Vec *out) {
  for (NodeId id = 1; id < s->next; id++)
    if (!in_order(s, id)) return no_image(s);
  for (NameId i = 1; i <= s->names.ids.n; i++)
    if (!name_known(s, i)) return no_image(s);
  for (DimId d = 1; d <= dim_count(s); d++)
    if (!dim_known(s, d)) return no_image(s);
  uint32_t start = out->n;
  bool ok = put(s, out, header, sizeof header) && vec_push(s, out, s->names.ids.n);
  for (NameId i = 1; ok && i <= s->names.ids.n; i++)
    ok = put(s, out, name_text(s, i), strlen(name_text(s, i)));
  ok = ok && vec_push(s, out, dim_count(s));
  for (DimId d = 1; ok && d <= dim_count(s); d++) {
    uint32_t n;
    const DimTerm *terms = dim_terms(s, d, &n);
    ok = put(s, out, terms, n * sizeof *terms);
  }
  ok = ok && put(s, out, &s->rules->attributes, sizeof(Attributes)) &&
       put(s, out, &s->attributes_used, sizeof s->attributes_used) && vec_push(s, out, s->ops->n);
  for (uint32_t i = 0; ok && i < s->ops->n; i++)
    ok = put(s, out, operator_at(s, i), sizeof(Operator));
  ok = ok && put_nodes(s, out) && vec_push(s, out, ruleset_count(s));
  for (uint32_t i = 1; ok && i <= ruleset_count(s); i++) {
    Rule r;
    memcpy(&r, ruleset_at(s, i), sizeof r); /* the gaps between its fields, too */
    r.attributes = -1;                      /* what is known of it for now */
    ok = put(s, out, &r, sizeof r);
  }
  uint64_t digest = image_digest(out->v + start, (out->n - start) * WORD);
  return ok && put(s, out, &digest, sizeof digest);
}

/* ---------------------------------------- loading */

typedef struct {
  const uint32_t *next, *end;
  bool ok;
  bool as_saved; /* the words are those that image_save has given */
} Reader;

static uint32_t take_word(Reader *r) {
  r->ok = r->ok && r->next < r->end;
  return r->ok ? *r->next++ : 0;
}

/* The bytes that `put` has written; *size: how many. */
static const void *take(Reader *r, size_t *size) {
  *size = take_word(r);
  const uint32_t *at = r->next;
  r->ok = r->ok && words_of(*size) <= (size_t)(r->end - at);
  if (!r->ok) *size = 0;
  r->next += words_of(*size);
  return at;
}

/* As many bytes as `size`, into a structure. */
static bool take_into(Reader *r, void *to, size_t size) {
  size_t found;
  const void *from = take(r, &found);
  r->ok = r->ok && found == size;
  if (r->ok) memcpy(to, from, size);
  return r->ok;
}

/* So many words. */
static const uint32_t *take_words(Reader *r, size_t n) {
  const uint32_t *at = r->next;
  r->ok = r->ok && n <= (size_t)(r->end - at);
  if (r->ok) r->next += n;
  return at;
}

static bool load_frame(Reader *r) {
  enum { DIGEST = 1 + sizeof(uint64_t) / WORD };
  if (r->end - r->next < DIGEST) return false;
  r->end -= DIGEST;
  uint64_t said;
  memcpy(&said, r->end + 1, sizeof said);
  uint32_t found[HEADER];
  return (r->as_saved || said == image_digest(r->next, (size_t)(r->end - r->next) * WORD)) &&
         take_into(r, found, sizeof found) && memcmp(found, header, sizeof header) == 0;
}

static bool load_names(Store *s, Reader *r) {
  uint32_t n = take_word(r);
  for (NameId i = 1; r->ok && i <= n; i++) {
    size_t size;
    const char *text = take(r, &size);
    if (r->ok && name_intern(s, text, size) != i) return false;
  }
  return r->ok;
}

static bool load_dims(Store *s, Reader *r) {
  uint32_t n = take_word(r);
  for (DimId d = 1; r->ok && d <= n; d++) {
    size_t size;
    const char *terms = take(r, &size);
    if (!r->ok || size % sizeof(DimTerm)) return false;
    for (size_t i = 0; i < size; i += sizeof(DimTerm)) {
      DimTerm t;
      memcpy(&t, terms + i, sizeof t);
      if (!image_valid_term(s, &t)) return false;
    }
    if (dim_of_terms(s, terms, size) != d) return false;
  }
  return r->ok;
}

static bool load_attributes(Store *s, Reader *r) {
  Attributes *a = &s->rules->attributes;
  return take_into(r, a, sizeof *a) &&
         take_into(r, &s->attributes_used, sizeof s->attributes_used) &&
         image_valid_attributes(s, a) && image_valid_bits(s, s->attributes_used);
}

static bool load_operators(Store *s, Reader *r) {
  uint32_t n = take_word(r);
  for (uint32_t i = 0; i < n; i++) {
    Operator o;
    if (!take_into(r, &o, sizeof o)) return false;
    if (i < OP_FIRST_USER) continue; /* the engine's own are there */
    if (!image_valid_operator(s, &o) || operator_define(s, &o) != i) return false;
  }
  return r->ok;
}

static bool load_nodes(Store *s, Reader *r) {
  enum { WORDS = sizeof(Node) / WORD };
  uint32_t n = take_word(r);
  const Node *nodes = (const void *)take_words(r, (size_t)n * WORDS);
  uint32_t count = take_word(r);
  const uint32_t *words = take_words(r, count);
  if (!r->ok) return false;
  if (r->as_saved) return node_restore(s, nodes, n, words, count);
  if (!node_reserve(s, n)) return false;
  for (NodeId id = 1; id <= n; id++) {
    const Node *p = &nodes[id - 1];
    if (p->n > count || !image_valid_node(s, id, p->op, words, p->n, p->rows, p->cols) ||
        node_intern(s, p->op, words, p->n, p->rows, p->cols) != id)
      return false;
    words += p->n;
    count -= p->n;
  }
  return true;
}

static bool load_rules(Store *s, Reader *r) {
  enum { WORDS = 1 + sizeof(Rule) / WORD };
  uint32_t n = take_word(r);
  if (n > (size_t)(r->end - r->next) / WORDS || !ruleset_reserve(s, n)) return false;
  for (uint32_t i = 1; r->ok && i <= n; i++) {
    Rule rule;
    if (!take_into(r, &rule, sizeof rule) || !(r->as_saved || image_valid_rule(s, &rule)) ||
        !ruleset_put(s, &rule))
      return false;
  }
  return r->ok;
}

bool image_load(Store *s, const uint32_t *words, size_t n, bool as_saved) {
  Reader r = {words, words + n, true, as_saved};
  bool ok = load_frame(&r) && load_names(s, &r) && load_dims(s, &r) && load_attributes(s, &r) &&
            load_operators(s, &r) && load_nodes(s, &r) && load_rules(s, &r) && r.next == r.end;
  if (!ok) store_fail(s, STORE_USAGE, "this is no image of a store");
  return ok;
}
