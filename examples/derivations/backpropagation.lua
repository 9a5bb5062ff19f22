-- Backpropagation through two layers: examples are the rows of X.

local nabla = require "nabla"

local s = nabla.new { strict = true }
s:declare "matrix X(N,d), matrix W(d,h), matrix V(h,k), matrix Y(N,k)"

local loss = s:parse "norm2(tanh(X*W)*V - Y)^2"
local by_w, by_v = s:diff(loss, "W"), s:diff(loss, "V")
s:let("Z", "tanh(X*W)") -- the hidden layer
s:let("R", "tanh(X*W)*V - Y") -- the residual
print((by_v:fold()))
print((by_w:fold()))

--> 2*Z'*R
--> 2*X'*(R*V'.*(ones(N, h) - Z.^2))
