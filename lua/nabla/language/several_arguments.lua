--- Unknown functions of several arguments: `scalar f of x, u`.
--
-- f(x, u) is f of the column [x; u], in which a matrix is its vec (rules/functions/several-arguments.rules). So a variable of such
-- a function is one of one argument, that column, and has `several`: its arguments, each { name, id, rows, cols }.
--
-- @module nabla.language.several_arguments

local blocks = require "nabla.text.blocks"
local core = require "nabla.core"
local scopes = require "nabla.language.scope"

local M = {}

local ONE = core.constants.one -- the dimension 1

--- The column of some nodes, one above the other; a matrix is its vec.
function M.stack(session, ids)
  local S, ops, columns = session.S, session.ops, {}
  for i, id in ipairs(ids) do
    columns[i] = S:cols(id) == ONE and id or S:apply(ops.vec.number, { id })
  end
  return blocks.nested(blocks.BELOW, columns, function(name, a, b)
    return S:apply(ops[name].number, { a, b })
  end)
end

--- A list of declarations in which letters that are declared elsewhere, behind a function, are further arguments of it:
-- `scalar f of x, u` where u has a declaration of its own.
-- @tparam {nabla.Declaration,...} list
-- @tparam table scope
function M.gathered(list, scope)
  local any = false
  for i = 1, #list do
    any = any or list[i].bare
  end
  if not any then
    return list
  end
  local count, out, last = {}, {}, nil
  for _, d in ipairs(list) do
    count[d.name] = (count[d.name] or 0) + 1
  end
  for _, d in ipairs(list) do
    if d.bare and last and d.name ~= last.name and (count[d.name] > 1 or scopes.lookup(scope, d.name)) then
      last.ofs = last.ofs or { { name = last.of, pos = last.ofpos } }
      table.insert(last.ofs, { name = d.name, pos = d.namepos })
    else
      out[#out + 1] = d
      last = (d.of or d.ofs) and #(d.attributes or {}) == 0 and d or nil
    end
  end
  return out
end

--- What a declaration says of its arguments, for its variable.
function M.declare(session, scope, d)
  local S, parts, ids = session.S, {}, {}
  for i, of in ipairs(d.ofs) do
    local arg = scopes.lookup(scope, of.name)
    local id = arg.func and S:call(arg.id, arg.arg_id) or arg.id
    parts[i] = { name = of.name, id = id, rows = S:rows(id), cols = S:cols(id) }
    ids[i] = id
  end
  return parts, M.stack(session, ids)
end

--- The function of which an entry is the value of a partial derivative, D(f, x)(a, b); or nil.
function M.of_partial(c, ast)
  local base = ast[1]
  local f = base.tag == "call" and base.name == "D" and base.args[1]
  local var = f and f.tag == "name" and scopes.lookup_spelled(c.scope, f.name)
  return var and var.several and #ast.args == #var.several and var or nil
end

--- The type of a call.
function M.infer(c, ast, var, name)
  if #ast.args ~= #var.several then
    local hint = ("its arguments are as it was declared: %s of %d letters"):format(name, #var.several)
    c:refuse(ast, ("%s takes %d arguments, found %d"):format(name, #var.several, #ast.args), hint)
  end
  for i, part in ipairs(var.several) do
    local arg = c:infer(ast.args[i])
    if not (c:unify(arg.rows, part.rows) and c:unify(arg.cols, part.cols)) then
      local message = "argument %d of %s is %s, declared %s"
      c:stop(ast.args[i], message:format(i, name, c:shape_text(arg), c:shape_text(part)))
    end
  end
  return { means = "function", rows = var.rows, cols = var.cols, var = var }
end

return M
