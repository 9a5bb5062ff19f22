/* rules_image.c: nabla's rules in a C program without Lua. `make` reads the rule files and writes an
** image of what they define; the program starts from that. The gradient of logdet(X) + tr(A*X):
**
**     make && make build/libnabla.a
**     cc -Isrc examples/rules_image.c build/libnabla.a -lgmp -o rules_image
**     ./rules_image build/nabla/rules.image
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nabla.h"

static NameId name(Store *s, const char *text) { return name_intern(s, text, strlen(text)); }

/* An operator of the rule files, of one argument. */
static NodeId apply(Store *s, const char *operator, NodeId argument) {
  uint32_t op = operator_find(s, name(s, operator));
  if (!op) return store_fail(s, STORE_USAGE, "the rules have no operator %s", operator);
  return build_operator(s, op, &argument, 1);
}

int main(int argc, char **argv) {
  Store *s = image_reader_open(argc > 1 ? argv[1] : "build/nabla/rules.image");
  if (!s) {
    puts("there is no image of the rules: run make");
    return EXIT_FAILURE;
  }
  DimId n = dim_name(s, name(s, "n"));
  NodeId A = build_symbol(s, name(s, "A"), KIND_MATRIX, 0, n, n);
  NodeId X = build_symbol(s, name(s, "X"), KIND_MATRIX, 0, n, n);
  NodeId f = build_add(s, apply(s, "logdet", X), apply(s, "tr", build_mul(s, A, X)));
  NodeId dX = build_tangent(s, name(s, "X"), n, n);
  NodeId gradient =
      textbook_form(s, linear_pull(s, forward_differential(s, f, X, dX), dX, s->one), f);

  NodeId expected = build_add(s, build_transpose(s, A), build_transpose(s, build_inv(s, X)));
  bool right = gradient && gradient == expected;
  if (right) printf("the gradient of logdet(X) + tr(A*X) is A' + inv(X)'\n");
  else if (gradient) printf("another answer: node %lu\n", (unsigned long)gradient);
  else printf("error: %s\n", s->message);
  store_free(s);
  return right ? EXIT_SUCCESS : EXIT_FAILURE;
}
