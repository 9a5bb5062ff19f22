/* forms_products.c: the forms of products, powers and quotients, of matrices and entry by entry.
   Chains of matrices: powers of stretches that repeat, inverses side by side as one, and groups
   under a transpose. */
#include "lua/forms_products.h"

#include "core/number.h"

#define WORK(i) (p->d.work.v[i])

/* Both forms of an operand: plain and transposed. */
static void operands(Printer *p, NodeId id, int sign, Tree *plain, Tree *turned) {
  const Forms *f = forms_of(p, id);
  Tree a = f->form[sign > 0 ? POS : NEG], b = f->form[sign > 0 ? TPOS : TNEG];
  uint64_t cost = forms_cost(p, a), turned_cost = forms_cost(p, b);
  if (!a || !b) p->refused = true;
  *plain = turned_cost + 1 < cost ? display_transpose(&p->d, b) : a;
  *turned = cost + 1 < turned_cost ? display_transpose(&p->d, a) : b;
}

/* Group stretches of a chain under a transpose where each saves two nodes; `turned`: the
   transposes of the factors. Two states, inside and outside a group; nested groups never beat flat
   ones. */
static Trees group(Printer *p, Trees plain, Trees turned, int *groups) {
  uint32_t n = plain.n;
  int64_t gain = 0; /* of the best stretch that ends at a factor */
  int64_t most = 0; /* of the best of all */
  *groups = 0;
  for (uint32_t i = 0; i < n; i++) {
    int64_t saved = (int64_t)forms_cost(p, WORK(plain.at + i)) -
                    (int64_t)forms_cost(p, WORK(turned.at + i));
    gain = saved + (gain > 0 ? gain : 0);
    if (gain > most) most = gain;
  }
  if (most < 3) return plain;
  int64_t out = 0, inside = (int64_t)1 << 60;
  /* was factor i-1 inside a group, if factor i is outside or inside one? */
  uint32_t from_out = display_room(&p->d, n), from_inside = display_room(&p->d, n);
  for (uint32_t i = 0; i < n; i++) {
    WORK(from_out + i) = inside < out;
    WORK(from_inside + i) = inside <= out + 2;
    int64_t best = inside < out ? inside : out;
    inside = (inside <= out + 2 ? inside : out + 2) + (int64_t)forms_cost(p, WORK(turned.at + i));
    out = best + (int64_t)forms_cost(p, WORK(plain.at + i));
  }
  Trees grouped = {display_room(&p->d, n), 0}, members = {display_room(&p->d, n), 0};
  bool is_inside = inside < out;
  for (uint32_t i = n; i > 0;) {
    if (!is_inside) {
      display_add(&p->d, &grouped, WORK(plain.at + i - 1));
      is_inside = WORK(from_out + i - 1) != 0;
      i--;
      continue;
    }
    members.n = 0;
    for (bool continues = true; continues; i--) {
      display_add(&p->d, &members, WORK(turned.at + i - 1));
      continues = WORK(from_inside + i - 1) != 0;
    }
    is_inside = false;
    ++*groups;
    Tree one = display_transpose(&p->d, display_product(&p->d, members));
    display_add(&p->d, &grouped, one);
  }
  for (uint32_t k = 0; k < grouped.n / 2; k++) {
    Tree *a = &WORK(grouped.at + k), *b = &WORK(grouped.at + grouped.n - 1 - k), t = *a;
    *a = *b;
    *b = t;
  }
  return grouped;
}

static Trees chain(Printer *p, Factors f, uint32_t first, uint32_t end, bool transposed,
                   int *groups);

static Tree chain_product(Printer *p, Factors f, uint32_t first, uint32_t end, bool transposed) {
  int groups;
  return display_product(&p->d, chain(p, f, first, end, transposed, &groups));
}

typedef struct {
  uint32_t from, width, count;
} Stretch;

/* The store spreads powers of short products: (A*B)^2*A is kept as A*B*A*B*A. The stretch that
   repeats and is the longest in all; count 0: none. */
static Stretch repeated(const Printer *p, Factors f, uint32_t first, uint32_t end) {
  enum { SPREAD = 24 }; /* as in nabla.print.chains */
  Stretch best = {0, 0, 0};
  uint32_t n = end - first;
  for (uint32_t w = 2; n <= SPREAD && w <= n / 2; w++) {
    uint32_t run = 0; /* how many factors up to i equal the one a period before */
    for (uint32_t i = first + w; i < end; i++) {
      bool same = forms_id(p, f, i) == forms_id(p, f, i - w) &&
                  forms_sign(p, f, i) == forms_sign(p, f, i - w);
      run = same ? run + 1 : 0;
      uint32_t times = run / w + 1;
      if (run >= w && run % w == 0 && (!best.count || times * w > best.count * best.width))
        best = (Stretch){i + 1 - times * w, w, times};
    }
  }
  return best;
}

/* inv(A)*inv(B) as inv(B*A), and the transpose of it. */
static void folded_inverses(Printer *p, Factors f, uint32_t first, uint32_t end, Tree *plain,
                            Tree *turned) {
  uint32_t n = end - first, both = display_room(&p->d, 2 * n);
  Factors bases = {both, both + n, n};
  for (uint32_t i = 0; i < n; i++) {
    WORK(bases.ids + i) = forms_of(p, forms_id(p, f, end - 1 - i))->inverse_of;
    WORK(bases.signs + i) = WORK(f.signs + end - 1 - i);
  }
  Tree a = display_call_of(&p->d, "inv", chain_product(p, bases, 0, n, false), 0, 0);
  Tree b = display_call_of(&p->d, "inv", chain_product(p, bases, 0, n, true), 0, 0);
  *plain = forms_cost(p, b) < forms_cost(p, a) ? display_transpose(&p->d, b) : a;
  *turned = forms_cost(p, a) < forms_cost(p, b) ? display_transpose(&p->d, a) : b;
}

static NodeId inverse_at(const Printer *p, Factors f, uint32_t i) {
  return forms_of(p, forms_id(p, f, i))->inverse_of;
}

/* The trees of the factors first .. end - 1 of a chain of matrices, and their transposes. */
static void links(Printer *p, Factors f, uint32_t first, uint32_t end, Trees *plain,
                  Trees *turned) {
  *plain = (Trees){display_room(&p->d, end - first), 0};
  *turned = (Trees){display_room(&p->d, end - first), 0};
  Stretch again = repeated(p, f, first, end);
  for (uint32_t i = first; i < end;) {
    Tree a, b;
    if (again.count && i == again.from) {
      uint32_t stop = i + again.width;
      Tree power = display_number(&p->d, again.count);
      a = display_binary(&p->d, TREE_POWER, chain_product(p, f, i, stop, false), power);
      b = display_binary(&p->d, TREE_POWER, chain_product(p, f, i, stop, true), power);
      i += again.width * again.count;
    } else if (i + 1 < end && inverse_at(p, f, i) && inverse_at(p, f, i + 1)) {
      uint32_t stop = i + 2;
      while (stop < end && inverse_at(p, f, stop)) stop++;
      folded_inverses(p, f, i, stop, &a, &b);
      i = stop;
    } else {
      operands(p, forms_id(p, f, i), forms_sign(p, f, i), &a, &b);
      i++;
    }
    display_add(&p->d, plain, a);
    display_add(&p->d, turned, b);
  }
}

static Trees reversed(Printer *p, Trees list) {
  Trees out = {display_room(&p->d, list.n), 0};
  for (uint32_t k = list.n; k > 0; k--) display_add(&p->d, &out, WORK(list.at + k - 1));
  return out;
}

/* The factors first .. end - 1 of a chain of matrices, or of its transpose, as trees to write one
   after the other, and the number of groups among them. */
static Trees chain(Printer *p, Factors f, uint32_t first, uint32_t end, bool transposed,
                   int *groups) {
  *groups = 0;
  if (end - first == 1) {
    Trees one = {display_room(&p->d, 1), 0};
    Tree t = forms_operand(p, forms_id(p, f, first), forms_sign(p, f, first), transposed);
    display_add(&p->d, &one, t);
    return one;
  }
  Trees plain, turned;
  links(p, f, first, end, &plain, &turned);
  if (!transposed) return group(p, plain, turned, groups);
  Trees other = reversed(p, turned);
  return group(p, other, reversed(p, plain), groups);
}

static bool starts_with_symbol(const Printer *p, Tree t) {
  const TreeRecord *r = display_at(&p->d, t);
  return r->tag == TREE_NAME ||
         (r->tag == TREE_POWER &&
          display_at(&p->d, display_part(&p->d, t, 0))->tag == TREE_NAME);
}

/* The scalars 1 .. scalars - 1 of a product, those above and those below the line; a number goes
   first, then what starts with a symbol. */
static void scalar_factors(Printer *p, Factors f, uint32_t scalars, Ratio r, Trees *front,
                           Trees *below) {
  *front = (Trees){display_room(&p->d, scalars), 0};
  *below = (Trees){display_room(&p->d, scalars), 0};
  Trees late = {display_room(&p->d, scalars), 0};
  if (r.num != 1) {
    Tree number = display_number(&p->d, r.num);
    display_add(&p->d, front, number);
  }
  if (r.den != 1) {
    Tree number = display_number(&p->d, r.den);
    display_add(&p->d, below, number);
  }
  for (uint32_t i = 1; i < scalars; i++) {
    const Forms *own = forms_of(p, forms_id(p, f, i));
    Way way = forms_sign(p, f, i) > 0 ? POS : NEG;
    if (own->under[way]) {
      display_add(&p->d, below, own->under[way]);
    } else {
      Tree t = own->form[way];
      if (!t) p->refused = true;
      display_add(&p->d, starts_with_symbol(p, t) ? front : &late, t);
    }
  }
  for (uint32_t i = 0; i < late.n; i++) display_add(&p->d, front, WORK(late.at + i));
}

Tree forms_products_written(Printer *p, Factors f, uint32_t scalars, Ratio r, bool transposed,
                           int *groups) {
  Trees front, below;
  Tree t = display_number(&p->d, 1);
  *groups = 0;
  scalar_factors(p, f, scalars, r, &front, &below);
  if (scalars < f.n)
    t = display_product(&p->d, chain(p, f, scalars, f.n, transposed, groups));
  return display_over(&p->d, display_prefix(&p->d, front, t), below);
}

typedef struct {
  Tree plain, turned;
  int groups, turned_groups;
} Both;

/* The same of a product with a chain, and of its transpose. */
static Both both_products(Printer *p, Factors f, uint32_t scalars, Ratio r) {
  Trees front, below, plain, turned;
  Both b = {0, 0, 0, 0};
  scalar_factors(p, f, scalars, r, &front, &below);
  if (f.n - scalars == 1) {
    plain = (Trees){display_room(&p->d, 1), 1};
    turned = (Trees){display_room(&p->d, 1), 1};
    Tree one, other;
    operands(p, forms_id(p, f, scalars), forms_sign(p, f, scalars), &one, &other);
    WORK(plain.at) = one;
    WORK(turned.at) = other;
  } else {
    Trees links_plain, links_turned;
    links(p, f, scalars, f.n, &links_plain, &links_turned);
    plain = group(p, links_plain, links_turned, &b.groups);
    Trees back = reversed(p, links_turned);
    turned = group(p, back, reversed(p, links_plain), &b.turned_groups);
  }
  Tree t = display_prefix(&p->d, front, display_product(&p->d, plain));
  b.plain = display_over(&p->d, t, below);
  t = display_prefix(&p->d, front, display_product(&p->d, turned));
  b.turned = display_over(&p->d, t, below);
  return b;
}

/* Does a chain hold an unknown function? Then it is written as the rules of the layout left it. */
static bool has_unknown(const Printer *p, Factors f, uint32_t first) {
  for (uint32_t i = first; i < f.n; i++) {
    NodeId id = forms_id(p, f, i);
    if (node_op(p->s, id) == OP_TRANSPOSE) id = node_child(p->s, id, 0);
    uint32_t op = node_op(p->s, id);
    if (op == OP_CALL || op == OP_DERIVATIVE || op == OP_TANGENT || op == OP_DIFF) return true;
  }
  return false;
}

void forms_products_product(Printer *p, NodeId id) {
  uint32_t n = node_arity(p->s, id), scalars = 1;
  Factors f = forms_factors(p, node_children(p->s, id), n);
  Ratio r = forms_ratio(p, forms_id(p, f, 0));
  while (scalars < n && node_scalar(p->s, forms_id(p, f, scalars))) scalars++;
  Signs signs = forms_choose_signs(p, f, 1, r.sign);
  bool scalar = node_scalar(p->s, id), turn = false;
  Both b;
  int groups;
  if (scalars == n || (scalar && has_unknown(p, f, scalars))) {
    b.plain = b.turned = forms_products_written(p, f, scalars, r, false, &groups);
  } else {
    b = both_products(p, f, scalars, r);
    /* a group must save two nodes here as well */
    int64_t gain = (int64_t)forms_cost(p, b.plain) + b.groups -
                   (int64_t)forms_cost(p, b.turned) - b.turned_groups;
    if (scalar && (gain > 0 || (gain == 0 && forms_has(p->d.L, AT_TURNED, id)))) {
      b.plain = b.turned;
      turn = true;
    }
  }
  Tree other = 0, other_turned = 0;
  bool whole = id == p->whole && signs.sign > 0; /* nobody asks for minus the whole */
  if (signs.flip >= 0 && !whole) {
    uint32_t at = f.signs + (uint32_t)signs.flip;
    WORK(at) = !WORK(at);
    other = forms_products_written(p, f, scalars, r, turn, &groups);
    other_turned = scalar ? other : forms_products_written(p, f, scalars, r, true, &groups);
  }
  if (signs.asked) forms_of(p, id)->prefers = signs.sign;
  bool plus = signs.sign > 0;
  if (scalar) forms_keep_scalar(p, id, plus ? b.plain : other, plus ? other : b.plain);
  else if (plus) forms_keep(p, id, b.plain, other, b.turned, other_turned, 2);
  else forms_keep(p, id, other, b.plain, other_turned, b.turned, 2);
}

static bool is_half(const Printer *p, Tree t) {
  if (display_at(&p->d, t)->tag != TREE_QUOTIENT) return false;
  const TreeRecord *below = display_at(&p->d, display_part(&p->d, t, 1));
  return display_is_one(&p->d, display_part(&p->d, t, 0)) && below->tag == TREE_NUMBER &&
         below->as.value == 2;
}

/* How a power is written: with a root for the exponent 1/2 or not, entry by entry or not. */
typedef struct {
  TreeTag tag;
  bool roots;
  uint8_t bits; /* of a root */
  Tree size;    /* the exponent */
} PowerSign;

static Tree written_power(Printer *p, const PowerSign *how, Tree base) {
  if (!base) return 0;
  if (how->roots && is_half(p, how->size))
    return display_call_of(&p->d, "sqrt", base, 0, how->bits);
  if (how->roots && display_is_one(&p->d, how->size)) return base;
  return display_binary(&p->d, how->tag, base, how->size);
}

/* The forms of a power of a base by a sign: an odd power passes the sign on, an even one takes the
   nicer sign, any other needs the value. The sign that the base prefers is kept for the power. */
static void power_forms(Printer *p, NodeId id, bool transposed, const PowerSign *how, Tree *pos,
                        Tree *neg) {
  NodeId base = node_child(p->s, id, 0), exponent = node_child(p->s, id, 1);
  const Forms *f = forms_of(p, base);
  int64_t whole;
  bool number = node_number(p->s, exponent);
  *neg = 0;
  if (number && number_get_int(p->s, exponent, &whole)) {
    if (whole % 2) {
      *pos = f->form[POS] ? written_power(p, how, forms_operand(p, base, 1, transposed)) : 0;
      *neg = f->form[NEG] ? written_power(p, how, forms_operand(p, base, -1, transposed)) : 0;
      forms_of(p, id)->prefers = f->prefers;
    } else {
      int sign = forms_either_sign(p, base);
      *pos = written_power(p, how, forms_operand(p, base, sign, transposed));
    }
    return;
  }
  Tree t = forms_operand(p, base, f->form[POS] ? 1 : -1, transposed);
  *pos = written_power(p, how, f->form[POS] ? t : display_neg(&p->d, t));
}

/* Is the exponent negative, so that the power is below a line? */
static bool is_below(const Printer *p, NodeId exponent) {
  const Forms *f = forms_of(p, exponent);
  return f->form[NEG] && !f->form[POS];
}

static void scalar_power(Printer *p, NodeId id, bool below, Tree size) {
  NodeId base = node_child(p->s, id, 0), exponent = node_child(p->s, id, 1);
  PowerSign how = {TREE_POWER, true, 0, size};
  Tree pos, neg;
  power_forms(p, id, false, &how, &pos, &neg);
  if (!below) {
    forms_keep_scalar(p, id, pos, neg);
    return;
  }
  Forms *f = forms_of(p, id);
  f->under[POS] = pos;
  f->under[NEG] = neg;
  if (!node_number(p->s, exponent)) { /* a^(-k) is shorter than 1/a^k where nothing is above it */
    Tree value = forms_value(p, base);
    pos = display_binary(&p->d, TREE_POWER, value, forms_value(p, exponent));
    forms_keep_scalar(p, id, pos, 0);
    return;
  }
  Tree one = display_number(&p->d, 1);
  pos = pos ? display_binary(&p->d, TREE_QUOTIENT, one, pos) : 0;
  neg = neg ? display_binary(&p->d, TREE_QUOTIENT, one, neg) : 0;
  forms_keep_scalar(p, id, pos, neg);
}

static Tree inverse(Printer *p, Tree plain, Tree turned) {
  if (!plain) return 0;
  if (forms_cost(p, turned) >= forms_cost(p, plain))
    return display_call_of(&p->d, "inv", plain, 0, 0);
  return display_transpose(&p->d, display_call_of(&p->d, "inv", turned, 0, 0));
}

void forms_products_power(Printer *p, NodeId id) {
  NodeId base = node_child(p->s, id, 0), exponent = node_child(p->s, id, 1);
  bool below = is_below(p, exponent);
  Tree size = below ? forms_of(p, exponent)->form[NEG] : forms_value(p, exponent);
  if (node_scalar(p->s, base)) {
    scalar_power(p, id, below, size);
    return;
  }
  if (below && display_is_one(&p->d, size)) {
    const Forms *f = forms_of(p, base);
    Tree pos = inverse(p, f->form[POS], f->form[TPOS]);
    Tree neg = inverse(p, f->form[NEG], f->form[TNEG]);
    Tree tpos = inverse(p, f->form[TPOS], f->form[POS]);
    Tree tneg = inverse(p, f->form[TNEG], f->form[NEG]);
    forms_of(p, id)->inverse_of = base;
    forms_of(p, id)->prefers = f->prefers;
    forms_keep(p, id, pos, neg, tpos, tneg, 2);
    return;
  }
  PowerSign how = {TREE_POWER, false, 0, forms_value(p, exponent)};
  Tree pos, neg, tpos, tneg;
  power_forms(p, id, false, &how, &pos, &neg);
  power_forms(p, id, true, &how, &tpos, &tneg);
  forms_keep(p, id, pos, neg, tpos, tneg, 2);
}

/* What is above a quotient entry by entry without numerator: 1, which broadcasts. */
static Tree numerator(Printer *p, NodeId id, bool transposed) {
  if (p->broadcast) return display_number(&p->d, 1);
  Tree turned, plain = forms_constant(p, id, "ones", &turned);
  return transposed ? turned : plain;
}

/* A power entry by entry with negative exponent, of which `t` is the part below the line, alone:
   x.^-2 is shorter than 1./x.^2. */
static Tree alone(Printer *p, Tree t, Tree over, Tree size, Tree exponent) {
  if (!t) return 0;
  if (display_at(&p->d, t)->tag == TREE_ELPOWER && !display_is_one(&p->d, size))
    return display_binary(&p->d, TREE_ELPOWER, display_part(&p->d, t, 0), exponent);
  return display_binary(&p->d, TREE_ELDIV, over, t);
}

void forms_products_elpower(Printer *p, NodeId id) {
  NodeId exponent = node_child(p->s, id, 1);
  bool below = is_below(p, exponent), square = node_rows(p->s, id) == node_cols(p->s, id);
  Tree size = below ? forms_of(p, exponent)->form[NEG] : forms_value(p, exponent);
  /* a page's root of a square matrix is that of the matrix */
  PowerSign how = {TREE_ELPOWER, true, square ? CALL_KNOWS_MATRIX | CALL_MATRIX : CALL_KNOWS_MATRIX,
                   size};
  Tree form[4];
  power_forms(p, id, false, &how, &form[POS], &form[NEG]);
  power_forms(p, id, true, &how, &form[TPOS], &form[TNEG]);
  if (below) {
    Tree above = numerator(p, id, false), tabove = numerator(p, id, true);
    Tree value = forms_value(p, exponent);
    for (int i = POS; i <= TNEG; i++) {
      forms_of(p, id)->under[i] = form[i];
      form[i] = alone(p, form[i], i < TPOS ? above : tabove, size, value);
    }
  }
  forms_keep(p, id, form[POS], form[NEG], form[TPOS], form[TNEG], 2);
}

static Tree hadamard_form(Printer *p, NodeId id, Factors f, bool transposed) {
  Trees above = {display_room(&p->d, f.n), 0}, below = {display_room(&p->d, f.n), 0};
  for (uint32_t i = 0; i < f.n; i++) {
    NodeId a = forms_id(p, f, i);
    int sign = forms_sign(p, f, i);
    Tree under = forms_of(p, a)->under[(sign > 0 ? POS : NEG) + (transposed ? TPOS : POS)];
    Tree t = under ? under : forms_operand(p, a, sign, transposed);
    display_add(&p->d, under ? &below : &above, t);
  }
  Tree t = above.n ? display_hadamard(&p->d, above) : numerator(p, id, transposed);
  if (below.n) t = display_binary(&p->d, TREE_ELDIV, t, display_hadamard(&p->d, below));
  return t;
}

void forms_products_hadamard(Printer *p, NodeId id) {
  Factors f = forms_factors(p, node_children(p->s, id), node_arity(p->s, id));
  Signs signs = forms_choose_signs(p, f, 0, 1);
  Tree pos = hadamard_form(p, id, f, false), tpos = hadamard_form(p, id, f, true);
  Tree neg = 0, tneg = 0;
  if (signs.flip >= 0) {
    uint32_t at = f.signs + (uint32_t)signs.flip;
    WORK(at) = !WORK(at);
    neg = hadamard_form(p, id, f, false);
    tneg = hadamard_form(p, id, f, true);
  }
  if (signs.asked) forms_of(p, id)->prefers = signs.sign;
  if (signs.sign > 0) forms_keep(p, id, pos, neg, tpos, tneg, 1);
  else forms_keep(p, id, neg, pos, tneg, tpos, 1);
}
