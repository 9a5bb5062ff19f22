--- Random values of complex letters: a value of Z and one of conj(Z).
--
-- An expression in Z and conj(Z) that is built of analytic operators is an analytic function of the two, and one that vanishes wherever
-- the second is the conjugate of the first vanishes everywhere (Brandwood 1983, theorem 1). So an identity is compared where Z and
-- conj(Z) are two independent matrices of real numbers, or of residues: conj(E) is E with the two exchanged. A letter that is tied to
-- its conjugate, such as a Hermitian one, keeps the tie: conj(S) is S'.
--
-- In complex floating point a value is a complex matrix, and that of its conjugate is the conjugate.
--
-- @module nabla.compare.random_conjugates

local random_matrix = require "nabla.compare.random_matrix"

-- Values in complex floating point are seldom needed.
local function complex()
  return require "nabla.numeric.complex_matrix"
end

local M = {}

local NEAR = 0.2 -- how far apart the two are in floating point: what is positive for real matrices stays so

-- What the conjugate of a value with an attribute is.
local TIES = {
  hermitian = function(a)
    return a.T
  end,
  skewhermitian = function(a)
    return -a.T
  end,
  unitary = function(a)
    return (a ^ -1).T
  end,
}
TIES.hpsd, TIES.hpd = TIES.hermitian, TIES.hermitian

local function is_complex(a)
  return type(a) == "table" -- a real matrix and a residue are userdata
end

local function close(a, b)
  if is_complex(a) or is_complex(b) then
    return require("nabla.numeric.complex_arithmetic"):close(a, b)
  end
  return random_matrix.close(a, b)
end

--- Attributes of complex letters: name -> test of a value and its conjugate.
M.tests = {
  complex = function()
    return true
  end,
  analytic = function()
    return true
  end,
  real = function(a, conjugate)
    return close(a, conjugate)
  end,
}
for name, tie in pairs(TIES) do
  M.tests[name] = function(a, conjugate)
    return a.rows == a.cols and close(tie(a), conjugate)
  end
end

-- Properties that a complex matrix has if both parts have it.
local OF_PARTS =
  { symmetric = true, skew = true, lower = true, upper = true, diagonal = true, toeplitz = true, zero = true }
local OF_SHAPE = { square = true, scalar = true }

local tests_of_both = {} -- name of a property -> its test, of values that may be complex matrices

-- Make such a test out of one of real matrices.
local function test_of_both(name, test)
  return function(a, b)
    if not is_complex(a) then
      return test(a, b)
    elseif a:is_real() and (not b or b:is_real()) then
      return test(a.re, b and b.re)
    elseif OF_PARTS[name] then
      return test(a.re) and test(a.im)
    elseif OF_SHAPE[name] then
      return test(a.re)
    elseif name == "invertible" then
      return a.rows == a.cols and complex().det(a):size() > 1e-7
    elseif name == "fullcolumnrank" then
      return complex().det(a.H * a):size() > 1e-7
    elseif name == "commutes" then
      return a.rows == a.cols and close(a * b, b * a)
    elseif name == "idempotent" then
      return a.rows == a.cols and close(a * a, a)
    end
    return false
  end
end

for name, test in pairs(random_matrix.tests) do
  tests_of_both[name] = test_of_both(name, test)
end

--- The test of a property (nabla.compare.random_matrix), of values that may be complex matrices.
function M.test(name)
  return tests_of_both[name]
end

--- Is a value certain to have an attribute of complex letters? A real value of a complex letter is not.
function M.shows(name, a, conjugate)
  if name == "complex" then
    return not close(a, conjugate)
  end
  return M.tests[name](a, conjugate)
end

--- The test of a property, of a complex matrix alone.
function M.complex_test(name)
  local own, test = M.tests[name], M.test(name)
  return own and function(a)
    return own(a, a.conj)
  end or test and function(a)
    return test(a)
  end
end

-- What tells some attributes apart from others of the same form: a determinant, an order.
local REAL_FORM = { hpd = "spd", hpsd = "psd" }
local function also_definite(name)
  local test = M.tests[name]
  M.tests[name] = function(a, conjugate)
    if not test(a, conjugate) or random_matrix.is_exact(a) then
      return test(a, conjugate)
    elseif is_complex(a) then -- [Re, -Im; Im, Re] is definite as a is
      local both = complex().as_real(a)
      return random_matrix.tests[REAL_FORM[name]]((both + both.T) * 0.5)
    end
    return random_matrix.tests[REAL_FORM[name]]((a + a.T) * 0.5)
  end
end
also_definite "hpd"
also_definite "hpsd"

-- The attributes without those of complex letters, as far as they say something of the value alone.
local function of_one_value(has)
  local rest = {}
  for name in pairs(has) do
    rest[name] = not M.tests[name] or nil
  end
  return rest
end

local function count(set)
  local n = 0
  for _ in pairs(set) do
    n = n + 1
  end
  return n
end

-- A value that is not symmetric, near a definite one: P*Q', where the conjugate of P is Q.
local function definite(source, n, strictly)
  local A = source.A
  local p = source:matrix(n, n)
  if A.exact then
    return p * source:matrix(n, n) + (strictly and A:eye(n) or A:zeros(n, n))
  end
  local d = source:matrix(n, n) * NEAR
  return (p + d) * (p - d).T + (strictly and A:eye(n) * 0.5 or A:zeros(n, n))
end

-- A value that is its own inverse: what is both Hermitian and unitary.
local function reflection(source, n)
  local a, b = source:matrix(n, 1), source:matrix(n, 1)
  return source.A:eye(n) - a * (b.T * a) ^ -1 * b.T * 2
end

--- What the value of the conjugate of a letter with attributes is, as a function of its value; nil where that is not tied to it.
function M.tie(has)
  return (has.hermitian or has.hpd or has.hpsd) and TIES.hermitian
    or has.skewhermitian and TIES.skewhermitian
    or has.unitary and TIES.unitary
    or nil
end

--- A value that has all attributes of a set, and one of its conjugate; nil where there is none.
-- @tparam table source of nabla.compare.random_matrix
-- @tparam table has name -> true
-- @tparam integer rows
-- @tparam integer cols
function M.with(source, has, rows, cols)
  local A, rest = source.A, of_one_value(has)
  local definitely = has.hpd or has.hpsd
  local tie = M.tie(has)
  if not tie then
    local a = source:with(rest, rows, cols)
    return a, a and (has.real and a or M.beside(source, a, rest))
  elseif rows ~= cols then
    return nil
  end
  local a
  if definitely and has.unitary then
    a = A:eye(rows)
  elseif (has.hermitian or has.skewhermitian) and has.unitary and count(rest) == 0 then
    if has.skewhermitian then
      return nil -- real numbers have no square root of -1
    end
    a = reflection(source, rows)
  elseif definitely and count(rest) == 0 then
    a = definite(source, rows, has.hpd)
  else
    rest[definitely and REAL_FORM[has.hpd and "hpd" or "hpsd"] or has.unitary and "invertible" or "square"] = true
    rest.square = nil
    a = source:with(rest, rows, cols)
  end
  if not a then
    return nil
  end
  return a, tie(a)
end

-- A complex matrix whose two parts have the attributes.
local function of_two_parts(source, rest, rows, cols)
  local re, im = source:with(rest, rows, cols), source:with(rest, rows, cols)
  return re and im and complex().new(re, im)
end

--- A complex matrix that has all attributes of a set; nil where there is none. The source draws real matrices.
function M.complex(source, has, rows, cols)
  local rest = of_one_value(has)
  local definitely = has.hpd or has.hpsd
  if has.real then
    local a = source:with(rest, rows, cols)
    return a and complex().new(a)
  end
  local a = of_two_parts(source, rest, rows, cols)
  if not a or not (definitely or has.hermitian or has.skewhermitian or has.unitary) then
    return a
  elseif rows ~= cols then
    return nil
  end
  local C = complex()
  local one = C.eye(rows)
  if has.unitary and definitely then
    return one
  elseif has.unitary and (has.hermitian or has.skewhermitian) then
    local u = of_two_parts(source, {}, rows, 1)
    local mirror = one - u * u.H * (2 / (u:size() > 0 and (u.H * u).re[1] or 1))
    return has.skewhermitian and mirror * C.new(0, 1) or mirror
  elseif has.unitary then -- Cayley: (I - K)*inv(I + K)
    local k = (a - a.H) * 0.5
    return (one - k) * (one + k) ^ -1
  elseif has.skewhermitian then
    return (a - a.H) * 0.5
  elseif definitely and next(rest) == nil then
    return a * a.H + one * (has.hpd and 0.5 or 0)
  elseif definitely then
    return (a + a.H) * 0.5 + one * (4 * rows)
  end
  return (a + a.H) * 0.5
end

--- A value for the conjugate of a letter that is not tied to it.
-- @tparam table source
-- @param a the value of the letter
-- @tparam[opt] table has attributes of both
function M.beside(source, a, has)
  local b = source:with(has or {}, a.rows, a.cols) or source:matrix(a.rows, a.cols)
  if source.A.exact then
    return b
  end
  local function linear(name)
    return name ~= "idempotent" and name ~= "toeplitz" or nil
  end
  for name in pairs(has or {}) do
    if not linear(name) then
      return b
    end
  end
  return a + b * NEAR
end

--- A change of the conjugate, where the letter changes by dz.
-- @tparam table source
-- @tparam table has the attributes of the letter
-- @param dz
function M.direction(source, has, dz)
  if has.hermitian or has.hpd or has.hpsd then
    return dz.T
  elseif has.skewhermitian then
    return -dz.T
  end
  return source:with(of_one_value(has), dz.rows, dz.cols) or source:matrix(dz.rows, dz.cols)
end

return M
