/* image_reader.h: a store from the file in which nabla keeps an image of its rules, so that a C
** program has them without Lua. */
#ifndef IMAGE_READER_H
#define IMAGE_READER_H

#include "core/store.h"

/* A store with what the default rules define, from build/nabla/rules.image as `make` writes it.
   NULL if the file cannot be read, or is not of this engine; also if there is no memory. Whether
   rule files have changed since, and who may write the file, is not asked. */
Store *image_reader_open(const char *path);

#endif
