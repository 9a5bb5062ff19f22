-- Equations as values, what solve and stationary answer and refuse, and the statement isolate.

local nabla = require "nabla"

local function session(decl)
  local s = assert(nabla.new())
  if decl then
    assert(s:declare(decl))
  end
  return s
end

describe("an equation", function()
  local s = session "matrix A(m,n), vector b(m), vector x(n), matrix C(n,n), vector d(n)"
  local e = assert(s:equation "A*x = b")

  it("has two sides and prints", function()
    assert.are.equal("A*x = b", tostring(e))
    assert.are.equal("A*x", tostring(e.lhs))
    assert.are.equal("b", tostring(e.right))
    assert.are.equal("\\mathbf{A} \\mathbf{x} = \\mathbf{b}", e:latex())
    assert.are.equal("A*x - b = 0", tostring(s:equation "A*x - b = 0"))
    assert.are.equal("0 = A*x - b", tostring(s:equation "0 = A*x - b"):gsub("^zeros%(m%)", "0"))
  end)

  it("takes an operation on both sides, each factor on its side", function()
    local A, C = s:parse "A", s:parse "C"
    assert.are.equal("A'*A*x = A'*b", tostring(A.T * e))
    assert.are.equal("x'*A' = b'", tostring(e.T))
    assert.are.equal("A*x - b = 0", tostring(e - "b"))
    assert.are.equal("A*x/2 = b/2", tostring(e / 2))
    assert.are.equal("-A*x = -b", tostring(-e))
    assert.are.equal("2*A*x = 2*b", tostring(e + e))
    local square = C * s:equation "C*x = d"
    assert.are.equal("C^2*x = C*d", tostring(square))
    assert.are.equal("invertible(C)", tostring(square.needs[1]))
    assert.is_false(square.needs[1].known)
    assert.are.equal("b = A*x", tostring(e:swap()))
    assert.are.equal("A*d = b", tostring((e:subst("x", "d"))))
  end)

  it("refuses what does not fit, and says what", function()
    for text, message in pairs {
      ["A*x"] = "an equation has a sign =",
      ["A*x = b = b"] = "one sign =",
      ["A*x <= b"] = "the sign =",
      ["A*x = d"] = "equal",
    } do
      local made, err = s:equation(text)
      assert.is_nil(made)
      assert.truthy(tostring(err):find(message, 1, true), tostring(err))
    end
    assert.has_error(function()
      return e + s:parse "d"
    end)
    assert.has_error(function()
      return e * e
    end)
  end)

  it("tells whether it holds", function()
    assert.are.equal("yes", (s:equation("(A*C)' = C'*A'"):holds()))
    assert.are.equal("no", (s:equation("C = C'"):holds()))
  end)

  it("moves a term out of a factored sum", function()
    assert.are.equal("A'*A*x = A'*b", tostring((s:equation "2*A'*(A*x - b) = 0" / 2):move "-A'*b"))
    assert.are.equal("A*x - b = 0", tostring(e:move "b"))
  end)

  it("is rewritten by a named rule, at a place, in a direction, on the side where it applies", function()
    local t = session()
    assert(t:rule [[
      operator g(A(n,n)): matrix (n,n)
      let matrix M(n,n), matrix N(n,n)
      simplify "opened" g(M*N) -> g(M)*g(N)]])
    assert(t:declare "matrix P(p,p), matrix Q(p,p)")
    local e2 = t:equation "g(P*Q) + g(Q*P) = g(Q*P)*P"
    assert.are.equal("g(P*Q) + g(Q)*g(P) = g(Q)*g(P)*P", tostring(e2:rewrite("opened", { at = "g(Q*P)" })))
    local left = e2:rewrite("opened", { at = "g(P*Q)" })
    assert.are.equal(t:equation "g(P)*g(Q) + g(Q*P) = g(Q*P)*P", left)
    assert.are.equal(e2, left:rewrite("opened", { at = "g(P)*g(Q)", direction = "right to left" }))
    assert.has_error(function()
      return e2:rewrite "no such rule"
    end)
    assert.has_error(function()
      return e2:rewrite("opened", { at = "g(P*P)" })
    end)
  end)

  it("takes names for parts", function()
    local t = session "matrix P(n,n) spd, matrix H(m,n), matrix R(m,m) spd, matrix K(n,m)"
    assert(t:let("S", "H*P*H' + R"))
    local gain = assert(t:solve("K*(H*P*H' + R) = P*H'", "K"))[1]
    assert.are.equal("K = P*H'*inv(S)", tostring(gain:fold()))
    assert.are.equal(gain, gain:fold():unfold())
  end)

  it("is made of nodes", function()
    assert.are.equal("A*x = 0", tostring(s:parse("A*x"):eq(0)))
    assert.are.equal("x = inv(C)*d", tostring(s:parse("C*x"):eq("d"):solve "x"))
  end)
end)

describe("solve", function()
  it("gives the reasons in Chinese", function()
    local s = session "matrix A(m,n) fullcolumnrank, vector b(m), vector x(n)"
    local r = s:solve("A'*(A*x - b) = 0", "x")
    assert.are.equal("归并含未知量的项", r:steps("zh")[2].why)
    assert.are.equal("gathered", r:steps()[2].why)
    assert.are.same({ "invertible(A'*A)：A 是列满秩" }, r:condition_lines(nil, "zh"))
    assert.truthy(r:steps_text("text", "zh"):find("invertible(A'*A)（A 是列满秩）", 1, true))
  end)

  it("names the way by which each line follows", function()
    local s = session "vector b(n) positive, vector x(n), matrix A(n,n)"
    assert.are.equal("exponential", s:solve("exp(A*x) = b", "x"):steps()[2].why)
    assert.are.equal("指数函数", s:solve("exp(A*x) = b", "x"):steps("zh")[2].why)
  end)

  it("marks conditions as known, with the reason, or assumed", function()
    local s = session "matrix A(m,n) fullcolumnrank, vector b(m), vector x(n), matrix C(n,n), vector d(n)"
    assert.are.same({ "invertible(A'*A): A is of full column rank" }, s:solve("A'*A*x = A'*b", "x"):condition_lines())
    assert.are.same({ "invertible(C): assumed" }, s:solve("C*x = d", "x"):condition_lines())
  end)

  it("gives undeclared letters the sizes with which there is one solution", function()
    local s = session()
    assert.are.equal("x = inv(A)*b", tostring(s:solve("A*x = b", "x")))
    local r = s:solve({ "A*x + B*y = a", "C*x + D*y = d" }, { "x", "y" })
    assert.are.equal("y = inv(D - C*inv(A)*B)*(d - C*inv(A)*a)", tostring(r[2]))
  end)

  it("gives all solutions with free symbols", function()
    local s = session "matrix A(m,n), vector x(n), vector b(m), vector w(m)"
    local r = s:solve("A*x = b", "x")
    assert.are.equal("x = pinv(A)*b + (I(n) - pinv(A)*A)*w1", tostring(r))
    assert.are.equal("w1", tostring(r.free[1]))
  end)

  it("asks that the value has the attributes of the unknown", function()
    local s = session "matrix X(n,n) symmetric, matrix C(n,n), matrix B(n,n)"
    local lines = s:solve("C*X = B", "X"):condition_lines()
    assert.are.equal("symmetric(inv(C)*B): assumed", lines[2])
  end)

  it("does not take the inverse of what is always singular", function()
    local s = session "vector u(n), vector v(n), matrix X(n,n), matrix Q(n,n)"
    assert.is_nil(s:solve("X - X' = Q", "X"))
    local r = assert(s:solve("u*v'*X = Q", "X")) -- for some right sides only
    assert.are.equal("u*u'*Q/(u'*u) = Q", r.conditions[3]:text())
  end)

  it("says which condition does not hold", function()
    local s = session "scalar x"
    local r, err = s:solve("x^2 = -1", "x")
    assert.is_nil(r)
    assert.truthy(tostring(err):find("positive(-1), which does not hold", 1, true))
    assert.are.equal(1, #s:solve("x^2 = 4", "x").notes)
  end)
end)

describe("an equation that determines a part of the unknown", function()
  it("has free symbols of the structure of the unknown", function()
    local s = session "matrix Z(n,n) symmetric, matrix A(n,n), scalar t"
    local r = assert(s:solve("tr(A*Z) = t", "Z"))
    assert.are.equal("W", tostring(r.free[1]))
    assert.is_true(s:holds("symmetric", r.free[1]))
    assert.are.same({ "tr((A + A')^2) != 0: assumed" }, r:condition_lines())
  end)

  it("is refused where it has no solution but for some right sides, with the condition", function()
    local s = session "matrix X(n,n), matrix A(n,n), vector x(n)"
    local only = { ["X + X' = A"] = "symmetric(A)", ["X - X' = A"] = "skew(A)", ["diag(x) = A"] = "diagonal(A)" }
    for text, condition in pairs(only) do
      local r, err = s:solve(text, text:find "diag" and "x" or "X")
      assert.is_nil(r)
      assert.truthy(tostring(err):find("has a solution only if " .. condition, 1, true), tostring(err))
    end
  end)

  it("says that an unknown cancels by its structure", function()
    local s = session "matrix Z(n,n) skew, matrix A(n,n)"
    local r, err = s:solve("Z + Z' = A", "Z")
    assert.is_nil(r)
    assert.truthy(tostring(err):find("Z cancels", 1, true))
  end)
end)

describe("stationary", function()
  it("does not give a singular matrix for one that is positive definite", function()
    local s = session "matrix S(n,n) spd, vector b(n)"
    assert.is_nil(s:stationary("logdet(S) + b'*inv(S)*b", "S"))
  end)

  it("says what kind of point it is", function()
    local s = session "matrix A(m,n) fullcolumnrank, vector b(m), vector x(n), matrix C(2,n), vector d(2)"
    assert.are.equal("unique minimum", s:stationary("norm2(A*x - b)^2", "x").kind)
    assert.are.equal("unique minimum", s:stationary("norm2(x)^2", "x", "C*x = d").kind)
  end)
end)

describe("the statement isolate", function()
  it("adds a way of solving", function()
    local s = session()
    assert(s:rule [[
      function cube(t) elementwise = t^3
          derivative 3*t^2
      let matrix X(m,n), matrix C(m,n)
      isolate "cube" cube(X) = C for X gives C.^(1/3) if positive(C)
    ]])
    assert(s:declare "matrix A(n,n), vector x(n), vector b(n) positive")
    assert.are.equal("x = inv(A)*b.^(1/3)", tostring(s:solve("cube(A*x) = b", "x")))
  end)

  it("is taken away by its name", function()
    local s = session()
    assert(s:rule 'without isolate "Sylvester equation"')
    assert(s:declare "matrix A(n,n), matrix B(n,n), matrix C(n,n), matrix X(n,n)")
    assert.truthy(tostring(s:solve("A*X + X*B = C", "X")):find("unvec", 1, true))
    assert.are.equal("X = lyapunov(A, C)", tostring(s:solve("A*X + X*A' = C", "X")))
    local ok, err = s:rule 'without isolate "Sylvster equation"'
    assert.is_nil(ok)
    assert.truthy(tostring(err):find("there is no isolate", 1, true))
  end)

  it("stays where a file that takes it away is refused", function()
    local s = session()
    assert.is_nil(s:rule 'without isolate "Lyapunov equation"\nrule no_such -> thing')
    assert(s:declare "matrix A(n,n), matrix C(n,n), matrix X(n,n)")
    assert.are.equal("X = lyapunov(A, C)", tostring(s:solve("A*X + X*A' = C", "X")))
  end)

  it("is refused where it says no solution", function()
    for text, message in pairs {
      ["isolate A*X = C for Y gives inv(A)*C"] = "the unknown Y does not stand on the left side",
      ["isolate A*B = A for B gives A"] = "the right side is a variable",
      ["isolate A*X = C for X gives X"] = "holds the unknown",
      ["isolate A*X = C for X gives B*C"] = "does not stand in the equation",
      ["isolate X = C for X gives C"] = "isolated already",
      ["isolate A*X = C for X gives C'"] = "the left side is m x n",
      ["isolate A*X = C for X gives C free Z"] = "the free variable Z stands in the solution",
      ["isolate A*X = C for X gives A*C free A"] = "the free variable A stands in the solution",
    } do
      local ok, err = session():rule("let matrix A(m,m), matrix B(m,m), matrix X(m,n), matrix C(m,n)\n" .. text)
      assert.is_nil(ok, text)
      assert.truthy(tostring(err):find(message, 1, true), tostring(err))
    end
  end)
end)

describe("equations of a page", function()
  it("are read with products by juxtaposition", function()
    local s = nabla.new()
    assert.are.equal("x = inv(A'*A)*A'*b", tostring(s:solve("A^T A x = A^T b", "x")))
    assert.are.equal("X = sylvester(A, B, C)", tostring(s:solve("AX + XB = C", "X")))
    local r = assert(s:solve({ "Ax + By = c", "Cx + Dy = d" }, "x, y"))
    assert.are.equal("x = inv(C - D*inv(B)*A)*(d - D*inv(B)*c)", tostring(r[1]))
    local point = assert(s:stationary("||Ax - b||^2", "x", "Cx = d"))
    assert.are.equal("minimum", point.kind)
  end)

  it("keep the error of nabla's language where neither reads them", function()
    local s = nabla.new()
    local r, err = s:solve("foo(A)*x = b", "x")
    assert.is_nil(r)
    assert.matches("unknown function 'foo'", err.message)
  end)
end)
