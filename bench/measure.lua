--- Timing, and running what nabla is compared with.
--
-- Times inside this process are of the processor (os.clock, microseconds); of whole processes, by the clock on the wall.
-- A peer that is not installed, or fails, is reported as such and never stops the run.

local M = {}

local built = "build/bench"

--- The middle one of some numbers.
function M.median(list)
  local sorted = table.move(list, 1, #list, 1, {})
  table.sort(sorted)
  local n = #sorted
  return n % 2 == 1 and sorted[n // 2 + 1] or (sorted[n // 2] + sorted[n // 2 + 1]) / 2
end

--- Seconds that f(...) takes, and its first result.
function M.seconds(f, ...)
  local start = os.clock()
  local result = f(...)
  return os.clock() - start, result
end

--- Median seconds of `runs` runs of work(prepare()); the preparation is not timed. Also the last result.
function M.runs(runs, prepare, work)
  local times, last = {}, nil
  for i = 1, runs do
    local a, b = prepare()
    local start = os.clock()
    last = work(a, b)
    times[i] = os.clock() - start
  end
  return M.median(times), last
end

--- What a shell command writes, or nil if it fails.
function M.output(command)
  local pipe = assert(io.popen(command .. " 2>/dev/null"))
  local text = pipe:read "a"
  return pipe:close() and text or nil
end

--- Is there a program of this name?
function M.installed(program)
  return M.output("command -v " .. program) ~= nil
end

--- Compile bench/peers/SOURCE, unless that is done; the program's path, or nil and why not. `libraries`: what it is linked with.
function M.compiled(source, compiler, flags, libraries)
  if not M.installed(compiler) then
    return nil, compiler .. " is not installed"
  end
  local from, to = "bench/peers/" .. source, built .. "/" .. source:gsub("%.%w+$", "")
  local command = "mkdir -p %s && { [ %s -nt %s ] %s || %s -o %s %s %s %s; }"
  local newer = libraries and ("&& [ %s -nt %s ]"):format(to, libraries:match "%S+") or ""
  if not M.output(command:format(built, to, from, newer, compiler, to, from, flags, libraries or "")) then
    return nil, source .. " does not compile"
  end
  return to
end

--- The numbers that a command prints, in a list, or nil and why not.
function M.numbers(command)
  local text = M.output(command)
  local list = {}
  for word in (text or ""):gmatch "%S+" do
    list[#list + 1] = tonumber(word)
  end
  if not text or #list == 0 then
    return nil, "gives no answer"
  end
  return list
end

--- A C program of bench/peers/ that prints numbers: them, or nil and why not.
function M.c_peer(source, ...)
  local program, why = M.compiled(source, "gcc", "-O3 -march=native")
  if not program then
    return nil, why
  end
  return M.numbers(program .. " " .. table.concat({ ... }, " "))
end

local python
--- A script of bench/peers/ for a Python that has SymPy: the numbers it prints, or nil and why not.
function M.sympy_peer(script, ...)
  for _, name in ipairs { "python3", "/usr/bin/python3" } do
    python = python or M.output(name .. " -c 'import sympy'") and name
  end
  if not python then
    return nil, "is not installed (python3-sympy)"
  end
  return M.numbers(python .. " bench/peers/" .. script .. " " .. table.concat({ ... }, " "))
end

--- Seconds of each reduction in a file of bench/peers/ for Maude, or nil and why not.
function M.maude_peer(file)
  if not M.installed "maude" then
    return nil, "is not installed (maude)"
  end
  local command = "ulimit -s unlimited; maude -no-banner -no-wrap -no-advise bench/peers/%s </dev/null"
  local text = M.output(command:format(file))
  local list = {}
  for milliseconds in (text or ""):gmatch "rewrites: %d+ in (%d+)ms cpu" do
    list[#list + 1] = tonumber(milliseconds) / 1000
  end
  if #list == 0 then
    return nil, "gives no answer"
  end
  return list
end

--- Seconds of a whole process: a command `times` times in a row, `runs` times; the median. Nil if it fails.
function M.process(command, times, runs)
  local loop = [[
    t=$(date +%%s%%N); i=0
    while [ $i -lt %d ]; do %s >/dev/null || exit 1; i=$((i+1)); done
    echo $(($(date +%%s%%N) - t))]]
  loop = "{ " .. loop:format(times, command) .. "\n}"
  local results = {}
  for i = 1, runs do
    local list, why = M.numbers(loop)
    if not list then
      return nil, why
    end
    results[i] = list[1] / times * 1e-9
  end
  return M.median(results)
end

local units = { { 1, "s" }, { 1e-3, "ms" }, { 1e-6, "us" }, { 1e-9, "ns" } }
--- A time as a text with three digits: "0.82 ms".
function M.time(seconds)
  for _, unit in ipairs(units) do
    local value = seconds / unit[1]
    if value >= 0.9995 then
      return string.format(
        value >= 99.95 and "%.0f %s" or value >= 9.995 and "%.1f %s" or "%.2f %s",
        value,
        unit[2]
      )
    end
  end
  return string.format("%.3f ns", seconds * 1e9)
end

return M
