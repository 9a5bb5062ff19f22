-- The facts that follow from forms and attributes, and what both simplify. Every statement is also judged by numbers.

local judge = require "spec.judge"
local numeric = require "spec.judge.numeric"
local sample = require "spec.support.sample"
local structured = require "spec.support.structured"

local DECLARATIONS = structured.declarations
local session = structured.session

-- A text with one item a line, the name before the colon is its key.
local function items(text)
  local list = {}
  for line in text:gmatch "[^\n]+" do
    local key, item = line:match "^%s*(.-)%s*: (.-)%s*$"
    if key then
      list[#list + 1] = { key, item }
    end
  end
  return list
end

-- ---------------------------------------------------------------------------------------------- facts

-- Does a matrix of numbers have the property?
local check = {}

local function small(a, scale)
  return numeric.magnitude(a) <= 1e-8 * math.max(1, scale)
end

function check.symmetric(a)
  return small(numeric.subtract(a, numeric.transpose(a)), numeric.magnitude(a))
end

function check.skew(a)
  return small(numeric.add(a, numeric.transpose(a)), numeric.magnitude(a))
end

function check.lower(a)
  return small(numeric.subtract(a, numeric.tril(a)), numeric.magnitude(a))
end

function check.upper(a)
  return small(numeric.subtract(a, numeric.triu(a)), numeric.magnitude(a))
end

function check.diagonal(a)
  return check.lower(a) and check.upper(a)
end

function check.toeplitz(a)
  local sums, counts =
    numeric.diagonalsums(a), numeric.diagonalsums(numeric.map(a, function()
      return 1.0
    end))
  return small(numeric.subtract(a, numeric.over(sums, counts)), numeric.magnitude(a))
end

local function identity(n)
  return numeric.I(numeric.number(n))
end

function check.orthogonal(a)
  return small(numeric.subtract(numeric.multiply(a, numeric.transpose(a)), identity(a.rows)), 1)
end

function check.idempotent(a)
  return small(numeric.subtract(numeric.multiply(a, a), a), 1)
end

local function gram(a)
  return numeric.multiply(numeric.transpose(a), a)
end

function check.fullcolumnrank(a)
  return math.abs(numeric.det(gram(a))[1]) > 1e-12
end

function check.invertible(a)
  return a.rows == a.cols and check.fullcolumnrank(a)
end

-- All leading minors are positive; those of a semidefinite one with a little more on its diagonal.
function check.spd(a)
  for k = 1, a.rows do
    local minor = numeric.new(k, k, function(i, j)
      return numeric.at(a, i, j)
    end)
    if numeric.det(minor)[1] <= 0 then
      return false
    end
  end
  return check.symmetric(a)
end

function check.psd(a)
  return check.spd(numeric.add(a, numeric.scale(identity(a.rows), 1e-6 * math.max(1, numeric.magnitude(a)))))
end

local function all_entries(a, test)
  for _, entry in ipairs(a) do
    if not test(entry) then
      return false
    end
  end
  return true
end

function check.positive(a)
  return all_entries(a, function(v)
    return v > 0
  end)
end

function check.nonnegative(a)
  return all_entries(a, function(v)
    return v >= -1e-12
  end)
end

-- Whether the value of an expression has the property, for random values at all sizes.
local function holds_by_numbers(property, text)
  local list = judge.declarations(DECLARATIONS)
  for set, sizes in ipairs(judge.sizes) do
    local instance = judge.instance(list, sizes, text .. set)
    if not check[property](judge.evaluate(instance, text)) then
      return false
    end
  end
  return true
end

local FACTS = [[
  symmetric: A + A'
  symmetric: A + A' - diag(diagv(A))
  symmetric: 2*A + 2*A' + S
  symmetric: X'*X
  symmetric: X*X'
  symmetric: x*x'
  symmetric: S + M
  symmetric: b*S
  symmetric: S^3
  symmetric: inv(M)
  symmetric: X'*N*X
  symmetric: X*S*X'
  symmetric: A'*X'*N*X*A
  symmetric: S*M*S
  symmetric: W*S*W
  symmetric: W^2
  symmetric: S*M + M*S
  symmetric: W*V + V*W
  symmetric: S.*M
  symmetric: S.^2
  symmetric: A.*A'
  symmetric: W.*V
  symmetric: W.^2
  symmetric: kron(S, N)
  symmetric: kron(W, V)
  symmetric: expm(S)
  symmetric: exp(S)
  symmetric: tanh(S)
  symmetric: ones(n,n)
  symmetric: diag(x)
  symmetric: I(n) - 2*x*x'/(x'*x)
  skew: A - A'
  skew: W + V
  skew: b*W
  skew: W'
  skew: (W - W' + A - A')^3
  skew: W^3
  skew: X*W*X'
  skew: A'*W*A
  skew: S*W*S
  skew: V*W*V
  skew: S*M - M*S
  skew: W*V - V*W
  skew: W.*S
  skew: kron(W, S)
  skew: kron(S, W)
  skew: sin(W)
  lower: tril(A)
  lower: L + D
  lower: L*D
  lower: inv(L)
  lower: U'
  lower: L.*A
  lower: kron(L, D)
  lower: tril(A)*L + b*D
  upper: triu(A)
  upper: L'
  upper: U*D
  upper: inv(L)'
  diagonal: diag(x)
  diagonal: D + b*diag(x)
  diagonal: D*diag(x)
  diagonal: D^3
  diagonal: D.*A
  diagonal: kron(D, diag(x))
  diagonal: expm(D)
  toeplitz: diagonalsums(A)
  toeplitz: T + T'
  toeplitz: b*T
  toeplitz: T.*diagonalsums(A)
  toeplitz: T.^2
  toeplitz: T - b*I(n)
  orthogonal: Q*O
  orthogonal: Q'
  orthogonal: Q^3
  orthogonal: -Q
  orthogonal: kron(Q, O)
  orthogonal: expm(W)
  orthogonal: I(n) - 2*x*x'/(x'*x)
  idempotent: X*inv(X'*X)*X'
  idempotent: I(m) - X*inv(X'*X)*X'
  idempotent: I(n) - P
  idempotent: P'
  idempotent: Q'*P*Q
  idempotent: kron(P, R)
  idempotent: x*x'/(x'*x)
  idempotent: ones(n,n)/n
  idempotent: I(n) - ones(n,n)/n
  invertible: Q*G
  invertible: G'
  invertible: G^2
  invertible: a*G
  invertible: expm(A)
  invertible: M + H
  invertible: F'*F
  fullcolumnrank: F*G
  fullcolumnrank: kron(F, G)
  psd: X'*X
  psd: X*X'
  psd: x*x'
  psd: H + M
  psd: a*H
  psd: X*H*X'
  psd: S^2
  psd: H.*M
  psd: kron(H, M)
  psd: diag(z)
  psd: diag(x.^2)
  psd: S*H*S
  spd: F'*F
  spd: M + H
  spd: M + X'*X
  spd: a*I(n) + X'*X
  spd: inv(M)
  spd: F'*N*F
  spd: G*M*G'
  spd: G*G'
  spd: G'*G
  spd: diag(z)
  spd: diag(exp(x))
  spd: M.*M
  spd: kron(M, N)
  spd: expm(S)
  positive: exp(X)
  positive: z + exp(x)
  positive: z.*exp(x)
  positive: Z*exp(A)
  positive: Z'
  positive: 1 + x'*x
  positive: 1 + norm2(x)
  positive: n
  positive: n + 2*m
  positive: ones(n) + abs(x)
  positive: sum(z)
  positive: z.^b
  positive: a^b
  positive: 3*a*z
  positive: tr(M)
  positive: det(M)
  positive: diagv(M)
  positive: kron(z, Z)
  positive: sigmoid(x)
  positive: log(a^2) + a - log(a^2)
  nonnegative: abs(X)
  nonnegative: relu(x)
  nonnegative: x.^2
  nonnegative: b^2
  nonnegative: x'*x
  nonnegative: tr(X'*X)
  nonnegative: x'*H*x
  nonnegative: x'*X'*X*x
  nonnegative: norm2(X)
  nonnegative: sqrt(x'*x)
  nonnegative: diagv(X'*X)
  nonnegative: det(H)
  nonnegative: tril(Z)
  nonnegative: I(n)
]]

local NO_FACTS = [[
  symmetric: A
  symmetric: S*M
  symmetric: S*A
  symmetric: X'*X + A
  symmetric: S*M*A
  symmetric: kron(S, A)
  symmetric: S - W
  symmetric: b*A
  skew: S
  skew: W*V
  skew: W^2
  skew: W.*V
  skew: W + S
  lower: U
  lower: L*U
  lower: L'
  diagonal: L
  diagonal: D*A
  diagonal: D + L
  toeplitz: T*T
  toeplitz: D
  toeplitz: inv(T)
  orthogonal: Q + O
  orthogonal: 2*Q
  orthogonal: I(n) - x*x'
  idempotent: P + R
  idempotent: P*R
  idempotent: 2*P
  idempotent: P - I(n)
  psd: S
  psd: H - M
  psd: b*H
  psd: -H
  spd: X'*X
  spd: H
  spd: S + M
  spd: diag(x)
  spd: M - M.*M
  positive: x
  positive: abs(x)
  positive: z - exp(x)
  positive: x'*x
  positive: norm2(x)
  positive: n - m
  nonnegative: x.^3
  nonnegative: b
  nonnegative: -abs(x)
  nonnegative: x'*S*x
  nonnegative: tr(S)
  fullcolumnrank: X
  fullcolumnrank: X'
  invertible: A
  invertible: A + G
]]

describe("the facts", function()
  local s = session()

  for _, fact in ipairs(sample.of(items(FACTS))) do
    it(("hold: %s(%s)"):format(fact[1], fact[2]), function()
      assert.is_true(s:holds(fact[1], (assert(s:parse(fact[2])))))
      assert.is_true(holds_by_numbers(fact[1], fact[2]))
    end)
  end

  for _, fact in ipairs(sample.of(items(NO_FACTS))) do
    it(("do not say %s(%s)"):format(fact[1], fact[2]), function()
      assert.is_false(s:holds(fact[1], (assert(s:parse(fact[2])))))
    end)
  end
end)

-- ---------------------------------------------------------------------------------------------- simplification

local SIMPLER = [[
  x'*W*x: 0
  x'*W^3*x: 0
  x'*A'*W*A*x: 0
  (x - y)'*W*(x - y): 0
  x'*(A - A')*x: 0
  x'*W*y + y'*W*x: 0
  tr(W): 0
  tr(S*W): 0
  tr(W*V*W): 0
  tr(S*(A - A')): 0
  1 + x'*W*x + b*tr(W): 1
  sum(W): 0
  diagv(W): zeros(n)
  (A + A')*x + A'*x - A*x: 2*A'*x
  S*x + S'*x: 2*S*x
  A*S + (S*A')': 2*A*S
  S*inv(S'): I(n)
  (X*S*X')': X*S*X'
  kron(S, M)': kron(S, M)
  (X'*X)': X'*X
  W' + W: zeros(n,n)
  (W*W)': W^2
  tril(L): L
  triu(L): diag(diagv(L))
  triu(U): U
  tril(U): diag(diagv(U))
  tril(D): D
  tril(tril(A)): tril(A)
  tril(triu(A)): diag(diagv(A))
  tril(A)': triu(A')
  diagv(tril(A)): diagv(A)
  tril(I(n)): I(n)
  diag(diagv(D)): D
  diag(diagv(inv(D))): inv(D)
  diagv(inv(L)): 1./diagv(L)
  diagv(L*L): diagv(L).^2
  diagv(L*tril(A)): diagv(A).*diagv(L)
  diagv(A*D): diagv(A).*diagv(D)
  diagonalsums(T): T.*diagonalsums(ones(n,n))
  diagonalsums(diag(x)): sum(x)*I(n)
  diagonalsums(A)': diagonalsums(A')
  diagv(diagonalsums(A)): tr(A)*ones(n)
  norm2(Q*A*O): norm2(A)
  norm2(Q*x): norm2(x)
  norm2(Q): sqrt(n)
  det(Q)^2: 1
  1/det(Q): det(Q)
  abs(det(Q)): 1
  logdet(Q): 0
  logdet(Q*A*O'): logdet(A)
  Q'*Q: I(n)
  Q*Q': I(n)
  inv(Q)*x: Q'*x
  tr(Q'*A*Q): tr(A)
  P*P: P
  P^5*x: P*x
  (I(n) - P)*P: zeros(n,n)
  P*(I(n) - P)*x: zeros(n)
  (I(n) - P)^2*x: x - P*x
  (X*inv(X'*X)*X')^2: X*inv(X'*X)*X'
  abs(exp(A)): exp(A)
  sign(exp(x)): ones(n)
  abs(a*exp(x)): a*exp(x)
  abs(z): z
  relu(z): z
  step(z): ones(n)
  sign(a): 1
  sqrt(z.^2): z
  sqrt(x.^2): sqrt(x.^2)
  sqrt(a^2): a
  sqrt(b^2): sqrt(b^2)
  sqrt(a^2*norm2(y)): a*sqrt(norm2(y))
  log(a^3): 3*log(a)
  log(b^2): log(b^2)
  log(z.^2): 2*log(z)
  log(exp(x)): x
  norm1(z): sum(z)
  abs(1 + x'*x): 1 + x'*x
  sign(1 + norm2(x)): 1
  abs(x'*M*x): x'*M*x
  abs(det(M)): det(M)
  abs(norm2(x) - 1): abs(norm2(x) - 1)
]]

describe("attributes simplify", function()
  local s = session()

  for _, pair in ipairs(sample.of(items(SIMPLER))) do
    it(("%s to %s"):format(pair[1], pair[2]), function()
      assert.are.equal(pair[2]:gsub(",(%S)", ", %1"), tostring(assert(s:simplify(pair[1]))))
      local same, why = judge.same(pair[1], pair[2], DECLARATIONS)
      assert.is_true(same, why)
    end)
  end
end)
