/* number.h: exact rationals as nodes. A number is in lowest terms with a positive denominator, so
** equal numbers are the same node. 64-bit numerator and denominator are in the node; larger
** ones are kept as GMP limbs. */
#ifndef NUMBER_H
#define NUMBER_H

#include "core/node.h"

bool number_open(Store *s);
NodeId number_int(Store *s, int64_t v);
NodeId number_ratio(Store *s, int64_t num, int64_t den);
/* "12", "1.5", "2e-3": exact. 0 with STORE_USAGE if text is no number. */
NodeId number_parse(Store *s, const char *text);
NodeId number_add(Store *s, NodeId a, NodeId b);
NodeId number_mul(Store *s, NodeId a, NodeId b);
NodeId number_neg(Store *s, NodeId a);
/* a^k; 0^-k is an error. */
NodeId number_pow(Store *s, NodeId a, int64_t k);
/* The exact q-th root of a >= 0; 0 without an error if there is none. */
NodeId number_root(Store *s, NodeId a, int64_t q);
/* gcd of numerators over lcm of denominators, > 0 */
NodeId number_gcd(Store *s, NodeId a, NodeId b);
/* The gcd of c[0], c[stride], .. (n words in all), with the sign of c[0]. */
NodeId number_content(Store *s, const NodeId *c, uint32_t n, uint32_t stride);
int number_sign(const Store *s, NodeId a);
int number_compare(const Store *s, NodeId a, NodeId b);
/* Numerator and denominator, if both fit. */
bool number_get(const Store *s, NodeId a, int64_t *num, int64_t *den);
bool number_get_int(const Store *s, NodeId a, int64_t *v);
/* Decimal text of numerator and denominator; free() both. */
bool number_text(const Store *s, NodeId a, char **num, char **den);

/* Are these the words of a number's node? */
bool number_valid(const uint32_t *words, uint32_t n);

#endif
