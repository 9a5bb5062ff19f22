--- `nabla check --watch FILE`: each time the file is written, what has changed is proved.
--
-- A statement is proved again if its own words are others, or those of a declaration or definition that it mentions, at any remove,
-- or what holds for the whole file: the files that it uses, layouts, defaults, what is taken away. Comments, blanks and the lines
-- where statements are make no difference. What was found of the others is kept, and reported at their new places.
--
-- @module nabla.command.watch

local core = require "nabla.core"
local lint = require "nabla.check.lint"
local output = require "nabla.command.output"
local paths = require "nabla.rules.paths"

local M = {}

local PAUSE = 0.3 -- seconds between two looks at the file
local PATIENCE = 4 -- looks at a file that is not there, until the user hears of it

-- The statements that define a name, and those that hold for all that follows.
local DEFINES = { operator = true, ["function"] = true, attribute = true }
local CONCERNS_ALL = {}
for kind in ("use default without layout convention habit notation declare rename"):gmatch "%S+" do
  CONCERNS_ALL[kind] = true
end

-- The words of a tree in a fixed order, without places; `mentioned` collects them as a set.
local function words(tree, mentioned, out)
  if type(tree) ~= "table" then
    out[#out + 1] = tostring(tree)
    mentioned[tree] = true
    return out
  end
  local keys = {}
  for key in pairs(tree) do
    if not (type(key) == "string" and (key:find "pos$" or key == "line")) then
      keys[#keys + 1] = key
    end
  end
  table.sort(keys, function(a, b)
    return tostring(a) < tostring(b)
  end)
  out[#out + 1] = "("
  for _, key in ipairs(keys) do
    out[#out + 1] = tostring(key)
    words(tree[key], mentioned, out)
  end
  out[#out + 1] = ")"
  return out
end

-- What a statement depends on, as a digest.
local function fingerprint(entry, definitions, whole)
  local out, done, todo = { whole }, {}, {}
  local function add(tree)
    local mentioned = {}
    words(tree, mentioned, out)
    for word in pairs(mentioned) do
      if type(word) == "string" and not done[word] and (definitions[word] or entry.known[word]) then
        done[word] = true
        todo[#todo + 1] = word
      end
    end
  end
  add(entry.st)
  local i = 1
  while todo[i] do
    local level = table.move(todo, i, #todo, 1, {})
    table.sort(level) -- so that the order is that of the words
    i = #todo + 1
    for _, word in ipairs(level) do
      add { word, definitions[word], entry.known[word] }
    end
  end
  return core.digest(table.concat(out, "\0"))
end

-- The digest of each statement: a list beside the entries.
local function fingerprints(entries, used)
  local definitions, concerning = {}, { used }
  for _, entry in ipairs(entries) do
    local st = entry.st
    if DEFINES[st.kind] then
      definitions[st.name] = { definitions[st.name], st }
    elseif CONCERNS_ALL[st.kind] then
      words(st, {}, concerning)
    end
  end
  local whole, list = table.concat(concerning, "\0"), {}
  for i, entry in ipairs(entries) do
    list[i] = fingerprint(entry, definitions, whole)
  end
  return list
end

-- The files that a session has read besides nabla's own, and what changes when one of them is written.
local function state(path, files)
  local stamps = { core.file.stamp(path) or "none" }
  for _, file in ipairs(files) do
    stamps[#stamps + 1] = core.file.stamp(file) or "none"
  end
  return table.concat(stamps, " ")
end

local function files_of(session, path)
  local files, digests = {}, {}
  for file in pairs(session and session.files or {}) do
    files[#files + 1] = not paths.is_own(file) and file or nil
  end
  table.sort(files)
  for _, file in ipairs(files) do
    if file ~= paths.find(path) then
      digests[#digests + 1] = core.digest(paths.contents(file) or "")
    end
  end
  return files, table.concat(digests, " ")
end

-- The files that a file uses, at any remove, by their lines alone: those that cannot be read, and those that are not there, too.
local function named_by(path)
  local seen, list = { [path] = true }, {}
  local function add(from)
    for name in ("\n" .. (paths.contents(from) or "")):gmatch '\n%s*use%s+"([^"\n]*)"' do
      local beside = name:match "^/" and name or paths.folder(from) .. "/" .. name
      local found = paths.find(name, from) or beside
      if not seen[found] and not paths.is_own(found) then
        seen[found] = true
        list[#list + 1] = found
        add(found)
      end
    end
  end
  add(path)
  return list
end

-- Prove what has changed and report all: the files to look at from now on.
local function round(run, path, known)
  run:forget(path)
  local session, err = run:session_of(path)
  if not session then
    io.stderr:write("nabla: ", output.describe(err), "\n")
    return named_by(path)
  end
  local files, used = files_of(session, path)
  local entries = lint.entries(paths.contents(path) or "", path, session.forms) or {}
  local digests, lines, count = fingerprints(entries, used), {}, 0
  for i, entry in ipairs(entries) do
    if known[digests[i]] == nil then
      lines[entry.st.line] = true
    end
  end
  local found = run:examine(path, lines)
  if found.failure then
    io.stderr:write("nabla: ", found.failure, "\n")
    return files
  end
  local by_index = {}
  for _, result in ipairs(found.results) do
    by_index[result.index] = result
    count = count + 1
  end
  found.results = {}
  local kept = {}
  for i, entry in ipairs(entries) do
    local result = by_index[i] or known[digests[i]]
    kept[digests[i]] = result or false -- nothing is to be proved of it
    if result then
      local copy = {}
      for key, value in pairs(result) do
        copy[key] = value
      end
      copy.line, copy.index = entry.st.line, i
      found.results[#found.results + 1] = copy
    end
  end
  for digest in pairs(known) do
    known[digest] = nil
  end
  for digest, result in pairs(kept) do
    known[digest] = result
  end
  run:report(path, found)
  output.print_out(("%s: %s; %d looked at anew\n"):format(path, run.summary(found), count))
  return files
end

--- Prove a file each time it is written, until the user interrupts.
-- @tparam table run of nabla.command.check
-- @tparam string path
function M.run(run, path)
  local known, files, before, missing = {}, {}, nil, 0
  local ok, err = pcall(function()
    while true do
      local now = state(path, files)
      if now ~= before then
        if paths.contents(path) then
          local looked_at = files
          files, missing = round(run, path, known), 0
          now = state(path, looked_at) == now and state(path, files) or nil -- nil: written meanwhile
        else -- an editor may be putting another file in its place
          missing = missing + 1
          now = nil
        end
        if missing == PATIENCE then
          io.stderr:write(("nabla: %s is not there; it is waited for\n"):format(path))
        end
        io.stdout:flush()
      end
      before = now
      core.process.sleep(PAUSE)
    end
  end)
  local interrupted = type(err) == "table" and err.status == "interrupt" or tostring(err):match "interrupted!$"
  if not (ok or interrupted) then
    error(err, 0)
  end
end

return M
