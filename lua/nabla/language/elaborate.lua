--- From a syntax tree to a node: names, shapes, constructors.
--
-- Three passes over the tree, each in a module of its own: `infer` (nabla.language.infer) gives every subtree a
-- shape, with unknowns for the sizes that nobody declared; `settle` (nabla.language.settle) gives names to those
-- that are still open; `build` (nabla.language.build) makes nodes, with the engine's constructors. An error is
-- raised as a nabla.text.errors error that points at the operator or name in question.
--
-- @module nabla.language.elaborate

local Context = require "nabla.language.context"
local errors = require "nabla.text.errors"
local naming = require "nabla.language.naming"
require "nabla.language.infer"
require "nabla.language.settle"
require "nabla.language.build"
require "nabla.language.build_declared"

local M = {}

M.context = Context.new
M.KIND, M.habit, M.scope, M.lookup = naming.KIND, naming.habit, naming.scope, naming.lookup

-- Letters that stand transposed are no scalars.
local function transposed_letters(ast, found)
  if ast.tag == "transpose" and ast[1].tag == "name" and naming.habit(ast[1].name) == "scalar" then
    found[ast[1].name] = true
  end
  for i = 1, 2 do
    if type(ast[i]) == "table" then
      transposed_letters(ast[i], found)
    end
  end
  if ast.args then
    for _, arg in ipairs(ast.args) do
      transposed_letters(arg, found)
    end
  end
end

local TRIES = 64

-- Find shapes: with as few vectors among the letters a..g as possible. The error is that of the first try.
local function infer_letters(c, ast)
  local function try()
    c.fresh, c.wide, c.unknowns, c.later, c.letters, c.scalars, c.columns = {}, {}, 0, {}, {}, {}, {}
    c.spans = {}
    c.scope = naming.scope(c.declaring)
    return pcall(function()
      c:infer(ast)
      c:settle(ast)
    end)
  end
  transposed_letters(ast, c.vectors)
  c:count_letters(ast, {})
  local letters, met = {}, {} -- those of a try that failed are the letters up to the mistake: the next may meet more
  local function meet()
    for _, name in ipairs(c.scalars) do
      if not met[name] then
        met[name], letters[#letters + 1] = true, name
      end
    end
  end
  local ok, err = try()
  local transposed, bits = c.vectors, 1
  meet()
  while not ok and bits < 2 ^ #letters and bits <= TRIES do
    c.vectors = setmetatable({}, { __index = transposed })
    for i, name in ipairs(letters) do
      c.vectors[name] = bits >> (i - 1) & 1 == 1 or nil
    end
    if try() then
      return
    end
    meet()
    bits = bits + 1
  end
  if not ok then
    if errors.is_error(err) then
      c.vectors = transposed
      for _, name in ipairs(c.columns) do
        c.taken_scalar = name
        if try() then
          local hint =
            string.format("%s is taken for a vector; if it is a scalar, declare it: scalar %s", name, name)
          err.hint = err.hint and err.hint .. "; or: " .. hint or hint
          break
        end
      end
    end
    error(err, 0)
  end
end

--- Infer, settle and build.
-- @treturn integer the node
function Context:node(ast)
  local id = self.pattern and self:at_once(ast)
  if id then
    return id
  elseif self.habit then
    infer_letters(self, ast)
  else
    self:infer(ast)
    self:settle(ast)
  end
  return self:build(ast)
end

--- Two sides that share names and sizes, as in `lhs -> rhs`; their shapes must agree.
function Context:sides(lhs, rhs, what)
  local S = self.S
  local left = self.pattern and self:at_once(lhs)
  local right = left and self:at_once(rhs)
  if right and S:rows(left) == S:rows(right) and S:cols(left) == S:cols(right) then
    return left, right
  end
  self:infer(lhs)
  self:infer(rhs)
  if not (self:unify(lhs.r, rhs.r) and self:unify(lhs.c, rhs.c)) then
    self:stop(
      rhs,
      string.format(
        "the left side is %s, the right side %s",
        self:shape_text(lhs.r, lhs.c),
        self:shape_text(rhs.r, rhs.c)
      ),
      what
    )
  end
  self:settle(lhs)
  return self:build(lhs), self:build(rhs)
end

return M
