// Refresh token → session transfer token (contract §1.3–1.6, §4.2–4.4): what is answered, what is refused and leaves the refresh
// token as it was, and what the tenant log says.
#include <gtest/gtest.h>

#include "base/text.h"
#include "support/handoff.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

constexpr const char* kUnknownToken = "Unknown or invalid refresh token.";

http::Parameters exchange_form(const Handoff& h, const std::string& refresh_token, const std::string& audience = kTransferUrn) {
  return parameters({{"grant_type", "refresh_token"},
                     {"client_id", h.native.client_id},
                     {"refresh_token", refresh_token},
                     {"audience", audience}});
}

http::Parameters with(http::Parameters form, const std::string& name, const std::string& value) {
  form.add(name, value);
  return form;
}

json::object json_of(const http::Parameters& form) {
  json::object out;
  for (const auto& [name, value] : form.pairs()) out[name] = value;
  return out;
}

std::vector<std::string> names_of(const json::object& o) {
  std::vector<std::string> out;
  for (const auto& member : o) out.emplace_back(member.key());
  std::sort(out.begin(), out.end());
  return out;
}

::testing::AssertionResult refuses(const Tokens& answer, const std::string& error, const std::string& description) {
  const std::vector<std::string> names{"error", "error_description"};
  if (answer.status == 403 && answer.error() == error && answer.text("error_description") == description &&
      names_of(answer.body) == names) {
    return ::testing::AssertionSuccess();
  }
  return ::testing::AssertionFailure() << answer.status << " " << json::write(answer.body);
}

// The refresh token was not spent: it still mints a token.
bool is_untouched(Handoff& h, const std::string& refresh_token) {
  return h.world.exchange(h.native, refresh_token).status == 200;
}

HandoffOptions with_refresh_tokens(json::object settings) {
  json::object fields{{"rotation_type", "rotating"}, {"expiration_type", "expiring"}, {"leeway", 0}};
  for (const auto& member : settings) fields[member.key()] = member.value();
  return {.native = {{"refresh_token", std::move(fields)}}};
}

HandoffOptions without_rotation() {
  return with_refresh_tokens({{"rotation_type", "non-rotating"}, {"expiration_type", "non-expiring"}});
}

// --- The answer. ---

TEST(SessionTransferExchange, answers_with_the_token_as_an_access_token_that_is_not_applicable) {
  Handoff h;
  const auto response = h.world.send(form_request("/oauth/token", exchange_form(h, h.sign_in())));
  const auto body = object_of(response);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(names_of(body), (std::vector<std::string>{"access_token", "expires_in", "id_token", "issued_token_type",
                                                      "refresh_token", "token_type"}));
  EXPECT_TRUE(text_of(body, "access_token").starts_with("stt_"));
  EXPECT_EQ(text_of(body, "token_type"), "N_A");
  EXPECT_EQ(json::find_integer(body, "expires_in"), 60);
  EXPECT_EQ(text_of(body, "issued_token_type"), "urn:auth0:params:oauth:token-type:session_transfer_token");
  EXPECT_EQ(header_of(response, "cache-control"), "no-store");
  EXPECT_EQ(header_of(response, "pragma"), "no-cache");
}

TEST(SessionTransferExchange, adds_an_id_token_for_the_native_client_without_a_nonce) {
  Handoff h;
  const auto claims = claims_of(h.world.exchange(h.native, h.sign_in()).text("id_token"));
  EXPECT_EQ(text_of(claims, "aud"), h.native.client_id);
  EXPECT_EQ(text_of(claims, "iss"), "https://tenant.example/");
  EXPECT_EQ(text_of(claims, "sub"), h.ada.user_id);
  EXPECT_EQ(text_of(claims, "email"), h.ada.email);
  EXPECT_FALSE(claims.contains("nonce"));
}

TEST(SessionTransferExchange, adds_no_id_token_to_a_sign_in_without_openid) {
  Handoff h;
  const auto tokens = h.world.password_tokens(h.native, h.ada, "offline_access");
  const auto answer = h.world.exchange(h.native, tokens.refresh_token());
  EXPECT_EQ(names_of(answer.body),
            (std::vector<std::string>{"access_token", "expires_in", "issued_token_type", "refresh_token", "token_type"}));
}

TEST(SessionTransferExchange, rotates_the_refresh_token_of_a_client_that_rotates) {
  Handoff h;
  const auto first = h.sign_in();
  const auto second = h.world.exchange(h.native, first).refresh_token();
  EXPECT_FALSE(second.empty());
  EXPECT_NE(second, first);
  EXPECT_EQ(h.world.exchange(h.native, second).status, 200);
}

TEST(SessionTransferExchange, leaves_the_refresh_token_of_another_client_as_it_is) {
  Handoff h(without_rotation());
  const auto refresh_token = h.sign_in();
  std::string before;
  for (int i = 0; i < 3; ++i) {
    const auto answer = h.world.exchange(h.native, refresh_token);
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.refresh_token(), "");
    EXPECT_NE(answer.access_token(), before);
    before = answer.access_token();
  }
}

TEST(SessionTransferExchange, logs_the_handoff_that_it_begins) {
  Handoff h;
  h.world.exchange(h.native, h.sign_in());
  const auto row = h.only_row("sertft");
  EXPECT_EQ(text_of(row, "description"), "");
  EXPECT_EQ(text_of(row, "audience"), kTransferUrn);
  EXPECT_EQ(text_of(row, "client_id"), h.native.client_id);
  EXPECT_EQ(text_of(row, "user_id"), h.ada.user_id);
  EXPECT_EQ(text_of(row, "user_name"), h.ada.email);
  EXPECT_EQ(detail_of(row, "requested_audience"), kTransferUrn);
  EXPECT_EQ(detail_of(row, "requested_client_id"), h.native.client_id);
  EXPECT_EQ(detail_of(row, "tokenCounter"), "0");
  EXPECT_FALSE(detail_of(row, "familyId").empty());
  EXPECT_EQ(detail_of(row, "refresh_token"), R"({"access":"offline"})");
  EXPECT_FALSE(text_of(row, "transfer_id").empty());
}

// --- The audience. ---

TEST(SessionTransferExchange, takes_every_domain_of_the_tenant_with_or_without_its_port_in_any_case) {
  Handoff h(without_rotation());
  h.world.add_domain("localhost:8443");
  const auto refresh_token = h.sign_in();
  for (const auto* host : {"tenant.example", "TENANT.Example", "localhost", "localhost:8443", "LocalHost:8443"}) {
    const auto answer = h.world.token_request(exchange_form(h, refresh_token, std::string("urn:") + host + ":session_transfer"));
    EXPECT_EQ(answer.text("token_type"), "N_A") << host << json::write(answer.body);
  }
}

TEST(SessionTransferExchange, refuses_the_domain_of_anybody_else) {
  Handoff h;
  h.world.add_tenant("other.example");
  const auto refresh_token = h.sign_in();
  for (const auto* audience : {"urn:other.example:session_transfer", "urn:tenant.example.evil.example:session_transfer",
                               "urn:tenant.example:8443:session_transfer"}) {
    const auto answer = h.world.token_request(exchange_form(h, refresh_token, audience));
    EXPECT_TRUE(refuses(answer, "access_denied", std::string("Service not enabled within domain: ") + audience));
  }
  EXPECT_TRUE(is_untouched(h, refresh_token));
  const auto rows = h.world.logs("type:fertft");
  ASSERT_EQ(rows.size(), 3u);
  for (const auto& row : rows) {
    EXPECT_EQ(text_of(row, "description"), "Service not enabled within domain: " + text_of(row, "audience"));
  }
}

TEST(SessionTransferExchange, refuses_an_audience_that_names_no_domain) {
  Handoff h;
  const auto refresh_token = h.sign_in();
  for (const auto* audience : {"urn::session_transfer", "urn:session_transfer", "URN:tenant.example:session_transfer",
                               "https://tenant.example/session_transfer"}) {
    const auto answer = h.world.token_request(exchange_form(h, refresh_token, audience));
    EXPECT_TRUE(refuses(answer, "access_denied", std::string("Service not enabled within domain: ") + audience));
  }
  EXPECT_TRUE(is_untouched(h, refresh_token));
  EXPECT_EQ(h.world.logs("type:fertft").size(), 4u);
}

// --- The body. ---

TEST(SessionTransferExchange, reads_json_as_well_as_forms) {
  Handoff h;
  const auto response = h.world.send(json_request(http::Method::post, "/oauth/token", json_of(exchange_form(h, h.sign_in()))));
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(text_of(object_of(response), "token_type"), "N_A");
}

TEST(SessionTransferExchange, ignores_parameters_that_it_does_not_know) {
  Handoff h(without_rotation());
  const auto refresh_token = h.sign_in();
  EXPECT_EQ(h.world.token_request(with(exchange_form(h, refresh_token), "device", "Ada's phone")).status, 200);
  auto body = json_of(exchange_form(h, refresh_token));
  body["extra"] = json::object{{"nested", json::array{1, 2}}};
  EXPECT_EQ(h.world.send(json_request(http::Method::post, "/oauth/token", body)).status, 200);
}

TEST(SessionTransferExchange, refuses_a_parameter_that_stands_twice) {
  Handoff h;
  const auto refresh_token = h.sign_in();
  for (const auto* name : {"audience", "refresh_token", "client_id", "grant_type"}) {
    const auto form = exchange_form(h, refresh_token);
    const auto answer = h.world.token_request(with(form, name, *form.find(name)));
    EXPECT_EQ(answer.status, 400) << name;
    EXPECT_EQ(answer.error(), "invalid_request") << name;
  }
  auto twice = json_request(http::Method::post, "/oauth/token", json_of(exchange_form(h, refresh_token)));
  twice.body.insert(1, R"("audience":"urn:tenant.example:session_transfer",)");
  EXPECT_EQ(h.world.send(twice).status, 400);
  EXPECT_TRUE(is_untouched(h, refresh_token));
}

TEST(SessionTransferExchange, refuses_a_body_without_a_refresh_token_and_says_so_in_the_log) {
  Handoff h;
  auto form = exchange_form(h, "");
  const auto answer = h.world.token_request(form);
  EXPECT_EQ(answer.status, 400);
  EXPECT_EQ(answer.text("error_description"), "Missing required parameter: refresh_token");
  EXPECT_EQ(text_of(h.only_row("fertft"), "description"), "Missing required parameter: refresh_token");
}

TEST(SessionTransferExchange, remembers_a_scope_that_narrows_and_ignores_what_was_never_granted) {
  Handoff h;
  const auto answer = h.world.token_request(with(exchange_form(h, h.sign_in()), "scope", "openid email write:everything"));
  EXPECT_EQ(answer.status, 200);
  EXPECT_FALSE(answer.text("id_token").empty());
  const auto row = h.only_row("sertft");
  EXPECT_EQ(text_of(row, "scope"), "openid email");
  EXPECT_EQ(detail_of(row, "requested_scope"), "openid email write:everything");
  // The next exchange holds everything again.
  h.world.clock.advance(1s);
  h.world.exchange(h.native, answer.refresh_token());
  EXPECT_EQ(text_of(h.world.logs("type:sertft").front(), "scope"), "openid profile email offline_access");
}

// --- The client. ---

TEST(SessionTransferExchange, refuses_a_client_without_the_permission_and_keeps_its_refresh_token) {
  Handoff h({.native_transfer = {{"can_create_session_transfer_token", false}}});
  const auto refresh_token = h.sign_in();
  const std::string text = "Client is not allowed to create session transfer tokens.";
  EXPECT_TRUE(refuses(h.world.exchange(h.native, refresh_token), "unauthorized_client", text));
  const auto row = h.only_row("fertft");
  EXPECT_EQ(text_of(row, "description"), text);
  EXPECT_EQ(text_of(row, "audience"), kTransferUrn);
  EXPECT_EQ(text_of(row, "user_id"), h.ada.user_id);
  h.set_native({{"can_create_session_transfer_token", true}});
  EXPECT_TRUE(is_untouched(h, refresh_token));
}

TEST(SessionTransferExchange, refuses_a_client_that_was_never_given_session_transfer) {
  Handoff h;
  const auto plain = h.world.native_client({{"session_transfer", nullptr}});
  const auto refresh_token = h.world.password_tokens(plain, h.ada).refresh_token();
  EXPECT_EQ(h.world.exchange(plain, refresh_token).error(), "unauthorized_client");
  EXPECT_EQ(h.world.refresh(plain, refresh_token).status, 200);
}

TEST(SessionTransferExchange, knows_nothing_of_another_clients_refresh_token) {
  Handoff h;
  const auto other = h.world.native_client();
  const auto refresh_token = h.sign_in();
  EXPECT_TRUE(refuses(h.world.exchange(other, refresh_token), "invalid_grant", kUnknownToken));
  const auto row = h.only_row("fertft");
  EXPECT_EQ(text_of(row, "client_id"), other.client_id);
  // Nothing of whom the token belongs to.
  EXPECT_EQ(text_of(row, "user_id"), "");
  EXPECT_TRUE(is_untouched(h, refresh_token));
}

TEST(SessionTransferExchange, refuses_a_confidential_client_with_a_wrong_secret) {
  Handoff h;
  auto backend = h.world.native_client({{"app_type", "regular_web"}, {"token_endpoint_auth_method", "client_secret_post"}});
  const auto refresh_token = h.world.password_tokens(backend, h.ada).refresh_token();
  const auto answer = h.world.exchange({backend.client_id, "wrong"}, refresh_token);
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.error(), "access_denied");
  EXPECT_EQ(text_of(h.only_row("fertft"), "description"), "Unauthorized");
  EXPECT_EQ(h.world.exchange(backend, refresh_token).status, 200);
}

TEST(SessionTransferExchange, refuses_a_client_that_may_not_refresh) {
  Handoff h;
  const auto refresh_token = h.sign_in();
  const auto path = "clients/" + h.native.client_id;
  h.world.managed(http::Method::patch, path, json::object{{"grant_types", json::array{"authorization_code"}}});
  EXPECT_TRUE(refuses(h.world.exchange(h.native, refresh_token), "unauthorized_client",
                      "Grant type 'refresh_token' not allowed for the client."));
  h.world.managed(http::Method::patch, path, json::object{{"grant_types", json::array{"refresh_token"}}});
  EXPECT_TRUE(is_untouched(h, refresh_token));
}

// --- The user. ---

TEST(SessionTransferExchange, refuses_a_blocked_user_until_the_block_ends) {
  Handoff h;
  const auto refresh_token = h.sign_in();
  h.world.managed(http::Method::patch, "users/" + h.ada.user_id, json::object{{"blocked", true}});
  EXPECT_TRUE(refuses(h.world.exchange(h.native, refresh_token), "unauthorized", "user is blocked"));
  EXPECT_EQ(text_of(h.only_row("fertft"), "description"), "user is blocked");
  h.world.managed(http::Method::patch, "users/" + h.ada.user_id, json::object{{"blocked", false}});
  EXPECT_TRUE(is_untouched(h, refresh_token));
}

TEST(SessionTransferExchange, says_when_the_user_is_gone) {
  Handoff h;
  const auto refresh_token = h.sign_in();
  h.world.managed(http::Method::delete_, "users/" + h.ada.user_id);
  EXPECT_TRUE(refuses(h.world.exchange(h.native, refresh_token), "invalid_grant",
                      "The refresh_token was generated for a user who doesn't exist anymore."));
  EXPECT_EQ(text_of(h.only_row("fertft"), "description"),
            "The refresh_token was generated for a user who doesn't exist anymore.");
}

TEST(SessionTransferExchange, wants_a_sign_in_that_is_younger_than_the_password) {
  Handoff h;
  const auto refresh_token = h.sign_in();
  h.world.clock.advance(1min);
  h.ada.password = "Another-horse-8-battery";
  h.world.managed(http::Method::patch, "users/" + h.ada.user_id, json::object{{"password", h.ada.password}});
  const auto refused = h.world.exchange(h.native, refresh_token);
  EXPECT_EQ(refused.status, 403);
  // Not invalid_grant: the app keeps a refresh token that goes on refreshing.
  EXPECT_EQ(refused.error(), "access_denied");
  EXPECT_EQ(text_of(h.only_row("fertft"), "description"), refused.text("error_description"));
  EXPECT_EQ(h.world.refresh(h.native, refresh_token).status, 200);
  EXPECT_TRUE(h.is_unspent(h.transfer()));
}

// --- The refresh token. ---

TEST(SessionTransferExchange, refuses_what_is_no_refresh_token) {
  Handoff h;
  const auto refresh_token = h.sign_in();
  auto guessed = refresh_token;
  guessed.replace(guessed.find('.') + 1, 4, "AAAA");
  for (const auto& text : {std::string("rt_nonsense"), guessed, h.transfer(), "stt_" + refresh_token.substr(3)}) {
    EXPECT_TRUE(refuses(h.world.exchange(h.native, text), "invalid_grant", kUnknownToken)) << text;
  }
  EXPECT_TRUE(is_untouched(h, refresh_token));
}

TEST(SessionTransferExchange, refuses_an_expired_refresh_token) {
  const json::object absolute{{"token_lifetime", 600},
                              {"infinite_token_lifetime", false},
                              {"idle_token_lifetime", 300},
                              {"infinite_idle_token_lifetime", true}};
  Handoff h(with_refresh_tokens(absolute));
  const auto first = h.sign_in();
  h.world.clock.advance(10min - 1s);
  const auto second = h.world.exchange(h.native, first);
  EXPECT_EQ(second.status, 200);
  // The family ends when it was going to, whatever rotated meanwhile.
  h.world.clock.advance(1s);
  EXPECT_TRUE(refuses(h.world.exchange(h.native, second.refresh_token()), "invalid_grant", kUnknownToken));
  EXPECT_EQ(text_of(h.only_row("fertft"), "description"), kUnknownToken);
}

TEST(SessionTransferExchange, refuses_a_refresh_token_that_lay_idle) {
  Handoff h(with_refresh_tokens({{"idle_token_lifetime", 300}, {"infinite_idle_token_lifetime", false}}));
  const auto first = h.sign_in();
  h.world.clock.advance(4min);
  const auto second = h.world.exchange(h.native, first).refresh_token();
  h.world.clock.advance(4min);
  const auto third = h.world.exchange(h.native, second).refresh_token();
  EXPECT_FALSE(third.empty());
  h.world.clock.advance(5min);
  EXPECT_TRUE(refuses(h.world.exchange(h.native, third), "invalid_grant", kUnknownToken));
}

TEST(SessionTransferExchange, revokes_the_family_when_a_rotated_token_comes_back) {
  Handoff h;
  const auto first = h.sign_in();
  const auto second = h.world.exchange(h.native, first).refresh_token();
  EXPECT_TRUE(refuses(h.world.exchange(h.native, first), "invalid_grant", kUnknownToken));
  const auto row = h.only_row("ferrt");
  EXPECT_EQ(text_of(row, "description"), kUnknownToken);
  EXPECT_EQ(text_of(row, "user_id"), h.ada.user_id);
  EXPECT_EQ(detail_of(row, "familyId"), detail_of(h.only_row("sertft"), "familyId"));
  EXPECT_EQ(detail_of(row, "tokenCounter"), "0");
  EXPECT_EQ(detail_of(row, "latestCounter"), "1");
  EXPECT_TRUE(refuses(h.world.exchange(h.native, second), "invalid_grant", kUnknownToken));
}

TEST(SessionTransferExchange, gives_a_lost_reply_again_within_the_leeway) {
  Handoff h(with_refresh_tokens({{"leeway", 30}}));
  const auto first = h.sign_in();
  const auto answer = h.world.exchange(h.native, first);
  h.world.clock.advance(29s);
  const auto again = h.world.exchange(h.native, first);
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.refresh_token(), answer.refresh_token());
  EXPECT_NE(again.access_token(), answer.access_token());
  EXPECT_TRUE(h.is_unspent(answer.access_token()));
  EXPECT_TRUE(h.is_unspent(again.access_token()));
  h.world.clock.advance(1s);
  EXPECT_EQ(h.world.exchange(h.native, first).error(), "invalid_grant");
  EXPECT_EQ(h.world.logs("type:ferrt").size(), 1u);
}

TEST(SessionTransferExchange, takes_a_replay_for_reuse_once_the_successor_was_used) {
  Handoff h(with_refresh_tokens({{"leeway", 30}}));
  const auto first = h.sign_in();
  const auto second = h.world.exchange(h.native, first).refresh_token();
  const auto third = h.world.exchange(h.native, second).refresh_token();
  EXPECT_EQ(h.world.exchange(h.native, first).error(), "invalid_grant");
  EXPECT_EQ(detail_of(h.only_row("ferrt"), "latestCounter"), "2");
  EXPECT_EQ(h.world.exchange(h.native, third).error(), "invalid_grant");
}

// --- auth0-forwarded-for. ---

std::string address_of_exchange(bool confidential, bool trusted, const std::string& header) {
  Handoff h;
  const auto method = confidential ? "client_secret_post" : "none";
  const auto client = h.world.native_client({{"token_endpoint_auth_method", method},
                                             {"app_type", confidential ? "regular_web" : "native"},
                                             {"is_token_endpoint_ip_header_trusted", trusted}});
  auto form = exchange_form(h, h.world.password_tokens(client, h.ada).refresh_token());
  form.remove("client_id");
  form.add("client_id", client.client_id);
  if (confidential) form.add("client_secret", client.client_secret);
  auto request = form_request("/oauth/token", form);
  request.headers.add("auth0-forwarded-for", header);
  EXPECT_EQ(h.world.send(request).status, 200);
  return text_of(h.only_row("sertft"), "ip");
}

TEST(SessionTransferExchange, believes_auth0_forwarded_for_of_an_authenticated_client_that_is_trusted_with_it) {
  EXPECT_EQ(address_of_exchange(true, true, "203.0.113.9"), "203.0.113.9");
  EXPECT_EQ(address_of_exchange(true, true, "::ffff:203.0.113.9"), "203.0.113.9");
  EXPECT_EQ(address_of_exchange(true, true, "nonsense"), "");
}

TEST(SessionTransferExchange, believes_auth0_forwarded_for_of_nobody_else) {
  EXPECT_EQ(address_of_exchange(true, false, "203.0.113.9"), "192.0.2.7");
  EXPECT_EQ(address_of_exchange(false, true, "203.0.113.9"), "192.0.2.7");
}

}  // namespace
}  // namespace segue::test
