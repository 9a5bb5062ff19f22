--- Files that a user's programs can make again, in the user's cache.
--
-- Nobody else can have written there: what is read from there is trusted as far as nabla itself.
--
-- @module nabla.start.cache

local core = require "nabla.core"

local M = {}

local KEPT = { image = 4, session = 8, modules = 4 } -- how many files are kept, by the ends of their names
local DAY = 24 * 60 * 60

--- The folder, which may not be there yet; nil where the environment names none.
function M.folder()
  local cache, home = os.getenv "XDG_CACHE_HOME", os.getenv "HOME"
  if cache and cache:match "^/" then
    return cache .. "/nabla"
  end
  return home and home:match "^/" and home .. "/.cache/nabla" or nil
end

-- Remove all but the newest files of a folder, and what a process has left that was stopped while it wrote.
local function remove_old(folder)
  local times = core.file.times(folder)
  for ending, kept in pairs(KEPT) do
    local files = {}
    for name, time in pairs(times) do
      files[#files + 1] = name:match("%." .. ending .. "$") and name
      if name:match("%." .. ending .. "%.[%d.]+$") and os.time() - time > DAY then
        os.remove(folder .. "/" .. name)
      end
    end
    table.sort(files, function(a, b)
      return times[a] > times[b]
    end)
    for i = kept + 1, #files do
      os.remove(folder .. "/" .. files[i])
    end
  end
end

--- Write a file there, unless others may write to its folder.
-- @string path
-- @tparam function make gives the bytes
function M.keep(path, make)
  local folder = path:match "^(.*)/"
  if core.file.private_folder(folder) and core.file.write(path, make()) then
    remove_old(folder)
  end
end

return M
