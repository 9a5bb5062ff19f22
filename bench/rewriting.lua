-- Rules of a user as a program: recursion over towers next(next(..)) and over numbers, and rules for elements in any order.
-- Maude has the same rules; it does not remember what it has rewritten, nabla does.

local core = require "nabla.core"
local measure = require "bench.measure"
local nabla = require "nabla"

local RUNS = 5

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

local NUMBERS = [[
operator fib(s): scalar
operator count(s): scalar
let number n
rule fib(0) -> 0
rule fib(1) -> 1
rule fib(n) -> fib(n - 1) + fib(n - 2)   if n >= 2 terminating
rule count(0) -> 0
rule count(n) -> count(n - 1) + 1   if n >= 1 terminating]]

local BAGS = [[
operator it(s): scalar
operator key(s): scalar
operator done(s): scalar
let number i, number j
]]

-- Seconds that `work(S)` takes in a session with the rules; `prepare(S)`, not timed, gives it an argument. Each run has
-- a session of its own, so that nothing is remembered.
local function rewriting(rules, prepare, work)
  return (
    measure.runs(RUNS, function()
      local s = assert(nabla.new {})
      assert(s:rule(rules))
      collectgarbage()
      return s.S, prepare(s)
    end, work)
  )
end

local function applied(name, text)
  return function(s)
    return { name, (select(2, core.unwrap(assert(s:parse(text))))), s }
  end
end

local function apply(S, what)
  return S:apply(what[1], { what[2] })
end

-- The nodes name(1) .. name(n) for each of the names.
local function elements(n, ...)
  local names = { ... }
  return function(s)
    local list = { held = s }
    for _, name in ipairs(names) do
      for i = 1, n do
        list[#list + 1] = s.S:apply(name, { s.S:rational(i) })
      end
    end
    return list
  end
end

local function product(S, list)
  return S:product(list)
end

local function tower(n)
  return ("next("):rep(n) .. "zero(1)" .. (")"):rep(n)
end

return function(report)
  local maude, why = measure.maude_peer "rewriting.maude"
  local rows = {
    { "fib(25), of towers", TOWERS, applied("fib", tower(25)), apply },
    { "fib(25), of numbers", NUMBERS, applied("fib", "25"), apply },
    { "count(100000): as deep", NUMBERS, applied("count", "100000"), apply },
    { "it(i)*it(j) -> it(i + j), 20,000 factors", BAGS .. "rule it(i)*it(j) -> it(i + j)",
      elements(20000, "it"), product },
    { "it(i)*key(i) -> done(i), 400 and 400", BAGS .. "rule it(i)*key(i) -> done(i)",
      elements(400, "it", "key"), product },
    { "it(i)*key(i) -> done(i), 1,000 and 1,000", BAGS .. "rule it(i)*key(i) -> done(i)",
      elements(1000, "it", "key"), product },
    { "it(i)*it(j) -> it(i) if j < i, 20,000 factors", BAGS .. "rule it(i)*it(j) -> it(i)   if j < i",
      elements(20000, "it"), product },
  }
  for i, row in ipairs(rows) do
    local peer = maude and maude[i]
    report {
      what = row[1],
      value = rewriting(row[2], row[3], row[4]),
      target = peer and peer > 0 and 2 * peer or nil,
      peers = { { "Maude", peer, why } },
    }
  end
end
