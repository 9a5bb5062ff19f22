--- The grammar of the language of rule files: one statement.
--
-- A newline is space exactly when the next line that is not blank is indented more than the margin: so the grammar needs no separate
-- pass over the lines, and every place is a byte of the file.
--
-- Every statement is a table with `kind`. Expressions are trees of nabla.language.syntax. Nothing is resolved: whether an operator,
-- a layout or an attribute exists is the loader's question. The texts are read by nabla.rules.statements, which asks the grammar of
-- what the engine does not read: src/read/statement.c has a function for each of the rules here.
--
-- @module nabla.rules.grammar

local actions = require "nabla.rules.actions"
local characters = require "nabla.language.characters"
local declarations = require "nabla.language.declarations"
local expressions = require "nabla.language.expressions"
local grammar_of_notations = require "nabla.rules.grammar_of_notations"
local lpeg = require "lpeg"
local mistakes = require "nabla.language.mistakes"

local P, S, R, V, C = lpeg.P, lpeg.S, lpeg.R, lpeg.V, lpeg.C
local Cc, Cg, Cmt, Cp, Cs, Ct, Carg = lpeg.Cc, lpeg.Cg, lpeg.Cmt, lpeg.Cp, lpeg.Cs, lpeg.Ct, lpeg.Carg

local blank, comment = characters.blank, characters.comment
local expected = mistakes.expected

local M = {}

local reserved, statements = actions.reserved, actions.statements


--- The pattern of a statement, which captures it and the place behind it.
---@param margin string the indentation of statements
---@param signs table|nil those that operators print as (nabla.language.own_signs)
---@return any
function M.pattern(margin, signs)
  local inline = (blank + comment) ^ 0
  local fold = "\n" * (blank ^ 0 * comment ^ -1 * "\n") ^ 0 * P(margin) * #blank
  local space = V "space"

  local identifier, any_name, boundary = V "identifier", V "name", V "boundary"

  local statement_word = P(false)
  for word in pairs(statements) do
    statement_word = statement_word + word * boundary
  end

  local function sign(pattern)
    return P(pattern) * space
  end
  local function word(text)
    return P(text) * boundary * space
  end
  local function kind(...)
    local pattern = P(false)
    for _, text in ipairs { ... } do
      pattern = pattern + C(text)
    end
    return Cg(pattern, "kind") * boundary * space
  end
  local function pos()
    return Cg(Cp(), "pos")
  end
  local function must(pattern, what)
    return pattern + expected(what)
  end
  local function after(pattern, what) -- after an expression
    return pattern + expected(what, true)
  end
  local function clause(key, value)
    return Cp() * Cc(key) * value / actions.clause_of
  end
  local function statement(pattern, action)
    return Carg(1) * Ct(pattern) / (action or actions.finish)
  end

  local name = C(any_name) * space
  local text = V "string"
  local expression = V "expression"
  local arrow_sign = sign(P "->" + "→")
  local arrow = after(arrow_sign, "`->`")
  local equals_sign = sign(P "=" - "==")
  local equals = after(equals_sign, "`=`")
  local equal = after(sign "==", "`==`")
  local free_name = C(identifier) * space -- a name of a thing, which may be a reserved word
  local called = must(text + free_name, "a name")

  local rules = expressions.rules(space, reserved, signs)
  rules[1] = "entry"
  rules.space = (blank + comment + fold) ^ 0

  rules.entry = V "statement" * Cp()

  local ended = #P "\n" + -1
  local line_end = "the end of the statement"
  rules.statement = V "calculus" * after(ended, line_end)
    + V "administration" * must(ended, line_end)
    + (V "let" + V "declare") * must(ended, "declarations end")
    + V "layout" * must(ended, "a row: ... by ..., d(y) = ..., gives ...")
    + V "convention" * after(ended, "a row: an attribute, G -> ...")
    + V "notation" * must(ended, 'a row: what is written, and latex ".." or unicode ".."')
    + Cmt(Carg(1), actions.unknown)
  -- these end in an expression, where an operator may be missing
  rules.calculus = V "function"
    + V "rule"
    + V "adjoint"
    + V "coordinates"
    + V "block"
    + V "fact"
    + V "curvature"
    + V "isolate"
    + V "outlined"
    + V "identity"
    + V "check"
    + V "prefer"
  rules.administration = V "operator"
    + V "use"
    + V "without"
    + V "rename"
    + V "default"
    + V "attribute"
    + V "table"
    + V "habit"
    + V "wording"
    + V "domain"

  -- "..." with \" and \\; any other backslash is itself
  local plain = 1 - S '"\\\n'
  rules.string = '"' * C(plain ^ 0) * '"' * space
    + '"' * Cs((plain ^ 1 + P '\\"' / '"' + P "\\\\" / "\\" + "\\") ^ 0) * '"' * space
    + #P '"' * Cmt(Carg(1), actions.unclosed_string)

  -- operator kron(A(m,n), B(p,q)): matrix (m*p, n*q)  assoc linear  infix "⊗"
  -- operator entry(A(m,n), index i(m), index j(n)): scalar  linear
  -- operator qmul(p(4), q(4)): vector (4)  linear  value qleft(p)*q
  rules.operator = statement(
    kind "operator"
      * Cg(must(name, "the name of the operator"), "name")
      * V "parameters"
      * must(sign ":" * Cg(V "result", "result"), "`:` and the shape of the result")
      * (V "option" + V "value_of" + V "flag") ^ 0
  )
  rules.value_of = clause("body", word "value" * expression)

  -- variable x(n), by which another argument is differentiated
  -- x(n)   scalar c   H(n,n) linear   matrixfunction f, the name of an operator with that property
  local parameters = sign "(" * V "parameter" * (sign "," * V "parameter") ^ 0 * must(sign ")", "`,` or `)`")
  rules.parameters = Cg(Ct(parameters ^ -1), "params")
  rules.parameter = Carg(1)
    * Ct(
      pos()
        * V "parameter_kind" ^ -1
        * Cg(must(name, "the name of a parameter"), "name")
        * V "sizes" ^ -1
        * (word "linear" * Cg(Cc(true), "linear")) ^ -1
    )
    / actions.parameter
  rules.parameter_kind = word "index" * #name * Cg(Cc(true), "index")
    + word "variable" * #name * Cg(Cc(true), "variable")
    + kind("scalar", "vector", "matrix") * #name
    + Cg(C(R "az" * (R "az" + "_") ^ 1 * boundary), "of") * space * #identifier
  rules.sizes =
    Cg(sign "(" * Ct(expression * (sign "," * expression) ^ 0) * after(sign ")", "sizes"), "sizes")
  rules.result = Carg(1) * Ct(pos() * kind("scalar", "vector", "matrix", "same") * V "sizes" ^ -1) / actions.result
    + expected "scalar, vector (n), matrix (m,n) or same"

  -- function sigmoid(t) "sigmoid function" elementwise = 1/(1 + exp(-t))
  --     derivative  sigmoid(t)*(1 - sigmoid(t))
  rules["function"] = statement(
    kind "function"
      * Cg(must(name, "the name of the function"), "name")
      * V "parameters"
      * V "title"
      * (V "option" + V "shape" + V "body" + V "derivative" + V "differential" + V "flag")
        ^ 0,
    actions.finish_function
  )
  rules.shape = clause("result", sign ":" * V "result") * V "title"
  rules.body = clause("body", equals_sign * expression)
  rules.derivative = clause("derivative", word "derivative" * expression)
    * clause("derivatives", Ct((sign "," * expression) ^ 1)) ^ -1
  rules.differential =
    clause("differential", #P "d(" * Ct(pos() * Cg(expression, "lhs") * equals * Cg(expression, "rhs")))

  -- let  matrix A(m,n), vector x(n)
  rules.let = Ct(kind "let" * Cg(declarations.list(space, space), "decls"))

  -- rule "inverse"  d(inv(X)) -> -inv(X)*d(X)*inv(X)   if ...  cite "..."  for f in ...
  rules.rule = statement(
    Cg(P "rule" + "simplify", "set")
      * boundary
      * space
      * Cg(Cc "rule", "kind")
      * V "head"
      * Cg(expression, "lhs")
      * arrow
      * Cg(expression, "rhs")
      * V "tail"
  )
  rules.head = V "loops" ^ 0 * Cg(text, "name") ^ -1 * V "loops" ^ 0
  -- the source and the Chinese title, as nearly every statement has them: without a table for each
  local source = word "cite" * Cg(must(text, "a string"), "cite")
  local chinese = word "zh" * Cg(must(text, "a string"), "zh")
  rules.tail = (V "conditions" + V "loops" + V "priority" + (V "flag" - identifier * space * '"')) ^ 0
    * source ^ -1
    * chinese ^ -1
    * (V "conditions" + V "loops" + V "priority" + V "convention_of" + V "option" + V "flag") ^ 0

  -- adjoint A*X*B by X  Y -> A'*Y*B'
  rules.adjoint = statement(
    kind("adjoint", "jacobian")
      * V "head"
      * Cg(expression, "pattern")
      * (word "by" * Cg(must(name, "the name of the variable"), "by")) ^ -1
      * Cg(after(name, "the name of the cotangent and `->`"), "cotangent")
      * arrow
      * Cg(expression, "rhs")
      * V "tail"
  )

  -- coordinates vech(S)  v -> unvec(Dup(n)*v, n, n)   if symmetric(S)
  rules.coordinates = statement(
    kind "coordinates"
      * V "head"
      * Cg(expression, "pattern")
      * Cg(after(name, "the name of the coordinates and `->`"), "cotangent")
      * arrow
      * Cg(expression, "rhs")
      * V "tail"
  )

  -- block A*X*B by X  Z(h,w) -> kron(I(h), A)*Z*kron(I(w), B)
  -- block d(X)' -> K(m,n)
  local size = C(identifier) * space
  rules.block = statement(
    kind "block"
      * V "head"
      * Cg(expression, "pattern")
      * (word "by" * Cg(must(name, "the name of the variable"), "by")) ^ -1
      * (Cg(name, "cotangent") * V "hole_sizes") ^ -1
      * arrow
      * Cg(expression, "rhs")
      * V "tail"
  )
  rules.hole_sizes = sign "(" * Cg(size, "hole_rows") * sign "," * Cg(size, "hole_cols") * sign ")"
    + expected "the sizes of the variable of the derivative, such as Z(h,w)"

  -- fact spd(A'*A) if fullcolumnrank(A)
  rules.fact = statement(
    kind "fact"
      * V "head"
      * must(#(identifier * "("), "a property, such as symmetric(A)")
      * Cg(expression, "call")
      * V "tail",
    actions.finish_fact
  )

  -- curvature "log-sum-exp"  logsumexp(x)  convex in x  increasing in x
  -- curvature "sine"  sin(x)  smooth in x
  -- curvature "negative entropy"  t.*log(t)  strictly convex in t  on positive(t)
  local listed = Ct(Ct(pos() * Cg(name, "name")) * (sign "," * Ct(pos() * Cg(name, "name"))) ^ 0)
  local function in_names(first, what)
    return Cg(word(first) * word "in" * must(listed, what), first)
  end
  rules.curvature = statement(
    kind "curvature"
      * V "head"
      * Cg(expression, "lhs")
      * Cg(Cp() * word "strictly", "strictly") ^ -1
      * Cg(
        after(C(P "convex" + "concave" + "affine" + "smooth") * boundary * space, "convex, concave, affine or smooth"),
        "shape"
      )
      * after(word "in", "`in` and the variables")
      * Cg(must(listed, "the variables in which it is so"), "variables")
      * (in_names("increasing", "the variables in which it increases") + in_names(
        "decreasing",
        "the variables in which it decreases"
      ))
        ^ 0
      * Cg(word "on" * V "condition_list", "on") ^ -1
      * V "tail",
    actions.finish_curvature
  )

  -- domain subspace symmetric skew      domain cone positive      domain convex psd
  rules.domain = Ct(
    kind "domain"
      * Cg(must(C(P "subspace" + "convex" + "upward") * boundary * space, "subspace, convex or upward"), "shape")
      * Cg(Ct(must(Ct(pos() * Cg(name, "name")), "an attribute") * Ct(pos() * Cg(name, "name")) ^ 0), "names")
  )

  -- isolate "left factor"  A*X = B  for X  gives  inv(A)*B  if invertible(A)
  -- isolate "symmetric part"  X + X' = S  for X  gives  S/2 + V - V'  free V
  -- isolate "eigenvectors"  A*v = c*v  for v, c  gives  eigvec(A,k), eigval(A,k)  free k
  -- isolate "scalar in an exponent"  exp(a*ones(m,n) + X)  for a  gives  exp(a)*exp(X)
  local comma = sign ","
  rules.isolate = statement(
    kind "isolate"
      * V "head"
      * Cg(expression, "lhs")
      * (#word "for" + equals * Cg(expression, "rhs"))
      * after(word "for", "`for` and the unknown")
      * Cg(must(name, "the unknown"), "unknown")
      * Cg(comma * must(name, "the second unknown"), "second") ^ -1
      * must(word "gives", "`gives`")
      * Cg(expression, "gives")
      * Cg(comma * expression, "gives_second") ^ -1
      * Cg(word "free" * must(name, "what may take any value"), "free") ^ -1
      * V "tail"
  )

  -- layout denominator "Denominator layout"  zh "..."
  --     scalar by matrix    d(y) = tr(G'*d(X))        gives  G
  rules.layout = statement(
    kind "layout"
      * Cg(must(name, "the name of the layout"), "name")
      * V "title"
      * (V "like" + V "option" + V "flag" - V "row_head") ^ 0
      * Cg(Ct(V "row" ^ 0), "rows")
  )
  rules.like = clause("like", word "like" * must(name - V "row_head", "the name of a layout"))
  rules.row_head = identifier * space * word "by"
  rules.row = statement(
    #V "row_head"
      * pos()
      * Cg(name, "of")
      * word "by"
      * Cg(must(name, "the kind of the variable"), "by")
      * Cg(expression, "lhs")
      * equals
      * Cg(expression, "form")
      * after(word "gives", "`gives`")
      * Cg(expression, "gives")
      * V "title"
      * V "option" ^ 0,
    actions.finish_row
  )

  -- convention entries "by the independent entries"  zh "..."
  --     symmetric    G -> G + G' - G.*I(n)
  --     orthogonal   refused "..."
  rules.convention = statement(
    kind "convention"
      * Cg(must(name, "the name of the convention"), "name")
      * V "title"
      * V "option" ^ 0
      * Cg(Ct(V "structure" ^ 0), "rows")
  )
  local gradient = Cg(name, "gradient") * arrow_sign
  local refused = word "refused"
  rules.structure = statement(
    pos()
      * Cg(Ct((Ct(pos() * Cg(name - gradient - refused, "name"))) ^ 1), "attributes")
      * (
        refused * Cg(must(text, "the reason, a string"), "refused")
        + must(gradient, "the name of the gradient and `->`") * Cg(expression, "rhs")
      )
      * V "title"
      * V "option" ^ 0,
    actions.finish_row
  )

  -- identity "quadratic form"  zh "..."  convention entries
  --     let vector x(n), matrix A(n,n)
  --     D(x'*A*x, x)      numerator    x'*(A + A')
  --     D(x, x)           numerator, denominator    I(n)
  rules.identity = statement(V "identity_head" * V "identity_body", actions.finish_identity)
  rules.identity_head = kind "identity"
    * Cg(must(text, "the name of the identity, a string"), "name")
    * (V "option" + V "loops" + V "convention_of") ^ 0
  rules.convention_of = clause(
    "convention",
    (word "in" * #word "convention") ^ -1
      * word "convention" * must(name, "the name of a convention")
  )
  rules.identity_body = Cg(Ct((word "let" * declarations.list(space, inline) * space) ^ 0), "lets")
    * Cg(Ct(V "form" * (V "form" - V "clause_head") ^ 0), "forms")
    * V "tail"
  -- below the heading of a table only the head and the place of the body are kept: trees cost time
  rules.outlined = #P "identity"
    * Cmt(Carg(1), actions.outlines)
    * statement(V "identity_head" * Cg(Cp(), "body") * (V "identity_body" / 0) * Cg(Cp(), "stop"))
  rules.form = Ct(
    pos()
      * Cg(expression, "lhs")
      * (
        sign "==" * Cg(expression, "rhs")
        + Cg(Ct(V "answer" ^ 1), "answers")
        + expected("`==` or the name of a layout", true)
      )
  ) / actions.finish_form
  local layout = Ct(pos() * Cg(any_name, "layout")) * #(blank + comment + "," + fold + ended) * space
    - V "clause_head"
  local named = Cg(Ct(layout * (sign "," * must(layout, "the name of a layout")) ^ 0), "layouts")
  rules.answer = Ct(named * Cg(expression, "rhs"))
  rules.clause_head = V "keyword" + identifier * space * '"' + -1 + #P "\n"

  -- table "Scalar by vector"  zh "标量对向量"  cite "Wikipedia, Matrix calculus"
  rules.table =
    statement(kind "table" * Cg(must(text, "the title of the table, a string"), "title") * V "option" ^ 0)

  -- wording linear "d is linear; %1 constant"  zh "微分是线性的；%1 为常数"
  rules.wording = statement(
    kind "wording"
      * Cg(must(free_name, "what is worded"), "name")
      * Cg(must(text, "the words, a string"), "text")
      * V "option" ^ 0
  )

  -- check  tr(A*B) == tr(B*A)
  rules.check = statement(
    kind("check", "fail") * V "head" * Cg(expression, "lhs") * equal * Cg(expression, "rhs") * V "tail"
  )

  -- use "layouts/denominator.rules"
  rules.use = Ct(kind "use" * Cg(must(text, "the name of a file, a string"), "path"))

  -- without rule "product"
  rules.without = Ct(kind "without" * Cg(V "removable", "what") * Cg(called, "name"))
  rules.removable = Carg(1) * Cp() * must(free_name, "a kind of statement") / actions.removable

  -- rename identity "quadratic form" as "quadratic form, proposition 8"
  rules.rename = statement(
    kind "rename"
      * Cg(V "removable", "what")
      * Cg(called, "name")
      * must(word "as", "`as` and the new name")
      * Cg(called, "to")
      * V "option" ^ 0
  )

  -- default layout denominator
  rules.default =
    Ct(kind "default" * Cg(must(name, "what it is the default of"), "what") * Cg(called, "value"))

  -- attribute skew "skew-symmetric" square excludes symmetric      attribute spd implies symmetric invertible
  -- attribute onehot means T*ones(n) == ones(m), T.*T == T
  local function attributes(key)
    return Cg(word(key) * Ct(must(V "other", "an attribute") * V "other" ^ 0), key)
  end
  -- attribute random "random" with mean = expect, covariance = Var symmetric
  local what_is_known = Ct(
    pos()
      * Cg(must(name, "a word"), "word")
      * equals
      * Cg(must(name, "an operator"), "operator")
      * Cg(Ct(V "other" ^ 0), "attributes")
  )
  rules.attribute = statement(
    kind "attribute"
      * Cg(must(name, "the name of the attribute"), "name")
      * V "title"
      * (
        Cg(word "assumed" * Cc(true), "assumed")
        + Cg(word "square" * Cc(true), "square")
        + Cg(word "with" * Ct(what_is_known * (sign "," * what_is_known) ^ 0), "with")
        + Cg(word "inherited" * Cc(true), "inherited")
        + attributes "implies"
        + attributes "excludes"
        + Cg(word "means" * V "condition_list", "means")
        + V "option"
      )
        ^ 0
  )
  rules.other = name - identifier * space * '"'
  for _, clause_word in ipairs { "assumed", "square", "with", "inherited", "implies", "excludes", "means" } do
    rules.other = rules.other - word(clause_word)
  end

  -- clauses
  rules.title = Cg(text, "title") ^ -1
  local key = C(P "cite" + "zh") * boundary * space * must(text, "a string")
    + C(identifier - statement_word) * space * text
  rules.option = Cp() * key / actions.option_of
  rules.flag =
    clause("flag", C(R "az" * (R "az" + "_") ^ 1 * boundary - V "keyword" - statement_word) * -P "(" * space)
  local integer = C(P "-" ^ -1 * characters.number) / tonumber * space
  rules.priority = clause("priority", word "priority" * must(integer, "a number"))

  rules.conditions = clause("conditions", word "if" * V "condition_list")
  rules.condition_list = Ct(V "condition" * ((word "and" + sign ",") * V "condition") ^ 0)
  rules.condition = Ct(Cg(Cc "not", "tag") * pos() * word "not" * V "predicate") + V "predicate"
  rules.predicate = Carg(1) * expression * (Cp() * C(V "relation") * space * expression) ^ -1 / actions.predicate
  rules.relation = P "==" + "!=" + "~=" + "<=" + ">=" + "<" + ">" + "≤" + "≥" + "≠"

  -- for f in sinm cosm      for f, g in (exp, exp) (sin, cos)      for f in elementwise, each operator with that property
  local in_word = must(word "in", "`in`")
  rules.loops = clause(
    "loops",
    #word "for"
      * Carg(1)
      * Cp()
      * word "for"
      * must(
        Ct(name * (sign "," * name) ^ 1)
            * in_word
            * Ct(must(V "tuple", "values in brackets, such as (exp, exp)") * V "tuple" ^ 0)
          + Ct(name)
            * in_word
            * Ct(must(V "single", "the values, names one after another") * V "single" ^ 0),
        "a variable"
      )
      / actions.loop
  )
  rules.single = Ct(C(any_name + characters.number) * -P "(" * space)
  local begins = #(identifier * "(") + #P '"' -- what follows the values; else (a) is part of an expression
  rules.tuple = Ct(pos() * sign "(" * V "value" * ((sign "," * V "value") ^ 1 * sign ")" + sign ")" * begins))
  rules.value = C(any_name + characters.number) * space

  grammar_of_notations.add(rules, {
    after = after,
    kind = kind,
    must = must,
    name = name,
    pos = pos,
    statement = statement,
    text = text,
    word = word,
  })
  return P(rules)
end

return M
