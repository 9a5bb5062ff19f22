-- The messages about mistakes in rule files, made from the cases of the tests: lua5.4 tools/error_reference.lua >build/docs/errors.md
--
-- Each message of spec/data/rulefile_errors.txt in alphabetical order, with the files that bring it up.

local here = arg and arg[0]:match "^(.*)/tools/[^/]*$" or "."

-- A message without what differs from case to case.
local function general(message)
  message = message:gsub("'[^']*'", "'..'"):gsub('"[^"]*"', '".."'):gsub("`[^`]*`", "`..`")
  return (message:gsub(" %(%S+:%w+%)", ""))
end

local cases, order = {}, {}

local function add(title, lines)
  local rules, report = table.concat(lines, "\n"):match "^(.-)\n%-%-\n(.-)%s*$"
  local key = general(report:match "^%S+:%d+:%d+: ([^\n]*)" or report:match "^[^\n]*")
  if not cases[key] then
    cases[key] = {}
    order[#order + 1] = key
  end
  table.insert(cases[key], { title = title, rules = rules, report = report })
end

local title, lines
for line in io.lines(here .. "/spec/data/rulefile_errors.txt") do
  local new = line:match "^== (.*)$"
  if new and title then
    add(title, lines)
  end
  if new then
    title, lines = new, {}
  elseif title then
    lines[#lines + 1] = line
  end
end
add(title, lines)
table.sort(order)

print "# Messages about rule files\n"
print "Each message, with the rule files that bring it up. `..` stands for a name or a text.\n"
for _, key in ipairs(order) do
  print("## " .. key .. "\n")
  for _, case in ipairs(cases[key]) do
    local heading = case.title:gsub("^%l", string.upper)
    print(("%s:\n\n```text\n%s\n```\n\n```text\n%s\n```\n"):format(heading, case.rules, case.report))
  end
end
