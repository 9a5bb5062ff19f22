-- The formulas of spec/data/typed.cases, as newcomers type them in the notations of programs, as text and in LaTeX, are read as they are
-- meant, refused, or read otherwise with a note; what is read can be differentiated.

local nabla = require "nabla"
local readings = require "spec.support.readings"
local sample = require "spec.support.sample"

local s = assert(nabla.new())
local cases = readings.read "spec/data/typed.cases"

describe("what newcomers type", function()
  it("comes from many pages, half of it in the notations of programs", function()
    local sources, found, programs = {}, 0, 0
    for _, case in ipairs(cases) do
      found = found + (sources[case.source] and 0 or 1)
      sources[case.source] = true
      programs = programs + (readings.is(case, "program") and 1 or 0)
    end
    assert.is_true(#cases >= 220 and found >= 100 and programs >= 0.45 * #cases)
  end)
end)

local all = { same = 0, readable = 0 }
for _, declared in ipairs { false, true } do
  describe("what newcomers type, with " .. (declared and "letters declared" or "nothing declared"), function()
    for _, case in ipairs(sample.of(cases, 8)) do
      it(("is read as meant, refused, or told, line %d: %s"):format(case.line, case.page), function()
        local outcome, text, told = readings.outcome(s, case, declared)
        assert.are_not.equal("failed", outcome, text)
        if outcome == "other" then
          assert.is_truthy(told and #told > 0, "another formula without a note: " .. text)
        end
        if not case.refused then
          all.readable = all.readable + 1
          all.same = all.same + (outcome == "same" and 1 or 0)
        end
      end)
    end
  end)
end

describe("what newcomers type, with and without declarations", function()
  sample.whole(it)("is read as meant, 97 of 100", function()
    assert.is_true(all.same >= 0.97 * all.readable, all.same .. " of " .. all.readable)
  end)
end)

describe("the derivative of what newcomers type", function()
  local regression = "matrix X(m,n), vector y(m), vector w(n)"
  for _, row in ipairs {
    { "0.5*np.linalg.norm(X @ w - y)**2 + reg * w @ w", "w", "X'*(X*w - y) + 2*reg*w", "scalar reg, " .. regression },
    { "-0.5*torch.sum(1 + log_var - mu.pow(2) - log_var.exp())", "mu", "mu", "vector mu(n)" },
    { "F.mse_loss(U @ V.T, R)", "U", "2*(U*V' - R)*V/(m*n)", "matrix U(m,k), matrix V(n,k), matrix R(m,n)" },
    { "res = y - X @ w; 0.5 * np.mean(res**2)  # mean squared error", "w", "-X'*(y - X*w)/m", regression },
    { "sum(log1p.(exp.(-y .* (X*w))))", "w", "-X'*(y.*sigmoid(-y.*(X*w)))", regression },
    { "jnp.linalg.slogdet(S)[1] + x @ jnp.linalg.solve(S, x)", "x", "(inv(S) + inv(S)')*x", "matrix S(n,n)" },
  } do
    it("is right: " .. row[1], function()
      local t = assert(nabla.new { layout = "denominator" })
      assert(t:declare(row[4]))
      local derivative = assert(t:diff(row[1], row[2]))
      assert.equal("yes", (t:equal(derivative, assert(t:parse(row[3])))), tostring(derivative))
    end)
  end
end)
