/* delta.h: the Kronecker delta in counted sums, as an entry of the identity. */
#ifndef DELTA_H
#define DELTA_H

#include "core/view.h"

/* The sum of body for counter = first, .., last, where body has a Kronecker delta with the counter:
   without the delta, or written as other sums. 0 with the status OK: it stays as it is. */
NodeId delta_counted(Store *s, NameId counter, NodeId first, NodeId last, NodeId body);

#endif
