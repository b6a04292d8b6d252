#include "logstreams/payload.h"

#include <algorithm>

#include "audit/shown_record.h"
#include "base/json_text.h"
#include "base/plain_text.h"
#include "base/text.h"
#include "logstreams/categories.h"

namespace segue::logstreams {
namespace {

// Of one call. Receivers have limits of their own, and a call has five seconds.
constexpr std::size_t kMostEvents = 100;
constexpr std::size_t kMostBytes = 256 * 1024;

// JSON lets characters stand that a terminal obeys or a reader takes for the end of a line. In JSON they stand in strings only,
// so they can be escaped wherever they are.
std::string in_one_line(const std::string& json) {
  std::string out;
  out.reserve(json.size());
  for (std::string_view rest = json; !rest.empty();) {
    const auto acts = static_cast<unsigned char>(rest.front()) < 0x7F ? 0 : base::acting_character(rest);
    if (acts == 0) {
      out += rest.front();
    } else {
      const auto text = base::json_text(rest.substr(0, acts));
      out.append(text, 1, text.size() - 2);  // without its quotes
    }
    rest.remove_prefix(std::max<std::size_t>(acts, 1));
  }
  return out;
}

}  // namespace

Filter::Filter(const json::object& stream_document) {
  const auto* const filters = json::find(stream_document, "filters");
  if (filters == nullptr || !filters->is_array()) return;
  for (const auto& filter : filters->get_array()) {
    if (!filter.is_object()) continue;
    if (auto name = json::find_string(filter.get_object(), "name")) categories_.push_back(std::move(*name));
  }
}

bool Filter::admits(std::string_view type) const { return categories_.empty() || base::contains(categories_, category_of(type)); }

std::string event_text(const store::logs::Row& row, std::string_view tenant_name, const Redaction& redaction) {
  const auto log_id = store::logs::log_id_of(row.log_row_id);
  auto record = audit::shown_record(row.record, log_id, tenant_name);
  redact(record, redaction);
  return in_one_line(json::write(json::object{{"log_id", log_id}, {"data", std::move(record)}}));
}

std::string record_line(const store::logs::Row& row, std::string_view tenant_name) {
  return in_one_line(json::write(audit::shown_record(row.record, store::logs::log_id_of(row.log_row_id), tenant_name)));
}

Format format_from(std::string_view name) {
  if (name == "JSONARRAY") return Format::json_array;
  if (name == "JSONOBJECT") return Format::json_object;
  return Format::json_lines;
}

std::vector<Body> bodies_of(const std::vector<std::string>& events, Format format) {
  std::vector<Body> out;
  const auto most = format == Format::json_object ? 1 : kMostEvents;
  for (const auto& event : events) {
    if (out.empty() || out.back().events == most || out.back().text.size() + event.size() > kMostBytes) out.emplace_back();
    auto& body = out.back();
    if (format == Format::json_array) body.text += body.events == 0 ? '[' : ',';
    if (format == Format::json_lines && body.events > 0) body.text += '\n';
    body.text += event;
    ++body.events;
  }
  if (format == Format::json_array) {
    for (auto& body : out) body.text += ']';
  }
  return out;
}

}  // namespace segue::logstreams
