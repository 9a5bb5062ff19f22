--- Matrices of floating-point numbers: the values of expressions.
--
--     local matrix = require "nabla.numeric.matrix"
--     local A = matrix { {1, 2}, {3, 4} }           -- rows
--     local b = matrix { 5, 6 }                     -- a column
--     print(A*b, A.T, A^-1, A(2,1), A.rows, #A)
--
-- Entries are doubles, columns after columns; b[k] is the k-th of them in that order. A matrix is changed only by A:set(i,j,v)
-- and b[k] = v. The arithmetic is that of the language: `*` is the matrix product, a number scales.
-- It needs the numeric module (OpenBLAS).
--
-- @module nabla.numeric.matrix

local core = require "nabla.numeric.core"

local M = {}

-- ---------------------------------------------------------------------------------------------- errors

-- A wrong argument is an error at the line that calls the function of this module: two levels above these.

local function checked(ok, result)
  if not ok then
    error(result, 3) -- from C through pcall: without a place
  end
  return result
end

local function found(x)
  return x == nil and "nothing" or type(x) == "number" and tostring(x) or "a " .. type(x)
end

local function need(kind, what, x)
  if type(x) ~= kind then
    error(what .. " was expected, found " .. found(x), 3)
  end
end

local function need_size(what, x)
  if type(x) ~= "number" or not math.tointeger(x) then
    error(what .. " was expected, found " .. found(x), 3)
  end
end

-- ---------------------------------------------------------------------------------------------- making

--- A matrix from a table of rows, a list (a column), a number, or a matrix (itself).
M.new = core.from

--- rows x cols zeros.
function M.zeros(rows, cols)
  cols = cols or 1
  need_size("a number of rows", rows)
  need_size("a number of columns", cols)
  local a = checked(pcall(core.new, rows, cols))
  return a
end

--- rows x cols ones.
function M.ones(rows, cols)
  cols = cols or 1
  need_size("a number of rows", rows)
  need_size("a number of columns", cols)
  local a = checked(pcall(core.new, rows, cols, 1))
  return a
end

--- The identity.
function M.eye(n)
  need_size("a number of rows", n)
  local a = checked(pcall(core.new, n, n))
  for i = 1, n do
    a:set(i, i, 1)
  end
  return a
end

--- The rows x cols matrix with entries f(i, j).
function M.build(rows, cols, f)
  need_size("a number of rows", rows)
  need_size("a number of columns", cols)
  need("function", "a function of i and j", f)
  local a, k = checked(pcall(core.new, rows, cols)), 0
  for j = 1, cols do
    for i = 1, rows do
      local entry = f(i, j)
      if type(entry) ~= "number" then
        need("number", "an entry, a number,", entry)
      end
      k = k + 1
      a[k] = entry
    end
  end
  return a
end

--- From the notation of MATLAB, rows separated by semicolons or newlines: matrix.parse "1 2; 3 4".
-- @return the matrix, or nil and what is wrong
function M.parse(text)
  need("string", "a text", text)
  local rows = {}
  for line in text:gsub("[%[%]]", " "):gmatch "[^;\n]+" do
    local row = {}
    for word in line:gmatch "[^%s,]+" do
      local v = tonumber(word)
      if not v then
        return nil, string.format("'%s' is no number", word)
      end
      row[#row + 1] = v
    end
    if #row > 0 then
      rows[#rows + 1] = row
    end
  end
  if #rows == 0 then
    return nil, "no numbers"
  end
  for i, row in ipairs(rows) do
    if #row ~= #rows[1] then
      return nil, string.format("row %d has %d entries, the first one %d", i, #row, #rows[1])
    end
  end
  return core.from(rows)
end

--- From a string of doubles as they are in memory, columns after columns; A:bytes() is the way back.
M.frombytes = core.frombytes

--- From a raw file of doubles, columns after columns: matrix.read(path, rows, cols [, bytes to skip]).
-- @return the matrix, or nil and the error
M.read = core.read

-- ---------------------------------------------------------------------------------------------- NumPy's files

local MAGIC = "\x93NUMPY"

-- Formats of string.unpack for the types of NumPy.
local types = {
  ["<f8"] = "<d",
  [">f8"] = ">d",
  ["<f4"] = "<f",
  [">f4"] = ">f",
  ["<i8"] = "<i8",
  [">i8"] = ">i8",
  ["<i4"] = "<i4",
  [">i4"] = ">i4",
  ["<i2"] = "<i2",
  [">i2"] = ">i2",
  ["|i1"] = "i1",
  ["|u1"] = "B",
  ["|b1"] = "B",
  ["<u8"] = "<I8",
  [">u8"] = ">I8",
  ["<u4"] = "<I4",
  [">u4"] = ">I4",
  ["<u2"] = "<I2",
  [">u2"] = ">I2",
} -- stylua: ignore

-- The same of complex numbers: the two parts of each.
local complex_types = { ["<c16"] = "<dd", [">c16"] = ">dd", ["<c8"] = "<ff", [">c8"] = ">ff" }

local native = string.pack("=i2", 1) == string.pack("<i2", 1) and "<f8" or ">f8"

-- The sizes of "(2, 3)"; nil for another text, for more than two, and for those that no machine has room for.
local function sizes_of(text)
  local sizes = {}
  for word in text:sub(2, -2):gmatch "[^,]+" do
    local size = math.tointeger(tonumber(word:match "^%s*(%d+)L?%s*$" or "0.5"))
    if not size or size > 2 ^ 31 - 1 or #sizes == 2 then
      return nil
    end
    sizes[#sizes + 1] = size
  end
  return sizes
end

-- Lua has no unsigned numbers of 64 bits: those from 2^63 on are read as negative ones.
local function unsigned(v)
  return v < 0 and v + 2.0 ^ 64 or v
end

local ORDERS = { True = true, False = true }

-- The complex matrix (nabla.numeric.complex_matrix) of the data of a file.
local function complex_of(data, format, rows, cols, columns)
  local re, im = core.new(rows, cols), core.new(rows, cols)
  local step = string.packsize(format)
  for k = 1, rows * cols do
    local place = k
    if not columns then -- the entries are row after row
      local i, j = (k - 1) // cols, (k - 1) % cols
      place = j * rows + i + 1
    end
    re[place], im[place] = string.unpack(format, data, (k - 1) * step + 1)
  end
  return require "nabla.numeric.complex_matrix"(re, im)
end

--- Read a .npy file of up to two dimensions: a list becomes a column, a number a 1 x 1 matrix; complex numbers a complex matrix.
-- @return the matrix, or nil and the error
function M.load(path)
  need("string", "a path", path)
  local file, err = io.open(path, "rb")
  if not file then
    return nil, err
  end
  local head = file:read(8)
  if not head or #head < 8 or head:sub(1, 6) ~= MAGIC then
    file:close()
    return nil, path .. " is no .npy file"
  end
  local version = head:byte(7)
  local wide = version > 1
  local length = file:read(wide and 4 or 2)
  local size = length and #length == (wide and 4 or 2) and string.unpack(wide and "<I4" or "<I2", length)
  local text = size and file:read(size) or ""
  local descr = text:match "'descr'%s*:%s*'([^']*)'"
  local order = text:match "'fortran_order'%s*:%s*(%a+)"
  local shape = text:match "'shape'%s*:%s*(%b())"
  local sizes = shape and sizes_of(shape)
  local format = types[descr] or complex_types[descr]
  if not (format and ORDERS[order] and sizes) or version < 1 or version > 3 then
    file:close()
    return nil,
      string.format(
        "%s: type %s, shape %s: expected numbers in up to two dimensions",
        path,
        descr or "?",
        shape or "?"
      )
  end
  local rows, cols = sizes[1] or 1, sizes[2] or 1
  local skip = file:seek()
  if rows < 1 or cols < 1 then
    file:close()
    return nil, path .. " holds no entries"
  end
  local columns = order == "True" or rows == 1 or cols == 1
  if descr == native then
    file:close()
    local ok, a, why = pcall(core.read, path, columns and rows or cols, columns and cols or rows, skip)
    if not ok then -- a matrix that does not fit into memory
      return nil, path .. ": " .. a
    end
    return a and (columns and a or a.T), why
  end
  local data = file:read "a" or ""
  file:close()
  local step = string.packsize(format)
  if #data < 1.0 * rows * cols * step then
    return nil, string.format("%s holds fewer than %d x %d entries", path, rows, cols)
  end
  if complex_types[descr] then
    return complex_of(data, format, rows, cols, columns)
  end
  local value = format:find "I8" and unsigned or function(v)
    return v
  end
  local at = 1 - step
  local a = core.new(columns and rows or cols, columns and cols or rows)
  for k = 1, #a do
    at = at + step
    a[k] = value((string.unpack(format, data, at)))
  end
  return columns and a or a.T
end

-- What a .npy file begins with.
local function header(type_of, a)
  local text =
    string.format("{'descr': '%s', 'fortran_order': True, 'shape': (%d, %d), }", type_of, a.rows, a.cols)
  text = text .. (" "):rep(63 - (10 + #text) % 64) .. "\n"
  return MAGIC .. "\1\0" .. string.pack("<I2", #text) .. text
end

-- Write complex numbers.
local function save_complex(path, a)
  local file, err = io.open(path, "wb")
  if not file then
    return nil, err
  end
  local parts = { header("<c16", a) }
  for k = 1, #a do
    parts[#parts + 1] = string.pack("<dd", a.re[k], a.im[k])
  end
  local written, why = file:write(table.concat(parts))
  local closed, reason = file:close()
  return written and closed and true or nil, why or reason
end

--- Write a .npy file.
-- @return true, or nil and the error
function M.save(path, a)
  need("string", "a path", path)
  if type(a) == "table" and a.re and a.im then
    return save_complex(path, a)
  end
  a = checked(pcall(core.from, a))
  return core.write(path, a, header(native, a))
end

-- ---------------------------------------------------------------------------------------------- methods

local methods = core.methods

--- Write a .npy file: A:save(path).
function methods.save(a, path)
  return M.save(path, a)
end

--- Write a raw file of doubles: A:write(path).
function methods.write(a, path)
  return core.write(path, a)
end

--- In the notation that matrix.parse reads, to the last digit.
function methods.text(a)
  local rows = {}
  for i = 1, a.rows do
    local row = {}
    for j = 1, a.cols do
      row[j] = string.format("%.17g", a(i, j))
    end
    rows[i] = table.concat(row, " ")
  end
  return "[" .. table.concat(rows, "; ") .. "]"
end

return setmetatable(M, {
  __call = function(_, value)
    local a = checked(pcall(core.from, value))
    return a
  end,
})
