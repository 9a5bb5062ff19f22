--- From a syntax tree to a node: names, shapes, constructors.
--
-- Three passes over the tree, each in a module of its own: `infer` gives every subtree a type, with unknowns for the
-- sizes that nobody declared; `settle` gives names to those that are still open; `build` makes nodes, with the engine's
-- constructors. Of a text with letters that nobody declared `nabla.language.letter_kinds` runs the first two, perhaps
-- several times. The tree itself is never changed. An error is raised as a nabla.text.errors error that points at the
-- operator or name in question.
--
-- @module nabla.language.elaborate

local Context = require "nabla.language.context"
local build = require "nabla.language.build"
local build_declared = require "nabla.language.build_declared"
local core = require "nabla.core"
local infer = require "nabla.language.infer"
local known_values = require "nabla.language.known_values"
local settle = require "nabla.language.settle"
local letter_kinds = require "nabla.language.letter_kinds"

local ONE = core.constants.one -- the dimension 1

local M = {}

M.context, M.of_declared = Context.new, Context.of_declared
M.of_rules, M.of_rule = Context.of_rules, Context.of_rule

-- The passes, as methods of a context. All its other methods are in nabla.language.context.
Context.infer = infer.infer
Context.settle = settle.settle
Context.build = build.build
Context.lift = build.lift
Context.build_declared = build_declared.build

local build_pattern -- of a module that texts do not need

function Context:build_pattern(ast)
  build_pattern = build_pattern or require("nabla.language.build_pattern").build
  return build_pattern(self, ast)
end

-- The node of a tree whose sizes are settled, in a scope that knows values of its letters.
local function built_with_values(self, ast)

  return known_values.put_in(self.session, self:build(ast))
end

--- Infer, settle and build. What has been assumed is then in `notes`.
-- @treturn integer the node
function Context:node(ast)
  local id = self.pattern and self:build_pattern(ast)
  if id then
    return id
  elseif self.habit then
    letter_kinds.infer(self, ast)
  else
    self:infer(ast)
    self:settle(ast)
  end
  if self.declaring.known then
    return known_values.during(self.session, self.declaring.known, built_with_values, self, ast)
  end
  return self:build(ast)
end

--- The node of a tree in which every letter is declared (nabla.language.build_declared), or nil: then the passes are to read it.
-- For a context of @{of_declared}.
-- @treturn ?integer the node
function Context:node_of_declared(ast)
  local id = self:build_declared(ast)
  if id then
    local dims = self.declaring.dims
    for name in next, self.user_sizes do
      dims[name] = true
    end
    self.ast = ast
  end
  return id
end

--- The types of the parts of a text that has been read; the short way has none, so they are inferred then.
-- @treturn table tree -> type
function Context:types_of(ast)
  local given = self.given
  if given then
    local full = Context.new(self.session, given())
    letter_kinds.infer(full, ast)
    for key, value in next, full do
      self[key] = value
    end
    self.given = nil
  end
  return self.types
end

-- A hint for two sides of different shapes; nil where there is none.
function Context:hint_on_sides(a, b)
  local function is_scalar(t)
    return self:resolve(t.rows) == ONE and self:resolve(t.cols) == ONE
  end
  local function is_vector(t)
    return not is_scalar(t) and (self:resolve(t.rows) == ONE or self:resolve(t.cols) == ONE)
  end
  if is_scalar(a) and is_vector(b) or is_vector(a) and is_scalar(b) then
    return "sum(x) adds all entries; the same number at each entry is c*ones(n)"
  elseif self:resolve(a.rows) == self:resolve(b.cols) and self:resolve(a.cols) == self:resolve(b.rows) then
    return "a transpose ' of one side would make them fit"
  end
end

--- Two sides that share names and sizes, as in `lhs -> rhs`; their shapes must agree.
function Context:sides(lhs, rhs, what)
  local S = self.S
  local left = self.pattern and self:build_pattern(lhs)
  local right = left and self:build_pattern(rhs)
  if right and S:rows(left) == S:rows(right) and S:cols(left) == S:cols(right) then
    return left, right
  end
  local a, b = self:infer(lhs), self:infer(rhs)
  if not (self:unify(a.rows, b.rows) and self:unify(a.cols, b.cols)) then
    local message = "the left side is %s, the right side %s"
    self:stop(rhs, message:format(self:shape_text(a), self:shape_text(b)), what or self:hint_on_sides(a, b))
  end
  self:settle(lhs)
  if self.declaring.known then
    local left_side = known_values.during(self.session, self.declaring.known, built_with_values, self, lhs)
    return left_side, known_values.during(self.session, self.declaring.known, built_with_values, self, rhs)
  end
  return self:build(lhs), self:build(rhs)
end

return M
