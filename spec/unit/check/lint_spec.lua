-- What `nabla check` remarks about a careless file: each remark with its place, and no remark where there is nothing to say.

local files = require "spec.support.files"
local nabla = require "nabla"
local review = require "nabla.review"
local sample = require "spec.support.sample"

-- The remarks on a file that holds the text, as lines `LINE:COLUMN: error: message`; the file is called FILE.
local function remarks_on(text)
  local path = files.temporary(text)
  local session = assert(nabla.new())
  assert(session:load(path))
  local lines, list = {}, review.new(session):file(path)
  os.remove(path)
  local function shown(s)
    local at = s:find(path, 1, true)
    while at do
      s = s:sub(1, at - 1) .. "FILE" .. s:sub(at + #path)
      at = s:find(path, 1, true)
    end
    return s
  end
  for i, remark in ipairs(list) do
    assert.is_truthy(remark.hint, remark.message)
    assert.is_truthy(tostring(remark.error):find("\nhint: " .. remark.hint, 1, true))
    lines[i] =
      shown(string.format("%d:%d: %s: %s", remark.line, remark.column, remark.verdict, remark.message))
  end
  return lines
end

local NOT_ENDING = "error: rewriting does not come to an end: the rules do not come to an end: "

-- Title, text, remarks.
local cases = {
  {
    "a fact that its declaration or its condition says already",
    [[
attribute rotation implies orthogonal
let matrix R(n,n), matrix S(n,n) rotation
fact rotation(R) if rotation(R)
fact orthogonal(S)
fact rotation(R*S) if rotation(R)
]],
    "3:1: warning: it is said already that R is rotation: the fact says nothing new",
    "4:1: warning: it is said already that S is orthogonal: the fact says nothing new",
  },
  {
    "names that are declared and never used",
    [[
let matrix S(n,n), matrix Spare(n,n), scalar b
let vector y(n)
operator foo(A(n,n)): scalar
rule "a" d(foo(S)) -> tr(d(S))
let vector y(m)
identity "b"
    let vector b(n), matrix B(n,n)
    D(foo(B), B) denominator I(n)
check y == y]],
    "1:27: warning: Spare is declared and never used",
    "1:46: warning: b is declared and never used",
    "2:12: warning: y is declared and never used",
  },
  {
    "simplifications that the textbook form undoes, and one that it keeps",
    [[
let matrix A(n,n), matrix B(n,p), matrix C(n,p), matrix S(n,n), vector x(n), scalar a
simplify "spread" (A + A')*x -> A*x + A'*x
simplify "opened" A*(B + C) -> A*B + A*C
rule "opened, with a condition" (A + S)*B -> A*B + S*B  if symmetric(S)
simplify "factor" a*A + A -> (1 + a)*A
simplify "norm" x'*x -> norm2(x)^2]],
    "2:33: warning: has no effect: its left side is printed as (A + A')*x with it and without it",
    "3:32: warning: has no effect: its left side is printed as A*(B + C) with it and without it",
    "4:46: warning: has no effect: its left side is printed as (A + S)*B with it and without it",
  },
  {
    "an operator of which nothing is said, an attribute that nothing asks for",
    [[
operator foo(A(n,n)): scalar
operator bar(A(n,n)): scalar
operator baz: scalar
operator map(A(m,n)): same elementwise
attribute nice
attribute kind
attribute better implies kind
let matrix A(n,n) better
rule "a" d(foo(A)) -> tr(d(A))]],
    "2:1: warning: the operator bar is declared, and no rule, fact or identity speaks of it",
    "5:1: warning: the attribute nice is declared, and nothing asks for it",
  },
  {
    "parameters that are not used, arguments by which a derivative would be zero",
    [[
function foo(x(n), y(n)): scalar = x'*y
    d(foo(x,y)) = d(x)'*y
function bar(x(n), y(n)): scalar = x'*x
function pad(x(n), k): vector (n) = x
function one(x(n)): vector (n) = ones(n)
operator baz(A(m,n), B(m,n)): scalar
operator quux(A(m,n), k): scalar
let matrix A(m,n), matrix B(m,n), matrix C(m,n) constant, scalar k
rule "b" d(baz(A,B)) -> tr(A'*d(B))
rule "q" d(quux(A,k)) -> k*sum(d(A))   if zero(d(k))
operator still(A(m,n)): scalar
rule "s" d(still(A)) -> 0
operator half(A(m,n), B(m,n)): scalar
rule "h" d(half(A,C)) -> tr(C'*d(A))]],
    "2:13: warning: the right side has no term in d(y): the derivative by y would be zero",
    "3:20: warning: the parameter y of bar is not used",
    "4:20: warning: the parameter k of pad is not used",
    "5:14: warning: the parameter x of one is not used",
    "9:16: warning: the right side has no term in d(A): the derivative by A would be zero",
  },
  {
    "a cotangent that nothing carries on",
    [[
operator foo(A(m,n)): matrix (m,n) linear
let matrix A(m,n)
adjoint foo(A)   Y -> zeros(m,n)
jacobian foo(A)  J -> J]],
    "3:23: warning: Y does not stand on the right side: nothing is carried on",
  },
  {
    "a loop, a heading, a default and an identity that do nothing",
    [[
default layout numerator
table "empty"
table "full"
let vector x(n), matrix A(m,n)
fact for p, f in (symmetric, sin) (symmetric, cos)   p(A'*A)
identity "a"
    D(x'*x, x)  numerator 2*x'  denominator 2*x
identity "b"
    D(x'*x, x)  denominator 2*x
default layout denominator]],
    "1:1: warning: this default layout has no effect: line 10 chooses another",
    '2:1: warning: the table "empty" has no rows',
    "5:6: warning: the statement does not depend on f: it says the same again for each value",
    '9:5: warning: the identity "a" (line 6) is about the same in the layout denominator',
  },
  {
    "a rule that never gets its turn",
    [[
operator foo(A(m,n)): scalar
let matrix A(m,n), matrix X(n,n)
rule "one" foo(X) -> tr(X)
rule "two" foo(A) -> sum(A)   priority 3]],
    '3:12: error: never used: the rule "two" (FILE:4) applies to this left side and goes first',
  },
  {
    "an adjoint, a jacobian, a block and a fact that are there twice",
    [[
operator foo(A(m,n), B(m,n)): matrix (m,n) bilinear
let matrix A(m,n), matrix B(m,n), matrix P(m,n), matrix Q(m,n), matrix S(n,n), matrix T(n,n)
adjoint foo(A,B) by A  Y -> Y
adjoint foo(A,B) by B  Y -> Y
adjoint foo(P,Q) by Q  Y -> 2*Y
jacobian foo(A,B) by A  J -> J
jacobian foo(P,Q) by P  J -> 2*J
block foo(A,B) by B  Y(h,w) -> Y
block foo(P,Q) by Q  Y(h,w) -> 2*Y
fact nonnegative(exp(A))
fact symmetric(foo(T, T))
fact symmetric(foo(S, S))]],
    "5:9: error: never used: the adjoint of FILE:4 applies to this left side and goes first",
    "7:10: error: never used: the jacobian of FILE:6 applies to this left side and goes first",
    "9:7: error: never used: the block of FILE:8 applies to this left side and goes first",
    '12:16: warning: the fact "symmetric" (FILE:11) says this already',
  },
  {
    "two rules of which the order in the file decides",
    [[
operator foo(A(m,n), B(p,q)): scalar
operator bar(A(n,n)): scalar
let matrix A(m,n), matrix S(n,n)
rule "left"   foo(A, I(n)) -> sum(A)
rule "right"  foo(I(n), A) -> 2*sum(A)
simplify "sym"  bar(S) -> tr(S)    if symmetric(S)
simplify "ort"  bar(S) -> sum(S)   if orthogonal(S)]],
    '5:15: warning: the rule "left" (FILE:4) applies to foo(I(n), I(n)) as well, and neither has a priority: '
      .. "this one makes it 2*n, the other one n",
    '7:17: warning: the rule "sym" (FILE:6) applies to bar(S) as well, and neither has a priority: '
      .. "this one makes it sum(S), the other one tr(S)",
  },
  {
    "nothing, where a priority decides, one rule is a special case of the other, or both lead to the same",
    [[
operator foo(A(m,n), B(p,q)): scalar
operator bar(A(n,n)): scalar
let matrix A(m,n), matrix X(n,n)
rule "left"   foo(A, I(n)) -> sum(A)     priority 1
rule "right"  foo(I(n), A) -> 2*sum(A)
rule "identity"  bar(I(n)) -> 7
rule "square"    bar(X) -> tr(X)]],
  },
  {
    "rules that do not come to an end, under their conditions",
    [[
operator foo(A(n,n)): matrix (n,n)
let matrix S(n,n)
rule "a" foo(S) -> foo(S')   if square(S)]],
    "3:20: " .. NOT_ENDING .. '"a" was applied 150 times, one inside the other',
  },
  {
    "a rule that counts without an end",
    [[
operator foo(A(n,n), k): matrix (n,n)
let matrix S(n,n), number k
rule "a" foo(S, k) -> foo(S, k - 1)   if k < 100]],
    "3:23: " .. NOT_ENDING .. '"a" was applied 150 times, one inside the other',
  },
  {
    "a rule that grows, and says that it ends",
    [[
operator foo(A(n,n)): scalar
let matrix S(n,n)
rule "a" foo(S) -> foo(S*S + S'*S) + tr(S)   terminating]],
    "3:20: " .. NOT_ENDING .. '"a" was applied 150 times, one inside the other',
  },
  {
    "differential rules that lead to each other",
    [[
operator foo(A(n,n)): scalar
operator bar(A(n,n)): scalar
let matrix S(n,n)
rule "a" d(foo(S)) -> d(bar(S))
rule "b" d(bar(S)) -> d(foo(S))   if square(S)]],
    "4:23: error: rewriting does not come to an end: the budget of 20000 steps is used up; the rules that fired last: "
      .. '"a", "b", "a", "b"',
    "5:23: error: rewriting does not come to an end: the budget of 20000 steps is used up; the rules that fired last: "
      .. '"b", "a", "b", "a"',
  },
  {
    "nothing, where a condition stops a rule",
    [[
operator foo(A(n,n), k): matrix (n,n)
let matrix S(n,n), number k
rule "a" foo(S, k) -> S*foo(S, k - 1)   if k > 0, integer(k)   terminating
rule "b" foo(S, 0) -> S]],
  },
}

describe("a careless rule file", function()
  for _, case in ipairs(sample.of(cases, 4)) do
    sample.whole(it)("gets remarks on " .. case[1], function()
      local found = remarks_on(case[2])
      for i, line in ipairs(found) do
        found[i] = line:gsub("(rules/[%w/-]+%.rules):%d+", "%1:N")
      end
      assert.are.same({ table.unpack(case, 3) }, found)
    end)
  end

  sample.whole(it)("leaves the session as it was", function()
    local session = assert(nabla.new { limits = { steps = 5000 } })
    assert(session:declare "matrix X(n,n)")
    local before, gone = session.S:rule_count(), {}
    for serial = 1, before do
      gone[serial] = session.S:rule_gone(serial)
    end
    review.new(session):file "algebra/products.rules"
    assert.are.equal(before, session.S:rule_count())
    for serial = 1, before do
      assert.are.equal(gone[serial], session.S:rule_gone(serial))
    end
    assert.are.equal("inv(X)'", tostring(session:diff("logdet(X)", "X")))
    assert.are.equal(5000, session.S:limits({}).steps)
  end)
end)

describe("nabla's own rule files", function()
  sample.whole(it)("leave nothing to remark", function()
    local session = assert(nabla.new())
    assert(session:load "identities.rules")
    local reviewer = review.new(session)
    local paths = {}
    for path in pairs(session.files) do
      paths[#paths + 1] = path
    end
    table.sort(paths)
    assert.is_true(#paths > 40)
    for _, path in ipairs(paths) do
      for _, remark in ipairs(reviewer:file(path)) do
        error(tostring(remark.error))
      end
    end
  end)
end)
