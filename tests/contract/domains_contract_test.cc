// Domains of a tenant (store/tenants.h), on both engines: a name is one tenant's.
#include "contract/session_graph_fixture.h"

namespace segue::store {
namespace {

using ::testing::ElementsAre;

class Domains : public SessionGraph {
 protected:
  std::vector<std::string> domains(base::TenantId tenant = kOne) {
    return read([](const Reader& r) { return tenants::find(r)->domains; }, tenant);
  }
  bool add(const std::string& domain, base::TenantId tenant = kOne) {
    return write([&](const Writer& w) { return tenants::add_domain(w, domain); }, tenant);
  }
  bool remove(const std::string& domain, base::TenantId tenant = kOne) {
    return write([&](const Writer& w) { return tenants::remove_domain(w, domain); }, tenant);
  }
  std::int64_t version() {
    return read([](const Reader& r) { return tenants::config_version(r); });
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, Domains, ::testing::ValuesIn(every_place()), place_name);

TEST_P(Domains, stand_behind_the_canonical_one_in_the_order_in_which_they_came) {
  const auto before = version();
  EXPECT_TRUE(add("b.example"));
  EXPECT_GT(version(), before);
  EXPECT_TRUE(add("a.example"));
  EXPECT_FALSE(add("a.example"));
  EXPECT_THAT(domains(), ElementsAre("one.example", "b.example", "a.example"));
  EXPECT_TRUE(remove("b.example"));
  EXPECT_FALSE(remove("b.example"));
  EXPECT_FALSE(remove("one.example")) << "the canonical one stays";
  EXPECT_THAT(domains(), ElementsAre("one.example", "a.example"));
}

TEST_P(Domains, of_one_tenant_are_no_other_tenants) {
  EXPECT_TRUE(add("a.example"));
  EXPECT_FALSE(add("a.example", kTwo));
  EXPECT_FALSE(add("one.example", kTwo));
  EXPECT_FALSE(remove("a.example", kTwo));
  EXPECT_THAT(domains(), ElementsAre("one.example", "a.example"));
  EXPECT_THAT(domains(kTwo), ElementsAre("two.example"));
  for (const auto tenant : {kOne, kTwo}) {
    EXPECT_TRUE(read([](const Reader& r) { return tenants::has_domain(r, "a.example"); }, tenant))
        << "a name is anybody's to see";
    EXPECT_FALSE(read([](const Reader& r) { return tenants::has_domain(r, "b.example"); }, tenant));
  }
}

TEST_P(Domains, asked_for_by_many_at_once_become_one_tenants_once) {
  const int told_yes = winners([](const Writer& w, int k) {
    Writer mine = w;
    mine.tenant = k % 2 == 0 ? kOne : kTwo;
    return tenants::add_domain(mine, "a.example");
  });
  EXPECT_EQ(told_yes, 1);
  EXPECT_EQ(domains().size() + domains(kTwo).size(), 3u);
}

}  // namespace
}  // namespace segue::store
