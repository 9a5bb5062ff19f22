--- What a script does with expressions besides differentiating them: substitution, parts, patterns.
--
-- Each operation is a method of nodes, which raises what is wrong at the caller's line, and a method of sessions that takes a
-- node or a text and gives nil and the error. The work on ids is in nabla.algebra.
--
-- @module nabla.session.expressions

local handles = require "nabla.session.handles"
local later = require "nabla.text.later"

local lift = later.require "nabla.session.lift"
local named_parts = later.require "nabla.calculus.named_parts"
local shapes = later.require "nabla.text.shape"

-- Operations that few programs ask for.
local collect = later.require "nabla.algebra.collect"
local linear_part = later.require "nabla.algebra.linear_part"
local quadratic = later.require "nabla.algebra.quadratic"
local subst = later.require "nabla.algebra.subst"

local M = {}


-- Each operation gets the session, the id of the node, what is remembered of its text, and the arguments of the call.
local operations = {}

-- ---------------------------------------------------------------------------------------------- substitution

-- A pair of what is sought and what is put in its place, as ids.
local function pair(session, id, from, to)
  local S = session.S
  local x = lift.lift(session, from, { near = { id } })
  local y = lift.lift(session, to, { near = { id, x }, like = x })
  if S:rows(x) ~= S:rows(y) or S:cols(x) ~= S:cols(y) then
    local names = { session:text(x), session:text(y) }
    local hint = S:rows(x) == S:cols(y) and S:cols(x) == S:rows(y) and "; did you mean its transpose?" or ""
    lift.stop("%s is %s and %s is %s%s", names[1], shapes.of(S, x), names[2], shapes.of(S, y), hint)
  end
  local op, own = S:op(x)
  if own and (op == "number" or op == "zeros") then
    lift.stop("an expression is replaced, not the number %s", session:text(x))
  elseif own and op == "symbol" and S:kind(x) == "dimension" then
    lift.stop("%s is a size: matrices have it, so it cannot be replaced", S:name(x))
  end
  return { x, y }
end

-- The pairs that the arguments of subst and replace say.
local function pairs_of(session, id, from, to)
  if type(from) ~= "table" then
    if from == nil or to == nil then
      lift.stop "what is sought and what is put in its place were expected"
    end
    return { pair(session, id, from, to) }
  elseif to ~= nil then
    lift.stop "a table of what is sought and what is put in its place is the only argument"
  elseif from.left ~= nil and from.right ~= nil then
    return { pair(session, id, from.left, from.right) }
  end
  local list = {}
  for x, y in pairs(from) do
    list[#list + 1] = pair(session, id, x, y)
  end
  table.sort(list, function(a, b)
    return a[1] < b[1]
  end)
  for i = 2, #list do
    if list[i][1] == list[i - 1][1] and list[i][2] ~= list[i - 1][2] then
      lift.stop("%s is to be replaced in two ways", session:text(list[i][1]))
    end
  end
  return list
end

--- Substitute: what is sought is found inside products, sums, powers and traces, up to sign, and transposed.
--
--     n:subst(A*x - b, r)            2*A'*(A*x - b) gives 2*A'*r
--     n:subst { [a] = b, [b] = a }   all at once
--     n:subst(e)                     for an equation e: its left side becomes its right side
--
-- @function node:subst
-- @param from a node, a text, an equation, or a table of pairs
-- @param[opt] to a node, a text or a number of the same shape; 0 is zeros
-- @return the node, and how often something was replaced
function operations.subst(session, id, hint, from, to)
  local result, count = subst.subst(session.S, id, pairs_of(session, id, from, to))
  return session:wrap(result, hint), count
end

--- The node with every part that is exactly `from` replaced by `to`, and how often that was; the arguments are those of subst.
-- @function node:replace
function operations.replace(session, id, hint, from, to)
  local x, y = {}, {}
  for i, p in ipairs(pairs_of(session, id, from, to)) do
    x[i], y[i] = p[1], p[2]
  end
  local result, count = subst.replace(session.S, id, x, y)
  return session:wrap(result, hint), count
end

-- ---------------------------------------------------------------------------------------------- forms

--- The textbook form: facts used, common factors collected. See nabla.Session:simplify.
-- @function node:simplify
function operations.simplify(session, id, hint)
  return session:wrap(session.S:textbook(id), hint)
end

--- The node with products, linear operators and counted sums distributed over sums.
-- @function node:expand
function operations.expand(session, id, hint)
  return session:wrap(session.S:expand(id), hint)
end

-- The id of a variable; `near`: the node in which its name is looked for.
local function variable_of(session, x, near)
  local S = session.S
  local id = lift.lift(session, x, { near = { near }, what = "a variable or its name" })
  if S:op(id) ~= "symbol" or S:kind(id) == "dimension" or S:kind(id) == "counter" then
    lift.stop("a variable was expected, found %s", session:text(id))
  end
  return id
end

local function side_of(side)
  if side ~= nil and side ~= "left" and side ~= "right" then
    lift.stop("the side is 'left' or 'right', found %s", type(side) == "string" and "'" .. side .. "'" or type(side))
  end
  return side
end

--- Collect a variable: `A*x + B*x` gives `(A + B)*x`, and `x'*A*x + x'*B*x` gives `x'*(A + B)*x`. Products that hold it
-- are opened.
-- @function node:collect
-- @param x a variable or its name
-- @tparam[opt] string side "right": what follows is alike, from x on; "left": what goes before, up to x; without it, what
-- gives fewer terms
-- @return the node
function operations.collect(session, id, hint, x, side)
  local v = variable_of(session, x, id)
  local whole = named_parts.unfolded(session, id, v)
  return session:wrap(collect.collect(session.S, whole, v, side_of(side)), hint)
end

--- Put a factor outside, on a side: `P - K*H*P` by P on the right gives `(I(n) - K*H)*P`. Terms without it stay.
-- @function node:factor
-- @param factor a node or a text
-- @tparam[opt] string side "left" or "right"; without it, the right, or the left where more terms have the factor there
-- @return the node, and how many terms have the factor
function operations.factor(session, id, hint, factor, side)
  local f = lift.lift(session, factor, { near = { id } })
  side = side_of(side)
  local result, count = collect.factor(session.S, id, f, side or "right")
  if not side then
    local other, more = collect.factor(session.S, id, f, "left")
    if more > count then
      result, count = other, more
    end
  end
  return session:wrap(result, hint), count
end

--- The linear part in a variable.
--
-- The terms are a list of tables: `left` and `right` (nodes), `transposed` (true: it is left*x'*right), `trace` (the name of
-- the operator, if the term is a trace of that product).
-- @function node:linear
-- @param x a variable or its name
-- @return the list of terms and the rest, a node; or nil and the reason why the node is not linear in x
function operations.linear(session, id, _, x)
  local v = variable_of(session, x, id)
  local terms, rest = linear_part.of(session.S, named_parts.unfolded(session, id, v), v)
  if not terms then
    return nil, rest
  end
  for _, term in ipairs(terms) do
    term.left, term.right = session:wrap(term.left), session:wrap(term.right)
  end
  return terms, session:wrap(rest)
end

-- The form of a node that is quadratic, compared with the node; or nil and the reason.
local function form_of(session, id, x)
  local form, reason = quadratic.of(session, id, x)
  if not form then
    return nil, reason
  end
  local value = quadratic.value(session.S, form, x)
  if not session:same(id, value) then
    local keep = { session:wrap(id), session:wrap(value) }
    local answer = session:equal(keep[1], keep[2])
    if answer ~= "yes" then
      return nil, ("not seen to be quadratic in %s"):format(session.S:name(x))
    end
  end
  return form
end

--- The quadratic form in a variable: M, c, r with the node equal to `x'*M*x + c'*x + r`, and M symmetric.
-- @function node:quadratic
-- @param x a scalar or a column, or its name
-- @return three nodes; or nil and the reason why the node is not quadratic in x
function operations.quadratic(session, id, _, x)
  local form, reason = form_of(session, id, variable_of(session, x, id))
  if not form then
    return nil, reason
  end
  return session:wrap(form.matrix), session:wrap(form.linear), session:wrap(form.rest)
end

--- Complete the square: the node as `(x - x0)'*M*(x - x0) + r`.
--
-- The second result tells `centre` (x0), `rest` (r), `matrix` (M) and `needs`, a list of facts that the step uses: { property
-- = "invertible", node = M, known = true if the session proves it }.
-- @function node:square
-- @param x a scalar or a column, or its name
-- @return the node and a table; or nil and the reason why the node is not quadratic in x
function operations.square(session, id, _, x)
  local v = variable_of(session, x, id)
  local form, reason = form_of(session, id, v)
  if not form then
    return nil, reason
  end
  local result, square = quadratic.square(session, form, v)
  for _, need in ipairs(square.needs) do
    need.node = session:wrap(need.node)
  end
  for _, key in ipairs { "centre", "rest", "matrix" } do
    square[key] = session:wrap(square[key])
  end
  return session:wrap(result), square
end

-- ---------------------------------------------------------------------------------------------- constants

-- A constant matrix by the texts, numbers or nodes that are its sizes.
local function constant(name, least, most)
  return function(session, ...)
    local sizes = table.pack(...)
    if sizes.n < least or sizes.n > most then
      error(("%s takes %s"):format(name, most == 1 and "a size" or "one or two sizes"), 2)
    end
    for i = 1, sizes.n do
      local size = sizes[i]
      if type(size) ~= "string" and math.type(size) ~= "integer" and not handles.of(size) then
        error(("a size is a text or a whole number, found %s"):format(tostring(size)), 2)
      end
      sizes[i] = tostring(size)
    end
    local node, err = session:parse(name .. "(" .. table.concat(sizes, ", ") .. ")")
    if node then
      return node
    end
    return nil, err
  end
end

--- Methods of sessions only.
M.of_sessions = {
  --- The identity matrix: `s:I "n"`, `s:I(3)`.
  I = constant("I", 1, 1),
  --- A matrix of zeros, `s:zeros("m", "n")`, or a column.
  zeros = constant("zeros", 1, 2),
  --- A matrix of ones, or a column.
  ones = constant("ones", 1, 2),
}

-- ---------------------------------------------------------------------------------------------- methods

-- Sessions have these in other files, with options.
local of_nodes_only = { simplify = true, expand = true }

-- The results of a pcall, or the error, raised at a level.
local function raised(level, done, first, ...)
  if done then
    return first, ...
  end
  error(handles.words(first), level + 1)
end

--- The operations as methods of nodes.
M.of_nodes = {}

-- Those of modules that are loaded by the first call.
local LATER = {
  {
    later.require "nabla.session.rewriting",
    operations = { "match", "find", "apply", "applicable" },
    of_sessions = { "pattern" },
  },
  {
    later.require "nabla.session.naming",
    operations = { "fold", "unfold" },
    of_sessions = { "let", "assume", "retract" },
  },
}
for _, entry in ipairs(LATER) do
  local module = entry[1]
  for _, name in ipairs(entry.operations) do
    operations[name] = function(...)
      return module.operations[name](...)
    end
  end
  for _, name in ipairs(entry.of_sessions) do
    M.of_sessions[name] = function(...)
      return module.of_sessions[name](...)
    end
  end
end

for name, operation in pairs(operations) do
  M.of_nodes[name] = function(a, ...)
    local session, id = handles.of(a)
    if not id then
      error(name .. " is a method of nodes: node:" .. name .. "(..)", 2)
    end
    session.S:begin()
    return raised(2, pcall(operation, session, id, handles.hints[a] or handles.NOTHING, ...))
  end
  M.of_sessions[name] = not of_nodes_only[name] and function(session, f, ...)
    session.S:begin()
    return handles.try(function(...)
      local id, hint = lift.lift(session, f)
      return operation(session, id, hint or handles.NOTHING, ...)
    end, ...)
  end or nil
end

return M
