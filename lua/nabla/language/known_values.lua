--- What a declaration says of a letter by the value of an operator: `vector x(n) random mean m covariance S`.
--
-- A rule file says which words an attribute may be followed by, and which operator each is about: `attribute random with mean =
-- expect`. The declaration then says that expect(x) is m, which is put in wherever a text is read. Where the operator of x is a sum
-- by its definition, Var(x) = expect(x*x') - expect(x)*expect(x)', its first term that is a mean is what becomes known.
--
-- @module nabla.language.known_values

local Context = require "nabla.language.context"
local core = require "nabla.core"
local errors = require "nabla.text.errors"
local later = require "nabla.text.later"
local scopes = require "nabla.language.scope"

local expectations = later.require "nabla.language.expectations"

local M = {}

local ONE = core.constants.one -- the dimension 1
local KIND = core.constants.kinds

local NONE = {} -- never filled

-- The words that may follow the attributes of a declaration: word -> what the rule file says of it; nil: there are none.
local function words_of(session, d)
  local words, list = nil, d.attributes or NONE
  for i = 1, #list do
    local a = list[i]
    local known = session.attributes[a.name]
    local with = known and known.with or NONE
    for k = 1, #with do
      words = words or {}
      words[with[k].word] = with[k]
    end
  end
  return words
end

local function has_expression(list)
  for i = 1, #list do
    if list[i].expression then
      return true
    end
  end
  return false
end

--- Take the words with their values out of the attributes of a declaration.
-- @param c what can `stop`
-- @tparam nabla.Declaration d
-- @treturn {table,...}|nil { word, operator, attributes, value, pos }; nil: there are none
function M.take(c, d)
  if d.known then -- taken before
    return d.known
  end
  local words = words_of(c.session, d)
  if not words and not has_expression(d.attributes or NONE) then
    return nil
  end
  words = words or NONE
  local kept, list, i = {}, {}, 1
  while d.attributes and d.attributes[i] do
    local a = d.attributes[i]
    local item, value = words[a.name], d.attributes[i + 1]
    if item and not value then
      c:stop(a.pos, ("the %s of %s is missing"):format(a.name, d.name), ("write %s m, or %s 0"):format(a.name, a.name))
    elseif item then
      local known =
        {
          word = item.word,
          operator = item.operator,
          attributes = item.attributes,
          value = not value.expression and value.name or nil,
          expression = value.expression,
          pos = value.pos,
        }
      list[#list + 1] = known
      i = i + 1
    elseif a.expression then
      c:stop(a.pos, "a value in brackets stands behind a word that says what it is", "write mean (2*m)")
    else
      kept[#kept + 1] = a
    end
    i = i + 1
  end
  if #list == 0 then
    return nil
  end
  d.attributes = kept
  return list
end

-- The node of a value that is an expression.
local function expression_node(declarations, scope, known, rows, cols)
  local place = { text = declarations.text, file = declarations.file, scope = scope, declares = true }
  local c = Context.new(declarations.session, place)
  local S, t = c.S, c:infer(known.expression)
  if not (c:unify(t.rows, rows) and c:unify(t.cols, cols)) then
    c:stop(known.pos, ("the %s is %s x %s, found %s"):format(
      known.word, S:dimtext(rows), S:dimtext(cols), c:shape_text(t)
    ))
  end
  c:settle(known.expression)
  local id = c:build(known.expression)
  local asked = rows == cols and rows ~= ONE and not c.session.statement_filter -- a session that takes part of the rules has no facts
  for _, name in ipairs(asked and known.attributes or {}) do
    if not S:property(name, id) then
      c:stop(known.pos, ("the %s is not known to be %s"):format(known.word, name))
    end
  end
  return id
end

-- The node of a value: 0, or a letter of the shape of the operator, which gets the attributes that the rule file says: a covariance is
-- symmetric.
local function value_node(c, scope, known, rows, cols)
  local S = c.S
  if known.value == "0" then
    return S:zeros(rows, cols)
  elseif known.expression then
    return expression_node(c, scope, known, rows, cols)
  end
  local var = scopes.lookup(scope, known.value)
  if var and var.func then
    c:stop(known.pos, ("the %s is a letter, found the function %s"):format(known.word, known.value))
  end
  local kind = cols == ONE and (rows == ONE and "scalar" or "vector") or "matrix"
  local bits = var and S:attributes(var.id) or 0
  for _, name in ipairs(kind == "matrix" and known.attributes or {}) do
    bits = bits | c.session.attributes[name].bits
  end
  if var and (bits == S:attributes(var.id) or var.family or S:rows(var.id) ~= rows or S:cols(var.id) ~= cols) then
    return var.id
  end
  local id = S:symbol(known.value, KIND[kind], bits, rows, cols)
  rawset(scope.vars, known.value, { name = known.value, kind = kind, rows = rows, cols = cols, id = id })
  return id
end

-- A known value of a node as one of an operator that is a mean: the node itself, or the term of a sum that is one.
local function solved(session, node, value)
  local S = session.S
  if S:op(node) ~= "sum" then
    return node, value
  end
  for _, term in ipairs(S:args(node)) do
    local name, builtin = S:op(term)
    if not builtin and session.ops[name] and session.ops[name].expectation then
      return term, S:sum { value, S:neg(node), term }
    end
  end
  return node, value
end

-- Where the mean of x*x' is known, that of x'*x is its trace. Nil for another mean.
local function inner_product(S, from, to, letter)
  local op, x = S:op(from), S:args(from)[1]
  local rows = x and S:op(x) == "product" and S:rows(x)
  if not rows or rows == ONE or rows ~= S:cols(x) then
    return nil
  end
  local inner = S:apply(op, { S:apply("tr", { x }) })
  local arg = S:op(inner) == op and S:args(inner)[1]
  return arg and S:op(arg) == "product" and { from = inner, to = S:apply("tr", { to }), letter = letter } or nil
end

--- What a declaration says of a letter.
-- @param c what can `stop`
-- @tparam table scope where it is declared; a value that nobody declared is, too
-- @tparam table var the variable
-- @tparam {table,...} list of @{take}
-- @treturn {table,...} { from = node, to = node }
function M.of(c, scope, var, list)
  local S, out = c.S, {}
  for _, known in ipairs(list) do
    local op = c.session.ops[known.operator]
    if var.func or var.family then
      c:stop(known.pos, ("the %s is known of a letter, not of a function or a family"):format(known.word))
    end
    local node = S:apply(op.number, { var.id })
    local rows, cols = S:rows(node), S:cols(node)
    local value = value_node(c, scope, known, rows, cols)
    if expectations.bits(c.session, value) ~= 0 then
      c:stop(known.pos, ("the %s of %s is random itself"):format(known.word, var.name))
    end
    if S:rows(value) ~= rows or S:cols(value) ~= cols then
      c:stop(known.pos, ("the %s of %s is %s x %s, found %s x %s"):format(
        known.word, var.name, S:dimtext(rows), S:dimtext(cols), S:dimtext(S:rows(value)), S:dimtext(S:cols(value))
      ))
    end
    local from, to = solved(c.session, M.put_in(c.session, node, out), value)
    out[#out + 1] = { from = from, to = to, letter = var.name }
    out[#out + 1] = inner_product(S, from, to, var.name)
  end
  return out
end

--- What a function gives, with other values known than those of the session.
-- @tparam table session
-- @tparam {table,...} list of @{of}
function M.during(session, list, f, ...)
  local before = session.known_values
  session.known_values = list
  local results = table.pack(errors.attempt(f, ...))
  session.known_values = before
  if not results[1] then
    error(results[2], 0)
  end
  return table.unpack(results, 2, results.n)
end

--- A node with the values of what is known put in.
-- @tparam table session
-- @tparam integer id
-- @tparam[opt] {table,...} list what is known; else of the session
-- @treturn integer
function M.put_in(session, id, list)
  list = list or session.known_values
  if not list or #list == 0 then
    return id
  end
  local from, to = {}, {}
  local S = session.S
  for _, known in ipairs(list) do
    from[#from + 1], to[#to + 1] = known.from, known.to
    local turned = S:transpose(known.from) -- the mean of x' is a node of its own
    if turned ~= known.from then
      from[#from + 1], to[#to + 1] = turned, S:transpose(known.to)
    end
  end
  return S:replace(id, from, to)
end

return M
