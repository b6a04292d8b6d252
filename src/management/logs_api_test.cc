#include "management/logs_api.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "audit/event.h"
#include "audit/log_indexer.h"
#include "store/schema.h"
#include "support/manual_clock.h"
#include "support/seeded_random.h"

namespace segue::management {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

struct Answer {
  int status = 0;
  json::value body;
  std::string link;
  std::string refusal;
  const json::array& rows() const { return body.get_array(); }
};

class LogsApi : public ::testing::Test {
 protected:
  LogsApi() {
    sql::migrate(*database_, store::migrations());
    const auto created = tenancy::create_tenant(store_, key_file_, random_, clock_.now(), {.domain = "id.example.com"});
    EXPECT_TRUE(created.ok());
    tenants_ = std::make_unique<tenancy::Tenants>(store_, key_file_);
    tenant_ = tenants_->list().front();
    mails_ = std::make_unique<mail::Outbox>(*tenants_, key_file_, clock_, random_, nullptr, "", outbound::Options{}, 1);
    services_ = std::make_unique<Services>(
        Services{*tenants_, key_file_, clock_, random_, geoip_, no_actions_, no_triggers_, *mails_, txt_records_});
    audit::LogIndexer(store_, clock_).run_once(tenant_);
  }

  void log(const std::string& type, const std::string& client_id, const std::string& transfer_id = "") {
    clock_.advance(std::chrono::milliseconds(10));
    store_.write(tenant_, [&](const store::Writer& w) {
      audit::append(w, {.type = type, .client_id = client_id, .transfer_id = transfer_id}, clock_.now());
      return true;
    });
    audit::LogIndexer(store_, clock_).run_once(tenant_);
  }

  Answer call(const Operation& operation, const std::string& query, const std::string& id = "") {
    const auto parameters = http::Parameters::parse(query);
    auto read = read_query(operation.query, parameters.value());
    if (!read.ok()) return {.status = 400, .refusal = read.error().description};
    const http::Request request;
    http::Call call{.request = request, .tenant = tenant_, .domain = "id.example.com", .path_parameters = {{"id", id}}};
    Invocation invocation{.operation = operation, .call = call, .now = clock_.now(), .tenant = tenants_->snapshot(tenant_)};
    invocation.query = std::move(*read);
    const auto response = operation.handler(*services_, invocation);
    if (!response.ok())
      return {.status = response.error().kind == base::ErrorKind::not_found ? 404 : 400, .refusal = response.error().description};
    return {.status = response->status,
            .body = json::parse(response->body).value(),
            .link = std::string(response->headers.find("link").value_or(""))};
  }
  Answer list(const std::string& query) { return call(*log_operations()[0], query); }
  Answer get(const std::string& id) { return call(*log_operations()[1], "", id); }

  static std::vector<std::string> clients(const json::array& rows) {
    std::vector<std::string> out;
    for (const auto& row : rows) out.push_back(json::find_string(row.get_object(), "client_id").value_or(""));
    return out;
  }

  test::ManualClock clock_;
  test::SeededRandom random_;
  geoip::GeoIp geoip_;
  NoActionsDesk no_actions_;
  connections::NoAccountTriggers no_triggers_;
  std::unique_ptr<sql::Database> database_ = sql::open_database("sqlite::memory:");
  base::IdGenerator ids_{clock_, 1, base::Instant{}};
  store::Store store_{*database_, ids_};
  tenancy::KeyFile key_file_ = tenancy::KeyFile::generate(random_);
  std::unique_ptr<tenancy::Tenants> tenants_;
  base::TenantId tenant_{};
  std::unique_ptr<mail::Outbox> mails_;
  outbound::DnsTxt txt_records_{outbound::DnsTxt::Options{}};  // never asked
  std::unique_ptr<Services> services_;
};

TEST_F(LogsApi, lists_newest_first_and_searches) {
  log("s", "a");
  log("sertft", "b", "transfer");
  log("f", "c");
  EXPECT_THAT(clients(list("q=client_id:(a+OR+b+OR+c)").rows()), ElementsAre("c", "b", "a"));
  EXPECT_THAT(clients(list("q=client_id:(a+OR+b+OR+c)&sort=date:1").rows()), ElementsAre("a", "b", "c"));
  EXPECT_THAT(clients(list("sort=date:-1&page=1&per_page=1").rows()), ElementsAre("b"));
  EXPECT_THAT(clients(list("search=type:f").rows()), ElementsAre("c"));
  EXPECT_THAT(list("q=details.x:1").refusal, HasSubstr("Logs cannot be searched by details.x"));
  EXPECT_THAT(list("sort=ip:1").refusal, HasSubstr("date:1 or date:-1"));
  EXPECT_EQ(list("page=11&per_page=100").status, 400);
  EXPECT_THAT(list("page=10&per_page=100").rows(), SizeIs(0));
  EXPECT_EQ(list("per_page=101").status, 400);
}

TEST_F(LogsApi, shows_records_as_the_contract_orders_them) {
  log("sertft", "b", "transfer");
  const auto record = list("q=client_id:b").rows().at(0).get_object();
  const auto log_id = json::find_string(record, "log_id").value_or("");
  EXPECT_EQ(log_id.size(), 56u);
  EXPECT_EQ(json::find_string(record, "_id"), log_id);
  EXPECT_EQ(json::find_string(record, "id"), log_id);
  EXPECT_EQ(json::find_string(record, "transfer_id"), "transfer");
  std::vector<std::string> last;
  for (const auto& member : record) last.emplace_back(member.key());
  last.erase(last.begin(), last.end() - 7);
  EXPECT_THAT(last, ElementsAre("$event_schema", "log_id", "tenant_name", "_id", "isMobile", "id", "transfer_id"));
  EXPECT_EQ(get(log_id).body.get_object(), record);
  EXPECT_EQ(get("900").refusal, "Log not found.");
  EXPECT_EQ(get("900").status, 404);
}

TEST_F(LogsApi, lists_what_happened_to_one_user) {
  log("s", "a");
  clock_.advance(std::chrono::milliseconds(10));
  store_.write(tenant_, [&](const store::Writer& w) {
    audit::append(w, {.type = "s", .client_id = "b", .user_id = "auth0|ada"}, clock_.now());
    return true;
  });
  audit::LogIndexer(store_, clock_).run_once(tenant_);
  const auto& of_user = *log_operations()[2];
  EXPECT_THAT(clients(call(of_user, "", "auth0|ada").rows()), ElementsAre("b"));
  EXPECT_THAT(call(of_user, "", "auth0|nobody").rows(), SizeIs(0));
  EXPECT_EQ(json::find_integer(call(of_user, "include_totals=true&per_page=5", "auth0|ada").body.get_object(), "limit"), 5);
}

TEST_F(LogsApi, counts_the_page_in_the_envelope) {
  for (const auto* const client : {"a", "b", "c"}) log("s", client);
  const auto body = list("q=type:s&include_totals=true&per_page=2&page=1").body.get_object();
  EXPECT_EQ(json::find_integer(body, "start"), 2);
  EXPECT_EQ(json::find_integer(body, "limit"), 2);
  EXPECT_EQ(json::find_integer(body, "length"), 1);
  EXPECT_EQ(json::find_integer(body, "total"), 1);
  EXPECT_THAT(clients(json::find(body, "logs")->get_array()), ElementsAre("a"));
}

TEST_F(LogsApi, filters_members) {
  log("s", "a");
  const auto some = list("q=client_id:a&fields=type,log_id").rows().at(0).get_object();
  EXPECT_EQ(some.size(), 2u);
  const auto rest = list("q=client_id:a&fields=type,log_id&include_fields=false").rows().at(0).get_object();
  EXPECT_EQ(json::find(rest, "type"), nullptr);
  EXPECT_NE(json::find(rest, "date"), nullptr);
  EXPECT_EQ(list("fields=nonsense").status, 400);
}

TEST_F(LogsApi, continues_from_a_checkpoint) {
  EXPECT_EQ(list("take=2").link, "<https://id.example.com/api/v2/logs?take=2>; rel=\"next\"");
  for (const auto* const client : {"a", "b", "c"}) log("s", client);
  const auto first = list("take=2&q=ignored:too&sort=x&page=9");
  EXPECT_THAT(clients(first.rows()), ElementsAre("a", "b"));
  const auto last_id = json::find_string(first.rows().at(1).get_object(), "log_id").value_or("");
  EXPECT_EQ(first.link, "<https://id.example.com/api/v2/logs?take=2&from=" + last_id + ">; rel=\"next\"");
  const auto second = list("take=2&from=" + last_id);
  EXPECT_THAT(clients(second.rows()), ElementsAre("c"));
  const auto c_id = json::find_string(second.rows().at(0).get_object(), "log_id").value_or("");
  const auto third = list("from=" + c_id);
  EXPECT_THAT(third.rows(), SizeIs(0));
  EXPECT_EQ(third.link, "<https://id.example.com/api/v2/logs?take=50&from=" + c_id + ">; rel=\"next\"");
  EXPECT_EQ(list("from=nonsense").status, 400);
}

}  // namespace
}  // namespace segue::management
