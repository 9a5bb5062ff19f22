/* allocations.c: each allocation of a C program's work with the engine fails once; linked with
** -Wl,--wrap=realloc,--wrap=calloc,--wrap=malloc. Prints how many there are. Argument: an image of
** the rules. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nabla.h"

static long left = -1; /* the allocation that fails; -1: none */

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *p, size_t size);

static int fails(void) { return left >= 0 && left-- == 0; }
void *__wrap_malloc(size_t size) { return fails() ? NULL : __real_malloc(size); }
void *__wrap_calloc(size_t n, size_t size) { return fails() ? NULL : __real_calloc(n, size); }
void *__wrap_realloc(void *p, size_t size) { return fails() ? NULL : __real_realloc(p, size); }

static NodeId gradient(Store *s) {
  DimId n = dim_name(s, name_intern(s, "n", 1));
  NodeId A = build_symbol(s, name_intern(s, "A", 1), KIND_MATRIX, 0, n, n);
  NodeId x = build_symbol(s, name_intern(s, "x", 1), KIND_VECTOR, 0, n, DIM_ONE);
  NodeId dx = build_tangent(s, name_intern(s, "x", 1), n, DIM_ONE);
  NodeId f = build_mul(s, build_transpose(s, x), build_mul(s, A, x));
  return textbook_form(s, linear_pull(s, forward_differential(s, f, x, dx), dx, s->one), f);
}

/* How many allocations it takes to make a store, or to read one from an image, and to
   differentiate with it; -1: something is wrong. */
static long all_places(const char *image) {
  for (long n = 0;; n++) {
    left = n;
    Store *s = image ? image_reader_open(image) : store_new();
    NodeId g = 0;
    if (s && image) g = gradient(s);
    long rest = left;
    left = -1;
    if (s) {
      if (store_check(s)) return -1;
      if (image && !g && s->status != STORE_MEMORY) return -1;
      store_begin(s);
      NodeId again = image ? gradient(s) : 0;
      if (image && (!again || (g && g != again))) return -1;
    }
    bool done = s && (g || !image);
    store_free(s);
    if (done && rest >= 0) return n; /* none has failed */
    if (done && !image) return -1;   /* an index of rules may do without its own */
  }
}

int main(int argc, char **argv) {
  if (argc < 2) return EXIT_FAILURE;
  long made = all_places(NULL), loaded = all_places(argv[1]);
  printf("%s %s\n", made > 5 ? "made" : "wrong", loaded > 100 ? "loaded" : "wrong");
  return made > 5 && loaded > 100 ? EXIT_SUCCESS : EXIT_FAILURE;
}
