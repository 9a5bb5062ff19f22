--- A display tree rewritten by one rule at one place, in either direction.
--
-- What stands as d(..) is left alone: the rule sees a symbol of its shape, which is printed as the d(..).
--
-- @module nabla.derive.rewriting

local compose = require "nabla.derive.compose"
local core = require "nabla.core"
local display = require "nabla.print.display"
local format = require "nabla.print.format"

local M = {}

local KIND = core.constants.kinds
local KINDS = core.constants.rule_kinds

--- The numbers of the rules of a name that rewrite expressions.
function M.named(session, name)
  local list = {}
  for serial, rule in pairs(session.rules) do
    local rewrites = rule.kind == KINDS.algebra or rule.kind == KINDS.simplify
    if rule.name == name and rewrites and not session.S:rule_gone(serial) then
      list[#list + 1] = serial
    end
  end
  table.sort(list)
  return list
end

-- The variables in a side of a rule, as a set.
local function variables(S, side)
  local set = {}
  for _, id in ipairs(S:postorder(side)) do
    if S:op(id) == "variable" then
      set[id] = true
    end
  end
  return set
end

-- May a rule be read from the right to the left? Its right side must say what everything in the left one is; a lone variable is
-- anything, and taken only at a chosen place.
local function is_reversible(S, rule, is_chosen)
  local op = S:op(rule.rhs)
  local bound = variables(S, rule.rhs)
  for id in pairs(variables(S, rule.lhs)) do
    if not bound[id] then
      return false
    end
  end
  return op ~= "number" and (op ~= "variable" or is_chosen)
end

-- A node rewritten by a rule from the right to the left; nil where it does not apply.
local function reversed(session, serial, id, is_chosen)
  local S, rule = session.S, session.rules[serial]
  if not is_reversible(S, rule, is_chosen) then
    return nil
  end
  local count = S:rule_count()
  local ok, other = pcall(function()
    local back = S:rule { kind = KINDS.simplify, lhs = rule.rhs, rhs = rule.lhs, name = rule.name, priority = 0 }
    return S:rewrite(back, id)
  end)
  S:rule_truncate(count)
  return ok and other or nil
end

-- The node of a tree with symbols for its d(..); nil where the parts of the tree do not make it.
local function node_of(w, tree)
  local W, S = w.W, w.S
  if not compose.holds_d(tree) then
    return W:of(tree)
  elseif compose.is_d(tree) then
    local id = W:of(tree)
    local symbol = S:symbol(" " .. format.text(tree), KIND.matrix, 0, S:rows(id), S:cols(id))
    w.D:seed(symbol, tree)
    return symbol
  elseif not W:has_parts(tree) then
    return nil
  end
  local ids = {}
  for i = 1, #tree do
    ids[i] = node_of(w, tree[i])
    if not ids[i] then
      return nil
    end
  end
  return W:with(tree, ids)
end

-- Some factors of a product that stand side by side and read as a text: the first and the last.
local function run_of(tree, place)
  for i = 1, tree.tag == "product" and #tree - 1 or 0 do
    for j = i + 1, #tree do
      if format.text(display.product { table.unpack(tree, i, j) }) == place then
        return i, j
      end
    end
  end
end

--- Rewrite a tree.
-- @param w the derivation under way (nabla.derive.builder)
-- @param tree
-- @tparam table serials the rules, the first that applies is taken
-- @tparam[opt] table where `at`, the text of a subtree or of some factors side by side: only there, `node` its value, by which another
-- writing of it is found; `backwards`: from the right side of the rule to the left
-- @return the new tree and the number of the rule; nil where none applies
function M.rewrite(w, tree, serials, where)
  local place, backwards = where and where.at, where and where.backwards
  local used
  local function by_rule(t)
    local id = node_of(w, t)
    for _, serial in ipairs(id and serials or {}) do
      local other
      if backwards then
        other = reversed(w.session, serial, id, place)
      else
        other = w.S:rewrite(serial, id)
      end
      if other and other ~= id then
        used = serial
        return w.D:print(other)
      end
    end
  end
  local function in_parts(t, f)
    local items, changed = {}, false
    for i = 1, #t do
      items[i] = used and t[i] or f(t[i])
      changed = changed or items[i] ~= t[i]
    end
    return changed and compose.again(w.W, t, items) or t
  end
  local function is_left_alone(t)
    return t.tag == "operator" or t.tag == "dimension" or compose.is_d(t)
  end
  local function anywhere(t)
    return is_left_alone(t) and t or by_rule(t) or in_parts(t, anywhere)
  end
  local function at_place(t)
    if is_left_alone(t) then
      return t
    elseif format.text(t) == place or where.node and not compose.holds_d(t) and w.W:of(t) == where.node then
      return anywhere(t)
    end
    local first, last = run_of(t, place)
    if not first then
      return in_parts(t, at_place)
    end
    local items = { table.unpack(t, 1, first - 1) }
    items[first] = anywhere(display.product { table.unpack(t, first, last) })
    table.move(t, last + 1, #t, first + 1, items)
    return used and compose.again(w.W, t, items) or t
  end
  local result = place and at_place(tree) or anywhere(tree)
  return used and result, used
end

return M
