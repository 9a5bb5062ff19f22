--- From a syntax tree to a node: names, shapes, constructors.
--
-- Three passes over the tree, each in a module of its own: `infer` gives every subtree a type, with unknowns for the
-- sizes that nobody declared; `settle` gives names to those that are still open; `build` makes nodes, with the engine's
-- constructors. The tree itself is never changed. An error is raised as a nabla.text.errors error that points at the
-- operator or name in question.
--
-- @module nabla.language.elaborate

local Context = require "nabla.language.context"
local build = require "nabla.language.build"
local build_declared = require "nabla.language.build_declared"
local errors = require "nabla.text.errors"
local infer = require "nabla.language.infer"
local naming = require "nabla.language.naming"
local settle = require "nabla.language.settle"

local M = {}

M.context = Context.new
M.KIND, M.habit, M.scope, M.lookup = naming.KIND, naming.habit, naming.scope, naming.lookup

-- The passes, as methods of a context. All its other methods stand in nabla.language.context.
Context.infer = infer.infer
Context.settle = settle.settle
Context.build = build.build
Context.lift = build.lift
Context.build_declared = build_declared.build

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
    return errors.attempt(function()
      c:infer(ast)
      c:settle(ast)
    end)
  end
  transposed_letters(ast, c.vectors)
  infer.count_letters(c, ast, {})
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
  local id = self.pattern and self:build_declared(ast)
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
  local left = self.pattern and self:build_declared(lhs)
  local right = left and self:build_declared(rhs)
  if right and S:rows(left) == S:rows(right) and S:cols(left) == S:cols(right) then
    return left, right
  end
  local a, b = self:infer(lhs), self:infer(rhs)
  if not (self:unify(a.rows, b.rows) and self:unify(a.cols, b.cols)) then
    local message = "the left side is %s, the right side %s"
    self:stop(rhs, message:format(self:shape_text(a), self:shape_text(b)), what)
  end
  self:settle(lhs)
  return self:build(lhs), self:build(rhs)
end

return M
