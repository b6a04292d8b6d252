// Sign-ins that relying parties of WS-Federation ask for, at /wsfed and /wsfed/{client_id} (contract §5.9).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/text.h"
#include "wsfed_flow.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const std::string kEmail = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress";

TEST(WsfedSignIn, answers_with_a_signed_token_about_who_signed_in) {
  WsfedFlow f;
  const auto answer = f.sign_in();
  EXPECT_EQ(answer.action, kReply);
  EXPECT_EQ(answer.wa, "wsignin1.0");
  EXPECT_EQ(answer.wctx, "state 1");
  EXPECT_FALSE(answer.is_saml_1_1());
  EXPECT_EQ(answer.name_id(), f.h.ada.user_id);
  EXPECT_EQ(answer.audience(), kRealm);
  EXPECT_EQ(answer.issuer(), "urn:tenant.example");
  EXPECT_THAT(answer.wresult, AllOf(HasSubstr("Name=\"" + kEmail + "\""), HasSubstr("ada@example.com"),
                                    HasSubstr(std::string("Recipient=\"") + kReply + "\"")));
  EXPECT_TRUE(xml::verified(*answer.assertion(), f.idp_key()).ok());
  const auto row = f.h.only_row("s");
  EXPECT_EQ(detail_of(row, "protocol"), "wsfed");
  EXPECT_EQ(text_of(row, "client_id"), f.h.web.client_id);
}

TEST(WsfedSignIn, makes_a_token_of_saml_1_1_where_the_addon_says_so) {
  WsfedFlow f({{"tokenType", "saml1.1"}});
  const auto answer = f.sign_in();
  ASSERT_TRUE(answer.is_saml_1_1());
  EXPECT_THAT(answer.wresult, AllOf(HasSubstr("AttributeName=\"emailaddress\""), HasSubstr(f.h.ada.user_id),
                                    HasSubstr("<saml:Audience>urn:rp</saml:Audience>")));
  f.set_addon({{"tokenType", "saml2.0"}});
  EXPECT_FALSE(f.sign_in().is_saml_1_1());
}

TEST(WsfedSignIn, goes_on_with_the_session_of_the_browser_unless_it_is_too_old) {
  WsfedFlow f;
  auto browser = f.h.browser();
  f.sign_in(browser);
  EXPECT_EQ(WsfedFlow::read(browser.open(f.ask())).name_id(), f.h.ada.user_id);
  f.h.world.clock.advance(10min);
  EXPECT_EQ(WsfedFlow::read(browser.open(f.ask(parameters({{"wfresh", "11"}})))).fault(), "");
  EXPECT_TRUE(browser.open(f.ask(parameters({{"wfresh", "9"}}))).is_login_page());
  EXPECT_TRUE(browser.open(f.ask(parameters({{"wfresh", "0"}}))).is_login_page());
}

TEST(WsfedSignIn, shares_its_session_with_openid_connect) {
  WsfedFlow f;
  auto browser = f.h.browser();
  f.sign_in(browser);
  EXPECT_FALSE(f.h.open(browser).parameter("code").empty());
}

TEST(WsfedSignIn, carries_the_context_untouched_and_leaves_it_out_where_there_was_none) {
  WsfedFlow f;
  auto browser = f.h.browser();
  f.sign_in(browser);
  for (const std::string odd : {"a+b c/=&\"<>'\xC3\xA4%41", "</form><script>alert(1)</script>", "\"><img src=x onerror=1>"}) {
    const auto page = browser.open(f.ask(parameters({{"wctx", odd}})));
    EXPECT_EQ(WsfedFlow::read(page).wctx, odd);
    EXPECT_THAT(page.response.body, AllOf(Not(HasSubstr("<script>alert")), Not(HasSubstr("<img"))));
  }
  EXPECT_EQ(WsfedFlow::read(browser.open(f.ask(parameters({{"wctx", ""}})))).wctx, std::nullopt);
  EXPECT_EQ(WsfedFlow::read(browser.open(f.ask(parameters({{"wctx", ""}})) + "&wctx=")).wctx, "");
  const auto too_long = browser.open(f.ask(parameters({{"wctx", std::string(8193, 'x')}})));
  EXPECT_EQ(too_long.status, 400);
  EXPECT_THAT(too_long.response.body, HasSubstr("wctx is longer than 8192 bytes"));
}

TEST(WsfedSignIn, may_be_asked_for_by_a_form_of_another_site) {
  WsfedFlow f;
  auto browser = f.h.browser();
  const auto form = parameters({{"wa", "wsignin1.0"}, {"wtrealm", kRealm}, {"wctx", "\"><b>"}});
  const auto again = browser.post_from_elsewhere(f.url(), form, "https://rp.example");
  ASSERT_EQ(again.form_action(), f.path());
  EXPECT_EQ(again.field("wctx"), "\"><b>");
  const auto login = browser.submit(again, form);
  ASSERT_TRUE(login.is_login_page());
  EXPECT_EQ(WsfedFlow::read(browser.submit_login(login, f.h.ada)).wctx, "\"><b>");
}

// --- Whose sign-in it is. ---

TEST(WsfedSignIn, finds_the_application_by_its_realm) {
  WsfedFlow f;
  auto browser = f.h.browser();
  f.sign_in(browser);
  const auto answer_for = [&](const std::string& realm) {
    return WsfedFlow::read(browser.open("/wsfed?wa=wsignin1.0&wtrealm=" + base::percent_encode(realm)));
  };
  for (const auto& realm : {std::string(kRealm), "urn:" + f.h.web.client_id, f.h.web.client_id}) {
    const auto answer = answer_for(realm);
    EXPECT_EQ(answer.action, kReply) << realm;
    EXPECT_EQ(answer.audience(), realm);
  }
  EXPECT_EQ(WsfedFlow::read(browser.open(f.url())).audience(), "urn:" + f.h.web.client_id) << "no realm is named";
  f.set_addon({{"audience", "urn:another"}});
  EXPECT_EQ(WsfedFlow::read(browser.open(f.ask())).audience(), "urn:another");
  EXPECT_EQ(WsfedFlow::read(browser.open(f.ask(parameters({{"wtrealm", "urn:another"}})))).audience(), "urn:another");
}

TEST(WsfedSignIn, makes_no_token_for_the_realm_of_somebody_else) {
  WsfedFlow f;
  f.h.world.managed(http::Method::patch, "clients/" + f.h.native.client_id, json::object{{"client_aliases", {"urn:victim"}}});
  auto browser = f.h.browser();
  f.sign_in(browser);
  for (const std::string realm : {"urn:victim", "urn:unknown", "urn:rp/", "URN:RP", "urn:rp urn:victim"}) {
    const auto page = browser.open(f.ask(parameters({{"wtrealm", realm}})));
    EXPECT_EQ(page.status, 400) << realm;
    EXPECT_THAT(page.response.body, HasSubstr("client_aliases")) << realm;
    EXPECT_TRUE(page.field("wresult").empty()) << realm;
    EXPECT_EQ(detail_of(f.h.world.logs("type:f").at(0), "protocol"), "wsfed");
  }
  EXPECT_EQ(browser.open(f.ask(parameters({{"wtrealm", "urn:" + f.h.native.client_id}}))).status, 400);
}

TEST(WsfedSignIn, makes_no_token_for_a_realm_that_was_taken_away_meanwhile) {
  WsfedFlow f;
  auto browser = f.h.browser();
  const auto login = browser.open(f.ask());
  f.patch({{"client_aliases", json::array{"urn:another"}}});
  const auto answer = WsfedFlow::read(browser.submit_login(login, f.h.ada));
  EXPECT_EQ(answer.fault(), "t:RequestFailed");
  EXPECT_THAT(text_of(f.h.only_row("f"), "description"), HasSubstr("client_aliases"));
}

TEST(WsfedSignIn, takes_an_ambiguous_realm_for_an_unknown_one) {
  WsfedFlow f;
  auto browser = f.h.browser();
  EXPECT_TRUE(browser.open("/wsfed?wa=wsignin1.0&wtrealm=urn%3Arp").is_login_page());
  // Another application calls itself the same, and another one by the id of the first.
  f.h.world.managed(http::Method::patch, "clients/" + f.h.native.client_id,
                    json::object{{"client_aliases", {kRealm, "urn:" + f.h.web.client_id}}});
  const auto page = browser.open("/wsfed?wa=wsignin1.0&wtrealm=urn%3Arp");
  EXPECT_EQ(page.status, 404);
  EXPECT_THAT(page.response.body, HasSubstr("No application, or more than one"));
  EXPECT_TRUE(browser.open("/wsfed?wa=wsignin1.0&wtrealm=urn%3A" + f.h.web.client_id).is_login_page());
  // Nor does an application get a token for such a name at its own address.
  EXPECT_EQ(browser.open(f.ask()).status, 400);
  const auto native = "/wsfed/" + f.h.native.client_id + "?wa=wsignin1.0&wtrealm=";
  for (const auto& realm : {std::string(kRealm), "urn:" + f.h.web.client_id}) {
    const auto refused = browser.open(native + base::percent_encode(realm));
    EXPECT_EQ(refused.status, 400) << realm;
    EXPECT_THAT(refused.response.body, HasSubstr("not its alone")) << realm;
  }
  EXPECT_EQ(browser.open("/wsfed?wa=wsignin1.0&wtrealm=urn%3Anobody").status, 404);
  EXPECT_EQ(browser.open("/wsfed/nobody?wa=wsignin1.0").status, 404);
  EXPECT_EQ(browser.open("/wsfed?wa=wsignin1.0").status, 400);
}

TEST(WsfedSignIn, is_there_for_clients_with_the_addon_only) {
  WsfedFlow f;
  f.patch({{"addons", {{"wsfed", nullptr}}}});
  auto browser = f.h.browser();
  const auto page = browser.open(f.ask());
  EXPECT_EQ(page.status, 403);
  EXPECT_THAT(page.response.body, HasSubstr("Set addons.wsfed"));
  EXPECT_EQ(f.metadata(f.path()).status, 403);
}

TEST(WsfedSignIn, has_no_setting_that_it_would_not_honour) {
  WsfedFlow f;
  for (const auto& [member, value] : {std::pair<const char*, json::value>{"signingCert", "-----BEGIN CERTIFICATE-----"},
                                      {"encryptionCert", "-----BEGIN CERTIFICATE-----"},
                                      {"encryptionAlgorithm", "aes256-gcm"},
                                      {"signResponse", true},
                                      {"signAssertion", false},
                                      {"logout", {{"slo_enabled", true}}},
                                      {"tokenType", "jwt"},
                                      {"destination", "com.app://callback"}}) {
    const auto answer = f.h.world.manage(http::Method::patch, "clients/" + f.h.web.client_id,
                                         json::object{{"addons", {{"wsfed", {{member, value}}}}}});
    EXPECT_EQ(answer.status, 400) << member;
  }
  f.set_addon({{"signResponse", false}, {"logout", json::object{}}, {"unknown", json::object{{"kept", true}}}});
  EXPECT_EQ(f.sign_in().fault(), "");
}

// --- Where the answer goes. ---

TEST(WsfedSignIn, answers_nowhere_but_at_an_address_of_the_client) {
  WsfedFlow f;
  auto browser = f.h.browser();
  f.sign_in(browser);
  const auto at = [&](const std::string& reply) { return browser.open(f.ask(parameters({{"wreply", reply}}))); };
  EXPECT_EQ(WsfedFlow::read(at(kWebCallback)).action, kWebCallback);
  for (const std::string foreign :
       {"https://evil.example/", "https://rp.example/signin-wsfed/", "https://rp.example/signin-wsfed?x=1",
        "//rp.example/signin-wsfed", "https://rp.example@evil.example/signin-wsfed", "javascript:alert(1)",
        "https://rp.example/signin-wsfed\"><script>"}) {
    const auto page = at(foreign);
    EXPECT_EQ(page.status, 403) << foreign;
    EXPECT_FALSE(page.left);
    EXPECT_TRUE(page.field("wresult").empty()) << foreign;
    EXPECT_THAT(page.response.body, AllOf(HasSubstr("not among the application&#39;s callbacks"), Not(HasSubstr("<script>"))));
  }
  f.set_addon({{"destination", "https://rp.example/other"}});
  EXPECT_EQ(WsfedFlow::read(browser.open(f.ask())).action, "https://rp.example/other");
  f.set_addon({{"destination", nullptr}});
  f.patch({{"callbacks", json::array{"com.app://callback", kWebCallback}}});
  EXPECT_EQ(WsfedFlow::read(browser.open(f.ask())).action, kWebCallback) << "a form goes to a web page";
}

// --- What is told to the relying party. ---

TEST(WsfedSignIn, tells_the_relying_party_by_a_fault_why_there_is_no_token) {
  WsfedFlow f;
  auto browser = f.h.browser();
  f.sign_in(browser);
  const auto asked = [&](const char* name, const char* value) {
    return WsfedFlow::read(browser.open(f.ask(parameters({{name, value}}))));
  };
  for (const auto& [name, value, why] : {std::tuple{"wreq", "<RequestSecurityToken/>", "addons.wsfed"},
                                         {"wreqptr", "http://169.254.169.254/", "addons.wsfed"},
                                         {"wauth", "urn:ietf:rfc:2246", "wauth"},
                                         {"wfresh", "soon", "wfresh"},
                                         {"wct", "2001-01-01T00:00:00Z", "too old"},
                                         {"whr", "urn:no-such", "connection"}}) {
    const auto answer = asked(name, value);
    EXPECT_EQ(answer.action, kReply) << name;
    EXPECT_EQ(answer.fault(), "t:InvalidRequest") << name;
    EXPECT_THAT(answer.why(), HasSubstr(why)) << name;
    EXPECT_EQ(answer.wctx, "state 1") << name;
    EXPECT_EQ(detail_of(f.h.world.logs("type:f").at(0), "protocol"), "wsfed");
  }
  EXPECT_NE(asked("organization", "org_nowhere").fault(), "");
}

TEST(WsfedSignIn, needs_an_address_that_a_form_can_go_to) {
  WsfedFlow f;
  f.patch({{"callbacks", json::array{"com.app://callback"}}});
  auto browser = f.h.browser();
  const auto page = browser.open(f.ask());
  EXPECT_EQ(page.status, 400);
  EXPECT_THAT(page.response.body, HasSubstr("Register the address that reads its tokens"));
}

TEST(WsfedSignIn, tells_nothing_to_an_address_that_is_not_verified) {
  WsfedFlow f;
  auto browser = f.h.browser();
  const auto page = browser.open(f.ask(parameters({{"wreply", "https://evil.example/"}, {"wreq", "x"}})));
  EXPECT_EQ(page.status, 403);
  EXPECT_TRUE(page.field("wresult").empty());
  for (const auto* const wrong : {"?wa=wattr1.0", "?wa=wsignin1.0&wa=wsignout1.0", "?wctx=%zz", "?wctx=%ff"})
    EXPECT_EQ(browser.open(f.url() + wrong).status, 400) << wrong;
}

TEST(WsfedSignIn, says_in_the_log_what_keeps_a_person_from_having_a_name) {
  WsfedFlow f({{"nameIdentifierProbes", json::array{"no-such-claim"}}});
  const auto answer = f.sign_in();
  EXPECT_EQ(answer.fault(), "t:RequestFailed");
  EXPECT_THAT(text_of(f.h.only_row("f"), "description"), HasSubstr("nameIdentifierProbes"));
}

// --- The pipeline. ---

TEST(WsfedSignIn, is_what_the_pipeline_is_told_and_what_it_refuses) {
  DenyingPipeline pipeline;
  HandoffOptions options;
  options.world.pipeline = &pipeline;
  pipeline.denies = false;
  WsfedFlow f({}, std::move(options));
  pipeline.denies = true;
  const auto answer = f.sign_in();
  EXPECT_EQ(answer.fault(), "t:FailedAuthentication");
  EXPECT_EQ(answer.why(), "Not today.");
  EXPECT_EQ(pipeline.protocols, std::vector<std::string>{"wsfed"});
  EXPECT_EQ(detail_of(f.h.only_row("f"), "protocol"), "wsfed");
}

// As an Action says it with api.samlResponse.
class OverridingPipeline final : public oauth::SignInPipeline {
 public:
  bool is_empty(const tenancy::Snapshot&) const override { return overrides.empty(); }
  oauth::SignInResult run(const oauth::SignIn&) override {
    oauth::SignInResult out;
    out.effects.saml_response = overrides;
    return out;
  }
  json::object overrides;
};

TEST(WsfedSignIn, is_answered_as_actions_want_it_but_at_no_address_that_is_not_registered) {
  OverridingPipeline pipeline;
  HandoffOptions options;
  options.world.pipeline = &pipeline;
  WsfedFlow f({}, std::move(options));
  pipeline.overrides = {{"addon", {{"audience", "urn:from-action"}, {"destination", kWebCallback}}},
                        {"attributes", {{"urn:colour", "blue"}}},
                        {"relay_state", "their own"}};
  const auto answer = f.sign_in();
  EXPECT_EQ(answer.audience(), "urn:from-action");
  EXPECT_EQ(answer.action, kWebCallback);
  EXPECT_EQ(answer.wctx, "their own");
  EXPECT_THAT(answer.wresult, HasSubstr("urn:colour"));
  for (const auto& [member, value] :
       {std::pair{"destination", "https://evil.example/"}, {"encryptionCert", "a key"}, {"signatureAlgorithm", "none"}}) {
    pipeline.overrides = {{"addon", {{member, value}}}};
    const auto refused = f.sign_in();
    EXPECT_EQ(refused.action, kReply) << member;
    EXPECT_EQ(refused.fault(), "t:RequestFailed") << member;
  }
}

// --- Metadata. ---

TEST(WsfedSignIn, describes_itself_in_metadata_for_the_tenant_and_for_a_client) {
  WsfedFlow f;
  const auto of_tenant = f.metadata("/wsfed");
  EXPECT_EQ(of_tenant.status, 200);
  EXPECT_EQ(header_of(of_tenant, "content-type"), "application/xml; charset=utf-8");
  EXPECT_THAT(of_tenant.body, AllOf(HasSubstr("entityID=\"urn:tenant.example\""), HasSubstr(">https://tenant.example/wsfed<"),
                                    HasSubstr("<ds:X509Certificate>")));
  const auto of_client = f.metadata(f.path());
  EXPECT_THAT(of_client.body, AllOf(HasSubstr("entityID=\"urn:tenant.example\""), HasSubstr(">" + f.url() + "<")));
  EXPECT_TRUE(xml::Document::parse(of_client.body).ok());
  f.set_addon({{"issuer", "urn:named"}});
  EXPECT_THAT(f.metadata(f.path()).body, HasSubstr("entityID=\"urn:named\""));
  EXPECT_EQ(f.sign_in().issuer(), "urn:named");
  EXPECT_EQ(f.metadata("/wsfed/nobody").status, 404);
}

TEST(WsfedSignIn, signs_with_the_key_that_metadata_names_first_also_after_a_rotation) {
  WsfedFlow f;
  auto browser = f.h.browser();
  EXPECT_TRUE(xml::verified(*f.sign_in(browser).assertion(), f.idp_key()).ok());
  const auto before = certificates_in(f.metadata(f.path()).body);
  ASSERT_EQ(before.size(), 2u) << "the one that comes next, too";
  f.h.world.managed(http::Method::post, "keys/signing/rotate");
  f.h.world.clock.advance(1min);
  const auto answer = WsfedFlow::read(browser.open(f.ask()));
  EXPECT_TRUE(xml::verified(*answer.assertion(), f.idp_key()).ok());
  EXPECT_EQ(certificates_in(f.metadata(f.path()).body).front(), before.back());
}

}  // namespace
}  // namespace segue::test
