/* gradient.c: the engine without Lua. The gradient of x'*A*x from three rules, built in C:
**
**     make build/libnabla.a
**     cc -Isrc examples/gradient.c build/libnabla.a -lgmp -o gradient && ./gradient
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nabla.h"

static NameId name(Store *s, const char *text) { return name_intern(s, text, strlen(text)); }
static DimId dim(Store *s, const char *text) { return dim_name(s, name(s, text)); }

/* A rule's variable: a matrix of the given sizes. */
static NodeId variable(Store *s, const char *text, uint32_t index, DimId rows, DimId cols) {
  return build_variable(s, name(s, text), KIND_MATRIX, index, rows, cols);
}

static void add(Store *s, RuleKind kind, NodeId lhs, NodeId rhs, uint32_t active,
                uint32_t cotangent) {
  Rule r;
  memset(&r, 0, sizeof r);
  r.kind = kind;
  r.lhs = lhs;
  r.rhs = rhs;
  r.active = active;
  r.cotangent = cotangent;
  ruleset_add(s, &r);
}

int main(void) {
  Store *s = store_new();
  if (!s) return EXIT_FAILURE;

  /* d(P*Q) -> d(P)*Q + P*d(Q);  d(P') -> d(P)';  cotangents: P*Q*R by Q takes Y to P'*Y*R', Q'
     takes it to Y' */
  NodeId P = variable(s, "P", 0, dim(s, "k"), dim(s, "m")),
         Q = variable(s, "Q", 1, dim(s, "m"), dim(s, "p"));
  NodeId R = variable(s, "R", 2, dim(s, "p"), dim(s, "r"));
  NodeId Y = variable(s, "Y", 3, dim(s, "k"), dim(s, "r")),
         Z = variable(s, "Z", 3, dim(s, "p"), dim(s, "m"));
  add(s, RULE_DIFFERENTIAL, build_diff(s, build_mul(s, P, Q)),
      build_add(s, build_mul(s, build_diff(s, P), Q), build_mul(s, P, build_diff(s, Q))), 0, 0);
  add(s, RULE_DIFFERENTIAL, build_diff(s, build_transpose(s, P)),
      build_transpose(s, build_diff(s, P)), 0, 0);
  add(s, RULE_ADJOINT, build_mul(s, build_mul(s, P, Q), R),
      build_mul(s, build_mul(s, build_transpose(s, P), Y), build_transpose(s, R)), 1, 3);
  add(s, RULE_ADJOINT, build_transpose(s, Q), build_transpose(s, Z), 1, 3);

  DimId n = dim(s, "n");
  NodeId A = build_symbol(s, name(s, "A"), KIND_MATRIX, 0, n, n);
  NodeId x = build_symbol(s, name(s, "x"), KIND_VECTOR, 0, n, DIM_ONE);
  NodeId f = build_mul(s, build_mul(s, build_transpose(s, x), A), x);
  NodeId dx = build_tangent(s, name(s, "x"), n, DIM_ONE);
  NodeId gradient =
      textbook_form(s, linear_pull(s, forward_differential(s, f, x, dx), dx, s->one), f);

  NodeId factors[2] = {build_add(s, A, build_transpose(s, A)), x};
  NodeId expected = build_product(s, factors, 2);
  if (!gradient) printf("error: %s\n", s->message);
  else if (gradient == expected) printf("the gradient of x'*A*x is (A + A')*x\n");
  else printf("another answer: node %lu\n", (unsigned long)gradient);
  bool right = gradient && gradient == expected;
  store_free(s);
  return right ? EXIT_SUCCESS : EXIT_FAILURE;
}
