--- Reading a page: from a text in LaTeX, in signs of Unicode or in plain letters side by side, to a node.
--
-- The parser (nabla.latex.parser) leaves open what depends on the kinds of the letters; nabla.page.search finds the kinds
-- with which the formula fits (nabla.page.reading) at the lowest price (nabla.page.prices). Notes report what was assumed,
-- and what has two readings, or none, is refused.
--
-- @module nabla.page.page_to_node

local complex = require "nabla.language.complex"
local core = require "nabla.core"
local errors = require "nabla.text.errors"
local expectations = require "nabla.language.expectations"
local functions = require "nabla.page.functions"
local latex = require "nabla.latex.parser"
local letters = require "nabla.page.letters"
local scopes = require "nabla.language.scope"
local page = require "nabla.page.elaborate"
local prices = require "nabla.page.prices"
local choices = require "nabla.page.choices"

local M = {}

local VECTOR = { scalar = "scalar", column = "vector", row = "vector", matrix = "matrix" }

local ONE = core.constants.one -- the dimension 1

--- What a name is, for the parser: "function", "variable" (and whether it is a scalar), "operator", "size".
function M.kinds_of(session, scope)
  return function(name)
    local var = scopes.lookup(scope or session.scope, name)
    if var then
      return var.func and "function" or "variable", var.rows == ONE and var.cols == ONE
    end
    local op = session.ops[name]
    if op and not op.gone and not op.standard and #op.params == 0 then
      return "variable" -- a constant of a rule file
    end
    return op and not op.gone and "operator" or session.scope.dims[name] and "size" or nil
  end
end

--- The names of all functions.
function M.functions_of(session)
  return function()
    local list = {}
    for name, op in pairs(session.ops) do
      list[#list + 1] = not op.gone and name or nil
    end
    table.sort(list)
    return list
  end
end

-- The kind of a tree whose letters are all declared; nil where one is not, or where it does not fit.
-- @tparam table session
-- @tparam table tree of the parser
-- @tparam table counters the set of the names that count in sums around it
-- @treturn string|nil "scalar", "column", "row", "matrix"
local function kind_of_tree(session, tree, counters)
  local open = false
  local ok, solution, found = pcall(choices.found, session, { tree }, {
    bold = {},
    habits = false,
    counters = counters,
    strict_derivatives = true,
    placeholder = function(what, pos)
      open = true
      return { tag = "name", name = what, open = "any", pos = pos }
    end,
    stop = error,
  })
  if not ok or not found or open or solution.open then
    return nil
  end
  local _, _, kinds = solution.read(found[1].roles)
  return kinds[1]
end

--- What the parser learns from a session.
function M.known(session)
  return {
    session = session,
    kind = M.kinds_of(session),
    complex = complex.declared(session),
    functions = M.functions_of(session),
    kind_of_tree = function(tree, counters)
      return kind_of_tree(session, tree, counters)
    end,
    is_random = function(tree)
      return expectations.holds_random(session, session.scope, tree)
    end,
  }
end

-- ---------------------------------------------------------------------------------------------- expressions

--- The variable that a text names, as a page writes it: { name, base, indexed, text }. Raises; nil if there is none.
function M.variable(session, text)
  if type(text) ~= "string" then
    return nil
  end
  local read, err = latex.read(text, M.known(session))
  if not read then
    error(err, 0)
  end
  local tree = read.statements[1] and read.statements[1][1]
  local turned = false
  if #read.statements ~= 1 or #read.statements[1] ~= 1 then
    return nil
  end
  if tree.tag == "transpose" then
    tree, turned = tree[1], true
  end
  local prime = turned and "'" or ""
  if tree.tag == "call" and session.complex_letters and tree.name == "conj" and tree.args[1].tag == "name" then
    local part = ("conj(%s)"):format(tree.args[1].name)
    return { name = part, base = tree.args[1].name, text = part .. prime }
  elseif tree.tag == "name" then
    return { name = tree.name, base = tree.name, text = tree.name .. prime, bold = read.bold[tree.name] }
  elseif tree.tag == "sub" then
    local args = {}
    for i, arg in ipairs(tree.args or {}) do
      args[i] = arg.text or arg.name
    end
    return {
      name = tree.name,
      base = tree.base,
      indexed = true,
      text = tree.name .. prime,
      entry = #args > 0
        and #args == #(tree.args or {})
        and ("%s(%s)"):format(tree.base, table.concat(args, ","))
        or nil,
      bold = tree.bold,
    }
  elseif tree.tag == "call" and session.coordinates[tree.name] and #tree.args == 1 and tree.args[1].tag == "name" then
    local part = ("%s(%s)"):format(tree.name, tree.args[1].name)
    return { name = part, base = tree.name, text = part .. prime }
  end
  return nil
end

-- Is there a second reading at the same price that is another one? The text of both.
local function stop_at_two(solution, found, text)
  local first, second = found[1], nil
  for i = 2, #found do
    if math.abs(found[i].price - first.price) < 1e-9 and found[i].roles ~= first.roles then
      second = found[i]
      break
    end
  end
  if not second then
    return
  end
  local differ = {}
  for _, choice in ipairs(solution.choices) do
    local a, b = first.roles[choice.name], second.roles[choice.name]
    if choice.letter and a ~= b then
      differ[#differ + 1] = { choice.letter, a, b }
    end
  end
  if #differ == 0 then
    return
  end
  local function words(k)
    local out = {}
    for i, d in ipairs(differ) do
      local role = d[k]
      out[i] = ("%s a %s%s"):format(
        d[1].name,
        VECTOR[role.kind],
        role.called == "function" and "-valued function" or ""
      )
    end
    return table.concat(out, ", ")
  end
  error(
    errors.at {
      text = text,
      pos = differ[1][1].pos,
      message = ("two readings are as likely: %s; or %s"):format(words(2), words(3)),
      hint = ("declare it: %s %s"):format(VECTOR[differ[1][2].kind], differ[1][1].name),
    },
    0
  )
end

-- The node of one tree of a page, the context and the notes. Raises where there is no reading.
local function node_of(session, tree, read, text, opts, wanted)
  local from = {
    bold = read.bold,
    placeholder = read.placeholder,
    stop = function(pos, message, hint)
      error(errors.at { text = text, pos = pos, message = message, hint = hint }, 0)
    end,
    variable = opts.variable,
    wanted = wanted and { [tree] = wanted } or nil,
    habits = opts.habits,
    spread = opts.spread,
    strict_derivatives = true,
    layout = opts.layout or session.layout,
  }
  local solution, found, misfit = choices.found(session, { tree }, from)
  local function elaborated(result)
    local open = #read.placeholders
    local new = page.complete(session, result.trees[1])
    local kinds = result.kinds
    local scope, letters_of, pinned = functions.scope(
      session,
      new,
      result.functions,
      { kinds = kinds, text = text, layout = from.layout }
    )
    local id, c = page.elaborated(session, new, text, read.placeholders, {
      layout = opts.layout,
      convention = opts.convention,
      kinds = kinds,
      scope = scope,
    })
    c.letters, c.pinned = letters_of or c.letters, pinned
    for i = #read.placeholders, open + 1, -1 do
      read.placeholders[i] = nil
    end
    return id, c
  end
  if not found then
    for _, choice in ipairs(solution.dear) do -- what would be read is perhaps refused by name
      choices.finish(session, solution, choice.roles)
    end
    local ok, id = pcall(elaborated, choices.finish(session, solution, solution.roles, true))
    if not ok and errors.is_error(id) then
      error(id, 0)
    end
    from.stop(
      misfit and misfit.pos or tree.pos,
      misfit and misfit.message or "the formula has no reading",
      misfit and misfit.hint
    )
  end
  local first_error
  for i = 1, math.min(#found, 6) do
    local result = choices.finish(session, solution, found[i].roles)
    local ok, id, c = pcall(elaborated, result)
    if found[i].price > found[1].price + prices.price.next then
      break
    elseif ok then
      if i == 1 then
        stop_at_two(solution, found, text)
      end
      return id, c, result, found[i].price
    elseif not errors.is_error(id) and not (type(id) == "table" and id.message) then
      error(id, 0)
    end
    first_error = first_error or id
  end
  error(first_error, 0)
end

-- What is told of the statements beside the one that is read, which define nothing.
local function left_out(statements, main)
  local notes = {}
  for i, other in ipairs(statements) do
    if i ~= main and not other.label then
      notes[#notes + 1] = { pos = other.pos, text = "another expression beside it is left out" }
    elseif i ~= main and not other.put_in then
      notes[#notes + 1] = { pos = other.pos, text = ("%s = .. is left out"):format(other.label.text) }
    end
  end
  return notes
end

-- What names a whole: the kind of a letter in bold.
local function wanted_kind(label)
  if label and label.bold and label.letter and not label.called then
    return label.letter:find "^%u" and "matrix" or "column"
  end
end

-- Definitions `y = A*x` put into a tree; returns the notes.
local function with_definitions(statements, main, tree, substitute)
  local notes = {}
  for i, other in ipairs(statements) do
    local label = other.label
    local value = i ~= main and label and label.name and other.sides[1] and other.sides[1].tree
    if value then
      local new, count = substitute(tree, { name = label.name, value = value, parameter = label.parameter })
      if count > 0 then
        tree, other.put_in = new, true
        notes[#notes + 1] = { pos = other.pos, text = ("%s is put in"):format(label.text) }
      end
    end
  end
  return tree, notes
end

local function holds_name(tree, name)
  if type(tree) ~= "table" then
    return false
  elseif tree.tag == "name" and tree.name == name then
    return true
  end
  for _, part in pairs(tree) do
    if holds_name(part, name) then
      return true
    end
  end
  return false
end

local function copied(tree)
  if type(tree) ~= "table" then
    return tree
  end
  local copy = {}
  for key, part in pairs(tree) do
    copy[key] = copied(part)
  end
  return copy
end

-- A letter exchanged for its value: the tree, and how often.
local function substituted(tree, with)
  local count = 0
  local function walk(t)
    if type(t) ~= "table" then
      return t
    elseif t.tag == "name" and t.name == with.name and not with.parameter then
      count = count + 1
      local value = copied(with.value)
      value.paren = true
      return value
    elseif
      t.tag == "apply"
      and with.parameter
      and t.head.tag == "name"
      and t.head.name == with.name
      and #t.args == 1
    then
      local argument = t.args[1]
      if argument.tag == "name" and argument.name == with.parameter then
        count = count + 1
        local value = copied(with.value)
        value.paren = true
        return value
      end
    end
    local copy = {}
    for key, part in pairs(t) do
      copy[key] = walk(part)
    end
    return copy
  end
  if holds_name(with.value, with.name) then
    return tree, 0
  end
  local new = walk(tree)
  return new, count
end

-- Which statement of several is the formula: the last where => leads to it, else the first.
local function main_statement(statements)
  for i = #statements, 1, -1 do
    if statements[i].arrow then
      return i
    end
  end
  return 1
end

-- d f / dx = g: the formula is f; of a second derivative, the first.
local function underived(tree, variable)
  if tree.tag == "call" and tree.name == "d" and #tree.args == 1 then
    return tree.args[1]
  end
  local inner = tree
  while inner.tag == "call" and inner.name == "D" and #inner.args == 2 do
    local by = inner.args[2]
    by = by.tag == "transpose" and by[1] or by
    if variable and by.name ~= variable.name and by.name ~= variable.base and by.name ~= "?" then
      return nil
    end
    inner = inner.args[1]
  end
  return inner ~= tree and tree.args[1] or nil
end

-- Which sides are candidates, in order of preference: { tree =, notes =, told = }.
local function candidates(statement, variable)
  local list = {}
  local label, sides = statement.label, statement.sides
  for i, side in ipairs(sides) do
    local told
    if label then
      told = ("%s = .. names the expression"):format(label.text)
    elseif #sides > 1 then
      told = i == 1 and "the left side of the equation is read" or "the right side of the equation is read"
    end
    local tree = side.tree
    local f = tree and (
      #sides > 1 and i == 1 and not label and underived(tree) or variable and #sides == 1 and underived(tree, variable)
    )
    local is_label = f and #sides > 1 and f.tag == "apply" and not f.paren -- \nabla_x L(x, y) = .., \nabla J(w) = ..
    if f and f.tag ~= "name" then
      tree = f
      told = "what the derivative is of is read"
    end
    local derivative = f and not is_label or nil
    list[#list + 1] = { tree = tree, err = side.err, notes = side.notes, told = told, derivative = derivative }
  end
  return list
end

--- Read a text of a page as a node. Raises a nabla.Error.
-- @tparam table session
-- @tparam string text
-- @tparam[opt] table opts layout, convention, habits, spread; `by`: the text of the variable, which supports a reading
-- @return the id, the context of its elaboration, and the notes { { pos =, text = }, .. }
function M.node(session, text, opts)
  opts = opts or {}
  local known = M.known(session)
  known.alone, known.file = true, opts.file
  local read, err = latex.read(text, known)
  if not read then
    error(err, 0)
  end
  local variable = opts.by and M.variable(session, opts.by) or nil
  if variable and variable.bold then
    read.bold[variable.name] = read.bold[variable.name] or not variable.indexed
  end
  local main = main_statement(read.statements)
  local statement = read.statements[main]
  local list = candidates(statement, variable)
  local first_error, best
  for _, candidate in ipairs(list) do
    local without = variable and #list > 1 and not statement.label and not candidate.err
    without = without and not letters.holds(candidate.tree, variable)
    if without and candidate ~= list[#list] then
      candidate.skipped = true
    elseif candidate.err then
      first_error = first_error or candidate.err
    else
      local tree, put_in = with_definitions(read.statements, main, candidate.tree, substituted)
      local ok, id, c, result = pcall(
        node_of,
        session,
        tree,
        read,
        text,
        {
          layout = opts.layout,
          convention = opts.convention,
          variable = variable,
          habits = opts.habits ~= false and session.habits,
          spread = opts.spread ~= false and session.spread,
        },
        wanted_kind(statement.label)
      )
      if ok then
        local unknown = next(result.functions) ~= nil and not statement.label
        local notes = { candidate.told and { pos = 0, text = candidate.told } or nil }
        local rest = left_out(read.statements, main)
        for _, part in ipairs { read.notes, candidate.notes or {}, put_in, result.notes, c.constants, rest } do
          for _, note in ipairs(part) do
            notes[#notes + 1] = note
          end
        end
        best = best or { id, c, notes, session:wrap(id) }
        if not unknown or candidate.derivative then
          best = { id, c, notes, session:wrap(id) }
          break
        end
      elseif not errors.is_error(id) and not (type(id) == "table" and id.message) then
        error(id, 0)
      else
        first_error = first_error or id
        if candidate.derivative then
          break
        end
      end
    end
  end
  if not best then
    error(first_error, 0)
  end
  return best[1], best[2], best[3]
end

--- Read two texts in LaTeX in which the letters are the same things. Nil where they do not fit together, or are no plain
-- expressions.
-- @tparam table session
-- @tparam string a
-- @tparam string b
-- @return two ids, the context, and the notes as records
function M.both(session, a, b)
  local text = a .. " = " .. b
  local known = M.known(session)
  known.alone = true
  local read = latex.read(text, known)
  local statement = read and #read.statements == 1 and read.statements[1]
  local sides = statement and not statement.label and #statement.sides == 2 and statement.sides
  if not sides or sides[1].err or sides[2].err or read.statements[1].arrow then
    return nil
  end
  local difference = {
    tag = "sum",
    args = { sides[1].tree, sides[2].tree },
    signs = { 1, -1 },
    oppos = { false, sides[2].tree.pos },
    pos = sides[1].tree.pos,
  }
  for _, side in ipairs(difference.args) do
    side.paren = true
  end
  local opts = { habits = session.habits, spread = false, layout = session.layout, convention = session.convention }
  local ok, id, c, result = pcall(node_of, session, difference, read, text, opts)
  if not ok or result.trees[1].tag ~= "sum" or next(result.functions) then
    if not ok and not errors.is_error(id) and not (type(id) == "table" and id.message) then
      error(id, 0)
    end
    return nil
  end
  local ids, keep = {}, { session:wrap(id) }
  for i, tree in ipairs(result.trees[1].args) do
    local kinds = { kinds = result.kinds, scope = c.scope }
    ids[i] = page.elaborated(session, page.complete(session, tree), text, read.placeholders, kinds)
    keep[i + 1] = session:wrap(ids[i])
  end
  c.keep = keep
  local notes = {}
  for _, part in ipairs { read.notes, sides[1].notes or {}, sides[2].notes or {}, result.notes, c.constants } do
    table.move(part, 1, #part, #notes + 1, notes)
  end
  return ids[1], ids[2], c, notes
end

return M
