-- One LaTeX document with the derivation of every answer of the source documents, for `make latex`:
--
--     lua5.4 tools/try_latex.lua > derivations.tex

local cases = require "spec.support.cases"
local nabla = require "nabla"

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

print [[
\documentclass{article}
\usepackage{amsmath,amssymb}
\begin{document}]]
for _, case in ipairs(cases.seeds()) do
  print((case.id:gsub("_", "\\_")))
  print(assert(derive(case)):latex())
end
print "\\end{document}"
