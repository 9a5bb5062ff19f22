-- The functions of the field (spec/data/functions.cases, more_functions.cases): nabla answers as the textbook does, and in every
-- other layout rightly by numbers. And what holds between these functions; what is refused.

local nabla = require "nabla"
local cases = require "spec.support.cases"
local judge = require "spec.judge"
local sample = require "spec.support.sample"

local known = {}

-- A session for a layout, without declarations but those given.
local function session(layout, decl)
  layout = layout or "denominator"
  known[layout] = known[layout] or assert(nabla.new { layout = layout })
  local s = known[layout]
  s:reset()
  if decl then
    assert(s:declare(table.unpack(decl)))
  end
  return s
end

local layouts = {}
for name in pairs(session().layouts) do
  layouts[#layouts + 1] = name
end
table.sort(layouts)

describe("a function of the field", function()
  local seen = {}
  local all = cases.read "spec/data/functions.cases"
  for _, case in ipairs(cases.read "spec/data/more_functions.cases") do
    all[#all + 1] = case
  end
  for _, case in ipairs(sample.of(all)) do
    it(
      ("%s: %s by %s, %s, is %s"):format(case.id, case.expr, case.wrt, case.layout, case.expected),
      function()
        local s = session(case.layout, case.decl)
        local text = tostring(assert(s:diff(case.expr, case.wrt)))
        case.answer, case.draws = case.expected, 1
        assert.is_true(judge.check(case))
        if not case.at then
          assert.is_true(s:parse(text) == s:parse(case.expected), text)
          assert.is_true(judge.size(text) <= judge.size(case.expected), text)
        end
      end
    )

    local name = case.id:match "^[^.]+"
    if not seen[name] then
      seen[name] = true
      it(name .. " is right in every layout that has it", function()
        for _, layout in ipairs(layouts) do
          local s = session(layout, case.decl)
          local answer, why = s:diff(case.expr, case.wrt)
          if answer then
            case.layout, case.answer, case.draws = layout, tostring(answer), 1
            local right, trouble = judge.check(case)
            assert.is_true(right, ("%s: %s: %s"):format(layout, case.answer, tostring(trouble)))
            assert.is_true(s:parse(case.answer) == answer, case.answer .. " reads back to another node")
          else
            assert.truthy(tostring(why):find("layout has no", 1, true), layout .. ": " .. tostring(why))
          end
        end
      end)
    end
  end
end)

describe("an identity between functions", function()
  local decl = "matrix A(m,n), matrix S(n,n) symmetric, matrix T(n,n), matrix B(n,n), matrix F(m,n) fullcolumnrank, "
    .. "matrix V(n,n) invertible, vector x(n), vector u(3), vector v(3), vector w(n*(n+1)/2), matrix C(p,n)"
  local identities = {
    { "pinv(A)'", "pinv(A')" },
    { "A*pinv(A)*A", "A" },
    { "pinv(A)*A*pinv(A)", "pinv(A)" },
    { "pinv(pinv(A))", "A" },
    { "pinv(3*A)", "pinv(A)/3" },
    { "A'*A*pinv(A)", "A'" },
    { "pinv(A)*A*A'", "A'" },
    { "pinv(A)'*pinv(A)*A", "pinv(A)'" },
    { "pinv(F)*F", "I(n)" },
    { "pinv(V)", "inv(V)" },
    { "adj(T)'", "adj(T')" },
    { "adj(T)*T", "det(T)*I(n)" },
    { "T*adj(T)", "det(T)*I(n)" },
    { "Elim(n)*Dup(n)", "I(n*(n+1)/2)" },
    { "K(n,n)*Dup(n)", "Dup(n)" },
    { "Dup(n)'*K(n,n)", "Dup(n)'" },
    { "Elim(n)*vec(T)", "vech(T)" },
    { "Dup(n)*vech(S)", "vec(S)" },
    { "sum(softmax(x))", "1" },
    { "hat(u)*v", "cross(u,v)" },
    { "hat(u)'", "-hat(u)" },
    { "vee(hat(u))", "u" },
    { "cross(u,u)", "zeros(3)" },
    { "u'*cross(u,v)", "0" },
    { "khatrirao(u,v)", "kron(u,v)" },
    { "S*eigvec(S,1)", "eigval(S,1)*eigvec(S,1)" },
    { "norm2(eigvec(S,1))", "1" },
    { "A'(i,j)", "A(j,i)" },
    { "(A.*A)(i,j)", "A(i,j)^2" },
    { "exp(A)(i,j)", "exp(A(i,j))" },
    { "(x'*T)(j)", "(T'*x)(j)" },
    { "E(i,j,m,n)'", "E(j,i,n,m)" },
    { "E(i,j,m,n)*E(j,l,n,p)", "E(i,l,m,p)" },
    { "E(1,2,m,n)*E(1,2,n,p)", "zeros(m,p)" },
    { "tr(E(i,j,n,m)*A)", "A(j,i)" },
    { "(A*E(j,i,n,p))(l,i)", "A(l,j)" },
    { "E(i,1,m,1)'*A*E(j,1,n,1)", "A(i,j)" },
    { "E(l,i,p,m)*A*E(j,1,n,n)", "A(i,j)*E(l,1,p,n)" },
    { "x*E(j,1,n,1)'", "x*E(1,j,1,n)" },
    { "I(n)(1,2)", "0" },
    { "I(n)(j,j)", "1" },
    { "diag(x)(j,j)", "x(j)" },
  }
  for _, identity in ipairs(sample.of(identities)) do
    it(identity[1] .. " is " .. identity[2], function()
      local s = session("numerator", { decl })
      local a, b = assert(s:parse(identity[1])), assert(s:parse(identity[2]))
      assert.is_true(s:simplify(a) == s:simplify(b), tostring(s:simplify(a)))
      assert.is_true(judge.same(identity[1], identity[2], decl))
    end)
  end
end)

describe("an entry", function()
  local function outcome(decl, expr, wrt)
    local s = session(nil, decl and { decl })
    local f, err = s:parse(expr)
    if f and wrt then
      f, err = s:diff(f, wrt)
    end
    return tostring(f or err.message)
  end

  it("is written with the letters i to s without a declaration", function()
    assert.equal("B'*E(j, i, p, n)*A'", outcome(nil, "A*X*B", "X(i,j)"))
    assert.equal("2*x(i)*E(i, 1, n, 1)", outcome(nil, "x(i)^2", "x"))
    assert.equal("b(i)", outcome(nil, "b(i)"))
  end)

  it("prints as mathematics", function()
    local s = session(nil, { "matrix A(m,n), matrix X(n,p), vector x_1(n)" })
    for text, latex in pairs {
      ["X(i,j)"] = [[\mathbf{X}_{ij}]],
      ["X(12,j)"] = [[\mathbf{X}_{12,j}]],
      ["(A*X)(i,j)"] = [[\left(\mathbf{A} \mathbf{X}\right)_{ij}]],
      ["x_1(i)"] = [[{\mathbf{x}_{1}}_{i}]],
    } do
      assert.equal(latex, s:parse(text):latex())
      assert.equal(text, tostring(s:parse(text)))
    end
  end)

  it("is a call in Lua", function()
    local s = session()
    local A, x = s:declare "matrix A(n,n), vector x(n)"
    assert.equal("A(1,2) x(j) (A*x)(3)", ("%s %s %s"):format(A(1, 2), x "j", (A * x)(3)))
    assert.equal("((A + A')*x)(1)", tostring(s:diff(x.T * A * x, x(1))))
    assert.has_error(function()
      return A(x)
    end)
    assert.has_error(function()
      return A(1)
    end)
  end)

  local refused = {
    { "matrix X(3,3)", "det(X)", "X(4,1)", "the index i of entry is 4; it counts from 1 to 3" },
    { "matrix X(3,3)", "X(1,0)", nil, "the index j of entry is 0; it counts from 1 to 3" },
    { "matrix X(n,n)", "X(n+1,1)", nil, "the index i of entry is n+1; it counts from 1 to n" },
    { "matrix X(n,n)", "X(1/2,1)", nil, "the index i of entry is 1/2; it counts from 1 to n" },
    { "matrix X(n,n)", "X(1)", nil, "an entry of a n x n matrix has two indices, found 1" },
    { "vector x(n)", "x(i,j)", nil, "x is a column: this index is 1" },
    { "vector x(n)", "(x'*x)(1)", nil, "this is a scalar; it has no entries" },
    { "matrix X(n,n), vector x(n)", "X(x)", nil, "X is a matrix, not a function" },
    {
      "scalar t, matrix X(n,n)",
      "X(t,t)",
      "t",
      'no rule for d(entry(..)): the conditions of the rule "entry" do not hold: zero(d(i)), zero(d(j))',
    },
    { "matrix X(n,n)", "det(X)", "Y(i,j)", "'Y(i,j)' is no variable to differentiate by" },
    { nil, "f(i)", nil, "unknown function 'f'" },
    { nil, "u(x)", nil, "unknown function 'u'" },
  }
  for _, case in ipairs(refused) do
    it("is refused where it is none: " .. case[2] .. (case[3] and " by " .. case[3] or ""), function()
      assert.equal(case[4], outcome(case[1], case[2], case[3]))
    end)
  end
end)

describe("an eigenvalue", function()
  it("of a matrix that is not symmetric is refused", function()
    local _, err = session(nil, { "matrix A(n,n)" }):diff("eigval(A,1)", "A")
    assert.equal(
      'no rule for d(eigval(..)): the conditions of the rule "eigenvalue" do not hold: symmetric(A), zero(d(k))',
      err.message
    )
  end)
end)

describe("a size", function()
  it("may be a fraction that is whole for every name", function()
    local s = session()
    local v = s:declare "vector v(n*(n+1)/2)"
    assert.equal("n*(n+1)/2 x 1", tostring(v.shape))
    assert.equal("v + ones(n*(n+1)/2)", tostring(s:parse "v + ones(n*(n+1)/2)"))
    assert.equal("6 x 1", tostring(s:declare("vector w(3*4/2)").shape))
    assert.equal("n*p*(n-1)/2", s:parse("ones(p*n*(n-1)/2)").rows)
  end)

  it("that is not is refused", function()
    local _, err = session():declare "vector v(n*(n+2)/2)"
    assert.equal("the dimension n*(n+2)/2 is not a whole number for every n", err.message)
    _, err = session():declare "vector v(3/2)"
    assert.equal("a dimension is a whole number, found 3/2", err.message)
  end)
end)

describe("a function of the rules that come with nabla", function()
  it("gives way to a course's own, if it is replaceable", function()
    local s = assert(nabla.new { layout = "numerator" })
    assert.is_true(s:rule [[
      function mean(x(n)): scalar = sum(x)
      function softmax(x(n)): vector (n) = exp(x)/sum(exp(x))
    ]])
    s:declare "vector x(n)"
    assert.equal("ones(n)'", tostring(s:diff("mean(x)", "x")))
    assert.equal("exp(x)/sum(exp(x))", tostring(s:parse "softmax(x)"))
  end)
end)

describe("an odd or even function", function()
  it("is one node of an argument and of its negative", function()
    local s = session(nil, { "matrix A(m,n), vector x(n), vector b(m)" })
    assert.equal("zeros(n)", tostring(s:parse "sin(-x) + sin(x)"))
    assert.equal("zeros(m)", tostring(s:parse "cos(A*x - b) - cos(b - A*x)"))
    assert.equal("A'*sign(A*x - b)", tostring(s:diff("norm1(A*x - b)", "x")))
  end)

  it("may be one of a rule file", function()
    local s = nabla.new()
    assert(
      s:rule "function soft(t) elementwise odd\n    derivative (1 + abs(t))^-2\noperator size(X(m,n)): scalar  even"
    )
    s:declare "vector x(n), matrix X(m,n)"
    assert.equal("zeros(n)", tostring(s:parse "soft(x) + soft(-x)"))
    assert.equal("0", tostring(s:parse "size(-X) - size(X)"))
  end)
end)

describe("a letter", function()
  it("is a variable of the text also where it cancels", function()
    local s = session()
    assert.equal("zeros(n)", tostring(s:diff("x'*x - x'*x", "x")))
    assert.equal("zeros(n, n)", tostring(s:diff(s:parse "tr(X*inv(X))", "X")))
  end)

  it("stands where it was typed in a scalar product", function()
    local s = session()
    assert.equal("exp(w'*x)*w", tostring(s:diff("exp(w'*x)", "x")))
    assert.equal("sigmoid(w'*x)", tostring(s:parse "sigmoid(w'*x)"))
  end)

  it("from a to g is a vector where nothing else fits, in a sum of any length", function()
    assert.equal("A'", tostring(session():diff("A*x + b + c - d", "x")))
  end)
end)
