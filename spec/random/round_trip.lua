--- Is what is printed of an answer in a notation read back in it to the same node?
--
--     local outcome, printed, read = round_trip.try(session, answer, "numpy")
--
-- Outcomes: same; value (another node, of the same value); unwritten (the notation has no form for it, and says so); unread (what is
-- printed is refused); open (LaTeX does not tell the size of a unit matrix, which a note says); wrong (read as another value).

local M = {}

--- The ways to print: name -> format, notation, and the options of reading.
M.ways = {
  text = { "text" },
  unicode = { "unicode" },
  latex = { "latex", nil, { latex = true } },
  course_notes = { "latex", "course_notes", { latex = true } },
  physics = { "latex", "physics", { latex = true } },
  ["physics unicode"] = { "unicode", "physics" },
  numpy = { "text", "numpy", { typed = "numpy" } },
  pytorch = { "text", "pytorch", { typed = "pytorch" } },
  julia = { "text", "julia", { typed = "julia" } },
  matlab = { "text", "matlab", { typed = "matlab" } },
}

--- Their names in order.
M.names = {
  "text",
  "unicode",
  "latex",
  "course_notes",
  "physics",
  "physics unicode",
  "numpy",
  "pytorch",
  "julia",
  "matlab",
}

--- Print an answer in one of the ways, and read it in the session that has its declarations.
-- @return the outcome, what was printed (or why nothing was), and what was read
function M.try(session, answer, name)
  local format, notation, opts = table.unpack(M.ways[name], 1, 3)
  local before = session.notation
  session.notation = M.ways[name][3] and M.ways[name][3].typed and before or notation or before
  local printed, err = answer:text(format, { notation = notation })
  local read, why
  if printed then
    read, why = session:parse(printed, opts)
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
