/* hook.h: conditions that are answered from outside, by the hook of the store.

   The hook may use the store. While it does, nothing is collected, the rules cannot change
   (store_may_change), and store_begin begins nothing: the limits of the work that asks stay, and
   what the hook does counts. */
#ifndef HOOK_H
#define HOOK_H

#include "rules/ruleset.h"

/* 1: the predicate holds of the arguments; 0: it does not; -1: nobody outside knows it. */
int hook_ask(Store *s, NameId predicate, const NodeId *args, uint32_t n);

#endif
