--- What the command asks of other programs of the system. Everything else of nabla runs no program, so that it works where there are
-- none, as in a browser: there a stream is no terminal, and a folder holds no files.
--
-- @module nabla.command.system

local M = {}

-- The result of a function of Lua's libraries that may be missing, or raise an error where there are no processes.
local function tried(f, ...)
  local ok, result = pcall(f or error, ...)
  return ok and result or nil
end

--- Is a stream a terminal?
-- @tparam integer stream 0, 1 or 2
-- @treturn boolean
function M.is_terminal(stream)
  return tried(os.execute, ("test -t %d"):format(stream)) == true
end

--- The rule files of a folder and of the folders in it.
-- @tparam string folder
-- @treturn {string,...} paths, in no order
function M.rule_files(folder)
  local files = {}
  local quoted = "'" .. folder:gsub("'", "'\\''") .. "'"
  local listing = tried(io.popen, ("find -L %s -type f -name '*.rules' 2>/dev/null"):format(quoted))
  for path in listing and listing:lines() or function() end do
    files[#files + 1] = path:gsub("//+", "/")
  end
  if listing then
    listing:close()
  end
  return files
end

return M
