--- Families of letters: `vector x_i(n) for i = 1..N` declares the vectors x_1, .., x_N, of which x_k is a member.
--
-- A family is one symbol, a matrix of equal blocks, whose name ends with "_": x_. With one index the vectors x_1, .., x_N are its
-- columns, the matrices A_1, .., A_N are side by side, and scalars are below each other; with two indices r_ik is its block (i,k).
-- A member is the block, which the operator with the property `member` takes.
--
-- @module nabla.language.families

local core = require "nabla.core"
local greek = require "nabla.text.greek"
local later = require "nabla.text.later"
local numbering = require "nabla.evaluate.numbering"
local scopes = require "nabla.language.scope"

local trees = later.require "nabla.language.tree"

local M = {}

local ONE = core.constants.one -- the dimension 1

--- What a variable knows that is a family.
--
-- @table Family
-- @field indices how many indices a member has: 1 or 2
-- @field counts the members by row and by column of blocks: two sizes
-- @field first the first index: 0, where the symbol has the attribute `fromzero`; else nil. The block of an index 0 is the first
-- @field least the least index that a text may name; nil: the first
-- @field rows the rows of a member
-- @field cols

-- ---------------------------------------------------------------------------------------------- declarations

--- The letter of a declared family, x of x_i; stops where the indices of its name are not the letters behind `for`.
-- @param c what can `stop`
-- @tparam nabla.Declaration d
-- @treturn string
function M.base_of(c, d)
  local letters = {}
  for i, index in ipairs(d.indices) do
    letters[i] = index.name
  end
  local base = d.name:match "^(.+)_[^_]+$"
  local index = table.concat(letters)
  local wanted = base and { base .. "_" .. index, base .. "_" .. table.concat(letters, "_") } or {}
  if #letters > 2 then
    c:stop(d.indices[3].pos, "a family has one index or two, found " .. #letters)
  elseif #letters == 2 and letters[1] == letters[2] then
    c:stop(d.indices[2].pos, string.format("the index %s is there twice", letters[1]))
  end
  local two = #letters == 2 and d.name:match("^(.+)_" .. letters[1] .. "_" .. letters[2] .. "$")
  if not two and d.name ~= wanted[1] then
    local message = "the index of the family %s is not %s"
    c:stop(d.namepos, message:format(d.name, table.concat(letters, ",")), ("write %s_%s"):format(base or d.name, index))
  end
  return two or base
end

--- Stop where an index does not count from 1.
function M.check_first(c, index)
  if index.lo.tag ~= "number" or index.lo.text ~= "1" then
    local message = "the members of a family are numbered from 1, found %s"
    local hint = ("write %s = 1..%s"):format(index.name, trees.text(index.hi))
    c:stop(index.lo, message:format(trees.text(index.lo)), hint)
  end
end

-- The first value of an index, where it is a number.
local function first_of(index)
  local lo = index.lo
  return lo.tag == "number" and math.tointeger(tonumber(lo.text)) or nil
end

-- How many members there are by an index. A family that begins with 2 has an unused first member.
local function count_of(c, d, index)
  local first = first_of(index)
  if not first or first < 0 then
    c:stop(
      index.lo,
      ("the members of a family are numbered from a number on, such as 1 or 0, found %s"):format(trees.text(index.lo)),
      ("write %s = 1..%s"):format(index.name, trees.text(index.hi))
    )
  end
  local count = c:dimension(index.hi, true)
  count = first == 0 and c.S:dimadd(count, ONE) or count
  local v = c.S:dimint(count)
  if v and v < 1 then
    c:stop(index.hi, ("the family %s has %d members; it must have at least 1"):format(d.name, v))
  end
  return count
end

--- A declaration of a family: the name of the symbol, its rows and columns, and what the variable knows.
-- @param c the context
-- @tparam nabla.Declaration d one with indices
-- @param rows the rows of a member
-- @param cols
-- @treturn string the name
-- @return the rows of all together
-- @return the columns
-- @treturn Family
function M.of_declaration(c, d, rows, cols)
  if d.of then
    c:stop(d.ofpos or d.pos, "a family of unknown functions is not in the language")
  end
  local S, base, counts, first = c.S, M.base_of(c, d), {}, first_of(d.indices[1])
  for i, index in ipairs(d.indices) do
    counts[i] = count_of(c, d, index)
    if (first_of(index) == 0) ~= (first == 0) then
      c:stop(index.lo, "one index counts from 0 and the other does not", "let both count from 1")
    end
  end
  local indices = #counts
  if indices == 1 then
    counts = (rows == ONE and cols == ONE) and { counts[1], ONE } or { ONE, counts[1] }
  end
  local family = { indices = indices, counts = counts, rows = rows, cols = cols, base = base }
  family.first = first == 0 and 0 or nil
  family.least = first > 1 and first or nil
  return base .. "_", S:dimmul(counts[1], rows), S:dimmul(counts[2], cols), family
end

-- ---------------------------------------------------------------------------------------------- members

--- The family of a name such as x_, or nil.
function M.lookup(scope, name)
  local var = scopes.lookup(scope, name) or name:find "[\128-\255]" and scopes.lookup(scope, greek.spelled(name))
  return var and var.family and var or nil
end

-- An index is a number, a letter, perhaps with digits, or a name that is known: x_max is a name of its own.
local function index_tree(scope, text, pos)
  if text:find "^%d+$" then
    return { tag = "number", text = text, pos = pos }
  end
  local letter = text:find "^[%a\128-\255][\128-\191]*%d*$"
  local known = letter or scopes.lookup(scope, text) or scopes.is_dimension(scope, text)
  return known and { tag = "name", name = text, pos = pos } or nil
end

-- The ways to take an index text apart: into one or two.
local function parts_of(text, count)
  if count == 1 then
    return { text }
  end
  local first, second = text:match "^([^_]+)_([^_]+)$"
  if not first then
    first, second = text:match "^(%a)(%w)$"
    if not first then
      first, second = text:match "^(%d)(%w)$"
    end
  end
  return first and { first, second } or { text }
end

--- The member that a name means: its family, and its indices as trees; nil where it means none.
-- @param scope
-- @tparam string name such as x_i or r_ik
-- @tparam integer pos where it is
function M.member(scope, name, pos)
  for at in name:gmatch "()_" do
    local var = at > 1 and at < #name and M.lookup(scope, name:sub(1, at))
    local parts = var and parts_of(name:sub(at + 1), var.family.indices)
    local list = {}
    for i, text in ipairs(parts or {}) do
      list[i] = index_tree(scope, text, pos)
    end
    if parts and #list == #parts then
      return var, list
    end
  end
end

--- The sizes of an undeclared family, once they are known.
-- @param c the context that has found them
-- @tparam ?Family family
function M.resolve(c, family)
  for k, count in ipairs(family and family.counts or {}) do
    family.counts[k] = c:resolve(count)
  end
  if family then
    family.rows, family.cols = c:resolve(family.rows), c:resolve(family.cols)
  end
end

--- The nodes of the arguments of a member, behind those of the family and the indices.
function M.sizes(S, family)
  return S:dimnode(family.counts[1]), S:dimnode(family.counts[2]), S:dimnode(family.rows), S:dimnode(family.cols)
end

--- The member of a family at some indices.
-- @param S the store
-- @tparam table var a family
-- @tparam {integer,...} indices one or two nodes
-- @treturn integer the node
function M.node(S, var, indices)
  local family, one = var.family, S:rational(1)
  local i, j = indices[1], indices[2]
  if family.first == 0 then
    i, j = S:sum { i, one }, j and S:sum { j, one }
  end
  if not j then
    i, j = one, i
    if family.counts[2] == ONE and family.rows == ONE and family.cols == ONE then
      i, j = j, one
    end
  end
  return S:apply(S:operator_with "member" or "member", { var.id, i, j, M.sizes(S, family) })
end

--- The bits of a family that is numbered from 0, and 0 of others.
function M.bits(session, family)
  return family and family.first == 0 and session.attributes[numbering.ZERO].bits or 0
end

--- The family that a node is a member of, as a variable of a scope; nil where it is no member of a symbol.
-- @param S the store
-- @tparam integer id
-- @treturn ?table
function M.of_node(S, id)
  local args = S:op(id) == S:operator_with "member" and S:args(id)
  if not args or S:op(args[1]) ~= "symbol" or not S:operator_with "unit_matrix" then
    return nil
  end
  local x, one = args[1], S:rational(1)
  local unit = S:apply(S:operator_with "unit_matrix", { one, one, args[4], args[5] })
  local counts = { S:rows(unit), S:cols(unit) }
  local family = { indices = 1, counts = counts, rows = S:rows(id), cols = S:cols(id) }
  local single = args[2] == one and counts[1] == ONE or args[3] == one and counts[2] == ONE
  family.indices = single and 1 or 2
  family.first = numbering.is_from_zero(S, x) and 0 or nil
  return { name = S:name(x), id = x, kind = S:kind(x), rows = S:rows(x), cols = S:cols(x), family = family }
end

--- Put the families that an expression has members of into a scope.
function M.add_known(S, id, scope)
  local member = S:operator_with "member"
  for _, node in ipairs(member and S:postorder(id) or {}) do
    local var = S:op(node) == member and M.of_node(S, node)
    local known = scope.vars[var and var.name]
    if var and not (known and known.family) then
      scope.vars[var.name] = var
    end
  end
end

--- Is a tree a member of a family of a scope: x_k, or x_(k+1)?
function M.is_member(scope, ast)
  if ast.tag == "call" then
    return M.lookup(scope, ast.name) ~= nil
  end
  return ast.tag == "name" and not scopes.lookup(scope, ast.name) and M.member(scope, ast.name, 1) ~= nil
end

return M
