-- The reference of the C library, made from the comments of its headers: lua5.4 tools/c_reference.lua >build/docs/c-api.md
--
-- src/nabla.h comes first, then the headers that it includes, then those that they include. Of each header: its first comment, then its
-- declarations in the order of the file, each block with the comment above it.

local src = (arg and arg[0]:match "^(.*)/tools/[^/]*$" or ".") .. "/src/"

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "a"
  file:close()
  return text
end

-- A comment without its signs; indented lines stay as they are, which Markdown takes for code.
local function prose(comment)
  local lines = {}
  for line in comment:sub(3, -3):gsub("\n%*%*", "\n"):gmatch "[^\n]*" do
    lines[#lines + 1] = (line:gsub("^   ?(%S)", "%1"):gsub("^ (%S)", "%1"):gsub("%s+$", ""))
  end
  return (table.concat(lines, "\n"):gsub("^%s+", ""))
end

-- Splits a header into paragraphs: { comment, code }, either of which may be missing.
local function paragraphs(text)
  local list, pos = {}, 1
  while true do
    pos = text:match("^%s*()", pos)
    if pos > #text then
      return list
    end
    local comment
    if text:find("^/%*", pos) then
      local _, last = text:find("*/", pos + 2, true)
      comment, pos = text:sub(pos, last), last + 1
    end
    local code = text:match("^\n?[^\n]+", pos) or ""
    if comment and not code:find "^\n" then -- the comment is before code of its own line
      code, comment = comment .. code, nil
      pos = pos + #code - #(code:match "^/%*.-%*/")
    elseif text:find("^\n?%s*/%*", pos) or text:find("^\n%s*\n", pos) then
      code = ""
    else
      -- up to a blank line, or to the next comment at the margin, outside braces
      local first, depth, at = pos, 0, pos
      while at <= #text do
        local line, after = text:match("^\n?([^\n]*)()", at)
        if depth == 0 and at > first and (line == "" or line:find "^/%*") then
          break
        end
        for sign in line:gsub("/%*.-%*/", ""):gmatch "[{}]" do
          depth = depth + (sign == "{" and 1 or -1)
        end
        at = after
      end
      code, pos = text:sub(first, at - 1), at
    end
    list[#list + 1] = { comment = comment, code = code:match "^%s*(.-)%s*$" }
  end
end

local function included(text)
  local list = {}
  for name in text:gmatch '#include "([^"]+)"' do
    list[#list + 1] = name
  end
  return list
end

local function show(name, text)
  local first = text:match "^/%*.-%*/"
  local title, body = prose(first):match "^(%S+): (.*)$"
  print("## " .. (name == "nabla.h" and title or name) .. "\n\n" .. body:gsub("^%l", string.upper) .. "\n")
  local rest = text:sub(#first + 1):gsub("\n#[^\n]*", "")
  for _, part in ipairs(paragraphs(rest)) do
    if part.comment then
      print(prose(part.comment) .. "\n")
    end
    if part.code ~= "" then
      print("```c\n" .. part.code .. "\n```\n")
    end
  end
end

print "# nabla: C API\n"
print "The engine without Lua: `make build/libnabla.a`, `#include \"nabla.h\"`. Made from the comments of the headers\n"
local queue, seen = { "nabla.h" }, { ["nabla.h"] = true }
for _, name in ipairs(queue) do -- grows on the way
  local text = read(src .. name)
  show(name, text)
  for _, other in ipairs(included(text)) do
    if not seen[other] then
      seen[other] = true
      queue[#queue + 1] = other
    end
  end
end
