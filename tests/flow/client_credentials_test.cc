// The public keys of clients in the Management API (contract §9.6).
#include "jose/jwk.h"
#include "signing_client.h"

namespace segue::test {
namespace {
using namespace std::chrono_literals;

std::string text_of(const json::value& v, std::string_view name) { return json::find_string(v.as_object(), name).value_or(""); }

struct ClientCredentials : OpenId {
  std::string path(const std::string& id = {}) {
    return "clients/" + web.client_id + "/credentials" + (id.empty() ? "" : "/" + id);
  }
  json::value create(json::object more = {}, const ForeignKey& key = client_key()) {
    return world.managed(http::Method::post, path(), new_credential(key, std::move(more)));
  }
  // The message of a refusal.
  std::string refused(int status, http::Method method, const std::string& where, const json::value& body = nullptr) {
    const auto response = world.manage(method, where, body);
    EXPECT_EQ(response.status, status) << response.body;
    return json::find_string(object_of(response), "message").value_or("");
  }
  json::object client() { return world.managed(http::Method::get, "clients/" + web.client_id).as_object(); }
};

TEST_F(ClientCredentials, are_created_with_a_thumbprint_for_a_name_and_read_back) {
  const auto made = create().as_object();
  const auto id = text_of(made, "id");
  EXPECT_TRUE(id.starts_with("cred_"));
  const auto key = jose::parse_public_jwk(client_key().jwk(), crypto::SignatureAlgorithm::RS256);
  EXPECT_EQ(text_of(made, "kid"), jose::jwk_thumbprint(*key));
  EXPECT_EQ(text_of(made, "credential_type"), "public_key");
  EXPECT_EQ(text_of(made, "alg"), "RS256");
  EXPECT_EQ(text_of(made, "name"), "key");
  EXPECT_EQ(text_of(made, "created_at"), base::to_iso8601(world.clock.now()));
  EXPECT_EQ(made.size(), 7U) << "neither the key nor an expiry that was not set";
  EXPECT_EQ(world.managed(http::Method::get, path(id)), made);
  EXPECT_EQ(world.managed(http::Method::get, path()), json::value(json::array{made}));
}

TEST_F(ClientCredentials, take_every_form_of_a_public_key_and_a_kid_and_alg_of_the_callers_choice) {
  const auto certificate = client_key().certificate(world.clock.now() - 1h, world.clock.now() + 24h);
  for (const auto& pem : {client_key().public_pem(), client_key().pkcs1_pem(), certificate}) {
    for (const auto* const alg : {"RS256", "RS384", "PS256"}) {
      const auto made = create({{"pem", pem}, {"alg", alg}, {"kid", "my-own-key-1"}});
      EXPECT_EQ(text_of(made, "alg"), alg);
      EXPECT_EQ(text_of(made, "kid"), "my-own-key-1");
      // A client holds eight at most.
      world.managed(http::Method::delete_, path() + "/" + text_of(made, "id"));
    }
  }
}

TEST_F(ClientCredentials, expire_when_the_caller_or_the_certificate_says) {
  const auto end = std::chrono::floor<std::chrono::seconds>(world.clock.now()) + 24h;
  const auto text = base::to_iso8601(end);
  EXPECT_EQ(text_of(create({{"expires_at", text}}), "expires_at"), text);
  const auto certificate = client_key().certificate(world.clock.now() - 1h, end);
  EXPECT_EQ(text_of(create({{"pem", certificate}, {"parse_expiry_from_cert", true}}), "expires_at"), text);
  EXPECT_EQ(text_of(create({{"pem", certificate}}), "expires_at"), "");
  const auto say = [&](json::object more) {
    return refused(400, http::Method::post, path(), new_credential(client_key(), more));
  };
  EXPECT_EQ(say({{"parse_expiry_from_cert", true}}), "parse_expiry_from_cert: the pem holds no certificate");
  EXPECT_EQ(
      say({{"pem", client_key().certificate(world.clock.now() - 2h, world.clock.now() - 1h)}, {"parse_expiry_from_cert", true}}),
      "parse_expiry_from_cert: the certificate has expired");
  EXPECT_EQ(say({{"expires_at", base::to_iso8601(world.clock.now())}}), "expires_at: this time has passed");
  EXPECT_EQ(say({{"expires_at", "tomorrow"}}), "expires_at: not an ISO 8601 time such as 2030-01-31T12:00:00.000Z");
  EXPECT_EQ(say({{"pem", certificate}, {"expires_at", text}, {"parse_expiry_from_cert", true}}),
            "expires_at and parse_expiry_from_cert true exclude each other");
}

TEST_F(ClientCredentials, say_what_is_wrong_with_a_key) {
  const auto say = [&](json::object more) {
    return refused(400, http::Method::post, path(), new_credential(client_key(), more));
  };
  const std::string no_key =
      "pem: no RSA public key of 2,048 to 8,192 bits can be read from it. Send one PUBLIC KEY or CERTIFICATE block";
  EXPECT_EQ(say({{"pem", "nonsense"}}), no_key);
  EXPECT_EQ(say({{"pem", ""}}), no_key);
  EXPECT_EQ(say({{"pem", ForeignKey::rsa(1024).public_pem()}}), no_key);
  EXPECT_EQ(say({{"pem", ForeignKey::elliptic().public_pem()}}), no_key);
  EXPECT_TRUE(say({{"pem", client_key().private_pem()}}).starts_with("pem: this is a private key."));
  EXPECT_NE(say({{"alg", "ES256"}}), "");
  EXPECT_NE(say({{"alg", "HS256"}}), "");
  EXPECT_NE(say({{"kid", "short"}}), "");
  EXPECT_NE(say({{"kid", "with a space"}}), "");
  EXPECT_NE(say({{"unknown", true}}), "");
  for (const auto* const type : {"x509_cert", "cert_subject_dn"})
    EXPECT_EQ(say({{"credential_type", type}}),
              "credential_type: only public_key is served here; client certificates (mTLS) are not");
  EXPECT_EQ(world.managed(http::Method::get, path()), json::value(json::array{}));
}

TEST_F(ClientCredentials, change_their_expiry_only) {
  const auto id = text_of(create(), "id");
  world.clock.advance(1h);
  const auto end = base::to_iso8601(world.clock.now() + 24h);
  const auto response = world.manage(http::Method::patch, path(id), json::object{{"expires_at", end}});
  EXPECT_EQ(response.status, 201);
  EXPECT_EQ(text_of(object_of(response), "expires_at"), end);
  EXPECT_EQ(text_of(object_of(response), "updated_at"), base::to_iso8601(world.clock.now()));
  EXPECT_FALSE(
      world.managed(http::Method::patch, path(id), json::object{{"expires_at", nullptr}}).as_object().contains("expires_at"));
  refused(400, http::Method::patch, path(id), json::object{{"name", "other"}});
  refused(400, http::Method::patch, path(id), json::object{});
}

TEST_F(ClientCredentials, do_not_exist_for_another_client) {
  const auto id = text_of(create(), "id");
  const auto other = world.native_client();
  const auto at_other = "clients/" + other.client_id + "/credentials/" + id;
  EXPECT_EQ(refused(404, http::Method::get, at_other), "Credential does not exist");
  EXPECT_EQ(refused(404, http::Method::patch, at_other, json::object{{"expires_at", nullptr}}), "Credential does not exist");
  EXPECT_EQ(world.manage(http::Method::delete_, at_other).status, 204);
  EXPECT_EQ(refused(404, http::Method::get, "clients/nobody/credentials"), "The client does not exist");
  EXPECT_EQ(refused(404, http::Method::post, "clients/nobody/credentials", new_credential(client_key())),
            "The client does not exist");
  world.managed(http::Method::get, path(id));
  EXPECT_EQ(refused(400, http::Method::patch, "clients/" + other.client_id,
                    json::object{{"client_authentication_methods", by_key({json::object{{"id", id}}})}}),
            "credentials: the client has no credential " + id + ". Create it with POST /api/v2/clients/{id}/credentials");
}

TEST_F(ClientCredentials, are_not_deleted_while_they_are_in_use) {
  const auto id = text_of(create(), "id");
  const auto in_use =
      "The credential is in use: take it out of the client's client_authentication_methods and signed_request_object first";
  patch_client(web, {{"client_authentication_methods", by_key({json::object{{"id", id}}})}});
  EXPECT_EQ(refused(400, http::Method::delete_, path(id)), in_use);
  patch_client(web, {{"client_authentication_methods", nullptr},
                     {"signed_request_object", json::object{{"credentials", json::array{json::object{{"id", id}}}}}}});
  EXPECT_EQ(refused(400, http::Method::delete_, path(id)), in_use);
  patch_client(web, {{"signed_request_object", nullptr}});
  EXPECT_EQ(world.manage(http::Method::delete_, path(id)).status, 204);
  EXPECT_EQ(world.manage(http::Method::delete_, path(id)).status, 204);
  EXPECT_EQ(refused(404, http::Method::get, path(id)), "Credential does not exist");
}

TEST_F(ClientCredentials, come_whole_with_a_new_client_which_then_names_them) {
  const auto made =
      world
          .managed(http::Method::post, "clients",
                   json::object{{"name", "signer"},
                                {"client_authentication_methods", by_key({new_credential(client_key())})},
                                {"signed_request_object",
                                 json::object{{"required", true}, {"credentials", json::array{new_credential(other_key())}}}}})
          .as_object();
  EXPECT_FALSE(made.contains("token_endpoint_auth_method"));
  const auto listed = world.managed(http::Method::get, "clients/" + text_of(made, "client_id") + "/credentials").as_array();
  ASSERT_EQ(listed.size(), 2U);
  std::vector<std::string> named{
      text_of(made.at("client_authentication_methods").at("private_key_jwt").at("credentials").at(0), "id"),
      text_of(made.at("signed_request_object").at("credentials").at(0), "id")};
  for (const auto& item : listed) EXPECT_TRUE(base::contains(named, text_of(item, "id")));
  EXPECT_EQ(made.at("signed_request_object").at("required"), json::value(true));
  EXPECT_EQ(refused(400, http::Method::patch, "clients/" + web.client_id,
                    json::object{{"client_authentication_methods", by_key({new_credential(client_key())})}})
                .find("Payload validation error"),
            0U)
      << "later they are named by id";
}

TEST_F(ClientCredentials, exclude_a_secret) {
  const auto id = text_of(create(), "id");
  const auto methods = by_key({json::object{{"id", id}}});
  patch_client(web, {{"token_endpoint_auth_method", "client_secret_basic"}});
  patch_client(web, {{"client_authentication_methods", methods}});
  EXPECT_FALSE(client().contains("token_endpoint_auth_method"));
  patch_client(web, {{"token_endpoint_auth_method", "client_secret_post"}});
  EXPECT_FALSE(client().contains("client_authentication_methods"));
  patch_client(web, {{"client_authentication_methods", methods}, {"token_endpoint_auth_method", nullptr}});
  EXPECT_FALSE(client().contains("token_endpoint_auth_method"));
  patch_client(web, {{"client_authentication_methods", nullptr}, {"token_endpoint_auth_method", "none"}});
  EXPECT_FALSE(client().contains("client_authentication_methods"));
  EXPECT_NE(refused(400, http::Method::patch, "clients/" + web.client_id,
                    json::object{{"client_authentication_methods", methods}, {"token_endpoint_auth_method", "none"}}),
            "");
  EXPECT_NE(refused(400, http::Method::post, "clients",
                    json::object{{"name", "n"},
                                 {"client_authentication_methods", by_key({new_credential(client_key())})},
                                 {"token_endpoint_auth_method", "client_secret_post"}}),
            "");
}

TEST_F(ClientCredentials, cannot_be_certificates_of_tls) {
  for (const auto* const method : {"tls_client_auth", "self_signed_tls_client_auth"}) {
    EXPECT_EQ(
        refused(400, http::Method::patch, "clients/" + web.client_id,
                json::object{
                    {"client_authentication_methods", json::object{{method, json::object{{"credentials", json::array{}}}}}}}),
        "Payload validation error: 'This value is refused: client certificates are not served here; use private_key_jwt' on "
        "property client_authentication_methods." +
            std::string(method) + " (Client authentication method).");
  }
}

TEST_F(ClientCredentials, may_all_be_let_go_and_then_nobody_proves_to_be_the_client) {
  world.managed(http::Method::patch, "clients/" + web.client_id, json::object{{"client_authentication_methods", by_key({})}});
  for (const auto& proof : {parameters({{"client_secret", web.client_secret}}), parameters({})}) {
    auto request = parameters({{"grant_type", "refresh_token"}, {"refresh_token", "rt_nothing"}, {"client_id", web.client_id}});
    for (const auto& [name, value] : proof.pairs()) request.add(name, value);
    expect_refused(world.token_request(request), 401, "access_denied", "Unauthorized");
  }
}

TEST_F(ClientCredentials, go_with_their_client) {
  create();
  EXPECT_EQ(world.manage(http::Method::delete_, "clients/" + web.client_id).status, 204);
  EXPECT_EQ(refused(404, http::Method::get, path()), "The client does not exist");
}

}  // namespace
}  // namespace segue::test
