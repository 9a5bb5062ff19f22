--- What the grammar does with the statements notation and habit: nabla.rules.grammar_of_notations.
--
-- @module nabla.rules.actions_of_notations

local mistakes = require "nabla.language.mistakes"
local program_indices = require "nabla.language.program_indices"
local program_rows = require "nabla.language.program_rows"
local themed = require "nabla.print.themed"
local titles = require "nabla.text.titles"

local quote, stop = mistakes.quote, mistakes.stop

local M = {}

-- Signs that may leave the variable or the argument out: \nabla f, and f for f(x).
local UNNAMED = { gradient = true, ["second derivative"] = true, ["function value"] = true }

-- How many arguments the form of a subject may have; those of an operator are counted when it is known.
local MOST = { names = 0, kinds = 1, ops = 9 }

-- Stop at a form that names an argument which its subject has not.
local function check_form(context, row, form)
  local most = MOST[row.what] or themed.signs[row.name]
  for number in form.form:gmatch "%%(%d)" do
    if tonumber(number) > most or number == "0" then
      local count = most == 0 and "no argument" or most == 1 and "one argument" or ("%d arguments"):format(most)
      stop(context, form.pos, ("the form has %%%s; %s has %s"):format(number, quote(row.name), count))
    end
  end
  local least = UNNAMED[row.name] and 1 or most
  for k = 1, (row.what == "kinds" or row.what == "signs") and least or 0 do
    if not form.form:find("%" .. k, 1, true) then
      stop(context, form.pos, ("the form of %s lacks %%%d"):format(quote(row.name), k))
    end
  end
end

-- Take the rows that say how a program writes out of the others: to `programs`, `told` and `tried`.
local function take_programs(context, statement)
  local rows = {}
  for _, row in ipairs(statement.rows) do
    if row.spreads then
      if #row.spreads ~= 2 then
        stop(context, row.pos, "two signs were expected, those of a sum and of a difference")
      end
      statement.spreads = row.spreads
    elseif row.indices or row.sums then
      local wrong = row.sums and program_indices.check(row.sums.form)
      if wrong then
        stop(context, row.pos, wrong, 'such as sums "sum(%4 for %1 in range(%2, %3 + 1))"')
      end
      statement.indices, statement.sums = row.indices or statement.indices, statement.sums or row.sums and {}
      table.insert(row.sums and statement.sums or {}, row.sums)
    elseif row.prefix then
      statement.prefixes = statement.prefixes or {}
      table.insert(statement.prefixes, { row.prefix, row.also })
    elseif row.told or row.tried then
      statement.told, statement.tried = row.told or statement.told, row.tried or statement.tried
    elseif row.meaning or row.same then
      local wrong, hint
      if row.meaning then
        wrong, hint = program_rows.check(row)
      end
      if wrong then
        stop(context, row.pos, wrong, hint)
      end
      statement.programs = statement.programs or {}
      table.insert(statement.programs, row)
    else
      rows[#rows + 1] = row
    end
  end
  statement.rows = rows
end

--- The rows of a notation: of each subject its forms by format, and its type.
function M.finish_notation(context, statement)
  for i = 1, #statement do -- zh, cite, note
    local option = statement[i]
    statement[i] = nil
    if option.key ~= "zh" and titles.is_language(option.key) then
      titles.set(statement, option.key, option.value)
    else
      statement[option.key] = option.value
    end
  end
  take_programs(context, statement)
  local seen = {}
  for _, row in ipairs(statement.rows) do
    local key = row.what .. " " .. row.name
    if seen[key] then
      stop(context, row.pos, ("%s is there twice"):format(quote(row.name)))
    end
    seen[key] = true
    local given = {}
    for _, form in ipairs(row.forms) do
      local what = form.format or "type"
      if form.type and row.what ~= "kinds" then
        stop(context, form.pos, ("%s is a type of names: of scalars, vectors or matrices"):format(quote(form.type)))
      elseif given[what] then
        stop(context, form.pos, ("%s is given twice"):format(quote(form.format or form.type)))
      elseif form.form then
        check_form(context, row, form)
      end
      given[what] = form.form or form.type
    end
    row.forms = given
  end
  return statement
end

--- The letters of a habit: name -> kind.
function M.finish_habit(context, statement)
  statement.letters = {}
  local function set(name, kind, pos)
    local before = statement.letters[name]
    if before and before ~= kind then
      stop(context, pos, ("%s is both a %s and a %s"):format(name, before, kind))
    end
    statement.letters[name] = kind
  end
  for _, group in ipairs(statement.groups) do
    for _, range in ipairs(group.letters) do
      local first, last = range.first, range.last
      if not last then
        set(first, group.kind, range.pos)
      elseif not (first:find "^%a$" and last:find "^%a$" and first <= last) or (first < "a") ~= (last < "a") then
        stop(context, range.pos, ("%s..%s is no range of letters"):format(first, last), "such as a..g or A..Z")
      else
        for code = first:byte(), last:byte() do
          set(string.char(code), group.kind, range.pos)
        end
      end
    end
  end
  statement.groups = nil
  return statement
end

return M
