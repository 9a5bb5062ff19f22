/* order.h: the order of nodes. It is total and depends on structure only, so it is the same in
** every session: numbers, then symbols by name, then the rest by weight. */
#ifndef ORDER_H
#define ORDER_H

#include "core/node.h"

/* Below 0: a comes before b; 0: they are the same node. */
int order_compare(const Store *s, NodeId a, NodeId b);
/* Sort n groups of `stride` words by order_compare of their word `key`. */
bool order_sort(Store *s, uint32_t *v, uint32_t n, uint32_t stride, uint32_t key);

#endif
