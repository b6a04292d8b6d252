#include "model/single_logout.h"

namespace segue::model {
namespace {

json::object to_json(const SessionParticipant& p) {
  return {{"client_id", p.client_id},           {"protocol", p.protocol},           {"name_id", p.name_id},
          {"name_id_format", p.name_id_format}, {"session_index", p.session_index}, {"consumer_url", p.consumer_url}};
}

std::string text_in(const json::object& o, std::string_view name) { return json::find_string(o, name).value_or(""); }

SessionParticipant participant_from(const json::object& o) {
  return {.client_id = text_in(o, "client_id"),
          .protocol = text_in(o, "protocol"),
          .name_id = text_in(o, "name_id"),
          .name_id_format = text_in(o, "name_id_format"),
          .session_index = text_in(o, "session_index"),
          .consumer_url = text_in(o, "consumer_url")};
}

json::object to_json(const LogoutEnd& end) {
  json::object out{
      {"redirect_to", end.redirect_to}, {"client_id", end.client_id}, {"request_id", end.request_id}, {"by_post", end.by_post}};
  if (end.relay_state) out["relay_state"] = *end.relay_state;
  return out;
}

json::array to_json(const std::vector<SessionParticipant>& list) {
  json::array out;
  for (const auto& participant : list) out.push_back(to_json(participant));
  return out;
}

std::vector<SessionParticipant> participants_in(const json::object& o, std::string_view name) {
  std::vector<SessionParticipant> out;
  if (const auto* const list = json::find(o, name); list != nullptr && list->is_array()) {
    for (const auto& item : list->get_array()) {
      if (item.is_object()) out.push_back(participant_from(item.get_object()));
    }
  }
  return out;
}

LogoutEnd end_from(const json::object& o) {
  return {.redirect_to = text_in(o, "redirect_to"),
          .client_id = text_in(o, "client_id"),
          .request_id = text_in(o, "request_id"),
          .relay_state = json::find_string(o, "relay_state"),
          .by_post = json::find_bool(o, "by_post").value_or(false)};
}

std::optional<SamlAddon> addon_of(const Client* client) {
  const auto* const samlp = client != nullptr ? client->addon("samlp") : nullptr;
  if (samlp == nullptr) return std::nullopt;
  auto addon = saml_addon_from(*samlp);
  return addon.ok() ? std::optional(std::move(*addon)) : std::nullopt;
}

}  // namespace

std::string to_text(const LogoutPlan& plan) {
  return json::write(json::object{{"sid", plan.sid},
                                  {"user_id", plan.user_id},
                                  {"left", to_json(plan.left)},
                                  {"asked_again", plan.asked_again},
                                  {"images", to_json(plan.images)},
                                  {"images_shown", plan.images_shown},
                                  {"untold", json::to_array(plan.untold)},
                                  {"in_a_row", plan.in_a_row},
                                  {"end", to_json(plan.end)}});
}

LogoutPlan logout_plan_from(std::string_view text) {
  const auto parsed = json::parse(text);
  if (!parsed.ok() || !parsed->is_object()) throw base::Bug("a logout's plan is no JSON object");
  const auto& o = parsed->get_object();
  LogoutPlan out;
  out.sid = text_in(o, "sid");
  out.user_id = text_in(o, "user_id");
  out.left = participants_in(o, "left");
  out.asked_again = json::find_bool(o, "asked_again").value_or(false);
  out.images = participants_in(o, "images");
  out.images_shown = json::find_bool(o, "images_shown").value_or(false);
  out.untold = json::find_strings(o, "untold");
  out.in_a_row = json::find_integer(o, "in_a_row").value_or(0);
  out.end = end_from(json::object_or_empty(o, "end"));
  return out;
}

bool is_done(const LogoutWalk& walk) { return walk.finished_at && walk.plan.left.empty() && walk.plan.images.empty(); }

std::string logout_callback_of(const Client* client) {
  const auto addon = addon_of(client);
  return addon ? addon->logout_callback : "";
}

std::optional<SamlAddon> logout_addon_of(const Client* client) {
  auto addon = addon_of(client);
  return addon && addon->slo_enabled && !addon->logout_callback.empty() ? std::move(addon) : std::nullopt;
}

}  // namespace segue::model
