// What handlers answer with: objects, lists and their paging (contract §9.3), and the log rows of what they did (§7.1).
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "audit/event.h"
#include "base/clock.h"
#include "base/result.h"
#include "http/message.h"
#include "management/operation.h"
#include "store/paging.h"
#include "store/store.h"

namespace segue::management {

http::Response json_answer(int status, const json::value& body);

// Members that the contract shows as null where there is nothing.
json::value text_or_null(const std::string& text);
json::value time_or_null(const std::optional<base::Instant>& time);

// The query fields `fields` and `include_fields`.
std::vector<Field> field_filter_query();
// The query fields of a list that has checkpoint pages only.
std::vector<Field> keyset_query(std::vector<Field> own);
// The query fields of a user's sessions and refresh tokens: Go's clients send `per_page` with every list, which is `take` here.
std::vector<Field> keyset_of_user_query();
// The query fields of a list that is short enough to be answered whole: Go's clients send them with every list.
std::vector<Field> unpaged_query();
// The query fields of every other list.
std::vector<Field> list_query(std::vector<Field> own);

// Keeps what `fields` and `include_fields` ask for. An unknown name is refused. `always` is in the answer whatever is asked for:
// the live service never answers a connection without its `id`, and the Terraform provider reads it from a filtered answer.
class FieldFilter {
 public:
  static base::Result<FieldFilter> read(const json::object& query, const std::vector<std::string>& known,
                                        std::string_view always = {});
  bool keeps(std::string_view name) const;
  json::object apply(json::object o) const;

 private:
  std::vector<std::string> names_;
  std::string_view always_;
  bool include_ = true;
};

// Which page a list was asked for. `take` or `from` make it a checkpoint list, whatever else came with them.
struct Paging {
  bool is_checkpoint = false;
  bool include_totals = false;
  store::Keyset keyset;  // asks for one row more than it shows, to know whether there is a next page
  store::Offset offset;
};
base::Result<Paging> read_paging(const json::object& query);

// A checkpoint page: `keys` are the rows' keys in order, one more row than `take` if there are more.
http::Response checkpoint_answer(std::string_view list_name, const Paging& paging, json::array items,
                                 const std::vector<std::string>& keys);
// An offset page: a bare array, or an envelope with totals.
http::Response page_answer(std::string_view list_name, const Paging& paging, json::array items, std::int64_t total);

// Merges `patch` in (contract §9.6): objects merge per key down to `depth` levels, null removes, the rest replaces.
void merge_patch(json::object& target, const json::object& patch, int depth);

// What every row of a call says of it.
audit::Event event_of(const Invocation& invocation, std::string type, int status);
// `sapi`: a change that was made. In the transaction that made it. `transfer_id`: of the handoff that it ended, if it did.
void append_change(const store::Writer& w, const Invocation& invocation, int status, std::string_view transfer_id = {});
// `w`: the change was made, and somebody should know this about it.
void append_warning(const store::Writer& w, const Invocation& invocation, std::string_view warning);
// `mgmt_api_read`: a secret was shown.
void append_secret_read(const Services& services, const Invocation& invocation);

}  // namespace segue::management
