// Tables of fields: what a body or a query may hold, and the one error for what it may not (contract §9.2). OpenAPI is derived
// from the same tables.
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "http/parameters.h"
#include "json/value.h"

namespace segue::management {

enum class Type { string, integer, number, boolean, array, object, any };

// Named checks of strings. A format's message names it; a pattern's message shows the expression of the contract.
enum class Format {
  none,
  callback_url,
  url_with_placeholders,
  absolute_uri_or_empty,
  absolute_https_uri_or_empty,
  absolute_https_uri_with_placeholders_or_empty,
  email_or_empty,
  strict_uri,
  strict_https_uri_or_null,
  email,
  client_id,
  organization_name,
  html_color,
  address_or_network,
  host,
};
enum class Pattern { none, no_angle_brackets, connection_name, phone_number, no_white_space, key_id };

// What becomes of a setting here. Every field says it, or stands in one that does; the reference is printed from it.
enum class Honour {
  unstated,  // as the field that it stands in
  enforced,  // this server does what it says
  kept,      // stored and shown for the tools: it changes nothing here
  refused,   // has the one value `only`; others would be believed to do something
};

struct Field {
  std::string name;
  Type type = Type::string;
  std::string description = {};
  bool required = false;
  bool nullable = false;
  std::optional<std::int64_t> minimum = {}, maximum = {};       // integers, numbers
  std::optional<std::size_t> min_length = {}, max_length = {};  // characters of a string, items of an array, members of an object
  bool unique_items = false;
  std::vector<std::string> one_of = {};  // strings
  Format format = Format::none;
  Pattern pattern = Pattern::none;
  std::vector<Field> members = {};  // objects: what they may hold
  bool open = false;                // objects: other members are kept as they are
  std::vector<Field> items = {};    // arrays: one entry, what each item is; none: anything
  Honour honour = Honour::unstated;
  std::string reason = {};  // why it is kept or refused; what of it is not enforced
  std::string only = {};    // refused: the JSON of what it may be; empty: null at most
};
Field enforced(Field field);
Field enforced(std::string but, Field field);
Field kept(std::string reason, Field field);
Field refused(std::string only, std::string reason, Field field);

// A whole body. Its root is an object, or an array for the few operations that take one.
struct Schema {
  std::string name;
  Field root;
};
Schema object_schema(std::string name, std::vector<Field> members);
// The same fields, none of them required: what PATCH takes.
std::vector<Field> all_optional(std::vector<Field> members);

// The first failing check as an Error: "Payload validation error: '…' on property path (description)." with code invalid_body.
base::Outcome validate_body(const Schema& schema, const json::value& body);

// Reads query parameters by their types. Arrays take repeated (`a=1&a=2`), indexed (`a[0]=1`) and comma-separated values.
// "Query validation error: '…' on property name (description)." with code invalid_query_string.
base::Result<json::object> read_query(const std::vector<Field>& fields, const http::Parameters& parameters);

// The members in the order of the table, those that it does not name behind them: an answer has one order, whatever order its
// members were set in, so what tools write down of it compares by text. What an open object holds stays as it was given.
json::object in_order_of(const Field& table, json::object o);

// JSON Schema of a field, for OpenAPI.
json::object to_json_schema(const Field& field);

}  // namespace segue::management
