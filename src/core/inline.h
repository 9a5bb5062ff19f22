/* inline.h: `static INLINE` is for the few small functions that are called most. Of the others the
** compiler finds out itself which to inline; it has a limit for all of them together, which is
** reached. */
#ifndef INLINE_H
#define INLINE_H

#ifdef __GNUC__
#define INLINE inline __attribute__((always_inline))
#else
#define INLINE inline
#endif

#endif
