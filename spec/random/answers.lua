--- Random answers to print and to read back: derivatives of expressions of all operators, with families of letters and blocks; with
-- complex letters; with means of random letters.
--
--     local next_answer = answers.new("a seed", { "real", "complex", "means" })
--     local answer, s, problem = next_answer()
--
-- The kinds take turns. Problems that nabla refuses, and answers that are zero, are left out.

local complex_problem = require "spec.random.complex_problem"
local generator = require "spec.random.generator"
local nabla = require "nabla"
local randoms = require "spec.judge.random"

local M = {}

--- All kinds.
M.kinds = { "real", "complex", "means" }

-- ---------------------------------------------------------------------------------------------- means

local MEANS = [[random vector x(n), random vector y(m), random scalar z, random matrix Z(m,n),
  random vector u(n) mean c covariance S, vector w(n), vector b(m), vector c(n), scalar t,
  matrix A(m,n), matrix B(n,n), matrix S(n,n) symmetric, matrix C(m,m)]]

-- A scalar or a column (of a length "n" or "m") that holds random letters.
local function random_column(r, length)
  local list = {
    n = { "x", "u", "(x - c)", "B*x", "A'*y", "Z'*b", "t*x", "tanh(x)", "(u + x)", "(B*u - c)" },
    m = { "y", "A*x", "(y - A*x)", "Z*w", "(Z*x - b)", "(A*u - b)", "z*b", "sigmoid(A*x + b)" },
  }
  return r:pick(list[length])
end

local function mean(r)
  local kind, length = r:integer(9), r:pick { "n", "m" }
  local square = length == "n" and "B" or "C"
  local fixed = length == "n" and r:pick { "w", "c", "(A'*b)" } or r:pick { "b", "(A*w)", "(C*b)" }
  local v = random_column(r, length)
  if kind <= 2 then
    return ("E[norm2(%s - %s)^2]"):format(v, fixed)
  elseif kind == 3 then
    return ("E[(%s)'*%s*(%s)]"):format(v, square, random_column(r, length))
  elseif kind == 4 then
    return ("E[(z - t*%s'*(%s))^2]"):format(fixed, v)
  elseif kind == 5 then
    return ("E[log(1 + exp(-%s'*(%s)))]"):format(fixed, v)
  elseif kind == 6 then
    return ("norm2(E[%s] - %s)^2"):format(v, fixed)
  elseif kind == 7 then
    return ("E[(%s'*(%s))*(z + t)]"):format(fixed, v)
  elseif kind == 8 then
    return "E[tr((Z - A)'*C*(Z - A))]"
  end
  return ("Var(%s'*(%s))"):format(fixed, v)
end

local BY = { "w", "b", "c", "t", "A", "B", "C" }

local function problem_of_means(r)
  local expr = mean(r)
  for _ = 2, r:integer(3) do
    expr = ("%s %s %s"):format(expr, r:pick { "+", "-" }, r:pick { "t*", "", "2*" } .. mean(r))
  end
  return { decl = { MEANS }, expr = expr, wrt = r:pick(BY), layout = r:pick { "denominator", "numerator", "mixed" } }
end

-- ---------------------------------------------------------------------------------------------- answers

local makers = {}

function makers.real(seed)
  local g, number = generator.new(seed), 0
  return function()
    number = number + 1
    return g:problem(1 + number % 8)
  end
end

function makers.complex(seed)
  local number = 0
  return function()
    number = number + 1
    local problem = complex_problem.problem(seed .. " " .. number)
    problem.decl = type(problem.decl) == "table" and problem.decl or { problem.decl }
    return problem
  end
end

function makers.means(seed)
  local r = randoms.new(seed)
  return function()
    return problem_of_means(r)
  end
end

local function answer_of(s, problem)
  local f = assert(s:parse(problem.expr))
  local options = { convention = problem.convention or "free" }
  if problem.op == "hessian" or problem.wrt2 then
    return s:hessian(f, problem.wrt, problem.wrt2, options)
  end
  return s:diff(f, problem.wrt, options)
end

local function is_zero(answer)
  return answer.op == "zeros" or tostring(answer) == "0" or tostring(answer):find "^zeros%b()'?$" ~= nil
end

--- A function that gives one random answer after the other: the node, its session, and the problem.
-- @param seed
-- @tparam[opt] {string,...} kinds of problems, which take turns; default: all
function M.new(seed, kinds)
  kinds = kinds or M.kinds
  local sessions, sources, turn = {}, {}, 0
  for i, kind in ipairs(kinds) do
    sources[i] = makers[kind](seed)
  end
  return function()
    turn = turn + 1
    while true do
      local problem = sources[(turn - 1) % #kinds + 1]()
      local s = sessions[problem.layout] or assert(nabla.new { layout = problem.layout })
      sessions[problem.layout] = s
      s:reset()
      assert(s:declare(table.unpack(problem.decl)))
      local answer = answer_of(s, problem)
      if answer and not is_zero(answer) then
        return answer, s, problem
      end
    end
  end
end

return M
