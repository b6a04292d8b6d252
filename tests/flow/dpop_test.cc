// Sender-constrained tokens (RFC 9449, contract §3.7) through every grant, across nodes and against replay.
#include <barrier>
#include <thread>

#include "dpop_flow.h"
#include "oauth/dpop/nonce.h"
#include "oauth/dpop/proof.h"
#include "support/engines.h"

namespace segue::test {
namespace {

using namespace std::chrono_literals;

constexpr const char* kTransfer = "urn:tenant.example:session_transfer";

struct Dpop : DpopFlow {
  Node& other = world.add_node();
};

TEST_F(Dpop, a_public_client_is_told_a_nonce_and_uses_it_on_any_node) {
  const auto first = send(password_form(native), {key.proof("POST", kTokenUrl, world.clock.now())});
  expect_refused(tokens_of(first), "use_dpop_nonce", "Authorization server requires nonce in DPoP proof");
  const auto told = header_of(first, "dpop-nonce");
  ASSERT_FALSE(told.empty());
  EXPECT_TRUE(world.logs("type:fepft").empty()) << "being told a nonce is no refusal";

  const auto second = send(password_form(native), {key.proof("POST", kTokenUrl, world.clock.now(), told)}, &other);
  const auto tokens = tokens_of(second);
  EXPECT_EQ(tokens.status, 200) << second.body;
  EXPECT_EQ(tokens.text("token_type"), "DPoP");
  EXPECT_EQ(jkt_of(tokens.access_token()), key.thumbprint());
  EXPECT_FALSE(header_of(second, "dpop-nonce").empty()) << "the next nonce";
}

TEST_F(Dpop, a_request_without_a_proof_gets_bearer_tokens_and_no_nonce) {
  const auto answer = send(password_form(native), {});
  EXPECT_EQ(tokens_of(answer).text("token_type"), "Bearer");
  EXPECT_EQ(jkt_of(tokens_of(answer).access_token()), "");
  EXPECT_EQ(header_of(answer, "dpop-nonce"), "");
}

TEST_F(Dpop, a_nonce_lasts_two_minutes_whatever_the_clock_of_the_phone_says) {
  const auto told = nonce();
  const auto wrong_clock = world.clock.now() - 24h;
  world.clock.advance(oauth::dpop::kNonceLifetime - 1s);
  EXPECT_EQ(tokens_of(send(password_form(native), {key.proof("POST", kTokenUrl, wrong_clock, told)})).status, 200);
  world.clock.advance(1s);
  expect_refused(tokens_of(send(password_form(native), {key.proof("POST", kTokenUrl, world.clock.now(), told)})),
                 "use_dpop_nonce");
  expect_refused(tokens_of(send(password_form(native), {key.proof("POST", kTokenUrl, world.clock.now(), "made-up")})),
                 "use_dpop_nonce");
}

TEST_F(Dpop, exactly_one_proof_is_taken_and_it_is_for_this_request) {
  expect_refused(tokens_of(send(password_form(native), {proof(), proof()})), "invalid_dpop_proof", "more than one");
  expect_refused(tokens_of(send(password_form(native), {"nonsense"})), "invalid_dpop_proof");
  expect_refused(
      tokens_of(send(password_form(native), {key.proof("POST", "https://tenant.example/userinfo", world.clock.now(), nonce())})),
      "invalid_dpop_proof", "htu");
  expect_refused(tokens_of(send(password_form(native), {key.proof("GET", kTokenUrl, world.clock.now(), nonce())})),
                 "invalid_dpop_proof", "htm");
  // The address is the domain that the request came in on.
  world.add_domain("login.example");
  EXPECT_EQ(
      tokens_of(send(password_form(native), {key.proof("POST", "https://login.example/oauth/token", world.clock.now(), nonce())}))
          .error(),
      "invalid_dpop_proof");
}

TEST_F(Dpop, a_proof_counts_once_across_nodes_and_its_replay_spends_nothing) {
  const auto tokens = bound();
  const auto once = proof();
  ASSERT_EQ(tokens_of(send(password_form(native), {once})).status, 200);
  expect_refused(tokens_of(send(refresh_form(tokens.refresh_token()), {once}, &other)), "invalid_dpop_proof", "used already");
  EXPECT_EQ(prove(refresh_form(tokens.refresh_token()), key).status, 200);
}

TEST_F(Dpop, a_refresh_token_of_a_public_client_needs_its_key) {
  const auto tokens = bound();
  ASSERT_FALSE(tokens.refresh_token().empty());
  expect_refused(tokens_of(send(refresh_form(tokens.refresh_token()), {})), "invalid_dpop_proof", "bound to a DPoP key");
  expect_refused(prove(refresh_form(tokens.refresh_token()), other_key), "invalid_dpop_proof", "bound to a DPoP key");
  EXPECT_EQ(count_logs("type:fertft"), 2u);
  const auto next = prove(refresh_form(tokens.refresh_token()), key, &other);
  ASSERT_EQ(next.status, 200) << "what was refused stayed as it was";
  EXPECT_EQ(next.text("token_type"), "DPoP");
  EXPECT_EQ(jkt_of(next.access_token()), key.thumbprint());
  // The successor is bound too.
  expect_refused(tokens_of(send(refresh_form(next.refresh_token()), {})), "invalid_dpop_proof");
  EXPECT_EQ(prove(refresh_form(next.refresh_token()), key).status, 200);
}

TEST_F(Dpop, being_told_a_nonce_leaves_a_refresh_token_and_a_code_unspent) {
  const auto tokens = bound();
  const auto unready = [&] { return key.proof("POST", kTokenUrl, world.clock.now()); };
  expect_refused(tokens_of(send(refresh_form(tokens.refresh_token()), {unready()})), "use_dpop_nonce");
  EXPECT_EQ(prove(refresh_form(tokens.refresh_token()), key).status, 200);
  const auto code = native_code();
  expect_refused(tokens_of(send(native_code_form(code), {unready()})), "use_dpop_nonce");
  EXPECT_EQ(prove(native_code_form(code), key).status, 200);
}

TEST_F(Dpop, a_spent_refresh_token_ends_its_family_only_in_the_hands_of_its_key) {
  const auto tokens = bound();
  const auto next = prove(refresh_form(tokens.refresh_token()), key);
  expect_refused(prove(refresh_form(tokens.refresh_token()), other_key), "invalid_dpop_proof");
  const auto after = prove(refresh_form(next.refresh_token()), key);
  EXPECT_EQ(after.status, 200);
  expect_refused(prove(refresh_form(tokens.refresh_token()), key), "invalid_grant");
  expect_refused(prove(refresh_form(after.refresh_token()), key), "invalid_grant");
}

TEST_F(Dpop, a_replay_in_the_leeway_shows_the_same_key_and_gets_the_same_successor) {
  patch_client(native, json::object{{"refresh_token", json::object{{"leeway", 30}}}});
  const auto tokens = bound();
  const auto next = prove(refresh_form(tokens.refresh_token()), key);
  expect_refused(prove(refresh_form(tokens.refresh_token()), other_key), "invalid_dpop_proof");
  expect_refused(tokens_of(send(refresh_form(tokens.refresh_token()), {})), "invalid_dpop_proof");
  EXPECT_EQ(prove(refresh_form(tokens.refresh_token()), key, &other).refresh_token(), next.refresh_token());
}

TEST_F(Dpop, a_session_transfer_token_is_minted_only_for_the_key_of_its_parent) {
  const auto tokens = bound();
  expect_refused(tokens_of(send(refresh_form(tokens.refresh_token(), kTransfer), {})), "invalid_dpop_proof");
  expect_refused(prove(refresh_form(tokens.refresh_token(), kTransfer), other_key), "invalid_dpop_proof");
  expect_refused(
      tokens_of(send(refresh_form(tokens.refresh_token(), kTransfer), {key.proof("POST", kTokenUrl, world.clock.now())})),
      "use_dpop_nonce");
  const auto transfer = prove(refresh_form(tokens.refresh_token(), kTransfer), key);
  ASSERT_EQ(transfer.status, 200);
  EXPECT_EQ(transfer.text("token_type"), "N_A");
  EXPECT_TRUE(transfer.access_token().starts_with("stt_"));
}

TEST_F(Dpop, a_code_that_is_bound_by_dpop_jkt_is_exchanged_with_that_key_only) {
  const auto binding = [&] { return parameters({{"dpop_jkt", key.thumbprint()}}); };
  expect_refused(prove(native_code_form(native_code(binding())), other_key), "invalid_grant", "another DPoP key");
  expect_refused(tokens_of(send(native_code_form(native_code(binding())), {})), "invalid_grant", "another DPoP key");
  const auto burnt = native_code(binding());
  expect_refused(prove(native_code_form(burnt), other_key), "invalid_grant");
  expect_refused(prove(native_code_form(burnt), key), "invalid_grant");
  const auto tokens = prove(native_code_form(native_code(binding())), key);
  EXPECT_EQ(tokens.status, 200);
  EXPECT_EQ(tokens.text("token_type"), "DPoP");
  expect_told(
      authorize(native, parameters({{"code_challenge", kChallenge}, {"code_challenge_method", "S256"}, {"dpop_jkt", "x"}})),
      "invalid_request", "dpop_jkt is not the base64url of a SHA-256 thumbprint.");
}

TEST_F(Dpop, a_pushed_request_with_a_proof_binds_its_code) {
  const auto push = [&](http::Parameters form, const DpopKey& by) {
    form.add("client_id", web.client_id);
    form.add("client_secret", web.client_secret);
    form.add("response_type", "code");
    form.add("redirect_uri", kCallback);
    form.add("scope", "openid");
    auto request = form_request("/oauth/par", form);
    request.headers.add("dpop", by.proof("POST", "https://tenant.example/oauth/par", world.clock.now()));
    return world.send(std::move(request));
  };
  EXPECT_EQ(push(parameters({{"dpop_jkt", other_key.thumbprint()}}), key).status, 400);
  const auto pushed = push({}, key);
  ASSERT_EQ(pushed.status, 201) << pushed.body;
  const auto uri = json::find_string(object_of(pushed), "request_uri").value();
  auto page = browser.open("/authorize?" + parameters({{"client_id", web.client_id}, {"request_uri", uri}}).encode());
  if (page.is_login_page()) page = browser.submit_login(page, ada);
  expect_refused(tokens_of(send(code_form(web, page.parameter("code")), {other_key.proof("POST", kTokenUrl, world.clock.now())})),
                 "invalid_grant", "another DPoP key");
}

TEST_F(Dpop, a_confidential_client_needs_no_nonce_but_a_new_proof_and_its_refresh_tokens_are_not_bound) {
  patch_client(web, json::object{{"grant_types", json::array{"password", "refresh_token"}}});
  const auto at = [&](base::Instant t) { return key.proof("POST", kTokenUrl, t); };
  const auto tokens = tokens_of(send(password_form(web), {at(world.clock.now())}));
  ASSERT_EQ(tokens.status, 200);
  EXPECT_EQ(tokens.text("token_type"), "DPoP");
  expect_refused(tokens_of(send(password_form(web), {at(world.clock.now() - oauth::dpop::kProofLifetime)})), "invalid_dpop_proof",
                 "too old");
  expect_refused(tokens_of(send(password_form(web), {at(world.clock.now() + 11s)})), "invalid_dpop_proof", "future");
  expect_refused(tokens_of(send(password_form(web), {key.proof("POST", kTokenUrl, world.clock.now(), "old")})), "use_dpop_nonce");
  auto form = refresh_form(tokens.refresh_token());
  form.remove("client_id");
  form.add("client_id", web.client_id);
  form.add("client_secret", web.client_secret);
  const auto bearer = tokens_of(send(form, {}));
  EXPECT_EQ(bearer.status, 200) << json::write(bearer.body);
  EXPECT_EQ(bearer.text("token_type"), "Bearer");
}

TEST_F(Dpop, other_origins_may_read_the_nonce) {
  auto request = form_request("/oauth/token", password_form(native));
  request.headers.add("origin", "https://app.example");
  request.headers.add("dpop", key.proof("POST", kTokenUrl, world.clock.now()));
  const auto answer = world.send(std::move(request));
  EXPECT_EQ(header_of(answer, "access-control-allow-origin"), "https://app.example");
  EXPECT_NE(header_of(answer, "access-control-expose-headers").find("dpop-nonce"), std::string::npos);
  EXPECT_FALSE(header_of(answer, "dpop-nonce").empty());
}

struct DpopRace : DpopFlow, ::testing::WithParamInterface<Engine> {
  DpopRace() : DpopFlow({.engine = GetParam()}) {}
};

TEST_P(DpopRace, one_of_many_equal_proofs_is_taken) {
  constexpr int kThreads = 32;
  auto& other = world.add_node();
  const auto once = proof();
  // A request that asks for little after its proof: an unknown refresh token.
  std::vector<Tokens> answers(kThreads);
  std::barrier start(kThreads);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      answers[i] = tokens_of(send(refresh_form("rt_none"), {once}, i % 2 == 0 ? nullptr : &other));
    });
  }
  for (auto& thread : threads) thread.join();
  const auto count = [&](const std::string& error) {
    return std::count_if(answers.begin(), answers.end(), [&](const auto& each) { return each.error() == error; });
  };
  EXPECT_EQ(count("invalid_grant"), 1);
  EXPECT_EQ(count("invalid_dpop_proof"), kThreads - 1);
}

INSTANTIATE_TEST_SUITE_P(Engines, DpopRace, ::testing::ValuesIn(engines()), [](const ::testing::TestParamInfo<Engine>& place) {
  return place.param == Engine::sqlite ? "sqlite" : "postgres";
});

}  // namespace
}  // namespace segue::test
