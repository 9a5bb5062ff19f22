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

local nabla = require "nabla"
local read = require("spec.support.files").read

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
  { "^hessian (.+) by (%S+)$", "hessian" },
  { "^second differential (.+)$", "second differential" },
  { "^differential (.+)$", "differential" },
  { "^expression (.+)$", "expression" },
}

local function request(line)
  for _, r in ipairs(REQUESTS) do
    local f, x, layout = line:match(r[1])
    if f then
      return { kind = r[2], f = f, x = x, layout = layout, text = line }
    end
  end
end

--- The page of a course: a list of { let =, kind =, f =, x =, layout =, text =, line =, answer = }.
function M.page(name)
  local list, let, last, number = {}, {}, nil, 0
  for line in (read(FOLDER .. name .. ".answers") .. "\n"):gmatch "(.-)\n" do
    number = number + 1
    local where = string.format("%s%s.answers:%d: ", FOLDER, name, number)
    local declarations = line:match "^let (.+)$"
    if declarations then
      let[#let + 1] = declarations
    elseif line:match "^%s+%S" then
      assert(last and not last.answer, where .. "an answer without a request")
      last.answer = line:match "^%s+(.-)%s*$"
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
  expression = function(s, r)
    return s:simplify(r.f)
  end,
}

--- The answer to a request, an expression of a new session.
function M.answer(s, r)
  for _, declarations in ipairs(r.let) do
    assert(s:declare(declarations))
  end
  return assert(answers[r.kind](s, r))
end

--- Is an answer right, judged by numbers? Differentials and expressions are compared with what was asked.
-- @return true; or nil or false and the reason
function M.judge(s, r, answer)
  if r.kind == "derivative" then
    return s:verify(r.f, r.x, answer, { layout = r.layout })
  elseif r.kind == "hessian" then
    return s:verify(r.f, r.x, answer, { second = true })
  elseif r.kind == "expression" then
    return s:equal(r.f, answer)
  end
  return true
end

return M
