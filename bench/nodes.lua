-- Memory: bytes of a node, and a loop that makes and drops 10 million nodes. The loop runs in a process of its own, so that
-- its peak is its own.

local measure = require "bench.measure"
local nabla = require "nabla"

local million = 1000000

-- A store with a million nodes, made by `make(S, i, nodes)`; its stats and seconds a node.
local function full(make)
  local s = assert(nabla.new {})
  local S = s.S
  local x = S:symbol("x", 0, 0, S:dim(1), S:dim(1))
  S:begin()
  local nodes = { x }
  local before = S:stats().nodes
  local seconds = measure.seconds(function()
    local i = 0
    while S:stats().nodes < million do
      for _ = 1, 100 do
        i = i + 1
        nodes[i + 1] = make(S, i, nodes)
      end
    end
  end)
  local stats = S:stats()
  return stats, seconds / (stats.nodes - before)
end

-- Functions, sums and products in equal parts, of nodes made before.
local function mixture(S, i, nodes)
  local a, b = nodes[i], nodes[1 + i * 2654435761 % 1048573 % i]
  if i % 3 == 0 then
    return S:apply("sin", a)
  end
  if i % 3 == 1 then
    return S:sum(a, b)
  end
  return S:product(S:apply("exp", a), S:apply("cos", b))
end

local function functions(S, i, nodes)
  return S:apply("sin", nodes[i])
end

return function(report)
  local floor, no_floor = measure.c_peer("nodes.c", million)
  local peers = { { "floor: 2 arguments inside the node", floor and floor[1], no_floor } }
  local stats, seconds = full(functions)
  report {
    what = "bytes a node, 1,000,000 nodes sin(..)",
    value = stats.bytes_per_node,
    unit = "bytes",
    target = 50,
    peers = peers,
  }
  report {
    what = "  making one, from Lua",
    value = seconds,
    target = 0.5e-6,
    peers = { { "floor: found by hash or made", floor and floor[2] * 1e-9, no_floor } },
  }
  local library = measure.output "make -s build/libnabla.a" and "build/libnabla.a -lgmp"
  local from_c, no_from_c = nil, "build/libnabla.a is not built"
  if library then
    from_c, no_from_c = measure.compiled("make_nodes.c", "gcc", "-O3 -march=native -Isrc", library)
    if from_c then
      from_c, no_from_c = measure.numbers(from_c .. " " .. million)
    end
  end
  report {
    what = "  making one, from C: node_intern",
    value = from_c and from_c[1] * 1e-9,
    target = floor and 2 * floor[2] * 1e-9,
    peers = from_c and { { "floor: found by hash or made", floor and floor[2] * 1e-9, no_floor } }
      or { { "nabla", nil, no_from_c } },
  }
  report {
    what = "  making one, from C: build_operator",
    value = from_c and from_c[2] * 1e-9,
  }
  collectgarbage()
  local mixed = full(mixture)
  report {
    what = "bytes a node, 1,000,000 sums, products and functions",
    value = mixed.bytes_per_node,
    unit = "bytes",
    target = 50,
    peers = peers,
  }
  report {
    what = "  all that the store holds, room to grow included",
    value = mixed.bytes / mixed.nodes,
    unit = "bytes",
  }

  local interpreter = arg[-1] or "lua5.4"
  local drop, why = measure.numbers(interpreter .. " bench/drop.lua 10000000")
  report {
    what = "peak of a loop that makes and drops 10,000,000 nodes, MB",
    value = drop and drop[1],
    unit = "MB",
    target = 200,
    peers = drop and {} or { { "the loop", nil, why } },
  }
  report { what = "  its time", value = drop and drop[2] }
end
