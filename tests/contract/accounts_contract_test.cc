// What accounts leave to be done, and links to a new password, as rows: whole, once, and each for its tenant only.
#include <gmock/gmock.h>

#include "contract/session_graph_fixture.h"
#include "store/deferred_runs.h"
#include "store/email_tickets.h"
#include "store/expired_rows.h"
#include "store/mails.h"
#include "store/password_tickets.h"
#include "store/sealed_values.h"

namespace segue::store {
namespace {

using namespace std::chrono_literals;
namespace tickets = password_tickets;

struct Accounts : SessionGraph {
  template <class Out>
  Out due(Out (*find)(sql::Connection&, base::Instant)) {
    Out out;
    database_->read([&](sql::Connection& connection) { out = find(connection, now()); });
    return out;
  }

  model::User user(const std::string& user_id = "auth0|1", const std::string& email = "Ada@Example.com") {
    model::User out;
    out.user_id = user_id;
    out.email = email;
    out.password_epoch = now();
    return out;
  }
  tickets::Ticket ticket(const model::User& of) {
    return {.password_ticket_id = ids_.next(),
            .user_id = of.user_id,
            .email = of.email,
            .password_epoch = of.password_epoch,
            .client_id = "app",
            .created_at = now(),
            .expires_at = now() + 1h};
  }
  base::RowId insert(const tickets::Ticket& ticket) {
    run([&](const Writer& w) { tickets::insert(w, ticket, digest_of(1)); });
    return ticket.password_ticket_id;
  }
  bool consume(base::RowId id, const model::User& of, base::Instant at, int secret = 1, base::TenantId tenant = kOne) {
    return write([&](const Writer& w) { return tickets::consume(w, id, digest_of(secret), of, at); }, tenant);
  }
  mails::Mail mail() {
    return {.mail_id = ids_.next(), .sealed = std::string("sealed\0bytes", 12), .created_at = now(), .expires_at = now() + 1h};
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, Accounts, ::testing::ValuesIn(every_place()), place_name);

TEST_P(Accounts, leave_runs_that_are_taken_in_order_and_come_back_as_they_went_in) {
  EXPECT_FALSE(due(deferred_runs::find_tenant_due));
  run([&](const Writer& w) { deferred_runs::insert(w, "post-change-password", R"({"a":"ü"})", R"({"ip":"x"})", now()); });
  clock_.advance(1s);
  run([&](const Writer& w) { deferred_runs::insert(w, "post-user-registration", "{}", "{}", now()); });
  EXPECT_EQ(due(deferred_runs::find_tenant_due), kOne);
  const auto take = [&] { return write([&](const Writer& w) { return deferred_runs::take(w, now(), now() + 1min); }); };
  const auto first = take(), second = take();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->trigger_id, "post-change-password");
  EXPECT_EQ(first->event, R"({"a":"ü"})");
  EXPECT_EQ(first->log_row, R"({"ip":"x"})");
  EXPECT_EQ(first->attempts, 1);
  EXPECT_EQ(first->created_at, now() - 1s);
  EXPECT_EQ(second->trigger_id, "post-user-registration");
  EXPECT_FALSE(take()) << "both are under way";
  run([&](const Writer& w) { deferred_runs::finish(w, first->deferred_run_id); });
  run([&](const Writer& w) { deferred_runs::postpone(w, second->deferred_run_id, now() + 1h); });
  clock_.advance(1h - 1us);
  EXPECT_FALSE(take());
  clock_.advance(1us);
  EXPECT_EQ(take()->attempts, 2);
}

TEST_P(Accounts, leave_nothing_that_another_tenant_could_take_or_change) {
  const auto m = mail();
  run([&](const Writer& w) {
    deferred_runs::insert(w, "post-change-password", "{}", "{}", now());
    mails::insert(w, m);
  });
  EXPECT_FALSE(write([&](const Writer& w) { return deferred_runs::take(w, now(), now() + 1min); }, kTwo));
  EXPECT_FALSE(write([&](const Writer& w) { return mails::take(w, now(), now() + 1min); }, kTwo));
  const auto mine = write([&](const Writer& w) { return deferred_runs::take(w, now(), now() + 1min); });
  ASSERT_TRUE(mine);
  run(
      [&](const Writer& w) {
        deferred_runs::finish(w, mine->deferred_run_id);
        deferred_runs::postpone(w, mine->deferred_run_id, now() + 24h);
        mails::remove(w, m.mail_id);
        mails::postpone(w, m.mail_id, now() + 24h);
      },
      kTwo);
  clock_.advance(1min);
  EXPECT_TRUE(write([&](const Writer& w) { return deferred_runs::take(w, now(), now() + 1min); }));
  EXPECT_TRUE(write([&](const Writer& w) { return mails::take(w, now(), now() + 1min); }));
}

TEST_P(Accounts, leave_mails_that_are_kept_until_they_are_removed) {
  const auto m = mail();
  run([&](const Writer& w) { mails::insert(w, m); });
  EXPECT_THAT(due(mails::list_tenants_due), ::testing::ElementsAre(kOne));
  const auto taken = write([&](const Writer& w) { return mails::take(w, now(), now() + 1min); });
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->mail_id, m.mail_id);
  EXPECT_EQ(taken->sealed, m.sealed);
  EXPECT_EQ(taken->attempts, 1);
  EXPECT_EQ(taken->created_at, m.created_at);
  EXPECT_EQ(taken->expires_at, m.expires_at);
  EXPECT_THAT(due(mails::list_tenants_due), ::testing::IsEmpty());
  run([&](const Writer& w) { mails::postpone(w, m.mail_id, now()); });
  EXPECT_EQ(write([&](const Writer& w) { return mails::take(w, now(), now() + 1min); })->attempts, 2);
  run([&](const Writer& w) { mails::remove(w, m.mail_id); });
  clock_.advance(24h);
  EXPECT_THAT(due(mails::list_tenants_due), ::testing::IsEmpty());
}

TEST_P(Accounts, leave_mails_that_a_new_key_file_finds) {
  const auto m = mail();
  run([&](const Writer& w) { mails::insert(w, m); });
  const auto* const column = sealed_values::find_column("mail");
  ASSERT_NE(column, nullptr);
  const auto values = read([&](const Reader& r) { return sealed_values::list(r, *column); });
  ASSERT_EQ(values.size(), 1u);
  EXPECT_EQ(values.front().id, std::to_string(base::to_integer(m.mail_id)));
  EXPECT_EQ(values.front().sealed, m.sealed);
  EXPECT_FALSE(write([&](const Writer& w) { return sealed_values::replace(w, *column, values.front(), "x"); }, kTwo));
  EXPECT_TRUE(write([&](const Writer& w) { return sealed_values::replace(w, *column, values.front(), "newer"); }));
  EXPECT_FALSE(write([&](const Writer& w) { return sealed_values::replace(w, *column, values.front(), "newest"); }));
  EXPECT_EQ(write([&](const Writer& w) { return mails::take(w, now(), now() + 1min); })->sealed, "newer");
}

TEST_P(Accounts, give_each_mail_and_run_to_one_of_many_workers) {
  run([&](const Writer& w) {
    deferred_runs::insert(w, "post-change-password", "{}", "{}", now());
    mails::insert(w, mail());
  });
  EXPECT_EQ(winners([&](const Writer& w, int) { return deferred_runs::take(w, now(), now() + 1min).has_value(); }), 1);
  EXPECT_EQ(winners([&](const Writer& w, int) { return mails::take(w, now(), now() + 1min).has_value(); }), 1);
}

TEST_P(Accounts, have_tickets_that_come_back_as_they_went_in) {
  const auto t = ticket(user());
  const auto id = insert(t);
  const auto found = read([&](const Reader& r) { return tickets::find(r, id); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->secret_hash, digest_of(1));
  EXPECT_EQ(found->ticket.user_id, t.user_id);
  EXPECT_EQ(found->ticket.email, "ada@example.com");
  EXPECT_EQ(found->ticket.password_epoch, t.password_epoch);
  EXPECT_EQ(found->ticket.client_id, "app");
  EXPECT_EQ(found->ticket.created_at, t.created_at);
  EXPECT_EQ(found->ticket.expires_at, t.expires_at);
  EXPECT_FALSE(found->ticket.used_at);
  EXPECT_FALSE(read([&](const Reader& r) { return tickets::find(r, id); }, kTwo));
}

TEST_P(Accounts, have_tickets_that_work_once_in_time_for_the_user_as_they_were) {
  const auto ada = user();
  const auto id = insert(ticket(ada));
  auto other = ada;
  other.user_id = "auth0|2";
  EXPECT_FALSE(consume(id, other, now()));
  other = ada;
  other.email = "other@example.com";
  EXPECT_FALSE(consume(id, other, now()));
  other = ada;
  other.password_epoch += 1us;
  EXPECT_FALSE(consume(id, other, now()));
  EXPECT_FALSE(consume(id, ada, now(), 2));
  EXPECT_FALSE(consume(id, ada, now() + 1h));
  EXPECT_FALSE(consume(id, ada, now(), 1, kTwo));
  EXPECT_TRUE(consume(id, ada, now() + 1h - 1us));
  EXPECT_FALSE(consume(id, ada, now()));
}

TEST_P(Accounts, have_tickets_with_one_winner_among_many) {
  const auto ada = user();
  const auto id = insert(ticket(ada));
  EXPECT_EQ(winners([&](const Writer& w, int) { return tickets::consume(w, id, digest_of(1), ada, now()); }), 1);
}

TEST_P(Accounts, have_tickets_that_end_together_and_are_forgotten_a_day_after_their_end) {
  const auto ada = user(), eve = user("auth0|2", "eve@example.com");
  const auto first = insert(ticket(ada)), second = insert(ticket(ada)), hers = insert(ticket(eve));
  run([&](const Writer& w) { tickets::end_all_of_user(w, ada.user_id, now()); }, kTwo);
  EXPECT_TRUE(consume(first, ada, now()));
  run([&](const Writer& w) { tickets::end_all_of_user(w, ada.user_id, now()); });
  EXPECT_FALSE(consume(second, ada, now()));
  EXPECT_TRUE(consume(hers, eve, now()));
  clock_.advance(25h);
  const auto table = read([&](const Reader& r) { return expired_rows::find_table(r, now()); });
  ASSERT_TRUE(table);
  EXPECT_EQ(expired_rows::name_of(*table), "password_tickets");
  EXPECT_EQ(write([&](const Writer& w) { return expired_rows::sweep(w, *table, now(), 100); }), 3);
}

TEST_P(Accounts, keep_links_that_verify_an_address_whole_once_and_for_their_tenant) {
  auto ada = user();
  const email_tickets::Ticket made{.email_ticket_id = ids_.next(),
                                   .user_id = ada.user_id,
                                   .email = ada.email,
                                   .client_id = "app",
                                   .result_url = "https://app.example/",
                                   .tells_email = true,
                                   .created_at = now(),
                                   .expires_at = now() + 1h,
                                   .used_at = {}};
  const auto id = made.email_ticket_id;
  run([&](const Writer& w) { email_tickets::insert(w, made, digest_of(1)); });
  const auto found = read([&](const Reader& r) { return email_tickets::find(r, id); });
  ASSERT_TRUE(found);
  EXPECT_EQ(found->secret_hash, digest_of(1));
  EXPECT_EQ(found->ticket.email, "ada@example.com");
  EXPECT_EQ(found->ticket.result_url, made.result_url);
  EXPECT_TRUE(found->ticket.tells_email);
  EXPECT_EQ(found->ticket.expires_at, made.expires_at);

  const auto use = [&](const model::User& of, int secret, base::Instant at, base::TenantId tenant) {
    return write([&](const Writer& w) { return email_tickets::consume(w, id, digest_of(secret), of, at); }, tenant);
  };
  run([&](const Writer& w) { email_tickets::end_all_of_user(w, ada.user_id, now()); }, kTwo);
  EXPECT_FALSE(use(ada, 1, now(), kTwo));
  EXPECT_FALSE(use(ada, 2, now(), kOne));
  EXPECT_FALSE(use(ada, 1, now() + 1h, kOne));
  EXPECT_FALSE(use(user("auth0|2"), 1, now(), kOne));
  EXPECT_FALSE(use(user("auth0|1", "other@example.com"), 1, now(), kOne));
  EXPECT_TRUE(use(ada, 1, now(), kOne));
  EXPECT_FALSE(use(ada, 1, now(), kOne));
}

}  // namespace
}  // namespace segue::store
