--- The types of sums, products and powers: the part of nabla.language.infer that is about arithmetic.
--
-- @module nabla.language.infer_arithmetic

local core = require "nabla.core"
local counting = require "nabla.language.counting"
local doubts = require "nabla.language.doubts"
local later = require "nabla.text.later"
local scopes = require "nabla.language.scope"

local spread = later.require "nabla.language.spread"
local trees = later.require "nabla.language.tree"

local M = {}

local lookup = scopes.lookup

local ONE = core.constants.one -- the dimension 1

-- The parts of which the i-th does not fit those before: that first, then the first one, then backwards.
local function up_to(args, i)
  local list = { args[i], args[1] }
  for k = i - 1, 2, -1 do
    list[#list + 1] = args[k]
  end
  return list
end

-- Why two terms of a sum do not fit, and a repair: one before of the type `left`, and the i-th; `mixed`: one of them is a
-- scalar.
local function stop_sum(c, ast, i, left, mixed)
  local arg = ast.args[i]
  local right = c.types[arg]
  local hint
  if mixed then
    local is_right = c:is_scalar(right)
    local small, big = is_right and arg or ast.args[1], is_right and left or right
    local r, k = c:resolve(big.rows), c:resolve(big.cols)
    local function text(d)
      local t = c.S:dimtext(d)
      return t:sub(1, 1) == "?" and (d == r and "m" or "n") or t
    end
    local number = small.tag == "number" and small.text or "s"
    local times = number == "1" and "" or number .. "*"
    if k == ONE then
      hint = string.format("did you mean %sones(%s)?", times, text(r))
    else
      hint = spread.hint(c, small, times, text(r), text(k))
    end
  elseif c:resolve(left.rows) == c:resolve(right.cols) and c:resolve(left.cols) == c:resolve(right.rows) then
    hint = "a transpose ' on one of the two would make them fit"
  elseif c:resolve(left.cols) == c:resolve(right.cols) and c:resolve(right.rows) == ONE then
    hint = "to add the row to each row, write ones(..)*row"
  elseif c:resolve(left.rows) == c:resolve(right.rows) and c:resolve(right.cols) == ONE then
    hint = "to add the column to each column, write column*ones(1,..)"
  end
  local message = "a sum of %s and %s: the sizes must be equal"
  c.misfit = up_to(ast.args, i)
  c:stop(ast.oppos[i] or arg, message:format(c:shape_text(left), c:shape_text(right)), hint)
end

--- The type of a sum, where scalars may go with each entry of a column or of a row among its terms. The scalars are the terms
-- of `spread`, a set of places.
function M.sum(c, ast)
  local args = ast.args
  local first = c:infer(args[1])
  local like -- the type of the column or row
  for i = 2, #args do
    local left, arg = like or first, c:infer(args[i])
    if c:is_scalar(left) ~= c:is_scalar(arg) then
      like = spread.line(c, left, arg, ast.spreads)
      local from, to = like == left and i or 1, like == left and i or i - 1
      if not like or ast.sides or not (ast.spreads or spread.may(c, args, from, to)) then
        stop_sum(c, ast, i, left, true)
      end
    elseif not (c:unify(left.rows, arg.rows) and c:unify(left.cols, arg.cols)) then
      stop_sum(c, ast, i, left, false)
    elseif arg.means == "operator" and arg.operator == left.operator and c.yields then
      c:add("likely", { args[i], args[i - 1] })
    end
  end
  if like then
    return spread.type(c, ast, like)
  end
  return first.spread and { rows = first.rows, cols = first.cols } or first -- what spreads does so in its own sum
end

-- Why the factors so far, of the type `left`, and the i-th do not fit, and a repair.
local function stop_product(c, ast, i, left)
  local factor, op = ast.args[i], ast.ops[i - 1]
  local right = c.types[factor]
  local rows, cols = c:resolve(left.rows), c:resolve(left.cols)
  local right_rows, right_cols = c:resolve(right.rows), c:resolve(right.cols)
  local left_text, right_text = c:shape_text(left), c:shape_text(right)
  local message, hint
  if op == "/" then
    local name = factor.tag == "name" and factor.name or "B"
    message = string.format("division by a %s matrix; only scalars divide", right_text)
    hint = factor.tag == "call" and factor.name == "d" and "a derivative is written D(f, x)"
      or right_rows == right_cols and string.format("did you mean *inv(%s), or ./ entry by entry?", name)
      or "did you mean ./ entry by entry?"
  elseif op == "*" then
    message = string.format("a product of %s and %s: the inner sizes must be equal", left_text, right_text)
    if rows == right_rows and right_cols == ONE and cols == ONE then
      hint = "did you mean x'*y (a scalar) or x.*y (entry by entry)?"
    elseif cols == right_cols then
      hint = "a transpose ' on the second factor would make them fit"
    elseif rows == right_rows then
      hint = "a transpose ' on the first factor would make them fit"
    end
  else
    message = string.format("%s of %s and %s: the sizes must be equal", op, left_text, right_text)
  end
  c.misfit = up_to(ast.args, i)
  c:stop(ast.oppos[i - 1] or factor, message, hint)
end

--- The type of a product; `by_scalar`: the set of those factors that divide entry by entry and are scalars.
function M.product(c, ast)
  local args = ast.args
  local first = c:infer(args[1])
  local product = { rows = first.rows, cols = first.cols, by_scalar = nil }
  if first.weak then
    c:add_factor(first.name, ast)
  end
  for i = 2, #args do
    local right, op = c:infer(args[i]), ast.ops[i - 1]
    local by_scalar = c:is_scalar(right)
    if right.undeclared and op == "*" and c.yields then
      doubts.factor(c, ast, i, right, product)
    end
    if op ~= "*" and op ~= "/" and by_scalar and c.yields and c:is_scalar(product) and not ast.undoubted then
      doubts.scalars(c, { args[i - 1], args[i] }, "it is multiplied entry by entry")
    end
    if op == "./" and by_scalar then
      product.by_scalar = product.by_scalar or {}
      product.by_scalar[i] = true
    end
    if op == "/" then
      if not by_scalar then
        stop_product(c, ast, i, product)
      end
    elseif c:is_scalar(product) then
      product.rows, product.cols = right.rows, right.cols
    elseif op == "*" and not by_scalar then
      if not c:unify(product.cols, right.rows) then
        stop_product(c, ast, i, product)
      end
      product.cols = right.cols
    elseif not (by_scalar or c:unify(product.rows, right.rows) and c:unify(product.cols, right.cols)) then
      stop_product(c, ast, i, product)
    end
  end
  return product
end

-- What may be meant where an exponent is no scalar.
local function exponent_hint(c, base, exponent)
  local inverse = exponent.tag == "neg"
  local letter = inverse and exponent[1] or exponent
  local var = letter.tag == "name" and lookup(c.scope, letter.name)
  if letter.tag == "name" and (letter.name == "T" or letter.name == "t") and (not var or var.undeclared) then
    return inverse and "the transposed inverse is written inv(X)'" or "the transpose is written x'"
  elseif base.tag == "name" and base.name == "e" then
    return "the exponential is written exp(x), entry by entry, or expm(X), of a matrix"
  end
  return "elementwise: .^"
end

-- e^x where e is no letter of the text: the exponential, of a square matrix that of matrices; nil where it is a power.
local function infer_exponential(c, ast)
  local exponent = ast[2]
  if exponent.tag == "name" and exponent.name == "T" or not next(trees.names(exponent)) or c:is_letter "e" then
    return nil
  end
  local t, what = c:infer(exponent), "exp"
  if c:resolve(t.rows) ~= ONE and c:resolve(t.cols) ~= ONE then
    what = "expm"
    if not (c.ops.expm and c:unify(t.rows, t.cols)) then
      c:stop(ast.oppos or ast, "a power of e by a " .. c:shape_text(t) .. " matrix: it must be square")
    end
  end
  local text = trees.text(exponent)
  text = #text <= 40 and text or ".."
  c:assume(ast.pos, string.format(exponent.tag == "name" and "e^%s is %s(%s)" or "e^(%s) is %s(%s)", text, what, text))
  return { rows = t.rows, cols = t.cols, exponential = what }
end

--- The type of a power.
function M.power(c, ast)
  if c.yields and ast[1].tag == "name" and ast[1].name == "e" then
    local t = infer_exponential(c, ast)
    if t then
      return t
    end
  end
  local base = c:infer(ast[1])
  if ast.elementwise and base.undeclared and c.yields and not ast.undoubted then
    doubts.scalars(c, { ast[1] }, "its power is taken entry by entry")
  end
  if not ast.elementwise then
    counting.counts(c, ast[2], counting.EXPONENTS)
  end
  local exponent = c:infer(ast[2])
  if exponent.weak then
    doubts.exponent(c, exponent)
  end
  local scalar = c:is_scalar(exponent)
  if ast.elementwise and not scalar then
    if c:is_scalar(base) then
      return exponent
    elseif not (c:unify(base.rows, exponent.rows) and c:unify(base.cols, exponent.cols)) then
      local message = ".^ of %s and %s: the sizes must be equal"
      c.misfit = ast
      c:stop(ast.oppos or ast, message:format(c:shape_text(base), c:shape_text(exponent)))
    end
  elseif not scalar then
    local message = "the exponent is %s; it must be a scalar"
    c.misfit = { ast[2] }
    c:stop(ast.oppos or ast, message:format(c:shape_text(exponent)), exponent_hint(c, ast[1], ast[2]))
  elseif not ast.elementwise and not c:unify(base.rows, base.cols) then
    local message = "a power of a %s matrix: it must be square"
    c.misfit = { ast[1] }
    c:stop(ast.oppos or ast, message:format(c:shape_text(base)), "elementwise: .^")
  end
  return base
end

return M
