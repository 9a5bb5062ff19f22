--- The notations of papers for what has a name of its own here, such as \lambda_k(A).
--
-- @module nabla.latex.paper_notations

local trees = require "nabla.latex.trees"
local vocabulary = require "nabla.latex.vocabulary"

local name_tree, call_tree, product_tree, transpose_tree = trees.name, trees.call, trees.product, trees.transpose

local M = {}

-- Names of expectations and moments.
local EXPECTED = { Var = true, Cov = true, var = true, cov = true, Pr = true, Prob = true }
-- Letters before a bracket that have a meaning of their own, which the language has no word for.
local UNKNOWN = {
  o = "o(..) is the order of a rest, not a function",
  O = "O(..) is the order of a rest, not a function",
}

-- Notations of papers, each { test, read }. A letter is what `base_name` has read: base, upright, style, pos; its name as
-- an operator (`own`); whether it is bold, and undeclared. The first notation whose test holds reads on and gives the
-- tree; where it gives nil, the letter is a plain name.
local NOTATIONS = {
  { -- \mathbf{Ax}: letters side by side
    test = function(self, letter)
      return self.letters and letter.bold
    end,
    read = function(self, letter)
      local tree
      for one in letter.base:gmatch "." do
        local factor = name_tree(one, letter.pos)
        self.bold[one] = true
        tree = tree and product_tree(tree, "*", factor, letter.pos) or factor
      end
      tree.paren = true
      return tree
    end,
  },
  { -- d X, \mathrm{d}(..)
    test = function(self, letter)
      local sign = letter.upright
        or letter.style == nil and self.in_differentials and self:is_operand(self:peek())
      return letter.base == "d" and letter.undeclared and sign
    end,
    read = function(self, letter)
      return call_tree("d", self:arguments() or { self:postfix() }, letter.pos)
    end,
  },
  { -- cofactor(A)
    test = function(self, letter)
      return letter.own == "cofactor" and not self.kind "cofactor"
    end,
    read = function(self, letter)
      return transpose_tree(self:applied("adj", letter.pos), letter.pos)
    end,
  },
  { -- \mathrm{D} f(x)
    test = function(_, letter)
      return letter.upright and letter.base == "D" and letter.undeclared
    end,
    read = function(self, letter)
      local f = self:base_name()
      if not f then
        self:stop(self:pos(), "the function is missing")
      end
      return call_tree("D", { name_tree(f, letter.pos), (self:arguments() or {})[1] }, letter.pos)
    end,
  },
  { -- E[..], \mathbb{E}(..)
    test = function(self, letter)
      local open = self:peek()
      local named = letter.base == "E"
        and letter.undeclared
        and (open == "[" or open == "(" or open == "\\{" or letter.style == "\\mathbb")
      return named or letter.undeclared and EXPECTED[letter.base] and (open == "[" or open == "(")
    end,
    read = function(self, letter)
      if letter.base == "E" and self:peek() == "(" and letter.bold then
        return nil
      end
      local means = letter.base == "E" or letter.base == "Var" or letter.base == "Cov"
      self:expectation_index(letter)
      local open = self.at
      local args = means and self.kind(letter.base) == "operator" and self:arguments()
      local closed = args and letter.base == "E" and self.tokens[self.at - 1][2] == ")"
      if closed and self:peek() == "^" and args[1].tag == "sum" then -- E(x - m)^T A (x - m)
        self.at = open
        self:tell(letter.pos, "E reaches over the factors behind it")
        args = { self:factors() }
      end
      local own = not means and not letter.declared and self.kind(letter.base) == "operator" and self:arguments()
      if own and #own == 1 and self.kind_of_tree(own[1], self.counters) and not self.is_random(own[1]) then -- var(A*x)
        return call_tree(letter.base, own, letter.pos)
      end
      if args and (letter.base ~= "E" or #args == 1 or #args == 4) then -- E(i, j, m, n) is a unit matrix
        return call_tree(letter.base, args, letter.pos)
      end
      self:stop(
        letter.pos,
        ("%s(..) may be an expectation: it is not read"):format(letter.base),
        vocabulary.advice[letter.base == "E" and "E" or letter.base:find "^Pr" and "a probability" or "Var"]
      )
    end,
  },
  { -- \mathcal{N}(x | \mu, \Sigma)
    test = function(self, letter)
      return self:is_density(letter)
    end,
    read = function(self, letter)
      return self:density(letter.pos)
    end,
  },
  { -- \Gamma(x), the gamma function
    test = function(self, letter)
      local open = self:peek()
      return letter.base == "Gamma"
        and letter.undeclared
        and not letter.bold
        and self.kind "lgamma" == "operator"
        and (open == "(" or open == "[" or open == "\\{")
    end,
    read = function(self, letter)
      local args = self:arguments()
      if #args ~= 1 then
        self:stop(letter.pos, "the gamma function has one argument")
      end
      self:tell(letter.pos, "Gamma(..) is the gamma function, of positive arguments")
      local tree = call_tree("exp", { call_tree("lgamma", args, letter.pos) }, letter.pos)
      tree.customary, tree.gamma = true, true
      return tree
    end,
  },
  { -- the order of a rest
    test = function(self, letter)
      local open = self:peek()
      return letter.undeclared
        and not letter.bold
        and UNKNOWN[letter.base]
        and (open == "(" or open == "[" or open == "\\{")
    end,
    read = function(self, letter)
      self:stop(letter.pos, UNKNOWN[letter.base], "leave the rest out")
    end,
  },
  { -- \operatorname{tr}(..)
    test = function(self, letter)
      local word = letter.upright or letter.style == nil and #letter.base > 1
      return word and self.kind(letter.own) == "operator" and letter.own ~= "pi"
    end,
    read = function(self, letter)
      return self:applied(letter.own, letter.pos)
    end,
  },
  { -- \mathbf{0}, \mathbf{1}_n
    test = function(_, letter)
      return letter.bold and (letter.base == "1" or letter.base == "0")
    end,
    read = function(self, letter)
      local what = letter.base == "0" and "zeros" or "ones"
      if self:accept "_" then
        local sizes = self:dimensions()
        local set = #sizes == 1 and sizes[1].tag == "name" and sizes[1].name:match "^[A-MO-Z]$" -- N counts
        set = set and self.kind(set) ~= "size" and set
        if set and what == "ones" and self:peek() == "(" then -- 1_A(x); 1_n (a + b) is a multiple of ones
          self:stop(
            letter.pos,
            ("1_%s(..) may be an indicator function: it is not in the language"):format(set),
            ("step(x) is 1 where x > 0; a multiple of a column of ones is written ones(%s)*(..)"):format(set)
          )
        elseif set and what == "ones" then
          self:tell(letter.pos, ("1_%s is a column of ones, ones(%s)"):format(set, set))
        end
        return call_tree(what, sizes, letter.pos)
      end
      return self:placeholder(what, letter.pos)
    end,
  },
  { -- J^{ij} of the Matrix Cookbook
    test = function(self, letter)
      return letter.bold and letter.base == "J" and letter.undeclared and self:peek() == "^"
    end,
    read = function(self, letter)
      self.at = self.at + 1
      return self:is_pair() and trees.unsized("E", self:indices(), letter.pos) or nil
    end,
  },
}

-- Is a tree a scalar, whatever its letters are: does it add a number, or is it x^T A x?
local function is_scalar(tree)
  local function is_small(part)
    return part.tag == "name" and part.name:find "^%l" ~= nil
  end
  if tree.tag == "neg" then
    return is_scalar(tree[1])
  elseif tree.tag == "sum" then
    for _, term in ipairs(tree.args) do
      if is_scalar(term) then
        return true
      end
    end
  elseif tree.tag == "product" then
    local first, last = tree.args[1], tree.args[#tree.args]
    return first.tag == "transpose" and is_small(first[1]) and is_small(last)
  end
  return tree.tag == "number" or tree.tag == "norm"
end

-- Is a tree written as a matrix: does it hold a capital letter?
local function holds_capital(tree)
  if type(tree) ~= "table" then
    return false
  elseif (tree.tag == "name" or tree.tag == "sub") and (tree.name:find "^%u" or tree.open == "square") then
    return true
  end
  for _, part in pairs(tree) do
    if holds_capital(part) then
      return true
    end
  end
  return false
end

-- Is each term of a sum the outer product of columns?
local function is_sum_of_outer_products(tree)
  for _, term in ipairs(tree.args) do
    local last = term.tag == "product" and term.args[#term.args]
    if not (last and last.tag == "transpose") then
      return false
    end
  end
  return true
end

-- Is the argument of \lambda_k(..) or \sigma_k(..) a matrix? In \lambda_k (x - m) the letter is a factor.
local function is_matrix(self, tree)
  local kind = self.kind_of_tree(tree, self.counters)
  if kind then
    return kind == "matrix"
  end
  local name = tree.tag == "name" and tree.name
  local last = tree.tag == "product" and tree.args[#tree.args]
  local matrix = name and self.kind(name) == "variable"
    or tree.tag == "call" and tree.name == "diag"
    or last and last.tag == "transpose" -- x x^T
    or tree.tag == "sum" and is_sum_of_outer_products(tree)
    or holds_capital(tree)
  return matrix and not is_scalar(tree)
end

-- The letters of vectors that belong to a matrix.
local VECTORS = {
  q = { name = "eigvec", words = "eigenvector" },
  u = { name = "leftsingvec", words = "left singular vector" },
  v = { name = "rightsingvec", words = "right singular vector" },
}

local function is_indexed(self, letter, bases)
  return letter.undeclared and self:peek() == "_" and bases[letter.base]
end

-- The size above a letter, ^{m \times n}: two trees; nil where there is none.
local function size_above(self)
  local save = self.at
  local size = self:accept "^" and self:peek() == "{" and self:dimensions()
  if size and #size == 2 and self.tokens[self.at - 1][2] == "}" then
    return size
  end
  self.at = save
  return nil
end

-- Letters whose index says a size, a place or a function.
local INDEXED = {
  { -- I_n, I_{n \times n}
    test = function(self, letter)
      return is_indexed(self, letter, { I = true })
    end,
    read = function(self, letter)
      local save = self.at
      for _, index in ipairs(self:is_pair() and self:indices() or {}) do
        if index.tag == "name" and self.counters[index.name] then -- I_{ij} of a sum over i
          return nil
        end
      end
      self.at = save
      return call_tree("I", { self:dimensions()[1] }, letter.pos)
    end,
  },
  { -- \mathbf{K}_{m,n}, \mathbf{E}_{i,j}, \mathbf{E}_{i,j}^{m \times n}
    test = function(self, letter)
      return letter.bold and is_indexed(self, letter, { K = true, E = true })
    end,
    read = function(self, letter)
      local d = self:is_pair() and self:indices() or self:dimensions()
      if #d == 2 then
        if letter.base == "K" then
          return call_tree("K", d, letter.pos)
        end
        local size = size_above(self)
        if not size then
          return trees.unsized("E", d, letter.pos)
        end
        return call_tree("E", { d[1], d[2], size[1], size[2] }, letter.pos)
      end
    end,
  },
  { -- \mathbf{D}_n, \mathbf{L}_n
    test = function(self, letter)
      return letter.bold and is_indexed(self, letter, { D = true, L = true })
    end,
    read = function(self, letter)
      local d = self:dimensions()
      if #d == 1 and not self:joined_known(letter.base, d[1]) then
        return call_tree(letter.base == "D" and "Dup" or "Elim", d, letter.pos)
      end
    end,
  },
  { -- L_f(A, E), K_f(A) of a matrix function f; L_f^{(2)}(A, E), of order 2; L_f^{(2)}(A, E, H), of order 2 in two directions
    test = function(self, letter) -- also where L is declared: the index is a function
      return (letter.base == "L" or letter.base == "K") and self:peek() == "_"
    end,
    read = function(self, letter)
      local f = self:operator_index()
      local order = f and letter.base == "L" and self:order_of_derivative()
      local args = f and self:arguments()
      if args then
        table.insert(args, 1, name_tree(f, letter.pos))
        args[1].operator = true
        if order then
          args[#args + 1] = trees.number(order, letter.pos)
          return call_tree(#args == 5 and "frechetmixed" or "frechetn", args, letter.pos)
        end
        return call_tree(letter.base == "L" and "frechet" or "frechetmatrix", args, letter.pos)
      end
    end,
  },
  { -- \sigma_k(A), the singular value, where A is written as a matrix
    test = function(self, letter)
      return is_indexed(self, letter, { sigma = true })
    end,
    read = function(self, letter)
      local d = self:dimensions()
      local args = #d == 1 and not self:joined_known(letter.base, d[1]) and self:peek() == "(" and self:arguments()
      if args and #args == 1 and args[1].tag ~= "number" and is_matrix(self, args[1]) then
        return call_tree("singval", { args[1], d[1] }, letter.pos)
      end
    end,
  },
  { -- \lambda_k(A), and the vectors \mathbf{q}_k(A) of eigenvalues, \mathbf{u}_k(A), \mathbf{v}_k(A) of singular values
    test = function(self, letter)
      local vector = letter.bold and VECTORS[letter.base]
      return is_indexed(self, letter, { [letter.base] = vector or letter.base == "lambda" })
    end,
    read = function(self, letter)
      local save = self.at
      if vocabulary.optimum[self:subscript():gsub("^\\", "")] then
        return nil
      end
      self.at = save
      local d = self:dimensions()
      local args = #d == 1 and not self:joined_known(letter.base, d[1]) and self:peek() == "(" and self:arguments()
      if args and #args == 1 and is_matrix(self, args[1]) then
        local vector = VECTORS[letter.base]
        if vector then
          self:tell(letter.pos, ("%s_k(A) is the k-th %s of A"):format(letter.base, vector.words))
        end
        return call_tree(vector and vector.name or "eigval", { args[1], d[1] }, letter.pos)
      end
    end,
  },
}

-- The tree of the first notation in a list that fits, or nil. `skip`: how many tokens are before what it reads.
local function notation_of(self, letter, list, skip)
  for _, candidate in ipairs(list) do
    if candidate.test(self, letter) then
      local save = self.at
      self.at = save + skip
      local tree = candidate.read(self, letter)
      if not tree then
        self.at = save
      end
      return tree
    end
  end
end

--- The tree of what a letter begins, where it is such a notation; nil: it is a plain name.
-- @tparam nabla.latex.parser self
-- @tparam table letter what `base_name` has read
function M.tree(self, letter)
  return notation_of(self, letter, NOTATIONS, 0) or notation_of(self, letter, INDEXED, 1)
end

return M
