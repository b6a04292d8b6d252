// One migrated database with two tenants, on every engine, and sample records of the session graph.
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "model/authorize.h"
#include "model/directory.h"
#include "model/session_graph.h"
#include "sql/migrator.h"
#include "store/authorization_codes.h"
#include "store/authorize_transactions.h"
#include "store/grants.h"
#include "store/login_attempts.h"
#include "store/refresh_tokens.h"
#include "store/schema.h"
#include "store/session_clients.h"
#include "store/session_transfer_tokens.h"
#include "store/sessions.h"
#include "store/store.h"
#include "store/tenants.h"
#include "store/users.h"
#include "support/fresh_database.h"
#include "support/manual_clock.h"

namespace segue::store {

namespace stts = session_transfer_tokens;
namespace rts = refresh_tokens;
namespace codes = authorization_codes;
namespace pending = authorize_transactions;

inline constexpr base::TenantId kOne{1}, kTwo{2};
inline constexpr int kThreads = 64;

enum class Place { sqlite_memory, sqlite_file, postgres };

inline std::string place_name(const ::testing::TestParamInfo<Place>& info) {
  switch (info.param) {
    case Place::sqlite_memory: return "sqlite_memory";
    case Place::sqlite_file: return "sqlite_file";
    case Place::postgres: return "postgres";
  }
  return "unknown";
}

inline std::vector<Place> every_place() {
  std::vector<Place> out = {Place::sqlite_memory, Place::sqlite_file};
  if (test::FreshDatabase::server_url()) out.push_back(Place::postgres);
  return out;
}

inline model::Digest digest_of(int n) {
  model::Digest out{};
  out.fill(static_cast<std::byte>(n));
  return out;
}

// What the text fields of a sample hold. No text means that everything optional is absent too.
struct Filler {
  std::string text = "value";
  std::string operator()(std::string_view field) const { return text.empty() ? "" : text + " " + std::string(field); }
  bool full() const { return !text.empty(); }
};

inline constexpr std::string_view kEmptyEveryTable = R"sql(
    do $$ declare name text; begin
      for name in select tablename from pg_tables where schemaname = 'public' and tablename <> 'schema_migrations' loop
        execute format('delete from %I', name);
      end loop;
    end $$)sql";

class FailingCommits final : public sql::WriteFault {
 public:
  std::atomic<int> left = 0;
  void before_commit() override {
    if (left > 0 && left-- > 0) throw std::runtime_error("made to fail");
  }
};

class SessionGraph : public ::testing::TestWithParam<Place> {
 protected:
  void SetUp() override {
    std::string url = "sqlite::memory:";
    if (GetParam() == Place::postgres) {
      url = postgres_url();
    } else if (GetParam() == Place::sqlite_file) {
      folder_ = std::filesystem::temp_directory_path() / ("segue_session_graph_" + std::to_string(::getpid()));
      std::filesystem::remove_all(folder_);
      std::filesystem::create_directories(folder_);
      url = "sqlite:" + (folder_ / "segue.db").string();
    }
    database_ = sql::open_database(url, {.fault = &fault_});
    sql::migrate(*database_, migrations());
    if (GetParam() == Place::postgres) database_->run_script(kEmptyEveryTable);
    store_ = std::make_unique<Store>(*database_, ids_);
    if (GetParam() == Place::postgres) {
      other_database_ = sql::open_database(url, {.fault = &fault_});
      other_store_ = std::make_unique<Store>(*other_database_, other_ids_);
    }
    for (const auto tenant_id : {kOne, kTwo}) {
      database_->write([&](sql::Connection& connection) {
        model::Tenant tenant;
        tenant.id = tenant_id;
        tenant.domains = {tenant_id == kOne ? "one.example" : "two.example"};
        tenant.name = tenant.domains.front();
        tenant.created_at = now();
        tenants::insert(connection, tenant);
      });
    }
  }
  void TearDown() override {
    other_store_.reset();
    other_database_.reset();
    store_.reset();
    database_.reset();
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  // One database for all tests of the process: making one takes longer than emptying it.
  static const std::string& postgres_url() {
    static const test::FreshDatabase database(*test::FreshDatabase::server_url());
    return database.url();
  }
  bool on_postgres() const { return GetParam() == Place::postgres; }
  Store& store() { return *store_; }
  // A second process on the same database. SQLite serves one process, which then stands for both.
  Store& other_process() { return other_store_ ? *other_store_ : *store_; }
  base::Instant now() const { return clock_.now(); }

  template <class F>
  auto read(F f, base::TenantId tenant = kOne) {
    return store().read(tenant, f);
  }
  template <class F>
  auto write(F f, base::TenantId tenant = kOne) {
    return store().write(tenant, f);
  }
  // For functions that return nothing.
  template <class F>
  void run(F f, base::TenantId tenant = kOne) {
    store().write(tenant, [&](const Writer& w) { return f(w), 0; });
  }

  // How many of 64 threads, half of them in the other process, were told yes. All start together.
  template <class F>
  int winners(F f) {
    std::atomic<int> yes = 0;
    std::barrier start(kThreads);
    std::vector<std::thread> threads;
    for (int k = 0; k < kThreads; ++k) {
      threads.emplace_back([&, k] {
        Store& mine = k % 2 == 0 ? store() : other_process();
        start.arrive_and_wait();
        try {
          if (mine.write(kOne, [&](const Writer& w) { return f(w, k); })) ++yes;
        } catch (const std::exception& fault) {
          ADD_FAILURE() << fault.what();
        }
      });
    }
    for (auto& thread : threads) thread.join();
    return yes;
  }

  // Samples: every call makes another row. Methods keep milliseconds, as the API shows them.
  std::vector<model::AuthenticationMethod> sample_methods(const Filler& fill) const {
    if (!fill.full()) return {};
    return {{fill("pwd"), base::from_seconds(1'700'000'000) + std::chrono::milliseconds(685)},
            {"mfa", base::from_seconds(1'700'000'001)}};
  }
  model::Ancestry sample_ancestry(const Filler& fill) {
    return fill.full() ? model::Ancestry{ids_.next(), ids_.next(), fill("transfer_id")} : model::Ancestry{};
  }
  model::Grant sample_grant(const Filler& fill = {}) {
    model::Grant out;
    out.grant_id = ids_.next();
    out.user_id = fill("user_id");
    out.client_id = fill("client_id");
    if (fill.full()) out.session_id = ids_.next();
    out.ancestry = sample_ancestry(fill);
    out.created_at = now();
    return out;
  }
  model::RefreshTokenFamily sample_family(const Filler& fill = {}) {
    model::RefreshTokenFamily out;
    out.family_id = ids_.next();
    out.public_id = fill.full() ? fill("public_id") + std::to_string(base::to_integer(out.family_id)) : "";
    out.grant_id = ids_.next();
    out.user_id = fill("user_id");
    out.client_id = fill("client_id");
    out.connection_id = fill("connection_id");
    out.organization_id = fill("organization_id");
    out.dpop_jkt = fill("dpop_jkt");
    out.audience = fill("audience");
    out.scope = fill("scope");
    out.ancestry = sample_ancestry(fill);
    out.auth_time = now() - std::chrono::hours(1);
    out.methods = sample_methods(fill);
    out.initial_ip = out.last_ip = fill("ip");
    out.initial_user_agent = out.last_user_agent = fill("user_agent");
    if (fill.full()) out.initial_asn = out.last_asn = 4294967295;
    out.created_at = out.last_exchanged_at = now();
    out.password_epoch = now() - std::chrono::hours(2);
    if (fill.full()) {
      out.session_id = ids_.next();
      out.ends_with_session = out.rotating = out.online = true;
      out.token_counter = 7;
      out.expires_at = now() + std::chrono::hours(48);
      out.idle_expires_at = now() + std::chrono::hours(24);
    }
    return out;
  }
  model::RefreshToken sample_refresh_token(base::RowId family_id) {
    model::RefreshToken out;
    out.refresh_token_id = ids_.next();
    out.family_id = family_id;
    out.counter = 3;
    out.created_at = now();
    return out;
  }
  model::SessionTransferToken sample_transfer_token(const Filler& fill = {}) {
    model::SessionTransferToken out;
    out.session_transfer_token_id = ids_.next();
    out.family_id = ids_.next();
    out.grant_id = ids_.next();
    out.client_id = fill("client_id");
    out.user_id = fill("user_id");
    out.connection_id = fill("connection_id");
    out.organization_id = fill("organization_id");
    out.scope = fill("scope");
    out.origin.ip = fill("ip");
    out.origin.user_agent = fill("user_agent");
    if (fill.full()) {
      out.origin.asn = 4'294'967'295;
      out.origin.geoip = {{"city_name", fill("city_name")}, {"latitude", 52.52}, {"subdivisions", nullptr}};
    }
    out.auth_time = now() - std::chrono::hours(1);
    out.methods = sample_methods(fill);
    out.transfer_id = fill("transfer_id");
    out.created_at = now();
    out.expires_at = now() + std::chrono::seconds(60);
    return out;
  }
  model::Session sample_session(const Filler& fill = {}) {
    model::Session out;
    out.session_id = ids_.next();
    out.sid = fill.full() ? fill("sid") + std::to_string(base::to_integer(out.session_id)) : "";
    out.user_id = fill("user_id");
    out.connection_id = fill("connection_id");
    out.organization_id = fill("organization_id");
    out.ancestry = sample_ancestry(fill);
    out.opened_by_transfer = fill.full();
    out.created_at = now();
    out.authenticated_at = now() - std::chrono::hours(1);
    out.last_interacted_at = now();
    out.idle_expires_at = now() + std::chrono::hours(72);
    out.expires_at = now() + std::chrono::hours(168);
    out.methods = sample_methods(fill);
    out.initial.ip = out.last.ip = fill("ip");
    out.initial.user_agent = out.last.user_agent = fill("user_agent");
    if (fill.full()) out.initial.asn = out.last.asn = 4294967295;
    out.persistent = fill.full();
    out.password_epoch = now() - std::chrono::hours(2);
    return out;
  }
  model::AuthorizeTransaction sample_transaction(const Filler& fill = {}) {
    model::AuthorizeTransaction out;
    out.transaction_id = ids_.next();
    out.binding_hash = digest_of(9);
    out.client_id = fill("client_id");
    out.request = fill("request");
    out.forces_login = fill.full();
    out.created_at = now();
    out.expires_at = now() + std::chrono::minutes(30);
    return out;
  }
  model::AuthorizationCode sample_code(const Filler& fill = {}) {
    model::AuthorizationCode out;
    out.authorization_code_id = ids_.next();
    out.client_id = fill("client_id");
    out.user_id = fill("user_id");
    out.connection_id = fill("connection_id");
    out.organization_id = fill("organization_id");
    out.session_id = ids_.next();
    out.redirect_uri = fill("redirect_uri");
    out.scope = fill("scope");
    out.audience = fill("audience");
    out.nonce = fill("nonce");
    out.code_challenge = fill("code_challenge");
    out.dpop_jkt = fill("dpop_jkt");
    out.auth_time = now() - std::chrono::hours(1);
    out.wants_auth_time = out.refresh_token_ends_with_session = fill.full();
    out.allows_refresh_token = !fill.full();
    out.ancestry = sample_ancestry(fill);
    if (fill.full()) out.device_code_id = ids_.next();
    if (fill.full()) out.joined_by = ids_.next();
    out.created_at = now();
    out.expires_at = now() + std::chrono::minutes(10);
    return out;
  }
  model::User sample_user(const std::string& user_id = "auth0|ada") {
    model::User out;
    out.user_id = user_id;
    out.connection_id = "con_1";
    out.email = user_id + "@example.com";
    out.created_at = out.updated_at = now();
    return out;
  }

  // A user with a grant, a family and a refresh token of a native app.
  struct NativeApp {
    model::Grant grant;
    model::RefreshTokenFamily family;
    model::RefreshToken token;
  };
  NativeApp make_native_app() {
    EXPECT_EQ(write([&](const Writer& w) { return users::insert(w, sample_user()); }), users::Written::done);
    NativeApp out{sample_grant({""}), sample_family({""}), {}};
    out.grant.user_id = out.family.user_id = sample_user().user_id;
    out.grant.client_id = out.family.client_id = "native";
    out.family.grant_id = out.grant.grant_id;
    out.token = sample_refresh_token(out.family.family_id);
    run([&](const Writer& w) {
      grants::insert(w, out.grant);
      refresh_tokens::insert_family(w, out.family);
      refresh_tokens::insert(w, out.token, digest_of(1));
    });
    return out;
  }

  // Microseconds that no coarser unit would keep.
  test::ManualClock clock_{base::from_micros(1'790'000'000'123'457)};
  base::IdGenerator ids_{clock_, 7, base::Instant{}};
  base::IdGenerator other_ids_{clock_, 8, base::Instant{}};
  FailingCommits fault_;
  std::filesystem::path folder_;
  std::unique_ptr<sql::Database> database_, other_database_;
  std::unique_ptr<Store> store_, other_store_;
};

}  // namespace segue::store
