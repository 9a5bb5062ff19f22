-- Runs spec files side by side, one process a file: lua5.4 tools/specs.lua [OPTION ...] [NAME ...]
--
--     --quick          a sample of the large tables (spec/support/sample.lua)
--     --jobs N         as many at once; otherwise one a core
--     --run COMMAND    what runs one file, otherwise busted with the modules in build
--     NAME             a file, or a part of its path; without one, all files
--
-- Prints a line for each file that passes and all that a failing one prints. A file that crashes or prints no count has failed.
-- The last line sums the files: `N passed, N failed`. The exit status is 1 unless something passed and nothing failed.

local lfs = require "lfs"

-- What each file took in the last run of all files, whole or quick.
local function record_path(options)
  return options.quick and "build/spec.quick.times" or "build/spec.times"
end

local function read(path)
  local file = io.open(path, "rb")
  local text = file and file:read "a"
  if file then
    file:close()
  end
  return text
end

local function quoted(text)
  return "'" .. text:gsub("'", "'\\''") .. "'"
end

local function output_of(command)
  local pipe = assert(io.popen(command))
  local text = pipe:read "a"
  pipe:close()
  return text
end

-- ---------------------------------------------------------------------------------------------- what to run

local function find(folder, list)
  for name in lfs.dir(folder) do
    local path = folder .. "/" .. name
    if name:find "_spec%.lua$" then
      list[#list + 1] = path
    elseif not name:find "^%." and lfs.attributes(path, "mode") == "directory" then
      find(path, list)
    end
  end
  return list
end

local function chosen(all, names)
  if #names == 0 then
    return all
  end
  local list, taken = {}, {}
  for _, name in ipairs(names) do
    local found = false
    for _, path in ipairs(all) do
      if path:find(name, 1, true) then
        found = true
        if not taken[path] then
          taken[path], list[#list + 1] = true, path
        end
      end
    end
    if not found then
      error("no spec file is called " .. name, 0)
    end
  end
  return list
end

-- The longest first, so that no long one is left to run alone at the end. One that no run has timed yet comes before all others,
-- those that start programs before the rest.
local function longest_first(list, options)
  local seconds = {}
  for path, time in (read(record_path(options)) or ""):gmatch "(%S+) (%S+)" do
    seconds[path] = tonumber(time)
  end
  table.sort(list, function(a, b)
    local of_a, of_b = seconds[a] or math.huge, seconds[b] or math.huge
    if of_a ~= of_b then
      return of_a > of_b
    end
    local starts_a, starts_b = a:find "^spec/program/" ~= nil, b:find "^spec/program/" ~= nil
    if starts_a ~= starts_b then
      return starts_a
    end
    return a < b
  end)
end

-- ---------------------------------------------------------------------------------------------- running

-- For one file: its output to a file of its own; then, on one line, that file's name, seconds by the clock, of the processor for
-- it and for the system, the exit status, and the path. A short line is written at once, also by processes side by side.
local ONE = [[
set -f
out=$(mktemp)
{ TIMEFORMAT="%R %U %S"; time $RUN "$0" >"$out" 2>&1 </dev/null; status=$?; } 2>"$out.time"
echo "$out $(tail -n 1 "$out.time") $status $0"
rm -f "$out.time"
]]

local function start(list, options)
  local environment = "OPENBLAS_NUM_THREADS=1 RUN=" .. quoted(options.run)
  if options.quick then
    environment = environment .. " NABLA_SPECS=quick"
  end
  local words = {}
  for k, path in ipairs(list) do
    words[k] = quoted(path)
  end
  return assert(
    io.popen(
      ("printf '%%s\\n' %s | %s xargs -P %d -I FILE bash -c %s FILE"):format(
        table.concat(words, " "),
        environment,
        options.jobs,
        quoted(ONE)
      )
    )
  )
end

local function run(list, options)
  local total = { passed = 0, failed = 0, files = {}, seconds = {}, processor = 0 }
  local pipe = start(list, options)
  for line in pipe:lines() do
    local out, clock, user, system, status, path = line:match "^(%S+) (%S+) (%S+) (%S+) (%d+) (.*)$"
    local text = read(out) or ""
    os.remove(out)
    local passed, failed = text:match "(%d+) passed, (%d+) failed%s*$"
    passed, failed = tonumber(passed) or 0, tonumber(failed)
    local right = status == "0" and failed == 0
    total.passed = total.passed + passed
    total.failed = total.failed + (right and 0 or math.max(failed or 0, 1))
    total.seconds[path] = tonumber(clock)
    total.processor = total.processor + user + system
    if not right then
      total.files[#total.files + 1] = path
      io.write("\n", text, text:find "\n$" and "" or "\n", "FAILED (exit status ", status, ") ")
    end
    io.write(("%7.1f s  %5d  %s\n"):format(clock, passed, path))
    io.flush()
  end
  pipe:close()
  for _, path in ipairs(list) do
    if not total.seconds[path] then
      total.failed = total.failed + 1
      total.files[#total.files + 1] = path
    end
  end
  return total
end

local function record(total, options)
  local lines = {}
  for path, seconds in pairs(total.seconds) do
    lines[#lines + 1] = path .. " " .. seconds .. "\n"
  end
  table.sort(lines)
  local file = io.open(record_path(options), "wb")
  if file then
    file:write(table.concat(lines))
    file:close()
  end
end

local function main(words)
  local options, names = { run = "busted --cpath=./build/?.so" }, {}
  local k = 1
  while words[k] do
    local option = words[k]:match "^%-%-(%w+)$"
    if option == "quick" then
      options.quick = true
    elseif option == "jobs" or option == "run" then
      k = k + 1
      options[option] = words[k]
    elseif option then
      error("unknown option --" .. option, 0)
    else
      names[#names + 1] = words[k]
    end
    k = k + 1
  end
  options.jobs = tonumber(options.jobs or output_of "getconf _NPROCESSORS_ONLN") or 1

  local list = chosen(find("spec", {}), names)
  longest_first(list, options)
  local begun = os.time()
  local total = run(list, options)
  if #names == 0 then
    record(total, options)
  end
  if #total.files > 0 then
    io.write("\nFailed:\n  ", table.concat(total.files, "\n  "), "\n")
  end
  local seconds = os.time() - begun
  io.write(("\n%d files in %d s, %.0f s of the processor\n"):format(#list, seconds, total.processor))
  io.write(("%d passed, %d failed\n"):format(total.passed, total.failed))
  os.exit(total.failed == 0 and total.passed > 0, true)
end

local right, problem = pcall(main, arg)
if not right then
  io.stderr:write("specs: ", tostring(problem), "\n")
  print "0 passed, 1 failed"
  os.exit(1)
end
