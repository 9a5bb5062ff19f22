-- Calls of compiled expressions that cannot be answered name what is wrong.

local nabla = require "nabla"

if not pcall(require, "nabla.numeric.core") then
  return
end

local matrix = require("nabla.numeric").matrix

local function declared_session()
  local s = assert(nabla.new {})
  assert(
    s:declare(
      "matrix A(m,n), vector b(m), vector x(n)",
      "matrix S(n,n) spd, matrix X(n,n), scalar a, vector u(m) of x"
    )
  )
  return s
end

describe("a call that cannot be answered", function()
  local s
  before_each(function()
    s = declared_session()
  end)

  local function fails(text, values, message, out)
    local F = assert(s:compile(text))
    local ok, err = pcall(F, values, out)
    assert.is_false(ok)
    err = tostring(err):gsub("^[^:]*:%d+: ", "")
    assert.are.equal(message, err)
  end

  it("names a missing value", function()
    fails("A*x", { A = { { 1, 2 } } }, "no value for x, which is n x 1")
    fails(
      "ones(m,k)",
      { m = 2 },
      "ones(m, k): the size k does not follow from the values: pass it too, k = 5"
    )
  end)

  it("names a value of a wrong size", function()
    fails("A*x", { A = { { 1, 2 } }, x = { 1, 2, 3 } }, "x is n x 1 with n = 2; the value given is 3 x 1")
    fails("a*x", { a = { 1, 2 }, x = { 1 } }, "a is 1 x 1; the value given is 2 x 1")
    fails("x", { x = { 1, 2 }, n = 3 }, "x is n x 1 with n = 3; the value given is 2 x 1")
    fails("x", { x = { 1, 2 }, n = 2.5 }, "the size n is a whole number from 1 on, found 2.5")
  end)

  it("names a value that is no matrix", function()
    fails(
      "A*x",
      { A = { { 1, 2 }, { 3 } }, x = { 1, 2 } },
      "the value of A: row 2 has 1 entries, the first one 2"
    )
    fails(
      "x",
      { x = "1" },
      "the value of x: a matrix, a number or a table of rows was expected, found a string"
    )
    fails("x", { x = {} }, "the value of x: an empty table is no matrix")
    fails("x", 3, "a table of values was expected, such as F{ A = A, x = x }, found a number")
  end)

  it("names the node with a singular matrix", function()
    local zero = { { 1, 2 }, { 2, 4 } }
    fails("inv(X)*x", { X = zero, x = { 1, 2 } }, "inv(X)*x: a singular matrix")
    fails("inv(X) + X", { X = zero }, "inv(X): a singular matrix")
    fails("logdet(X)", { X = zero }, "logdet(X): a singular matrix")
    assert.are.equal(matrix(0), assert(s:compile "det(X)") { X = zero })
    fails(
      "inv(S)*x",
      { S = { { 1, 2 }, { 2, 1 } }, x = { 1, 2 } },
      "inv(S): a matrix that is declared spd is not positive definite"
    )
  end)

  it("names the node with a division by zero, also where a diagonal matrix is inverted", function()
    local note = " (a diagonal matrix with a zero is singular)"
    local zero = { x = { 1, 0 }, b = { 1, 0 }, m = 2, a = 0 }
    fails("inv(diag(x))", zero, "1./x: division by zero" .. note)
    fails(
      "inv(diag(b))*A*x",
      { A = { { 1 }, { 2 } }, b = { 1, 0 }, x = 1 },
      "A*x./b: division by zero" .. note
    )
    fails("exp(-inv(diag(x)))", zero, "-diag(1./x): division by zero" .. note)
    fails("inv(I(n) - diag(x))", zero, "inv(I(n) - diag(x)): division by zero" .. note)
    fails("diag(b)^-2*b", zero, "1./b: division by zero" .. note)
    fails(
      "sum(b./(A*x))",
      { A = { { 1 }, { 0 } }, b = { 1, 2 }, x = 1 },
      "1./(A*x): division by zero" .. note
    )
    fails("x/a", zero, "1/a: division by zero")
    fails("x.^(-1.5)", zero, "x.^(-3/2): division by zero" .. note)
    fails("a^(-1/2)", zero, "1/sqrt(a): division by zero")
    local inverse = assert(s:compile("inv(diag(x))", { nan = true })) { x = { 1, 0 } }
    assert.are.equal(math.huge, inverse(2, 2))
    assert.are.equal(-math.huge, assert(s:compile "log(a)/2") { a = 0 }[1]) -- no division
    assert.are.equal(matrix { 0.5 }, assert(s:compile "1/a") { a = 2 })
  end)

  it("names what is too large for its digits to be right", function()
    fails("expm(X)", { X = { { -2 ^ 63, 1 }, { 0, 3 } } }, "expm(X): the matrix holds NaN or is too large")
    fails(
      "sum(i = 1..a, i)",
      { a = 1 / 0 },
      "sum(i = 1..a, i): the last value of a counter is inf; it is a whole number"
    )
    fails(
      "sum(i = 1..a, i)",
      { a = 1.5 },
      "sum(i = 1..a, i): the last value of a counter is 1.5; it is a whole number"
    )
    local F = assert(s:compile "ones(m,n)")
    local ok, err = pcall(F, { m = 2 ^ 30, n = 2 ^ 30 })
    assert.is_false(ok)
    assert.is_truthy(err:find "the values would take %d.* gigabytes: more than there is", err)
    local much = "there is no room for that many entries"
    fails("ones(m,n)", { m = 2 ^ 53, n = 2 }, "ones(m, n): a size is 9007199254740992: " .. much)
    fails("ones(m^3)", { m = 2 ^ 22 }, "ones(m*m*m): a size is 73786976294838206464: " .. much)
  end)

  it("names a table with holes, or with more than numbers", function()
    fails("x", { x = { [1] = 1, [3] = 2 } }, "the value of x: the table has more keys than the rows 1 to 1")
    fails("x", { x = { 1, 2, name = "x" } }, "the value of x: the table has more keys than the rows 1 to 2")
    fails("x", { x = { {} } }, "the value of x: a matrix of 1 x 0 cannot be made: it has at least one entry")
  end)

  it("refuses a variable D beside derivatives of unknown functions", function()
    assert(s:declare "vector D(m)")
    local F, err = s:compile(s:diff("D'*u(x)", "x"))
    assert.is_nil(F)
    assert.is_truthy(tostring(err):find("^D is a variable here, and also the table of the derivatives"))
  end)

  it("names the node, or the variable, that is not a number", function()
    fails("x + log(a)*x", { x = { 1, 2 }, a = -1 }, "log(a): the result is not a number")
    fails("2*x", { x = { 1, 0 / 0 } }, "the value of x holds NaN")
    local F = assert(s:compile("log(a)", { nan = true }))
    local v = F { a = -1 }
    assert.is_true(v[1] ~= v[1])
  end)

  it("names a function that is missing, or that fails", function()
    fails(
      "u(x)",
      { x = { 1 } },
      "u is an unknown function with values m x 1: pass a Lua function for it, u = function(x) .. end"
    )
    local function u()
      return { 1, 2, 3 }
    end
    fails("u(x) + b", { x = { 1 }, b = { 1, 2 }, u = u }, "u(x): it gives 3 x 1, not 2 x 1")
    local F = assert(s:compile(s:diff("b'*u(x)", "x")))
    local ok, err = pcall(F, { x = { 1 }, b = { 1, 2 } })
    assert.is_false(ok)
    assert.is_truthy(
      err:find("D(u, x), which is n x m, has no value: pass a Lua function of the point, D = { u =", 1, true)
    )
  end)

  it("refuses a result's matrix of another size", function()
    local message = "result 1 is 2 x 1; the matrix given for it is 3 x 1"
    fails("2*x", { x = { 1, 2 } }, message, matrix.zeros(3, 1))
  end)

  it("is refused at once where there is nothing to evaluate", function()
    local F, err = s:compile(s:differential "x'*x")
    assert.is_nil(F)
    assert.are.equal("d(..) has no value: a differential is no expression in its variables", tostring(err))
    F, err = s:compile "A*x + "
    assert.is_nil(F)
    assert.is_truthy(err.column)
    assert.has_error(function()
      s:compile(3)
    end)
  end)
end)
