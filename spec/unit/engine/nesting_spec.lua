-- Rules that call each other deeply: counters, trees, towers, of scalars and of matrices.

local core = require "nabla.core"
local nabla = require "nabla"
local sample = require "spec.support.sample"

-- A session with these rules and declarations.
local function session(rules, decl)
  local s = assert(nabla.new {})
  assert(s:rule(rules))
  if decl then
    s:declare(decl)
  end
  return s
end

local COUNTER = [[
operator count(s): scalar
let number k
rule "0" count(0) -> 0
rule "k" count(k) -> count(k - 1) + 1   if k >= 1 terminating]]

-- Not the machine for plain rules: an argument is a matrix.
local TRACES = [[
operator foo(A(n,n), k): scalar
let matrix S(n,n), number k
rule "0" foo(S, 0) -> 0
rule "k" foo(S, k) -> foo(S, k - 1) + tr(S)   if k >= 1 terminating]]

-- Numbers as towers: plus and the numbers of Fibonacci.
local TOWERS = [[
operator zero(s): scalar
operator next(s): scalar
operator plus(s, t): scalar
operator fib(s): scalar
let scalar s, scalar t
rule plus(zero(1), t) -> t
rule plus(next(s), t) -> next(plus(s, t))
rule fib(zero(1)) -> zero(1)
rule fib(next(zero(1))) -> next(zero(1))
rule fib(next(next(s))) -> plus(fib(next(s)), fib(s))]]

local function tower(n)
  return ("next("):rep(n) .. "zero(1)" .. (")"):rep(n)
end

describe("rules that are applied one inside the other", function()
  sample.whole(it)("go 100,000 deep, of numbers", function()
    local s = session(COUNTER)
    assert.equal("100000", tostring(s:parse "count(100000)"))
    assert.is_nil(s.S:check())
  end)

  it("go 20,000 deep, of matrices", function()
    local s = session(TRACES, "matrix A(n,n), matrix B(n,n) symmetric")
    assert.equal("20000*tr(A)", tostring(s:simplify "foo(A, 20000)"))
    assert.equal("7000*tr(B)", tostring(s:simplify "foo(B, 7000)"))
    assert.is_nil(s.S:check())
  end)

  it("go as deep where a rule is for simplification", function()
    local s = session(
      [[
operator foo(A(n,n), k): scalar
let matrix S(n,n), number k
rule "0" foo(S, 0) -> 0
rule "k" foo(S, k) -> foo(S, k - 1) + tr(S)   if k >= 1, symmetric(S) terminating]],
      "matrix A(n,n), matrix B(n,n) symmetric"
    )
    assert.equal("3000*tr(B)", tostring(s:simplify "foo(B, 3000)"))
    assert.equal("foo(A, 3000)", tostring(s:simplify "foo(A, 3000)"))
  end)

  it("call themselves in arguments of each other", function()
    local s = session [[
operator ack(s, t): scalar
let number i, number j
rule ack(0, j) -> j + 1
rule ack(i, 0) -> ack(i - 1, 1)   if i >= 1
rule ack(i, j) -> ack(i - 1, ack(i, j - 1))   if i >= 1, j >= 1 terminating]]
    assert.equal("1021", tostring(s:parse "ack(3, 7)"))
    assert.equal("1003", tostring(s:parse "ack(2, 500)"))
  end)

  it("share what they have worked out: a tree of 2^300 calls", function()
    local s = session(
      [[
operator all(A(n,n), k): scalar
let matrix S(n,n), number k
rule "0" all(S, 0) -> 2
rule "k" all(S, k) -> all(S, k - 1)*all(-S, k - 1)   if k >= 1 terminating]],
      "matrix A(n,n)"
    )
    local node = s:parse "all(A, 7)"
    assert.equal(tostring(s:parse "2^128"), tostring(node))
  end)

  it("make towers of 10,946", function()
    local s = session(TOWERS)
    local node = s:parse("fib(" .. tower(21) .. ")")
    assert.equal(10946 + 2, #s.S:postorder((select(2, core.unwrap(node)))))
    assert.is_nil(s.S:check())
  end)

  it("are logged as ever", function()
    local s = session(TOWERS)
    s.S:begin()
    s.S:log(true)
    local node = s:parse("fib(" .. tower(3) .. ")")
    local log = s.S:log()
    s.S:log(false)
    assert.equal(tower(2), tostring(node))
    assert.is_true(#log >= 3 * 4)
  end)

  sample.whole(it)("end with an error where they do not end, and the session goes on", function()
    local s = session [[
operator up(s): scalar
let number k
rule "up" up(k) -> up(k + 1)   if k >= 1]]
    local node, err = s:parse "up(1)"
    assert.is_nil(node)
    assert.equal('the rules do not come to an end: "up" was applied 250000 times, one inside the other', err.message)
    assert.equal("budget", err.status)
    assert.equal("up(0)", tostring(s:parse "up(0)"))
    s:limits { nesting = 1000 }
    node, err = s:parse "up(2)"
    assert.is_nil(node)
    assert.equal('the rules do not come to an end: "up" was applied 1000 times, one inside the other', err.message)
  end)

  it("end early where their numbers grow", function()
    local s = session('let matrix A(n,n)\nrule "careless" tr(4*A) -> 3*tr(A)', "matrix X(n,n)")
    local started = os.clock()
    local node, err = s:parse "tr(4*X)"
    assert.is_nil(node)
    assert.matches('do not come to an end in the memory for it: "careless" was applied %d+ times', err.message)
    assert.is_true(os.clock() - started < 10)
    assert.equal("det(X)", tostring(s:parse "det(X)"))
  end)

  it("end early where they make ever larger expressions", function()
    local s = session(
      [[
operator grow(A(n,n)): matrix (n,n)
let matrix S(n,n)
rule "grow" grow(S) -> grow(S*S + S'*S) + S   terminating
]],
      "matrix A(n,n)"
    )
    s:limits { nesting = 20000 }
    local node, err = s:parse "grow(A)"
    assert.is_nil(node)
    assert.equal("budget", err.status)
    assert.is_nil(s.S:check())
  end)

  it("ask predicates in Lua on the way", function()
    local s = assert(nabla.new {})
    s:predicate("big", function(k)
      return k.op == "number" and tostring(k) ~= "0"
    end)
    assert(s:rule [[
operator foo(A(n,n), k): scalar
let matrix S(n,n), number k
rule "0" foo(S, 0) -> 0
rule "k" foo(S, k) -> foo(S, k - 1) + tr(S)   if big(k) terminating]])
    s:declare "matrix A(n,n)"
    assert.equal("1000*tr(A)", tostring(s:simplify "foo(A, 1000)"))
  end)
end)
