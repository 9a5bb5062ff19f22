--- The problems of spec/data/complex_problems.txt or of another file of that form, and how large an answer is.

local nabla = require "nabla"

local M = {}

--- The declarations (a text) and two lists: derivatives { f, x, answer, convention or option, source =, line = }, and second ones
-- { f, x, y, answer, .. }.
function M.read(path)
  local decl, first, second, source, number = {}, {}, {}, nil, 0
  for line in io.lines(path or "spec/data/complex_problems.txt") do
    number = number + 1
    source = line:match "^# (.*)$" or source
    decl[#decl + 1] = line:match "^let (.*)$"
    if line:find(";", 1, true) and not line:find "^#" then
      local parts = { source = source, line = number }
      for part in (line .. ";"):gmatch "%s*(.-)%s*;" do
        parts[#parts + 1] = part
      end
      local list = first
      if parts[1] == "hessian" then
        table.remove(parts, 1)
        list = second
      end
      list[#list + 1] = parts
    end
  end
  return table.concat(decl, ", "), first, second
end

--- A function from a layout and a convention (nil: free) to a session in them with these declarations; each session is made once.
function M.sessions(decl)
  local sessions = {}
  return function(layout, convention)
    local key = layout .. " " .. (convention or "free")
    if not sessions[key] then
      sessions[key] = assert(nabla.new { layout = layout, convention = convention })
      assert(sessions[key]:declare(decl))
    end
    return sessions[key]
  end
end

--- The size of a text: names, numbers and signs.
function M.size(text)
  local _, words = text:gsub("[%w_]+", "")
  local _, signs = text:gsub("[%+%*/%^%-'%.]", "")
  return words + signs
end

return M
