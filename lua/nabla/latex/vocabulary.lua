--- The commands and signs of a page that the parser of LaTeX knows.
--
-- @module nabla.latex.vocabulary

local M = {}

--- Commands that set a letter in bold type.
M.bold = {
  ["\\mathbf"] = true,
  ["\\boldsymbol"] = true,
  ["\\bm"] = true,
  ["\\vec"] = true,
  ["\\pmb"] = true,
  ["\\textbf"] = true,
  ["\\bold"] = true,
  ["\\mathbfit"] = true,
}

--- Commands that set a letter in blackboard type: \mathbb{1}.
M.blackboard = { ["\\mathbb"] = true, ["\\mathds"] = true, ["\\mathbbm"] = true }

--- Accents, as they are in a name: x_hat.
M.accents = {
  ["\\hat"] = "hat",
  ["\\tilde"] = "tilde",
  ["\\bar"] = "bar",
  ["\\widehat"] = "hat",
  ["\\widetilde"] = "tilde",
  ["\\overline"] = "bar",
  ["\\dot"] = "dot",
  ["\\ddot"] = "ddot",
}

--- Accents that are in a name without a sign between: xdot.
M.joined_accents = { dot = true, ddot = true }

--- How functions are called on pages, where that is another name than nabla's.
M.functions = {
  Tr = "tr",
  trace = "tr",
  Trace = "tr",
  ln = "log",
  Det = "det",
  Diag = "diag",
  cofactor = "cofactor",
  cof = "cofactor",
  adjugate = "adj",
  sigm = "sigmoid",
  arcsin = "asin",
  arccos = "acos",
  arctan = "atan",
  rvec = "vec",
  sgn = "sign",
  ReLU = "relu",
  GELU = "gelu",
  SiLU = "silu",
  swish = "silu",
  ELU = "elu",
  LeakyReLU = "leakyrelu",
  arsinh = "asinh",
  arcosh = "acosh",
  artanh = "atanh",
  arcsinh = "asinh",
  arccosh = "acosh",
  arctanh = "atanh",
  norm = "norm2",
  Re = "re",
  Im = "im",
  Log = "log",
  Exp = "exp",
  Logdet = "logdet",
}

--- Inverse functions: f^{-1} of a function's name. A name that is missing here has none.
M.inverses = {
  sin = "asin",
  cos = "acos",
  tan = "atan",
  asin = "sin",
  acos = "cos",
  atan = "tan",
  exp = "log",
  log = "exp",
}

--- Functions whose name with -1 is no inverse function: \det^{-1}(X) is 1/det(X).
M.reciprocal = { det = true, tr = true }

--- Commands that say what is done with the function, or that have no meaning here: refused by name.
M.refused = {
  ["\\int"] = "an integral",
  ["\\iint"] = "an integral",
  ["\\oint"] = "an integral",
  ["\\coprod"] = "a product over entries",
  ["\\lim"] = "a limit",
  ["\\sup"] = "a supremum",
  ["\\inf"] = "an infimum",
  ["\\Pr"] = "a probability",
  ["\\cdots"] = "dots",
  ["\\ldots"] = "dots",
  ["\\dots"] = "dots",
  ["\\dotsb"] = "dots",
  ["\\vdots"] = "dots",
  ["…"] = "dots",
  ["⋯"] = "dots",
  ["\\arg"] = "an argument of a minimum or maximum",
  ["\\argmin"] = "an argument of a minimum",
  ["\\argmax"] = "an argument of a maximum",
  ["\\pm"] = "a sign with two values",
  ["\\mp"] = "a sign with two values",
  ["\\binom"] = "a binomial coefficient",
  ["\\oplus"] = "a direct sum",
  ["\\wedge"] = "a wedge product",
  ["\\bullet"] = "a product by a bullet",
  ["\\star"] = "a sign of an operation",
  ["\\propto"] = "a proportion",
  ["\\sim"] = "a relation",
  ["\\pmatrix"] = "a matrix of blocks",
  ["\\bmatrix"] = "a matrix of blocks",
  ["\\matrix"] = "a matrix of blocks",
}

--- How to say what a refused command stands for, or a sign that is read nowhere.
M.advice = {
  ["an integral"] = "a mean is E[..] over letters that are declared random; another integral is a letter of its own",
  ["a product over entries"] = "prod(x) of a vector's entries; a logarithm makes it a sum: \\sum_{i=1}^{n} \\log(..)",
  ["a limit"] = "a derivative is written D(f, x)",
  ["a supremum"] = "max(x) and min(x) are of the entries of a vector; dual norms have names: \\|x\\|_1, \\|x\\|_2",
  ["an infimum"] = "max(x) and min(x) are of the entries of a vector",
  ["a probability"] = "the distribution function of a standard normal variable is normcdf(t), its density normpdf(t)",
  dots = "a sum is written \\sum_{i=1}^{n} a_i x_i",
  ["an argument of a minimum or maximum"] = "write what is minimised: the formula behind it",
  ["an argument of a minimum"] = "write what is minimised: the formula behind it",
  ["an argument of a maximum"] = "write what is maximised: the formula behind it",
  ["a sign with two values"] = "write two formulas, one with + and one with -",
  ["a binomial coefficient"] = "a letter, or exp(lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1))",
  ["a direct sum"] = "blocks are [A, zeros(m,n); zeros(p,q), B]; Kronecker's sum is A \\otimes I + I \\otimes B",
  ["a product by a bullet"] = "an inner product of matrices is \\langle A, B \\rangle, a product of entries A \\odot B",
  ["a wedge product"] = "the cross product of two vectors with three entries is cross(x, y)",
  ["a sign of an operation"] = "a convolution is conv(x, y), a product of entries x \\odot y",
  ["a proportion"] = "write the right side: a constant factor does not matter to a logarithm's derivative",
  ["a relation"] = "a distribution is declared: random vector x(n) mean m covariance S",
  ["!"] = "the factorial of n is exp(lgamma(n + 1))",
  ["\\bmod"] = "a remainder has no derivative where it jumps; elsewhere that of the number itself",
  ["\\lfloor"] = "a rounded number has the derivative zero where it does not jump: write a letter",
  ["\\lceil"] = "a rounded number has the derivative zero where it does not jump: write a letter",
  E = "E[..] is over letters that are declared random: random vector x(n); a matrix: matrix E(n,n)",
  Var = "it is written Var(x) or Cov(x, y), of letters that are declared random: random vector x(n)",
  ["\\in"] = "what a letter is is declared: vector x(n), matrix A(m,n), scalar t",
  ["\\forall"] = "write the formula alone; what a letter is is declared: vector x(n)",
  ["\\to"] = "an unknown function is declared: vector x(n), scalar f of x",
  condition = "step(x) is 1 where x > 0, relu(x) is x there; what holds for x is declared: vector x(n) positive",
  given = "what is given stands in no brackets: write the density out, or its logarithm; bars are closed: |X|, \\|x\\|",
  set = "number the members and sum from the first to the last, \\sum_{i=1}^{n}, with weights 0 or 1 for a part",
}

--- Commands of an optimum, which at the front of a formula say what it is for.
M.optimum = {
  ["\\min"] = true,
  ["\\max"] = true,
  ["\\argmin"] = true,
  ["\\argmax"] = true,
  min = true,
  max = true,
  argmin = true,
  argmax = true,
  minimize = true,
  maximize = true,
  minimise = true,
  maximise = true,
}

--- Relations of a side condition: x \ne 0.
M.relations = {
  ["\\in"] = true,
  ["\\ne"] = true,
  ["\\le"] = true,
  ["\\ge"] = true,
  ["\\succ"] = true,
  ["\\succeq"] = true,
  ["\\preceq"] = true,
  ["\\approx"] = true,
  ["\\sim"] = true,
  ["\\to"] = true,
  ["\\forall"] = true,
  ["<"] = true,
  [">"] = true,
}

--- Letters that count or index.
M.index_letters = {}
for letter in ("i j k l m n p q r s t"):gmatch "%S" do
  M.index_letters[letter] = true
end

--- Commands that are functions.
M.commands = {}
for name in ([[exp log ln sin cos tan sec sinh cosh tanh det arcsin arccos arctan max min cot csc]]):gmatch "%S+" do
  M.commands["\\" .. name] = M.functions[name] or name
end

--- What an exponent says that makes a transpose.
M.transposes =
  { ["\\top"] = true, ["\\intercal"] = true, ["\\prime"] = true, ["T"] = true, ["\\mathsf"] = true, ["'"] = true }

--- Opening brackets, with what closes them.
M.closing = {
  ["("] = ")",
  ["["] = "]",
  ["\\{"] = "\\}",
  ["{"] = "}",
  ["\\lbrace"] = "\\rbrace",
  ["\\lbrack"] = "\\rbrack",
}

--- The set of closing brackets.
M.closes = {}
for _, sign in pairs(M.closing) do
  M.closes[sign] = true
end

--- What is said to a constraint.
M.constraint = "`stationary` takes it: nabla stationary \"x'*A*x\" x --subject-to \"x'*x = 1\""

--- Signs of a product.
M.times = { ["\\cdot"] = "*", ["*"] = "*", ["·"] = "*" }

--- Signs that bind less than factors side by side.
M.infix = {
  ["\\odot"] = ".*",
  ["\\circ"] = ".*",
  ["\\oslash"] = "./",
  ["\\otimes"] = "kron",
  ["\\ast"] = "khatrirao",
  ["\\times"] = "times",
}

--- Bars of a determinant or an absolute value, and of a norm, with what closes them.
M.bars = { ["|"] = "|", ["\\vert"] = "\\vert", ["\\lvert"] = "\\rvert" }
M.norms = { ["\\|"] = "\\|", ["\\Vert"] = "\\Vert", ["\\lVert"] = "\\rVert", ["‖"] = "‖" }

--- Norms by their index.
M.norm_names = { ["1"] = "norm1", ["2"] = "norm2", ["\\infty"] = "norminf", ["∞"] = "norminf" }
for index in ("F f Fro fro Frob frob HS"):gmatch "%S+" do
  M.norm_names[index] = "normF"
end
for index in ("op spec"):gmatch "%S+" do
  M.norm_names[index] = "spectralnorm"
end
M.norm_names.nuc = "nuclearnorm"

return M
