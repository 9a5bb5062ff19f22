-- How the time of what stands before and behind the engine grows: declaring, reading, printing, lines of a batch.
--
-- A row is an exponent: how the time grows between two sizes. Its target is the exponent by which what is read or written grows,
-- and 0.2; beside it stand the times. Each time is the least of a few runs, in a session of its own.

local batch = require "nabla.command.batch"
local json = require "dkjson"
local measure = require "bench.measure"
local nabla = require "nabla"

local RUNS, MARGIN = 3, 0.2

local function joined(k, pattern, operator)
  local parts = {}
  for i = 1, k do
    parts[i] = pattern:gsub("#", i)
  end
  return table.concat(parts, operator)
end

local function declared(k)
  local s = assert(nabla.new {})
  assert(s:declare "vector x(n)")
  for i = 1, k do
    assert(s:declare("matrix A" .. i .. "(n,n)"))
  end
  return s
end

-- A function that is timed, and the length of what it reads or gives.
local function reading(prepare, text)
  local s = prepare()
  return function()
    assert(s:parse(text))
  end, #text
end

local function fresh_session()
  return assert(nabla.new {})
end

-- What grows, two sizes, and what is timed at a size: a function and a length.
local CASES = {
  {
    "names declared one by one",
    10000,
    100000,
    function(k)
      local s, names = fresh_session(), {}
      for i = 1, k do
        names[i] = "scalar q" .. i
      end
      return function()
        for i = 1, k do
          assert(s:declare(names[i]))
        end
      end,
        k
    end,
  },
  {
    "names in one declaration",
    1000,
    10000,
    function(k)
      local s, text = fresh_session(), "matrix " .. joined(k, "A#(n,n)", ", ")
      return function()
        assert(s:declare(text))
      end, #text
    end,
  },
  {
    "reading x'*A1*x + x'*A2*x + .., all declared",
    1000,
    4000,
    function(k)
      return reading(function()
        return declared(k)
      end, joined(k, "x'*A#*x", " + "))
    end,
  },
  {
    "reading the same, nothing declared",
    1000,
    4000,
    function(k)
      return reading(fresh_session, joined(k, "x'*A#*x", " + "))
    end,
  },
  {
    "reading tanh(W1*tanh(W2*..*x)), nothing declared",
    500,
    2000,
    function(k)
      return reading(fresh_session, joined(k, "tanh(W#", "*") .. "*x" .. (")"):rep(k))
    end,
  },
  {
    "reading A1*A2*.., nothing declared",
    500,
    2000,
    function(k)
      return reading(fresh_session, joined(k, "A#", "*"))
    end,
  },
  {
    "writing x'*A1*x + x'*A2*x + ..",
    1000,
    10000,
    function(k)
      local s = declared(k)
      local f = assert(s:parse(joined(k, "x'*A#*x", " + ")))
      return function()
        assert(f:text())
      end, #f:text()
    end,
  },
  {
    "writing the same in LaTeX",
    1000,
    10000,
    function(k)
      local s = declared(k)
      local f = assert(s:parse(joined(k, "x'*A#*x", " + ")))
      return function()
        assert(f:text "latex")
      end, #f:text "latex"
    end,
  },
  {
    "writing nested quotients, many deep",
    300,
    3000,
    function(k)
      local s = fresh_session()
      local f = assert(s:parse("sin(" .. joined(k, "t/(1 + exp(t", "+ ") .. ("))"):rep(k) .. ")"))
      return function()
        assert(f:text())
      end, #f:text()
    end,
  },
  {
    "a line of a batch with many terms",
    300,
    3000,
    function(k)
      local decl = { "vector x(n)" }
      for i = 1, k do
        decl[i + 1] = "matrix A" .. i .. "(n,n)"
      end
      local line = json.encode { expr = joined(k, "x'*A#*x", " + "), wrt = "x", decl = decl }
      return function()
        batch.answer({ count = 0 }, line)
      end, #line
    end,
  },
}

return function(report)
  for _, case in ipairs(CASES) do
    local what, small, large, prepare = table.unpack(case)
    local times, lengths = {}, {}
    for i, size in ipairs { small, large } do
      for _ = 1, RUNS do
        local work, length = prepare(size)
        collectgarbage()
        local seconds = measure.seconds(work)
        times[i], lengths[i] = math.min(times[i] or seconds, seconds), length
      end
    end
    local over = math.log(large / small)
    report {
      what = what,
      value = math.log(times[2] / times[1]) / over,
      unit = "exponent",
      target = math.log(lengths[2] / lengths[1]) / over + MARGIN,
      peers = { { ("time at %d"):format(small), times[1] }, { ("time at %d"):format(large), times[2] } },
    }
  end
end
