/* image.h: a store as words: all that reading rules has made of it, to be put into a store of
** another process.
**
** An image is for the engine that has written it, on the machine that has: it holds structures as
** they lie in memory. What is found out along the way (answers to conditions, memos) is no part of
** it. */
#ifndef IMAGE_H
#define IMAGE_H

#include "core/node.h"

/* Append the image of s to `out`. False, with an error, if there is no memory, or if a collection
   has run in s: then its nodes no longer are in the order in which they were made. */
bool image_save(Store *s, Vec *out);
/* Put an image into a store that is as store_new gave it: afterwards every id of the saved store
   means the same in it. `as_saved`: the caller knows that these are the words that image_save has
   given, and where they come from; nothing is then looked at that an engine of this kind writes.
   False, with an error, if the words are no image; the store is then good for nothing but
   store_free. */
bool image_load(Store *s, const uint32_t *words, size_t n, bool as_saved);
/* 64 bits that change when the bytes do: to see whether a file is as it was. No defence against
   forgery. */
uint64_t image_digest(const void *bytes, size_t n);

#endif
