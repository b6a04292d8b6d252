// Log streams (contract §7.3): what a webhook is sent, and what happens when it fails.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "base/text.h"
#include "store/log_streams.h"
#include "support/called_server.h"
#include "support/handoff.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr const char* kReceiver = "receiver.example.com";

// A webhook: answers as told, and keeps what it was sent.
struct Webhook {
  std::atomic<int> status{200};
  CalledServer server{[this](const http::Request&) { return http::empty_response(status); }, {kReceiver}};
  std::string url(const std::string& path = "/logs") const { return server.url(path, kReceiver); }
  std::vector<json::object> events() const {
    std::vector<json::object> out;
    for (const auto& request : server.requests()) {
      for (const auto& line : base::split(request.body, '\n')) out.push_back(json::parse(line).value().as_object());
    }
    return out;
  }
  std::vector<std::string> types() const {
    std::vector<std::string> out;
    for (const auto& event : events()) out.push_back(text_of(event.at("data").as_object(), "type"));
    return out;
  }
};

WorldOptions calling(const Webhook& webhook) {
  WorldOptions out;
  out.product.outbound = {.allow_private = true, .ca_file = webhook.server.ca_file()};
  out.product.outbound.time_limit = 500ms;
  out.product.outbound.names = {std::string(kReceiver) + ":" + std::to_string(webhook.server.port()) + ":127.0.0.1"};
  return out;
}

struct LogStreams : testing::Test {
  Webhook webhook;
  World world{calling(webhook)};

  json::object sink(json::object more = {}) {
    json::object out{{"httpEndpoint", webhook.url()}};
    for (auto& member : more) out[member.key()] = member.value();
    return out;
  }
  std::string create(json::object more = {}, json::object more_of_sink = {}) {
    json::object body{{"name", "siem"}, {"type", "http"}, {"sink", sink(std::move(more_of_sink))}};
    for (auto& member : more) body[member.key()] = member.value();
    world.clock.advance(1s);
    return text_of(world.managed(http::Method::post, "log-streams", body).as_object(), "id");
  }
  json::object get(const std::string& id) { return world.managed(http::Method::get, "log-streams/" + id).as_object(); }
  json::object health(const std::string& id) {
    return world.managed(http::Method::get, "segue/log-streams/" + id + "/health").as_object();
  }
  void patch(const std::string& id, json::object body) {
    world.managed(http::Method::patch, "log-streams/" + id, std::move(body));
  }
  void deliver() {
    world.clock.advance(10ms);
    world.deliver_logs();
  }
  json::object refused(json::object body) {
    const auto response = world.manage(http::Method::post, "log-streams", body);
    EXPECT_EQ(response.status, 400);
    return object_of(response);
  }
};

TEST_F(LogStreams, a_webhook_is_sent_every_row_once_with_its_headers) {
  const auto id = create({}, {{"httpAuthorization", "Bearer of-the-siem"},
                              {"httpContentType", "application/x-ndjson"},
                              {"httpCustomHeaders", json::array{json::object{{"header", "X-Tenant"}, {"value", "acme"}}}}});
  const auto ada = world.create_user();
  deliver();
  const auto request = webhook.server.requests().at(0);
  EXPECT_EQ(request.path, "/logs");
  EXPECT_EQ(request.headers.find("authorization"), "Bearer of-the-siem");
  EXPECT_EQ(request.headers.find("content-type"), "application/x-ndjson");
  EXPECT_EQ(request.headers.find("x-tenant"), "acme");
  const auto events = webhook.events();
  std::set<std::string> ids;
  for (const auto& event : events) {
    const auto& data = event.at("data").as_object();
    EXPECT_EQ(text_of(event, "log_id"), text_of(data, "log_id"));
    EXPECT_NE(text_of(data, "tenant_name"), "");
    ids.insert(text_of(event, "log_id"));
  }
  EXPECT_EQ(ids.size(), events.size());
  EXPECT_THAT(webhook.types(), Contains("sapi"));
  const auto before = webhook.events().size();
  deliver();
  EXPECT_EQ(webhook.events().size(), before);
  EXPECT_EQ(text_of(health(id), "health"), "ok");
}

TEST_F(LogStreams, the_api_shows_a_stream_as_tools_expect_it) {
  const auto id = create({{"filters", json::array{json::object{{"type", "category"}, {"name", "auth.login.fail"}}}}},
                         {{"httpAuthorization", "Bearer of-the-siem"}});
  EXPECT_TRUE(id.starts_with("lst_"));
  const auto shown = get(id);
  EXPECT_EQ(text_of(shown, "name"), "siem");
  EXPECT_EQ(text_of(shown, "type"), "http");
  EXPECT_EQ(text_of(shown, "status"), "active");
  EXPECT_EQ(json::find_bool(shown, "isPriority"), false);
  EXPECT_EQ(text_of(shown.at("sink").as_object(), "httpAuthorization"), "Bearer of-the-siem");
  EXPECT_EQ(text_of(shown.at("sink").as_object(), "httpContentFormat"), "JSONLINES");
  EXPECT_EQ(world.managed(http::Method::get, "log-streams").as_array().size(), 1u);
  // What was shown can be sent back, but for what never changes.
  auto again = shown;
  again.erase("id");
  again.erase("type");
  patch(id, again);
  EXPECT_EQ(get(id), shown);
  EXPECT_EQ(world.manage(http::Method::patch, "log-streams/" + id, json::object{{"type", "http"}}).status, 400);
  patch(id, {{"pii_config", json::object{{"log_fields", json::array{"email"}}, {"method", "mask"}}}, {"name", "other"}});
  EXPECT_EQ(text_of(get(id), "name"), "other");
  EXPECT_EQ(world.manage(http::Method::delete_, "log-streams/" + id).status, 204);
  EXPECT_EQ(world.manage(http::Method::delete_, "log-streams/" + id).status, 404);
  const auto gone = object_of(world.manage(http::Method::get, "log-streams/" + id));
  EXPECT_EQ(text_of(gone, "message"), "The log stream does not exist.");
}

TEST_F(LogStreams, secrets_are_sealed_and_showing_them_is_logged) {
  const auto id = create({}, {{"httpAuthorization", "Bearer of-the-siem"}});
  const auto stored = world.node().product().store().read(
      world.tenant(), [&](const store::Reader& r) { return store::log_streams::find(r, id); });
  ASSERT_TRUE(stored);
  EXPECT_THAT(json::write(stored->document), Not(HasSubstr("of-the-siem")));
  EXPECT_THAT(stored->sealed_secrets, Not(HasSubstr("of-the-siem")));
  get(id);
  EXPECT_THAT(world.logs("type:mgmt_api_read"), SizeIs(1));
  for (const auto& row : world.logs()) EXPECT_THAT(json::write(row), Not(HasSubstr("of-the-siem")));
}

TEST_F(LogStreams, what_cannot_be_served_is_refused_with_the_reason) {
  const auto message = [&](json::object body) { return text_of(refused(std::move(body)), "message"); };
  EXPECT_THAT(message({{"type", "datadog"}, {"sink", json::object{{"datadogApiKey", "k"}, {"datadogRegion", "us"}}}}),
              HasSubstr("only http is served here"));
  EXPECT_THAT(message({{"type", "http"}, {"sink", json::object{}}}), HasSubstr("httpEndpoint"));
  EXPECT_THAT(message({{"type", "http"}, {"sink", json::object{{"httpEndpoint", "http://siem.example.com/"}}}}),
              HasSubstr("https"));
  EXPECT_THAT(message({{"type", "http"}, {"sink", json::object{{"httpEndpoint", "https://a:b@siem.example.com/"}}}}),
              HasSubstr("httpAuthorization"));
  EXPECT_THAT(message({{"type", "http"}, {"sink", sink({{"httpAuthorization", "a\r\nX-Forged: b"}})}}), HasSubstr("one line"));
  const auto header = [&](const char* name, const char* value) {
    return message({{"type", "http"},
                    {"sink", sink({{"httpCustomHeaders", json::array{json::object{{"header", name}, {"value", value}}}}})}});
  };
  EXPECT_THAT(header("X Y", "a"), HasSubstr("no header that can be sent"));
  EXPECT_THAT(header("X", "a\nb"), HasSubstr("no header that can be sent"));
  EXPECT_THAT(header("Transfer-Encoding", "chunked"), HasSubstr("set by the server"));
  EXPECT_THAT(message({{"type", "http"}, {"sink", sink({{"splunkToken", "x"}})}}), HasSubstr("splunkToken"));
  EXPECT_THAT(message({{"type", "http"}, {"sink", sink()}, {"startFrom", "yesterday"}}), HasSubstr("ISO 8601"));
  EXPECT_THAT(
      message({{"type", "http"}, {"sink", sink()}, {"filters", json::array{json::object{{"type", "category"}, {"name", "x"}}}}}),
      HasSubstr("No enum match"));
  EXPECT_THAT(message({{"type", "http"}, {"sink", sink()}, {"pii_config", json::object{{"log_fields", json::array{"iban"}}}}}),
              HasSubstr("No enum match"));
}

TEST_F(LogStreams, a_private_receiver_is_refused_unless_the_operator_allows_it) {
  World closed;
  for (const auto* url :
       {"https://localhost/x", "https://127.0.0.1/x", "https://10.0.0.1/", "https://siem.internal/", "https://[::1]/"}) {
    const auto response = closed.manage(http::Method::post, "log-streams",
                                        json::object{{"type", "http"}, {"sink", json::object{{"httpEndpoint", url}}}});
    EXPECT_EQ(response.status, 400) << url;
    EXPECT_THAT(response.body, HasSubstr("public host")) << url;
  }
}

TEST_F(LogStreams, filters_choose_the_categories_that_are_sent) {
  create({{"filters", json::array{json::object{{"type", "category"}, {"name", "auth.token_exchange.success"}}}}});
  const auto native = world.native_client();
  const auto ada = world.create_user();
  ASSERT_EQ(world.password_tokens(native, ada).status, 200);
  deliver();
  EXPECT_THAT(webhook.types(), Contains("sepft").Times(1));
  EXPECT_THAT(webhook.types(), Not(Contains("sapi")));
}

TEST_F(LogStreams, personal_data_is_masked_or_hashed) {
  const auto masking = create({{"pii_config", json::object{{"log_fields", json::array{"email"}}, {"method", "mask"}}}});
  const auto native = world.native_client();
  const auto ada = world.create_user();
  ASSERT_EQ(world.password_tokens(native, ada).status, 200);
  deliver();
  std::string sent;
  for (const auto& request : webhook.server.requests()) sent += request.body;
  EXPECT_THAT(sent, HasSubstr(R"("user_name":"*****")"));
  EXPECT_THAT(sent, Not(HasSubstr(ada.email)));
}

TEST_F(LogStreams, formats_arrays_and_single_objects) {
  create({}, {{"httpContentFormat", "JSONARRAY"}});
  world.native_client();
  deliver();
  const auto array = json::parse(webhook.server.requests().at(0).body).value();
  ASSERT_TRUE(array.is_array());
  const auto events = array.as_array().size();
  EXPECT_GT(events, 0u);
  const auto calls = webhook.server.requests().size();
  create({}, {{"httpContentFormat", "JSONOBJECT"}});
  world.native_client();
  deliver();
  const auto requests = webhook.server.requests();
  int objects = 0;
  for (auto i = calls; i < requests.size(); ++i) objects += json::parse(requests[i].body).value().is_object() ? 1 : 0;
  EXPECT_GT(objects, 1);
}

TEST_F(LogStreams, a_receiver_that_fails_is_tried_again_and_loses_nothing) {
  const auto id = create();
  webhook.status = 500;
  world.native_client();
  deliver();
  EXPECT_THAT(webhook.server.requests(), SizeIs(1));
  EXPECT_EQ(text_of(health(id), "health"), "ok");
  deliver();
  EXPECT_THAT(webhook.server.requests(), SizeIs(1)) << "it rests";
  for (const auto pause : {1s, 5s}) {
    world.clock.advance(pause);
    deliver();
  }
  EXPECT_THAT(webhook.server.requests(), SizeIs(3));
  EXPECT_EQ(text_of(health(id), "health"), "error");
  EXPECT_THAT(text_of(health(id), "error"), HasSubstr("answered 500"));
  webhook.status = 204;
  world.clock.advance(31s);
  const auto failed = webhook.server.requests().size();
  deliver();
  const auto requests = webhook.server.requests();
  ASSERT_GT(requests.size(), failed);
  EXPECT_THAT(requests[failed].body, HasSubstr(requests[0].body)) << "the first rows are sent again";
  EXPECT_EQ(text_of(health(id), "health"), "ok");
  EXPECT_EQ(text_of(health(id), "error"), "");
}

TEST_F(LogStreams, a_receiver_that_stalls_holds_no_other_up) {
  const auto stalls = create({}, {{"httpEndpoint", webhook.url("/hold")}});
  const auto works = create();
  world.native_client();
  world.deliver_logs();
  std::set<std::string> paths;
  for (const auto& request : webhook.server.requests()) paths.insert(request.path);
  EXPECT_THAT(paths, Contains("/logs"));
  EXPECT_EQ(text_of(health(works), "error"), "");
  EXPECT_EQ(text_of(health(stalls), "error"), "there was no answer in time");
}

TEST_F(LogStreams, seven_days_of_failure_suspend_a_stream_and_an_administrator_starts_it_again) {
  const auto id = create();
  webhook.status = 503;
  world.native_client();
  deliver();
  world.clock.advance(std::chrono::hours(24 * 7 - 1));
  deliver();
  EXPECT_EQ(text_of(get(id), "status"), "active");
  world.clock.advance(std::chrono::hours(2));
  deliver();
  EXPECT_EQ(text_of(get(id), "status"), "suspended");
  const auto rows = world.logs("type:w");
  ASSERT_THAT(rows, SizeIs(1));
  EXPECT_EQ(detail_of(rows[0], "log_stream_id"), id);
  const auto calls = webhook.server.requests().size();
  world.clock.advance(std::chrono::hours(24));
  deliver();
  EXPECT_THAT(webhook.server.requests(), SizeIs(calls));
  webhook.status = 200;
  patch(id, {{"status", "active"}});
  deliver();
  EXPECT_GT(webhook.server.requests().size(), calls);
  EXPECT_EQ(text_of(health(id), "health"), "ok");
}

TEST_F(LogStreams, a_paused_stream_goes_on_where_it_stopped) {
  const auto id = create({{"filters", json::array{json::object{{"type", "category"}, {"name", "auth.token_exchange.success"}}}}});
  const auto native = world.native_client();
  const auto ada = world.create_user();
  patch(id, {{"status", "paused"}});
  ASSERT_EQ(world.password_tokens(native, ada).status, 200);
  deliver();
  EXPECT_THAT(webhook.server.requests(), SizeIs(0));
  patch(id, {{"status", "active"}});
  deliver();
  EXPECT_THAT(webhook.types(), Contains("sepft").Times(1));
}

TEST_F(LogStreams, begins_with_its_creation_or_where_it_is_told_to) {
  const auto native = world.native_client();
  const auto ada = world.create_user();
  ASSERT_EQ(world.password_tokens(native, ada).status, 200);
  const auto only_exchanges = json::array{json::object{{"type", "category"}, {"name", "auth.token_exchange.success"}}};
  create({{"filters", only_exchanges}});
  deliver();
  EXPECT_THAT(webhook.types(), Not(Contains("sepft")));
  create({{"filters", only_exchanges}, {"startFrom", "2000-01-01T00:00:00.000Z"}});
  deliver();
  EXPECT_THAT(webhook.types(), Contains("sepft"));
}

TEST_F(LogStreams, a_node_that_died_with_rows_under_way_leaves_them_to_another) {
  const auto id = create();
  world.native_client();
  world.clock.advance(10ms);
  world.logs();
  // It took the stream, and was never heard of again.
  const auto now = world.clock.now();
  ASSERT_TRUE(world.node().product().store().write(
      world.tenant(), [&](const store::Writer& w) { return store::log_streams::take(w, id, now, now + 30s); }));
  auto& other = world.add_node();
  world.deliver_logs(&other);
  EXPECT_THAT(webhook.server.requests(), SizeIs(0));
  world.clock.advance(31s);
  world.deliver_logs(&other);
  EXPECT_GT(webhook.server.requests().size(), 0u);
}

TEST_F(LogStreams, many_threads_and_nodes_send_each_row_once_while_nothing_fails) {
  create();
  for (int i = 0; i < 20; ++i) world.native_client();
  world.clock.advance(10ms);
  world.logs();
  auto& other = world.add_node();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&, i] {
      auto& product = (i % 2 == 0 ? world.node() : other).product();
      outbound::Client client(product.outbound());
      while (product.log_streams().deliver_some(client)) {
      }
    });
  }
  for (auto& thread : threads) thread.join();
  std::set<std::string> ids;
  const auto events = webhook.events();
  for (const auto& event : events) ids.insert(text_of(event, "log_id"));
  EXPECT_GE(ids.size(), 20u);
  EXPECT_EQ(ids.size(), events.size());
}

TEST_F(LogStreams, what_a_caller_sent_forges_no_event) {
  create();
  auto request = form_request(
      "/oauth/token",
      parameters({{"grant_type", "refresh_token"}, {"client_id", "x\n{\"log_id\":\"forged\"}"}, {"refresh_token", "y"}}));
  request.headers.set("user-agent", "a\"},{\"log_id\":\"forged\"}");
  world.send(std::move(request));
  world.node().product().failures().flush();
  deliver();
  for (const auto& event : webhook.events()) EXPECT_NE(text_of(event, "log_id"), "forged");
}

TEST(OperatorStream, every_tenants_rows_stand_in_one_file_with_the_tenants_name) {
  const auto file = std::filesystem::temp_directory_path() / ("segue-operator-" + std::to_string(::getpid()) + ".ndjson");
  WorldOptions options;
  options.product.log_stream = file.string();
  {
    World world(options);
    world.deliver_logs();  // switches it on
    world.clock.advance(1s);
    world.native_client();
    const auto native = world.native_client({{"name", "a\n{\"forged\":true}"}});
    world.clock.advance(1s);
    world.deliver_logs();
  }
  std::ifstream lines(file);
  std::set<std::string> ids;
  int count = 0;
  for (std::string line; std::getline(lines, line); ++count) {
    const auto record = json::parse(line).value().as_object();
    EXPECT_NE(text_of(record, "tenant_name"), "");
    EXPECT_FALSE(record.contains("forged"));
    ids.insert(text_of(record, "log_id"));
  }
  EXPECT_GT(count, 1);
  EXPECT_EQ(ids.size(), static_cast<std::size_t>(count));
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace segue::test
