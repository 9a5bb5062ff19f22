--- Help on an operator from the rule files: what it is, its differential, where it is stated, the identities about it.
--
-- @module nabla.repl.topics

local spelling = require "nabla.text.spelling"

local M = {}

local MOST = 5 -- identities that are named

-- The parameters of an operator, as a rule file declares them.
local function head(session, op)
  local S, list = session.S, {}
  for i, p in ipairs(op.params) do
    local name = p.name or ("x" .. i)
    if p.rows and p.cols and S:dimtext(p.cols) ~= "1" then
      name = ("%s(%s,%s)"):format(name, S:dimtext(p.rows), S:dimtext(p.cols))
    elseif p.rows and S:dimtext(p.rows) ~= "1" then
      name = ("%s(%s)"):format(name, S:dimtext(p.rows))
    end
    list[i] = name
  end
  return ("%s(%s)"):format(op.name, table.concat(list, ", "))
end

-- The names of the identities in which an operator occurs.
local function identities_about(session, name)
  if #session.identity_order == 0 and not session:load "identities.rules" then
    return {}
  end
  local list = {}
  for _, key in ipairs(session.identity_order) do
    local identity = session.identities[key]
    if identity and tostring(identity.of or key):find(name, 1, true) then
      list[#list + 1] = key
    end
  end
  return list
end

--- What the rule files say of a name.
-- @treturn table { text, failed }
function M.about(session, name)
  local op = session.ops[name]
  if not op or op.gone then
    local nearest = spelling.nearest(name, spelling.names(session.ops))
    local hint = nearest and ("; did you mean ?%s"):format(nearest) or ""
    return { text = ("nothing is known of '%s'%s"):format(name, hint), failed = true }
  end
  local lines = { head(session, op) }
  if op.title then
    lines[1] = lines[1] .. ": " .. op.title
  end
  for _, serial in ipairs(session.differentials[name] or {}) do
    local rule = session.rules[serial]
    lines[#lines + 1] = ("%s  [%s]"):format(rule.name, rule.cite or "no source")
    local function text(id) -- a rule's variable has no name of its own
      local of_one = #op.params == 1 and op.params[1].name
      local written = session:text(session:wrap(id))
      return of_one and written:gsub("%f[%w]variable%f[^%w]", of_one) or written
    end
    local ok, left = pcall(text, rule.lhs)
    local good, right = pcall(text, rule.rhs)
    if ok and good then
      lines[#lines + 1] = ("  %s = %s"):format(left, right)
    end
    lines[#lines + 1] = ("  %s:%d"):format(rule.file, rule.line)
  end
  local found = identities_about(session, name)
  if #found > 0 then
    lines[#lines + 1] = "identities: " .. table.concat(found, "; ", 1, math.min(#found, MOST))
  end
  return { text = table.concat(lines, "\n") }
end

return M
