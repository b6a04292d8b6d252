#include "connections/password_login.h"

#include <crypt.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sodium.h>

#include "sql/database.h"
#include "store/connections.h"
#include "store/logs.h"
#include "store/schema.h"
#include "store/users.h"
#include "support/manual_clock.h"
#include "support/seeded_random.h"

namespace segue::connections {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr crypto::PasswordCost kCheap{.operations = 1, .memory_bytes = 8192};
constexpr std::string_view kRight = "correct horse";

std::string bcrypt(std::string_view password) {
  crypt_data data{};
  return crypt_r(std::string(password).c_str(), "$2b$04$abcdefghijklmnopqrstuu", &data);
}

class PasswordLoginTest : public ::testing::Test {
 protected:
  PasswordLoginTest() {
    EXPECT_TRUE(tenancy::create_tenant(store, key_file, random, clock.now(), {.domain = "id.example.com"}).ok());
    tenants.refresh();
    tenant = tenants.list().front();
    connection = tenants.snapshot(tenant)->default_directory();
    add_user({.user_id = "auth0|ada",
              .email = "Ada@example.com",
              .password_hash = crypto::hash_password(crypto::Secret(std::string(kRight)), kCheap)});
  }

  void add_user(model::User user) {
    user.connection_id = connection->connection_id;
    user.created_at = user.updated_at = clock.now();
    store.write(tenant, [&](const store::Writer& w) { return store::users::insert(w, user); });
  }
  model::User stored(std::string_view user_id) {
    return store.read(tenant, [&](const store::Reader& r) { return store::users::find(r, user_id); }).value();
  }
  base::Result<model::User> log_in(std::string identifier, std::string password, std::string address = "203.0.113.7") {
    audit::Event event;
    event.client_id = "client1";
    auto result = login.authenticate({.tenant = tenant,
                                      .connection = connection,
                                      .identifier = std::move(identifier),
                                      .password = crypto::Secret(std::move(password)),
                                      .address = std::move(address),
                                      .event = event});
    failures.flush();  // alike failures of one flush become one row
    return result;
  }
  static std::string said(const base::Result<model::User>& result) {
    return result.ok() ? "signed in as " + result->user_id
                       : std::to_string(result.error().status) + " " + result.error().code + ": " + result.error().description;
  }
  std::vector<store::logs::Row> rows() {
    return store.read(tenant,
                      [](const store::Reader& r) { return store::logs::list_unindexed(r, base::RowId(INT64_MAX), 1000); });
  }
  std::vector<std::string> row_types() {
    std::vector<std::string> out;
    for (const auto& row : rows()) out.push_back(row.type);
    return out;
  }

  std::unique_ptr<sql::Database> database = [] {
    auto opened = sql::open_database("sqlite::memory:");
    sql::migrate(*opened, store::migrations());
    return opened;
  }();
  test::ManualClock clock;
  test::SeededRandom random;
  base::IdGenerator ids{clock, 1, clock.now()};
  store::Store store{*database, ids};
  tenancy::KeyFile key_file = tenancy::KeyFile::generate(random);
  tenancy::Tenants tenants{store, key_file};
  base::TenantId tenant{};
  std::shared_ptr<const model::Connection> connection;
  protection::BruteForce brute_force{store, clock};
  audit::FailureQueue failures{store, clock};
  PasswordLogin login{tenants, brute_force, failures, clock, kCheap};
};

constexpr const char* kWrong = "403 invalid_grant: Wrong email or password.";

TEST_F(PasswordLoginTest, knows_a_user_by_email_whatever_the_case) {
  EXPECT_EQ(said(log_in("ada@example.com", std::string(kRight))), "signed in as auth0|ada");
  EXPECT_EQ(said(log_in(" ADA@Example.com ", std::string(kRight))), "signed in as auth0|ada");
  EXPECT_TRUE(row_types().empty()) << "a success is logged by the flow that it belongs to";
}

TEST_F(PasswordLoginTest, says_the_same_of_a_wrong_password_and_of_an_unknown_user) {
  add_user({.user_id = "auth0|none", .email = "none@example.com"});
  EXPECT_EQ(said(log_in("ada@example.com", "wrong")), kWrong);
  EXPECT_EQ(said(log_in("bob@example.com", std::string(kRight))), kWrong);
  EXPECT_EQ(said(log_in("none@example.com", "anything")), kWrong);
  EXPECT_EQ(said(log_in(std::string("nul\0byte", 8), "anything")), kWrong);
  const auto logged = rows();
  EXPECT_THAT(row_types(), ElementsAre("fp", "fu", "fp", "fu"));
  EXPECT_THAT(logged[0].record,
              AllOf(HasSubstr("auth0|ada"), HasSubstr("Wrong email or password."), HasSubstr("client1"), HasSubstr("203.0.113.7"),
                    HasSubstr("Username-Password-Authentication"), Not(HasSubstr("\"wrong\""))));
}

TEST_F(PasswordLoginTest, the_decoy_is_a_hash_of_the_same_cost) {
  const auto decoy = make_decoy_hash({});
  const auto parameters = [](std::string hash) { return hash.substr(0, hash.find('$', hash.find(",p="))); };
  EXPECT_EQ(parameters(decoy), parameters(crypto::hash_password(crypto::Secret("x"), {})));
  EXPECT_EQ(crypto_pwhash_str_needs_rehash(decoy.c_str(), crypto::PasswordCost().operations, crypto::PasswordCost().memory_bytes),
            0)
      << "libsodium reads it, so verifying it runs the whole function";
}

TEST_F(PasswordLoginTest, a_password_without_end_is_wrong_and_not_hashed) {
  add_user({.user_id = "auth0|long",
            .email = "long@example.com",
            .password_hash = crypto::hash_password(crypto::Secret(std::string(1025, 'x')), kCheap)});
  EXPECT_EQ(said(log_in("long@example.com", std::string(1025, 'x'))), kWrong);
  EXPECT_EQ(said(log_in("ada@example.com", "")), kWrong);
}

TEST_F(PasswordLoginTest, a_blocked_user_learns_it_with_the_right_password_only) {
  auto ada = stored("auth0|ada");
  ada.blocked = true;
  store.write(tenant, [&](const store::Writer& w) { return store::users::update(w, ada); });
  EXPECT_EQ(said(log_in("ada@example.com", "wrong")), kWrong);
  EXPECT_EQ(said(log_in("ada@example.com", std::string(kRight))), "403 unauthorized: user is blocked");
  EXPECT_THAT(row_types(), ::testing::UnorderedElementsAre("fp", "f"));
}

TEST_F(PasswordLoginTest, blocks_existing_and_unknown_accounts_alike) {
  for (const auto* name : {"ada@example.com", "nobody@example.com"}) {
    for (int i = 0; i < 10; ++i) EXPECT_EQ(said(log_in(name, "wrong")), kWrong);
    EXPECT_THAT(said(log_in(name, std::string(kRight))),
                HasSubstr("429 too_many_attempts: Your account has been blocked after multiple"));
  }
  EXPECT_EQ(said(log_in("ada@example.com", std::string(kRight), "198.51.100.1")), "signed in as auth0|ada");
  const auto types = row_types();
  EXPECT_EQ(std::count(types.begin(), types.end(), "limit_wc"), 2);
}

TEST_F(PasswordLoginTest, blocks_an_address_that_tries_many_accounts) {
  for (int i = 0; i < 100; ++i) EXPECT_EQ(said(log_in("user" + std::to_string(i), "wrong")), kWrong);
  EXPECT_THAT(said(log_in("ada@example.com", std::string(kRight))),
              HasSubstr("429 too_many_attempts: We have detected suspicious"));
  EXPECT_EQ(row_types().back(), "limit_mu");
}

TEST_F(PasswordLoginTest, an_imported_hash_is_replaced_at_the_first_right_password) {
  add_user({.user_id = "auth0|old", .email = "old@example.com", .password_hash = bcrypt("imported")});
  EXPECT_EQ(said(log_in("old@example.com", "guess")), kWrong);
  EXPECT_THAT(stored("auth0|old").password_hash, HasSubstr("$2b$"));
  EXPECT_EQ(said(log_in("old@example.com", "imported")), "signed in as auth0|old");
  EXPECT_THAT(stored("auth0|old").password_hash, HasSubstr("$argon2id$"));
  EXPECT_EQ(said(log_in("old@example.com", "imported")), "signed in as auth0|old");
}

}  // namespace
}  // namespace segue::connections
