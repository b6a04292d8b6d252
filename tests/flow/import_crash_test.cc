// kill -9 in the middle of an import (contract §9.12): what the job had answered for is there, the rest comes after the restart,
// and nobody comes twice.
#include "crash.h"

namespace segue::test {
namespace {

using namespace std::chrono_literals;

constexpr int kUsers = 300;
constexpr int kKills = 3;

struct ImportCrash : Crash {
  std::string import() {
    json::array users;
    for (int i = 0; i < kUsers; ++i) users.push_back(json::object{{"email", "imported" + std::to_string(i) + "@example.com"}});
    const auto connection = get("connections?name=" + std::string(kPasswordRealm)).as_array().at(0).at("id");
    const auto part = [](const std::string& name, const std::string& value) {
      return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
    };
    auto request = request_for(http::Method::post, "/api/v2/jobs/users-imports");
    request.headers.set("authorization", "Bearer " + deployment->management_token(*server));
    request.headers.set("content-type", "multipart/form-data; boundary=b");
    request.body = part("users", json::write(users)) + part("connection_id", std::string(connection.as_string())) + "--b--\r\n";
    const auto answer = server->send(request);
    EXPECT_EQ(answer.status, 202) << answer.body;
    return json::find_string(object_of(answer), "id").value_or("");
  }
  json::value get(const std::string& path) const { return deployment->managed(*server, http::Method::get, path); }
  std::int64_t imported() const { return get("users?q=email:imported*&per_page=1&include_totals=true").at("total").as_int64(); }
  // Asks again until it holds; the test's time limit is the limit.
  template <class Condition>
  static void wait_until(Condition condition) {
    while (!condition()) std::this_thread::yield();
  }
};
INSTANTIATE_TEST_SUITE_P(Kill, ImportCrash,
                         ::testing::Combine(::testing::Values(Engine::sqlite, Engine::postgres), ::testing::Values("import")),
                         kill_name);

TEST_P(ImportCrash, loses_nobody_and_doubles_nobody) {
  const auto job = import();
  for (int kill = 0; kill < kKills; ++kill) {
    const auto before = imported();
    wait_until([&] { return imported() > before || imported() == kUsers; });
    const auto seen = imported();
    server->kill();
    server = deployment->start();
    EXPECT_GE(imported(), seen) << "what was seen is there";
    server->advance(61s);  // beyond the lease of the one that died
  }
  wait_until([&] { return get("jobs/" + job).at("status").as_string() == "completed"; });
  EXPECT_EQ(imported(), kUsers);
  const auto summary = get("jobs/" + job).at("summary");
  EXPECT_EQ(summary.at("inserted").as_int64(), kUsers);
  EXPECT_EQ(summary.at("failed").as_int64(), 0);
}

}  // namespace
}  // namespace segue::test
