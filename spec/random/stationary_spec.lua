-- Random stationary problems: sums of up to three terms of a column, a matrix, a positive definite matrix or a positive column, under
-- random constraints. The judge finds no change of the Lagrangian, with the multipliers that were given, along a random direction;
-- the constraints hold. A problem may be refused, or solved in part, never wrong.

local equations = require "spec.support.equations"
local judge = require "spec.judge"
local nabla = require "nabla"
local sample = require "spec.support.sample"

local problems = sample.count(200)
local least_answered = 0.7 -- many have no stationary point: a linear function, a product without constraint

local DECL = "matrix A(m,n) fullcolumnrank, vector b(m), vector x(n), matrix W(m,m) spd, matrix Q(n,n) spd, "
  .. "matrix P(n,n) spd, vector u(n), vector v(n), scalar c positive, scalar t positive, matrix G(n,n) symmetric, "
  .. "matrix C(2,n), vector d(2), matrix X(n,q), matrix S(q,q) spd, matrix Y(m,q), matrix Z(n,q), matrix R(n,n) spd, "
  .. "vector p(n) positive, vector w(n) positive"

local KINDS = {
  {
    name = "x",
    terms = { "norm2(A*x - b)^2", "x'*Q*x", "(x - u)'*P*(x - u)", "c*norm2(x)^2", "(A*x - b)'*W*(A*x - b)", "u'*x",
      "c*norm2(x - v)^2", "x'*P*u", "(u'*x - t)^2", "sum(x)" },
    constraints = { {}, {}, { "C*x = d" }, { "u'*x = t" }, { "sum(x) = 1" }, { "x'*x = t" },
      { "sum(x) = 1", "u'*x = t" }, { "x'*Q*x = 1" } },
  },
  {
    name = "X",
    terms = { "tr((Y - A*X)'*(Y - A*X))", "c*tr(X'*X)", "tr(X'*Q*X)", "tr(Z'*X)", "tr(X*S*X')", "norm2(X - Z)^2",
      "tr(X'*P*X*S)", "tr(Z'*P*X)", "tr((Y - A*X)*S*(Y - A*X)')" },
    constraints = { {}, {}, {}, { "C*X = C*Z" } },
  },
  {
    name = "R",
    terms = { "c*logdet(R)", "tr(R*Q)", "tr(inv(R)*P)", "-t*logdet(R)", "tr(R*P)", "c*tr(R)", "norm2(R - Q)^2" },
    constraints = { {}, {}, { "tr(R) = t" } },
  },
  {
    name = "p",
    terms = { "sum(p.*log(p))", "w'*log(p)", "w'*p", "sum(w./p)", "c*sum(p)", "norm2(p - w)^2", "-t*sum(log(p))" },
    constraints = { {}, { "sum(p) = 1" }, { "sum(p) = t" }, { "w'*p = 1" } },
  },
}

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
    return table.concat(terms, " + "), kind.name, one_of(kind.constraints)
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
  local answered, refused = 0, {}
  local random = generator(20261128)
  for number = 1, problems do
    local f, name, constraints = random()
    local title = f .. (constraints[1] and " under " .. table.concat(constraints, ", ") or "")
    it(("%d: %s is solved or refused with a reason"):format(number, title), function()
      local solutions, err = session:stationary(f, name, constraints)
      if not solutions then
        assert.is_string(err.message)
        refused[#refused + 1] = title .. ": " .. err.message
        return
      end
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
    assert.is_true(answered >= least_answered * problems, table.concat(refused, "\n"))
  end)
end)
