--- What a script can do with an expression node: operators, parts, printing.
--
-- Nodes are values: equal expressions are the same node, so `==` compares them and they serve as keys of tables.
--
-- @module nabla.session.node

local core = require "nabla.core"
local expressions = require "nabla.session.expressions"
local handles = require "nabla.session.handles"
local later = require "nabla.text.later"
local picture = require "nabla.session.picture"
local Session = require "nabla.session"
local spelling = require "nabla.text.spelling"

local lift = later.require "nabla.session.lift"
local overloads = later.require "nabla.language.overloads"
local several = later.require "nabla.language.several_entries"
local shapes = later.require "nabla.text.shape"

local M = {}

local Shape = {
  __tostring = function(s)
    return s[1] .. " x " .. s[2]
  end,
  __eq = function(a, b)
    return a[1] == b[1] and a[2] == b[2]
  end,
}

-- Raise an engine's failure as an error at the caller's line.
local function checked(level, f, ...)
  local ok, a = pcall(f, ...)
  if ok then
    return a
  end
  error(handles.words(a), level + 1)
end

-- The session, and both operands as ids; numbers and texts become nodes, with `like` of the shape of the other operand.
local function operands(a, b, what, like)
  local session, x = Session.of(a)
  local other, y = Session.of(b)
  local s = session or other
  if session and other and session ~= other then
    error("these nodes belong to two sessions", 3)
  end
  local function lifted(v, near)
    if type(v) == "string" then
      return checked(3, lift.read, s, v, { near }, like and near)
    elseif type(v) ~= "number" then
      error(string.format("%s of a node and a %s", what, type(v)), 4)
    elseif v == 0 and like then
      return checked(3, lift.number, s, v, near)
    end
    return checked(3, s.S.rational, s.S, v)
  end
  s.S:begin()
  return s, x or lifted(a, y), y or lifted(b, x)
end

local function same_shape(S, x, y, what)
  if S:rows(x) == S:rows(y) and S:cols(x) == S:cols(y) then
    return
  end
  local hint = ""
  local one = S:dim(1)
  local big = S:rows(x) == one and S:cols(x) == one and y or S:rows(y) == one and S:cols(y) == one and x
  if big then
    local r, c = S:dimtext(S:rows(big)), S:dimtext(S:cols(big))
    hint = string.format("; did you mean ones(%s,%s)%s?", r, c, r == c and " or I(" .. r .. ")" or "")
  end
  error(string.format("%s of %s and %s: the sizes must be equal%s", what, shapes.of(S, x), shapes.of(S, y), hint), 3)
end

local function joined(a, b)
  local s = Session.of(a) or Session.of(b)
  return s, Session.hints[a] or Session.hints[b]
end

local function give(a, b, id)
  local s, hint = joined(a, b)
  return s:wrap(id, hint)
end

local mt = {}

function mt.__add(a, b)
  local s, x, y = operands(a, b, "a sum", true)
  same_shape(s.S, x, y, "a sum")
  return give(a, b, checked(2, s.S.sum, s.S, { x, y }))
end

function mt.__sub(a, b)
  local s, x, y = operands(a, b, "a difference", true)
  same_shape(s.S, x, y, "a difference")
  return give(
    a,
    b,
    checked(2, function()
      return s.S:sum { x, s.S:neg(y) }
    end)
  )
end

function mt.__mul(a, b)
  local s, x, y = operands(a, b, "a product")
  return give(a, b, checked(2, s.S.product, s.S, { x, y }))
end

function mt.__div(a, b)
  local s, x, y = operands(a, b, "a quotient")
  return give(a, b, checked(2, s.S.div, s.S, x, y))
end

function mt.__pow(a, b)
  local s, x, y = operands(a, b, "a power")
  return give(a, b, checked(2, s.S.power, s.S, x, y))
end

function mt.__unm(a)
  local s, x = Session.of(a)
  s.S:begin()
  return s:wrap(checked(2, s.S.neg, s.S, x), Session.hints[a])
end

-- Printing is a piece of work of its own, with the session's limits of time.
local function printed(s, id, format, hint, opts)
  s.S:restart()
  return Session.try(s.printed, s, id, format, hint, opts)
end

-- tostring must give a string: in place of a text, why there is none.
function mt.__tostring(a)
  local s, x = Session.function_of(a)
  local text, err = printed(s, x, "text", Session.hints[a])
  return text or "<" .. err.message .. ">"
end

--- Texts are joined: `"f = " .. node`.
function mt.__concat(a, b)
  return tostring(a) .. tostring(b)
end

-- The entry of a node at one or two indices.
local function entry(s, id, ...)
  local S, indices = s.S, table.pack(...)
  S:begin()
  for k = 1, indices.n do
    local index = indices[k]
    local other, node = Session.of(index)
    if other and other ~= s then
      error("these nodes belong to two sessions", 3)
    elseif math.type(index) == "integer" then
      node = S:rational(index)
    elseif type(index) == "string" and index:match "^%a[%w_]*$" then
      s.scope.dims[index] = true
      node = S:dimnode(S:dim(index))
    end
    if not node or S:dimint(S:rows(node)) ~= 1 or S:dimint(S:cols(node)) ~= 1 then
      error("this node is no function; the indices of an entry are whole numbers, names and scalars", 3)
    end
    indices[k] = node
  end
  local row, column = S:dimint(S:rows(id)) == 1, S:dimint(S:cols(id)) == 1
  if indices.n ~= 2 and not (indices.n == 1 and row ~= column) then
    error(string.format("an entry has two indices, of a vector one; found %d", indices.n), 3)
  end
  local i, j = indices[1], indices[2] or S:rational(1)
  if not indices[2] and row then
    i, j = j, i
  end
  return s:wrap(checked(3, S.apply, S, S:operator_with "entry" or "entry", { id, i, j }))
end

-- An unknown function applied to its argument; an entry X(i,j) or x(i), at numbers, nodes or names of sizes.
function mt.__call(f, x, ...)
  local s, id = Session.function_of(f)
  if s.S:op(id) ~= "function" then
    return entry(s, id, x, ...)
  end
  local other, y = Session.of(x)
  if other ~= s then
    error("a function is applied to a node of its session", 2)
  end
  s.S:begin()
  return s:wrap(checked(2, s.S.call, s.S, id, y), Session.hints[x])
end

-- The parts that a user sees: terms with their coefficients, factors without a coefficient 1.
local function parts(s, id)
  local S = s.S
  local op, args = S:op(id), S:args(id)
  local out = {}
  if op == "sum" and select(2, S:op(id)) then
    for i = 1, #args, 2 do
      out[#out + 1] = S:product { args[i], args[i + 1] }
    end
    return out
  elseif op == "product" then
    local one = S:rational(1)
    for i, a in ipairs(args) do
      if i > 1 or a ~= one then
        out[#out + 1] = a
      end
    end
    return out
  elseif op == "I" then
    return { S:dimnode(S:rows(id)) }
  elseif op == "ones" or op == "zeros" then
    return { S:dimnode(S:rows(id)), S:dimnode(S:cols(id)) }
  end
  return args
end

function mt.__len(a)
  local s, id = Session.of(a)
  return #parts(s, id)
end

local methods = {}

--- The equation of this node and another, a text or a number: nabla.Equation.
function methods.eq(a, b)
  local e, err = Session.of(a):equation(a, b)
  if not e then
    error(err.message, 2)
  end
  return e
end

-- The text of a node, and its definitions where names are given to parts.
local function text_of(a, format, opts)
  local s, id = Session.of(a)
  if opts and opts.notation and not s.notations[opts.notation] then
    local known = table.concat(spelling.names(s.notations), ", ")
    error(("unknown notation '%s'; known: %s"):format(tostring(opts.notation), known), 2)
  end
  return printed(s, id, format or "text", Session.hints[a], opts)
end

--- The text of a node; `format` is "text", "unicode" or "latex"; `opts`: `notation`, a name; `parts`, true: parts that repeat have
-- names, `2*A'*r where r = A*x - b`, and no text is too large.
-- @treturn string|nil the text, or nil and the error where it is too large or the time is used up
function methods.text(a, format, opts)
  local text, err = text_of(a, format, opts)
  if not text then
    return nil, err
  end
  return text
end

--- A node with names for the parts that repeat.
-- @tparam[opt] string format text, unicode or latex
-- @tparam[opt] table opts `notation`
-- @treturn string the text of the node with the names
-- @treturn {table,...} the definitions, each with `name` and `text`; a name is used in later ones and in the text
function methods.parts(a, format, opts)
  local given = { parts = true }
  for key, value in pairs(opts or {}) do
    given[key] = value
  end
  local text, definitions, main = text_of(a, format, given)
  if not text then
    return nil, definitions
  end
  return main, definitions
end

--- The text in LaTeX; as `text` with the format "latex".
function methods.latex(a, opts)
  return methods.text(a, "latex", opts)
end

--- The text with mathematical characters; as `text` with the format "unicode".
function methods.unicode(a, opts)
  return methods.text(a, "unicode", opts)
end

--- Iterate over the node and all below it, each node once, parts before what they are part of.
function methods.walk(a)
  local s, id = Session.of(a)
  local order, i = s.S:postorder(id), 0
  local keep = a -- the ids live as long as a does
  return function()
    i = i + 1
    return keep and order[i] and s:wrap(order[i])
  end
end

--- A number's value as a Lua number; nil for other nodes.
function methods.value(a)
  local s, id = Session.of(a)
  if s.S:op(id) ~= "number" then
    return nil
  end
  local num, den = s.S:number(id)
  return den == "1" and (math.tointeger(tonumber(num)) or tonumber(num)) or tonumber(num) / tonumber(den)
end

--- The derivative of this node: session:diff(node, x).
function methods.diff(a, x, opts)
  return (Session.of(a)):diff(a, x, opts)
end

--- This node as a function in a programming language, with its derivatives by `opts.by` if that is given: session:code.
-- @tparam string target the language
-- @tparam[opt] table opts those of session:code, and `by`, a variable or its text
-- @treturn string the text, and the notes on what was assumed; or nil and the error
function methods.code(a, target, opts)
  local given, by = {}, opts and opts.by
  for key, value in pairs(opts or {}) do
    given[key] = key ~= "by" and value or nil
  end
  return (Session.of(a)):code(a, by, target, given)
end

local function parts_of(a)
  local s, id = Session.of(a)
  local list = {}
  for i, part in ipairs(parts(s, id)) do
    list[i] = s:wrap(part)
  end
  return list
end

for _, more in ipairs { expressions.of_nodes, picture.of_nodes(parts_of) } do
  for name, method in pairs(more) do
    methods[name] = method
  end
end

local fields = {}

-- The operator. A sum a + b is an "add", so that it is told from the function sum(x).
function fields.op(s, id)
  local op, own = s.S:op(id)
  return own and op == "sum" and "add" or op
end

function fields.name(s, id)
  return s.S:name(id)
end

function fields.T(s, id, a)
  s.S:begin()
  return s:wrap(s.S:transpose(id), Session.hints[a])
end

function fields.rows(s, id)
  return s.S:dimtext(s.S:rows(id))
end

function fields.cols(s, id)
  return s.S:dimtext(s.S:cols(id))
end

function fields.shape(s, id)
  return setmetatable({ fields.rows(s, id), fields.cols(s, id) }, Shape)
end

function fields.session(s)
  return s.front or s
end

function fields.size(s, _, a)
  return s:size(a)
end

function mt.__index(a, key)
  local method = methods[key]
  if method then
    return method
  end
  local s, id = Session.of(a)
  if math.type(key) == "integer" then
    local list = parts(s, id)
    return list[key] and s:wrap(list[key])
  end
  local field = fields[key]
  if field then
    return field(s, id, a)
  end
  return nil
end

-- An equation beside a node does the work: both its sides get the node.
for _, name in ipairs { "__add", "__sub", "__mul", "__div", "__pow" } do
  local own = mt[name]
  mt[name] = function(a, b)
    local other = type(b) == "table" and getmetatable(b)
    if other and other.__name == "nabla.Equation" then
      return other[name](a, b)
    end
    return own(a, b)
  end
end

mt.__name = "nabla.node"

local metatable = core.node_metatable()
for k, v in pairs(mt) do
  metatable[k] = v
end

--- Apply an operator of the session's rules to nodes: the functions of module nabla.
function M.apply(name, ...)
  local args, session = { ... }, nil
  for _, a in ipairs(args) do
    session = session or Session.of(a)
  end
  if not session then
    error(name .. " takes nodes", 3)
  end
  local op, list = overloads.operator(session, name, #args)
  if not op or op.gone then
    error("unknown function '" .. name .. "'", 3)
  end
  if #args ~= #op.params then
    error(
      string.format(
        "%s takes %d argument%s, found %d",
        name,
        #op.params,
        #op.params == 1 and "" or "s",
        #args
      ),
      3
    )
  end
  session.S:begin()
  local hint
  local near = {} -- what letters of texts are
  for _, a in ipairs(args) do
    near[#near + 1] = select(2, Session.of(a))
  end
  for i, a in ipairs(args) do
    local s, id = Session.of(a)
    if s and s ~= session then
      error("these nodes belong to two sessions", 3)
    end
    hint = hint or Session.hints[a]
    if op.params[i].operator and type(a) == "string" then
      id = session.S:opname(a)
    elseif not id then
      id = checked(3, lift.lift, session, a, { near = near })
    end
    args[i] = id
  end
  op = list and overloads.of_nodes(session, name, args) or op
  several.spread(session.S, op, args)
  return session:wrap(checked(3, session.S.apply, session.S, op.name, args), hint)
end

--- Entry by entry: A.*B.
function M.hadamard(...)
  local s
  local ids = {}
  for _, a in ipairs { ... } do
    s = s or Session.of(a)
  end
  if not s then
    error("hadamard takes at least one node", 3)
  end
  s.S:begin()
  for i, a in ipairs { ... } do
    ids[i] = checked(3, lift.lift, s, a, { near = ids, like = ids[1] })
  end
  return s:wrap(checked(3, s.S.hadamard, s.S, ids))
end

--- The sum (or matrix product) of a list of nodes, at once.
function M.fold(how, list)
  local s
  for _, a in ipairs(type(list) == "table" and list or {}) do
    s = s or Session.of(a)
  end
  if not s then
    error("a list of nodes was expected", 3)
  end
  s.S:begin()
  local ids = {}
  for i, a in ipairs(list) do
    ids[i] = checked(3, lift.lift, s, a, { near = ids, like = how == "sum" and ids[1] or nil })
  end
  return s:wrap(checked(3, s.S[how], s.S, ids))
end

return M
