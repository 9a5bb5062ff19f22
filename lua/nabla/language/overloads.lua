--- Which operator a call means, where several share a name.
--
-- An operator may be `also` called by the name of another (`also "max"`), and rule files may declare a name twice, for arguments of
-- other numbers or shapes: `norm` of a vector and of a matrix. Each has a name of its own in the engine; `session.shared_names` lists
-- them by the name that they share. The number of arguments decides, then their shapes: of the operators that fit for certain the
-- most special one is meant, that with more sizes that are 1 or a number, then that with more sizes that must be equal. Where sizes
-- that nobody knows yet leave it open, the most general one is.
--
-- @module nabla.language.overloads

local core = require "nabla.core"

local M = {}

local ONE = core.constants.one -- the dimension 1

-- A parameter that has a shape of its own: no size, no index, no name of an operator.
local function has_shape(p)
  return p.rows and not (p.index or p.dimension or p.operator)
end

-- What tells two signatures apart: the sizes of each parameter, names by their first places.
local function key(S, op)
  local places, count, parts = {}, 0, {}
  for i, p in ipairs(op.params) do
    local sizes = {}
    for k, d in ipairs(has_shape(p) and { p.rows, p.cols } or {}) do
      local name = S:dimname(d)
      if name and not places[name] then
        count = count + 1
        places[name] = "#" .. count
      end
      sizes[k] = name and places[name] or S:dimtext(d)
    end
    parts[i] = has_shape(p) and table.concat(sizes, "x") or p.dimension and "size" or p.index and "index" or "any"
  end
  return table.concat(parts, ",")
end

-- How special a signature is: sizes that are given, and sizes that must be equal; what is doubtful counts against it.
local function rank(S, op, answer)
  local given, equal, seen = 0, 0, {}
  for _, p in ipairs(op.params) do
    for _, d in ipairs(has_shape(p) and { p.rows, p.cols } or {}) do
      local name = S:dimname(d)
      given = given + (name and 0 or 1)
      equal = equal + (name and seen[name] and 1 or 0)
      seen[name or false] = true
    end
  end
  return (answer > 1 and given or -given) * 100 + (answer > 2 and equal or -equal)
end

--- The name of an operator in the engine, where it shares its own: the count-th of that name.
function M.inner_name(name, count)
  return name .. "__" .. count
end

--- The name that an operator is called by.
-- @tparam string name as the engine has it
function M.shown(name)
  return (name:gsub("__%d+$", ""))
end

--- The operators that share a name.
-- @tparam table session
-- @tparam string name
-- @treturn {table,...} that of the name itself first
function M.all(session, name)
  local list = { session.ops[name] }
  if list[1] and list[1].gone then
    list[1] = nil
  end
  for _, other in ipairs(session.shared_names[name] or {}) do
    local op = session.ops[other]
    list[#list + 1] = op and not op.gone and op or nil
  end
  return list
end

--- Can a call be told from calls of the operators that have the name already?
-- @treturn ?table the operator that it cannot be told from
function M.clash(session, name, op)
  local own = key(session.S, op)
  for _, other in ipairs(M.all(session, name)) do
    if #other.params == #op.params and (other.standard or key(session.S, other) == own) then
      return other
    end
  end
end

--- Let an operator share a name.
function M.share(session, name, op)
  local shared, list = {}, {}
  for other, names in pairs(session.shared_names) do
    shared[other] = names
  end
  for _, other in ipairs(shared[name] or {}) do
    list[#list + 1] = other ~= op.name and other or nil
  end
  list[#list + 1] = op.name
  shared[name] = list
  session.shared_names = shared
end

--- The operator that a call means by the number of its arguments.
-- @tparam table session
-- @tparam string name
-- @tparam integer count the number of arguments
-- @treturn ?table the operator; where none fits the one of the name, or one that is also called so
-- @treturn ?{table,...} all that take so many arguments, if there are several: the shapes decide (@{choose})
function M.operator(session, name, count)
  local shared, own = session.shared_names[name], session.ops[name]
  if not shared then
    return own
  end
  local list = M.all(session, name)
  local fitting = {}
  for _, op in ipairs(list) do
    fitting[#fitting + 1] = #op.params == count and op or nil
  end
  return fitting[1] or own or list[1], fitting[2] and fitting or nil
end

-- How well sizes fit those of an operator: 3 for certain, 2 where sizes that nobody knows yet must be equal, 1 where such a size
-- must be 1 or a number; nil: not at all.
local function fit(S, op, shape_of, same)
  local sizes, answer = {}, 3
  for i, p in ipairs(op.params) do
    local found = has_shape(p) and { shape_of(i) }
    for k, d in ipairs(found and { p.rows, p.cols } or {}) do
      local name = S:dimname(d)
      local number = not name and math.tointeger(tonumber(S:dimtext(d)))
      local equal, doubt = nil, name and 2 or 1
      if name and sizes[name] == nil then
        sizes[name], equal = found[k], true
      elseif name then
        equal = same(found[k], sizes[name])
      elseif number then
        equal = same(found[k], number, true)
      end
      if equal == false then
        return nil
      elseif not equal then
        answer = math.min(answer, doubt)
      end
    end
  end
  return answer
end

--- Of several operators the one that shapes mean.
-- @tparam table session
-- @tparam {table,...} list as @{operator} gives them
-- @tparam func shape_of the rows and columns of the i-th argument
-- @tparam func same are two sizes equal (the second is a whole number, if the third argument is true)? nil: perhaps
-- @treturn table the operator; the first one where none fits
-- @treturn boolean does it fit?
function M.choose(session, list, shape_of, same)
  local S, best, best_answer, best_rank = session.S, nil, 0, nil
  for _, op in ipairs(list) do
    local answer = fit(S, op, shape_of, same)
    local own = answer and rank(S, op, answer)
    if own and (answer > best_answer or answer == best_answer and own > best_rank) then
      best, best_answer, best_rank = op, answer, own
    end
  end
  return best or list[1], best ~= nil
end

--- The operator that a call on nodes means: one shared by several names by the shapes of the nodes.
function M.of_nodes(session, name, ids)
  local op, list = M.operator(session, name, #ids)
  if not list then
    return op
  end
  local S = session.S
  return M.choose(session, list, function(i)
    return S:rows(ids[i]), S:cols(ids[i])
  end, function(a, b, is_number)
    return a == (is_number and S:dim(b) or b)
  end)
end

--- The signatures of operators, for messages: norm(x(n)), norm(A(m,n)).
function M.signatures(session, name, list)
  local S, out = session.S, {}
  for i, op in ipairs(list) do
    local params = {}
    for k, p in ipairs(op.params) do
      local cols = has_shape(p) and p.cols ~= ONE and "," .. S:dimtext(p.cols) or ""
      local scalar = has_shape(p) and p.rows == ONE and p.cols == ONE
      params[k] = scalar and "scalar " .. p.name
        or has_shape(p) and string.format("%s(%s%s)", p.name, S:dimtext(p.rows), cols)
        or p.name
    end
    out[i] = string.format("%s(%s)", name, table.concat(params, ", "))
  end
  return table.concat(out, ", ")
end

return M
