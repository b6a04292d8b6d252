#include "support/world.h"

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <stdexcept>

#include "base/text.h"
#include "oauth/actions/deferred_runs.h"
#include "sql/migrator.h"
#include "store/logs.h"
#include "store/schema.h"
#include "store/tenants.h"

namespace segue::test {
namespace {
namespace fs = std::filesystem;

constexpr const char* kManagementId = "management";
constexpr const char* kManagementSecret = "management-secret-of-the-tests";

tenancy::ManagementClient make_tenant(sql::Database& database, const tenancy::KeyFile& key_file, base::Random& random,
                                      const base::Clock& clock, const std::string& domain) {
  base::IdGenerator ids(clock, 1000, {});
  store::Store store(database, ids);
  auto made = tenancy::create_tenant(
      store, key_file, random, clock.now(),
      {.domain = domain, .management_client_id = kManagementId, .management_client_secret = kManagementSecret});
  if (!made.ok()) throw std::runtime_error(made.error().description);
  return std::move(made).value();
}

std::string new_folder() {
  static std::atomic<int> made{0};
  const fs::path root = fs::exists("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path();
  const auto path = root / ("segue-world-" + std::to_string(::getpid()) + "-" + std::to_string(++made));
  fs::remove_all(path);  // of a dead process that had this number
  fs::create_directories(path);
  return path.string();
}

// A migrated database with one tenant, made once per process: its RSA key takes longer than most tests.
class Template {
 public:
  Template() : key_file(tenancy::KeyFile::generate(random_)), folder_(new_folder()) {
    const auto database = sql::open_database("sqlite:" + path());
    sql::migrate(*database, store::migrations());
    const ManualClock clock;
    make_tenant(*database, key_file, random_, clock, kDomain);
  }
  ~Template() {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }
  std::string path() const { return folder_ + "/segue.db"; }

 private:
  SeededRandom random_{1000};

 public:
  const tenancy::KeyFile key_file;

 private:
  const std::string folder_;
};

const Template& shared_template() {
  static const Template made;
  return made;
}

json::object merged(json::object base, json::object more) {
  for (auto& [name, value] : more) base[name] = std::move(value);
  return base;
}

}  // namespace

Node::Node(sql::Database& database, const WorldOptions& options, const base::Clock& clock, const tenancy::KeyFile& key_file,
           int number)
    : random_(static_cast<std::uint64_t>(number) + 1), ids_(clock, number, {}) {
  if (const auto problem = geoip_.reload(options.geo_files); !problem.empty()) throw std::runtime_error(problem);
  if (options.run_actions) {
    own_pipeline_ = std::make_unique<oauth::ActionPipeline>(options.run_actions, nullptr, clock, random_);
  } else {
    own_pipeline_ = std::make_unique<oauth::EmptyPipeline>();
  }
  auto& pipeline = options.pipeline != nullptr ? *options.pipeline : *own_pipeline_;
  product_ = std::make_unique<app::Product>(
      app::Foundation{database, ids_, clock, random_, key_file, geoip_, pipeline, options.actions}, options.product);
}

http::Response Node::send(http::Request request) {
  static std::atomic<int> sent{0};
  auto& service = product_->service();
  if (auto refused = service.refuse_head(request)) return std::move(*refused);
  if (request.body.size() > service.body_limit(request)) return http::empty_response(413);
  const auto id = "request-" + std::to_string(++sent);
  auto response = service.respond(request, service.lane_of(request), id);
  while (response.moves_to) {
    request.carried = std::move(response.carried);
    response = service.respond(request, *response.moves_to, id);
  }
  return response;
}

outbound::TxtRecords::Found Zones::look_up(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  return records_[name];
}

void Zones::set(const std::string& name, Found found) {
  const std::scoped_lock lock(mutex_);
  records_[name] = std::move(found);
}

World::World(WorldOptions options) : options_(std::move(options)), key_file_(shared_template().key_file) {
  if (!options_.product.mail_sender) options_.product.mail_sender = inbox_;
  if (!options_.product.txt_records) options_.product.txt_records = zones_;
  add_node();
}

World::~World() {
  nodes_.clear();
  databases_.clear();
  std::error_code ignored;
  if (!folder_.empty()) fs::remove_all(folder_, ignored);
}

std::string World::database_url() {
  if (options_.engine == Engine::postgres) {
    if (!fresh_) {
      const auto server = FreshDatabase::server_url();
      if (!server) throw std::runtime_error("no PostgreSQL: run the test under tests/support/postgres.sh");
      fresh_.emplace(*server);
    }
    return fresh_->url();
  }
  folder_ = new_folder();
  fs::copy_file(shared_template().path(), folder_ + "/segue.db");
  return "sqlite:" + folder_ + "/segue.db";
}

Node& World::add_node() {
  const bool is_first = databases_.empty();
  if (is_first || options_.engine == Engine::postgres) {
    databases_.push_back(sql::open_database(database_url(), {.readers = 8, .label = "world", .fault = options_.fault}));
  }
  if (is_first && options_.engine == Engine::postgres) {
    sql::migrate(*databases_.front(), store::migrations());
    SeededRandom random(1000);
    make_tenant(*databases_.front(), *key_file_, random, clock, kDomain);
  }
  nodes_.push_back(std::make_unique<Node>(*databases_.back(), options_, clock, *key_file_, static_cast<int>(nodes_.size())));
  return *nodes_.back();
}

tenancy::ManagementClient World::add_tenant(const std::string& domain) {
  SeededRandom random(std::hash<std::string>{}(domain));
  auto made = make_tenant(*databases_.front(), *key_file_, random, clock, domain);
  for (auto& each : nodes_) each->product().refresh_tenants();
  return made;
}

void World::add_domain(const std::string& domain) {
  static constexpr sql::Statement kInsert{"test.add_domain",
                                          "insert into domains (domain, tenant_id, position) values ($1, $2, 1)"};
  node().product().store().write(tenant(), [&](const store::Writer& w) {
    store::tenants::bump_config_version(w);
    return w.connection.execute(kInsert, {domain, w.tenant});
  });
  for (auto& each : nodes_) each->product().refresh_tenants();
}

std::string World::management_token() {
  const auto answer = token_request(parameters({{"grant_type", "client_credentials"},
                                                {"client_id", kManagementId},
                                                {"client_secret", kManagementSecret},
                                                {"audience", std::string("https://") + kDomain + "/api/v2/"}}));
  if (answer.status != 200) throw std::runtime_error("no management token: " + json::write(answer.body));
  return answer.access_token();
}

http::Response World::manage(http::Method method, std::string_view path, const json::value& body) {
  auto request = json_request(method, "/api/v2/" + std::string(path), body);
  request.headers.set("authorization", "Bearer " + management_token());
  return send(std::move(request));
}

json::value World::managed(http::Method method, std::string_view path, const json::value& body) {
  const auto response = manage(method, path, body);
  if (response.status / 100 != 2)
    throw std::runtime_error(std::string(path) + ": " + std::to_string(response.status) + " " + response.body);
  if (response.body.empty()) return nullptr;
  return json::parse(response.body).value();
}

Client World::create_client(json::object fields) {
  fields.emplace("name", "client");
  const auto made = managed(http::Method::post, "clients", fields).as_object();
  if (connection_id_.empty()) {
    const auto found = managed(http::Method::get, std::string("connections?name=") + kPasswordRealm);
    connection_id_ = json::find_string(found.as_array().at(0).as_object(), "id").value();
  }
  Client out{json::find_string(made, "client_id").value(), json::find_string(made, "client_secret").value_or("")};
  managed(http::Method::patch, "connections/" + connection_id_ + "/clients",
          json::array{json::object{{"client_id", out.client_id}, {"status", true}}});
  return out;
}

Client World::native_client(json::object more) {
  return create_client(merged(
      {{"name", "native"},
       {"app_type", "native"},
       {"token_endpoint_auth_method", "none"},
       {"grant_types",
        json::array{"authorization_code", "refresh_token", "password", "http://auth0.com/oauth/grant-type/password-realm"}},
       {"refresh_token",
        json::object{{"rotation_type", "rotating"}, {"expiration_type", "expiring"}, {"token_lifetime", 2592000}, {"leeway", 0}}},
       {"session_transfer", json::object{{"can_create_session_transfer_token", true}}}},
      std::move(more)));
}

Client World::web_client(const std::string& base_url, json::object more) {
  return create_client(
      merged({{"name", "web"},
              {"app_type", "regular_web"},
              {"callbacks", json::array{base_url + "/callback"}},
              {"allowed_logout_urls", json::array{base_url}},
              {"initiate_login_uri", base_url + "/login"},
              {"grant_types", json::array{"authorization_code", "implicit", "refresh_token"}},
              {"session_transfer", json::object{{"allowed_authentication_methods", json::array{"cookie", "query"}}}}},
             std::move(more)));
}

User World::create_user(const std::string& email, json::object more) {
  const std::string password = "Correct-horse-7-battery";
  const auto fields = merged({{"connection", kPasswordRealm}, {"email", email}, {"password", password}, {"email_verified", true}},
                             std::move(more));
  const auto made = managed(http::Method::post, "users", fields).as_object();
  return {json::find_string(made, "user_id").value(), email, password};
}

Tokens World::token_request(const http::Parameters& form, Node* at) {
  const auto response = (at != nullptr ? *at : node()).send(form_request("/oauth/token", form));
  return {response.status, object_of(response)};
}

Tokens World::password_tokens(const Client& client, const User& user, const std::string& scope) {
  auto form = parameters({{"grant_type", "http://auth0.com/oauth/grant-type/password-realm"},
                          {"realm", kPasswordRealm},
                          {"client_id", client.client_id},
                          {"username", user.email},
                          {"password", user.password},
                          {"scope", scope}});
  if (!client.client_secret.empty()) form.add("client_secret", client.client_secret);
  return token_request(form);
}

Tokens World::refresh(const Client& client, const std::string& refresh_token, const std::string& audience, Node* at) {
  auto form = parameters({{"grant_type", "refresh_token"}, {"client_id", client.client_id}, {"refresh_token", refresh_token}});
  if (!client.client_secret.empty()) form.add("client_secret", client.client_secret);
  if (!audience.empty()) form.add("audience", audience);
  return token_request(form, at);
}

Tokens World::exchange(const Client& client, const std::string& refresh_token, Node* at) {
  return refresh(client, refresh_token, std::string("urn:") + kDomain + ":session_transfer", at);
}

void World::index_logs() {
  for (auto& each : nodes_) each->product().write_failures();
  // On PostgreSQL the indexer waits for transactions under way; no test has any when it asks for its rows.
  const ManualClock later(clock.now() + std::chrono::minutes(1));
  auto& product = node().product();
  audit::LogIndexer indexer(product.store(), later);
  for (const auto each : product.tenants().list()) {
    while (indexer.run_once(each) > 0) {
    }
  }
}

void World::work_on_jobs(Node* at) {
  while ((at != nullptr ? *at : node()).product().work_on_jobs()) {
  }
}

void World::run_deferred(Node* at) {
  auto& product = (at != nullptr ? *at : node()).product();
  while (product.deferred_runs().run_one()) {
  }
}

void World::send_mails(Node* at) {
  auto& product = (at != nullptr ? *at : node()).product();
  while (product.mails().send_one()) {
  }
}

mail::SmtpAnswer Inbox::send(const mail::Outgoing& mail) {
  const std::scoped_lock lock(mutex_);
  if (answer_.handover == mail::Handover::taken) mails_.push_back(mail);
  return answer_;
}

std::vector<mail::Outgoing> Inbox::mails() const {
  const std::scoped_lock lock(mutex_);
  return mails_;
}

std::string Inbox::text() const {
  const auto all = mails();
  if (all.empty()) return {};
  const auto& mail = all.back().text;
  const auto begin = mail.find("\r\n\r\n", mail.find("text/plain")) + 4;
  std::string encoded;
  for (const char c : mail.substr(begin, mail.find("--=_", begin) - begin)) {
    if (c != '\r' && c != '\n') encoded += c;
  }
  return base::from_base64(encoded).value_or("");
}

void Inbox::set_answer(mail::SmtpAnswer answer) {
  const std::scoped_lock lock(mutex_);
  answer_ = std::move(answer);
}

void World::sweep() {
  while (node().product().sweep_step()) {
  }
}

void World::tell_relying_parties(Node* at) {
  auto& product = (at != nullptr ? *at : node()).product();
  product.look_after_logouts();
  while (product.walk_revocation()) {
  }
  outbound::Client client(product.outbound());
  while (product.delivery().deliver_some(client)) {
  }
}

void World::deliver_logs(Node* at) {
  index_logs();
  auto& product = (at != nullptr ? *at : node()).product();
  outbound::Client client(product.outbound());
  while (product.log_streams().deliver_some(client)) {
  }
  while (product.operator_stream().write_some()) {
  }
}

std::vector<json::object> World::logs(const std::string& q) {
  index_logs();
  auto path = std::string("logs?per_page=100&sort=date:-1");
  if (!q.empty()) path += "&q=" + base::percent_encode(q);
  std::vector<json::object> out;
  const auto found = managed(http::Method::get, path);
  for (const auto& row : found.as_array()) out.push_back(row.as_object());
  return out;
}

http::Request request_for(http::Method method, std::string_view target, std::string_view domain) {
  http::Request out;
  out.method = method;
  const auto query = target.find('?');
  out.path = target.substr(0, query);
  if (query != std::string_view::npos) out.query = target.substr(query + 1);
  out.host = domain;
  out.peer_address = "192.0.2.7";
  out.headers.add("host", std::string(domain));
  return out;
}

http::Request form_request(std::string_view target, const http::Parameters& form, std::string_view domain) {
  auto out = request_for(http::Method::post, target, domain);
  out.headers.add("content-type", "application/x-www-form-urlencoded");
  out.body = form.encode();
  return out;
}

http::Request json_request(http::Method method, std::string_view target, const json::value& body, std::string_view domain) {
  auto out = request_for(method, target, domain);
  if (body.is_null()) return out;
  out.headers.add("content-type", "application/json");
  out.body = json::write(body);
  return out;
}

http::Parameters parameters(std::initializer_list<std::pair<std::string, std::string>> pairs) {
  http::Parameters out;
  for (const auto& [name, value] : pairs) out.add(name, value);
  return out;
}

json::object object_of(const http::Response& response) {
  auto parsed = json::parse(response.body);
  return parsed.ok() && parsed->is_object() ? parsed->get_object() : json::object{};
}

http::Parameters query_of(std::string_view url) {
  const auto question = url.find('?');
  if (question == std::string_view::npos) return {};
  url.remove_prefix(question + 1);
  auto parsed = http::Parameters::parse(url.substr(0, url.find('#')));
  return parsed.ok() ? *parsed : http::Parameters{};
}

}  // namespace segue::test
