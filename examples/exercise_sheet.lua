-- A sheet of exercises in LaTeX with solutions in English and Chinese:
--
--     lua5.4 examples/exercise_sheet.lua > sheet.tex && lualatex sheet.tex
--
-- Every solution is a derivation that nabla has found and checked.

local nabla = require "nabla"

local EXERCISES = {
  { "vector a(n), vector x(n)", "a'*x", "x" },
  { "vector x(n), matrix A(n,n)", "x'*A*x", "x" },
  { "matrix A(m,n), vector b(m), vector x(n)", "norm2(A*x - b)^2", "x" },
  { "vector x(n), vector a(n)", "norm2(x - a)", "x" },
  { "matrix A(m,n), vector w(n), vector y(m)", "sum(softplus(A*w)) - y'*A*w", "w" },
  { "matrix X(n,n) invertible", "logdet(X)", "X" },
  { "matrix X(n,n) invertible, vector a(n), vector b(n)", "a'*inv(X)*b", "X" },
  { "matrix X(m,n), matrix A(m,m), matrix B(n,n)", "tr(X'*A*X*B)", "X" },
  { "vector x(n), matrix A(n,n) symmetric", "x'*A*x/(x'*x)", "x" },
  { "matrix S(n,n) spd, vector x(n), vector mu(n)", "-logdet(S)/2 - (x - mu)'*inv(S)*(x - mu)/2", "S" },
}

local LANGUAGES = {
  { name = "en", title = "Solutions" },
  { name = "zh", title = "解答" },
}

local session = nabla.new { layout = "denominator" }

local function print_all(...)
  for _, text in ipairs { ... } do
    io.write(text, "\n")
  end
end

local derivations = {}
for i, exercise in ipairs(EXERCISES) do
  session:reset()
  session:declare(exercise[1])
  derivations[i] = assert(session:derive(exercise[2], exercise[3]))
end

print_all(
  "\\documentclass{article}",
  "\\usepackage{amsmath,amssymb}",
  "\\usepackage{ctex}",
  "\\begin{document}",
  "\\section*{Exercises}",
  "\\begin{enumerate}"
)
for _, derivation in ipairs(derivations) do
  local f, answer = derivation[1], derivation[#derivation]
  print_all(
    ("\\item Find $%s$ of $%s = %s$."):format(
      derivation:write(answer.left, "latex"),
      derivation:write(f.left, "latex"),
      derivation:write(f.right, "latex")
    )
  )
end
print_all "\\end{enumerate}"
for _, language in ipairs(LANGUAGES) do
  print_all(("\\section*{%s}"):format(language.title), "\\begin{enumerate}")
  for _, derivation in ipairs(derivations) do
    print_all("\\item\\leavevmode", derivation:latex { lang = language.name })
  end
  print_all "\\end{enumerate}"
end
print_all "\\end{document}"
