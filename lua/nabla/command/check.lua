--- `nabla check`: proves the statements of rule files, and reports.
--
-- @module nabla.command.check

local errors = require "nabla.text.errors"
local check_names = require "nabla.check.names"
local output = require "nabla.command.output"
local paths = require "nabla.rules.paths"
local process = require("nabla.core").process
local progress = require "nabla.command.progress"
local session_from_options = require "nabla.command.session_from_options"
local system = require "nabla.command.system"
local workers = require "nabla.command.workers"

local DONE, NO, USAGE = output.DONE, output.NO, output.USAGE
local describe, print_out, stop = output.describe, output.print_out, output.stop

local M = {}

local WORTH = 4096 -- bytes of rule files: fewer are proved by one process
local PAUSE = 400 -- of the collector, in per cent: proofs make much garbage and keep little

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
  { "isolate", "isolations" },
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
  local files = system.rule_files(argument)
  local single = paths.contents(argument)
  if single or #files == 0 then
    return { session_from_options.need_file(argument) }
  end
  table.sort(files)
  return files
end

-- A statement in a report: file:line: kind "name".
local function place_of(result)
  local title = result.kind .. (result.name and string.format(' "%s"', result.name) or "")
  return string.format("%s:%d: %s", result.file, result.line, title)
end

-- A run of `nabla check`.
local Run = {}
Run.__index = Run

-- The session that has read a file; nil and the error. It is kept: the remarks and the report ask for it.
function Run:session_of(path)
  if self.names[path] then
    return self.standard
  elseif not self.sessions[path] then
    local session, err = require("nabla").new { rules = path }
    self.sessions[path] = { session = session, err = err }
  end
  return self.sessions[path].session, self.sessions[path].err
end

--- Forget what a file was, which has been written.
function Run:forget(path)
  self.sessions[path], self.names[path], self.linter = nil, nil, nil
end

--- What was found of a file, in a line.
function Run.summary(found)
  return summary(found.results, found.remarks)
end

-- How a line begins with a statement of which a checker takes notice. A file without them leaves it as it was.
local NOTICED = {}
for word in
  ("operator function attribute coordinates use without layout convention default notation habit declare"):gmatch "%S+"
do
  NOTICED[#NOTICED + 1] = "\n[ \t]*" .. word .. "%f[^%w_]"
end

-- The checker for a file: nabla's own, unless the file defines something.
function Run:checker_for(path)
  local text = not self.names[path] and paths.contents(path) or ""
  for _, beginning in ipairs(NOTICED) do
    if ("\n" .. text):find(beginning) then
      return self.check.new()
    end
  end
  return self.own
end

-- The session of a file, to be asked once: it is not kept.
function Run:fresh_session_of(path)
  local session, err = self:session_of(path)
  self.sessions[path] = nil
  return session, err
end

-- The remarks on a file as plain values.
function Run:remarks(path, session)
  local linter = session == self.standard and self.linter or require("nabla.check.lint").new(session)
  self.linter = session == self.standard and linter or self.linter -- it reads a file once
  local remarks = {}
  for i, remark in ipairs(linter:file(self.names[path] or path)) do
    remarks[i] = { verdict = remark.verdict, text = describe(remark.error) }
  end
  return remarks
end

--- What is found of a file: { results, remarks, failure (if the file cannot be read) }. `lines`: only the statements that begin there.
function Run:examine(path, lines)
  local session, err = self:session_of(path)
  if not session then
    return { results = {}, failure = describe(err) }
  end
  local results, why = self:checker_for(path):file(self.names[path] or path, lines)
  if not results then
    return { results = {}, failure = describe(why) }
  end
  return { results = results, remarks = self:remarks(path, session) }
end

-- The kinds of statements whose proofs take longest.
local LONG = { curvature = true }

-- All that is to be done on the files, what takes longest first: { position = of a file, and a statement to prove or what else }.
function Run:pieces()
  local long, middle, short = {}, {}, {}
  for position, path in ipairs(self.files) do
    local checker = self:checker_for(path)
    local ok, statements, why = errors.attempt(checker.statements_of_file, checker, self.names[path] or path)
    if not ok then
      statements, why = nil, statements
    end
    middle[#middle + 1] = { position = position, failure = not statements and describe(why) or nil }
    for _, statement in ipairs(statements or {}) do
      local list = LONG[statement.st.kind] and long or short
      list[#list + 1] = { position = position, checker = checker, statement = statement }
    end
  end
  table.move(middle, 1, #middle, #long + 1, long)
  return table.move(short, 1, #short, #long + 1, long)
end

-- What comes of a piece: { result = }, or { remarks = } or { failure = } of a file. The proof of a statement that the session refuses
-- may end in an error: then the file has a failure, and the error is no news.
function Run:done(piece)
  local path = self.files[piece.position]
  if piece.statement then
    local ok, result = errors.attempt(piece.checker.prove, piece.checker, piece.statement)
    return ok and { result = result } or { err = describe(result) }
  end
  local session, err = self:fresh_session_of(path)
  if not session or piece.failure then
    return { failure = session and piece.failure or describe(err) }
  end
  return { remarks = self:remarks(path, session) }
end

-- What is found of each file, its results in the order of the statements.
function Run:find()
  local pieces = self:pieces()
  local together = math.ceil(#pieces / workers.MOST_PIECES) -- so many go to a process at once
  local all = {}
  for position in ipairs(self.files) do
    all[position] = { results = {} }
  end
  local count = math.ceil(#pieces / together)
  local parts = workers.each(self.count, count, function(k)
    local found = {}
    for i = (k - 1) * together + 1, math.min(k * together, #pieces) do
      found[#found + 1] = self:done(pieces[i])
    end
    return found
  end, function(k)
    local piece = pieces[k * together] or pieces[#pieces]
    self.show(string.format("%s, piece %d of %d", self.files[piece.position], k, count))
  end)
  self.show ""
  for k, part in ipairs(parts) do
    for i, found in ipairs(part) do
      local whole = all[pieces[(k - 1) * together + i].position]
      whole.results[#whole.results + 1] = found.result
      whole.remarks, whole.failure = whole.remarks or found.remarks, whole.failure or found.failure
      whole.err = whole.err or found.err
    end
  end
  for _, whole in ipairs(all) do
    if whole.err and not whole.failure then
      error(whole.err, 0)
    end
    table.sort(whole.results, function(a, b)
      return a.index < b.index
    end)
  end
  return all
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

-- Print the remarks on a file, and what was found of its statements. Are all of them accepted?
function Run:report(path, found)
  local good = true
  for _, remark in ipairs(found.remarks) do
    io.stderr:write("nabla: ", remark.text, "\n")
    good = good and remark.verdict ~= "error"
  end
  for _, result in ipairs(found.results) do
    if result.verdict ~= "proved" then
      local session = self:session_of(path)
      self.check.settle(session, result)
      if result.verdict ~= "proved" then
        complain(session, result)
      end
    end
    if result.verdict == "proved" and self.list then
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
  for _, what in ipairs(check_names.LACKS) do
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
    local list, count = check_names.missing(paths.contents(path) or "", path)
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

-- The names that nabla's own session has for files: by their paths, of those whose text it has read.
local function names_in(standard, files)
  local known, names, size = {}, {}, 0
  for name in pairs(standard.files) do
    known[paths.contents(name) or false] = name
  end
  for _, path in ipairs(files) do
    local text = paths.contents(path) or ""
    names[path] = known[text]
    size = size + #text
  end
  return names, size
end

local function new_run(files, standard, check, opts)
  local names, size = names_in(standard, files)
  return setmetatable({
    files = files,
    names = names,
    count = size >= WORTH and workers.count() or 1,
    check = check,
    standard = standard, -- a session with nabla's own rules,
    own = check.new(), -- and what proves them; another file may define what it likes
    sessions = {},
    list = opts.list,
    show = progress.line(),
  }, Run)
end

--- `nabla check FILE...`.
-- @tparam table opts files; list: every statement is to be named; names: only names are to be looked at; watch: the file is proved
-- again each time it is written
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
  require("nabla.numeric.core").threads(1) -- the matrices are small, and each process computes by itself
  process.without_fast_bins()
  collectgarbage("setpause", PAUSE)
  local run = new_run(files, standard, check, opts)
  if opts.watch then
    if #files > 1 then
      stop(USAGE, "--watch takes one file")
    end
    run.count = 1
    require("nabla.command.watch").run(run, files[1])
    return DONE
  end
  local all, all_remarks, good = {}, {}, true
  for position, found in ipairs(run:find()) do
    local path = files[position]
    if found.failure then
      io.stderr:write("nabla: ", found.failure, "\n")
      good = false
    else
      good = run:report(path, found) and good
      table.move(found.remarks, 1, #found.remarks, #all_remarks + 1, all_remarks)
      table.move(found.results, 1, #found.results, #all + 1, all)
      print_out(path, ": ", summary(found.results, found.remarks), "\n")
    end
  end
  if #files > 1 then
    print_out("together: ", summary(all, all_remarks), "\n")
  end
  return good and DONE or NO
end

return M
