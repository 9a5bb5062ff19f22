-- Letters that nobody declared, where the kind of their habit does not fit: what they are read as, and what is told.

local nabla = require "nabla"
local sample = require "spec.support.sample"

local s = assert(nabla.new())

-- { text, variable, derivative, notes, one to a line }
local READ = {
  { "a vector letter that is a scalar" },
  {
    "norm2(A*x-b)^2 + l*norm1(x)",
    "x",
    "l*sign(x) + 2*A'*(A*x - b)",
    "l is read as a scalar: a vector does not fit",
  },
  { "k*x'*x", "x", "2*k*x", "k is read as a scalar: then the whole is one" },
  { "k*x", "x", "k*I(n)", "k is read as a scalar: a vector does not fit" },
  { "t*A + B", "t", "A'", "t is read as a scalar: a vector does not fit" },
  { "x*asin(x)", "x", "asin(x) + x/sqrt(1 - x^2)", "x is read as a scalar: a vector does not fit" },
  { "x/(1 + x)", "x", "1/(1 + x)^2", "x is read as a scalar: a vector does not fit" },
  {
    "(x + h*v)'*A*(x + h*v)",
    "h",
    "v'*(A + A')*(x + h*v)",
    "h is read as a scalar: a vector does not fit",
  },
  {
    "exp(-k*t)",
    "t",
    "-k*exp(-k*t)",
    "k is read as a scalar: then the whole is one\nt is read as a scalar: then the whole is one",
  },
  { "sum(abs(x).^p)", "x", "p*sign(x).*abs(x).^(p - 1)", "p is read as a scalar: it is an exponent" },
  { "(y_i - w'*x_i)^2", "w", "-2*(y_i - w'*x_i)*x_i", "y_i is read as a scalar: a vector does not fit" },
  { "y - w'*x", "w", "-x", "y is read as a scalar: a vector does not fit" },
  { "a scalar letter that is a vector" },
  { "norm2(A*x - b)^2", "x", "2*A'*(A*x - b)", nil },
  { "a'*X*b", "X", "a*b'", "b is read as a vector: it stands behind a row" },
  { "x'*a", "x", "a", "a is read as a vector: it stands behind a row" },
  { "X*beta", "beta", "X'", "beta is read as a vector: it stands behind a matrix" },
  { "A*x - lambda", "x", "A'", "lambda is read as a vector: a scalar does not fit" },
  { "beta'*A*beta", "beta", "(A + A')*beta", "beta is read as a vector: it is transposed" },
  {
    "-n/2*logdet(Sigma) - (x-mu)'*inv(Sigma)*(x-mu)/2",
    "Sigma",
    "(inv(Sigma)*(x - mu)*(x - mu)'*inv(Sigma) - n*inv(Sigma))'/2",
    "n is read as a scalar: a vector does not fit\nmu is read as a vector: a scalar does not fit",
  },
  { "a scalar letter that stays one" },
  { "x'*A*x + b", "x", "(A + A')*x", nil },
  { "μ*norm2(w)^2", "w", "2*mu*w", nil },
  { "c*x'*x + d", "x", "2*c*x", nil },
  { "a matrix letter that is a scalar" },
  { "tr(A*X)*N", "X", "N*A'", "N is read as a scalar: then the whole is one" },
  { "norm2(w)^2/2 + C*sum(y)", "w", "w", "C is read as a scalar: a matrix does not fit" },
  { "a matrix letter that is a vector" },
  {
    "norm2(Y - X*w)^2 + lambda*norm2(w)^2",
    "w",
    "2*(lambda*w - X'*(Y - X*w))",
    "Y is read as a vector: a matrix does not fit",
  },
  { "a letter between a vector and its transpose" },
  {
    "w'*m_x*w",
    "w",
    "(m_x + m_x')*w",
    "m_x is read as a matrix: it stands between a vector and its transpose",
  },
}

-- The same for letters that are operators where they are called.
local TAKEN = {
  { "d*x'*x", "x", "2*d*x", nil },
  { "e*norm2(x)", "x", "e*x/norm2(x)", nil },
  { "i*x'*x", "x", "2*i*x", "i is read as a scalar: then the whole is one" },
  { "E*x", "x", "E'", nil },
  { "x'*D*x", "x", "(D + D')*x", nil },
  {
    "tr((I - K*H)*P*(I - K*H)' + K*R*K')",
    "K",
    "K*(R + R') - (I(m) - K*H)*(P + P')*H'",
    "I is the identity matrix I(m)",
  },
  { "det(t*I - A)", "A", "-det(t*I(n) - A)*inv(t*I(n) - A)'", nil },
  { "tr(I_n*X*X')", "X", "2*X", "I_n is the identity matrix I(n)" },
  { "tr(I'*A*I)", "I", "(A + A')*I", nil },
  { "e^(-c*norm2(x)^2)", "x", "-2*c*exp(-c*norm2(x)^2)*x", "e^(-c*norm2(x)^2) is exp(-c*norm2(x)^2)" },
  { "tr(e^X)", "X", "expm(X)'", "e^X is expm(X)" },
  { "e^2*x'*x", "x", "2*e^2*x", nil },
  { "e*e^c", "c", "e^(1 + c)*log(e)", nil },
  { "1'*x", "x", "ones(n)", "1' is a row of ones" },
}

-- Both readings are as good, or none is.
local REFUSED = {
  {
    "x*y",
    "two readings fit: with x a scalar, or with y a scalar",
    "declare what is meant: scalar x; or: scalar y",
  },
  {
    "b*d + x",
    "two readings fit: with b a vector, or with d a vector",
    "declare what is meant: vector b(n); or: vector d(n)",
  },
  {
    "X*W + b",
    "a sum of ? x ? and 1 x 1: the sizes must be equal",
    "did you mean s*ones(m,n) or s*I(m)?; a row that goes to each row: ones(m)*b, of matrix b(1,n)",
  },
  { "A + 1", "a sum of ? x ? and 1 x 1: the sizes must be equal", "did you mean ones(m,n) or I(m)?" },
  { "A*x*x + x'*x", "a product of ? x 1 and ? x 1: the inner sizes must be equal", nil },
}

local function differentiated(case)
  s:reset()
  local g, notes = s:diff(case[1], case[2])
  return tostring(g), notes and tostring(notes)
end

describe("a letter that nobody declared", function()
  local group
  for _, case in ipairs(READ) do
    group = case[2] and group or case[1]
    if case[2] then
      it(("is read as what fits, %s: %s"):format(group, case[1]), function()
        local text, notes = differentiated(case)
        assert.same({ case[3], case[4] }, { text, notes })
      end)
    end
  end

  for _, case in ipairs(REFUSED) do
    it("is refused where no reading is the best: " .. case[1], function()
      s:reset()
      local node, err = s:parse(case[1])
      assert.is_nil(node)
      assert.equal(case[2], err.message)
      if case[3] then
        assert.equal(case[3], err.hint)
      end
    end)
  end

  it("is no scalar where the variable is its transpose or an entry of it", function()
    s:reset()
    assert.equal("1 x 1", tostring(s:parse("k*k", { by = "k" }).shape))
    assert.is_nil((s:parse("k*k", { by = "k'" })))
    assert.is_nil((s:parse("k*k", { by = "k(1)" })))
  end)

  it("is what the variable makes of it, behind a matrix", function()
    s:reset()
    local g, notes = s:diff("norm2(Y - X*lambda)^2", "lambda")
    assert.equal("-2*X'*(Y - X*lambda)", tostring(g))
    assert.equal(
      "Y is read as a vector: a matrix fits less well\nlambda is read as a vector: it stands behind a matrix",
      tostring(notes)
    )
  end)

  it("has the kind that fits with what is declared", function()
    s:reset()
    s:declare "matrix S(3,3), scalar q"
    local node, notes = s:parse "q*(S*k) + u"
    assert.equal("3 x 1", tostring(node.shape))
    assert.is_nil(notes)
    s:declare "vector m(3)"
    assert.equal("3 x 3", tostring(s:parse("k*S").shape))
  end)

  it("is no matrix of ones or identity in a rule file", function()
    for _, rule in ipairs {
      'let vector x(n)\nrule "r" tanh(x) -> x + 1',
      'let matrix A(n,n)\nrule "r" expm(A) -> I + A',
      'let matrix A(n,n)\nrule "r" expm(A) -> k*A',
    } do
      assert.is_nil((s:rule(rule)))
    end
  end)

  it("that has been tried as an exponent is no size afterwards", function()
    local fresh = assert(nabla.new())
    assert.is_nil((fresh:parse "x^p + A*x*x + x'*x"))
    assert.equal("n x 1", tostring(fresh:parse("p").shape))
  end)
end)

describe("a letter that is an operator where it is called", function()
  for _, case in ipairs(TAKEN) do
    it("is a letter elsewhere: " .. case[1], function()
      s:reset()
      local g, notes = s:diff(case[1], case[2])
      local told = notes and tostring(notes)
      if case[1] == "det(t*I - A)" then
        assert.matches("t is read as a scalar.*I is the identity matrix", told)
        told = nil
      end
      assert.same({ case[3], case[4] }, { tostring(g), told })
    end)
  end

  it("is the operator where it is called", function()
    s:reset()
    for text, printed in pairs {
      ["K(m,n)"] = "K(m, n)",
      ["E(i,j,m,n)"] = "E(i, j, m, n)",
      ["I(n)"] = "I(n)",
      ["D(x'*x, x)"] = "2*x",
      ["d(x'*x)"] = "2*x'*d(x)",
      ["K(n,n)*K"] = "K(n, n)*K",
    } do
      local node, notes = s:parse(text)
      assert.same({ printed }, { tostring(node), notes })
    end
  end)

  it("gives the sizes of Kronecker products in a sum", function()
    s:reset()
    local node, notes = s:parse "log(det(kron(M,K) + kron(I_T, Σ)))"
    assert.equal("logdet(kron(M, K) + kron(I(T), Sigma))", tostring(node))
    assert.equal(
      "the arguments of kron in a sum have the same sizes\nI_T is the identity matrix I(T)",
      tostring(notes)
    )
  end)
end)

describe("letters that do not yield", function()
  it("are an error, with the repairs", function()
    local session = assert(nabla.new { habits = false })
    local node, err = session:parse "x'*A*x + l*norm1(x)"
    assert.is_nil(node)
    assert.equal("a sum of 1 x 1 and ? x 1: the sizes must be equal", err.message)
    assert.matches("l is taken for a vector; if it is a scalar, declare it: scalar l$", err.hint)
    for text, message in pairs {
      ["E*x"] = "'E' is a function: its argument is missing",
      ["x + 1"] = "a sum of ? x 1 and 1 x 1: the sizes must be equal",
      ["X + x"] = "a sum of ? x ? and ? x 1: the sizes must be equal",
    } do
      assert.equal(message, select(2, session:parse(text)).message)
    end
    assert.equal("n x 1", tostring(session:parse("k*x'*x").shape))
    assert.equal("b + A*x", tostring(session:parse "b + A*x"))
  end)

  it("may be asked for in one call", function()
    s:reset()
    assert.is_nil((s:parse("t*A", { habits = false })))
    assert.is_nil((s:diff("t*A", "t", { habits = false })))
    assert.equal("A'", tostring(s:diff("t*A", "t")))
  end)
end)

describe("the search for a reading", function()
  local function terms(n, last)
    local list = {}
    for i = 1, n do
      list[i] = ("x'*A%d*x"):format(i)
    end
    list[#list + 1] = last
    return table.concat(list, " + ")
  end

  -- The steps of a call, in thousands.
  local function steps(f)
    local count = 0
    debug.sethook(function()
      count = count + 1
    end, "", 1000)
    f()
    debug.sethook()
    return count
  end

  sample.whole(it)("is short in a long text, whether it finds one or not", function()
    s:reset()
    local plain = steps(function()
      assert(s:parse(terms(2000)))
    end)
    local found = steps(function()
      assert(s:parse(terms(2000, "l*norm1(x)")))
    end)
    local failed = steps(function()
      assert.is_nil((s:parse(terms(2000, "A*x*x"))))
    end)
    assert.is_true(found < 8 * plain)
    assert.is_true(failed < 25 * plain)
  end)
end)
