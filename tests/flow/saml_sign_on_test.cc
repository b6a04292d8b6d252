// Sign-ins that service providers of SAML 2.0 ask for, at /samlp/{client_id} (contract §5.8).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "saml_flow.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

namespace status = saml_messages::status;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

// A sign-in by hand, as the answer says it.
SamlAnswer signed_in(SamlFlow& f, Browser& browser, const std::string& url) {
  const auto login = browser.open(url);
  if (!login.is_login_page()) throw std::runtime_error("no login page: " + login.response.body);
  return SamlFlow::read(browser.submit_login(login, f.h.ada));
}

SamlAnswer signed_in(SamlFlow& f, const std::string& url) {
  auto browser = f.h.browser();
  return signed_in(f, browser, url);
}

TEST(SamlSignOn, answers_a_request_by_redirect_with_an_assertion_about_who_signed_in) {
  SamlFlow f;
  const auto answer = signed_in(f, f.redirect());
  EXPECT_EQ(answer.action, kConsumer);
  EXPECT_EQ(answer.relay_state, "state 1");
  EXPECT_EQ(answer.status(), status::kSuccess);
  EXPECT_EQ(answer.document.root().attribute("InResponseTo"), "_r1");
  EXPECT_EQ(answer.document.root().attribute("Destination"), kConsumer);
  EXPECT_EQ(answer.name_id(), f.h.ada.user_id);
  EXPECT_EQ(answer.audience(), kServiceProvider);
  EXPECT_EQ(answer.attribute("http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"), "ada@example.com");
  EXPECT_EQ(answer.attribute("http://schemas.auth0.com/email_verified"), "true");
  EXPECT_EQ(answer.attribute("http://schemas.auth0.com/identities/default/connection"), kPasswordRealm);
  EXPECT_TRUE(xml::verified(*answer.assertion(), f.idp_key()).ok());
  const auto row = f.h.only_row("s");
  EXPECT_EQ(detail_of(row, "protocol"), "samlp");
  EXPECT_EQ(text_of(row, "client_id"), f.h.web.client_id);
}

TEST(SamlSignOn, answers_a_request_by_post_once_a_page_of_ours_has_sent_it_again) {
  SamlFlow f;
  auto browser = f.h.browser();
  const auto sent = f.authn_request();
  const auto again = browser.post_from_elsewhere(f.sign_on_url(), f.form(sent), "https://sp.example");
  EXPECT_EQ(again.form_action(), "/samlp/" + f.h.web.client_id);
  EXPECT_EQ(again.field("SAMLRequest"), saml_messages::post_value(sent));
  EXPECT_EQ(again.field("RelayState"), "state 1");
  const auto login = f.post(browser, f.form(sent));
  ASSERT_TRUE(login.is_login_page());
  const auto answer = SamlFlow::read(browser.submit_login(login, f.h.ada));
  EXPECT_EQ(answer.name_id(), f.h.ada.user_id);
  EXPECT_EQ(answer.relay_state, "state 1");
}

TEST(SamlSignOn, goes_on_with_the_session_of_the_browser) {
  SamlFlow f;
  auto browser = f.h.browser();
  const auto first = signed_in(f, browser, f.redirect());
  const auto second = SamlFlow::read(browser.open(f.redirect({.id = "_r2"})));
  EXPECT_EQ(second.name_id(), f.h.ada.user_id);
  EXPECT_EQ(second.session_index(), first.session_index());
  EXPECT_EQ(second.document.root().attribute("InResponseTo"), "_r2");
  // ForceAuthn (SAML core §3.4.1)
  EXPECT_TRUE(browser.open(f.redirect({.id = "_r3", .attributes = " ForceAuthn=\"true\""})).is_login_page());
}

TEST(SamlSignOn, carries_relay_state_untouched_and_leaves_it_out_where_there_was_none) {
  SamlFlow f;
  auto browser = f.h.browser();
  signed_in(f, browser, f.redirect());
  const std::string odd = "a+b c/=&\"<>'\xC3\xA4%41";
  EXPECT_EQ(SamlFlow::read(browser.open(f.redirect({.id = "_r2"}, {}, odd))).relay_state, odd);
  EXPECT_EQ(SamlFlow::read(browser.open(f.redirect({.id = "_r3"}, {}, std::nullopt))).relay_state, std::nullopt);
  EXPECT_EQ(SamlFlow::read(browser.open(f.redirect({.id = "_r4"}, {}, ""))).relay_state, "");
  const auto too_long = browser.open(f.redirect({.id = "_r5"}, {}, std::string(2049, 'x')));
  EXPECT_EQ(too_long.status, 400);
  EXPECT_THAT(too_long.response.body, HasSubstr("RelayState is longer than 2048 bytes"));
}

TEST(SamlSignOn, tells_a_passive_request_that_a_page_would_be_needed) {
  SamlFlow f;
  auto browser = f.h.browser();
  const auto answer = SamlFlow::read(browser.open(f.redirect({.attributes = " IsPassive=\"true\""})));
  EXPECT_EQ(answer.action, kConsumer);
  EXPECT_EQ(answer.status(), status::kResponder);
  EXPECT_EQ(answer.sub_status(), status::kNoPassive);
  EXPECT_FALSE(answer.assertion());
  EXPECT_EQ(answer.relay_state, "state 1");
  EXPECT_TRUE(xml::verified(answer.document.root(), f.idp_key()).ok()) << "a refusal is signed, too";
  EXPECT_EQ(detail_of(f.h.only_row("fsa"), "protocol"), "samlp");
  signed_in(f, browser, f.redirect({.id = "_r2"}));
  EXPECT_EQ(SamlFlow::read(browser.open(f.redirect({.id = "_r3", .attributes = " IsPassive=\"true\""}))).status(),
            status::kSuccess);
}

TEST(SamlSignOn, signs_in_nobody_but_the_subject_of_the_request) {
  SamlFlow f({{"nameIdentifierProbes", json::array{"http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"}}});
  const auto asks_for = [](const std::string& id, const std::string& email) {
    return AuthnRequestText{.id = id, .inside = "<saml:Subject><saml:NameID>" + email + "</saml:NameID></saml:Subject>"};
  };
  auto browser = f.h.browser();
  EXPECT_EQ(signed_in(f, browser, f.redirect(asks_for("_r1", "ada@example.com"))).name_id(), "ada@example.com");
  EXPECT_EQ(SamlFlow::read(browser.open(f.redirect(asks_for("_r2", "ada@example.com")))).status(), status::kSuccess);
  // Another person is wanted: the session does not answer, nor does Ada's password.
  const auto answer = signed_in(f, browser, f.redirect(asks_for("_r3", "eve@example.com")));
  EXPECT_EQ(answer.sub_status(), status::kAuthnFailed);
  EXPECT_FALSE(answer.assertion());
}

constexpr const char* kPasswordClass = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport";
std::string demands(const std::string& comparison, const std::string& authn_context_class) {
  return "<samlp:RequestedAuthnContext Comparison=\"" + comparison + "\"><saml:AuthnContextClassRef>" + authn_context_class +
         "</saml:AuthnContextClassRef></samlp:RequestedAuthnContext>";
}

TEST(SamlSignOn, tells_the_service_provider_what_is_wrong_once_its_address_is_verified) {
  SamlFlow f;
  auto browser = f.h.browser();
  const auto artifact = SamlFlow::read(
      browser.open(f.redirect({.attributes = " ProtocolBinding=\"urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact\""})));
  EXPECT_EQ(artifact.status(), status::kRequester);
  EXPECT_EQ(artifact.sub_status(), status::kRequestUnsupported);
  const auto now = f.h.world.clock.now();
  for (const auto& [request, sub_status] : {
           std::pair{AuthnRequestText{.id = "_o1", .issued = now - 9min}, status::kRequestUnsupported},
           {AuthnRequestText{.id = "_o2", .issued = now + 4min}, status::kRequestUnsupported},
           {AuthnRequestText{.id = "_o3",
           .inside = "<saml:Conditions NotOnOrAfter=\"" + saml_messages::time_text(now - 4min) + "\"/>"},
            status::kRequestUnsupported},
           {AuthnRequestText{.id = "_o4", .inside = demands("exact", "https://refeds.org/profile/mfa")}, status::kNoAuthnContext},
           {AuthnRequestText{.id = "_o5", .inside = demands("better", kPasswordClass)}, status::kNoAuthnContext},
       }) {
    const auto answer = SamlFlow::read(browser.open(f.redirect(request)));
    EXPECT_EQ(answer.sub_status(), sub_status) << request.id;
    EXPECT_FALSE(answer.assertion()) << request.id;
  }
  EXPECT_TRUE(browser.open(f.redirect({.id = "_o6", .inside = demands("minimum", kPasswordClass)})).is_login_page());
  const auto connection = SamlFlow::read(browser.open(f.redirect({.id = "_r2"}, "&connection=no-such")));
  EXPECT_EQ(connection.status(), status::kRequester);
  const auto organization = SamlFlow::read(browser.open(f.redirect({.id = "_r3"}, "&organization=org_none")));
  EXPECT_NE(organization.status(), status::kSuccess);
  const auto denied_page = browser.open(f.redirect({.id = "_r4"}));
  f.h.world.managed(http::Method::patch, "users/" + base::percent_encode(f.h.ada.user_id), json::object{{"blocked", true}});
  EXPECT_EQ(browser.submit_login(denied_page, f.h.ada).status, 403);
}

TEST(SamlSignOn, answers_where_the_request_the_addon_or_the_first_callback_says) {
  SamlFlow f;
  auto browser = f.h.browser();
  EXPECT_EQ(signed_in(f, browser, f.redirect({.consumer = kWebCallback})).action, kWebCallback);
  EXPECT_EQ(SamlFlow::read(browser.open(f.redirect({.id = "_r2", .consumer = {}}))).action, kConsumer);
  EXPECT_EQ(SamlFlow::read(
                browser.open(f.redirect({.id = "_r3", .consumer = {}, .attributes = " AssertionConsumerServiceIndex=\"1\""})))
                .action,
            kWebCallback);
  // Neither an app's own scheme nor a placeholder is an address that a form goes to.
  f.h.world.managed(http::Method::patch, "clients/" + f.h.web.client_id,
                    json::object{{"callbacks", {"com.app://callback", "https://*.sp.example/x", kWebCallback, kConsumer}}});
  EXPECT_EQ(SamlFlow::read(browser.open(f.redirect({.id = "_r6", .consumer = {}}))).action, kWebCallback);
  EXPECT_EQ(SamlFlow::read(
                browser.open(f.redirect({.id = "_r7", .consumer = {}, .attributes = " AssertionConsumerServiceIndex=\"1\""})))
                .action,
            kConsumer);
  f.set_addon({{"destination", "https://sp.example/other"}});
  EXPECT_EQ(SamlFlow::read(browser.open(f.redirect({.id = "_r4", .consumer = {}}))).action, "https://sp.example/other");
  EXPECT_EQ(SamlFlow::read(browser.open(f.redirect({.id = "_r5", .consumer = "https://sp.example/other"}))).action,
            "https://sp.example/other");
}

// --- Requests that are refused by a page, for nobody is known whom to tell. ---

TEST(SamlSignOn, refuses_by_a_page_what_it_cannot_believe) {
  SamlFlow f;
  auto browser = f.h.browser();
  const auto now = f.h.world.clock.now();
  const auto base_url = f.sign_on_url();
  const struct {
    const char* name;
    std::string url;
    const char* why;
  } cases[] = {
      {"an address that is not registered", f.redirect({.consumer = "https://evil.example/acs"}), "not among the application"},
      {"an index without a callback", f.redirect({.consumer = {}, .attributes = " AssertionConsumerServiceIndex=\"7\""}),
       "no callback 7"},
      {"somebody else's Destination", f.redirect({.destination = "https://other.example/samlp/x"}),
       "Destination is somebody else"},
      {"an old message to an address that is not registered",
       f.redirect({.consumer = "https://evil.example/acs", .issued = now - 9min}), "not among the application"},
      {"no XML", base_url + "?SAMLRequest=bm8=", "not DEFLATE-compressed"},
      {"a response", base_url + "?SAMLResponse=bm8=", "not with SAMLResponse"},
      {"two messages", f.redirect() + "&SAMLRequest=x", "SAMLRequest is present more than once"},
      {"two tokens", f.redirect() + "&session_transfer_token=a&session_transfer_token=b", "more than once"},
      {"another spelling", base_url + "?SAMLRequest=x&%53AMLRequest=x", "more than once"},
      {"no such client", "https://tenant.example/samlp/nobody", "Unknown client"},
  };
  for (const auto& each : cases) {
    const auto page = browser.open(each.url);
    EXPECT_GE(page.status, 400) << each.name;
    EXPECT_TRUE(page.field("SAMLResponse").empty()) << each.name;
    EXPECT_THAT(page.response.body, HasSubstr(each.why)) << each.name;
    EXPECT_FALSE(text_of(f.h.world.logs("type:f").at(0), "description").empty()) << each.name;
  }
}

TEST(SamlSignOn, is_for_no_other_application_of_the_tenant_that_the_request_claims_to_be) {
  SamlFlow f;
  const auto named = [&](const std::string& client_id) {
    f.h.world.managed(http::Method::patch, "clients/" + client_id, json::object{{"client_aliases", json::array{"urn:victim"}}});
  };
  named(f.h.native.client_id);
  auto browser = f.h.browser();
  signed_in(f, browser, f.redirect());
  const auto audience_of = [&](const std::string& id, const std::string& issuer, const xml::PrivateKey* key = nullptr) {
    const auto answer = SamlFlow::read(browser.open(f.redirect({.id = id, .issuer = issuer}, {}, "state", key)));
    return answer.assertion() ? answer.audience() : answer.sub_status();
  };
  EXPECT_EQ(audience_of("_r2", "urn:victim"), status::kRequestUnsupported);
  EXPECT_THAT(text_of(f.h.only_row("f"), "description"), HasSubstr("a name of another application"));
  EXPECT_EQ(audience_of("_r3", f.h.native.client_id), status::kRequestUnsupported);
  EXPECT_EQ(audience_of("_r4", "urn:" + f.h.native.client_id), status::kRequestUnsupported);
  // A name of both is nobody's, and whoever has the application's key may write any.
  named(f.h.web.client_id);
  EXPECT_EQ(audience_of("_r5", "urn:victim"), status::kRequestUnsupported);
  f.set_addon({{"signingCert", service_provider_key().certificate}});
  EXPECT_EQ(audience_of("_r6", "urn:victim", &service_provider_key().key), status::kRequestUnsupported);
  f.set_addon({{"signingCert", nullptr}});
  f.h.world.managed(http::Method::patch, "clients/" + f.h.native.client_id,
                    json::object{{"client_aliases", json::array{}}, {"addons", {{"wsfed", {{"audience", "urn:its"}}}}}});
  EXPECT_EQ(audience_of("_r7", "urn:its"), status::kRequestUnsupported);
  EXPECT_EQ(audience_of("_r8", "urn:victim"), "urn:victim");
  // Whoever may write the client's settings says for whom its assertions are.
  f.set_addon({{"audience", "urn:its"}});
  EXPECT_EQ(audience_of("_r9", "urn:victim"), "urn:its");
}

TEST(SamlSignOn, is_for_no_application_that_took_the_name_while_the_person_typed) {
  SamlFlow f;
  auto browser = f.h.browser();
  const auto login = browser.open(f.redirect({.issuer = "urn:late"}));
  f.h.world.managed(http::Method::patch, "clients/" + f.h.native.client_id,
                    json::object{{"client_aliases", json::array{"urn:late"}}});
  const auto answer = SamlFlow::read(browser.submit_login(login, f.h.ada));
  EXPECT_FALSE(answer.assertion());
  EXPECT_THAT(text_of(f.h.only_row("f"), "description"), HasSubstr("a name of another application"));
}

TEST(SamlSignOn, takes_no_parameter_from_two_places) {
  SamlFlow f;
  const auto path = "/samlp/" + f.h.web.client_id;
  for (const auto* const name : {"session_transfer_token", "connection"}) {
    const auto form = f.form(f.authn_request(), parameters({{name, "a"}}));
    const auto page = f.h.world.send(form_request(path + "?" + name + "=b", form));
    EXPECT_EQ(page.status, 400) << name;
    EXPECT_THAT(page.body, HasSubstr("present in the address and in the form")) << name;
  }
}

TEST(SamlSignOn, takes_a_request_once) {
  SamlFlow f;
  auto browser = f.h.browser();
  const auto url = f.redirect();
  EXPECT_TRUE(browser.open(url).is_login_page());
  const auto again = SamlFlow::read(browser.open(url));
  EXPECT_EQ(again.status(), status::kRequester);
  EXPECT_FALSE(again.assertion());
  // Another service provider may choose the same ID.
  EXPECT_TRUE(browser.open(f.redirect({.issuer = "https://another.example"})).is_login_page());
  // Whoever is only told where the message goes has not sent it.
  auto prefetching = f.h.browser();
  prefetching.extra.set("sec-purpose", "prefetch");
  EXPECT_EQ(prefetching.open(f.redirect({.id = "_r2"})).status, 204);
  EXPECT_TRUE(browser.open(f.redirect({.id = "_r2"})).is_login_page());
}

TEST(SamlSignOn, is_there_for_clients_with_the_addon_only) {
  SamlFlow f;
  f.h.world.managed(http::Method::patch, "clients/" + f.h.web.client_id, json::object{{"addons", {{"samlp", nullptr}}}});
  auto browser = f.h.browser();
  const auto page = browser.open(f.redirect());
  EXPECT_EQ(page.status, 403);
  EXPECT_THAT(page.response.body, HasSubstr("Set addons.samlp"));
  EXPECT_EQ(browser.open("/samlp/metadata/" + f.h.web.client_id).status, 403);
}

// --- Signed requests. ---

TEST(SamlSignOn, wants_requests_signed_where_the_client_has_a_signing_certificate) {
  SamlFlow f({{"signingCert", service_provider_key().certificate}});
  const auto& key = service_provider_key().key;
  static const ForeignKey other_pem = ForeignKey::rsa();
  const xml::PrivateKey other(crypto::Secret(other_pem.private_pem()), service_provider_key().certificate);
  auto browser = f.h.browser();
  EXPECT_EQ(signed_in(f, browser, f.redirect({}, "&session_transfer_token=&ext-x=1", "state 1", &key)).status(),
            status::kSuccess);
  const auto by_post = f.post(browser, f.form(f.signed_request({.id = "_r2"}, key)));
  EXPECT_EQ(SamlFlow::read(by_post).status(), status::kSuccess);

  auto tampered = f.redirect({.id = "_r3"}, {}, "state 1", &key);
  tampered.replace(tampered.find("RelayState=state"), 16, "RelayState=State");
  for (const auto& [url, why] : {std::pair{f.redirect({.id = "_r3"}), "not signed"},
                                 {f.redirect({.id = "_r3"}, {}, "state 1", &other), "does not verify"},
                                 {tampered, "does not verify"},
                                 {f.redirect({.id = "_r3", .destination = "-"}, {}, "state 1", &key), "names its Destination"}}) {
    const auto page = browser.open(url);
    EXPECT_EQ(page.status, 400);
    EXPECT_THAT(page.response.body, HasSubstr(why));
  }
  EXPECT_EQ(f.post(browser, f.form(f.authn_request({.id = "_r3"}))).status, 400);
}

TEST(SamlSignOn, takes_a_request_that_is_signed_with_sha1_where_the_addon_says_so) {
  SamlFlow f({{"signingCert", service_provider_key().certificate}});
  const auto request = saml_messages::redirect_to(
      f.sign_on_url(), saml_messages::MessageKind::request, f.authn_request(), std::nullopt,
      saml_messages::RedirectSignature{.key = service_provider_key().key, .algorithm = xml::SignatureAlgorithm::rsa_sha1});
  auto browser = f.h.browser();
  EXPECT_EQ(browser.open(request).status, 400);
  f.set_addon({{"signatureAlgorithm", "rsa-sha1"}});
  EXPECT_TRUE(browser.open(request).is_login_page());
}

TEST(SamlSignOn, shows_no_page_to_a_passive_request_that_forces_a_sign_in) {
  SamlFlow f;
  auto browser = f.h.browser();
  signed_in(f, browser, f.redirect());
  const auto answer =
      SamlFlow::read(browser.open(f.redirect({.id = "_r2", .attributes = " IsPassive=\"true\" ForceAuthn=\"true\""})));
  EXPECT_EQ(answer.sub_status(), status::kNoPassive);
}

TEST(SamlSignOn, needs_an_address_that_a_form_can_go_to) {
  SamlFlow f;
  f.h.world.managed(http::Method::patch, "clients/" + f.h.web.client_id,
                    json::object{{"callbacks", json::array{"com.app://callback"}}});
  auto browser = f.h.browser();
  const auto page = browser.open(f.redirect({.consumer = {}}));
  EXPECT_EQ(page.status, 400);
  EXPECT_THAT(page.response.body, HasSubstr("Register its consumer URL"));
}

// The signed request moved aside, another one in its place (signature wrapping).
TEST(SamlSignOn, reads_only_what_the_signature_covers) {
  SamlFlow f({{"signingCert", service_provider_key().certificate}});
  auto browser = f.h.browser();
  const auto genuine = f.signed_request({.id = "_r1"}, service_provider_key().key);
  const auto forged = f.authn_request({.id = "_r2", .consumer = kWebCallback});
  const auto end = forged.find("</samlp:AuthnRequest>");
  for (const auto& wrapped :
       {forged.substr(0, end) + "<samlp:Extensions>" + genuine + "</samlp:Extensions>" + forged.substr(end),
        genuine.substr(0, genuine.find("<ds:Signature")) + forged + genuine.substr(genuine.find("<ds:Signature"))}) {
    const auto page = f.post(browser, f.form(wrapped));
    EXPECT_EQ(page.status, 400);
    EXPECT_FALSE(page.is_login_page());
  }
}

// --- What the addon says about the answer. ---

TEST(SamlSignOn, signs_the_response_the_assertion_or_both) {
  for (const bool response : {false, true}) {
    for (const bool assertion : {true, false}) {
      if (!response && !assertion) continue;
      SamlFlow f({{"signResponse", response}, {"signAssertion", assertion}});
      const auto answer = signed_in(f, f.redirect());
      EXPECT_EQ(xml::has_signature(answer.document.root()), response);
      EXPECT_EQ(xml::has_signature(*answer.assertion()), assertion);
      EXPECT_EQ(xml::verified(answer.document.root(), f.idp_key()).ok(), response);
      EXPECT_EQ(xml::verified(*answer.assertion(), f.idp_key()).ok(), assertion);
    }
  }
}

TEST(SamlSignOn, encrypts_the_assertion_for_the_service_provider_alone) {
  for (const auto* cipher : {"aes256-gcm", "aes256-cbc"}) {
    SamlFlow f({{"encryptionCert", service_provider_key().certificate}, {"encryptionAlgorithm", cipher}});
    const auto answer = signed_in(f, f.redirect());
    EXPECT_FALSE(answer.assertion());
    EXPECT_TRUE(answer.document.root().only_child(saml_messages::kAssertion, "EncryptedAssertion"));
    EXPECT_THAT(answer.xml, AllOf(HasSubstr(cipher), Not(HasSubstr("ada@example.com"))));
  }
}

TEST(SamlSignOn, names_algorithms_audience_and_claims_as_the_addon_says) {
  SamlFlow f({{"signatureAlgorithm", "rsa-sha1"},
              {"digestAlgorithm", "sha1"},
              {"audience", "urn:the:audience"},
              {"issuer", "urn:the:issuer"},
              {"recipient", "https://sp.example/recipient"},
              {"lifetimeInSeconds", 60},
              {"mappings", {{"email", "mail"}, {"user_id", "uid"}}},
              {"mapUnknownClaimsAsIs", true},
              {"nameIdentifierProbes", json::array{"mail"}},
              {"nameIdentifierFormat", "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"},
              {"authnContextClassRef", "urn:oasis:names:tc:SAML:2.0:ac:classes:Password"}});
  const auto answer = signed_in(f, f.redirect());
  EXPECT_THAT(answer.xml, AllOf(HasSubstr("xmldsig#rsa-sha1"), HasSubstr("xmldsig#sha1"), HasSubstr("urn:the:issuer"),
                                HasSubstr("Recipient=\"https://sp.example/recipient\""), HasSubstr("ac:classes:Password")));
  EXPECT_EQ(answer.audience(), "urn:the:audience");
  EXPECT_EQ(answer.name_id(), "ada@example.com");
  EXPECT_EQ(answer.attribute("uid"), f.h.ada.user_id);
}

TEST(SamlSignOn, says_in_the_log_what_keeps_a_person_from_having_a_name) {
  SamlFlow f({{"nameIdentifierProbes", json::array{"no-such-claim"}}});
  const auto answer = signed_in(f, f.redirect());
  EXPECT_EQ(answer.status(), status::kResponder);
  EXPECT_FALSE(answer.assertion());
  EXPECT_THAT(text_of(f.h.only_row("f"), "description"), HasSubstr("nameIdentifierProbes"));
}

// --- A link to us, without a request. ---

TEST(SamlSignOn, begins_at_the_identity_provider_where_it_knows_for_whom) {
  SamlFlow f({{"audience", kServiceProvider}});
  const auto answer = signed_in(f, f.sign_on_url() + "?RelayState=deep");
  EXPECT_EQ(answer.action, kConsumer);
  EXPECT_EQ(answer.relay_state, "deep");
  EXPECT_EQ(answer.audience(), kServiceProvider);
  EXPECT_FALSE(answer.document.root().attribute("InResponseTo"));
  f.set_addon({{"audience", nullptr}});
  auto browser = f.h.browser();
  const auto page = browser.open(f.sign_on_url());
  EXPECT_EQ(page.status, 400);
  EXPECT_THAT(page.response.body, HasSubstr("Set addons.samlp.audience"));
}

// --- Metadata. ---

TEST(SamlSignOn, describes_itself_in_metadata) {
  SamlFlow f({{"signingCert", service_provider_key().certificate}});
  const auto answer = f.h.world.send(request_for(http::Method::get, "/samlp/metadata/" + f.h.web.client_id));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(header_of(answer, "content-type"), "application/samlmetadata+xml; charset=utf-8");
  EXPECT_THAT(answer.body,
              AllOf(HasSubstr("entityID=\"urn:tenant.example\""), HasSubstr("WantAuthnRequestsSigned=\"true\""),
                    HasSubstr("Location=\"" + f.sign_on_url() + "\""), HasSubstr("Location=\"" + f.sign_on_url() + "/logout\"")));
  EXPECT_THAT(answer.body, HasSubstr("<md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified<"));
  f.set_addon({{"issuer", "urn:named"}});
  EXPECT_THAT(f.h.world.send(request_for(http::Method::get, "/samlp/metadata/" + f.h.web.client_id)).body,
              HasSubstr("entityID=\"urn:named\""));
}

TEST(SamlSignOn, signs_with_the_key_that_metadata_names_first_also_after_a_rotation) {
  SamlFlow f;
  auto browser = f.h.browser();
  EXPECT_TRUE(xml::verified(*signed_in(f, browser, f.redirect()).assertion(), f.idp_key()).ok());
  const auto before = f.certificates();
  ASSERT_EQ(before.size(), 2u) << "the one that comes next, too";
  f.h.world.managed(http::Method::post, "keys/signing/rotate");
  f.h.world.clock.advance(1min);
  const auto answer = SamlFlow::read(browser.open(f.redirect({.id = "_r2"})));
  EXPECT_TRUE(xml::verified(*answer.assertion(), f.idp_key()).ok());
  EXPECT_EQ(f.certificates().front(), before.back());
}

}  // namespace
}  // namespace segue::test
