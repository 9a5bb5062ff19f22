--- Which layout is a formula written in? `d(x'*A*x)/dx = x'*(A + A')`
--
-- A claimed derivative is compared with the derivative in every layout (nabla.identify.question). A claim that is
-- right nowhere is tried under other conventions, then with values that have an attribute (A symmetric), and then
-- with its tree changed a little (nabla.identify.verdicts, nabla.identify.repairs): what makes it right names the
-- mistake.
--
-- @module nabla.identify

local Question = require "nabla.identify.question"
local complex_letters = require "nabla.identify.complex_letters"
local core = require "nabla.core"
local elaborate = require "nabla.language.elaborate"
local errors = require "nabla.text.errors"
local formulas = require "nabla.identify.formula"
local habit = require "nabla.language.habit"
local latex = require "nabla.latex.parser"
local layouts = require "nabla.calculus.layout"
local notes = require "nabla.text.notes"
local page = require "nabla.page.elaborate"
local page_to_node = require "nabla.page.page_to_node"
local scopes = require "nabla.language.scope"
local syntax = require "nabla.language.syntax"
local unknown_functions = require "nabla.page.functions"
local verdicts = require "nabla.identify.verdicts"

local M = {}

local KIND = core.constants.kinds

-- A scope in which letters that nobody declared are scalars: the lower-case ones that are not printed in bold, where a page has
-- letters in bold; t; all, where no letter is transposed or a capital. A transposed letter is never a scalar.
local function with_scalars(session, formula)
  local scope, S, names = scopes.scope(session.scope), session.S, {}
  scope.pinned = {}
  local trees = Question.letters_in(session, formula.f, {})
  local transposed = formulas.transposed_in(formula.f, {})
  for _, claim in ipairs(formula.claims) do
    Question.letters_in(session, claim, trees)
    formulas.transposed_in(claim, transposed)
  end
  local bold = next(formula.bold)
  local plain_calculus = not next(transposed) -- no transpose, no capital: d ln x / dx
  for _, tree in ipairs(trees) do
    plain_calculus = plain_calculus and (tree.tag ~= "name" or habit.kind(tree.name) ~= "matrix")
  end
  for _, tree in ipairs(trees) do
    local name = tree.name
    local free = tree.tag == "name" and not scopes.lookup(scope, name) and not session.scope.dims[name]
    local plain = (bold or name == "t" or plain_calculus) and not formula.bold[name] and not transposed[name]
    if free and plain and habit.kind(name) == "vector" then
      local id = S:symbol(name, KIND.scalar, 0, 1, 1)
      scope.pinned[#scope.pinned + 1] = session:wrap(id)
      scope.vars[name] = { name = name, id = id, rows = 1, cols = 1, kind = "scalar" }
      names[#names + 1] = name
    end
  end
  table.sort(names)
  return #names > 0 and scope or nil,
    table.concat(names, ", ") .. (#names > 1 and " are scalars" or " is a scalar")
end

-- The readings of a text, the plainest first: options for nabla.identify.formula, and words.
local function readings_of(given)
  local text = given.formula or (given.expr .. " " .. given.claim)
  local list = { { options = {} } }
  if not latex.is_latex(text) and (not given.formula or text:find "%*") then
    return list -- the language says what it means
  end
  local function add(options, words)
    list[#list + 1] = { options = options, words = words }
  end
  local functions = false
  for name in ("exp log ln sin cos sqrt"):gmatch "%S+" do
    functions = functions or text:find("%f[%a]" .. name .. "%f[%A]") ~= nil
  end
  local entrywise = "exp, log, sin, cos, sqrt of a matrix are taken entry by entry"
  add({ scalars = true }, nil)
  if functions then
    add({ entrywise = true }, entrywise)
  end
  add({ square = true }, nil)
  return list
end

-- A formula from what `identify` is given.
local function formula_of(session, given, options)
  if given.formula then
    return formulas.read(session, given.formula, options)
  end
  options.variable = options.variable or latex.is_latex(given.wrt) and page_to_node.variable(session, given.wrt) or nil
  local f, open, bold, told, result = formulas.expression(session, given.expr, options)
  local claim, more, also_bold, also_told = formulas.expression(session, given.claim, options)
  for name in pairs(also_bold) do
    bold[name] = true
  end
  table.move(also_told, 1, #also_told, #told + 1, told)
  for _, o in ipairs(more) do
    open[#open + 1] = o
  end
  local formula = {
    text = given.expr,
    claim_text = given.claim,
    f = f,
    x = given.wrt,
    claims = { claim },
    open = open,
    bold = bold,
    notes = told,
    kinds = result and result.kinds,
    functions = result and result.functions,
    changed = result and result.changed,
  }
  if given.hessian then
    formula.y = given.hessian == true and given.wrt or given.hessian
  end
  if latex.is_latex(given.wrt) then
    formula.x = syntax.dump((formulas.expression(session, given.wrt, options)))
  end
  return formula
end

local function new_question(session, formula, claim, given, outer)
  formula.claim_text = formula.claim_text or formula.text
  formula.claim = claim
  local question = Question.ask(session, formula, claim, given, outer)
  question.layouts = formula.differential and { "numerator" } or Question.layout_names(session, given.layout)
  return question
end

-- The sizes at which both sides have a meaning, if they are not those that the expression alone has: a scope, and words.
local function common_sizes(question)
  local session, formula = question.session, question.formula
  local c = elaborate.context(session, {
    text = formula.text,
    habit = true,
    layout = session.layout,
    given_kinds = formula.kinds,
  })
  for name in pairs(question.vectors) do
    c.vectors[name] = true
  end
  for name, var in pairs(question.scope.vars) do
    c.vectors[name] = var.kind == "vector" or nil
  end
  local scope, words = scopes.scope(session.scope), {}
  local ok = errors.attempt_in_budget(function()
    local f = page.complete(session, formula.f)
    c:infer(f)
    c:infer(question.claim)
    c:settle(f)
  end)
  for name, var in pairs(ok and c.scope.vars or {}) do
    local before = question.scope.vars[name]
    if before and var.id then
      local id = question:pin(var.id)
      scope.vars[name] =
        { name = name, id = id, rows = var.rows, cols = var.cols, kind = var.kind, family = var.family }
      local changed = before.rows ~= before.cols and var.rows == var.cols and var.rows ~= 1
      words[#words + 1] = changed and name or nil
    end
  end
  table.sort(words)
  return #words > 0 and scope or nil, words
end

-- A scope in which every matrix that nobody declared is n x n; and their names.
local function all_square(session, formula, claim)
  local S, scope, names = session.S, scopes.scope(session.scope), {}
  scope.pinned = {}
  local n = S:dim "n"
  for _, tree in ipairs(Question.letters_in(session, claim, Question.letters_in(session, formula.f, {}))) do
    local name = tree.name
    local unknown = tree.tag == "name" and not scopes.lookup(scope, name) and not session.ops[name]
    local kind = formula.kinds and formula.kinds[name] or habit.kind(name)
    if unknown and kind == "matrix" then
      local id = S:symbol(name, KIND.matrix, 0, n, n)
      scope.pinned[#scope.pinned + 1] = session:wrap(id)
      scope.vars[name] = { name = name, id = id, rows = n, cols = n, kind = "matrix" }
      names[#names + 1] = name
    end
  end
  table.sort(names)
  return #names > 0 and scope or nil, names
end

-- Is a claim whose sizes do not fit right for other sizes: those that both sides have in common, or if all matrices are square?
local function at_other_sizes(question, result, given)
  for _, find in ipairs { common_sizes, all_square } do
    local scope, names
    if find == common_sizes then
      scope, names = common_sizes(question)
    else
      scope, names = all_square(question.session, question.formula, question.formula.claim)
    end
    local again = { layouts = {}, conditions = {}, nearest = {} }
    local ok, right = errors.attempt_in_budget(function()
      local other = scope and new_question(question.session, question.formula, question.formula.claim, given, scope)
      return other and verdicts.in_layouts(other, question.session.convention, again)
    end)
    for _, entry in ipairs(ok and right and again.layouts or {}) do
      if entry.verdict == "right" then
        table.insert(
          result.conditions,
          { layout = entry.layout, names = names, attribute = "square", claim = entry.claim }
        )
      end
    end
    if #result.conditions > 0 then
      return
    end
  end
end

-- A differential that leaves letters out is right if these are constants.
local function if_constant(question, result, claim, given)
  local session, S = question.session, question.session.S
  local own = question:node(question.claim, "numerator")
  local constant, names, some = {}, {}, false
  for _, direction in ipairs(question.into[2]) do
    local occurs = false
    for _, node in ipairs(own and S:postorder(own) or {}) do
      occurs = occurs or node == direction
    end
    some = some or occurs
    local name = not occurs and S:op(direction) == "symbol" and S:name(direction):match "^d%((.*)%)$"
    if name then
      constant[name] = true
      names[#names + 1] = name
    end
  end
  if not some or #names == 0 then
    return
  end
  table.sort(names)
  local opts = setmetatable({ constant = constant }, { __index = given })
  local again = { layouts = {}, conditions = {}, nearest = {} }
  if verdicts.in_layouts(new_question(session, question.formula, claim, opts), session.convention, again) then
    result.conditions[1] =
      { layout = "numerator", names = names, attribute = "constant", claim = again.layouts[1].claim }
  end
end

-- One claim: what is found. The search for repairs is left for later: it takes long, and there may be another reading.
local function judged(session, formula, claim, given, outer)
  local question = new_question(session, formula, claim, given, outer)
  local result = { layouts = {}, conditions = {}, nearest = {} }
  result.expr, result.wrt = session:wrap(question.shown_f), question.by and tostring(question.by)
  result.wrt2 = question.by_other and tostring(question.by_other)
  local found = verdicts.in_layouts(question, session.convention, result)
  if found then
    result.status = "right"
    return result, question
  end
  if result.error and not question.has_derivatives and not formula.differential and not outer then
    at_other_sizes(question, result, given)
  end
  if formula.differential and not result.error then
    if_constant(question, result, claim, given)
  end
  if #result.conditions > 0 then
    result.status, result.error = "conditional", nil
  elseif
    not formula.differential and verdicts.in_conventions(question, result)
    or verdicts.under_attributes(question, result)
  then
    result.status = "conditional"
    local plain = false
    for _, c in ipairs(result.conditions) do
      plain = plain or c.attribute == "symmetric" or c.convention ~= nil
    end
    if not plain then
      function result.later()
        verdicts.nearest_repairs(question, result, true)
      end
    end
  else
    local transposed = false
    for _, entry in ipairs(result.layouts) do
      transposed = transposed or entry.verdict == "transposed"
    end
    result.status = transposed and "transposed" or "wrong"
    function result.later()
      if not transposed and not verdicts.is_second(question, result) then
        verdicts.nearest_repairs(question, result)
      end
    end
  end
  return result, question
end

local RANK = { right = 1, conditional = 2, transposed = 3, wrong = 4 }

-- All claims of a formula. In a chain the first that is not right is the answer; a layout is right if all claims are right in it.
local function all_claims(session, formula, given, outer)
  local results, questions = {}, {}
  for i, claim in ipairs(formula.claims) do
    results[i], questions[i] = judged(session, formula, claim, given, outer)
  end
  local worst = 1
  for i, result in ipairs(results) do
    worst = RANK[result.status] > RANK[results[worst].status] and i or worst
  end
  local result = results[worst]
  if #results > 1 and result.status ~= "right" then
    result.part, result.parts = worst, #results
  elseif #results > 1 then
    local common = false
    for k, entry in ipairs(result.layouts) do
      for i = 2, #results do
        local other = results[i].layouts[k]
        if entry.verdict == "right" and other.verdict ~= "right" then
          entry.verdict = other.verdict
        end
      end
      common = common or entry.verdict == "right"
    end
    if not common then
      result.status, result.mixed = "transposed", true
    end
  end
  local later = result.later
  function result.later()
    if later then
      later()
    end
    for _, list in
      ipairs(formula.differential and { result.layouts, result.conditions, result.nearest } or {})
    do
      for _, entry in ipairs(list) do
        entry.layout = "differential"
      end
    end
  end
  return result, questions[1]
end

--- The scope of unknown functions that a formula speaks of and nobody declared, or nil.
function M.function_scope(session, formula)
  if not formula.functions or not next(formula.functions) then
    return nil
  end
  local f = page.complete(session, formula.f)
  local scope, _, pinned = unknown_functions.scope(
    session,
    f,
    formula.functions,
    { kinds = formula.kinds, text = formula.text }
  )
  formula.pinned = pinned
  return scope
end

-- What a reading of the text gives: { result =, question =, words = (what it assumes) }; nil where it is no other reading.
local function attempt(session, given, reading)
  local options, words = {}, reading.words
  for key, value in pairs(reading.options) do
    options[key] = value
  end
  local formula, outer = formula_of(session, given, options), nil
  if options.scalars or options.square then
    local assumed
    if options.square then
      outer, assumed = all_square(session, formula, formula.claims[1])
      assumed = table.concat(assumed, ", ") .. (#assumed > 1 and " are square" or " is square")
    else
      outer, assumed = with_scalars(session, formula)
    end
    if not outer then
      return nil
    end
    options.scope = outer
    formula = formula_of(session, given, options)
    words = words and assumed .. "; " .. words or assumed
  end
  if options.entrywise and formula.changed then
    return nil
  end
  outer = outer or M.function_scope(session, formula)
  local result, question = all_claims(session, formula, given, outer)
  result.notes = notes.list(formula.notes) or {}
  return { result = result, question = question, words = words }
end

-- The best of the readings, as `attempt` gives it.
local function best_reading(session, given)
  local best, first_error, others = nil, nil, {}
  for _, reading in ipairs(readings_of(given)) do
    -- matrices that are square are looked at where nothing else could be read
    if not reading.options.square or not best and first_error.message:find "^the sizes" then
      local ok, found = errors.attempt_in_budget(attempt, session, given, reading)
      if not ok and type(found) ~= "table" then
        error(found, 0)
      elseif not ok then
        first_error = first_error or found
      elseif found then
        others[#others + 1] = found
        if not best or RANK[found.result.status] < RANK[best.result.status] then
          best = found
        end
      end
      if best and best.result.status == "right" then
        break
      end
    end
  end
  if not best then
    error(first_error, 0)
  end
  best.result.later()
  local result = best.result
  for _, other in ipairs(result.status == "wrong" and #result.nearest == 0 and others or {}) do
    if other ~= best and #best.result.nearest == 0 then -- a reading in which there is a repair is the likelier one
      other.result.later()
      if #other.result.nearest > 0 then
        best = other
      end
    end
  end
  best.result.later = nil
  return best
end

-- nabla's own derivative of a question in another layout; an error where it does not agree with finite differences.
local function converted(question, to)
  local session = question.session
  if question.formula.differential then
    errors.refuse "a differential has no layout to be converted to"
  end
  layouts.named(session, to)
  local node, why = question:answer(to, session.convention)
  if not node then
    error(why, 0)
  end
  question.layouts = { to }
  local truth = question:truth(to, session.convention, question:assuming())
  if not truth or truth.doubtful then
    errors.refuse("the derivative in the %s layout does not agree with finite differences", to)
  end
  return node
end

--- Identify a formula; see nabla.Session:identify.
function M.identify(session, given)
  given = setmetatable({}, { __index = given })
  for _, key in ipairs { "expr", "claim", "wrt" } do
    if given[key] and type(given[key]) ~= "string" then
      given[key] = session:text(given[key])
    end
  end
  if session.complex_letters then
    local formula = formula_of(session, given, {})
    if complex_letters.concern(session, formula) then
      return complex_letters.identify(session, formula, given)
    end
  end
  local best = best_reading(session, given)
  local result = best.result
  if best.words then
    table.insert(result.notes, 1, best.words)
  end
  if given.to then
    result.converted = converted(best.question, given.to)
  end
  return result
end

-- ---------------------------------------------------------------------------------------------- in words

local function condition_text(c)
  local parts = {}
  if c.names then
    local verb = #c.names > 1 and "are" or c.attribute:find " 1$" and "has the" or "is"
    parts[1] = ("if %s %s %s"):format(table.concat(c.names, " and "), verb, c.attribute)
  end
  if c.convention then
    parts[#parts + 1] = "by the convention " .. c.convention
  end
  return table.concat(parts, ", ")
end

-- Entries with the same text together, with the layouts of all.
local function grouped(list, text)
  local groups, known = {}, {}
  for _, entry in ipairs(list) do
    local key = text(entry)
    if not known[key] then
      known[key] = { key = key, layouts = {} }
      groups[#groups + 1] = known[key]
    end
    table.insert(known[key].layouts, entry.layout)
  end
  return groups
end

local SUMMARY = {
  right = "right",
  conditional = "right under a condition",
  transposed = "right after a transpose only",
  wrong = "wrong in every layout",
}

--- The result of `identify` as lines of text.
-- @tparam table result
-- @tparam[opt] string how text, unicode or latex
-- @param[opt] parts true, or "auto", for names of the parts of answers that repeat
function M.describe(result, how, parts)
  local out, rows = {}, {}
  local function text(node)
    return node:text(how or "text", { parts = parts })
  end
  out[1] = SUMMARY[result.status]
  if #result.layouts == 1 and result.status == "wrong" then
    out[1] = "wrong"
  end
  if result.part then
    out[1] = ("right side %d of %d: %s"):format(result.part, result.parts, out[1])
  elseif result.mixed then
    out[1] = "each right side is right, but in another layout than the others"
  end
  local refused = {}
  for _, entry in ipairs(result.layouts) do
    if entry.verdict == "none" then
      refused[#refused + 1] = entry.layout
    elseif entry.verdict == "right" then
      rows[#rows + 1] = { entry.layout, "right" }
    else
      local what = entry.verdict == "transposed" and "transposed" or "wrong"
      local shown = entry.answer and text(entry.answer)
      if entry.verdict == "wrong" and result.status == "conditional" then
        what = "in general"
      end
      rows[#rows + 1] = { entry.layout, shown and what .. ": " .. shown or what }
    end
  end
  if #refused > 0 then
    rows[#rows + 1] = { table.concat(refused, ", "), "no such derivative" }
  end
  local width = 0
  for _, row in ipairs(rows) do
    width = math.max(width, #row[1])
  end
  for _, row in ipairs(rows) do
    out[#out + 1] = ("  %s%s  %s"):format(row[1], (" "):rep(width - #row[1]), row[2])
  end
  for _, group in ipairs(grouped(result.conditions, condition_text)) do
    out[#out + 1] = ("right %s (%s)"):format(group.key, table.concat(group.layouts, ", "))
  end
  if result.error then
    out[#out + 1] = "as printed: " .. result.error.message
  end
  for _, note in ipairs(result.notes or {}) do
    out[#out + 1] = "read so: " .. note
  end
  local function near_text(near)
    return near.change .. ": " .. text(near.answer)
  end
  for _, group in ipairs(grouped(result.nearest, near_text)) do
    out[#out + 1] = ("nearest: %s (%s)"):format(group.key, table.concat(group.layouts, ", "))
  end
  if result.converted then
    out[#out + 1] = "converted: " .. text(result.converted)
  end
  return table.concat(out, "\n") .. "\n"
end

return M
