--- Code: the method of a session that writes an expression and its derivatives as functions in a programming language.
--
-- @submodule nabla.Session

local bodies = require "nabla.compare.function_bodies"
local core = require "nabla.core"
local derivative = require "nabla.calculus.derivative"
local differentiate = require "nabla.session.differentiate"
local handles = require "nabla.session.handles"
local hessian = require "nabla.calculus.hessian"

local M = {}

local KIND = core.constants.kinds
local ONE = core.constants.one
local OPTIONS = { layout = true, convention = true, hessian = true, direction = true, check = true }

local function fail(...)
  error({ message = string.format(...) }, 0)
end

-- The first of some names that the expression does not have.
local function free_name(S, id, wanted)
  local taken = {}
  for _, node in ipairs(S:postorder(id)) do
    if S:op(node) == "symbol" then
      taken[S:name(node)] = true
    end
  end
  for _, name in ipairs(wanted) do
    if not taken[name] then
      return name
    end
  end
  return wanted[#wanted] .. "_"
end

local function is_scalar(S, id)
  return S:rows(id) == ONE and S:cols(id) == ONE
end

-- The Hessian times a direction, arranged as the variable: the gradient of the inner product of the gradient with the direction.
local function hessian_times(self, id, v, name)
  local S = self.S
  local layout = self.layouts.denominator or fail "the product with a Hessian needs the layout denominator"
  local how = { layout = layout, convention = self.conventions.free }
  local g = derivative.derivative(self, id, v, how)
  local direction = S:symbol(name, KIND[S:kind(v)], 0, S:rows(v), S:cols(v))
  local inner = S:apply(S:operator_with "cyclic", { S:product { S:transpose(g), direction } })
  return derivative.derivative(self, inner, v, how)
end

-- Where a letter stands first in a text, as a function of the letter.
local function places(text)
  local found, count = {}, 0
  for name in text:gmatch "[%a_\128-\255][%w_\128-\255]*" do
    count = count + 1
    found[name] = found[name] or count
  end
  return function(name)
    return found[name] or count + 1
  end
end

-- What a comparison with finite differences needs.
local function check_of(self, id, v, how)
  local S = self.S
  if not is_scalar(S, id) or S:op(v) ~= "symbol" then
    fail "a check by finite differences is exported of a scalar by a whole variable, without unknown functions"
  end
  local check = { variable = S:name(v), symmetric = {} }
  for _, node in ipairs(S:postorder(id)) do
    if S:op(node) == "symbol" and S:property("symmetric", node) then
      check.symmetric[S:name(node)] = true
    end
  end
  local probe = S:symbol(" probe", KIND[S:kind(v)], 0, S:rows(v), S:cols(v)) -- of the inner product with it the derivative is it
  local inner = S:apply(S:operator_with "cyclic", { S:product { S:transpose(probe), v } })
  local g = derivative.derivative(self, inner, v, how)
  if g ~= probe and g ~= S:transpose(probe) then
    fail "a check by finite differences is exported where the derivative by each entry stands in a place of its own"
  end
  check.turned = g ~= probe and not is_scalar(S, v)
  return check
end

-- The left sides of the formulas of a value and of its derivatives, in LaTeX.
local function left_sides(self, f, v, turned, hint)
  local S = self.S
  local x = self:text(self:wrap(v, hint), "latex")
  local by = x .. (turned and "^\\top" or "")
  local is_column = S:rows(v) ~= ONE
  return {
    value = f,
    gradient = ("\\frac{\\partial %s}{\\partial %s}"):format(f, by),
    hessian = ("\\frac{\\partial^{2} %s}{\\partial %s \\, \\partial %s%s}"):format(
      f,
      x,
      x,
      is_column and "^\\top" or ""
    ),
    variable = function(name)
      local letter = S:symbol(name, KIND[S:kind(v)], 0, S:rows(v), S:cols(v))
      return " " .. self:text(self:wrap(letter, hint), "latex")
    end,
  }
end

local function parts_of(self, f, x, opts)
  local S = self.S
  local id, hint, assumed = differentiate.expression(self, f, 5, differentiate.reading(opts, x))
  local what = self:text(self:wrap(id, hint))
  local parts = { text = what }
  if not x then
    parts[1] = { name = "value", nodes = { id }, results = { "value" }, doc = { ("The value of %s."):format(what) } }
    parts[1].left, parts[1].hint = { free_name(S, id, { "f", "g", "h", "F", "G" }) }, hint
    return parts, assumed
  end
  local layout, convention = differentiate.options(self, opts)
  local v, turned = differentiate.variable(self, x, id, hint)
  local variable = self:text(self:wrap(v))
  local how = { layout = layout, convention = convention, transposed = turned }
  local g = derivative.derivative(self, id, v, how)
  local kind = is_scalar(S, id) and "gradient" or "derivative"
  parts[1] = {
    name = "value_and_gradient",
    nodes = { id, g },
    results = { "value", kind },
    doc = {
      ("%s and its %s by %s%s, in %s layout."):format(what, kind, variable, turned and "'" or "", layout.name),
      "",
      ("%s: %s"):format(kind, self:text(self:wrap(g, hint))),
    },
  }
  local left = left_sides(self, free_name(S, id, { "f", "g", "h", "F", "G" }), v, turned, hint)
  parts[1].left, parts[1].hint = { left.value, left.gradient }, hint
  if (opts.hessian or opts.direction) and not is_scalar(S, id) then
    fail "second derivatives are exported of a scalar"
  end
  if opts.hessian then
    local h = hessian.hessian(self, id, v, v, layout, convention)
    parts[#parts + 1] = {
      name = "hessian",
      nodes = { h },
      results = { "hessian" },
      doc = {
        ("The second derivatives of %s by %s."):format(what, variable),
        "",
        "hessian: " .. self:text(self:wrap(h, hint)),
      },
      left = { left.hessian },
      hint = hint,
    }
  end
  if opts.direction then
    local name = free_name(S, id, { "v", "V", "direction" })
    parts[#parts + 1] = {
      name = "hessian_times",
      nodes = { hessian_times(self, id, v, name) },
      results = { "product" },
      doc = {
        ("The Hessian of %s by %s times a direction %s, arranged as %s."):format(what, variable, name, variable),
      },
      left = { left.hessian .. left.variable(name) },
      hint = hint,
    }
  end
  if opts.check then
    parts.check = check_of(self, id, v, how)
  end
  return parts, assumed
end

--- An expression and its derivatives as functions in a programming language.
-- @param f a node or a text
-- @param x a variable or its text; nil: the value alone
-- @tparam string target the language: `nabla.code` lists them
-- @tparam[opt] table opts layout, convention; `hessian` (true: the second derivatives as well), `direction` (true: the product of the
-- Hessian with a direction), `check` (true: a comparison with finite differences)
-- @treturn string the text of the functions, and the notes on what was assumed; or nil and the error
function M:code(f, x, target, opts)
  opts = opts or {}
  for key in pairs(opts) do
    if not OPTIONS[key] then
      error(("unknown option '%s'; known: layout, convention, hessian, direction, check"):format(tostring(key)), 2)
    end
  end
  local code = require "nabla.code"
  if not code.targets[target] then
    error(code.unknown(target), 2)
  end
  self.S:begin()
  return differentiate.try(self, function()
    local given = { layout = opts.layout, convention = opts.convention }
    for _, key in ipairs { "hessian", "direction", "check" } do
      given[key] = opts[key]
    end
    local parts, assumed = parts_of(self, f, x, given)
    for _, part in ipairs(parts) do
      for i, id in ipairs(part.nodes) do
        part.nodes[i] = bodies.of_families(self, id)
      end
    end
    return handles.told(code.write(self, target, parts, places(parts.text), parts.check), assumed)
  end)
end

return M
