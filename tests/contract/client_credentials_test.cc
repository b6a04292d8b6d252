// What the repository of clients' public keys promises.
#include "store/client_credentials.h"
#include "contract/session_graph_fixture.h"
#include "store/clients.h"

namespace segue::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ClientCredentials : public SessionGraph {
 protected:
  model::ClientCredential sample(const std::string& id, const std::string& client_id = "web") {
    clock_.advance(std::chrono::seconds(1));
    return {.credential_id = id,
            .client_id = client_id,
            .name = "Schlüssel",
            .kid = "kid-" + id,
            .alg = "PS256",
            .pem = "-----BEGIN PUBLIC KEY-----\n…",
            .created_at = now(),
            .updated_at = now(),
            .expires_at = std::nullopt};
  }
  bool inserted(const model::ClientCredential& credential, base::TenantId tenant = kOne) {
    return write([&](const Writer& w) { return client_credentials::insert(w, credential); }, tenant);
  }
  std::vector<std::string> ids(const std::string& client_id = "web", base::TenantId tenant = kOne) {
    std::vector<std::string> out;
    for (const auto& c : read([&](const Reader& r) { return client_credentials::list_of_client(r, client_id); }, tenant))
      out.push_back(c.credential_id);
    return out;
  }
  std::optional<model::ClientCredential> found(const std::string& id, base::TenantId tenant = kOne) {
    return read([&](const Reader& r) { return client_credentials::find(r, "web", id); }, tenant);
  }
  std::int64_t version(base::TenantId tenant = kOne) {
    return read([](const Reader& r) { return tenants::config_version(r); }, tenant);
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, ClientCredentials, ::testing::ValuesIn(every_place()), place_name);

TEST_P(ClientCredentials, come_back_as_they_were_stored) {
  const auto credential = sample("cred_1");
  const auto before = version();
  EXPECT_TRUE(inserted(credential));
  EXPECT_GT(version(), before);
  const auto back = found("cred_1");
  ASSERT_TRUE(back);
  EXPECT_EQ(back->name, credential.name);
  EXPECT_EQ(back->kid, credential.kid);
  EXPECT_EQ(back->alg, credential.alg);
  EXPECT_EQ(back->pem, credential.pem);
  EXPECT_EQ(back->created_at, credential.created_at);
  EXPECT_EQ(back->updated_at, credential.updated_at);
  EXPECT_EQ(back->expires_at, std::nullopt);
  EXPECT_FALSE(inserted(credential)) << "the id is taken";
  EXPECT_FALSE(found("cred_2"));
}

TEST_P(ClientCredentials, are_listed_by_age_for_their_client_only) {
  inserted(sample("cred_b"));
  inserted(sample("cred_a"));
  inserted(sample("cred_c", "other"));
  EXPECT_THAT(ids(), ElementsAre("cred_b", "cred_a"));
  EXPECT_THAT(ids("nobody"), IsEmpty());
}

TEST_P(ClientCredentials, change_their_expiry_and_are_deleted) {
  inserted(sample("cred_1"));
  const auto at = now() + std::chrono::hours(1);
  auto before = version();
  const auto change = [&](const std::string& id, std::optional<base::Instant> expires_at, base::TenantId tenant = kOne) {
    return write([&](const Writer& w) { return client_credentials::update_expiry(w, "web", id, expires_at, now()); }, tenant);
  };
  EXPECT_TRUE(change("cred_1", at));
  EXPECT_GT(version(), before);
  EXPECT_EQ(found("cred_1")->expires_at, at);
  EXPECT_TRUE(change("cred_1", std::nullopt));
  EXPECT_EQ(found("cred_1")->expires_at, std::nullopt);
  before = version();
  EXPECT_FALSE(change("cred_2", at));
  const auto remove = [](const Writer& w) { return client_credentials::delete_one(w, "web", "cred_1"); };
  EXPECT_EQ(version(), before);
  EXPECT_TRUE(write(remove));
  EXPECT_GT(version(), before);
  EXPECT_FALSE(write(remove));
}

TEST_P(ClientCredentials, are_not_seen_or_changed_by_another_tenant) {
  inserted(sample("cred_1"));
  EXPECT_FALSE(found("cred_1", kTwo));
  EXPECT_THAT(ids("web", kTwo), IsEmpty());
  EXPECT_FALSE(write([&](const Writer& w) { return client_credentials::update_expiry(w, "web", "cred_1", now(), now()); }, kTwo));
  EXPECT_FALSE(write([&](const Writer& w) { return client_credentials::delete_one(w, "web", "cred_1"); }, kTwo));
  EXPECT_TRUE(inserted(sample("cred_1"), kTwo));
  EXPECT_EQ(found("cred_1")->expires_at, std::nullopt);
}

TEST_P(ClientCredentials, go_with_their_client) {
  auto client = model::client_from_document("web", json::object{{"name", "web"}});
  write([&](const Writer& w) { return clients::insert(w, client); });
  inserted(sample("cred_1"));
  inserted(sample("cred_2", "other"));
  EXPECT_TRUE(write([&](const Writer& w) { return clients::delete_one(w, "web"); }));
  EXPECT_THAT(ids(), IsEmpty());
  EXPECT_THAT(ids("other"), ElementsAre("cred_2"));
}

}  // namespace
}  // namespace segue::store
