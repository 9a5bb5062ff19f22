--- Writes the lists of files into the rockspecs, since LuaRocks finds no file by itself: `make rockspecs`.
--
-- A list is between the comments `-- list: NAME` and `-- end of list`; below, `lists` says what each holds. The
-- rockspecs of a release, NAME-VERSION.rockspec, are written by hand but for these lists;
-- rockspecs/others/NAME-scm-1.rockspec is made from each. A plain `luarocks make` looks at the top and in the folder
-- rockspecs, not below it, and refuses to choose between two rocks: so only one is where it looks. With the
-- argument `--check` nothing is written: the exit status is 1 if a rockspec does not fit the files of this tree.

local lfs = require "lfs"

-- The files below a folder whose name ends in `ending`, sorted.
local function files(folder, ending, found)
  found = found or {}
  for name in lfs.dir(folder) do
    local path = folder .. "/" .. name
    if name:sub(1, 1) ~= "." then
      if lfs.attributes(path, "mode") == "directory" then
        files(path, ending, found)
      elseif name:sub(-#ending) == ending then
        found[#found + 1] = path
      end
    end
  end
  table.sort(found)
  return found
end

-- lua/nabla/x.lua is the module nabla.x, lua/nabla/x/init.lua as well.
local function module_name(path, folder, ending)
  local name = path:sub(#folder + 2, -#ending - 1):gsub("/", ".")
  return (name:gsub("%.init$", ""))
end

-- Lines `"path",` for the paths that a test lets through.
local function sources(is_listed)
  local lines = {}
  for _, path in ipairs(files("src", ".c")) do
    if is_listed(path) then
      lines[#lines + 1] = string.format("%q,", path)
    end
  end
  return lines
end

-- Lines `["module"] = "path",` for all files of a folder.
local function modules(folder, ending, prefix)
  local lines = {}
  for _, path in ipairs(files(folder, ending)) do
    lines[#lines + 1] = string.format("[%q] = %q,", prefix .. module_name(path, folder, ending), path)
  end
  table.sort(lines)
  return lines
end

local function is_numeric(path)
  return path:find "^src/numeric/" ~= nil
end

local lists = {
  ["engine sources"] = function()
    return sources(function(path)
      return not is_numeric(path)
    end)
  end,
  ["numeric sources"] = function()
    return sources(is_numeric)
  end,
  ["Lua modules"] = function()
    return modules("lua", ".lua", "")
  end,
  ["rule files"] = function()
    return modules("rules", ".rules", "nabla.rules.")
  end,
}

local function with_lists(text)
  return (text:gsub("(\n( *)%-%- list: ([%a ]+)).-(\n *%-%- end of list)", function(head, indent, name, tail)
    local lines = assert(lists[name], "no list is called " .. name)()
    return head .. "\n" .. indent .. table.concat(lines, "\n" .. indent) .. tail
  end))
end

local function contents(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "a"
  file:close()
  return text
end

local NO_SOURCE = [[
source = {
  url = ".", -- nothing to fetch: `luarocks make` takes the checkout
}]]

-- The rockspec of a checkout: that of a release, but for its version and its source.
local function of_checkout(text)
  text = text:gsub('\nversion = "[^"]*"', '\nversion = "scm-1"', 1)
  text = text:gsub("\nsource = %b{}", "\n" .. NO_SOURCE, 1)
  return text
end

local releases = {}
for _, folder in ipairs { ".", "rockspecs/others" } do
  for name in lfs.dir(folder) do
    if name:match "%-%d[%d.]*%-%d+%.rockspec$" then
      releases[#releases + 1] = (folder == "." and "" or folder .. "/") .. name
    end
  end
end

local stale = {}
local function update(path, wanted)
  local file = io.open(path, "rb")
  local text = file and file:read "a"
  if file then
    file:close()
  end
  if text ~= wanted then
    stale[#stale + 1] = path
    if arg[1] ~= "--check" then
      file = assert(io.open(path, "wb"))
      file:write(wanted)
      file:close()
    end
  end
end

for _, path in ipairs(releases) do
  local text = with_lists(contents(path))
  update(path, text)
  update("rockspecs/others/" .. path:match "([^/]*)%-%d[%d.]*%-%d+%.rockspec$" .. "-scm-1.rockspec", of_checkout(text))
end
if #stale > 0 then
  print((arg[1] == "--check" and "stale, run `make rockspecs`: " or "written: ") .. table.concat(stale, ", "))
end
os.exit(arg[1] == "--check" and #stale > 0 and 1 or 0)
