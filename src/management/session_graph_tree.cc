#include "management/session_graph_tree.h"

#include <algorithm>
#include <map>

#include "management/answers.h"

namespace segue::management {
namespace {

namespace graph = store::session_graph;
using model::HandleKind;

// Deeper than any tree that the rules let grow (contract §1.12: a session that a transfer opened begins no other).
constexpr int kMostLevels = 12;

struct Ending {
  std::optional<base::Instant> revoked_at, expires_at;
  bool ended_above = false;
};
std::string_view state_of(const Ending& ending, base::Instant now) {
  if (ending.revoked_at) return "revoked";
  if (ending.expires_at && *ending.expires_at <= now) return "expired";
  return ending.ended_above ? "ended_with_parent" : "live";
}

template <class Record>
json::object device_of(const Record& record) {
  return {{"initial_ip", text_or_null(record.initial_ip)},
          {"initial_user_agent", record.initial_user_agent},
          {"last_ip", text_or_null(record.last_ip)},
          {"last_user_agent", record.last_user_agent}};
}

// One record in its places. The id orders siblings by the time they were made.
struct Item {
  base::RowId id{};
  const graph::SessionNode* session = nullptr;
  const graph::GrantNode* grant = nullptr;
  const graph::FamilyNode* family = nullptr;  // also of a grant: whose client it is
  const graph::TransferNode* transfer = nullptr;
  const graph::RelyingPartyNode* party = nullptr;
};

class Builder {
 public:
  Builder(const graph::Records& records, const TreeContext& context, std::size_t most) : context_(context), most_(most) {
    for (const auto& session : records.sessions) sessions_[session.session_id] = &session;
    for (const auto& family : records.families) families_[family.family_id] = &family;
    for (const auto& transfer : records.transfers) transfers_[{transfer.family_id, transfer.transfer_id}] = &transfer;
    for (const auto& transfer : records.transfers) {
      place({.id = transfer.session_transfer_token_id, .transfer = &transfer}, family_key(transfer.family_id));
    }
    for (const auto& session : records.sessions)
      place({.id = session.session_id, .session = &session}, origin_of(session.ancestry));
    for (const auto& family : records.families) place_family(family);
    for (const auto& party : records.relying_parties) {
      if (sessions_.contains(party.session_id)) below_[session_key(party.session_id)].push_back({.party = &party});
    }
    out_.truncated = records.truncated;
  }

  Tree build() {
    sort(tops_);
    for (auto& [key, items] : below_) sort(items);
    for (const auto& item : tops_) add(out_.tops, item, 0);
    return std::move(out_);
  }

 private:
  struct Key {
    HandleKind kind{};  // zero: nowhere
    base::RowId id{};
    auto operator<=>(const Key&) const = default;
  };

  static void sort(std::vector<Item>& items) {
    std::stable_sort(items.begin(), items.end(), [](const Item& a, const Item& b) { return a.id < b.id; });
  }
  Key session_key(std::optional<base::RowId> id) const {
    return id && sessions_.contains(*id) ? Key{HandleKind::session_node, *id} : Key{};
  }
  Key family_key(base::RowId id) const { return families_.contains(id) ? Key{HandleKind::refresh_token_node, id} : Key{}; }
  // The session transfer token that a record grew from; where that is swept or was not looked at, the family that it came from.
  Key origin_of(const model::Ancestry& ancestry) const {
    if (ancestry.parent_family_id == base::RowId{}) return {};
    const auto found = transfers_.find({ancestry.parent_family_id, ancestry.transfer_id});
    if (found == transfers_.end()) return family_key(ancestry.parent_family_id);
    return {HandleKind::session_transfer_token_node, found->second->session_transfer_token_id};
  }

  void place(const Item& item, const Key& parent) { (parent == Key{} ? tops_ : below_[parent]).push_back(item); }

  void place_family(const graph::FamilyNode& family) {
    if (!family.grant) return place({.id = family.family_id, .family = &family}, session_key(family.session_id));
    const auto& grant = *family.grant;
    const Key key{HandleKind::grant_node, grant.grant_id};
    const bool first = !below_.contains(key);
    below_[key].push_back({.id = family.family_id, .family = &family});
    if (!first) return;
    const Item item{.id = grant.grant_id, .grant = &grant, .family = &family};
    const auto session = session_key(grant.session_id), origin = origin_of(grant.ancestry);
    const bool grew_with_session =
        session != Key{} && sessions_.at(session.id)->ancestry.transfer_id == grant.ancestry.transfer_id;
    if (session == Key{}) {
      place(item, origin);
    } else {
      place(item, session);
      if (origin != Key{} && !grew_with_session) place(item, origin);
    }
  }

  void add(std::vector<TreeNode>& into, const Item& item, int level) {
    if (level == kMostLevels || out_.nodes == most_) {
      out_.truncated = true;
      return;
    }
    ++out_.nodes;
    auto [node, key] = shown(item);
    if (const auto children = below_.find(key); key != Key{} && children != below_.end()) {
      const auto outer = session_state_;
      if (item.session != nullptr) session_state_ = node.state;
      for (const auto& child : children->second) add(node.children, child, level + 1);
      session_state_ = outer;
    }
    into.push_back(std::move(node));
  }

  std::pair<TreeNode, Key> shown(const Item& item) const {
    if (item.session != nullptr) return shown(*item.session);
    if (item.grant != nullptr) return shown(*item.grant, item.family->client_id);
    if (item.transfer != nullptr) return shown(*item.transfer);
    if (item.party != nullptr) return {shown(*item.party), Key{}};
    return shown(*item.family);
  }

  std::pair<TreeNode, Key> shown(const graph::SessionNode& s) const {
    auto node = named("session", HandleKind::session_node, s.session_id, {s.revoked_at, s.expires_at, s.ended_above});
    auto& o = node.shown;
    o["id"] = s.sid;
    o["created_at"] = base::to_iso8601(s.created_at);
    o["expires_at"] = base::to_iso8601(s.expires_at);
    o["revoked_at"] = time_or_null(s.revoked_at);
    o["transfer_id"] = text_or_null(s.ancestry.transfer_id);
    o["device"] = device_of(s);
    o["revocation_cascades"] = true;
    mark(o, s.sid);
    return {std::move(node), {HandleKind::session_node, s.session_id}};
  }

  std::pair<TreeNode, Key> shown(const graph::GrantNode& g, const std::string& client_id) const {
    auto node = named("grant", HandleKind::grant_node, g.grant_id, {g.revoked_at, std::nullopt, g.ended_above});
    auto& o = node.shown;
    o["client_id"] = client_id;
    o["created_at"] = base::to_iso8601(g.created_at);
    o["expires_at"] = nullptr;
    o["revoked_at"] = time_or_null(g.revoked_at);
    o["transfer_id"] = text_or_null(g.ancestry.transfer_id);
    o["revocation_cascades"] = context_.cascades(client_id);
    return {std::move(node), {HandleKind::grant_node, g.grant_id}};
  }

  std::pair<TreeNode, Key> shown(const graph::FamilyNode& f) const {
    auto node = named("refresh_token", HandleKind::refresh_token_node, f.family_id, {f.revoked_at, f.expires_at, f.ended_above});
    auto& o = node.shown;
    const auto session = f.session_id ? sessions_.find(*f.session_id) : sessions_.end();
    o["id"] = f.public_id;
    o["client_id"] = f.client_id;
    o["session_id"] = session != sessions_.end() ? json::value(session->second->sid) : json::value(nullptr);
    o["ends_with_session"] = f.ends_with_session;
    o["created_at"] = base::to_iso8601(f.created_at);
    o["expires_at"] = time_or_null(f.expires_at);
    o["revoked_at"] = time_or_null(f.revoked_at);
    o["transfer_id"] = text_or_null(f.grant ? f.grant->ancestry.transfer_id : "");
    o["device"] = device_of(f);
    o["revocation_cascades"] = context_.cascades(f.client_id);
    mark(o, f.public_id);
    return {std::move(node), {HandleKind::refresh_token_node, f.family_id}};
  }

  std::pair<TreeNode, Key> shown(const graph::TransferNode& t) const {
    auto node = named("session_transfer_token", HandleKind::session_transfer_token_node, t.session_transfer_token_id,
                      {std::nullopt, t.expires_at, t.ended_above});
    if (t.state == model::OneTimeState::consumed) node.state = "consumed";
    if (t.state == model::OneTimeState::revoked) node.state = "revoked";
    auto& o = node.shown;
    o["client_id"] = t.client_id;
    o["consumed_by_client_id"] = text_or_null(t.consumed_by_client_id);
    o["created_at"] = base::to_iso8601(t.created_at);
    o["expires_at"] = base::to_iso8601(t.expires_at);
    o["transfer_id"] = t.transfer_id;
    o["device"] = json::object{{"initial_ip", text_or_null(t.ip)}, {"initial_user_agent", t.user_agent}};
    return {std::move(node), {HandleKind::session_transfer_token_node, t.session_transfer_token_id}};
  }

  TreeNode shown(const graph::RelyingPartyNode& p) const {
    TreeNode node{.node = {}, .type = "relying_party", .state = session_state_ == "live" ? "live" : "ended_with_parent"};
    node.shown["client_id"] = p.client_id;
    node.shown["created_at"] = base::to_iso8601(p.created_at);
    node.shown["transfer_id"] = text_or_null(p.transfer_id);
    return node;
  }

  TreeNode named(std::string_view type, HandleKind kind, base::RowId id, const Ending& ending) const {
    return {.node = tenancy::to_text(context_.keys, {kind, id}), .type = type, .state = state_of(ending, context_.now)};
  }
  void mark(json::object& shown, const std::string& public_id) const {
    if (public_id == context_.selected) shown["selected"] = true;
  }

  const TreeContext& context_;
  const std::size_t most_;
  std::map<base::RowId, const graph::SessionNode*> sessions_;
  std::map<base::RowId, const graph::FamilyNode*> families_;
  std::map<std::pair<base::RowId, std::string>, const graph::TransferNode*> transfers_;
  std::vector<Item> tops_;
  std::map<Key, std::vector<Item>> below_;
  std::string_view session_state_ = "live";  // of the session around what is being added
  Tree out_;
};

}  // namespace

Tree make_tree(const graph::Records& records, const TreeContext& context, std::size_t most) {
  return Builder(records, context, most).build();
}

json::object to_json(const TreeNode& node) {
  json::object out{{"node", text_or_null(node.node)}, {"type", node.type}, {"state", node.state}};
  for (const auto& member : node.shown) out[member.key()] = member.value();
  json::array children;
  for (const auto& child : node.children) children.push_back(to_json(child));
  out["children"] = std::move(children);
  return out;
}

}  // namespace segue::management
