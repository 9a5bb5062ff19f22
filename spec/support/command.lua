--- The program as a user sees it: words in, two outputs and an exit status out. Each call starts the program.

local assert = require "luassert"
local files = require "spec.support.files"
local lfs = require "lfs"

local M = {}

M.root = lfs.currentdir()
M.path = M.root .. "/bin/nabla"

function M.quoted(word)
  return "'" .. word:gsub("'", "'\\''") .. "'"
end

-- Runs a line of shell; what it wrote on both outputs, and its status.
function M.shell(line)
  local out, err = os.tmpname(), os.tmpname()
  local _, _, status = os.execute("{ " .. line .. "\n} >" .. out .. " 2>" .. err)
  return { out = files.take(out), err = files.take(err), status = status }
end

function M.run(...)
  local words = { M.quoted(M.path) }
  for i, word in ipairs { ... } do
    words[i + 1] = M.quoted(word)
  end
  return M.shell(table.concat(words, " ") .. " </dev/null")
end

function M.prints(expected, ...)
  assert.are.same({ out = expected .. "\n", err = "", status = 0 }, M.run(...))
end

function M.complains(status, expected, ...)
  assert.are.same({ out = "", err = expected .. "\n", status = status }, M.run(...))
end

-- Like `complains`, of the first line only.
function M.complains_first(status, expected, ...)
  local result = M.run(...)
  assert.are.same({ "", expected, status }, { result.out, result.err:match "^[^\n]*", result.status })
end

local temporary = {}

function M.temporary_file(text)
  local path = files.temporary(text)
  temporary[#temporary + 1] = path
  return path
end

--- Removes the temporary files.
function M.clean()
  for _, path in ipairs(temporary) do
    os.remove(path)
  end
  temporary = {}
end

return M
