--- The forms of values of functions: operators, unknown functions, entries, counted sums, differentials, derivatives.
--
-- @module nabla.print.forms_of_calls

local display = require "nabla.print.display"
local ways = require "nabla.print.signs_and_transposes"
local leaves = require "nabla.print.forms_of_leaves"
local numbering = require "nabla.evaluate.numbering"
local partials = require "nabla.print.forms_of_partials"
local products = require "nabla.print.forms_of_products"

local transpose, call = display.transpose, display.call
local rational, is_one, is_scalar, operand, value =
  ways.rational, ways.is_one, ways.is_scalar, ways.operand, ways.value
local value_transposed, either_sign, keep, keep_scalar, keep_leaf =
  ways.value_transposed, ways.either_sign, ways.keep, ways.keep_scalar, ways.keep_leaf
local choose_signs, keep_symbol = ways.choose_signs, ways.keep_symbol

local M = {}

local build = {}
M.build = build

-- f(X)' = f(X) of any argument.
local SYMMETRIC = { diag = true, I = true }
M.SYMMETRIC = SYMMETRIC

function build.transpose(c, id, args)
  local a = args[1]
  c.leaf[id] = c.op[a]
  keep(c, id, c.tpos[a], c.tneg[a], c.pos[a], c.neg[a], 2)
end

-- Where to begin the chain ids[first..], of which a trace is taken, so that it begins with X' and ends with X: tr(X'*A*X), not
-- tr(A*X*X'). nil: where it begins as it is.
local function trace_start(c, ids, first)
  local S, start = c.S, nil
  for i = first, #ids do
    local after = i < #ids and i + 1 or first
    if S:op(ids[after]) == "transpose" and S:args(ids[after])[1] == ids[i] then
      if after == first then
        return nil
      end
      start = start or after
    end
  end
  return start
end

-- The form of a trace, a function that may rotate its argument, from where it reads best; its sign; nil where that is as it is.
local function rotated_form(c, a)
  local args, first = c.S:args(a), 2
  while first <= #args and is_scalar(c, args[first]) do
    first = first + 1
  end
  local start = trace_start(c, args, first)
  if not start then
    return nil
  end
  local ids = table.move(args, 1, first - 1, 1, {})
  table.move(args, start, #args, #ids + 1, ids)
  table.move(args, first, start - 1, #ids + 1, ids)
  local r = rational(c, ids[1])
  local signs, sign = choose_signs(c, ids, 2, r.sign)
  return products.product(c, ids, first - 1, r, signs, false), sign
end

-- The negative of a linear operator of several arguments, and of its transpose, written with the one argument that prefers its
-- other sign; false if there is none, or more than one.
local function preferred(c, args, op)
  local at
  for i, arg in ipairs(args) do
    if c.prefers[arg] == -1 and c.neg[arg] and c.tneg[arg] then
      if at then
        return false, false
      end
      at = i
    end
  end
  if not at then
    return false, false
  end
  local plain, turned = {}, {}
  for i, arg in ipairs(args) do
    plain[i] = i == at and c.neg[arg] or value(c, arg)
    turned[i] = i == at and c.tneg[arg] or value_transposed(c, arg)
  end
  return call(op, plain), call(op, turned)
end

function M.call(c, id, args, op)
  local a = #args == 1 and args[1]
  local of_matrix = a and not (is_one(c, c.S:rows(a)) or is_one(c, c.S:cols(a)))
  local function applied(tree, turned)
    tree = tree and call(op, { tree })
    if tree then
      tree.conjugate = c.conjugates[op] -- with a transpose: ^H
      tree.matrix, tree.scalar, tree.id, tree.turned = of_matrix, is_scalar(c, a), id, turned
    end
    return tree
  end
  if a and c.even[op] then
    local sign = either_sign(c, a)
    if not c.commutes[op] or is_scalar(c, id) then
      return keep_leaf(c, id, applied(sign > 0 and c.pos[a] or c.neg[a]))
    end
    local plain, turned = operand(c, a, sign, false), operand(c, a, sign, true)
    return keep(c, id, applied(plain), false, applied(turned, true), false, 0)
  elseif a and c.odd[op] then
    local pos, neg = applied(c.pos[a]), applied(c.neg[a])
    if c.cyclic[op] and c.op[a] == "product" then
      local tree, sign = rotated_form(c, a)
      if tree and tree.cost <= (c.pos[a] or c.neg[a]).cost then
        pos, neg = sign > 0 and applied(tree), sign < 0 and applied(tree)
      end
    end
    c.prefers[id] = c.prefers[a]
    if is_scalar(c, id) then
      return keep_scalar(c, id, pos, neg)
    elseif c.commutes[op] then
      return keep(c, id, pos, neg, applied(c.tpos[a], true), applied(c.tneg[a], true), 0)
    elseif SYMMETRIC[op] then
      return keep(c, id, pos, neg, pos, neg, 2)
    end
    return keep(c, id, pos, neg, pos and transpose(pos), neg and transpose(neg), 2)
  end
  local trees = {}
  for i = 1, #args do
    trees[i] = value(c, args[i])
  end
  local tree = call(op, trees)
  tree.id, tree.conjugate = id, c.conjugates[op]
  tree.matrix = a and of_matrix or nil
  tree.scalar = args[1] and is_scalar(c, args[1])
  tree.flat = args[1] and (is_one(c, c.S:rows(args[1])) or is_one(c, c.S:cols(args[1])))
  local negative, turned_negative = false, false -- of a linear operator, where an argument prefers its other sign
  if c.odd[op] and not is_scalar(c, id) then
    negative, turned_negative = preferred(c, args, op)
    c.prefers[id] = negative and -1 or nil
  end
  if is_scalar(c, id) then
    keep_scalar(c, id, tree, false)
  elseif SYMMETRIC[op] then
    keep(c, id, tree, false, tree, false, 2)
  elseif c.commutes[op] then
    local turned, matrices = {}, 0
    for i = 1, #args do
      turned[i] = value_transposed(c, args[i])
      matrices = matrices + (is_scalar(c, args[i]) and 0 or 1)
    end
    turned = call(op, turned)
    turned.matrix, turned.scalar, turned.id, turned.turned = tree.matrix, tree.scalar, id, true
    keep(c, id, tree, negative, turned, turned_negative, matrices - 1) -- exp(x)', not exp(x'); but kron(I(n), X')
  else
    keep_leaf(c, id, tree)
  end
end

-- An entry of a matrix; a vector has one index.
function build.entry(c, id, args)
  local a, i, j = args[1], value(c, args[2]), value(c, args[3])
  local function write(base)
    if not base then
      return false
    elseif is_one(c, c.S:cols(a)) then
      return display.entry(base, i)
    elseif is_one(c, c.S:rows(a)) then
      return display.entry(base, j)
    end
    return display.entry(base, i, j)
  end
  c.prefers[id] = c.prefers[a]
  keep_scalar(c, id, write(c.pos[a]), write(c.neg[a]))
end

-- The arguments of a member as they are written: its indices are smaller by 1 where the family counts from 0.
local function member_args(S, args)
  local family = S:op(args[1]) == "d" and S:args(args[1])[1] or args[1]
  if not numbering.is_from_zero(S, family) then
    return args
  end
  local copy, less = table.move(args, 1, #args, 1, {}), S:rational(-1)
  copy[2], copy[3] = S:sum { args[2], less }, S:sum { args[3], less }
  return copy
end

-- A member of a family: the indices that count something.
function build.member(c, id, args)
  local S = c.S
  args = member_args(S, args)
  for k = 2, 3 do
    if c.pos[args[k]] == nil then
      c:work_out(args[k])
    end
  end
  local changes = S:op(args[1]) == "d" and S:args(args[1])[1] -- the change of a member: d(x_i)
  local conjugation = c.conjugates[S:op(args[1])] and S:op(args[1]) -- the conjugate of a member
  local family = changes or conjugation and S:args(args[1])[1] or args[1]
  local base = S:op(family) == "symbol" and S:name(family):match "^(.+)_$"
  if not base then
    return M.call(c, id, args, c.op[id])
  end
  local kind = is_scalar(c, id) and "scalar" or leaves.kind(c, id)
  local name, one = display.name(base, kind), S:rational(1)
  c.used[base] = true
  local row, column = args[4] ~= one, args[5] ~= one
  local tree
  if row and column then
    tree = display.member(name, value(c, args[2]), value(c, args[3]))
  else
    tree = display.member(name, value(c, row and args[2] or args[3]))
  end
  tree.from_zero = numbering.is_from_zero(S, family)
  if changes then
    return keep_leaf(c, id, call("d", { tree }))
  end
  if conjugation then
    tree = call(conjugation, { tree })
    tree.conjugate, tree.matrix, tree.scalar = true, false, is_scalar(c, id)
  end
  tree.id = id
  keep_symbol(c, id, tree)
end

function build.range(c, id, args)
  local own, body = c.S:name(id), args[3]
  local counter = c.counters[tonumber(own:match "^#(%d+)$")] or display.name(own)
  local first, last = value(c, args[1]), value(c, args[2])
  local function form(tree)
    return tree and display.counted(counter, first, last, tree)
  end
  local pos, neg = form(c.pos[body]), form(c.neg[body])
  if is_scalar(c, id) then
    return keep_scalar(c, id, pos, neg)
  end
  keep(c, id, pos, neg, form(c.tpos[body]), form(c.tneg[body]), 0) -- sum(i = .., A*B^i)', not (A*B^i)'
end

function build.d(c, id, args)
  keep_leaf(c, id, call("d", { value(c, args[1]) }))
end

function build.call(c, id, args)
  local name = c.S:name(args[1])
  local tree = call(name, partials.arguments(c, args[1], args[2]))
  tree.fn, tree.id = display.name(name, leaves.kind(c, id)), id
  tree.fn.id = args[1]
  keep_leaf(c, id, tree)
end

-- The name of a variable, or of the function whose value at its own variable the node is; else nil.
local function variable_name(c, id)
  local op = c.S:op(id)
  if op == "symbol" then
    return leaves.name(c, id)
  elseif op == "call" then
    local args = c.S:args(id)
    if c.S:declared_argument(args[1]) == args[2] then
      return leaves.name(c, args[1])
    end
  end
  return nil
end

function build.D(c, id, args)
  local f, point = args[1], args[2]
  local root = c.root[f] or f
  c.root[id] = root
  local variable = c.S:declared_argument(root)
  local by = variable and variable_name(c, variable)
  local at = variable ~= nil and variable ~= point
  local tree = display.derivative(value(c, f), variable_name(c, point) or value(c, point), by, at)
  tree.id = id
  keep_leaf(c, id, tree)
end

return M
