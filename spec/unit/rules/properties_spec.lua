-- What a property promises (`elementwise`, `linear`, ...) holds for every operator that has it, of nabla and of a rule file: the
-- engine makes one node of both sides, both print so that they read back, and, where the judge knows the operator, numbers agree.

local judge = require "spec.judge"
local nabla = require "nabla"
local numeric = require "spec.judge.numeric"

-- An operator with arguments: `call(args)` writes it; args are texts, of the shapes that are declared.
local function described(name, S, op)
  local d = { name = name, args = {}, shaped = {}, sizes = {}, decl = { "scalar a" } }
  for i, p in ipairs(op.params) do
    local rows, cols = p.rows and S:dimtext(p.rows), p.cols and S:dimtext(p.cols)
    if p.operator then
      d.args[i] = "expm"
    elseif p.dimension then
      d.args[i] = p.dimension
    elseif p.index then
      d.args[i] = tostring(i - (op.unit_matrix and 0 or 1))
    else
      d.args[i] = "v" .. i
      d.shaped[#d.shaped + 1] = i
      d.sizes[i] = { rows or "m", cols or "n" }
      for _, letter in ipairs { "v", "w" } do
        d.decl[#d.decl + 1] = ("matrix %s%d(%s,%s)"):format(letter, i, rows or "m", cols or "n")
      end
    end
  end
  function d.call(changes)
    local args = { table.unpack(d.args) }
    for i, text in pairs(changes or {}) do
      args[i] = text
    end
    return ("%s(%s)"):format(name, table.concat(args, ", "))
  end
  return d
end

-- Of one argument: the first one that is shaped.
local function one(d, text)
  local i = d.shaped[1]
  return d.call { [i] = (text:gsub("X", "v" .. i)) }
end

-- property -> function(description), a list of { left, right }; a third entry: equal after expansion only
local promises = {}

function promises.elementwise(d)
  return {
    { "(" .. one(d, "X") .. ")'", one(d, "X'") },
    { "(" .. one(d, "X") .. ")(1,2)", one(d, "X(1,2)") },
  }
end

function promises.linear(d)
  local list = {}
  for _, i in ipairs(d.shaped) do
    local v, w = "v" .. i, "w" .. i
    list[#list + 1] = { d.call { [i] = "a*" .. v }, "a*" .. d.call() }
    list[#list + 1] = { d.call { [i] = "-" .. v }, "-" .. d.call() }
    list[#list + 1] = { d.call { [i] = ("zeros(%s,%s)"):format(table.unpack(d.sizes[i])) }, "0*" .. d.call() }
    list[#list + 1] = { d.call { [i] = v .. " + " .. w }, d.call() .. " + " .. d.call { [i] = w }, "expanded" }
  end
  return list
end

promises.bilinear = promises.linear

function promises.additive(d)
  local list = {}
  for _, i in ipairs(d.shaped) do
    local v, w = "v" .. i, "w" .. i
    list[#list + 1] = { d.call { [i] = "3*" .. v }, "3*" .. d.call() }
    list[#list + 1] = { d.call { [i] = ("zeros(%s,%s)"):format(table.unpack(d.sizes[i])) }, "0*" .. d.call() }
    list[#list + 1] = { d.call { [i] = v .. " + " .. w }, d.call() .. " + " .. d.call { [i] = w }, "expanded" }
  end
  return list
end

function promises.jointly_linear(d)
  local scaled, negative, zero, sums = {}, {}, {}, {}
  for _, i in ipairs(d.shaped) do
    local v, w = "v" .. i, "w" .. i
    scaled[i], negative[i], sums[i] = "a*" .. v, "-" .. v, v .. " + " .. w
    zero[i] = ("zeros(%s,%s)"):format(table.unpack(d.sizes[i]))
  end
  local others = {}
  for _, i in ipairs(d.shaped) do
    others[i] = "w" .. i
  end
  return {
    { d.call(scaled), "a*" .. d.call() },
    { d.call(negative), "-" .. d.call() },
    { d.call(zero), "0*" .. d.call() },
    { d.call(sums), d.call() .. " + " .. d.call(others) },
  }
end

function promises.cyclic(d)
  local i = d.shaped[1]
  return { { d.call { [i] = "v1*w1" }, d.call { [i] = "w1*v1" } }, { d.call(), one(d, "X'") } }
end

function promises.matrixfunction(d)
  return {
    { d.call() .. "*v1", "v1*" .. d.call() },
    { d.call() .. "'", one(d, "X'") },
    { d.call() .. "*" .. one(d, "X^2"), one(d, "X^2") .. "*" .. d.call() },
  }
end

function promises.sum_of_entries(d)
  return { { one(d, "X'"), d.call() }, { one(d, "a*ones(m,n)"), "a*m*n" } }
end

function promises.comm(d)
  return { { d.call(), d.call { d.args[2], d.args[1] } } }
end

-- The result of the operator has a shape that the operator takes again, whatever the shapes.
function promises.assoc(d)
  local inner, outer = d.call { "v1", "v2" }, d.call { "v2", "w1" }
  return { { d.call { inner, "w1" }, d.call { "v1", outer } } }
end

-- Arguments that are no matrices stay as they are.
function promises.transpose_equivariant(d)
  local changes = {}
  for _, i in ipairs(d.shaped) do
    changes[i] = "v" .. i .. "'"
  end
  return { { d.call() .. "'", d.call(changes) } }
end

function promises.transpose_invariant(d)
  return { { d.call(), one(d, "X'") } }
end

function promises.odd(d)
  return { { one(d, "-X"), "-" .. d.call() } }
end

function promises.even(d)
  return { { one(d, "-X"), d.call() } }
end

-- Of complex letters, which the judge does not know: spec/cases/complex_spec.lua.
function promises.holomorphic()
  return {}
end

promises.branched = promises.holomorphic
promises.imaginary_unit, promises.conjugate_pair = promises.holomorphic, promises.holomorphic
promises.of_hermitian = promises.holomorphic
promises.real_part = promises.holomorphic

function promises.antilinear(d)
  return {
    { one(d, "X + w1"), d.call() .. " + " .. one(d, "w1") },
    { one(d, "3*a*X - 2*w1"), "3*" .. one(d, "a") .. "*" .. d.call() .. " - 2*" .. one(d, "w1") },
    { one(d, "X - X"), "0*v1" },
    { one(d, "2*a*sin(a)"), "2*" .. one(d, "a") .. "*" .. one(d, "sin(a)") },
    { one(d, "3/2"), "3/2" },
  }
end

function promises.involution(d)
  return { { one(d, d.call()), "v1" } }
end

function promises.entry(d)
  return { { d.call(), "v1(1,2)" }, { one(d, "X'"), "v1(2,1)" } }
end

function promises.unit_matrix()
  return {
    { "E(1,2,m,n)(1,2)", "1" },
    { "E(1,2,m,n)(2,1)", "0" },
    { "E(1,2,m,n)'", "E(2,1,n,m)" },
  }
end

-- Of 2 x 3 blocks.
function promises.member()
  local whole = "member(%s, 2, 3, M, N, p, q)"
  return {
    { whole:format "lonemember(ones(p,q), 2, 3, M, N, p, q)", "ones(p,q)" },
    { whole:format "lonemember(ones(p,q), 1, 3, M, N, p, q)", "zeros(p,q)" },
  }
end

function promises.lone_member(d)
  return { { "member(" .. d.call() .. ", 1, 2, M, N, p, q)", "v1" } }
end

-- These promise nothing about values: which form is printed, and that a rule file may define the name anew.
promises.avoid = function()
  return {}
end
promises.replaceable, promises.expectation = promises.avoid, promises.avoid

-- Where a random argument is not in the domain of a function.
local domains = {
  acos = "unit",
  atanh = "unit",
  log1p = "positive",
  logit = "unit",
  acosh = "above_one",
  asin = "unit",
  log = "positive",
  sqrt = "positive",
  logm = "near_identity",
  sqrtm = "near_identity",
}

local function reads_back(s, node)
  assert.is_true(assert(s:parse(tostring(node))) == node, tostring(node) .. " reads back to another node")
  assert.is_true(assert(s:parse(node:unicode())) == node, node:unicode() .. " reads back to another node")
end

local function keeps(s, d, pair)
  local left, right, expanded = table.unpack(pair, 1, 3)
  s:reset()
  assert(s:declare(table.unpack(d.decl)))
  local one_side, other = assert(s:parse(left)), assert(s:parse(right))
  reads_back(s, one_side)
  reads_back(s, other)
  if expanded then
    one_side, other = s:expand(one_side), s:expand(other)
  end
  assert.is_true(one_side == other, ("%s is %s, %s is %s"):format(left, tostring(one_side), right, tostring(other)))
  if numeric.functions[d.name] or numeric.functionals[d.name] then
    local domain = domains[d.name] and { v1 = domains[d.name], w1 = domains[d.name] }
    local same, why = judge.same(left, right, d.decl, { domain = domain, tolerance = 1e-7 })
    assert.is_true(same, ("%s and %s: %s"):format(left, right, tostring(why)))
  end
end

local function sorted(t)
  local names = {}
  for name in pairs(t) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

describe("a property of an operator of nabla", function()
  local s = assert(nabla.new())
  for _, name in ipairs(sorted(s.ops)) do
    local op = s.ops[name]
    for _, property in ipairs(sorted(promises)) do
      if op[property] and not op.gone and not op.expectation then -- of letters that are random
        local d = described(name, s.S, op)
        for _, pair in ipairs(promises[property](d)) do
          it(("%s holds: %s is %s"):format(property, pair[1], pair[2]), function()
            keeps(s, d, pair)
          end)
        end
      end
    end
  end

  it("is one of those that are tested here", function()
    local t = assert(nabla.new())
    local ok, err = t:rule "operator foo(A(n,n)): matrix (n,n) nonsense"
    assert.is_nil(ok)
    local known = assert(err.hint:match "^known: (.*)$")
    for property in known:gmatch "[%a_]+" do
      assert.is_function(promises[property], property)
    end
  end)
end)

-- Each property on an operator of which nothing else is known.
local DECLARED = {
  elementwise = "foo(A): same elementwise",
  linear = "foo(A(m,n)): matrix (m,n) linear",
  bilinear = "foo(A(m,n), B(n,p)): matrix (m,p) bilinear",
  additive = "foo(A(m,n)): matrix (m,n) additive",
  matrixfunction = "foo(A(n,n)): matrix (n,n) matrixfunction",
  antilinear = "foo(A(m,n)): matrix (m,n) antilinear",
  comm = "foo(A(n,n), B(n,n)): matrix (n,n) comm",
  assoc = "foo(A(n,n), B(n,n)): matrix (n,n) assoc",
  transpose_equivariant = "foo(A(n,n), B(n,n)): matrix (n,n) transpose_equivariant",
  transpose_invariant = "foo(A(n,n)): scalar transpose_invariant",
  odd = "foo(A(m,n)): matrix (m,n) odd",
  even = "foo(A(m,n)): matrix (m,n) even",
  involution = "foo(A(n,n)): matrix (n,n) involution",
}

describe("a property of an operator of a rule file", function()
  for _, property in ipairs(sorted(DECLARED)) do
    local s = assert(nabla.new())
    assert(s:rule("operator " .. DECLARED[property]))
    local d = described("foo", s.S, s.ops.foo)
    for _, pair in ipairs(promises[property](d)) do
      it(("%s holds: %s is %s"):format(property, pair[1], pair[2]), function()
        keeps(s, d, pair)
      end)
    end
  end

  it("additive does not let other scalars out, however terms are put together", function()
    local s = assert(nabla.new())
    assert(s:rule "operator foo(A(m,n)): matrix (m,n) additive")
    s:declare "scalar a, scalar c, matrix A(m,n), matrix B(m,n), vector x(n)"
    for _, text in ipairs { "foo(a*A)", "foo(a*A + c*B)", "a*foo(A) + c*foo(B)", "foo(a*c)" } do
      assert.are.equal(text, tostring(s:simplify(text)))
    end
    assert.are.equal("2*foo(B) + foo(a*A)", tostring(s:expand "foo(a*A + 2*B)"))
    local sum = tostring(s:parse "sum(i = 1..n, x(i)*foo(x(i)*A))")
    assert.are.equal("sum(i = 1..n, x(i)*foo(x(i)*A))", sum)
  end)

  it("elementwise holds for a function by its body or its slope", function()
    local s = assert(nabla.new())
    assert(s:rule "function mish(t) elementwise\n  derivative tanh(softplus(t))")
    keeps(s, described("mish", s.S, s.ops.mish), { "(mish(v1))(1,2)", "mish(v1(1,2))" })
  end)
end)
