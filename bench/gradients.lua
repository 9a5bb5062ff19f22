-- Nine gradients by a matrix, each from a node that is there already, in a session that has done the like before.
--
-- The store keeps the differentials of the last variable. So that none is found there, a dummy variable is differentiated by
-- itself before each gradient, inside the timing. Nodes made by an earlier run are still in the table, marked as simple where
-- no simplification rule applies. So the same gradients are then taken with names that the session has not seen, where
-- everything is made anew: by a variable without an attribute, and by one with. Declaring and reading are not timed there.

local core = require "nabla.core"
local measure = require "bench.measure"
local nabla = require "nabla"

local expressions = {
  "tr(A*X*B)",
  "tr(X'*A*X)",
  "tr(X*X*X)",
  "tr(A*inv(X)*B)",
  "log(det(X))",
  "tr((A*X - B)'*(A*X - B))",
  "tr(X'*A*X*X'*B*X)",
  "exp(tr(X'*A*X))",
  "log(det(X)) + a'*inv(X)*a",
}

local repetitions, batches, rounds = 200, 15, 101

-- Median seconds per call of work, in batches.
local function each(work)
  for _ = 1, repetitions do
    work()
  end
  local times = {}
  for i = 1, batches do
    times[i] = measure.seconds(function()
      for _ = 1, repetitions do
        work()
      end
    end) / repetitions
  end
  return measure.median(times)
end

local function sum(list)
  local total = 0
  for _, v in ipairs(list) do
    total = total + v
  end
  return total
end

-- Median seconds of each gradient with names that the session s has not seen; the variable has the attribute (text, "" for none).
local function with_new_names(s, attribute)
  local times, number = {}, 0
  for i = 1, #expressions do
    times[i] = {}
  end
  for round = 1, rounds do
    s:reset()
    for i, text in ipairs(expressions) do
      number = number + 1
      local function own(names)
        return (names:gsub("%f[%a][ABXa]%f[%A]", "%0" .. number))
      end
      local X = assert(s:declare(own "matrix X(n,n)" .. attribute))
      assert(s:declare(own "matrix A(n,n), matrix B(n,n), vector a(n)"))
      local node = assert(s:parse(own(text)))
      times[i][round] = measure.seconds(function()
        return assert(s:diff(node, X))
      end)
    end
  end
  for i, list in ipairs(times) do
    times[i] = measure.median(list)
  end
  return times
end

return function(report)
  local s = assert(nabla.new {})
  local X = s:declare "matrix X(n,n)"
  assert(s:declare "matrix A(n,n), matrix B(n,n), vector a(n), scalar dummy")
  local S, x = core.unwrap(X)
  local dummy = select(2, core.unwrap(assert(s:parse "dummy")))
  local one = S:rational(1)
  local f = {}
  for i, text in ipairs(expressions) do
    f[i] = assert(s:parse(text))
  end

  local warm, forward, pull, textbook, lua = {}, {}, {}, {}, {}
  for i, node in ipairs(f) do
    local _, id = core.unwrap(node)
    local hole = S:hole("X", S:rows(x), S:cols(x))
    local linear = S:forward(id, x, hole)
    local gradient = S:pull(linear, hole, one)
    warm[i] = each(function()
      S:forward(dummy, dummy, one)
      return assert(s:diff(node, X))
    end)
    forward[i] = each(function()
      S:begin()
      S:forward(dummy, dummy, one)
      return S:forward(id, x, hole)
    end)
    pull[i] = each(function()
      return S:pull(linear, hole, one)
    end)
    textbook[i] = each(function()
      return S:textbook(gradient, id)
    end)
    lua[i] = math.max(0, warm[i] - forward[i] - pull[i] - textbook[i])
  end

  local maude, no_maude = measure.maude_peer "gradients.maude"
  local maude_repetitions = 10000
  for i = 1, maude and #maude or 0 do
    maude[i] = maude[i] / maude_repetitions
  end
  local sympy, no_sympy = measure.sympy_peer "gradients_sympy.py"
  for i, text in ipairs(expressions) do
    local slow = sympy and sympy[i]
    report {
      what = "gradient of " .. text,
      value = warm[i],
      target = 25e-6,
      peers = {
        { "Maude", maude and maude[i], no_maude },
        { "SymPy", slow and slow > 0 and slow, no_sympy or "cannot" },
      },
    }
  end
  report {
    what = "mean of the nine",
    value = sum(warm) / #f,
    target = 25e-6,
    peers = { { "Maude", maude and sum(maude) / #maude, no_maude } },
  }
  report { what = "  of it the differential (S:forward)", value = sum(forward) / #f }
  report { what = "  of it reading the gradient (S:pull)", value = sum(pull) / #f }
  report { what = "  of it the textbook form (S:textbook)", value = sum(textbook) / #f }
  report { what = "  of it the Lua layer, the rest", value = sum(lua) / #f }
  for _, attribute in ipairs { "", " invertible" } do
    local times = with_new_names(s, attribute)
    report {
      what = ("mean of the nine with new names, matrix X(n,n)%s"):format(attribute),
      value = sum(times) / #times,
      target = 20e-6,
      peers = { { "Maude", maude and sum(maude) / #maude, no_maude } },
    }
    report { what = "  the slowest of them", value = math.max(table.unpack(times)), target = 60e-6 }
  end
end
