--- Which layout, and which gradient, is a formula with complex letters written in? `D(x^H*R*x, conj(x)) = R*x`
--
-- A claim is compared with nabla's derivative by the letter and by its conjugate, in every layout and by every convention of gradients,
-- as an expression: two expressions with complex letters are equal where they are equal as functions of the letters and their
-- conjugates (nabla.compare). A claim that is right nowhere is tried with square letters that have an attribute, then with the usual
-- slips: the other of the two derivatives, a transpose, a conjugate, a factor.
--
-- @module nabla.identify.complex_letters

local Question = require "nabla.identify.question"
local complex = require "nabla.language.complex"
local conjugates = require "nabla.calculus.conjugates"
local core = require "nabla.core"
local derivative = require "nabla.calculus.derivative"
local errors = require "nabla.text.errors"
local hessian = require "nabla.calculus.hessian"
local layouts = require "nabla.calculus.layout"
local notes = require "nabla.text.notes"
local page = require "nabla.page.elaborate"
local scopes = require "nabla.language.scope"
local spelling = require "nabla.text.spelling"
local trees = require "nabla.language.tree"

local M = {}

local KIND = core.constants.kinds
local ATTRIBUTES = { "hermitian", "skewhermitian", "symmetric", "unitary" }
local FACTORS = { { "2", 2, 1 }, { "1/2", 1, 2 }, { "-1", -1, 1 } }

local Asked = {}
Asked.__index = Asked

local function pinned(self, id)
  self.pins[#self.pins + 1] = self.session:wrap(id)
  return id
end

-- The scope of a claim: the letters of f are what they were found to be.
local function scope_of(session, f)
  local S, scope = session.S, scopes.scope(session.scope)
  for _, node in ipairs(S:postorder(f)) do
    local own = S:op(node) == "symbol" and S:kind(node) ~= "dimension" and S:kind(node) ~= "counter"
    if own and not scopes.lookup(scope, S:name(node)) then
      local name = S:name(node)
      scope.vars[name] = { name = name, id = node, rows = S:rows(node), cols = S:cols(node), kind = S:kind(node) }
    end
  end
  return scope
end

-- The formula as nodes: f and the variables.
local function read(session, formula)
  local self = setmetatable({ session = session, formula = formula, pins = {} }, Asked)
  if formula.through then
    errors.refuse "with complex letters a formula states a derivative by a letter or its conjugate"
  end
  local opts = { kinds = formula.kinds, scope = session.scope }
  local f = page.elaborated(session, page.complete(session, formula.f), formula.text, formula.open, opts)
  self.f = pinned(self, f)
  self.scope = scope_of(session, f)
  if formula.differential then
    return self
  end
  self.x = pinned(self, (session:variable(formula.x, f)))
  self.y = formula.y and pinned(self, (session:variable(formula.y, f))) or nil
  return self
end

-- The node of a claim whose shape is that of `like`, where it holds signs without sizes; nil where it fits no such shape.
local function claim_node(self, tree, layout, like)
  local session, S = self.session, self.session.S
  local full = page.complete(session, tree)
  local unsized = #self.formula.open > 0 or page.is_unsized(full)
  local ok, id = errors.attempt_in_budget(function()
    local scope = scopes.scope(self.scope)
    if not unsized then
      local opts = { scope = scope, layout = layout }
      return page.elaborated(session, trees.copy(full), self.formula.text, self.formula.open, opts)
    end
    local shape = S:symbol(" shape", KIND.matrix, 0, S:rows(like), S:cols(like))
    scope.vars[" shape"] = { name = " shape", id = shape, rows = S:rows(like), cols = S:cols(like), kind = "matrix" }
    local sum = {
      tag = "sum",
      args = { trees.copy(full), { tag = "name", name = " shape", pos = 1 } },
      signs = { 1, 1 },
      oppos = { false, 1 },
      pos = 1,
      sides = true,
    }
    local opts = { scope = scope, layout = layout }
    local whole = page.elaborated(session, sum, self.formula.text, self.formula.open, opts)
    return S:sum { whole, S:neg(shape) }
  end)
  if not ok then
    return nil, id
  end
  return pinned(self, id)
end

-- nabla's derivative by a variable, a node; nil and the error.
local function derivative_by(self, x, layout, convention)
  local session = self.session
  local key = table.concat({ x, layout, convention }, " ")
  self.known = self.known or {}
  if self.known[key] == nil then
    local ok, id = errors.attempt_in_budget(function()
      local own, by = layouts.named(session, layout), session.conventions[convention]
      if self.y then
        return hessian.hessian(session, self.f, x, self.y, own, by)
      end
      return derivative.derivative(session, self.f, x, { layout = own, convention = by })
    end)
    self.known[key] = ok and { pinned(self, id) } or { nil, id }
  end
  return self.known[key][1], self.known[key][2]
end

local function equal(self, a, b)
  local S = self.session.S
  if S:rows(a) ~= S:rows(b) or S:cols(a) ~= S:cols(b) then
    return false
  end
  local answer = self.session:equal(self.session:wrap(a), self.session:wrap(b))
  return answer == "yes"
end

-- How a claim compares with an answer: "right", "transposed", "wrong".
local function compared(self, answer, claim)
  if not claim then
    return "wrong"
  elseif equal(self, answer, claim) then
    return "right"
  elseif equal(self, answer, self.session.S:transpose(claim)) then
    return "transposed"
  end
  return "wrong"
end

-- The conventions of complex gradients, without the one that is in force.
local function gradients(session)
  local list, seen = {}, {}
  for _, name in ipairs(spelling.names(session.conventions)) do
    local convention = session.conventions[name]
    if convention.only_complex and not seen[convention] and name ~= session.convention then
      seen[convention] = true
      list[#list + 1] = convention.name
    end
  end
  return list
end

local function by_conventions(self, tree, names, result)
  local letter = not conjugates.conjugated(self.session, self.x) and not self.y
  for _, convention in ipairs(letter and gradients(self.session) or {}) do
    for _, layout in ipairs(names) do
      local answer = derivative_by(self, self.x, layout, convention)
      local claim = answer and claim_node(self, tree, layout, answer)
      if claim and equal(self, answer, claim) then
        result.conditions[#result.conditions + 1] =
          { layout = layout, convention = convention, claim = self.session:wrap(claim) }
      end
    end
  end
  return #result.conditions > 0
end

-- The square complex letters of a node that nothing ties to their conjugates.
local function square_letters(self, id)
  local S, list = self.session.S, {}
  for _, x in ipairs(complex.letters(self.session, id)) do
    local square = S:rows(x) == S:cols(x) and S:rows(x) ~= core.constants.one
    if square and x ~= self.x and not complex.tie(self.session, x) then
      list[#list + 1] = x
    end
  end
  return list
end

local function under_attributes(self, tree, names, convention, result)
  local session, S = self.session, self.session.S
  for _, x in ipairs(square_letters(self, self.f)) do
    for _, attribute in ipairs(ATTRIBUTES) do
      local known = session.attributes[attribute]
      local bits = S:attributes(x) | (known and known.bits or 0)
      local other = S:symbol(S:name(x), KIND[S:kind(x)], bits, S:rows(x), S:cols(x))
      for _, layout in ipairs(known and names or {}) do
        local answer = derivative_by(self, self.x, layout, convention)
        local claim = answer and claim_node(self, tree, layout, answer)
        if claim and equal(self, S:replace(answer, { x }, { other }), S:replace(claim, { x }, { other })) then
          result.conditions[#result.conditions + 1] =
            { layout = layout, names = { S:name(x) }, attribute = attribute, claim = session:wrap(claim) }
        end
      end
      if #result.conditions > 0 then
        return true
      end
    end
  end
  return false
end

-- What an answer may have been mistaken for: { words, node } each.
local function slips(self, answer, layout, convention)
  local S, session, list = self.session.S, self.session, {}
  for _, factor in ipairs(FACTORS) do
    list[#list + 1] = { "a factor " .. factor[1], S:product { S:rational(factor[2], factor[3]), answer } }
  end
  list[#list + 1] = { "a conjugate", conjugates.conjugate(session, answer) }
  list[#list + 1] = { "a conjugate transpose", S:transpose(conjugates.conjugate(session, answer)), turned = true }
  local under = conjugates.conjugated(session, self.x)
  local ok, other = errors.attempt(function()
    return under or conjugates.conjugate(session, self.x)
  end)
  other = ok and not self.y and derivative_by(self, other, layout, convention)
  if other then
    local words = under and "it is the derivative by the letter" or "it is the derivative by the conjugate"
    list[#list + 1] = { words, other }
    list[#list + 1] = { "it is the other derivative, transposed", S:transpose(other), turned = true }
  end
  return list
end

local function nearest(self, tree, names, convention, result)
  local turned = {} -- a slip with a transpose counts where there is none without
  for _, layout in ipairs(names) do
    local answer = derivative_by(self, self.x, layout, convention)
    local claim = answer and claim_node(self, tree, layout, answer)
    for _, slip in ipairs(claim and slips(self, answer, layout, convention) or {}) do
      local ok, same = errors.attempt_in_budget(equal, self, slip[2], claim)
      if ok and same then
        local list = slip.turned and turned or result.nearest
        list[#list + 1] = { layout = layout, change = slip[1], answer = self.session:wrap(answer) }
        break
      end
    end
  end
  result.nearest = result.nearest[1] and result.nearest or turned
end

-- The letters of f that a claim on its differential holds constant: those whose differentials it leaves out.
local function held_constant(self, claim)
  local session, S = self.session, self.session.S
  local there, from, to, names = {}, {}, {}, {}
  for _, node in ipairs(S:postorder(claim)) do
    there[node] = true
  end
  local constant = session.attributes.constant.bits
  for _, x in ipairs(S:below(self.f, "symbol")) do
    local letter = S:kind(x) ~= "dimension" and S:kind(x) ~= "counter"
    if letter and not there[S:diffnode(x)] and not S:property("constant", x) then
      from[#from + 1] = x
      local bits = S:attributes(x) | constant
      to[#to + 1] = pinned(self, S:symbol(S:name(x), KIND[S:kind(x)], bits, S:rows(x), S:cols(x)))
      names[#names + 1] = S:name(x)
    end
  end
  table.sort(names)
  return from, to, names
end

-- An expression in which the differentials are letters.
local function with_directions(self, id)
  local S, from, to = self.session.S, {}, {}
  for _, node in ipairs(S:postorder(id)) do
    local x = S:op(node) == "d" and S:args(node)[1]
    if x then
      local kind = ({ scalar = KIND.scalar, vector = KIND.vector, matrix = KIND.matrix })[S:kind(x)]
      local bits = complex.is_letter(self.session, x) and self.session.attributes.complex.bits or 0
      from[#from + 1] = node
      to[#to + 1] = S:symbol("d " .. S:name(x), kind, bits, S:rows(x), S:cols(x))
    end
  end
  return pinned(self, S:replace(id, from, to))
end

-- A claim on a differential.
local function differential_judged(self, tree)
  local session, S = self.session, self.session.S
  local result = { layouts = {}, conditions = {}, nearest = {}, expr = session:wrap(self.f) }
  local claim, err = claim_node(self, tree, "numerator", self.f)
  if not claim then
    error(err, 0)
  end
  local from, to, names = held_constant(self, claim)
  local f = pinned(self, S:replace(self.f, from, to))
  local change, why = session:differential(session:wrap(f))
  if not change then
    error(why, 0)
  end
  local _, id = core.unwrap(change)
  local right = equal(self, with_directions(self, id), with_directions(self, S:replace(claim, from, to)))
  local entry = { layout = "differential", convention = session.convention, answer = change }
  entry.claim = session:wrap(claim)
  entry.verdict = right and #names == 0 and "right" or "wrong"
  result.layouts[1] = entry
  result.status = entry.verdict
  if right and #names > 0 then
    result.status = "conditional"
    result.conditions[1] = { layout = "differential", names = names, attribute = "constant", claim = entry.claim }
  end
  return result
end

-- One claim.
local function judged(self, tree, given)
  local session = self.session
  local result = { layouts = {}, conditions = {}, nearest = {} }
  result.expr, result.wrt, result.wrt2 = session:wrap(self.f), self.formula.x, self.formula.y
  local names, convention = Question.layout_names(session, given.layout), session.convention
  local found, turned, first_error = false, false, nil
  for _, layout in ipairs(names) do
    local answer, why = derivative_by(self, self.x, layout, convention)
    local entry = { layout = layout, convention = convention }
    if not answer then
      entry.verdict, entry.reason = "none", why
      first_error = first_error or why
    else
      local claim, err = claim_node(self, tree, layout, answer)
      entry.verdict = compared(self, answer, claim)
      entry.answer = session:wrap(answer)
      entry.claim = claim and session:wrap(claim) or nil
      entry.reason = type(err) == "table" and err.message or nil
      result.error = result.error or not claim and err or nil
    end
    found, turned = found or entry.verdict == "right", turned or entry.verdict == "transposed"
    result.layouts[#result.layouts + 1] = entry
  end
  local any = false
  for _, entry in ipairs(result.layouts) do
    any = any or entry.verdict ~= "none"
  end
  if not any then
    error(first_error, 0)
  end
  if found then
    result.status, result.error = "right", nil
  elseif not given.convention and by_conventions(self, tree, names, result)
    or under_attributes(self, tree, names, convention, result)
  then
    result.status, result.error = "conditional", nil
  else
    result.status = turned and "transposed" or "wrong"
    if not turned then
      nearest(self, tree, names, convention, result)
    end
  end
  return result
end

--- Does what `identify` is given hold complex letters, as far as they are declared?
function M.concern(session, formula)
  local declared = complex.declared(session)
  if not declared then
    return false
  end
  local names = trees.names(formula.f)
  for _, claim in ipairs(formula.claims) do
    trees.names(claim, names)
  end
  for name in pairs(names) do
    if declared[name] or session.ops[name] and session.ops[name].imaginary_unit then
      return true
    end
  end
  return false
end

--- Identify a formula with complex letters.
-- @tparam table session
-- @tparam table formula of nabla.identify.formula
-- @tparam table given see nabla.Session:identify
-- @treturn table as nabla.Session:identify
function M.identify(session, formula, given)
  if given.at then
    errors.refuse "with complex letters formulas are compared as expressions, not at values that `at` gives"
  end
  local self = read(session, formula)
  local rank = { right = 1, conditional = 2, transposed = 3, wrong = 4 }
  local worst, at
  for i, claim in ipairs(formula.claims) do
    local result = formula.differential and differential_judged(self, claim) or judged(self, claim, given)
    if not worst or rank[result.status] > rank[worst.status] then
      worst, at = result, i
    end
  end
  if #formula.claims > 1 and worst.status ~= "right" then
    worst.part, worst.parts = at, #formula.claims
  end
  worst.notes = notes.list(formula.notes) or {}
  if given.to and formula.differential then
    errors.refuse "a differential has no layout to be converted to"
  elseif given.to then
    local node, why = derivative_by(self, self.x, given.to, session.convention)
    worst.converted = node and session:wrap(node) or error(why, 0)
  end
  return worst
end

return M
