// Pushed authorization requests as rows: whole, once, and each for its tenant and its client only.
#include "store/pushed_requests.h"

#include "contract/session_graph_fixture.h"

namespace segue::store {
namespace {

using namespace std::chrono_literals;

struct PushedRequests : SessionGraph {
  model::PushedRequest sample() {
    return {.pushed_request_id = ids_.next(),
            .client_id = "app",
            .parameters = "client_id=app&state=a%20b",
            .transfer = model::PushedTransfer{ids_.next(), digest_of(7)},
            .created_at = now(),
            .expires_at = now() + 30s};
  }
  base::RowId insert(const model::PushedRequest& request) {
    run([&](const Writer& w) { pushed_requests::insert(w, request, digest_of(1)); });
    return request.pushed_request_id;
  }
  bool consume(base::RowId id, base::Instant at, int secret = 1, std::string_view client_id = "app",
               base::TenantId tenant = kOne) {
    return write([&](const Writer& w) { return pushed_requests::consume(w, id, digest_of(secret), client_id, at); }, tenant);
  }
  std::optional<pushed_requests::Found> find(base::RowId id, base::TenantId tenant = kOne) {
    return read([&](const Reader& r) { return pushed_requests::find(r, id); }, tenant);
  }
};
INSTANTIATE_TEST_SUITE_P(Engines, PushedRequests, ::testing::ValuesIn(every_place()), place_name);

TEST_P(PushedRequests, come_back_as_they_went_in) {
  for (const bool with_transfer : {true, false}) {
    auto request = sample();
    if (!with_transfer) request.transfer.reset();
    const auto found = find(insert(request));
    ASSERT_TRUE(found);
    EXPECT_EQ(found->secret_hash, digest_of(1));
    EXPECT_EQ(found->request.pushed_request_id, request.pushed_request_id);
    EXPECT_EQ(found->request.client_id, "app");
    EXPECT_EQ(found->request.parameters, request.parameters);
    EXPECT_EQ(found->request.created_at, request.created_at);
    EXPECT_EQ(found->request.expires_at, request.expires_at);
    EXPECT_FALSE(found->request.consumed_at);
    ASSERT_EQ(found->request.transfer.has_value(), with_transfer);
    if (!with_transfer) continue;
    EXPECT_EQ(found->request.transfer->session_transfer_token_id, request.transfer->session_transfer_token_id);
    EXPECT_EQ(found->request.transfer->secret_hash, digest_of(7));
  }
}

TEST_P(PushedRequests, remember_a_session_transfer_token_that_was_none) {
  auto request = sample();
  request.transfer = model::PushedTransfer{};
  const auto found = find(insert(request));
  ASSERT_TRUE(found && found->request.transfer);
  EXPECT_EQ(found->request.transfer->session_transfer_token_id, base::RowId{});
}

TEST_P(PushedRequests, are_consumed_once_by_the_right_secret_of_the_right_client_in_time) {
  const auto id = insert(sample());
  EXPECT_FALSE(consume(id, now(), 2));
  EXPECT_FALSE(consume(id, now(), 1, "other"));
  EXPECT_FALSE(consume(id, now() + 30s));
  EXPECT_TRUE(consume(id, now() + 30s - 1us));
  EXPECT_FALSE(consume(id, now()));
  EXPECT_EQ(find(id)->request.consumed_at, now() + 30s - 1us);
}

TEST_P(PushedRequests, of_one_tenant_do_not_exist_for_another) {
  const auto id = insert(sample());
  EXPECT_FALSE(find(id, kTwo));
  EXPECT_FALSE(consume(id, now(), 1, "app", kTwo));
  EXPECT_FALSE(find(id)->request.consumed_at);
  EXPECT_TRUE(consume(id, now()));
}

TEST_P(PushedRequests, have_one_winner_among_many) {
  const auto id = insert(sample());
  EXPECT_EQ(winners([&](const Writer& w, int) { return pushed_requests::consume(w, id, digest_of(1), "app", now()); }), 1);
}

}  // namespace
}  // namespace segue::store
