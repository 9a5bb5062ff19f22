--- From the program that the grammar writes to a syntax tree.
--
-- The program is in postfix order: every step is a value, which is pushed on a stack, or an action, which is applied to
-- the stack (an action takes the stack and its top and returns the new top). `a + b` is
--
--     1 "a" name   3   5 "b" name   add
--
-- So captures of the grammar never nest, however deep the brackets do, and a sum of a million terms is one flat list.
--
-- @module nabla.language.postfix

local M = {}

--- The tree of a name.
function M.name(pos, text)
  return { tag = "name", name = text, pos = pos }
end

--- The tree of a number.
function M.number(pos, text)
  return { tag = "number", text = text, pos = pos }
end

local function name(stack, top) -- pos text
  stack[top - 1] = { tag = "name", name = stack[top], pos = stack[top - 1] }
  return top - 1
end

local function literal(stack, top) -- pos text
  stack[top - 1] = { tag = "number", text = stack[top], pos = stack[top - 1] }
  return top - 1
end

-- 1i, 2.5i: the imaginary unit, times a number.
local function imaginary(stack, top) -- pos text
  local pos, text = stack[top - 1], stack[top]
  local unit = { tag = "name", name = "imagunit", pos = pos }
  local times = { tag = "number", text = text, pos = pos }
  local several = { tag = "product", args = { times, unit }, ops = { "*" }, oppos = { pos }, pos = pos, paren = true }
  stack[top - 1] = text == "1" and unit or several
  return top - 1
end

local function call(stack, top) -- pos text; the arguments follow one by one
  stack[top - 1] = {
    tag = "call",
    name = stack[top],
    args = { nil, nil },
    pos = stack[top - 1],
  }
  return top - 1
end

local function indexed(stack, top) -- base pos; the indices follow one by one
  local base = stack[top - 1]
  stack[top - 1] = { tag = "entry", base, args = {}, pos = base.pos, oppos = stack[top] }
  return top - 1
end

local function argument(stack, top) -- call tree
  local args = stack[top - 1].args
  args[#args + 1] = stack[top]
  return top - 1
end

local function counted(stack, top) -- pos var lo hi body
  local at = top - 4
  local tree =
    { tag = "sumover", var = stack[at + 1], lo = stack[at + 2], hi = stack[at + 3], body = stack[top] }
  tree.pos = stack[at]
  stack[at] = tree
  return at
end

local function brackets(stack, top) -- pos tree
  local tree = stack[top]
  tree.paren = true
  if tree.tag ~= "name" and tree.tag ~= "number" and tree.tag ~= "call" then
    tree.pos = stack[top - 1]
  end
  stack[top - 1] = tree
  return top - 1
end

-- Sums and products grow in place, so that a long one takes time in proportion to its length.
local function add_term(sign)
  return function(stack, top) -- left pos right
    local left, right = stack[top - 2], stack[top]
    if left.tag == "sum" and not left.paren then
      local n = #left.args + 1
      left.args[n], left.signs[n], left.oppos[n] = right, sign, stack[top - 1]
    else
      stack[top - 2] = {
        tag = "sum",
        args = { left, right },
        signs = { 1, sign },
        oppos = { false, stack[top - 1] },
        pos = left.pos,
      }
    end
    return top - 2
  end
end

local function add_factor(operator)
  return function(stack, top) -- left pos right
    local left, right = stack[top - 2], stack[top]
    if left.tag == "product" and not left.paren then
      local n = #left.args
      left.args[n + 1], left.ops[n], left.oppos[n] = right, operator, stack[top - 1]
    else
      stack[top - 2] = {
        tag = "product",
        args = { left, right },
        ops = { operator },
        oppos = { stack[top - 1] },
        pos = left.pos,
      }
    end
    return top - 2
  end
end

local add, subtract = add_term(1), add_term(-1)
local multiply, divide = add_factor "*", add_factor "/"
local multiply_entries, divide_entries = add_factor ".*", add_factor "./"

local function kronecker(stack, top) -- left pos right
  local left = stack[top - 2]
  stack[top - 2] =
    { tag = "call", name = "kron", args = { left, stack[top] }, pos = left.pos, oppos = stack[top - 1] }
  return top - 2
end

local function negate(stack, top) -- pos tree
  stack[top - 1] = { tag = "neg", stack[top], pos = stack[top - 1] }
  return top - 1
end

-- Xᴴ: what X^H is where no letter H is declared.
local function adjoint(stack, top) -- tree pos
  local pos = stack[top]
  local letter = { tag = "name", name = "H", pos = pos }
  stack[top - 1] = { tag = "power", stack[top - 1], letter, pos = pos, oppos = pos, adjoint = true }
  return top - 1
end

local function transpose(stack, top) -- tree pos
  local tree = stack[top - 1]
  stack[top - 1] = { tag = "transpose", tree, pos = tree.pos, oppos = stack[top] }
  return top - 1
end

-- A† in a notation of complex letters; of real ones it is the transpose (nabla.language.adjoints).
local function conjugate_transpose(stack, top) -- tree pos
  transpose(stack, top)
  stack[top - 1].adjoint = true
  return top - 1
end

local function raise(elementwise)
  return function(stack, top) -- base pos exponent
    local base = stack[top - 2]
    stack[top - 2] = {
      tag = "power",
      base,
      stack[top],
      elementwise = elementwise,
      pos = base.pos,
      oppos = stack[top - 1],
    }
    return top - 2
  end
end

local power, power_entries = raise(false), raise(true)

M.actions = {
  conjugate_transpose = conjugate_transpose,
  name = name,
  literal = literal,
  imaginary = imaginary,
  adjoint = adjoint,
  call = call,
  indexed = indexed,
  argument = argument,
  counted = counted,
  brackets = brackets,
  add = add,
  subtract = subtract,
  multiply = multiply,
  divide = divide,
  multiply_entries = multiply_entries,
  divide_entries = divide_entries,
  kronecker = kronecker,
  negate = negate,
  transpose = transpose,
  power = power,
  power_entries = power_entries,
}

local is_action = {}
for _, action in pairs(M.actions) do
  is_action[action] = true
end

--- Make the functions of a table actions, and give the table back.
function M.register(actions)
  for _, action in pairs(actions) do
    is_action[action] = true
  end
  return actions
end

-- Actions of the signs that rule files bring, by operator and order of arguments: each is made once.
local made = {}

local function action_of(key, make)
  if not made[key] then
    made[key] = make()
    is_action[made[key]] = true
  end
  return made[key]
end

local function call_node(operator, args, pos, oppos)
  return { tag = "call", name = operator, args = args, pos = pos, oppos = oppos }
end

--- The action of a call whose arguments are in some order behind a place: pos tree tree ...
function M.call_of(operator, order)
  local n = #order
  return action_of(("call %s %s"):format(operator, table.concat(order, " ")), function()
    return function(stack, top)
      local args, at = {}, top - n
      for i = 1, n do
        args[order[i]] = stack[at + i]
      end
      stack[at] = call_node(operator, args, stack[at])
      return at
    end
  end)
end

--- The action of a call whose sign is between its two arguments: left pos right.
function M.call_between(operator, order)
  return action_of(("between %s %d"):format(operator, order[1]), function()
    return function(stack, top)
      local args = {}
      args[order[1]], args[order[2]] = stack[top - 2], stack[top]
      stack[top - 2] = call_node(operator, args, stack[top - 2].pos, stack[top - 1])
      return top - 2
    end
  end)
end

--- The action of a call whose sign is behind its argument: tree pos.
function M.call_behind(operator)
  return action_of("behind " .. operator, function()
    return function(stack, top)
      stack[top - 1] = call_node(operator, { stack[top - 1] }, stack[top - 1].pos, stack[top])
      return top - 1
    end
  end)
end

--- The tree that a program makes. The stack is the program itself: what is still to be read lies above its top.
function M.run(program)
  local stack, top = program, 0
  for i = 1, #program do
    local step = program[i]
    if is_action[step] then
      top = step(stack, top)
    else
      top = top + 1
      stack[top] = step
    end
  end
  assert(top == 1, "the grammar wrote a program that leaves more than one tree")
  return stack[1]
end

return M
