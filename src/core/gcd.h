/* gcd.h: Euclid's algorithm, for the fractions of numbers and of dimensions. The gcd of 0 and b is
   b. */
#ifndef GCD_H
#define GCD_H

#include <stdint.h>

__extension__ typedef __int128 Wide;

static inline uint64_t gcd64(uint64_t a, uint64_t b) {
  while (b) {
    uint64_t t = a % b;
    a = b;
    b = t;
  }
  return a;
}

static inline Wide gcd_wide(Wide a, Wide b) { /* of a, b >= 0 */
  while (b) {
    Wide t = a % b;
    a = b;
    b = t;
  }
  return a;
}

#endif
