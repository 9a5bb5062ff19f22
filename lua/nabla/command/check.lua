--- `nabla check`: proves the statements of rule files, and reports.
--
-- @module nabla.command.check

local errors = require "nabla.text.errors"
local names = require "nabla.check.names"
local output = require "nabla.command.output"
local paths = require "nabla.rules.paths"
local session_from_options = require "nabla.command.session_from_options"

local DONE, NO = output.DONE, output.NO
local describe, print_out, stop = output.describe, output.print_out, output.stop

local M = {}

-- In which order a report names the kinds of statements, and their plurals.
local KINDS = {
  { "rule", "rules" },
  { "simplify", "simplify rules" },
  { "differential", "differential rules" },
  { "adjoint", "adjoints" },
  { "jacobian", "jacobians" },
  { "coordinates", "coordinates", "coordinates" },
  { "block", "block rules" },
  { "fact", "facts" },
  { "function", "functions" },
  { "operator", "operators" },
  { "attribute", "attributes" },
  { "layout", "layouts" },
  { "convention", "conventions" },
  { "identity", "identities" },
  { "check", "checks" },
  { "prefer", "preferences", "preference" },
  { "curvature", "curvatures" },
  { "domain", "domains" },
  { "fail", "fails" },
}

-- "2 rules, 1 check" of the results with a verdict.
local function counted(results, verdict)
  local counts, total, parts = {}, 0, {}
  for _, r in ipairs(results) do
    if r.verdict == verdict then
      counts[r.kind], total = (counts[r.kind] or 0) + 1, total + 1
    end
  end
  for _, kind in ipairs(KINDS) do
    local n = counts[kind[1]]
    parts[#parts + 1] = n and string.format("%d %s", n, n == 1 and (kind[3] or kind[1]) or kind[2]) or nil
  end
  return total, table.concat(parts, ", ")
end

-- "1 error, 2 warnings" of the remarks on a file.
local function counted_remarks(remarks)
  local parts = {}
  for _, verdict in ipairs { "error", "warning" } do
    local n = 0
    for _, remark in ipairs(remarks) do
      n = n + (remark.verdict == verdict and 1 or 0)
    end
    parts[#parts + 1] = n > 0 and string.format("%d %s%s", n, verdict, n == 1 and "" or "s") or nil
  end
  return table.concat(parts, ", ")
end

local function summary(results, remarks)
  local parts, exactly = {}, 0
  for _, r in ipairs(results) do
    exactly = exactly + (r.proof and r.proof.how == "modulo" and 1 or 0)
  end
  for _, verdict in ipairs { "proved", "failed", "not checkable" } do
    local n, what = counted(results, verdict)
    local part = n > 0 and string.format("%d %s (%s)", n, verdict, what) or nil
    if part and verdict == "proved" and exactly > 0 then
      part = part .. (exactly == n and ", all modulo 2^61-1" or string.format(", %d modulo 2^61-1", exactly))
    end
    parts[#parts + 1] = part
  end
  local said = #parts > 0 and table.concat(parts, ", ") or "it states nothing to prove"
  return said .. (#remarks > 0 and "; " .. counted_remarks(remarks) or "")
end

-- The rule files that an argument names: a file, or all of a folder.
local function files_of(argument)
  local listing =
    io.popen(string.format("find -L '%s' -type f -name '*.rules' 2>/dev/null", (argument:gsub("'", "'\\''"))))
  local files = {}
  local single = paths.contents(argument)
  for path in listing:lines() do
    files[#files + 1] = path:gsub("//+", "/")
  end
  listing:close()
  if single or #files == 0 then
    return { session_from_options.need_file(argument) }
  end
  table.sort(files)
  return files
end

-- The session that has read a file, and the name it has there; nil after its error was printed.
local function session_with(path, standard)
  local text = paths.contents(path)
  for known in pairs(standard.files) do -- one of nabla's own files is read already
    if text and paths.contents(known) == text then
      return standard, known
    end
  end
  local session, err = require("nabla").new { rules = path }
  if not session then
    io.stderr:write("nabla: ", describe(err), "\n")
  end
  return session, path
end

-- A statement in a report: file:line: kind "name".
local function place_of(result)
  local title = result.kind .. (result.name and string.format(' "%s"', result.name) or "")
  return string.format("%s:%d: %s", result.file, result.line, title)
end

-- What was found of a statement that is not proved, with what the rules make of an identity.
local function complain(session, result)
  local lines = { result.detail or "" }
  if result.kind == "identity" and session.identities[result.name] then
    local derived, why = session:check(result.name)
    lines[2] = not derived and why and "by the rules: " .. describe(why) or nil
  end
  io.stderr:write(string.format("nabla: %s: %s\n", place_of(result), result.verdict))
  for _, line in ipairs(lines) do
    io.stderr:write("    ", (line:gsub("\n", "\n    ")), "\n")
  end
end

-- A line on the terminal that says how far a long run is; nothing where nobody looks at it.
local function progress_line()
  local terminal = os.execute "test -t 2" == true
  local function show(text)
    if terminal then
      io.stderr:write("\r", text, "\27[K")
    end
  end
  return show
end

-- A run of `nabla check`.
local Run = {}
Run.__index = Run

-- Read a file, prove its statements and review it: the session, results and remarks. Nil after its error was printed.
function Run:examine(path, position)
  local session, name = session_with(path, self.standard)
  if not session then
    return nil
  end
  local checker = session == self.standard and self.own or self.check.new()
  local results, why = checker:file(name, {
    progress = function(i, n)
      self.show(string.format("%s, file %s: statement %d of %d", path, position, i, n))
    end,
  })
  self.show ""
  if not results then
    io.stderr:write("nabla: ", describe(why), "\n")
    return nil
  end
  self.linters[session] = self.linters[session] or require("nabla.check.lint").new(session)
  return session, results, self.linters[session]:file(name)
end

-- Print the remarks on a file, and what was found of its statements. Are all of them accepted?
function Run:report(session, results, remarks)
  local good = true
  for _, remark in ipairs(remarks) do
    io.stderr:write("nabla: ", describe(remark.error), "\n")
    good = good and remark.verdict ~= "error"
  end
  for _, result in ipairs(results) do
    self.check.settle(session, result)
    if result.verdict ~= "proved" then
      complain(session, result)
    elseif self.list then
      local how = result.proof and self.check.proof_text(result.proof) or "by the rules"
      print_out(place_of(result), ": proved ", how, "\n")
    end
    good = good and result.verdict ~= "failed"
  end
  return good
end

-- All files that the arguments name.
local function all_files(arguments)
  local files = {}
  for _, argument in ipairs(arguments) do
    local list = files_of(argument)
    table.move(list, 1, #list, #files + 1, files)
  end
  return files
end

-- "45 statements: 3 without a name, 1 without a source", of how many lack what.
local function summary_of_names(count, without)
  local parts = {}
  for _, what in ipairs(names.LACKS) do
    local n = without[what] or 0
    parts[#parts + 1] = n > 0 and string.format("%d without a %s", n, what) or nil
  end
  local found = #parts > 0 and table.concat(parts, ", ") or "no name, source or Chinese title is missing"
  return string.format("%d statement%s: %s", count, count == 1 and "" or "s", found)
end

-- Report what the statements of the files lack for a derivation that quotes them; nothing is proved.
local function report_names(files)
  local total, all_without, good = 0, {}, true
  for _, path in ipairs(files) do
    local list, count = names.missing(paths.contents(path) or "", path)
    if list then
      local without = {}
      for _, one in ipairs(list) do
        for _, what in ipairs(one.lacks) do
          without[what] = (without[what] or 0) + 1
          all_without[what] = (all_without[what] or 0) + 1
        end
        local place = place_of { file = path, line = one.line, kind = one.kind, name = one.name }
        print_out(place, ": no ", table.concat(one.lacks, ", no "), "\n")
      end
      total = total + count
      print_out(path, ": ", summary_of_names(count, without), "\n")
    else
      io.stderr:write("nabla: ", describe(count), "\n")
      good = false
    end
  end
  if #files > 1 then
    print_out("together: ", summary_of_names(total, all_without), "\n")
  end
  return good and DONE or NO
end

--- `nabla check FILE...`.
-- @tparam table opts files; list: every statement is to be named; names: only names are to be looked at
-- @treturn integer the exit status
function M.run(opts)
  local files = all_files(opts.files)
  if opts.names then
    return report_names(files)
  end
  local standard, err = require("nabla").new()
  if not standard then
    stop(NO, "%s", describe(err))
  end
  local there, check = errors.attempt(require, "nabla.check")
  if not there then
    stop(
      NO,
      "statements are proved by numbers, and the numeric module is not there: install OpenBLAS and LAPACKE, "
        .. "then build again with make, or with LuaRocks: luarocks install nabla-numeric"
    )
  end
  local run = setmetatable({
    check = check,
    standard = standard, -- a session with nabla's own rules,
    own = check.new(), -- and what proves them; another file may define what it likes
    linters = {}, -- one for each session: it reads a file once
    list = opts.list,
    show = progress_line(),
  }, Run)
  local all, all_remarks, good = {}, {}, true
  for k, path in ipairs(files) do
    local session, results, remarks = run:examine(path, k .. " of " .. #files)
    if session then
      good = run:report(session, results, remarks) and good
      table.move(remarks, 1, #remarks, #all_remarks + 1, all_remarks)
      table.move(results, 1, #results, #all + 1, all)
      print_out(path, ": ", summary(results, remarks), "\n")
    else
      good = false
    end
  end
  if #files > 1 then
    print_out("together: ", summary(all, all_remarks), "\n")
  end
  return good and DONE or NO
end

return M
