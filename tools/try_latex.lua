-- One LaTeX document with the derivation of every answer of the source documents, for `make latex`:
--
--     lua5.4 tools/try_latex.lua > derivations.tex
--     lua5.4 tools/try_latex.lua zh > derivations-zh.tex     the reasons in Chinese, for XeLaTeX or LuaLaTeX
--
-- The Chinese document also has a derivation by a member of a family, one of blocks, and one that goes on to the solution.

local cases = require "spec.support.cases"
local nabla = require "nabla"

local lang = arg[1]
local session = assert(nabla.new())

local function derive(case)
  session:reset()
  if #case.decl > 0 then
    assert(session:declare(table.unpack(case.decl)))
  end
  local opts = { layout = case.layout, convention = case.convention }
  if case.op == "hessian" then
    return session:derive_hessian(case.expr, case.wrt, case.wrt2, opts)
  end
  return session:derive(case.expr, case.wrt, opts)
end

-- Derivations of other kinds, led by a user as well.
local function others()
  session:reset()
  assert(session:declare "vector x_i(n) for i = 1..N, scalar y_i for i = 1..N, vector w(n)")
  assert(session:declare "matrix X(n,n), matrix B(n,n)")
  assert(session:declare "matrix A(m,n) fullcolumnrank, vector b(m), vector x(n)")
  local led = assert(session:derivation("f = norm2(A*x - b)^2", "x"))
  led:let "r = A*x - b"
  led:stationary():solve()
  return {
    assert(session:derive("sum(i = 1..N, (y_i - w'*x_i)^2)", "x_k")),
    assert(session:derive("logdet([X, B; B', I(n)])", "X")),
    assert(session:derive("norm2(A*x - b)^2", "x", { names = true, detail = "fine" })),
    led,
  }
end

print [[
\documentclass{article}
\usepackage{amsmath,amssymb}]]
if lang == "zh" then
  print [[
\usepackage{fontspec}
\setmainfont{AR PL SungtiL GB}]]
end
print "\\begin{document}"
for _, case in ipairs(cases.seeds()) do
  print((case.id:gsub("_", "\\_")))
  print(assert(derive(case)):latex { lang = lang })
end
for _, derivation in ipairs(lang == "zh" and others() or {}) do
  print(derivation:latex { lang = lang })
end
print "\\end{document}"
