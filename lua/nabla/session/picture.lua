--- Pictures of expressions: the graph of a node and of all below it, in which a shared part is one vertex.
--
-- @module nabla.session.picture

local later = require "nabla.text.later"

local graph = later.require "nabla.print.graph"

local M = {}

local MOST = 2000 -- vertices: nobody reads a larger picture
local WITH_TEXTS = 200 -- vertices of a graph whose vertices carry their texts

-- The nodes from the root on, each once, and the edges between their numbers. An explicit stack: expressions may be deep.
local function collected(root, parts_of)
  local nodes, number, edges, open = { root }, { [root] = 1 }, {}, { root }
  while #open > 0 do
    local node = table.remove(open)
    for _, part in ipairs(parts_of(node)) do
      if not number[part] then
        nodes[#nodes + 1] = part
        number[part] = #nodes
        open[#open + 1] = part
        if #nodes > MOST then
          return nil, { message = ("the expression has more than %d parts; no picture of it is drawn"):format(MOST) }
        end
      end
      edges[#edges + 1] = { number[node], number[part] }
    end
  end
  return nodes, edges
end

-- A leaf shows its text, another node its operator; below, the shape where it is not a scalar.
local function vertex(node, with_text)
  local leaf = #node == 0
  local label = leaf and node:unicode() or node.op
  local shape = tostring(node.shape)
  return {
    label = shape ~= "1 x 1" and label .. "\n" .. shape or label,
    shape = leaf and "box" or "ellipse",
    tooltip = with_text and node:text() or nil,
  }
end

-- What a node has to give: all its parts at once, since each node[i] looks at all of them.
local parts_of

local of_nodes = {}

--- The graph of an expression in DOT, the language of Graphviz. Arguments are in their order, from left to right.
-- @treturn string|nil the text, or nil and an error where the expression is too large
function of_nodes.dot(node)
  local nodes, edges = collected(node, parts_of)
  if not nodes then
    return nil, edges
  end
  local vertices = {}
  for i, n in ipairs(nodes) do
    vertices[i] = vertex(n, #nodes <= WITH_TEXTS)
  end
  return graph.dot { vertices = vertices, edges = edges, settings = { "ordering=out" } }
end

--- The graph of an expression as SVG, by Graphviz.
-- @treturn string|nil SVG, or nil and an error where the expression is too large or Graphviz is not installed
function of_nodes.svg(node)
  local dot, err = of_nodes.dot(node)
  if not dot then
    return nil, err
  end
  return graph.svg(dot)
end

--- The methods of nodes.
-- @tparam function parts gives the list of the parts of a node
function M.of_nodes(parts)
  parts_of = parts
  return of_nodes
end

return M
