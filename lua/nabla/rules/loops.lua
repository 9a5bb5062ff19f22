--- The loops of rule files: a statement such as `rule for f in sin cos ..` is one statement for each value.
--
-- A value may be a property of operators: `rule for f in elementwise ..` has a round for each operator that has the
-- property. The session keeps such a statement (`keep`) and gives it another round for each operator that is defined later
-- (`repeat_for_new`). A condition such as `odd(f)` asks for a property of the operator that a loop variable stands for; where it
-- does not hold there is no round.
--
-- Trees are never changed: a round has copies of those in which a loop variable occurs, as far as they change, and
-- shares the rest with the statement and the other rounds.
--
-- @module nabla.rules.loops

local errors = require "nabla.text.errors"
local loaders = require "nabla.rules.loader"
local paths = require "nabla.rules.paths"
local properties = require "nabla.rules.properties"
local trees = require "nabla.language.tree"

local M = {}

local NONE = {}

-- The trees of a statement in which a loop variable may occur, besides those of its conditions.
local TREES = { "lhs", "rhs", "pattern", "arg", "forms" }
local IS_TREE = {}
for _, key in ipairs(TREES) do
  IS_TREE[key] = true
end

-- ---------------------------------------------------------------------------------------------- values

-- The property that a value of a loop names, if it does: an operator of that name goes first.
local function property_of(session, loop, values)
  local word = #loop.vars == 1 and values[1]
  return word and properties.known[word] and not session.ops[word] and word or nil
end

--- A property of which a statement has a loop over the operators, or nil.
function M.property(session, statement)
  for _, loop in ipairs(statement.loops or {}) do
    for _, values in ipairs(loop.values) do
      local property = property_of(session, loop, values)
      if property then
        return property
      end
    end
  end
end

-- How many arguments the calls of a name have in a statement; nil where it is not called.
local function arity(statement, name)
  local found
  for _, key in ipairs(TREES) do
    trees.walk(statement[key], function(t)
      if t.tag == "call" and t.name == name then
        found = found or #t.args
      end
    end)
  end
  return found
end

-- The values of a loop: a list of { value of the first variable, .., over = the operator of a property }. `newer`: only operators
-- whose number is higher.
local function values_of(session, statement, loop, newer)
  local list = {}
  for _, values in ipairs(loop.values) do
    local property = property_of(session, loop, values)
    if property then
      local count = arity(statement, loop.vars[1])
      for _, op in ipairs(properties.operators(session, property, newer)) do
        if not count or count == #op.params then
          list[#list + 1] = { op.name, over = op }
        end
      end
    else
      list[#list + 1] = values
    end
  end
  return list
end

-- ---------------------------------------------------------------------------------------------- rounds

-- What the names of a statement's loops stand for: a list of { map =, over = the names of the operators that properties have
-- brought in or false, newest = the highest number of one of these, operator = the operator of the only loop or false, round_of = the
-- statement, conditions }. Only rounds whose newest operator is newer than a number.
local function rounds(session, statement, newer)
  local list = { { map = {}, over = false, newest = 0 } }
  for k, loop in ipairs(statement.loops) do
    local last = k == #statement.loops
    local longer, values_here = {}, values_of(session, statement, loop, k == 1 and last and newer or -1)
    for _, round in ipairs(list) do
      for _, values in ipairs(values_here) do
        local op = values.over
        local newest = op and math.max(round.newest, op.number) or round.newest
        if not last or newest > newer then
          local map = { [loop.vars[1]] = values[1] }
          for var, value in pairs(round.map) do
            map[var] = map[var] or value
          end
          for i = 2, #loop.vars do
            map[loop.vars[i]] = values[i]
          end
          local only = k == 1 and last and #loop.vars == 1 and op or false
          local over = op and (round.over or "") .. " " .. op.name or round.over
          longer[#longer + 1] =
            { map = map, over = over, newest = newest, operator = only, round_of = statement, conditions = NONE }
        end
      end
    end
    list = longer
  end
  return list
end

-- The conditions of a round: those that ask for a property of an operator are answered here. Nil where one does not hold.
-- `shorter`: the lists without them, by what is left, so that equal lists are one.
local function conditions_of(session, statement, map, shorter)
  local list, conditions, left = {}, statement.conditions, ""
  if not conditions or #conditions == 0 then
    return conditions or NONE
  end
  for i, condition in ipairs(conditions) do
    local asked = condition.tag == "not" and condition[1] or condition
    local about = asked.tag == "call" and #asked.args == 1 and properties.known[asked.name] and asked.args[1]
    if about and about.tag == "name" and map[about.name] then
      local op = session.ops[map[about.name]]
      local holds = op ~= nil and op[asked.name] == true
      if holds == (condition.tag == "not") then
        return nil
      end
    else
      list[#list + 1], left = condition, left .. i .. " "
    end
  end
  if #list < #conditions then
    shorter[left] = shorter[left] or list
    list = shorter[left]
  else
    list = conditions
  end
  return trees.rename(list, map)
end

--- The calls of an operator in a node, the inner ones first.
-- @tparam table S the store
-- @param id a node
-- @tparam string name
-- @treturn table a list of nodes
function M.calls(S, id, name)
  local list = {}
  for _, x in ipairs(S:postorder(id)) do
    local op, own = S:op(x)
    list[#list + 1] = op == name and not own and x or nil
  end
  return list
end

-- A statement in a round: `round_of` the statement, `map` what the names of its loops stand for. Its trees are renamed when they are
-- asked for; all else is the statement's own.
local Round = {}

function Round.__index(round, key)
  local value = round.round_of[key]
  if value and IS_TREE[key] then
    value = trees.rename(value, round.map)
    round[key] = value
  end
  return value
end

--- A statement once for each value of its loops (`for f in sin cos`). Trees that do not change are shared.
-- @tparam table session
-- @tparam table statement
-- @tparam[opt] integer newer only the rounds of an operator whose number is higher than this one
-- @treturn table a list of statements. `over` names the operators that properties have brought into the round.
function M.unrolled(session, statement, newer)
  if not statement.loops then
    return { statement }
  end
  local list, shorter = {}, {}
  for _, round in ipairs(rounds(session, statement, newer or -1)) do
    round.conditions = conditions_of(session, statement, round.map, shorter)
    if round.conditions then
      round.property = round.map[statement.property]
      list[#list + 1] = setmetatable(round, Round)
    end
  end
  return list
end

--- Carry out a statement once for each value of its loops. A round of a property is left out where others do already what
-- it would do: the loop is for the operators about which the file states nothing else.
-- @tparam Loader loader
-- @tparam table statement
-- @tparam integer|nil newer see `unrolled`
-- @tparam function carry_out called with a statement without loops
function M.each_round(loader, statement, newer, carry_out)
  if not statement.loops then
    carry_out(statement)
    return
  end
  for _, s in ipairs(M.unrolled(loader.session, statement, newer)) do
    if s.over then
      local ok, err = errors.attempt(carry_out, s)
      if not ok and type(err) == "table" and not err.redundant then
        err.over = s.over
      end
      if not ok and not (type(err) == "table" and err.redundant) then
        error(err, 0)
      end
    else
      carry_out(s)
    end
  end
end

-- ---------------------------------------------------------------------------------------------- operators defined later

local function newest(session)
  local number = 0
  for _, op in pairs(session.ops) do
    number = math.max(number, op.number)
  end
  return number
end

-- The same while a file is carried out: all that it uses has been defined then.
local function newest_of(loader)
  loader.newest = loader.newest or newest(loader.session)
  return loader.newest
end

--- Keep a statement with a loop over a property, for operators that are defined later.
function M.keep(loader, st)
  local session = loader.session
  if M.property(session, st) then
    local list = session.repeated
    list[#list + 1] = {
      st = st,
      decls = loader.decls,
      text = not paths.is_own(loader.file) and loader.text or nil, -- an image need not hold nabla's own files
      file = loader.file,
      newest = newest_of(loader),
    }
  end
end

-- Stop at the operator that a kept statement does not fit.
local function stop_unfit(loader, kept, err)
  local session = loader.session
  local op
  for name in err.over:gmatch "%S+" do
    op = session.ops[name].number > kept.newest and session.ops[name] or op
  end
  loader:stop(
    op.file == loader.file and op.pos or loader.statement,
    string.format(
      "%s has the property %s, and the %s for all such operators (%s:%d) does not fit it: %s",
      op.name,
      M.property(session, kept.st),
      kept.st.set or kept.st.kind,
      kept.file or "text",
      kept.st.line or 0,
      err.message
    )
  )
end

-- Has a loop of a statement a round for one of these operators?
local function concerns(session, statement, ops)
  for _, loop in ipairs(statement.loops) do
    for _, values in ipairs(loop.values) do
      local property = property_of(session, loop, values)
      for _, op in ipairs(property and ops or {}) do
        if properties.has(op, property) then
          return true
        end
      end
    end
  end
  return false
end

-- The operators whose number is higher than this one.
local function newer_than(session, number)
  local list = {}
  for _, op in pairs(session.ops) do
    list[#list + 1] = op.number > number and op or nil
  end
  return list
end

--- Carry the kept statements out for the operators that have been defined since.
-- @tparam Loader loader of the file that has defined them
-- @tparam table carry_out kind of statement -> function (loader, statement, newer)
function M.repeat_for_new(loader, carry_out)
  local session = loader.session
  local number, since, new = newest_of(loader), nil, nil
  for i, kept in ipairs(session.repeated) do
    if kept.newest ~= since then -- most are as old as the one before
      since, new = kept.newest, newer_than(session, kept.newest)
    end
    if new[1] and concerns(session, kept.st, new) then
      local own = loaders.new(session, kept.text or paths.contents(kept.file) or "", kept.file, {})
      own.decls, own.statement = kept.decls, kept.st
      local ok, err = errors.attempt(carry_out[kept.st.kind], own, kept.st, kept.newest)
      if not ok and type(err) == "table" and err.over then
        stop_unfit(loader, kept, err)
      elseif not ok then
        error(err, 0)
      end
    end
    if kept.newest ~= number then
      local renewed = loaders.copy(kept) -- what a snapshot holds is not changed
      renewed.newest = number
      session.repeated[i] = renewed
    end
  end
end

return M
