-- Random stationary problems: sums of up to three terms of a column, a matrix, a positive definite matrix or a positive column, under
-- random constraints. The judge finds no change of the Lagrangian, with the multipliers that were given, along a random direction;
-- the constraints hold. A problem may be refused, or solved in part, never wrong. The generator tells which problems have no
-- stationary point: a linear function, and one that grows, or falls, everywhere; those are refused.

local equations = require "spec.support.equations"
local judge = require "spec.judge"
local nabla = require "nabla"
local sample = require "spec.support.sample"

local problems = sample.count(200)
local least_answered = 0.9 -- of those that may have a stationary point

local DECL = "matrix A(m,n) fullcolumnrank, vector b(m), vector x(n), matrix W(m,m) spd, matrix Q(n,n) spd, "
  .. "matrix P(n,n) spd, vector u(n), vector v(n), scalar c positive, scalar t positive, matrix G(n,n) symmetric, "
  .. "matrix C(2,n), vector d(2), matrix X(n,q), matrix S(q,q) spd, matrix Y(m,q), matrix Z(n,q), matrix R(n,n) spd, "
  .. "vector p(n) positive, vector w(n) positive"

-- Terms: { text, what it is }. `linear`: in the variable; `sign`: the gradient is positive (definite) everywhere, or negative, as that
-- of logdet(R), which grows.
local LINEAR, GROWS, FALLS = { linear = true }, { sign = 1 }, { sign = -1 }
local LINEAR_GROWS = { linear = true, sign = 1 }
local CURVED = {}

local KINDS = {
  {
    name = "x",
    terms = {
      { "norm2(A*x - b)^2", CURVED }, { "x'*Q*x", CURVED }, { "(x - u)'*P*(x - u)", CURVED },
      { "c*norm2(x)^2", CURVED },
      { "(A*x - b)'*W*(A*x - b)", CURVED }, { "u'*x", LINEAR }, { "c*norm2(x - v)^2", CURVED }, { "x'*P*u", LINEAR },
      { "(u'*x - t)^2", CURVED }, { "sum(x)", LINEAR },
    },
    constraints = { {}, {}, { "C*x = d" }, { "u'*x = t" }, { "sum(x) = 1" }, { "x'*x = t", curved = true },
      { "sum(x) = 1", "u'*x = t" }, { "x'*Q*x = 1", curved = true } },
  },
  {
    name = "X",
    terms = {
      { "tr((Y - A*X)'*(Y - A*X))", CURVED }, { "c*tr(X'*X)", CURVED }, { "tr(X'*Q*X)", CURVED },
      { "tr(Z'*X)", LINEAR },
      { "tr(X*S*X')", CURVED }, { "norm2(X - Z)^2", CURVED }, { "tr(X'*P*X*S)", CURVED }, { "tr(Z'*P*X)", LINEAR },
      { "tr((Y - A*X)*S*(Y - A*X)')", CURVED },
    },
    constraints = { {}, {}, {}, { "C*X = C*Z" } },
  },
  {
    name = "R",
    terms = {
      { "c*logdet(R)", GROWS }, { "tr(R*Q)", LINEAR_GROWS }, { "tr(inv(R)*P)", FALLS }, { "-t*logdet(R)", FALLS },
      { "tr(R*P)", LINEAR_GROWS }, { "c*tr(R)", LINEAR_GROWS }, { "norm2(R - Q)^2", CURVED },
    },
    constraints = { {}, {}, { "tr(R) = t" } },
  },
  {
    name = "p",
    terms = {
      { "sum(p.*log(p))", CURVED }, { "w'*log(p)", GROWS }, { "w'*p", LINEAR_GROWS }, { "sum(w./p)", FALLS },
      { "c*sum(p)", LINEAR_GROWS }, { "norm2(p - w)^2", CURVED }, { "-t*sum(log(p))", FALLS },
    },
    constraints = { {}, { "sum(p) = 1" }, { "sum(p) = t" }, { "w'*p = 1" } },
  },
}

-- Has a sum of terms no stationary point, but for special values of the letters?
local function has_none(terms, constraints)
  local linear, sign = true, terms[1][2].sign
  for _, term in ipairs(terms) do
    linear = linear and term[2].linear
    sign = term[2].sign == sign and sign or nil
  end
  return (linear and not constraints.curved or sign ~= nil and #constraints == 0) and true or false
end

local function generator(seed)
  local state = seed
  local function one_of(list)
    state = (state * 1103515245 + 12345) % 2147483648
    return list[state // 65536 % #list + 1]
  end
  return function()
    local kind = one_of(KINDS)
    local terms = {}
    for i = 1, one_of { 1, 2, 2, 3 } do
      terms[i] = one_of(kind.terms)
    end
    local texts, constraints = {}, one_of(kind.constraints)
    for i, term in ipairs(terms) do
      texts[i] = term[1]
    end
    return table.concat(texts, " + "), kind.name, constraints, has_none(terms, constraints)
  end
end

local function declared(node, name)
  if node.rows == "1" and node.cols == "1" then
    return "scalar " .. name
  end
  local symmetric = node.session:holds("symmetric", node) and " symmetric" or ""
  return ("matrix %s(%s,%s)%s"):format(name, node.rows, node.cols, symmetric)
end

-- The Lagrangian at the solution moved by step0 times a direction, and its declarations.
local function moved(f, name, constraints, solutions, values)
  local decl = equations.with_free(DECL, solutions) .. ", scalar step0, " .. declared(solutions[1].left, "Direction")
  local at = {}
  for other, value in pairs(values) do
    at[other] = value
  end
  at[name] = ("%s + step0*Direction"):format(values[name])
  local text = equations.put_in(f, at)
  for i, constraint in ipairs(constraints) do
    local multiplier = solutions.multipliers[i]
    local own = multiplier:text()
    if not values[own] then -- of any value
      decl = decl .. ", " .. declared(multiplier, own)
      values[own] = own
    end
    local left, right = constraint:match "^(.-)=(.*)$"
    local scalar = multiplier.rows == "1" and multiplier.cols == "1"
    local term = scalar and " + (%s)*(%s - (%s))" or " + tr((%s)'*(%s - (%s)))"
    text = text .. term:format(values[own], equations.put_in(left, at), equations.put_in(right, at))
  end
  return text, decl
end

local function names_of(solutions)
  local names = {}
  for i = 1, #solutions do
    names[i] = solutions[i].left:text()
  end
  return names
end

describe("a random stationary problem", function()
  local session = nabla.new()
  assert(session:declare(DECL))
  local answered, asked, refused = 0, 0, {}
  local random = generator(20261128)
  for number = 1, problems do
    local f, name, constraints, none = random()
    local title = f .. (constraints[1] and " under " .. table.concat(constraints, ", ") or "")
    it(("%d: %s is solved or refused with a reason"):format(number, title), function()
      local solutions, err = session:stationary(f, name, constraints)
      asked = asked + (none and 0 or 1)
      if not solutions then
        assert.is_string(err.message)
        refused[#refused + 1] = not none and title .. ": " .. err.message or nil
        return
      end
      assert.is_false(none, tostring(solutions))
      answered = answered + 1
      if not solutions.values[name] then
        assert.is_true(#solutions.remaining > 0)
        return
      end
      local values = equations.texts(solutions, names_of(solutions))
      if #solutions.remaining == 0 then
        for _, constraint in ipairs(constraints) do
          assert.is_not_false(equations.holds(constraint, values, equations.with_free(DECL, solutions)))
        end
      end
      local text, decl = moved(f, name, constraints, solutions, values)
      local right, why = judge.check {
        decl = equations.split(decl),
        expr = text .. " + step0",
        wrt = "step0",
        at = { step0 = 0 },
        layout = "denominator",
        answer = "1",
      }
      assert.is_true(right or tostring(why):find "undecided" ~= nil, tostring(solutions) .. ": " .. tostring(why))
    end)
  end

  it("is answered mostly", function()
    assert.is_true(answered >= least_answered * asked, table.concat(refused, "\n"))
  end)
end)
