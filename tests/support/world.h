// The whole server in one process, without sockets: requests go in as values, answers come out as values, time stands still until
// the test moves it. SQLite on a memory file system, or PostgreSQL where asked.
#pragma once
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "app/product.h"
#include "http/message.h"
#include "http/parameters.h"
#include "json/value.h"
#include "mail/sender.h"
#include "oauth/actions/action_pipeline.h"
#include "outbound/dns_txt.h"
#include "support/fresh_database.h"
#include "support/manual_clock.h"
#include "support/seeded_random.h"

namespace segue::test {

inline constexpr const char* kDomain = "tenant.example";
inline constexpr const char* kPasswordRealm = "Username-Password-Authentication";

enum class Engine { sqlite, postgres };

struct WorldOptions {
  Engine engine = Engine::sqlite;              // postgres needs FreshDatabase::server_url()
  oauth::SignInPipeline* pipeline = nullptr;   // null: an empty one
  management::ActionsDesk* actions = nullptr;  // null: no Action runs
  oauth::RunActions run_actions = {};          // set: what is bound to triggers runs, by this
  sql::WriteFault* fault = nullptr;
  geoip::Files geo_files = {};
  app::ProductOptions product = {.password_cost = {.operations = 1, .memory_bytes = 8192}};
};

// Refuses every sign-in, and tells what it was asked.
class DenyingPipeline final : public oauth::SignInPipeline {
 public:
  bool is_empty(const tenancy::Snapshot&) const override { return !denies; }
  oauth::SignInResult run(const oauth::SignIn& sign_in) override {
    protocols.push_back(sign_in.protocol);
    if (!denies) return {};
    return {.refusal = oauth::SignInRefusal{"access_denied", "Not today."}, .effects = {}};
  }
  bool denies = true;
  std::vector<std::string> protocols;
};

// One server process of the world.
class Node {
 public:
  Node(sql::Database& database, const WorldOptions& options, const base::Clock& clock, const tenancy::KeyFile& key_file,
       int number);

  // What the transport does with a request, but for the sockets. Safe from many threads.
  http::Response send(http::Request request);
  app::Product& product() { return *product_; }

 private:
  SeededRandom random_;
  base::IdGenerator ids_;
  geoip::GeoIp geoip_;
  std::unique_ptr<oauth::SignInPipeline> own_pipeline_;
  std::unique_ptr<app::Product> product_;
};

struct Client {
  std::string client_id, client_secret;
};
struct User {
  std::string user_id, email, password;
};
struct Tokens {
  int status = 0;
  json::object body;  // as answered: tokens, or error and error_description
  std::string text(std::string_view name) const { return json::find_string(body, name).value_or(""); }
  std::string access_token() const { return text("access_token"); }
  std::string refresh_token() const { return text("refresh_token"); }
  std::string error() const { return text("error"); }
};

// The mails that were taken, in place of a mail server.
class Inbox final : public mail::Sender {
 public:
  mail::SmtpAnswer send(const mail::Outgoing& mail) override;
  std::vector<mail::Outgoing> mails() const;
  // The part of the last mail that is `text/plain`, decoded.
  std::string text() const;
  // What happens to the next mails.
  void set_answer(mail::SmtpAnswer answer);

 private:
  mutable std::mutex mutex_;
  mail::SmtpAnswer answer_{mail::Handover::taken, {}};
  std::vector<mail::Outgoing> mails_;
};

// What the zones of domains say, in place of name servers.
class Zones final : public outbound::TxtRecords {
 public:
  Found look_up(const std::string& name) override;
  void publish(const std::string& name, std::vector<std::string> values) {
    set(name, {.values = std::move(values), .problem = {}});
  }
  void set(const std::string& name, Found found);

 private:
  std::mutex mutex_;
  std::map<std::string, Found> records_;
};

class World {
 public:
  explicit World(WorldOptions options = {});
  ~World();

  ManualClock clock;

  Node& node() { return *nodes_.front(); }
  // A further process on the same database. On SQLite, where one process serves, the two share its writer.
  Node& add_node();
  http::Response send(http::Request request) { return node().send(std::move(request)); }
  base::TenantId tenant() { return node().product().tenants().resolve(kDomain)->tenant; }
  // A further tenant; returns its management client.
  tenancy::ManagementClient add_tenant(const std::string& domain);
  // A further domain of the tenant, behind its canonical one.
  void add_domain(const std::string& domain);

  std::string management_token();
  // Calls the Management API; `path` begins behind /api/v2/.
  http::Response manage(http::Method method, std::string_view path, const json::value& body = nullptr);
  // The same, where anything but 2xx is a mistake of the test: throws with the answer.
  json::value managed(http::Method method, std::string_view path, const json::value& body = nullptr);

  // Made through the Management API and enabled on the default connection.
  Client create_client(json::object fields);
  Client native_client(json::object more = {});  // may create session transfer tokens
  Client web_client(const std::string& base_url,
                    json::object more = {});  // takes them by cookie and by query; callback base_url/callback
  User create_user(const std::string& email = "ada@example.com", json::object more = {});

  Tokens token_request(const http::Parameters& parameters, Node* at = nullptr);
  Tokens password_tokens(const Client& client, const User& user,
                         const std::string& scope = "openid profile email offline_access");
  Tokens refresh(const Client& client, const std::string& refresh_token, const std::string& audience = {}, Node* at = nullptr);
  // refresh token → session transfer token, which is the answer's access token
  Tokens exchange(const Client& client, const std::string& refresh_token, Node* at = nullptr);

  // What the background does about revocations and expired sessions, until nothing is due; `at`: on this node.
  void tell_relying_parties(Node* at = nullptr);

  // What the background does about Actions that hear of accounts, until nothing is due.
  void run_deferred(Node* at = nullptr);

  // Sends every mail that is due.
  void send_mails(Node* at = nullptr);
  Inbox& inbox() { return *inbox_; }
  Zones& zones() { return *zones_; }

  // Does the jobs of the Management API that are due.
  void work_on_jobs(Node* at = nullptr);
  // Removes all that has expired.
  void sweep();
  // What the background does about log streams, until nothing is due.
  void deliver_logs(Node* at = nullptr);

  // The tenant's log rows that `q` finds, newest first, failures included.
  std::vector<json::object> logs(const std::string& q = {});

 private:
  std::string database_url();
  void index_logs();

  std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();
  std::shared_ptr<Zones> zones_ = std::make_shared<Zones>();
  WorldOptions options_;
  std::string folder_;  // of the SQLite file
  std::optional<FreshDatabase> fresh_;
  std::optional<tenancy::KeyFile> key_file_;
  std::vector<std::unique_ptr<sql::Database>> databases_;
  std::vector<std::unique_ptr<Node>> nodes_;
  std::string connection_id_;
};

// GET unless it has a body. `target` is a path with its query.
http::Request request_for(http::Method method, std::string_view target, std::string_view domain = kDomain);
http::Request form_request(std::string_view target, const http::Parameters& form, std::string_view domain = kDomain);
http::Request json_request(http::Method method, std::string_view target, const json::value& body,
                           std::string_view domain = kDomain);
http::Parameters parameters(std::initializer_list<std::pair<std::string, std::string>> pairs);

json::object object_of(const http::Response& response);
// The parameters of a URL's query.
http::Parameters query_of(std::string_view url);

}  // namespace segue::test
