--- Pages of answers beside the rule files of courses.
--
-- A page is `examples/courses/NAME.answers`. Its statements begin at the margin:
--
--     # a comment
--     let DECLARATIONS                          for the requests below it
--     derivative F by X [in LAYOUT]             a request; the indented line below it is the answer in LaTeX
--     hessian F by X
--     differential F
--     second differential F
--     expression F                              the expression in its textbook form
--         ANSWER
--     derivation F by X in LANGUAGE             how the derivative is found; the lines of the derivation, as text

local files = require "spec.support.files"
local nabla = require "nabla"

local M = {}

local FOLDER = "examples/courses/"

--- The names of the courses that have a page, in order.
function M.names()
  local names = {}
  local pipe = assert(io.popen("ls " .. FOLDER .. "*.answers"))
  for path in pipe:lines() do
    names[#names + 1] = path:match "([^/]+)%.answers$"
  end
  pipe:close()
  return names
end

--- The path of a course's rule file.
function M.rules(name)
  return FOLDER .. name .. ".rules"
end

local REQUESTS = {
  { "^derivative (.+) by (%S+) in (%S+)$", "derivative" },
  { "^derivative (.+) by (%S+)$", "derivative" },
  { "^derivation (.+) by (%S+) in (%S+)$", "derivation" },
  { "^hessian (.+) by (%S+)$", "hessian" },
  { "^second differential (.+)$", "second differential" },
  { "^differential (.+)$", "differential" },
  { "^expression (.+)$", "expression" },
}

local function request(line)
  for _, r in ipairs(REQUESTS) do
    local f, x, layout = line:match(r[1])
    if f then
      local is_derivation = r[2] == "derivation"
      return {
        kind = r[2],
        f = f,
        x = x,
        layout = not is_derivation and layout or nil,
        lang = is_derivation and layout or nil,
        text = line,
      }
    end
  end
end

--- The path of a course's page.
function M.path_of_page(name)
  return FOLDER .. name .. ".answers"
end

--- The page of a course: a list of { let =, kind =, f =, x =, layout =, text =, line =, answer = }.
function M.page(name)
  local list, let, last, number = {}, {}, nil, 0
  for line in (files.read(M.path_of_page(name)) .. "\n"):gmatch "(.-)\n" do
    number = number + 1
    local where = string.format("%s%s.answers:%d: ", FOLDER, name, number)
    local declarations = line:match "^let (.+)$"
    if declarations then
      let[#let + 1] = declarations
    elseif line:match "^%s+%S" then
      assert(last, where .. "an answer without a request")
      local answer = line:match "^%s+(.-)%s*$"
      assert(last.kind == "derivation" or not last.answer, where .. "a second answer")
      last.answer = last.answer and last.answer .. "\n" .. answer or answer
    elseif line ~= "" and not line:match "^#" then
      assert(not last or last.answer, where .. "the request above has no answer")
      last = assert(request(line), where .. "no request: " .. line)
      last.line, last.let = number, table.move(let, 1, #let, 1, {})
      list[#list + 1] = last
    end
  end
  assert(last and last.answer, name .. ": the last request has no answer")
  return list
end

--- A session that has read the course.
function M.session(name)
  return assert(nabla.new { rules = M.rules(name) })
end

local answers = {
  derivative = function(s, r)
    return s:diff(r.f, r.x, { layout = r.layout })
  end,
  hessian = function(s, r)
    return s:hessian(r.f, r.x)
  end,
  differential = function(s, r)
    return s:differential(r.f)
  end,
  ["second differential"] = function(s, r)
    return s:differential(s:differential(r.f))
  end,
  derivation = function(s, r)
    return s:derive(r.f, r.x)
  end,
  expression = function(s, r)
    return s:simplify(r.f)
  end,
}

--- The answer to a request: an expression, or the lines of a derivation.
-- @tparam table s a session that has read the course and nothing else
-- @tparam table r a request of @{page}
function M.answer(s, r)
  for _, declarations in ipairs(r.let) do
    assert(s:declare(declarations))
  end
  return assert(answers[r.kind](s, r))
end

--- An answer as the page writes it.
function M.written(r, answer)
  if r.kind == "derivation" then
    return (answer:text({ lang = r.lang }):gsub("%s+$", ""))
  end
  return answer:latex()
end

local LEFT = { differential = "d(%s)", ["second differential"] = "d(d(%s))" }

-- Is a differential right? As an identity of its course it is proved by `nabla check`, which does not use the rules.
local function judge_differential(name, r, answer)
  local lines = { files.read(M.rules(name)) }
  for _, declarations in ipairs(r.let) do
    lines[#lines + 1] = "let " .. declarations
  end
  lines[#lines + 1] = ('identity "judged"  %s == %s\n'):format(LEFT[r.kind]:format(r.f), answer:text "text")
  local path = files.temporary(table.concat(lines, "\n"))
  local pipe = assert(io.popen(("bin/nabla check --list '%s' 2>&1"):format(path)))
  local report = pipe:read "a"
  pipe:close()
  os.remove(path)
  return report:find 'identity "judged": proved' ~= nil, report
end

--- Is an answer right, judged by numbers?
-- @tparam string name the course
-- @tparam table s the session of the answer
-- @tparam table r
-- @param answer of @{answer}
-- @return true; or nil or false and the reason
function M.judge(name, s, r, answer)
  if LEFT[r.kind] then
    return judge_differential(name, r, answer)
  elseif r.kind == "derivation" then
    return s:verify(r.f, r.x, s:diff(r.f, r.x))
  elseif r.kind == "derivative" then
    return s:verify(r.f, r.x, answer, { layout = r.layout })
  elseif r.kind == "hessian" then
    return s:verify(r.f, r.x, answer, { second = true })
  end
  local verdict, why = s:equal(r.f, answer)
  return verdict == "yes", why
end

return M
