-- Derivations of matrices of blocks, of sums over data points and by a member of them, of functions of several arguments: the last
-- line is the answer, and every line is true by numbers. Led by a user, each line asked for, the answer is the same.

local cases = require "spec.support.cases"
local derivation_lines = require "spec.support.derivation_lines"
local families = require "spec.support.families"
local nabla = require "nabla"
local sample = require "spec.support.sample"

local TOLERANCE = 1e-4

local session = assert(nabla.new())

-- Derive a case, and judge its lines.
local function right(case)
  session:reset()
  assert(session:declare(table.unpack(case.decl)))
  local opts = { layout = case.layout }
  local answer
  if case.op == "hessian" then
    answer = session:hessian(case.expr, case.wrt, case.wrt2, opts)
  else
    answer = session:diff(case.expr, case.wrt, opts)
  end
  if not answer then
    return -- the layout has no row
  end
  local derivation
  if case.op == "hessian" then
    derivation = assert(session:derive_hessian(case.expr, case.wrt, case.wrt2, opts))
  else
    derivation = assert(session:derive(case.expr, case.wrt, opts))
  end
  assert.are.equal(answer:text(), derivation:write(derivation[#derivation].right))
  local wrong = derivation_lines.wrong(derivation, case, TOLERANCE)
  assert.are.same({}, wrong)
  return derivation, answer
end

-- The same led by a user, by the calls of a list.
local function led(case, answer)
  local D = assert(session:derivation(case.expr, case.wrt, { layout = case.layout }))
  D:d()
  D:auto()
  assert.are.equal(answer:text(), D:write(D[#D].right))
  assert.are.same({}, (derivation_lines.wrong(D, case, TOLERANCE)))
end

describe("the derivation of blocks", function()
  for _, case in ipairs(sample.of(cases.read "spec/data/blocks.cases")) do
    it(("%s by %s, %s"):format(case.expr, case.wrt, case.layout), function()
      local derivation, answer = right(case)
      if derivation and case.op ~= "hessian" then
        led(case, answer)
      end
    end)
  end
end)

-- The member of a case, the first of those by an index that a sum counts.
local function by_free_index(case)
  return (case.by:gsub("%w$", function(index)
    return case.expr:find(index .. " = ") and "1" or index
  end))
end

describe("the derivation of a sum over data points", function()
  local layouts = { "denominator", "numerator", "vec", "mixed", "block" }
  for k, case in ipairs(sample.of(families.cases(), 16)) do
    it(("%s by %s"):format(case.expr, case.by), function()
      local one = { decl = families.DECLARED, expr = case.expr, wrt = by_free_index(case) }
      one.layout = layouts[k % #layouts + 1]
      local derivation, answer = right(one)
      if derivation then
        led(one, answer)
      end
    end)
  end
end)

describe("the derivation of second derivatives by members", function()
  local f = "sum(i = 1..N, (y_i - w'*x_i)^2)"
  local expected = {
    { f, "x_k", "x_k", "2*w*w'" },
    { f, "x_k", "x_l", "2*I(N)(k,l)*w*w'" },
    { f, "x_k", "w", "2*(w*x_k' - (y_k - w'*x_k)*I(n))" },
    { f, "w", "y_k", "-2*x_k" },
    { "sum(k = 1..K, logdet(V_k))", "V_j", "V_j", "-kron(inv(V_j), inv(V_j))*K(n, n)" },
  }
  for _, case in ipairs(expected) do
    it(("%s by %s and %s"):format(case[1], case[2], case[3]), function()
      session:reset()
      assert(session:declare(table.unpack(families.DECLARED)))
      local y = case[3] ~= case[2] and case[3] or nil
      local derivation = assert(session:derive_hessian(case[1], case[2], y))
      assert.are.equal(case[4], derivation:write(derivation[#derivation].right))
      assert.is_true(session:hessian(case[1], case[2], y) == session:parse(case[4]))
    end)
  end
end)

describe("the derivation of a function of several arguments", function()
  local decl = "vector x(n), vector y(m), matrix A(n,k), matrix B(m,n), vector w(k), scalar s, scalar t, "
    .. "scalar f of x,y, vector u(p) of x,y, scalar h of s,t, vector v(m) of x"
  local expected = {
    { "f(A*w, y)", "w", "A'*D(f, x)(A*w, y)" },
    { "f(x, B*x)", "x", "D(f, x)(x, B*x) + B'*D(f, y)(x, B*x)" },
    { "u(x, B*x)", "x", "D(u, x)(x, B*x) + B'*D(u, y)(x, B*x)" },
    { "f(x, y)^2", "y", "2*f(x, y)*D(f, y)" },
    { "h(t^2, s*t)", "t", "s*D(h, t)(t^2, s*t) + 2*t*D(h, s)(t^2, s*t)" },
    { "f(x, v(x))", "x", "D(f, x)(x, v(x)) + D(v, x)*D(f, y)(x, v(x))" },
  }
  for _, case in ipairs(expected) do
    it(("%s by %s"):format(case[1], case[2]), function()
      session:reset()
      assert(session:declare(decl))
      local derivation = assert(session:derive(case[1], case[2]))
      local answer = tostring(session:diff(case[1], case[2]))
      assert.is_true(session:parse(case[3]) == session:parse(answer))
      assert.are.equal(answer, derivation:write(derivation[#derivation].right))
      assert.is_truthy(derivation[2].rule:find("chain rule", 1, true) or derivation[3].rule:find("chain rule", 1, true))
      local D = assert(session:derivation(case[1], case[2]))
      D:auto()
      assert.are.equal(answer, D:write(D[#D].right))
    end)
  end
end)
