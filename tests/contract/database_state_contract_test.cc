// Facts of the whole database and a tenant's configuration version, as several nodes share them.
#include <mutex>
#include <set>

#include "contract/session_graph_fixture.h"
#include "store/unnamed_proxies.h"

namespace segue::store {
namespace {

using namespace std::chrono_literals;
namespace state = database_state;

constexpr sql::Statement kLeased{"test.leased", R"sql(
    insert into nodes (node_number, holder, lease_expires_at) values ($1, 'one of many', $2))sql"};

class DatabaseState : public SessionGraph {
 protected:
  template <class F>
  auto change(F f) {
    return change_on(store(), f);
  }
  template <class F>
  auto change_on(Store& where, F f) {
    std::optional<decltype(f(std::declval<sql::Connection&>()))> out;
    where.database().write([&](sql::Connection& connection) {
      out.reset();
      out.emplace(f(connection));
    });
    return std::move(*out);
  }
  std::optional<int> lease(const std::string& holder, base::Instant at, base::Instant until) {
    return change([&](sql::Connection& c) { return state::lease_node(c, holder, at, until); });
  }
  bool renew(int node, const std::string& holder, base::Instant until) {
    return change([&](sql::Connection& c) { return state::renew_node(c, node, holder, until); });
  }
  base::Instant high_water() {
    return change([](sql::Connection& c) { return state::high_water(c); });
  }
  void raise(base::Instant t) {
    change([&](sql::Connection& c) { return state::raise_high_water(c, t), 0; });
  }
  std::int64_t version(base::TenantId tenant = kOne) {
    return read([](const Reader& r) { return tenants::config_version(r); }, tenant);
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, DatabaseState, ::testing::ValuesIn(every_place()), place_name);

TEST_P(DatabaseState, the_high_water_time_starts_at_the_epoch_and_never_goes_down) {
  EXPECT_EQ(high_water(), base::Instant{});
  raise(now());
  EXPECT_EQ(high_water(), now());
  raise(now() - base::Duration(1));
  EXPECT_EQ(high_water(), now());
  raise(now() + base::Duration(1));
  EXPECT_EQ(high_water(), now() + base::Duration(1));
}

TEST_P(DatabaseState, the_high_water_time_is_the_highest_of_many_nodes) {
  winners([&](const Writer& w, int k) {
    return state::raise_high_water(w.connection, now() + std::chrono::seconds((k * 37) % kThreads)), true;
  });
  EXPECT_EQ(high_water(), now() + std::chrono::seconds(kThreads - 1));
}

TEST_P(DatabaseState, only_a_reset_lowers_the_high_water_time) {
  raise(now());
  change([&](sql::Connection& c) { return state::reset_high_water(c, now() - 1h), 0; });
  EXPECT_EQ(high_water(), now() - 1h);
}

TEST_P(DatabaseState, nodes_that_start_together_get_different_numbers) {
  std::mutex mutex;
  std::multiset<int> numbers;
  std::vector<std::thread> threads;
  std::barrier start(kThreads);
  for (int k = 0; k < kThreads; ++k) {
    threads.emplace_back([&, k] {
      start.arrive_and_wait();
      const auto node = change_on(k % 2 == 0 ? store() : other_process(), [&](sql::Connection& c) {
        return state::lease_node(c, "node " + std::to_string(k), now(), now() + 60s);
      });
      const std::scoped_lock lock(mutex);
      numbers.insert(node.value_or(-1));
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(std::set<int>(numbers.begin(), numbers.end()).size(), static_cast<std::size_t>(kThreads));
  EXPECT_EQ(*numbers.begin(), 0);
  EXPECT_EQ(*numbers.rbegin(), kThreads - 1);
}

TEST_P(DatabaseState, a_node_number_is_free_again_when_its_lease_has_ended_or_was_given_back) {
  EXPECT_EQ(lease("a", now(), now() + 60s), 0);
  EXPECT_EQ(lease("b", now() + 60s, now() + 120s), 1) << "the last moment still belongs to a";
  EXPECT_EQ(lease("c", now() + 60s + base::Duration(1), now() + 180s), 0);
  EXPECT_FALSE(renew(0, "a", now() + 240s)) << "a lost it";
  EXPECT_TRUE(renew(0, "c", now() + 240s));
  change([](sql::Connection& c) { return state::release_node(c, 0, "a"), 0; });
  EXPECT_TRUE(renew(0, "c", now() + 240s)) << "only its holder gives a number back";
  change([](sql::Connection& c) { return state::release_node(c, 0, "c"), 0; });
  EXPECT_EQ(lease("d", now() + 61s, now() + 120s), 0);
}

TEST_P(DatabaseState, a_renewed_lease_is_kept) {
  EXPECT_EQ(lease("a", now(), now() + 60s), 0);
  EXPECT_TRUE(renew(0, "a", now() + 120s));
  EXPECT_EQ(lease("b", now() + 90s, now() + 150s), 1);
}

TEST_P(DatabaseState, there_is_no_number_when_all_are_leased) {
  change([&](sql::Connection& c) {
    for (int k = 0; k < 1024; ++k) c.execute(kLeased, {k, now() + 60s});
    return 0;
  });
  EXPECT_EQ(lease("late", now() + 1s, now() + 61s), std::nullopt);
  EXPECT_EQ(lease("patient", now() + 61s, now() + 121s), 0);
}

TEST_P(DatabaseState, every_change_of_configuration_raises_the_version_of_its_tenant_alone) {
  const auto before = version(), other = version(kTwo);
  run([](const Writer& w) { tenants::bump_config_version(w); });
  EXPECT_EQ(version(), before + 1);
  run([](const Writer& w) { tenants::update_settings(w, {{"friendly_name", "Grüße 🔑"}}); });
  EXPECT_EQ(version(), before + 2);

  EXPECT_EQ(version(kTwo), other);
  EXPECT_EQ(version(base::TenantId{3}), 0) << "an unknown tenant has none";
}

TEST_P(DatabaseState, no_change_of_the_version_is_lost_under_many_threads) {
  const auto before = version();
  winners([](const Writer& w, int) { return tenants::bump_config_version(w), true; });
  EXPECT_EQ(version(), before + kThreads);
}

TEST_P(DatabaseState, no_change_of_the_settings_is_lost_under_many_threads) {
  winners([](const Writer& w, int k) {
    auto settings = tenants::find_for_change(w)->settings;
    settings[std::to_string(k)] = true;
    return tenants::update_settings(w, settings), true;
  });
  run([](const Writer& w) { EXPECT_EQ(tenants::find(w)->settings.size(), std::size_t{kThreads}); });
  run([](const Writer& w) { EXPECT_TRUE(tenants::find_for_change(w)->settings.empty()); }, kTwo);
}

TEST_P(DatabaseState, a_failed_commit_raises_the_version_once) {
  const auto before = version();
  fault_.left = 1;
  run([](const Writer& w) { tenants::bump_config_version(w); });
  EXPECT_EQ(fault_.left, 0);
  EXPECT_EQ(version(), before + 1);
}

TEST_P(DatabaseState, another_tenant_sees_no_settings_or_secrets) {
  run([&](const Writer& w) {
    tenants::update_settings(w, {{"friendly_name", "One"}});
    tenants::insert_secret(w, {"handle", std::string("\0wrapped\xff", 9)}, now());
  });
  run(
      [](const Writer& w) {
        EXPECT_TRUE(tenants::find(w)->settings.empty());
        EXPECT_TRUE(tenants::secrets(w).empty());
        tenants::update_settings(w, {{"friendly_name", "Two"}});
      },
      kTwo);
  run([&](const Writer& w) {
    const auto tenant = tenants::find(w);
    EXPECT_EQ(tenant->name, "one.example");
    EXPECT_EQ(tenant->canonical_domain(), "one.example");
    EXPECT_EQ(tenant->created_at, now());
    EXPECT_EQ(json::write(tenant->settings), R"({"friendly_name":"One"})");
    ASSERT_EQ(tenants::secrets(w).size(), 1u);
    EXPECT_EQ(tenants::secrets(w)[0].purpose, "handle");
    EXPECT_EQ(tenants::secrets(w)[0].wrapped, std::string("\0wrapped\xff", 9));
  });
  EXPECT_THROW(run([&](const Writer& w) { tenants::insert_secret(w, {"handle", "again"}, now()); }), sql::ConstraintViolation);
}

TEST_P(DatabaseState, a_domain_belongs_to_one_tenant_and_a_refused_tenant_leaves_nothing) {
  model::Tenant tenant;
  tenant.domains = {"one.example"};
  EXPECT_FALSE(change([&](sql::Connection& c) {
    tenant.id = tenants::next_id(c);
    return tenants::insert(c, tenant);
  }));
  EXPECT_EQ(change([](sql::Connection& c) { return tenants::list_all(c).size(); }), 2u);
}

TEST_P(DatabaseState, an_unnamed_proxy_is_one_row_that_is_seen_again_and_forgotten) {
  namespace proxies = unnamed_proxies;
  const auto all = [&] { return change([](sql::Connection& c) { return proxies::list(c); }); };
  const auto note = [&](const std::string& address, const std::string& header, base::Instant at) {
    change([&](sql::Connection& c) { return proxies::note(c, {address, header, at}), 0; });
  };
  EXPECT_TRUE(all().empty());
  note("10.0.0.2", "Forwarded", now());
  note("10.0.0.1", "Forwarded", now());
  note("10.0.0.1", "X-Forwarded-For", now() + 1h);
  ASSERT_EQ(all().size(), 2u);
  EXPECT_EQ(all()[0].address, "10.0.0.1");
  EXPECT_EQ(all()[0].header, "X-Forwarded-For");
  EXPECT_EQ(all()[0].seen_at, now() + 1h);
  change([&](sql::Connection& c) { return proxies::forget_before(c, now() + 1h), 0; });
  ASSERT_EQ(all().size(), 1u);
  EXPECT_EQ(all()[0].address, "10.0.0.1");
}

TEST_P(DatabaseState, unnamed_proxies_are_bounded) {
  namespace proxies = unnamed_proxies;
  change([&](sql::Connection& c) {
    for (int i = 0; i < proxies::kMost + 5; ++i) proxies::note(c, {"10.0.0." + std::to_string(i), "Forwarded", now()});
    proxies::note(c, {"10.0.0.0", "Forwarded", now() + 1h});  // a known one is still updated
    return 0;
  });
  const auto all = change([](sql::Connection& c) { return proxies::list(c); });
  EXPECT_EQ(all.size(), static_cast<std::size_t>(proxies::kMost));
  EXPECT_EQ(all[0].seen_at, now() + 1h);
}

}  // namespace
}  // namespace segue::store
