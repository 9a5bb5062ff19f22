/* diff.h: differentials by the rules d(..) -> .., and the ways to read them. */
#ifndef FORWARD_H
#define FORWARD_H

#include "core/store.h"

/* The differential of f when x (a symbol) changes by dx: linear in dx. dx is a hole of the shape of x, or 1 for
   a scalar x. Fails with STORE_RULE, naming what has no rule. */
NodeId diff_forward(Store *s, NodeId f, NodeId x, NodeId dx);
/* Forget differentials kept from earlier calls. */
void diff_forget(Store *s);
void diff_close(Store *s);

/* Reverse mode: `linear` is linear in `hole`, of the shape of the cotangent y. The cotangent of the
   hole: <y, linear> = <result, hole>. */
NodeId linear_pull(Store *s, NodeId linear, NodeId hole, NodeId y);
/* The Jacobian in vec form: vec(linear) = result*vec(hole). */
NodeId linear_jacobian(Store *s, NodeId linear, NodeId hole);
/* The block form, block (i, j) = linear at the unit matrix E(i, j): sum over i, j of kron(E(i,j), linear(E(i,j))). */
NodeId linear_block(Store *s, NodeId linear, NodeId hole);
/* The same, read off the Jacobian as a whole: shorter where blocks stand with more commutation matrices. */
NodeId linear_block_by_jacobian(Store *s, NodeId linear, NodeId hole);

#endif
