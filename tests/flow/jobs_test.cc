// Users in and out by file: import and export jobs (contract §9.12), also where a server dies in the middle.
#include <gmock/gmock.h>

#include <atomic>

#include "openid.h"

namespace segue::test {
namespace {

using http::Method;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using namespace std::chrono_literals;

constexpr const char* kBcrypt = "$2b$04$";

class DyingCommits final : public sql::WriteFault {
 public:
  std::atomic<int> left = -1;  // commits before none comes through any more; negative: all do
  void before_commit() override {
    if (left == 0) throw std::runtime_error("the server died");
    if (left > 0) --left;
  }
};

struct Jobs : ::testing::Test {
  DyingCommits fault;
  World world{{.fault = &fault}};
  std::string connection_id = [this] {
    const auto found = world.managed(Method::get, std::string("connections?name=") + kPasswordRealm);
    return json::find_string(found.as_array().at(0).as_object(), "id").value_or("");
  }();

  static std::string part(const std::string& name, const std::string& value) {
    return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
  }
  http::Response upload(const std::string& body, const std::string& type = "multipart/form-data; boundary=b") {
    auto request = request_for(Method::post, "/api/v2/jobs/users-imports");
    request.headers.set("authorization", "Bearer " + world.management_token());
    request.headers.set("content-type", type);
    request.body = body + "--b--\r\n";
    return world.send(std::move(request));
  }
  http::Response import(const std::string& users, bool upsert = false) {
    return upload(part("users", users) + part("connection_id", connection_id) + part("upsert", upsert ? "true" : "false"));
  }
  std::string id_of(const http::Response& response) {
    return json::find_string(object_of(response), "id").value_or(response.body);
  }
  json::object job(const std::string& id) { return world.managed(Method::get, "jobs/" + id).as_object(); }
  json::object finished(const http::Response& begun) {
    world.work_on_jobs();
    return job(id_of(begun));
  }
  json::object summary(const json::object& job) { return json::object_or_empty(job, "summary"); }
  static json::object counted(int inserted, int updated, int failed) {
    return {{"failed", failed}, {"updated", updated}, {"inserted", inserted}, {"total", inserted + updated + failed}};
  }
  static std::string many(int count) {
    json::array out;
    for (int i = 0; i < count; ++i) out.push_back(json::object{{"email", "user" + std::to_string(i) + "@example.com"}});
    return json::write(out);
  }
  std::string message(const http::Response& response, int status = 400) {
    EXPECT_EQ(response.status, status) << response.body;
    return json::find_string(object_of(response), "message").value_or("");
  }
  std::int64_t users() {
    const auto page = world.managed(Method::get, "users?per_page=1&page=0&include_totals=true").as_object();
    return json::find_integer(page, "total").value_or(-1);
  }
  http::Response open(const std::string& location) {
    return world.send(request_for(Method::get, location.substr(std::string("https://tenant.example").size())));
  }
};

TEST_F(Jobs, bring_users_in_who_sign_in_with_the_passwords_they_had) {
  const auto hash = crypto::hash_password(crypto::Secret("Ada-L0velace"), {.operations = 1, .memory_bytes = 8192});
  const json::array file{
      json::object{{"email", "ada@example.com"},
                   {"user_id", "ada"},
                   {"email_verified", true},
                   {"given_name", "Ada"},
                   {"user_metadata", json::object{{"plan", "gold"}}},
                   {"custom_password_hash", json::object{{"algorithm", "argon2"}, {"hash", json::object{{"value", hash}}}}}}};
  const auto begun = import(json::write(file));
  EXPECT_EQ(begun.status, 202);
  const auto pending = object_of(begun);
  EXPECT_EQ(json::find_string(pending, "status"), "pending");
  EXPECT_EQ(json::find_string(pending, "type"), "users_import");
  EXPECT_EQ(json::find_string(pending, "connection"), kPasswordRealm);
  EXPECT_TRUE(id_of(begun).starts_with("job_"));
  const auto done = finished(begun);
  EXPECT_EQ(json::find_string(done, "status"), "completed");
  EXPECT_EQ(summary(done), counted(1, 0, 0));
  EXPECT_EQ(world.manage(Method::get, "jobs/" + id_of(begun) + "/errors").status, 204);
  const auto ada = world.managed(Method::get, "users/auth0%7Cada").as_object();
  EXPECT_EQ(json::find_string(ada, "given_name"), "Ada");
  EXPECT_EQ(json::find_bool(ada, "email_verified"), true);
  const auto native = world.native_client();
  EXPECT_EQ(world.password_tokens(native, {"auth0|ada", "ada@example.com", "Ada-L0velace"}).status, 200);
  EXPECT_EQ(world.password_tokens(native, {"auth0|ada", "ada@example.com", "other"}).status, 403);
}

TEST_F(Jobs, say_of_each_user_what_was_wrong_and_show_no_hash) {
  const auto done =
      import(R"([{"email":"ok@example.com"},{"email":"ok@example.com"},{"name":"nobody"},{"email":"x@example.com","shoe":4},
      {"email":"y@example.com","password_hash":"md5"},
      {"email":"z@example.com","custom_password_hash":{"algorithm":"sha1","hash":{"value":"secret"}}},7])");
  EXPECT_EQ(summary(finished(done)), counted(1, 0, 6));
  const auto errors = world.managed(Method::get, "jobs/" + id_of(done) + "/errors").as_array();
  ASSERT_EQ(errors.size(), 6u);
  const auto first_error = [&](std::size_t i, std::string_view member) {
    return json::find_string(errors[i].as_object().at("errors").as_array().at(0).as_object(), member).value_or("");
  };
  EXPECT_EQ(first_error(0, "code"), "DUPLICATED_USER");
  EXPECT_THAT(first_error(1, "message"), HasSubstr("Missing required property: email"));
  EXPECT_THAT(first_error(2, "message"), HasSubstr("Additional properties not allowed: shoe"));
  EXPECT_THAT(first_error(3, "message"), HasSubstr("bcrypt"));
  EXPECT_THAT(first_error(4, "message"), HasSubstr("No enum match"));
  EXPECT_EQ(json::write(errors).find("secret"), std::string::npos);
  EXPECT_EQ(json::write(errors).find("md5"), std::string::npos);
}

TEST_F(Jobs, update_users_where_that_is_wanted_and_keep_their_passwords) {
  const auto ada = world.create_user("ada@example.com", {{"user_metadata", json::object{{"a", 1}, {"b", 2}}}});
  const auto file = R"([{"email":"ADA@example.com","name":"Countess","blocked":true,"user_metadata":{"b":3},"password_hash":")" +
                    std::string(kBcrypt) + std::string(53, 'a') + R"("}])";
  EXPECT_EQ(summary(finished(import(file))), counted(0, 0, 1));
  EXPECT_EQ(summary(finished(import(file, true))), counted(0, 1, 0));
  const auto stored = world.managed(Method::get, "users/" + base::percent_encode(ada.user_id)).as_object();
  EXPECT_EQ(json::find_string(stored, "email"), "ada@example.com");
  EXPECT_EQ(json::find_string(stored, "name"), "Countess");
  EXPECT_EQ(stored.at("user_metadata"), (json::object{{"a", 1}, {"b", 3}}));
  EXPECT_EQ(json::find_bool(stored, "blocked"), true);
  world.managed(Method::patch, "users/" + base::percent_encode(ada.user_id), {{"blocked", false}});
  EXPECT_EQ(world.password_tokens(world.native_client(), ada).status, 200);
}

TEST_F(Jobs, lose_nothing_that_was_answered_when_the_server_dies_in_the_middle) {
  const auto begun = import(many(170));
  ASSERT_EQ(begun.status, 202);
  // The job is taken, two steps of fifty are committed, and the third dies.
  fault.left = 3;
  EXPECT_THROW(world.work_on_jobs(), sql::Unavailable);
  fault.left = -1;
  EXPECT_EQ(users(), 100);
  EXPECT_EQ(json::find_string(job(id_of(begun)), "status"), "processing");
  auto& other = world.add_node();
  world.work_on_jobs(&other);
  EXPECT_EQ(users(), 100) << "somebody may still be working on it";
  world.clock.advance(61s);
  world.work_on_jobs(&other);
  EXPECT_EQ(users(), 170);
  EXPECT_EQ(summary(job(id_of(begun))), counted(170, 0, 0));
}

TEST_F(Jobs, refuse_what_is_no_file_of_users) {
  const auto users = part("users", "[]"), connection = part("connection_id", connection_id);
  EXPECT_EQ(message(upload(connection)), "Must provide 'users' file as multipart part");
  EXPECT_EQ(message(upload(users)), "Must provide 'connection_id' as multipart part");
  EXPECT_EQ(message(upload(part("users", " ") + connection)), "Users file must not be empty");
  EXPECT_EQ(message(upload(users + part("connection_id", "con_none"))), "The connection does not exist");
  EXPECT_EQ(message(upload(users + connection, "application/json")),
            "Payload validation error: 'Invalid multipart payload format'");
  EXPECT_EQ(message(upload(users + users + connection)), "Payload validation error: 'Invalid multipart payload format'");
  EXPECT_THAT(message(upload(users + connection + part("colour", "red"))), HasSubstr("not allowed: colour"));
  EXPECT_THAT(message(upload(users + connection + part("upsert", "1"))), HasSubstr("upsert"));
  EXPECT_THAT(message(upload(part("users", "{}") + connection)), HasSubstr("JSON array"));
  EXPECT_EQ(message(upload(part("users", std::string(512'001, ' ')) + connection), 413),
            "Payload content length greater than maximum allowed: 512000");
  for (int i = 0; i < 2; ++i) EXPECT_EQ(upload(users + connection).status, 202);
  EXPECT_THAT(message(upload(users + connection), 429), HasSubstr("2 active import users jobs"));
  EXPECT_EQ(world.manage(Method::get, "jobs/job_none").status, 404);
  EXPECT_EQ(world.manage(Method::get, "jobs/job_none/errors").status, 404);
}

TEST_F(Jobs, hand_users_out_under_a_link_that_works_once) {
  finished(import(many(3)));
  const auto begun = world.manage(
      Method::post, "jobs/users-exports",
      {{"format", "json"},
       {"fields",
        json::array{json::object{{"name", "email"}}, json::object{{"name", "identities.connection"}, {"export_as", "from"}}}}});
  EXPECT_EQ(begun.status, 200);
  EXPECT_EQ(json::find(object_of(begun), "location"), nullptr);
  const auto first = json::find_string(finished(begun), "location").value_or("");
  ASSERT_TRUE(first.starts_with("https://tenant.example/exports/job_")) << first;
  const auto second = json::find_string(job(id_of(begun)), "location").value_or("");
  EXPECT_EQ(open(first).status, 404) << "only the last link counts";
  EXPECT_EQ(open(second.substr(0, second.size() - 1) + "_").status, 404);
  const auto file = open(second);
  EXPECT_EQ(file.status, 200);
  EXPECT_EQ(header_of(file, "content-type"), "application/x-ndjson; charset=utf-8");
  EXPECT_EQ(header_of(file, "cache-control"), "no-store");
  EXPECT_EQ(base::split(file.body, '\n').size(), 3u);
  EXPECT_THAT(file.body, HasSubstr(R"({"email":"user1@example.com","from":"Username-Password-Authentication"})"));
  EXPECT_EQ(open(second).status, 404) << "once";
  const auto third = json::find_string(job(id_of(begun)), "location").value_or("");
  world.clock.advance(61s);
  EXPECT_EQ(open(third).status, 404) << "and for a minute";
  world.clock.advance(24h);
  world.work_on_jobs();
  EXPECT_EQ(world.manage(Method::get, "jobs/" + id_of(begun)).status, 404) << "the file is not kept for ever";
}

TEST_F(Jobs, know_a_linked_identity_by_its_user_only) {
  const auto ada = world.create_user();
  const auto bea = world.create_user("bea@example.com");
  world.managed(Method::post, "users/" + base::percent_encode(ada.user_id) + "/identities",
                {{"provider", "auth0"}, {"user_id", bea.user_id.substr(bea.user_id.find('|') + 1)}});
  const auto begun = world.manage(
      Method::post, "jobs/users-exports",
      {{"format", "json"},
       {"fields", json::array{json::object{{"name", "email"}}, json::object{{"name", "identities.profileData.email"}}}}});
  const auto file = open(json::find_string(finished(begun), "location").value_or(""));
  EXPECT_EQ(file.body, "{\"email\":\"ada@example.com\",\"identities.profileData.email\":\"bea@example.com\"}\n");
  for (const bool upsert : {false, true}) {
    const auto job = finished(import(R"([{"email": "bea@example.com", "name": "x"}])", upsert));
    EXPECT_EQ(summary(job), counted(0, 0, 1)) << "the address is taken, and its user is not the file's to change";
  }
  EXPECT_EQ(users(), 1);
}

TEST_F(Jobs, write_csv_that_no_table_program_runs) {
  world.create_user("ada@example.com", {{"name", "=HYPERLINK(\"x\")"}});
  const auto begun = world.manage(
      Method::post, "jobs/users-exports",
      {{"format", "csv"},
       {"limit", 1},
       {"connection_id", connection_id},
       {"fields", json::array{json::object{{"name", "name"}}, json::object{{"name", "email"}, {"export_as", "mail"}}}}});
  const auto file = open(json::find_string(finished(begun), "location").value_or(""));
  EXPECT_EQ(file.body, "\"name\",\"mail\"\r\n\"'=HYPERLINK(\"\"x\"\")\",\"ada@example.com\"\r\n");
  EXPECT_THAT(message(world.manage(Method::post, "jobs/users-exports", {{"connection_id", "con_none"}})),
              HasSubstr("does not exist"));
  EXPECT_THAT(message(world.manage(Method::post, "jobs/users-exports",
                                   {{"fields", json::array{json::object{{"name", "password_hash"}}}}})),
              HasSubstr("password_hash"));
}

}  // namespace
}  // namespace segue::test
