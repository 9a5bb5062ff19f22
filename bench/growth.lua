-- How the time of an answer grows with a problem: the exponent between the two largest sizes, beside that of the answer.

local core = require "nabla.core"
local measure = require "bench.measure"
local nabla = require "nabla"

local RUNS = 3
-- An exponent may be so much above that of the answer: one of a cache's misses, and of the clock.
local MORE = 0.2

local function repeated(n, pattern, separator)
  local list = {}
  for i = 1, n do
    list[i] = pattern:gsub("#", tostring(i))
  end
  return table.concat(list, separator)
end

-- A problem: its name, sizes, and a function of a session and a size that gives the work to time. The work gives an answer whose words
-- are counted, or nothing where an answer has one size.
local function gradient(pattern, separator, around, wrt)
  return function(s, n)
    local text = around:format(repeated(n, pattern, separator))
    local f = assert(s:parse(text))
    return function()
      return assert(s:diff(f, wrt))
    end
  end
end

local problems = {
  { "product of n scalars by one", { 300, 3000 }, gradient("b#", "*", "%s", "b3") },
  { "product of n sines by t", { 75, 300 }, gradient("sin(b#*t)", "*", "%s", "t") },
  { "sum of n sines by t", { 500, 5000 }, gradient("sin(b#*t)", "+", "%s", "t") },
  { "sum of n quadratic forms", { 300, 3000 }, gradient("x'*A#*x", "+", "%s", "x") },
  { "tr(A1*X*A2*X* ..), n times X", { 64, 128 }, gradient("A#*X", "*", "tr(%s)", "X") },
  { "entries of n exp(A*x), multiplied", { 60, 240 }, gradient("exp(A#*x)", ".*", "sum(%s)", "x") },
  { "sum of n Kronecker products", { 40, 400 }, gradient("kron(A#,B#)", "+", "norm2((%s)*x)^2", "x") },
  {
    "sin(sin(..)), n deep, by t",
    { 1000, 10000 },
    function(s, n)
      s:declare "scalar t"
      local f = s:parse "t"
      for _ = 1, n do
        f = nabla.sin(f)
      end
      return function()
        return assert(s:diff(f, "t"))
      end
    end,
  },
  {
    "Hessian of n layers tanh(W*..)",
    { 16, 32 },
    function(s, n)
      local f = s:parse("a'*" .. repeated(n, "tanh(W#*", "") .. "x" .. (")"):rep(n))
      return function()
        return assert(s:hessian(f, "x"))
      end
    end,
  },
  {
    "n counted sums",
    { 40, 400 },
    function(s, n)
      s:declare "vector x(n)"
      local f = assert(s:parse(repeated(n, "sum(i=1..n, a#*x(i)^2)", "+")))
      return function()
        return assert(s:diff(f, "x"))
      end
    end,
  },
  {
    "n rules for one operator, and a use",
    { 1000, 10000 },
    function(s, n)
      local text = "operator mark(s, t): scalar\nlet scalar s, scalar t\n"
        .. repeated(n, 'rule "number #"  mark(#, s) -> s + #\n', "")
      return function()
        assert(s:rule(text))
        assert(s:parse "mark(7, 1)")
      end
    end,
  },
  {
    "n steps of a rule that calls itself",
    { 10000, 100000 },
    function(s, n)
      assert(s:rule [[
operator count(s): scalar
let number k
rule count(0) -> 0
rule count(k) -> count(k - 1) + 1   if k >= 1 terminating]])
      return function()
        assert(s:parse("count(" .. n .. ")"))
      end
    end,
  },
}

-- The words of the nodes that an answer is made of, what it shares counted once.
local function words(s, answer)
  local S, count = s.S, 0
  for _, id in ipairs(S:postorder((select(2, core.unwrap(answer))))) do
    count = count + 1 + #S:args(id)
  end
  return count
end

return function(report)
  for _, problem in ipairs(problems) do
    local name, sizes, make = table.unpack(problem)
    local times, lengths = {}, {}
    for i, n in ipairs(sizes) do
      local s, answer
      times[i], answer = measure.runs(RUNS, function()
        s = assert(nabla.new {})
        collectgarbage()
        return make(s, n)
      end, function(work)
        return work()
      end)
      lengths[i] = answer and words(s, answer) or n
    end
    local ratio = sizes[2] / sizes[1]
    local grown = math.log(lengths[2] / lengths[1], ratio)
    report {
      what = ("%s, n = %d to %d: exponent"):format(name, sizes[1], sizes[2]),
      value = math.log(times[2] / times[1], ratio),
      unit = "exponent",
      target = math.max(grown, 1) + MORE,
      peers = { { "exponent of the answer", grown }, { "the larger one, ms", times[2] * 1e3 } },
    }
  end
end
