--- Texts of random expressions, with their precedence: 1 sum, 2 product, 3 sign, 4 postfix, 5 atom.

local function text(precedence, format, ...)
  return { precedence = precedence, text = string.format(format, ...) }
end

local function inside(e, precedence)
  if e.precedence >= precedence then
    return e.text
  end
  return "(" .. e.text .. ")"
end

local function atom(format, ...)
  return text(5, format, ...)
end
local function call(name, e)
  return atom("%s(%s)", name, e.text)
end
local function plus(a, b)
  return text(1, "%s + %s", a.text, inside(b, 1))
end
local function minus(a, b)
  return text(1, "%s - %s", a.text, inside(b, 2))
end
local function times(a, b)
  return text(2, "%s*%s", inside(a, 2), inside(b, 4))
end
local function dotted(a, operator, b)
  return text(2, "%s%s%s", inside(a, 2), operator, inside(b, 4))
end
local function over(a, b)
  return text(2, "%s/%s", inside(a, 2), inside(b, 4))
end
local function power(a, k)
  return text(4, "%s^%s", inside(a, 4), k)
end
local function powers(a, k)
  return text(4, "%s.^%s", inside(a, 4), k)
end
local function transposed(a)
  return text(4, "%s'", inside(a, 4))
end

-- A shape is a pair of texts of dimensions, "1" for a side of one.
local function ones(rows, cols)
  if rows == "1" and cols == "1" then
    return atom "1"
  end
  if cols == "1" then
    return atom("ones(%s)", rows)
  end
  return atom("ones(%s,%s)", rows, cols)
end

-- 1 + e^2, entry by entry: positive and away from 0.
local function positive(e, rows, cols)
  if rows == "1" and cols == "1" then
    return plus(ones(rows, cols), power(e, 2))
  end
  return plus(ones(rows, cols), powers(e, 2))
end

return {
  text = text,
  inside = inside,
  atom = atom,
  call = call,
  plus = plus,
  minus = minus,
  times = times,
  dotted = dotted,
  over = over,
  power = power,
  powers = powers,
  transposed = transposed,
  ones = ones,
  positive = positive,
}
