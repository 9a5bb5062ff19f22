--- `nabla equal`, and the operation "equal" of `nabla batch`.
--
-- @module nabla.command.equal

local json = require "dkjson"
local output = require "nabla.command.output"
local session_from_options = require "nabla.command.session_from_options"
local steps = require "nabla.command.steps"

local M = {}

local NO_CHAIN = "no steps: no chain of rules leads from one to the other"

--- `nabla equal LEFT RIGHT`
function M.equal(opts)
  local formats = opts.steps and { "text", "unicode", "latex", "markdown" } or nil
  local session = session_from_options.new_session(opts, formats)
  local languages = require("nabla.rules.tables").languages(session)
  session_from_options.need_known("language", opts.lang or "en", languages)
  local how = { steps = opts.steps or nil, lang = opts.lang }
  local answer, why, derivation, assumed = session:equal(opts.left, opts.right, how)
  session_from_options.need(answer, why)
  output.print_out(("%s (%s)\n"):format(answer, why))
  local notes = {}
  if opts.steps and answer == "yes" then
    if derivation then
      output.print_out(derivation:format(opts.format, how), "\n")
    else
      notes[1] = NO_CHAIN
    end
  end
  for _, note in ipairs(assumed or {}) do
    notes[#notes + 1] = note
  end
  for _, note in ipairs(notes) do
    io.stderr:write("note: ", note, "\n")
  end
  return answer == "yes" and output.DONE or output.NO
end

--- What the request {"op": "equal", "left": .., "right": ..} is answered: a JSON text of members, and the notes; nil, the
-- error, and the key of the text that it is about.
function M.batch_equal(session, request)
  local how = { steps = request.steps, lang = request.lang }
  local answer, why, derivation, assumed = session:equal(request.left, request.right, how)
  if not answer then
    return nil, why, session:parse(request.left) and "right" or "left"
  end
  local members = ('"answer":%s,"why":%s'):format(json.quotestring(answer), json.quotestring(why))
  if not request.steps or answer ~= "yes" then
    return members, assumed
  elseif derivation then
    return members .. ',"steps":' .. steps.text(derivation, request), assumed
  end
  local notes = table.move(assumed or {}, 1, #(assumed or {}), 2, { NO_CHAIN })
  return members .. ',"steps":null', notes
end

return M
