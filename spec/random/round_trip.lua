--- Is what is printed of an answer in a notation read back in it to the same node?
--
--     local outcome, printed, read = round_trip.try(session, answer, "numpy")
--
-- Outcomes: same; value (another node, of the same value); unwritten (the notation has no form for it, and says so); unread (what is
-- printed is refused); open (LaTeX does not tell the size of a unit matrix, which a note says); wrong (read as another value).

local M = {}

-- Each format and notation, and how it is read.
local WAYS = {
  { "text", format = "text" },
  { "unicode", format = "unicode" },
  { "latex", format = "latex", read = { latex = true } },
  { "course_notes", format = "latex", notation = "course_notes", read = { latex = true } },
  { "physics", format = "latex", notation = "physics", read = { latex = true } },
  { "physics unicode", format = "unicode", notation = "physics" },
  { "numpy", format = "text", notation = "numpy", read = { typed = "numpy" } },
  { "pytorch", format = "text", notation = "pytorch", read = { typed = "pytorch" } },
  { "julia", format = "text", notation = "julia", read = { typed = "julia" } },
  { "matlab", format = "text", notation = "matlab", read = { typed = "matlab" } },
}

--- The ways to print, and each with names for parts: name -> way.
M.ways = {}

--- Their names in order.
M.names = {}

for _, parts in ipairs { false, true } do
  for _, way in ipairs(WAYS) do
    local name = way[1] .. (parts and " parts" or "")
    M.names[#M.names + 1] = name
    M.ways[name] = { format = way.format, notation = way.notation, read = way.read, parts = parts }
  end
end

--- Print an answer in one of the ways, and read it in the session that has its declarations.
-- @return the outcome, what was printed (or why nothing was), and what was read
function M.try(session, answer, name)
  local way, before = M.ways[name], session.notation
  local typed = way.read and way.read.typed
  session.notation = not typed and way.notation or before
  local printed, err = answer:text(way.format, { notation = way.notation, parts = way.parts })
  local read, why
  if printed then
    read, why = session:parse(printed, way.read)
  end
  session.notation = before
  if not printed then
    return "unwritten", err.message
  elseif not read then
    return "unread", printed, tostring(why)
  elseif read == answer then
    return "same", printed, read
  end
  if tostring(why):find("no letter tells the size", 1, true) then
    return "open", printed, tostring(read)
  end
  local verdict = session:equal(read, answer)
  return verdict == "no" and "wrong" or "value", printed, tostring(read)
end

return M
