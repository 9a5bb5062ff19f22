-- The statement prefer: which of two equal forms is printed.

local nabla = require "nabla"

local LET = "let matrix A(n,n), matrix B(n,n), matrix C(m,n), vector x(n), vector a(n), scalar s\n"

local function session(text, decl)
  local s = assert(nabla.new())
  assert(s:rule(LET .. text))
  if decl then
    assert(s:declare(decl))
  end
  return s
end

local function message(text)
  local ok, err = assert(nabla.new()):rule(LET .. text)
  assert.is_nil(ok)
  return err.message
end

local INVERSE = "inv(A)'*B'*inv(A)' over (inv(A)*B*inv(A))'"

describe("a preference", function()
  local cases = {
    -- preferences, expression, printed without, printed with
    { "A*x + A'*x over (A + A')*x", "(S + S')*y", "(S + S')*y", "S*y + S'*y" },
    { "A*x + A'*x over (A + A')*x", "2*(S + S')*y - z", "2*(S + S')*y - z", "2*(S*y + S'*y) - z" },
    { "A*x + A'*x over (A + A')*x", "z + (S + S')*y", "z + (S + S')*y", "z + S*y + S'*y" },
    { "A*x + A'*x over (A + A')*x", "z - (S + S')*y", "z - (S + S')*y", "z - S*y - S'*y" },
    { "A*x + A'*x over (A + A')*x", "(S'*T + T'*S)*y", "(S'*T + T'*S)*y", "S'*T*y + T'*S*y" },
    { "A*x + A'*x over (A + A')*x", "(S + T')*y", "(S + T')*y", "(S + T')*y" },
    { "A*x + A'*x over (A + A')*x", "tr(T*(S + S'))", "tr(T*(S + S'))", "tr(T*(S + S'))" },
    { "B'*A' over (A*B)'", "(S*T*U*y)'*V", "(S*T*U*y)'*V", "y'*U'*T'*S'*V" },
    { INVERSE, "(inv(S)*T*U*inv(S))'", "(inv(S)*T*U*inv(S))'", "inv(S)'*(T*U)'*inv(S)'" },
    { INVERSE, "(inv(S)*T*U*inv(V))'", "(inv(S)*T*U*inv(V))'", "(inv(S)*T*U*inv(V))'" },
    { "norm2(x)^2 over x'*x", "y'*y + z'*y", "y'*y + z'*y", "norm2(y)^2 + z'*y" },
    { "s*A*x over A*(s*x)", "S*T*y", "S*T*y", "S*T*y" },
    { "tr(A*B) over tr(B*A)", "S", "S", false },
  }
  for _, case in ipairs(cases) do
    it("for " .. case[1] .. " prints " .. tostring(case[4]), function()
      local declared = "matrix S(n,n), T(n,n), U(n,n), V(n,n)"
      if not case[4] then
        assert.equal("this preference would act on what it prefers, without end", message("prefer " .. case[1]))
        return
      end
      local s, plain = session("prefer " .. case[1], declared), session("check A == A", declared)
      local e = assert(s:parse(case[2]))
      assert.equal(case[3], tostring(plain:parse(case[2])))
      assert.equal(case[4], tostring(e))
      assert.is_true(s:parse(tostring(e)) == e or s:equal(case[2], tostring(e)) == "yes")
    end)
  end

  it("asks for the attributes of its variables", function()
    local s = session("let matrix P(n,n) symmetric\nprefer x'*P*x over tr(P*x*x')", "matrix Q(n,n) symmetric, R(n,n)")
    assert.is_truthy(tostring(s:parse "R*x"):find "R")
  end)

  it("counts in the size of a node", function()
    local s = session "prefer A*x + A'*x over (A + A')*x"
    assert.equal(7, s:size(s:parse "(S + S')*y") - 1)
  end)

  it("is written in the notation", function()
    local s = session "prefer A*x + A'*x over (A + A')*x"
    assert.equal("S |y\\rangle + S^{\\dagger} |y\\rangle", s:parse("(S + S')*y"):latex { notation = "physics" })
  end)

  it("names a function that its body stands for", function()
    local s = session "function skw(A(n,n)): matrix (n,n) = (A - A')/2\nprefer skw(A) over (A - A')/2"
    assert.equal("skw(S)*y", tostring(s:parse "(S - S')/2*y"))
  end)

  it("takes a size from the shape of what a variable stands for", function()
    local s = nabla.new()
    assert(s:rule "let matrix M(n,n)\nprefer M.*I(n) over diag(diagv(M))")
    assert(s:declare "matrix X(p,q), matrix Y(q,p), matrix Z(3,3)")
    assert.equal("X*Y.*I(p)", tostring(s:parse "diag(diagv(X*Y))"))
    assert.equal("Z*Z'.*I(3)", tostring(s:parse "diag(diagv(Z*Z'))"))
    assert.equal("expm(Z).*I(3)", tostring(s:parse "diag(diagv(expm(Z)))"))
    assert.equal("inv(Z).*I(3)", tostring(s:parse "diag(diagv(inv(Z)))"))
  end)

  it("puts the number of its form in front of the product", function()
    local s = nabla.new()
    assert(s:rule "function sym(A(n,n)): matrix (n,n) = (A + A')/2\nlet matrix A(n,n)\nprefer 2*sym(A) over A + A'")
    assert(s:declare "matrix F(n,n), matrix X(n,n)")
    assert.equal("2*F*sym(X)", tostring(s:parse "F*(X + X')"))
    assert.equal("-2*F*sym(X)", tostring(s:parse "-F*(X + X')"))
  end)

  it("acts on long answers in time", function()
    local s, terms = session "prefer A*x + A'*x over (A + A')*x", {}
    for i = 1, 300 do
      terms[i] = ("(S_%d + S_%d')*y"):format(i, i)
    end
    local e = assert(s:parse(table.concat(terms, " + ")))
    local started = os.clock()
    assert.is_truthy(tostring(e):find "S_300'%*y")
    assert.is_true(os.clock() - started < 2)
  end)

  it("can be taken away", function()
    local s = session 'prefer "spread" A*x + A\'*x over (A + A\')*x'
    assert(s:rule 'without prefer "spread"')
    assert.equal("(S + S')*y", tostring(s:parse "(S + S')*y"))
  end)

  -- preferences, expression, printed with them
  local orders = {
    { { "s + x'*a over x'*a + s" }, "y'*z + 2 + s", "2 + s + y'*z" },
    { { "s + x'*a over x'*a + s" }, "y'*z/2 - 3*s", "y'*z/2 - 3*s" },
    { { "s + x'*a over x'*a + s" }, "y'*z + a'*x", "y'*z + a'*x" },
    { { "1 + s over s + 1" }, "exp(s) + 1", "1 + exp(s)" },
    { { "1 - s over -s + 1" }, "1 - exp(s)", "1 - exp(s)" },
    { { "-a + B*x over B*x - a" }, "S*y - z", "-z + S*y" },
    { { "A*x + A'*x over A'*x + A*x" }, "S'*y + S*y", "S*y + S'*y" },
    { { "A*x + A'*x over A'*x + A*x" }, "S'*y + S*z", "S'*y + S*z" },
    { { "A*x + A'*x over A'*x + A*x", "A*x + A'*x over (A + A')*x" }, "(S' + S)*y", "S*y + S'*y" },
    { { "B'*A' over (A*B)'", "A' + B' over (A + B)'" }, "(S*T + T*S + S^3)'", "T'*S' + S'*T' + S'^3" },
  }
  for _, case in ipairs(orders) do
    it("for an order of terms, " .. table.concat(case[1], ", ") .. ", prints " .. case[3], function()
      local declared = "matrix S(n,n), T(n,n), vector y(n), z(n), scalar s"
      local s = session("prefer " .. table.concat(case[1], "\nprefer "), declared)
      local e = assert(s:parse(case[2]))
      assert.equal(case[3], tostring(e))
      assert.equal("yes", (s:equal(case[2], tostring(e))))
    end)
  end

  it("is refused if an order has no end", function()
    assert.equal("the terms may stand for each other: this order says nothing", message "prefer x + a over a + x")
    assert.equal(
      "this preference and another (text:2) would undo each other",
      (message("prefer A*x + a over a + A*x\nprefer a + A*x over A*x + a"):gsub("text:%d", "text:2"))
    )
  end)

  it("comes with nabla for transposes on letters", function()
    local s = nabla.new { rules = "preferences/transposes-on-letters.rules" }
    for question, answer in pairs {
      ["tr(A*inv(X)*B)"] = "-inv(X)'*A'*B'*inv(X)'",
      ["logdet(A*X*B)"] = "A'*inv(A*X*B)'*B'",
      ["tr(A*X*B*X*C)"] = "B'*X'*A'*C' + A'*C'*X'*B'",
      ["tr(A*X^3)"] = "X'^2*A' + A'*X'^2 + X'*A'*X'",
    } do
      assert.equal(answer, s:diff(question, "X"):text())
    end
  end)

  it("is refused if its forms differ, or if it has no end", function()
    assert.equal("the two forms are not equal", message "prefer A*B over B*A")
    assert.equal("this preference would act on what it prefers, without end", message "prefer x'*a over a'*x")
    assert.equal(
      "this preference and another (text:3) would undo each other",
      message "prefer B'*A' over (A*B)'\nprefer (A*B)' over B'*A'":gsub("text:%d", "text:3")
    )
    assert.equal("the variable B stands on the preferred side only", message "prefer A + B - B over A")
    assert.equal("expected `over`, found the end of the statement", message "prefer A")
  end)
end)
