-- Solutions with inverses of sums in their shortest form.

local nabla = require "nabla"

local DECL = "matrix W(d,k), vector x(d), matrix P(n,n) spd, matrix Q(n,n) spd, vector u(n), vector v(n), vector o(n), scalar s positive, "
  .. "scalar c positive, vector z(k), vector y(n), matrix R(m,m) spd, matrix H(m,n)"

local CASES = {
  { "W'*(x - W*z)/s - z = 0", "z", "inv(s*I(k) + W'*W)*W'*x" }, -- no fractions under the inverse
  { "P*(y - o) + 2*s*(y - o) = u", "y", "o + inv(P + 2*s*I(n))*u" }, -- what is common to both sides is taken out
  { "y - c*P*(u - P*y)/(1 + c) = v", "y", "inv(c*P^2 + (1 + c)*I(n))*(v + c*(v + P*u))" },
  { "P*(y - o) = s*(u - y)", "y", "inv(P + s*I(n))*(s*u + P*o)" }, -- nothing is in common
}

describe("a solution with the inverse of a sum", function()
  for _, case in ipairs(CASES) do
    it("is short: " .. case[1], function()
      local s = assert(nabla.new())
      assert(s:declare(DECL))
      local r = assert(s:solve(case[1], case[2]))
      local wanted = s:parse(case[3])
      assert.equal("yes", (s:equal(r[1].right, wanted)), tostring(r))
      assert.is_true(r[1].right.size <= wanted.size, tostring(r))
    end)
  end

  it("is one inverse for two side by side", function()
    local s = assert(nabla.new())
    assert(s:declare(DECL))
    local r = assert(s:stationary("u'*P*u/2 + v'*Q*v/2", "u, v", "u + v = o"))
    assert.equal("inv(P + Q)*P*o", tostring(r.values.v))
  end)
end)

describe("solving", function()
  it("keeps its nodes while values are tried, however many nodes there are", function()
    local s = assert(nabla.new())
    assert(s:declare(DECL))
    for i = 1, 3 do
      for k = 1, 400 do
        assert(s:parse(("norm2(P*u - %d*v)^2 + %d"):format(k, i)))
      end
      local r = assert(s:stationary("norm2(y - u)^3 + c*norm2(y)^2", "y"))
      assert.is_true(#r > 0)
    end
  end)
end)
