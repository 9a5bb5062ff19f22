-- An identity `D(foo(x), x)` in one layout is enough to differentiate an operator that has no rule: everywhere.

local judge = require "spec.judge"
local nabla = require "nabla"
local sample = require "spec.support.sample"

local function session(rules, declarations)
  local s = assert(nabla.new())
  assert(s:rule(rules))
  if declarations then
    assert(s:declare(declarations))
  end
  return s
end

local function derivative(s, f, x, layout)
  local answer, err = s:diff(f, x, { layout = layout })
  return answer and tostring(answer) or tostring(err)
end

-- The answers in some layouts, as a table from the layout to the text.
local function check(s, f, x, answers)
  for layout, answer in pairs(answers) do
    assert.equal(answer, derivative(s, f, x, layout), layout)
  end
end

-- `statement` in each layout in turn gives the same answers.
local function defines(rules, statements, declarations, problems)
  for layout, statement in pairs(statements) do
    local margin = rules:match "^ *"
    local text = rules:gsub("%s+$", "")
      .. "\n"
      .. margin
      .. 'identity "stated"\n'
      .. margin
      .. "    "
      .. statement
    local s = session(text:gsub("\n    D", "\n" .. margin .. "    D"), declarations)
    assert.is_true(s:check "stated", layout)
    for _, problem in ipairs(problems) do
      check(s, problem[1], problem[2], problem[3])
    end
  end
end

describe("an identity that states the derivative of an operator", function()
  it("defines a scalar of a vector", function()
    defines(
      [[
        operator foo(x(n)): scalar
        operator bar(x(n)): vector (n)
        let vector x(n)
      ]],
      {
        denominator = "D(foo(x), x)  denominator  bar(x)",
        numerator = "D(foo(x), x)  numerator  bar(x)'",
        vec = "D(foo(x), x)  vec  bar(x)'",
        several = "D(foo(x), x)  numerator  bar(x)'   denominator, mixed  bar(x)",
      },
      "vector x(n), matrix A(m,n), vector b(m), scalar t, vector u(n) of t",
      {
        {
          "foo(x)",
          "x",
          { numerator = "bar(x)'", denominator = "bar(x)", mixed = "bar(x)", vec = "bar(x)'" },
        },
        {
          "exp(foo(A*x - b))",
          "x",
          {
            numerator = "exp(foo(A*x - b))*bar(A*x - b)'*A",
            denominator = "exp(foo(A*x - b))*A'*bar(A*x - b)",
          },
        },
        { "foo(A*x)", "A", { denominator = "bar(A*x)*x'", numerator = "x*bar(A*x)'" } },
        { "foo(u(t))", "t", { numerator = "D(u, t)'*bar(u(t))", denominator = "D(u, t)*bar(u(t))" } },
      }
    )
  end)

  it("defines a scalar of a matrix", function()
    defines(
      [[
        operator foo(X(m,n)): scalar
        operator bar(X(m,n)): matrix (m,n)
        let matrix X(m,n)
      ]],
      {
        denominator = "D(foo(X), X)  denominator  bar(X)",
        numerator = "D(foo(X), X)  numerator  bar(X)'",
        vec = "D(foo(X), X)  vec  vec(bar(X))'",
      },
      "matrix X(m,n), matrix A(p,m), matrix B(n,q), vector x(n), vector y(m)",
      {
        { "foo(X)", "X", { numerator = "bar(X)'", denominator = "bar(X)", vec = "vec(bar(X))'" } },
        { "log(foo(A*X*B))", "X", { denominator = "A'*bar(A*X*B)*B'/foo(A*X*B)" } },
        { "foo(y*x')", "x", { denominator = "bar(y*x')'*y", numerator = "y'*bar(y*x')" } },
      }
    )
  end)

  it("defines a vector of a vector", function()
    defines(
      [[
        operator g(x(n)): vector (n)
        operator J(x(n)): matrix (n,n)
        let vector x(n)
      ]],
      {
        numerator = "D(g(x), x)  numerator  J(x)",
        denominator = "D(g(x), x)  denominator  J(x)'",
        vec = "D(g(x), x)  vec  J(x)",
      },
      "vector x(n), matrix A(m,n), vector b(m)",
      {
        { "g(A*x - b)", "x", { numerator = "J(A*x - b)*A", denominator = "A'*J(A*x - b)'" } },
        { "b'*g(A*x)", "x", { denominator = "A'*J(A*x)'*b", numerator = "b'*J(A*x)*A" } },
        { "g(g(x))", "x", { numerator = "J(g(x))*J(x)", denominator = "J(x)'*J(g(x))'" } },
      }
    )
  end)

  it("defines a vector and a matrix of a scalar", function()
    defines(
      [[
        operator W(t, m, n): matrix (m,n)
        operator dW(t, m, n): matrix (m,n)
        operator w(t, n): vector (n)
        operator dw(t, n): vector (n)
        let scalar t
      ]],
      {
        numerator = "D(W(t,m,n), t)  numerator  dW(t,m,n)\n    D(w(t,n), t)  numerator  dw(t,n)",
        denominator = "D(W(t,m,n), t)  denominator  dW(t,m,n)'\n    D(w(t,n), t)  denominator  dw(t,n)'",
        vec = "D(W(t,m,n), t)  vec  vec(dW(t,m,n))\n    D(w(t,n), t)  vec  dw(t,n)",
      },
      "scalar t, vector u(m), vector v(n), vector x(p)",
      {
        { "W(t^2,m,n)*v", "t", { numerator = "2*t*dW(t^2, m, n)*v", denominator = "2*t*v'*dW(t^2, m, n)'" } },
        { "u'*W(x'*x,m,n)*v", "x", { denominator = "2*u'*dW(x'*x, m, n)*v*x" } },
        { "v'*w(t,n)", "t", { numerator = "v'*dw(t, n)" } },
      }
    )
  end)

  it("defines a matrix of a matrix", function()
    defines(
      [[
        operator F(X(m,n)): matrix (n,m)
        operator JF(X(m,n)): matrix (n*m,m*n)
        let matrix X(m,n)
      ]],
      { vec = "D(F(X), X)  vec  JF(X)" },
      "matrix X(m,n), matrix A(m,n), matrix B(m,p), matrix C(p,n)",
      {
        { "F(X)", "X", { vec = "JF(X)" } },
        { "F(B*C)", "C", { vec = "JF(B*C)*kron(I(n), B)" } },
        { "tr(A*F(X))", "X", { vec = "vec(A')'*JF(X)" } },
      }
    )
  end)

  sample.whole(it)("is understood in every layout that there is", function()
    local names = "vector x(n), matrix X(n,n), matrix A(n,m), matrix B(m,n), vector b(n)"
    local problems = {
      { "operator f(X(n,n)): matrix (n,n)", "X*X", "X", "X", { "tr(f(A*B))", "A" }, { "f(X')", "X" } },
      { "operator f(x(n)): matrix (n,n)", "x*x'", "x", "x", { "b'*f(A*B*x)*b", "x" }, { "f(x)", "x" } },
      { "operator f(X(n,n)): vector (n)", "X*X*ones(n)", "X", "X", { "b'*f(A*B)", "B" }, { "f(X*X)", "X" } },
      { "operator f(x(n)): vector (n)", "x*(x'*x)", "x", "x", { "f(A*B*x)", "x" } },
      { "operator f(X(n,n)): scalar", "tr(X*X*X)", "X", "X", { "f(A*B)", "B" } },
    }
    local plain = session("let scalar a", names)
    for _, problem in ipairs(sample.of(problems)) do
      for layout in pairs(plain.layouts) do
        local answer = plain:diff(problem[2], problem[3], { layout = layout })
        if answer then
          local s = session(
            ('%s\nlet vector x(n), matrix X(n,n)\nidentity "stated"\n  D(f(%s), %s)  %s  %s'):format(
              problem[1],
              problem[3],
              problem[3],
              layout,
              tostring(answer)
            ),
            names
          )
          for i = 5, #problem do
            local f, x = table.unpack(problem[i])
            local whole = f:gsub("f(%b())", function(argument)
              return "(" .. problem[2]:gsub("%f[%w]" .. problem[4] .. "%f[%W]", argument) .. ")"
            end)
            local wanted = plain:diff(whole, x, { layout = "vec" })
            local found = s:diff(f, x, { layout = "vec" })
            local right, trouble = judge.same(tostring(found), tostring(wanted), { names })
            assert.is_true(right, ("%s: %s: %s"):format(layout, found, trouble))
          end
        end
      end
    end
  end)

  it("gives Hessians, where the derivative has a derivative", function()
    local s = session(
      [[
        operator foo(x(n)): scalar
        operator bar(x(n)): vector (n)
        operator baz(x(n)): matrix (n,n)
        let vector x(n)
        identity "first"   D(foo(x), x)  denominator  bar(x)
        identity "second"  D(bar(x), x)  numerator    baz(x)
      ]],
      "vector x(n), matrix A(m,n)"
    )
    assert.equal("baz(x)", tostring(s:hessian("foo(x)", "x")))
    assert.equal("A'*baz(A*x)*A", tostring(s:hessian("foo(A*x)", "x")))
  end)

  it("agrees with a function that has the same derivative by a rule", function()
    local s = session(
      [[
        operator mylse(x(n)): scalar
        let vector x(n)
        identity "log-sum-exp, stated"  D(mylse(x), x)  denominator  exp(x)/sum(exp(x))
      ]],
      "vector x(n), matrix A(m,n), vector y(m)"
    )
    for _, layout in ipairs { "numerator", "denominator", "vec" } do
      for _, x in ipairs { "x", "A" } do
        assert.equal(
          tostring(s:diff("log(sum(exp(A*x)))^2", x, { layout = layout })):gsub(
            "log%(sum%(exp%(A%*x%)%)%)",
            "mylse(A*x)"
          ),
          (derivative(s, "mylse(A*x)^2", x, layout))
        )
      end
    end
  end)

  it("may be a row of a table", function()
    local s = session [[
      operator foo(x(n)): scalar
      operator bar(x(n)): vector (n)
      table "Mine"
      let vector x(n)
      identity "stated"  D(foo(x), x)  denominator  bar(x)
    ]]
    assert.equal("bar(x)", derivative(s, "foo(x)", "x"))
  end)

  it("is taken away with its identity", function()
    local s = session [[
      operator foo(x(n)): scalar
      let vector x(n)
      identity "stated"  D(foo(x), x)  denominator  2*x
    ]]
    assert.equal("2*x", derivative(s, "foo(x)", "x"))
    assert(s:rule 'without identity "stated"')
    assert.equal("no rule for d(foo(..))", derivative(s, "foo(x)", "x"))
  end)
end)

describe("an operator of several arguments", function()
  local rules = [[
    operator k(x(n), y(n)): scalar
    operator k1(x(n), y(n)): vector (n)
    operator k2(x(n), y(n)): vector (n)
    let vector x(n), vector y(n)
    identity "stated"
        D(k(x,y), x)  denominator  k1(x,y)
  ]]

  it("has a derivative by those that the identity states, and by no other", function()
    local s = session(rules, "vector x(n), vector y(n), matrix A(n,n)")
    assert.equal("A'*k1(A*x, y)", derivative(s, "k(A*x, y)", "x"))
    local refused = 'no rule for d(k(..)): the conditions of the rule "stated" do not hold: zero(d(y))'
    assert.equal(refused, derivative(s, "k(x, y)", "y"))
    assert.equal(refused, derivative(s, "k(x, A*x)", "x"))
  end)

  it("has a derivative by all of them when it states all", function()
    local s = session(rules .. "        D(k(x,y), y)  denominator  k2(x,y)", "vector x(n), matrix A(n,n)")
    assert.equal("k1(x, A*x) + A'*k2(x, A*x)", derivative(s, "k(x, A*x)", "x"))
  end)
end)

describe("an identity is refused as a definition", function()
  local function message(text)
    local _, err = assert(nabla.new()):rule(text, "my.rules")
    return tostring(err):match "^[^\n]*"
  end
  local head = "operator foo(X(m,n)): scalar\noperator bar(X(m,n)): matrix (m,n)\nlet matrix X(m,n)\n"

  it("when its layouts contradict each other", function()
    assert.equal(
      "my.rules:6:16: numerator and denominator contradict each other: the differential would be tr(bar(X)*d(X)') by "
        .. "the one, 2*tr(bar(X)*d(X)') by the other",
      message(
        head .. 'identity "a"\n  D(foo(X), X)  numerator  bar(X)\'\n               denominator  2*bar(X)'
      )
    )
  end)

  it("when the answer has another shape than the layout says", function()
    assert.equal(
      "my.rules:5:28: the answer is m x n; in the numerator layout the derivative of a scalar by matrix is n x m",
      message(head .. 'identity "a"\n  D(foo(X), X)  numerator  bar(X)')
    )
  end)
end)

describe("an identity about an operator that has a rule", function()
  it("is only a claim", function()
    local s = session [[
      let vector x(n)
      identity "wrong"  D(norm2(x), x)  denominator  x
    ]]
    assert.equal("x/norm2(x)", derivative(s, "norm2(x)", "x"))
    local right, why = s:check "wrong"
    assert.is_false(right)
    assert.equal("denominator: x/norm2(x), stated x", why)
  end)

  it("is only a claim where the rule has conditions", function()
    local s = session [[
      let matrix X(n,n)
      identity "wrong"  D(expm(X), X)  vec  I(n*n)
    ]]
    assert.is_not_true((s:check "wrong"))
  end)
end)

describe("identities about different arguments of an operator", function()
  local rules = [[
    operator tri(x(n), y(n), A(n,n)): scalar
    let vector x(n), vector y(n), matrix A(n,n)
    identity "first"
        D(tri(x,y,A), x)  denominator  A*y
    let vector u(n), vector v(n)
    identity "second"
        D(tri(u,v,A), v)  numerator  u'*A
  ]]
  local declared = "vector x(n), vector y(n), matrix B(n,n), matrix C(n,n), scalar t"

  it("hold together, whatever names their variables have", function()
    local s = session(rules, declared)
    assert.equal("(B'*C + C'*B)*x", derivative(s, "tri(C*x, x, B)", "x"))
    assert.equal("2*t*x'*B*y", derivative(s, "tri(t*x, t*y, B)", "t"))
  end)

  it("say nothing by an argument that none of them states", function()
    local s = session(rules, declared)
    local refused = 'no rule for d(tri(..)): the conditions of the rule "second" do not hold: zero(d(A))'
    assert.equal(refused, derivative(s, "tri(x, y, B)", "B"))
    assert(s:rule [[
      let vector x(n), vector y(n), matrix A(n,n)
      identity "third"
          D(tri(x,y,A), A)  vec  kron(y', x')
    ]])
    assert.equal("x*y'", derivative(s, "tri(x, y, B)", "B"))
  end)

  it("are forgotten with the identity that is taken away", function()
    local s = session(rules, declared)
    assert(s:rule 'without identity "second"')
    assert.is_nil(s:diff("tri(x, x, B)", "x"))
  end)
end)
