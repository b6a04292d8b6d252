// Every operation of the Management API, as its own document describes it (contract §9.1–9.3): who has no token, the wrong scope,
// a body or a query that the document does not allow, or the id of something in another tenant, is refused in the words of the
// contract; nothing breaks, and a refusal changes nothing in the database. A new operation is walked without a change here.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "actions_flow.h"
#include "base/text.h"
#include "openapi_walk.h"
#include "sql/statement.h"
#include "support/world.h"

namespace segue::test {
namespace {

using http::Method;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kOther = "other.example";
// By the path of their collection and parameter: "clients/{id}".
using Ids = std::map<std::string, std::string>;

constexpr sql::Statement kWritten{"walk.written", "select total_changes()"};
constexpr sql::Statement kLogged{"walk.logged", "select count(*) from logs"};

struct OpenApiWalk : testing::Test {
  TestDesk desk;
  World world{[this] {
    WorldOptions options;
    options.actions = &desk;
    options.product.management_requests_per_second = 1'000'000'000;
    return options;
  }()};
  std::string token, other_token, stats_token, logs_token;
  std::vector<Described> operations;
  Ids own, foreign;

  OpenApiWalk() {
    const auto there = world.add_tenant(kOther);
    token = token_of(kDomain, "management", "management-secret-of-the-tests");
    other_token = token_of(kOther, there.client_id, std::string(there.client_secret.reveal()));
    stats_token = token_with("read:stats");
    logs_token = token_with("read:logs");
    own = furnish(kDomain, token);
    foreign = furnish(kOther, other_token);
    operations = operations_in(object_of(world.send(request_for(Method::get, "/api/v2/openapi.json"))));
  }

  std::string token_of(const std::string& domain, const std::string& client_id, const std::string& secret) {
    const auto response = world.send(form_request("/oauth/token",
                                                  parameters({{"grant_type", "client_credentials"},
                                                              {"client_id", client_id},
                                                              {"client_secret", secret},
                                                              {"audience", "https://" + domain + "/api/v2/"}}),
                                                  domain));
    return json::find_string(object_of(response), "access_token").value();
  }
  std::string token_with(const std::string& scope) {
    const auto client =
        world.create_client({{"app_type", "non_interactive"}, {"grant_types", json::array{"client_credentials"}}});
    world.managed(Method::post, "client-grants",
                  {{"client_id", client.client_id},
                   {"audience", std::string("https://") + kDomain + "/api/v2/"},
                   {"scope", json::array{scope}}});
    return token_of(kDomain, client.client_id, client.client_secret);
  }

  // How many rows were ever written, whether they differed or not, of both tenants; but for the log, which tells of reads too.
  std::int64_t written() {
    std::int64_t out = 0;
    world.node().product().store().database().write([&](sql::Connection& c) {
      const auto one = [&](const sql::Statement& statement) {
        return c.maybe_one(statement, {}, [](const sql::Row& row) { return row.integer(0); }).value();
      };
      out = one(kWritten) - one(kLogged);
    });
    return out;
  }

  // One of everything that has an id.
  Ids furnish(const std::string& domain, const std::string& bearer) {
    Ids out;
    const auto call = [&](Method method, const std::string& path, const json::value& body) {
      auto request = json_request(method, "/api/v2/" + path, body, domain);
      request.headers.set("authorization", "Bearer " + bearer);
      const auto response = world.send(std::move(request));
      EXPECT_EQ(response.status / 100, 2) << path << response.body;
      return response.body.empty() ? json::value(nullptr) : *json::parse(response.body);
    };
    const auto make = [&](const std::string& path, const json::object& body, const std::string& id = "id") {
      out[path + "/{id}"] = call(Method::post, path, body).as_object().at(id).as_string().c_str();
      return out[path + "/{id}"];
    };
    const auto client =
        make("clients",
             {{"name", "app"},
              {"app_type", "native"},
              {"token_endpoint_auth_method", "none"},
              {"grant_types", json::array{"password", "refresh_token", "http://auth0.com/oauth/grant-type/password-realm"}}},
             "client_id");
    const auto connection =
        make("connections", {{"name", "people"}, {"strategy", "auth0"}, {"enabled_clients", json::array{client}}});
    out["organizations/{id}/connections/{connectionId}"] = out["organizations/{id}/enabled_connections/{connectionId}"] =
        connection;
    make("resource-servers",
         {{"name", "Orders"}, {"identifier", "https://orders/"}, {"scopes", json::array{json::object{{"value", "read"}}}}});
    make("client-grants", {{"client_id", client}, {"audience", "https://orders/"}, {"scope", json::array{"read"}}});
    const auto user =
        make("users", {{"connection", "people"}, {"email", "ada@example.com"}, {"password", "Horse-staple-1"}}, "user_id");
    const auto role = make("roles", {{"name", "reader"}});
    const auto name = "acme-" + domain.substr(0, domain.find('.'));
    const auto organization = make(
        "organizations", {{"name", name}, {"enabled_connections", json::array{json::object{{"connection_id", connection}}}}});
    call(Method::post, "organizations/" + organization + "/members", {{"members", json::array{user}}});
    call(Method::post, "roles/" + role + "/users", {{"users", json::array{user}}});
    out["organizations/{id}/members/{user_id}"] = user;
    out["organizations/name/{name}"] = name;
    const auto tokens = world.send(form_request("/oauth/token",
                                                parameters({{"grant_type", "http://auth0.com/oauth/grant-type/password-realm"},
                                                            {"client_id", client},
                                                            {"realm", "people"},
                                                            {"username", "ada@example.com"},
                                                            {"password", "Horse-staple-1"},
                                                            {"scope", "openid offline_access"}}),
                                                domain));
    EXPECT_EQ(tokens.status, 200) << tokens.body;
    const auto held = call(Method::get, "users/" + base::percent_encode(user) + "/refresh-tokens", nullptr).as_object();
    out["refresh-tokens/{id}"] = out["device-credentials/{id}"] = held.at("tokens").at(0).at("id").as_string().c_str();
    make("actions/actions", {{"name", "greet"},
                             {"supported_triggers", json::array{json::object{{"id", "post-login"}, {"version", "v3"}}}},
                             {"code", kCode}});
    make("actions/modules", {{"name", "shared"}, {"code", "module.exports = {};"}});
    make("log-streams",
         {{"name", "siem"}, {"type", "http"}, {"sink", json::object{{"httpEndpoint", "https://siem.example.com/"}}}});
    make("custom-domains", {{"domain", "login." + domain}, {"type", "self_managed_certs"}}, "custom_domain_id");
    make("jobs/users-exports", json::object{});
    out["jobs/{id}"] = out["jobs/users-exports/{id}"];
    out["keys/signing/{kid}"] =
        call(Method::get, "keys/signing", nullptr).as_array().at(0).as_object().at("kid").as_string().c_str();
    return out;
  }

  // With the ids that are known; elsewhere one that nothing has.
  static std::string filled(std::string path, const Ids& ids) {
    constexpr std::size_t kPrefix = 8;  // "/api/v2/"
    auto template_path = path.substr(kPrefix);
    for (auto at = path.find('{'); at != std::string::npos; at = path.find('{', at)) {
      const auto end = path.find('}', at) + 1;
      const auto end_of_key = template_path.find('}', template_path.find(path.substr(at, end - at))) + 1;
      auto key = template_path.substr(0, end_of_key);
      if (const auto parent = key.find("{parent}"); parent != std::string::npos) key.replace(parent, 8, "{id}");
      const auto found = ids.find(key);
      path.replace(at, end - at, found == ids.end() ? "nobody" : base::percent_encode(found->second));
    }
    return path;
  }

  http::Response send(const Described& operation, const std::string& target, const std::string& bearer, const std::string& body) {
    auto request = request_for(operation.method, target);
    if (!bearer.empty()) request.headers.set("authorization", "Bearer " + bearer);
    if (operation.has_body) request.headers.set("content-type", "application/json");
    request.body = body;
    return world.send(std::move(request));
  }

  static std::string of(const http::Response& response, std::string_view member) {
    return json::find_string(object_of(response), member).value_or("");
  }
  void expect_refused(const http::Response& response, int status, const std::string& code, const std::string& message) {
    EXPECT_EQ(response.status, status) << response.body.substr(0, 300);
    if (response.status != status) return;
    EXPECT_EQ(of(response, "errorCode"), code) << response.body;
    EXPECT_THAT(of(response, "message"), HasSubstr(message));
    EXPECT_EQ(json::find_integer(object_of(response), "statusCode"), status);
  }

  std::string least_body(const Described& operation) { return operation.has_body ? json::write(least(operation.schema)) : ""; }

  // The parameters that it asks for, and no other.
  static std::string least_query(const Described& operation) {
    std::string out;
    for (const auto& parameter : operation.query) {
      const auto* const required = parameter.as_object().if_contains("required");
      if (required == nullptr || !required->as_bool()) continue;
      const auto value = least(parameter.at("schema").as_object());
      out += (out.empty() ? "?" : "&") + std::string(parameter.at("name").as_string()) + "=" +
             base::percent_encode(value.is_string() ? std::string(value.as_string()) : json::write(value));
    }
    return out;
  }

  void walk_tokens(const Described& operation, const std::string& target) {
    const auto body = least_body(operation);
    expect_refused(send(operation, target, "", body), 401, "", "Missing authentication");
    expect_refused(send(operation, target, "nonsense", body), 401, "", "Invalid token");
    expect_refused(send(operation, target, other_token, body), 401, "", "");
    if (operation.scopes.empty()) return;
    const auto& other = base::contains(operation.scopes, "read:stats") ? logs_token : stats_token;
    expect_refused(send(operation, target, other, body), 403, "insufficient_scope",
                   "Insufficient scope, expected any of: " + base::join(operation.scopes, ","));
  }

  void walk_query(const Described& operation, const std::string& target) {
    const auto refused = [&](const std::string& query) {
      SCOPED_TRACE(query.substr(0, 100));
      expect_refused(send(operation, target + "?" + query, token, least_body(operation)), 400, "invalid_query_string",
                     "Query validation error");
    };
    refused("segue_unknown=1");
    refused("a=%ff");
    for (const auto& parameter : operation.query) {
      const std::string name(parameter.at("name").as_string());
      const auto& schema = parameter.at("schema").as_object();
      const auto type = schema.at("type").is_string() ? std::string(schema.at("type").as_string()) : "";
      refused(name + "=%00");
      if (type == "integer") {
        for (const auto* wrong : {"abc", "1.5", "99999999999999999999", "1e3", "0x1"}) refused(name + "=" + wrong);
        if (const auto least_value = json::find_integer(schema, "minimum"))
          refused(name + "=" + std::to_string(*least_value - 1));
        if (const auto most = json::find_integer(schema, "maximum")) refused(name + "=" + std::to_string(*most + 1));
      }
      if (type == "boolean") refused(name + "=maybe");
      if (type != "array") refused(name + "=1&" + name + "=1");
      if (const auto most = json::find_integer(schema, "maxLength"))
        refused(name + "=" + std::string(static_cast<std::size_t>(*most) + 1, 'a'));
      if (operation.method == Method::get) {
        EXPECT_LT(send(operation, target + "?" + name + "=" + std::string(5000, 'a'), token, "").status, 500) << name;
      }
    }
  }

  void walk_body(const Described& operation, const std::string& target) {
    for (const auto& text : broken_texts()) {
      SCOPED_TRACE(text.substr(0, 40));
      expect_refused(send(operation, target, token, text), 400, "invalid_body", "Invalid request payload JSON format");
    }
    for (const auto& attack : attacks_on(operation.schema)) {
      if (!attack.is_refused) continue;
      SCOPED_TRACE(attack.body.substr(0, 200));
      const auto response = send(operation, target, token, attack.body);
      expect_refused(response, 400, "invalid_body", "");
      if (response.status == 400 && !attack.property.empty() && attack.body.size() < 1000) {
        EXPECT_THAT(of(response, "message"), HasSubstr(attack.property));
      }
    }
  }

  // What is in another tenant is what is not there.
  void walk_ids(const Described& operation) {
    const auto body = least_body(operation);
    const auto query = least_query(operation);
    const auto of_nobody = send(operation, filled(operation.path, {}) + query, token, body);
    const auto of_others = send(operation, filled(operation.path, foreign) + query, token, body);
    EXPECT_EQ(of_others.status, of_nobody.status) << of_others.body << of_nobody.body;
    EXPECT_LT(of_nobody.status, 500);
    if (operation.method == Method::get && operation.answers(404)) {
      EXPECT_EQ(of_others.status, 404) << of_others.body;
    }
    for (const std::string id : {"%00", "%ff", "..%2f..", "%25", "a%0d%0ab", "'%20or%201=1--"}) {
      auto path = operation.path;
      for (auto at = path.find('{'); at != std::string::npos; at = path.find('{', at))
        path.replace(at, path.find('}', at) + 1 - at, id);
      EXPECT_LT(send(operation, path, token, body).status, 500) << path;
    }
  }
};

TEST_F(OpenApiWalk, is_refused_in_the_words_of_the_contract_and_a_refusal_changes_nothing) {
  ASSERT_GT(operations.size(), 400u);
  const auto at_first = written();
  world.managed(Method::post, "roles", {{"name", "writer"}});
  ASSERT_GT(written(), at_first) << "a change would be seen";
  for (const auto& operation : operations) {
    SCOPED_TRACE(operation.name());
    const auto target = filled(operation.path, own);
    const auto before = written();
    walk_tokens(operation, target);
    walk_query(operation, target);
    if (operation.has_body) walk_body(operation, target);
    if (operation.path.find('{') != std::string::npos) walk_ids(operation);
    EXPECT_EQ(written(), before) << "a refusal wrote to the database";
  }
}

// What the schema allows may be taken, or be refused for what it says: it breaks nothing.
TEST_F(OpenApiWalk, is_not_broken_by_what_the_document_allows) {
  int sent = 0;
  for (const auto& operation : operations) {
    if (!operation.has_body) continue;
    SCOPED_TRACE(operation.name());
    const auto target = filled(operation.path, own);
    for (const auto& attack : attacks_on(operation.schema)) {
      if (attack.is_refused) continue;
      EXPECT_LT(send(operation, target, token, attack.body).status, 500) << attack.property << attack.body.substr(0, 100);
      ++sent;
    }
  }
  EXPECT_GT(sent, 100);
}

}  // namespace
}  // namespace segue::test
