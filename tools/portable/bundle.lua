-- lua5.4 tools/portable/bundle.lua OUT NAME=FILE ...: what main.c holds. The boot program behind its length; then the number of
-- files, the length of the index, the index (each file's name and length), the files.

local function content(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "a"
  file:close()
  return text
end

local boot = content "tools/portable/boot.lua"
local index, files = {}, {}
for i = 2, #arg do
  local name, path = arg[i]:match "^([^=]+)=(.+)$"
  local text = content(path)
  index[#index + 1], files[#files + 1] = ("<s4I4"):pack(name, #text), text
end
local listed = table.concat(index)
local out = assert(io.open(arg[1], "wb"))
out:write(("<s4I4I4"):pack(boot, #files, #listed), listed, table.concat(files))
out:close()
