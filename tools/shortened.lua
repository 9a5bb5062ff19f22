-- lua5.4 tools/shortened.lua TARGET FOLDER FILE ...: copies modules of a folder, without comments and indents, half as long. Each
-- line keeps its number. What is not the same program when it is shortened is copied as it is.

local target, folder = arg[1], arg[2]

-- A line of code that a long string or comment does not reach into.
local function shortened(line)
  return line:match "^%s*%-%-" and "" or (line:gsub("^%s+", ""))
end

local function without_comments(text)
  local lines, closing = {}, nil
  for line in text:gmatch "([^\n]*)\n" do
    if closing then
      lines[#lines + 1] = line
      closing = not line:find(closing, 1, true) and closing or nil
    else
      local level = line:match "%[(=*)%[[^%]]*$"
      lines[#lines + 1] = level and line or shortened(line)
      closing = level and "]" .. level .. "]" or nil
    end
  end
  return table.concat(lines, "\n") .. "\n"
end

for i = 3, #arg do
  local source = assert(io.open(folder .. "/" .. arg[i], "rb"))
  local text = source:read "a"
  source:close()
  local short = without_comments(text)
  if not load(short, "@" .. arg[i]) or string.dump(load(short), true) ~= string.dump(load(text), true) then
    short = text
  end
  os.execute(("mkdir -p '%s'"):format((target .. "/" .. arg[i]):match "^(.*)/"))
  local file = assert(io.open(target .. "/" .. arg[i], "wb"))
  file:write(short)
  file:close()
end
