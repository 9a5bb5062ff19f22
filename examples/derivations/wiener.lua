-- The Wiener filter: the weights w with the smallest mean square error q - 2*w'*r + w'*R*w, where R is the covariance of the
-- input and r its correlation with the wanted output.

local nabla = require "nabla"

local s = nabla.new { strict = true }
s:declare "vector w(n), vector r(n), matrix R(n,n) spd, scalar q"

local err = s:parse "q - 2*w'*r + w'*R*w"
local filter = s:stationary(err, "w")
print(filter, filter.kind)
print((err:subst("w", "inv(R)*r")):simplify())

--> w = inv(R)*r	unique minimum
--> q - r'*inv(R)*r
