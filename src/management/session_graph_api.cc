#include "management/session_graph_api.h"

#include <algorithm>
#include <map>

#include "management/answers.h"
#include "management/errors.h"
#include "management/session_graph_tree.h"
#include "store/session_graph.h"
#include "store/session_graph_revocation.h"
#include "store/session_transfer_tokens.h"
#include "store/users.h"

namespace segue::management {
namespace session_graph_api {
namespace {

namespace graph = store::session_graph;

constexpr int kMostNodes = 1'000;

TreeContext context_of(const Invocation& invocation, std::string selected = {}) {
  const auto cascades = [tenant = invocation.tenant](const std::string& client_id) {
    return model::revocation_cascades(tenant->client(client_id).get());
  };
  return {.keys = invocation.tenant->keys(), .now = invocation.now, .cascades = cascades, .selected = std::move(selected)};
}

// What two tops have in common is loaded once.
void merge(graph::Records& into, graph::Records more) {
  const auto add = [](auto& list, auto& others, auto id_of) {
    for (auto& other : others) {
      const auto is_same = [&](const auto& one) { return id_of(one) == id_of(other); };
      if (std::none_of(list.begin(), list.end(), is_same)) list.push_back(std::move(other));
    }
  };
  add(into.sessions, more.sessions, [](const auto& s) { return s.session_id; });
  add(into.families, more.families, [](const auto& f) { return f.family_id; });
  add(into.relying_parties, more.relying_parties, [](const auto& p) { return std::pair(p.session_id, p.client_id); });
  add(into.transfers, more.transfers, [](const auto& t) { return t.session_transfer_token_id; });
  into.truncated = into.truncated || more.truncated;
  into.transfers_known_from = std::max(into.transfers_known_from, more.transfers_known_from);
}

// contract §6.1 asks both scopes of what shows or ends both kinds.
std::optional<base::Error> lacks_scopes(const Invocation& invocation, std::string_view one, std::string_view other) {
  if (invocation.token.allows(one) && invocation.token.allows(other)) return std::nullopt;
  return insufficient_scope(std::string(one) + "," + std::string(other));
}

struct Asked {
  std::string user_id, session_id, refresh_token_id;
};
base::Result<Asked> read_asked(const json::object& query) {
  const auto text = [&](std::string_view name) { return json::find_string(query, name).value_or(""); };
  Asked out{text("user_id"), text("session_id"), text("refresh_token_id")};
  const int given = int{!out.user_id.empty()} + int{!out.session_id.empty()} + int{!out.refresh_token_id.empty()};
  if (given != 1 || query.size() != 1)
    return invalid_query("Exactly one of 'user_id', 'session_id' and 'refresh_token_id' is required.");
  return out;
}

base::Error inexistent(const Asked& asked) {
  if (!asked.user_id.empty()) return inexistent_user();
  if (!asked.session_id.empty()) return not_found("The session does not exist.", "inexistent_session");
  return not_found("The refresh token does not exist.", "inexistent_refresh_token");
}

std::vector<graph::Top> tops_of(const store::Reader& r, const Asked& asked) {
  if (!asked.session_id.empty()) return graph::tops_of_session(r, asked.session_id);
  if (!asked.refresh_token_id.empty()) return graph::tops_of_family(r, asked.refresh_token_id);
  if (!store::users::find(r, asked.user_id)) return {};
  return {{.kind = graph::Top::Kind::user, .user_id = asked.user_id}};
}

base::Result<http::Response> get(const Services& services, Invocation& invocation) {
  if (auto error = lacks_scopes(invocation, "read:sessions", "read:refresh_tokens")) return std::move(*error);
  const auto asked = TRY(read_asked(invocation.query));
  const auto records =
      services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) -> std::optional<graph::Records> {
        const auto tops = tops_of(r, asked);
        if (tops.empty()) return std::nullopt;
        graph::Records out;
        for (const auto& top : tops) merge(out, graph::load(r, top, kMostNodes, invocation.now));
        return out;
      });
  if (!records) return inexistent(asked);
  const auto tree = make_tree(*records, context_of(invocation, asked.session_id + asked.refresh_token_id), kMostNodes);
  json::array trees;
  for (const auto& top : tree.tops) trees.push_back(to_json(top));
  return json_answer(200, json::object{{"trees", std::move(trees)},
                                       {"nodes", tree.nodes},
                                       {"truncated", tree.truncated},
                                       {"session_transfer_tokens_since", base::to_iso8601(records->transfers_known_from)}});
}

// What a node names, and what is loaded to see what falls with it.
struct Target {
  tenancy::GraphNode node;
  graph::Owner owner;
  base::RowId family_id{};  // of a session transfer token: where it came from
  graph::Top top;
};
std::optional<Target> find_target(const store::Reader& r, const tenancy::GraphNode& node) {
  using enum model::HandleKind;
  using Kind = graph::Top::Kind;
  const auto below = [&](std::optional<graph::Owner> owner, Kind kind) -> std::optional<Target> {
    if (!owner) return std::nullopt;
    return Target{.node = node, .owner = std::move(*owner), .top = {.kind = kind, .user_id = {}, .id = node.id}};
  };
  switch (node.kind) {
    case session_node: return below(graph::owner_of_session(r, node.id), Kind::session);
    case grant_node: return below(graph::owner_of_grant(r, node.id), Kind::grant);
    case refresh_token_node: return below(graph::owner_of_family(r, node.id), Kind::family);
    default: break;
  }
  const auto found = store::session_transfer_tokens::find(r, node.id);
  if (!found) return std::nullopt;
  const auto& token = found->token;
  return Target{.node = node,
                .owner = {token.user_id, token.transfer_id},
                .family_id = token.family_id,
                .top = {.kind = Kind::family, .user_id = {}, .id = token.family_id}};
}

void end(const store::Writer& w, const Target& target, base::Instant now) {
  using enum model::HandleKind;
  switch (target.node.kind) {
    case session_node: return graph::end_session(w, target.node.id, now);
    case grant_node: return graph::end_grant(w, target.node.id, now);
    case refresh_token_node: return graph::end_family(w, target.node.id, now);
    default: return graph::end_transfer(w, {target.node.id, target.family_id, target.owner.transfer_id}, now);
  }
}

// The nodes of a subtree that are alive, by name. A spent token is history: what it opened is what lives.
struct Living {
  std::map<std::string, std::string_view> types;
  bool truncated = false;
};
void collect(const TreeNode& node, bool inside, const std::string& root, Living& out) {
  inside = inside || node.node == root;
  if (inside && !node.node.empty() && node.state == "live") out.types.emplace(node.node, node.type);
  for (const auto& child : node.children) collect(child, inside, root, out);
}
Living living_below(const Services& services, const Invocation& invocation, const Target& target) {
  const auto records = services.tenants.store().read(
      invocation.call.tenant, [&](const store::Reader& r) { return graph::load(r, target.top, kMostNodes, invocation.now); });
  const auto tree = make_tree(records, context_of(invocation), kMostNodes);
  Living out;
  out.truncated = tree.truncated;
  const auto root = tenancy::to_text(invocation.tenant->keys(), target.node);
  for (const auto& top : tree.tops) collect(top, false, root, out);
  return out;
}

// Read before and after, outside the transaction, which only marks: what somebody else ended in between is counted too.
json::object what_fell(const Living& before, const Living& after) {
  std::map<std::string_view, std::int64_t> counts{
      {"session", 0}, {"grant", 0}, {"refresh_token", 0}, {"session_transfer_token", 0}};
  json::array nodes;
  for (const auto& [node, type] : before.types) {
    if (after.types.contains(node)) continue;
    ++counts[type];
    nodes.emplace_back(node);
  }
  return {{"revoked", json::object{{"sessions", counts["session"]},
                                   {"grants", counts["grant"]},
                                   {"refresh_tokens", counts["refresh_token"]},
                                   {"session_transfer_tokens", counts["session_transfer_token"]}}},
          {"nodes", std::move(nodes)},
          {"truncated", before.truncated}};
}

base::Result<http::Response> revoke(const Services& services, Invocation& invocation) {
  if (auto error = lacks_scopes(invocation, "delete:sessions", "delete:refresh_tokens")) return std::move(*error);
  const auto inexistent_node = [] { return not_found("The node does not exist.", "inexistent_node"); };
  const auto node = tenancy::parse_graph_node(invocation.tenant->keys(), invocation.call.path_parameter("node"));
  if (!node) return inexistent_node();
  const auto target =
      services.tenants.store().read(invocation.call.tenant, [&](const store::Reader& r) { return find_target(r, *node); });
  if (!target) return inexistent_node();
  const auto before = living_below(services, invocation, *target);
  services.tenants.store().write(invocation.call.tenant, [&](const store::Writer& w) {
    // Locked first: no exchange and no sign-in of theirs is half-way through.
    store::users::find_for_change(w, target->owner.user_id);
    end(w, *target, invocation.now);
    append_change(w, invocation, 200, target->owner.transfer_id);
    return true;
  });
  return json_answer(200, what_fell(before, living_below(services, invocation, *target)));
}

const Operation kRevoke{.method = http::Method::post,
                        .path = "/api/v2/segue/session-graph/{node}/revoke",
                        .id = "revoke_session_graph_node",
                        .scopes = {"delete:sessions", "delete:refresh_tokens"},
                        .statuses = {200, 404},
                        .summary = "Revoke a node of the session graph and all that grew from it",
                        .handler = revoke};
const Operation kGet{.method = http::Method::get,
                     .path = "/api/v2/segue/session-graph",
                     .id = "get_session_graph",
                     .scopes = {"read:sessions", "read:refresh_tokens"},
                     .query = {{.name = "user_id", .description = "Everything of this user"},
                               {.name = "session_id", .description = "The tree that holds this session"},
                               {.name = "refresh_token_id", .description = "The tree that holds this refresh token"}},
                     .statuses = {200, 404},
                     .summary = "Get the session graph",
                     .handler = get};

}  // namespace
}  // namespace session_graph_api

std::vector<const Operation*> session_graph_operations() {
  using namespace session_graph_api;
  return {&kGet, &kRevoke};
}

}  // namespace segue::management
