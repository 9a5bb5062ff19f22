-- Expectations over letters that are declared random: what comes out of them, their derivatives, what is refused.

local nabla = require "nabla"

local function session(layout)
  local s = assert(nabla.new { layout = layout or "denominator" })
  assert(s:declare(table.concat({
    "vector x(n) random, vector z(n) random, vector y(m) random, scalar r random, matrix B(n,n) random",
    "vector w(n), vector v(m), matrix A(m,n), scalar c, matrix Q(n,n)",
  }, ", ")))
  return s
end

describe("an expectation", function()
  for text, means in pairs {
    ["E[A*x + v]"] = "A*E[x] + v",
    ["E[3*c*x/2]"] = "3/2*c*E[x]",
    ["E[r*w'*x]"] = "w'*E[r*x]",
    ["E[x*x'*w]"] = "E[x*x']*w",
    ["E[x'*Q*z]"] = "tr(Q*E[z*x'])",
    ["E[tr(Q*x*x')]"] = "tr(Q*E[x*x'])",
    ["E[(r - w'*x)^2]"] = "E[r^2] - 2*w'*E[r*x] + w'*E[x*x']*w",
    ["E[norm2(v)*x]"] = "norm2(v)*E[x]",
    ["E[E[x]*x']"] = "E[x]*E[x]'",
    ["E[(x - E[x])*(x - E[x])']"] = "Var(x)",
    ["E[(A*x)']"] = "E[x]'*A'",
    ["Cov(A*x, z)"] = "A*(E[x*z'] - E[x]*E[z]')",
    ["E[w.*x]"] = "w.*E[x]",
  } do
    it(("%s is %s"):format(text, means), function()
      local s = session()
      local left, right = assert(s:parse(text)), assert(s:parse(means))
      assert.is_true(left == right or s:equal(left, right) == "yes", tostring(left))
    end)
  end

  -- a product of two letters is no product of means
  for text, other in pairs {
    ["E[x*z']"] = "E[x]*E[z]'",
    ["E[r^2]"] = "E[r]^2",
    ["E[r*x]"] = "r*E[x]",
    ["r*E[x]"] = "E[r*x]",
    ["E[exp(r)]"] = "exp(E[r])",
  } do
    it(("%s is not %s"):format(text, other), function()
      local s = session()
      assert.is_false(s:parse(text) == s:parse(other))
      assert.is_false(s:simplify(text) == s:simplify(other))
    end)
  end

  for _, case in ipairs {
    { "E[(r - w'*x)^2]", "w", "2*(E[x*x']*w - E[r*x])" },
    { "E[x'*Q*x]", "Q", "E[x*x']" },
    { "E[norm2(y - A*x)^2]", "A", "2*(A*E[x*x'] - E[y*x'])" },
    { "E[exp(w'*x)]", "w", "E[exp(w'*x)*x]" },
    { "log(E[exp(w'*x)])", "w", "E[exp(w'*x)*x]/E[exp(w'*x)]" },
    { "E[log(1 + exp(-r*w'*x))]", "w", "-E[r*sigmoid(-r*w'*x)*x]" },
    { "tr(Var(A*x))", "A", "2*A*(E[x*x'] - E[x]*E[x]')" },
    { "E[norm2(B*w)^2]", "w", "2*E[B'*B]*w" },
    { "c*E[r*x'*w]", "c", "w'*E[r*x]" },
    { "x'*w", "x", "w" },
  } do
    it(("%s by %s is %s"):format(table.unpack(case)), function()
      local s = session()
      local answer = assert(s:diff(case[1], case[2]))
      assert.is_true(answer == s:parse(case[3]), tostring(answer))
      assert.is_true(s:parse(tostring(answer)) == answer)
      assert.is_true(s:parse(answer:latex(), { latex = true }) == answer, answer:latex())
    end)
  end

  it("stays around what is random in each line of a derivation", function()
    local cases = { { "E[exp(w'*x)]", "w" }, { "E[norm2(y - A*x)^2]", "A" }, { "log(E[(r - w'*x)^2])", "w" } }
    for _, case in ipairs(cases) do
      local s = session()
      local lines = tostring(assert(s:derive(case[1], case[2])))
      for line in lines:gmatch "[^\n]+" do
        local head = line:match "^[^%]]*"
        if line:find "^d%(f%)" or line:find "^ +=" then
          assert.matches("E%[", head .. "]", line)
        end
      end
    end
  end)

  it("takes a mean and a covariance by substitution", function()
    local s = assert(nabla.new {})
    s:declare "vector x(n) random, vector m(n), matrix S(n,n) symmetric, matrix A(n,n)"
    assert.equal("tr(A*S) + m'*A*m", tostring(s:expand(s:subst("E[x'*A*x]", "E[x*x']", "S + m*m'"))))
  end)

  it("is refused where nothing is random, and by a letter that it is over", function()
    local s = session()
    local _, err = s:parse "E[w'*v(1)]"
    assert.matches("nothing in this expectation is declared random", err.message)
    _, err = s:diff("E[x'*w]", "x")
    assert.matches("no function of x", err.message)
  end)

  it("leaves the unit matrix E(i,j,m,n) and a declared E alone", function()
    local s = session()
    assert.equal("E(1, 2, n, n)", tostring(s:parse "E(1,2,n,n)"))
    s = assert(nabla.new {})
    s:declare "matrix E(n,n), vector x(n)"
    assert.equal("E", tostring(s:parse "E"))
    assert.equal("E'", tostring(s:diff("E*x", "x", { layout = "denominator" })))
  end)
end)
