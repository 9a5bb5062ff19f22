-- Problems that the session has not seen, each with names of its own: as texts through `nabla batch`, and phase by phase.
--
-- The floor reads and writes the JSON of the same requests, and nothing else. The last rows are growth: the time (or the
-- length of the answer) for a problem over that for a smaller one of the same run.

local batch = require "nabla.command.batch"
local json = require "dkjson"
local measure = require "bench.measure"
local nabla = require "nabla"

local problems = {
  { "tr(A*X*B)", "X", "matrix A(n,m)", "matrix X(m,p)", "matrix B(p,n)" },
  { "tr(X'*A*X)", "X", "matrix X(n,n)", "matrix A(n,n)" },
  { "x'*A*x + b'*x", "x", "vector x(n)", "vector b(n)", "matrix A(n,n)" },
  { "log(det(X))", "X", "matrix X(n,n) invertible" },
  { "tr((A*X - B)'*(A*X - B))", "X", "matrix A(n,n)", "matrix X(n,n)", "matrix B(n,n)" },
  { "tr(A*inv(X)*B)", "X", "matrix A(n,n)", "matrix X(n,n) invertible", "matrix B(n,n)" },
  { "sum(exp(A*x))", "x", "matrix A(m,n)", "vector x(n)" },
  { "log(det(X)) + a'*inv(X)*a", "X", "matrix X(n,n) symmetric invertible", "vector a(n)" },
  { "tr(X'*A*X*X'*B*X)", "X", "matrix X(n,n) invertible", "matrix A(n,n)", "matrix B(n,n)" },
}

-- A problem with the number i behind each of its names: expression, variable, declarations.
local function numbered(i)
  local p, own = problems[i % #problems + 1], {}
  for k, text in ipairs(p) do
    own[k] = text:gsub("%f[%a][AXBxab]%f[%A]", "%0" .. i)
  end
  return own[1], own[2], { table.unpack(own, 3) }
end

local function batch_rows(report)
  local cache, number, times, floors, chunk = { count = 0 }, 0, {}, {}, 500
  for round = 0, 20 do
    local lines = {}
    for i = 1, chunk do
      number = number + 1
      local expr, wrt, decl = numbered(number)
      lines[i] = json.encode { id = number, expr = expr, wrt = wrt, decl = decl }
    end
    local answers = {}
    times[round] = measure.seconds(function()
      for i, line in ipairs(lines) do
        answers[i] = batch.answer(cache, line)
      end
    end) / chunk
    floors[round] = measure.seconds(function()
      for i, line in ipairs(lines) do
        json.encode((json.decode(line)))
        json.encode((json.decode(answers[i])))
      end
    end) / chunk
  end
  report {
    what = "text to text through nabla batch, 10,000 problems",
    value = measure.median(times),
    target = 2e-4,
    peers = { { "floor: JSON read and written", measure.median(floors) } },
  }
end

local function phase_rows(report)
  local s = assert(nabla.new {})
  local names = { "declare", "parse", "differentiate and simplify", "print" }
  local targets = { 2e-5, 3e-5, 6e-5, 4e-5 }
  local times = { {}, {}, {}, {} }
  for round = 1, 21 do
    local took, chunk = { 0, 0, 0, 0 }, 90
    for i = 1, chunk do
      local expr, wrt, decl = numbered(round * chunk + i)
      local f, g
      s:reset()
      took[1] = took[1] + measure.seconds(function()
        assert(s:declare(table.unpack(decl)))
      end)
      took[2] = took[2] + measure.seconds(function()
        f = assert(s:parse(expr))
      end)
      took[3] = took[3] + measure.seconds(function()
        g = assert(s:diff(f, wrt))
      end)
      took[4] = took[4] + measure.seconds(function()
        return tostring(g)
      end)
    end
    for k = 1, 4 do
      times[k][round] = took[k] / chunk
    end
  end
  for k, name in ipairs(names) do
    report { what = "  of a problem with new names: " .. name, value = measure.median(times[k]), target = targets[k] }
  end
end

local function joined(k, pattern, operator)
  local parts = {}
  for i = 1, k do
    parts[i] = pattern:gsub("#", i)
  end
  return table.concat(parts, operator)
end

-- How much larger f(2) is than f(1), sizes given; the median of five.
local function growth(f, small, large)
  local ratios = {}
  for i = 1, 5 do
    ratios[i] = f(large) / f(small)
  end
  return measure.median(ratios)
end

local function growth_rows(report)
  report {
    what = "names declared one by one, 10,000 over 1,000",
    unit = "times",
    target = 16,
    value = growth(function(k)
      local s = assert(nabla.new {})
      return measure.seconds(function()
        for i = 1, k do
          assert(s:declare("scalar q" .. i))
        end
      end)
    end, 1000, 10000),
  }
  report {
    what = "tr(A1*X*..*Ak*X) by X, k = 128 over 64",
    unit = "times",
    target = 8,
    value = growth(function(k)
      local s = assert(nabla.new {})
      local f = assert(s:parse("tr(" .. joined(k, "A#*X", "*") .. ")"))
      return measure.seconds(function()
        return assert(s:diff(f, "X"))
      end)
    end, 64, 128),
  }
  report {
    what = "characters of the derivative of 65 factors over 60",
    unit = "times",
    target = 1.2,
    value = growth(function(k)
      local s = assert(nabla.new {})
      return #tostring(assert(s:diff("sum(" .. joined(k, "exp(A#*x)", ".*") .. ")", "x")))
    end, 60, 65),
  }
end

return function(report)
  batch_rows(report)
  phase_rows(report)
  growth_rows(report)
end
