--- The printer's choice: which of the equivalent ways of writing a node is the shortest.
--
-- A store keeps one node for many texts: (A*B)' is kept as B'*A', x - a as x + (-1)*a, a quotient as a power. Here each
-- node gets up to four display trees (nabla.print.display): for the node and for its transpose, each as it is (`pos`) and
-- negated (`neg`). None of the four begins with a minus sign; one that would need it is `false`, and of `pos` and `neg`
-- at least one is there. So a sum or product sees at once which signs its parts absorb for nothing: -(b - A*x) is
-- A*x - b. Whoever needs a value takes `pos`, or puts a sign before `neg`.
--
-- A transpose round a group of factors or terms is written only if it saves two nodes: (B*A*x)', but x'*A'.
--
-- Nodes are worked through in postorder with an explicit stack: depth costs no Lua stack. A store S has the methods
-- op, args, number, name, rows, cols, dimtext, kind and declared_argument.
--
-- @module nabla.print.forms

local blocks = require "nabla.print.forms_of_blocks"
local calls = require "nabla.print.forms_of_calls"
local chains = require "nabla.print.chains"
local decimals = require "nabla.print.forms_of_decimals"
local display = require "nabla.print.display"
local four = require "nabla.print.signs_and_transposes"
local leaves = require "nabla.print.forms_of_leaves"
local partials = require "nabla.print.forms_of_partials"
local products = require "nabla.print.forms_of_products"

local M = {}

-- More nodes than this are not text that anyone reads.
M.limit = 1000000

local function set(words)
  local s = {}
  for word in words:gmatch "%S+" do
    s[word] = true
  end
  return s
end

local NONE = {}

-- What makes the forms of a node, by its operator; the nodes below have theirs.
local build = {}
for _, builders in ipairs { leaves.build, products.build, decimals, calls.build, blocks, partials.build } do
  for op, builder in pairs(builders) do
    build[op] = builder
  end
end

local LEAF = set "number symbol function I ones zeros hole"
LEAF["operator name"] = true

-- Tables of the context that few expressions fill: each is made when it is first asked for.
local OF_FEW = set [[under under_neg tunder tunder_neg
  prefers inverse_of root leaf rational one
  names used counters counter_numbers dims]]
-- Of these: under .. tunder_neg are forms of a power with negative exponent, what is in a denominator; prefers is the sign that the
-- input's signs ask for, 1 or -1, if any; used holds the names that symbols, functions and holes have; counters are the names of
-- counters by number, counter_numbers the numbers by name.
local Context = {}
function Context.__index(c, field)
  if OF_FEW[field] then
    local made = {}
    c[field] = made
    return made
  end
  return Context[field]
end

local function context(S, opts)
  local memo = opts.memo
  local c = memo and memo.context
  if not c then
    c = setmetatable({
      S = S,
      sums = opts.sums or false,
      turned = opts.turned or NONE,
      symmetric = opts.symmetric or false,
      even = opts.even or NONE,
      odd = opts.odd or NONE,
      commutes = opts.commutes or NONE,
      cyclic = opts.cyclic or NONE,
      conjugates = opts.conjugates or NONE,
      units = opts.units or NONE,
      conjugate = opts.conjugate or false,
      own_transpose = opts.own_transpose or false,
      real_part = opts.real_part or false,
      unitary = opts.unitary or false,
      broadcast = opts.broadcast ~= false,
      decimals = opts.decimals and opts.decimals > 0 and opts.decimals,
      powers = opts.powers or false,
      whole = false, -- the node that is written, if it is alone
      pos = false, -- the rest by `outline`
      neg = false,
      tpos = false,
      tneg = false,
      op = false,
      scalar = false,
    }, Context)
  end
  if memo then
    memo.context = c
  end
  return c
end

-- Operators whose forms the engine does not make; its own it knows.
local NOT_BY_ENGINE = {}
for op in pairs(build) do
  NOT_BY_ENGINE[op] = op ~= "sum" or nil -- that of entries is a call
end

--- The display tree that the engine makes (src/lua/lua_forms.c), the same as that of the builders and sooner.
-- @param S the store
-- @param id a node
-- @tparam table opts as for @{tree}
-- @tparam number limit the largest cost
-- @return a display tree; nil where an expression has more than the engine knows, or costs more
function M.by_engine(S, id, opts, limit)
  local more = opts.memo or opts.complex or opts.conjugate or opts.powers or opts.decimals and opts.decimals > 0
  if more or not S.display_tree then
    return nil
  end
  return S:display_tree(id, opts, NOT_BY_ENGINE, display.small, calls.SYMMETRIC, limit)
end

-- After so many parts the clock is asked.
local PARTS = 1000

local MANY = 20000

-- The nodes of which the text of a node is made and that have no forms yet, parts before wholes. By node the context then has the
-- name of its operator (`op`), `scalar`, and room for the four forms (neg and tneg are those of minus the node). Also how many nodes
-- and operands there are.
local function outline(c, root)
  local ids, op, scalar, pos, neg, tpos, tneg, parts = c.S:outline(root, c.pos)
  if not c.pos then
    c.op, c.scalar, c.pos, c.neg, c.tpos, c.tneg = op, scalar, pos, neg, tpos, tneg
    return ids, parts
  end
  for i = 1, #ids do
    local id = ids[i]
    c.op[id], c.scalar[id] = op[id], scalar[id]
  end
  return ids, parts
end

-- Work out the forms of a node and of all below it. Where it has many parts it is measured: if no text of it is within
-- the limit, what it has at least is returned.
local function run(c, root, limit, on_time)
  local ids, parts = outline(c, root)
  local S, ops = c.S, c.op
  if limit and parts > MANY then
    local cost = S:least_cost(root, chains.SPREAD, display.CAP) -- much cheaper than the forms
    if cost > limit then
      return cost
    end
  end
  for i = 1, #ids do
    local id = ids[i]
    if on_time and i % PARTS == 0 then
      on_time()
    end
    local op = ops[id]
    local args = LEAF[op] and NONE or S:args(id)
    local builder = (args[1] or LEAF[op]) and build[op]
    if builder then
      builder(c, id, args)
    else
      calls.call(c, id, args, op == "sum()" and "sum" or op)
    end
  end
end
Context.work_out = run

--- The display tree of a node: the shortest of its equivalent forms.
--
-- Options: `sums`, a table from the id of a sum to `{ sign =, terms = { {c, t}, ... } }`, the order in which this sum
-- (sign 1) or its negative (-1) was in the input; `turned`, the set of scalar chains whose transpose
-- was there; `symmetric(id)`, is this symbol its own transpose?; `even`, `odd`, `commutes`, `cyclic`, sets of operator names
-- with f(-X) = f(X), f(-X) = -f(X), f(X') = f(X)', f(X*Y) = f(Y*X), each only if the store keeps one node for both sides;
-- `decimals`, the digits that decimals in the input had: numbers like them are written as decimals;
-- `powers`, were there numbers such as 1e20?: large ones are written so;
-- of complex letters: `units`, a set of operators that are the imaginary unit; `conjugate(id)`, the conjugate of a node, and
-- `real_part`, the name of the function; `unitary(id)`, the unitary symbol that a node is or is the transpose of;
-- `own_transpose(id)`, is this sum its own transpose?;
-- `on_time`, a function that is called now and then and may raise an error;
-- `preferences`, which of two equal forms is written (nabla.print.preferences);
-- `broadcast = false` to write ones(m,n)./X for 1./X; `limit`, the largest cost; `memo`, a table to share work between calls
-- with the same store and options (drop it when the store has collected garbage).
-- @param S the store
-- @param id a node
-- @param[opt] opts options
-- @return a display tree, or nil and a message if it would be too large
function M.tree(S, id, opts)
  opts = opts or NONE
  local limit = opts.limit or M.limit
  local known = M.by_engine(S, id, opts, limit)
  if known then
    return opts.preferences and require("nabla.print.preferences").apply(S, opts.preferences, known) or known
  end
  local c = context(S, opts)
  c.whole = not opts.memo and id
  local at_least = run(c, id, limit, opts.on_time)
  if at_least then
    return nil, ("too large to print: at least %d nodes"):format(at_least)
  end
  local tree = four.value(c, id)
  if tree.cost > limit then
    local more = tree.cost >= display.CAP and "more than " or ""
    return nil, ("too large to print: %s%d nodes"):format(more, tree.cost)
  end
  tree = rawget(c, "counters") and next(c.counters) and leaves.with_letters(c, tree) or tree
  return opts.preferences and require("nabla.print.preferences").apply(S, opts.preferences, tree) or tree
end

--- The number of syntax nodes of a node's text: of a name, number, sign, transpose, binary operator or call one each.
-- It is known for expressions too large to print, up to 2^40. This is the length of a text. Which of equal forms is the textbook
-- form is decided by the engine's estimate (src/textbook/cost.h); spec/cases/cost_spec.lua keeps the two close.
-- @param S the store
-- @param id a node
-- @param[opt] opts as for @{tree}
-- @return an integer
function M.cost(S, id, opts)
  local c = context(S, opts or NONE)
  run(c, id)
  return four.value(c, id).cost
end

return M
