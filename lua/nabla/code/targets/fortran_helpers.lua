--- Procedures that exported Fortran calls: name -> source text.
--
-- @module nabla.code.targets.fortran_helpers

local M = { text = {}, needs = {} }

local function helper(name, text, ...)
  M.text[name] = ("  " .. text:gsub("\n", "\n  "):gsub("%s+$", "") .. "\n"):gsub("\n  \n", "\n\n")
  M.needs[name] = { ... }
end

-- `head` is "name(parameters)"; `declared` are the declarations of the result r and of what else is declared; the parameters are
-- arrays of numbers, whole numbers where their name begins with i, j, k, m, n.
local function f(head, declared, body, ...)
  local name, list = head:match "^([%w_]+)%((.*)%)$"
  local lines = { ("function %s result(r)"):format(head) }
  for parameter in list:gmatch "[%w_]+" do
    local is_whole = parameter:find "^[ijkmn]$"
    local shape = is_whole and "" or parameter:find "^%u" and "(:, :)" or parameter:find "^[xy]$" and "(:)" or ""
    lines[#lines + 1] = ("  %s, intent(in) :: %s%s"):format(is_whole and "integer" or "real(dp)", parameter, shape)
  end
  for line in (declared .. "\n" .. body .. "\n"):gmatch "(.-)\n" do
    lines[#lines + 1] = "  " .. line
  end
  lines[#lines + 1] = "end function " .. name
  helper(name, table.concat(lines, "\n"), ...)
end

f("solve_matrix(A, B)",
  "real(dp) :: r(size(B, 1), size(B, 2)), LU(size(A, 1), size(A, 2))\ninteger :: p(size(A, 1)), info\n"
  .. "external :: dgetrf, dgetrs", [[
LU = A
r = B
call dgetrf(size(A, 1), size(A, 1), LU, max(1, size(A, 1)), p, info)
if (info /= 0) error stop "a matrix is singular"
call dgetrs('N', size(A, 1), size(B, 2), LU, max(1, size(A, 1)), p, r, max(1, size(A, 1)), info)]])
f("solve_vector(A, x)", "real(dp) :: r(size(x))", "r = reshape(solve_matrix(A, reshape(x, [size(x), 1])), [size(x)])",
  "solve_matrix")
f("solve_spd_matrix(A, B)", "real(dp) :: r(size(B, 1), size(B, 2)), L(size(A, 1), size(A, 2))\ninteger :: info\n"
  .. "external :: dpotrf, dpotrs", [[
L = A
r = B
call dpotrf('L', size(A, 1), L, max(1, size(A, 1)), info)
if (info /= 0) error stop "a matrix is not positive definite"
call dpotrs('L', size(A, 1), size(B, 2), L, max(1, size(A, 1)), r, max(1, size(A, 1)), info)]])
f("solve_spd_vector(A, x)", "real(dp) :: r(size(x))",
  "r = reshape(solve_spd_matrix(A, reshape(x, [size(x), 1])), [size(x)])", "solve_spd_matrix")
f("identity(n)", "real(dp) :: r(n, n)\ninteger :: i", "r = 0\ndo i = 1, n\n  r(i, i) = 1\nend do")
f("inverse(A)", "real(dp) :: r(size(A, 1), size(A, 1))",
  "r = solve_matrix(A, identity(size(A, 1)))", "solve_matrix", "identity")
f("inverse_spd(A)", "real(dp) :: r(size(A, 1), size(A, 1))", "r = solve_spd_matrix(A, identity(size(A, 1)))",
  "solve_spd_matrix", "identity")
f("matrix_power(A, k)", "real(dp) :: r(size(A, 1), size(A, 1)), factor(size(A, 1), size(A, 1))\ninteger :: i", [[
factor = A
if (k < 0) factor = inverse(A)
r = identity(size(A, 1))
do i = 1, abs(k)
  r = matmul(r, factor)
end do]], "inverse", "identity")
f("outer(x, y)", "real(dp) :: r(size(x), size(y))", "r = spread(x, 2, size(y))*spread(y, 1, size(x))")
f("trace(A)", "real(dp) :: r\ninteger :: i", "r = 0\ndo i = 1, size(A, 1)\n  r = r + A(i, i)\nend do")
f("determinant(A)", "real(dp) :: r, LU(size(A, 1), size(A, 2))\ninteger :: p(size(A, 1)), info, i\nexternal :: dgetrf", [[
LU = A
call dgetrf(size(A, 1), size(A, 1), LU, max(1, size(A, 1)), p, info)
r = 1
do i = 1, size(A, 1)
  r = r*LU(i, i)
  if (p(i) /= i) r = -r
end do]])
f("log_abs_det(A)", "real(dp) :: r, LU(size(A, 1), size(A, 2))\ninteger :: p(size(A, 1)), info, i\nexternal :: dgetrf", [[
LU = A
call dgetrf(size(A, 1), size(A, 1), LU, max(1, size(A, 1)), p, info)
r = 0
do i = 1, size(A, 1)
  r = r + log(abs(LU(i, i)))
end do]])
f("log_det_spd(A)", "real(dp) :: r, L(size(A, 1), size(A, 2))\ninteger :: info, i\nexternal :: dpotrf", [[
L = A
call dpotrf('L', size(A, 1), L, max(1, size(A, 1)), info)
if (info /= 0) error stop "a matrix is not positive definite"
r = 0
do i = 1, size(A, 1)
  r = r + 2*log(L(i, i))
end do]])
f("diagonal(x)", "real(dp) :: r(size(x), size(x))\ninteger :: i", "r = 0\ndo i = 1, size(x)\n  r(i, i) = x(i)\nend do")
f("diagonal_of(A)", "real(dp) :: r(size(A, 1))\ninteger :: i", "do i = 1, size(A, 1)\n  r(i) = A(i, i)\nend do")
f("lower_triangle(A)", "real(dp) :: r(size(A, 1), size(A, 2))\ninteger :: j", [[
r = A
do j = 2, size(A, 2)
  r(1:min(j - 1, size(A, 1)), j) = 0
end do]])
f("upper_triangle(A)", "real(dp) :: r(size(A, 1), size(A, 2))\ninteger :: j", [[
r = A
do j = 1, size(A, 2)
  r(j + 1:, j) = 0
end do]])
f("vech(A)", "real(dp) :: r(size(A, 1)*(size(A, 1) + 1)/2)\ninteger :: j, k, n", [[
n = size(A, 1)
k = 0
do j = 1, n
  r(k + 1:k + n - j + 1) = A(j:, j)
  k = k + n - j + 1
end do]])
f("kron(A, B)", "real(dp) :: r(size(A, 1)*size(B, 1), size(A, 2)*size(B, 2))\ninteger :: i, j, p, q", [[
p = size(B, 1)
q = size(B, 2)
do j = 1, size(A, 2)
  do i = 1, size(A, 1)
    r((i - 1)*p + 1:i*p, (j - 1)*q + 1:j*q) = A(i, j)*B
  end do
end do]])
f("khatrirao(A, B)", "real(dp) :: r(size(A, 1)*size(B, 1), size(A, 2))\ninteger :: i, k, p", [[
p = size(B, 1)
do k = 1, size(A, 2)
  do i = 1, size(A, 1)
    r((i - 1)*p + 1:i*p, k) = A(i, k)*B(:, k)
  end do
end do]])
f("softmax(x)", "real(dp) :: r(size(x))", "r = exp(x - maxval(x))\nr = r/sum(r)")
f("logsumexp(x)", "real(dp) :: r", "r = maxval(x) + log(sum(exp(x - maxval(x))))")
f("argmax_unit(x)", "real(dp) :: r(size(x))", "r = 0\nr(maxloc(x)) = 1")
f("hat(x)", "real(dp) :: r(3, 3)",
  "r = reshape([0.0_dp, x(3), -x(2), -x(3), 0.0_dp, x(1), x(2), -x(1), 0.0_dp], [3, 3])")
f("vee(A)", "real(dp) :: r(3)", "r = [A(3, 2) - A(2, 3), A(1, 3) - A(3, 1), A(2, 1) - A(1, 2)]/2")
f("cross_product(x, y)", "real(dp) :: r(3)",
  "r = [x(2)*y(3) - x(3)*y(2), x(3)*y(1) - x(1)*y(3), x(1)*y(2) - x(2)*y(1)]")
f("adjugate(A)", "real(dp) :: r(size(A, 1), size(A, 2))", "r = determinant(A)*inverse(A)", "determinant", "inverse")
f("commutation(m, n)", "real(dp) :: r(m*n, m*n)\ninteger :: i, j", [[
r = 0
do i = 1, m
  do j = 1, n
    r((i - 1)*n + j, (j - 1)*m + i) = 1
  end do
end do]])
f("duplication(n)", "real(dp) :: r(n*n, n*(n + 1)/2)\ninteger :: i, j, k", [[
r = 0
k = 0
do j = 1, n
  do i = j, n
    k = k + 1
    r(i + (j - 1)*n, k) = 1
    r(j + (i - 1)*n, k) = 1
  end do
end do]])
f("elimination(n)", "real(dp) :: r(n*(n + 1)/2, n*n)\ninteger :: i, j, k", [[
r = 0
k = 0
do j = 1, n
  do i = j, n
    k = k + 1
    r(k, i + (j - 1)*n) = 1
  end do
end do]])
f("unit(i, j, m, n)", "real(dp) :: r(m, n)", "r = 0\nr(i, j) = 1")
f("entry(A, i, j)", "real(dp) :: r", "r = A(i, j)")
f("entry_of(x, i)", "real(dp) :: r", "r = x(i)")
f("eigen_vectors(A)", "real(dp) :: r(size(A, 1), size(A, 1) + 1), work(34*size(A, 1)), e(size(A, 1))\n"
  .. "real(dp) :: V(size(A, 1), size(A, 1))\ninteger :: info, n\nexternal :: dsyev", [[
n = size(A, 1)
V = (A + transpose(A))/2
call dsyev('V', 'L', n, V, max(1, n), e, work, size(work), info)
if (info /= 0) error stop "the eigenvalues of a matrix are not found"
r(:, 1) = e(n:1:-1)
r(:, 2:) = V(:, n:1:-1)]])
f("eigval(A, k)", "real(dp) :: r, all(size(A, 1), size(A, 1) + 1)",
  "all = eigen_vectors(A)\nr = all(k, 1)", "eigen_vectors")
f("eigvec(A, k)", "real(dp) :: r(size(A, 1)), all(size(A, 1), size(A, 1) + 1)",
  "all = eigen_vectors(A)\nr = all(:, k + 1)", "eigen_vectors")
f("pseudo_inverse(A)", "real(dp) :: r(size(A, 2), size(A, 1)), s(min(size(A, 1), size(A, 2)))\n"
  .. "real(dp) :: C(size(A, 1), size(A, 2)), U(size(A, 1), size(s)), VT(size(s), size(A, 2))\n"
  .. "real(dp) :: work(10*(size(A, 1) + size(A, 2)))\ninteger :: info, k\nexternal :: dgesvd", [[
C = A
call dgesvd('S', 'S', size(A, 1), size(A, 2), C, size(A, 1), s, U, size(A, 1), VT, size(s), work, size(work), info)
if (info /= 0) error stop "the singular values of a matrix are not found"
r = 0
do k = 1, size(s)
  if (s(k) > max(size(A, 1), size(A, 2))*epsilon(s)*s(1)) r = r + outer(VT(k, :), U(:, k))/s(k)
end do]], "outer")

-- Functions of each entry.
for name, body in pairs {
  sign_of = "merge(1.0_dp, 0.0_dp, x > 0) - merge(1.0_dp, 0.0_dp, x < 0)",
  step_of = "0.5_dp*(1 + merge(1.0_dp, 0.0_dp, x > 0) - merge(1.0_dp, 0.0_dp, x < 0))",
  sigmoid = "0.5_dp*(1 + tanh(0.5_dp*x))",
  softplus = "max(x, 0.0_dp) + log(1 + exp(-abs(x)))",
} do
  local head = "elemental function %s(x) result(r)\n  real(dp), intent(in) :: x\n  real(dp) :: r\n"
  helper(name, (head .. "  r = %s\nend function %s"):format(name, body, name))
end

helper("check_size", [[
subroutine check_size(name, found, expected)
  character(*), intent(in) :: name
  integer, intent(in) :: found, expected
  character(200) :: message
  if (found == expected) return
  write (message, '(a, a, i0, a, i0)') name, ' has a wrong size ', found, ': expected ', expected
  error stop trim(message)
end subroutine check_size]])

return M
