-- Unknowns in turn: each while the others are given.

local judge = require "spec.judge"
local nabla = require "nabla"
local sample = require "spec.support.sample"

local function session(decl)
  local s = assert(nabla.new())
  assert(s:declare(decl))
  return s
end

-- Is the derivative of f by a variable zero where the variable has its value?
local function is_stationary(s, f, name, value, decl)
  local gradient = assert(s:diff(f, name)):text()
  local put = gradient:gsub("[%a_][%w_]*", function(word)
    return word == name and "(" .. value .. ")" or nil
  end)
  return judge.same(put, "0*(" .. put .. ")", decl, { tolerance = 1e-6 })
end

describe("alternating", function()
  local DECL = "matrix M(m,n), matrix U(m,k), matrix V(n,k), scalar c positive"

  it("gives the two steps of a matrix factorisation", function()
    local s = session(DECL)
    local f = "norm2(M - U*V')^2 + c*norm2(U)^2 + c*norm2(V)^2"
    local r = assert(s:stationary(f, "U, V", nil, { alternating = true }))
    assert.are.equal("U = M*V*inv(c*I(k) + V'*V)\nV = M'*U*inv(c*I(k) + U'*U)", tostring(r))
    assert.are.same({ U = "unique minimum", V = "unique minimum" }, r.kinds)
    assert.is_nil(r.kind)
    for i, name in ipairs { "U", "V" } do
      assert.is_true(is_stationary(s, f, name, r[i].right:text(), DECL))
    end
  end)

  sample.whole(it)("does not solve together what it solves in turn", function()
    local s = session(DECL)
    assert.is_nil(s:stationary("norm2(M - U*V')^2", "U, V"))
    assert.are.equal(2, #s:stationary("norm2(M - U*V')^2", "U, V", nil, { alternating = true }))
  end)

  it("gives each unknown the multipliers of its own constraints", function()
    local s = session "vector x(m), vector y(n), matrix A(m,n), vector b(m), vector u(n), vector v(m)"
    local f = "norm2(x - A*y)^2 + norm2(y)^2"
    local r = assert(s:stationary(f, "x, y", { "sum(x) = 1", "u'*y = 0" }, { alternating = true }))
    assert.are.equal(4, #r)
    assert.are.equal("x", tostring(r[1].left))
    assert.are.equal("y", tostring(r[3].left))
  end)

  it("takes one equation for each unknown of solve", function()
    local s = session(DECL)
    local r = assert(s:solve({ "U*V'*V = M*V", "V*U'*U = M'*U" }, "U, V", { alternating = true }))
    assert.are.equal("V = M'*U*inv(U'*U)", tostring(r[2]))
    local none, err = s:solve("U*V'*V = M*V", "U, V", { alternating = true })
    assert.is_nil(none)
    assert.truthy(tostring(err):find("1 equations for 2 unknowns", 1, true))
  end)
end)
