-- The chain of rules that shows an equality: each line is reached by what is named.

local nabla = require "nabla"

describe("the chain of an equality", function()
  local session = assert(nabla.new())

  local function chain(left, right)
    session:reset()
    assert(session:declare(
      "vector x(n), vector y(n), matrix S(n,n) symmetric, matrix T(n,n) symmetric, matrix A(n,n)",
      "matrix K(n,n) skew, matrix Q(n,n) orthogonal, scalar a positive"
    ))
    local answer, why, derivation = session:equal(left, right, { steps = true })
    assert.are.equal("yes", answer, why)
    return derivation
  end

  local function reasons(left, right)
    local derivation = assert(chain(left, right))
    local list = {}
    for i, line in ipairs(derivation) do
      list[i] = line.rule
    end
    return list
  end

  it("names what is known of a letter where the engine keeps one writing", function()
    assert.are.same({ "S is symmetric" }, reasons("x'*S*y", "y'*S*x"))
    assert.are.same({ "S is symmetric; T is symmetric" }, reasons("x'*S*T*y", "y'*T*S*x"))
    assert.are.same({ "S is symmetric" }, reasons("y'*S^2*x", "x'*S^2*y"))
    assert.are.same({ "K is skew-symmetric" }, reasons("x'*K*y", "-y'*K*x"))
    assert.are.same({ "K is skew-symmetric" }, reasons("x'*K*x", "0"))
    assert.are.same({ "K is skew-symmetric; S is symmetric" }, reasons("tr(K*S)", "0"))
    assert.are.same({ "Q is a matrix with orthonormal columns" }, reasons("x'*Q'*Q*y", "y'*x"))
    assert.are.same({ "a is nonnegative" }, reasons("abs(a)", "a"))
  end)

  it("names it although the form has been asked for before", function()
    for _ = 1, 2 do
      assert.are.same({ "S is symmetric" }, reasons("x'*inv(S)*y", "y'*inv(S)*x"))
    end
  end)

  it("names nothing of letters that do not matter", function()
    for _, line in ipairs(chain("S*(x + y)", "S*x + S*y") or {}) do
      assert.is_nil(line.rule:find "symmetric")
    end
    for _, reason in ipairs(reasons("x'*S*y + y'*A*x", "y'*(S + A)*x")) do
      assert.is_nil(reason:find "A is")
    end
  end)

  it("is none where only numbers show it", function()
    assert.is_nil(chain("sin(2*a)", "2*sin(a)*cos(a)"))
  end)
end)
