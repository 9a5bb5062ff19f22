/* linear.h: the ways to read a differential, which is linear in a tangent (see build_tangent). */
#ifndef LINEAR_H
#define LINEAR_H

#include "core/node.h"

/* Reverse mode: `linear` is linear in `tangent`, of the shape of the cotangent y. The cotangent of
   the tangent: <y, linear> = <result, tangent>. */
NodeId linear_pull(Store *s, NodeId linear, NodeId tangent, NodeId y);
/* The Jacobian in vec form: vec(linear) = result*vec(tangent). */
NodeId linear_jacobian(Store *s, NodeId linear, NodeId tangent);
/* The block form, block (i, j) = linear at the unit matrix E(i, j): sum over i, j of kron(E(i,j),
   linear(E(i,j))). */
NodeId linear_block(Store *s, NodeId linear, NodeId tangent);
/* The same, read off the Jacobian as a whole: shorter where blocks are with more commutation
   matrices. */
NodeId linear_block_by_jacobian(Store *s, NodeId linear, NodeId tangent);

#endif
