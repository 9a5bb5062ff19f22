--- The types of members of families: x_i, r_ik, x_(i+1).
--
-- @module nabla.language.members

local core = require "nabla.core"
local families = require "nabla.language.families"
local later = require "nabla.text.later"
local scopes = require "nabla.language.scope"
local spelling = require "nabla.text.spelling"

local trees = later.require "nabla.language.tree"

local M = {}

local lookup, is_dimension = scopes.lookup, scopes.is_dimension

local ONE = core.constants.one -- the dimension 1

-- How many members there are, as a text.
local function many(S, family)
  local first, second = S:dimtext(family.counts[1]), S:dimtext(family.counts[2])
  return family.indices == 2 and first .. " x " .. second or family.counts[1] == ONE and second or first
end

--- Refuse the letter of a family without its index, where it is no letter of its own.
function M.refuse_bare(c, ast, name)
  local var = not c.page and families.lookup(c.scope, name .. "_")
  if var then
    local message = "%s is a family of %s: a member is written %s_%s"
    local index = var.family.indices == 2 and "ik" or "i"
    local hint = "declare " .. name .. " if it is a letter of its own; all together are the matrix " .. var.name
    c:refuse(ast, message:format(name, many(c.S, var.family), name, index), hint)
  end
end

--- The type of a family as one matrix, such as x_. What is declared of its members does not hold of that.
function M.whole(c, ast, var)
  for _, name in ipairs(spelling.names(c.session.square_attributes)) do
    if c.S:property(name, var.id) then
      c:refuse(
        ast, ("%s are matrices that are %s: together they are no matrix of that kind"):format(var.name, name),
        ("a member is written %s%s"):format(var.name, var.family.indices == 2 and "ik" or "i")
      )
    end
  end
  return var
end

--- A family that nobody declared, of which a page has a member; its sizes are to be found.
-- @param c the context
-- @param ast the member: a call of the name of the family with `member`, the kind; `first`: 0 where the members count from 0
-- @treturn table the variable
function M.undeclared(c, ast)
  local kind, count = ast.member, #ast.args
  local rows = kind == "scalar" and ONE or c:unknown(true)
  local cols = kind == "matrix" and c:unknown(true) or ONE
  local first = (count == 2 or kind == "scalar") and c:unknown(true) or ONE
  local second = (count == 2 or kind ~= "scalar") and c:unknown(true) or ONE
  local family = { indices = count, counts = { first, second }, rows = rows, cols = cols, first = ast.first }
  local var = {
    name = ast.name,
    kind = kind == "column" and "vector" or kind,
    pos = ast.pos,
    rows = c.S:dimmul(first, rows),
    cols = c.S:dimmul(second, cols),
    undeclared = true,
    family = family,
  }
  local scope = c.scope
  while scope.counts do
    scope = scope.outer
  end
  scope.vars[ast.name] = var
  c.letters[#c.letters + 1] = var
  return var
end

--- The last value of a counter as a size, where it is a size, a number or a sum of such; or nil.
function M.last_value(c, hi)
  local S = c.S
  if hi.tag == "name" then
    return is_dimension(c.scope, hi.name) and not lookup(c.scope, hi.name) and S:dim(hi.name) or nil
  elseif hi.tag == "number" then
    local v = math.tointeger(tonumber(hi.text))
    return v and S:dim(v)
  elseif hi.tag ~= "sum" then
    return nil
  end
  local sum = S:dim(0)
  for i, arg in ipairs(hi.args) do
    local d = M.last_value(c, arg)
    sum = d and sum and S:dimadd(sum, S:dimmul(S:dim(hi.signs[i]), d))
  end
  return sum
end

--- The counter of a counted sum, as a variable of the scope of its body.
-- @param c the context, in the scope around
-- @param ast the sum
-- @treturn table also `last` (the size that it counts up to), `highest` (its last value as a size), `shadows` (of a sum around it)
function M.counter(c, ast)
  local around = lookup(c.scope, ast.var)
  local to_size = ast.lo.text == "1" and ast.hi.tag == "name" and is_dimension(c.scope, ast.hi.name)
  return {
    id = c.S:symbol(ast.var, core.constants.kinds.counter, 0, ONE, ONE),
    rows = ONE,
    cols = ONE,
    kind = "scalar",
    counter = true,
    shadows = around and around.counter,
    last = c.habit and to_size and c.S:dim(ast.hi.name) or nil, -- of what is indexed by it, if nothing else says one
    highest = c.habit and M.last_value(c, ast.hi) or nil,
  }
end

-- How many members there are by the k-th index that is written.
local function count_of(family, k)
  local only_across = family.indices == 1 and family.counts[1] == ONE
  return family.counts[only_across and 2 or k]
end

-- An index that counts up to some size says how many members there are, if nothing else does.
local function note_span(c, family, count, index)
  local shift, name = 0, index
  if index.tag == "sum" and #index.args == 2 and index.args[2].tag == "number" then
    name, shift = index.args[1], index.signs[2] * (math.tointeger(tonumber(index.args[2].text)) or 0)
  end
  local counter = name.tag == "name" and lookup(c.scope, name.name)
  if not (counter and counter.highest) or not c:unknown_name(c:resolve(count)) then
    return
  end
  local S, last = c.S, counter.highest
  shift = family.first == 0 and shift + 1 or shift
  last = shift == 0 and last or S:dimadd(last, S:dim(shift))
  family.spans = family.spans or {}
  local before = family.spans[count]
  local more = before and S:dimint(S:dimadd(last, S:dimmul(S:dim(-1), before)))
  family.spans[count] = (not before or more and more > 0) and last or before
end

-- Stop at a number that is the index of no member.
local function check_number(c, var, count, index)
  local v, last = math.tointeger(tonumber(index.text)), count
  local least = var.family.first or var.family.least or 1
  if var.family.first == 0 then
    last = c.S:dimadd(count, c.S:dim(-1))
  end
  local most = c.S:dimint(last)
  if not v or v < least or most and v > most then
    c:refuse(index, ("%s has the members %d to %s, found %s"):format(var.name, least, c.S:dimtext(last), index.text))
  end
end

--- The type of a member of a family.
-- @param c the context
-- @param ast the tree
-- @tparam table var the family
-- @tparam {table,...} indices trees
-- @tparam function infer_index the pass over an index
-- @treturn table rows, cols, means = "member", family, indices
function M.infer(c, ast, var, indices, infer_index)
  local family = var.family
  if not family then
    c:refuse(ast, ("%s is no family, it has no members"):format(var.name))
  end
  if #indices ~= family.indices then
    local message = "a member of %s has %s, found %d"
    local wanted = family.indices == 1 and "one index" or "two indices"
    c:refuse(ast, message:format(var.name, wanted, #indices), var.name .. (family.indices == 1 and "i" or "ik"))
  end
  for k, index in ipairs(indices) do
    if index.tag == "name" and c.habit and not c:knows(index.name) then
      c.user_sizes[index.name] = true
    end
    for _, leaf in ipairs(c.page and {} or trees.leaves(index)) do
      local counter = lookup(c.scope, leaf.name)
      if counter and counter.shadows then
        local message = "the index %s is that of two sums, one in the other"
        c:refuse(ast, message:format(leaf.name), "choose another letter for one of them")
      end
    end
    infer_index(c, index)
    local count = count_of(family, k)
    if var.undeclared then
      note_span(c, family, count, index)
    end
    if index.tag == "number" then
      check_number(c, var, count, index)
    end
  end
  return { means = "member", rows = family.rows, cols = family.cols, family = var, indices = indices }
end

return M
