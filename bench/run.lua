-- The benchmarks: `make bench`, or some of them: `lua5.4 bench/run.lua gradients sums` (with the paths of the Makefile).
--
-- A line states a figure, its target and whether that holds; below and beside it stand the peers and floors, measured
-- in the same run. A missed target is printed, never an error. bench/README.md says what each figure means.

local measure = require "bench.measure"

local parts = {
  "derivative",
  "solve",
  "parts",
  "gradients",
  "fresh",
  "front_growth",
  "sums",
  "nodes",
  "chain",
  "rewriting",
  "growth",
  "session",
  "derivations",
  "startup",
  "rule_files",
  "models",
  "evaluate",
}

local layout = "%-58s %10s %8s %6s   %-34s %10s %10s\n"

local counts = { held = 0, missed = 0 }
local missing = {} -- peers that are not there, in the order in which they were met

local function plain(value)
  return string.format(value >= 100 and "%.0f" or "%.1f", value)
end

local function exponent(value)
  return string.format("%.2f", value)
end

--- Print a figure: what, value, unit ("s" for times, "exponent" for how times grow, which are beside it; else a word), target (nil:
-- none), peers = {{name, value | nil, why}}.
-- An optional `holds` overrides the comparison with the target.
local function report(row)
  local growth = row.unit == "exponent"
  local text = growth and exponent or (row.unit or "s") == "s" and measure.time or plain
  local peer_text = growth and measure.time or text
  local holds = row.holds
  if holds == nil and row.target and row.value then
    holds = row.value <= row.target
  end
  if holds ~= nil then
    counts[holds and "held" or "missed"] = counts[holds and "held" or "missed"] + 1
  end
  local left = {
    row.what,
    row.value and text(row.value) or "-",
    row.aim or row.target and text(row.target) or "",
    holds == nil and "" or holds and "yes" or "NO",
  }
  local peers = row.peers or {}
  for i = 1, math.max(1, #peers) do
    local peer = peers[i] or { "" }
    local name, value, why = peer[1], peer[2], peer[3]
    if name ~= "" and not value then
      if why and why:find "^is not installed" and not missing[name] then
        missing[#missing + 1], missing[name] = name, true
      end
      name = name .. " " .. (why or "-")
    end
    io.write(
      (
        layout
          :format(
            left[1],
            left[2],
            left[3],
            left[4],
            name,
            value and peer_text(value) or "",
            value and row.value and not growth and string.format("%.3g", row.value / value) or ""
          )
          :gsub(" +\n", "\n")
      )
    )
    left = { "", "", "", "" }
  end
  io.flush()
end

local wanted = #arg > 0 and arg or parts
io.write(layout:format("figure", "nabla", "target", "holds", "peer or floor", "takes", "nabla/peer"))
io.write(("-"):rep(140), "\n")
for _, name in ipairs(wanted) do
  local ok, err = xpcall(function()
    require("bench." .. name)(report)
  end, function(e)
    return type(e) == "table" and (e.message or tostring(e)) or debug.traceback(e)
  end)
  if not ok then
    counts.missed = counts.missed + 1
    io.write(name, " stopped: ", tostring(err), "\n")
  end
end
if #missing > 0 then
  io.write("\nnot compared with, as not installed: ", table.concat(missing, ", "), " (make bench-peers)\n")
end
io.write(string.format("\n%d targets hold, %d do not\n", counts.held, counts.missed))
