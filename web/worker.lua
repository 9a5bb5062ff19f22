-- What the page calls in the engine. Each function takes a text and gives a text.

local batch = require "nabla.command.batch"
local code = require "nabla.code"
local image = require "nabla.session.image"
local json = require "dkjson"
local notation = require "nabla.session.notation"
local spelling = require "nabla.text.spelling"

local M = {}

local cache = { count = 0 }

-- The image of the rules begins each session. It lies in this page: nobody else can have written it.
do
  local file = io.open("/nabla/lib/nabla/rules.image", "rb")
  if file then
    image.hold(file:read "a")
    file:close()
  end
end

-- The answer to a line of `nabla batch`.
function M.answer(line)
  return batch.answer(cache, line)
end

-- What the lists of the page offer, as JSON: for each of layouts, conventions and notations a list of { name, title, zh }; for the
-- languages of code the names.
function M.choices()
  local session, lists = batch.session(cache, {}), {}
  for _, kind in ipairs { "layouts", "conventions", "notations" } do
    lists[kind] = {}
    for _, name in ipairs(spelling.names(session[kind])) do
      local known = session[kind][name]
      if kind ~= "notations" or notation.is_written(known) then
        table.insert(lists[kind], { name = name, title = known.title, zh = known.zh })
      end
    end
  end
  lists.targets = spelling.names(code.targets)
  return json.encode(lists)
end

-- Writes the image of the rules to a path. A part of the build, so that no page has to read the rules.
function M.write_image(path)
  assert(image.write(path))
  return "written"
end

return M
