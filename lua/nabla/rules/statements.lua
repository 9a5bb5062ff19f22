--- Rule files: text in, a list of statements out.
--
-- A statement begins at the left margin and goes on over the lines that are indented more; `#` begins a comment. The margin is the
-- indentation of the first statement, so that a rule file may be indented in a Lua string.
--
-- Every statement is a table with `kind`, `pos` (byte index) and `line`. Most are plain: the engine reads them (src/read/). The others,
-- and mistakes, are read by the grammar (nabla.rules.grammar), which is made when it is first needed.
--
-- @module nabla.rules.statements

local actions = require "nabla.rules.actions"
local adjoints = require "nabla.language.adjoints"
local characters = require "nabla.language.characters"
local core = require "nabla.core"
local errors = require "nabla.text.errors"
local families = require "nabla.rules.families"
local hints = require "nabla.rules.hints"
local mistakes = require "nabla.language.mistakes"
local notations = require "nabla.rules.actions_of_notations"
local own_signs = require "nabla.language.own_signs"
local themed = require "nabla.print.themed"
local titles = require "nabla.text.titles"

local M = {}

---@class nabla.Statement
---@field kind string
---@field pos integer
---@field line integer

local reserved, statements = actions.reserved, actions.statements
local blank, comment = characters.blank, characters.comment
local blanks = blank ^ 0
local skip = (blank ^ 0 * comment ^ -1 * "\n") ^ 0 * (blank ^ 0 * comment ^ -1 * -1) ^ -1

-- The grammar of statements is large, and few texts need it.
local function pattern(margin, signs)
  return require("nabla.rules.grammar").pattern(margin, signs)
end

-- The forms of a notation of one row.
local function notation_of(statement)
  local row = statement.rows[1]
  return { [row.what] = { [row.name] = row.forms } }
end

-- An indented line belongs to the statement above, which is easily forgotten.
local function hint_at_margin(err, line)
  local word = err.text_line:match "^%s+(%a+)"
  if not err.hint and err.line > line and statements[word] and word ~= "let" then
    err.hint = ("this line is indented, so it goes on with the statement of line %d"):format(line)
  end
  return err
end

-- Two operators that print with one sign: it is not read.
local function hint_on_sign(err, list)
  local byte = utf8.offset(err.text_line, err.column) or 1
  local there, names = err.text_line:sub(byte), {}
  for _, st in ipairs(err.hint and {} or list) do
    if (st.kind == "operator" or st.kind == "function") and st.infix and there:sub(1, #st.infix) == st.infix then
      names[#names + 1] = st.name
    end
  end
  if #names > 1 then
    local form = "%s are both written with %s, which is printed only: give one of them another sign"
    err.hint = form:format(table.concat(names, " and "), there:match "^%S+")
  end
  return err
end

-- Does a form that has a square bracket begin somewhere in a line?
local function is_written(forms, line)
  for _, form in ipairs(forms) do
    local opening = form.form:match "^[^%%]*"
    if form.form:find("[", 1, true) and (not opening:find("[", 1, true) or line:find(opening:match "%S+", 1, true)) then
      return true
    end
  end
  return false
end

-- The grammar that reads the forms in which operators print: those that are given, and those that statements above define. Nil
-- if there are none but those of `before`, or if they are asked for because of the brackets of a line, and none is in it.
local function grammar_with(margin, given, list, before, line)
  local forms, ops = table.move(given or {}, 1, #(given or {}), 1, {}), {}
  for _, st in ipairs(list) do
    if st.kind == "operator" or st.kind == "function" then
      ops[st.name] = { infix = st.infix, unicode = st.unicode, params = st.params }
    elseif st.kind == "notation" and not st.name then
      own_signs.add_notation(forms, notation_of(st), ops)
    end
  end
  for _, form in ipairs(own_signs.of_operators(ops)) do
    forms[#forms + 1] = form
  end
  if #forms == before or line and not is_written(forms, line) then
    return nil, before
  end
  local signs = own_signs.signs(forms)
  return signs and pattern(margin, signs), #forms
end

local grammars = {} -- by margin

local function grammar_for(margin)
  grammars[margin] = grammars[margin] or pattern(margin)
  return grammars[margin]
end

-- The line that begins at a byte, without quotes and comments, if there is a square bracket in it; else nil.
local function in_brackets(text, start)
  local line = text:sub(start, (text:find("\n", start, true) or 0) - 1)
  if not line:find("[", 1, true) then
    return nil
  end
  line = line:gsub('"[^"]*"', ""):match "[^#]*"
  return line:find("[", 1, true) and line
end

--- A text whose lines all end with a line feed: those that end with a carriage return alone are none to a parser.
---@param text string
---@return string
function M.lines(text)
  return text:find("\r", 1, true) and text:find "\r[^\n]" and text:gsub("\r%f[^\r\n]", "\n") or text
end

-- Most statements are plain: the engine reads them, to the same tables (src/read/statement.c).
local read_statement = core.plain.statements(
  reserved,
  statements,
  actions.options,
  actions.takes,
  themed.kinds,
  themed.signs,
  themed.types,
  titles.codes,
  actions.withable
)

-- The next statement behind a place, the place behind it and its line; nil: there is none, or it is not plain.
local function read_plain(text, pos, line, margin, context)
  local statement, stopped, last = read_statement(text, pos, line, margin, context.outline)
  if statement and statement.kind == "notation" and not pcall(notations.finish_notation, context, statement) then
    return nil -- the grammar says what is wrong
  end
  return statement, stopped, last
end

local function context_of(text, file)
  return {
    text = text,
    file = file,
    whole = "statement",
    reserved = reserved,
    statements = statements,
    hint = hints.of,
    hint_at_end = hints.at_end,
  }
end

-- How many lines end between two places.
local function lines_between(text, from, to)
  local count, newline = 0, text:find("\n", from, true)
  while newline and newline < to do
    count, newline = count + 1, text:find("\n", newline + 1, true)
  end
  return count
end

-- The statement at a place, by the grammar, and the place behind it; nil and the error. `reading` is of one file: the signs of
-- operators that the grammar has read once hold for the statements behind as well.
local function read_by_grammar(reading, list, start)
  local context = reading.context
  context.start = start
  local function with_signs(bracketed)
    local with
    with, reading.count = grammar_with(reading.margin, reading.forms, list, reading.count, bracketed)
    reading.compiled = with or reading.compiled
    return with
  end
  local bracketed = in_brackets(context.text, start)
  if bracketed then -- [A, B] may be a sign of a rule file
    with_signs(bracketed)
  end
  local statement, stopped = mistakes.match(reading.compiled or grammar_for(reading.margin), context)
  local with = not statement and with_signs()
  if with then
    statement, stopped = mistakes.match(with, context)
  end
  return statement, stopped
end

-- A statement that is not plain, the place behind it and its line; nil and the error. `line` is that of the place.
local function read_any(reading, list, pos, line)
  local text, file = reading.context.text, reading.context.file
  local start = blanks:match(text, pos)
  if text:sub(pos, start - 1) ~= reading.margin then
    return nil,
      errors.at {
        text = text,
        file = file,
        pos = start,
        message = "this line is indented less than the first statement",
        hint = "begin all statements at one margin",
      }
  end
  local statement, stopped = read_by_grammar(reading, list, start)
  if not statement then
    return nil, hint_on_sign(hint_at_margin(stopped, line), list)
  end
  statement.pos, statement.line = start, line
  return statement, stopped, line + lines_between(text, start, stopped)
end

-- What is read of one text: its margin, and the grammar with forms of operators, from the first statement on that needed it.
local function begin(text, margin, opts)
  return {
    margin = margin,
    forms = opts and opts.forms,
    count = 0, -- how many forms the grammar reads
    compiled = nil,
    context = context_of(text, opts and opts.file),
  }
end

--- Reads a rule file. A statement that does not match is read again with the signs that operators print as.
--- Of an identity below the heading of a table there is only an outline: its name and options, and
--- `body` and `stop`, where its forms begin and where they end; `at` reads it whole.
---@param text string
---@param opts table|nil file: the name that errors carry; forms: those in which operators print (nabla.language.own_signs)
---@return nabla.Statement[]|nil list empty for a file without statements
---@return nabla.Error|nil err the first error
function M.parse(text, opts)
  if type(text) ~= "string" then
    error(("text expected, got %s"):format(type(text)), 2)
  end
  local file = opts and opts.file
  if not core.plain.is_utf8(text) then
    return nil, errors.check_utf8(text, file)
  end
  text = M.lines(text)
  local pos = text:find "^\xEF\xBB\xBF" and 4 or 1 -- a byte order mark?
  local first = skip:match(text, pos)
  local reading = begin(text, text:sub(first, blanks:match(text, first) - 1), opts)
  local context, list, line = reading.context, {}, 1
  while true do
    local statement, stopped, last
    if not reading.compiled then
      statement, stopped, last = read_plain(text, pos, line, reading.margin, context)
    end
    if not statement then
      local next_one = skip:match(text, pos)
      if next_one > #text then
        local done, wrong = families.write_out(list, context)
        return done and adjoints.in_file(list, text), wrong
      end
      line = line + lines_between(text, pos, next_one)
      statement, stopped, last = read_any(reading, list, next_one, line)
      if not statement then
        return nil, stopped
      end
    end
    context.outline = context.outline or statement.kind == "table"
    list[#list + 1] = statement
    pos, line = stopped, last
  end
end

--- Reads the one statement that begins at a byte of a text that `parse` has read.
---@param text string
---@param pos integer
---@param opts table|nil as for `parse`
---@return nabla.Statement|nil statement
---@return nabla.Error|nil err
function M.at(text, pos, opts)
  local first = pos -- of its line; looked for backwards, so that it takes no longer at the end of a long file
  while first > 1 and text:byte(first - 1) ~= 10 do
    first = first - 1
  end
  local margin = text:sub(first, pos - 1)
  local reading = begin(text, margin, opts)
  local statement, stopped = read_plain(text, first, 1, margin, reading.context)
  if not statement then
    statement, stopped = read_by_grammar(reading, {}, pos)
  end
  if not statement then
    return nil, stopped
  end
  statement.pos, statement.line = pos, nil
  local done, wrong = families.write_out({ statement }, { text = text, file = opts and opts.file })
  return done and adjoints.in_file({ statement }, text)[1], wrong
end

return M
