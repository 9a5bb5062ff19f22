--- places in a text, and the errors that point at them.
--
-- A place is a byte index. Lines and columns are worked out only when an error is made: parsing pays nothing for them.
-- Columns count characters, not bytes. An error never fails to print, whatever bytes the text holds.
-- @module nabla.text.errors

local M = {}

local WINDOW = 100 -- how many characters of a long line are shown
local ELLIPSIS = "..."
local SURROGATE = "\xED[\xA0-\xBF][\x80-\xBF]" -- half a character; not UTF-8, though Lua 5.3 lets it pass
local REPLACEMENT = utf8.char(0xFFFD)

---@class nabla.Error
---@field message string what was found and what was expected
---@field hint string|nil a likely repair
---@field file string|nil
---@field line integer counted from 1
---@field column integer counted from 1, in characters
---@field pos integer byte index in the text
---@field text_line string the line of the text, without its line end

local Error = {}
Error.__index = Error
Error.__name = "nabla.Error"

-- ----------------------------------------------------------------------------------------------- UTF-8

-- The byte index of the first byte that is not UTF-8, or nil.
local function first_bad_byte(text)
  local _, bad = utf8.len(text)
  local surrogate = text:find("\xED", 1, true) and text:find(SURROGATE)
  if bad and surrogate then
    return math.min(bad, surrogate)
  end
  return bad or surrogate
end

-- The text with every byte that is not UTF-8, and every control character but the tab, replaced by one character.
local function printable(text)
  text = text:gsub(SURROGATE, REPLACEMENT)
  local pieces, start = {}, 1
  while true do
    local _, bad = utf8.len(text, start)
    pieces[#pieces + 1] = text:sub(start, (bad or 0) - 1)
    if not bad then
      break
    end
    pieces[#pieces + 1] = REPLACEMENT
    start = bad + 1
  end
  return (table.concat(pieces):gsub("[\0-\8\10-\31\127]", "?"))
end

-- How many columns of a terminal a character takes: East Asian characters two, combining marks none.
local function width(code)
  if
    code >= 0x300 and code <= 0x36F
    or code >= 0x20D0 and code <= 0x20FF
    or code >= 0x200B and code <= 0x200F
  then
    return 0
  elseif
    code >= 0x1100 and code <= 0x115F
    or code >= 0x2E80 and code <= 0xA4CF
    or code >= 0xAC00 and code <= 0xD7A3
    or code >= 0xF900 and code <= 0xFAFF
    or code >= 0xFE30 and code <= 0xFE6F
    or code >= 0xFF00 and code <= 0xFF60
    or code >= 0xFFE0 and code <= 0xFFE6
    or code >= 0x1F300 and code <= 0x1FAFF
    or code >= 0x20000 and code <= 0x3FFFD
  then
    return 2
  end
  return 1
end

--- Checks that a text is UTF-8.
---@param text string
---@param file string|nil the file's name, for the message
---@return nabla.Error|nil err nil when the text is UTF-8; else an error at the first bad byte
function M.check_utf8(text, file)
  local bad = first_bad_byte(text)
  if bad then
    return M.at {
      text = text,
      pos = bad,
      file = file,
      message = ("byte 0x%02X is not UTF-8"):format(text:byte(bad)),
      hint = "save the text as UTF-8",
    }
  end
end

-- ----------------------------------------------------------------------------------------------- places

--- Finds the line and the column of a byte index.
---@param text string
---@param pos integer byte index, from 1 to #text + 1; anything outside is moved to the nearest end
---@return integer line counted from 1
---@return integer column counted from 1, in characters
---@return string text_line the whole line, without its line end
function M.place(text, pos)
  pos = math.max(1, math.min(pos, #text + 1))
  local line, start = 1, 1
  while true do
    local newline = text:find("\n", start, true)
    if not newline or newline >= pos then
      break
    end
    line, start = line + 1, newline + 1
  end
  local stop = (text:find("\n", start, true) or #text + 1) - 1
  local text_line = text:sub(start, stop):gsub("\r$", "")
  local before = text:sub(start, pos - 1)
  local column = (utf8.len(before) or utf8.len(printable(before))) + 1
  return line, column, text_line
end

-- ----------------------------------------------------------------------------------------------- errors

local LONGEST = 120 -- of a word in a message

-- A message in which a word that fills a page is cut short.
local function readable(message)
  if message and #message > LONGEST then
    message = message:gsub("%S+", function(word)
      local stop = #word > LONGEST and utf8.offset(word, LONGEST // 2)
      return stop and word:sub(1, stop - 1) .. ELLIPSIS .. word:match "['`]*%p?$"
    end)
  end
  return message
end

--- Makes an error that points at a place of a text.
---@param fields table text, pos (byte index), message, and optionally hint and file
---@return nabla.Error
function M.at(fields)
  local line, column, text_line = M.place(fields.text, fields.pos)
  return setmetatable({
    file = fields.file,
    line = line,
    column = column,
    pos = fields.pos,
    message = readable(fields.message),
    hint = readable(fields.hint),
    text_line = text_line,
  }, Error)
end

--- Raises what a call answers with nil and a message: a derivative that does not exist, an answer that cannot be checked.
---@param message string a format
function M.refuse(message, ...)
  error({ status = "rule", message = message:format(...) }, 0)
end

--- Tells whether an error is an interrupt, as by Ctrl-C: the interpreter raises a string, the engine a failure.
---@return boolean
function M.is_interrupt(e)
  return type(e) == "string" and e:find "interrupted!$" ~= nil or type(e) == "table" and e.status == "interrupt"
end

local function passed(ok, e, ...)
  local memory = not ok and type(e) == "table" and e.status == "memory"
  if not ok and (memory or M.is_interrupt(e)) then
    error(e, 0)
  end
  return ok, e, ...
end

--- Calls a function whose failure is not the end, as pcall does; an interrupt and the end of memory are raised all the same.
---@param f function
function M.attempt(f, ...)
  return passed(pcall(f, ...))
end

local function passed_in_budget(ok, e, ...)
  if not ok and type(e) == "table" and e.status == "budget" then
    error(e, 0)
  end
  return ok, e, ...
end

--- The same inside one long call: the end of its budget is raised as well, since nothing that follows would be done.
---@param f function
function M.attempt_in_budget(f, ...)
  return passed_in_budget(M.attempt(f, ...))
end

--- Tells whether a value is an error made here.
---@param value any
---@return boolean
function M.is_error(value)
  return getmetatable(value) == Error
end

-- The line and the place of the caret in it, both clipped to a window round the caret.
local function clip(line, column)
  local length = utf8.len(line)
  if length <= WINDOW then
    return line, column
  end
  local first = math.max(1, math.min(column - WINDOW // 2, length - WINDOW + 1))
  local last = math.min(length, first + WINDOW - 1)
  local shown = line:sub(utf8.offset(line, first), utf8.offset(line, last + 1) - 1)
  column = column - first + 1
  if first > 1 then
    shown, column = ELLIPSIS .. shown, column + #ELLIPSIS
  end
  if last < length then
    shown = shown .. ELLIPSIS
  end
  return shown, column
end

-- White space as wide as the first `count` characters of a line; tabs stay tabs, so that the caret lands under its character.
local function indent(line, count)
  local out, done = {}, 0
  for _, code in utf8.codes(line) do
    if done == count then
      break
    end
    done = done + 1
    out[done] = code == 9 and "\t" or (" "):rep(width(code))
  end
  return table.concat(out) .. (" "):rep(count - done)
end

--- Prints an error: `file:line:column: message`, the line, a caret under the place, and the hint. An empty line is not
-- shown.
function Error:__tostring()
  local head = ("%d:%d: %s"):format(self.line, self.column, self.message)
  if self.file then
    head = self.file .. ":" .. head
  end
  local out = { head }
  if self.text_line ~= "" then
    local line, column = clip(printable(self.text_line), self.column)
    out = { head, line, indent(line, column - 1) .. "^" }
  end
  if self.hint then
    out[#out + 1] = "hint: " .. self.hint
  end
  return table.concat(out, "\n")
end

return M
