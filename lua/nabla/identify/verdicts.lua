--- The verdicts on a question (nabla.identify.question): right in which layouts, by which conventions, under which attributes; the
-- second derivative; or a small change away from what is right.
--
-- @module nabla.identify.verdicts

local Question = require "nabla.identify.question"
local conventions = require "nabla.calculus.convention"
local errors = require "nabla.text.errors"
local by_numbers = require "nabla.compare.derivative_by_numbers"
local repairs = require "nabla.identify.repairs"
local slips = require "nabla.identify.slips"
local spelling = require "nabla.text.spelling"
local syntax = require "nabla.language.syntax"

local M = {}

local MOST_PAIRS, MOST_NEAREST = 1500, 3

-- Each layout: right, transposed, wrong, or none there.
function M.in_layouts(question, convention, result)
  local assumptions = question:assuming()
  if not assumptions.ok then
    error(assumptions.err, 0)
  end
  local case = question:case(question.claim, convention, assumptions)
  local found, meaningful = false, false
  local there, doubtful = 0, 0
  for _, layout in ipairs(question.layouts) do
    local truth, why = question:truth(layout, convention, assumptions)
    local entry = { layout = layout, convention = convention }
    if not truth then
      entry.verdict, entry.reason = "none", why
    else
      local right, shown, how = question:judge(case, layout)
      entry.verdict = right and "right" or how == "transposed" and "transposed" or "wrong"
      entry.answer = question:answer(layout, convention)
      there = there + 1
      if truth.doubtful then
        entry.answer, doubtful = nil, doubtful + 1
      end
      entry.claim = shown and question.session:wrap(shown) or nil
      if not right and type(how) == "table" then
        if how.message:find "^unknown " then
          error(how, 0)
        end
        entry.reason = how.message
        result.error = result.error or how
      else
        meaningful = true
      end
      found = found or right
    end
    result.layouts[#result.layouts + 1] = entry
  end
  if meaningful and doubtful > 0 and doubtful == there and not found then
    errors.refuse "it cannot be judged: nabla's own derivative and finite differences do not agree at random values"
  end
  if meaningful then -- its sizes fit in some layout
    result.error = nil
  end
  return found
end

-- Other conventions, for a variable with structure.
function M.in_conventions(question, result)
  local session = question.session
  local names = question.opts.convention and {} or spelling.names(session.conventions)
  local seen = {}
  for _, name in ipairs(names) do
    local convention = session.conventions[name]
    if not seen[convention] and name ~= session.convention and not convention.only_complex then
      seen[convention] = true
      local case = question:case(question.claim, name, question:assuming())
      for _, layout in ipairs(question.layouts) do
        local right, shown = question:judge(case, layout)
        if right then
          result.conditions[#result.conditions + 1] =
            { layout = layout, convention = convention.name, claim = session:wrap(shown) }
        end
      end
    end
  end
  return #result.conditions > 0
end

-- The square matrices in the question.
local function square_matrices(question)
  local S, list, seen = question.session.S, {}, {}
  for _, id in ipairs { question.f, question.differences.variable, table.unpack(question.further) } do
    for _, node in ipairs(S:postorder(id)) do
      local square = S:op(node) == "symbol" and S:kind(node) == "matrix" and S:rows(node) == S:cols(node)
      if square and S:rows(node) ~= 1 and not seen[S:name(node)] then
        seen[S:name(node)] = true
        list[#list + 1] = node
      end
    end
  end
  table.sort(list, function(a, b)
    return S:name(a) < S:name(b)
  end)
  return list
end

-- Attributes of square matrices that a value can be given, those that say least first.
local function attributes_of(session)
  local list = {}
  for name in pairs(session.attributes) do
    if session.square_attributes[name] or name == "diagonal" or name == "orthogonal" then
      list[#list + 1] = name
    end
  end
  local function weight(name)
    local n = 0
    for _ in pairs(session.implications[name] or {}) do
      n = n + 1
    end
    return n
  end
  table.sort(list, function(a, b)
    local v, w = weight(a), weight(b)
    return v < w or v == w and (a == "symmetric" or b ~= "symmetric" and a < b)
  end)
  return list
end

local function implied_by(session, stronger, weaker)
  for other in pairs(session.implications[stronger] or {}) do
    if other == weaker or implied_by(session, other, weaker) then
      return true
    end
  end
  return false
end

-- Is a derivative zero under its assumptions? Then any claim with a factor that is zero there would be right.
local function vanishes(truth)
  for _, value in ipairs(truth.values) do
    for k = 1, value.rows * value.cols do
      if math.abs(value[k]) > Question.DIFFERENCES then
        return false
      end
    end
  end
  return true
end

-- Has a matrix under some assumptions no value but the identity, its negative, or zero? An idempotent matrix that is positive
-- definite is the identity: a statement about it says nothing.
local function is_trivial(assumptions, name)
  for _, at in ipairs(assumptions.draws) do
    local v = at.values[name]
    if not v or type(v) == "number" or v.rows ~= v.cols then
      return false
    end
    local first, n = v[1], v.rows
    for k = 1, n * n do
      local on_diagonal = (k - 1) % (n + 1) == 0
      local wanted = on_diagonal and first or 0
      if math.abs(v[k] - wanted) > 1e-9 then
        return false
      end
    end
    if math.abs(math.abs(first) - 1) > 1e-9 and math.abs(first) > 1e-9 then
      return false
    end
  end
  return #assumptions.draws > 0
end

-- The attributes that are tried.
local TRIED = {
  symmetric = true,
  skew = true,
  diagonal = true,
  orthogonal = true,
  orthonormal = true,
  idempotent = true,
  lower = true,
  upper = true,
  toeplitz = true,
}

-- Is the claim right where some names have an attribute? The layouts in which it is are conditions of the result.
local function right_if(question, result, names, attribute, convention)
  local session = question.session
  local extra, key = {}, { attribute }
  for i, name in ipairs(names) do
    extra[name] = { [attribute] = true }
    for weaker in pairs(session.implications[attribute] or {}) do
      extra[name][weaker] = true
    end
    key[i + 1] = name
  end
  local assumptions = question:assuming(extra, table.concat(key, " "))
  if not assumptions.ok then
    return
  end
  for _, name in ipairs(names) do
    if is_trivial(assumptions, name) then
      return
    end
  end
  local bits = convention and session.attributes[attribute].bits
  convention = convention or session.convention
  local case = question:case(question.claim, convention, assumptions, bits)
  for _, layout in ipairs(question.layouts) do
    local right, shown = question:judge(case, layout)
    if right and not vanishes(question:truth(layout, convention, assumptions, bits)) then
      result.conditions[#result.conditions + 1] = {
        layout = layout,
        names = names,
        attribute = attribute,
        convention = convention ~= session.convention and convention or nil,
        claim = session:wrap(shown),
      }
    end
  end
end

-- One square matrix with an attribute, unless the claim is right with a weaker one.
local function if_one_matrix(question, result, matrices, attributes)
  local session, S = question.session, question.session.S
  local function weaker_works(name, attribute)
    for _, c in ipairs(result.conditions) do
      if c.names and c.names[1] == name and #c.names == 1 and implied_by(session, attribute, c.attribute) then
        return true
      end
    end
  end
  local symmetric = {}
  for _, attribute in ipairs(attributes) do
    for _, node in ipairs(matrices) do
      local name = S:name(node)
      if not S:property(attribute, node) and not weaker_works(name, attribute) and not symmetric[name] then
        right_if(question, result, { name }, attribute)
        symmetric[name] = attribute == "symmetric" and #result.conditions > 0 or nil
      end
    end
  end
end

-- A vector of sum or length 1, unless the claim itself holds its sum or length: then the page does not take it for 1. The
-- operators are named, as what the words "sum" and "length" mean.
local function if_normed(question, result)
  local forms = { ["sum 1"] = { "sum(%s)" }, ["length 1"] = { "norm2(%s)", "(%s' * %s)" } }
  local printed = syntax.dump(question.claim)
  for _, name in ipairs(Question.arrays_in(question.session.S, question.f, "vector")) do
    for _, attribute in ipairs(#result.conditions == 0 and { "sum 1", "length 1" } or {}) do
      local there = false
      for _, form in ipairs(forms[attribute]) do
        there = there or printed:find((form:gsub("%%s", name)), 1, true) ~= nil
      end
      if not there then
        right_if(question, result, { name }, attribute)
      end
    end
  end
end

-- All square matrices with one attribute.
local function if_all_matrices(question, result, matrices)
  local names = {}
  for i, node in ipairs(matrices) do
    names[i] = question.session.S:name(node)
  end
  for _, attribute in ipairs { "symmetric", "diagonal" } do
    if #result.conditions == 0 and question.session.attributes[attribute] then
      right_if(question, result, names, attribute)
    end
  end
end

-- A variable with a structure, by another convention.
local function if_structured(question, result, attributes)
  local session = question.session
  local before, name = #result.conditions, session.S:name(question.differences.variable)
  for _, attribute in ipairs(attributes) do
    for _, convention in ipairs(spelling.names(session.conventions)) do
      local known = session.conventions[convention]
      local own_name = known.name == convention and not known.only_complex
      if own_name and convention ~= "free" and #result.conditions == before then
        right_if(question, result, { name }, attribute, convention)
      end
    end
  end
end

-- Under which attributes is it right?
function M.under_attributes(question, result)
  local S, matrices, attributes = question.session.S, square_matrices(question), {}
  for _, attribute in ipairs(attributes_of(question.session)) do
    attributes[#attributes + 1] = TRIED[attribute] and attribute or nil
  end
  if_one_matrix(question, result, matrices, attributes)
  if #result.conditions == 0 then
    if_normed(question, result)
  end
  if #result.conditions == 0 and #matrices > 1 then
    if_all_matrices(question, result, matrices)
  end
  local symmetric = false
  for _, c in ipairs(result.conditions) do
    symmetric = symmetric or c.attribute == "symmetric"
  end
  local x = question.differences.variable
  local square = S:kind(x) == "matrix" and S:rows(x) == S:cols(x)
  if square and not symmetric and not question.opts.convention then
    if_structured(question, result, attributes)
  end
  return #result.conditions > 0
end

-- Is the claim of a first derivative the second one?
function M.is_second(question, result)
  local session, S = question.session, question.session.S
  local special = question.formula.y or question.formula.through or question.formula.differential
  if special or S:op(question.x) == S:operator_with "entry" or S:rows(question.f) ~= 1 or S:cols(question.f) ~= 1 then
    return false
  end
  local own = question:node(question.claim, session.layout)
  local asked = { f = question.f, x = question.x, second = true, at = question.opts.at }
  local ok, right = errors.attempt_in_budget(function()
    return own
      and by_numbers.new(session, asked):agrees(own, session.layouts[session.layout], conventions.free)
      and session:hessian(session:wrap(question.f), question.by)
  end)
  if ok and right then
    result.nearest[1] = {
      layout = session.layout,
      change = "the second derivative, twice by " .. question.by,
      answer = right,
    }
  end
  return ok and right
end

-- Small changes of the claim that make it right. `only_one`: no two changes at once.
function M.nearest_repairs(question, result, only_one)
  local assumptions, session = question:assuming(), question.session
  local seen, found = {}, 0
  local function check(edit)
    local case, hit = question:case(edit.tree, session.convention, assumptions), false
    for _, layout in ipairs(question.layouts) do
      local ok, right, shown = errors.attempt_in_budget(question.judge, question, case, layout)
      if not ok and type(right) ~= "table" then
        error(right, 0)
      end
      if ok and right then
        local node = session:wrap(shown)
        local key = layout .. "\0" .. tostring(node)
        if not seen[key] then
          seen[key] = true
          result.nearest[#result.nearest + 1] = { layout = layout, change = edit.text, answer = node }
          hit = true
        end
      end
    end
    found = found + (hit and 1 or 0)
  end
  local single = slips.single(session, question.claim, question.scope)
  for _, edit in ipairs(single) do
    check(edit)
    if found >= MOST_NEAREST then
      return true
    end
  end
  if found == 0 then
    found = repairs.by_numbers(question, result)
  end
  if found == 0 and not only_one then
    for _, edit in ipairs(slips.pairs_of(single, MOST_PAIRS)) do
      check(edit)
      if found > 0 then
        break
      end
    end
  end
  return found > 0
end

return M
