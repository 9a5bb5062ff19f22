--- The verdicts on a question, one method each: right in which layouts, by which conventions, under which attributes; the second
-- derivative; or a small change away from what is right.
--
-- @module nabla.identify.verdicts

local Question = require "nabla.identify.question"
local conventions = require "nabla.calculus.convention"
local errors = require "nabla.text.errors"
local by_numbers = require "nabla.compare.derivative_by_numbers"
local slips = require "nabla.identify.slips"
local spelling = require "nabla.text.spelling"
local syntax = require "nabla.language.syntax"

local MOST_PAIRS, MOST_NEAREST = 1500, 3

-- Each layout: right, transposed, wrong, or none there.
function Question:in_layouts(convention, result)
  local assumptions = self:assuming()
  if not assumptions.ok then
    error(assumptions.err, 0)
  end
  local case = self:case(self.claim, convention, assumptions)
  local found, meaningful = false, false
  local there, doubtful = 0, 0
  for _, layout in ipairs(self.layouts) do
    local truth, why = self:truth(layout, convention, assumptions)
    local entry = { layout = layout, convention = convention }
    if not truth then
      entry.verdict, entry.reason = "none", why
    else
      local right, shown, how = self:judge(case, layout)
      entry.verdict = right and "right" or how == "transposed" and "transposed" or "wrong"
      entry.answer = self:answer(layout, convention)
      there = there + 1
      if truth.doubtful then
        entry.answer, doubtful = nil, doubtful + 1
      end
      entry.claim = shown and self.session:wrap(shown) or nil
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
function Question:in_conventions(result)
  local session = self.session
  local names = self.opts.convention and {} or spelling.names(session.conventions)
  local seen = {}
  for _, name in ipairs(names) do
    local convention = session.conventions[name]
    if not seen[convention] and name ~= session.convention and not convention.only_complex then
      seen[convention] = true
      local case = self:case(self.claim, name, self:assuming())
      for _, layout in ipairs(self.layouts) do
        local right, shown = self:judge(case, layout)
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
function Question:matrices()
  local S, list, seen = self.session.S, {}, {}
  for _, id in ipairs { self.f, self.differences.variable, table.unpack(self.further) } do
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
function Question:right_if(result, names, attribute, convention)
  local session = self.session
  local extra, key = {}, { attribute }
  for i, name in ipairs(names) do
    extra[name] = { [attribute] = true }
    for weaker in pairs(session.implications[attribute] or {}) do
      extra[name][weaker] = true
    end
    key[i + 1] = name
  end
  local assumptions = self:assuming(extra, table.concat(key, " "))
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
  local case = self:case(self.claim, convention, assumptions, bits)
  for _, layout in ipairs(self.layouts) do
    local right, shown = self:judge(case, layout)
    if right and not vanishes(self:truth(layout, convention, assumptions, bits)) then
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
function Question:if_one_matrix(result, matrices, attributes)
  local session, S = self.session, self.session.S
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
        self:right_if(result, { name }, attribute)
        symmetric[name] = attribute == "symmetric" and #result.conditions > 0 or nil
      end
    end
  end
end

-- A vector of sum or length 1, unless the claim itself holds its sum or length: then the page does not take it for 1. The
-- operators are named, as what the words "sum" and "length" mean.
function Question:if_normed(result)
  local forms = { ["sum 1"] = { "sum(%s)" }, ["length 1"] = { "norm2(%s)", "(%s' * %s)" } }
  local printed = syntax.dump(self.claim)
  for _, name in ipairs(Question.arrays_in(self.session.S, self.f, "vector")) do
    for _, attribute in ipairs(#result.conditions == 0 and { "sum 1", "length 1" } or {}) do
      local there = false
      for _, form in ipairs(forms[attribute]) do
        there = there or printed:find((form:gsub("%%s", name)), 1, true) ~= nil
      end
      if not there then
        self:right_if(result, { name }, attribute)
      end
    end
  end
end

-- All square matrices with one attribute.
function Question:if_all_matrices(result, matrices)
  local names = {}
  for i, node in ipairs(matrices) do
    names[i] = self.session.S:name(node)
  end
  for _, attribute in ipairs { "symmetric", "diagonal" } do
    if #result.conditions == 0 and self.session.attributes[attribute] then
      self:right_if(result, names, attribute)
    end
  end
end

-- A variable with a structure, by another convention.
function Question:if_structured(result, attributes)
  local session = self.session
  local before, name = #result.conditions, session.S:name(self.differences.variable)
  for _, attribute in ipairs(attributes) do
    for _, convention in ipairs(spelling.names(session.conventions)) do
      local known = session.conventions[convention]
      local own_name = known.name == convention and not known.only_complex
      if own_name and convention ~= "free" and #result.conditions == before then
        self:right_if(result, { name }, attribute, convention)
      end
    end
  end
end

-- Under which attributes is it right?
function Question:under_attributes(result)
  local S, matrices, attributes = self.session.S, self:matrices(), {}
  for _, attribute in ipairs(attributes_of(self.session)) do
    attributes[#attributes + 1] = TRIED[attribute] and attribute or nil
  end
  self:if_one_matrix(result, matrices, attributes)
  if #result.conditions == 0 then
    self:if_normed(result)
  end
  if #result.conditions == 0 and #matrices > 1 then
    self:if_all_matrices(result, matrices)
  end
  local symmetric = false
  for _, c in ipairs(result.conditions) do
    symmetric = symmetric or c.attribute == "symmetric"
  end
  local x = self.differences.variable
  local square = S:kind(x) == "matrix" and S:rows(x) == S:cols(x)
  if square and not symmetric and not self.opts.convention then
    self:if_structured(result, attributes)
  end
  return #result.conditions > 0
end

-- Is the claim of a first derivative the second one?
function Question:is_second(result)
  local session, S = self.session, self.session.S
  local special = self.formula.y or self.formula.through or self.formula.differential
  if special or S:op(self.x) == S:operator_with "entry" or S:rows(self.f) ~= 1 or S:cols(self.f) ~= 1 then
    return false
  end
  local own = self:node(self.claim, session.layout)
  local question = { f = self.f, x = self.x, second = true, at = self.opts.at }
  local ok, right = errors.attempt_in_budget(function()
    return own
      and by_numbers.new(session, question):agrees(own, session.layouts[session.layout], conventions.free)
      and session:hessian(session:wrap(self.f), self.by)
  end)
  if ok and right then
    result.nearest[1] = {
      layout = session.layout,
      change = "the second derivative, twice by " .. self.by,
      answer = right,
    }
  end
  return ok and right
end

-- Small changes of the claim that make it right. `only_one`: no two changes at once.
function Question:nearest_repairs(result, only_one)
  local assumptions, session = self:assuming(), self.session
  local seen, found = {}, 0
  local function check(edit)
    local case, hit = self:case(edit.tree, session.convention, assumptions), false
    for _, layout in ipairs(self.layouts) do
      local ok, right, shown = errors.attempt_in_budget(self.judge, self, case, layout)
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
  local single = slips.single(session, self.claim, self.scope)
  for _, edit in ipairs(single) do
    check(edit)
    if found >= MOST_NEAREST then
      return true
    end
  end
  if found == 0 then
    found = self:by_numbers(result)
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

return Question
