--- Curvature by composition: the `curvature` statements of rule files, sums, multiples and affine maps.
--
-- The curvature of an expression in some variables is a table: `convex`, `concave`: the lines that prove it, or nil; `affine` (true:
-- both, by the form of the expression), `constant`; `strictly` (true: in a statement for strictly convex functions, of an argument
-- that tells all values of the variables apart). Of a vector or a matrix each entry is meant.
--
-- What a statement needs on a domain (`on positive(t)`) and no fact gives is gathered in `domain`.
--
-- @module nabla.convexity.composition

local complex_letters = require "nabla.convexity.complex_letters"
local core = require "nabla.core"
local linear = require "nabla.calculus.linear"
local errors = require "nabla.text.errors"
local reasons = require "nabla.convexity.reasons"

local M = {}

local CURVATURE = core.constants.rule_kinds.curvature
local OTHER = { convex = "concave", concave = "convex" }

local Composition = {}
Composition.__index = Composition

--- What is found out of expressions in some variables of a session.
-- @tparam table session
-- @tparam {integer,...} variables
-- @tparam[opt] function further called with a scalar node of which nothing is known: its curvature or nil
function M.new(session, variables, further)
  local self = { session = session, variables = variables, further = further, known = {}, smoothness = {}, inside = {} }
  self.is_variable = {}
  for _, x in ipairs(variables) do
    self.is_variable[x] = true
  end
  return setmetatable(self, Composition)
end

--- The variables in an expression, a set; nil where there is none.
function Composition:depends(id)
  local set = self.inside[id]
  if set == nil then
    set = false
    for _, node in ipairs(self.session.S:postorder(id)) do
      if self.is_variable[node] then
        set = set or {}
        set[node] = true
      end
    end
    self.inside[id] = set
  end
  return set or nil
end

--- The only variable in an expression, or nil.
function Composition:only(id)
  local set = self:depends(id)
  local x = set and next(set)
  return x and not next(set, x) and x or nil
end

--- The Jacobian in vec form of an affine expression by a variable.
function Composition:jacobian(id, x)
  local S = self.session.S
  local hole = S:hole(S:name(x), S:rows(x), S:cols(x))
  return S:jacobian(S:forward(id, x, hole), hole)
end

-- Is the expression affine in the variables together? Its differential does not hold them, and it is linear but for its value at
-- zero, or it is smooth: a step function has the differential zero as well.
local function is_affine(self, id)
  local S = self.session.S
  if complex_letters.occur(self.session, id) then
    return complex_letters.is_affine(self.session, id, self.variables)
  end
  for _, x in ipairs(self.variables) do
    local change = S:forward(id, x, S:hole(S:name(x), S:rows(x), S:cols(x)))
    if self:depends(change) then
      return false
    end
  end
  local zeros = {}
  for i, x in ipairs(self.variables) do
    zeros[i] = S:zeros(S:rows(x), S:cols(x))
  end
  local at_zero = S:replace(id, self.variables, zeros)
  local rest = S:expand(S:sum { id, S:neg(at_zero) })
  if linear.is_linear(S, rest, self.variables) then
    return true
  end
  local domain = self:smooth(id)
  return domain and not domain[1]
end

-- Does an affine expression of one variable tell all its values apart? The lines that prove it, or nil.
local function injective(self, id)
  local session, S = self.session, self.session.S
  local x = self:only(id)
  if not x then
    return nil
  elseif id == x or id == S:transpose(x) then
    return {}
  end
  local ok, J = errors.attempt(self.jacobian, self, id, x)
  J = ok and S:textbook(J)
  return J and reasons.because(session, "fullcolumnrank", J) or nil
end

--- Does an affine expression tell all values of its only variable apart? The lines that prove it, or nil.
Composition.tells_apart = injective

-- The domain on which an attribute is needed that no fact gives: of an affine argument the set is convex; where the attribute
-- holds with each matrix for all larger ones, of a concave argument as well.
function Composition:on_domain(attribute, id, curvature)
  local shape = self.session.domains[attribute]
  if curvature.affine and shape or curvature.concave and shape == "upward" then
    return { { attribute = attribute, id = id } }
  end
  return nil
end

-- What an instance of a statement needs by `on`: a list of { attribute, id, known = does a fact give it }. Nil where a scalar is
-- asked to be definite: what a scalar needs is said by statements on scalars.
local function needs_of(self, instance)
  local session, S = self.session, self.session.S
  local list = {}
  for _, need in ipairs(session.rules[instance.serial].curvature.on) do
    local value = instance.variables[need.variable]
    local scalar = S:dimint(S:rows(value)) == 1 and S:dimint(S:cols(value)) == 1
    if scalar and session.domains[need.attribute] ~= "upward" then
      return nil
    end
    local known = S:property(need.attribute, value)
    list[#list + 1] = { attribute = need.attribute, id = value, known = known }
  end
  return list
end

-- Operations of the engine that are smooth in all their arguments.
local SMOOTH = { sum = true, product = true, transpose = true, hadamard = true, range = true }

-- Is a node smooth by an instance of a statement? Then the domain on which it is.
local function smooth_by(self, instance)
  local session = self.session
  local said = session.rules[instance.serial].curvature
  local domain, needs = {}, said.shape == "smooth" and needs_of(self, instance)
  if not needs then
    return nil
  end
  for number, value in ipairs(instance.variables) do
    if value ~= 0 and self:depends(value) then
      local inner = said.variables[number] and self:smooth(value)
      if not inner then
        return nil
      end
      table.move(inner, 1, #inner, #domain + 1, domain)
    end
  end
  for _, need in ipairs(needs) do
    if not need.known then
      local more = self:on_domain(need.attribute, need.id, self:of(need.id))
      if not more then
        return nil
      end
      domain[#domain + 1] = more[1]
    end
  end
  return domain
end

-- See Composition:smooth.
local function smooth_domain(self, id)
  local S = self.session.S
  local op, own = S:op(id)
  local args = own and S:args(id) or {}
  if not self:depends(id) or self.is_variable[id] then
    return {}
  end
  local whole = own and (op == "power" or op == "elpower") and S:op(args[2]) == "number"
  if whole then
    local numerator, denominator = S:number(args[2])
    whole = denominator == "1" and not numerator:find "^%-"
  end
  local domain = (own and SMOOTH[op] or whole) and {}
  for _, x in ipairs(domain and args or {}) do
    local inner = domain and self:smooth(x)
    domain = inner and table.move(inner, 1, #inner, #domain + 1, domain) or nil
  end
  if domain then
    return domain
  end
  for _, instance in ipairs(S:instances(CURVATURE, id)) do
    domain = smooth_by(self, instance)
    if domain then
      return domain
    end
  end
  return nil
end

--- Has an expression continuous second derivatives in the variables, on a convex set? The domain on which it has, a list; or nil.
function Composition:smooth(id)
  local known = self.smoothness[id]
  if known == nil then
    self.smoothness[id] = false
    known = smooth_domain(self, id) or false
    self.smoothness[id] = known
  end
  return known or nil
end

--- What an expression needs to have a value, as its parts say by `on`, and no fact gives.
-- @tparam integer id
-- @treturn {table,...} `attribute` and `id` of a part
function Composition:natural(id)
  local S = self.session.S
  local list, seen = {}, {}
  for _, node in ipairs(S:postorder(id)) do
    for _, instance in ipairs(self:depends(node) and S:instances(CURVATURE, node) or {}) do
      for _, need in ipairs(needs_of(self, instance) or {}) do
        local key = need.attribute .. " " .. need.id
        if not seen[key] and not need.known and self:depends(need.id) then
          seen[key], list[#list + 1] = true, need
        end
      end
    end
  end
  return list
end

-- What an instance of a statement says of the argument that one of its variables stands for: the lines, or nil.
local function argument(self, curvature, number, id, shape)
  local inner = self:of(id)
  if inner.constant then
    return {}
  elseif not curvature.variables[number] then
    return nil
  elseif inner.affine then
    local will_do = curvature.about_complex or complex_letters.is_real(self.session, id)
    return will_do and inner.convex or nil, inner.domain
  elseif curvature.increasing[number] and inner[shape] then
    return inner[shape], inner.domain
  elseif curvature.decreasing[number] and inner[OTHER[shape]] then
    return inner[OTHER[shape]], inner.domain
  end
  return nil
end

local function append(list, more)
  for _, item in ipairs(more or {}) do
    list[#list + 1] = item
  end
end

-- Does what is known to hold by `on` imply a condition, as that S is positive definite implies that it is symmetric?
local function is_implied(session, condition, needs)
  local own = session:attribute(condition.name)
  for _, need in ipairs(needs) do
    if need.known and need.id == condition.a and own & ~session.attributes[need.attribute].bits == 0 then
      return true
    end
  end
  return false
end

-- The lines and the domain by which an instance makes an expression convex or concave (`shape`); nil where it does not.
local function by_instance(self, instance, id, shape)
  local session, S = self.session, self.session.S
  local said = session.rules[instance.serial].curvature
  local lines, domain = {}, {}
  local needs = needs_of(self, instance)
  if not needs then
    return nil
  end
  for number, value in ipairs(instance.variables) do
    if value ~= 0 and self:depends(value) then
      local own, needed = argument(self, said, number, value, shape)
      if not own then
        return nil
      end
      append(lines, own)
      append(domain, needed)
    end
  end
  for _, need in ipairs(needs) do
    local known = need.known and reasons.because(session, need.attribute, need.id)
    local more = known or self:on_domain(need.attribute, need.id, self:of(need.id))
    if not more then
      return nil
    end
    append(known and lines or domain, more)
  end
  for _, condition in ipairs(instance.conditions) do
    if session.attributes[condition.name] and not condition.negated and not is_implied(session, condition, needs) then
      append(lines, reasons.because(session, condition.name, condition.a))
    end
  end
  local word = said.strictly and "strictly " .. said.shape or said.shape
  local own = reasons.line(session, instance.serial, session:text(id) .. " is " .. word)
  if S:op(id) ~= "transpose" then
    table.insert(lines, 1, own)
  end
  return lines, domain
end

-- Does a linear map tell all values of its argument apart in the entries in which it increases, or decreases (`sign` -1)? `root` is
-- the value of the map. The lines that prove it, or nil.
local function strictly_ordered(self, root, value, sign)
  local session, S = self.session, self.session.S
  local kind = core.constants.kinds.matrix
  local x = S:symbol("an argument", kind, 0, S:rows(value), S:cols(value))
  local ok, J = errors.attempt(self.jacobian, self, S:replace(root, { value }, { x }), x)
  J = ok and S:textbook(J)
  if not J then
    return nil
  end
  return reasons.because(session, "fullcolumnrank", J)
    or reasons.because(session, "positive", sign > 0 and J or S:neg(J))
end

-- Does an instance of a statement make the expression strictly `shape`? The lines that prove it, or nil. A strict function of an
-- argument that tells all values of the variable apart is strict. So is a function that increases strictly, of a strict argument: a
-- strict function that increases does.
local function is_strict(self, instance, shape)
  local said = self.session.rules[instance.serial].curvature
  local number, value
  for k, other in ipairs(instance.variables) do
    if other ~= 0 and self:depends(other) then
      if number then
        return nil
      end
      number, value = k, other
    end
  end
  local inner = number and said.variables[number] and self:of(value)
  if not inner then
    return nil
  elseif inner.affine then
    return said.strictly and injective(self, value)
  end
  local sign = said.increasing[number] and 1 or said.decreasing[number] and -1
  local matching = sign and inner[sign > 0 and shape or OTHER[shape]]
  if not (matching and inner.strictly) then
    return nil
  elseif said.strictly then
    return {}
  end
  return said.shape == "affine" and strictly_ordered(self, instance.root, value, sign)
end

-- By the statements of rule files.
local function by_statements(self, id)
  local S = self.session.S
  local found = {}
  for _, instance in ipairs(S:instances(CURVATURE, id)) do
    local said = self.session.rules[instance.serial].curvature
    instance.root = id
    for _, shape in ipairs { "convex", "concave" } do
      local possible = said.shape == shape or said.shape == "affine"
      if possible and not (found[shape] and found.strictly) then
        local lines, domain = by_instance(self, instance, id, shape)
        local strict = lines and is_strict(self, instance, shape)
        if lines and (not found[shape] or strict) then
          found[shape], found.domain = strict and reasons.joined(lines, strict) or lines, domain
          found.strictly = strict and true or nil
        end
      end
    end
  end
  return found
end

-- The curvature of c*f, from that of f and the sign of c: 1, -1, or nil where it is not known; `nonzero`: c is not 0.
local function scaled(inner, sign, nonzero, why)
  if not sign then
    return {}
  end
  local result = {
    convex = sign > 0 and inner.convex or sign < 0 and inner.concave or nil,
    concave = sign > 0 and inner.concave or sign < 0 and inner.convex or nil,
    strictly = nonzero and inner.strictly or nil,
    domain = inner.domain,
  }
  for _, shape in ipairs { "convex", "concave" } do
    result[shape] = result[shape] and reasons.joined(result[shape], why)
  end
  return result
end

-- The sign of a scalar node without variables, whether it is known not to be 0, and why.
local function sign_of(self, id)
  local session, S = self.session, self.session.S
  for _, try in ipairs { { 1, id }, { -1, S:neg(id) } } do
    local why = reasons.because(session, "positive", try[2])
    if why then
      return try[1], true, why
    end
    why = reasons.because(session, "nonnegative", try[2])
    if why then
      return try[1], false, why
    end
  end
end

-- A product: the scalars without variables in front of the rest.
local function of_product(self, id)
  local S = self.session.S
  local scalars, rest = {}, {}
  for _, factor in ipairs(S:args(id)) do
    local scalar = S:dimint(S:rows(factor)) == 1 and S:dimint(S:cols(factor)) == 1
    local list = scalar and not self:depends(factor) and scalars or rest
    list[#list + 1] = factor
  end
  if #scalars == 0 or #rest == 0 then
    return nil
  end
  local c, inner = S:product(scalars), S:product(rest)
  if c == S:rational(1) or inner == id then
    return nil
  end
  local sign, nonzero, why = sign_of(self, c)
  return scaled(self:of(inner), sign, nonzero, S:op(c) == "number" and {} or why or {})
end

-- The smooth terms of a sum in the variables, put together, if there are other terms as well: that node, then the terms left.
local function smooth_together(self, id)
  local S = self.session.S
  local args = S:args(id)
  local together, rest = {}, {}
  for i = 1, #args, 2 do
    local term = S:product { args[i], args[i + 1] }
    local number = S:op(args[i + 1]) == "number"
    local list = not number and self:depends(args[i + 1]) and self:smooth(args[i + 1]) and together or rest
    list[#list + 1] = term
  end
  return #together > 1 and #rest > 0 and S:sum(together), rest
end

local function of_sum(self, id, args)
  local S = self.session.S
  args = args or S:args(id)
  local result = { convex = {}, concave = {}, domain = {} }
  local strict = {} -- the variables in strict terms: all of the sum's make it strict
  for i = 1, #args, 2 do
    local term = S:op(args[i + 1]) == "number" and { constant = true, convex = {}, concave = {} }
      or scaled(self:of(args[i + 1]), sign_of(self, args[i]), true, {})
    for _, shape in ipairs { "convex", "concave" } do
      result[shape] = result[shape] and term[shape] and reasons.joined(result[shape], term[shape]) or nil
    end
    for x in pairs(term.strictly and self:depends(args[i + 1]) or {}) do
      strict[x] = true
    end
    append(result.domain, term.domain)
  end
  result.strictly = true
  for x in pairs(self:depends(id)) do
    result.strictly = result.strictly and strict[x]
  end
  return result
end

-- A counted sum, whose bounds hold no variables: that of each of its terms. One from 1 on has a term.
local function of_counted(self, id)
  local S = self.session.S
  local args = S:args(id)
  if self:depends(args[1]) or self:depends(args[2]) then
    return {}
  end
  local inner = self:of(args[3])
  local result = { convex = inner.convex, concave = inner.concave, domain = inner.domain }
  result.strictly = inner.strictly and args[1] == S:rational(1) or nil
  return result
end

-- The curvature that the parts of an expression give it.
local function found_out(self, id)
  local S = self.session.S
  if not self:depends(id) then
    return { constant = true, affine = true, convex = {}, concave = {} }
  end
  local ok, affine = errors.attempt(is_affine, self, id)
  if ok and affine then
    return { affine = true, convex = {}, concave = {} }
  end
  local op, own = S:op(id)
  local result
  if own and op == "sum" then
    result = of_sum(self, id)
    local together, rest = nil, nil
    if not (result.convex or result.concave) then
      together, rest = smooth_together(self, id)
    end
    if together then -- x*y alone has no curvature, x^2 + x*y + y^2 has one
      local one, args = S:rational(1), { S:rational(1), together }
      for _, term in ipairs(rest) do
        args[#args + 1], args[#args + 2] = one, term
      end
      result = of_sum(self, id, args)
    end
  elseif own and op == "product" then
    result = of_product(self, id)
  elseif own and op == "range" then
    result = of_counted(self, id)
  end
  if not (result and (result.convex or result.concave)) then
    result = by_statements(self, id)
  end
  local scalar = S:dimint(S:rows(id)) == 1 and S:dimint(S:cols(id)) == 1
  if not (result.convex or result.concave) and self.further and scalar then
    result = self.further(id) or result
  end
  return result
end

--- The curvature of an expression.
-- @tparam integer id
-- @treturn table
function Composition:of(id)
  local known = self.known[id]
  if not known then
    self.known[id] = {} -- a question that leads back to itself finds nothing
    known = found_out(self, id)
    if (known.convex or known.concave) and not known.affine and not complex_letters.is_real(self.session, id) then
      known = {}
    end
    self.known[id] = known
  end
  return known
end

return M
