--- What the grammar of rule files does with what it reads: statements as tables, and the errors of their parts.
--
-- A function here is the action of a rule of nabla.rules.grammar; most get the context (text, file) first, for errors.
--
-- @module nabla.rules.actions

local characters = require "nabla.language.characters"
local hints = require "nabla.rules.hints"
local lpeg = require "lpeg"
local mistakes = require "nabla.language.mistakes"
local spelling = require "nabla.text.spelling"
local titles = require "nabla.text.titles"

local quote, stop = mistakes.quote, mistakes.stop

local M = {}

local function set(words)
  local out = {}
  for word in words:gmatch "%S+" do
    out[word] = true
  end
  return out
end

--- The words that begin a statement.
M.statements =
  set [[operator function let rule simplify adjoint jacobian coordinates block fact layout identity check fail use
  without rename default attribute convention table wording notation habit declare prefer curvature domain isolate]]

--- Words that end an expression, and so are no names in a rule file. Each has two letters at least.
M.reserved = set "if cite for gives by priority zh and not"

-- What each kind of statement takes after its own words: options (a word and a string), and the clauses.
local print_options = "infix unicode latex cite zh note"
local options = set(print_options .. " also")
local takes = {
  operator = set("flag body also " .. print_options),
  ["function"] = set("flag result body derivative derivatives differential also " .. print_options),
  rule = set "flag conditions loops priority cite zh note",
  adjoint = set "flag conditions loops priority cite zh note",
  coordinates = set "conditions cite zh note",
  fact = set "conditions loops cite zh note",
  curvature = set "conditions loops cite zh note",
  isolate = set "flag conditions loops priority cite zh note",
  layout = set "flag like cite zh note",
  identity = set "conditions loops convention cite zh note",
  check = set "conditions loops convention cite zh note",
  rename = set "cite zh note",
  table = set "cite zh note",
  wording = set "cite zh",
  attribute = set "cite zh note",
  convention = set "also cite zh note",
  row = set "cite zh note", -- of a layout or a convention
  prefer = set "cite zh note",
}
takes.simplify, takes.fail = takes.rule, takes.check
takes.jacobian, takes.block = takes.adjoint, takes.adjoint

local clause_words = {
  conditions = "if",
  loops = "for",
  result = ":",
  body = "=",
  differential = "d(...) =",
}

local withable = set [[operator function rule simplify adjoint jacobian block fact layout convention notation prefer isolate identity
  attribute check fail curvature domain]]

--- The options, what each kind of statement takes, and the kinds of what may be removed.
M.options, M.takes, M.withable = options, takes, withable

-- Puts the clauses of a statement, which are its list, into it: options by their names, flags in a set, loops in a list.
function M.finish(context, statement)
  local allowed = takes[statement.kind]
  for i = 1, #statement do
    local clause = statement[i]
    statement[i] = nil
    local key, value = clause.key, clause.value
    if clause.option and allowed.zh and not options[key] and titles.is_language(key) then
      if titles.of(statement, key) then
        stop(context, clause.pos, ("%s is given twice"):format(quote(key)))
      end
      titles.set(statement, key, value)
    elseif clause.option and not options[key] then
      local meant = allowed.zh and titles.code_of(key) or spelling.nearest(key, options)
      local known = {}
      for _, option in ipairs(spelling.names(options)) do
        known[#known + 1] = allowed[option] and option or nil
      end
      stop(
        context,
        clause.pos,
        ("unknown option %s"):format(quote(key)),
        key == "text" and allowed.latex and 'how an operator is written as text: notation NAME text ".."'
          or meant and (allowed[meant] or titles.is_language(meant)) and ("did you mean %s?"):format(meant)
          or "known: " .. table.concat(known, ", ") .. ", each followed by a string"
            .. (allowed.zh and #key <= 3 and '; a title in another language by its code: de ".."' or "")
      )
    elseif not allowed[key] or key == "flag" and statement.body and statement.kind == "function" then
      if allowed[key] then
        stop(
          context,
          clause.pos,
          ("expected the end of the statement, found %s"):format(quote(value)),
          ("if %s says what sort of function this is, write it before the ="):format(quote(value))
        )
      elseif key == "flag" then
        mistakes.diagnose(context, clause.pos, "the end of the statement", true)
      end
      local clause_word = quote(clause_words[key] or key)
      stop(
        context,
        clause.pos,
        ("%s does not belong in the statement %s"):format(clause_word, quote(statement.kind)),
        key == "convention" and "a convention belongs to an identity or a check: it says what its derivatives mean"
          or key == "loops" and "write the statement once for each value"
          or nil
      )
    elseif key == "flag" then
      statement.flags = statement.flags or {}
      statement.flagpos = statement.flagpos or {}
      statement.flags[value], statement.flagpos[value] = true, clause.pos
    elseif key == "loops" then
      statement.loops = statement.loops or {}
      table.insert(statement.loops, value)
    elseif statement[key] ~= nil then
      stop(context, clause.pos, ("%s is given twice"):format(quote(clause_words[key] or key)))
    else
      statement[key] = value
    end
  end
  if allowed.flag then
    statement.flags = statement.flags or {}
  end
  if allowed.conditions then
    statement.conditions = statement.conditions or {}
  end
  return statement
end

-- A row of a layout or a convention.
function M.finish_row(context, row)
  row.kind = "row"
  M.finish(context, row)
  row.kind = nil
  return row
end

function M.finish_function(context, statement)
  M.finish(context, statement)
  statement.elementwise = statement.flags.elementwise or false
  return statement
end

-- One answer for each layout named.
function M.finish_form(form)
  local answers = {}
  for _, answer in ipairs(form.answers or {}) do
    for _, named in ipairs(answer.layouts) do
      answers[#answers + 1] = { layout = named.layout, pos = named.pos, rhs = answer.rhs }
    end
  end
  form.answers = form.answers and answers
  return form
end

-- The declarations of all `let` lines of an identity, in one list.
function M.finish_identity(context, statement)
  statement.decls = {}
  for _, list in ipairs(statement.lets) do
    for _, decl in ipairs(list) do
      table.insert(statement.decls, decl)
    end
  end
  statement.lets = nil
  return M.finish(context, statement)
end

-- Is the statement a row of a table, of which an outline is wanted?
function M.outlines(_, pos, context)
  return context.outline and pos
end

-- One parameter or result: its kind from the number of its sizes; `index i(n)` counts from 1 to n.
function M.parameter(context, param)
  local sizes = param.sizes or {}
  param.sizes = nil
  if #sizes > 2 then
    stop(context, sizes[3].pos, ("a matrix has two sizes, found %d"):format(#sizes))
  end
  if param.index and #sizes > 1 then
    stop(context, sizes[2].pos, ("an index counts up to one size, found %d"):format(#sizes))
  end
  local counted = #sizes == 2 and "matrix" or #sizes == 1 and "vector"
  local said = param.kind
  if said and said ~= (counted or "scalar") then
    local need = said == "scalar" and "no sizes" or said == "vector" and "one size" or "two sizes"
    stop(context, (sizes[1] or param).pos, ("a %s has %s, found %d"):format(said, need, #sizes))
  end
  param.kind = param.index and "index" or counted or said or "any"
  param.rows, param.cols, param.index = sizes[1], sizes[2], nil
  return param
end

function M.result(context, shape)
  local sizes = shape.sizes or {}
  local count = shape.kind == "matrix" and 2 or shape.kind == "vector" and 1 or 0
  shape.sizes = nil
  if #sizes ~= count then
    local place = sizes[count + 1] or sizes[1] or shape
    if count == 0 then
      stop(context, place.pos, ("the result %s has no sizes"):format(quote(shape.kind)))
    end
    local need, repair = "one size", "write vector (n)"
    if count == 2 then
      need, repair = "two sizes", "write matrix (m,n)"
    end
    stop(context, place.pos, ("a %s has %s, found %d"):format(shape.kind, need, #sizes), repair)
  end
  shape.rows, shape.cols = sizes[1], sizes[2]
  return shape
end

function M.loop(context, pos, vars, values)
  for _, tuple in ipairs(values) do
    if #tuple ~= #vars then
      local head = quote("for " .. table.concat(vars, ", "))
      stop(context, tuple.pos or pos, ("%s needs %d values, found %d"):format(head, #vars, #tuple))
    end
    tuple.pos = nil
  end
  return { vars = vars, values = values, pos = pos }
end

local same_relation = { ["~="] = "!=", ["≠"] = "!=", ["≤"] = "<=", ["≥"] = ">=" }

function M.predicate(context, left, oppos, relation, right)
  if relation then
    return {
      tag = "compare",
      op = same_relation[relation] or relation,
      left,
      right,
      pos = left.pos,
      oppos = oppos,
    }
  elseif left.tag ~= "call" then
    stop(
      context,
      left.pos,
      "a condition is a call or a comparison",
      "write it as symmetric(A), as not symmetric(A), or as m == n"
    )
  end
  return left
end

function M.finish_fact(context, statement)
  M.finish(context, statement)
  local call = statement.call
  statement.call = nil
  if call.tag ~= "call" then
    stop(context, call.pos, "a fact is a property of an expression", "write fact symmetric(A + A')")
  end
  if #call.args ~= 1 then
    stop(context, call.pos, ("a fact is a property of one expression, found %d"):format(#call.args))
  end
  statement.property, statement.property_pos = call.name, call.pos
  statement.arg, statement.args = call.args[1], call.args
  return statement
end

function M.finish_curvature(context, statement)
  M.finish(context, statement)
  if statement.strictly and statement.shape ~= "convex" and statement.shape ~= "concave" then
    local message = ("there is no strictly %s function"):format(statement.shape)
    stop(context, statement.strictly, message, "write strictly convex, strictly concave, or no strictly")
  end
  return statement
end

function M.option_of(pos, key, value)
  return { pos = pos, option = true, key = key, value = value }
end

function M.clause_of(pos, key, value)
  return { pos = pos, key = key, value = value }
end

function M.removable(context, pos, what)
  if not withable[what] then
    local meant = spelling.nearest(what, withable)
    stop(
      context,
      pos,
      ("%s is no kind of statement"):format(quote(what)),
      meant and ("did you mean %s?"):format(meant)
        or what == "let" and "what a let declares holds until another let declares the name anew"
        or nil
    )
  end
  return what
end

function M.unknown(_, pos, context)
  local text = context.text
  local word = lpeg.C(characters.identifier):match(text, pos)
  if not word then
    return mistakes.diagnose(context, pos, "a statement")
  end
  local meant = M.statements[word:lower()] and word:lower() or spelling.nearest(word, M.statements)
  local line = text:match("[^\n]*", pos)
  local hint = line:find "^d%(.*="
      and "a differential is written rule d(f(x)) -> .., or indented below its function: d(f(x)) = .."
    or line:find "^D%(" and 'a derivative is stated by identity "name"  D(f(x), x)  denominator  ..'
    or line:find "^%a+%s+by%s" and "the rows of a layout are indented"
    or meant and ("did you mean %s?"):format(meant)
    or hints.statement(word) and "it is written " .. hints.statement(word)
    or (word == "matrix" or word == "vector" or word == "scalar") and ("did you mean let %s?"):format(word)
    or (line:find("->", 1, true) or line:find("→", 1, true)) and 'a rule is written rule "name" left -> right'
    or line:find("==", 1, true) and "an equation is written check left == right"
    or options[word] and ("%s stands at the end of the statement that it belongs to"):format(word)
    or "a statement begins with let, function, operator, rule, identity, check or another word of the rule language"
  stop(context, pos, ("unknown statement %s"):format(quote(word)), hint)
end

function M.unclosed_string(_, pos, context)
  stop(context, pos, "this string is never closed", 'a string ends with " on the line where it begins')
end

return M
