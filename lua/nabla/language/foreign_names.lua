--- Names that functions have in other programs and papers, each with the way to write it here.
--
-- @module nabla.language.foreign_names

return {
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
  hadamard = "X.*Y",
}
