-- Names for the parts of an answer that repeat.

local nabla = require "nabla"
local sample = require "spec.support.sample"

local DECLARED = "matrix A(m,n), vector x(n), vector b(m), vector y(m), scalar t, matrix X(n,n)"

local function session(decl)
  local s = assert(nabla.new())
  s:declare(decl or DECLARED)
  return s
end

describe("names for parts", function()
  it("are chosen as a person would, and read back in each format", function()
    local s = session()
    for _, case in ipairs {
      { "(A*x - b)'*(A*x - b)/(1 + (A*x - b)'*(A*x - b))", "2*A'*r/(1 + r'*r)^2 where r = A*x - b" },
      { "sum(tanh(A*x - b).*exp(A*x - b))^2",
        "2*tanh(z)'*exp(z)*A'*(exp(z).*(ones(m) + tanh(z) - tanh(z).^2))\nwhere z = A*x - b" },
      { "norm2(A*x - b)^4", "4*norm2(r)^2*A'*r where r = A*x - b" },
    } do
      local g = assert(s:diff(case[1], "x"))
      assert.equal(case[2], g:text("text", { parts = true }))
      for _, how in ipairs { "text", "unicode", "latex" } do
        local text = g:text(how, { parts = true })
        assert.is_truthy(text:find "where")
        assert.is_true(assert(s:parse(text, { latex = how == "latex" or nil })) == g, text)
      end
      for _, notation in ipairs { "numpy", "julia", "matlab" } do
        local text = g:text("text", { parts = true, notation = notation })
        assert.is_true(assert(s:parse(text, { typed = notation })) == g, text)
      end
    end
  end)

  it("are the statements of a program in its notation", function()
    local s = session()
    local g = s:diff("norm2(A*x - b)^4", "x")
    assert.equal(
      "r = A @ x - b\n4 * np.linalg.norm(r)**2 * A.T @ r",
      g:text("text", { parts = true, notation = "numpy" })
    )
  end)

  it("come as a list", function()
    local s = session()
    local main, list = s:diff("norm2(A*x - b)^4", "x"):parts "unicode"
    assert.equal("4·norm2(r)²·Aᵀ·r", main)
    assert.same({ { name = "r", text = "A·x - b" } }, list)
    main, list = s:diff("norm2(A*x - b)^2", "x"):parts()
    assert.equal("2*A'*(A*x - b)", main)
    assert.same({}, list)
  end)

  it("stand for nothing else", function()
    local s = session "vector r(m), vector z(m), vector h(m), vector x(n), matrix A(m,n)"
    local text = s:diff("norm2(A*x - r)^4 + z'*A*x", "x"):text("text", { parts = true })
    assert.equal("A'*(z + 4*norm2(u)^2*u) where u = A*x - r", text)
  end)

  sample.whole(it)("have numbers where there are several of a kind, and nothing is too large", function()
    local s = session "vector x(n), vector a(n)"
    local f = s:parse "x"
    for i = 1, 40 do
      f = s:declare(("matrix W%d(n,n)"):format(i)) * f - 2 * nabla.tanh(f)
    end
    local g = assert(s:diff(s:parse "a".T * f, "x"))
    assert.is_nil((g:text()))
    local text = g:text("text", { parts = true })
    assert.is_true(#text < 20000)
    assert.is_truthy(text:find("r1 = ", 1, true))
    assert.is_true(s:parse(text) == g)
    assert.is_true(s:parse(g:latex { parts = true }, { latex = true }) == g)
  end)

  it("hide no counter of a sum", function()
    local s = session "matrix A(n,n), vector x(n)"
    local g = s:parse "sum(i = 1..3, (A^i*x)'*(A^i*x)*norm2(A*x)*norm2(A*x)^2)"
    local text = g:text("text", { parts = true })
    assert.is_true(s:parse(text) == g, text)
    for _, part in ipairs((select(2, g:parts()))) do
      assert.is_nil(part.text:find "%f[%w]i%f[%W]")
    end
  end)
end)

describe("a text with definitions", function()
  it("is read, also without declarations", function()
    local s = assert(nabla.new())
    for text, meant in pairs {
      ["2*A'*r where r = A*x - b"] = "2*A'*(A*x - b)",
      ["r'*r + s^2 where r = A*x - b, s = r'*r"] = "(A*x - b)'*(A*x - b) + ((A*x - b)'*(A*x - b))^2",
      ["r\nwhere p = x + y,\n      r = 2*p"] = "2*(x + y)",
      ["2 A^\\top r, \\quad \\text{where } r = Ax - b"] = "2*A'*(A*x - b)",
      ["r = A @ x - b\n2 * A.T @ r"] = "2*A'*(A*x - b)",
    } do
      assert.equal(tostring(s:parse(meant)), tostring(s:parse(text)), text)
    end
    assert.equal("2*A'*(A*x - b)", tostring(s:diff("r'*r where r = A*x - b", "x")))
  end)

  it("keeps its names to itself", function()
    local s = session()
    assert(s:parse "r'*r where r = A*x - b")
    local node, err = s:parse "r + 0*y"
    assert.equal("r", tostring(assert(node, err)))
  end)

  it("is refused with the place of the mistake", function()
    local s = session()
    local node, err = s:parse "2*r where r = A*(x"
    assert.is_nil(node)
    assert.equal(17, err.column)
  end)
end)
