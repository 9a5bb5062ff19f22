/* match_chain.h: matching chains of matrices. */
#ifndef MATCH_CHAIN_H
#define MATCH_CHAIN_H

#include "core/view.h"
#include "rules/match.h"

enum { LINKS_SPLIT = 64 }; /* a longer chain is matched with its powers as they are */

/* Match the chain of a pattern with that of a node, or with `part` with some links of it, then what
   follows. Where that fails, powers are split: F^2*Y is F*(F*Y) for a pattern C*X. */
bool match_chain_links(Match *m, const ProductView *p, const ProductView *x, bool part,
                       const Goal *next);
/* The same with links that follow each other round the end of a cyclic chain. */
bool match_chain_cyclic(Match *m, const ProductView *p, const NodeId *x, uint32_t n,
                        const Goal *next);
/* The chain x with its powers split where a match by the chain of a pattern may begin or end inside
   them: Q^3 as Q*Q*Q for a pattern Q*P. At most 3*LINKS_SPLIT links, into `out`; how many: n if no
   power is split, 0 on failure. */
uint32_t match_chain_split(Store *s, const ProductView *p, const NodeId *x, uint32_t n,
                           NodeId *out);

#endif
