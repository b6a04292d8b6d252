#include "logstreams/delivery.h"

#include <algorithm>

#include "logstreams/secrets.h"

namespace segue::logstreams {
namespace {

constexpr auto kLongestTurn = std::chrono::seconds(5);

std::string problem_of(const outbound::Answer& answer) {
  if (answer.failure != outbound::Failure::none) return std::string(outbound::to_text(answer.failure));
  return "The receiver answered " + std::to_string(answer.status) + "; 200 to 299 is needed.";
}

bool has_arrived(const outbound::Answer& answer) { return answer.status >= 200 && answer.status < 300; }

outbound::Request request_of(const json::object& sink, const json::object& secrets) {
  outbound::Request out;
  out.url = json::find_string(sink, "httpEndpoint").value_or("");
  out.content_type = json::find_string(sink, "httpContentType").value_or("application/json");
  if (auto authorization = json::find_string(secrets, "httpAuthorization"))
    out.headers.push_back({"Authorization", std::move(*authorization)});
  const auto* const custom = json::find(secrets, "httpCustomHeaders");
  if (custom == nullptr || !custom->is_array()) return out;
  for (const auto& each : custom->get_array()) {
    if (!each.is_object()) continue;
    const auto& header = each.get_object();
    out.headers.push_back({json::find_string(header, "header").value_or(""), json::find_string(header, "value").value_or("")});
  }
  return out;
}

}  // namespace

std::vector<outbound::ReceiverKey> Delivery::list_due(base::Instant now) {
  std::vector<outbound::ReceiverKey> due;
  tenants_.store().database().read([&](sql::Connection& connection) {
    due.clear();
    for (auto& each : store::log_streams::list_due(connection, now)) {
      if (each.log_stream_id != store::log_streams::kOperator) due.emplace_back(each.tenant, std::move(each.log_stream_id));
    }
  });
  return due;
}

bool Delivery::is_due() { return !list_due(clock_.now()).empty(); }

bool Delivery::deliver_some(outbound::Client& client) {
  return receivers_.serve_one(list_due(clock_.now()), clock_,
                              [&](const outbound::ReceiverKey& stream) { return deliver(stream, client); });
}

// Nothing when somebody else has it.
std::optional<outbound::Receivers::End> Delivery::deliver(const outbound::ReceiverKey& stream, outbound::Client& client) {
  const auto known = tenants_.list();
  if (std::find(known.begin(), known.end(), stream.first) == known.end()) return std::nullopt;
  const auto turn = begin_turn(tenants_, stream.first, stream.second, clock_.now());
  if (!turn) return std::nullopt;
  std::size_t delivered = 0;
  const auto problem = send(*turn, client, delivered);
  end_turn(tenants_, *turn, delivered, problem, clock_.now());
  return problem.empty() ? outbound::Receivers::End::answered : outbound::Receivers::End::failed;
}

// Why it stopped, or nothing. `delivered`: how many rows the receiver has, those aside that it does not want.
std::string Delivery::send(const Turn& turn, outbound::Client& client, std::size_t& delivered) {
  const auto& document = turn.stream.document;
  const auto* const sink = json::find_object(document, "sink");
  const auto secrets = open_secrets(key_file_, turn.tenant, turn.stream.log_stream_id, turn.stream.sealed_secrets);
  if (sink == nullptr || !secrets.ok()) return "The stream's secrets cannot be opened with this key file.";

  const Filter filter(document);
  const auto redaction = Redaction::read(document);
  const auto tenant_name = tenants_.snapshot(turn.tenant)->tenant().name;
  std::vector<std::string> events;
  std::vector<std::size_t> rows_with;  // how many rows are done when this event has arrived
  for (std::size_t i = 0; i < turn.rows.size(); ++i) {
    if (!filter.admits(turn.rows[i].type)) continue;
    events.push_back(event_text(turn.rows[i], tenant_name, redaction));
    rows_with.push_back(i + 1);
  }
  auto request = request_of(*sink, *secrets);
  const auto began = clock_.now();
  std::size_t sent = 0;
  for (auto& body : bodies_of(events, format_from(json::find_string(*sink, "httpContentFormat").value_or("")))) {
    if (clock_.now() - began >= kLongestTurn) return {};
    request.body = std::move(body.text);
    const auto answer = client.post(request);
    if (!has_arrived(answer)) return problem_of(answer);
    sent += body.events;
    delivered = rows_with[sent - 1];
  }
  delivered = turn.rows.size();
  return {};
}

}  // namespace segue::logstreams
