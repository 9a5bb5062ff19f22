--- The rows of a notation that say how a program writes: `reads "%1 @ %2" as "%1*%2"`, `writes "eye(%1)" for "I(%1)"`.
--
-- The place of the arguments in a form says what the form is: a sign between two arguments, a sign or a method behind one, or a call.
-- Here rows are tested, and made into what the reader (nabla.language.program_notation) and the printer (nabla.print.program_notation) work
-- with.
--
-- @module nabla.language.program_rows

local lpeg = require "lpeg"
local program_indices = require "nabla.language.program_indices"
local syntax = require "nabla.language.syntax"

local P, R, S, C, Cp, Ct, Cc = lpeg.P, lpeg.R, lpeg.S, lpeg.C, lpeg.Cp, lpeg.Ct, lpeg.Cc

local M = {}

--- How closely a sign binds.
M.SUM, M.PRODUCT, M.UNARY, M.POWER = 1, 2, 3, 4

--- What a condition may say of an argument: the kinds that it allows.
M.kinds = {
  scalar = { scalar = true },
  column = { column = true },
  row = { row = true },
  vector = { column = true, row = true },
  matrix = { matrix = true },
}

--- A text with its arguments as names: argument1 for %1.
function M.named(text)
  return (text:gsub("%%(%d)", "argument%1"))
end

-- The tree of a meaning, and its arguments by name; nil and the error.
local function read_meaning(meaning)
  local params = {}
  local text = meaning:gsub("%%(%d)", function(digit)
    params[tonumber(digit)] = "argument" .. digit
    return "argument" .. digit
  end)
  local body, err = syntax.expression(text)
  return body and { params = params, body = body }, err
end

-- What has been read, by row.
local bodies = setmetatable({}, { __mode = "k" })

--- The tree of what a row stands for, and its arguments by name; nil and the error. It is read once.
-- @tparam table row
function M.body_of(row)
  local known, err = bodies[row], nil
  if not known then
    known, err = read_meaning(row.meaning)
    bodies[row] = known
  end
  return known, err
end

local body_of = M.body_of

local function level_of(body)
  local tag = body.tag
  return tag == "sum" and M.SUM or tag == "power" and M.POWER or M.PRODUCT
end

--- Where the arguments of a form are: "between", "behind", "method", "call" or "constant", and what is written there; nil: it is
-- none of these.
-- @tparam string form
function M.place(form)
  local sign = form:match "^%%1%s*([^%w%s(),]+)%s*%%2$"
  if sign then
    return "between", sign
  end
  local method, list = form:match "^%%1%.([%a_][%w_]*)%((.*)%)$"
  if method then
    return "method", method, list
  end
  local behind = form:match "^%%1([^%s%%]+)$" or form:match "^%%1(%[[^%%]*%])$"
  if behind then
    return "behind", behind
  end
  local name, args, rest = form:match "^([%a_][%w_.]*)(%b())([^()%%]*)$"
  if name then
    return "call", name, args:sub(2, -2), rest
  end
  return form:find "^[%a_][%w_.]*$" and "constant" or nil, form
end

-- The arguments of a call in a form: numbers, and texts that are there as they are. A pair in brackets is two of them.
local function arguments_of(list)
  local args = {}
  for part in list:gmatch "[^,]+" do
    part = part:gsub("%s", "")
    args[#args + 1] = tonumber(part:match "^%(?%%(%d)%)?$") or part
  end
  return args
end

-- Is a form read as one of these? Otherwise it is an expression, such as 1/(1 + exp(-%1)), which is looked for in what is read.
local function is_read_at_once(place, list)
  if not list then
    return place ~= nil
  end
  for part in list:gmatch "[^,]+" do
    local plain = part:gsub("%s", "")
    if plain:find "%%" and not plain:find "^[(]?%%%d[)]?$" then
      return false
    end
  end
  return place ~= nil and (not list:find("(", 1, true) or list:find "^%([^()]*%)$" ~= nil)
end

-- ---------------------------------------------------------------------------------------------- tokens

local letter = R("az", "AZ", "\128\255") + "_"
local word = letter * (letter + R "09") ^ 0
local digits = R "09" ^ 1
local mantissa = digits * ("." * digits) ^ -1 * (P "." * -(letter + S "*/^'+-\\(=")) ^ -1 + "." * digits
local number = mantissa * (S "eE" * S "+-" ^ -1 * digits) ^ -1

-- The ordered choice of some patterns. LPeg copies both sides of each choice: halves are copied less than one after another.
local function first_of(patterns, from, to)
  if from >= to then
    return patterns[from] or P(false)
  end
  local middle = (from + to) // 2
  return first_of(patterns, from, middle) + first_of(patterns, middle + 1, to)
end

-- One of the literals, longest first; a word among them ends where it ends.
local function one_of(literals, behind_word)
  table.sort(literals, function(a, b)
    return #a > #b or #a == #b and a < b
  end)
  local choices = {}
  for i, literal in ipairs(literals) do
    choices[i] = literal:find "[%w_]$" and C(literal) * behind_word or C(literal)
  end
  return first_of(choices, 1, #choices)
end

-- The tokens of a text: { place, kind, text }.
local function tokens(rules, characters)
  local sign = one_of(rules.signs, -(letter + R "09" + "("))
  local text = P "'" * (R("az", "AZ", "09") ^ 1) * "'" + '"' * (R("az", "AZ", "09") ^ 1) * '"'
  local behind_bracket = lpeg.B(S "(,=") + lpeg.B(P ", ")
  text = text + behind_bracket * (P "'" * (P(1) - S "'\n") ^ 0 * "'" + P '"' * (P(1) - S '"\n') ^ 0 * '"') -- 'ij,jk->ik'
  local broadcast = P "." * #P "(" -- exp.(x)
  local token = Cc "text" * C(text) * #(S " \t" ^ 0 * S "),") -- 'fro', before the sign of a transpose
    + Cc "number" * C(number)
    + Cc "sign" * sign
    + Cc "name" * C(word * ("." * word) ^ 0 * broadcast ^ -1)
    + Cc "sign" * C(P ".+" + ".-")
    + Cc "method" * ("." * C(word))
    + Cc "sign" * C(S("+-(),=[]:;" .. characters))
  -- A name ends before a sign such as .T, so that X.T is a name and a sign.
  local dotted = {}
  for _, literal in ipairs(rules.signs) do
    if literal:sub(1, 1) == "." and literal:find "[%w_]$" then
      dotted[#dotted + 1] = P(literal) * -(letter + R "09")
    end
  end
  for method in pairs(rules.method) do
    dotted[#dotted + 1] = "." * P(method) * #P "("
  end
  local full = {}
  for _, calls in ipairs { rules.call, rules.constant } do
    for name in pairs(calls) do
      full[#full + 1] = name:find "%.%w" and name or nil
    end
  end
  local known = Cc "name" * one_of(full, -(letter + R "09")) -- np.sum is no method of np
  local plain = known + Cc "name" * C(word * (-first_of(dotted, 1, #dotted) * "." * word) ^ 0 * broadcast ^ -1)
  local space = S " \t\r\n" ^ 0
  return Ct((space * Ct(Cp() * (plain + token))) ^ 0) * space * Cp()
end

-- ---------------------------------------------------------------------------------------------- rules

-- Let calls that begin with a prefix be read with others as well.
local function add_prefixes(rules, prefix, others)
  for _, calls in ipairs { rules.call, rules.constant } do
    local more = {}
    for name, list in pairs(calls) do
      for _, other in ipairs(name:sub(1, #prefix) == prefix and others or {}) do
        more[other .. name:sub(#prefix + 1)] = list
      end
    end
    for name, list in pairs(more) do
      calls[name] = calls[name] or list
    end
  end
end

--- What the rows of a notation read, by place; `expressions` are rows whose forms are expressions in it. Raises nothing: a row is
-- tested by @{check}.
-- @tparam {table,...} rows { form =, meaning =, reads =, vectors_as_rows =, from_left =, note =, when = }
-- @tparam[opt] table names of a notation: those that have a text
-- @tparam[opt] table notation `indices` and `sums`: how it writes indices and counted sums; `prefixes`: other beginnings of its calls,
-- { "np.", { "numpy." } }
-- @treturn table
function M.rules(rows, names, notation)
  local indices, sums = notation and notation.indices, notation and notation.sums
  local rules = { between = {}, behind = {}, method = {}, call = {}, constant = {} }
  rules.signs, rules.names, rules.expressions = {}, {}, {}
  for name, forms in pairs(names or {}) do
    rules.names[forms.text or name] = name
  end
  local seen = {}
  for _, row in ipairs(rows) do
    local place, literal, list, rest = M.place(row.form)
    if row.reads and not is_read_at_once(place, list) then
      table.insert(rules.expressions, row)
    elseif row.reads then
      local known = body_of(row)
      local rule = { formula = known, row = row, level = level_of(known.body), args = list and arguments_of(list) }
      rule.rest, rule.list = rest, list
      rules[place][literal] = rules[place][literal] or {}
      table.insert(rules[place][literal], rule)
      if (place == "between" or place == "behind") and not seen[literal] then
        rules.signs[#rules.signs + 1], seen[literal] = literal, true
      end
    end
  end
  for _, prefix in ipairs(notation and notation.prefixes or {}) do
    add_prefixes(rules, prefix[1], prefix[2])
  end
  rules.tokens = tokens(rules, program_indices.characters(indices, sums))
  rules.indices, rules.sums = indices, {}
  for i, one in ipairs(sums or {}) do
    rules.sums[i] = program_indices.form(one, rules.tokens)
  end
  return rules
end

-- What a tree is as a part of what is written: the tag of a display tree, or the name of a function.
local PRODUCT_TAGS = { ["*"] = "product", [".*"] = "hadamard", ["/"] = "quotient", ["./"] = "eldiv" }

local function subject_of(body)
  local tag = body.tag
  if tag == "product" then
    return #body.args == 2 and PRODUCT_TAGS[body.ops[1]]
  elseif tag == "power" then
    return body.elementwise and "elpower" or "power"
  elseif tag == "transpose" then
    return "transpose"
  end
  return (tag == "call" or tag == "name") and "call", body.name
end

-- The parts of a tree: those of a call and of a product are in a list of their own.
local function parts_of(body)
  return body.args or body
end

-- Is a tree nothing but its arguments, in their order?
local function is_plain(body)
  for i, part in ipairs(parts_of(body)) do
    if part.tag ~= "name" or part.name ~= "argument" .. i then
      return false
    end
  end
  return true
end

-- A tree of a row as the printer matches it: `argument`, or a tag and parts.
local function pattern_of(body)
  local argument = body.tag == "name" and body.name:match "^argument(%d)$"
  if argument then
    return { argument = tonumber(argument) }
  end
  local pattern = { tag = body.tag, name = body.name, text = body.text }
  if body.tag == "name" then
    pattern.tag = "call"
  end
  for i, part in ipairs(parts_of(body)) do
    pattern[i] = pattern_of(part)
  end
  return pattern
end

--- The name of the function that a row is about, and the number of its arguments; nil: it is about no call.
-- @tparam table row
function M.called(row)
  local body = body_of(row).body
  if body.tag == "call" then
    return body.name, #body.args
  end
end

--- What the rows of a notation write, by what they are for: the tag of a display tree, or `calls` and the name of a function. Each is a
-- list of `{ form, place, literal, pattern, plain, when }`, of which the first that fits is meant.
-- @tparam {table,...} rows
-- @treturn table|nil nil where nothing is written
function M.writings(rows)
  local all, found = { calls = {} }, false
  for _, row in ipairs(rows) do
    if row.writes then
      local body = body_of(row).body
      local place, literal = M.place(row.form)
      local subject, name = subject_of(body)
      local list = subject == "call" and all.calls or all
      local key = row.operator or name or subject
      list[key] = list[key] or {}
      table.insert(list[key], {
        form = row.form:match "^(%b())$" and row.form:sub(2, -2) or row.form, -- brackets are put where they are needed
        place = place,
        literal = literal,
        pattern = pattern_of(body),
        plain = is_plain(body),
        when = row.when,
      })
      found = true
    end
  end
  return found and all or nil
end

-- What is wrong with a row that is written.
local function check_written(row, body)
  if not subject_of(body) then
    local message = "nothing is written for %s: a sign between two arguments, a power, a transpose or a call is"
    return message:format(row.meaning)
  end
  for i in row.form:gmatch "%%(%d)" do
    if not row.meaning:find("%" .. i, 1, true) then
      return ("%s lacks %%%s"):format(row.meaning, i)
    end
  end
end

--- What is wrong with a row, a text and a hint; nil if nothing is.
function M.check(row)
  local known, err = body_of(row)
  if not known then
    return err.message, err.hint
  end
  for i in pairs(known.params) do
    if not row.form:find("%" .. i, 1, true) then
      return ("the form lacks %%%d"):format(i)
    end
  end
  for _, condition in ipairs(row.when or {}) do
    if not known.params[condition.argument] then
      return ("the condition is of %%%d, which %s lacks"):format(condition.argument, row.meaning)
    end
  end
  if row.writes then
    return check_written(row, known.body)
  end
end

return M
