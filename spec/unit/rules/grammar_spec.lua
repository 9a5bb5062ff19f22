-- Rule files: their text in, statements out. A statement is compared as the text that `write` makes of it: every field but the places,
-- in alphabetical order, trees as `syntax.dump` prints them.

local errors = require "nabla.text.errors"
local statements = require "nabla.rules.statements"
local syntax = require "nabla.language.syntax"

local function write(value)
  if type(value) ~= "table" then
    return tostring(value)
  elseif value.tag then
    return syntax.dump(value)
  end
  local keys, out = {}, {}
  for key in pairs(value) do
    keys[#keys + 1] = key
  end
  table.sort(keys, function(a, b)
    return tostring(a) < tostring(b)
  end)
  for _, key in ipairs(keys) do
    if type(key) == "number" then
      out[#out + 1] = write(value[key])
    elseif key ~= "line" and not key:find "pos$" then
      out[#out + 1] = key .. "=" .. write(value[key])
    end
  end
  return "{" .. table.concat(out, "; ") .. "}"
end

local reads = {
  {
    'operator kron(A(m,n), B(p,q)): matrix (m*p, n*q)   assoc linear   infix "⊗"   latex "%1 \\otimes %2"',
    "{flags={assoc=true; linear=true}; infix=⊗; kind=operator; latex=%1 \\otimes %2; name=kron; "
      .. "params={{cols=n; kind=matrix; name=A; rows=m}; {cols=q; kind=matrix; name=B; rows=p}}; "
      .. "result={cols=(n * q); kind=matrix; rows=(m * p)}}",
  },
  { "operator pi: scalar", "{flags={}; kind=operator; name=pi; params={}; result={kind=scalar}}" },
  {
    'operator hat(t, x(n)): same zh "帽" elementwise',
    "{flags={elementwise=true}; kind=operator; name=hat; params={{kind=any; name=t}; {kind=vector; name=x; rows=n}}; "
      .. "result={kind=same}; zh=帽}",
  },
  {
    "function sigmoid(t) elementwise = 1/(1 + exp(-t))\n    derivative  sigmoid(t)*(1 - sigmoid(t))",
    "{body=(1 / (1 + exp((-t)))); derivative=(sigmoid(t) * (1 - sigmoid(t))); elementwise=true; "
      .. "flags={elementwise=true}; kind=function; name=sigmoid; params={{kind=any; name=t}}}",
  },
  {
    "function softmax(x(n)): vector (n) = exp(x)/sum(exp(x))   # new\n\n# inside\n"
      .. '\td(softmax(x)) = J*d(x)\n  latex "softmax"',
    "{body=(exp(x) / sum(exp(x))); differential={lhs=d(softmax(x)); rhs=(J * d(x))}; elementwise=false; flags={}; "
      .. "kind=function; latex=softmax; name=softmax; params={{kind=vector; name=x; rows=n}}; "
      .. "result={kind=vector; rows=n}}",
  },
  {
    "let  matrix A(m,n) constant,\n     scalar a",
    "{decls={{attributes={{name=constant}}; cols=n; kind=matrix; name=A; rows=m}; "
      .. "{attributes={}; kind=scalar; name=a}}; kind=let}",
  },
  {
    'rule "inverse"  d(inv(X))  -> -inv(X)*d(X)*inv(X)   cite "Matrix Cookbook (59)"',
    "{cite=Matrix Cookbook (59); conditions={}; flags={}; kind=rule; lhs=d(inv(X)); name=inverse; "
      .. "rhs=((-inv(X)) * d(X) * inv(X)); set=rule}",
  },
  { "rule a → b", "{conditions={}; flags={}; kind=rule; lhs=a; rhs=b; set=rule}" },
  { 'simplify "s" a -> b', "{conditions={}; flags={}; kind=rule; lhs=a; name=s; rhs=b; set=simplify}" },
  {
    "rule a -> b if square(X), not constant(X) and m == n and k ≥ 0 and i ~= j priority -2 growing",
    "{conditions={square(X); not constant(X); m == n; k >= 0; i != j}; flags={growing=true}; kind=rule; lhs=a; "
      .. "priority=-2; rhs=b; set=rule}",
  },
  {
    "rule d(f(X)) -> f(d(X)) for f in tr sum diag",
    "{conditions={}; flags={}; kind=rule; lhs=d(f(X)); loops={{values={{tr}; {sum}; "
      .. "{diag}}; vars={f}}}; rhs=f(d(X)); set=rule}",
  },
  {
    'rule "x" for f, g in (exp, exp) (sin, cos)  (f(X))\' -> g(X)',
    "{conditions={}; flags={}; kind=rule; lhs=f(X)'; loops={{values={{exp; exp}; {sin; cos}}; vars={f; g}}}; name=x; "
      .. "rhs=g(X); set=rule}",
  },
  {
    'rule for f in sinm cosm for k in 1 2 "x" f(X) -> k zh "二"',
    "{conditions={}; flags={}; kind=rule; lhs=f(X); loops={{values={{sinm}; {cosm}}; "
      .. "vars={f}}; {values={{1}; {2}}; vars={k}}}; "
      .. "name=x; rhs=k; set=rule; zh=二}",
  },
  {
    "rule for f in sin cos d(f(X)) -> 0",
    "{conditions={}; flags={}; kind=rule; lhs=d(f(X)); loops={{values={{sin}; {cos}}; vars={f}}}; rhs=0; set=rule}",
  },
  {
    'rule "a \\"b\\" \\\\ \\c" a -> b',
    '{conditions={}; flags={}; kind=rule; lhs=a; name=a "b" \\ \\c; rhs=b; set=rule}',
  },
  {
    "adjoint tr(X)  Y -> Y*I(n)",
    "{conditions={}; cotangent=Y; flags={}; kind=adjoint; pattern=tr(X); rhs=(Y * I(n))}",
  },
  {
    "jacobian A*X*B by X  J -> kron(B', A)*J  if constant(A)",
    "{by=X; conditions={constant(A)}; cotangent=J; flags={}; kind=jacobian; "
      .. "pattern=(A * X * B); rhs=(kron(B', A) * J)}",
  },
  {
    "adjoint f(X) J -> J for f in vec",
    "{conditions={}; cotangent=J; flags={}; kind=adjoint; "
      .. "loops={{values={{vec}}; vars={f}}}; pattern=f(X); rhs=J}",
  },
  {
    "fact spd(A'*A) if fullcolumnrank(A)",
    "{arg=(A' * A); args={(A' * A)}; conditions={fullcolumnrank(A)}; kind=fact; property=spd}",
  },
  {
    'layout denominator "Denominator layout"  zh "分母布局" transposed\n'
      .. "    scalar by matrix    d(y) = tr(G'*d(X))        gives  G\n"
      .. "    vector by vector    d(y) = J*d(x)             gives  J'",
    "{flags={transposed=true}; kind=layout; name=denominator; "
      .. "rows={{by=matrix; form=tr((G' * d(X))); gives=G; lhs=d(y); of=scalar}; "
      .. "{by=vector; form=(J * d(x)); gives=J'; lhs=d(y); of=vector}}; title=Denominator layout; zh=分母布局}",
  },
  {
    'identity "quadratic form"  zh "二次型"  cite "seeds"\n'
      .. "    let vector x(n), matrix A(n,n) symmetric\n"
      .. "    D(x'*A*x, x)      numerator    x'*(A + A')\n"
      .. "                      denominator  (A + A')*x\n"
      .. "    D(x'*x, x)  numerator -x  if symmetric(A)",
    "{cite=seeds; conditions={symmetric(A)}; decls={{attributes={}; kind=vector; name=x; rows=n}; "
      .. "{attributes={{name=symmetric}}; cols=n; kind=matrix; name=A; rows=n}}; "
      .. "forms={{answers={{layout=numerator; rhs=(x' * (A + A'))}; {layout=denominator; "
      .. "rhs=((A + A') * x)}}; lhs=D((x' * A * x), x)}; "
      .. "{answers={{layout=numerator; rhs=(-x)}}; lhs=D((x' * x), x)}}; kind=identity; name=quadratic form; zh=二次型}",
  },
  {
    'identity "eq"\n  let scalar a\n  let scalar b\n  a == b\n  a*b == b*a cite "x"',
    "{cite=x; conditions={}; decls={{attributes={}; kind=scalar; name=a}; {attributes={}; kind=scalar; name=b}}; "
      .. "forms={{lhs=a; rhs=b}; {lhs=(a * b); rhs=(b * a)}}; kind=identity; name=eq}",
  },
  { "check  tr(A*B) == tr(B*A)", "{conditions={}; kind=check; lhs=tr((A * B)); rhs=tr((B * A))}" },
  { "fail A == B if square(A)", "{conditions={square(A)}; kind=fail; lhs=A; rhs=B}" },
  { 'use "layouts/denominator.rules"', "{kind=use; path=layouts/denominator.rules}" },
  { 'without rule "product"', "{kind=without; name=product; what=rule}" },
  { "without operator kron", "{kind=without; name=kron; what=operator}" },
  {
    'rename identity "old" as "new" zh "新"',
    "{kind=rename; name=old; to=new; what=identity; zh=新}",
  },
  { "default layout denominator", "{kind=default; value=denominator; what=layout}" },
  {
    "attribute spd implies symmetric invertible",
    "{implies={symmetric; invertible}; kind=attribute; name=spd}",
  },
  { "attribute stochastic", "{kind=attribute; name=stochastic}" },
  {
    "attribute odd assumed square implies skew excludes symmetric positive",
    "{assumed=true; excludes={symmetric; positive}; implies={skew}; kind=attribute; name=odd; square=true}",
  },
  {
    'convention mine "My own"\n  symmetric toeplitz G -> G + G\'\n  orthogonal refused "curved"',
    "{kind=convention; name=mine; rows={{attributes={{name=symmetric}; {name=toeplitz}}; gradient=G; rhs=(G + G')}; "
      .. "{attributes={{name=orthogonal}}; refused=curved}}; title=My own}",
  },
}

local TITLES = 'known: cite, note, zh, each followed by a string; a title in another language by its code: de ".."'

local refuses = {
  { 'rul "x" a -> b', "1:1", "unknown statement `rul`", "did you mean rule?" },
  { "matrix A(m,n)", "1:1", "unknown statement `matrix`", "did you mean let matrix?" },
  { "a*b == b*a", "1:1", "unknown statement `a`", "an equation is written check left == right" },
  { "d(a) -> b", "1:1", "unknown statement `d`", 'a rule is written rule "name" left -> right' },
  { "+ 3", "1:1", "expected a statement, found `+`" },
  { 'rule "x" a', "1:11", "expected `->`, found the end of the statement" },
  { 'rule "x" a ->', "1:14", "expected an expression, found the end of the statement" },
  { 'rule "x" a b -> c', "1:12", "expected `->`, found `b`", "did you mean a*b?" },
  { 'rule "x" a -> b c', "1:17", "expected the end of the statement, found `c`", "did you mean b*c?" },
  {
    'rule "x" a = b',
    "1:12",
    "expected `->`, found `=`",
    "a rule is written left -> right; a check and a condition left == right",
  },
  {
    'rule "x a -> b',
    "1:6",
    "this string is never closed",
    'a string ends with " on the line where it begins',
  },
  { 'rule "x" a -> b cite foo', "1:22", "expected a string, found `foo`", 'a string stands in quotes: cite "foo"' },
  { 'rule "x" a -> b cite "x" cite "y"', "1:26", "`cite` is given twice" },
  { 'rule "x" (a -> b', "1:10", "this `(` is never closed", "`->` follows" },
  { 'rule "x" f(a if b', "1:11", "this `(` is never closed", "`if` follows" },
  { 'rule "x" a -> (b\nlet scalar a)', "1:15", "this `(` is never closed" },
  { 'rule "x" a) -> b', "1:11", "this `)` closes nothing", "take it away, or open it: (" },
  {
    'rule "x" a -> b if symmetric',
    "1:20",
    "a condition is a call or a comparison",
    "write it as symmetric(A), as not symmetric(A), or as m == n",
  },
  { 'rule "x" a -> b priority high', "1:26", "expected a number, found `high`", "a priority is a number: priority 1" },
  { 'rule "x" a -> b foo "bar"', "1:17", "unknown option `foo`", TITLES },
  { 'rule "x" a -> b latx "bar"', "1:17", "unknown option `latx`", "known: cite, note, zh, each followed by a string" },
  { 'rule "x" a -> b latex "bar"', "1:17", "`latex` does not belong in the statement `rule`" },
  {
    'rule "x" if -> b',
    "1:10",
    "expected an expression, found `if`",
    "`if` is a reserved word of rule files",
  },
  { 'rule "x" a -> b for f', "1:22", "expected `in`, found the end of the statement" },
  {
    'rule "x" a -> b for f in',
    "1:25",
    "expected the values, names one after another, found the end of the statement",
    "a loop names what its letter stands for: for f in sin cos",
  },
  { 'rule "x" a -> b for f, g in (a, b, c)', "1:29", "`for f, g` needs 2 values, found 3" },
  {
    'rule "x" a -> b for f, g in exp sin',
    "1:29",
    "expected values in brackets, such as (exp, exp), found `exp`",
  },
  {
    "rule for f in sin cos X -> f(X)",
    "1:25",
    "expected an expression, found `->`",
    "a loop before the rule is followed by the rule's name, a string; or put the loop at the end",
  },
  {
    'rule "x" a -> b\n  rule "y" a -> c',
    "2:3",
    "expected the end of the statement, found `rule`",
    "a statement begins at the left margin; an indented line continues the statement above",
  },
  {
    "  let scalar a\nlet scalar b",
    "2:1",
    "this line is indented less than the first statement",
    "begin all statements at one margin",
  },
  { "operator", "1:9", "expected the name of the operator, found the end of the statement" },
  { "operator f(A(m,n)", "1:11", "this `(` is never closed" },
  { "operator f()", "1:12", "expected the name of a parameter, found `)`" },
  { "operator f(A B): scalar", "1:14", "expected `,` or `)`, found `B`" },
  { "operator f(A(m,n,p)): scalar", "1:18", "a matrix has two sizes, found 3" },
  { "operator f(A): matrix (m)", "1:24", "a matrix has two sizes, found 1", "write matrix (m,n)" },
  { "operator f(A): vector", "1:16", "a vector has one size, found 0", "write vector (n)" },
  { "operator f(A): scalar (m)", "1:24", "the result `scalar` has no sizes" },
  { "operator f(A): foo", "1:16", "expected scalar, vector (n), matrix (m,n) or same, found `foo`" },
  {
    "operator f(A)",
    "1:14",
    "expected `:` and the shape of the result, found the end of the statement",
    "an operator says the shapes of its arguments and of its result: operator f(A(m,n)): matrix (m,n)",
  },
  { 'operator f(A): scalar infx "x"', "1:23", "unknown option `infx`", "did you mean infix?" },
  { "operator f(A): scalar Foo", "1:23", "expected the end of the statement, found `Foo`" },
  {
    "function f(t) = exp(t) elementwise",
    "1:24",
    "expected the end of the statement, found `elementwise`",
    "if `elementwise` says what sort of function this is, write it before the =",
  },
  { "function f(t) = t\n  derivative 1\n  derivative 2", "3:3", "`derivative` is given twice" },
  { "function f(t) = t\n  d(f(t)) -> d(t)", "2:11", "expected `=`, found `->`" },
  {
    "let",
    "1:4",
    "expected a declaration, found the end of the statement",
    "a declaration is written matrix A(m,n), vector x(n), scalar c; attributes stand behind: symmetric invertible",
  },
  { "let matrix A(m", "1:13", "this `(` is never closed" },
  { "let A", "1:5", "expected scalar, vector or matrix, found `A`", "did you mean matrix A?" },
  { "let matrix if", "1:12", "expected a name, found `if`", "`if` is a reserved word of rule files" },
  {
    "let vector x(n) matrix X",
    "1:17",
    "expected an attribute, `,` or `;`, found `matrix`",
    "declarations are separated by commas",
  },
  { "adjoint tr(X) -> Y", "1:15", "expected the name of the cotangent and `->`, found `->`" },
  { "adjoint A*X by -> Y", "1:16", "expected the name of the variable, found `->`" },
  {
    "fact A + A'",
    "1:6",
    "expected a property, such as symmetric(A), found `A`",
    "a property stands before its argument: fact symmetric(A*A')",
  },
  {
    "fact symmetric(A) foo",
    "1:19",
    "expected the end of the statement, found `foo`",
    "did you mean symmetric(A)*foo?",
  },
  { "layout", "1:7", "expected the name of the layout, found the end of the statement" },
  {
    "layout num\n  scalar by matrix d(y) = G*d(x)",
    "2:33",
    "expected `gives`, found the end of the statement",
    "what is printed stands behind the form: d(y) = g'*d(x)  gives  g",
  },
  { "layout num\n  scalar by matrix d(y) gives G", "2:25", "expected `=`, found `gives`" },
  {
    "layout num\n  scalar by matrix d(y) = x gives G\n  vector",
    "3:3",
    "expected a row: ... by ..., d(y) = ..., gives ..., found `vector`",
  },
  {
    "identity foo",
    "1:10",
    "expected the name of the identity, a string, found `foo`",
    'a string stands in quotes: identity "foo"',
  },
  { 'identity "foo"', "1:15", "expected an expression, found the end of the statement" },
  {
    'identity "foo" D(x, x)',
    "1:23",
    "expected `==` or the name of a layout, found the end of the statement",
    "the name of a layout stands before the derivative: D(x'*x, x)  denominator  2*x; in an equation ==",
  },
  {
    'identity "foo" D(x, x) numerator',
    "1:33",
    "expected an expression, found the end of the statement",
    "the answer follows the name of the layout: D(x'*x, x)  denominator  2*x",
  },
  { "check a", "1:8", "expected `==`, found the end of the statement", "both sides are needed: check left == right" },
  { "check a == b c", "1:14", "expected the end of the statement, found `c`", "did you mean b*c?" },
  { "use foo", "1:5", "expected the name of a file, a string, found `foo`", 'a string stands in quotes: use "foo"' },
  { 'without rul "x"', "1:9", "`rul` is no kind of statement", "did you mean rule?" },
  {
    "without rule",
    "1:13",
    "expected a name, found the end of the statement",
    'say of what kind: without rule "name", without identity "name", without operator NAME, without layout NAME',
  },
  { 'rename identity "x"', "1:20", "expected `as` and the new name, found the end of the statement" },
  {
    "default layout",
    "1:15",
    "expected a name, found the end of the statement",
    "say of what: default layout NAME, default convention NAME, default notation NAME",
  },
  { "attribute spd implies", "1:22", "expected an attribute, found the end of the statement" },
  {
    "convention c\n  symmetric G",
    "2:14",
    "expected the name of the gradient and `->`, found the end of the statement",
  },
  {
    "convention c\n  symmetric G -> G 3",
    "2:20",
    "expected a row: an attribute, G -> ..., found `3`",
    "did you mean G*3?",
  },
  { "attribute spd symmetric", "1:15", "expected the end of the statement, found `symmetric`" },
  { "let scalar a\nlet scalar \xff", "2:12", "byte 0xFF is not UTF-8", "save the text as UTF-8" },
  { "let scalar a\ncheck " .. ("("):rep(100000), "2:10007", "brackets nest more than 10000 deep" },
}

describe("statements.parse", function()
  for _, case in ipairs(reads) do
    it(("reads %q"):format(case[1]), function()
      local list, err = statements.parse(case[1])
      assert.is_nil(err and tostring(err))
      assert.equal(1, #list)
      assert.equal(case[2], write(list[1]))
    end)
  end

  for _, case in ipairs(refuses) do
    it(("refuses %q"):format(case[1]:sub(1, 60)), function()
      local list, err = statements.parse(case[1])
      assert.is_nil(list)
      assert.is_true(errors.is_error(err))
      assert.same(
        { case[2], case[3], case[4] },
        { ("%d:%d"):format(err.line, err.column), err.message, err.hint }
      )
    end)
  end

  for _, text in ipairs { "", "\n\n", "# a comment", "# a comment\n  # another\n", "   " } do
    it(("reads no statement in %q"):format(text), function()
      assert.same({}, statements.parse(text))
    end)
  end

  local function lines(text)
    local out = {}
    for i, statement in ipairs(assert(statements.parse(text))) do
      out[i] = ("%s %d:%d"):format(statement.kind, statement.line, statement.pos)
    end
    return table.concat(out, ", ")
  end

  it("numbers the lines of the file", function()
    local places = "let 3:6, check 6:32, fail 7:45"
    assert.equal(places, lines "# a\n\nlet scalar a,\n  scalar b\n\ncheck a == b\nfail a == b\n")
  end)

  it("takes the indentation of the first statement for the margin", function()
    assert.equal("let 2:6, let 4:32", lines "\n    let scalar a,\n      b\n    let scalar c\n")
  end)

  it("goes on over blank lines and comments to an indented line", function()
    assert.equal("let 1:1", lines "let scalar a\n\n# at the margin\n   # indented\n   , b\n")
  end)

  it("reads line ends with a carriage return", function()
    assert.equal("let 1:1, let 2:15", lines "let scalar a\r\nlet scalar b\r\n")
  end)

  it("reads past a byte order mark", function()
    assert.equal("let 1:4", lines "\u{FEFF}let scalar a")
  end)

  it("counts places from the beginning of the file", function()
    local list = statements.parse "let scalar a\nrule a + b ->\n  f(c) if m == n"
    local rule = list[2]
    assert.same(
      { 19, 21, 30, 40 },
      { rule.lhs.pos, rule.lhs.oppos[2], rule.rhs.pos, rule.conditions[1].oppos }
    )
  end)

  it("marks the places of rows, answers and flags", function()
    local layout = statements.parse("layout a odd\n  scalar by scalar d(y) = g gives g")[1]
    assert.same({ 10, 16 }, { layout.flagpos.odd, layout.rows[1].pos })
    local identity = statements.parse('identity "x" D(y, x) num y')[1]
    assert.same({ 14, 22 }, { identity.forms[1].pos, identity.forms[1].answers[1].pos })
  end)

  it("prints an error of a file as the place, the line, a caret and a hint", function()
    local _, err = statements.parse("let scalar a\nrul a -> b", { file = "course.rules" })
    assert.equal(
      "course.rules:2:1: unknown statement `rul`\nrul a -> b\n^\nhint: did you mean rule?",
      tostring(err)
    )
  end)

  it("raises an error at the caller when the text is no string", function()
    assert.has_error(function()
      statements.parse(nil)
    end, "text expected, got nil")
  end)
end)
