-- Substitution inside products and sums, up to sign and transposes, with its count.

local nabla = require "nabla"

local DECLARED = "matrix A(m,n), vector b(m), vector r(m), vector x(n), vector y(n), vector v(n), scalar a, scalar c, "
  .. "scalar l, matrix S(n,n), matrix B(n,n), matrix D(n,n), matrix C(m,n), matrix P(n,n) spd, matrix H(m,n), "
  .. "matrix R(m,m) spd, matrix K(n,m), matrix W(n,n)"

local function session()
  local s = nabla.new()
  s:declare(DECLARED)
  return s
end

describe("subst", function()
  -- what is searched, what is sought, what is put in, the result, how often
  local cases = {
    { "2*A'*(A*x-b)", "A*x-b", "r", "2*A'*r", 1 },
    { "2*A'*(b-A*x)", "A*x-b", "r", "-2*A'*r", 1 },
    { "2*(A*x-b)'*A*y", "A*x-b", "r", "2*r'*A*y", 1 },
    { "a*x+c*y+3*S*x", "a*x+c*y", "v", "v + 3*S*x", 1 },
    { "2*A*x - b + r", "A*x - b", "r", "2*A*x - b + r", 0 },
    { "S*B*S*B*D*S", "S*B", "W", "W^2*D*S", 2 },
    { "S^3*B", "S*B", "W", "S^2*W", 1 },
    { "S^5", "S^2", "W", "W^2*S", 2 },
    { "inv(S*B)*D", "S*B", "W", "inv(W)*D", 1 },
    { "D*B'*S'", "S*B", "W", "D*W'", 1 },
    { "tr(S*D*B)", "B*S", "W", "tr(D*W)", 1 },
    { "tr(D*B'*S')", "S*B", "W", "tr(D*W')", 1 },
    { "y'*B'*S'*x", "S*B", "W", "x'*W*y", 1 },
    { "v'*B*v*S/(v'*W*v)", "v'*B*v/(v'*W*v)", "l", "l*S", 1 },
    { "v'*B*v*W/(v'*W*v)^2", "v'*W*v", "l", "v'*B*v*W/l^2", 1 },
    { "a^5*c^2", "a^2*c", "l", "a*l^2", 2 },
    { "-2*x'*y", "x'*y", "a", "-2*a", 1 },
    { "3*a*x", "a*x", "y", "3*y", 1 },
    { "H*P*H' + R", "P*H'", "K", "R + H*K", 1 },
    { "A.*C.^3", "A.*C", "H", "C.^2.*H", 1 },
    { "A*x+b", "x", 0, "b", 1 },
    { "sum(i=1..N, x(i)*y)", "x", "y", "sum(i = 1..N, y(i))*y", 1 },
  }
  for _, case in ipairs(cases) do
    local f, from, to, result, times = table.unpack(case)
    it(("puts %s for %s in %s"):format(to, from, f), function()
      local s = session()
      local node, count = s:subst(f, from, to)
      assert.are.equal(result, tostring(node))
      assert.are.equal(times, count)
      local same, again = s:parse(f):subst(from, to)
      assert.is_true(same == node)
      assert.are.equal(times, again)
    end)
  end

  it("puts several in at once", function()
    local s = session()
    assert.are.equal("a*c^2", tostring(s:parse("a^2*c"):subst { a = "c", c = "a" }))
    local node, count = s:parse("S*x + B*y"):subst { ["S*x"] = "y", x = "y", y = "x" }
    assert.are.equal("y + B*x", tostring(node))
    assert.are.equal(2, count)
  end)

  it("takes an equation", function()
    local s = session()
    local e = { left = s:parse "A*x", right = s:parse "b" }
    assert.are.equal("b'*b", tostring(s:parse("x'*A'*A*x"):subst(e)))
  end)

  it("lets no counted sum capture a counter", function()
    local s = session()
    local f = s:parse "sum(i=1..N, exp(x(i)*a))"
    local body = f[3]
    local inside = s:parse("sum(i=1..N, exp(x(i)+l))"):subst("l", body)
    assert.are.equal("sum(i = 1..N, exp(x(i) + exp(a*x(j))))", tostring(inside))
    assert.is_true(f:subst(body, "c") == f) -- the counter of the sum is another one
    assert.are.equal("c", tostring(body:subst(body, "c")))
  end)

  it("says what is wrong with its arguments", function()
    local s = session()
    local f = s:parse "a^2*c"
    local function refused(pattern, ...)
      local args = table.pack(...)
      local ok, message = pcall(function()
        return f:subst(table.unpack(args, 1, args.n))
      end)
      assert.is_false(ok)
      assert.is_truthy(message:find(pattern), message)
      local node, err = s:subst(f, ...)
      assert.is_nil(node)
      assert.is_truthy(tostring(err):find(pattern), tostring(err))
    end
    refused("a is 1 x 1 and x is n x 1", "a", "x")
    refused("never closed", "a", "x(")
    refused("not the number 2", 2, "a")
    refused("n is a size", "n", 3)
    refused("were expected", "a")
    refused("x is to be replaced in two ways", { x = "y", [s:parse "x"] = "v" })
    refused("found a boolean", "a", true)
  end)
end)

describe("replace", function()
  it("finds Kronecker products that are merged with others", function()
    local s = nabla.new()
    assert(s:declare "matrix A(n,n), matrix B(n,n), matrix C(n,n), matrix D(n,n), matrix Y(m,n)")
    local f, count = s:parse("kron(A,B)*kron(C,D)"):subst("kron(A,B)", "kron(C,C)")
    assert.are.equal("kron(C^2, C*D)	1", tostring(f) .. "\t" .. count)
    f = s:parse("kron(Y*A*C, B*D)"):subst("kron(A,B)", "kron(D,D)")
    assert.are.equal("yes", (s:equal(f, "kron(Y, I(n))*kron(D, D)*kron(C, D)")))
    f, count = s:parse("kron(A*C, D)"):subst("kron(A,B)", "kron(C,C)")
    assert.are.equal("kron(A*C, D)	0", tostring(f) .. "\t" .. count)
  end)

  it("is exact to the node, and counts", function()
    local s = session()
    local f = s:parse "x'*S*x + a*x'*y"
    local node, count = f:replace("x", "y")
    assert.are.equal(3, count)
    assert.is_true(node == s:parse "y'*S*y + a*y'*y")
    local same, none = s:parse("S*B*D"):replace("S*B", "W")
    assert.are.equal(0, none)
    assert.is_true(same == s:parse "S*B*D")
    assert.are.equal("-b", tostring(s:parse("A*x - b"):replace("x", 0)))
  end)
end)
