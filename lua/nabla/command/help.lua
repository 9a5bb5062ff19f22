--- The help of the command.
--
-- @module nabla.command.help

local M = {}

--- Without a command.
M.short = [[
nabla differentiates expressions in vectors and matrices.

  nabla diff "x'*A*x" x                    prints (A + A')*x
  nabla hessian "norm2(A*x - b)^2" x       prints 2*A'*A

  nabla help                               all commands, the language, more examples
  nabla help diff                          one command and its options
]]

--- All commands.
M.full = [[
nabla differentiates expressions in vectors and matrices, and prints the derivative as a textbook would.

Usage: nabla COMMAND [ARGUMENTS] [OPTIONS]

Commands:
  diff EXPR VARIABLE                the derivative of EXPR by VARIABLE, such as x, X or x'
  hessian EXPR VARIABLE [OTHER]     second derivatives
  convexity EXPR VARIABLE...        is EXPR convex or concave in the variables? why, or points that show it is neither
  taylor EXPR VARIABLE [DIRECTION]  EXPR at X + H to an order in H
  solve EQUATION... --for NAMES     solve equations for scalars, vectors and matrices
  stationary EXPR VARIABLE...       where the derivatives are zero, perhaps under constraints
  simplify EXPR                     EXPR as a textbook would write it
  expand EXPR                       EXPR with products multiplied out
  collect EXPR VARIABLE             EXPR with the products of VARIABLE collected
  factor EXPR FACTOR                EXPR with FACTOR outside
  square EXPR VARIABLE              EXPR with the square completed
  layouts                           the layouts there are
  conventions                       what a derivative by a symmetric (diagonal, ..) variable may mean
  notations                         the ways in which answers are written
  table [NAME]                      a table of identities; without a name, which tables there are
  identities                        the identities that the rule files state
  identify FORMULA                  in which layout a formula found on a page is right, or what is wrong with it
  code LANGUAGE EXPR [VARIABLE]     EXPR and its derivative as a function for numpy, octave, ..
  repl                              a prompt: expressions, derivatives, declarations, a line at a time
  equal EXPR OTHER                  are two expressions equal? yes, no or unknown, and why
  check FILE...                     prove the statements of rule files, or of folders of them, by numbers
  batch                             answer requests, one JSON object a line
  latex FILE                        answer what a LaTeX document with the package nabla asks
  help [COMMAND]                    this text, or the help of one command
  version                           the version of nabla

Options of diff and hessian:
  --layout NAME      how the partial derivatives are arranged: denominator (a gradient is a column),
                     numerator (a gradient is a row), mixed, ...
  --let TEXT         declarations: --let "matrix A(n,n) symmetric, vector x(n)"
  --format NAME      text, unicode or latex
  --rules FILE       read a rule file of your own after nabla's
  --check            prove that file first, and refuse it where a statement is wrong
  --convention NAME  how a structured variable is understood: free (its entries are independent), projected,
                     entries (by its independent entries)
  --notation NAME    how the answer is written: nabla, course_notes, physics, numpy, pytorch, julia, matlab, or one of a
                     rule file
  --typed NAME       the notation of a program that the expression is in: numpy, pytorch, julia, matlab

Expressions are written as in MATLAB, in quotes so that the shell leaves them alone:
  A*x + b   A'   A^-1   x/2          sum, product, transpose, power, division by a scalar
  A.*B   x./y   x.^2                 entry by entry
  inv(A) det(A) logdet(A) tr(A)      inverse, determinant, log|det|, trace
  norm2(x) norm1(x) sum(x)           norms, sum of all entries
  diag(x) vec(A) kron(A,B) I(n)      and more
  exp(x) log(x) sin(x) tanh(x) ...   entry by entry; expm(A) of a matrix

Undeclared letters: a to g are scalars, h to z vectors, A to Z matrices. Their sizes follow from the
expression.

Examples:
  nabla diff "norm2(A*x - b)^2" x
  nabla diff "x'*A*x" x --layout numerator --let "matrix A(n,n) symmetric"
  nabla diff "logdet(X) + tr(A*X)" X --format latex
  nabla diff "sum(exp(u(x)))" x --let "vector x(n), vector u(m) of x"
  nabla diff "-x'*x" x

Exit status: 0 done; 1 the answer is no (shapes do not fit, no rule, a check fails); 2 the command line is wrong.
]]

--- Commands without options: name -> help.
M.of = {
  version = "Usage: nabla version\n\nPrints the version of nabla.\n",
}

return M
