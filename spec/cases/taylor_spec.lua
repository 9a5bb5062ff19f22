-- Expansions (spec/data/taylor.cases), judged by numbers: where the direction is halved, the rest of order k + 1 is 2^(k + 1) times
-- smaller. The judge evaluates the expression and the printed terms itself.

local evaluation = require "spec.judge.evaluation"
local files = require "spec.support.files"
local language = require "spec.judge.language"
local nabla = require "nabla"
local numeric = require "spec.judge.numeric"
local values = require "spec.judge.values"

local SIZES = { n = 3, m = 2, k = 4 }
local STEPS = { 0.02, 0.01 }
local EXACT = 1e-11 -- a rest that is rounding
local SLACK = 0.35 -- of the power, measured

local function cases()
  local list = {}
  for line in files.read("spec/data/taylor.cases"):gmatch "[^\n]+" do
    local expr, x, direction, order, decl = line:match "^([^#|].-) | (.-) | (.-) | (%d+) | (.*)$"
    if expr then
      local at = direction:match "@ (%S+)"
      list[#list + 1] = {
        expr = expr,
        x = x,
        at = at,
        direction = direction:sub(1, 1) ~= "-" and direction or nil,
        order = math.tointeger(order),
        decl = language.split(decl),
      }
    end
  end
  return list
end

local function size_of(a)
  local most = 0
  for k = 1, #a do
    most = math.max(most, math.abs(a[k]))
  end
  return most
end

-- The declarations of a case, with that of the direction, which has the shape of the variable.
local function declarations(case)
  local list = {}
  for i, d in ipairs(case.decl) do
    list[i] = d
    local kind, sizes = d:match("^(%a+) " .. case.x .. "(%b())")
    kind, sizes = kind or d:match("^(scalar) " .. case.x .. "%f[%W]"), sizes or ""
    local all = ", " .. table.concat(case.decl, ", ")
    if case.direction and kind and not all:find(" " .. case.direction .. "%f[%W]") then
      list.own = kind .. " " .. case.direction .. sizes
    end
  end
  list[#list + 1] = list.own
  return list
end

-- The size of the rest with a direction of length h, and that of the value.
local function rest(case, text, h)
  local instance = values.instance(language.declarations(declarations(case)), SIZES, case.expr .. case.x)
  local v = instance.values
  local x = v[case.x]
  local shifted
  if case.direction then
    v[case.direction] = numeric.scale(v[case.direction], h)
    shifted = numeric.add(x, v[case.direction])
  else
    x = numeric.number(tonumber(case.at) or 0)
    shifted = numeric.number(x[1] + h)
    v[case.x] = shifted
  end
  local expansion = evaluation.evaluate(instance, text)
  v[case.x] = shifted
  local truth = evaluation.evaluate(instance, case.expr)
  assert.are.same({ truth.rows, truth.cols }, { expansion.rows, expansion.cols })
  return size_of(numeric.subtract(truth, expansion)), size_of(truth)
end

describe("an expansion", function()
  local session = assert(nabla.new())
  local count = 0

  for _, case in ipairs(cases()) do
    it(("of %s by %s in %s to order %d"):format(case.expr, case.x, case.direction or "powers", case.order), function()
      session:reset()
      assert(session:declare(table.unpack(case.decl)))
      local result = assert(session:taylor(case.expr, case.x, case.direction, case.order, { at = case.at }))
      assert.are.equal(case.order + 1, #result.terms)
      assert.are.equal(case.order + 1, result.order)
      local text, tail = tostring(result):match "^(.*) %+ (O%b())$"
      assert.is_truthy(tail)
      local coarse, size = rest(case, text, STEPS[1])
      local fine = rest(case, text, STEPS[2])
      if fine > EXACT * math.max(1, size) then
        local power = math.log(coarse / fine) / math.log(STEPS[1] / STEPS[2])
        assert.is_true(power > result.order - SLACK, ("the rest shrinks with the power %.2f"):format(power))
      end
      assert.is_true(coarse < 1)
      assert.is_near(coarse, (rest(case, tostring(result.sum), STEPS[1])), EXACT * math.max(1, size))
      count = count + 1
    end)
  end

  it("is judged at least forty times", function()
    assert.is_true(count >= 40)
  end)

  it("of a wrong term is refused by the judge", function()
    local case = { expr = "inv(X)", x = "X", direction = "H", order = 1, decl = { "matrix X(n,n) invertible" } }
    local coarse, fine = rest(case, "inv(X) - H*inv(X)*inv(X)", 0.02), rest(case, "inv(X) - H*inv(X)*inv(X)", 0.01)
    assert.is_true(math.log(coarse / fine) / math.log(2) < 1.5)
  end)

  it("says where a direction keeps the structure of the variable", function()
    session:reset()
    assert(session:declare "matrix S(n,n) symmetric, matrix T(n,n) symmetric")
    local open = assert(session:taylor("eigval(S, 1)", "S", "H", 2))
    assert.are.equal("H is taken to have the structure of S", tostring(open.notes))
    assert.is_nil(assert(session:taylor("eigval(S, 1)", "S", "T", 2)).notes)
  end)

  it("says what it cannot expand", function()
    session:reset()
    local function refusal(...)
      local result, err = session:taylor(...)
      assert.is_nil(result)
      return err.message
    end
    assert(session:declare "matrix X(n,n), vector x(n), scalar t")
    assert.matches("no closed form", refusal("expm(X*X)", "X", "H", 4))
    assert.matches("needs a direction", refusal("tr(X)", "X", nil, 2))
    assert.matches("the sizes must be equal", refusal("tr(X)", "X", "x", 2))
    assert.matches("division by zero", refusal("1/t", "t", nil, 2))
    assert.has_error(function()
      session:taylor("t", "t", nil, 50)
    end, "the order is a whole number from 0 to 20, found 50")
    assert.has_error(function()
      session:taylor(nil, "t")
    end, "an expression or its text was expected, found a nil")
  end)

  it("shows how it is found", function()
    session:reset()
    assert(session:declare "matrix X(n,n), matrix H(n,n)")
    local e = assert(session:taylor("inv(X)", "X", "H", 2))
    local steps = e:steps()
    assert.are.equal(4, #steps)
    assert.are.equal("d(f) = -inv(X)*H*inv(X)", steps[2].text)
    assert.are.equal("d^2(f) = 2*(inv(X)*H)^2*inv(X)", steps[3].text)
    assert.are.equal("inverse, product", steps[3].why)
    assert.are.equal("泰勒公式", e:steps("text", "zh")[4].why)
    assert.matches("\\mathrm{d}^{2} f &= ", (e:steps_text "latex"))
  end)

  it("prints in every format", function()
    session:reset()
    assert(session:declare "matrix X(n,n), matrix H(n,n)")
    local e = assert(session:taylor("logdet(X)", "X", "H", 1))
    assert.are.equal("logdet(X) + tr(H*inv(X)) + O(norm2(H)^2)", e:text())
    assert.matches("tr%(H·X⁻¹%)", e:text "unicode")
    assert.matches("O\\left%(\\lVert \\mathbf{H} \\rVert_F^{2}\\right%)$", e:text "latex")
  end)
end)
