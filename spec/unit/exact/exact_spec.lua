-- Evaluation modulo 2^61 - 1: the arithmetic, the operators beside their evaluators in floating point, `nabla check` and `equal`
-- where rounding would pass what is wrong or refuse what is right.

local core = require("nabla.core").residue
local exact = require "nabla.exact.evaluate"
local instances = require "nabla.compare.random_matrix"
local nabla = require "nabla"
local rational = require "nabla.exact.operators"
local residue = require "nabla.exact.arithmetic"
local sample = require "spec.support.sample"

local numeric_there = pcall(require, "nabla.numeric.core")

local function tr(a)
  return rational.known.tr[2](nil, a)
end

describe("residues", function()
  local A, H, G = core.random("A", 4, 4), core.random("H", 4, 4), core.random("G", 4, 4)
  local one = core.identity(4)

  it("stand for fractions", function()
    assert.are.same({ -7, 12 }, { core.fraction(core.new(1, 1, -7) / 12) })
    assert.are.same({ 0, 1 }, { core.fraction(core.new(1, 1, 0)) })
    assert.is_nil((core.fraction(core.random("x", 1, 1))))
  end)

  it("are read from numbers of any length", function()
    assert.are.equal(0, core.value(core.decimal(tostring(residue.PRIME))))
    assert.are.equal(1, core.value(core.decimal "5316911983139663487003542222693990402")) -- p^2 + 1
    local R = residue.new "numbers"
    assert.is_true(core.equal(R:decimal "1.25e-2", core.new(1, 1, 1) / 80))
    assert.is_true(core.equal(R:decimal "3e2", core.new(1, 1, 300)))
  end)

  it("have inverses, determinants and powers", function()
    assert.is_true(core.equal(A * core.inverse(A), one))
    assert.is_true(core.equal(A ^ -2 * A * A, one))
    assert.is_true(core.equal(core.det(A * H), core.det(A) * core.det(H)))
    assert.is_nil(core.inverse(core.new(2, 2, 1)))
    assert.are.equal(1, core.rank(core.new(3, 2, 1)))
    assert.is_true(core.equal(core.kron(A, H) * core.kron(G, A), core.kron(A * G, H * A)))
  end)

  it("have first and second derivatives by infinitesimals", function()
    local e, f = core.infinitesimal(1), core.infinitesimal(2)
    local I = core.inverse(A)
    assert.is_true(core.equal(core.coefficient((A + H * e) ^ -1, 1), -(I * H * I)))
    assert.is_true(core.equal(core.coefficient(core.det(A + H * e), 1), core.det(A) * tr(I * H)))
    local second = core.coefficient(core.coefficient(core.det(A + H * e + G * f), 2), 1)
    assert.is_true(core.equal(second, core.det(A) * (tr(I * H) * tr(I * G) - tr(I * H * I * G))))
    local X = A + H * e + G * f
    assert.is_true(core.equal(X * core.inverse(X), one))
  end)

  it("know a bound for the degree of what they are", function()
    assert.are.same({ 3.0, 4.0 }, { core.degrees(core.inverse(A)) })
    assert.are.same({ 2.0, 0.0 }, { core.degrees(A * H) })
    assert.are.same({ 4.0, 0.0 }, { core.degrees(core.det(A)) })
  end)

  sample.whole(it)("are the same without numbers of 128 bits", function()
    local source, program = os.tmpname() .. ".c", os.tmpname()
    local f = assert(io.open(source, "w"))
    f:write [[
#include <stdio.h>
#include "residue/residue.h"
int main(void) {
  uint64_t x = 1, sum = 0, corner[] = {0, 1, 2, RESIDUE_PRIME - 1, RESIDUE_PRIME - 2, UINT64_C(1) << 60, (UINT64_C(1) << 32) - 1};
  for (int i = 0; i < 7; i++)
    for (int j = 0; j < 7; j++) sum = residue_add(residue_mul(sum, 3), residue_mul(corner[i], corner[j]));
  for (int i = 0; i < 100000; i++) {
    x = residue_reduce(x * UINT64_C(0x9e3779b97f4a7c15) + 12345);
    sum = residue_add(residue_mul(sum, 7), residue_mul(x, residue_reduce(x << 3)));
  }
  printf("%llu\n", (unsigned long long)sum);
  return 0;
}
]]
    f:close()
    local out = {}
    for k, flag in ipairs { "", "-DNABLA_NO_INT128" } do
      local command =
        string.format("cc -std=c99 -O1 %s -Isrc %s src/residue/residue.c -o %s && %s", flag, source, program, program)
      local pipe = assert(io.popen(command))
      out[k] = pipe:read "a"
      pipe:close()
    end
    os.remove(source)
    os.remove(program)
    assert.is_truthy(out[1]:find "^%d+\n$")
    assert.are.equal(out[1], out[2])
  end)
end)

describe("an unknown function", function()
  local R = residue.new "functions"
  local x, h, g = R:random("x", 3, 1), R:random("h", 3, 1), R:random("g", 3, 1)

  it("has its derivatives where its argument moves", function()
    local u = R:unknown("u", 2, 2)
    local J = R:derivatives_of("u", 2, 2, x, 1)
    local change = R:slope(function(t)
      return u(x + h * t)
    end)
    assert.is_true(core.equal(change, (J * h):reshape(2, 2)))
  end)

  it("has second derivatives that are symmetric, and the chain rule", function()
    local f = R:unknown("f", 1, 1)
    local function second(a, b)
      return R:slope(function(s)
        return R:slope(function(t)
          return f(x + a * s + b * t)
        end)
      end)
    end
    assert.is_true(core.equal(second(h, g), second(g, h)))
    local H = R:derivatives_of("f", 1, 1, x, 2):reshape(3, 3)
    assert.is_true(core.equal(second(h, g), h.T * H * g))
  end)

  it("is what its attributes say", function()
    local u = R:unknown("U", 3, 3, { symmetric = true })
    local v = u(x + h * core.infinitesimal(1))
    assert.is_true(core.equal(v, v.T))
  end)
end)

describe("the imaginary unit", function()
  it("has a value modulo another prime, and none modulo 2^61 - 1", function()
    assert.is_nil(core.unit())
    residue.with_unit(function()
      local unit = core.unit()
      assert.is_true(core.equal(unit * unit, core.new(1, 1, -1)))
      assert.is_true(core.equal(core.recip(unit), -unit))
      assert.are.equal("2^61-31", residue.modulus())
    end)
    assert.is_nil(core.unit())
    assert.is_false((pcall(residue.with_unit, error)))
    assert.are.equal("2^61-1", residue.modulus())
  end)

  it("leaves square roots as they are", function()
    residue.with_unit(function()
      local squares = 0
      for k = 2, 200 do
        local a = core.new(1, 1, k)
        local r = core.sqrt(a * a)
        assert.is_true(core.equal(r, a) or core.equal(r, -a))
        local root = core.sqrt(a)
        squares = squares + (root and 1 or 0)
        assert.is_true(not root or core.equal(root * root, a))
        assert.is_true(core.equal(core.recip(a) * a, core.new(1, 1, 1)))
      end
      assert.is_true(squares > 60 and squares < 180)
    end)
  end)
end)

describe("operators modulo a prime", function()
  local session = assert(nabla.new {})
  session:declare [[matrix A(n,n), matrix B(n,n), matrix X(m,n), matrix Z(p,n), vector x(n), vector v(m*n), vector y(3), vector z(3),
    matrix R(3,3)]]
  local cases = {
    tr = "tr(A*B)",
    sum = "sum(X)",
    diag = "diag(x)*A",
    diagv = "diagv(A*B)",
    vec = "vec(X)",
    unvec = "unvec(v, m, n)",
    kron = "kron(X, A)",
    khatrirao = "khatrirao(X, Z)",
    hcat = "[X, X*A]",
    vcat = "[A; X]",
    vech = "vech(A)",
    tril = "tril(X)",
    triu = "triu(X)",
    diagonalsums = "diagonalsums(A)",
    hat = "hat(y)",
    vee = "vee(R)",
    cross = "cross(y, z)",
    entry = "X(2,1)",
    K = "K(m,n) + 0*v*v'",
    E = "E(1,2,m,n) + X",
    Dup = "Dup(n)*vech(A)",
    Elim = "Elim(n)*kron(x, x)",
    diagonals = "diagonals(n)*kron(x, x)",
    det = "det(A)",
    inv = "inv(A)",
    adj = "adj(A)",
    pinv = "pinv(X'*X) + pinv(X)*X",
  }
  local opaque = { imagunit = true, logdet = true, norm2 = true, norm1 = true, logsumexp = true, softmax = true }

  it("have a case each", function()
    for name in pairs(rational.known) do
      assert.is_truthy(cases[name] or opaque[name], name)
    end
  end)

  for name, text in pairs(cases) do
    it("are those of floating point: " .. name, function()
      if not numeric_there then
        return
      end
      local matrix = require "nabla.matrix"
      local node = assert(session:parse(text))
      local r = instances.random(name)
      local R = residue.new(name)
      local source = instances.source(R, r, "few")
      local dims = { m = 2, n = 3, p = 2 }
      local function size(d)
        return ({ m = 2, n = 3, p = 2, ["m*n"] = 6, ["3"] = 3 })[d]
      end
      local values, numbers = {}, { m = 2, n = 3, p = 2 }
      for _, shape in ipairs {
        { "A", "n", "n" },
        { "B", "n", "n" },
        { "X", "m", "n" },
        { "Z", "p", "n" },
        { "R", "3", "3" },
        { "x", "n" },
        { "v", "m*n" },
        { "y", "3" },
        { "z", "3" },
      } do
        local symbol = shape[1]
        local a = source:matrix(size(shape[2]), shape[3] and size(shape[3]) or 1)
        values[symbol] = a
        numbers[symbol] = matrix.build(a.rows, a.cols, function(i, j)
          return residue.real(a(i, j))
        end)
      end
      local id = select(2, require("nabla.core").unwrap(node))
      local found = exact.values(R, session, { id }, { values = values, dims = dims })[1]
      local expected = matrix(assert(session:compile(node))(numbers))
      assert.are.same({ expected.rows, expected.cols }, { found.rows, found.cols })
      for k = 1, #found do
        assert.are.near(expected[k], residue.real(found[k]), 1e-9)
      end
    end)
  end
end)

describe("nabla check modulo a prime", function()
  if not numeric_there then
    return
  end
  local check = require "nabla.check"
  local checker = assert(check.new())
  local DECLARED = [[
let matrix A(m,n), matrix X(n,n), matrix S(n,n), matrix T(n,n), vector x(n), vector y(n), scalar a, number k, vector u(m) of x
]]

  local function one(text)
    return assert(checker:text(DECLARED .. text, "exact.rules"))[1]
  end

  -- statement, verdict, how it is proved
  local cases = {
    { [[rule "t" tr(X*S) -> tr(S*X)]], "proved", "modulo" },
    { [[rule "t" tr(X*S)/2 -> 0.5*tr(S*X)]], "proved", "modulo" },
    { [[rule "t" tr(X*S)/2 -> 0.500000000001*tr(S*X)]], "failed" },
    { [[identity "g" D(x'*X*x, x) denominator (X + 1.000000000001*X')*x]], "failed" },
    { [[identity "g" D(x'*X*x, x) denominator (X + X')*x]], "proved", "modulo" },
    { [[identity "c" (X + 1e9*I(n))*(X - 1e9*I(n)) + 1e18*I(n) == X*X]], "proved", "modulo" },
    { [[identity "c" (X + 1e9*I(n))*(X - 1e9*I(n)) + 1e18*I(n) == X*X + 1e-9*X]], "failed" },
    { [[rule "i" d(X^-1) -> -X^-1*d(X)*X^-1]], "proved", "modulo" },
    { [[rule "i" d(X^-1) -> -1.0000000001*X^-1*d(X)*X^-1]], "failed" },
    { [[rule "k" d(X^k) -> sum(i = 0..k-1, X^i*d(X)*X^(k-1-i)) if k > 1, integer(k)]], "proved", "modulo" },
    { [[identity "h" D(D(det(X), a), a) numerator 0]], "proved", "modulo" },
    { [[identity "u" D(u(x)'*u(x), x) denominator 2*D(u,x)*u(x)]], "proved", "modulo" },
    { [[identity "u" D(u(x)'*u(x), x) denominator 2.000000000001*D(u,x)*u(x)]], "failed" },
    { [[identity "n" D(norm2(x), x) denominator x/norm2(x)]], "proved", "modulo" },
    { [[identity "n" D(norm2(x), x) denominator -x/norm2(x)]], "failed" },
    { [[identity "r" norm2(a*x) == a*norm2(x)]], "failed" },
    { [[identity "e" D(sum(exp(x)), x) denominator exp(x)]], "proved", "modulo" },
    { [[identity "e" D(sum(exp(x)), x) denominator exp(-x)]], "failed" },
    { [[identity "s" sin(x).^2 + cos(x).^2 == ones(n)]], "proved", "modulo" },
    { [[identity "s" tanh(-x) == -tanh(x)]], "proved", "modulo" },
    { [[identity "s" log(exp(x)) == x]], "proved", "modulo" },
    { [[identity "s" 1 - sigmoid(a) == sigmoid(-a)]], "proved", "modulo" },
    { [[identity "s" relu(a)*sign(a) == relu(a)]], "proved", "modulo" },
    { [[identity "s" relu(a) - relu(-a) == a]], "proved", "modulo" },
    { [[identity "s" relu(a)*sign(a) == a]], "failed" },
    { [[identity "s" cos(-x) == -cos(x)]], "failed" },
    { [[identity "s" exp(2*x) == exp(x).^2]], "proved", "floating" },
    { [[rule "o" det(X)^2 -> 1 if orthogonal(X)]], "proved", "modulo" },
    { [[rule "o" det(X) -> 1 if orthogonal(X)]], "failed" },
    { [[rule "p" S*S -> S if idempotent(S)]], "proved", "modulo" },
    { [[rule "p" det(S) -> 0 if idempotent(S)]], "failed" },
    { [[rule "m" pinv(A)*A*pinv(A) -> pinv(A)]], "proved", "modulo" },
    { [[rule "m" pinv(X)*X -> I(n)]], "failed" },
    { [[rule "m" pinv(X)*X -> I(n) if invertible(X)]], "proved", "modulo" },
    { [[rule "a" S' -> S if psd(S)]], "proved", "modulo" },
    { [[rule "a" abs(a) -> a if positive(a)]], "proved", "floating" },
    { [[rule "a" abs(a) -> a]], "failed" },
    { [[fact symmetric(X + X')]], "proved", "modulo" },
    { [[fact symmetric(X + 1.000000000001*X')]], "failed" },
    { [[fact psd(A'*A)]], "proved", "floating" },
    { [[fail X*S == S*X]], "proved", "modulo" },
    { [[fail tr(X*S) == tr(S*X)]], "failed" },
    { [[adjoint A*X by X  Y -> A'*Y]], "proved", "modulo" },
    { [[adjoint A*X by X  Y -> 1.000000000001*A'*Y]], "failed" },
  }
  for _, case in ipairs(cases) do
    it(case[2] .. ": " .. case[1], function()
      local result = one(case[1])
      assert.are.same(
        { case[2], case[3] },
        { result.verdict, result.proof and result.proof.how },
        result.detail
      )
    end)
  end

  it("says how likely an accident is", function()
    local result = one [[rule "t" tr(X*S) -> tr(S*X)]]
    assert.is_true(result.proof.chance > 0 and result.proof.chance < 1e-15)
    assert.is_truthy(
      check.proof_text(result.proof):find "^modulo 2%^61%-1 %(4 instances, accident at most %de%-%d%d%)$"
    )
  end)

  it("shows counterexamples of whole numbers and fractions", function()
    local result = one [[rule "t" inv(X) -> X']]
    assert.is_truthy(
      result.detail:find "^%[[-%d/ ;]+%] and %[[-%d/ ;]+%]; n = 2, X = %[[-%d ;]+%]$",
      result.detail
    )
  end)

  it("proves most of nabla's own rules", function()
    local files = {
      "algebra/entries",
      "algebra/inverses",
      "algebra/cross-product",
      "algebra/half-vectorisation",
      "functions/unknown",
    }
    local counts = { modulo = 0, floating = 0, value = 0 }
    for _, file in ipairs(sample.quick and { "algebra/half-vectorisation" } or files) do
      for _, result in ipairs(assert(checker:file("rules/" .. file .. ".rules"))) do
        assert.are.equal("proved", result.verdict, result.detail)
        counts[result.proof.how] = counts[result.proof.how] + 1
      end
    end
    assert.is_true(counts.modulo > 20 * counts.floating, counts.modulo .. " and " .. counts.floating)
  end)
end)

describe("equal modulo a prime", function()
  local s = assert(nabla.new())
  s:declare [[matrix A(m,n), matrix B(n,n), matrix S(n,n) symmetric, matrix Q(n,n) orthogonal, matrix P(n,n) spd, vector x(n), vector y(n),
    vector u(m) of x, scalar f of x, matrix F(p,q) of x, scalar a, vector w(n) positive]]

  -- two sides, the answer, how the reason begins
  local cases = {
    { "inv(B + S)", "inv(B) - inv(B)*inv(inv(B) + inv(S))*inv(B)", "yes", "modulo" },
    { "inv(I(n) + x*y')", "I(n) - x*y'/(1 + y'*x)", "yes", "modulo" },
    { "inv(I(n) + x*y')", "I(n) - x*y'/(1 - y'*x)", "no", "exact" },
    { "det(B + x*y')", "det(B)*(1 + y'*inv(B)*x)", "yes", "modulo" },
    { "B/2", "0.500000000001*B", "no", "exact" },
    { "norm2(x)^2", "x'*x", "yes", "expansion" },
    { "D(D(f,x),x)*(x + y)", "D(D(f,x),x)'*x + D(D(f,x),x)*y", "yes", "modulo" },
    { "D(u,x)*u(x)", "D(norm2(u(x))^2, x)", "no", "exact" },
    { "D(u,S*x)'*x", "D(u,B*x)'*x", "no", "exact" },
    { "D(F,x)*x", "D(F,x)*y", "no", "exact" },
    { "det(Q)", "1", "no", "exact" },
    { "sum(i = 2..n, x(i)) + x(1)", "sum(x)", "yes", "modulo" },
    { "x(1)", "x(2)", "no", "exact" },
    { "n*(n-1)*(n-2)*(n-3)*(n-4)*(n-5)*x", "0*x", "no", "exact" },
    { "(n-5)*((n-5)^2-1)*((n-5)^2-4)*((n-5)^2-9)*((n-5)^2-16)*x", "0*x", "unknown", "" },
    { "(m-n-1)*(m-n+8)*A*x", "0*A*x", "no", "exact" },
    { "exp(x).*(inv(B)*B*x)", "exp(x).*x + 0*x", "yes", "" },
    { "pinv(B)*B", "I(n)", "no", "exact" },
    { "pinv(B)*B*pinv(B)*B*x", "pinv(B)*B*x", "yes", "" },
    { "sqrt(a^2)", "a", "no", "floating point" },
    { "tr(P) + a", "abs(tr(P)) + a", "yes", "" },
    { "sin(x).^2 + cos(x).^2", "ones(n)", "yes", "modulo" },
    { "exp(x + y)", "exp(x).*exp(y)", "yes", "" },
    { "exp(2*x)/10000000", "1.000001*exp(x).^2/10000000", "unknown", "" },
    { "expm(B)*expm(S)", "expm(B + S)", "no", "floating point" },
  }
  for _, case in ipairs(cases) do
    it(string.format("is %s: %s and %s", case[3], case[1], case[2]), function()
      if case[4] == "floating point" and not numeric_there then
        return
      end
      local answer, why = s:equal(case[1], case[2])
      assert.are.equal(case[3], answer, why)
      assert.are.equal(case[4], why:sub(1, #case[4]), why)
    end)
  end

  it("names the sizes at which it was tried, and the chance of an accident", function()
    local _, why = s:equal("det(B + x*y')", "det(B)*(1 + y'*inv(B)*x)")
    assert.is_truthy(
      why:find "equal at 6 random points, n = [%d, ]+; the probability of an accident is at most %de%-%d%d$",
      why
    )
  end)

  it("gives a counterexample that the two sides can be computed at", function()
    local _, why, example = s:equal("S*B", "B*S")
    assert.is_truthy(why:find("^exact: %[[-%d ;]+%] and %[[-%d ;]+%] at n = 2, B = %[[-%d ;]+%], S = "), why)
    assert.is_true(example.distance > 0)
    if numeric_there then
      local S, B = example.values.S, example.values.B
      assert.are.same((S * B):text(), example.left:text())
      assert.are.same((B * S):text(), example.right:text())
    end
  end)

  it("has one for a difference that is too small to see", function()
    local _, _, example = s:equal("B/2", "0.500000000001*B")
    if numeric_there then
      assert.is_true(example.distance > 0 and example.distance < 1e-9)
    end
  end)

  it("needs no numeric module", function()
    local script = [[
package.preload["nabla.numeric.core"] = function() error("not there") end
local s = require("nabla").new()
s:declare "matrix B(n,n), vector x(n), vector u(m) of x"
print((s:equal("det(B)*inv(B)", "adj(B)")), (s:equal("B*x", "B'*x")), (s:equal("D(u,x)*u(x)", "D(u,x)*u(x)*2")),
  (s:equal("exp(2*x)", "exp(x).^2")))]]
    local path = os.tmpname()
    local f = assert(io.open(path, "w"))
    f:write(script)
    f:close()
    local command = string.format(
      "LUA_PATH='%s' LUA_CPATH='%s' %s %s 2>&1",
      package.path,
      package.cpath,
      "lua" .. _VERSION:match "[%d.]+",
      path
    )
    local pipe = assert(io.popen(command))
    local out = pipe:read "a"
    pipe:close()
    os.remove(path)
    assert.are.equal("yes\tno\tno\tunknown\n", out)
  end)

  sample.whole(it)("is what identify asks beside its own comparison", function()
    if numeric_there then
      assert.are.equal("right", s:identify({ formula = "d(x'*B*x)/dx = (B + B')*x" }).status)
      assert.are.equal("wrong", s:identify({ formula = "d(x'*B*x)/dx = (B + 1.000000000001*B')*x" }).status)
    end
  end)

  it("shows the values of unknown functions and of their derivatives", function()
    local _, why = s:equal("D(u,x)*u(x)", "D(norm2(u(x))^2, x)")
    assert.is_truthy(why:find("u(x) = [", 1, true), why)
    assert.is_truthy(why:find("D(u, x) = [", 1, true) or why:find("D(u,x) = [", 1, true), why)
  end)
end)
