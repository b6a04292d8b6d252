// The operations through a router, on a database in memory.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "management/routes.h"
#include "sql/migrator.h"
#include "store/clients.h"
#include "store/connections.h"
#include "store/logs.h"
#include "store/resource_servers.h"
#include "store/schema.h"
#include "store/tenants.h"
#include "store/users.h"
#include "tenancy/management_scopes.h"
#include "tenancy/tenants.h"
#include "tokens/access_token.h"

#include "support/manual_clock.h"
#include "support/seeded_random.h"

namespace segue::management::operations_test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

// One tenant for the whole suite: its RSA key takes longer to make than all tests to run.
struct World {
  test::ManualClock clock;
  test::SeededRandom random;
  base::IdGenerator ids{clock, 1, {}};
  std::unique_ptr<sql::Database> database = sql::open_database("sqlite::memory:");
  store::Store store{*database, ids};
  tenancy::KeyFile key_file = tenancy::KeyFile::generate(random);
  geoip::GeoIp geoip;
  NoActionsDesk no_actions;
  connections::NoAccountTriggers no_triggers;
  tenancy::ManagementClient management;
  std::unique_ptr<tenancy::Tenants> tenants;
  std::unique_ptr<mail::Outbox> mails;
  outbound::DnsTxt txt_records{outbound::DnsTxt::Options{}};  // never asked
  std::unique_ptr<Services> services;
  http::Router router;
  base::TenantId tenant{};

  World() {
    sql::migrate(*database, store::migrations());
    management = *tenancy::create_tenant(store, key_file, random, clock.now(), {.domain = "localhost:8443"});
    tenants = std::make_unique<tenancy::Tenants>(store, key_file);
    tenant = tenants->resolve("localhost:8443")->tenant;
    mails = std::make_unique<mail::Outbox>(*tenants, key_file, clock, random, nullptr, "", outbound::Options{}, 1);
    services = std::make_unique<Services>(
        Services{*tenants, key_file, clock, random, geoip, no_actions, no_triggers, *mails, txt_records});
    router.set_default_face(management_json);
    router.add_before([this](http::Call& call, const http::Route&) -> base::Result<std::optional<http::Response>> {
      call.tenant = tenant;
      call.domain = "localhost:8443";
      call.caller_address = "192.0.2.1";
      return std::optional<http::Response>();
    });
    add_routes(router, *services);
  }

  std::string token(std::string_view scope, std::string subject = "", std::string audience = "") {
    const auto snapshot = tenants->snapshot(tenant);
    model::ResourceServer other;
    other.identifier = audience;
    const auto api = audience.empty() ? snapshot->resource_server(snapshot->management_audience())
                                      : std::make_shared<const model::ResourceServer>(other);
    return tokens::mint_access_token(*snapshot, random, clock.now(),
                                     {.domain = "localhost:8443",
                                      .resource_server = api.get(),
                                      .subject = subject.empty() ? management.client_id + "@clients" : subject,
                                      .client_id = management.client_id,
                                      .scope = std::string(scope),
                                      .gty = "client-credentials"})
        .token;
  }
};

World& world() {
  static World w;
  return w;
}

std::string every_scope() {
  std::vector<std::string> scopes;
  for (const auto scope : tenancy::management_scopes()) scopes.emplace_back(scope);
  return base::join(scopes, " ");
}

struct Answer {
  int status = 0;
  json::value body;
  http::Headers headers;

  const json::object& object() const { return body.get_object(); }
  std::string text(std::string_view name) const { return json::find_string(object(), name).value_or("(none)"); }
  bool has(std::string_view name) const { return json::find(object(), name) != nullptr; }
};

Answer call_with(const std::string& authorization, http::Method method, std::string_view target, std::string body = "") {
  http::Request request;
  request.method = method;
  request.path = std::string(target.substr(0, target.find('?')));
  if (target.find('?') != std::string_view::npos) request.query = std::string(target.substr(target.find('?') + 1));
  if (!authorization.empty()) request.headers.add("authorization", authorization);
  if (!body.empty()) request.headers.add("content-type", "application/json; charset=utf-8");
  request.body = std::move(body);
  auto response = world().router.respond(request, http::Lane::quick, world().clock.now(), "r1");
  if (response.moves_to) response = world().router.respond(request, *response.moves_to, world().clock.now(), "r1");
  Answer out{response.status, nullptr, response.headers};
  if (!response.body.empty()) out.body = *json::parse(response.body);
  return out;
}

Answer call(http::Method method, std::string_view target, std::string body = "") {
  static const std::string token = "Bearer " + world().token(every_scope());
  return call_with(token, method, target, std::move(body));
}
Answer get(std::string_view target) { return call(http::Method::get, target); }
Answer post(std::string_view target, std::string body) { return call(http::Method::post, target, std::move(body)); }
Answer patch(std::string_view target, std::string body) { return call(http::Method::patch, target, std::move(body)); }
Answer erase(std::string_view target) { return call(http::Method::delete_, target); }

std::vector<std::string> names_of(const json::object& o) {
  std::vector<std::string> out;
  for (const auto& member : o) out.emplace_back(member.key());
  return out;
}

std::string new_client(const std::string& body = R"({"name":"app","app_type":"regular_web"})") {
  const auto created = post("/api/v2/clients", body);
  EXPECT_EQ(created.status, 201) << json::write(created.body);
  return created.text("client_id");
}

TEST(ManagementAuthorization, asks_both_scopes_of_what_shows_sessions_and_refresh_tokens) {
  for (const auto* scope : {"read:sessions", "read:refresh_tokens", "delete:sessions delete:refresh_tokens"}) {
    const auto answer =
        call_with("Bearer " + world().token(scope), http::Method::get, "/api/v2/segue/session-graph?user_id=auth0%7Cada");
    EXPECT_EQ(answer.status, 403) << scope;
    EXPECT_EQ(answer.text("message"), "Insufficient scope, expected any of: read:sessions,read:refresh_tokens");
  }
  const auto both = call_with("Bearer " + world().token("read:sessions read:refresh_tokens"), http::Method::get,
                              "/api/v2/segue/session-graph?user_id=auth0%7Cada");
  EXPECT_EQ(both.status, 404);
}

TEST(ManagementAuthorization, answers_as_the_live_service_does) {
  const auto none = call_with("", http::Method::get, "/api/v2/clients");
  EXPECT_EQ(none.status, 401);
  EXPECT_EQ(json::write(none.body), R"({"statusCode":401,"error":"Unauthorized","message":"Missing authentication"})");
  const auto bad = call_with("Bearer nonsense", http::Method::get, "/api/v2/clients");
  EXPECT_EQ(bad.status, 401);
  EXPECT_EQ(bad.text("message"), "Invalid token");
  const auto scope = call_with("Bearer " + world().token("read:logs"), http::Method::get, "/api/v2/connections");
  EXPECT_EQ(scope.status, 403);
  EXPECT_EQ(
      json::write(scope.body),
      R"({"statusCode":403,"error":"Forbidden","message":"Insufficient scope, expected any of: read:connections","errorCode":"insufficient_scope"})");
  const auto audience =
      call_with("Bearer " + world().token("read:clients", "", "https://api.example"), http::Method::get, "/api/v2/clients");
  EXPECT_EQ(audience.status, 401);
  EXPECT_EQ(audience.text("message"), "Bad audience: https://api.example");
  const auto expired = "Bearer " + world().token("read:clients");
  world().clock.advance(std::chrono::hours(25));
  EXPECT_EQ(call_with(expired, http::Method::get, "/api/v2/clients").text("message"),
            "Expired token received for JSON Web Token validation");
  world().clock.advance(-std::chrono::hours(25));
}

TEST(ManagementRoutes, unknown_paths_are_not_found) {
  for (const auto* path : {"/api/v2/nothing", "/api/v2/clients/a/b/c"}) {
    EXPECT_EQ(json::write(get(path).body), R"({"statusCode":404,"error":"Not Found","message":"Not Found"})");
  }
  EXPECT_EQ(call(http::Method::put, "/api/v2/clients").status, 404);
}

TEST(ManagementRoutes, openapi_describes_every_operation) {
  const auto document = get("/api/v2/openapi.json");
  ASSERT_EQ(document.status, 200);
  for (const auto* operation : all_operations()) {
    const auto& path = document.object().at("paths").at(operation->path.substr(7));
    EXPECT_TRUE(path.get_object().contains(base::ascii_lower(http::to_text(operation->method)))) << operation->id;
    EXPECT_FALSE(operation->summary.empty());
    EXPECT_FALSE(operation->scopes.empty());
  }
}

TEST(ManagementBodies, are_refused_with_the_reason) {
  EXPECT_EQ(post("/api/v2/clients", "{}").text("message"), "Payload validation error: 'Missing required property: name'.");
  EXPECT_EQ(post("/api/v2/clients", "").text("message"), "Payload validation error: 'Expected type object but found type null'.");
  EXPECT_EQ(post("/api/v2/clients", "{").text("errorCode"), "invalid_body");
  EXPECT_EQ(post("/api/v2/clients", R"({"name":"a","name":"b"})").status, 400);
  EXPECT_EQ(get("/api/v2/clients?per_page=101").text("message"),
            "Query validation error: 'Value 101 is greater than maximum 100' on property per_page (Results per page).");
  EXPECT_EQ(get("/api/v2/clients?fields=nonsense").text("errorCode"), "invalid_query_string");
}

TEST(ClientsApi, creates_a_native_client_as_the_live_service_does) {
  const auto created = post("/api/v2/clients", R"({"name":"n","app_type":"native","token_endpoint_auth_method":"none"})");
  ASSERT_EQ(created.status, 201);
  EXPECT_THAT(names_of(created.object()),
              UnorderedElementsAre("name", "client_id", "client_secret", "app_type", "is_first_party",
                                   "is_token_endpoint_ip_header_trusted", "oidc_conformant", "jwt_configuration", "signing_keys",
                                   "sso_disabled", "cross_origin_authentication", "grant_types", "custom_login_page_on",
                                   "token_endpoint_auth_method", "refresh_token"));
  EXPECT_EQ(created.text("client_id").size(), 32U);
  EXPECT_EQ(created.text("client_secret").size(), 64U);
}

TEST(ClientsApi, session_transfer_is_absent_until_set_and_then_whole) {
  const auto id = new_client();
  const auto path = "/api/v2/clients/" + id;
  EXPECT_FALSE(get(path).has("session_transfer"));

  const auto set =
      patch(path, R"({"session_transfer":{"enforce_online_refresh_tokens":true,"enforce_cascade_revocation":true}})");
  EXPECT_EQ(set.status, 200);
  EXPECT_EQ(
      set.object().at("session_transfer"),
      *json::parse(
          R"({"can_create_session_transfer_token":false,"enforce_cascade_revocation":true,"allowed_authentication_methods":[],
                             "enforce_device_binding":"ip","allow_refresh_token":false,"enforce_online_refresh_tokens":true})"));
  // The wire shows "ip"; what is stored says that nobody chose it, because a native client's own choice may then count (design
  // §4).
  EXPECT_FALSE(world().tenants->snapshot(world().tenant)->client(id)->session_transfer->enforce_device_binding.has_value());

  patch(path, R"({"session_transfer":{"allowed_authentication_methods":["query","cookie"],"enforce_device_binding":"asn"}})");
  const auto merged = patch(path, R"({"session_transfer":{"allow_refresh_token":true}})");
  EXPECT_EQ(merged.object().at("session_transfer"),
            *json::parse(R"({"can_create_session_transfer_token":false,"enforce_cascade_revocation":true,
                             "allowed_authentication_methods":["query","cookie"],"enforce_device_binding":"asn","allow_refresh_token":true,
                             "enforce_online_refresh_tokens":true})"));
  EXPECT_EQ(get(path).object().at("session_transfer"), merged.object().at("session_transfer"));

  const auto delegated =
      patch(path, R"({"session_transfer":{"delegation":{"allow_delegated_access":false,"enforce_device_binding":"asn"}}})");
  EXPECT_EQ(delegated.object().at("session_transfer").at("delegation"),
            *json::parse(R"({"allow_delegated_access":false,"enforce_device_binding":"asn"})"));
  EXPECT_EQ(patch(path, R"({"session_transfer":{"delegation":null}})").object().at("session_transfer"),
            merged.object().at("session_transfer"));

  EXPECT_FALSE(patch(path, R"({"session_transfer":null})").has("session_transfer"));
  EXPECT_FALSE(get(path).has("session_transfer"));
  // On a client without the object it is created with its defaults.
  EXPECT_TRUE(patch(path, R"({"session_transfer":{"delegation":null}})").has("session_transfer"));
  EXPECT_EQ(patch(path, R"({"session_transfer":{"delegation":{"allow_delegated_access":true}}})").status, 400);
}

TEST(ClientsApi, secrets_are_shown_under_their_scope_only_and_the_reading_is_logged) {
  const auto id = new_client();
  const auto path = "/api/v2/clients/" + id;
  const auto with_keys = get(path);
  EXPECT_EQ(with_keys.text("client_secret").size(), 64U);
  const auto without = call_with("Bearer " + world().token("read:clients"), http::Method::get, path);
  EXPECT_EQ(without.status, 200);
  EXPECT_FALSE(without.has("client_secret"));
  EXPECT_FALSE(without.has("signing_keys"));
  const auto summary = call_with("Bearer " + world().token("read:client_summary"), http::Method::get, path);
  EXPECT_FALSE(summary.has("grant_types"));
  const auto client = world().store.read(world().tenant, [&](const store::Reader& r) { return store::clients::find(r, id); });
  EXPECT_EQ(client->sealed_client_secret.find(with_keys.text("client_secret")), std::string::npos);
  EXPECT_THAT(json::write(client->document), Not(HasSubstr(with_keys.text("client_secret"))));

  const auto rotated = call(http::Method::post, path + "/rotate-secret");
  EXPECT_EQ(rotated.status, 200);
  EXPECT_NE(rotated.text("client_secret"), with_keys.text("client_secret"));
  EXPECT_EQ(get(path).text("client_secret"), rotated.text("client_secret"));
  EXPECT_EQ(call(http::Method::post, "/api/v2/clients/nobody/rotate-secret").text("errorCode"), "inexistent_client");

  std::vector<std::string> types;
  for (const auto& row : world().store.read(world().tenant, [](const store::Reader& r) {
         return store::logs::list_unindexed(r, base::RowId{std::numeric_limits<std::int64_t>::max()}, 10000);
       })) {
    types.push_back(row.type);
    EXPECT_THAT(row.record, Not(HasSubstr(rotated.text("client_secret"))));
  }
  EXPECT_THAT(types, ::testing::Contains("sapi"));
  EXPECT_THAT(types, ::testing::Contains("mgmt_api_read"));
}

TEST(ClientsApi, a_patch_merges_nested_objects_and_replaces_lists) {
  const auto path =
      "/api/v2/clients/" + new_client(R"({"name":"a","callbacks":["https://a.example/cb"],"client_metadata":{"a":"1","b":"2"}})");
  const auto changed = patch(
      path, R"({"callbacks":["https://b.example/cb"],"jwt_configuration":{"alg":"ES256"},"client_metadata":{"b":null,"c":"3"},
                                       "refresh_token":{"rotation_type":"rotating","expiration_type":"expiring"}})");
  ASSERT_EQ(changed.status, 200) << json::write(changed.body);
  EXPECT_EQ(json::write(changed.object().at("callbacks")), R"(["https://b.example/cb"])");
  EXPECT_EQ(changed.object().at("jwt_configuration"),
            *json::parse(R"({"secret_encoded":false,"lifetime_in_seconds":36000,"alg":"ES256"})"));
  EXPECT_EQ(changed.object().at("client_metadata"), *json::parse(R"({"a":"1","c":"3"})"));
  EXPECT_EQ(changed.object().at("refresh_token").at("infinite_token_lifetime"), false);
  EXPECT_EQ(changed.object().at("refresh_token").at("token_lifetime"), 2592000);
  const auto leeway = patch(path, R"({"refresh_token":{"leeway":30}})");
  EXPECT_EQ(leeway.object().at("refresh_token").at("rotation_type"), "rotating");
  EXPECT_EQ(leeway.object().at("refresh_token").at("leeway"), 30);
  EXPECT_EQ(patch(path, R"({"client_id":"x"})").text("message"),
            "Payload validation error: 'Additional properties not allowed: client_id'.");
  EXPECT_EQ(patch("/api/v2/clients/nobody", R"({"name":"x"})").text("errorCode"), "inexistent_client");
  // A refused patch changes nothing.
  EXPECT_EQ(patch(path, R"({"name":"z","compliance_level":"fapi1_adv_pkj_par"})").status, 400);
  EXPECT_EQ(get(path).text("name"), "a");
}

TEST(ClientsApi, lists_have_the_shapes_that_clients_expect) {
  for (int i = 0; i < 3; ++i) new_client(R"({"name":"listed","app_type":"spa"})");
  const auto bare = get("/api/v2/clients?app_type=spa&fields=client_id,name&page=0&per_page=2");
  ASSERT_TRUE(bare.body.is_array());
  EXPECT_EQ(bare.body.get_array().size(), 2U);
  EXPECT_THAT(names_of(bare.body.get_array()[0].get_object()), UnorderedElementsAre("client_id", "name"));
  const auto totals = get("/api/v2/clients?app_type=spa&page=1&per_page=2&include_totals=true");
  EXPECT_EQ(totals.object().at("start"), 2);
  EXPECT_EQ(totals.object().at("limit"), 2);
  EXPECT_EQ(totals.object().at("total"), 3);
  EXPECT_EQ(totals.object().at("clients").get_array().size(), 1U);
  EXPECT_EQ(json::write(get("/api/v2/clients?app_type=spa&page=9").body), "[]");

  const auto first = get("/api/v2/clients?app_type=spa&take=2&include_totals=true");
  EXPECT_THAT(names_of(first.object()), UnorderedElementsAre("clients", "next"));
  const auto second = get("/api/v2/clients?app_type=spa&take=2&from=" + first.text("next"));
  EXPECT_EQ(second.object().at("clients").get_array().size(), 1U);
  EXPECT_FALSE(second.has("next"));
  EXPECT_EQ(get("/api/v2/clients?from=%21").text("errorCode"), "invalid_query_string");

  const auto global = get("/api/v2/clients?is_global=true");
  ASSERT_EQ(global.body.get_array().size(), 1U);
  EXPECT_EQ(global.body.get_array()[0].at("name"), "All Applications");
  EXPECT_EQ(erase("/api/v2/clients/" + std::string(global.body.get_array()[0].at("client_id").get_string())).status, 400);
}

TEST(ClientsApi, deleting_is_idempotent_and_takes_grants_along) {
  const auto id = new_client();
  EXPECT_EQ(erase("/api/v2/clients/" + id).status, 204);
  EXPECT_EQ(erase("/api/v2/clients/" + id).status, 204);
  const auto gone = get("/api/v2/clients/" + id);
  EXPECT_EQ(json::write(gone.body),
            R"({"statusCode":404,"error":"Not Found","message":"The client does not exist","errorCode":"inexistent_client"})");
}

TEST(ConnectionsApi, creates_lists_and_updates_database_connections) {
  const auto created = post("/api/v2/connections", R"({"name":"people","strategy":"auth0"})");
  ASSERT_EQ(created.status, 201) << json::write(created.body);
  EXPECT_EQ(created.object().at("options").at("passwordPolicy"), "good");
  EXPECT_EQ(json::write(created.object().at("realms")), R"(["people"])");
  EXPECT_EQ(json::write(created.object().at("enabled_clients")), "[]");
  EXPECT_EQ(post("/api/v2/connections", R"({"name":"people","strategy":"auth0"})").status, 409);
  EXPECT_EQ(post("/api/v2/connections", R"({"name":"g","strategy":"google-oauth2"})").status, 400);
  EXPECT_EQ(post("/api/v2/connections", R"({"name":"-x","strategy":"auth0"})").status, 400);

  const auto path = "/api/v2/connections/" + created.text("id");
  const auto updated = patch(path, R"({"options":{"requires_username":true},"display_name":"People"})");
  EXPECT_EQ(json::write(updated.object().at("options")), R"({"requires_username":true})");
  EXPECT_EQ(patch(path, R"({"name":"other"})").status, 400);
  EXPECT_EQ(patch(path, R"({"options":{"password_history":{"enable":true}}})").status, 400);

  const auto client_id = new_client();
  EXPECT_EQ(patch(path + "/clients", R"([{"client_id":")" + client_id + R"(","status":true}])").status, 204);
  EXPECT_EQ(json::write(get(path + "/clients").body), R"({"clients":[{"client_id":")" + client_id + R"("}]})");
  EXPECT_EQ(get("/api/v2/clients/" + client_id + "/connections").object().at("connections").get_array().size(), 1U);
  EXPECT_EQ(patch(path + "/clients", R"([{"client_id":"nobody","status":true}])").status, 404);
  EXPECT_EQ(patch(path + "/clients", R"([{"client_id":")" + client_id + R"(","status":false}])").status, 204);
  EXPECT_EQ(json::write(get(path + "/clients").body), R"({"clients":[]})");

  const auto filtered =
      get("/api/v2/connections?strategy%5B0%5D=auth0&strategy%5B1%5D=email&name=people&include_totals=true&per_page=100");
  EXPECT_EQ(filtered.object().at("total"), 1);
  EXPECT_THAT(names_of(get("/api/v2/connections?take=50&include_totals=true").object()), UnorderedElementsAre("connections"));
  EXPECT_EQ(erase(path).status, 204);
  EXPECT_EQ(get(path).text("errorCode"), "inexistent_connection");
}

constexpr const char* kDatabase = "Username-Password-Authentication";

std::string user_body(const std::string& email, const std::string& rest = "") {
  return R"({"connection":")" + std::string(kDatabase) + R"(","email":")" + email + R"(","password":"Sesame-0pen")" + rest + "}";
}

TEST(UsersApi, creates_a_user_with_the_live_defaults) {
  const auto created = post("/api/v2/users", user_body("Ada@example.com"));
  ASSERT_EQ(created.status, 201) << json::write(created.body);
  EXPECT_EQ(created.text("email"), "Ada@example.com");
  EXPECT_EQ(created.text("name"), "Ada@example.com");
  EXPECT_EQ(created.text("nickname"), "Ada");
  EXPECT_THAT(created.text("picture"), HasSubstr("https://s.gravatar.com/avatar/"));
  EXPECT_EQ(created.object().at("email_verified"), false);
  EXPECT_THAT(created.text("user_id"), ::testing::StartsWith("auth0|"));
  EXPECT_EQ(created.object().at("identities").at(0).at("connection"), kDatabase);
  for (const auto* name : {"user_metadata", "app_metadata", "last_login", "last_ip", "logins_count", "blocked", "password"}) {
    EXPECT_FALSE(created.has(name)) << name;
  }
  const auto again = post("/api/v2/users", user_body("ada@EXAMPLE.com"));
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(again.text("message"), "The user already exists.");
  EXPECT_EQ(again.text("errorCode"), "auth0_idp_error");
  const auto stored =
      world().store.read(world().tenant, [&](const store::Reader& r) { return store::users::find(r, created.text("user_id")); });
  EXPECT_THAT(stored->password_hash, ::testing::StartsWith("$argon2id$"));
  EXPECT_EQ(json::write(get("/api/v2/users-by-email?email=ada@example.com&fields=email").body),
            R"([{"email":"Ada@example.com"}])");
  EXPECT_EQ(get("/api/v2/users/" + base::percent_encode(created.text("user_id"))).status, 200);
}

TEST(UsersApi, refuses_bad_users) {
  EXPECT_EQ(post("/api/v2/users", R"({"connection":"none","email":"x@example.com","password":"Sesame-0pen"})").text("errorCode"),
            "inexistent_connection");
  const auto weak =
      post("/api/v2/users", R"({"connection":"Username-Password-Authentication","email":"x@example.com","password":"short"})");
  EXPECT_EQ(weak.status, 400);
  EXPECT_EQ(weak.text("message"), "PasswordStrengthError: Password is too weak");
  EXPECT_EQ(
      post("/api/v2/users", R"({"connection":"Username-Password-Authentication","password":"Sesame-0pen"})").text("message"),
      "Payload validation error: 'Missing required property: email'.");
  EXPECT_EQ(post("/api/v2/users", user_body("x@example.com", R"(,"username":"x")")).text("message"),
            "Cannot set username for connection without requires_username");
  EXPECT_EQ(post("/api/v2/users", user_body("x@example.com", R"(,"phone_number":"+15551234")")).status, 400);
  EXPECT_EQ(get("/api/v2/users-by-email?email=x@example.com").body.get_array().size(), 0U);
}

TEST(UsersApi, updates_by_the_rules_of_the_contract) {
  const auto id = post("/api/v2/users", user_body("bob@example.com", R"(,"user_metadata":{"a":1,"b":2})")).text("user_id");
  const auto path = "/api/v2/users/" + base::percent_encode(id);
  EXPECT_EQ(patch(path, R"({"user_metadata":{"b":null,"c":3}})").object().at("user_metadata"), *json::parse(R"({"a":1,"c":3})"));
  EXPECT_EQ(patch(path, R"({"user_metadata":{}})").object().at("user_metadata"), json::object{});
  EXPECT_EQ(patch(path, R"({"email":"x@example.com","password":"Another-0ne"})").text("message"),
            "Cannot update password and email simultaneously");
  EXPECT_EQ(patch(path, R"({"blocked":true})").object().at("blocked"), true);
  EXPECT_EQ(patch(path, R"({"blocked":false,"given_name":"Bob"})").object().at("blocked"), false);
  EXPECT_FALSE(patch(path, R"({"given_name":null})").has("given_name"));

  const auto epoch = [&] {
    return world().store.write(world().tenant,
                               [&](const store::Writer& w) { return store::users::lock_standing(w, id)->password_epoch; });
  };
  const auto before = epoch();
  world().clock.advance(std::chrono::seconds(5));
  const auto reset = patch(path, R"({"password":"Another-0ne"})");
  EXPECT_EQ(reset.status, 200);
  EXPECT_TRUE(reset.has("last_password_reset"));
  EXPECT_GT(epoch(), before);

  post("/api/v2/users", user_body("carol@example.com"));
  const auto taken = patch(path, R"({"email":"Carol@example.com"})");
  EXPECT_EQ(taken.status, 400);
  EXPECT_EQ(taken.text("message"), "The specified new email already exists");
  EXPECT_EQ(patch(path, R"({"email":"bobby@example.com"})").object().at("email_verified"), false);

  const auto meta_only = "Bearer " + world().token("update:users_app_metadata");
  EXPECT_EQ(call_with(meta_only, http::Method::patch, path, R"({"app_metadata":{"plan":"x"}})").status, 200);
  EXPECT_EQ(call_with(meta_only, http::Method::patch, path, R"({"blocked":true})").status, 403);
  const auto own = "Bearer " + world().token("update:current_user_metadata read:current_user", id);
  EXPECT_EQ(call_with(own, http::Method::patch, path, R"({"user_metadata":{"x":1}})").status, 200);
  EXPECT_EQ(call_with(own, http::Method::get, path).status, 200);
  EXPECT_EQ(call_with(own, http::Method::get, "/api/v2/users/auth0%7Csomebody").status, 403);

  EXPECT_EQ(erase(path).status, 204);
  EXPECT_EQ(erase(path).status, 204);
  EXPECT_EQ(get(path).text("message"), "The user does not exist.");
  EXPECT_EQ(patch(path, R"({"blocked":true})").text("errorCode"), "inexistent_user");
}

TEST(UsersApi, lists_pages_and_simple_searches) {
  post("/api/v2/users", user_body("dora@example.com"));
  const auto page = get("/api/v2/users?page=0&per_page=1&include_totals=true");
  EXPECT_THAT(names_of(page.object()), UnorderedElementsAre("start", "limit", "length", "users", "total"));
  EXPECT_EQ(page.object().at("users").get_array().size(), 1U);
  const auto found = get("/api/v2/users?q=email%3A%22dora@example.com%22&search_engine=v3");
  ASSERT_EQ(found.body.get_array().size(), 1U);
  EXPECT_EQ(get("/api/v2/users?q=shoe_size%3A42").text("errorCode"), "invalid_query_string");
  EXPECT_EQ(get("/api/v2/users?page=20&per_page=100").status, 400);
}

TEST(ResourceServersApi, are_found_by_id_and_by_identifier) {
  const auto created = post("/api/v2/resource-servers", R"({"identifier":"https://api.example.com/v1"})");
  ASSERT_EQ(created.status, 201);
  EXPECT_THAT(names_of(created.object()),
              UnorderedElementsAre("id", "identifier", "allow_offline_access", "skip_consent_for_verifiable_first_party_clients",
                                   "subject_type_authorization", "token_lifetime", "token_lifetime_for_web", "signing_alg"));
  EXPECT_EQ(created.object().at("subject_type_authorization"),
            *json::parse(R"({"client":{"policy":"require_client_grant"},"user":{"policy":"allow_all"}})"));
  const auto once = base::percent_encode("https://api.example.com/v1");
  for (const auto& id : {created.text("id"), once, base::percent_encode(once)}) {
    EXPECT_EQ(get("/api/v2/resource-servers/" + id).text("id"), created.text("id")) << id;
  }
  const auto path = "/api/v2/resource-servers/" + created.text("id");
  const auto updated = patch(path, R"({"name":"API","scopes":[{"value":"read:x","description":"Read"}],"signing_alg":"ES256"})");
  EXPECT_EQ(updated.status, 200) << json::write(updated.body);
  EXPECT_EQ(post("/api/v2/resource-servers", R"({"identifier":"https://api.example.com/v1"})").status, 409);
  EXPECT_EQ(patch(path, R"({"signing_alg":"HS256"})").status, 400);
  EXPECT_EQ(patch(path, R"({"enforce_policies":true,"token_dialect":"rfc9068_profile_authz"})").status, 200);
  EXPECT_EQ(post("/api/v2/resource-servers", R"({"identifier":"urn:localhost:session_transfer"})").status, 400);
  const auto system = base::percent_encode("https://localhost:8443/api/v2/");
  EXPECT_EQ(get("/api/v2/resource-servers/" + system).object().at("is_system"), true);
  EXPECT_EQ(erase("/api/v2/resource-servers/" + system).status, 400);
  EXPECT_EQ(get("/api/v2/resource-servers?identifiers=https://api.example.com/v1&include_totals=true").object().at("total"), 1);
  EXPECT_EQ(erase(path).status, 204);
  EXPECT_EQ(get(path).text("message"), "The resource server does not exist");
}

TEST(ClientGrantsApi, grant_scopes_that_the_api_has) {
  post("/api/v2/resource-servers", R"({"identifier":"https://orders","scopes":[{"value":"read"},{"value":"write"}]})");
  const auto client_id = new_client();
  const auto body = [&](const std::string& rest) { return R"({"client_id":")" + client_id + R"(",)" + rest + "}"; };
  EXPECT_EQ(post("/api/v2/client-grants", body(R"("audience":"https://nowhere","scope":[])")).text("errorCode"),
            "inexistent_resource_server");
  EXPECT_EQ(post("/api/v2/client-grants", R"({"client_id":"nobody","audience":"https://orders","scope":[]})").text("errorCode"),
            "inexistent_client");
  EXPECT_EQ(post("/api/v2/client-grants", body(R"("audience":"https://orders","scope":["fly"])")).status, 400);
  const auto created = post("/api/v2/client-grants", body(R"("audience":"https://orders","scope":["read"])"));
  ASSERT_EQ(created.status, 201) << json::write(created.body);
  EXPECT_THAT(created.text("id"), ::testing::StartsWith("cgr_"));
  EXPECT_EQ(created.text("subject_type"), "client");
  EXPECT_EQ(post("/api/v2/client-grants", body(R"("audience":"https://orders","scope":[])")).status, 409);
  const auto path = "/api/v2/client-grants/" + created.text("id");
  EXPECT_EQ(json::write(patch(path, R"({"scope":["read","write"]})").object().at("scope")), R"(["read","write"])");
  const auto listed = get("/api/v2/client-grants?client_id=" + client_id + "&audience=https://orders&take=1&include_totals=true");
  EXPECT_EQ(listed.object().at("client_grants").get_array().size(), 1U);
  EXPECT_FALSE(listed.has("next"));
  EXPECT_EQ(get(path).status, 200);
  EXPECT_EQ(erase("/api/v2/clients/" + client_id).status, 204);
  EXPECT_EQ(get(path).text("errorCode"), "inexistent_client_grant");
}

}  // namespace
}  // namespace segue::management::operations_test
