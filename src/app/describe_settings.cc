#include "app/describe_settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "base/text.h"
#include "management/routes.h"

namespace segue::app {
namespace {

using management::Honour;
using management::Operation;

struct Row {
  std::string path;  // of the field: "session_transfer.delegation"
  const management::Field* field;
};

// What is read and written at one path, and the fields of all its bodies: POST and PATCH share most of them.
struct Place {
  std::string path;  // "/api/v2/clients", for its members too
  std::vector<std::string> methods;
  std::vector<Row> rows;
  bool is_served = false;
  std::string reason;  // why it is not served
};

std::string_view name_of(Honour honour) {
  switch (honour) {
    case Honour::enforced: return "enforced";
    case Honour::kept: return "kept for the tools";
    case Honour::refused: return "refused";
    case Honour::unstated: break;
  }
  return "";
}

// The fields that say what becomes of them. The members of such a field share its fate, but for those that say otherwise.
void add_rows(const management::Field& field, const std::string& path, std::vector<Row>& out) {
  const bool known = std::any_of(out.begin(), out.end(), [&](const Row& row) { return row.path == path; });
  if (field.honour != Honour::unstated && !known) out.push_back({path, &field});
  const auto prefix = path.empty() ? "" : path + ".";
  for (const auto& member : field.members) add_rows(member, prefix + member.name, out);
  for (const auto& item : field.items) {
    for (const auto& member : item.members) add_rows(member, prefix + member.name, out);
  }
}

std::vector<Place> places() {
  std::vector<Place> out;
  for (const auto* const operation : management::all_operations()) {
    const auto path = operation->path.substr(0, operation->path.ends_with('}') ? operation->path.rfind('/') : std::string::npos);
    auto place = std::find_if(out.begin(), out.end(), [&](const Place& p) { return p.path == path; });
    if (place == out.end()) place = out.insert(out.end(), {.path = path});
    const std::string method(http::to_text(operation->method));
    if (!base::contains(place->methods, method)) place->methods.push_back(method);
    place->is_served = place->is_served || operation->served;
    if (!operation->served) place->reason = operation->summary;
    if (operation->body != nullptr && operation->served) add_rows(operation->body->root, "", place->rows);
  }
  return out;
}

// "clients" of "/api/v2/clients/{id}/connections"
std::string resource_of(const Place& place) { return base::split(place.path, '/').at(2); }

struct Count {
  std::size_t routes = 0, enforced = 0, kept = 0, refused = 0;
};

}  // namespace

std::string describe_settings() {
  std::string out =
      "# Settings\n\nPrinted by `segue describe settings`: what becomes of each field that the Management API takes. *Enforced*: "
      "this server does what it says. *Kept for the tools*: stored and shown, and it changes nothing here. *Refused*: any other "
      "value is answered with 400 and the reason. The members of a field share its fate, but for those that stand here "
      "themselves.\n";
  std::string others;
  for (const auto& place : places()) {
    if (!place.is_served) {
      others += fmt::format("| `{}` | {} |\n", place.path, place.reason.substr(place.reason.find(": ") + 2));
      continue;
    }
    if (place.rows.empty()) continue;
    out += fmt::format("\n## {}\n\n| field | | why |\n|---|---|---|\n", place.path);
    for (const auto& [path, field] : place.rows) {
      const auto only = field->honour == Honour::refused && !field->only.empty() ? ", but for `" + field->only + "`" : "";
      out += fmt::format("| `{}` | {}{} | {} |\n", path.empty() ? "(all)" : path, name_of(field->honour), only, field->reason);
    }
  }
  return out +
         "\n## What is not served\n\nWho reads is answered as by a tenant that has none; who writes is refused.\n\n| path | why "
         "|\n"
         "|---|---|\n" +
         others;
}

std::string describe_resources() {
  std::map<std::string, Count> counts;
  int others = 0;
  for (const auto& place : places()) {
    const auto resource = resource_of(place);
    if (!place.is_served) {
      ++others;
      continue;
    }
    auto& count = counts[resource];
    count.routes += place.methods.size();
    for (const auto& [path, field] : place.rows) {
      count.enforced += field->honour == Honour::enforced ? 1U : 0U;
      count.kept += field->honour == Honour::kept ? 1U : 0U;
      count.refused += field->honour == Honour::refused ? 1U : 0U;
    }
  }
  std::string out = "| resource | routes | enforced | kept for the tools | refused |\n|---|--:|--:|--:|--:|\n";
  for (const auto& [resource, count] : counts)
    out += fmt::format("| {} | {} | {} | {} | {} |\n", resource, count.routes, count.enforced, count.kept, count.refused);
  return out + fmt::format("\nWho reads at {} further paths is answered as by a tenant that has none.\n", others);
}

}  // namespace segue::app
