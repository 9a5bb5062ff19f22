-- Matrices of blocks (spec/data/blocks.cases): derivatives as a textbook has them, in every layout rightly by
-- numbers. What holds between blocks; how they are read and printed; what is refused.

local nabla = require "nabla"
local cases = require "spec.support.cases"
local handles = require "nabla.session.handles"
local judge = require "spec.judge"
local sample = require "spec.support.sample"

local known = {}

local function session(layout, decl)
  layout = layout or "denominator"
  known[layout] = known[layout] or assert(nabla.new { layout = layout })
  local s = known[layout]
  s:reset()
  if decl then
    assert(s:declare(table.unpack(decl)))
  end
  return s
end

local layouts = {}
for name in pairs(session().layouts) do
  layouts[#layouts + 1] = name
end
table.sort(layouts)

describe("a derivative of blocks", function()
  for _, case in ipairs(sample.of(cases.read "spec/data/blocks.cases")) do
    it(("%s: %s by %s is %s"):format(case.id, case.expr, case.wrt, case.expected), function()
      local s = session(case.layout, case.decl)
      local answer = assert(s:diff(case.expr, case.wrt))
      assert.is_true(s:parse(tostring(answer)) == s:parse(case.expected), tostring(answer))
    end)

    it(case.id .. " is right in every layout that has it", function()
      local tried = 0
      for _, layout in ipairs(layouts) do
        local s = session(layout, case.decl)
        local answer, why = s:diff(case.expr, case.wrt)
        if answer then
          tried = tried + 1
          case.layout, case.answer, case.draws = layout, tostring(answer), 1
          local right, trouble = judge.check(case)
          assert.is_true(right, ("%s: %s: %s"):format(layout, case.answer, tostring(trouble)))
          assert.is_true(s:parse(case.answer) == answer, case.answer .. " reads back to another node")
        else
          assert.truthy(tostring(why):find("layout has no", 1, true), layout .. ": " .. tostring(why))
        end
      end
      assert.is_true(tried > 0)
    end)
  end
end)

local DECLARED = "matrix A(m,n), matrix B(m,p), matrix C(q,n), matrix D(q,p), matrix E(m,n), matrix F(m,p), "
  .. "matrix H(n,r), matrix R(p,r), matrix S(n,n), matrix T(p,p), matrix U(n,p), matrix V(p,n), "
  .. "matrix W(n,n) invertible, matrix P(n,n) symmetric, matrix Q(p,p) symmetric, vector x(n), vector y(p), "
  .. "vector u(m), vector v(q), scalar a, scalar b, scalar c, scalar d"

describe("an identity between blocks", function()
  local identities = {
    { "[A, B] + 2*[E, F]", "[A + 2*E, B + 2*F]" },
    { "[A; C] - [E; C]", "[A - E; zeros(q,n)]" },
    { "-[A, B; C, D]", "[-A, -B; -C, -D]" },
    { "a*[A, B]/b", "[a*A/b, a*B/b]" },
    { "[A, B; C, D]'", "[A', C'; B', D']" },
    { "[A; C]'", "[A', C']" },
    { "[[A; C], [B; D]]", "[A, B; C, D]" },
    { "hcat(A, B, E)", "[A, B, E]" },
    { "hcat(hcat(A, B), E)", "[A, B, E]" },
    { "[A, B; C, D]*[H; R]", "[A*H + B*R; C*H + D*R]" },
    { "[A, B]*[H; R]", "A*H + B*R" },
    { "[A; C]*[H, U]", "[A*H, A*U; C*H, C*U]" },
    { "[S, U; V, T]*[S, U; V, T]*[x; y]", "[S*(S*x + U*y) + U*(V*x + T*y); V*(S*x + U*y) + T*(V*x + T*y)]" },
    { "[A, B; C, D](1,2)", "A(1,2)" },
    { "[u; v]*[x', y']", "[u*x', u*y'; v*x', v*y']" },
    { "[u', v']*[A, B; C, D]*[x; y]", "u'*A*x + u'*B*y + v'*C*x + v'*D*y" },
    { "exp([A, B])", "[exp(A), exp(B)]" },
    { "[u; v].*[u; v]", "[u.^2; v.^2]" },
    { "[u; v].^2", "[u.^2; v.^2]" },
    { "sum([A, B; C, D])", "sum(A) + sum(B) + sum(C) + sum(D)" },
    { "norm2([A, B; C, D])^2", "norm2(A)^2 + norm2(B)^2 + norm2(C)^2 + norm2(D)^2" },
    { "norm1([u; v])", "norm1(u) + norm1(v)" },
    { "tr([S, U; V, T])", "tr(S) + tr(T)" },
    { "tr([S, U, x; V, T, y; x', y', a])", "tr(S) + tr(T) + a" },
    { "diagv([S, U; V, T])", "[diagv(S); diagv(T)]" },
    { "vec([A, B])", "[vec(A); vec(B)]" },
    { "kron([A; C], B)", "[kron(A, B); kron(C, B)]" },
    { "diag([u; v])", "[diag(u), zeros(m,q); zeros(q,m), diag(v)]" },
    { "[I(n), 0; 0, I(p)]*[x; y]", "[x; y]" },
    { "[I(n), zeros(n,p)]*[x; y]", "x" },
    { "[zeros(p,n), I(p)]*[x; y]", "y" },
    { "[zeros(n), S]*[a; x]", "S*x" },
    { "det([S, U; 0, T])", "det(S)*det(T)" },
    { "logdet([S, 0; V, T])", "logdet(S) + logdet(T)" },
    { "inv([S, 0; 0, T])", "[inv(S), 0; 0, inv(T)]" },
    { "inv([S, U; 0, T])*[x; y]", "[inv(S)*x - inv(S)*U*inv(T)*y; inv(T)*y]" },
    { "[S, 0; 0, T]^3", "[S^3, 0; 0, T^3]" },
    { "expm([S, 0; 0, T])", "[expm(S), 0; 0, expm(T)]" },
    { "det([S, x; x', a])", "a*det(S) - x'*adj(S)*x" },
    { "det([W, U; V, T])", "det(W)*det(T - V*inv(W)*U)" },
    { "logdet([S, U; V, T])", "logdet([T, V; U, S])" },
    { "det([a, b; c, d])", "a*d - b*c" },
    { "inv([a, b; c, d])", "[d, -b; -c, a]/(a*d - b*c)" },
    { "det([1, 2; 3, 4])", "-2" },
    { "det([0, 1; 1, 0])", "-1" },
    { "det([2, 1, 0; 1, 3, 1; 0, 1, 4])", "18" },
    { "det([0, 1, 2; 1, 0, 3; 4, 5, 6])", "16" },
    { "[1, 2; 3, 4]*[5; 6]", "[17; 39]" },
    { "[1, 2; 3, 4]*inv([1, 2; 3, 4])", "I(2)" },
    { "tr([1, 2, 3; 4, 5, 6; 7, 8, 9])", "15" },
    { "[0, 1; 1, 0]^2", "[0, 1; 1, 0]*[0, 1; 1, 0]" },
    { "[A]", "A" },
    { "[[A, B]]", "[A, B]" },
    { "[a]", "a" },
  }
  for _, pair in ipairs(identities) do
    it(("holds: %s is %s"):format(pair[1], pair[2]), function()
      local s = session(nil, { DECLARED })
      local verdict, how = s:equal(pair[1], pair[2])
      assert.equal("yes", verdict, tostring(how))
    end)
  end

  it("does not hold where blocks are exchanged", function()
    local s = session(nil, { DECLARED })
    assert.equal("no", (s:equal("[S, U; V, T]", "[S, -U; V, T]")))
  end)
end)

describe("facts about blocks", function()
  local s = assert(nabla.new())
  s:declare "matrix P(n,n) symmetric, matrix Q(p,p) symmetric, matrix U(n,p), matrix V(n,n) spd, matrix W(p,p) spd"
  for _, case in ipairs {
    { "symmetric", "[P, U; U', Q]", true },
    { "symmetric", "[P, U; -U', Q]", false },
    { "spd", "[V, 0; 0, W]", true },
    { "invertible", "[V, U; 0, W]", true },
    { "diagonal", "[P, 0; 0, Q]", false },
  } do
    it(("%s of %s: %s"):format(case[1], case[2], case[3]), function()
      assert.equal(case[3], s.S:property(case[1], handles.id_of(s, assert(s:parse(case[2])))) and true or false)
    end)
  end
end)

describe("blocks as text", function()
  local s = assert(nabla.new())
  for _, text in ipairs {
    "[A, B; C, D]",
    "[A, B]'",
    "[x; y]",
    "-[A, B; C, D]",
    "[[A; B], C]",
    "[A, B; C]",
    "[[A, B; C, D], E; F, G]",
    "x'*inv([A, B; C, D])*y",
    "[A, 0; 0, D]",
    "[1, 2; 3, 4]",
    "[0, 0; 0, 1]",
    "[-A, B]",
    "X - [A, B; C, D]",
  } do
    it(text .. " is printed as it was read, and read back from Unicode and LaTeX", function()
      local node = assert(s:parse(text))
      assert.equal(text, tostring(node))
      assert.is_true(s:parse(node:unicode()) == node)
      s:reset()
      node = assert(s:parse(text))
      assert.equal(text, tostring(assert(s:parse(node:latex(), { latex = true }))))
    end)
  end

  for _, pair in ipairs {
    { "[A B; C D]", "[A, B; C, D]" },
    { "[A*x B]", "[A*x, B]" },
    { "[A - B, C]", "[A - B, C]" },
    { "det([A b; b' c])", "c*det(A) - b'*adj(A)*b" },
    { "[A, zeros(m,p); zeros(q,n), D]", "[A, 0; 0, D]" },
    { "[0, 0]", "[0, 0]" },
    { "[0]", "0" },
    { "[P, P; 0, P*D(u, t)]", "[P, P; zeros(n, n), P*D(u, t)]" },
  } do
    it(pair[1] .. " is read as " .. pair[2], function()
      s:reset()
      s:declare "scalar t, matrix u(n,n) of t, matrix P(n,n)"
      assert.equal(pair[2], tostring(assert(s:parse(pair[1]))))
      s:reset()
    end)
  end

  for _, pair in ipairs {
    { [[\begin{bmatrix} A & B \\ C & D \end{bmatrix}\begin{bmatrix} x \\ y \end{bmatrix}]], "[A, B; C, D]*[x; y]" },
    { [[\begin{pmatrix} A & B \\ B^\top & D \\ \end{pmatrix}]], "[A, B; B', D]" },
    { [[\left[\begin{array}{c|c} A & B \\ C & D \end{array}\right]^{-1}]], "inv([A, B; C, D])" },
    { [[\begin{vmatrix} A & b \\ b^T & c \end{vmatrix}]], "c*det(A) - b'*adj(A)*b" },
    { [[\left[ x; y \right]^\top M [x; y] ]], "[x; y]'*M*[x; y]" },
    { [[\begin{bmatrix} \mathbf A & \mathbf 0 \\ \mathbf 0 & \mathbf D \end{bmatrix}]], "[A, 0; 0, D]" },
    { [[\begin{bmatrix} A & 0 \\ 0 & D \end{bmatrix}]], "[A, 0; 0, D]" },
  } do
    it(pair[1] .. " is read as " .. pair[2], function()
      s:reset()
      local node = assert(s:parse(pair[1], { latex = true }))
      s:reset()
      assert.equal(tostring(assert(s:parse(pair[2]))), tostring(node))
    end)
  end
end)

describe("blocks that do not fit", function()
  local s = assert(nabla.new())
  s:declare "matrix A(m,n), matrix B(m,p), matrix C(q,n), matrix D(q,p), vector x(n)"
  for _, case in ipairs {
    { "[A, B; C]", "1:8", "row 1 of the blocks has n+p columns, row 2 n: rows must be as wide" },
    { "[A, D]", "1:5", "in row 1 of the blocks, block 1 is m x n, block 2 q x p: they must have as many rows" },
    { "[A, B; C, B]", "1:11", "in row 2 of the blocks, block 1 is q x n, block 2 m x p: they must have as many rows" },
    { "[A, 0]", "1:5", "no other block says how wide this block 0 is" },
    { "[]", "1:2", "expected an expression, found `]`" },
    { "[A, B", "1:1", "this `[` is never closed" },
    { "[A -B]", "1:5", "expected a sign between spaces, as in [A - b], or a comma, as in [A, -b], found `B`" },
    { "det([A, B])", "1:6", "det of a m x n+p matrix: it must be square" },
  } do
    it(case[1] .. " is refused", function()
      local node, err = s:parse(case[1], { habits = false })
      assert.is_nil(node)
      assert.equal(case[2], ("%d:%d"):format(err.line, err.column))
      assert.equal(case[3], err.message)
    end)
  end
end)

describe("many blocks", function()
  it("stand side by side", function()
    local s = assert(nabla.new())
    local names, total = {}, {}
    for i = 1, 100 do
      names[i] = "x" .. i
      total[i] = "vector x" .. i .. "(n)"
    end
    assert(s:declare(table.concat(total, ", ")))
    local text = table.concat(names, "; ")
    assert.equal("2*x50", tostring(assert(s:diff("norm2([" .. text .. "])^2", "x50"))))
    local node = assert(s:parse("-2*[" .. text .. "]"))
    assert.is_true(s:parse(tostring(node)) == node)
  end)

  it("nest", function()
    local s = assert(nabla.new())
    local text = "x"
    for _ = 1, 60 do
      text = "[" .. text .. "; x]"
    end
    local total = tostring(assert(s:parse(("sum(%s)"):format(text))))
    assert.is_true(s:parse(total) == s:parse "61*sum(x)", total)
  end)
end)
