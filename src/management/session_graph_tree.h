// The session graph as a tree of typed nodes: what the store found, put below what it grew from. A record with two parents, a
// grant that a transfer brought into a session opened by hand, stands below each of them.
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "json/value.h"
#include "store/session_graph.h"
#include "tenancy/handles.h"

namespace segue::management {

struct TreeNode {
  std::string node;  // how revoke names it; empty for a relying party, which ends with its session
  std::string_view type, state;
  json::object shown;
  std::vector<TreeNode> children;
};

struct TreeContext {
  const tenancy::TenantKeys& keys;
  base::Instant now{};
  std::function<bool(const std::string& client_id)> cascades;  // whether the client's revocations take what grew from them
  std::string selected = {};                                   // the public id that was asked for, if one was
};

struct Tree {
  std::vector<TreeNode> tops;
  std::size_t nodes = 0;
  bool truncated = false;
};
// At most `most` nodes.
Tree make_tree(const store::session_graph::Records& records, const TreeContext& context, std::size_t most);

json::object to_json(const TreeNode& node);

}  // namespace segue::management
