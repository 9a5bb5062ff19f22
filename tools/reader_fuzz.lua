-- Random expressions as pages write them, by the thousand: lua5.4 tools/reader_fuzz.lua N SEED
--
-- Each expression (spec/random/pages.lua) is printed in LaTeX and in Unicode, and written sloppily in LaTeX and in plain text; each
-- is read back with nothing declared. Prints what is read as another expression without a note, and the counts. The exit
-- status is 1 if there was such a one.

local nabla = require "nabla"
local pages = require "spec.random.pages"

local count, seed = tonumber(arg[1] or 1000), arg[2] or "1"
local session, g = assert(nabla.new()), pages.new(seed)
local styles = { "latex", "unicode", "sloppy", "plain" }
local counts, failed = {}, 0
for _, style in ipairs(styles) do
  counts[style] = {}
end

local function try(style, number, text, page, opts)
  local outcome, message = pages.outcome(session, text, page, opts)
  outcome = outcome or "none"
  counts[style][outcome] = (counts[style][outcome] or 0) + 1
  local shown = outcome == "silent" or outcome == "failed" or os.getenv "SHOW" == outcome
  if shown then
    print(("%s/%d %s %s: %s\n    %s\n    %s"):format(seed, number, style, outcome, text, page, message))
  end
  failed = failed + ((outcome == "silent" or outcome == "failed") and 1 or 0)
end

for number = 1, count do
  local e = g:expression(1 + number % 4)
  session:reset()
  local node = session:parse(e.text)
  if node then
    local text, latex, unicode = tostring(node), node:latex(), node:text "unicode"
    session:reset()
    if session:parse(text) == node then -- the text alone says what its letters are
      try("latex", number, text, latex, { latex = true })
      try("unicode", number, text, unicode)
    end
    try("sloppy", number, e.text, e.latex, { latex = true })
    try("plain", number, e.text, e.plain)
  end
end
for _, style in ipairs(styles) do
  local out = {}
  for outcome, n in pairs(counts[style]) do
    out[#out + 1] = ("%s %d"):format(outcome, n)
  end
  table.sort(out)
  print(style, table.concat(out, ", "))
end
os.exit(failed == 0, true)
