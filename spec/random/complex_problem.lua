--- Random problems with complex letters, each judged by differences in real and imaginary direction (spec/judge/complex.lua).
--
--     local trial = require "spec.random.complex_problem"
--     trial.run(seed, count, report)      --> { right =, refused =, wrong =, reasons = { reason -> number } }
--
-- An expression is drawn by its shape: a scalar, a vector, a matrix. Logarithms and roots are taken of positive real scalars.

local judge = require "spec.judge.complex"
local nabla = require "nabla"
local random = require "spec.judge.random"

local M = {}

local DECL = [[complex scalar z, complex scalar w, complex vector x(n), complex vector y(n), complex vector u(m), complex matrix Z(m,n),
  complex matrix W(n,n), complex matrix B(n,n), complex matrix F(m,m), complex matrix V(n,n) invertible, complex matrix R(n,n) hermitian,
  complex matrix Q(n,n) hpd, complex matrix J(n,n) skewhermitian, complex matrix U(n,n) unitary, complex matrix T(n,n) symmetric,
  scalar c, vector r(n), matrix M(n,n)]]

--- The reasons for which a problem may be refused: patterns of messages.
M.reasons = {
  "not known to be its own conjugate", -- a gradient of what is not real
  "layout has no", -- a layout without such a derivative
  "entries and their conjugates are not independent", -- by a unitary matrix
  "the limit", "steps", "took longer",
}

-- ---------------------------------------------------------------------------------------------- expressions

local draw = {}

local LETTERS = {
  scalar = { "z", "w", "conj(z)", "conj(w)", "c", "2", "3", "1i" },
  ["n 1"] = { "x", "y", "conj(x)", "conj(y)", "r" },
  ["m 1"] = { "u", "conj(u)" },
  ["m n"] = { "Z", "conj(Z)" },
  ["n m"] = { "Z'", "Z^H" },
  ["m m"] = { "F", "F^H", "I(m)" },
  ["n n"] = { "W", "B", "W^H", "B'", "conj(W)", "V", "R", "Q", "J", "U", "U^H", "T", "M", "I(n)" },
}

local SIZES = { "n", "m" }

local function matrix(r, rows, cols, depth)
  local key = rows .. " " .. cols
  local known = LETTERS[key]
  if rows == "1" and cols == "1" then
    return draw.scalar(r, depth)
  elseif depth <= 0 and known then
    return r:pick(known)
  elseif rows == "1" then
    return ("(%s)%s"):format(matrix(r, cols, "1", depth), r:pick { "'", "^H" })
  end
  local kind = r:integer(9)
  if kind <= 2 or not known then
    local middle = r:pick(SIZES)
    return ("%s*%s"):format(matrix(r, rows, middle, depth - 1), matrix(r, middle, cols, depth - 1))
  elseif kind <= 4 then
    local sign = r:pick { "+", "-" }
    return ("(%s %s %s)"):format(matrix(r, rows, cols, depth - 1), sign, matrix(r, rows, cols, depth - 1))
  elseif kind == 5 then
    return ("%s*%s"):format(draw.factor(r, depth - 1), matrix(r, rows, cols, depth - 1))
  elseif kind == 6 then
    return ("conj(%s)"):format(matrix(r, rows, cols, depth - 1))
  elseif kind == 7 and cols ~= "1" then
    return ("(%s)%s"):format(matrix(r, cols, rows, depth - 1), r:pick { "'", "^H" })
  elseif kind == 8 then
    return ("((%s).*(%s))"):format(matrix(r, rows, cols, depth - 1), matrix(r, rows, cols, depth - 1))
  elseif kind == 9 and rows == cols then
    local which = r:integer(4)
    if which == 1 then
      return ("inv(2*I(%s) + %s)"):format(rows, matrix(r, rows, cols, depth - 1))
    elseif which == 2 then
      return ("diag(%s)"):format(matrix(r, rows, "1", depth - 1))
    end
    return rows == "n" and r:pick { "inv(V)", "inv(Q)", "inv(V^H)" } or "inv(3*I(m) + F)"
  elseif kind == 9 and cols == "1" then
    return ("%s(%s)"):format(r:pick { "exp", "sin", "cos" }, matrix(r, rows, cols, 0))
  end
  return r:pick(known)
end

-- What may stand in front of a matrix.
function draw.factor(r, depth)
  return depth <= 0 and r:pick(LETTERS.scalar) or ("(%s)"):format(draw.scalar(r, depth))
end

-- A real scalar that is positive.
local function positive(r, depth)
  local size = r:pick(SIZES)
  local kind = r:integer(5)
  if kind == 1 then
    local a = matrix(r, size, "1", depth - 1)
    return ("(1 + (%s)^H*(%s))"):format(a, a)
  elseif kind == 2 then
    local a = matrix(r, "n", "1", depth - 1)
    return ("(1 + (%s)^H*Q*(%s))"):format(a, a)
  elseif kind == 3 then
    return ("(1 + abs(%s)^2)"):format(draw.scalar(r, depth - 1))
  elseif kind == 4 then
    local a = matrix(r, size, r:pick(SIZES), depth - 1)
    return ("(2 + norm2(%s)^2)"):format(a)
  end
  local a = matrix(r, size, r:pick(SIZES), depth - 1)
  return ("det(I(%s) + (%s)*(%s)^H)"):format(size, a, a)
end

function draw.scalar(r, depth)
  if depth <= 0 then
    return r:pick(LETTERS.scalar)
  end
  local kind, size, other = r:integer(21), r:pick(SIZES), r:pick(SIZES)
  if kind == 1 then
    return ("(%s + %s)"):format(draw.scalar(r, depth - 1), draw.scalar(r, depth - 1))
  elseif kind == 2 then
    return ("%s*%s"):format(draw.factor(r, depth - 1), draw.factor(r, depth - 1))
  elseif kind == 3 then
    return ("(%s)/%s"):format(draw.scalar(r, depth - 1), positive(r, depth - 1))
  elseif kind == 4 then
    return ("log%s"):format(positive(r, depth - 1):gsub("^det(%b())$", "(det%1)"))
  elseif kind == 5 then
    return ("sqrt(%s)"):format(positive(r, depth - 1))
  elseif kind <= 8 then
    return ("(%s)^H*(%s)"):format(matrix(r, size, "1", depth - 1), matrix(r, size, "1", depth - 1))
  elseif kind <= 10 then
    return ("tr((%s)*(%s))"):format(matrix(r, size, other, depth - 1), matrix(r, other, size, depth - 1))
  elseif kind == 11 then
    return ("norm2(%s)^2"):format(matrix(r, size, other, depth - 1))
  elseif kind == 12 then
    return ("%s(%s)"):format(r:pick { "re", "im", "conj", "exp", "sin" }, draw.scalar(r, depth - 1))
  elseif kind == 13 then
    return ("abs(%s)^2"):format(draw.scalar(r, depth - 1))
  elseif kind == 14 then
    return ("det(%s)"):format(matrix(r, size, size, 1))
  elseif kind == 15 then
    return ("log(%s)"):format(draw.scalar(r, depth - 1))
  elseif kind == 16 then
    return ("(%s)^(1/2)"):format(draw.scalar(r, depth - 1))
  elseif kind == 17 then
    return ("abs(%s)"):format(draw.scalar(r, depth - 1))
  elseif kind == 18 then
    return ("norm1(%s)"):format(matrix(r, size, r:pick { "1", other }, depth - 1))
  elseif kind == 19 then
    return ("sum(abs(%s).^%s)"):format(matrix(r, size, "1", depth - 1), r:pick { "2", "3", "4" })
  elseif kind == 20 then
    return ("%s(re(%s))"):format(r:pick { "relu", "sigmoid", "abs" }, draw.scalar(r, depth - 1))
  elseif kind == 21 then
    local inner = r:pick { "1i*R", "R", "W/4", "J", "c*R" }
    return ("tr((%s)*expm(%s))"):format(r:pick { "I(n)", "R", "B" }, inner)
  end
  return ("sum(%s)"):format(matrix(r, size, other, depth - 1))
end

local VARIABLES = {
  "z", "conj(z)", "x", "conj(x)", "y", "conj(y)", "u", "conj(u)", "Z", "conj(Z)", "W", "conj(W)", "V", "conj(V)", "R",
  "Q", "conj(R)", "J", "T", "conj(T)", "x(1)", "conj(x(1))", "Z(1,2)", "conj(Z(1,2))", "c", "r",
}

local LAYOUTS = { "denominator", "denominator", "numerator", "mixed", "vec", "block" }
local CONVENTIONS = { "free", "free", "free", "gradient", "brandwood" }
local ANY_SHAPE = { "vec", "block" } -- layouts that have a derivative of any shape by any other

-- A real scalar: what gradients are of.
local function real_scalar(r, depth)
  local kind = r:integer(4)
  if kind == 1 then
    return ("log%s"):format(positive(r, depth):gsub("^det(%b())$", "(det%1)"))
  end
  local inner = draw.scalar(r, depth)
  return kind == 2 and ("abs(%s)^2"):format(inner) or ("%s(%s)"):format(kind == 3 and "re" or "im", inner)
end

--- A random problem: expr, wrt, layout, convention; perhaps wrt2.
function M.problem(seed)
  local r = random.new("complex " .. seed)
  local problem = { decl = DECL, layout = r:pick(LAYOUTS), convention = r:pick(CONVENTIONS), wrt = r:pick(VARIABLES) }
  local kind = r:integer(12)
  if kind <= 2 then
    problem.expr = matrix(r, r:pick(SIZES), kind == 1 and "1" or r:pick(SIZES), 2)
    problem.convention, problem.layout = "free", r:pick(ANY_SHAPE)
  elseif problem.convention ~= "free" then
    problem.expr = real_scalar(r, r:integer(3))
  else
    problem.expr = draw.scalar(r, r:integer(4))
  end
  if kind == 3 then
    problem.convention, problem.layout = "free", "denominator"
    problem.wrt, problem.wrt2 = r:pick { "x", "conj(x)", "z", "conj(z)" }, nil
    problem.wrt2 = problem.wrt:find "x" and r:pick { "x", "conj(x)", "y", "conj(y)" } or r:pick { "z", "conj(z)" }
  end
  return problem
end

-- ---------------------------------------------------------------------------------------------- trials

local sessions = {}

local function session(layout, convention)
  local key = layout .. " " .. convention
  if not sessions[key] then
    sessions[key] = assert(nabla.new { layout = layout, convention = convention })
    assert(sessions[key]:declare(DECL))
  end
  return sessions[key]
end

-- Is a reason one that is known?
local function known_reason(message)
  for _, pattern in ipairs(M.reasons) do
    if message:find(pattern, 1, true) then
      return pattern
    end
  end
end

--- A problem tried: "right", "refused" and the reason, "wrong" and how, "unjudged" and why.
function M.try(problem)
  local s = session(problem.layout, problem.convention)
  local answer, err
  if problem.wrt2 then
    answer, err = s:hessian(problem.expr, problem.wrt, problem.wrt2)
  else
    answer, err = s:diff(problem.expr, problem.wrt)
  end
  if not answer then
    local message = tostring(err)
    local reason = known_reason(message)
    return reason and "refused" or "wrong", reason or message
  end
  problem.answer = tostring(answer)
  local right, why = judge.check(problem)
  if right then
    return "right"
  end
  if tostring(why):find("singular", 1, true) then -- at these sizes
    return "unjudged", why
  end
  -- is the expression one that has no value, or none that numbers tell?
  local again = setmetatable({ answer = problem.expr, wrt2 = false }, { __index = problem })
  local _, trouble = judge.value(again)
  return trouble and "unjudged" or "wrong", (trouble or why or "?") .. ": " .. problem.answer
end

--- Try problems; report(number, problem, verdict, why) is called for each that is not right.
function M.run(first, count, report)
  local result = { right = 0, refused = 0, wrong = 0, unjudged = 0, reasons = {} }
  for number = first, first + count - 1 do
    local problem = M.problem(number)
    local verdict, why = M.try(problem)
    result[verdict] = result[verdict] + 1
    if verdict == "refused" then
      result.reasons[why] = (result.reasons[why] or 0) + 1
    end
    if verdict ~= "right" and report then
      report(number, problem, verdict, why)
    end
  end
  return result
end

return M
