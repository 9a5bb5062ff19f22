--- Whole files, read and written by specs.

local M = {}

function M.read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "a"
  file:close()
  return text
end

function M.write(path, text)
  local file = assert(io.open(path, "wb"))
  assert(file:write(text))
  file:close()
end

--- Is there a file that can be read?
function M.exists(path)
  local file = io.open(path, "rb")
  if file then
    file:close()
  end
  return file ~= nil
end

--- The text of a file, which is removed.
function M.take(path)
  local text = M.read(path)
  os.remove(path)
  return text
end

--- The path of a new file that holds a text; the caller removes it.
function M.temporary(text)
  local path = os.tmpname()
  M.write(path, text)
  return path
end

return M
