/* diff.h: differentials by the rules d(..) -> .., and the ways to read them. */
#ifndef FORWARD_H
#define FORWARD_H

#include "core/node.h"

/* The differential of f when x (a symbol) changes by dx: linear in dx. dx is a tangent of the shape of x, or 1 for
   a scalar x. Fails with STORE_RULE, naming what has no rule. */
NodeId forward_differential(Store *s, NodeId f, NodeId x, NodeId dx);
/* Forget differentials kept from earlier calls. */
void forward_forget(Store *s);
void forward_close(Store *s);

/* Reverse mode: `linear` is linear in `tangent`, of the shape of the cotangent y. The cotangent of the
   tangent: <y, linear> = <result, tangent>. */
NodeId linear_pull(Store *s, NodeId linear, NodeId tangent, NodeId y);
/* The Jacobian in vec form: vec(linear) = result*vec(tangent). */
NodeId linear_jacobian(Store *s, NodeId linear, NodeId tangent);
/* The block form, block (i, j) = linear at the unit matrix E(i, j): sum over i, j of kron(E(i,j), linear(E(i,j))). */
NodeId linear_block(Store *s, NodeId linear, NodeId tangent);
/* The same, read off the Jacobian as a whole: shorter where blocks stand with more commutation matrices. */
NodeId linear_block_by_jacobian(Store *s, NodeId linear, NodeId tangent);

#endif
