#include "management/user_search.h"

#include <algorithm>
#include <functional>

#include "base/text.h"
#include "management/errors.h"
#include "management/user_answer.h"
#include "store/users.h"

namespace segue::management {
namespace user_search {
namespace {

namespace users = store::users;

constexpr int kBatch = 500;
constexpr int kMostLookedAt = 200'000;
// A row before and one behind every other.
const users::CreationPlace kFirst{base::Instant::min(), ""}, kLast{base::Instant::max(), ""};

base::Error looks_too_far() {
  return invalid_query(
      "The query looks at too many users. Narrow it: name user_id or email, or leave the sorting, the connection and the total "
      "out.");
}

bool is_of(const std::string& connection_id, const model::User& user) {
  return user.connection_id == connection_id || std::any_of(user.linked.begin(), user.linked.end(), [&](const auto& each) {
           return each.connection_id == connection_id;
         });
}

bool is_meant(const tenancy::Snapshot& tenant, const UserSearch& search, const model::User& user) {
  if (!search.connection_id.empty() && !is_of(search.connection_id, user)) return false;
  return !search.query || search.query->holds(user_answer(tenant, user));
}

// Shows users to `look` until it wants no more. Each batch is a read of its own: none is held for long.
using Next = std::function<std::vector<model::User>(const store::Reader&, const model::User* last)>;
base::Outcome look_at_all(store::Store& store, base::TenantId tenant, const Next& next,
                          const std::function<bool(model::User&&)>& look) {
  std::optional<model::User> last;
  for (int looked_at = 0; looked_at < kMostLookedAt;) {
    auto batch = store.read(tenant, [&](const store::Reader& r) { return next(r, last ? &*last : nullptr); });
    const bool more = batch.size() == kBatch;
    looked_at += static_cast<int>(batch.size());
    if (more) last = batch.back();
    for (auto& user : batch) {
      if (!look(std::move(user))) return base::Unit{};
    }
    if (!more) return base::Unit{};
  }
  return looks_too_far();
}

Next by_creation(bool descending) {
  return [descending](const store::Reader& r, const model::User* last) {
    const auto place = last != nullptr ? users::CreationPlace{last->created_at, last->user_id} : descending ? kLast : kFirst;
    return descending ? users::list_created_before(r, place, kBatch) : users::list_created_after(r, place, kBatch);
  };
}

std::vector<model::User> led_to(const store::Reader& r, const std::vector<UserLead>& leads) {
  std::vector<model::User> out;
  for (const auto& lead : leads) {
    auto some = std::vector<model::User>();
    if (lead.by == UserLead::By::email) {
      some = users::list_by_email(r, lead.value);
    } else if (auto user = users::find(r, lead.value)) {
      some.push_back(std::move(*user));
    }
    out.insert(out.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
  }
  std::sort(out.begin(), out.end(),
            [](const auto& a, const auto& b) { return std::tie(a.created_at, a.user_id) < std::tie(b.created_at, b.user_id); });
  out.erase(std::unique(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.user_id == b.user_id; }), out.end());
  return out;
}

std::vector<model::User> page_of(std::vector<model::User> all, const store::Offset& offset) {
  const auto first = std::min(static_cast<std::size_t>(std::int64_t{offset.page} * offset.per_page), all.size());
  const auto last = std::min(first + static_cast<std::size_t>(offset.per_page), all.size());
  return {std::make_move_iterator(all.begin() + static_cast<std::ptrdiff_t>(first)),
          std::make_move_iterator(all.begin() + static_cast<std::ptrdiff_t>(last))};
}

// What users are sorted by. Who lacks the value comes last, whichever the direction; equals stay in the order of creation.
struct SortKey {
  int rank = 2;  // numbers, texts, nothing
  double number = 0;
  std::string text;
};

SortKey key_of(const json::object& user, const std::string& path) {
  const auto values = values_at(user, path);
  if (values.empty()) return {};
  const auto& v = *values.front();
  if (v.is_number()) return {.rank = 0, .number = v.to_number<double>()};
  if (v.is_bool()) return {.rank = 0, .number = v.get_bool() ? 1.0 : 0.0};
  if (v.is_string()) return {.rank = 1, .text = base::ascii_lower(json::to_view(v.get_string()))};
  return {};
}

struct Sorted {
  SortKey key;
  std::string user_id;
};

base::Result<FoundUsers> sorted_page(store::Store& store, const tenancy::Snapshot& tenant, const UserSearch& search,
                                     const Paging& paging) {
  std::vector<Sorted> all;
  TRY(look_at_all(store, tenant.tenant().id, by_creation(false), [&](model::User&& user) {
    if (is_meant(tenant, search, user)) all.push_back({key_of(user_answer(tenant, user), search.sort), user.user_id});
    return true;
  }));
  std::stable_sort(all.begin(), all.end(), [&](const Sorted& a, const Sorted& b) {
    if (a.key.rank == 2 || b.key.rank == 2) return a.key.rank < b.key.rank;
    const auto &low = search.descending ? b.key : a.key, &high = search.descending ? a.key : b.key;
    return std::tie(low.rank, low.number, low.text) < std::tie(high.rank, high.number, high.text);
  });
  FoundUsers out{{}, static_cast<std::int64_t>(all.size())};
  const auto first = std::int64_t{paging.offset.page} * paging.offset.per_page;
  store.read(tenant.tenant().id, [&](const store::Reader& r) {
    out.users.clear();
    for (auto i = first; i < out.total && i < first + paging.offset.per_page; ++i) {
      if (auto user = users::find(r, all[static_cast<std::size_t>(i)].user_id)) out.users.push_back(std::move(*user));
    }
    return true;
  });
  return out;
}

base::Result<FoundUsers> matching_page(store::Store& store, const tenancy::Snapshot& tenant, const UserSearch& search,
                                       const Paging& paging) {
  const auto first = std::int64_t{paging.offset.page} * paging.offset.per_page, last = first + paging.offset.per_page;
  FoundUsers out;
  TRY(look_at_all(store, tenant.tenant().id, by_creation(search.descending), [&](model::User&& user) {
    if (!is_meant(tenant, search, user)) return true;
    if (out.total >= first && out.total < last) out.users.push_back(std::move(user));
    ++out.total;
    return paging.include_totals || out.total < last;
  }));
  return out;
}

base::Result<FoundUsers> checkpoint_page(store::Store& store, const tenancy::Snapshot& tenant, const UserSearch& search,
                                         const store::Keyset& keyset) {
  const auto id = tenant.tenant().id;
  if (search.means_everybody())
    return FoundUsers{store.read(id, [&](const store::Reader& r) { return users::list_after(r, keyset); })};
  FoundUsers out;
  const Next next = [&](const store::Reader& r, const model::User* last) {
    return users::list_after(r, {.after = last != nullptr ? last->user_id : keyset.after, .take = kBatch});
  };
  TRY(look_at_all(store, id, next, [&](model::User&& user) {
    if (is_meant(tenant, search, user)) out.users.push_back(std::move(user));
    return static_cast<int>(out.users.size()) < keyset.take;
  }));
  return out;
}

}  // namespace
}  // namespace user_search

base::Result<UserSearch> read_user_search(const tenancy::Snapshot& tenant, const json::object& query) {
  UserSearch out;
  if (const auto q = json::find_string(query, "q"); q && !base::trim(*q).empty()) out.query = TRY(UserQuery::read(*q));
  if (const auto name = json::find_string(query, "connection")) {
    const auto connection = tenant.connection_named(*name);
    // Nobody is of a connection that does not exist; no id has a blank.
    out.connection_id = connection ? connection->connection_id : " ";
  }
  if (const auto sort = json::find_string(query, "sort")) {
    const auto colon = sort->rfind(':');
    const auto field = sort->substr(0, colon), direction = colon == std::string::npos ? "" : sort->substr(colon + 1);
    if ((direction != "1" && direction != "-1") || !base::contains(user_answer_fields(), field.substr(0, field.find('.')))) {
      return invalid_query("Query validation error: 'Sort by a field of the user, as created_at:1 or created_at:-1" +
                           std::string("' on property sort (Field to sort by)."));
    }
    if (field != "created_at") out.sort = field;
    out.descending = direction == "-1";
  }
  return out;
}

base::Result<FoundUsers> find_users(store::Store& store, const tenancy::Snapshot& tenant, const UserSearch& search,
                                    const Paging& paging) {
  using namespace user_search;
  if (paging.is_checkpoint) {
    if (!search.sort.empty() || search.descending)
      return invalid_query(
          "Query validation error: 'Checkpoint pages have an order of their own' on property sort (Field to sort by).");
    return checkpoint_page(store, tenant, search, paging.keyset);
  }
  if (const auto leads = search.query ? search.query->leads() : std::nullopt; leads && search.sort.empty()) {
    auto all = store.read(tenant.tenant().id, [&](const store::Reader& r) { return led_to(r, *leads); });
    std::erase_if(all, [&](const model::User& user) { return !is_meant(tenant, search, user); });
    if (search.descending) std::reverse(all.begin(), all.end());
    const auto total = static_cast<std::int64_t>(all.size());
    return FoundUsers{page_of(std::move(all), paging.offset), total};
  }
  if (!search.sort.empty()) return sorted_page(store, tenant, search, paging);
  if (!search.means_everybody() || search.descending) return matching_page(store, tenant, search, paging);
  return store.read(tenant.tenant().id, [&](const store::Reader& r) {
    return FoundUsers{users::list_page(r, paging.offset), paging.include_totals ? users::count(r) : 0};
  });
}

}  // namespace segue::management
