#include "backchannel/delivery.h"

#include <algorithm>

#include "audit/event.h"
#include "backchannel/logout_message.h"
#include "http/parameters.h"

namespace segue::backchannel {

namespace outbox = store::outbox;

namespace {

constexpr std::int64_t kAtOnce = 16;  // messages of one commit
// Longer than one call beyond kLongestTurn takes: nobody else sends them meanwhile.
constexpr auto kTurnLease = std::chrono::seconds(30);
constexpr auto kLongestTurn = std::chrono::seconds(5);
constexpr auto kGivenUpAfter = std::chrono::hours(24);

}  // namespace

// What became of a message.
struct Delivery::Attempt {
  const outbox::Message* message = nullptr;
  LogoutMessage content;
  outbound::Answer answer;
  bool tried = false;
  bool arrived() const { return answer.status == 200 || answer.status == 204; }
  // An answer below 500 comes from a receiver that works.
  bool shows_life() const { return answer.status > 0 && answer.status < 500; }
};

namespace {

bool is_given_up(const outbox::Message& message, base::Instant now) { return message.created_at + kGivenUpAfter <= now; }

std::string problem_of(const outbound::Answer& answer) {
  if (answer.failure != outbound::Failure::none) return std::string(outbound::to_text(answer.failure));
  if (answer.status == 0) return "It was not sent in a day.";
  return "The receiver answered " + std::to_string(answer.status) + "; 200 or 204 is needed.";
}

// contract §7.4
audit::Event row_of(const outbox::Message& message, const LogoutMessage& content, const model::Client& to,
                    const outbound::Answer& answer, bool arrived) {
  audit::Event row;
  row.type = arrived ? "oidc_backchannel_logout_succeeded" : "oidc_backchannel_logout_failed";
  row.client_id = to.client_id;
  row.client_name = to.name;
  row.user_id = content.user_id;
  row.transfer_id = message.transfer_id;
  row.details = json::object{{"initiator", content.initiator},
                             {"session_id", content.sid},
                             {"request", json::object{{"backchannel_logout_uri", to.backchannel_logout.url}, {"method", "POST"}}},
                             {"attempts", message.attempts},
                             {"errors", json::array{}}};
  if (answer.status > 0) row.details["response"] = json::object{{"statusCode", answer.status}};
  if (!arrived) {
    row.description = problem_of(answer);
    row.details["errors"] = json::array{row.description};
  }
  if (!content.session_metadata.empty()) row.details["session_metadata"] = content.session_metadata;
  return row;
}

}  // namespace

bool Delivery::is_due() {
  const auto now = clock_.now();
  bool due = false;
  tenants_.store().database().read([&](sql::Connection& connection) {
    outbox::Receiver at;
    for (auto next = outbox::next_receiver(connection, at); next && !due; next = outbox::next_receiver(connection, *next))
      due = next->due_at <= now;
  });
  return due;
}

bool Delivery::deliver_some(outbound::Client& client) {
  const auto now = clock_.now();
  std::vector<outbound::ReceiverKey> due;
  tenants_.store().database().read([&](sql::Connection& connection) {
    due.clear();
    outbox::Receiver at;
    for (auto next = outbox::next_receiver(connection, at); next; next = outbox::next_receiver(connection, *next)) {
      if (next->due_at <= now) due.emplace_back(next->tenant, next->receiver);
    }
  });
  return receivers_.serve_one(std::move(due), clock_,
                              [&](const outbound::ReceiverKey& receiver) { return deliver_to(receiver, client); });
}

// Nothing when there was nothing to send after all.
std::optional<outbound::Receivers::End> Delivery::deliver_to(const outbound::ReceiverKey& receiver, outbound::Client& client) {
  using End = outbound::Receivers::End;
  const auto known = tenants_.list();
  if (std::find(known.begin(), known.end(), receiver.first) == known.end()) return std::nullopt;
  const auto tenant = tenants_.snapshot(receiver.first);
  const auto now = clock_.now();
  const auto messages = tenants_.store().write(
      receiver.first, [&](const store::Writer& w) { return outbox::take(w, receiver.second, kAtOnce, now, now + kTurnLease); });
  if (messages.empty()) return std::nullopt;
  const auto to = tenant->client(receiver.second);
  if (!to || to->backchannel_logout.url.empty()) {
    // Nobody is to be told any more.
    tenants_.store().write(receiver.first, [&](const store::Writer& w) {
      for (const auto& message : messages) outbox::remove(w, message.outbox_id);
      return true;
    });
    return End::nothing_sent;
  }
  const auto attempts = send_all(*tenant, *to, messages, client, now);
  auto end = End::nothing_sent;
  for (const auto& attempt : attempts) {
    if (attempt.tried) end = attempt.shows_life() ? End::answered : End::failed;
  }
  record(*tenant, &*to, attempts, clock_.now());
  return end;
}

// One after the other over one connection, until one finds nobody: the rest waits with the receiver.
std::vector<Delivery::Attempt> Delivery::send_all(const tenancy::Snapshot& tenant, const model::Client& to,
                                                  const std::vector<outbox::Message>& messages, outbound::Client& client,
                                                  base::Instant now) {
  std::vector<Attempt> out;
  bool goes_on = true;
  for (const auto& message : messages) {
    Attempt attempt{.message = &message, .content = logout_message_from(message.payload)};
    if (goes_on) {
      http::Parameters form;
      form.add("logout_token", mint_logout_token(tenant, to, attempt.content, clock_.now()));
      attempt.answer = client.post(
          {.url = to.backchannel_logout.url, .content_type = "application/x-www-form-urlencoded", .body = form.encode()});
      attempt.tried = true;
      goes_on = attempt.shows_life() && clock_.now() - now < kLongestTurn;
    }
    out.push_back(std::move(attempt));
  }
  return out;
}

void Delivery::record(const tenancy::Snapshot& tenant, const model::Client* to, const std::vector<Attempt>& attempts,
                      base::Instant now) {
  std::vector<std::optional<audit::Event>> rows;
  for (const auto& attempt : attempts) {
    const bool over = attempt.tried && (attempt.arrived() || is_given_up(*attempt.message, now));
    rows.push_back(over ? std::optional(row_of(*attempt.message, attempt.content, *to, attempt.answer, attempt.arrived()))
                        : std::nullopt);
  }
  tenants_.store().write(tenant.tenant().id, [&](const store::Writer& w) {
    for (std::size_t i = 0; i < attempts.size(); ++i) {
      const auto& message = *attempts[i].message;
      if (rows[i]) {
        outbox::remove(w, message.outbox_id);
        audit::append(w, *rows[i], now);
      } else if (attempts[i].tried) {
        outbox::postpone(w, message.outbox_id, now + outbound::pause_after(message.attempts));
      } else {
        outbox::give_back(w, message.outbox_id, now);
      }
    }
    return true;
  });
}

void Delivery::give_up_old() {
  constexpr std::int64_t kBatch = 200;
  const auto now = clock_.now();
  // Each receiver has had a last try of its own within the hour that it rests at most.
  const auto before = now - kGivenUpAfter - std::chrono::hours(2);
  for (const auto id : tenants_.list()) {
    const auto old = tenants_.store().read(id, [&](const store::Reader& r) { return outbox::list_older(r, before, kBatch); });
    if (old.empty()) continue;
    const auto tenant = tenants_.snapshot(id);
    std::vector<std::optional<audit::Event>> rows;
    for (const auto& message : old) {
      const auto to = tenant->client(message.receiver);
      rows.push_back(to ? std::optional(row_of(message, logout_message_from(message.payload), *to, {}, false)) : std::nullopt);
    }
    tenants_.store().write(id, [&](const store::Writer& w) {
      for (std::size_t i = 0; i < old.size(); ++i) {
        outbox::remove(w, old[i].outbox_id);
        if (rows[i]) audit::append(w, *rows[i], now);
      }
      return true;
    });
  }
}

}  // namespace segue::backchannel
