--- Names that functions have in other programs and papers, each with the way to write it here.
--
-- @module nabla.text.foreign_names

local M = {}

--- How to write what others write as a function of this name.
M.of_functions = {
  ln = "log(x)",
  Tr = "tr(X)",
  Det = "det(X)",
  norm = "norm2(x), norm1(x) or norminf(x)",
  min = "-max(-x)",
  std = "sqrt(var(x))",
  inner = "tr(X'*Y), or x'*y",
  outer = "x*y'",
  arcsin = "asin(x)",
  arccos = "acos(x)",
  arctan = "atan(x)",
  log1p = "log(1 + x)",
  expm1 = "exp(x) - 1",
  vecdot = "x'*y",
  solve = "inv(A)*b",
  inverse = "inv(A)",
  transpose = "A'",
  dist = "norm2(x - y)",
  cdf = "normcdf(t)",
  pdf = "normpdf(t)",
  hadamard = "X.*Y",
  nuclear = "nuclearnorm(X)",
  nuc_norm = "nuclearnorm(X)",
  specnorm = "spectralnorm(X)",
  dev = "deviator(X)",
  svdvals = "singval(X, k); their sum is nuclearnorm(X)",
  Diagonal = "diag(x)",
  singvals = "singval(X, k)",
  svd = "singval(A, k), leftsingvec(A, k) and rightsingvec(A, k)",
  eig = "eigval(A, k), eigvec(A, k)",
  eigvals = "eigval(A, k)",
  cond = "spectralnorm(A)*spectralnorm(inv(A))",
  beta = "exp(lgamma(a) + lgamma(b) - lgamma(a + b))",
  betaln = "lgamma(a) + lgamma(b) - lgamma(a + b)",
  gamma = "exp(lgamma(a))",
  factorial = "exp(lgamma(n + 1))",
  polygamma = "digamma(a), or trigamma(a)",
  cumprod = "exp(cumsum(log(x))) for positive entries",
  corr = "(x - mean(x)*ones(n))'*(y - mean(y)*ones(n))/(n*sqrt(var(x)*var(y)))",
  median = "mean(x), where a mean will do: a median is not in the language",
  sort = "max(x) or min(x), where one will do: the order of entries is not in the language",
  rank = "tr(X*pinv(X)), a constant where it has a derivative",
  qr = "chol(A'*A), the triangular factor up to signs",
  diff = "D(f, x) for a derivative, x(i+1) - x(i) for a difference",
  einsum = "with products, diag(..), sum(..) and tr(..): ij,jk->ik is A*B, ij,ij-> is sum(A.*B), ii-> is tr(A)",
  tensordot = "with products of matrices, or tr(A'*B): arrays have two indices at most",
  bmm = "A*B for one pair of matrices, a sum over a family for many: sum(i = 1..N, A_i*B_i)",
  array = "[1, 2; 3, 4], a matrix of numbers",
  asarray = "the name alone",
  randn = "a letter, whose values are given later",
  rand = "a letter, whose values are given later",
  normal = "a letter, whose values are given later",
  len = "n, the size that the vector is declared with",
  numel = "n, the size that the vector is declared with",
  length = "n, the size that the vector is declared with",
  size = "m and n, the sizes that the matrix is declared with",
  shape = "m and n, the sizes that the matrix is declared with",
  eigh = "eigval(A, k), eigvec(A, k)",
  lstsq = "inv(A'*A)*A'*b, or pinv(A)*b",
  matrix_rank = "tr(X*pinv(X)), a constant where it has a derivative",
  argmax = "max(x): the place of the largest entry has no derivative",
  argsort = "max(x) or min(x), where one will do: the order of entries is not in the language",
  gradient = "D(f, x) for a derivative, x(i+1) - x(i) for a difference",
  roll = "P*x with a permutation matrix P(n,n)",
  percentile = "mean(x), where a mean will do: a quantile is not in the language",
  quantile = "mean(x), where a mean will do: a quantile is not in the language",
  corrcoef = "(x - mean(x)*ones(n))'*(y - mean(y)*ones(n))/(n*sqrt(var(x)*var(y)))",
  logpdf = "log(normpdf(t)), of a vector -norm2(x - m)^2/2 up to a constant",
  dropout = "x: what is left out at random is a letter of its own, d.*x",
  layer_norm = "(x - mean(x)*ones(n))/sqrt(var(x) + e)",
  conv2d = "A*vec(X) with the matrix A of the convolution",
  kl_div = "sum(p.*log(p./q)) of vectors",
  cdist = "norm2(x - y) for two points, with a sum over a family for many",
  unsqueeze = "x' for a row: vectors and matrices have two sides",
  squeeze = "the name alone: vectors and matrices have two sides",
  stack = "hcat(x, y), or [x, y]",
  view = "vec(X), or unvec(x, m, n)",
  flatten = "vec(X), which stacks columns; vec(X') stacks rows",
  minimize = "nothing here: stationary says where the derivative is zero",
  reduce_sum = "sum(X)",
  reduce_mean = "mean(x)",
  reshape = "vec(X), or unvec(x, m, n)",
  fft = "F*x with a complex matrix F(n,n)",
  KL = "sum(p.*log(p./q)) of vectors",
  entropy = "-sum(p.*log(p))",
  crossentropy = "-sum(p.*log(q))",
  cross_entropy = "-sum(p.*log(q))",
  mse = "norm2(y - x)^2/n",
  MSE = "norm2(y - x)^2/n",
  RMSE = "norm2(y - x)/sqrt(n)",
  BCE = "-sum(y.*log(p) + (ones(n) - y).*log(ones(n) - p))",
  CE = "-sum(y.*log(p))",
  Sum = "sum(i = 1..n, ...)",
  Inverse = "inv(A)",
  Transpose = "A'",
  Norm = "norm2(x)",
  lambda = "lambda*(..) for a product",
}

local GRADIENT = "leave it out: diff gives the gradient of what follows"
local OPTIMUM = "leave it out: stationary says where the derivative of what follows is zero"

--- Names of questions, which are asked by a command and not in the expression.
M.of_questions = {
  grad = GRADIENT,
  gradient = GRADIENT,
  nabla = GRADIENT,
  jacobian = "leave it out: diff gives the Jacobian of what follows",
  hessian = "leave it out: hessian gives the second derivative of what follows",
  argmin = OPTIMUM,
  minimize = OPTIMUM,
  maximize = OPTIMUM,
}

--- What an error says of a name: how it is written here, or nil. A name of a question may also be no function.
-- @tparam string name
-- @tparam boolean called is it followed by arguments?
function M.hint(name, called)
  return M.of_questions[name] or called and M.of_functions[name] and "it is written " .. M.of_functions[name] or nil
end

--- How to write what others write with more arguments.
M.of_several = {
  dot = "with a matrix between them it is x'*A*y",
  sum = "a counted sum names its range: sum(i = 1..n, ...)",
  max = "the largest of several is max(x, max(y, z))",
  min = "the smallest of several is min(x, min(y, z))",
  norm2 = "norm1(x), norm2(x), norminf(x), spectralnorm(A), nuclearnorm(A)",
  cov = "the covariance of random vectors is Cov(x, y)",
  diag = "a diagonal matrix is diag(x), the diagonal diagv(A)",
  softmax = "of each row softmaxrows(X), of each column softmaxcols(X)",
  logsumexp = "of each row logsumexprows(X), of each column logsumexpcols(X)",
  mean = "of each row rowsums(X)/n, of each column colsums(X)/m",
  prod = "the product is x*y, that of the entries prod(x)",
}

return M
