#include "json/value.h"

#include <boost/json/basic_parser_impl.hpp>
#include <cmath>
#include <cstdint>

namespace segue::json {
namespace {

constexpr std::size_t kMaxDepth = 32;

base::Error malformed(std::string_view why) {
  return {.kind = base::ErrorKind::invalid_input,
          .code = "invalid_request",
          .description = "The JSON is not valid: " + std::string(why) + "."};
}

// Builds the value as boost::json::parse does, and refuses what that function lets pass. Boost.JSON keeps the last of two members
// with one name, silently; so the members read are counted, and compared afterwards with the members kept.
class Builder {
 public:
  static constexpr std::size_t max_object_size = boost::json::object::max_size();
  static constexpr std::size_t max_array_size = boost::json::array::max_size();
  static constexpr std::size_t max_key_size = boost::json::string::max_size();
  static constexpr std::size_t max_string_size = boost::json::string::max_size();

  using Code = boost::json::error_code;
  using View = boost::json::string_view;

  value release() { return stack_.release(); }
  std::size_t members_read() const { return members_read_; }
  const char* refusal() const { return refusal_; }

  bool on_document_begin(Code&) { return true; }
  bool on_document_end(Code&) { return true; }
  bool on_array_begin(Code&) { return true; }
  bool on_array_end(std::size_t n, Code&) { return stack_.push_array(n), true; }
  bool on_object_begin(Code&) { return true; }
  bool on_object_end(std::size_t n, Code&) {
    members_read_ += n;
    return stack_.push_object(n), true;
  }
  bool on_key_part(View part, std::size_t, Code& code) {
    if (!is_name(part, code)) return false;
    return stack_.push_chars(part), true;
  }
  bool on_key(View part, std::size_t, Code& code) {
    if (!is_name(part, code)) return false;
    return stack_.push_key(part), true;
  }
  bool on_string_part(View part, std::size_t, Code&) { return stack_.push_chars(part), true; }
  bool on_string(View part, std::size_t, Code&) { return stack_.push_string(part), true; }
  bool on_number_part(View, Code&) { return true; }
  bool on_int64(std::int64_t number, View, Code&) { return stack_.push_int64(number), true; }
  bool on_uint64(std::uint64_t number, View, Code&) { return stack_.push_uint64(number), true; }
  bool on_double(double number, View, Code& code) {
    // Infinity has no JSON form, so we could not write again what we read.
    if (!std::isfinite(number)) return refuse("a number is too large", code);
    return stack_.push_double(number), true;
  }
  bool on_bool(bool b, Code&) { return stack_.push_bool(b), true; }
  bool on_null(Code&) { return stack_.push_null(), true; }
  bool on_comment_part(View, Code&) { return true; }
  bool on_comment(View, Code&) { return true; }

 private:
  // PostgreSQL's text and every C string end at a NUL: two different names would become one.
  bool is_name(View part, Code& code) {
    return part.find('\0') == View::npos || refuse("a member name contains a NUL character", code);
  }
  bool refuse(const char* why, Code& code) {
    refusal_ = why;
    code = boost::json::make_error_code(boost::json::error::syntax);
    return false;
  }

  unsigned char first_memory_[2048];  // small documents are stacked up without an allocation
  boost::json::value_stack stack_{boost::json::storage_ptr(), first_memory_, sizeof first_memory_};
  std::size_t members_read_ = 0;
  const char* refusal_ = nullptr;
};

std::size_t count_members(const value& v) {
  std::size_t count = 0;
  if (const auto* const o = v.if_object()) {
    count = o->size();
    for (const auto& member : *o) count += count_members(member.value());
  } else if (const auto* const a = v.if_array()) {
    for (const auto& item : *a) count += count_members(item);
  }
  return count;
}

}  // namespace

base::Result<value> parse(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = kMaxDepth;
  boost::json::basic_parser<Builder> parser(options);
  boost::json::error_code problem;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), problem);
  if (problem) {
    const auto* const refusal = parser.handler().refusal();
    return malformed(refusal != nullptr ? std::string(refusal) : problem.message());
  }
  if (used < text.size()) return malformed("there is more text behind it");
  auto document = parser.handler().release();
  if (count_members(document) != parser.handler().members_read()) return malformed("a member name occurs twice in one object");
  return document;
}

std::string write(const value& v) { return boost::json::serialize(v); }

const value* find(const object& o, std::string_view name) { return o.if_contains({name.data(), name.size()}); }

std::optional<std::string> find_string(const object& o, std::string_view name) {
  const auto* const v = find(o, name);
  if (v == nullptr || !v->is_string()) return std::nullopt;
  return std::string(to_view(v->get_string()));
}

std::optional<std::int64_t> find_integer(const object& o, std::string_view name) {
  const auto* const v = find(o, name);
  if (v == nullptr) return std::nullopt;
  if (v->is_int64()) return v->get_int64();
  // JSON knows one kind of number: 3600.0 and 3.6e3 are 3600. Above 2^53 a double no longer names one integer.
  constexpr double kExact = 9007199254740992.0;
  if (v->is_double() && std::abs(v->get_double()) <= kExact && std::trunc(v->get_double()) == v->get_double()) {
    return static_cast<std::int64_t>(v->get_double());
  }
  return std::nullopt;  // a uint64 is only used for what does not fit int64
}

std::optional<bool> find_bool(const object& o, std::string_view name) {
  const auto* const v = find(o, name);
  if (v == nullptr || !v->is_bool()) return std::nullopt;
  return v->get_bool();
}

const object* find_object(const object& o, std::string_view name) {
  const auto* const v = find(o, name);
  return v == nullptr ? nullptr : v->if_object();
}

object object_or_empty(const object& o, std::string_view name) {
  const auto* const found = find_object(o, name);
  return found != nullptr ? *found : object{};
}

std::vector<std::string> find_strings(const object& o, std::string_view name) {
  std::vector<std::string> items;
  const auto* const v = find(o, name);
  const auto* const list = v == nullptr ? nullptr : v->if_array();
  if (list == nullptr) return items;
  items.reserve(list->size());
  for (const auto& item : *list) {
    if (item.is_string()) items.emplace_back(to_view(item.get_string()));
  }
  return items;
}

array to_array(const std::vector<std::string>& items) {
  array list;
  list.reserve(items.size());
  for (const auto& item : items) list.emplace_back(item);
  return list;
}

}  // namespace segue::json
