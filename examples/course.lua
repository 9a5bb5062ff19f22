-- One program, twice: by the rules that come with nabla, and by those of a course (course.rules, beside this file).
-- From the root of the repository:
--     LUA_PATH="./lua/?.lua;./lua/?/init.lua;;" LUA_CPATH="./build/?.so;;" lua5.4 examples/course.lua

local nabla = require "nabla"

local here = arg and arg[0]:match "^(.*)[/\\]" or "examples"

local problems = {
  { "softmin(W*x)", "x" },
  { "softmin(x)'*b", "x" },
  { "average(A*x)", "x" },
  { "x'*A*x", "x" },
  { "tr(A*X)", "X" },
  { "exp(t*x)", "t" },
  { "det(X)", "X" },
}

local function show(title, session)
  print(title .. ", layout " .. session.layout)
  session:declare "scalar t, vector x(n), vector b(n), matrix W(n,n), matrix A(n,n), matrix X(n,n)"
  for _, problem in ipairs(problems) do
    local answer, why = session:diff(problem[1], problem[2])
    local text = answer and tostring(answer) or "cannot: " .. (why.message or tostring(why))
    print(string.format("  d(%s)/d%s = %s", problem[1], problem[2], text))
  end
  for _, name in ipairs { "quadratic form", "proposition 8", "least squares" } do
    print(string.format("  identity %q: %s", name, session.identities[name] and "known" or "not known"))
  end
end

show("nabla", assert(nabla.new()))
show("the course", assert(nabla.new { rules = { here .. "/course.rules" } }))
