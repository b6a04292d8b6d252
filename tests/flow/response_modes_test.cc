// How an answer of /authorize travels and what it holds (contract §2.1–2.2): fragment, message, and the response types behind the
// implicit grant. Query and form post are in authorize_test.cc.
#include "openid.h"

namespace segue::test {
namespace {

// What a page reads out of its own URL.
http::Parameters fragment_of(const Page& page) {
  const auto hash = page.url.find('#');
  if (hash == std::string::npos) return {};
  return http::Parameters::parse(std::string_view(page.url).substr(hash + 1)).value();
}

// What the message page would post, and to whom.
std::string attribute(const std::string& html, const std::string& name) {
  const auto at = html.find(" " + name + "=\"");
  if (at == std::string::npos) return {};
  const auto from = at + name.size() + 3;
  auto out = html.substr(from, html.find('"', from) - from);
  for (const auto& [entity, character] :
       {std::pair{"&quot;", "\""}, {"&#39;", "'"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}})
    for (auto found = out.find(entity); found != std::string::npos; found = out.find(entity, found + 1))
      out.replace(found, std::string_view(entity).size(), character);
  return out;
}
json::object message_of(const Page& page) {
  auto parsed = json::parse(attribute(page.response.body, "data-response"));
  return parsed.ok() && parsed->is_object() ? parsed->get_object() : json::object{};
}
std::string message(const Page& page, std::string_view name) { return json::find_string(message_of(page), name).value_or(""); }
std::string target_of(const Page& page) { return attribute(page.response.body, "data-target"); }
std::string policy_of(const Page& page) { return header_of(page.response, "content-security-policy"); }

std::string half_hash(const std::string& text) {
  const auto digest = crypto::sha256(text);
  return base::base64url(base::ByteView(digest).first(16));
}

struct ResponseModes : OpenId {
  explicit ResponseModes(WorldOptions options = {}) : OpenId(options) {}
  // An answer in the fragment of the registered address, with state and issuer, and nothing in its query.
  void expect_fragment(const Page& page) {
    EXPECT_EQ(page.status, 302);
    EXPECT_TRUE(page.url.starts_with(std::string(kCallback) + "#")) << page.url;
    EXPECT_EQ(fragment_of(page).find("state"), "s-1");
    EXPECT_EQ(fragment_of(page).find("iss"), kIssuer);
  }
  void expect_message(const Page& page) {
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(header_of(page.response, "content-type"), "text/html; charset=utf-8");
    EXPECT_EQ(target_of(page), kApp);
    EXPECT_EQ(message(page, "state"), "s-1");
    EXPECT_EQ(message(page, "iss"), kIssuer);
    EXPECT_NE(policy_of(page).find("frame-ancestors https://app.example;"), std::string::npos) << policy_of(page);
    EXPECT_EQ(header_of(page.response, "x-frame-options"), "");
    EXPECT_EQ(header_of(page.response, "location"), "");
    EXPECT_EQ(header_of(page.response, "cache-control"), "no-store");
  }
  // A frame in a page of the application, as silent authentication opens one.
  Page framed(const Client& client, const http::Parameters& more = {}) {
    auto frame = browser;
    frame.extra.set("sec-fetch-dest", "iframe");
    frame.extra.set("sec-fetch-site", "cross-site");
    return frame.open(authorize_url(client, kCallback, more));
  }
};

// --- Fragment ---

TEST_F(ResponseModes, a_code_travels_in_the_fragment_when_asked) {
  const auto end = sign_in(parameters({{"response_mode", "fragment"}}));
  expect_fragment(end);
  EXPECT_EQ(redeem(web, fragment_of(end).find("code").value_or("")).status, 200);
}

TEST_F(ResponseModes, an_error_travels_as_its_answer_would) {
  const auto asked = parameters({{"response_mode", "fragment"}, {"prompt", "none"}});
  const auto end = authorize(asked);
  expect_fragment(end);
  EXPECT_EQ(fragment_of(end).find("error"), "login_required");
  // A mode that is refused is not used for the refusal.
  const auto refused = authorize(parameters({{"response_type", "id_token"}, {"nonce", "n"}, {"response_mode", "query"}}));
  expect_fragment(refused);
  EXPECT_EQ(fragment_of(refused).find("error_description"),
            "response_mode query is for a code alone: use fragment, form_post or web_message for tokens.");
}

// --- Message ---

TEST_F(ResponseModes, a_code_is_posted_to_the_page_of_the_exact_origin) {
  const auto end = sign_in(parameters({{"response_mode", "web_message"}}));
  expect_message(end);
  EXPECT_EQ(redeem(web, message(end, "code")).status, 200);
}

TEST_F(ResponseModes, a_frame_is_answered_without_a_page) {
  const auto asked = parameters({{"response_mode", "web_message"}, {"prompt", "none"}});
  const auto before = framed(web, asked);
  expect_message(before);
  EXPECT_EQ(message(before, "error"), "login_required");
  EXPECT_EQ(message(before, "error_description"), "Login required");
  sign_in();
  const auto after = framed(web, asked);
  expect_message(after);
  EXPECT_EQ(redeem(web, message(after, "code")).status, 200);
  EXPECT_EQ(count_logs("type:fsa"), 1u);
  EXPECT_EQ(count_logs("type:ssa"), 1u);
}

TEST_F(ResponseModes, values_in_a_message_stay_values) {
  const std::string hostile = "</script><script>alert(1)</script>\"'&--><!--\xe2\x80\xa8\xe2\x80\xa9\\u003c";
  const auto page = authorize(parameters({{"response_mode", "web_message"}, {"prompt", "none"}, {"state", hostile}}));
  EXPECT_EQ(message(page, "state"), hostile);
  const auto& html = page.response.body;
  EXPECT_EQ(html.find("<script>alert"), std::string::npos) << html;
  EXPECT_EQ(html.find("<!--"), std::string::npos);
  EXPECT_EQ(html.find("<script"), html.rfind("<script"));
  EXPECT_EQ(html.find("</script"), html.rfind("</script"));
  // The one script is the same whatever it posts, and is allowed by its hash.
  const auto other = authorize(parameters({{"response_mode", "web_message"}, {"prompt", "none"}, {"state", "b"}}));
  EXPECT_EQ(policy_of(page), policy_of(other));
  EXPECT_NE(policy_of(page).find("script-src 'sha256-"), std::string::npos) << policy_of(page);
  EXPECT_EQ(policy_of(page).find("unsafe"), std::string::npos);
}

TEST_F(ResponseModes, a_message_goes_to_no_page_of_an_origin_that_is_not_registered) {
  const auto asked = parameters({{"response_mode", "web_message"}, {"prompt", "none"}});
  for (const std::string other : {"https://evil.example/callback", "https://app.example.evil.example/callback",
                                  "https://app.example@evil.example/callback", "https://app.example:8443/callback"}) {
    auto changed = asked;
    changed.add("redirect_uri", other);
    const auto page = framed(web, changed);
    expect_page(page, 403, "The provided redirect_uri is not in the list of allowed callback URLs.");
    EXPECT_EQ(target_of(page), "");
    EXPECT_NE(policy_of(page).find("frame-ancestors 'none'"), std::string::npos);
  }
}

TEST_F(ResponseModes, a_message_needs_an_address_that_names_one_origin) {
  for (const auto* callback :
       {"com.app://app.example/callback", "https://user@app.example/callback", "http://[::1]:3000/callback"}) {
    SCOPED_TRACE(callback);
    if (world.manage(http::Method::patch, "clients/" + web.client_id, json::object{{"callbacks", json::array{callback}}})
            .status != 200)
      continue;  // refused when it is registered
    const auto page = framed(web, parameters({{"redirect_uri", callback}, {"response_mode", "web_message"}, {"prompt", "none"}}));
    expect_page(page, 400, "response_mode web_message needs a redirect_uri of a web origin");
    EXPECT_EQ(target_of(page), "");
  }
}

TEST_F(ResponseModes, a_message_leaves_a_session_transfer_token_unspent) {
  const auto native = world.native_client();
  const auto transfer = world.exchange(native, world.password_tokens(native, ada).refresh_token()).access_token();
  const auto with = [&](const char* mode) {
    return parameters({{"session_transfer_token", transfer}, {"response_mode", mode}, {"prompt", "none"}});
  };
  EXPECT_EQ(message(authorize(with("web_message")), "error"), "login_required");
  EXPECT_EQ(message(framed(web, with("web_message")), "error"), "login_required");
  EXPECT_EQ(fragment_of(framed(web, with("fragment"))).find("error"), "login_required");
  EXPECT_NE(authorize(with("query")).parameter("code"), "");
}

// --- Silent authentication, however the answer travels ---

TEST_F(ResponseModes, silent_authentication_is_refused_and_answered_in_every_mode) {
  const auto asked = [](const std::string& mode) { return parameters({{"prompt", "none"}, {"response_mode", mode}}); };
  const auto errors = [&] {
    return std::vector<std::string>{
        authorize(asked("query")).parameter("error"), fragment_of(authorize(asked("fragment"))).find("error").value_or(""),
        authorize(asked("form_post")).field("error"), message(authorize(asked("web_message")), "error")};
  };
  EXPECT_EQ(errors(), (std::vector<std::string>(4, "login_required")));
  EXPECT_EQ(count_logs("type:fsa"), 4u);
  sign_in();
  EXPECT_EQ(errors(), (std::vector<std::string>(4, "")));
  EXPECT_EQ(count_logs("type:ssa"), 4u);
  EXPECT_EQ(
      fragment_of(authorize(parameters({{"prompt", "none"}, {"max_age", "0"}, {"response_mode", "fragment"}}))).find("error"),
      "login_required");
}

// Lets in whom it sees, and needs to see everybody.
class AsksThePerson final : public oauth::SignInPipeline {
 public:
  bool is_empty(const tenancy::Snapshot&) const override { return false; }
  oauth::SignInResult run(const oauth::SignIn& sign_in) override {
    if (!sign_in.silent) return {};
    return {.refusal = oauth::SignInRefusal{"interaction_required", "Interaction required"}, .effects = {}};
  }
};

struct ResponseModesWithAStep : ::testing::Test {
  AsksThePerson step;
};

TEST_F(ResponseModesWithAStep, silent_authentication_says_in_every_mode_that_the_person_is_needed) {
  struct Story : ResponseModes {
    explicit Story(oauth::SignInPipeline* pipeline) : ResponseModes({.pipeline = pipeline}) {}
    void TestBody() override {}
  } story(&step);
  ASSERT_TRUE(story.sign_in().left);
  const auto ask = [&](const std::string& mode) {
    return story.authorize(parameters({{"prompt", "none"}, {"response_mode", mode}}));
  };
  EXPECT_EQ(ask("query").parameter("error"), "interaction_required");
  EXPECT_EQ(fragment_of(ask("fragment")).find("error"), "interaction_required");
  EXPECT_EQ(ask("form_post").field("error"), "interaction_required");
  const auto page = ask("web_message");
  EXPECT_EQ(message(page, "error"), "interaction_required");
  EXPECT_EQ(message(page, "state"), "s-1");
  EXPECT_EQ(story.count_logs("type:fsa"), 4u);
}

// --- Tokens in the answer ---

TEST_F(ResponseModes, every_response_type_answers_with_what_it_names_and_nothing_else) {
  create_api();
  sign_in();
  for (const std::string type :
       {"token", "id_token", "id_token token", "token id_token", "code id_token", "code token", "token code id_token"}) {
    SCOPED_TRACE(type);
    const auto names = base::split(type, ' ');
    const auto end = authorize(parameters(
        {{"response_type", type}, {"nonce", "n-1"}, {"audience", kApi}, {"scope", "openid offline_access read:books"}}));
    expect_fragment(end);
    const auto answer = fragment_of(end);
    const auto code = answer.find("code").value_or(""), access = answer.find("access_token").value_or(""),
               id = answer.find("id_token").value_or("");
    EXPECT_EQ(!code.empty(), base::contains(names, "code"));
    EXPECT_EQ(!access.empty(), base::contains(names, "token"));
    EXPECT_EQ(!id.empty(), base::contains(names, "id_token"));
    EXPECT_FALSE(answer.has("refresh_token"));
    EXPECT_EQ(answer.has("token_type"), !access.empty());
    if (!access.empty()) {
      EXPECT_EQ(answer.find("token_type"), "Bearer");
      EXPECT_EQ(answer.find("expires_in"), "7200");  // token_lifetime_for_web, not the 86400 of the back channel
      EXPECT_EQ(answer.find("scope"), "openid read:books");
      EXPECT_EQ(claim(access, "scope"), "openid read:books");
      EXPECT_EQ(claim(access, "sub"), ada.user_id);
      EXPECT_EQ(json::find_integer(claims_of(access), "exp").value() - json::find_integer(claims_of(access), "iat").value(),
                7200);
    }
    if (!id.empty()) {
      EXPECT_EQ(claim(id, "nonce"), "n-1");
      EXPECT_EQ(claim(id, "at_hash"), access.empty() ? "" : half_hash(access));
      EXPECT_EQ(claim(id, "c_hash"), code.empty() ? "" : half_hash(code));
      EXPECT_EQ(claim(id, "s_hash"), half_hash("s-1"));
    }
    if (!code.empty()) {
      const auto tokens = redeem(web, code);
      EXPECT_EQ(tokens.status, 200);
      EXPECT_EQ(claim(tokens.text("id_token"), "s_hash"), "");
    }
  }
}

TEST_F(ResponseModes, a_refresh_token_takes_a_code) {
  const auto spa = spa_client({{"grant_types", json::array{"implicit", "authorization_code", "refresh_token"}},
                               {"refresh_token", json::object{{"rotation_type", "rotating"}, {"expiration_type", "expiring"}}}});
  const auto asked = parameters({{"nonce", "n"}, {"scope", "openid offline_access"}});
  auto implicit = asked;
  implicit.add("response_type", "id_token token");
  EXPECT_EQ(fragment_of(sign_in(spa, implicit)).find("scope"), "openid");
  auto hybrid = asked;
  hybrid.add("response_type", "code token");
  hybrid.add("code_challenge", kChallenge);
  hybrid.add("code_challenge_method", "S256");
  const auto answer = fragment_of(authorize(spa, hybrid));
  EXPECT_EQ(claim(answer.find("access_token").value_or(""), "scope"), "");  // opaque
  const auto tokens =
      redeem(spa, answer.find("code").value_or(""), parameters({{"client_secret", ""}, {"code_verifier", kVerifier}}));
  EXPECT_EQ(tokens.status, 200) << json::write(tokens.body);
  EXPECT_NE(tokens.refresh_token(), "");
}

TEST_F(ResponseModes, a_token_for_userinfo_is_short_lived_in_front_of_the_browser_and_works) {
  const auto answer = fragment_of(sign_in(parameters({{"response_type", "token"}})));
  EXPECT_EQ(answer.find("expires_in"), "7200");
  EXPECT_FALSE(answer.has("scope"));  // all of what was asked
  auto request = request_for(http::Method::get, "/userinfo");
  request.headers.set("authorization", "Bearer " + answer.find("access_token").value_or(""));
  EXPECT_EQ(json::find_string(object_of(world.send(request)), "sub"), ada.user_id);
}

TEST_F(ResponseModes, tokens_in_the_answer_need_the_implicit_grant) {
  patch_client(web, {{"grant_types", json::array{"authorization_code", "refresh_token"}}});
  for (const std::string type : {"token", "id_token", "id_token token", "code token", "code id_token", "code id_token token"}) {
    const auto end = authorize(parameters({{"response_type", type}, {"nonce", "n"}}));
    expect_fragment(end);
    EXPECT_EQ(fragment_of(end).find("error"), "unauthorized_client") << type;
  }
  EXPECT_NE(code(), "");
}

TEST_F(ResponseModes, an_id_token_in_the_answer_needs_a_nonce) {
  for (const std::string type : {"id_token", "id_token token", "code id_token", "code id_token token"})
    EXPECT_EQ(fragment_of(authorize(parameters({{"response_type", type}}))).find("error_description"),
              "Missing required parameter: nonce")
        << type;
  EXPECT_TRUE(authorize(parameters({{"response_type", "code token"}})).is_login_page());
}

TEST_F(ResponseModes, tokens_never_stand_in_a_query) {
  sign_in();
  for (const std::string type : {"token", "id_token", "id_token token", "code token", "code id_token", "code id_token token"}) {
    const auto end = authorize(parameters({{"response_type", type}, {"nonce", "n"}, {"response_mode", "query"}}));
    expect_fragment(end);
    EXPECT_EQ(fragment_of(end).find("error"), "invalid_request") << type;
    EXPECT_EQ(query_of(end.url).pairs().size(), 0u);
  }
}

// --- PKCE, which no response type walks around (RFC 9700 §2.1.1, §4.8.2) ---

TEST_F(ResponseModes, a_public_client_needs_pkce_for_every_code) {
  const auto spa = spa_client({{"grant_types", json::array{"implicit", "authorization_code"}}});
  for (const std::string type : {"code", "code token", "code id_token", "code id_token token"}) {
    const auto asked = parameters({{"response_type", type}, {"nonce", "n"}, {"response_mode", "fragment"}});
    EXPECT_TRUE(fragment_of(authorize(spa, asked))
                    .find("error_description")
                    .value_or("")
                    .starts_with("Missing required parameter: code_challenge."))
        << type;
  }
}

TEST_F(ResponseModes, a_code_of_a_hybrid_answer_is_as_bound_as_any) {
  sign_in();
  const auto hybrid = [&](bool with_challenge) {
    auto asked = parameters({{"response_type", "code id_token"}, {"nonce", "n"}});
    if (with_challenge) {
      asked.add("code_challenge", kChallenge);
      asked.add("code_challenge_method", "S256");
    }
    return fragment_of(authorize(asked)).find("code").value_or("");
  };
  expect_refused(redeem(web, hybrid(true)), 403, "invalid_grant", "Failed to verify code verifier");
  expect_refused(redeem(web, hybrid(false), parameters({{"code_verifier", kVerifier}})), 403, "invalid_grant",
                 "Failed to verify code verifier");
  EXPECT_EQ(redeem(web, hybrid(true), parameters({{"code_verifier", kVerifier}})).status, 200);
}

}  // namespace
}  // namespace segue::test
