-- A derivation that a user leads goes on with equations; one without a variable brings an expression to another form.

local nabla = require "nabla"

local session

local function fresh(decl)
  session = assert(nabla.new())
  assert(session:declare(decl))
  return session
end

local function lines(D)
  local list = {}
  for i = 1, #D do
    list[i] = D:line_text(i)
  end
  return list
end

describe("a derivation that is led", function()
  it("sets the derivative to zero and solves", function()
    fresh "matrix A(m,n) fullcolumnrank, vector b(m), vector x(n)"
    local D = session:derivation("f = norm2(A*x - b)^2", "x")
    D:auto():stationary():solve()
    assert.are.same({
      "f = norm2(A*x - b)^2",
      "d(f) = 2*(A*x - b)'*d(A*x - b)",
      "d(f) = 2*(A*x - b)'*A*d(x)",
      "D(f, x) = 2*A'*(A*x - b)",
      "2*A'*(A*x - b) = 0",
      "A'*A*x = A'*b",
      "x = inv(A'*A)*A'*b",
    }, lines(D))
    assert.are.equal("the derivative is zero", D:reason(5))
    assert.are.equal("导数为零", D:reason(5, "zh"))
    assert.are.equal("invertible(A'*A) (A is of full column rank)", D:reason(7))
    assert.is_truthy(D:latex { lang = "zh" }:find("$\\mathrm{invertible}", 1, true))
    assert.are.equal("inv(A'*A)*A'*b", tostring(D.solutions.values.x))
  end)

  it("does by itself what is left before the derivative is zero", function()
    fresh "matrix P(n,n) spd, matrix H(m,n), matrix R(m,m) spd, matrix K(n,m)"
    local D = session:derivation("tr((I(n) - K*H)*P*(I(n) - K*H)' + K*R*K')", "K")
    D:stationary():solve()
    assert.are.equal("K = P*H'*inv(R + H*P*H')", D:line_text(#D))
  end)

  it("takes an equation of the user that says the same, and refuses another", function()
    fresh "matrix A(m,n) fullcolumnrank, vector b(m), vector x(n)"
    local D = session:derivation("f = norm2(A*x - b)^2", "x")
    D:stationary()
    D:step("A'*A*x = A'*b", "divided by 2, expanded")
    D:step "A'*b - A'*A*x = 0"
    D:step "x = inv(A'*A)*A'*b" -- has the solution
    local count = #D
    for _, wrong in ipairs {
      "A'*A*x = 2*A'*b",
      "A'*A*x = -A'*b",
      "A*A'*x = A'*b",
      "x = inv(A'*A)*A'*b + x",
      "x = A'*b",
      "A'*A*x = b",
    } do
      assert.is_false((pcall(D.step, D, wrong)), wrong)
    end
    assert.are.equal(count, #D)
    D:undo()
    assert.are.equal(count - 1, #D)
  end)

  it("says why it cannot go on", function()
    fresh "matrix A(n,n), vector x(n), vector b(n)"
    local D = session:derivation("x'*A*x", "x")
    assert.has_error(function()
      D:solve()
    end, "there is no equation to solve; D:stationary() sets the derivative to zero")
    D:stationary()
    for _, name in ipairs { "d", "read", "collect", "stationary" } do
      assert.is_false((pcall(D[name], D)), name)
    end
    assert.is_false((pcall(D.solve, D, 3)))
    assert.is_false((pcall(D.solve, D, "q")))
  end)
end)

describe("a derivation with a title", function()
  it("brings an expression to another form", function()
    fresh "matrix A(n,n) invertible, matrix U(n,k), matrix C(k,k) invertible, matrix V(k,n)"
    session:let("T", "inv(C) + V*inv(A)*U")
    local D = session:derivation { title = "Woodbury" }
    D:step "(A + U*C*V)*(inv(A) - inv(A)*U*inv(T)*V*inv(A))"
    D:expand():subst("V*inv(A)*U = T - inv(C)", "definition of T"):expand()
    assert.are.equal("Woodbury", D.title)
    assert.are.equal("I(n)", D:write(D[#D].right))
    assert.are.equal("definition of T", D[2].rule)
    assert.are.equal("(A + U*C*V)*(inv(A) - inv(A)*U*inv(T)*V*inv(A))", D:write(D[1].left))
    local ok, err = pcall(D.step, D, "I(n) - U*V")
    assert.is_false(ok)
    assert.is_truthy(tostring(err):find("this line does not follow: exact: ", 1, true))
    D:undo()
    assert.are.equal(2, #D)
  end)

  it("takes equations, and solves them", function()
    fresh "matrix B(m,n) fullcolumnrank, vector x(n), vector b(m)"
    local D = session:derivation "normal equations"
    D:step "B'*(B*x - b) = 0"
    D:step("B'*B*x = B'*b", "expanded"):solve "x"
    assert.are.same({ "B'*(B*x - b) = 0", "B'*B*x = B'*b", "x = inv(B'*B)*B'*b" }, lines(D))
  end)

  it("refuses what it cannot do", function()
    fresh "matrix A(n,n), matrix B(n,n), vector x(n)"
    local D = session:derivation "q"
    for _, call in ipairs {
      { "expand" },
      { "step", "A*x +" },
      { "step", "q*" },
      { "auto" },
      { "d" },
      { "step", "A*B" },
      { "expand" },
      { "subst", "x = A*x" },
      { "subst", "A = B" },
      { "subst", 3 },
      { "step", "B*A" },
      { "solve", "A" },
    } do
      local ok = pcall(D[call[1]], D, call[2])
      assert.are.equal(call[2] == "A*B", ok, call[1] .. " " .. tostring(call[2]))
    end
    assert.is_nil((session:derivation(5)))
  end)
end)
