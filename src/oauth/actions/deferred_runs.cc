#include "oauth/actions/deferred_runs.h"

#include "oauth/actions/event.h"
#include "oauth/origin.h"
#include "outbound/receivers.h"

namespace segue::oauth {
namespace {

namespace deferred = store::deferred_runs;

// Longer than any run may take (actions.time_limit): nobody else begins it meanwhile.
constexpr auto kTakenFor = std::chrono::minutes(6);
constexpr auto kRunGivenUpAfter = std::chrono::hours(24);

// What of the request's row the rows about the run take over.
json::object kept_of(const audit::Event& row) {
  return {{"client_id", row.client_id},   {"client_name", row.client_name}, {"ip", row.ip},
          {"user_agent", row.user_agent}, {"user_id", row.user_id},         {"user_name", row.user_name},
          {"connection", row.connection}, {"hostname", row.hostname},       {"connection_id", row.connection_id}};
}

audit::Event row_from(const json::object& kept) {
  const auto text = [&](std::string_view name) { return json::find_string(kept, name).value_or(""); };
  audit::Event row;
  row.client_id = text("client_id");
  row.client_name = text("client_name");
  row.ip = text("ip");
  row.user_agent = text("user_agent");
  row.user_id = text("user_id");
  row.user_name = text("user_name");
  row.connection = text("connection");
  row.connection_id = text("connection_id");
  row.hostname = text("hostname");
  return row;
}

json::object object_from(const std::string& text) {
  const auto parsed = json::parse(text);
  return parsed.ok() && parsed->is_object() ? parsed->get_object() : json::object{};
}

json::object change_event(const connections::AccountChange& change, const geoip::GeoIp& geoip) {
  auto request = actions_event::request(change.call, origin_of(change.call, geoip));
  request.erase("body");
  request.erase("query");
  return {{"connection", actions_event::connection(change.connection)},
          {"request", std::move(request)},
          {"tenant", actions_event::tenant(change.tenant)}};
}

}  // namespace

void DeferredRuns::insert(const store::Writer& w, std::string_view trigger, json::object event,
                          const connections::AccountChange& change, const model::User& user) {
  auto row = event_of(change.call, "", change.client);
  set_user(row, user, &change.connection);
  deferred::insert(w, trigger, json::write(event), json::write(kept_of(row)), clock_.now());
}

void DeferredRuns::user_registered(const store::Writer& w, const connections::AccountChange& change, const model::User& user) {
  if (change.tenant.bindings(kPostUserRegistration, &w)->empty()) return;
  auto event = change_event(change, geoip_);
  event["user"] = actions_event::account(user);
  insert(w, kPostUserRegistration, std::move(event), change, user);
}

void DeferredRuns::password_changed(const store::Writer& w, const connections::AccountChange& change, const model::User& user) {
  if (change.tenant.bindings(kPostChangePassword, &w)->empty()) return;
  auto event = change_event(change, geoip_);
  json::object shown{{"user_id", user.subject()}, {"email_verified", user.email_verified}};
  if (!user.email.empty()) shown["email"] = user.email;
  if (!user.username.empty()) shown["username"] = user.username;
  if (user.last_password_reset) shown["last_password_reset"] = base::to_iso8601(*user.last_password_reset);
  event["user"] = std::move(shown);
  insert(w, kPostChangePassword, std::move(event), change, user);
}

bool DeferredRuns::run_one() {
  if (triggers_ == nullptr) return false;
  auto now = clock_.now();
  auto& store = tenants_.store();
  std::optional<base::TenantId> tenant;
  store.database().read([&](sql::Connection& connection) { tenant = deferred::find_tenant_due(connection, now); });
  if (!tenant) return false;
  const auto run = store.write(*tenant, [&](const store::Writer& w) { return deferred::take(w, now, now + kTakenFor); });
  if (!run) return true;  // another worker was quicker; there may be more

  auto row = row_from(object_from(run->log_row));
  const auto ran =
      triggers_->run(*tenants_.snapshot(*tenant), {.trigger = run->trigger_id, .event = object_from(run->event), .row = row});
  now = clock_.now();
  // What did not run for want of a process runs later; an Action that failed has run, and its row says so.
  const bool again = ran.failure && ran.failure->status == 503;
  if (again && run->created_at + kRunGivenUpAfter <= now) {
    give_up(*tenant, *run, std::move(row));
    return true;
  }
  store.write(*tenant, [&](const store::Writer& w) {
    if (again) {
      deferred::postpone(w, run->deferred_run_id, now + outbound::pause_after(run->attempts));
    } else {
      deferred::finish(w, run->deferred_run_id);
    }
    return true;
  });
  return true;
}

void DeferredRuns::give_up(base::TenantId tenant, const deferred::Run& run, audit::Event row) {
  row.type = "actions_execution_failed";
  row.description = "The Actions of " + run.trigger_id + " could not be run in a day; they will not be told.";
  row.details["trigger_id"] = run.trigger_id;
  row.details["attempts"] = run.attempts;
  tenants_.store().write(tenant, [&](const store::Writer& w) {
    deferred::finish(w, run.deferred_run_id);
    audit::append(w, row, clock_.now());
    return true;
  });
}

}  // namespace segue::oauth
