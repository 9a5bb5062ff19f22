--- A formula as it was written: from a syntax tree to a display tree (nabla.print.display).
--
-- The printer shows a node in the shortest of its equivalent forms; a row of a table is as its author wrote it,
-- x'*a and a'*x each in its place. Nothing is simplified, ordered or resolved here; only what a name is (a vector, an
-- unknown function) is asked, for the bold type.
--
-- @module nabla.print.as_written

local display = require "nabla.print.display"

local M = {}

local tree

local KINDS = { vector = "vector", matrix = "matrix" }

local function kind(c, name)
  local var = c.vars[name]
  return var and KINDS[var.kind]
end

-- One display tree for each name: the formats know a variable by its tree.
local function name_tree(c, name)
  c.names[name] = c.names[name] or display.name(name, kind(c, name))
  return c.names[name]
end

local function list(c, args)
  local trees = {}
  for i, arg in ipairs(args) do
    trees[i] = tree(c, arg)
  end
  return trees
end

local write = {}

function write.number(_, ast)
  return display.number(ast.text)
end

function write.name(c, ast)
  local op = not c.vars[ast.name] and c.ops[ast.name]
  return op and #op.params == 0 and display.call(ast.name, {}) or name_tree(c, ast.name)
end

function write.call(c, ast)
  local trees = list(c, ast.args)
  local var = c.vars[ast.name]
  if ast.name == "D" and #trees == 2 and not var then
    return display.derivative(trees[1], trees[2], trees[2])
  end
  if var and var.family then -- a member at an index that is an expression: x_(k+1)
    return display.member(display.name(ast.name:match "^(.-)_*$", kind(c, ast.name)), table.unpack(trees))
  elseif var and not var.func then
    return display.entry(name_tree(c, ast.name), table.unpack(trees))
  end
  local call = display.call(ast.name, trees)
  local first = ast.args[1]
  call.matrix = #trees == 1 and c.is_matrix(first) or false
  call.scalar = #trees == 1 and c.is_scalar(first)
  local op = not var and c.ops[ast.name]
  call.conjugate = op and op.antilinear and op.holomorphic or nil -- with a transpose: ^H
  if var and var.func then
    call.fn = name_tree(c, ast.name)
  end
  return call
end

function write.sum(c, ast)
  local signs = { table.unpack(ast.signs) }
  local trees = list(c, ast.args)
  if trees[1].tag == "neg" and not ast.args[1].paren then -- -a + b
    trees[1], signs[1] = trees[1][1], -1
  end
  return display.sum(trees, signs)
end

local joins = {
  ["*"] = function(a, b, c)
    if c.written and b.tag == "product" then -- A*(B*x) keeps its brackets
      return display.bracketed_product(a, b)
    end
    return display.product { a, b }
  end,
  ["/"] = display.quotient,
  [".*"] = function(a, b, c)
    if c.written and b.tag == "hadamard" then
      return display.hadamard { a, b }
    elseif a.tag == "hadamard" then
      local longer = { table.unpack(a) }
      longer[#longer + 1] = b
      return display.hadamard(longer)
    end
    return display.hadamard { a, b }
  end,
  ["./"] = display.eldiv,
}

function write.product(c, ast)
  local trees = list(c, ast.args)
  local left = trees[1]
  local signed = left.tag == "neg" and not ast.args[1].paren -- -A*x is read as (-A)*x and written -A*x
  left = signed and left[1] or left
  for i = 2, #trees do
    left = joins[ast.ops[i - 1]](left, trees[i], c)
  end
  return signed and display.neg(left) or left
end

-- X(i,j) of a variable comes as a call, of anything else as an entry.
function write.entry(c, ast)
  return display.entry(tree(c, ast[1]), table.unpack(list(c, ast.args)))
end

function write.neg(c, ast)
  return display.neg(tree(c, ast[1]))
end

function write.transpose(c, ast)
  return display.transpose(tree(c, ast[1]))
end

function write.power(c, ast)
  local join = ast.elementwise and display.elpower or display.power
  return join(tree(c, ast[1]), tree(c, ast[2]))
end

function write.sumover(c, ast)
  return display.counted(ast.var, tree(c, ast.lo), tree(c, ast.hi), tree(c, ast.body))
end

function tree(c, ast)
  local made = write[ast.tag](c, ast)
  if c.written then
    c.written[made] = ast
  end
  return made
end

--- What the trees of one text have in common.
-- @tparam table session
-- @tparam table scope what the names in it are
-- @tparam table types the types of its trees, as far as they are known (nabla.language.infer)
function M.context(session, scope, types)
  local S = session.S
  return {
    vars = scope.vars,
    ops = session.ops,
    names = {},
    is_matrix = function(ast)
      local t = types[ast]
      return t ~= nil and S:dimint(t.rows) ~= 1 and S:dimint(t.cols) ~= 1
    end,
    is_scalar = function(ast)
      local t = types[ast]
      return t ~= nil and S:dimint(t.rows) == 1 and S:dimint(t.cols) == 1
    end,
  }
end

--- The display tree of a syntax tree.
-- @tparam table c what `context` has given; `written`, if it is there, gets the syntax tree of each display tree, and
-- brackets round products stay
-- @tparam nabla.Ast ast
function M.tree(c, ast)
  return tree(c, ast)
end

return M
